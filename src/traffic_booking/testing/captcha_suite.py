"""The conformance suite of the captcha port."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from json import dumps, loads
from typing import ClassVar

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
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.drawing import bounded
from traffic_booking.testing.racing import RACERS, race
from traffic_booking.testing.suite import Suite, case

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
SESSION, PURPOSE = "browser-7f21", "sign-in"
GARBAGE = ["", " ", "null", "{}", "[]", "AAAA", "=", "\x00", "حجز", "e30=", "9" * 100_000, "{" * 10_000]
UNFIT = ["", " ", "two words", "جلسة", "x" * 129, "a\n"]


class CaptchaConformance(Suite):
    """Every case of the captcha port. A subclass gives the fixtures `captcha` and `solve`, and states its level.

    `solve` gives the text that a page would send for a challenge that was solved. The fixture `out_of_service` is
    optional: a captcha whose service can't be asked, with an answer that would pass otherwise.
    """

    port: ClassVar[str] = "captcha"
    yours: ClassVar[frozenset[str]] = frozenset({"captcha", "solve", "out_of_service"})
    promises: ClassVar[frozenset[Capability]] = frozenset()

    @pytest.fixture
    def captcha(self) -> Captcha:
        """The captcha under test; a subclass gives it."""
        raise NotImplementedError("a subclass of CaptchaConformance gives the fixture captcha")

    @pytest.fixture
    def solve(self) -> Callable[[Challenge], str]:
        """Solves a challenge as an honest page does; a subclass gives it."""
        raise NotImplementedError("a subclass of CaptchaConformance gives the fixture solve")

    @pytest.fixture
    def out_of_service(self) -> tuple[Captcha, str] | None:
        """A captcha that can't reach its service, and an answer; None where it asks none."""
        return None

    def test_a_solved_challenge_passes(self, captcha: Captcha, solve: Callable[[Challenge], str]) -> None:
        assert isinstance(verified(captcha, solve(issued(captcha))), CaptchaPassed)

    def test_every_answer_to_one_challenge_gives_the_same_name(
        self, captcha: Captcha, solve: Callable[[Challenge], str]
    ) -> None:
        challenge = issued(captcha)
        names = {verified(captcha, solve(challenge)) for _ in range(3)}
        assert len(names) == 1
        (passed,) = names
        assert isinstance(passed, CaptchaPassed)
        assert 1 <= len(passed.once) <= 128

    def test_every_challenge_has_a_name_of_its_own(self, captcha: Captcha, solve: Callable[[Challenge], str]) -> None:
        names = {verified(captcha, solve(issued(captcha))) for _ in range(5)}
        assert len(names) == 5

    def test_a_challenge_is_good_for_its_session_alone(
        self, captcha: Captcha, solve: Callable[[Challenge], str]
    ) -> None:
        answer = solve(issued(captcha))
        refused = CaptchaRejected(CaptchaRejection.OTHER_SESSION)
        assert verified(captcha, answer, session="browser-7f22") == refused
        assert verified(captcha, answer, session=SESSION.upper()) == refused

    def test_a_challenge_is_good_for_its_purpose_alone(
        self, captcha: Captcha, solve: Callable[[Challenge], str]
    ) -> None:
        answer = solve(issued(captcha))
        assert verified(captcha, answer, purpose="cancel") == CaptchaRejected(CaptchaRejection.OTHER_PURPOSE)

    def test_a_challenge_expires_by_the_callers_clock(
        self, captcha: Captcha, solve: Callable[[Challenge], str]
    ) -> None:
        challenge = issued(captcha)
        answer = solve(challenge)
        assert challenge.expires_at > NOW
        assert isinstance(verified(captcha, answer, now=challenge.expires_at - TICK), CaptchaPassed)
        for late in (challenge.expires_at, challenge.expires_at + timedelta(days=400)):
            assert verified(captcha, answer, now=late) == CaptchaRejected(CaptchaRejection.EXPIRED)

    def test_an_instant_is_the_same_in_every_time_zone(
        self, captcha: Captcha, solve: Callable[[Challenge], str]
    ) -> None:
        kathmandu = timezone(timedelta(hours=5, minutes=45))
        challenge = captcha.issue(session=SESSION, purpose=PURPOSE, now=NOW.astimezone(kathmandu))
        assert challenge.expires_at == issued(captcha).expires_at
        last = (challenge.expires_at - TICK).astimezone(kathmandu)
        assert isinstance(verified(captcha, solve(challenge), now=last), CaptchaPassed)

    def test_a_challenge_can_be_sent_as_json(self, captcha: Captcha, solve: Callable[[Challenge], str]) -> None:
        challenge = issued(captcha)
        shown = copy_with(challenge, content=loads(dumps(dict(challenge.content))))
        assert isinstance(verified(captcha, solve(shown)), CaptchaPassed)

    def test_a_challenge_shows_neither_session_nor_secret_to_the_page(self, captcha: Captcha) -> None:
        assert SESSION not in dumps(dict(issued(captcha).content))

    @pytest.mark.parametrize("answer", GARBAGE, ids=range(len(GARBAGE)))
    def test_garbage_is_rejected_and_never_an_error(self, captcha: Captcha, answer: str) -> None:
        assert isinstance(verified(captcha, answer), CaptchaRejected)

    def test_any_text_is_rejected_and_never_an_error(self, captcha: Captcha) -> None:
        @bounded(100)
        @given(st.text(max_size=200))
        def is_rejected(answer: str) -> None:
            assert isinstance(verified(captcha, answer), CaptchaRejected)

        is_rejected()

    def test_an_altered_answer_never_passes_as_another_challenge(
        self, captcha: Captcha, solve: Callable[[Challenge], str]
    ) -> None:
        """One character is changed at a time; the answer may still pass, but never under a new name."""
        answer = solve(issued(captcha))
        right = verified(captcha, answer)
        for place in range(0, len(answer), max(1, len(answer) // 60)):
            altered = answer[:place] + ("A" if answer[place] != "A" else "B") + answer[place + 1 :]
            assert isinstance(verified(captcha, altered), CaptchaRejected) or verified(captcha, altered) == right

    @pytest.mark.parametrize("name", UNFIT)
    def test_a_session_or_purpose_out_of_bounds_is_refused_at_once(self, captcha: Captcha, name: str) -> None:
        for session, purpose in ((name, PURPOSE), (SESSION, name)):
            with pytest.raises(InvalidInput):
                captcha.issue(session=session, purpose=purpose, now=NOW)
            with pytest.raises(InvalidInput):
                captcha.verify("x", session=session, purpose=purpose, now=NOW)

    def test_the_longest_session_and_purpose_will_do(self, captcha: Captcha, solve: Callable[[Challenge], str]) -> None:
        challenge = captcha.issue(session="s" * 128, purpose="p" * 128, now=NOW)
        answer = captcha.verify(solve(challenge), session="s" * 128, purpose="p" * 128, now=NOW)
        assert isinstance(answer, CaptchaPassed)

    def test_several_threads_may_ask_at_once(self, captcha: Captcha, solve: Callable[[Challenge], str]) -> None:
        answers = race(lambda _: verified(captcha, solve(issued(captcha))))
        assert len(set(answers)) == RACERS
        assert all(isinstance(answer, CaptchaPassed) for answer in answers)

    @case(means="out_of_service")
    def test_a_service_that_cannot_be_asked_is_never_a_pass(self, out_of_service: tuple[Captcha, str]) -> None:
        captcha, answer = out_of_service
        assert verified(captcha, answer) == CaptchaUnavailable()


def issued(captcha: Captcha) -> Challenge:
    """A challenge for the kit's session and purpose."""
    return captcha.issue(session=SESSION, purpose=PURPOSE, now=NOW)


def verified(
    captcha: Captcha, answer: str, *, session: str = SESSION, purpose: str = PURPOSE, now: datetime = NOW
) -> CaptchaAnswer:
    """What a captcha says of an answer for the kit's session and purpose, unless told otherwise."""
    return captcha.verify(answer, session=session, purpose=purpose, now=now)
