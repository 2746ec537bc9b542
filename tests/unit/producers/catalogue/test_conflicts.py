"""Conflicts: copies, doubled numbers, names and codes, within a file and against the register."""

from schemas.entry import RegisterEntry
from tests.unit.producers.catalogue.catalogues import Row, accepted, read_rows, row


def _register(*rows: Row) -> dict[str, RegisterEntry]:
    entries = [accepted(result) for result in read_rows(*rows)]
    return {entry.certificate_no: entry for entry in entries}


def _same_firm(number: int, firm: int, **changes: object) -> Row:
    owner = row(firm)
    return row(number, **({"enterprise_name": owner["enterprise_name"], "uscc": owner["uscc"]} | changes))


def test_exact_copy_is_skipped() -> None:
    """A copy is known by the canonical columns: number, contact columns and spelling don't count."""
    copy = row(1, seq=9, phone="12300000009", enterprise_name=row(1)["enterprise_name"] + " ", valid_from="2020.12.15")
    first, second = read_rows(row(1), copy)
    assert first.outcome == "accept"
    assert (second.outcome, second.reasons, second.certificate_no) == ("skip", ("duplicate_row",), "CSLX-00001")


def test_copy_of_a_rejected_or_held_row_is_skipped() -> None:
    """A fault is told once."""
    rejected, held = row(1, uscc="/"), row(2, status=None)
    results = read_rows(rejected, held, rejected, held)
    assert [one.outcome for one in results] == ["reject", "review", "skip", "skip"]


def test_number_on_two_products_holds_both() -> None:
    """Which product the number belongs to, only the city knows."""
    results = read_rows(row(1), row(2, certificate_no="CSLX-00001"), row(3))
    assert [one.reasons for one in results] == [("dup_certificate",), ("dup_certificate",), ()]


def test_number_of_a_rejected_row_is_free() -> None:
    """A rejected row does not count."""
    results = read_rows(row(1), row(2, certificate_no="CSLX-00001", uscc="/"))
    assert [one.reasons for one in results] == [(), ("uscc_missing",)]


def test_same_number_with_other_status_holds_both() -> None:
    """Two rows that disagree about one entry can't both be right."""
    results = read_rows(row(1), row(1, status="暂停"))
    assert [one.reasons for one in results] == [("dup_certificate",), ("dup_certificate",)]


def test_same_name_under_another_code() -> None:
    """The earlier row stays."""
    results = read_rows(row(1), row(2, enterprise_name=row(1)["enterprise_name"]))
    assert [one.reasons for one in results] == [(), ("uscc_conflict_same_name",)]


def test_same_code_under_another_name() -> None:
    """The earlier row stays."""
    results = read_rows(row(1), row(2, uscc=row(1)["uscc"]))
    assert [one.reasons for one in results] == [(), ("name_conflict_same_uscc",)]


def test_rejected_and_held_rows_do_not_count() -> None:
    """Only accepted rows are compared with."""
    results = read_rows(row(1, status=None), row(2, valid_to="2019-1-1"), row(3, uscc=row(1)["uscc"]), row(4, uscc=row(2)["uscc"]))
    assert [one.reasons for one in results[2:]] == [(), ()]


def test_same_product_under_another_number() -> None:
    """The order of models doesn't matter; a firm may well list two products."""
    first = row(1, models="A-1、B-2")
    second = _same_firm(2, 1, product_name=first["product_name"], models="B-2、A-1")
    third = _same_firm(3, 1)
    assert [one.reasons for one in read_rows(first, second, third)] == [(), ("possible_duplicate_product",), ()]


def test_register_counts_as_earlier_rows() -> None:
    """Name, code and product are compared with entries that the file doesn't hold."""
    register = _register(row(1))
    results = read_rows(
        row(2, enterprise_name=row(1)["enterprise_name"]),
        row(3, uscc=row(1)["uscc"]),
        _same_firm(4, 1, product_name=row(1)["product_name"], models=row(1)["models"]),
        register=register,
    )
    assert [one.reasons for one in results] == [
        ("uscc_conflict_same_name",),
        ("name_conflict_same_uscc",),
        ("possible_duplicate_product",),
    ]


def test_rename_of_every_row_is_a_rename() -> None:
    """Register rows that the file replaces don't count as conflicts."""
    register = _register(row(1), _same_firm(2, 1))
    new = "长沙例新名有限公司"
    results = read_rows(row(1, enterprise_name=new), _same_firm(2, 1, enterprise_name=new), register=register)
    assert [accepted(one).enterprise_name for one in results] == [new, new]


def test_rename_that_leaves_a_row_behind_is_a_question() -> None:
    """While an entry of the same code keeps the old name, two names stand against each other."""
    register = _register(row(1), _same_firm(2, 1))
    (result,) = read_rows(row(1, enterprise_name="长沙例新名有限公司"), register=register)
    assert result.reasons == ("name_conflict_same_uscc",)


def test_rejected_row_replaces_nothing() -> None:
    """An entry whose new row was rejected stays as it is, and counts."""
    register = _register(row(1), _same_firm(2, 1))
    new = "长沙例新名有限公司"
    bad = _same_firm(2, 1, enterprise_name=new, valid_to="2019-1-1")
    results = read_rows(row(1, enterprise_name=new), bad, register=register)
    assert [one.reasons for one in results] == [("name_conflict_same_uscc",), ("date_order",)]


def test_corrected_code_is_no_conflict_with_itself() -> None:
    """A row may correct its own code or name."""
    register = _register(row(1))
    (result,) = read_rows(row(1, uscc=row(2)["uscc"]), register=register)
    assert accepted(result).uscc == row(2)["uscc"]
