"""Attacks on the JSON API and the sign-in over HTTP, and the test of each; `docs/audit/attacks.md` shows them."""

from typing import Final, NamedTuple


class WebAttack(NamedTuple):
    """An attack, its outcome, and its test: a module below `tests/unit/web` and a function."""

    attack: str
    outcome: str
    test: str


API: Final = "test_http_attacks"
SIGN_IN: Final = "test_sign_in_app"
WEB_ATTACKS: Final = (
    WebAttack(
        "another site sends a booking with the person's cookies", "403", f"{API}::test_another_site_books_nothing"
    ),
    WebAttack(
        "the same by a form, from a browser that names no site",
        "415: a form can't send JSON",
        f"{API}::test_a_form_of_another_site_has_a_type_that_is_refused",
    ),
    WebAttack("a link that changes something", "405", f"{API}::test_a_link_changes_nothing"),
    WebAttack("another site signs the person in or out", "403", f"{SIGN_IN}::test_another_site_signs_nobody_in_or_out"),
    WebAttack(
        "a session or a browser's name is planted before the sign-in",
        "both are new after it",
        f"{SIGN_IN}::test_a_planted_session_and_a_planted_browser_are_worth_nothing_after_the_sign_in",
    ),
    WebAttack(
        "a cookie is used after the person signed out, or signed in again",
        "401",
        f"{SIGN_IN}::test_a_session_ends_on_the_server_too",
    ),
    WebAttack(
        "a visual code is used twice, or in another browser",
        "403, spent",
        f"{SIGN_IN}::test_a_used_code_and_that_of_another_browser_are_refused",
    ),
    WebAttack(
        "names are guessed at the sign-in",
        "one answer for an unknown name and a wrong password",
        f"{SIGN_IN}::test_a_wrong_password_and_an_unknown_name_get_one_answer",
    ),
    WebAttack(
        "passwords are guessed",
        "429 with the time to wait",
        f"{SIGN_IN}::test_a_device_is_locked_after_failures_and_told_when_to_try_again",
    ),
    WebAttack("cookies of any text", "401", f"{SIGN_IN}::test_cookies_of_any_text_are_no_error"),
    WebAttack(
        "somebody else's number: appointment, ticket, explanations, move, cancellation",
        "the answer of a number that does not exist",
        f"{API}::test_somebody_elses_number_is_answered_like_one_that_does_not_exist",
    ),
    WebAttack(
        "somebody else's hold is booked", "a seat of one's own", f"{API}::test_the_hold_of_another_person_is_not_booked"
    ),
    WebAttack(
        "somebody else's request id",
        "422, without the answer",
        f"{API}::test_the_request_id_of_another_person_shows_nothing",
    ),
    WebAttack(
        "an applicant calls the staff's paths", "403", "test_staff::test_an_applicant_may_call_nothing_of_the_staff"
    ),
    WebAttack(
        "a clerk reads or admits at another branch",
        "403, 404",
        "test_staff::test_a_clerk_of_other_branches_reads_and_admits_nobody",
    ),
    WebAttack(
        "an id is sent as a name, a number, a parameter or a language",
        "no answer and no log has it",
        f"{API}::test_the_digits_of_an_id_are_in_no_answer_and_no_log",
    ),
    WebAttack(
        "line ends and marks in every parameter", "400, no header", f"{API}::test_no_text_of_a_caller_becomes_a_header"
    ),
    WebAttack(
        "an error with line ends in its text",
        "500 without details; the log has its class and place",
        f"{API}::test_the_log_of_an_unexpected_error_has_its_class_and_place_and_none_of_its_text",
    ),
    WebAttack("another `Host`", "no redirect repeats it", f"{API}::test_no_redirect_repeats_the_host_of_the_request"),
    WebAttack(
        "a redirect to another host", "the page at home", "test_web_security::test_a_redirect_stays_on_this_host"
    ),
    WebAttack(
        "bodies that are no JSON, have members twice, too many, too deep or too large",
        "400, 413",
        f"{API}::test_a_malformed_body_is_an_error_of_the_caller",
    ),
    WebAttack("a body without an end", "413", f"{API}::test_a_body_without_an_end_is_cut_off"),
    WebAttack("a compressed body", "415", f"{API}::test_a_compressed_body_is_refused"),
    WebAttack(
        "long addresses and headers, and repeated parameters",
        "414, 431, 400",
        f"{API}::test_an_address_or_headers_that_are_too_long_are_refused_before_they_are_read",
    ),
    WebAttack(
        "a body that does not arrive",
        "408; others are served meanwhile",
        f"{API}::test_a_slow_body_times_out_and_others_are_served_meanwhile",
    ),
    WebAttack("a client that goes away", "nothing is changed", f"{API}::test_a_client_that_goes_away_changes_nothing"),
    WebAttack(
        "a flood of one person", "429; others are served", f"{API}::test_a_flood_of_one_person_delays_nobody_else"
    ),
    WebAttack(
        "a flood from one address",
        "429; persons there and other addresses are served",
        f"{API}::test_a_flood_from_one_address_delays_no_person_there_and_no_other_address",
    ),
    WebAttack(
        "a flood from many addresses of IPv6",
        "one network counts as one",
        f"{API}::test_all_addresses_of_one_network_of_ipv6_count_as_one",
    ),
    WebAttack("a flood of callers", "the counts take bounded memory", f"{API}::test_the_limits_take_bounded_memory"),
)

HEAD: Final = """
## Over HTTP

Attacks on the JSON API and on the sign-in, and the test of each below `tests/unit/web`. Beside them Schemathesis sends
what the OpenAPI document allows and what it does not, and accepts no answer that is not documented
(`test_openapi.py`).

| attack | outcome | test |
| --- | --- | --- |
"""


def web_page() -> str:
    """The part of the page about HTTP."""
    return HEAD + "".join(f"| {each.attack} | {each.outcome} | `{each.test}` |\n" for each in WEB_ATTACKS)
