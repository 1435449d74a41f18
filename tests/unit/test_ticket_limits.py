"""The parts of a ticket beyond the appointment: its limits, the name, the link to a map, lists for the applicant."""

import sys
from datetime import timedelta

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.small_town import START
from traffic_booking import (
    Bilingual,
    BookingDesk,
    InvalidInput,
    TicketCode,
    TicketLimits,
    shipped_catalogue,
    to_json,
)
from traffic_booking.adapters.tickets import HtmlTicket, TextTicket
from traffic_booking.adapters.tickets.content import contents_of
from traffic_booking.domain.appointments.tickets import LONGEST_PRINTED_NAME, printed_name, ticket_languages
from traffic_booking.domain.decisions.cancelling import ticket_limits
from traffic_booking.domain.places.services import Condition, Holder
from traffic_booking.testing import MovableClock, made_up_person
from traffic_booking.testing.kit.ticket_suite import sample_ticket

APPLICANT = made_up_person(20261122)
NAME = "سارة <b>بنت</b> عبدالله"


@pytest.fixture
def clock():
    return MovableClock(START)


@pytest.fixture
def desk(clock):
    with BookingDesk.open("memory://", clock=clock) as desk:
        yield desk


def book(desk, which=-1):
    slot = desk.find_slots(service="licence-renewal", branch="riyadh-traffic", limit=500)[which]
    return desk.book(slot, applicant=APPLICANT, agreed=True, request_id="book").appointment


def limits(desk, appointment) -> TicketLimits:
    return ticket_limits(desk._office.configuration.latest_known, appointment, desk.clock.now())


def test_the_time_for_cancelling_is_that_of_may_cancel(desk):
    appointment = book(desk)
    assert limits(desk, appointment).cancel_until == desk.may_cancel(appointment.number, by=APPLICANT).until


def test_the_terms_carry_the_figures_of_the_rulebook(desk):
    appointment = book(desk)
    found, at = limits(desk, appointment), desk.rulebook.rule
    late = at("CD-01", appointment.slot)
    assert (found.late_minutes, found.late_block_days) == (late["minutes"], late["days"])
    opens, closes = (timedelta(minutes=at(rule, appointment.slot)["minutes"]) for rule in ("AT-03", "AT-04"))
    assert found.check_in_from == appointment.slot.starts_at - opens
    assert found.check_in_until == appointment.slot.starts_at + closes


def test_the_terms_are_the_same_at_any_time_after_the_booking(desk, clock):
    appointment = book(desk)
    before = limits(desk, appointment)
    clock.move_to(appointment.slot.starts_at + timedelta(days=1))
    assert limits(desk, appointment) == before


def test_a_cancellation_that_can_only_come_in_the_grace_after_the_booking_costs_nothing(desk, clock):
    appointment = book(desk)
    clock.move_to(appointment.slot.starts_at - timedelta(hours=1))
    late = copy_with(appointment, changed_at=clock.now())
    grace = timedelta(minutes=desk.rulebook.rule("CN-05", late.slot)["minutes"])
    found = limits(desk, late)
    assert found.cancel_until == late.changed_at + grace
    assert (found.late_minutes, found.late_block_days) == (0, 0)
    moved = limits(desk, copy_with(late, moves=1))  # the grace after a move spares nobody
    assert moved.cancel_until == found.cancel_until
    assert moved.late_minutes > 0


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_ticket_states_until_when_it_may_be_cancelled_and_what_a_late_cancellation_costs(language, desk):
    appointment = book(desk)
    text = " ".join(str(desk.ticket(appointment.number, by=APPLICANT, language=language)).split())
    cancel_until = limits(desk, appointment).cancel_until
    assert cancel_until is not None
    until = cancel_until.astimezone(appointment.starts_at.tzinfo)
    assert f"{until:%H:%M}" in text
    assert {"ar": "24 ساعة", "en": "24 hours"}[language] in text
    free = sample_ticket()
    free = copy_with(free, limits=TicketLimits(cancel_until=free.appointment.slot.starts_at))
    costless = contents_of(free, language)[0].cancelling
    assert costless is not None
    assert {"ar": "لا يترتب", "en": "does not bar"}[language] in costless.paragraphs[1]


def test_after_the_check_in_and_the_cancellation_nothing_is_said_of_cancelling(desk):
    appointment = book(desk)
    desk.cancel(appointment.number, by=APPLICANT, request_id="cancel")
    assert "Cancelling" not in str(desk.ticket(appointment.number, by=APPLICANT, language="en"))


@pytest.mark.parametrize("form", ["text", "html"])
def test_the_printed_name_is_on_the_ticket_and_nowhere_else(form, desk):
    number = book(desk).number
    page = str(desk.ticket(number, by=APPLICANT, form=form, printed_name=NAME))
    assert ("&lt;b&gt;" if form == "html" else "<b>") in page
    assert "عبدالله" in page
    assert "عبدالله" not in str(desk.ticket(number, by=APPLICANT, form=form))
    assert NAME not in repr(desk.store.__dict__)


def test_the_printed_name_is_not_in_the_repr_and_errors_omit_it():
    ticket = copy_with(sample_ticket(), printed_name=NAME)
    assert "عبدالله" not in repr(ticket)
    with pytest.raises(
        InvalidInput, match=f"printed_name: got 501 characters; expected at most {LONGEST_PRINTED_NAME}"
    ):
        printed_name("x" * 501)
    with pytest.raises(InvalidInput, match="printed_name: got int"):
        printed_name(7)


@given(st.text(max_size=LONGEST_PRINTED_NAME))
def test_any_name_becomes_visible_text_and_stays_it(text):
    try:
        name = printed_name(text)
    except InvalidInput:
        return  # longer in NFC
    assert name.isprintable()
    assert printed_name(name) == name


HOSTILE = st.text(
    st.sampled_from("\u202e\u202d\u2066\u2067\u2069\u200f\u061c\n\r\t\0<>&'\"=;,\\اأب٣ WwX0😀\u200d-"),
    max_size=LONGEST_PRINTED_NAME,
)


@given(HOSTILE, st.sampled_from(["ar", "en", "both"]))
def test_hostile_names_come_out_safe_in_text_and_html(name, language):
    ticket = copy_with(sample_ticket(), printed_name=name)
    text, page = str(TextTicket().render(ticket, language)), str(HtmlTicket().render(ticket, language))
    for shown in (text, page):
        assert not set("\u202a\u202b\u202c\u202d\u202e\0") & set(shown)
    for line in text.splitlines():
        opened = 0
        for mark in line:
            opened += (mark in "\u2066\u2067\u2068") - (mark == "\u2069")
            assert opened >= 0
        assert opened == 0
    plain = str(
        HtmlTicket().render(copy_with(sample_ticket(), printed_name="x" if ticket.printed_name else ""), language)
    )
    assert page.count("<") == plain.count("<")
    assert page.count('"') == plain.count('"')


def test_a_branch_shows_its_address_and_leads_to_a_map():
    ticket = sample_ticket()
    at = ticket.branch.location
    address = Bilingual("شارع النخيل", "Palm Street")
    page = str(HtmlTicket().render(copy_with(ticket, branch=copy_with(ticket.branch, address=address)), "both"))
    assert "شارع النخيل" in page
    assert "Palm Street" in page
    assert ticket.map_link == f"https://www.openstreetmap.org/?mlat={at.latitude:.5f}&mlon={at.longitude:.5f}"
    assert f'href="{ticket.map_link.replace("&", "&amp;")}" rel="noreferrer"' in page
    assert "Palm Street" not in str(TextTicket().render(ticket, "en"))


def test_the_time_to_arrive_by_is_earlier_than_the_start_if_the_instructions_ask_for_that():
    ticket = sample_ticket()
    assert ticket.arrive_by == ticket.appointment.slot.starts_at
    asked = copy_with(ticket.service.instructions, arrive_before_minutes=10)
    early = copy_with(ticket, service=copy_with(ticket.service, instructions=asked))
    assert early.arrive_by == ticket.appointment.slot.starts_at - timedelta(minutes=10)
    assert f"{early.appointment.starts_at - timedelta(minutes=10):%H:%M}" in str(TextTicket().render(early, "en"))
    with pytest.raises(InvalidInput, match="arrive_before_minutes"):
        copy_with(ticket.service.instructions, arrive_before_minutes=241)


def test_conditions_are_those_for_the_applicants_kind_of_id():
    text = Bilingual("سريان الإقامة", "The iqama is valid")
    ticket = sample_ticket()
    eligibility = copy_with(
        ticket.service.eligibility, conditions=(Condition("iqama", text, holders=frozenset({Holder.RESIDENT})),)
    )
    service = copy_with(ticket.service, eligibility=eligibility)
    assert [each.id for each in service.conditions_for(Holder.RESIDENT)] == ["iqama"]
    assert service.conditions_for(Holder.CITIZEN) == ()
    with pytest.raises(InvalidInput, match="holders: got some of them"):
        Condition("iqama", text, asserted=True, holders=frozenset({Holder.RESIDENT}))


def test_only_a_resident_reads_that_the_iqama_has_to_be_valid():
    service = shipped_catalogue().service("licence-issue")
    citizen, resident = (
        {each.id for each in service.conditions_for(holder)} for holder in (Holder.CITIZEN, Holder.RESIDENT)
    )
    assert resident - citizen == {"valid-iqama"}
    assert citizen <= resident


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("form", [TextTicket(), HtmlTicket()])
def test_an_unsigned_code_is_marked_as_one(form, signed):
    ticket = copy_with(sample_ticket(), code=TicketCode("ANY", signed=signed))
    text = str(form.render(ticket, "en"))
    assert ("Unsigned code" in text) is not signed
    assert ("Signed code" in text) is signed


def test_a_page_without_segno_has_the_number_and_no_picture(monkeypatch):
    ticket = sample_ticket()
    assert "<svg" in str(HtmlTicket().render(ticket, "ar"))
    monkeypatch.setitem(sys.modules, "segno", None)
    page = str(HtmlTicket().render(ticket, "ar"))
    assert "<svg" not in page
    assert ticket.appointment.number in page


def test_both_languages_are_on_one_ticket_arabic_first():
    ticket = sample_ticket()
    assert ticket_languages("both") == ("ar", "en")
    for form in (TextTicket(), HtmlTicket()):
        text = str(form.render(ticket, "both"))
        assert text.index("تذكرة موعد المرور") < text.index("Traffic appointment ticket")
    arabic, english = contents_of(ticket, "both")
    for one, other in zip(arabic, english, strict=True):
        if isinstance(one, tuple) and not hasattr(one, "_fields"):
            assert isinstance(other, tuple)
            assert len(one) == len(other)


def test_a_ticket_as_json_has_its_code_and_terms_and_a_masked_id():
    form = to_json(copy_with(sample_ticket(), limits=TicketLimits(late_minutes=60, late_block_days=2)))
    assert form["code"]["signed"] is False
    assert form["limits"]["late_block_days"] == 2
