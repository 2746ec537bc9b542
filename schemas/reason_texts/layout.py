"""Rows of a catalogue that are not data."""

from schemas.reason_texts import Reason

_NOTHING = ("无需处理。", "Nothing to do.")

LAYOUT: tuple[Reason, ...] = (
    Reason("title_row", "skip", "标题行，不是数据。", "The title, not data.", *_NOTHING),
    Reason("meta_row", "skip", "表头说明行（单位、日期等），不是数据。", "A line about the file, not data.", *_NOTHING),
    Reason("header_1", "skip", "表头第一行。", "The first header row.", *_NOTHING),
    Reason(
        "header_2", "skip",
        "表头第二行，或中途重复的表头。", "The second header row, or a repeated one.", *_NOTHING),
    Reason("section_heading", "skip", "分组标题行，不是数据。", "A section's heading, not data.", *_NOTHING),
    Reason("subtotal_row", "skip", "小计行，不是数据。", "A subtotal, not data.", *_NOTHING),
    Reason(
        "footer_total", "skip",
        "合计行，不是数据；其中的产品数会与实际行数核对。",
        "The total, not data; its count is compared with the rows.",
        "如报告提示合计与实际行数不符，请核对是否漏行。",
        "If the report shows another count, check whether rows are missing."),
    Reason("footer_note", "skip", "表尾备注行，不是数据。", "A note at the end, not data.", *_NOTHING),
    Reason("blank_row", "skip", "空行。", "A blank row.", *_NOTHING),
)  # fmt: skip
