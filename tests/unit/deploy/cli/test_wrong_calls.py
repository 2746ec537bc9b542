"""Wrong calls are told in both languages, with what was probably meant."""

import pytest

from deploy.cli.wrong_calls import no_city, wrong_call
from tests.support.cities import FILES


@pytest.mark.parametrize(
    ("message", "zh", "en"),
    [
        (
            "No such command 'imprt'. Did you mean 'import'?",
            "没有“imprt”这个命令。是不是 import？",
            "There is no command 'imprt'. Did you mean import?",
        ),
        ("No such command 'zzz'.", "没有“zzz”这个命令。", "There is no command 'zzz'."),
        (
            "No such option: --jsn (Possible options: --json, --lang)",
            "没有“--jsn”这个选项。是不是 --json？",
            "There is no option --jsn. Did you mean --json?",
        ),
        ("No such option: --colour", "没有“--colour”这个选项。", "There is no option --colour."),
        ("Missing argument 'file'.", "缺少参数 file。", "The argument file is missing."),
        (
            "Missing option '--effect'. Choose from: \n\tnone,\n\tsuspend",
            "缺少选项 --effect，可填：none, suspend。",
            "The option --effect is missing: one of none, suspend.",
        ),
        (
            "Invalid value for '--status': 'recognised' is not one of 'recognized', 'lapsed'.",
            "--status 的值“recognised”不对，可填：recognized, lapsed。是不是 recognized？",
            "--status: 'recognised' is none of recognized, lapsed. Did you mean recognized?",
        ),
        (
            "Invalid value for '[DAY]': 'today' does not match the formats '%Y-%m-%d'.",
            "DAY 的值“today”不是日期，应写成 2021-07-22 这样。",
            "DAY: 'today' is no day; write it like 2021-07-22.",
        ),
        (
            "Invalid value for '--limit': Input should be greater than or equal to 1",
            "--limit 的值应不小于 1。",
            "--limit: expected at least 1.",
        ),
        (
            "Invalid value for '--cursor': Input should be a valid integer, unable to parse string as an integer",
            "--cursor 的值应为整数。",
            "--cursor: expected a whole number.",
        ),
        ("Got unexpected extra argument(s) (b.xlsx)", "多出了参数：b.xlsx", "One argument too many: b.xlsx"),
        ("Something else.", "命令或参数不对：Something else.", "Something else."),
    ],
)
def test_words(message: str, zh: str, en: str) -> None:
    """Each message of the parser has its sentence in Chinese and in English."""
    told = wrong_call(message)
    assert (told.zh, told.en) == (zh, en)


@pytest.mark.parametrize("word", ["Changsa", "长沙", "长沙市", "430100"])
def test_a_city_by_another_name(word: str) -> None:
    """A city's Chinese name, its code and a slip of the pen lead to its word."""
    said = no_city("--city", word, FILES).said
    assert said.zh == f"--city 的值“{word}”不对，可填：changsha, zhuzhou, xiangtan。是不是 changsha？"
    assert said.en == f"--city: '{word}' is none of changsha, zhuzhou, xiangtan. Did you mean changsha?"


def test_no_city_at_all() -> None:
    """Where nothing is near, the cities that take part are named."""
    assert no_city("CITY", "巴黎", FILES).said.en == "CITY: '巴黎' is none of changsha, zhuzhou, xiangtan."
