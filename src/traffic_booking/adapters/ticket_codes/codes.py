"""Claims as the text of a QR code: a CBOR map with integer keys, signed (COSE_Sign1), in Base45."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from traffic_booking.adapters.ticket_codes import base45
from traffic_booking.adapters.ticket_codes.cose import cbor2, opened, sign
from traffic_booking.domain.appointments.numbers import (
    appointment_number,
    packed_branch_code,
    packed_number,
    unpacked_branch_code,
    unpacked_number,
)
from traffic_booking.domain.appointments.ticket_codes import TicketClaims, TicketCode
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.keyboard_layout import readings
from traffic_booking.domain.signing.code_reading import CodeFault, ReadCode, RefusedCode, UnsignedCode, VerifiedCode
from traffic_booking.domain.signing.keys import KeyId, keys_by_id
from traffic_booking.domain.text_input import plain_text
from traffic_booking.ports.signer import Signer

PURPOSE: Final = b"traffic-booking ticket 1"
"""The external data (`external_aad`) of the signature: another signed message of the same key is no ticket."""
LONGEST_TEXT: Final = 512
"""Characters; a longer text is refused unread. A code has at most 190, some of them two letters of an Arabic layout."""
SHORTEST_CODE: Final = 118
"""Characters of a code with an empty payload."""

_NUMBER, _VERSION, _BRANCH, _STARTS_AT, _SECONDS, _TICKET_ID = range(1, 7)
_BEGINNING: Final = "RRQ"
"""The first characters of every code: the first bytes of a COSE_Sign1."""


def write_code(claims: TicketClaims, signer: Signer) -> TicketCode:
    """The signed code of these claims."""
    return TicketCode(base45.encode(sign(_payload(claims), signer, PURPOSE)), signed=True)


def read_code(text: str, public_keys: Sequence[bytes]) -> ReadCode:
    """The result of reading a scanned or typed text."""
    keys, plain = keys_by_id(public_keys), plain_text(text, "code")
    if len(plain) > LONGEST_TEXT:
        return RefusedCode(CodeFault.NOT_A_CODE)
    if len(plain) < SHORTEST_CODE:
        try:
            return UnsignedCode(appointment_number(plain))
        except InvalidInput:
            pass
    plain = plain.strip()
    found = _read_signed(plain, keys)
    if isinstance(found, VerifiedCode):
        return found
    for reading in readings(plain):
        retyped = _read_signed(reading, keys)
        if isinstance(retyped, VerifiedCode):
            return retyped
        if found.fault is CodeFault.NOT_A_CODE:
            found = retyped
    return found


def _read_signed(text: str, keys: Mapping[KeyId, bytes]) -> VerifiedCode | RefusedCode:
    if not text.isascii() or not text.upper().startswith(_BEGINNING):
        return RefusedCode(CodeFault.NOT_A_CODE)
    try:
        data = base45.decode(text.upper())
    except ValueError:
        return RefusedCode(CodeFault.MALFORMED)
    found = opened(data, keys, PURPOSE)
    if isinstance(found, RefusedCode):
        return found
    key_id, payload = found
    claims = _claims(payload)
    return RefusedCode(CodeFault.MALFORMED, key_id) if claims is None else VerifiedCode(claims=claims, key_id=key_id)


def _payload(claims: TicketClaims) -> bytes:
    start = int(claims.starts_at.timestamp())
    return cbor2.dumps(
        {
            _NUMBER: packed_number(claims.number).to_bytes(7, "big"),
            _VERSION: claims.version,
            _BRANCH: packed_branch_code(claims.branch),
            _STARTS_AT: start,
            _SECONDS: int(claims.ends_at.timestamp()) - start,
            _TICKET_ID: bytes.fromhex(claims.ticket_id),
        }
    )


def _claims(payload: bytes) -> TicketClaims | None:
    """The claims of a payload that a known key signed; None if it is not exactly as `_payload` writes it."""
    try:
        fields: Mapping[int, Any] = cbor2.loads(payload)
        number = unpacked_number(int.from_bytes(fields[_NUMBER], "big"))
        branch = unpacked_branch_code(fields[_BRANCH])
        if number is None or branch is None:
            return None
        start, end = (datetime.fromtimestamp(fields[_STARTS_AT] + more, UTC) for more in (0, fields[_SECONDS]))
        claims = TicketClaims(
            number=number,
            version=fields[_VERSION],
            branch=branch,
            starts_at=start,
            ends_at=end,
            ticket_id=fields[_TICKET_ID].hex(),
        )
        return claims if _payload(claims) == payload else None
    except Exception:  # noqa: BLE001 - the holder of a key may have signed anything
        return None
