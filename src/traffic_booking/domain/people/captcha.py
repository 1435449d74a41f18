"""The visual verification code: a challenge, and the results of checking an answer to it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from attrs import field

from traffic_booking.domain.instants import instant
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class Challenge:
    """A challenge to show. `content` is JSON-able, for the page's widget; `expires_at` is exclusive (UTC)."""

    content: Mapping[str, object]
    expires_at: datetime = field(converter=instant)


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
