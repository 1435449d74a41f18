"""Appointment numbers: twelve Crockford base-32 symbols, `0A1K-3M9Q-X274`.

Three symbols name the branch, eight are drawn at random (40 bits), the last is Crockford's check symbol (the value of
the others modulo 37). No number has a punctuation mark as check symbol. Typed numbers may be in lower case, with any
blanks and dashes or none, in Arabic digits, with O for 0, I or L for 1, and under an Arabic keyboard layout. A number
grants no access.
"""

from contextlib import suppress
from typing import Final, NewType

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.keyboard_layout import readings
from traffic_booking.domain.places.geography import BranchCode
from traffic_booking.domain.text_input import compact, typed_text

AppointmentNumber = NewType("AppointmentNumber", str)

SERIALS: Final = 32**8
"""The number of serials of a branch: 0 to one less."""
BRANCH_CODES: Final = 32**3
"""The number of codes of branches."""

_SYMBOLS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECKS: Final = _SYMBOLS + "*~$=U"
_PAIRS: Final = tuple(first + second for first in _SYMBOLS for second in _SYMBOLS)
"""For composing two symbols at a time: every booking draws a number."""
_PLAIN_CHECKS: Final = frozenset(_SYMBOLS + "U")
_VALUES: Final = {symbol: value for value, symbol in enumerate(_SYMBOLS)}
_LOOKALIKES: Final = str.maketrans("OIL", "011")
_LENGTH: Final = 12
_LONGEST: Final = len("0A1K-3M9Q-X274")
_LONGEST_RETYPED: Final = 4 * _LONGEST


def _value(symbols: str) -> int:
    value = 0
    for symbol in symbols:
        value = value * 32 + _VALUES[symbol]
    return value


def _check_symbol(symbols: str) -> str:
    return _CHECKS[_value(symbols) % 37]


def compose(code: BranchCode, serial: int) -> AppointmentNumber | None:
    """The number of `serial` (0 to 32**8 - 1) at a branch; None if its check symbol would be a punctuation mark."""
    if not 0 <= serial < SERIALS:
        raise InvalidInput("serial", got=str(serial), expected="0 to 32**8 - 1")
    check = _CHECKS[(_value(code) * SERIALS + serial) % 37]
    if check not in _PLAIN_CHECKS:
        return None
    second = f"{_PAIRS[serial >> 25 & 1023]}{_PAIRS[serial >> 15 & 1023]}"
    third = f"{_PAIRS[serial >> 5 & 1023]}{_SYMBOLS[serial & 31]}{check}"
    return AppointmentNumber(f"{code}{_SYMBOLS[serial >> 35]}-{second}-{third}")


def packed_number(number: AppointmentNumber) -> int:
    """A number in 55 bits: all of its symbols but the check symbol, which follows from them."""
    return _value(number.replace("-", "")[:-1])


def unpacked_number(value: int) -> AppointmentNumber | None:
    """The number that `packed_number` packed; None if there is none."""
    high, serial = divmod(value, SERIALS)
    code = unpacked_branch_code(high)
    return None if code is None else compose(code, serial)


def packed_branch_code(code: BranchCode) -> int:
    """A branch's code in 15 bits."""
    return _value(code)


def unpacked_branch_code(value: int) -> BranchCode | None:
    """The code that `packed_branch_code` packed; None if there is none."""
    if not 0 <= value < BRANCH_CODES:
        return None
    return BranchCode(f"{_PAIRS[value >> 5]}{_SYMBOLS[value & 31]}")


def appointment_number(typed: object) -> AppointmentNumber:
    """A typed or scanned number in its written form.

    A scanner may have typed it under an Arabic keyboard layout. It is mapped back, if its check symbol proves exactly
    one reading.

    Raises:
        InvalidInput: `typed` is no appointment number.

    Example::

        appointment_number("oa1k 3m9q x274")  # "0A1K-3M9Q-X274"
    """
    try:
        return _read(typed)
    except InvalidInput:
        retyped = _retyped(typed)
        if retyped is None:
            raise
        return retyped


def _read(typed: object) -> AppointmentNumber:
    expected = "12 letters and digits, such as 0A1K-3M9Q-X274"
    text = compact(typed_text(typed, "appointment number", longest=_LONGEST, expected=expected))
    if not text.isascii():  # first: upper() turns some other letters into ASCII ones
        raise InvalidInput("appointment number", got="a symbol that numbers don't use", expected=expected)
    text = text.upper()
    if len(text) != _LENGTH:
        raise InvalidInput("appointment number", got=f"{len(text)} symbols", expected=expected)
    body, check = text[:-1].translate(_LOOKALIKES), text[-1]
    if any(symbol not in _VALUES for symbol in body):
        raise InvalidInput("appointment number", got="a symbol that numbers don't use", expected=expected)
    if check != _check_symbol(body) and check.translate(_LOOKALIKES) != _check_symbol(body):
        raise InvalidInput("appointment number", got="a wrong check symbol", expected="the number as printed")
    return AppointmentNumber(f"{body[:4]}-{body[4:8]}-{body[8:]}{_check_symbol(body)}")


def _retyped(typed: object) -> AppointmentNumber | None:
    """The number that was typed under an Arabic keyboard layout; None if none is proved, or several are."""
    if type(typed) is not str or len(typed) > _LONGEST_RETYPED:
        return None
    proved = set[AppointmentNumber]()
    for reading in readings(typed):
        with suppress(InvalidInput):
            proved.add(_read(reading))
    return proved.pop() if len(proved) == 1 else None
