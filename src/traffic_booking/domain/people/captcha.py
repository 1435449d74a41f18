"""The visual verification code: a challenge, and what checking an answer to it may come to."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from traffic_booking.domain.instants import instant


@frozen(kw_only=True)
class Challenge:
    """A challenge to show; `content` is what the page's widget needs (JSON-able), `expires_at` is exclusive (UTC)."""

    content: Mapping[str, object]
    expires_at: datetime = field(converter=instant)


class CaptchaRejection(StrEnum):
    """Why an answer didn't pass."""

    MALFORMED = "malformed"
    WRONG = "wrong"
    EXPIRED = "expired"
    OTHER_SESSION = "other-session"
    OTHER_PURPOSE = "other-purpose"


@frozen
class CaptchaPassed:
    """The answer is right. `once` names the *challenge*, to be spent in the commit of what the code protects."""

    once: str


@frozen
class CaptchaRejected:
    """The answer did not pass."""

    reason: CaptchaRejection


@frozen
class CaptchaUnavailable:
    """Nobody can tell now; whatever the code protects must not go on."""


CaptchaAnswer = CaptchaPassed | CaptchaRejected | CaptchaUnavailable
