"""The conformance suite of the ticket port."""

from typing import ClassVar, Final, get_args

import pytest
from attrs import evolve as copy_with

from traffic_booking.domain.appointments.appointment import AppointmentState
from traffic_booking.domain.appointments.tickets import Ticket
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.people.applicants import ERASED
from traffic_booking.domain.places.geography import Branch, Coordinates, Governorate
from traffic_booking.domain.places.services import Eligibility, Holder, Instructions, RequiredDocument, Service
from traffic_booking.ports.tickets import TicketRenderer
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.racing import RACERS, race
from traffic_booking.testing.sample_changes import ME, booked, id_of, slot
from traffic_booking.testing.suite import Suite

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
HOSTILE: Final = "</p><script>alert(1)</script>\"'&"
BIDIRECTIONAL: Final = "\u202a\u202b\u202c\u202d\u202e"
_CENTRE: Final = Coordinates(24.7, 46.7)


def sample_ticket(
    state: AppointmentState = AppointmentState.BOOKED, *, named: str = "", erased: bool = False
) -> Ticket:
    """The ticket of an appointment in that state; `named` stands at the end of every name.

    If `erased`, the applicant's id no longer exists.
    """

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
            id="north",
            code="001",
            governorate="town",
            name=name("فرع الشمال", "North"),
            location=_CENTRE,
            timetable="t",
        ),
        governorate=Governorate(id="town", region="SA-01", name=name("المدينة", "Town"), seat=_CENTRE),
        documents=(RequiredDocument("identity-document", name("الهوية", "Identity card"), frozenset(Holder)),),
    )


class TicketConformance(Suite):
    """Every case of the ticket port. A subclass gives the fixture `renderer` and states its level.

    It also sets `active`: what of `HOSTILE` must never stand in a rendered ticket as it is, such as `("<script>",)` of
    HTML and nothing of plain text; and overrides `seen` where the form is not its own text.
    """

    port: ClassVar[str] = "tickets"
    yours: ClassVar[frozenset[str]] = frozenset({"renderer", "active", "seen"})
    promises: ClassVar[frozenset[Capability]] = frozenset()
    active: ClassVar[tuple[str, ...]]

    @pytest.fixture
    def renderer(self) -> TicketRenderer:
        """The renderer under test; a subclass gives it."""
        raise NotImplementedError("a subclass of TicketConformance gives the fixture renderer")

    def seen(self, rendered: str) -> str:
        """The text that somebody reads on the rendered ticket."""
        return rendered

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_ticket_says_which_appointment_where_when_and_for_what(
        self, renderer: TicketRenderer, language: Language
    ) -> None:
        ticket = sample_ticket()
        text = self.seen(renderer.render(ticket, language))
        names = (ticket.service.name, ticket.branch.name, ticket.governorate.name)
        words = [word for name in names for word in name(language).split()]
        starts_at = ticket.appointment.starts_at
        for part in (ticket.appointment.number, f"{starts_at:%H:%M}", *words):
            assert part in text

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_ticket_has_the_day_in_both_calendars(self, renderer: TicketRenderer, language: Language) -> None:
        text = self.seen(renderer.render(sample_ticket(), language))
        day = sample_ticket().appointment.day
        for written in (day.hijri_text(language), day.gregorian_text(language)):
            assert all(word in text for word in written.split())

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_ticket_masks_the_id(self, renderer: TicketRenderer, language: Language) -> None:
        rendered = renderer.render(sample_ticket(), language)
        digits = id_of(ME).reveal()
        assert digits not in rendered
        assert digits[:-4] not in rendered
        assert digits[-4:] in self.seen(rendered)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_ticket_of_a_person_who_was_erased_states_that(
        self, renderer: TicketRenderer, language: Language
    ) -> None:
        rendered = renderer.render(sample_ticket(erased=True), language)
        assert ERASED(language) in self.seen(rendered)

    @pytest.mark.parametrize("state", AppointmentState)
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_ticket_says_in_which_state_the_appointment_is(
        self, renderer: TicketRenderer, language: Language, state: AppointmentState
    ) -> None:
        text = self.seen(renderer.render(sample_ticket(state), language)).casefold()
        assert all(word in text for word in state.label(language).casefold().split())

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_what_is_active_in_the_form_is_escaped(self, renderer: TicketRenderer, language: Language) -> None:
        rendered = renderer.render(sample_ticket(named=HOSTILE), language)
        assert not any(markup in rendered for markup in self.active)
        assert HOSTILE in self.seen(rendered)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_no_control_of_direction_stays_open(self, renderer: TicketRenderer, language: Language) -> None:
        """What runs the other way is isolated, each isolate closed; embeddings and overrides are never used."""
        rendered = renderer.render(sample_ticket(named="Latin و عربي"), language)
        assert not any(mark in rendered for mark in BIDIRECTIONAL)
        for line in rendered.splitlines():
            assert sum(line.count(mark) for mark in "\u2066\u2067\u2068") == line.count("\u2069")

    def test_the_same_ticket_is_rendered_the_same(self, renderer: TicketRenderer) -> None:
        rendered = race(lambda place: renderer.render(sample_ticket(), LANGUAGES[place % 2]))
        assert rendered[2:] == rendered[:2] * (RACERS // 2 - 1)

    def test_the_languages_differ(self, renderer: TicketRenderer) -> None:
        arabic, english = (self.seen(renderer.render(sample_ticket(), language)) for language in LANGUAGES)
        assert arabic != english
