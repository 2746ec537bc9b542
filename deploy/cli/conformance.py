"""`czt city check` and `czt joint check-report`: the joining kit of a new city, and what the joint office does with its report."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.cli.call import Call
from deploy.cli.chains import CityOption
from deploy.cli.command import command
from schemas.errors import AnswerIsNo, Both

VERDICTS = {"ok": "doctor.ok", "failed": "doctor.fail", "not_run": "check.not_run"}
PARTS = {"sandbox": "check.sandbox", "live": "check.live"}


def register_city(app: typer.Typer) -> None:
    """Add the city's command."""
    command(app, "check", "czt city check 本市目录.xlsx --city changsha")(check)


def register_joint(app: typer.Typer) -> None:
    """Add the joint office's command."""
    command(app, "check-report", "czt joint check-report check-loudi.note loudi.pub")(check_report)


def check(
    call: Call,
    city: CityOption,
    sample: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="本市目录的样本，不外传 · one of the city's catalogues; it stays here")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="报告写到哪里，默认在公钥旁边 · where the report goes; beside the public key if not given"
        ),
    ] = None,
) -> int:
    """加入前自查：逐项说明应当怎样、查到什么、怎么办，并出具签名报告 · check this city's set-up before it joins; a signed report.

    各项用例在临时线路上运行，正式的登记库、主题只读不写 · cases run on a line that is thrown away; what is real is only read.
    """
    from deploy.conformance.report import signed
    from deploy.conformance.run import check as checked
    from deploy.keys import load_signer

    if sample is not None:
        call.require_file(sample)
    signer, file = load_signer(call.settings.key_dir, city.word), out or call.settings.key_dir / f"check-{city.word}.note"
    with call.working("check.working"):
        report = checked(call.settings, city, sample)
    file.write_text(signed(report, signer), "utf-8")
    answer = {**report, "report": str(file)}
    call.answer(answer, lambda: _show_check(call, answer))
    return 0 if report["ok"] else 1


def _show_check(call: Call, answer: dict[str, Any]) -> None:
    _show_cases(call, answer["cases"])
    call.say("check.unwritten")
    if answer["ok"]:
        call.say("check.good", report=answer["report"])
    else:
        call.say("check.bad", count=_failed(answer["cases"]), report=answer["report"])


def check_report(
    call: Call,
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="该市的自查报告 · the city's report")],
    file: Annotated[Path, typer.Argument(metavar="PUBFILE", help="该市交来的公钥文件 · the public key file that it handed in")],
) -> int:
    """核对一市的自查报告：签名与公钥相符、一字未改 · hold a city's report against its public key, before that is trusted."""
    from deploy.conformance.report import read_signed
    from deploy.conformance.run import city_file_sha256, is_ready
    from deploy.keys import load_public
    from schemas.note import NoteInvalid

    call.require_file(report)
    key = load_public(file)
    try:
        found = read_signed(report.read_bytes(), key)
    except NoteInvalid as error:
        raise AnswerIsNo(
            Both(
                f"{report} 不是这把公钥签名的报告，或被改动过：应为 {error.expected}，实为 {error.got}。",
                f"{report} is no report under this key, or was changed: expected {error.expected}, got {error.got}.",
            ),
            Both(
                "不要信任这把公钥；请该市重新自查，当面交来报告和公钥。",
                "Don't trust this key: have the city check again, and hand in both.",
            ),
        ) from None
    same_file = city_file_sha256(call.settings, found["city"]) == found["city_file_sha256"]
    answer = {**found, "same_file": same_file, "ready": is_ready(found, same_file=same_file)}
    call.answer(answer, lambda: _show_report(call, answer))
    return 0 if answer["ready"] else 1


def _show_report(call: Call, answer: dict[str, Any]) -> None:
    _show_cases(call, answer["cases"])
    call.say("check.genuine", city=answer["city"], keyid=answer["keyid"], time=answer["checked_at"])
    if not answer["same_file"]:
        call.say("check.other_file", city=answer["city"])
    if answer["ready"]:
        call.say("check.ready", city=answer["city"])
    elif _failed(answer["cases"]):
        call.say("check.unready", city=answer["city"], count=_failed(answer["cases"]))


def _failed(cases: list[dict[str, Any]]) -> int:
    return sum(case["outcome"] == "failed" for case in cases)


def _show_cases(call: Call, cases: list[dict[str, Any]]) -> None:
    lang, found, part = call.manner.lang, call.text("check.found"), ""
    for case in cases:
        if case["where"] != part:
            part = case["where"]
            call.say(PARTS[part])
        call.line(f"  {call.text(VERDICTS[case['outcome']]):6} {case['name']:13} {case['expected'][lang]}")
        call.line(f"  {'':6} {'':13} {found} {case['found'][lang]}")
        for step in case["next_step"][lang].splitlines():
            call.line(f"  {'':6} {'':13} → {step}")
    call.line()
