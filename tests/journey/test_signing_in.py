"""J-02 to J-07, C-02 to C-05: the id, the password, the visual code, the home page."""

from datetime import timedelta

import pytest

from traffic_booking import Held, InvalidInput, NotSignedIn, Refused, ResidentId, SignedIn, SignInFault, person_id
from traffic_booking.testing import made_up_person

MINUTE = timedelta(minutes=1)


@pytest.mark.journey("J-02")
@pytest.mark.journey("C-02")
def test_a_member_signs_in_and_nobody_else(portal):
    signed_in = portal.gate.sign_in(portal.applicant, portal.password, code=portal.code(), session=portal.browser)
    stranger = portal.gate.sign_in(made_up_person(1), portal.password, code=portal.code(), session=portal.browser)

    assert isinstance(signed_in, SignedIn)
    assert signed_in.session.applicant == portal.applicant
    assert stranger == NotSignedIn(SignInFault.WRONG_CREDENTIALS)


@pytest.mark.journey("C-03")
@pytest.mark.parametrize("typed", ["سارة.٧", " سارة.7 "], ids=["as registered", "with other digits"])
def test_the_user_name_and_the_password_sign_in_as_the_id_does(portal, typed):
    def enter(name, password):
        return portal.gate.sign_in(name, password, code=portal.code(), session=portal.browser)

    signed_in = enter(typed, portal.password)

    assert isinstance(signed_in, SignedIn)
    assert signed_in.session.applicant == portal.applicant
    assert enter(typed, "a wrong password") == enter("somebody.else", portal.password)
    assert enter("somebody.else", portal.password) == NotSignedIn(SignInFault.WRONG_CREDENTIALS)


@pytest.mark.journey("J-03")
@pytest.mark.parametrize("digits", ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"], ids=["ascii", "arabic", "persian"])
def test_the_number_is_entered_in_whatever_digits(portal, digits):
    entered = portal.applicant.reveal().translate(str.maketrans("0123456789", digits))

    assert person_id(entered) == portal.applicant


@pytest.mark.journey("J-03")
def test_a_national_id_and_an_iqama_number_are_distinguished_and_a_typing_error_is_found(portal):
    digits = portal.applicant.reveal()
    slip = digits[:-1] + str((int(digits[-1]) + 1) % 10)

    with pytest.raises(InvalidInput, match="a first digit 1; expected 2"):
        ResidentId(digits)
    with pytest.raises(InvalidInput, match="a wrong check digit") as refused:
        person_id(slip)
    assert slip not in str(refused.value)


@pytest.mark.journey("J-04")
@pytest.mark.journey("C-03")
def test_a_wrong_password_and_an_unknown_id_get_the_same_answer(portal):
    wrong = portal.gate.sign_in(portal.applicant, "another password", code=portal.code(), session=portal.browser)
    unknown = portal.gate.sign_in(made_up_person(1), portal.password, code=portal.code(), session=portal.browser)

    assert wrong == unknown == NotSignedIn(SignInFault.WRONG_CREDENTIALS)
    assert wrong.statement("ar")
    assert portal.password not in f"{wrong!r}{unknown!r}"


@pytest.mark.journey("J-04")
@pytest.mark.rule("SI-01")
def test_repeated_failures_lock_the_id_for_a_while_and_then_the_password_opens_again(portal):
    limit = portal.desk.rulebook["SI-01"]
    for _ in range(limit["failures"]):
        portal.gate.sign_in(portal.applicant, "another password", code=portal.code(), session=portal.browser)
    locked = portal.gate.sign_in(portal.applicant, portal.password, code=portal.code(), session=portal.browser)

    assert locked == NotSignedIn(SignInFault.LOCKED, portal.clock.now() + limit["minutes"] * MINUTE)
    portal.clock.advance(limit["minutes"] * MINUTE)
    assert portal.sign_in().applicant == portal.applicant


@pytest.mark.journey("J-05")
def test_a_visual_code_is_shown_for_a_while_and_each_time_another(portal):
    first, second = (portal.gate.challenge(session=portal.browser) for _ in range(2))

    assert first.expires_at > portal.clock.now()
    assert first.content
    assert first.content != second.content
    assert portal.browser not in str(first.content)


@pytest.mark.journey("J-05")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_code_can_be_seen_and_heard_in_both_languages_by_a_page_without_scripts(portal, language):
    shown = portal.gate.challenge(session=portal.browser).content[language]

    assert shown["image"].startswith("data:image/png;base64,")
    assert shown["audio"].startswith("data:audio/wav;base64,")
    assert shown["prompt"]


@pytest.mark.journey("J-06")
@pytest.mark.journey("C-05")
@pytest.mark.parametrize("typed", ["482739", "٤٨٢٧٣٩", "482 739"])
def test_the_code_is_typed_in_arabic_or_latin_digits(portal, typed):
    assert isinstance(
        portal.gate.sign_in(portal.applicant, portal.password, code=portal.code(typed), session=portal.browser),
        SignedIn,
    )


@pytest.mark.journey("J-06")
@pytest.mark.journey("C-05")
def test_the_code_opens_once_in_time_and_for_this_browser_session_alone(portal):
    def sign_in(code, browser=portal.browser):
        return portal.gate.sign_in(portal.applicant, portal.password, code=code, session=browser)

    code, late, misread = portal.code(), portal.code(), portal.code("482738")

    assert sign_in(misread) == NotSignedIn(SignInFault.CODE_REJECTED)
    assert sign_in(misread.replace("482738", "482739")) == NotSignedIn(SignInFault.CODE_USED)
    assert sign_in("not a code") == NotSignedIn(SignInFault.CODE_REJECTED)
    assert sign_in(code, "browser-2") == NotSignedIn(SignInFault.CODE_REJECTED)
    assert isinstance(sign_in(code), SignedIn)
    assert sign_in(code) == NotSignedIn(SignInFault.CODE_USED)
    portal.clock.advance(60 * MINUTE)
    assert sign_in(late) == NotSignedIn(SignInFault.CODE_EXPIRED)


@pytest.mark.journey("J-07")
@pytest.mark.rule("SI-02")
def test_the_home_page_is_open_until_the_session_ends_and_a_draft_survives_it(portal):
    session = portal.sign_in()
    portal.clock.move_to(session.ends_at - MINUTE)
    assert portal.gate.resume(session) == SignedIn(session)
    (slot,) = portal.desk.find_slots(service="licence-renewal", governorate="riyadh", limit=1)
    draft = portal.desk.hold(slot, applicant=session.applicant, request_id=portal.request())
    assert isinstance(draft, Held)

    portal.clock.move_to(session.ends_at)
    ended = portal.gate.resume(session)

    assert isinstance(ended, Refused)
    assert [verdict.rule_id for verdict in ended.verdicts] == ["SI-02"]
    again = portal.sign_in()
    assert portal.desk.appointments(again.applicant).held == (draft.appointment,)


@pytest.mark.journey("C-04")
def test_the_errors_of_an_entry_are_reported_field_by_field_and_nothing_is_lost(portal):
    mine = portal.book(portal.desk.find_slots(service="licence-renewal", governorate="riyadh")[0].key).appointment
    wrong = {
        "person id": lambda: person_id("12345"),
        "appointment number": lambda: portal.desk.appointment("12-34", by=portal.applicant),
        "request id": lambda: portal.desk.cancel(mine.number, by=portal.applicant, request_id=""),
        "agreed": lambda: portal.desk.book(mine, applicant=portal.applicant, agreed="yes", request_id="r"),
    }
    for field, enter in wrong.items():
        with pytest.raises(InvalidInput) as refused:
            enter()
        assert refused.value.field == field
        assert refused.value.got
        assert refused.value.expected

    assert portal.desk.appointments(portal.applicant).upcoming == (mine,)
