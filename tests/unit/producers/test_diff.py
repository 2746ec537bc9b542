"""Two pictures of a register, and the changes between them."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.diff import Change, change_of, diff, missing, withdrawal_limit, withdrawals
from schemas import events
from schemas.entry import RegisterEntry, SourceStatus, StatusReason
from schemas.events import STATUS_AFTER, EntryData, EventType
from tests.support.entries import OTHER_CODE, entry, withdrawn

Versions = dict[str, tuple[RegisterEntry, int]]
SUSPENDED: dict[str, Any] = {"source_status": "suspended", "status_reason": {"code": "other", "text": "整改"}}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"enterprise_name": "长沙示例流体有限公司"}, events.CHANGED),
        ({"product_name": "节能风机"}, events.CHANGED),
        ({"models": ("DM-200", "DM-100")}, events.CHANGED),
        ({"category": "专用设备"}, events.CHANGED),
        ({"standards": ()}, events.CHANGED),
        ({"uscc": OTHER_CODE}, events.CORRECTED),
        ({"district_code": "430103"}, events.CORRECTED),
        ({"valid_from": "2024-01-01", "valid_to": "2026-12-31"}, events.RENEWED),
        ({"valid_to": "2024-12-31"}, events.RENEWED),
        ({"valid_to": "2022-12-31"}, events.CORRECTED),
        ({"valid_from": "2020-12-31", "valid_to": "2024-12-31"}, events.CORRECTED),
        ({"batch": "2020-2"}, events.CORRECTED),
        ({"remark": "证书遗失补办"}, events.CORRECTED),
        (SUSPENDED, events.SUSPENDED),
        ({**SUSPENDED, "remark": "整改"}, events.SUSPENDED),
        ({"source_status": "withdrawn", "status_reason": {"code": "fraud"}}, events.WITHDRAWN),
        ({**SUSPENDED, "product_name": "节能风机"}, events.CHANGED),
    ],
)
def test_type_of_change(fields: dict[str, Any], kind: EventType) -> None:
    """Each kind of difference has its own type of event (design §6, Changes)."""
    assert change_of(entry(), entry(**fields)) is kind


@pytest.mark.parametrize("before", [entry(**SUSPENDED), withdrawn()])
def test_reinstated(before: RegisterEntry) -> None:
    """An entry that is active again, after a suspension or a withdrawal, is reinstated."""
    assert change_of(before, entry()) is events.REINSTATED


def test_correction_by_the_clerk() -> None:
    """What would be a change is a correction when the clerk says so."""
    assert change_of(entry(), entry(product_name="节能风机"), correction=True) is events.CORRECTED


@pytest.mark.parametrize("first", [entry(), entry(**SUSPENDED), withdrawn()])
def test_first_seen_is_listed(first: RegisterEntry) -> None:
    """An entry first seen is listed under version 1, in whatever status."""
    assert diff({}, [first]) == [Change(events.LISTED, first, 1)]


def test_same_catalogue_changes_nothing() -> None:
    """An entry that is as the register has it gives no event, with or without `--correction`."""
    known = {"CSLX-0001": (entry(), 4)}
    assert diff(known, [entry()]) == []
    assert diff(known, [entry()], correction=True) == []


def test_missing_leaves_out_withdrawn_entries() -> None:
    """What is withdrawn already can't be missed."""
    known: Versions = {one.certificate_no: (one, 1) for one in (entry(3), entry(1), withdrawn(2))}
    assert missing(known, ["CSLX-0003"]) == ["CSLX-0001"]


@pytest.mark.parametrize(("listed", "share", "limit"), [(10, 0.2, 2), (9, 0.2, 1), (100, 0.29, 29), (3, 0.0, 0), (0, 1, 0)])
def test_withdrawal_limit(listed: int, share: float, limit: int) -> None:
    """The share is taken as it is written, of the entries not withdrawn, and rounded down."""
    known: Versions = {f"CSLX-{number}": (entry(number), 1) for number in range(listed)}
    known["CSLX-9999"] = (withdrawn(9999), 1)
    assert withdrawal_limit(known, share) == limit


def test_withdrawal_of_a_missing_entry() -> None:
    """An entry that a complete catalogue doesn't name is withdrawn, with a reason that says so; nothing else differs."""
    (change,) = withdrawals({"CSLX-0001": (entry(), 7)}, ["CSLX-0001"])
    assert (change.kind, change.version) == (events.WITHDRAWN, 8)
    assert change.entry.status_reason == StatusReason(code="other", text="未列入完整目录")
    back = change.entry.model_copy(update={"source_status": SourceStatus.ACTIVE, "status_reason": None})
    assert back == entry()


DAYS = st.dates(date(2019, 1, 1), date(2025, 1, 1))


@st.composite
def _entries(draw: st.DrawFn) -> RegisterEntry:
    """Entries from a small world, so that two of them often differ in little."""
    status = draw(st.sampled_from(SourceStatus))
    start = draw(DAYS)
    return entry(
        draw(st.integers(1, 4)),
        enterprise_name=draw(st.sampled_from(["甲公司", "乙公司"])),
        uscc=draw(st.sampled_from(["91430100DEM0000175", OTHER_CODE])),
        district_code=draw(st.sampled_from(["430102", "430103", None])),
        models=draw(st.lists(st.sampled_from(["A-1", "B-2"]), max_size=2)),
        remark=draw(st.sampled_from([None, "补办"])),
        valid_from=start,
        valid_to=start + timedelta(days=draw(st.integers(0, 1500))),
        source_status=status,
        status_reason=None if status is SourceStatus.ACTIVE else {"code": "other", "text": "撤销"},
    )


CATALOGUES = st.lists(_entries(), max_size=4, unique_by=lambda one: one.certificate_no)


def _applied(register: Versions, changes: list[Change]) -> Versions:
    return register | {change.entry.certificate_no: (change.entry, change.version) for change in changes}


@given(st.lists(CATALOGUES, max_size=4), CATALOGUES, st.booleans())
def test_applying_a_diff_leaves_no_difference(
    history: list[list[RegisterEntry]], now: list[RegisterEntry], correction: bool
) -> None:
    """After its changes the register is as the catalogue says, every version one higher, and the same again is silent."""
    register: Versions = {}
    for catalogue in history:
        register = _applied(register, diff(register, catalogue))
    changes = diff(register, now, correction=correction)
    for change in changes:
        assert change.version == register.get(change.entry.certificate_no, (None, 0))[1] + 1
    after = _applied(register, changes)
    assert all(after[one.certificate_no][0] == one for one in now)
    assert diff(after, now, correction=correction) == []


@given(CATALOGUES, CATALOGUES)
def test_every_change_is_what_its_type_says(before: list[RegisterEntry], after: list[RegisterEntry]) -> None:
    """No event contradicts its published type: the status after it, and a reason where one is required."""
    register = _applied({}, diff({}, before))
    gone = missing(register, [one.certificate_no for one in after])
    for change in [*diff(register, after), *withdrawals(register, gone)]:
        data = change.kind.data.model_validate({"entry": change.entry.as_json()})
        assert isinstance(data, EntryData)
        assert data.entry == change.entry
        assert STATUS_AFTER.get(type(data), change.entry.source_status) is change.entry.source_status
