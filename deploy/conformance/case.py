"""A case: what is expected of a city's set-up, and what was found; one that needs another's success is not run without it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from deploy.checks import CHECK_PATH
from schemas.errors import Both, CztError

Where = Literal["sandbox", "live"]
"""`sandbox`: with the city's file, on a line of its own that is thrown away; `live`: on the real parts, which are only read."""
Outcome = Literal["ok", "failed", "not_run"]

DEFECT = Both("这是程序缺陷，请连同报告一并反映。", "This is a defect of the program: hand it in with the report.")
NO_STEP = Both("", "")


class CaseFailed(CztError):
    """What was found is not what the cities agreed on."""


class CaseNotRun(CztError):
    """Something that the case looks at was not given."""


@dataclass(frozen=True, slots=True)
class Case:
    """`run` says what it found, or raises what is wrong and the next step; `needs` names cases without which it says nothing."""

    name: str
    where: Where
    expected: Both
    run: Callable[[], Both]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How a case ended."""

    name: str
    where: Where
    outcome: Outcome
    expected: Both
    found: Both
    next_step: Both = NO_STEP

    def as_json(self) -> dict[str, Any]:
        """As the report and `--json` have it: every text in both languages."""
        return asdict(self)


def run_cases(cases: Iterable[Case]) -> Iterator[CaseResult]:
    """Each case in its order; those after a failed one are run all the same, unless they need it."""
    outcomes: dict[str, Outcome] = {}
    for case in cases:
        result = _ran(case, [name for name in case.needs if outcomes.get(name) != "ok"])
        outcomes[case.name] = result.outcome
        yield result


def _ran(case: Case, lacking: list[str]) -> CaseResult:
    outcome: Outcome = "failed"
    try:
        if lacking:
            names = ", ".join(lacking)
            raise CaseNotRun(Both(f"没有检查：先要 {names} 通过", f"not looked at: it needs {names}"), NO_STEP)
        return CaseResult(case.name, case.where, "ok", case.expected, case.run())
    except CaseNotRun as error:
        outcome, found, next_step = "not_run", *_told(error)
    except CztError as error:
        found, next_step = _told(error)
    except OSError as error:
        found, next_step = Both(str(error), str(error)), CHECK_PATH
    return CaseResult(case.name, case.where, outcome, case.expected, found, next_step)


def _told(error: CztError) -> tuple[Both, Both]:
    """Message and next step in both languages, where they were given in both; else the same text twice."""
    zh, en = (error.said(lang) or (error.message, error.next_step) for lang in ("zh", "en"))
    return Both(zh[0], en[0]), Both(zh[1], en[1])
