"""Ids of persons: the national id of a citizen, the iqama number of a resident.

Both have ten digits. The first is 1 for a citizen and 2 for a resident, the last is a check digit. To check it, double
the digits in places 1, 3, 5, 7 and 9 from the left and add the decimal digits of all: a multiple of ten is right. The
check digit is customary, not officially published (see `docs/explanation/sources.md`).

The number is a personal datum: `repr`, `str` and every message show only its last four digits.
"""

from typing import Any, ClassVar, Final, cast

from attrs import field

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.places.services import Holder
from traffic_booking.domain.text_input import ascii_digits, typed_text
from traffic_booking.domain.values import frozen

_LENGTH: Final = 10
_SHOWN: Final = 4
_DOUBLED: Final = str.maketrans("0123456789", "0246813579")
"""Each digit, doubled, with the digits of the result added up."""


def check_total(digits: str) -> int:
    """The check sum of ten ASCII digits; a valid id gives a multiple of ten."""
    return sum(map(int, digits[::2].translate(_DOUBLED) + digits[1::2]))


class _Digits(str):
    """Ten digits that are masked wherever they are printed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(str(self))

    def __str__(self) -> str:
        return "*" * (_LENGTH - _SHOWN) + "".join(self)[-_SHOWN:]


def _ten_digits(typed: object) -> _Digits:
    if type(typed) is _Digits:  # read and cleaned before
        return typed
    if type(typed) is str and len(typed) == _LENGTH and typed.isascii() and typed.isdigit():
        return _Digits(typed)  # as it is stored, and usually typed
    expected = "ten digits as on the card"
    digits = ascii_digits(typed_text(typed, "person id", longest=_LENGTH, expected=expected))
    if len(digits) == _LENGTH and digits.isascii() and digits.isdigit():
        return _Digits(digits)
    if not set(digits) <= set("0123456789"):
        raise InvalidInput("person id", got="a letter, a space or a sign in it", expected=expected)
    raise InvalidInput("person id", got=f"{len(digits)} digits" if digits else "nothing", expected=expected)


@frozen(repr=False, cache_hash=True)
class PersonId:
    """A checked person id. Use `NationalId`, `ResidentId`, or `person_id` if either may come.

    Marks that nobody sees and outer blanks are dropped. Raises `InvalidInput`, whose message never contains the digits.
    `repr`, `str` and the field in `attrs.asdict` are masked. `reveal`, pickles and JSON of that field contain the
    digits.
    """

    holder: ClassVar[Holder]
    _first: ClassVar[str]

    _digits: _Digits = field(converter=_ten_digits, repr=False)

    def __attrs_post_init__(self) -> None:
        if type(self) is PersonId:
            raise InvalidInput("person id", got="a bare PersonId", expected="a NationalId, a ResidentId or person_id()")
        if self._digits[0] != self._first:
            got, expected = f"a first digit {self._digits[0]}", f"{self._first} ({self.holder.value})"
            raise InvalidInput("person id", got=got, expected=expected)
        if check_total(self._digits) % 10:
            raise InvalidInput("person id", got="a wrong check digit", expected="ten digits as on the card")

    def reveal(self) -> str:
        """The ten ASCII digits, for storage and for the identity provider; keep them out of logs and messages."""
        return str.__str__(self._digits)

    def __lt__(self, other: object) -> bool:
        """Both kinds are ordered together, by their digits: citizens before residents."""
        return self.reveal() < other.reveal() if isinstance(other, PersonId) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.reveal() <= other.reveal() if isinstance(other, PersonId) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.reveal() > other.reveal() if isinstance(other, PersonId) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.reveal() >= other.reveal() if isinstance(other, PersonId) else NotImplemented

    def __str__(self) -> str:
        return str(self._digits)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002, FBT001 - IPython's protocol
        """IPython and hypothesis would otherwise print an attrs class field by field."""
        printer.text(repr(self))


@frozen(repr=False, cache_hash=True)
class NationalId(PersonId):
    """A citizen's national id (الهوية الوطنية): ten digits, the first is 1.

    Raises:
        InvalidInput: other than ten digits, another first digit, or a wrong check digit.

    Example::

        NationalId("1000000008") == NationalId("١٠٠٠٠٠٠٠٠٨")
    """

    holder = Holder.CITIZEN
    _first = "1"


@frozen(repr=False, cache_hash=True)
class ResidentId(PersonId):
    """A resident's iqama number (رقم الإقامة): ten digits, the first is 2. Raises as `NationalId` does."""

    holder = Holder.RESIDENT
    _first = "2"


def checked_person(value: object, field: str) -> PersonId:
    """`value` if it is a `NationalId` or `ResidentId` from its constructor. Raises `InvalidInput`, which omits it."""
    if type(value) in _KINDS and type(getattr(value, "_digits", None)) is _Digits:
        return cast("PersonId", value)
    raise InvalidInput(field, got=type(value).__name__, expected="a NationalId or ResidentId")


_KINDS: Final = (NationalId, ResidentId)


def person_id(typed: object) -> PersonId:
    """The `NationalId` or `ResidentId` of these digits; the first digit decides which.

    Raises:
        InvalidInput: `typed` is neither.

    Example::

        person_id("1000000008").holder  # Holder.CITIZEN
    """
    digits = _ten_digits(typed)
    match digits[0]:
        case "1":
            return NationalId(digits)
        case "2":
            return ResidentId(digits)
        case first:
            raise InvalidInput("person id", got=f"a first digit {first}", expected="1 (citizen) or 2 (resident)")
