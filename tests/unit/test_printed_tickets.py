"""A ticket as a page, printed by a browser: one sheet of A5, also for the service with the most to read."""

import re
import shutil
import subprocess

import pytest
from attrs import evolve as copy_with

from tests.bookings import ME, booked
from traffic_booking import Language, SlotKey, shipped_catalogue
from traffic_booking.adapters.tickets import HtmlTicket
from traffic_booking.domain.appointments.lost_slots import LostSlot, SlotLoss
from traffic_booking.domain.appointments.tickets import ticket_of
from traffic_booking.testing import made_up_person

CATALOGUE = shipped_catalogue()
LONGEST = sorted(CATALOGUE.services, key=lambda each: -len(each.instructions.text("en")))[:2]
MOST_LISTED = sorted(CATALOGUE.services, key=lambda each: -len(each.documents))[:1]


def pages(path) -> int:
    """The pages of the PDF that the browser prints of a page."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.fail("no browser to print with; expected chromium on PATH: apt-get install chromium", pytrace=False)
    printed = path.with_suffix(".pdf")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={printed}")
    subprocess.run([browser, *options, str(path)], check=True, capture_output=True, timeout=120)
    content = printed.read_bytes()
    assert re.search(rb"/MediaBox \[0 0 (419|420)\S* 59[45]", content), "no sheet of A5"
    return len(re.findall(rb"/Type /Page\b", content))


@pytest.mark.long
@pytest.mark.journey("J-17")
@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize(
    "service", {each.id: each for each in LONGEST + MOST_LISTED}.values(), ids=lambda each: each.id
)
def test_a_ticket_is_printed_on_one_sheet_of_a5(service, language: Language, tmp_path):
    branch = next(each for each in CATALOGUE.branches if service.id in CATALOGUE.timetable(each).services)
    starts_at = booked(1)[0].slot.starts_at
    appointment, _ = booked(1, ME, SlotKey(branch.id, service.id, starts_at))
    lost = LostSlot(how=SlotLoss.DAY_CLOSED, reason=CATALOGUE.services[0].name)
    appointment = copy_with(appointment, lost_slot=lost, instructions=service.instructions.version)
    ticket = ticket_of(CATALOGUE, appointment, made_up_person(1))
    page = tmp_path / "ticket.html"
    page.write_bytes(HtmlTicket().render(ticket, language).content)

    assert pages(page) == 1
