"""What a clumsy user types: each wrong call is exit 2 with one sentence and the command that helps, nothing is done."""

from pathlib import Path

import pytest

from tests.support.cli import Cli, refused
from tests.support.samples import sample

CATALOGUE = sample("changsha")
BATCH = ("joint", "batch", "publish", "--number", "1", "--document", "12")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("statu",), ("no command 'statu'", "→ czt --help")),
        (("city", "imprt"), ("Did you mean import?", "→ czt city --help")),
        (("city", "import"), ("argument file is missing", "→ czt city import --help")),
        (("city", "import", CATALOGUE), ("option --city is missing: one of changsha, zhuzhou, xiangtan",)),
        (("city", "import", CATALOGUE, "--city", "changsa"), ("Did you mean changsha?",)),
        (("city", "import", CATALOGUE, "--city", "beijing"), ("'beijing' is none of changsha, zhuzhou, xiangtan.",)),
        (("city", "import", CATALOGUE, CATALOGUE, "--city", "changsha"), ("One argument too many",)),
        (("city", "import", CATALOGUE, "--city", "changsha", "--as-of", "22.7.2021"), ("write it like 2021-07-22",)),
        (("city", "import", CATALOGUE, "--city", "changsha", "--confirm-withdrawals", "-1"), ("at least 0",)),
        (
            ("city", "import", CATALOGUE, "--city", "changsha", "--confirm-withdrawals", "3"),
            (
                "only a file declared complete withdraws",
                "--city changsha --complete --confirm-withdrawals 3",
            ),
        ),
        (("city", "relay", "--city", "changsha", "--onse"), ("no option --onse. Did you mean --once?",)),
        (("hub", "run", "--sources", "changsha,beijing"), ("'beijing'", "joint-office")),
        (("hub", "products", "--status", "recognised"), ("Did you mean recognized?",)),
        (("hub", "products", "--limit", "-1"), ("--limit: expected at least 1.",)),
        (("hub", "products", "--limit", "99999"), ("--limit: expected at most 10000.",)),
        (("hub", "products", "--cursor", "garbage"), ("'garbage' is not what the last page gave",)),
        (("hub", "products", "--day", "2021-02-30"), ("'2021-02-30' is no day",)),
        (("hub", "events", "--cursor", "-1"), ("--cursor: expected at least 0.",)),
        (("hub", "events", "--cursor", "x"), ("--cursor: expected a whole number.",)),
        (("hub", "events", "--since", "gestern"), ("'gestern' is no time", "2021-07-22T09:00:00+08:00")),
        (("hub", "events", "--outcome", "reject"), ("Did you mean rejected?",)),
        (("hub", "entry", "changsha"), ("argument certificate_no is missing",)),
        (("joint", "day", "2021-02-30"), ("DAY: '2021-02-30' is no day",)),
        (("joint", "key", "revoke", "changsha", "0123456789abcdef"), ("option --after-sequence is missing",)),
        (("joint", "batch", "show", "0"), ("at least 1",)),
        ((*BATCH, "--by", "A"), ("option --agreed-by is missing",)),
        ((*BATCH, "--by", "Li", "--agreed-by", " Li "), ("two people",)),
        (("city", "import", "none.xlsx", "--city", "changsha"), ("There is no file none.xlsx.",)),
        (("city", "import", ".", "--city", "changsha"), ("There is no file",)),
        (("joint", "assess", "none.xlsx"), ("There is no file none.xlsx.",)),
        (("joint", "rules", "activate", "none.json"), ("There is no file none.json.",)),
        (("audit", "verify", "--checkpoint", "none.txt"), ("There is no file none.txt.",)),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, tuple) else None,
)
def test_wrong_calls(cli: Cli, words: tuple[str, ...], said: tuple[str, ...]) -> None:
    """Commands, options, cities, days, numbers, positions and files that are none."""
    refused(cli, words, 2, "usage", *said)
    assert not cli.home.exists()


@pytest.mark.parametrize("words", [(), ("city",), ("hub", "dead-letters"), ("joint", "batch")], ids=lambda words: " ".join(words))
def test_half_a_command(cli: Cli, words: tuple[str, ...]) -> None:
    """Without a command the list of commands is what helps; it is no answer, so it goes to stderr."""
    ran = cli(*words)
    assert (ran.code, ran.out) == (2, "")
    assert "Commands:" in ran.err


def test_keys_that_are_none(cli: Cli, tmp_path: Path) -> None:
    """A missing file, a workbook and a private key in place of a public one: each is named, with what was expected."""
    cli("init")
    trust = ("joint", "key", "trust", "changsha")
    refused(cli, (*trust, str(tmp_path / "none.pub")), 2, "key_missing", "none.pub", "czt init")
    for file in (CATALOGUE, str(cli.home / "keys" / "changsha.pem")):
        refused(cli, (*trust, file), 2, "key_unusable", file, "32 bytes in base64", "Never hand out a private key")


def test_days_that_can_not_begin(cli: Cli) -> None:
    """Days rise by one and none comes early: what the hub would reject or wait for is not even sent."""
    cli("init")
    refused(cli, ("joint", "day", "2999-01-01"), 1, "answer_is_no", "has not come yet")
    cli.ok("joint", "day", "2021-07-22")
    for day in ("2021-07-21", "2021-07-22", "2021-07-24"):
        refused(cli, ("joint", "day", day), 1, "answer_is_no", "2021-07-23", "czt joint relay")
    assert cli.ok("joint", "day", "2021-07-23")["sequence"] == 6


def test_answers_that_are_no(cli: Cli) -> None:
    """What can't be done yet, and what isn't there, exits 1 and says what comes first."""
    cli("init")
    batch = (*BATCH, "--by", "A", "--agreed-by", "B")
    refused(cli, batch, 1, "answer_is_no", "rule set")
    cli.ok("hub", "run", "--until-idle")
    refused(cli, batch, 1, "answer_is_no", "No day", "czt joint day")
    cli.ok("joint", "day", "2021-07-22")
    cli.ok("hub", "run", "--until-idle")
    refused(cli, batch, 1, "answer_is_no", "eligible", "czt joint assess")
    refused(cli, ("joint", "batch", "show", "1"), 1, "answer_is_no", "no batch 1")
    refused(cli, ("hub", "entry", "changsha", "CSLX-99999"), 1, "answer_is_no", "CSLX-99999", "has to be relayed")


@pytest.mark.parametrize(
    ("name", "content", "reason", "said"),
    [
        ("list.xlsx", "认定编号,企业名称\n", "file_unreadable", "holds no Excel workbook"),
        ("list.csv", CATALOGUE, "file_unreadable", "holds a workbook"),
        ("list.ods", CATALOGUE, "file_unreadable", "“.ods”"),
        ("list.pdf", "%PDF-1.7", "file_unreadable", "“.pdf” is no known type"),
        ("list.csv", "", "header_not_found", "No catalogue header"),
        ("list.xlsx", sample("zhuzhou"), "other_citys_file", "--city zhuzhou"),
    ],
)
def test_files_that_are_not_what_they_say(cli: Cli, tmp_path: Path, name: str, content: str, reason: str, said: str) -> None:
    """A file that is damaged, of another kind, empty or another city's is refused whole; nothing is registered."""
    cli("init")
    file = tmp_path / name
    file.write_bytes(Path(content).read_bytes() if content.endswith(".xlsx") else content.encode())
    refused(cli, ("city", "import", str(file), "--city", "changsha"), 2, reason, said)
    assert cli.ok("city", "relay", "--city", "changsha", "--once")["sealed"] == 0


def test_ctrl_c(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted command says nothing and exits as shells expect."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("deploy.initialise.initialise", interrupted)
    ran = cli("init")
    assert (ran.code, ran.out, ran.err) == (130, "", "")


def test_the_key_that_signs_is_checked_before_use(cli: Cli) -> None:
    """Wide rights, another content and a missing file: relay, hub and doctor name the file and what mends it."""
    cli("init")
    relay, hub = ("city", "relay", "--city", "changsha", "--once"), ("hub", "run", "--until-idle")
    for name, words in (("changsha", relay), ("shared-store", hub)):
        file = cli.home / "keys" / f"{name}.pem"
        good = file.read_bytes()
        file.chmod(0o644)
        refused(cli, words, 2, "key_unusable", "0644", f"chmod 600 {file}")
        file.write_text("not a key\n")
        file.chmod(0o600)
        refused(cli, words, 2, "key_unusable", str(file), "backup")
        assert cli("doctor").code == 1
        file.unlink()
        refused(cli, words, 2, "key_missing", str(file), "czt init")
        file.write_bytes(good)
        file.chmod(0o600)
    assert cli("doctor").code == 0


def test_a_city_with_a_key_that_nobody_trusts_yet(cli: Cli) -> None:
    """What it sends waits, is not lost, and the hub says for what; trusting the key is enough."""
    cli("init")
    for suffix in ("pem", "pub"):
        (cli.home / "keys" / f"changsha.{suffix}").unlink()
    assert cli.ok("init")["keys"] == ["changsha"]
    cli("city", "import", CATALOGUE, "--city", "changsha")
    cli.ok("city", "relay", "--city", "changsha", "--once")
    ran = cli("hub", "run", "--until-idle")
    assert ran.code == 0
    assert "changsha: 24 records wait for a signature" in ran.err
    assert "czt joint key trust" in ran.err
    cli.ok("joint", "key", "trust", "changsha", str(cli.home / "keys" / "changsha.pub"))
    assert cli("hub", "run", "--until-idle").err == ""
    assert cli.ok("hub", "status")["sources"][0]["received_through"] == 24


def test_a_hub_that_trusts_the_wrong_key(cli: Cli) -> None:
    """No trust file, one that is none, and another's key: the hub says so instead of waiting for ever."""
    cli("init")
    trust, hub = cli.home / "trust.pub", ("hub", "run", "--until-idle")
    right = trust.read_text()
    trust.unlink()
    refused(cli, hub, 2, "key_missing", "trust.pub")
    trust.write_text("not a key\n")
    refused(cli, hub, 2, "key_unusable", "trust.pub", "32 bytes in base64")
    trust.write_text((cli.home / "keys" / "changsha.pub").read_text())
    refused(cli, hub, 2, "key_unusable", "first decisions are signed with", "joint-office.pub")
    checked = cli("doctor", "--json")
    assert (checked.code, [one["name"] for one in checked.json()["checks"] if not one["ok"]]) == (1, ["trust"])
    trust.write_text(right)
    assert cli.ok(*hub)["outcomes"] == {"applied": 4}
