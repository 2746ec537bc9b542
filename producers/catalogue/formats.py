"""Which kind of file this really is: programs write HTML and text under `.xls`, and spreadsheets open it without a word."""

from collections.abc import Callable
from pathlib import PurePath

from producers.catalogue.csv_file import decoded, read_csv
from producers.catalogue.html_table import read_html
from producers.catalogue.package_guard import OLE_MAGIC, ZIP_MAGIC, encrypted, is_encrypted, too_many_bytes, unreadable
from producers.catalogue.sheet import Limits, Sheet
from producers.catalogue.sheet_bounds import Rows
from producers.catalogue.workbook import read_workbook

_WORKBOOKS = (".xlsx", ".xlsm")
_OLD_WORKBOOKS = (".xls", ".et")
_TEXTS = (".csv", ".txt", ".tsv")
_TAKEN = "只收 .xlsx、.xlsm、.csv，以及实为网页表格或文本的 .xls。"


def read_sheets(
    data: bytes, file_name: str, limits: Limits, wanted: Callable[[Rows], bool] = lambda rows: True
) -> tuple[Sheet, ...]:
    """The sheets of a file; of a large sheet of a workbook that is not `wanted` the first rows only.

    Raises `FileRefused`: `file_unreadable`, `file_encrypted`, `file_too_large`.
    """
    if len(data) > limits.file_bytes:
        raise too_many_bytes(file_name, limits.file_bytes)
    suffix = PurePath(file_name).suffix.lower()
    if suffix in _TEXTS:
        return (read_csv(data, limits),)
    if suffix in _WORKBOOKS or (suffix in _OLD_WORKBOOKS and data.startswith(ZIP_MAGIC)):
        return read_workbook(data, limits, wanted)
    if suffix in _OLD_WORKBOOKS:
        return _under_an_old_name(data, limits)
    raise unreadable(
        f"不认识的文件类型“{suffix}”，{_TAKEN}",
        f"“{suffix}” is no known type; .xlsx, .xlsm, .csv and .xls that is a web page or text are.",
    )


def _under_an_old_name(data: bytes, limits: Limits) -> tuple[Sheet, ...]:
    """What `.xls` may hold: a table in HTML, or text.

    A true one is refused: no library tells its struck-out and hidden rows, so that a deleted row would be accepted.
    """
    if data.startswith(OLE_MAGIC):
        raise (
            encrypted()
            if is_encrypted(data)
            else unreadable(
                "这是旧格式（.xls），其中的删除线和隐藏行读不出来。",
                "it is in the old format (.xls), whose struck-out and hidden rows can't be read.",
            )
        )
    beginning = decoded(data[:4096], cut=True).lstrip("\ufeff \t\r\n").lower()
    if beginning.startswith("<?xml") and "urn:schemas-microsoft-com:office:spreadsheet" in beginning:
        raise unreadable("这是 XML 表格（Excel 2003）。", "it is an XML spreadsheet (Excel 2003).")
    if beginning.startswith("<"):
        return read_html(decoded(data), limits)
    return (read_csv(data, limits),)
