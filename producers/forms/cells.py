"""An entry of the register as the cells of a row: what reading the row again must give."""

from collections.abc import Iterator
from datetime import date

from producers.answers.hints import main_word
from producers.catalogue import words
from producers.catalogue.sheet import text_cell
from producers.city_file import CityFile
from schemas.entry import RegisterEntry

Value = str | date | None


def cells_of(entry: RegisterEntry, city_file: CityFile) -> dict[str, Value]:
    """Values by field, blank ones None."""
    district = entry.district_code
    return {
        "enterprise_name": entry.enterprise_name,
        "uscc": entry.uscc,
        "district": city_file.divisions.today().get(district, district) if district is not None else None,
        "product_name": entry.product_name,
        "models": "、".join(entry.models) or None,
        "category": entry.category,
        "standards": "；".join(entry.standards) or None,
        "certificate_no": entry.certificate_no,
        "batch": entry.batch,
        "valid_from": entry.valid_from,
        "valid_to": entry.valid_to,
        "status": status_word(entry, city_file),
        "remark": entry.remark,
    }


def status_word(entry: RegisterEntry, city_file: CityFile) -> str:
    """The word for the entry's status from which its reason follows as it is registered; the usual word when none does."""
    usual = main_word(city_file.statuses[entry.source_status].words)
    found = (word for word in _candidates(entry, city_file, usual) if _says(word, entry, city_file))
    return next(found, usual)


def _candidates(entry: RegisterEntry, city_file: CityFile, usual: str) -> Iterator[str]:
    known = city_file.statuses[entry.source_status]
    yield usual
    if entry.status_reason is not None and entry.status_reason.text:
        yield entry.status_reason.text
    yield from sorted(known.words)
    yield from sorted(known.synonyms)


def _says(word: str, entry: RegisterEntry, city_file: CityFile) -> bool:
    read = words.read_status(text_cell(word), city_file)
    if read.status is not entry.source_status:
        return False
    return words.status_reason(read.status, read.words, entry.remark, city_file) == entry.status_reason
