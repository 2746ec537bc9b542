"""Catalogues of invented firms in a city's own words: sound rows, an untidy one, and wrong ones with what must be said of each."""

import re
from datetime import date

from producers.answers.hints import main_word
from producers.city_file import CityFile
from producers.forms.cells import Value
from producers.forms.workbook import workbook
from schemas import uscc
from schemas.entry import SourceStatus
from schemas.errors import Both

DAY = date(2021, 7, 22)
SOUND_ROWS = 6
TIDY_BATCH, TIDY_MODEL, TIDY_NAME = "2020-1", "FJ-9", "示例（乙）设备有限公司"
Row = dict[str, Value]

_LAST_DIGITS = re.compile(r"\d+(?=\D*$)")


def filled_in(city_file: CityFile, rows: list[Row]) -> bytes:
    """The city's own empty catalogue (`czt city template`) with these rows."""
    return workbook(city_file, DAY, DAY, rows)


def sound(city_file: CityFile) -> list[Row]:
    """Rows without any mistake, each under a number of its own."""
    return [_row(city_file, place) for place in range(1, SOUND_ROWS + 1)]


def _row(city_file: CityFile, place: int) -> Row:
    return {
        "enterprise_name": f"示例{'甲乙丙丁戊己庚辛壬'[place % 9]}设备有限公司",
        "uscc": uscc.complete(f"91{city_file.city.code}", f"DEM{place:05d}"),
        "product_name": f"节能风机{place}型",
        "models": f"FJ-{place}",
        "certificate_no": _number(city_file, place),
        "valid_from": date(2020, 12, 15),
        "valid_to": date(2023, 12, 14),
        "status": main_word(city_file.statuses[SourceStatus.ACTIVE].words),
    }


def _number(city_file: CityFile, place: int) -> str:
    """The number that the city's file shows, with other digits at its end."""
    return _LAST_DIGITS.sub(lambda found: f"{place:0{len(found[0])}d}", city_file.certificate_example)


def untidy(city_file: CityFile) -> Row:
    """A sound row as a hurried clerk types it. What is untidy in it needs no person: every city's reader puts it right alike."""
    row = _row(city_file, 1)
    code = "".join(chr(ord(letter) + 0xFEE0) for letter in str(row["uscc"]))  # the full-width form of each letter
    number = f" {str(row['certificate_no']).lower()} "
    name = TIDY_NAME.replace("（", "(").replace("）", ")")
    return {**row, "enterprise_name": name, "uscc": code, "certificate_no": number, "models": "ＦＪ－９", "batch": TIDY_BATCH}


def wrong(city_file: CityFile) -> list[tuple[Row, str, Both]]:
    """Rows with one mistake each, the reason that must be given for it, and what the mistake is."""
    one, two, three, four, five, six = sound(city_file)
    code = str(one["uscc"])
    swapped = code[:-1] + ("0" if code[-1] != "0" else "1")
    found: list[tuple[Row, str, Both]] = [
        ({**one, "uscc": swapped}, "uscc_checksum", Both("信用代码错一位", "a code with one wrong character")),
        ({**two, "valid_to": "2021-02-30"}, "date_invalid", Both("没有这一天", "a day that there isn't")),
        ({**three, "status": "某种状态"}, "status_unknown", Both("不认识的状态", "an unknown status")),
        ({**four, "certificate_no": "某号"}, "certificate_pattern", Both("不是本市写法的编号", "a number of another form")),
        ({**five, "product_name": None}, "product_missing", Both("没有产品名称", "no product name")),
    ]
    for prefix in list(city_file.other_prefixes)[:1]:
        foreign = {**six, "certificate_no": f"{prefix}-00001"}
        found.append((foreign, "wrong_issuer", Both("别的市的编号", "another city's number")))
    return found
