"""Ids that only a secret key opens, by the `cryptography` package.

A record's key is an HMAC of the id and not a plain hash. The first of the ten digits is 1 or 2 and the last one checks
the others, so there are only 2 * 10^8 ids. A thief of the store could hash all of them within minutes and look up
everybody. An HMAC can't be computed without the secret.

The id in the record's body is encrypted and authenticated (AES-256-GCM), bound to the record's key and the subject.
So a sealed id that is moved to another record is refused.
"""

import hmac
import os
import stat
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from pathlib import Path
from secrets import token_bytes
from typing import Any, Final, Self

from traffic_booking.domain.errors import InvalidInput, MissingExtra, StoreUnreadable
from traffic_booking.domain.people.identity import PersonId, person_id

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
_PREFIX: Final = "pseudonym-key-1:"
_LONGEST_FILE: Final = 1_024
_KEY_FILE: Final = "pseudonym key file"
_HAS_MODES: Final = os.name == "posix"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class PseudonymKey:
    """`Pseudonyms` under a secret of 32 random bytes, the same in every process that opens the store.

    Keep the secret in a key file (`make_file`, `from_file`), or pass it from a secret manager. It can't be made again
    from the store: without it nobody can read the ids. Raises `InvalidInput` if the secret has another length.
    """

    __slots__ = ("_check", "_cipher", "_keys")

    def __init__(self, secret: bytes) -> None:
        if not isinstance(secret, bytes):
            raise InvalidInput("pseudonym key", got=type(secret).__name__, expected=f"{SECRET_BYTES} random bytes")
        if len(secret) != SECRET_BYTES:
            raise InvalidInput("pseudonym key", got=f"{len(secret)} bytes", expected=f"{SECRET_BYTES} random bytes")
        record_key = _subkey(secret, "record")
        # A booking asks for the key of its person several times.
        self._keys = lru_cache(maxsize=CACHED_KEYS)(lambda person: _record_key(record_key, person))
        self._cipher = AESGCM(_subkey(secret, "body"))
        self._check = _text(_subkey(secret, "check"))

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read the key from a file that `make_file` wrote.

        Raises `InvalidInput` if the file can't be read, is not such a file, or if its mode gives anything to its group
        or to others.
        """
        try:
            with Path(path).open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)  # of the file that was opened, not of a symlink
                if _HAS_MODES and mode & _OTHERS:
                    raise InvalidInput(
                        _KEY_FILE, got=f"{path} with mode {mode:04o}", expected=f"mode 0600 (chmod 600 {path})"
                    )
                content = file.read(_LONGEST_FILE)
        except OSError as error:
            raise InvalidInput(
                _KEY_FILE, got=f"{path}: {_reason(error)}", expected="a file that PseudonymKey.make_file wrote"
            ) from error
        secret = _secret(content)
        if secret is None:
            raise InvalidInput(
                _KEY_FILE, got=f"{path} with other content", expected="a file as PseudonymKey.make_file wrote it"
            )
        return cls(secret)

    @staticmethod
    def make_file(path: str | Path) -> None:
        """Write a new random key to a new file, with mode 0600.

        Raises `InvalidInput` if there is a file already, since overwriting a key in use loses all ids, or if the file
        can't be written.
        """
        try:
            with open(path, "xb", opener=_private) as file:
                file.write(_content(token_bytes(SECRET_BYTES)))
                file.flush()
                os.fsync(file.fileno())
            _sync_folder(Path(path).parent)
        except OSError as error:
            raise InvalidInput(
                _KEY_FILE, got=f"{path}: {_reason(error)}", expected="a new file in a folder that can be written"
            ) from error

    @property
    def check(self) -> str:
        return self._check

    def key(self, person: PersonId) -> str:
        return self._keys(person)

    def seal(self, person: PersonId, salt: str, subject: str) -> str:
        # Random nonces of 96 bits are safe for 2^32 texts under one key, far more than there are ids.
        nonce = token_bytes(_NONCE_BYTES)
        place = _place(self.key(person), subject)
        return _text(nonce + self._cipher.encrypt(nonce, f"{person.reveal()}{salt}".encode(), place))

    def reveal(self, key: str, sealed: str, subject: str) -> tuple[PersonId, str]:
        try:
            packed = _unpacked(sealed)
            opened = self._cipher.decrypt(packed[:_NONCE_BYTES], packed[_NONCE_BYTES:], _place(key, subject)).decode()
            return person_id(opened[:_DIGITS]), opened[_DIGITS:]
        except (InvalidTag, ValueError):
            pass
        # Outside of the handler, so that no error that quotes the text is chained to this one.
        raise StoreUnreadable(
            "the id in a person's record: got text that this key doesn't open in this place; expected it as sealed"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Refuse pickling and copying, which would write the secret to wherever a task queue keeps its messages."""
        raise TypeError("a PseudonymKey can't be pickled or copied; read it again from its file")


def _record_key(secret: bytes, person: PersonId) -> str:
    return _text(hmac.digest(secret, person.reveal().encode(), "sha256"))


def _subkey(secret: bytes, purpose: str) -> bytes:
    """An independent key for one purpose, so that nothing that is written for one helps against another."""
    info = f"traffic_booking pseudonyms 1 {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=SECRET_BYTES, salt=None, info=info).derive(secret)


def _place(key: str, subject: str) -> bytes:
    """The associated data of a sealed id: unambiguous, since the length of the key stands first."""
    return f"{len(key)}:{key}{subject}".encode()


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpacked(text: str) -> bytes:
    """The bytes that `_text` wrote. Raises ValueError for any other spelling of them, so that no second one passes."""
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


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, stat.S_IRUSR | stat.S_IWUSR)


def _sync_folder(folder: Path) -> None:
    """Make the new file's name survive a power cut too; systems without POSIX modes can't sync a folder."""
    if _HAS_MODES:
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
