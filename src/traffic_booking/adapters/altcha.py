"""The verification code as a proof of work, by the `altcha` package and its widget; applicants type nothing.

A challenge is signed and sent to the page; the server stores nothing. The signed part contains the session, the purpose
and the expiry. This module checks the expiry: the package would read the machine's clock.

The page can write one answer in many ways (blanks, key order, further fields, another counter), and the package accepts
each of them repeatedly. So the challenge's nonce is spent, and not the answer.

Each challenge is made from one random counter, and its key is signed, so that only this key passes. In the package's
other mode, old releases accept any counter without work.
"""

import hmac
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from secrets import randbelow
from typing import Any, Final

from traffic_booking.domain.errors import InvalidInput, MissingExtra
from traffic_booking.domain.instants import instant
from traffic_booking.domain.number_input import bounded_amount, bounded_number
from traffic_booking.domain.people.captcha import (
    CaptchaAnswer,
    CaptchaPassed,
    CaptchaRejected,
    CaptchaRejection,
    Challenge,
    secret_bytes,
)
from traffic_booking.domain.text_input import visible_ascii
from traffic_booking.domain.value_input import is_a

try:
    import altcha
except ImportError as missing:
    raise MissingExtra("the proof-of-work code", "captcha") from missing

LONGEST_SECONDS: Final = 3_600
LONGEST_ANSWER: Final = 4_096
"""In characters; a longer answer is not decoded."""

_ALGORITHM: Final = "PBKDF2/SHA-256"
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})+", re.ASCII)


class AltchaCaptcha:
    """A `Captcha` by proof of work, for any number of threads.

    The defaults suit a demonstration. In a public portal raise `most_tries`; `iterations` makes issuing dearer as well.

    Args:
        secret: 32 random bytes or more, the same in every process of a host. Challenges can be forged with it.
        lifetime_minutes: How long a challenge is valid, 1 to 1,440.
        iterations: The cost of each key that the page tries, 1 to 10,000,000.
        most_tries: The most keys that the page tries, 1 to 10,000,000; half of them on average.

    Raises:
        InvalidInput: If an argument is out of bounds.

    Example::

        gate = SignInGate(store=store, captcha=AltchaCaptcha(secret), identity=identity)
    """

    def __init__(
        self, secret: bytes | str, *, lifetime_minutes: int = 10, iterations: int = 1_000, most_tries: int = 100
    ) -> None:
        key = secret_bytes(secret)
        minutes = bounded_number(lifetime_minutes, "lifetime_minutes", least=1, greatest=24 * 60)
        self._challenge_key = _subkey(key, "challenge")
        self._solution_key = _subkey(key, "solution")
        self._session_key = _subkey(key, "session")
        self._lifetime = timedelta(minutes=minutes)
        self._iterations = bounded_number(iterations, "iterations", least=1, greatest=10_000_000)
        self._most_tries = bounded_number(most_tries, "most_tries", least=1, greatest=10_000_000)

    def issue(self, *, session: str, purpose: str, now: datetime) -> Challenge:
        expires_at = instant(now) + self._lifetime
        challenge = altcha.create_challenge(
            _ALGORITHM,
            self._iterations,
            counter=randbelow(self._most_tries),
            data={
                "expires": expires_at.isoformat(),
                "purpose": visible_ascii(purpose, "purpose"),
                "session": self._sealed(session),
            },
            hmac_secret=self._challenge_key,
            hmac_key_secret=self._solution_key,
        )
        return Challenge(content=challenge.to_dict(), expires_at=expires_at)

    def verify(self, answer: str, *, session: str, purpose: str, now: datetime) -> CaptchaAnswer:
        wanted, sealed, payload = visible_ascii(purpose, "purpose"), self._sealed(session), _payload(answer)
        if payload is None:
            return CaptchaRejected(CaptchaRejection.MALFORMED)
        result = altcha.verify_solution(payload, self._challenge_key, hmac_key_secret=self._solution_key)
        if not result.verified:
            return CaptchaRejected(CaptchaRejection.WRONG)
        signed = payload.challenge.parameters
        assert signed.data is not None, "signed data that we did not make"
        if signed.data["purpose"] != wanted:
            return CaptchaRejected(CaptchaRejection.OTHER_PURPOSE)
        if not hmac.compare_digest(signed.data["session"], sealed):
            return CaptchaRejected(CaptchaRejection.OTHER_SESSION)
        if datetime.fromisoformat(signed.data["expires"]).astimezone(UTC) <= instant(now):
            return CaptchaRejected(CaptchaRejection.EXPIRED)
        return CaptchaPassed(f"altcha:{signed.nonce}")

    def _sealed(self, session: str) -> str:
        """The session as the page gets it, as its name may be the host's cookie."""
        return _subkey(self._session_key.encode(), visible_ascii(session, "session"))


def solve(challenge: Challenge, *, within_seconds: float = 90.0) -> str:
    """Solve a challenge of `AltchaCaptcha` here, for tests, demonstrations and terminals.

    Raises `InvalidInput` if it is no such challenge, or takes longer than `within_seconds`.

        answer = solve(captcha.issue(session="s-1", purpose="sign-in", now=now))
    """
    expected = "a challenge of AltchaCaptcha"
    bounded_amount(within_seconds, "within_seconds", least=0, greatest=LONGEST_SECONDS, unit="seconds")
    try:
        read = altcha.Challenge.from_dict(dict(challenge.content))
        solution = altcha.solve_challenge(read, timeout=within_seconds)
    except Exception as error:  # a challenge of the caller's own
        raise InvalidInput("challenge", got="something else", expected=expected) from error
    if solution is None:
        raise InvalidInput("challenge", got="one too hard", expected=f"{expected} to be solved in {within_seconds} s")
    return altcha.Payload(read, solution).to_base64()


def _payload(answer: object) -> altcha.Payload | None:
    """The challenge and the solution that the page sent; None if they don't have the shape of ours."""
    plain = str.__str__(answer) if is_a(answer, str) else ""
    if not plain or len(plain) > LONGEST_ANSWER:
        return None
    try:
        sent = json.loads(b64decode(plain, validate=True))
        challenge = altcha.Challenge.from_dict(sent["challenge"])
        solution = altcha.Solution.from_dict(sent["solution"])
        sound = all(_parts_are_sound(challenge, solution))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
        return None
    return altcha.Payload(challenge, solution) if sound else None


def _parts_are_sound(challenge: altcha.Challenge, solution: altcha.Solution) -> Iterator[bool]:
    """True if each part has its plain type, as the package fails on others."""
    signed = challenge.parameters
    data: Any = signed.data
    yield isinstance(data, dict) and all(_is_plain(text) for pair in data.items() for text in pair)
    yield from (_is_plain(text) for text in (signed.algorithm, signed.salt, signed.key_prefix, challenge.signature))
    yield from (_is_hex(text) for text in (signed.nonce, signed.key_signature, solution.derived_key))
    yield from (type(number) is int for number in (signed.cost, signed.key_length, solution.counter))
    yield from (part is None for part in (signed.memory_cost, signed.parallelism, signed.expires_at))


def _is_plain(text: object) -> bool:
    return isinstance(text, str) and text.isascii()


def _is_hex(text: object) -> bool:
    return isinstance(text, str) and _HEX.fullmatch(text) is not None


def _subkey(key: bytes, label: str) -> str:
    return hmac.new(key, label.encode(), "sha256").hexdigest()
