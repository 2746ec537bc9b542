"""Rows right under the labels that explain or divide them: （必填）, yyyy-mm-dd, 姓名 under 联系方式, labels in English."""

import re
from collections.abc import Mapping

from producers.catalogue.labels import Labels, Path
from producers.catalogue.sheet import CellKind, SheetRow, squeeze

MAX_NOTES = 3
"""Such rows under one header."""

MIN_FOREIGN = 4
"""Labels in Latin letters side by side that can't be models and the like."""

_EXPLAINS = re.compile(
    r"[(\[【〔《<][^)\]】〕》>]*[)\]】〕》>]|(?:非?必[填须选]|选填|可选|可空|可不填|自动生成|勿填|不填|下拉选择?)项?|[*※★]+"
    r"|(?:填写?|请|按|格式|例如?|如|示例|单位|注|限|最多|不超过|以|与)[:为填写按选输用].*|(?:文本|字符串?|数字|数值|日期|整数)(?:型|格式|类型)?"
    r"|(?:企业|产品)?全称|\d{1,2}位.{0,8}|年[-/.]?月[-/.]?日|y{2,4}[-/.年]?m{1,2}[-/.月]?d{1,2}日?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"[甲乙丙丁戊己庚辛壬癸]|\(?\d{1,2}\)?")
"""甲 乙 丙 1 2 3: how statistical tables number their columns."""

_FOREIGN = re.compile(r"[A-Za-z][A-Za-z ./()&'\n-]*")


def is_note(row: SheetRow, paths: Mapping[int, Path], labels: Labels) -> bool:
    """Whether every text of a row explains its column, or is a label of its own under the one above. `paths`: the labels."""
    cells = {column: cell for column, cell in enumerate(row.cells) if not cell.is_blank}
    texts = [squeeze(cell.text) for cell in cells.values()]
    if len(texts) >= MIN_FOREIGN and texts[0] == "甲" and all(map(_NUMBERED.fullmatch, texts)):
        return True
    if not cells or any(cell.kind is not CellKind.TEXT for cell in cells.values()):
        return False
    if len(cells) >= MIN_FOREIGN and all(_FOREIGN.fullmatch(cell.text.strip()) for cell in cells.values()):
        return True
    return all(_belongs(squeeze(cell.text), paths.get(column, ()), labels) for column, cell in cells.items())


def _belongs(text: str, path: Path, labels: Labels) -> bool:
    if _EXPLAINS.fullmatch(text) or labels.is_contact((text,)):
        return True
    return labels.exact(text) is not None or labels.of_path((*path, text)) is not None
