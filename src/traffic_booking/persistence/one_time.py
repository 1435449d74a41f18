"""Random secrets of the embedded sign-in, and the hashes of them that a store has.

A token is too long to be guessed, so a plain hash hides it. A reset code is short: its hash has a salt and takes long.
"""

import hmac
from hashlib import scrypt, sha256
from secrets import randbelow, token_hex, token_urlsafe
from typing import Final

RESET_DIGITS: Final = 8
_TOKEN_BYTES: Final = 32
_SALT_BYTES: Final = 16
_WORK: Final = 2**14
_BLOCK: Final = 8
_NO_CODE: Final = f"{'0' * 2 * _SALT_BYTES}:"


def new_token() -> str:
    """The secret of a session: 43 characters that a cookie can hold."""
    return token_urlsafe(_TOKEN_BYTES)


def new_reset_code() -> str:
    """A code that somebody types: eight digits."""
    return f"{randbelow(10**RESET_DIGITS):0{RESET_DIGITS}}"


def hash_of(text: str) -> str:
    """The SHA-256 of a token, of the name of a device, or of a user name's key, in hexadecimal."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def reset_hash(code: str, salt: str | None = None) -> str:
    """The slow hash of a reset code, behind its salt."""
    salt = token_hex(_SALT_BYTES) if salt is None else salt
    return f"{salt}:{scrypt(code.encode(errors='surrogatepass'), salt=salt.encode(), n=_WORK, r=_BLOCK, p=1).hex()}"


def is_reset_code(typed: str, hashed: str | None) -> bool:
    """True if the typed code has that hash; the same work without one."""
    expected = _NO_CODE if hashed is None else hashed
    return hmac.compare_digest(reset_hash(typed, expected.partition(":")[0]), expected)
