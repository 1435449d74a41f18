"""A ticket as a page in a browser: it prints one sheet of A5, and its code is read from the screen."""

import re
import shutil
import subprocess
from importlib.resources import files

import pytest
from attrs import evolve as copy_with
from PIL import Image, ImageStat

from tests.bookings import ME, booked
from tests.code_readers import halved, noisy, read_by_both
from traffic_booking import Bilingual, SlotKey, TicketCode, TicketLanguage, TicketLimits, shipped_catalogue
from traffic_booking.adapters.tickets import HtmlTicket
from traffic_booking.adapters.tickets.brand import GREEN, LEAST_CONTRAST, contrast, lightened
from traffic_booking.adapters.tickets.html import DARK_GROUND
from traffic_booking.domain.appointments.lost_slots import LostSlot, SlotLoss
from traffic_booking.domain.appointments.tickets import ticket_of
from traffic_booking.testing import made_up_person
from traffic_booking.testing.kit.ticket_suite import sample_ticket

CATALOGUE = shipped_catalogue()
LONGEST = sorted(CATALOGUE.services, key=lambda each: -len(each.instructions.text("en")))[:2]
MOST_LISTED = sorted(CATALOGUE.services, key=lambda each: -len(each.documents))[:1]


def browse(path, *options: str) -> None:
    """Open a page in the browser, without a window."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.fail("no browser; expected chromium on PATH: apt-get install chromium", pytrace=False)
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", *options, str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def pages(path) -> int:
    """The pages of the PDF that the browser prints of a page."""
    printed = path.with_suffix(".pdf")
    browse(path, "--no-pdf-header-footer", f"--print-to-pdf={printed}")
    content = printed.read_bytes()
    assert re.search(rb"/MediaBox \[0 0 (419|420)\S* 59[45]", content), "no sheet of A5"
    return len(re.findall(rb"/Type /Page\b", content))


@pytest.mark.long
@pytest.mark.journey("J-17")
@pytest.mark.parametrize("language", ["ar", "en", "both"])
@pytest.mark.parametrize(
    "service", {each.id: each for each in LONGEST + MOST_LISTED}.values(), ids=lambda each: each.id
)
def test_a_ticket_is_printed_on_one_sheet_of_a5(service, language: TicketLanguage, tmp_path):
    branch = next(each for each in CATALOGUE.branches if service.id in CATALOGUE.timetable(each).services)
    starts_at = booked(1)[0].slot.starts_at
    appointment, _ = booked(1, ME, SlotKey(branch.id, service.id, starts_at))
    lost = LostSlot(how=SlotLoss.DAY_CLOSED, reason=CATALOGUE.services[0].name)
    appointment = copy_with(appointment, lost_slot=lost, instructions=service.instructions.version)
    limits = TicketLimits(cancel_until=starts_at, late_minutes=1_440, late_block_days=1)
    code = TicketCode("NCFOXN%TS3DH.YM3*GOHPVX9ZMG:LU" * 6, signed=True)
    name = "سارة بنت عبدالله"
    ticket = ticket_of(CATALOGUE, appointment, made_up_person(1), printed_name=name, code=code, limits=limits)
    page = tmp_path / "ticket.html"
    page.write_bytes(HtmlTicket().render(ticket, language).content)

    assert pages(page) == 1


@pytest.mark.long
@pytest.mark.parametrize("language", ["ar", "en", "both"])
def test_endless_texts_are_printed_short_and_read_whole_on_a_screen(language: TicketLanguage, tmp_path):
    words = Bilingual("كلمة " * 799, "word " * 799)
    starts_at = booked(1)[0].slot.starts_at
    service = CATALOGUE.services[0]
    branch = next(each for each in CATALOGUE.branches if service.id in CATALOGUE.timetable(each).services)
    appointment, _ = booked(1, ME, SlotKey(branch.id, service.id, starts_at))
    appointment = copy_with(appointment, instructions=service.instructions.version)
    ticket = ticket_of(CATALOGUE, appointment, made_up_person(1), printed_name="W" * 500)
    ticket = copy_with(
        ticket,
        service=copy_with(service, name=words, instructions=copy_with(service.instructions, text=words)),
        branch=copy_with(branch, address=words),
        documents=tuple(copy_with(each, name=words) for each in ticket.documents * 20),
    )
    document = HtmlTicket().render(ticket, language)
    page = tmp_path / "ticket.html"
    page.write_bytes(document.content)

    assert pages(page) == 1
    assert str(document).count(words("en" if language == "en" else "ar").strip()) >= 22


def on_screen(path, scheme: str) -> Image.Image:
    """The page on the screen of a phone with a light or a dark design."""
    picture = path.with_name(f"{scheme}.png")
    scheme_of_blink = {"dark": 0, "light": 1}[scheme]
    browse(
        path,
        "--hide-scrollbars",
        "--window-size=500,1600",
        "--force-device-scale-factor=2",
        f"--blink-settings=preferredColorScheme={scheme_of_blink}",
        f"--screenshot={picture}",
    )
    return Image.open(picture).convert("L")


@pytest.mark.long
@pytest.mark.journey("J-17")
@pytest.mark.parametrize("language", ["ar", "en", "both"])
def test_two_readers_read_the_code_from_the_page_on_a_light_and_on_a_dark_screen(language: TicketLanguage, tmp_path):
    code = TicketCode("NCFOXN%TS3DH.YM3*GOHPVX9ZMG:LU" * 6, signed=True)
    ticket = copy_with(sample_ticket(), code=code)
    page = tmp_path / "ticket.html"
    page.write_bytes(HtmlTicket().render(ticket, language).content)

    light, dark = on_screen(page, "light"), on_screen(page, "dark")

    assert ImageStat.Stat(light).mean[0] > 128 > ImageStat.Stat(dark).mean[0]
    for shown in (light, halved(light), noisy(light), dark, halved(dark), noisy(dark)):
        assert read_by_both(shown) == (code.text, code.text)


def contrasts(style: str) -> dict[str, float]:
    """The contrast of each pair of text and ground in a part of the style, which defines its colours anew."""
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", style))
    colours = {
        name: each if len(each) == 7 else "#" + "".join(digit * 2 for digit in each[1:])
        for name, each in colours.items()
    }
    pairs = (("ink", "ground"), ("soft", "ground"), ("note-ink", "note"), ("void-ink", "void"), ("void-edge", "ground"))
    return {f"{text} on {ground}": contrast(colours[text], colours[ground]) for text, ground in pairs}


def test_every_text_has_the_contrast_that_wcag_asks_for_in_light_and_dark():
    style = (files("traffic_booking.adapters.tickets") / "ticket.css").read_text("utf-8")
    light, dark = style.split("@media screen and (prefers-color-scheme: dark)")[:2]
    for part in (light, dark.split("} }")[0]):
        assert min(contrasts(part).values()) >= LEAST_CONTRAST, contrasts(part)
    assert f"--ground: {DARK_GROUND};" in dark
    for colour in (GREEN, "#000000", "#14532d", "#7a0000", "#0000ff"):
        assert contrast(lightened(colour, DARK_GROUND), DARK_GROUND) >= LEAST_CONTRAST
    assert contrast(GREEN, "#ffffff") >= LEAST_CONTRAST
