"""The refusals: what an applicant reads of each broken rule, in both languages."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve as copy_with
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.bookings import ME
from tests.cases import CATALOGUE, DAY, MINUTE, OPENING, appointment, booking_case, hold, verdict_of
from tests.small_town import START, small_rulebook
from traffic_booking import AppointmentState, InvalidInput, Refused, shipped_rulebooks
from traffic_booking.domain.calendars.day import instant_text
from traffic_booking.domain.rules.cases import AppointmentCase
from traffic_booking.domain.rules.rule import Rule, Status
from traffic_booking.domain.rules.rulebook import DEFINITIONS
from traffic_booking.domain.rules.verdict import BROKEN, NOT_ASSERTED, broken

SHIPPED = shipped_rulebooks().versions[-1]
INSTANT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
LANGUAGES: tuple[Any, Any] = ("ar", "en")

observations = st.one_of(
    st.none(),
    st.integers(0, 200),
    st.just(INSTANT),
    st.sampled_from([*AppointmentState]).map(str),
    st.sampled_from(
        ["citizen, resident", NOT_ASSERTED, "0015-VMMZ-NPQX", "medical-check, insurance-valid", "transfer"]
    ),
)


@st.composite
def rules(draw):
    """A rule with any figures within their bounds, small ones more often than not."""
    definition = draw(st.sampled_from(DEFINITIONS))
    figures = {
        each.name: draw(st.integers(each.least, each.least + 3) | st.integers(each.least, each.greatest))
        for each in definition.parameters
    }
    return Rule(
        definition=definition, figures=figures, status=Status.UNOFFICIAL, source="A test.", in_force_from=START.date()
    )


def check_reads_well(text, language):
    assert not re.search(r"[{}\[\]|]|None|  | [.,،؛:]|\(\)|[:،,]\.", text), text
    assert text.endswith((".", "»."))
    assert text[0] not in " ،,."
    assert bool(re.search("[\u0600-\u06ff]", text)) is (language == "ar")


@given(
    rule=rules(),
    observed=observations,
    limit=observations,
    first=st.none() | st.timedeltas(0 * DAY, 366 * DAY).map(lambda later: INSTANT + later),
)
def test_a_refusal_reads_well_whatever_is_known(rule, observed, limit, first):
    assume(not rule.is_off)
    verdict = rule.verdict_of(broken(observed, limit, first))

    for language in LANGUAGES:
        check_reads_well(verdict.message(language), language)
        check_reads_well(rule.verdict_of(BROKEN).message(language), language)
        assert verdict.message(language) != verdict.statement(language)


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda one: one.id)
def test_a_rule_has_a_condition_and_a_refusal_in_both_languages(definition):
    rule = SHIPPED[definition.id]

    conditions = ("أن ", "ألا ", "إذا ", "لا يحق ", "تنتهي ")
    assert rule.statement("ar").startswith(conditions)
    for language in LANGUAGES:
        refused = rule.verdict_of(BROKEN).message(language)
        assert refused != rule.statement(language)
        assert not refused.startswith(conditions[:2])
        assert len(re.findall(r"[.»](?: |$)", refused)) >= 2, "what is wrong, and what to do next"


def test_an_appointment_for_the_same_service_is_to_be_cancelled_moved_or_waited_for():
    one = appointment(1, starts_at=OPENING + DAY)
    verdict = verdict_of("BK-07", booking_case(others=(one,)), appointments=1)

    until = instant_text(one.slot_ends_at, "en")
    assert verdict.message("en") == (
        "You already have an appointment for this service. Cancel or move it, or book after it ends, on " + until + "."
    )
    assert verdict.message("ar") == (
        "لديك موعد قائم لهذه الخدمة. ألغِه أو انقله، أو احجز بعد انتهائه في "
        + instant_text(one.slot_ends_at, "ar")
        + "."
    )
    two = verdict_of("BK-07", booking_case(others=(one, appointment(2, starts_at=OPENING + 2 * DAY))), appointments=2)
    assert "لا يُسمح بأكثر من موعدين. ألغِ أحدها أو انقله" in two.message("ar")
    assert "You have reached the limit of 2 appointments for this service." in two.message("en")


def test_a_full_slot_is_no_longer_free():
    verdict = verdict_of("BK-05", booking_case(seats_taken=2))

    assert verdict.message("ar") == "هذا الوقت لم يعد متاحًا. اختر وقتًا آخر."
    assert verdict.message("en") == "This time is no longer free. Choose another one."


def test_states_and_kinds_are_named_in_words():
    cancelled = verdict_of("CN-02", AppointmentCase(ME, appointment(state=AppointmentState.CANCELLED)))
    foreign = booking_case(service=CATALOGUE.conditions_of("foreign"))

    assert "فحالته: ملغى." in cancelled.message("ar")
    assert "its state is “cancelled”" in cancelled.message("en")
    assert "(مواطن)، وهي متاحة لفئة: مقيم." in verdict_of("BK-10", foreign).message("ar")


def test_the_missing_conditions_are_named():
    needs = copy_with(CATALOGUE.conditions_of("renewal"), prerequisites=("insurance-valid", "medical-check", "other"))
    verdict = small_rulebook()["EL-03"].verdict_of(broken("insurance-valid", ", ".join(needs.prerequisites)))

    assert "وهي: الفحص الطبي، \u2066other\u2069." in verdict.message("ar")
    assert ": medical check, other." in verdict.message("en")
    unchecked = verdict_of("EL-03", booking_case(service=needs))
    assert ": valid insurance, medical check, other." in unchecked.message("en")


def test_what_was_not_checked_is_not_called_too_young_or_too_early():
    unchecked = booking_case(
        service=copy_with(CATALOGUE.conditions_of("renewal"), minimum_age_years=18, window_days_before_expiry=9)
    )

    assert "has not been checked" in verdict_of("EL-01", unchecked).message("en")
    assert "18 years" in verdict_of("EL-01", unchecked).message("en")
    assert "لم يُتحقق من تاريخ انتهاء وثيقتك" in verdict_of("EL-02", unchecked).message("ar")


def test_an_instant_is_shown_with_its_weekday_both_dates_and_the_time_in_riyadh():
    english = "Monday, 23 November 2026 – 13 Jumada al-Akhirah 1448 AH, at 09:30 (Saudi time)"
    arabic = "يوم الاثنين، 13 جمادى الآخرة 1448 هـ – 23 نوفمبر 2026 م، الساعة \u206609:30\u2069 (توقيت السعودية)"
    assert (instant_text(INSTANT, "en"), instant_text(INSTANT, "ar")) == (english, arabic)
    assert instant_text(INSTANT, "en", time_zone="UTC").endswith("at 06:30 (UTC)")


@pytest.mark.parametrize(("seconds", "minute"), [(0, "09:30"), (1, "09:31"), (59, "09:31")])
def test_nobody_is_told_to_come_back_before_they_may(seconds, minute):
    first = INSTANT.replace(second=seconds)

    assert minute in small_rulebook()["HD-01"].verdict_of(broken(2, 2, first)).message("en")


def test_a_rule_that_is_not_broken_shows_its_sentence():
    verdict = verdict_of("BK-05", booking_case())

    assert verdict.message("ar") == verdict.statement("ar")


@pytest.mark.parametrize("language", ["fr", "AR", "", None, 3, b"ar"])
def test_an_unknown_language_is_refused(language):
    verdict = verdict_of("BK-05", booking_case(seats_taken=2))

    for text in (verdict.message, verdict.statement, Refused((verdict,)).message):
        with pytest.raises(InvalidInput, match=r"^language: got .*; expected ar or en"):
            text(language)


def test_a_refusal_has_the_messages_of_all_broken_rules():
    others = (appointment(1), hold(2, starts_at=OPENING + 90 * MINUTE))
    refused = Refused(tuple(verdict_of(rule_id, booking_case(others=others)) for rule_id in ("BK-07", "BK-09")))

    assert refused.message("en").splitlines() == [verdict.message("en") for verdict in refused.verdicts]


@pytest.mark.parametrize("language", ["fr", "AR", None, 7])
def test_an_unknown_language_is_an_error_without_a_broken_rule_too(language):
    with pytest.raises(InvalidInput):
        Refused(()).message(language)
