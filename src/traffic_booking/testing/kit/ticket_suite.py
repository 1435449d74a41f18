"""The conformance suite of the ticket port."""

from typing import ClassVar, Final, get_args

import pytest
from attrs import evolve as copy_with

from traffic_booking.domain.appointments.documents import Document
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.appointments.tickets import Ticket
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.people.applicants import ERASED
from traffic_booking.domain.places.geography import Branch, Governorate
from traffic_booking.domain.places.services import Eligibility, Holder, Instructions, RequiredDocument, Service
from traffic_booking.ports.tickets import TicketRenderer
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.kit.suite import Suite
from traffic_booking.testing.racing import RACERS, race
from traffic_booking.testing.samples.appointments import ME, booked, id_of, slot
from traffic_booking.testing.samples.desk import CENTRE

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
EACH_LANGUAGE: Final = pytest.mark.parametrize("language", LANGUAGES)
HOSTILE: Final = "</p><script>alert(1)</script>\"'&"
BIDIRECTIONAL: Final = "\u202a\u202b\u202c\u202d\u202e"


def sample_ticket(
    state: AppointmentState = AppointmentState.BOOKED, *, named: str = "", erased: bool = False
) -> Ticket:
    """The ticket of an appointment in that state; every name ends in `named`; if `erased`, there is no id."""

    def name(arabic: str, english: str) -> Bilingual:
        return Bilingual(f"{arabic} {named}", f"{english} {named}")

    appointment, _ = booked(7, ME, slot(2))
    version = 1 if state in {AppointmentState.HELD, AppointmentState.BOOKED} else 2
    return Ticket(
        appointment=copy_with(appointment, state=state, version=version),
        person=None if erased else id_of(ME),
        service=Service(
            id="renewal",
            group="traffic-services",
            name=name("تجديد رخصة", "Licence renewal"),
            duration_minutes=15,
            eligibility=Eligibility(holders=frozenset(Holder)),
            instructions=Instructions("2026-11-01", name("احضر قبل الموعد", "Come in time")),
        ),
        branch=Branch(
            id="north", code="001", governorate="town", name=name("فرع الشمال", "North"), location=CENTRE, timetable="t"
        ),
        governorate=Governorate(id="town", region="SA-01", name=name("المدينة", "Town"), seat=CENTRE),
        documents=(RequiredDocument("identity-document", name("الهوية", "Identity card"), frozenset(Holder)),),
    )


class TicketConformance(Suite):
    """Every case of the ticket port. A subclass overrides the fixture `renderer` and states its level.

    It also sets `active`: the parts of `HOSTILE` that a rendered ticket must never contain unescaped, such as
    `("<script>",)` of HTML and nothing of plain text. It overrides `seen` if the form is not its own text.
    """

    port: ClassVar[str] = "tickets"
    yours: ClassVar[frozenset[str]] = frozenset({"renderer", "active", "seen"})
    promises: ClassVar[frozenset[Capability]] = frozenset()
    active: ClassVar[tuple[str, ...]]

    @pytest.fixture
    def renderer(self) -> TicketRenderer:
        """The renderer under test; a subclass overrides it."""
        raise NotImplementedError("a subclass of TicketConformance overrides the fixture renderer")

    def seen(self, rendered: Document) -> str:
        """The text that a person reads on the rendered ticket."""
        return str(rendered)

    @EACH_LANGUAGE
    def test_a_ticket_is_a_document_whose_file_name_has_the_number(
        self, renderer: TicketRenderer, language: Language
    ) -> None:
        ticket = sample_ticket()
        rendered = renderer.render(ticket, language)
        assert isinstance(rendered, Document)
        assert ticket.appointment.number in rendered.file_name

    @EACH_LANGUAGE
    def test_a_ticket_has_its_number_names_time_and_day_in_both_calendars(
        self, renderer: TicketRenderer, language: Language
    ) -> None:
        ticket = sample_ticket()
        text, day = self.seen(renderer.render(ticket, language)), ticket.appointment.day
        names = [each(language) for each in (ticket.service.name, ticket.branch.name, ticket.governorate.name)]
        dates = [day.hijri_text(language), day.gregorian_text(language)]
        parts = " ".join([*names, *dates, ticket.appointment.number, f"{ticket.appointment.starts_at:%H:%M}"])
        assert [part for part in parts.split() if part not in text] == []

    @EACH_LANGUAGE
    def test_a_ticket_masks_the_id(self, renderer: TicketRenderer, language: Language) -> None:
        rendered = renderer.render(sample_ticket(), language)
        digits = id_of(ME).reveal()
        assert digits[:-4].encode() not in rendered.content
        assert digits[:-4] not in self.seen(rendered)
        assert digits[-4:] in self.seen(rendered)

    @EACH_LANGUAGE
    def test_a_ticket_of_a_person_who_was_erased_states_that(
        self, renderer: TicketRenderer, language: Language
    ) -> None:
        rendered = renderer.render(sample_ticket(erased=True), language)
        assert ERASED(language) in self.seen(rendered)

    @pytest.mark.parametrize("state", AppointmentState)
    @EACH_LANGUAGE
    def test_a_ticket_has_the_state_of_the_appointment(
        self, renderer: TicketRenderer, language: Language, state: AppointmentState
    ) -> None:
        text = self.seen(renderer.render(sample_ticket(state), language)).casefold()
        assert all(word in text for word in state.label(language).casefold().split())

    @EACH_LANGUAGE
    def test_active_parts_of_a_name_are_escaped(self, renderer: TicketRenderer, language: Language) -> None:
        rendered = renderer.render(sample_ticket(named=HOSTILE), language)
        assert not any(markup.encode() in rendered.content for markup in self.active)
        assert HOSTILE in self.seen(rendered)

    @EACH_LANGUAGE
    def test_no_control_of_direction_stays_open(self, renderer: TicketRenderer, language: Language) -> None:
        """Text in the other direction is isolated, each isolate closed; embeddings and overrides are never used."""
        rendered = renderer.render(sample_ticket(named="Latin و عربي"), language)
        text = self.seen(rendered)
        written = str(rendered) if rendered.textual else text
        assert not any(mark in written for mark in BIDIRECTIONAL)
        for line in text.splitlines():
            assert sum(line.count(mark) for mark in "\u2066\u2067\u2068") == line.count("\u2069")

    def test_the_same_ticket_is_rendered_the_same_and_the_languages_differ(self, renderer: TicketRenderer) -> None:
        rendered = race(lambda place: renderer.render(sample_ticket(), LANGUAGES[place % 2]))
        assert rendered == rendered[:2] * (RACERS // 2)
        assert self.seen(rendered[0]) != self.seen(rendered[1])
