"""The columns of a catalogue that we write: the city's own labels, what belongs under each, and an example."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from producers.answers.hints import status_words
from producers.city_file import FIELDS, CityFile
from schemas import uscc

NEEDED_MARK = "*"
"""Behind the label of a column that must be there; readers of labels don't see it."""

_LEFT_OUT = frozenset(("validity",))
"""A term or a range says less surely what two days say."""

_DAYS = frozenset(("valid_from", "valid_to"))

_HOW: Mapping[str, str] = {
    "seq": "顺序号，不进登记库。",
    "enterprise_name": "按营业执照写全称，不写简称和曾用名；每一行都写，不合并单元格。",
    "uscc": "按营业执照写 18 位代码。本列已设为文本，不会丢位。",
    "district": "从下拉列表选，或写现行区县名称。",
    "product_name": "按认定文件写。",
    "models": "多个型号用顿号（、）或分号分开；没有型号的留空。不要写“详见附件”。",
    "category": "本市的产品类别，可留空。",
    "standards": "多个标准用分号分开，可留空。",
    "certificate_no": "按认定文件写，一个编号只用于一个产品。",
    "batch": "写作“年份-批号”，例如 2020-1；可留空。",
    "valid_from": "有效期第一天，写作 2020-12-15。",
    "valid_to": "有效期最后一天，写作 2023-12-14；不要写“长期”“三年”。",
    "status": "从下拉列表选。",
    "remark": "暂停或撤销的，写明原因。不要写联系人和电话。",
}
_EXAMPLES: Mapping[str, str] = {
    "seq": "1",
    "enterprise_name": "某某示例机电有限公司",
    "product_name": "节能风机",
    "models": "FJ-100、FJ-200",
    "category": "通用设备",
    "standards": "GB 18613-2020",
    "batch": "2020-1",
    "valid_from": "2020-12-15",
    "valid_to": "2023-12-14",
    "remark": "",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its field and label, whether it holds days, how it is filled in, an example."""

    field: str
    label: str
    is_needed: bool
    is_day: bool
    how: str
    example: str


def columns(city_file: CityFile) -> Sequence[Column]:
    """Every column that the city's file has a label for, in the usual order."""
    needed = {field for choice in city_file.needed for field in choice}
    fields = [field for field in FIELDS if field in city_file.columns and field not in _LEFT_OUT]
    return [_column(field, city_file, is_needed=field in needed or field == "valid_from") for field in fields]


def _column(field: str, city_file: CityFile, *, is_needed: bool) -> Column:
    label = city_file.columns[field][0] + (NEEDED_MARK if is_needed else "")
    return Column(field, label, is_needed, field in _DAYS, _HOW[field], _example(field, city_file))


def _example(field: str, city_file: CityFile) -> str:
    """An invented value of this city's form."""
    if field == "uscc":
        return uscc.complete(f"91{city_file.city.code}", "DEM00001")
    if field == "district":
        return next(iter(city_file.divisions.today().values()), "")
    if field == "certificate_no":
        return city_file.certificate_example
    return status_words(city_file)[0] if field == "status" else _EXAMPLES[field]
