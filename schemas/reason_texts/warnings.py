"""Corrections and hints on accepted rows, which need no person."""

from schemas.reason_texts import Reason

_KNOW = ("无需处理；可顺手在目录中改正。", "Nothing to do; you may correct the catalogue.")
_LOOK = (
    "请看一眼结果是否正确；不对的，改正后重新导入。",
    "Look whether it was read right; if not, correct and import again.",
)


def _warning(code: str, zh: str, en: str, action: tuple[str, str]) -> Reason:
    return Reason(code, "accept", zh, en, *action)


WARNINGS: tuple[Reason, ...] = (
    _warning("fullwidth_normalised", "全角字符已转为半角。", "Full-width characters were made half-width.", _KNOW),
    _warning("case_normalised", "字母大小写已统一。", "Upper and lower case were made uniform.", _KNOW),
    _warning("whitespace_stripped", "多余的空格或换行已去掉。", "Superfluous spaces or line breaks were removed.", _KNOW),
    _warning("separators_stripped", "代码或编号中的分隔符已去掉。", "Separators inside a code or number were removed.", _KNOW),
    _warning("text_prefix_stripped", "开头表示文本的撇号已去掉。", "The mark for text at the start was removed.", _KNOW),
    _warning("brackets_normalised", "括号的写法已统一。", "Brackets were made uniform.", _KNOW),
    _warning("traditional_to_simplified", "繁体字已转为简体字。", "Traditional characters were made simplified.", _LOOK),
    _warning("symbols_normalised", "符号的写法已统一。", "Symbols were made uniform.", _KNOW),
    _warning("merged_fill", "已按合并单元格补上内容。", "The value of a merged range was filled in.", _KNOW),
    _warning("ditto_fill", "“同上”等已换成上一行的内容。", "同上 or 〃 was replaced by the value above.", _LOOK),
    _warning("range_split", "一格中的起止日期已拆为两个日期。", "One cell's range was split into two dates.", _LOOK),
    _warning("models_split", "一格中的多个型号已拆开。", "Several models in one cell were split.", _LOOK),
    _warning("model_number_to_text", "数字格式的型号已转为文本。", "A model kept as a number was made text.", _LOOK),
    _warning("model_placeholder_null", "型号栏的“/”“无”等按未填处理。", "A placeholder was read as no model.", _KNOW),
    _warning("date_serial_parsed", "日期序号已换算成日期。", "A serial number was read as a date.", _LOOK),
    _warning("date_cn_numeral_parsed", "汉字数字的日期已换算。", "A date in Chinese numerals was read.", _LOOK),
    _warning(
        "validity_term_computed",
        "截止日期由起始日期和年限推算而来。",
        "The last day was computed from the term.",
        _LOOK,
    ),
    _warning("status_synonym", "状态已换成通行写法。", "The status was replaced by its usual word.", _KNOW),
    _warning("historic_region_code", "旧区划已换成现行区划。", "A replaced district was read as today's.", _LOOK),
    _warning(
        "registered_outside_city",
        "统一社会信用代码显示企业不在本市登记。",
        "By its code, the enterprise is registered outside the city.",
        ("请确认由本市认定无误；无误则无需处理。", "Make sure that this city is the right one; if so, nothing to do."),
    ),
    _warning(
        "non_enterprise_body",
        "该单位是事业单位、社会组织等，不是企业。",
        "The body is not an enterprise.",
        ("请确认符合认定范围；符合则无需处理。", "Make sure that it may be certified; if so, nothing to do."),
    ),
    _warning(
        "not_yet_valid",
        "有效期尚未开始。",
        "The validity has not begun yet.",
        ("无需处理；到起始日自动生效。", "Nothing to do; it counts from its first day."),
    ),
    _warning(
        "expired_on_as_of",
        "截至导入日，有效期已过。",
        "The validity was over on the day of the import.",
        (
            "已续期的，请更新有效期后重新导入；未续期的无需处理。",
            "If it was renewed, update the dates; else nothing to do.",
        ),
    ),
)
