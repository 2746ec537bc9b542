"""A large catalogue of invented firms, as .xlsx and as CSV."""

import csv
import io
from collections.abc import Iterator

from openpyxl import Workbook

from tests.bench.events import FIRMS, invented_uscc
from tests.support.cities import CHANGSHA

LABELS = (
    "序号",
    "企业名称",
    "统一社会信用代码",
    "所属区县",
    "产品名称",
    "规格型号",
    "产品类别",
    "执行标准",
    "认定编号",
    "批次",
    "发证日期",
    "有效期至",
    "状态",
)


def lines(count: int) -> Iterator[list[str]]:
    """Title, header and `count` rows, each of another certificate and product; nothing in them is doubtful."""
    yield ["长沙市两型产品目录"]
    yield list(LABELS)
    for number in range(1, count + 1):
        firm = number % FIRMS
        yield [
            str(number),
            f"长沙示例{firm:04d}环保设备有限公司",
            invented_uscc(CHANGSHA, firm),
            "岳麓区",
            f"高效节能水泵{number % 97}型",
            f"SL-{number}、SL-{number}/2",
            "通用设备",
            "GB 19762-2007",
            f"CSLX-{number:06d}",
            "2020年第一批",
            "2020-12-15",
            "2023-12-14",
            "有效",
        ]


def xlsx(count: int) -> bytes:
    """The catalogue as a workbook."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("目录")
    for line in lines(count):
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_file(count: int) -> bytes:
    """The catalogue as Excel writes CSV in China."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([*line, *[""] * (len(LABELS) - len(line))] for line in lines(count))
    return out.getvalue().encode("gb18030")
