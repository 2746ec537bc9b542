"""Each reason points to the cells it speaks of; columns that an answer added are not read."""

import random
from dataclasses import replace

import pytest

from producers.catalogue.answer_columns import ADVICE_LABEL, OUTCOME_LABEL, answer_columns, without_answers
from producers.catalogue.concerned import FIELDS_OF, concerned
from producers.catalogue.read import read_catalogue
from producers.catalogue.sheet import Limits
from producers.catalogue.typed import Typed
from producers.catalogue.workbook import read_workbook
from producers.city_file import FIELDS
from schemas.reason_texts.rows import ROWS
from tests.support.catalogue_files import xlsx as written
from tests.support.cities import CHANGSHA, FILES
from tests.support.clean_rows import Firms
from tests.support.dirty_cases import AS_OF, CASES
from tests.support.dirty_catalogues import Answer, Catalogue, Line
from tests.unit.producers.catalogue import catalogues as c

ALONE = {"outside", "institute", "confusable"}
"""Cases that change another cell only to be another firm."""


def test_table_names_every_reason_of_rows() -> None:
    """No reason of a row is without its fields, and every field is one that catalogues have."""
    assert set(FIELDS_OF) == {reason.code for reason in ROWS}
    assert {field for fields in FIELDS_OF.values() for field in fields} <= set(FIELDS)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_case_blames_the_cells_that_it_changed(name: str) -> None:
    """What a single error changed is what its reason points to, and never another cell."""
    firms = Firms(random.Random(3), CHANGSHA)
    clean = firms.clean()
    case = CASES[name](random.Random(5), clean, CHANGSHA)
    line = Line(dict(clean) | dict(case.changes), Answer(), Answer(), struck=case.struck, hidden=case.hidden)
    data, _, _ = written(Catalogue(CHANGSHA, "长沙市两型产品目录", (line,)))
    (row,) = read_catalogue(data, "目录.xlsx", FILES.file_of(CHANGSHA), AS_OF, {}).rows
    blamed = {field for fields in row.fields.values() for field in fields}
    assert set(row.fields) == set(row.reasons)
    if not row.reasons or case.hidden:
        assert not blamed
    elif case.struck:
        assert blamed == {case.struck}
    elif name == "remark":
        assert blamed == {"status", "remark"}
    elif name == "date order":
        assert blamed == {"valid_from", "valid_to"}
    elif name in ALONE:
        assert blamed == {"uscc"}
    else:
        assert blamed == set(case.changes)


def test_date_reason_points_to_its_own_cell() -> None:
    """Of two dates only the wrong one is pointed to, of a missing pair both, and swapped ones both."""
    rows = c.read_rows(
        c.row(1, valid_from="2021-02-30"),
        c.row(2, valid_to=None),
        c.row(3, valid_from=None, valid_to=None),
        c.row(4, valid_to="2019-01-01"),
        c.row(5, valid_from="21.3.4", valid_to="长期"),
    )
    assert [dict(row.fields) for row in rows] == [
        {"date_invalid": ("valid_from",)},
        {"date_missing": ("valid_to",)},
        {"date_missing": ("valid_from", "valid_to")},
        {"date_order": ("valid_from", "valid_to")},
        {"date_two_digit_year": ("valid_from",), "validity_open_ended": ("valid_to",)},
    ]


def test_only_columns_of_the_sheet_are_named() -> None:
    """A reason of a column that isn't there speaks of the row."""
    assert concerned(["district_unknown"], {}, ["uscc"]) == {"district_unknown": ()}


def test_columns_of_an_answer_are_not_read() -> None:
    """A mended file reads as it did without them: no extra column, same rows, whatever stands there."""
    labels = {**c.LABELS, "outcome": OUTCOME_LABEL, "advice": ADVICE_LABEL}
    rows = [c.row(1, outcome="退回", advice="共3家企业"), c.row(2, certificate_no=None, outcome="退回", advice="合计"), c.row(3)]
    plain, answered = c.read(c.xlsx(c.grid(rows))), c.read(c.xlsx(c.grid(rows, labels)))
    assert answered.extra_columns == plain.extra_columns
    assert [replace(row, origin=Typed()) for row in answered.rows] == [replace(row, origin=Typed()) for row in plain.rows]
    (sheet,) = read_workbook(c.xlsx(c.grid(rows, labels)), Limits())
    width = len(c.LABELS)
    assert answer_columns(sheet) == {width: 2, width + 1: 2}
    assert not answer_columns(without_answers(sheet))


def test_report_says_where_its_columns_are() -> None:
    """The header's last row and each field's column, counted from 1 as people do."""
    report = c.read(c.xlsx(c.grid([c.row(1)])))
    assert report.header == 2
    assert (report.columns["seq"], report.columns["uscc"], report.columns["remark"]) == (1, 3, 16)
