"""Cases about reading a catalogue with the city's file: nothing is written, not even in the sandbox."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from deploy.conformance import catalogue
from deploy.conformance.case import DEFECT, Case, CaseFailed, CaseNotRun
from deploy.reading import read_file
from producers.catalogue.read import read_catalogue
from producers.catalogue.report import CatalogueReport
from producers.catalogue.sheet import Limits
from producers.city_file import CityFile
from schemas.errors import Both

MEND_FILE = Both("请改正本市的城市文件，再查一次。", "Mend the city's file, then check again.")
SAMPLE_NAME = "sample"
"""A clerk's file name may name a person; what is read goes into a report that leaves the city."""

Read = Callable[[bytes, str], CatalogueReport]


def reading_cases(city_file: CityFile, sample: Path | None, limits: Limits) -> list[Case]:
    """`sample`: a real catalogue of the city, where there is one; it stays in the city, counts of its rows go into the report."""

    def read(data: bytes, suffix: str = ".xlsx") -> CatalogueReport:
        return read_catalogue(data, SAMPLE_NAME + suffix, city_file, catalogue.DAY, {}, limits)

    @cache  # two cases look at it
    def given() -> CatalogueReport:
        if sample is None:
            raise CaseNotRun(
                Both("没有检查：没有给出本市目录的样本", "not looked at: no catalogue of the city's was given"),
                Both("把本市的一份目录写在命令后面。", "Give one of the city's own catalogues with the command."),
            )
        return read(read_file(sample, limits.file_bytes), sample.suffix)

    return [
        Case("template", "sandbox", _TEMPLATE, lambda: _template(city_file, read)),
        Case("mapping", "sandbox", _MAPPING, lambda: _mapping(given())),
        Case("numbers", "sandbox", _NUMBERS, lambda: _numbers(city_file, given()), ("mapping",) if sample else ()),
        Case("normal_forms", "sandbox", _NORMAL_FORMS, lambda: _normal_forms(city_file, read), ("template",)),
        Case("dirty_rows", "sandbox", _DIRTY_ROWS, lambda: _dirty_rows(city_file, read), ("template",)),
    ]


_TEMPLATE = Both(
    f"按本市空白目录填写的 {catalogue.SOUND_ROWS} 行全部收入",
    f"{catalogue.SOUND_ROWS} rows in the city's own form are all accepted",
)
_MAPPING = Both("本市目录的列都认得，有可收入的行", "every needed column of the city's catalogue is known, and rows are accepted")
_NUMBERS = Both("本市目录的编号多数合乎城市文件的写法", "most numbers in the city's catalogue are of the form that its file gives")
_NORMAL_FORMS = Both(
    "全角、空格、大小写、括号、批次归于规范写法", "width, spaces, case, brackets and batch come to their normal forms"
)
_DIRTY_ROWS = Both("每种错误都指明原因，一行也不收入", "every mistake is named, and no such row is accepted")


def _template(city_file: CityFile, read: Callable[[bytes], CatalogueReport]) -> Both:
    rows = read(catalogue.filled_in(city_file, catalogue.sound(city_file))).rows
    accepted = sum(row.outcome == "accept" for row in rows)
    if accepted != catalogue.SOUND_ROWS:
        reasons = ", ".join(sorted({reason for row in rows for reason in row.reasons}))
        raise CaseFailed(
            Both(f"只收入 {accepted} 行；原因：{reasons}", f"only {accepted} were accepted; reasons: {reasons}"), MEND_FILE
        )
    return Both(f"收入 {accepted} 行", f"{accepted} accepted")


def _mapping(report: CatalogueReport) -> Both:
    counts = {name: sum(row.outcome == name for row in report.rows) for name in ("accept", "review", "reject")}
    zh = f"收入 {counts['accept']} 行，待核 {counts['review']} 行，退回 {counts['reject']} 行"
    en = f"{counts['accept']} rows accepted, {counts['review']} held, {counts['reject']} sent back"
    if report.extra_columns:
        extra = "、".join(report.extra_columns)
        zh, en = f"{zh}；不收的列：{extra}", f"{en}; columns that are kept out: {extra}"
    # What numbers look like is the next case's question.
    if not any(set(row.reasons) <= {"certificate_pattern"} for row in report.rows):
        reasons = ", ".join(sorted({reason for row in report.rows for reason in row.reasons}))
        raise CaseFailed(Both(f"{zh}；原因：{reasons}", f"{en}; reasons: {reasons}"), MEND_FILE)
    return Both(zh, en)


def _numbers(city_file: CityFile, report: CatalogueReport) -> Both:
    numbers = [row.reasons for row in report.rows if row.certificate_no is not None]
    fitting = sum("certificate_pattern" not in reasons for reasons in numbers)
    found = Both(f"{len(numbers)} 个编号中有 {fitting} 个合乎写法", f"{fitting} of {len(numbers)} numbers are of that form")
    if 2 * fitting <= len(numbers):
        pattern = city_file.certificate_pattern.pattern
        raise CaseFailed(
            found,
            Both(
                f"城市文件的 certificate.pattern 现为 {pattern}；请照目录改正，example 一并改。",
                f"certificate.pattern of the city's file is {pattern}: mend it after the catalogue, and example with it.",
            ),
        )
    return found


def _normal_forms(city_file: CityFile, read: Callable[[bytes], CatalogueReport]) -> Both:
    tidy = catalogue.sound(city_file)[0]
    (row,) = read(catalogue.filled_in(city_file, [catalogue.untidy(city_file)])).rows
    entry = row.entry
    if entry is None:
        reasons = ", ".join(row.reasons)
        raise CaseFailed(Both(f"没有收入：{reasons}", f"it was not accepted: {reasons}"), MEND_FILE)
    has_batch = "batch" in city_file.columns
    found = (entry.enterprise_name, entry.uscc, entry.certificate_no, entry.models, entry.batch if has_batch else None)
    wanted = (catalogue.TIDY_NAME, tidy["uscc"], tidy["certificate_no"], (catalogue.TIDY_MODEL,))
    expected = (*wanted, catalogue.TIDY_BATCH if has_batch else None)
    if found != expected:
        raise CaseFailed(Both(f"读成 {found}，应为 {expected}", f"read as {found}, expected {expected}"), DEFECT)
    return Both("都归于规范写法", "all of them did")


def _dirty_rows(city_file: CityFile, read: Callable[[bytes], CatalogueReport]) -> Both:
    mistakes = catalogue.wrong(city_file)
    rows = read(catalogue.filled_in(city_file, [row for row, _, _ in mistakes])).rows
    named = dict(enumerate(row.reasons if row.outcome != "accept" else () for row in rows))
    missed = [(reason, mistake) for place, (_, reason, mistake) in enumerate(mistakes) if reason not in named.get(place, ())]
    if missed:
        zh, en = "；".join(f"{one.zh}（{code}）" for code, one in missed), "; ".join(f"{one.en} ({code})" for code, one in missed)
        raise CaseFailed(Both(f"没有认出：{zh}", f"not seen: {en}"), MEND_FILE)
    return Both(f"{len(mistakes)} 种错误都认出了", f"{len(mistakes)} kinds of mistakes were named")
