"""`czt city check`: all cases of a city, and the report that says what was checked, with which file and program, and when."""

import platform
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from deploy.cities.read import city_texts
from deploy.conformance.case import CaseResult, run_cases
from deploy.conformance.live import OFFICES_TURN, live_cases
from deploy.conformance.reading import reading_cases
from deploy.conformance.sandbox import line_cases, sandbox
from deploy.importing import limits
from deploy.settings import Settings
from deploy.wiring import Wiring
from schemas.city import City


def check(settings: Settings, city: City, sample: Path | None) -> dict[str, Any]:
    """The report, unsigned. `sample`: a catalogue of the city's own. Raises `KeyMissing`, `KeyUnusable`: who would sign it?"""
    with Wiring(settings) as real:
        keyid, checked_at = real.signer(city.source).keyid, real.clock.now()
        results = [*sandboxed(settings, city, sample), *run_cases(live_cases(real, city))]
    return {
        "city": city.word,
        "register_city": city.code,
        "keyid": keyid,
        "checked_at": checked_at.isoformat(timespec="seconds"),
        "city_file_sha256": city_file_sha256(settings, city.word),
        "versions": {"czt": metadata.version("czt"), "python": platform.python_version()},
        "ok": is_sound(result.outcome for result in results),
        "cases": [result.as_json() for result in results],
    }


def city_file_sha256(settings: Settings, word: str) -> str | None:
    """Of the file that this installation has of the city; None where it has none."""
    text = city_texts(settings.city_dir).get(f"{word}.toml")
    return None if text is None else sha256(text.encode()).hexdigest()


def sandboxed(
    settings: Settings, city: City, sample: Path | None, make: Callable[[Settings], Wiring] = Wiring
) -> Iterator[CaseResult]:
    """The cases that need no real part but the city's file; `make` puts the sandbox together."""
    with sandbox(settings, make) as wiring:
        reading = reading_cases(wiring.city_file(city.source), sample, limits(settings))
        yield from run_cases([*reading, *line_cases(wiring, city)])


def is_sound(outcomes: Iterable[str]) -> bool:
    """Whether no case failed; one that could not be looked at for want of a file is not a failure."""
    return "failed" not in outcomes


def is_ready(report: dict[str, Any], *, same_file: bool) -> bool:
    """Whether the joint office may trust the key: what is left to do is its own, and it knows the city by the same file."""
    return same_file and is_sound(case["outcome"] for case in report["cases"] if case["name"] != OFFICES_TURN)
