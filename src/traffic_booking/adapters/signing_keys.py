"""Signing keys in files, by the `cryptography` package: PEM, as OpenSSL and key services read and write it.

The private key is in one file, and the public keys are in the file beside it that ends in `.pub`: the current key
first, then those that it replaced. Gates and auditors get the public file alone.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self

from traffic_booking.domain.errors import InvalidInput, MissingExtra
from traffic_booking.domain.signing.keys import MOST_KEYS, KeyId, key_id_of
from traffic_booking.domain.text_input import openable_path
from traffic_booking.persistence.private_files import PUBLIC, is_there, read_file, write_new, write_over

try:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
        load_pem_private_key,
        load_pem_public_key,
    )
except ImportError as missing:
    raise MissingExtra("signing keys", "tickets") from missing

_FIELD: Final = "signing key file"
_LONGEST_FILE: Final = 65_536
_A_KEY: Final = "an Ed25519 private key in PEM, as SigningKeys.open makes it"
_PUBLIC_KEYS: Final = "Ed25519 public keys in PEM, such as SigningKeys.open writes beside the private key"
_END: Final = b"-----END PUBLIC KEY-----"


class SigningKeys:
    """A `Signer` whose private key is in a file, with mode 0600, and its public keys in the file with `.pub` behind.

    `str(keys.path)` and the public keys are no secrets; the private key leaves neither the file nor this object.

    Example::

        keys = SigningKeys.open("tickets.key")  # makes tickets.key and tickets.key.pub if there are none
        desk = BookingDesk.open(url, signer=keys)
    """

    __slots__ = ("_private", "_public", "path")

    def __init__(self, path: Path, private: Ed25519PrivateKey, public_keys: Sequence[bytes]) -> None:
        self.path: Final = path
        self._private = private
        self._public = tuple(public_keys)

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Read the keys; make both files if there are none.

        Raises:
            InvalidInput: A file can't be read or written, or has other content. The group of the private file or others
                may use it. The public file is there alone, or has other keys.
        """
        place = Path(openable_path(path, _FIELD))
        public = _public_path(place)
        if not is_there(place) and not is_there(public):
            try:
                write_new(place, _pem(Ed25519PrivateKey.generate()), _FIELD)
            except InvalidInput:
                if not is_there(place):  # else another process was first
                    raise
        private = _private_key(place)
        current = _raw(private)
        if not is_there(public):
            write_over(public, _public_pem([current]), _FIELD, PUBLIC)
        found = read_public_keys(public)
        if current not in found:
            expected = f"{public} with the public key of {place}: remove it, and it is made again"
            raise _refused(f"{public} of other keys", expected)
        return cls(place, private, _first(current, found))

    @classmethod
    def rotate(cls, path: str | Path) -> Self:
        """Replace the private key by a new one, and return the keys. The earlier public keys stay, and verify.

        Open desks sign with the key that they have read until they are opened again. A rotation that was stopped is
        repeated; then the public file may have a key that has signed nothing.

        Raises:
            InvalidInput: As from `open`, and if there is no public file.
        """
        place = Path(openable_path(path, _FIELD))
        public = _public_path(place)
        before = read_public_keys(public)
        if is_there(place):
            before = _first(_raw(_private_key(place)), before)
        private = Ed25519PrivateKey.generate()
        after = _first(_raw(private), before)
        # First the public file: whatever the private key signs can be verified at any moment.
        write_over(public, _public_pem(after), _FIELD, PUBLIC)
        write_over(place, _pem(private), _FIELD)
        return cls(place, private, after)

    @property
    def public_keys(self) -> Sequence[bytes]:
        return self._public

    @property
    def key_id(self) -> KeyId:
        """The id of the current key."""
        return key_id_of(self._public[0])

    def sign(self, data: bytes) -> bytes:
        return self._private.sign(data)

    def __reduce__(self) -> tuple[Any, ...]:
        """Refuse pickling and copying: a task queue would store the private key in its messages."""
        raise TypeError("SigningKeys can't be pickled or copied; open the file again")


def read_public_keys(path: str | Path) -> tuple[bytes, ...]:
    """Return the public keys (at most 64) in a file: one or more in PEM. Raises `InvalidInput` for any other content.

    Example: `read_ticket_code(text, read_public_keys("tickets.key.pub"))`.
    """
    plain = openable_path(path, _FIELD)
    content = read_file(plain, _FIELD, _PUBLIC_KEYS, longest=_LONGEST_FILE, private=False)
    *blocks, rest = content.split(_END)
    keys = tuple(map(_public_key, blocks))
    if rest.strip() or not 0 < len(keys) <= MOST_KEYS or None in keys:
        raise _refused(f"{plain} with other content", _PUBLIC_KEYS)
    return tuple(dict.fromkeys(key for key in keys if key is not None))


def verifies(public_key: bytes, signature: bytes, data: bytes) -> bool:
    """True if `public_key` (32 bytes) verifies the signature of `data`."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError, TypeError):  # TypeError: a signer that returns no bytes
        return False
    return True


def _refused(got: str, expected: str) -> InvalidInput:
    return InvalidInput(_FIELD, got=got, expected=expected)


def _first(key: bytes, others: Sequence[bytes]) -> tuple[bytes, ...]:
    return (key, *(each for each in others if each != key))[:MOST_KEYS]


def _public_path(place: Path) -> Path:
    return Path(f"{place}.pub")


def _private_key(place: Path) -> Ed25519PrivateKey:
    content = read_file(place, _FIELD, _A_KEY, longest=_LONGEST_FILE)
    try:
        found = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise _refused(f"{place} with other content", _A_KEY)
    return found


def _public_key(block: bytes) -> bytes | None:
    try:
        found = load_pem_public_key(block + _END + b"\n")
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return found.public_bytes_raw() if isinstance(found, Ed25519PublicKey) else None


def _raw(private: Ed25519PrivateKey) -> bytes:
    return private.public_key().public_bytes_raw()


def _pem(private: Ed25519PrivateKey) -> bytes:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public_pem(keys: Sequence[bytes]) -> bytes:
    loaded = map(Ed25519PublicKey.from_public_bytes, keys)
    return b"".join(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for key in loaded)
