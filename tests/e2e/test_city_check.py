"""`czt city check` and `czt joint check-report`: a fourth city before it joins, and the joint office that is handed its report."""

import shutil
from pathlib import Path

from tests.support.cli import CHINESE, Cli, refused
from tests.support.fourth_city import WORD, city_text, line, write_catalogue

CITY = ("--city", WORD)


def _joining(czt: Cli) -> Path:
    """Three cities are trusted; the fourth has its file, and a key that nobody trusts yet. A catalogue of it."""
    czt.ok("init")
    (czt.home / "cities").mkdir()
    (czt.home / "cities" / f"{WORD}.toml").write_text(city_text(), "utf-8")
    czt.ok("init")
    return write_catalogue(czt.home / "娄底.xlsx", [line(number, f"LD2021-{number:03d}") for number in (1, 2)])


def test_a_city_checks_itself_and_hands_in_its_report(cli: Cli) -> None:
    """All is well but the joint office's trust; the report is good under the city's key, and a changed one under none."""
    sample = _joining(cli)
    ran = cli("city", "check", str(sample), *CITY, "--json")
    assert ran.code == 1
    answer = ran.json()
    assert {case["name"]: case["outcome"] for case in answer["cases"] if case["outcome"] != "ok"} == {"trusted": "failed"}
    assert {case["where"] for case in answer["cases"]} == {"sandbox", "live"}
    assert (answer["city"], answer["register_city"], answer["ok"]) == (WORD, "431300", False)
    report, key = Path(answer["report"]), cli.home / "keys" / f"{WORD}.pub"
    assert report == key.with_name("check-loudi.note")

    read = cli.ok("joint", "check-report", str(report), str(key))
    assert (read["same_file"], read["ready"]) == (True, True)
    assert read["cases"] == answer["cases"]
    for lang, words in (("zh", "可以加入"), ("en", "may join")):
        shown = cli("joint", "check-report", str(report), str(key), "--lang", lang)
        assert (shown.code, shown.err) == (0, "")
        assert words in shown.out
        assert bool(CHINESE.search(shown.out)) is (lang == "zh")
        assert all(case["name"] in shown.out for case in answer["cases"])
    file = cli.home / "cities" / f"{WORD}.toml"
    file.write_text(file.read_text("utf-8") + "# changed\n", "utf-8")
    other = cli("joint", "check-report", str(report), str(key), "--lang", "en")
    assert (other.code, "another one than the city checked" in other.out) == (1, True)
    refused(cli, ("joint", "check-report", str(report), str(key.with_name("changsha.pub"))), 1, "answer_is_no", "no report under")
    report.write_text(report.read_text("utf-8").replace('"outcome": "failed"', '"outcome": "ok"', 1), "utf-8")
    refused(cli, ("joint", "check-report", str(report), str(key)), 1, "answer_is_no", "was changed")


def test_a_report_with_a_failed_case_is_not_ready(cli: Cli) -> None:
    """The check says what to do and ends with 1, in the reader's language; the joint office sees the same and does not trust."""
    sample = _joining(cli)
    cli.ok("joint", "key", "trust", WORD, str(cli.home / "keys" / f"{WORD}.pub"))
    shutil.move(cli.home / f"register-{WORD}.db", cli.home / "elsewhere.db")
    out = cli.home / "out.note"
    ran = cli("city", "check", str(sample), *CITY, "--out", str(out), "--lang", "zh")
    assert ran.code == 1
    assert "没有数据库文件" in ran.out
    assert "→ 请运行 czt init" in ran.out
    assert "有 1 项不合" in ran.out
    read = cli("joint", "check-report", str(out), str(cli.home / "keys" / f"{WORD}.pub"), "--json")
    assert (read.code, read.json()["ready"]) == (1, False)
    assert [case["name"] for case in read.json()["cases"] if case["outcome"] == "failed"] == ["register"]


def test_who_has_no_key_signs_nothing(cli: Cli) -> None:
    """Without the city's own key there is no report; one that others can read is refused too."""
    cli.ok("init")
    key = cli.home / "keys" / "changsha.pem"
    key.chmod(0o644)
    refused(cli, ("city", "check", "--city", "changsha"), 2, "key_unusable", "0644")
    key.unlink()
    refused(cli, ("city", "check", "--city", "changsha"), 2, "key_missing", "changsha.pem")
    assert list(cli.home.rglob("*.note")) == []
