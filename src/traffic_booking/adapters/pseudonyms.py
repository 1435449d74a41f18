"""Ids that only a secret key opens, by the `cryptography` package.

A record's key is an HMAC of the id. There are only 2 * 10^8 ids, so a thief of the store could compute plain hashes of
all of them; an HMAC needs the secret.

The id in the record's body is encrypted and authenticated (AES-256-GCM), with the record's key and the subject. So a
sealed id that is moved to another record is refused.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from secrets import token_bytes
from typing import Any, Final, Self

from traffic_booking.domain.errors import InvalidInput, MissingExtra, StoreUnreadable
from traffic_booking.domain.people.identity import PersonId, person_id
from traffic_booking.persistence.private_files import read_file, write_new

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError as missing:
    raise MissingExtra("pseudonyms", "pseudonyms") from missing

SECRET_BYTES: Final = 32
CACHED_KEYS: Final = 1_024

_NONCE_BYTES: Final = 12
_DIGITS: Final = 10
_UNOPENED: Final = "got text that this key doesn't open in this place; expected it as sealed"
_PREFIX: Final = "pseudonym-key-1:"
_LONGEST_FILE: Final = 1_024
_FIELD: Final = "pseudonym key file"


class PseudonymKey:
    """`Pseudonyms` under a secret of 32 random bytes, the same in every process that opens the store.

    Keep the secret in a key file (`make_file`, `from_file`), or pass it from a secret manager. The store does not
    contain it: without it nobody can read the ids. Raises `InvalidInput` if the secret has another length.

    Example::

        PseudonymKey.make_file("pseudonyms.key")
        desk = BookingDesk.open(url, pseudonym_key=PseudonymKey.from_file("pseudonyms.key"))
    """

    __slots__ = ("_check", "_cipher", "_keys", "_name_key")

    def __init__(self, secret: bytes) -> None:
        if type(secret) is not bytes:
            raise InvalidInput("pseudonym key", got=type(secret).__name__, expected=f"{SECRET_BYTES} random bytes")
        if len(secret) != SECRET_BYTES:
            raise InvalidInput("pseudonym key", got=f"{len(secret)} bytes", expected=f"{SECRET_BYTES} random bytes")
        record_key = _subkey(secret, "record")
        # A booking asks for the key of its person several times.
        self._keys = lru_cache(maxsize=CACHED_KEYS)(
            lambda person: _text(hmac.digest(record_key, person.reveal().encode(), "sha256"))
        )
        self._cipher = AESGCM(_subkey(secret, "body"))
        self._name_key = _subkey(secret, "name")
        self._check = _text(_subkey(secret, "check"))

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read the key from a file that `make_file` wrote.

        Raises `InvalidInput` if the file can't be read, is not such a file, or if its group or others may use it.
        """
        content = read_file(path, _FIELD, "a file that PseudonymKey.make_file wrote", longest=_LONGEST_FILE)
        secret = _secret(content)
        if secret is None:
            expected = "a file as PseudonymKey.make_file wrote it"
            raise InvalidInput(_FIELD, got=f"{path} with other content", expected=expected)
        return cls(secret)

    @staticmethod
    def make_file(path: str | Path) -> None:
        """Write a new random key to a new file, with mode 0600.

        Raises `InvalidInput` if there is a file already, as losing a key loses all ids, or if it can't be written.
        """
        write_new(path, _content(token_bytes(SECRET_BYTES)), _FIELD)

    @property
    def check(self) -> str:
        return self._check

    def key(self, person: PersonId) -> str:
        return self._keys(person)

    def seal(self, person: PersonId, salt: str, subject: str) -> str:
        return self._sealed(f"{person.reveal()}{salt}", self.key(person), subject)

    def reveal(self, key: str, sealed: str, subject: str) -> tuple[PersonId, str]:
        with suppress(ValueError):
            opened = self._opened(key, sealed, subject)
            return person_id(opened[:_DIGITS]), opened[_DIGITS:]
        # Outside of the handler, so that no error that quotes the text is chained to this one.
        raise StoreUnreadable(f"the id in a person's record: {_UNOPENED}")

    def key_of_name(self, name: str) -> str:
        return _text(hmac.digest(self._name_key, name.encode(), "sha256"))

    def seal_name(self, name: str, subject: str) -> str:
        return self._sealed(name, self.key_of_name(name), subject)

    def reveal_name(self, key: str, sealed: str, subject: str) -> str:
        with suppress(ValueError):
            return self._opened(key, sealed, subject)
        raise StoreUnreadable(f"the name in a user name's record: {_UNOPENED}")

    def _sealed(self, text: str, key: str, subject: str) -> str:
        # Random nonces of 96 bits are safe for 2^32 texts under one key, far more than there are ids and names.
        nonce = token_bytes(_NONCE_BYTES)
        return _text(nonce + self._cipher.encrypt(nonce, text.encode(), _place(key, subject)))

    def _opened(self, key: str, sealed: str, subject: str) -> str:
        """The text that was sealed for this place. Raises `ValueError` if it was not."""
        packed = _unpacked(sealed)
        try:
            return self._cipher.decrypt(packed[:_NONCE_BYTES], packed[_NONCE_BYTES:], _place(key, subject)).decode()
        except InvalidTag:
            raise ValueError(_UNOPENED) from None

    def __reduce__(self) -> tuple[Any, ...]:
        """Refuse pickling and copying: a task queue would store the secret in its messages."""
        raise TypeError("a PseudonymKey can't be pickled or copied; read it again from its file")


def _subkey(secret: bytes, purpose: str) -> bytes:
    """An independent key for one purpose."""
    info = f"traffic_booking pseudonyms 1 {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=SECRET_BYTES, salt=None, info=info).derive(secret)


def _place(key: str, subject: str) -> bytes:
    """The associated data of a sealed id, unambiguous by the length of the key."""
    return f"{len(key)}:{key}{subject}".encode()


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpacked(text: str) -> bytes:
    """The bytes that `_text` wrote. Raises `ValueError` for any other spelling of them."""
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _text(data) != text:
        raise ValueError("not as it was written")
    return data


def _content(secret: bytes) -> bytes:
    return f"{_PREFIX}{_text(secret)}\n".encode()


def _secret(content: bytes) -> bytes | None:
    """The secret in a key file's content, or None if that is not exactly as `_content` wrote it."""
    try:
        secret = _unpacked(content.decode().removeprefix(_PREFIX).removesuffix("\n"))
    except ValueError:
        return None
    return secret if len(secret) == SECRET_BYTES and _content(secret) == content else None
