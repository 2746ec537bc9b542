"""Reading the settings from environment variables CZT_…: every mistake is reported at the same time, and no secret is shown."""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from deploy.exposed import exposed
from deploy.settings import PREFIX, REGISTER_URL, Settings
from schemas.errors import Both, SettingsInvalid

OF_TESTS = PREFIX + "TEST_"
_PASSWORD = re.compile(r"(?<=://)([^:/@]*):.*@")

_CORRECT = Both("请改正这些环境变量后再运行。", "Correct the environment and call again.")
_TO_A_FILE = Both(
    "请从环境变量里去掉，改用只有本用户可读的文件（CZT_KEY_DIR、CZT_KAFKA_PASSWORD_FILE）。环境变量别的程序读得到：该密钥视为已泄露，换一把。",
    "Take it out, and use a file that only its owner can read (CZT_KEY_DIR, CZT_KAFKA_PASSWORD_FILE). "
    "Other programs could read it: treat that key as known to others, and change it.",
)


def read_settings() -> Settings:
    """The settings of this process's environment. Raises `SettingsInvalid` with one line for each that is wrong.

    A key in the environment is refused before anything else is said, and its value never is.
    """
    ours = {name: value for name, value in os.environ.items() if name.startswith(PREFIX) and not name.startswith(OF_TESTS)}
    named = {PREFIX + name.upper() for name in Settings.model_fields} | {name for name in ours if name.startswith(REGISTER_URL)}
    if found := exposed(ours, named):
        lines = [
            Both(f"{name}：密钥和密码不从环境变量读取", f"{name}: keys and passwords are not taken from there") for name in found
        ]
        raise _invalid(lines, _TO_A_FILE)
    registers = _register_urls(os.environ)
    try:
        settings = Settings(register_url=registers) if registers else Settings()
    except ValidationError as error:
        raise _invalid([_line(problem) for problem in error.errors()]) from None
    if problems := _kafka_problems(settings):
        raise _invalid(problems)
    return settings


def _register_urls(environment: Mapping[str, str]) -> dict[str, str]:
    """`CZT_REGISTER_URL_<CITY>`: which cities there are, no setting says."""
    return {
        name.removeprefix(REGISTER_URL).lower(): url for name, url in environment.items() if name.startswith(REGISTER_URL) and url
    }


def _invalid(lines: list[Both], next_step: Both = _CORRECT) -> SettingsInvalid:
    several = "1 setting is wrong" if len(lines) == 1 else f"{len(lines)} settings are wrong"
    return SettingsInvalid(
        Both(
            "\n  ".join([f"有 {len(lines)} 项设置不对：", *(one.zh for one in lines)]),
            "\n  ".join([f"{several}:", *(one.en for one in lines)]),
        ),
        next_step,
    )


def _line(problem: Mapping[str, Any]) -> Both:
    name = PREFIX + "_".join(str(part) for part in problem["loc"] if part != "[key]").upper()
    found = masked(str(problem["input"]))
    expected = problem["ctx"]["error"] if problem["type"] == "value_error" else problem["msg"].removeprefix("Input ")
    words = str(expected).removeprefix("should be ").partition(", unable")[0]
    return Both(f"{name}：现为 {found!r}，应为 {words}", f"{name}: found {found!r}, expected {words}")


def _kafka_problems(settings: Settings) -> list[Both]:
    """What sign-in needs, when it is asked for."""
    if settings.kafka_security == "plaintext" or not settings.bootstrap:
        return []
    needed = {
        "KAFKA_USERNAME": (settings.kafka_username, Both("用户名", "a user name")),
        "KAFKA_PASSWORD_FILE": (settings.kafka_password_file, Both("存放密码的文件", "a file that holds the password")),
    }
    return [
        Both(
            f"{PREFIX}{name}：没有设置，应为{expected.zh}，因为 CZT_KAFKA_SECURITY 是 sasl_ssl",
            f"{PREFIX}{name}: found nothing, expected {expected.en}, because CZT_KAFKA_SECURITY is sasl_ssl",
        )
        for name, (value, expected) in needed.items()
        if not value
    ]


def masked(url: str) -> str:
    """The URL with `***` for its password."""
    return _PASSWORD.sub(r"\1:***@", url)


def unknown_names(words: Iterable[str], environment: Mapping[str, str] = os.environ) -> list[str]:
    """Names in the environment that begin like a setting and are none: probably mistyped. `words`: those of the cities."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {REGISTER_URL + word.upper() for word in words}
    known.remove(REGISTER_URL.rstrip("_"))
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
