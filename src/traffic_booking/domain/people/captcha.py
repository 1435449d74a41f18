"""The visual verification code: a challenge, and the results of checking an answer to it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, cast

from attrs import field

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import instant
from traffic_booking.domain.value_input import is_a
from traffic_booking.domain.values import frozen

SHORTEST_SECRET: Final = 32
"""Of a captcha, in bytes."""


@frozen(kw_only=True)
class Challenge:
    """A challenge to show. `content` is JSON-able, for the page's widget; `expires_at` is exclusive (UTC)."""

    content: Mapping[str, object]
    expires_at: datetime = field(converter=instant)

    def __hash__(self) -> int:
        return hash(self.expires_at)


class CaptchaRejection(StrEnum):
    """Why an answer was rejected."""

    MALFORMED = "malformed"
    WRONG = "wrong"
    EXPIRED = "expired"
    OTHER_SESSION = "other-session"
    OTHER_PURPOSE = "other-purpose"


@frozen
class CaptchaPassed:
    """The answer is right. `once` names the challenge, which the protected change spends in its commit."""

    once: str


@frozen
class CaptchaRejected:
    """The answer is wrong. `once` names the challenge if the answer was a guess at it, which spends it as well."""

    reason: CaptchaRejection
    once: str | None = None


@frozen
class CaptchaUnavailable:
    """The answer can't be checked now. Refuse the request that the code protects."""


CaptchaAnswer = CaptchaPassed | CaptchaRejected | CaptchaUnavailable


def secret_bytes(secret: object) -> bytes:
    """The bytes of a captcha's secret; text counts in UTF-8.

    Raises `InvalidInput` for fewer than 32 bytes, for zeros, and for a number, of which `bytes` would make zeros.
    """
    if not issubclass(type(secret), bytes | bytearray | str):
        raise InvalidInput("captcha secret", got=type(secret).__name__, expected="bytes or text")
    if is_a(secret, str):
        key = str.__str__(secret).encode(errors="surrogatepass")
    else:
        key = b"".join((cast("bytes", secret),))  # a subclass may make other bytes of itself
    if len(key) < SHORTEST_SECRET:
        raise InvalidInput("captcha secret", got=f"{len(key)} bytes", expected=f"at least {SHORTEST_SECRET}")
    if not any(key):
        raise InvalidInput("captcha secret", got=f"{len(key)} bytes, all of them zero", expected="random bytes")
    return key
