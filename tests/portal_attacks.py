"""Attacks on the reference portal, their outcomes, and the test of each in `tests/unit/test_portal_attacks.py`."""

from typing import Final

PORTAL: Final = (
    (
        "a form of another site, a sister site or another origin",
        "403, and nothing is done",
        "test_a_form_of_another_site_is_refused",
    ),
    (
        "a form without the headers of browsers and without its session's token",
        "403, and nothing is done",
        "test_a_form_without_the_headers_of_browsers_needs_the_token_of_its_session",
    ),
    (
        "a session that somebody planted before signing in",
        "signing in makes a new one; the planted one opens nothing",
        "test_a_session_that_somebody_planted_is_not_the_one_after_signing_in",
    ),
    (
        "a stolen session after signing out",
        "it opens nothing",
        "test_a_session_ends_at_the_server_when_the_person_signs_out",
    ),
    (
        "signing in with a target elsewhere, in ten spellings",
        "a page of the portal follows",
        "test_signing_in_leads_to_no_other_site",
    ),
    (
        "a line break in an address or a field",
        "no header and no cookie is made of it",
        "test_a_line_break_in_an_address_makes_no_header",
    ),
    (
        "the number of another person's appointment, on each page",
        "404, the same page as for a number that does not exist",
        "test_somebody_elses_appointment_looks_like_one_that_does_not_exist",
    ),
    (
        "another person's hold: booked, given back, moved to",
        "404; the hold stays",
        "test_somebody_elses_hold_is_neither_booked_nor_given_back_nor_moved_to",
    ),
    (
        "the forms of staff, sent by a person",
        "403, and nothing is done",
        "test_the_pages_of_staff_refuse_the_forms_of_a_person",
    ),
    (
        "a visual code for a second attempt, or from another browser",
        "refused",
        "test_a_code_is_good_for_one_attempt_and_for_its_own_browser",
    ),
    (
        "an unknown name, to find out who has an account",
        "the same answer as for a wrong password",
        "test_an_unknown_name_and_a_wrong_password_get_the_same_answer",
    ),
    (
        "bodies: a megabyte, 100,000 fields, no form, NUL, lone surrogates",
        "refused in words, never a 500",
        "test_a_body_that_is_no_form_of_the_portal_is_refused_in_words",
    ),
    (
        "addresses: unknown ids, days of the year 1 and 9999, NaN, paths out of the folder",
        "a page in words, never a 500",
        "test_an_address_that_nobody_links_to_is_answered_in_words",
    ),
    ("markup in a field or an address", "it stays text", "test_markup_in_a_field_stays_text"),
    (
        "a page in a frame of another site, or with a script of others",
        "the policy of the page forbids it",
        "test_no_page_can_be_framed_or_run_a_script_of_others_or_is_cached",
    ),
    (
        "50 clients that never finish their request",
        "others are served meanwhile",
        "test_a_slow_client_holds_nobody_up",
    ),
)
"""Each attack in words, its outcome, and the name of its test."""

HEAD: Final = """
## On the reference portal

Attacks over HTTP on the pages of `examples/portal/`, and their outcomes. The tests are in
`tests/unit/test_portal_attacks.py`.

| attack | outcome | test |
| --- | --- | --- |
"""


def portal_page() -> str:
    """The part of the page of attacks about the portal."""
    return HEAD + "".join(f"| {attack} | {outcome} | `{test}` |\n" for attack, outcome, test in PORTAL)
