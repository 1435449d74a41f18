"""Persons whose ids are searched for in bytes, in every likely form."""

import hashlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Final

from traffic_booking import Holder, PersonId
from traffic_booking.testing import made_up_person

APPLICANT, DELEGATE, REFUSED, LOCKED, ERASED = (made_up_person(serial) for serial in range(73_914_682, 73_914_687))
TYPED = made_up_person(60_482_917, Holder.RESIDENT)
"""A person who types the id in Arabic-Indic digits."""
CANARIES: Final[Mapping[str, PersonId]] = {
    "applicant": APPLICANT,
    "delegate": DELEGATE,
    "refused": REFUSED,
    "locked": LOCKED,
    "erased": ERASED,
    "typed": TYPED,
}
ARABIC: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
HASHES: Final = ("md5", "sha1", "sha256", "sha512", "blake2b", "sha3_256")
"""A hash without a key protects an id no better than the id itself: there are few ids."""


def forms_of(digits: str) -> dict[str, bytes]:
    """The forms of ten digits that are searched for, by their names."""
    plain, number = digits.encode(), int(digits)
    forms = {"ASCII": plain, "number, big endian": number.to_bytes(4), "number, little": number.to_bytes(4, "little")}
    for script, table in (("Arabic-Indic", ARABIC), ("Persian", PERSIAN)):
        forms[script] = digits.translate(table).encode()
        forms[f"{script}, escaped"] = digits.translate(table).encode("ascii", "backslashreplace")
    for script, table in (("ASCII", {}), ("Arabic-Indic", ARABIC), ("Persian", PERSIAN)):
        for order in ("utf-16-le", "utf-16-be"):
            forms[f"{script}, {order}"] = digits.translate(table).encode(order)
    for place in range(3):  # base64 of a text that begins so many bytes before
        packed = b64encode(b"\0" * place + plain)
        forms[f"base64, place {place}"] = packed[4 if place else 0 : -4]
    for name, packed in {"digits": plain, "number": number.to_bytes(4)}.items():
        forms |= {f"HEX of {name}": packed.hex().upper().encode(), f"hex of {name}": packed.hex().encode()}
    for name in HASHES:
        digest = hashlib.new(name, plain).digest()
        forms |= {f"{name}, raw": digest, f"{name}, hex": digest.hex().encode()}
        forms[f"{name}, base64"] = b64encode(digest).rstrip(b"=")
        forms[f"{name}, base64 for URLs"] = urlsafe_b64encode(digest).rstrip(b"=")
    return forms


SOUGHT: Final = {
    form: f"{who}: {name}" for who, person in CANARIES.items() for name, form in forms_of(person.reveal()).items()
}


def found_in(content: bytes) -> set[str]:
    """The canaries in `content`, each with its form."""
    return {name for form, name in SOUGHT.items() if form in content}


def found_in_texts(texts: Iterable[str]) -> set[str]:
    """The canaries in the texts."""
    return found_in("\n".join(texts).encode("utf-8", "surrogatepass"))


def in_clear() -> set[str]:
    """The findings if the digits of all canaries are there in clear."""
    return {f"{who}: ASCII" for who in CANARIES}
