"""`czt city watch` as an operator runs it: once, for ever, told to stop, killed, and started twice."""

import json
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.databases import writer_engine
from tests.support.cli import Cli, ended, refused
from tests.support.private_keys import found_in
from tests.support.samples import sample
from tests.support.watched import changes
from tests.unit.producers.catalogue import catalogues as c

PATIENCE_SECONDS = 150.0
QUICK = {
    "CZT_WATCH_SETTLE_SECONDS": "0.2",
    "CZT_WATCH_POLL_SECONDS": "0.2",
    "CZT_WATCH_PATIENCE_SECONDS": "0.6",
    "CZT_LOG_FORMAT": "json",
}


@pytest.fixture
def watched(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder beside an installation whose watch doesn't wait long."""
    for name, value in QUICK.items():
        monkeypatch.setenv(name, value)
    cli.ok("init")
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def _until(found: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not found():
        assert time.monotonic() < until
        time.sleep(0.02)


def _changes(cli: Cli) -> int:
    engine = writer_engine(f"sqlite:///{cli.home / 'register-changsha.db'}")
    found = changes(engine)
    engine.dispose()
    return found


@contextmanager
def _running(cli: Cli, folder: Path, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    process = cli.start("city", "watch", str(folder), "--city", "changsha", **settings)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_once_takes_what_is_there_and_says_what_became_of_it(cli: Cli, watched: Path) -> None:
    """A sample with wrong rows, another city's file and half a file: a line each, exit 1, and nothing the second time."""
    (watched / "目录.xlsx").write_bytes(Path(sample("changsha")).read_bytes())
    (watched / "株洲.xlsx").write_bytes(Path(sample("zhuzhou")).read_bytes())
    (watched / "半.xlsx").write_bytes(Path(sample("changsha")).read_bytes()[:3000])
    words = ("city", "watch", str(watched), "--city", "changsha", "--once")
    ran = cli(*words, "--json")
    assert ran.code == 1
    found = {one["file"]: one for one in ran.json()["files"]}
    assert {name: (one["shelf"], one["reason"]) for name, one in found.items()} == {
        "目录.xlsx": ("done", None),
        "株洲.xlsx": ("refused", "other_citys_file"),
        "半.xlsx": ("refused", "file_unreadable"),
    }
    assert found["目录.xlsx"]["events"] == _changes(cli) > 0
    assert found["目录.xlsx"]["totals"]["reject"] > 0
    assert (watched / "done" / found["目录.xlsx"]["answer_file"]).is_file()
    assert ran.json()["waiting"] == []
    again = cli(*words, "--json")
    assert (again.code, again.json()) == (0, {"city": "changsha", "files": [], "waiting": []})


def test_once_for_people(cli: Cli, watched: Path) -> None:
    """In both languages: what lies where, what to do, and which file waits for what."""
    words = ("city", "watch", str(watched), "--city", "changsha", "--once")
    for lang, said in (("zh", ("答复文件", "正在表格软件中打开")), ("en", ("open the answer", "open in a spreadsheet"))):
        (watched / f"{lang}.xlsx").write_bytes(c.xlsx(c.grid([c.row(1), c.row(2, status=None)])))
        (watched / "开.xlsx").write_bytes(b"x")
        (watched / "~$开.xlsx").write_bytes(b"x")
        ran = cli(*words, "--lang", lang)
        assert ran.code == 1
        assert all(word in ran.out for word in said), ran.out
        assert f"done/{lang}.xlsx" in ran.out


@pytest.mark.parametrize("mode", ["events", "polling"])
def test_a_watch_takes_files_as_they_grow_and_stops_when_told(cli: Cli, watched: Path, mode: str) -> None:
    """A file written in pieces is taken once, whole; SIGTERM ends the watch with 0, and nothing is left half done.

    At the loudest level no private key is in its log or in what lies beside the file.
    """
    data = c.xlsx(c.grid([c.row(number) for number in range(1, 60)]))
    slow = {"CZT_LOG_LEVEL": "debug", "CZT_WATCH_MODE": mode, "CZT_WATCH_POLL_SECONDS": "30" if mode == "events" else "0.2"}
    with _running(cli, watched, **slow) as process:
        _until(lambda: (watched / "done").is_dir())
        with (watched / "目录.xlsx").open("wb") as file:
            for start in range(0, len(data), 2000):
                file.write(data[start : start + 2000])
                file.flush()
                time.sleep(0.03)
        _until(lambda: (watched / "done" / "目录.xlsx").is_file())
        process.send_signal(signal.SIGTERM)
        ran = ended(process, 30)
    assert ran.code == 0, ran
    papers = {file.name: file.read_bytes() for file in (watched / "done").iterdir()}
    assert found_in(cli.home / "keys", {"log": (ran.out + ran.err).encode(), **papers}) == []
    lines = [json.loads(line) for line in ran.err.splitlines()]
    assert [line["mode"] for line in lines if line["event"] == "watching"] == ["told" if mode == "events" else "polling"]
    assert [(line["file"], line["events"]) for line in lines if line["event"] == "file taken"] == [("目录.xlsx", 59)]
    assert _changes(cli) == 59


def test_killed_at_random_places_no_file_is_lost_and_no_change_made_twice(cli: Cli, watched: Path, seed: int) -> None:
    """kill -9 again and again while files arrive: each ends in done/ with its report, each change stands once in the outbox."""
    rng = random.Random(seed)
    files = {f"目录{number}.xlsx": c.xlsx(c.grid([c.row(number), c.row(number + 50, status=None)])) for number in range(1, 9)}
    for names in (list(files)[start : start + 2] for start in range(0, len(files), 2)):
        for name in names:
            (watched / name).write_bytes(files[name])
        with _running(cli, watched) as process:
            _until(lambda: bool(list(watched.glob("done/*")) or process.poll()))
            time.sleep(rng.random() * 0.3)
            process.kill()
    assert cli("city", "watch", str(watched), "--city", "changsha", "--once").code in (0, 1)
    assert not list(watched.glob("*.xlsx"))
    for name, data in files.items():
        stem = name.removesuffix(".xlsx")
        assert (watched / "done" / name).read_bytes() == data
        assert json.loads((watched / "done" / f"{stem}.报告.json").read_text("utf-8"))["totals"]["review"] == 1
        assert (watched / "done" / f"{stem}.答复.xlsx").is_file()
    assert len(list((watched / "done").iterdir())) == 4 * len(files)
    assert _changes(cli) == len(files)


def test_a_second_watch_is_told_so(cli: Cli, watched: Path) -> None:
    """As long as the first one runs, however it ends."""
    words = ("city", "watch", str(watched), "--city", "changsha", "--once")
    with _running(cli, watched):
        _until(lambda: (watched / "done").is_dir())
        refused(cli, words, 1, "answer_is_no", str(watched))
    assert cli(*words).code == 0


def test_a_folder_that_is_not_there(cli: Cli, watched: Path) -> None:
    """Is wrong usage, said before anything is done."""
    refused(cli, ("city", "watch", str(watched / "gone"), "--city", "changsha"), 2, "usage", "There is no folder")
