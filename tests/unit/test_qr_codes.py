"""The code of a ticket alone: two readers read it from the PNG and from the SVG, small and with noise."""

import re
import sys
import xml.etree.ElementTree as ET
from io import BytesIO
from random import Random

import pytest
import zxingcpp
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tests.code_readers import halved, noisy, read_by_both
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import AppointmentState, Booked, BookingDesk, DeskParts, InvalidInput, MissingExtra
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.tickets import QrPngTicket, QrSvgTicket
from traffic_booking.adapters.tickets.qr_code import PIXELS
from traffic_booking.domain.appointments.ticket_codes import TicketCode
from traffic_booking.testing import MovableClock, made_up_person
from traffic_booking.testing.kit.ticket_suite import sample_ticket

ME = made_up_person(20261122)
SVG = "{http://www.w3.org/2000/svg}"
SIGNED = "".join(Random(7).choices("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", k=171))
"""As long as a signed code is, in its alphabet: version 7."""
CODES = (TicketCode("0010-0000-0E0M", signed=False), TicketCode(SIGNED, signed=True))
STROKE = re.compile(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?")


def drawn(svg: str, pixels: int = PIXELS) -> Image.Image:
    """The picture of our SVG: its second path has a horizontal stroke for each run of dark modules."""
    root = ET.fromstring(svg)
    size = int(root.get("viewBox", "").split()[2])
    picture = Image.new("L", (size * pixels, size * pixels), 255)
    pen, x, y = ImageDraw.Draw(picture), 0.0, 0.0
    for kind, first, second in STROKE.findall(root.findall(f"{SVG}path")[1].get("d", "")):
        if kind == "h":
            pen.rectangle(
                (x * pixels, (y - 0.5) * pixels, (x + float(first)) * pixels - 1, (y + 0.5) * pixels - 1), fill=0
            )
            x += float(first)
        else:
            x, y = (0.0, 0.0) if kind == "M" else (x, y)
            x, y = x + float(first), y + float(second)
    return picture


def pictures(code: TicketCode) -> dict[str, Image.Image]:
    ticket = copy_with(sample_ticket(), code=code)
    return {
        "png": Image.open(BytesIO(QrPngTicket().render(ticket, "ar").content)).convert("L"),
        "svg": drawn(str(QrSvgTicket().render(ticket, "ar"))),
    }


def smudged(picture: Image.Image) -> Image.Image:
    """The picture with a black square on its middle, an eighth as wide."""
    stained, middle, reach = picture.copy(), picture.width // 2, picture.width // 16
    ImageDraw.Draw(stained).rectangle((middle - reach, middle - reach, middle + reach, middle + reach), fill=0)
    return stained


@pytest.mark.journey("J-17")
@pytest.mark.parametrize("form", ["png", "svg"])
@pytest.mark.parametrize("code", CODES, ids=["unsigned", "signed"])
def test_two_readers_read_the_code_also_at_half_size_with_noise_and_with_a_stain(code, form):
    picture = pictures(code)[form]
    half = halved(picture)
    for seen in (picture, half, noisy(half), smudged(picture), smudged(half)):
        assert read_by_both(seen) == (code.text, code.text)


@pytest.mark.parametrize("code", CODES, ids=["unsigned", "signed"])
def test_it_is_a_qr_code_of_level_m_with_a_quiet_zone(code):
    for picture in pictures(code).values():
        (found,) = zxingcpp.read_barcodes(picture)
        assert (found.format, found.ec_level) == (zxingcpp.BarcodeFormat.QRCode, "M")
        edge = 4 * PIXELS
        assert picture.crop((0, 0, picture.width, edge)).getextrema() == (255, 255)
        assert picture.crop((0, 0, edge, picture.height)).getextrema() == (255, 255)
        assert picture.getpixel((edge, edge)) == 0
        assert (picture.width - 2 * edge) // PIXELS <= 45  # version 7


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("ar", "رمز التذكرة 0010-0000-0E0M للمسح"),
        ("en", "Code of the ticket 0010-0000-0E0M, to be scanned"),
        ("both", "رمز التذكرة 0010-0000-0E0M للمسح / Code of the ticket 0010-0000-0E0M, to be scanned"),
    ],
)
def test_the_drawing_has_a_title_for_those_who_do_not_see_it_and_loads_nothing(language, title):
    document = QrSvgTicket().render(sample_ticket(), language)
    assert (document.media_type, document.file_name) == (
        "image/svg+xml; charset=utf-8",
        "ticket-0010-0000-0E0M.svg",
    )
    root = ET.fromstring(str(document))
    assert root.get("role") == "img"
    assert root.get("lang") == language.replace("both", "ar")
    assert [child.tag for child in root] == [f"{SVG}title", f"{SVG}path", f"{SVG}path"]
    assert root[0].text == title
    assert root[1].get("fill") == "#fff"  # also on a dark page


def test_the_picture_is_the_same_in_each_language_and_each_time():
    documents = [QrPngTicket().render(sample_ticket(), language) for language in ("ar", "en", "both", "ar")]
    assert len({document.content for document in documents}) == 1
    assert (documents[0].media_type, documents[0].file_name) == ("image/png", "ticket-0010-0000-0E0M.png")
    assert not documents[0].textual


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=120))
def test_any_code_makes_a_drawing_that_is_well_formed_and_has_no_text_of_it(text):
    ticket = copy_with(sample_ticket(), code=TicketCode(text, signed=False))
    root = ET.fromstring(str(QrSvgTicket().render(ticket, "en")))
    assert "".join(root.itertext()) == "Code of the ticket 0010-0000-0E0M, to be scanned"
    assert QrPngTicket().render(ticket, "en").content.startswith(b"\x89PNG")


@pytest.mark.parametrize("form", [QrPngTicket(), QrSvgTicket()])
def test_a_ticket_that_admits_nobody_has_no_code(form):
    for state in (AppointmentState.CANCELLED, AppointmentState.HELD, AppointmentState.EXPIRED):
        with pytest.raises(InvalidInput, match="appointment: got one whose ticket has no code; expected one that is"):
            form.render(sample_ticket(state), "en")
    with pytest.raises(InvalidInput, match="language: got 'fr'"):
        form.render(sample_ticket(), "fr")


@pytest.mark.parametrize("form", ["qr-png", "qr-svg"])
def test_a_desk_gives_the_code_of_an_appointment_and_none_after_its_cancellation(form):
    clock = MovableClock(START)
    desk = BookingDesk(
        DeskParts(store=MemoryStore(), clock=clock, catalogue=small_catalogue(), rulebook=small_rulebook("2026.7"))
    )
    slot = desk.find_slots(service="renewal", branch="north", limit=90)[-1]
    outcome = desk.book(slot, applicant=ME, agreed=True, request_id="book")
    assert isinstance(outcome, Booked)
    booked = outcome.appointment
    document = desk.ticket(booked.number, by=ME, form=form)
    picture = drawn(str(document)) if document.textual else Image.open(BytesIO(document.content)).convert("L")
    assert booked.number in read_by_both(picture)[0]
    desk.cancel(booked.number, by=ME, request_id="cancel")
    with pytest.raises(InvalidInput, match="ticket has no code"):
        desk.ticket(booked.number, by=ME, form=form)


def test_without_the_extra_the_error_states_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "segno", None)
    for form in (QrPngTicket(), QrSvgTicket()):
        with pytest.raises(MissingExtra, match=r"as a picture needs .*pip install 'traffic-booking\[tickets\]'"):
            form.render(sample_ticket(), "en")
