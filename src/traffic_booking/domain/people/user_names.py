"""User names: another name of an account, beside the id of its person.

The name is a personal datum: `repr`, `str` and every message omit it.
"""

import re
import unicodedata
from typing import Final

from attrs import field

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.people.identity import PersonId, checked_person, person_id
from traffic_booking.domain.text_input import cleaned, typed_text
from traffic_booking.domain.value_input import is_a, remade
from traffic_booking.domain.values import frozen

SHORTEST: Final = 3
LONGEST: Final = 64
"""In characters of the normal form, both inclusive."""

_IGNORED: Final = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks that nothing shows (Unicode's `Default_Ignorable_Code_Point`), beside those of the category Cf."""
_REVERSING: Final = frozenset("\u202d\u202e")
_LETTERS: Final = frozenset({"Ll", "Lo", "Lt", "Lu"})
_ACCEPTED: Final = _LETTERS | {"Mc", "Mn", "Nd"}
_SIGNS: Final = frozenset("._-@+")


def _normal(typed: object, field: str) -> str:
    """The normal form of typed text: cleaned, NFKC, lower case, ASCII digits, without any invisible character.

    The marks that reverse what people read stay, and are refused.
    """
    text = typed_text(typed, field, longest=LONGEST, expected=f"{SHORTEST} to {LONGEST} characters")
    before = None
    while text != before:  # one pass may leave what the next one changes
        before = text
        folded = unicodedata.normalize("NFKC", text).casefold()
        shown = (c for c in _IGNORED.sub("", folded) if unicodedata.category(c) != "Cf" or c in _REVERSING)
        text = cleaned(unicodedata.normalize("NFKC", "".join(shown)))
    return "".join(str(unicodedata.decimal(c, c)) for c in text)


def _is_letter(character: str) -> bool:
    return unicodedata.category(character) in _LETTERS


def _checked(typed: object) -> str:
    text = _normal(typed, "user name")
    if not SHORTEST <= len(text) <= LONGEST:
        got = f"{len(text)} characters" if text else "nothing"
        raise InvalidInput("user name", got=got, expected=f"{SHORTEST} to {LONGEST} characters")
    for place, character in enumerate(text, start=1):
        if character not in _SIGNS and unicodedata.category(character) not in _ACCEPTED:
            got = f"a space or another sign at place {place}"
            raise InvalidInput("user name", got=got, expected="letters, digits and . _ - @ + only")
    if not any(map(_is_letter, text)):
        raise InvalidInput("user name", got="no letter", expected="at least one: other names are taken for ids")
    return text


@frozen(repr=False, cache_hash=True)
class UserName:
    """A checked user name of 3 to 64 characters: letters of any script, digits and `. _ - @ +`, at least one letter.

    Names are equal in every case and Unicode form, and with digits of every kind. `repr` and `str` show none of it.

    Raises:
        InvalidInput: other characters, another length, or no letter; the message omits the name.

    Example::

        UserName("Sara.Q٧") == UserName("sara.q7")
    """

    _text: str = field(converter=_checked, repr=False)

    def reveal(self) -> str:
        """The name in its normal form, for storage and for the identity provider; keep it out of logs and messages."""
        return self._text

    def __str__(self) -> str:
        return "***"

    def __repr__(self) -> str:
        return "UserName('***')"


Account = PersonId | UserName
"""The name under which somebody signs in: an id, or a user name."""


def checked_name(name: object) -> UserName:
    """A checked copy of `name`, if it is a `UserName`. Raises `InvalidInput`, which omits it."""
    if type(name) is not UserName:
        raise InvalidInput("user name", got=type(name).__name__, expected="a UserName")
    return remade("user name", lambda: UserName(name.reveal()))


def account_of(typed: object) -> Account:
    """An id as it is, and typed text as the id or the user name that it is: an id has no letter, a user name has one.

    Raises:
        InvalidInput: it is neither; the message omits it.
    """
    if type(typed) is UserName:
        return checked_name(typed)
    if not is_a(typed, str):
        return checked_person(typed, "person id or user name")
    text = _normal(typed, "person id or user name")
    return UserName(text) if any(map(_is_letter, text)) else person_id(text)
