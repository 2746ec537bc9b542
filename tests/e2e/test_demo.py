"""`czt demo` as its two readers meet it: it tells the story, finds the tampering, and goes on serving when asked."""

import signal
from pathlib import Path

import pytest

from tests.support.cli import Cli, ended, refused
from tests.support.ports import free_port
from tests.support.web import get, until

STORY = ("[1]", "sent back", "Fill in", "one product", "last receipt", "rule set 1", "batch 1", "equal to the store", "found:")


def test_it_goes_on_serving(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--serve` leaves the hub on the demo's store, whatever the caller's settings; SIGTERM ends it; all can be checked again."""
    address, home = f"127.0.0.1:{free_port()}", tmp_path / "demo"
    others = {"CZT_STORE_URL": "sqlite:////nowhere/store.db", "CZT_HOME": "/nowhere", "COLUMNS": "80", "NO_COLOR": "1"}
    demo = cli.start("demo", "--serve", "--json", "--dir", str(home), CZT_METRICS_PORT=address.split(":")[1], **others)
    with demo:
        try:
            until(lambda: get(address, "/readyz") == (200, "ok\n"))
            until(lambda: 'czt_products{status="recognized"} 59.0' in get(address, "/metrics")[1])
            assert get(address, "/healthz")[0] == 200
            demo.send_signal(signal.SIGTERM)
            ran = ended(demo)
        finally:
            if demo.poll() is None:
                demo.kill()
    assert ran.code == 0, ran
    assert all(words in ran.err for words in (*STORY, f"http://{address}/metrics"))
    assert "\x1b" not in ran.err
    assert "Traceback" not in ran.err
    told = ran.json()
    assert (told["tampering_found"], told["directory"]) == (True, str(home))
    _check_again(cli, monkeypatch, told["check_again"], 0)
    _check_again(cli, monkeypatch, told["check_tampered"], 1)


def _check_again(cli: Cli, monkeypatch: pytest.MonkeyPatch, command: str, code: int) -> None:
    """Run a command that the demo names, as a shell would."""
    words = command.split()
    for setting in [word for word in words if word.startswith("CZT_")]:
        monkeypatch.setenv(*setting.split("=", 1))
    found = cli(*words[words.index("audit") :], "--json")
    assert (found.code, found.json()["ok"]) == (code, code == 0)


def test_it_empties_nothing_of_others(cli: Cli, tmp_path: Path) -> None:
    """A folder with other files is refused and left alone."""
    (tmp_path / "mine.txt").write_text("keep")
    refused(cli, ("demo", "--dir", str(tmp_path)), 2, "usage", "was not made by the demo", "--dir")
    assert (tmp_path / "mine.txt").read_text() == "keep"
