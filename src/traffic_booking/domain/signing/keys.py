"""Public keys of Ed25519, and their ids. A key's id follows from the key, so no two places can disagree on it."""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final, NewType

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.text_input import typed_text
from traffic_booking.domain.value_input import bounded_list

KeyId = NewType("KeyId", str)
"""The id of a public key: the first four bytes of its SHA-256, as eight hexadecimal digits."""

PUBLIC_KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
KEY_ID_BYTES: Final = 4
MOST_KEYS: Final = 64
"""The most public keys of one reader: a key is replaced once a year or so."""

_KEY_ID: Final = re.compile(rf"[0-9a-f]{{{2 * KEY_ID_BYTES}}}", re.ASCII)


def key_id(text: str) -> KeyId:
    """`text` as the id of a key. Raises `InvalidInput`."""
    expected = f"{2 * KEY_ID_BYTES} hexadecimal digits"
    clean = typed_text(text, "key id", longest=2 * KEY_ID_BYTES, expected=expected).lower()
    if not _KEY_ID.fullmatch(clean):
        raise InvalidInput("key id", got="another text", expected=expected)
    return KeyId(clean)


def key_id_of(public_key: bytes) -> KeyId:
    """Return the id of a public key of 32 bytes. Example: `key_id_of(bytes(32))  # "66687aad"`.

    Raises:
        InvalidInput: The key has another length.
    """
    expected = f"an Ed25519 public key: {PUBLIC_KEY_BYTES} bytes"
    if type(public_key) is not bytes:
        raise InvalidInput("public key", got=type(public_key).__name__, expected=expected)
    if len(public_key) != PUBLIC_KEY_BYTES:
        raise InvalidInput("public key", got=f"{len(public_key)} bytes", expected=expected)
    return KeyId(sha256(public_key).hexdigest()[: 2 * KEY_ID_BYTES])


def keys_by_id(public_keys: Iterable[bytes]) -> dict[KeyId, bytes]:
    """The public keys (at most 64) by their ids, in their order. Raises `InvalidInput`."""
    return {key_id_of(each): each for each in bounded_list(public_keys, "public keys", most=MOST_KEYS)}
