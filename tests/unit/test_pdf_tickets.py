"""Tickets as PDF: one sheet of A5, archival and accessible, the same bytes each time, and no character lost."""

import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import get_args

import pypdfium2
import pytest
import zxingcpp
from attrs import evolve as copy_with
from fontTools.ttLib import TTFont
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from tests.bookings import ME, booked
from tests.code_readers import halved, noisy, read_by_both
from tests.printed_pdf import MARKS_OF_DIRECTION, facts_of, objects_of, picture_of, run, sheet_text, text_of
from traffic_booking import (
    AppointmentState,
    Bilingual,
    InvalidInput,
    LostSlot,
    MissingExtra,
    SlotKey,
    SlotLoss,
    TicketCode,
    TicketLanguage,
    TicketLimits,
    shipped_catalogue,
)
from traffic_booking.adapters.tickets import PdfTicket, TicketBrand, fonts
from traffic_booking.adapters.tickets.brand import LEAST_CONTRAST, contrast
from traffic_booking.adapters.tickets.fitting import ROOMS
from traffic_booking.adapters.tickets.wording import CUT
from traffic_booking.domain.appointments.tickets import ticket_of
from traffic_booking.testing import made_up_person

CATALOGUE = shipped_catalogue()
LANGUAGES = get_args(TicketLanguage)
EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
SIGNED = TicketCode("NCFOXN%TS3DH.YM3*GOHPVX9ZMG:LU" * 6, signed=True)
APPROVED = Path(__file__).parents[1] / "data" / "tickets"
DOTS_PER_INCH = 50
MOST_DIFFERENT = 2  # readers of PDF smooth letters in their own ways


def ticket_for(service_id="licence-renewal", *, person=1, lost=None, state=AppointmentState.BOOKED, **others):
    """The ticket of a stable appointment for a service of the shipped catalogue."""
    service = CATALOGUE.service(service_id)
    branch = next(each for each in CATALOGUE.branches if service.id in CATALOGUE.timetable(each).services)
    appointment, _ = booked(1, ME, SlotKey(branch.id, service.id, booked(1)[0].slot.starts_at))
    holder = min(service.eligibility.holders) if ME.holder not in service.eligibility.holders else ME.holder
    appointment = copy_with(
        appointment,
        state=state,
        lost_slot=lost,
        instructions=service.instructions.version,
        applicant=copy_with(appointment.applicant, holder=holder),
    )
    starts_at = appointment.slot.starts_at
    limits = TicketLimits(cancel_until=starts_at, late_minutes=1_440, late_block_days=1)
    ticket = ticket_of(CATALOGUE, appointment, made_up_person(person), limits=limits)
    return copy_with(ticket, **others)


LOST = LostSlot(how=SlotLoss.DAY_CLOSED, reason=Bilingual("إجازة عيد الفطر", "Eid al-Fitr holiday"))
NAMED = {"printed_name": "سارة بنت عبدالله"}
WORDS = Bilingual("كلمة " * 799, "word " * 799)
CASES = {
    "plain": ticket_for(**NAMED),
    "signed": ticket_for(code=SIGNED, **NAMED),
    "lost": ticket_for(lost=LOST, **NAMED),
    "cancelled": ticket_for(state=AppointmentState.CANCELLED, **NAMED),
}


def endless():
    """A ticket in which every text is as long as it may be."""
    ticket = ticket_for(code=SIGNED, lost=copy_with(LOST, reason=WORDS), printed_name="W" * 500)
    return copy_with(
        ticket,
        service=copy_with(ticket.service, name=WORDS, instructions=copy_with(ticket.service.instructions, text=WORDS)),
        branch=copy_with(ticket.branch, name=WORDS, address=WORDS),
        governorate=copy_with(ticket.governorate, name=WORDS),
        documents=tuple(copy_with(each, name=WORDS) for each in ticket.documents * 20),
        conditions=tuple(copy_with(each, text=WORDS) for each in ticket.conditions * 16),
    )


def printed(ticket, language, brand=None) -> bytes:
    return PdfTicket(brand).render(ticket, language).content


@pytest.mark.journey("J-17")
@EACH_LANGUAGE
@pytest.mark.parametrize("case", CASES)
def test_a_ticket_is_one_sheet_of_a5(case, language):
    facts = facts_of(printed(CASES[case], language))
    assert facts["Pages"] == "1"
    assert re.match(r"419\.\d+ x 595\.\d+ pts", facts["Page size"])


@EACH_LANGUAGE
def test_a_ticket_states_that_it_is_archival_and_accessible_and_has_what_both_ask_for(language):
    """No validator is to be had. These are parts that PDF/A-3a and PDF/UA-1 ask for, beside what `typst` refuses."""
    pdf = printed(CASES["signed"], language)
    parts, facts = objects_of(pdf), facts_of(pdf)
    assert b"<pdfaid:part>3</pdfaid:part>" in parts
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in parts
    assert b"<pdfuaid:part>1</pdfuaid:part>" in parts
    assert b"/StructTreeRoot" in parts
    assert re.search(rb"/MarkInfo\s*<<[^>]*/Marked true", parts)
    assert re.search(rb"/ViewerPreferences\s*<<[^>]*/DisplayDocTitle true", parts)
    assert b"/GTS_PDFA1" in parts
    for tag in (b"/H1", b"/H2", b"/L", b"/LI", b"/Figure", b"/Link"):
        assert re.search(rb"/S\s*" + tag + rb"\b", parts), tag
    first = "en" if language == "en" else "ar"
    assert re.search(rb"/Lang\s*\(" + first.encode(), parts)
    assert facts["Tagged"] == "yes"
    assert CASES["signed"].appointment.number in facts["Title"]
    assert facts["JavaScript"] in {"no", "none"}
    assert facts["Encrypted"] == "no"


@EACH_LANGUAGE
def test_every_font_is_embedded_and_maps_to_unicode(language):
    rows = run("pdffonts", "-", given=printed(CASES["plain"], language)).decode().splitlines()[2:]
    assert rows
    assert all("IBMPlexSansArabic" in row and re.search(r"\byes +yes +yes\b", row) for row in rows)


@EACH_LANGUAGE
def test_each_character_of_the_content_is_on_the_sheet(language):
    """Counted without their order: readers of PDF turn the letters of Arabic ligatures around."""
    ticket = CASES["lost"]
    wanted = Counter("".join(sheet_text(ticket, language).translate(MARKS_OF_DIRECTION).split()))
    if language == "both":
        wanted -= Counter(f"{ticket.appointment.starts_at:%H:%M}")  # the sheet has the time once, between the sides
    assert wanted - Counter(text_of(printed(ticket, language))) == Counter()


@pytest.mark.long
@EACH_LANGUAGE
def test_the_same_appointment_gives_the_same_bytes_in_each_process_and_thread(language):
    ticket = CASES["plain"]
    first = printed(ticket, language)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: printed(ticket, language), range(8))) == {first}
    script = (
        "import sys; from tests.unit.test_pdf_tickets import CASES, printed;"
        f"sys.stdout.buffer.write(printed(CASES['plain'], {language!r}))"
    )
    again = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, timeout=120).stdout
    assert again == first


def test_the_document_is_dated_by_the_last_change_of_the_appointment():
    changed: datetime = CASES["plain"].appointment.changed_at
    assert f"D:{changed:%Y%m%d%H%M%S}".encode() in objects_of(printed(CASES["plain"], "ar"))


@pytest.mark.parametrize("case", [pytest.param("plain", marks=pytest.mark.long), "signed"])
def test_the_code_is_attached_and_two_readers_read_it_from_the_sheet_also_at_half_size_and_with_noise(case):
    ticket = CASES[case]
    for language in LANGUAGES:
        pdf = printed(ticket, language)
        document = pypdfium2.PdfDocument(pdf)
        assert bytes(document.get_attachment(0).get_data()).decode() == ticket.code.text
        sheet = picture_of(pdf, 300)
        for shown in (sheet, halved(sheet), noisy(sheet), noisy(halved(sheet), share=0.002)):
            assert read_by_both(shown) == (ticket.code.text, ticket.code.text)


def test_a_cancellation_has_no_code_to_scan():
    pdf = printed(CASES["cancelled"], "both")
    assert not zxingcpp.read_barcodes(picture_of(pdf, 150))
    assert pypdfium2.PdfDocument(pdf).count_attachments() == 0


@pytest.mark.long
@EACH_LANGUAGE
def test_every_service_of_the_catalogue_fits_on_one_sheet_with_all_its_words(language):
    for service in CATALOGUE.services:
        pdf = printed(ticket_for(service.id, code=SIGNED, **NAMED), language)
        assert facts_of(pdf)["Pages"] == "1"
        text = text_of(pdf)
        assert not any("".join(CUT(each).split()) in text for each in ("ar", "en")), service.id
        assert "[cut]" not in text


@pytest.mark.long
@EACH_LANGUAGE
def test_endless_texts_are_cut_with_a_sign_and_the_rest_stays_on_the_sheet(language):
    pdf = printed(endless(), language)
    assert facts_of(pdf)["Pages"] == "1"
    shown = picture_of(pdf, 100)
    assert [each.text for each in zxingcpp.read_barcodes(picture_of(pdf, 300))] == [SIGNED.text]
    inked = ImageChops.invert(shown.convert("L")).getbbox()
    assert inked is not None
    assert inked[3] < shown.height * 0.975, "nothing is printed into the margin"
    assert CUT("en" if language == "en" else "ar").strip("[]") in sheet_text(endless(), language, ROOMS[-1])
    if language != "ar":
        assert "[cut]" in text_of(pdf)


def test_the_fonts_have_the_characters_that_the_table_names():
    for name in fonts.FILES:
        with TTFont(Path(fonts.__file__).parent / name) as font:
            glyphs = font.getBestCmap()
        assert fonts.characters() - {0} == {code for code in glyphs if glyphs[code] != ".notdef"} - {0}


def test_what_the_font_lacks_is_replaced_by_a_visible_mark_and_the_riyal_sign_by_its_name():
    assert fonts.drawn("رسوم 40 \u20c1", "ar") == "رسوم 40 ريال"
    assert fonts.drawn("40 \u20c1", "en") == "40 SAR"
    assert fonts.drawn("a😀漢\ufffd", "en") == "a" + fonts.MISSING * 3
    assert ord(fonts.MISSING) in fonts.characters()


HOSTILE = st.one_of(
    st.text(max_size=500),
    st.text(st.sampled_from("اأبتةلا مَ\u202e\u2067\u200f<>&'\"=;,\\#$*_[]{}@😀👩‍👧WwX0٣"), max_size=500),
    st.sampled_from(
        [
            "=cmd|' /C calc'!A0",
            "#let x = 1",
            "</script><b>",
            "BEGIN:VCALENDAR\r\nX",
            "\u202eتحكم\u202c",
            "W" * 500,
            "ل" * 500,
            "",
        ]
    ),
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=HOSTILE)
def test_any_name_is_printed_on_one_sheet(name):
    ticket = copy_with(CASES["plain"], printed_name=name[:200])  # NFC may make it longer
    pdf = printed(ticket, "both")
    assert pypdfium2.PdfDocument(pdf).get_page_size(0) == pytest.approx((419.53, 595.28), abs=0.1)
    assert len(pypdfium2.PdfDocument(pdf)) == 1


def test_a_host_puts_its_name_and_colour_on_its_tickets():
    brand = TicketBrand(name=Bilingual("بوابة المواعيد", "Appointments"), colour="#14532D")
    assert "Appointments" in text_of(printed(CASES["plain"], "both", brand))
    assert printed(CASES["plain"], "en", brand) != printed(CASES["plain"], "en")
    assert contrast(brand.colour, "#ffffff") >= LEAST_CONTRAST


@pytest.mark.parametrize("colour", ["#fff", "green", "#ffff00", "#1f7a4f; }", 7])
def test_a_colour_that_is_none_or_too_pale_is_misuse(colour):
    with pytest.raises(InvalidInput, match="colour"):
        TicketBrand(colour=colour)
    with pytest.raises(InvalidInput, match="brand: got str; expected a TicketBrand"):
        PdfTicket("green")  # type: ignore[arg-type] # the misuse


def test_without_typst_the_error_states_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    monkeypatch.delitem(sys.modules, "traffic_booking.adapters.tickets.pdf")
    with pytest.raises(MissingExtra, match=r"tickets as PDF needs .*pip install 'traffic-booking\[tickets\]'"):
        printed(CASES["plain"], "ar")


@pytest.mark.long
@EACH_LANGUAGE
@pytest.mark.parametrize("case", CASES)
def test_a_ticket_looks_as_it_was_approved(case, language):
    """To approve a new look, delete the picture, run this once, and look at the new one."""
    shown = picture_of(printed(CASES[case], language), DOTS_PER_INCH).convert("L")
    path = APPROVED / f"{case}-{language}.png"
    if not path.exists():
        shown.save(path, optimize=True)
        pytest.fail(f"{path.name}: there was none; look at the new one")
    assert difference(shown, Image.open(path)) < MOST_DIFFERENT, f"{path.name}: look at the new ticket"


def difference(one, other) -> float:
    """The mean difference of two pictures of one size, 0 to 255."""
    assert one.size == other.size
    return ImageStat.Stat(ImageChops.difference(one, other.convert("L"))).mean[0]


@pytest.mark.long
def test_the_comparison_with_the_approved_pictures_finds_a_line_that_moved():
    one, other = (picture_of(printed(CASES[case], "ar"), DOTS_PER_INCH).convert("L") for case in ("plain", "lost"))
    assert difference(one, other) > MOST_DIFFERENT
