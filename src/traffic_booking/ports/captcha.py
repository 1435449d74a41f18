"""The visual verification code."""

from datetime import datetime
from typing import Protocol

from traffic_booking.domain.people.captcha import CaptchaAnswer, Challenge


class Captcha(Protocol):
    """Makes challenges and checks answers; that a challenge is spent is written by the caller's commit, not kept here.

    `session` is the host's name for the browser session, `purpose` what the code protects (1 to 128 visible ASCII
    characters each, `InvalidInput` otherwise). Neither method raises for anything that a page sends.
    """

    def issue(self, *, session: str, purpose: str, now: datetime) -> Challenge:
        """A new challenge, bound to `session` and `purpose`, that expires by the caller's clock."""
        ...

    def verify(self, answer: str, *, session: str, purpose: str, now: datetime) -> CaptchaAnswer:
        """Whether `answer` solves a challenge of ours for this session and purpose that has not expired at `now`.

        The name in `CaptchaPassed.once` is that of the challenge: every answer to one challenge gives the same.
        A service that can't be asked is `CaptchaUnavailable`, never passed.
        """
        ...
