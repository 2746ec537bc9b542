"""The rules of the domain, one by one, and the test that is named after each: a rule whose test is gone is found here."""

import ast
from pathlib import Path

import pytest

from tests.support.cli import ROOT

CORE = "unit/consumers/core"
OVER_TIME, RECOGNISE = f"{CORE}/test_recognition_over_time.py", f"{CORE}/test_recognise.py"
RULES = {
    # entries and dates
    "a city changes only its own entries": f"{CORE}/test_joint.py::test_a_city_changes_only_its_own_entries",
    "the joint office keeps no register": f"{CORE}/test_joint.py::test_the_joint_office_keeps_no_register",
    "a city cannot decide": f"{CORE}/test_joint.py::test_a_city_cannot_decide",
    "no event of a city touches another's listing": f"{CORE}/test_joint.py::test_no_city_event_touches_another_citys_listing",
    "contact data never leaves the city": "unit/producers/catalogue/test_warnings.py::test_contact_data_is_nowhere",
    "phone numbers in remarks are masked": "unit/schemas/test_text.py::test_phones",
    "what differs says which change it is": "unit/producers/test_diff.py::test_type_of_change",
    "a clerk may say that it is a correction": "unit/producers/test_diff.py::test_correction_by_the_clerk",
    "first seen is listed, in whatever status": "unit/producers/test_diff.py::test_first_seen_is_listed",
    "a withdrawal has a reason": "unit/producers/catalogue/test_warnings.py::test_reason_of_a_withdrawal",
    "a rename of every row is no conflict": "unit/producers/catalogue/test_conflicts.py::test_rename_of_every_row_is_a_rename",
    "both ends of a validity count": f"{CORE}/test_validities.py::test_both_ends_of_a_validity_count",
    "a higher version is applied, a lower superseded": f"{CORE}/test_entries.py::test_a_version_that_is_not_higher_is_superseded",
    # codes and text
    "both checks of a code": "unit/schemas/test_uscc.py::test_problems",
    "where a firm was registered is only a warning": "unit/producers/catalogue/test_warnings.py::test_warning",
    "old district codes stay valid": "unit/schemas/test_districts.py::test_possible_districts",
    "names are folded, legal characters stay": "unit/schemas/test_text.py::test_names_that_are_right_as_they_are",
    "models keep what is meaning": "unit/schemas/test_text.py::test_models",
    "folding tables have a version": "unit/schemas/test_text.py::test_tables_change_only_with_their_version",
    # identity
    "one product, whoever lists it": f"{CORE}/test_identities.py::test_one_product_whoever_lists_it",
    "the key is a hash of code, name and models": "unit/schemas/test_identity.py::test_the_key_is_the_hash_of_code_name_and_models",
    "no model is a value": "unit/schemas/test_identity.py::test_no_model_is_a_value",
    "near matches are questions": f"{CORE}/test_near.py::test_people_are_asked",
    "a join makes one listing follow another": f"{CORE}/test_identities.py::test_a_join_makes_one_listing_follow_another",
    "circles are refused": f"{CORE}/test_identities.py::test_circles_are_refused",
    "a separated listing stands alone": f"{CORE}/test_identities.py::test_a_separated_listing_stands_alone",
    "the latest decision holds": f"{CORE}/test_identities.py::test_the_latest_decision_holds",
    "undoing removes it": f"{CORE}/test_identities.py::test_separating_after_joining_restores",
    "what was decided before holds again": f"{CORE}/test_identities.py::test_undoing_lets_the_decision_before_hold_again",
    "as if it had never been": "integration/test_any_history.py::test_any_order_gives_the_same_store",
    "joins survive events": f"{CORE}/test_identities.py::test_a_join_survives_later_events_of_either_listing",
    "a correction takes all along": f"{CORE}/test_entries.py::test_a_corrected_identity_takes_the_publication_along",
    "a change leaves all behind": f"{CORE}/test_entries.py::test_a_changed_identity_leaves_the_publication_behind",
    "old keys never attract listings": f"{CORE}/test_identities.py::test_an_old_key_never_attracts_listings",
    "firms are never joined by name": f"{CORE}/test_identities.py::test_firms_are_never_joined_by_their_name",
    "fields by time, then city": f"{CORE}/test_merge.py::test_the_latest_event_wins_and_the_others_are_named",
    "never by arrival": f"{CORE}/test_merge.py::test_the_order_of_listings_does_not_matter",
    # recognition
    "the first line that holds": f"{RECOGNISE}::test_the_first_line_that_holds",
    "all criteria and one ground": f"{RECOGNISE}::test_an_assessment_meets_all_criteria_and_one_ground",
    "expiry today": f"{OVER_TIME}::test_expiry_today",
    "last valid day": f"{OVER_TIME}::test_last_valid_day",
    "validity that starts tomorrow": f"{OVER_TIME}::test_validity_that_starts_tomorrow",
    "renewal without a gap": f"{OVER_TIME}::test_renewal_without_a_gap",
    "renewal with a gap": f"{OVER_TIME}::test_renewal_with_a_gap",
    "a corrected validity never ran": f"{CORE}/test_validities.py::test_a_corrected_validity_replaces_what_was_wrong",
    "withdrawal while listed elsewhere": f"{OVER_TIME}::test_withdrawal_at_home_while_listed_elsewhere",
    "suspension by one of two": f"{OVER_TIME}::test_suspension_by_one_of_two_cities",
    "fraud bars for five years": f"{OVER_TIME}::test_fraud_bars_the_applicant_for_five_years",
    "an assessment names its version": f"{CORE}/test_joint.py::test_an_assessment_names_the_version_it_is_of",
    "it holds until the thing changes": f"{OVER_TIME}::test_an_assessment_holds_until_the_thing_changes",
    "old rules hold until the review date": f"{OVER_TIME}::test_recognised_under_old_rules_until_the_review_date",
    "a renewal restores, if the rules say so": f"{RECOGNISE}::test_a_renewal_returns_a_product_only_if_the_rules_say_so",
    "disputed while an objection is open": f"{CORE}/test_objections.py::test_an_open_objection_disputes_the_product",
    "an objection is closed under every key": f"{CORE}/test_objections_follow.py::test_a_settlement_closes_it_under_every_key",
    "old keys lead to it": f"{CORE}/test_objections_follow.py::test_keys_that_lead_on_lead_to_it",
    "it follows a join": f"{CORE}/test_objections_follow.py::test_it_goes_with_a_listing_that_is_joined",
    "objections have deadlines": "e2e/test_joint_commands.py::test_an_objection_that_nobody_settles",
    "settling has an effect": f"{CORE}/test_objections.py::test_settling_has_an_effect",
    "a bar is the applicant's": f"{CORE}/test_objections.py::test_a_bar_is_the_applicants",
    # batches, days, withdrawals
    "cities host in turn": f"{CORE}/test_batches.py::test_cities_host_in_turn",
    "a batch freezes what was drawn": f"{CORE}/test_batches.py::test_a_batch_freezes_what_was_drawn",
    "all or nothing": f"{CORE}/test_batches.py::test_a_batch_is_all_or_nothing",
    "numbered without a hole": f"{CORE}/test_batches.py::test_batches_are_numbered_without_a_hole",
    "a day waits for the clock": "integration/test_unread_decisions.py::test_a_day_waits_for_the_hubs_clock",
    "a decision waits for its log": "integration/test_unread_decisions.py::test_a_decision_waits_for_the_log_it_was_made_on",
    "days rise by one": f"{CORE}/test_joint.py::test_days_rise_by_exactly_one",
    "before the first day nothing is recognised": f"{CORE}/test_joint.py::test_the_first_day_is_set_by_decision",
    "two people": f"{CORE}/test_joint.py::test_decisions_that_one_person_cannot_make",
    "only a complete file withdraws": "contract/test_source_database.py::test_missing_rows_of_an_incomplete_file",
    "a mass withdrawal waits": "contract/test_source_database.py::test_mass_withdrawal_waits_for_the_exact_number",
    # waiting
    "what the rule set makes wait": "integration/test_release.py::test_what_the_rule_set_says_waits",
    "a release decides in order": "integration/test_release.py::test_release_decides_in_order_until_one_waits_for_itself",
}
"""Rule → the file below tests/ and the function in it."""


def _functions(file: Path) -> dict[str, str | None]:
    """Name → docstring of the functions of a file."""
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name: ast.get_docstring(node) for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_its_test(rule: str) -> None:
    """The test is there, and its first line is a sentence."""
    file, _, name = RULES[rule].partition("::")
    said = _functions(ROOT / "tests" / file).get(name)
    assert said is not None, f"{RULES[rule]} is gone"
    assert said.splitlines()[0].endswith(".")
