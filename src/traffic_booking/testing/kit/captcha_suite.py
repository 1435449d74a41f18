"""The conformance suite of the captcha port."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from json import dumps, loads
from typing import Any, ClassVar

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.people.captcha import (
    CaptchaAnswer,
    CaptchaPassed,
    CaptchaRejected,
    CaptchaRejection,
    CaptchaUnavailable,
    Challenge,
)
from traffic_booking.ports.captcha import Captcha
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.kit.suite import Suite, bounded, case
from traffic_booking.testing.racing import RACERS, race

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
KATHMANDU = timezone(timedelta(hours=5, minutes=45))
HERE: dict[str, Any] = {"session": "browser-7f21", "purpose": "sign-in", "now": NOW}
"""The kit's session, purpose and time."""
LONGEST: dict[str, Any] = {"session": "s" * 128, "purpose": "p" * 128, "now": NOW}
GARBAGE = ["", " ", "null", "{}", "[]", "AAAA", "=", "\x00", "حجز", "e30=", "9" * 100_000, "{" * 10_000]
UNFIT = ["", " ", "two words", "جلسة", "x" * 129, "a\nb"]
Solver = Callable[[Challenge], str]


class CaptchaConformance(Suite):
    """Every case of the captcha port. A subclass overrides the fixtures `captcha` and `solve`, and states its level.

    `solve` returns the text that a page would send for a challenge that was solved. The fixture `out_of_service` is
    optional: a captcha whose service does not respond, with an answer that would pass otherwise.
    """

    port: ClassVar[str] = "captcha"
    yours: ClassVar[frozenset[str]] = frozenset({"captcha", "solve", "out_of_service"})
    promises: ClassVar[frozenset[Capability]] = frozenset()

    @pytest.fixture
    def captcha(self) -> Captcha:
        """The captcha under test; a subclass overrides it."""
        raise NotImplementedError("a subclass of CaptchaConformance overrides the fixture captcha")

    @pytest.fixture
    def solve(self) -> Solver:
        """Solves a challenge as an honest page does; a subclass overrides it."""
        raise NotImplementedError("a subclass of CaptchaConformance overrides the fixture solve")

    @pytest.fixture
    def out_of_service(self) -> tuple[Captcha, str] | None:
        """A captcha that can't reach its service, and an answer; None if it has no service."""
        return None

    def test_every_answer_to_one_challenge_passes_under_one_name(self, captcha: Captcha, solve: Solver) -> None:
        challenge = captcha.issue(**HERE)
        (passed,) = {captcha.verify(solve(challenge), **HERE) for _ in range(3)}
        assert isinstance(passed, CaptchaPassed)
        assert 1 <= len(passed.once) <= 128

    def test_every_challenge_has_a_name_of_its_own(self, captcha: Captcha, solve: Solver) -> None:
        answers = [captcha.verify(solve(captcha.issue(**HERE)), **HERE) for _ in range(5)]
        answers += race(lambda _: captcha.verify(solve(captcha.issue(**HERE)), **HERE))
        assert len(set(answers)) == 5 + RACERS
        assert all(isinstance(answer, CaptchaPassed) for answer in answers)

    def test_a_challenge_is_good_for_its_session_and_purpose_alone(self, captcha: Captcha, solve: Solver) -> None:
        answer = solve(captcha.issue(**HERE))
        for session in ("browser-7f22", HERE["session"].upper()):
            rejected = captcha.verify(answer, **HERE | {"session": session})
            assert rejected == CaptchaRejected(CaptchaRejection.OTHER_SESSION)
        rejected = captcha.verify(answer, **HERE | {"purpose": "cancel"})
        assert rejected == CaptchaRejected(CaptchaRejection.OTHER_PURPOSE)

    @pytest.mark.parametrize("zone", [UTC, KATHMANDU])
    def test_a_challenge_expires_by_the_callers_clock(self, captcha: Captcha, solve: Solver, zone: timezone) -> None:
        challenge = captcha.issue(**HERE | {"now": NOW.astimezone(zone)})
        answer, end = solve(challenge), challenge.expires_at
        assert end == captcha.issue(**HERE).expires_at > NOW
        last = captcha.verify(answer, **HERE | {"now": (end - TICK).astimezone(zone)})
        assert isinstance(last, CaptchaPassed)
        for late in (end.astimezone(zone), end + timedelta(days=400)):
            expired = CaptchaRejected(CaptchaRejection.EXPIRED)
            assert captcha.verify(answer, **HERE | {"now": late}) == expired

    def test_a_challenge_can_be_sent_as_json_without_the_session(self, captcha: Captcha, solve: Solver) -> None:
        challenge = captcha.issue(**HERE)
        sent = dumps(dict(challenge.content))
        assert HERE["session"] not in sent
        answer = solve(copy_with(challenge, content=loads(sent)))
        assert isinstance(captcha.verify(answer, **HERE), CaptchaPassed)

    def test_garbage_is_rejected_and_never_an_error(self, captcha: Captcha) -> None:
        @bounded(100)
        @given(st.sampled_from(GARBAGE) | st.text(max_size=200))
        def is_rejected(answer: str) -> None:
            assert isinstance(captcha.verify(answer, **HERE), CaptchaRejected)

        for answer in GARBAGE:
            assert isinstance(captcha.verify(answer, **HERE), CaptchaRejected), answer[:20]
        is_rejected()

    def test_an_altered_answer_never_passes_as_another_challenge(self, captcha: Captcha, solve: Solver) -> None:
        """One character is changed at a time; the answer may still pass, but neither it nor a guess has a new name."""
        answer = solve(captcha.issue(**HERE))
        right = captcha.verify(answer, **HERE)
        assert isinstance(right, CaptchaPassed)
        once = right.once
        for place in range(0, len(answer), max(1, len(answer) // 60)):
            altered = answer[:place] + ("A" if answer[place] != "A" else "B") + answer[place + 1 :]
            found: CaptchaAnswer = captcha.verify(altered, **HERE)
            assert found == right or (isinstance(found, CaptchaRejected) and found.once in {None, once})

    @pytest.mark.parametrize("part", ["session", "purpose"])
    def test_a_session_or_purpose_out_of_bounds_is_refused_at_once(self, captcha: Captcha, part: str) -> None:
        for name in UNFIT:
            with pytest.raises(InvalidInput):
                captcha.issue(**HERE | {part: name})
            with pytest.raises(InvalidInput):
                captcha.verify("x", **HERE | {part: name})

    def test_the_longest_session_and_purpose_are_accepted(self, captcha: Captcha, solve: Solver) -> None:
        answer = solve(captcha.issue(**LONGEST))
        assert isinstance(captcha.verify(answer, **LONGEST), CaptchaPassed)

    @case(means="out_of_service")
    def test_no_answer_passes_while_the_service_does_not_respond(self, out_of_service: tuple[Captcha, str]) -> None:
        captcha, answer = out_of_service
        assert captcha.verify(answer, **HERE) == CaptchaUnavailable()
