"""A fourth city as it joins: its file and a small catalogue of invented firms. 娄底市 keeps no such register in this project."""

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

from openpyxl import Workbook

from tests.support.sources import uscc

WORD, CODE = "loudi", "431300"
OWN_WAYS = {
    'word = "changsha"': f'word = "{WORD}"',
    'code = "430100"': f'code = "{CODE}"',
    'zh = "长沙市"': 'zh = "娄底市"',
    'prefix = "CSLX"': 'prefix = "LD"',
    "pattern = 'CSLX-\\d+'": "pattern = 'LD\\d{4}-\\d{3}'",
    'example = "CSLX-00001"': 'example = "LD2021-001"',
    'enterprise_name = ["企业名称"': 'enterprise_name = ["持证主体"',
    'certificate_no = ["认定编号"': 'certificate_no = ["两型证号"',
    'words = ["有效"]': 'words = ["在册有效"]',
    "[districts.aliases]": '[districts.current]\n"431302" = "娄星区"\n[districts.aliases]',
}
"""Where its file differs from Changsha's: name, code, numbers, two columns, a status word, districts."""
HEADER = {
    "两型证号": "certificate_no",
    "持证主体": "enterprise_name",
    "统一社会信用代码": "uscc",
    "所在地": "district",
    "产品名称": "product_name",
    "规格型号": "models",
    "发证日期": "valid_from",
    "有效期至": "valid_to",
    "状态": "status",
    "联系电话": "phone",
}


def city_text() -> str:
    """Its file."""
    text = resources.files("deploy.cities").joinpath("changsha.toml").read_text("utf-8")
    for old, new in OWN_WAYS.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def line(number: int, certificate_no: str, **changes: str) -> dict[str, str]:
    """A row of a catalogue, by field; the same number is the same product of the same firm."""
    return {
        "certificate_no": certificate_no,
        "enterprise_name": f"娄底示例设备{number}有限公司",
        "uscc": uscc(number),
        "district": "娄星区",
        "product_name": f"高效节能水泵{number}",
        "models": f"SL-{number}00",
        "valid_from": "2021-01-01",
        "valid_to": "2023-12-31",
        "status": "在册有效",
        "phone": "12300000007",
        **changes,
    }


def write_catalogue(file: Path, rows: Sequence[Mapping[str, str]], header: Mapping[str, str] = HEADER) -> Path:
    """A workbook with these rows below a header; `header`: column → field."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(header))
    for one in rows:
        sheet.append([one[field] for field in header.values()])
    book.save(file)
    return file
