"""Normal forms: what is put right, what stays, and that a normal form is its own."""

import hashlib
import json
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import folding, text

NORMALISERS = [
    text.enterprise_name,
    text.product_name,
    text.certificate_no,
    text.standard,
    text.uscc_text,
    text.plain,
    text.model,
]
ODD = "\x00\ud800\u200b\u00a0\u3000\ufeff()（）-—－xX*×1２³⁻Ⅱ½;；、\n\t 'ABＺßſ鉅乾昇氣"
EVENTFUL = [
    character
    for character in map(chr, (*range(0x3400), *range(0xA000, 0x11000), *range(0x1D000, 0x1F300), *range(0x2F800, 0x2FA20)))
    if unicodedata.category(character) not in ("Lo", "Cn", "Co") or not unicodedata.is_normalized("NFKC", character)
]
"""Characters that a normal form may change, and all but letters that have one form only."""
ANY_TEXT = st.text(st.one_of(st.characters(exclude_categories=()), st.sampled_from(ODD)), max_size=12)


def test_enterprise_names() -> None:
    """No white space or invisible characters, simplified, full-width brackets."""
    name = text.enterprise_name(" 湖南例(长沙)潔淨\u200b空氣 公司\u3000")
    assert name.value == "湖南例（长沙）洁净空气公司"
    assert name.warnings == ("whitespace_stripped", "traditional_to_simplified", "brackets_normalised")


@pytest.mark.parametrize("name", ["昇钜乾科技", "喆淼堃有限公司", "甯於锺", "矽例电子", "翀祎珮", "瞭望酒麹厂"])
def test_names_that_are_right_as_they_are(name: str) -> None:
    """Characters that are standard in their own right stay."""
    assert text.enterprise_name(name) == text.Normal(name, ())


def test_ju_of_firms() -> None:
    """鉅 is 钜, not 巨."""
    assert text.enterprise_name("鉅昇").value == "钜昇"


def test_single_characters_not_words() -> None:
    """Words of Taiwan and Hong Kong are not translated."""
    assert text.product_name("記憶體軟體").value == "记忆体软体"


def test_spaces_in_product_names() -> None:
    """One space stays between Latin words; any other goes."""
    assert text.product_name("LED  Power Bank （ A 型 ) 灯 5 V").value == "LED Power Bank（A型）灯5 V"


@pytest.mark.parametrize(
    ("raw", "value"),
    [("cslx－００１ 12", "CSLX-00112"), ("CSLX—00112", "CSLX-00112"), ("'CSLX-1", "CSLX-1"), ("CSLX-1\u200b", "CSLX-1")],
)
def test_certificate_numbers(raw: str, value: str) -> None:
    """NFKC, upper case, hyphens, no white space."""
    assert text.certificate_no(raw).value == value


def test_standards() -> None:
    """Trimmed, one space inside."""
    assert text.standard(" GB/T  18801-2015\u00a0空气净化器 ").value == "GB/T 18801-2015 空气净化器"


@pytest.mark.parametrize(
    ("raw", "warnings"),
    [
        ("91430104DEM004437Q", ()),
        ("９１４３０１０４ＤＥＭ００４４３７Ｑ", ("fullwidth_normalised",)),
        ("91430104dem004437q", ("case_normalised",)),
        ("'91430104DEM004437Q", ("text_prefix_stripped",)),
        ("\t91430104DEM004437Q", ("text_prefix_stripped",)),
        ("9143 0104 DEM0 0443 7Q", ("whitespace_stripped",)),
        ("91430104\u200bDEM004437Q", ("whitespace_stripped",)),
        ("91430104-DEM00443-7.Q", ("separators_stripped",)),
    ],
)
def test_codes(raw: str, warnings: tuple[str, ...]) -> None:
    """What was meant as a code, and what was put right."""
    assert text.uscc_text(raw) == text.Normal("91430104DEM004437Q", warnings)


def test_a_number_in_scientific_notation_is_seen_as_one() -> None:
    """Its dot is no separator."""
    assert text.uscc_text(" 9.14e+17").value == "9.14E+17"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("Ⅱ型", "II型"),
        ("m³/h", "m3/h"),
        ("10³", "10³"),
        ("10⁻³m⁻¹", "10⁻³m-1"),
        ("１０³", "10³"),
        ("4x95+1X50", "4×95+1×50"),
        ("10*20 x 30", "10×20×30"),
        ("AxB", "AxB"),
        ("TKJ1000/1.75-QK", "TKJ1000/1.75-QK"),
        ("YE3—90S－4", "YE3-90S-4"),
        ("GL  500", "GL 500"),
        ("ＴＡ５００", "TA500"),
        ("5㎜", "5mm"),
        ("1,000", "1,000"),
    ],
)
def test_models(raw: str, value: str) -> None:
    """Symbols have one form, separators inside a model are meaning."""
    assert text.model(raw).value == value


def test_a_list_of_models() -> None:
    """Split on 、；; and line breaks, in order."""
    models, warnings = text.models("YE3-80M1-2、YE3-90S-4；\nYE3-100L1-4;YE3-90S-4")
    assert models == ("YE3-80M1-2", "YE3-90S-4", "YE3-100L1-4")
    assert warnings == ("models_split",)


@pytest.mark.parametrize("raw", ["/", "—", "无", " 暂无 ", "N/A"])
def test_a_placeholder_is_no_model(raw: str) -> None:
    """Nothing, and a warning."""
    assert text.models(raw) == ((), ("model_placeholder_null",))


def test_one_model_is_not_split() -> None:
    """Nor is one with a separator behind it."""
    assert text.models("A-1；") == (("A-1",), ())
    assert text.models("") == ((), ())


@pytest.mark.parametrize("raw", ["/", "／", "—", "——", "-", "无", "（无）", "暂无", "N/A", "n/a", "", " \u200b"])
def test_placeholders(raw: str) -> None:
    """Ways to say nothing."""
    assert text.is_placeholder(raw)


@pytest.mark.parametrize("raw", ["0", "A", "无锡", "无机房电梯", "/A"])
def test_no_placeholders(raw: str) -> None:
    """Texts that say something."""
    assert not text.is_placeholder(raw)


@pytest.mark.parametrize(
    ("raw", "masked"),
    [
        ("联系12300000586", "联系***"),
        ("１２３０００００５８６，", "***，"),
        ("+86 138 0000 0000", "***"),
        ("138-0000-0000、", "***、"),
        ("0731-88880000转801", "***"),
        ("（0731）8888 0000", "***"),
        ("电话：88880000", "电话***"),
        ("400-800-0000", "***"),
    ],
)
def test_phones(raw: str, masked: str) -> None:
    """Phone-like numbers are masked."""
    assert text.mask_phones(raw) == masked


@pytest.mark.parametrize(
    "raw", ["91430105DEM0044452", "914301829990440409", "GB/T 18801-2015", "20201215", "2020-12-15至2023-12-14", "Q/LH 001-2020"]
)
def test_what_only_looks_like_a_number(raw: str) -> None:
    """Codes, standards and days stay."""
    assert text.mask_phones(raw) == raw


def test_printable() -> None:
    """One line, nothing hidden, no longer than asked."""
    assert text.printable("a\n\u202e\ud800\u3000中\x00") == r"a\n\u202e\ud800 中\x00"
    assert text.printable("x" * 300) == "x" * 199 + "…"
    assert text.printable("x" * 9, 9) == "x" * 9
    assert text.printable("x", 0) == ""


@pytest.mark.parametrize("normal", NORMALISERS)
def test_every_single_character(normal: Callable[[str], text.Normal]) -> None:
    """Any character, alone and between digits, has a normal form that is its own and has a UTF-8 form."""
    for raw in (*EVENTFUL, *(f"1{character}2" for character in EVENTFUL)):
        value = normal(raw).value
        assert normal(value) == text.Normal(value, ()), ascii(raw)
        value.encode()


@pytest.mark.parametrize("normal", NORMALISERS)
@given(raw=ANY_TEXT)
def test_a_normal_form_is_its_own(normal: Callable[[str], text.Normal], raw: str) -> None:
    """Any text has a normal form; doing it again changes nothing, and a change has a warning."""
    found = normal(raw)
    assert normal(found.value) == text.Normal(found.value, ())
    assert (found.value == raw) or found.warnings or max(raw) >= "\ud800"
    found.value.encode()


@given(ANY_TEXT)
def test_models_of_any_text(raw: str) -> None:
    """Models are in normal form, none is blank, and none can be split again."""
    models, _ = text.models(raw)
    for one in models:
        assert text.models(one)[0] in ((one,), ())
    assert len(set(models)) == len(models)


@given(ANY_TEXT, st.integers(0, 20))
def test_any_text_can_be_shown(raw: str, limit: int) -> None:
    """`printable` and `mask_phones` take anything, and once is enough."""
    shown = text.printable(raw, limit)
    assert shown.isprintable()
    assert len(shown) <= limit
    assert text.printable(shown, limit) == shown
    assert text.mask_phones(text.mask_phones(raw)) == text.mask_phones(raw)


def test_a_simplified_character_is_not_changed_again() -> None:
    """The table needs one pass, and touches no character that is standard in its own right."""
    assert not {ord(new) for new in folding.TO_SIMPLIFIED.values()} & folding.TO_SIMPLIFIED.keys()
    assert not {ord(kept) for kept in folding.KEPT} & folding.TO_SIMPLIFIED.keys()


def test_tables_change_only_with_their_version() -> None:
    """Product keys depend on these tables: another zhconv or Python must not change them unseen."""
    tables = [
        sorted(folding.TO_SIMPLIFIED.items()),
        folding.BRACKETS,
        folding.DASHES,
        folding.DOTS,
        folding.APOSTROPHES,
        folding.INVISIBLE,
        folding.SUPERSCRIPTS,
        folding.MODEL_SEPARATORS,
    ]
    digest = hashlib.sha256(json.dumps(tables).encode()).hexdigest()
    assert (folding.FOLDING_TABLES, digest[:16]) == (1, "1ab1b8b35aab523d")
