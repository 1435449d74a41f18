"""The file of a day's list: signed as COSE_Sign1, or unsigned and marked so.

A signed file is binary, and other programs can verify it: its payload is the JSON form of the list. An unsigned file is
text. Its first line has a hash, which finds accidents and no forgeries.
"""

from collections.abc import Sequence
from hashlib import sha256
from json import dumps, loads
from typing import Final

from traffic_booking.domain.appointments.documents import UTF_8, Document
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.gate.day_list import DayList
from traffic_booking.domain.signing.code_reading import CodeFault, RefusedCode
from traffic_booking.domain.signing.keys import keys_by_id
from traffic_booking.domain.value_input import is_a, remade, truth, with_methods
from traffic_booking.json_forms import from_json, to_json
from traffic_booking.ports.signer import Signer

PURPOSE: Final = b"traffic-booking day list 1"
"""The external data of the signature: a signed ticket of the same key is no list."""
LARGEST: Final = 16 * 2**20
"""In bytes: a list of 10,000 appointments has 4 million."""

_SIGNED: Final = b"\xd2"  # the tag of COSE_Sign1
_UNSIGNED: Final = "traffic-booking day list 1, not signed, sha256 "
_REASONS: Final = {
    CodeFault.MALFORMED: "a damaged file",
    CodeFault.NOT_A_CODE: "a damaged file",
    CodeFault.UNKNOWN_KEY: "one that an unknown key signed",
    CodeFault.FORGED: "one whose signature is wrong",
}
_EXPECTED: Final = "the list as the desk wrote it; export it again"


def day_list_document(listed: DayList, signer: Signer | None = None) -> Document:
    """Return the file of a day's list, signed if there is a `signer`.

    Example: `Path("gate.list").write_bytes(day_list_document(listed, signer).content)`.

    Raises:
        InvalidInput: `listed` is no `DayList`, or the signer does not sign under its first public key.
        MissingExtra: The packages for signing are not installed.
    """
    if type(listed) is not DayList:
        raise InvalidInput("list", got=type(listed).__name__, expected="a DayList")
    text, name = remade("list", lambda: _written(listed))
    payload = text.encode()
    if signer is None:
        content = f"{_UNSIGNED}{sha256(payload).hexdigest()}\n".encode() + payload
        return Document(media_type=f"text/plain{UTF_8}", file_name=f"{name}.unsigned-list", content=content)
    from traffic_booking.adapters.ticket_codes.cose import sign  # noqa: PLC0415 - needs the extra, for signed lists alone

    checked = with_methods(signer, "signer", "sign")
    remade("signer", lambda: keys_by_id(checked.public_keys))
    content = sign(payload, checked, PURPOSE)
    return Document(media_type="application/cose", file_name=f"{name}.list", content=content)


def _written(listed: DayList) -> tuple[str, str]:
    """The JSON form of the list, and the name of its file without the ending."""
    text = dumps(to_json(listed), ensure_ascii=False, separators=(",", ":"))
    return text, f"{listed.branch}-{listed.day.gregorian.isoformat()}"


def read_day_list(content: bytes, public_keys: Sequence[bytes] = (), *, accept_unsigned: bool = False) -> DayList:
    """Return the list in a file, once its signature is verified.

    Example: `read_day_list(Path("gate.list").read_bytes(), signer.public_keys)`.

    Args:
        content: The bytes of the file, at most 16 MiB.
        public_keys: Ed25519 public keys of 32 bytes, that of the list among them.
        accept_unsigned: True to accept a list without a signature, which anybody may have written.

    Raises:
        InvalidInput: The file was altered, an unknown key signed it, or nobody did.
        MissingExtra: The packages for verifying are not installed.
    """
    if not is_a(content, bytes) or len(content) > LARGEST:
        got = f"{len(content)} bytes" if is_a(content, bytes) else type(content).__name__
        raise InvalidInput("list", got=got, expected=f"the bytes of a file, at most {LARGEST}")
    keys, unsigned = keys_by_id(public_keys), truth(accept_unsigned, "accept_unsigned")
    if content.startswith(_SIGNED):
        from traffic_booking.adapters.ticket_codes.cose import opened  # noqa: PLC0415 - as above

        found = opened(content, keys, PURPOSE)
        if isinstance(found, RefusedCode):
            raise InvalidInput("list", got=_REASONS[found.fault], expected=_EXPECTED)
        return _listed(found[1])
    head, _, payload = content.partition(b"\n")
    if head != f"{_UNSIGNED}{sha256(payload).hexdigest()}".encode():
        raise InvalidInput("list", got=_REASONS[CodeFault.MALFORMED], expected=_EXPECTED)
    if not unsigned:
        expected = "a signed list, or consent to one that anybody may have written"
        raise InvalidInput("list", got="one without a signature", expected=expected)
    return _listed(payload)


def _listed(payload: bytes) -> DayList:
    try:
        data = loads(payload)
    except (ValueError, RecursionError):
        raise InvalidInput("list", got=_REASONS[CodeFault.MALFORMED], expected=_EXPECTED) from None
    return from_json(DayList, data)
