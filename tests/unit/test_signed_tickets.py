"""A desk with a signer puts a signed code on its tickets; without one, the bare number."""

import asyncio
import json
from typing import Any

import pytest

from tests.bookings import slot
from tests.calendars import PLAIN
from tests.people import ME
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from tests.tickets_signed import SIGNER, KeysInMemory
from traffic_booking import (
    AsyncBookingDesk,
    Booked,
    BookingDesk,
    Clerk,
    CodeFault,
    Desk,
    DeskParts,
    Document,
    InvalidInput,
    RefusedCode,
    UnsignedCode,
    VerifiedCode,
    from_json,
    key_id_of,
    to_json,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.domain.appointments.ticket_codes import ticket_id_of
from traffic_booking.testing import MovableClock

EARLY, LATE = slot(25), slot(49)


class CodeAlone:
    """A form of ticket that has nothing but the code."""

    def render(self, ticket, language):
        text = f"{ticket.code.text}\n{'signed' if ticket.code.signed else 'unsigned'}"
        return Document(media_type="text/plain; charset=utf-8", file_name="code.txt", content=text.encode())


def parts(store=None, **given):
    of_town: dict[str, Any] = {
        "clock": MovableClock(START),
        "catalogue": small_catalogue(),
        "rulebook": small_rulebook(),
        "calendar": PLAIN,
        "tickets": {"code": CodeAlone()},
        "retention": RETENTION,
    }
    return DeskParts(store=store or MemoryStore(), **of_town | given)


@pytest.fixture
def desk():
    with BookingDesk(parts(signer=SIGNER)) as made:
        yield made


def book(desk):
    return desk.book(EARLY, applicant=ME, agreed=True, request_id="booked").appointment.number


def code_of(desk, number, by=ME):
    text, is_signed = str(desk.ticket(number, by=by, form="code")).split("\n")
    return text, is_signed == "signed"


def test_the_code_states_the_appointment(desk):
    number = book(desk)
    text, is_signed = code_of(desk, number)
    assert is_signed
    read = desk.gate.read_code(text)
    assert isinstance(read, VerifiedCode)
    appointment, claims = desk.appointment(number, by=ME), read.claims
    assert (claims.number, claims.version) == (number, appointment.version)
    assert claims.branch == desk.catalogue.branch(EARLY.branch).code
    assert (claims.starts_at, claims.ends_at) == (appointment.starts_at, appointment.ends_at)
    assert claims.ticket_id == ticket_id_of(number, EARLY)
    assert read.key_id == key_id_of(SIGNER.public_keys[0])


def test_the_ticket_of_an_appointment_is_the_same_each_time(desk):
    number = book(desk)
    assert desk.ticket(number, by=ME, form="code") == desk.ticket(number, by=Clerk("desk-1"), form="code")


def test_a_move_gives_another_ticket_and_a_check_in_the_same_id(desk):
    number = book(desk)
    first = desk.gate.read_code(code_of(desk, number)[0])
    desk.move(number, LATE, by=ME, request_id="moved")
    second = desk.gate.read_code(code_of(desk, number)[0])
    assert second.claims.ticket_id != first.claims.ticket_id
    assert second.claims.version > first.claims.version
    assert desk.gate.revoked_tickets().find(first.claims.ticket_id)
    desk.clock.advance(LATE.starts_at - desk.clock.now())
    desk.gate.check_in(number, by=Clerk("gate"), request_id="came")
    third = desk.gate.read_code(code_of(desk, number)[0])
    assert third.claims.ticket_id == second.claims.ticket_id
    assert third.claims.version > second.claims.version


def test_a_proof_of_cancellation_is_not_signed(desk):
    number = book(desk)
    desk.cancel(number, by=ME, request_id="cancelled")
    assert code_of(desk, number) == (number, False)


def test_without_a_signer_the_code_is_the_bare_number():
    with BookingDesk(parts()) as desk:
        number = book(desk)
        assert code_of(desk, number) == (number, False)
        assert desk.gate.read_code(number) == UnsignedCode(number)


def test_a_desk_without_a_signer_knows_no_key(desk):
    text, _ = code_of(desk, book(desk))
    with BookingDesk(parts()) as other:
        refused = other.gate.read_code(text)
    assert isinstance(refused, RefusedCode)
    assert refused.fault is CodeFault.UNKNOWN_KEY


def test_a_ticket_holds_after_its_key_is_replaced(desk):
    text, _ = code_of(desk, book(desk))
    with BookingDesk(parts(signer=KeysInMemory("next", "now"))) as later:
        assert isinstance(later.gate.read_code(text), VerifiedCode)


def test_an_awaited_desk_signs_as_well():
    async def signed():
        store = MemoryStore()
        async with AsyncBookingDesk(parts(ThreadedStore(store), signer=SIGNER)) as desk:
            booked = await desk.book(EARLY, applicant=ME, agreed=True, request_id="booked")
            assert isinstance(booked, Booked)
            text, is_signed = str(await desk.ticket(booked.appointment.number, by=ME, form="code")).split("\n")
            assert is_signed == "signed"
            return await desk.gate.read_code(text), await desk.gate.revoked_tickets()

    read, revoked = asyncio.run(signed())
    assert isinstance(read, VerifiedCode)
    assert revoked.tickets == ()


def test_the_signer_is_a_keyword_of_opening():
    with BookingDesk.open("memory://", signer=SIGNER) as desk:
        assert isinstance(desk.gate.read_code("hello"), RefusedCode)


@pytest.mark.parametrize("signer", ["tickets.key", 7, object(), b"key"])
def test_what_does_not_sign_is_no_signer(signer):
    with pytest.raises(InvalidInput, match=r"^signer: got "):
        BookingDesk(parts(signer=signer))


def test_a_desk_that_was_given_no_codes_signs_nothing():
    with Desk(parts(signer=SIGNER, numbering=RandomNumbering())) as desk:
        number = book(desk)
        with pytest.raises(InvalidInput, match=r"^codes: got None"):
            desk.ticket(number, by=ME, form="code")


@pytest.mark.parametrize("text", ["hello", "001G-EFNE-826R"])
def test_results_have_a_json_form(desk, text):
    for each in (desk.gate.read_code(text), desk.gate.read_code(code_of(desk, book(desk))[0])):
        assert from_json(type(each), json.loads(json.dumps(to_json(each)))) == each
