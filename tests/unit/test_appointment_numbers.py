"""Appointment numbers: written in one form, read in many, and typing errors found by the check symbol."""

import sys
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traffic_booking import InvalidInput, appointment_number
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.domain.appointments.numbers import SERIALS, compose
from traffic_booking.domain.places.geography import BranchCode

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKS = SYMBOLS + "*~$=U"
SAMPLED = [0, 1, 31, 32, 1_000_003, 123_456_789_012, SERIALS // 2, SERIALS - 1]

codes = st.text(SYMBOLS, min_size=3, max_size=3)
serials = st.integers(0, SERIALS - 1)
numbers = st.builds(compose, codes, serials).filter(bool)


def reference(code, serial):
    """The number by its definition: base 32, with the number modulo 37 as the check symbol."""
    value, symbols = serial, ""
    for _ in range(8):
        value, rest = divmod(value, 32)
        symbols = SYMBOLS[rest] + symbols
    body = code + symbols
    check = CHECKS[sum(SYMBOLS.index(symbol) * 32**place for place, symbol in enumerate(reversed(body))) % 37]
    return None if check in "*~$=" else f"{body[:4]}-{body[4:8]}-{body[8:]}{check}"


@given(codes, serials)
def test_a_number_is_its_branch_its_serial_and_their_check_symbol(code, serial):
    assert compose(code, serial) == reference(code, serial)


@given(numbers)
def test_a_number_reads_back_as_itself(number):
    assert appointment_number(number) == number
    assert appointment_number(appointment_number(number)) == number


@given(numbers, st.data())
def test_a_number_is_read_however_it_is_typed(number, data):
    looks = {"0": "0Oo٠۰", "1": "1IiLl١۱"} | {str(d): f"{d}{'٠١٢٣٤٥٦٧٨٩'[d]}{'۰۱۲۳۴۵۶۷۸۹'[d]}" for d in range(2, 10)}
    typed = "".join(
        data.draw(st.sampled_from(looks.get(symbol, symbol + symbol.lower())))
        + data.draw(st.sampled_from(["", "", "", "-", " "]))
        for symbol in number.replace("-", "")
    )

    assert appointment_number(typed) == number


DASHES = [mark for mark in map(chr, range(sys.maxunicode)) if unicodedata.category(mark) == "Pd"]


@pytest.mark.parametrize("dash", [*DASHES, "\u2212", "\u00ad", "\u02d7", "\u2043", "\u2796", "\u0640"], ids=ascii)
def test_dashes_of_every_kind_stand_for_a_hyphen(dash):
    assert appointment_number(f"0A1K{dash}3M9Q {dash} X274") == "0A1K-3M9Q-X274"


def sampled_numbers():
    made = [compose(BranchCode(code), serial) for code in ("001", "ZZZ", "7K0") for serial in SAMPLED]
    return [number for number in made if number]


@pytest.mark.parametrize("number", sampled_numbers())
def test_every_wrong_symbol_is_found(number):
    plain = number.replace("-", "")
    for place, right in enumerate(plain):
        for wrong in (CHECKS if place == 11 else SYMBOLS).replace(right, ""):
            with pytest.raises(InvalidInput, match="a wrong check symbol"):
                appointment_number(plain[:place] + wrong + plain[place + 1 :])


@pytest.mark.parametrize("number", sampled_numbers())
def test_every_pair_of_neighbours_changed_over_is_found(number):
    plain = number.replace("-", "")
    for place in range(11):
        one, other = plain[place : place + 2]
        if one != other:
            with pytest.raises(InvalidInput):
                appointment_number(plain[:place] + other + one + plain[place + 2 :])


@pytest.mark.parametrize(
    ("typed", "got"),
    [
        ("", "0 symbols"),
        ("001-0000", "7 symbols"),
        ("0010-0000-00000", "13 symbols"),
        ("0010-0000-000U", "a wrong check symbol"),
        ("0010-00*0-0000", "a symbol that numbers don't use"),
        ("0010-00U0-0000", "a symbol that numbers don't use"),
        ("0010-00ı0-0000", "a symbol that numbers don't use"),
        ("0010-00ſ0-0000", "a symbol that numbers don't use"),
        ("0010-000ß-000", "a symbol that numbers don't use"),
        ("0010-00００-0000", "a symbol that numbers don't use"),
        ("0010\u202e00000000", "a symbol that numbers don't use"),
        ("0" * 33, "33 symbols"),
        ("0" * 121, "121 characters"),
        ("0010\u202d00000000", "a symbol that numbers don't use"),
        ("-" * 1_000_000, "1000000 characters"),
        (None, "NoneType"),
        (12, "int"),
        (b"001000000000", "bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 32 and value.isascii() else "_",
)
def test_a_text_that_is_no_number_is_refused_and_quoted(typed, got):
    with pytest.raises(InvalidInput) as refused:
        appointment_number(typed)

    assert (refused.value.field, refused.value.got) == ("appointment number", got)


@pytest.mark.parametrize("serial", [-1, SERIALS])
def test_a_serial_beyond_the_bounds_is_refused(serial):
    with pytest.raises(InvalidInput, match=r"^serial: got -?[\d*]+; expected 0 to 32\*\*8 - 1$"):
        compose(BranchCode("001"), serial)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused_with_our_own_error(text):
    with suppress(InvalidInput):
        number = appointment_number(text)
        assert appointment_number(number) == number


def test_drawn_numbers_are_of_their_branch_and_never_end_in_a_punctuation_mark():
    drawn = [RandomNumbering().draw(BranchCode("7K0")) for _ in range(2_000)]

    assert len(set(drawn)) == len(drawn)
    assert all(number.startswith("7K0") and number[-1] in SYMBOLS + "U" for number in drawn)
