"""Keys change without a pause: made, trusted, used, revoked; nobody but their owner ever sees a private one."""

import stat
from pathlib import Path
from typing import Any

import pytest

from deploy.environment import read_settings
from deploy.wiring import Wiring
from schemas import events
from schemas.city import JOINT_OFFICE
from schemas.ports import Message
from tests.support.cli import Cli, refused
from tests.support.fourth_city import HEADER, line, write_catalogue
from tests.support.private_keys import found_in
from tests.support.sources import Source

DAY = "2021-07-22"
CITY = ("--city", "changsha")
COLUMNS = {{"持证主体": "企业名称", "两型证号": "认定编号"}.get(column, column): field for column, field in HEADER.items()}


@pytest.fixture
def begun(cli: Cli) -> Cli:
    """Three cities whose keys are trusted, on the first day."""
    cli.ok("init")
    cli.ok("joint", "day", DAY)
    return cli


def _send(czt: Cli, *numbers: int) -> Any:
    """New entries of Changsha, sent; how the relay answered."""
    rows = [line(number, f"CSLX-{number:05d}", district="岳麓区", status="有效") for number in numbers]
    file = write_catalogue(czt.home / f"{numbers[0]}.xlsx", rows, COLUMNS)
    czt.ok("city", "import", str(file), *CITY, "--as-of", DAY)
    return czt("city", "relay", *CITY, "--once", "--lang", "en")


def _decided(czt: Cli) -> Any:
    return czt.ok("hub", "run", "--until-idle")["outcomes"]


def _roles(czt: Cli, *words: str) -> dict[str, tuple[bool, int | None]]:
    return {one["role"]: (one["trusted"], one["revoked_after"]) for one in czt.ok(*words)["keys"]}


def test_a_city_changes_its_key_with_an_overlap(begun: Cli) -> None:
    """Both keys are good while people act; revoked, the old one's former signatures stay good, later ones are refused."""
    keys = begun.home / "keys"
    assert _send(begun, 1).code == 0
    new = begun.ok("city", "key", "new", *CITY)
    assert new["made"] is True
    assert begun.ok("city", "key", "new", *CITY) == {**new, "made": False}
    early = begun("city", "key", "use", *CITY, "--json")
    assert (early.code, early.error()["reason"]) == (1, "answer_is_no")
    assert f"czt joint key trust changsha {Path(new['file']).name}" in early.error()["next_step"]
    begun.ok("joint", "key", "trust", "changsha", new["file"])
    assert _send(begun, 2).code == 0  # the old key, in the overlap
    used = begun.ok("city", "key", "use", *CITY)
    assert used["keyid"] == new["keyid"]
    assert _send(begun, 3).code == 0
    assert _decided(begun)["applied"] == 3 + len(("three keys", "rules", "day", "trust")) + 2
    begun.ok("joint", "key", "revoke", "changsha", used["before"], "--after-sequence", "2")
    _decided(begun)
    assert _roles(begun, "city", "key", "list", *CITY) == {"current": (True, None), "former": (True, 2)}

    old, kept = keys / f"changsha-{used['before']}.pem", keys / "changsha.pem"
    assert stat.S_IMODE(old.stat().st_mode) == stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.write_bytes(old.read_bytes())  # a relay that still signs with the revoked key
    assert _send(begun, 4).code == 0
    _decided(begun)
    assert [one["reason"] for one in begun.ok("hub", "dead-letters", "list")["dead_letters"]] == ["key_revoked"]
    status = {one["source"]: one for one in begun.ok("hub", "status")["sources"]}["/registers/changsha"]
    assert (status["received_through"], status["outcomes"]["applied"]) == (3, 3)
    assert begun.ok("audit", "replay")["equal"] is True
    assert begun.ok("audit", "verify", "--against-store")["ok"] is True


def test_nobody_but_the_joint_office_makes_a_key_trusted(begun: Cli) -> None:
    """A decision on its topic that its key does not vouch for counts for nothing, and without the trust file none can be held."""
    new = begun.ok("city", "key", "new", *CITY)
    stranger = Source(JOINT_OFFICE, key_name="somebody", sequence=99)
    key = {**Source("/registers/changsha").key_data(), "keyid": new["keyid"], "key": new["key"]}
    forged = stranger.decide(events.KEY_TRUSTED, "key", key)
    assert forged.value is not None
    with Wiring(read_settings()) as wiring:
        wiring.publisher.publish([Message(forged.topic, b"", forged.value, forged.headers)])
    assert begun("city", "key", "use", *CITY, "--json").error()["reason"] == "answer_is_no"
    assert _roles(begun, "city", "key", "list", *CITY) == {"current": (True, None), "next": (False, None)}
    (begun.home / "trust.pub").rename(begun.home / "elsewhere.pub")
    refused(begun, ("city", "key", "use", *CITY), 2, "key_missing", "trust.pub")
    (begun.home / "elsewhere.pub").rename(begun.home / "trust.pub")
    begun.ok("joint", "key", "trust", "changsha", new["file"])
    assert begun.ok("city", "key", "use", *CITY)["keyid"] == new["keyid"]


def test_a_relay_whose_key_nobody_trusts_says_so(begun: Cli) -> None:
    """It sends, and tells the city which file to hand in; what was sent counts as soon as the decision is there."""
    keys = begun.home / "keys"
    (keys / "changsha.pem").unlink()
    (keys / "changsha.pub").unlink()
    begun.ok("init")
    sent = _send(begun, 1)
    assert sent.code == 0
    assert "not trusted by the joint office yet" in sent.err
    assert str(keys / "changsha.pub") in sent.err
    _decided(begun)
    begun.ok("joint", "key", "trust", "changsha", str(keys / "changsha.pub"))
    assert _decided(begun)["applied"] == 2
    assert "not trusted" not in _send(begun, 2).err


def test_the_joint_office_changes_its_own_key(begun: Cli) -> None:
    """Its first key, known from the trust file, trusts the next; decisions under the new one count, and replay knows both."""
    new = begun.ok("joint", "key", "new")
    assert begun("joint", "key", "use", "--json").error()["reason"] == "answer_is_no"
    begun.ok("joint", "key", "trust", "joint-office", new["file"])
    begun.ok("joint", "key", "trust", "joint-office", str(begun.home / "keys" / "joint-office.pub"))
    used = begun.ok("joint", "key", "use")
    assert _roles(begun, "joint", "key", "list") == {"current": (True, None), "former": (True, None)}
    last = begun.ok("joint", "day", "2021-07-23")["sequence"]
    begun.ok("joint", "key", "revoke", "joint-office", used["before"], "--after-sequence", str(last - 1))
    outcomes = _decided(begun)
    assert outcomes == {"applied": last + 1}
    assert begun.ok("hub", "status")["day"] == "2021-07-23"
    assert begun.ok("audit", "replay")["equal"] is True
    assert begun.ok("audit", "verify", "--against-store")["ok"] is True


def test_no_private_key_leaves_its_file(begun: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in an answer, an error, a traceback, the doctor's lines, `repr` of the settings, a log, a database or an export."""
    monkeypatch.setenv("CZT_LOG_LEVEL", "debug")
    begun.ok("city", "key", "new", *CITY)
    seen = [_send(begun, 1)]
    calls: tuple[tuple[str, ...], ...] = (
        *(("hub", "run", "--until-idle", "--debug"), ("doctor", "--json"), ("doctor", "--lang", "zh"), ("hub", "status")),
        *(
            ("city", "key", "list", *CITY),
            ("city", "key", "use", *CITY, "--debug"),
            ("joint", "key", "new"),
            ("audit", "log", "--json"),
        ),
        ("joint", "key", "trust", "changsha", str(begun.home / "keys" / "changsha.pem"), "--debug"),
    )
    seen += [begun(*words) for words in calls]
    (begun.home / "keys" / "changsha.pem").chmod(0o644)
    seen += [begun("city", "relay", *CITY, "--once", "--debug"), begun("doctor", "--debug")]
    assert "0644" in seen[-2].err
    shown = "\n".join([repr(read_settings()), *(one.out + one.err for one in seen)]).encode()
    privates = sorted((begun.home / "keys").glob("*.pem"))
    files = [file for file in begun.home.rglob("*") if file.is_file() and file.suffix != ".pem"]
    assert len(privates) == 7
    assert len(files) > 10
    artefacts = {"answers": shown, **{file.name: file.read_bytes() for file in files}}
    assert found_in(begun.home / "keys", artefacts) == []
