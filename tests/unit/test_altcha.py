"""The proof-of-work code: bound to session and purpose, limited in time by our clock, one name for each challenge."""

import base64
import importlib
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import altcha
import pytest

from tests.small_town import START
from traffic_booking import Challenge, InvalidInput, MissingExtra
from traffic_booking.adapters.altcha import LONGEST_ANSWER, AltchaCaptcha, solve
from traffic_booking.adapters.image_captcha import ImageCaptcha
from traffic_booking.domain.people.captcha import (
    SHORTEST_SECRET,
    CaptchaPassed,
    CaptchaRejected,
    CaptchaRejection,
    secret_bytes,
)

SECRET = "a secret of the host, 32 bytes and more"
BROWSER = "browser-session-7f21"
STEP = timedelta(microseconds=1)


def easy(**figures):
    return AltchaCaptcha(SECRET, **({"iterations": 1, "most_tries": 4} | figures))


def issued(captcha, *, session=BROWSER, purpose="sign-in", now=START):
    return captcha.issue(session=session, purpose=purpose, now=now)


def verified(captcha, answer, *, session=BROWSER, purpose="sign-in", now=START):
    return captcha.verify(answer, session=session, purpose=purpose, now=now)


def opened(answer):
    return json.loads(base64.b64decode(answer))


def closed(content, **layout):
    return base64.b64encode(json.dumps(content, **layout).encode()).decode()


@pytest.mark.journey("J-05")
def test_a_solved_challenge_passes_and_names_the_challenge():
    captcha = easy()
    challenge = issued(captcha)

    answer = verified(captcha, solve(challenge))

    assert answer == CaptchaPassed(f"altcha:{challenge.content['parameters']['nonce']}")


def test_any_process_with_the_secret_may_verify_and_bytes_are_as_good_as_text():
    answer = solve(issued(easy()))

    assert isinstance(verified(AltchaCaptcha(SECRET.encode()), answer), CaptchaPassed)


def test_a_challenge_can_be_sent_as_json_and_solved_on_the_other_side():
    captcha = easy()
    challenge = issued(captcha)
    received = Challenge(content=json.loads(json.dumps(challenge.content)), expires_at=challenge.expires_at)

    assert isinstance(verified(captcha, solve(received)), CaptchaPassed)


def test_two_challenges_have_two_names():
    captcha = easy()

    assert verified(captcha, solve(issued(captcha))) != verified(captcha, solve(issued(captcha)))


@pytest.mark.journey("J-06")
@pytest.mark.parametrize("now", [START, datetime(2001, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)])
def test_a_code_expires_by_the_clock_it_is_given_and_no_other(now):
    captcha = easy(lifetime_minutes=10)
    challenge = issued(captcha, now=now)
    answer, end = solve(challenge), now + timedelta(minutes=10)

    assert challenge.expires_at == end
    assert isinstance(verified(captcha, answer, now=end - STEP), CaptchaPassed)
    assert verified(captcha, answer, now=end) == CaptchaRejected(CaptchaRejection.EXPIRED)
    assert verified(captcha, answer, now=end + STEP) == CaptchaRejected(CaptchaRejection.EXPIRED)


@pytest.mark.journey("J-06")
def test_a_code_is_good_for_its_session_and_purpose_alone():
    captcha = easy()
    answer = solve(issued(captcha))

    assert verified(captcha, answer, session="another") == CaptchaRejected(CaptchaRejection.OTHER_SESSION)
    assert verified(captcha, answer, purpose="booking") == CaptchaRejected(CaptchaRejection.OTHER_PURPOSE)


def test_a_code_of_another_secret_is_wrong():
    answer = solve(issued(AltchaCaptcha("x" * SHORTEST_SECRET, iterations=1, most_tries=4)))

    assert verified(easy(), answer) == CaptchaRejected(CaptchaRejection.WRONG)


@pytest.mark.parametrize(
    "forge",
    [
        lambda sent: sent["solution"].update(derivedKey="00" * 32),
        lambda sent: sent["challenge"].update(signature="00" * 32),
        lambda sent: sent["challenge"]["parameters"].update(cost=2),
        lambda sent: sent["challenge"]["parameters"].update(keyPrefix="00"),
        lambda sent: sent["challenge"]["parameters"].update(nonce="00" * 16),
        lambda sent: sent["challenge"]["parameters"].update(keySignature="00" * 32),
        lambda sent: sent["challenge"]["parameters"]["data"].update(expires="2999-01-01T00:00:00+00:00"),
        lambda sent: sent["challenge"]["parameters"]["data"].update(purpose="booking"),
        lambda sent: sent["challenge"]["parameters"]["data"].update(more="text"),
    ],
)
def test_whatever_is_changed_in_the_signed_part_or_the_key_is_wrong(forge):
    captcha = easy()
    sent = opened(solve(issued(captcha)))
    forge(sent)

    assert verified(captcha, closed(sent)) == CaptchaRejected(CaptchaRejection.WRONG)


def test_a_key_that_was_derived_without_searching_is_wrong():
    captcha = easy(most_tries=10_000_000)
    challenge = altcha.Challenge.from_dict(dict(issued(captcha).content))
    unsearched = altcha.derive_key_pbkdf2(
        challenge.parameters,
        bytes.fromhex(challenge.parameters.salt),
        bytes.fromhex(challenge.parameters.nonce) + (10_000_000).to_bytes(4, "big"),
    )
    answer = altcha.Payload(challenge, altcha.Solution(10_000_000, unsearched.hex())).to_base64()

    assert verified(captcha, answer) == CaptchaRejected(CaptchaRejection.WRONG)


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda sent: closed(sent, indent=2),
        lambda sent: closed(sent, sort_keys=True),
        lambda sent: closed(sent | {"more": ["of", {"the": "same"}]}),
        lambda sent: closed(sent | {"solution": sent["solution"] | {"counter": 4_000_000_000}}),
        lambda sent: closed(sent | {"solution": sent["solution"] | {"counter": 10**300}}),
        lambda sent: closed(sent | {"solution": sent["solution"] | {"time": None}}),
        lambda sent: base64.b64encode(json.dumps(sent).encode("utf-16")).decode(),
        lambda sent: closed(sent).replace("=", "") + "====",
        lambda sent: " " + closed(sent),
        lambda sent: closed(
            sent | {"solution": sent["solution"] | {"derivedKey": sent["solution"]["derivedKey"].upper()}}
        ),
    ],
)
def test_another_spelling_of_an_answer_is_rejected_or_has_the_same_name(rewrite):
    captcha = easy()
    answer = solve(issued(captcha))
    first = verified(captcha, answer)

    again = verified(captcha, rewrite(opened(answer)))

    assert isinstance(first, CaptchaPassed)
    assert again == first or isinstance(again, CaptchaRejected)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "1234",
        "رمز",
        "\ud800",
        "=" * 8,
        "W10=",
        closed(None),
        closed([]),
        closed({}),
        closed("text"),
        closed({"challenge": [], "solution": {}}),
        closed({"challenge": {"parameters": {}}, "solution": {}}),
        base64.b64encode(b"[" * 3_000).decode(),
        base64.b64encode(b'{"challenge":' * 200).decode(),
        base64.b64encode(b"9" * 3_000).decode(),
        "A" * (LONGEST_ANSWER + 1),
        None,
        7,
        b"bytes",
    ],
)
def test_an_input_that_is_no_answer_is_malformed(answer):
    assert verified(easy(), answer) == CaptchaRejected(CaptchaRejection.MALFORMED)


@pytest.mark.parametrize(
    "part", ["nonce", "salt", "cost", "keyLength", "keyPrefix", "keySignature", "algorithm", "data"]
)
def test_a_part_of_another_type_never_gets_through(part):
    odds: list[object] = [None, True, 1.5, 10**400, [], {}, "\ud800", "é", "__proto__"]
    for odd in odds:
        captcha = easy()
        sent = opened(solve(issued(captcha)))
        sent["challenge"]["parameters"][part] = odd
        assert isinstance(verified(captcha, closed(sent)), CaptchaRejected), odd


@pytest.mark.long
def test_the_longest_names_of_session_and_purpose_fit_into_an_answer():
    captcha = easy(iterations=1_000_000, most_tries=1)
    longest = "~" * 128

    answer = solve(issued(captcha, session=longest, purpose=longest))

    assert isinstance(verified(captcha, answer, session=longest, purpose=longest), CaptchaPassed)


@pytest.mark.parametrize("name", ["", "x" * 129, "two words", "رمز", "li\nne", None])
def test_a_session_or_purpose_must_be_visible_ascii_and_is_not_shown(name):
    captcha = easy()

    for names in ({"session": name}, {"purpose": name}):
        with pytest.raises(InvalidInput) as of_issue:
            issued(captcha, **names)
        with pytest.raises(InvalidInput) as of_verify:
            verified(captcha, "", **names)
        for error in (of_issue, of_verify):
            assert not name or name not in str(error.value)


@pytest.mark.parametrize(("length", "accepted"), [(SHORTEST_SECRET - 1, False), (SHORTEST_SECRET, True), (33, True)])
def test_a_secret_has_32_bytes_at_least(length, accepted):
    if accepted:
        AltchaCaptcha("k" * length)
    else:
        with pytest.raises(InvalidInput, match=f"got {length} bytes; expected at least 32") as error:
            AltchaCaptcha("k" * length)
        assert "k" * 8 not in str(error.value)


@pytest.mark.parametrize("name", ["lifetime_minutes", "iterations", "most_tries"])
@pytest.mark.parametrize("value", [True, 1.5, "3", None, 0, 10**5000, float("nan")], ids=lambda value: str(type(value)))
def test_a_figure_that_is_no_whole_number_within_its_bounds_is_refused(name, value):
    figures: Any = {name: value}
    with pytest.raises(InvalidInput, match=f"^{name}: got "):
        AltchaCaptcha(SECRET, **figures)


@pytest.mark.parametrize(
    "secret",
    [32, 10**5000, True, None, [1] * 32, bytes(32), "\0" * 40, memoryview(bytes(32))],
    ids=lambda secret: type(secret).__name__,
)
def test_a_secret_that_is_no_text_or_all_zeros_is_refused(secret):
    for make in (secret_bytes, AltchaCaptcha, ImageCaptcha):
        with pytest.raises(InvalidInput, match=r"^captcha secret: got "):
            make(secret)


@pytest.mark.parametrize(
    ("figure", "most"), [("lifetime_minutes", 24 * 60), ("iterations", 10_000_000), ("most_tries", 10_000_000)]
)
def test_figures_out_of_bounds_are_named(figure, most):
    AltchaCaptcha(SECRET, **{figure: most})
    for value in (0, most + 1):
        with pytest.raises(InvalidInput, match=f"{figure}: got {value}"):
            AltchaCaptcha(SECRET, **{figure: value})


def test_neither_the_secret_nor_the_session_shows():
    captcha = easy()
    challenge = issued(captcha)
    shown = f"{captcha!r} {captcha} {challenge!r} {json.dumps(challenge.content)} {opened(solve(challenge))}"

    assert SECRET not in shown
    assert BROWSER not in shown


@pytest.mark.parametrize("content", [{}, {"parameters": None}, {"parameters": {"algorithm": "x"}}, {"text": "word"}])
def test_solving_something_else_is_a_clear_error(content):
    with pytest.raises(InvalidInput, match="expected a challenge of AltchaCaptcha"):
        solve(Challenge(content=content, expires_at=START))


def test_solving_gives_up_when_its_time_is_over():
    with pytest.raises(InvalidInput, match="got one too hard; expected a challenge of AltchaCaptcha to be solved in"):
        solve(issued(AltchaCaptcha(SECRET)), within_seconds=1e-9)


def test_without_the_package_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "altcha", None)
    monkeypatch.delitem(sys.modules, "traffic_booking.adapters.altcha")

    with pytest.raises(MissingExtra, match=r"traffic-booking\[captcha\]"):
        importlib.import_module("traffic_booking.adapters.altcha")
