"""Tickets as text and HTML: the same content, escaped and isolated, the id masked."""

import re
from html.parser import HTMLParser

import pytest
from attrs import evolve as copy_with

from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import (
    AppointmentState,
    Bilingual,
    Booked,
    BookingDesk,
    Cancelled,
    CheckedIn,
    Clerk,
    DeskParts,
    InvalidInput,
    Language,
    Ticket,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.tickets import HtmlTicket, TextTicket
from traffic_booking.adapters.tickets.printable import cells, isolated, lines_of
from traffic_booking.domain.appointments.tickets import ticket_of
from traffic_booking.testing import MovableClock, made_up_person

FORMS = (TextTicket(), HtmlTicket())
LANGUAGES: tuple[Language, Language] = ("ar", "en")
APPLICANT = made_up_person(20261122)
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Reads a page: its text, the tags that never close, and its attributes."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.faults, self.tags, self.attributes, self.text = [], [], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)


@pytest.fixture
def clock():
    return MovableClock(START)


@pytest.fixture
def desk(clock):
    catalogue = small_catalogue()
    branches = (copy_with(catalogue.branches[0], synthetic=True), *catalogue.branches[1:])
    catalogue = copy_with(catalogue, branches=branches)
    return BookingDesk(
        DeskParts(store=MemoryStore(), clock=clock, catalogue=catalogue, rulebook=small_rulebook("2026.7"))
    )


@pytest.fixture
def booked(desk):
    slot = desk.find_slots(service="renewal", branch="north", limit=30)[-1]
    outcome = desk.book(slot, applicant=APPLICANT, agreed=True, request_id="book")
    assert isinstance(outcome, Booked)
    return outcome.appointment


@pytest.fixture
def ticket(desk, booked):
    return ticket_of(desk.catalogue, booked, APPLICANT)


def shown(form, ticket: Ticket, language) -> str:
    """The text of the ticket that a reader sees, without direction marks and line breaks."""
    text = str(form.render(ticket, language))
    if isinstance(form, HtmlTicket):
        text = " ".join(Page(text).text)
    return " ".join(re.sub("[\u2066-\u2069]", "", text).split())


def forged(ar: str, en: str) -> Bilingual:
    """A text that the catalogue would refuse."""
    text = Bilingual("x", "x")
    object.__setattr__(text, "ar", ar)
    object.__setattr__(text, "en", en)
    return text


@pytest.mark.journey("J-17")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS)
def test_a_ticket_shows_everything_that_the_visit_needs(form, language, ticket, booked):
    text = shown(form, ticket, language)
    day = booked.day
    for value in (
        booked.number,
        str(APPLICANT),
        ticket.service.name(language),
        ticket.branch.name(language),
        ticket.governorate.name(language),
        day.weekday(language),
        day.hijri_text(language),
        day.gregorian_text(language),
        f"{booked.starts_at:%H:%M}",
        f"{booked.ends_at:%H:%M}",
        {"ar": "توقيت السعودية", "en": "Asia/Riyadh (UTC+03:00)"}[language],
        ticket.documents[0].name(language),
        ticket.service.instructions.text(language),
        "2026-11-01",
        "2026.7",
    ):
        assert value in text


@pytest.mark.parametrize(
    ("headquarters", "label", "other"), [(True, "المدينة", "المحافظة"), (False, "المحافظة", "المدينة")]
)
def test_the_headquarters_of_a_region_is_a_city_and_no_governorate(headquarters, label, other, ticket):
    place = copy_with(ticket.governorate, headquarters=headquarters)
    text = shown(TextTicket(), copy_with(ticket, governorate=place), "ar")
    assert label in text
    assert other not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS)
def test_a_ticket_masks_the_applicants_id(form, language, ticket):
    page = str(form.render(ticket, language))
    assert APPLICANT.reveal() not in page
    assert APPLICANT.reveal()[:6] not in page


@pytest.mark.parametrize("form", FORMS)
def test_a_ticket_in_an_unknown_language_is_misuse(form, ticket):
    with pytest.raises(InvalidInput, match="language: got 'fr'; expected ar, en or both"):
        form.render(ticket, "fr")
    with pytest.raises(InvalidInput, match="language: got 'fr'; expected ar or en"):
        ticket.masked_id("fr")


@pytest.mark.parametrize("form", FORMS)
def test_the_hijri_date_comes_first_in_arabic_and_second_in_english(form, ticket, booked):
    arabic, english = shown(form, ticket, "ar"), shown(form, ticket, "en")
    day = booked.day
    assert arabic.index(day.hijri_text("ar")) < arabic.index(day.gregorian_text("ar"))
    assert english.index(day.gregorian_text("en")) < english.index(day.hijri_text("en"))


@pytest.mark.parametrize("form", FORMS)
def test_a_ticket_marks_its_branch_as_synthetic_only_if_it_is(form, ticket):
    assert "synthetic" in shown(form, ticket, "en")
    assert "تجريبي" in shown(form, ticket, "ar")
    real = copy_with(ticket, branch=copy_with(ticket.branch, synthetic=False))
    assert "synthetic" not in shown(form, real, "en")
    assert "تجريبي" not in shown(form, real, "ar")


@pytest.mark.journey("C-10")
@pytest.mark.parametrize("form", FORMS)
def test_the_ticket_of_a_cancelled_appointment_is_the_proof_of_its_cancellation(form, desk, booked):
    outcome = desk.cancel(booked.number, by=APPLICANT, request_id="cancel")
    assert isinstance(outcome, Cancelled)
    ticket = ticket_of(desk.catalogue, outcome.appointment, APPLICANT)
    assert "Proof of cancellation" in shown(form, ticket, "en")
    assert "إثبات إلغاء" in shown(form, ticket, "ar")
    assert "ticket" not in shown(form, ticket, "en")
    assert "Documents to bring" not in shown(form, ticket, "en")


@pytest.mark.journey("J-18")
@pytest.mark.parametrize("form", FORMS)
def test_the_ticket_of_an_attended_appointment_shows_it(form, desk, clock, booked):
    clock.move_to(booked.starts_at)
    outcome = desk.gate.check_in(booked.number, by=Clerk("counter"), request_id="in")
    assert isinstance(outcome, CheckedIn)
    ticket = ticket_of(desk.catalogue, outcome.appointment, APPLICANT)
    assert "Checked in" in shown(form, ticket, "en")
    assert "سُجّل الحضور" in shown(form, ticket, "ar")


@pytest.mark.parametrize("state", [AppointmentState.HELD, AppointmentState.EXPIRED])
@pytest.mark.parametrize("form", FORMS)
def test_a_hold_is_never_headed_as_a_ticket(form, state, ticket):
    held = copy_with(ticket, appointment=copy_with(ticket.appointment, state=state, instructions=None))
    assert "not a ticket" in shown(form, held, "en")
    assert "ليس تذكرة" in shown(form, held, "ar")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_html_ticket_is_balanced_and_self_contained(language, ticket):
    text = str(HtmlTicket().render(ticket, language))
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>")
    assert page.open == page.faults == []
    assert {"title", "h1", "h2", "dl", "dt", "dd", "bdi", "main"} <= set(page.tags)
    assert page.tags.count("h1") == page.tags.count("title") == 1
    assert not {"script", "img", "link", "iframe", "object"} & set(page.tags)
    assert "http:" not in text
    assert text.count("https:") == text.count('<a href="https://www.openstreetmap.org/?mlat=') == 1  # followed on a tap
    assert "@media print" in text
    assert "A5" in text
    assert ("lang", language) in page.attributes
    assert ("dir", "rtl" if language == "ar" else "ltr") in page.attributes


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_number_runs_left_to_right_in_html(language, ticket, booked):
    assert f'<bdi dir="ltr">{booked.number}</bdi>' in str(HtmlTicket().render(ticket, language))


def test_foreign_values_are_isolated_in_the_arabic_text(ticket, booked):
    text = str(TextTicket().render(ticket, "ar"))
    assert f"\u2068{booked.number}\u2069" in text
    assert f"\u2068{APPLICANT}\u2069" in text
    opened = [sum(map(line.count, "\u2066\u2067\u2068")) for line in text.splitlines()]
    assert opened == [line.count("\u2069") for line in text.splitlines()]


INJECTIONS = (
    "<script>alert(1)</script>",
    '"onload="alert(1)',
    "'; --",
    "a & b",
    "</dd></dl><h1>Booked</h1>",
    "&lt;b&gt;",
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", INJECTIONS)
def test_markup_in_catalogue_names_comes_out_as_text(text, language, ticket):
    name = Bilingual(text, text)
    hostile = copy_with(
        ticket,
        branch=copy_with(ticket.branch, name=name),
        governorate=copy_with(ticket.governorate, name=name),
        service=copy_with(ticket.service, name=name, instructions=copy_with(ticket.service.instructions, text=name)),
        documents=(copy_with(ticket.documents[0], name=name),),
    )
    plain, page = Page(str(HtmlTicket().render(ticket, language))), Page(str(HtmlTicket().render(hostile, language)))
    assert page.tags == plain.tags
    assert page.attributes == plain.attributes
    assert page.open == page.faults == []
    assert "".join(page.text).count(text) == 5


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("mark", ["\u202e", "\u202a", "\u2066", "\u2067", "\u2069", "\x1b", "\x00", "\u200f", "\u2028"])
def test_controls_that_slipped_into_a_name_are_shown_as_replacements(mark, form, ticket):
    name = forged(f"قبل{mark}بعد", f"be{mark}fore")
    hostile = copy_with(ticket, branch=copy_with(ticket.branch, name=name))
    for language, expected in (("ar", "قبل\ufffdبعد"), ("en", "be\ufffdfore")):
        assert expected in shown(form, hostile, language)
        assert expected.replace("\ufffd", mark) not in str(form.render(hostile, language))


@pytest.mark.parametrize("form", FORMS)
def test_a_line_feed_in_a_name_cannot_forge_a_line(form, ticket):
    name = Bilingual("فرع\nالحالة ملغى", "Branch\nState  Cancelled")
    hostile = copy_with(ticket, branch=copy_with(ticket.branch, name=name))
    assert not any(line.startswith("State  Cancelled") for line in str(form.render(hostile, "en")).splitlines())
    assert "Branch State Cancelled" in shown(form, hostile, "en")


def test_text_lines_keep_within_seventy_six_cells(ticket):
    words = Bilingual("مُوَاطِن " * 60, "resident " * 60)
    wordy = copy_with(
        ticket, service=copy_with(ticket.service, instructions=copy_with(ticket.service.instructions, text=words))
    )
    for language in LANGUAGES:
        lines = str(TextTicket().render(wordy, language)).splitlines()
        assert max(cells(line) for line in lines) <= 76
        assert sum("resident" in line or "مُوَاطِن" in line for line in lines) < 10


def test_an_agreement_to_older_instructions_shows_its_version(ticket):
    older = copy_with(ticket, appointment=copy_with(ticket.appointment, instructions="2025-01-01.2"))
    assert "2025-01-01.2" in shown(TextTicket(), older, "en")


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("فرع", 3), ("مُوَاطِن", 5), ("\u2068ab\u2069", 2), ("漢字", 4)]
)
def test_cells_counts_what_a_terminal_shows(text, width):
    assert cells(text) == width


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("north", "ar", "\u2068north\u2069"),
        ("08:00", "ar", "\u206808:00\u2069"),
        ("12 رجب 1448", "ar", "12 رجب 1448"),
        ("فرع north", "ar", "\u2067فرع north\u2069"),
        ("north فرع", "ar", "\u2067north فرع\u2069"),
        ("حتى 2026-11-23", "ar", "حتى \u20662026-11-23\u2069"),
        ("الرياض", "ar", "الرياض"),
        ("الرياض", "en", "\u2068الرياض\u2069"),
        ("12 Rajab", "en", "12 Rajab"),
    ],
)
def test_only_what_runs_the_other_way_is_isolated(text, language, expected):
    assert isolated(text, language) == expected


def test_a_word_wider_than_the_line_has_a_line_to_itself():
    assert list(lines_of("a bbbbbb c", 3)) == ["a", "bbbbbb", "c"]
    assert list(lines_of("  ", 3)) == []
