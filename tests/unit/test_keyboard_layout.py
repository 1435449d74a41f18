"""Text that a scanner typed under an Arabic keyboard layout is read as if the layout had been a Latin one."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.tickets_signed import A_TICKET, SIGNER, claims, numbers
from traffic_booking import (
    AppointmentNumber,
    InvalidInput,
    UnsignedCode,
    VerifiedCode,
    appointment_number,
    key_id_of,
    read_ticket_code,
)
from traffic_booking.adapters.ticket_codes import CoseCodes
from traffic_booking.domain.keyboard_layout import MOST_AMBIGUOUS, readings

KEYS = "QWERTYUIOPASDFGHJKLZXCVBNM"
PLAIN = dict(zip(KEYS, [*"ضصثقفغعهخحشسيبلاتنمئءؤر", "لا", *"ىة"], strict=True))
WITH_SHIFT = [*"\u064e\u064b\u064f\u064c", "لإ", *"إ‘÷×؛\u0650\u064d][", "لأ", *"أـ،/~\u0652}{", "لآ", *"آ’"]
SHIFTED = dict(zip(KEYS, WITH_SHIFT, strict=True))
MARKS = {".": "ز", "/": "ظ"}
"""The keys of Base45 that give something else; the others are typed with Shift, and give themselves."""
LINUX = {"B": "\ufefb"}
LINUX_SHIFTED = {"B": "\ufef5", "T": "\ufef9", "G": "\ufef7", "D": "]", "F": "["}


def typed(text, *maps):
    table: dict[str, str] = {}
    for each in maps:
        table |= each
    return "".join(table.get(symbol, symbol) for symbol in text)


LAYOUTS = {
    "Windows": (PLAIN, MARKS),
    "Windows with Shift": (PLAIN, MARKS, SHIFTED),
    "Linux": (PLAIN, MARKS, LINUX),
}


def test_the_example_of_the_scanners():
    assert appointment_number("001ل-ثبةث-826ق") == "001G-EFNE-826R"
    assert read_ticket_code("001ل-ثبةث-826ق", ()) == UnsignedCode(AppointmentNumber("001G-EFNE-826R"))


@pytest.mark.parametrize("maps", LAYOUTS.values(), ids=LAYOUTS)
@given(numbers)
def test_a_number_is_proved_by_its_check_symbol(maps, number):
    seen = typed(number, *maps)
    assume(not seen.isascii())
    try:
        assert appointment_number(seen) == number
    except InvalidInput:  # two readings pass the check: no one is taken
        assert ambiguous(number, seen)


def ambiguous(number, seen):
    proved = set()
    for reading in readings(seen):
        try:
            proved.add(appointment_number(reading))
        except InvalidInput:
            continue
    return len(proved) > 1 and number in proved


@given(st.data())
def test_few_numbers_are_ambiguous(data):
    drawn = [data.draw(numbers) for _ in range(20)]
    assert sum(ambiguous(number, typed(number, PLAIN)) for number in drawn) <= 4


@given(st.text("ضصثقفغعهخحشسيبلاتنمئءؤرىة0123456789", max_size=20))
def test_arabic_letters_without_a_sound_check_symbol_are_no_number(text):
    proved = set()
    for reading in readings(text):
        try:
            proved.add(appointment_number(reading))
        except InvalidInput:
            continue
    if len(proved) == 1:
        assert appointment_number(text) in proved
    elif not text.isdecimal():
        with pytest.raises(InvalidInput):
            appointment_number(text)


@given(claims())
def test_a_signed_code_is_proved_by_its_signature(ticket):
    code = CoseCodes().write(ticket, SIGNER).text
    whole = VerifiedCode(claims=ticket, key_id=key_id_of(SIGNER.public_keys[0]))
    assert read_ticket_code(typed(code, SHIFTED, MARKS), SIGNER.public_keys) == whole
    assert read_ticket_code(typed(code, SHIFTED, MARKS, LINUX_SHIFTED), SIGNER.public_keys) == whole
    assert read_ticket_code(typed(code, PLAIN, MARKS, LINUX), SIGNER.public_keys) == whole
    assert read_ticket_code(code.lower(), SIGNER.public_keys) == whole
    if code.count("GH") <= 2 and code.count("B") + code.count("GH") <= MOST_AMBIGUOUS:
        assert read_ticket_code(typed(code, PLAIN, MARKS), SIGNER.public_keys) == whole


def test_a_text_in_latin_letters_is_not_mapped():
    assert list(readings("001G-EFNE-826R")) == []
    assert list(readings("")) == []


def test_the_readings_of_a_text_are_few():
    assert len(list(readings("لا" * MOST_AMBIGUOUS + "ة"))) == 2 * (1 + 16 + 120)
    assert len(list(readings("لا" * (MOST_AMBIGUOUS + 1)))) == 1


def test_a_long_text_is_no_number():
    with pytest.raises(InvalidInput):
        appointment_number("لا" * 1_000)


def test_the_number_of_a_ticket_is_looked_up_under_any_layout():
    assert appointment_number(typed(A_TICKET.number, PLAIN)) == A_TICKET.number
