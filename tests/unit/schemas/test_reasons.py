"""The reason catalogue holds every published code once, in order, with something to read and something to do."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import errors, reasons
from schemas.reason_texts.files import FILES
from schemas.reason_texts.layout import LAYOUT
from schemas.reason_texts.program import PROGRAM
from schemas.reason_texts.records import RECORDS
from schemas.reason_texts.rows import ROWS
from schemas.reason_texts.warnings import WARNINGS


def _words(text: str) -> list[str]:
    return text.split()


LAYOUT_CODES = _words(
    """title_row meta_row header_1 header_2 section_heading subtotal_row footer_total footer_note
    blank_row"""
)

ROW_CODES = {
    "duplicate_row": "skip",
    "certificate_missing": "reject",
    "dup_certificate": "review",
    "wrong_issuer": "reject",
    "enterprise_missing": "reject",
    "product_missing": "reject",
    "ambiguous_fill_down": "review",
    "uscc_missing": "reject",
    "uscc_length": "reject",
    "uscc_legacy_regno": "reject",
    "uscc_legacy_orgcode": "reject",
    "uscc_checksum": "reject",
    "uscc_confusable": "review",
    "uscc_precision_lost": "reject",
    "uscc_conflict_same_name": "review",
    "name_conflict_same_uscc": "review",
    "former_name_in_cell": "review",
    "possible_duplicate_product": "review",
    "model_in_attachment": "review",
    "model_autoconverted_date": "review",
    "date_missing": "reject",
    "date_invalid": "reject",
    "date_order": "reject",
    "date_ambiguous_dmy": "review",
    "date_two_digit_year": "review",
    "date_month_only": "review",
    "validity_open_ended": "review",
    "status_missing": "review",
    "status_unknown": "review",
    "district_unknown": "review",
    "batch_unknown": "review",
    "certificate_pattern": "review",
    "status_remark_conflict": "review",
    "struck_out": "review",
    "hidden_row": "review",
    "encoding_loss": "review",
    "formula_injection": "reject",
}

WARNING_CODES = _words(
    """fullwidth_normalised case_normalised whitespace_stripped separators_stripped text_prefix_stripped
    brackets_normalised traditional_to_simplified symbols_normalised merged_fill ditto_fill range_split models_split
    model_number_to_text model_placeholder_null date_serial_parsed date_cn_numeral_parsed validity_term_computed
    status_synonym historic_region_code registered_outside_city non_enterprise_body not_yet_valid
    expired_on_as_of"""
)

FILE_CODES = _words(
    """file_unreadable file_encrypted file_too_large sheet_ambiguous header_not_found column_missing
    file_older_than_register other_citys_file file_seen_before mass_change_held"""
)

RECORD_CODES = {
    "not_json": "refused",
    "not_cloudevent": "refused",
    "schema_invalid": "refused",
    "type_unknown": "refused",
    "too_large": "refused",
    "schema_unknown": "parked",
    "rule_set_waits": "parked",
    "signature_missing": "refused",
    "signature_invalid": "refused",
    "key_revoked": "refused",
    "wrong_source": "refused",
    "impossible_value": "rejected",
    "sequence_reused": "refused",
    "chain_broken": "refused",
    "version_behind": "superseded",
    "behind_parked": "parked",
    "statement_agrees": "applied",
    "statement_differs": "applied",
    "statement_unchecked": "applied",
    "decision_unknown_object": "rejected",
    "decision_not_allowed": "rejected",
    "decision_out_of_turn": "rejected",
}

PROGRAM_CODES = _words(
    """settings_invalid table_refused key_missing key_unusable database_unusable schema_outdated broker_unreachable
    store_unreachable service_unreachable topic_missing overloaded topic_mismatch database_unsafe topic_rewound register_restored
    fenced log_rolled_back usage failed answer_is_no"""
)

PUBLISHED = {
    **dict.fromkeys(LAYOUT_CODES, "skip"),
    **ROW_CODES,
    **dict.fromkeys(WARNING_CODES, "accept"),
    **dict.fromkeys(FILE_CODES, "file"),
    **RECORD_CODES,
    **dict.fromkeys(PROGRAM_CODES, "error"),
}


def test_every_published_code_in_the_order_of_the_tables() -> None:
    """The catalogue is what was published: the same codes, in the same order, with the same outcomes."""
    assert [(code, reason.outcome) for code, reason in reasons.ALL.items()] == list(PUBLISHED.items())


def test_no_code_stands_in_two_tables() -> None:
    """A code means one thing, so no table can silently replace another's text."""
    found = Counter(reason.code for table in (LAYOUT, ROWS, WARNINGS, FILES, RECORDS, PROGRAM) for reason in table)
    assert {code for code, times in found.items() if times > 1} == set()


@pytest.mark.parametrize("reason", reasons.ALL.values(), ids=lambda reason: reason.code)
def test_texts_are_there_and_short(reason: reasons.Reason) -> None:
    """Each text is a sentence in its language that fits a table cell, without spaces at its ends."""
    assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", reason.code)
    for text in (reason.zh, reason.action_zh):
        assert re.search("[\u4e00-\u9fff]", text)
        assert text.endswith("。")
        assert 3 <= len(text) <= 70
    for text in (reason.en, reason.action_en):
        assert re.match("[A-Z]|[a-z]+ |同上", text)
        assert text.endswith(".")
        assert 8 <= len(text) <= 120
    assert all(text == text.strip() for text in (reason.zh, reason.en, reason.action_zh, reason.action_en))


def test_meanings_differ() -> None:
    """No two codes read the same, in either language: a person can tell them apart."""
    assert len({reason.zh for reason in reasons.ALL.values()}) == len(reasons.ALL)
    assert len({reason.en for reason in reasons.ALL.values()}) == len(reasons.ALL)


def _error_reasons(error: type[errors.CztError]) -> set[str]:
    return {error.reason}.union(*(_error_reasons(one) for one in error.__subclasses__() if one.__module__ == "schemas.errors"))


def test_every_error_of_the_program_has_its_reason() -> None:
    """Whatever stops a command can be looked up, and nothing else is listed as an error."""
    assert _error_reasons(errors.CztError) == set(PROGRAM_CODES)


def test_get_names_the_unknown_code() -> None:
    """An unknown code is a KeyError that says which."""
    assert reasons.get("uscc_length").outcome == "reject"
    with pytest.raises(KeyError, match="'no_such_code'"):
        reasons.get("no_such_code")


def test_row_order_is_the_row_table() -> None:
    """The order of a row's reasons is the published table's, after the copy."""
    assert list(reasons.ROW_ORDER) == list(ROW_CODES)


@given(st.lists(st.sampled_from(list(PUBLISHED))))
def test_sorting_gives_the_tables_order_once(codes: list[str]) -> None:
    """Any codes come out in the order of the tables, each once."""
    assert reasons.sort_reasons(codes) == [code for code in PUBLISHED if code in codes]


@pytest.mark.parametrize("call", [reasons.sort_reasons, reasons.worst_outcome])
def test_lists_with_an_unknown_code_are_errors(call: object) -> None:
    """A misspelt code is never passed over."""
    assert callable(call)
    with pytest.raises(KeyError, match="'uscc_lenght'"):
        call(["uscc_length", "uscc_lenght"])


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [
        ([], "accept"),
        (["ditto_fill", "merged_fill"], "accept"),
        (["ditto_fill", "struck_out"], "review"),
        (["struck_out", "uscc_length", "hidden_row"], "reject"),
        (["wrong_issuer"], "reject"),
    ],
)
def test_worst_outcome_wins(codes: list[str], outcome: str) -> None:
    """Reject outweighs review, review outweighs warnings, and nothing found is accepted."""
    assert reasons.worst_outcome(iter(codes)) == outcome


def test_warnings_are_the_warning_table() -> None:
    """Exactly the codes of corrections are warnings."""
    assert [code for code in reasons.ALL if reasons.is_warning(code)] == WARNING_CODES
