"""How a call is answered: language, JSON or words, nothing that could harm a terminal."""

import json
from collections.abc import Sequence

import pytest

from deploy.cli.call import Call, Manner
from deploy.cli.main import moved
from schemas.errors import UsageError


@pytest.mark.parametrize(
    ("arguments", "environment", "lang"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "de_DE.UTF-8"}, "en"),
        ([], {"LANG": "zh_CN.UTF-8", "CZT_LANG": "en"}, "en"),
        (["hub", "status", "--lang", "zh"], {"CZT_LANG": "en"}, "zh"),
        (["--lang=zh", "hub", "status"], {}, "zh"),
        (["--lang", "fr"], {"LANG": "zh_CN.UTF-8"}, "zh"),
    ],
)
def test_language(arguments: Sequence[str], environment: dict[str, str], lang: str) -> None:
    """`--lang`, else CZT_LANG, else Chinese for a Chinese locale, else English."""
    assert Manner.of(arguments, environment).lang == lang


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["--lang", "en", "hub", "status"], ["hub", "status", "--lang", "en"]),
        (["--json", "--debug", "init"], ["init", "--json", "--debug"]),
        (["--lang=zh", "init"], ["init", "--lang=zh"]),
        (["hub", "status", "--json"], ["hub", "status", "--json"]),
        (["--json"], ["--json"]),
        ([], []),
    ],
)
def test_shared_options_may_stand_in_front(given: list[str], expected: list[str]) -> None:
    """`czt --lang en hub status` is `czt hub status --lang en`."""
    assert moved(given) == expected


def test_json_is_one_object_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """With `--json` nothing is printed but the object, Chinese as it is."""
    Call(Manner(as_json=True)).answer({"city": "长沙"}, lambda: pytest.fail("words beside JSON"))
    out = capsys.readouterr().out
    assert json.loads(out) == {"city": "长沙"}
    assert "长沙" in out


def test_words_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """Without `--json` the answer is in the call's language."""
    for lang, words in (("zh", "日期 2021-07-22"), ("en", "day 2021-07-22")):
        call = Call(Manner(lang="zh" if lang == "zh" else "en"))
        call.answer({}, lambda call=call: call.say("hub.day", day="2021-07-22"))  # type: ignore[misc]
        assert words in capsys.readouterr().out


def test_no_control_characters_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A name with an escape sequence can't rewrite the screen, in lines and in tables; brackets are no markup."""
    call = Call()
    call.line("name \x1b[2J\x07[bold]x[/bold]")
    call.table(["product"], [["\x1b[31mred\r"], ["[red]plain"]])
    out = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\r"} & set(out)
    assert "[bold]x[/bold]" in out
    assert "[red]plain" in out


def test_wide_tables_are_not_cut_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody's terminal says how wide: a line of a hundred characters stays one line."""
    Call().table(["product", "enterprise"], [["x" * 60, "y" * 60]])
    assert any(line.count("x") == 60 and line.count("y") == 60 for line in capsys.readouterr().out.splitlines())


def test_missing_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A path that names no file is a wrong call."""
    with pytest.raises(UsageError, match="no file"):
        Call().require_file(tmp_path_factory.getbasetemp() / "none.xlsx")
