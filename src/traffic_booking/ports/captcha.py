"""The visual verification code."""

from datetime import datetime
from typing import Protocol

from traffic_booking.domain.people.captcha import CaptchaAnswer, Challenge


class Captcha(Protocol):
    """Makes challenges and checks answers. The caller's commit records that a challenge is spent, not the captcha.

    `session` is the host's name for the browser session, `purpose` what the code protects (1 to 128 visible ASCII
    characters each, `InvalidInput` otherwise). Neither method raises for anything that a page sends.
    """

    def issue(self, *, session: str, purpose: str, now: datetime) -> Challenge:
        """Return a new challenge, bound to `session` and `purpose`, that expires by the caller's clock."""
        ...

    def verify(self, answer: str, *, session: str, purpose: str, now: datetime) -> CaptchaAnswer:
        """Check whether `answer` solves a challenge made here, for this session and purpose, and not expired at `now`.

        `CaptchaPassed.once` is the name of the challenge, the same for every answer to it. If answers can be guessed,
        `CaptchaRejected.once` has this name for a wrong guess, so that the caller spends the challenge. If a service
        behind the port doesn't answer, the result is `CaptchaUnavailable`.
        """
        ...
