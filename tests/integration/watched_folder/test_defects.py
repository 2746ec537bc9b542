"""A defect of the program that one file brings to light: the file is put aside, everybody hears of it, the others go on."""

import json
import logging
from typing import Any

import pytest

from deploy import importing
from deploy.telemetry import Metrics
from deploy.watching import desk
from deploy.watching.run import FolderGauges
from producers.catalogue.read import read_catalogue
from schemas.errors import Both, StoreUnavailable
from schemas.metrics import FILE_DEFECTS
from tests.support.watched import CITY, GOOD, SETTLE, WatchedFolder

BAD = "坏.xlsx"


def _failing(function: Any, error: Exception) -> Any:
    """A function that fails on the file of that name."""

    def call(*arguments: Any, **named: Any) -> Any:
        if any(argument == BAD or getattr(argument, "file", None) == BAD for argument in arguments):
            raise error
        return function(*arguments, **named)

    return call


def _report(inbox: WatchedFolder, end: str) -> str:
    return (inbox.path / "refused" / f"坏{end}").read_text("utf-8")


def test_others_go_on(inbox: WatchedFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The report beside the file and the log name one number, the log has the traceback, and the next file is imported."""
    monkeypatch.setattr(importing, "read_catalogue", _failing(read_catalogue, ZeroDivisionError("nought")))
    inbox.drop(BAD, GOOD)
    inbox.drop("目录.xlsx", GOOD + b" ")
    inbox.look()
    with caplog.at_level(logging.CRITICAL, "czt.watch"):
        handled = inbox.look(after=SETTLE)
    assert {(one.file, one.shelf, one.reason) for one in handled} == {(BAD, "refused", "failed"), ("目录.xlsx", "done", None)}
    (said,) = caplog.records
    assert said.exc_info is not None
    assert said.exc_info[0] is ZeroDivisionError
    report = json.loads(_report(inbox, ".报告.json"))
    assert (report["reason"], report["reference"], report["imported"]) == ("failed", said.__dict__["reference"], False)
    assert f"错误编号：{report['reference']}" in _report(inbox, ".报告.txt")
    assert "登记库没有任何变化" in _report(inbox, ".报告.txt")
    assert "处理时间：2021-07-22 10:00:00\n" in _report(inbox, ".报告.txt")
    assert (inbox.path / "refused" / BAD).read_bytes() == GOOD


def test_after_the_import(inbox: WatchedFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the answer could not be written, the report says that rows were taken; put back later, nothing is done twice."""
    with monkeypatch.context() as patch:
        patch.setattr(desk, "answer_to", _failing_answer)
        inbox.drop(BAD, GOOD)
        inbox.look()
        assert [one.shelf for one in inbox.look(after=SETTLE)] == ["refused"]
    assert json.loads(_report(inbox, ".报告.json"))["imported"] is True
    assert "已经收入登记库" in _report(inbox, ".报告.txt")
    inbox.drop("又来.xlsx", GOOD)
    inbox.look()
    assert [(one.shelf, one.events) for one in inbox.look(after=SETTLE)] == [("done", 0)]
    assert inbox.changes() == 3


def _failing_answer(*arguments: object) -> object:
    raise KeyError("column")


def test_what_concerns_every_file_is_no_defect_of_one(inbox: WatchedFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that doesn't answer stops the look, and the file stays where it is."""
    away = StoreUnavailable(Both("没有应答", "no answer"), Both("", ""))
    monkeypatch.setattr(importing, "read_catalogue", _failing(read_catalogue, away))
    inbox.drop(BAD, GOOD)
    inbox.look()
    with pytest.raises(StoreUnavailable):
        inbox.look(after=SETTLE)
    assert (inbox.path / BAD).is_file()


def test_it_is_counted(inbox: WatchedFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter begins at nought, so that an alert sees the first one."""
    metrics = Metrics()
    gauges = FolderGauges(CITY, metrics)
    name, labels = FILE_DEFECTS.samples[0], {"city": CITY.word}
    assert metrics.registry.get_sample_value(name, labels) == 0
    monkeypatch.setattr(importing, "read_catalogue", _failing(read_catalogue, ZeroDivisionError("nought")))
    inbox.drop(BAD, GOOD)
    inbox.look()
    for one in inbox.look(after=SETTLE):
        gauges.handled(one)
    assert metrics.registry.get_sample_value(name, labels) == 1
