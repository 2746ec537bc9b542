"""A person answers what waits, SQLite and PostgreSQL alike: accepted as an import would have, refused, or not acceptable."""

import json
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from producers import register
from producers.catalogue.read import read_catalogue
from producers.importing import ImportOptions, import_catalogue
from producers.reviewing import Answered, accept, accept_withdrawals, open_questions, refuse, shown
from schemas.errors import AnswerIsNo
from schemas.tables.source import held_row, outbox
from tests.support.imports import NOW
from tests.support.own_tables import Captured, change, city_file, put
from tests.support.products import product
from tests.unit.producers.catalogue.catalogues import AS_OF, Row, grid, row, xlsx


def _import(engine: Engine, *rows: Row, name: str = "目录.xlsx") -> dict[str, Any]:
    return _import_file(engine, xlsx(grid(rows)), name)


def _import_file(engine: Engine, file: bytes, name: str = "目录.xlsx") -> dict[str, Any]:
    with engine.begin() as connection:
        registered = {number: entry for number, (entry, _) in register.read(connection).items()}
    report = read_catalogue(file, name, city_file(), AS_OF, registered)
    return import_catalogue(engine, report, NOW, ImportOptions()).answer


def _ids(engine: Engine) -> list[int]:
    with engine.begin() as connection:
        return [one["id"] for one in open_questions(connection, 100, 0)]


def _accept(engine: Engine, *ids: int, **said: str) -> tuple[list[Answered], int]:
    with engine.begin() as connection:
        return accept(connection, city_file(), ids, "张三", said, NOW)


def _entries(engine: Engine) -> list[str]:
    with engine.begin() as connection:
        return sorted(register.read(connection))


def test_list(source_database: Engine) -> None:
    """Each question says where it stands, why it waits, what to do, and what its cells are, without a person's phone."""
    _import(source_database, row(1), row(2, status="不清楚", remark="联系人张三 12300000001"), row(3, certificate_no="CSLX2021001"))
    with source_database.begin() as connection:
        first, second = (shown(one) for one in open_questions(connection, 10, 0))
        assert open_questions(connection, 10, first["id"])[0]["id"] == second["id"]
    assert (first["kind"], first["file"], first["sheet"], first["row"]) == ("file", "目录.xlsx", "目录", 4)
    assert [(one["code"], bool(one["action"]["zh"])) for one in first["reasons"]] == [("status_unknown", True)]
    assert first["cells"]["status"] == "不清楚"
    assert "12300000001" not in json.dumps(first)
    assert (first["decidable"], second["decidable"]) == (False, True)


def test_accept_what_a_person_may_decide(source_database: Engine) -> None:
    """A yes puts the row into register and outbox as an import would have, with its warnings, and who said so is kept."""
    _import(source_database, row(1, certificate_no="CSLX2021001", product_name="節能風機"))
    (question,) = _ids(source_database)
    (answer,), events = _accept(source_database, question)
    assert (answer.outcome, events, answer.warnings) == ("accept", 1, ("traditional_to_simplified",))
    with source_database.begin() as connection:
        data = json.loads(connection.execute(select(outbox.c.data)).scalar_one())
        kept = connection.execute(select(held_row)).mappings().one()
    assert data["entry"]["certificate_no"] == "CSLX2021001"
    assert (data["origin"]["sheet"], data["origin"]["row"], data["origin"]["cells"]["product_name"]) == ("目录", 3, "節能風機")
    assert (kept["state"], kept["decided_by"]) == ("accepted", "张三")
    assert json.loads(kept["decision"])["warnings"] == ["traditional_to_simplified"]
    with pytest.raises(AnswerIsNo, match="doesn't wait"):
        _accept(source_database, question)


@pytest.mark.parametrize(
    ("fault", "said", "reasons"),
    [
        ({"status": "不清楚"}, {}, ("status_unknown",)),
        ({"status": "不清楚"}, {"status": "也不清楚"}, ("status_unknown",)),
        ({"district": "无此区"}, {}, ("district_unknown",)),
        ({"models": "详见附件"}, {}, ("model_in_attachment",)),
        ({"status": ""}, {"status": "有效", "uscc": "91430104DEM000000X"}, ("uscc_checksum",)),
        ({"valid_to": "长期"}, {"valid_to": "2019-01-01"}, ("date_order",)),
        ({"status": ""}, {"status": "有效", "certificate_no": "ZZLX-00001"}, ("wrong_issuer",)),
        ({"status": ""}, {"status": "=有效"}, ("status_unknown",)),
    ],
)
def test_nothing_wrong_is_accepted(source_database: Engine, fault: Row, said: dict[str, str], reasons: tuple[str, ...]) -> None:
    """What asks for a value can't be waved through, and what a person types passes the same rules; the question stays."""
    _import(source_database, row(1, **fault))
    (question,) = _ids(source_database)
    (answer,), events = _accept(source_database, question, **said)
    assert (answer.reasons, answer.entry, events) == (reasons, None, 0)
    assert _ids(source_database) == [question]
    assert _entries(source_database) == []


def test_accept_with_the_right_value(source_database: Engine) -> None:
    """What a person says counts in place of the cell; the event still shows what the cell said."""
    _import(source_database, row(1, status="不清楚", valid_to="长期"))
    (answer,), events = _accept(source_database, *_ids(source_database), status="有效", valid_to="2023-12-14")
    assert answer.entry is not None
    assert (answer.entry.valid_to.isoformat(), events) == ("2023-12-14", 1)
    with source_database.begin() as connection:
        data = json.loads(connection.execute(select(outbox.c.data)).scalar_one())
    assert data["origin"]["cells"]["valid_to"] == "长期"


def test_doubled_number(source_database: Engine) -> None:
    """Of two products under one number neither is accepted until the other is refused, or gets a number of its own."""
    _import(source_database, row(1, certificate_no="CSLX-00009"), row(2, certificate_no="CSLX-00009"))
    first, second = _ids(source_database)
    assert _accept(source_database, first)[0][0].reasons == ("dup_certificate",)
    assert [one.reasons for one in _accept(source_database, first, second)[0]] == [("dup_certificate",)] * 2
    with source_database.begin() as connection:
        refuse(connection, [second], "李四", "编号写错", NOW)
    assert _accept(source_database, first)[0][0].outcome == "accept"
    with source_database.begin() as connection:
        kept = connection.execute(select(held_row).where(held_row.c.id == second)).mappings().one()
    assert (kept["state"], kept["decided_by"], kept["because"]) == ("refused", "李四", "编号写错")


def test_later_import_closes(source_database: Engine) -> None:
    """A row that a later file brings in order is asked about no more."""
    _import(source_database, row(1, status="不清楚"), row(2, status="不清楚"))
    _import(source_database, row(1), name="改好.xlsx")
    assert len(_ids(source_database)) == 1


def test_answered_row_is_not_asked_again(source_database: Engine) -> None:
    """The same file again asks nothing that was answered."""
    # Made once: a workbook written a second later is another file.
    file = xlsx(grid((row(1, certificate_no="CSLX2021001"), row(2, status="不清楚"))))
    _import_file(source_database, file)
    first, second = _ids(source_database)
    _accept(source_database, first)
    _import_file(source_database, file)
    assert _ids(source_database) == [second]


def test_captured_row_with_the_right_value(source_database: Engine) -> None:
    """A captured row that waits can be put right by a person; the row's next image counts again."""
    table = Captured(source_database, 1)
    with source_database.begin() as connection:
        put(connection, product(2, zt="不清楚"))
    table.take()
    (answer,), events = _accept(source_database, *_ids(source_database), status="有效")
    assert (answer.outcome, events) == ("accept", 1)
    assert table.take() == [("listed", "CSLX-00002", 1)]
    with source_database.begin() as connection:
        change(connection, 2, zt="有效", cpmc="节能水泵")
    assert table.take() == [("changed", "CSLX-00002", 2)]
    with source_database.begin() as connection:
        connection.execute(text("DELETE FROM products WHERE id = 2"))
        connection.execute(text("UPDATE products SET cpmc = 'x' WHERE id = 1"))
    table.take()
    assert table.questions() == [("withdrawal", "CSLX-00002", '["mass_change_held"]')]


def test_newest_image_is_what_is_accepted(source_database: Engine) -> None:
    """An answer to a question whose row was written again in the meantime is refused: nobody has seen the new one."""
    table = Captured(source_database, 1)
    with source_database.begin() as connection:
        put(connection, product(2, bh="CSLX2021002"))
    table.take()
    seen = _ids(source_database)
    with source_database.begin() as connection:
        change(connection, 2, cpmc="别的产品")
    table.take()
    with pytest.raises(AnswerIsNo, match="something newer"):
        _accept(source_database, *seen)
    assert _accept(source_database, *_ids(source_database))[1] == 1


def test_withdrawals_by_their_exact_number(source_database: Engine) -> None:
    """A table that was emptied withdraws its entries once a person names how many; one of them can be answered alone."""
    table = Captured(source_database, 10)
    with source_database.begin() as connection:
        connection.execute(text("DELETE FROM products"))
    table.take()
    first = _ids(source_database)[0]
    with source_database.begin() as connection:
        refuse(connection, [first], "张三", "还有效", NOW)
        with pytest.raises(AnswerIsNo, match="9 withdrawals wait, not 10"):
            accept_withdrawals(connection, table.city_file, 10, "张三", NOW)
        answers, events = accept_withdrawals(connection, table.city_file, 9, "张三", NOW)
    assert (len(answers), events) == (9, 9)
    assert table.listed() == {"CSLX-00001": "节能风机1"}
    assert {word for word, _, _ in table.take()} == {"withdrawn"}
    assert _ids(source_database) == []
