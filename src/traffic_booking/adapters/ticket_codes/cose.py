"""COSE_Sign1 (RFC 9052) under Ed25519: signed bytes with the id of their key.

Only the one encoding that `sign` writes is read. Its frame is compared byte by byte, so that no decoder ever sees
bytes that nobody signed.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from traffic_booking.domain.errors import InvalidInput, MissingExtra
from traffic_booking.domain.signing.code_reading import CodeFault, RefusedCode
from traffic_booking.domain.signing.keys import KEY_ID_BYTES, SIGNATURE_BYTES, KeyId, keys_by_id
from traffic_booking.ports.signer import Signer

try:
    import cbor2
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError as missing:
    raise MissingExtra("signed codes", "tickets") from missing

__all__ = ["cbor2", "opened", "sign"]

_TAG: Final = 18
_KEY_ID: Final = 4
_PROTECTED: Final = cbor2.dumps({1: -8})
"""The algorithm: EdDSA."""
_BEFORE_KEY_ID: Final = b"\xd2\x84" + cbor2.dumps(_PROTECTED) + b"\xa1\x04\x44"
"""The tag, an array of four, the protected headers, and a map whose entry is the id of the key."""
_BEFORE_SIGNATURE: Final = b"\x58\x40"
_LENGTHS: Final[Mapping[int, int]] = {0x58: 2, 0x59: 3, 0x5A: 5}
"""The bytes before the payload, by the first of them; shorter payloads have one."""
_ATTEMPTS: Final = 3


def sign(payload: bytes, signer: Signer, purpose: bytes) -> bytes:
    """`payload` with its signature. It can be opened only for the same `purpose`, which is not part of the result.

    Raises `InvalidInput` if the signer returns signatures that its first public key does not verify.
    """
    data = _signed_bytes(payload, purpose)
    for _ in range(_ATTEMPTS):  # the key may be replaced between the two calls
        key_id, public_key = next(iter(keys_by_id(signer.public_keys).items()), (KeyId(""), b""))
        signature = signer.sign(data)
        if _verifies(public_key, signature, data):
            parts = [_PROTECTED, {_KEY_ID: bytes.fromhex(key_id)}, payload, signature]
            return cbor2.dumps(cbor2.CBORTag(_TAG, parts))
    expected = "a signature that the first of its public keys verifies"
    raise InvalidInput("signer", got="another signature", expected=expected)


def opened(data: bytes, keys: Mapping[KeyId, bytes], purpose: bytes) -> tuple[KeyId, bytes] | RefusedCode:
    """The id of the key and the payload of what `sign` returned, or the fault."""
    framed = _unframed(data)
    if framed is None:
        return RefusedCode(CodeFault.MALFORMED)
    key_id, payload, signature = framed
    if key_id not in keys:
        return RefusedCode(CodeFault.UNKNOWN_KEY, key_id)
    if not _verifies(keys[key_id], signature, _signed_bytes(payload, purpose)):
        return RefusedCode(CodeFault.FORGED, key_id)
    return key_id, payload


def _unframed(data: bytes) -> tuple[KeyId, bytes, bytes] | None:
    """The id of the key, the payload and the signature; None if the encoding is another one."""
    start = len(_BEFORE_KEY_ID) + KEY_ID_BYTES
    key_id, middle, signature = data[len(_BEFORE_KEY_ID) : start], data[start:-SIGNATURE_BYTES], data[-SIGNATURE_BYTES:]
    payload = middle[_LENGTHS.get(middle[0], 1) : -len(_BEFORE_SIGNATURE)] if middle else b""
    if data != b"".join((_BEFORE_KEY_ID, key_id, cbor2.dumps(payload), _BEFORE_SIGNATURE, signature)):
        return None
    return KeyId(key_id.hex()), payload, signature


def _signed_bytes(payload: bytes, purpose: bytes) -> bytes:
    """The `Sig_structure`, with the purpose as external data: one key signs tickets and lists."""
    return cbor2.dumps(["Signature1", _PROTECTED, purpose, payload])


def _verifies(public_key: bytes, signature: bytes, data: bytes) -> bool:
    try:
        _loaded(public_key).verify(signature, data)
    except (InvalidSignature, ValueError, TypeError):  # TypeError: a signer that returns no bytes
        return False
    return True


@lru_cache(maxsize=64)
def _loaded(public_key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public_key)
