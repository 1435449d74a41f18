"""Resets of passwords: a code over the host's channel, good once, for a while, in the browser that asked for it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from attrs import define, field

from tests.entrance import FAILURES, KNOWN, RIGHT, STEP, STORES, UNKNOWN, WRONG, opened
from tests.maintained import rows_of
from tests.small_town import small_rulebook
from traffic_booking import (
    InvalidInput,
    NotSignedIn,
    PasswordChanged,
    PersonId,
    Refused,
    ResetRequested,
    SignedIn,
    SignInFault,
)

NEW = "a new password"
LIFE = timedelta(minutes=10)
TRIES = 3
BURST = 4
REJECTED = NotSignedIn(SignInFault.RESET_REJECTED)
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@define
class Channel:
    """A channel that keeps what it sends."""

    sent: list[tuple[PersonId, str, datetime]] = field(factory=list)

    def send(self, person, code, expires_at):
        self.sent.append((person, code, expires_at))

    @property
    def code(self):
        """The newest code."""
        return self.sent[-1][1]


@pytest.fixture
def channel():
    return Channel()


@pytest.fixture(params=STORES)
def entrance(request, tmp_path, channel):
    with opened(request.param, tmp_path) as made:
        made.identity.set_user_name(KNOWN, "sara.q7")
        rulebook = small_rulebook(SI_06={"failures": BURST, "minutes": 20})
        yield made.with_gate(reset_channel=channel, rulebook=rulebook)


def ask(entrance, person=KNOWN, *, device="mine"):
    return entrance.gate.request_reset(person, code=entrance.code(), session="browser", device=device)


def reset(entrance, code, person=KNOWN, *, password=NEW, device="mine"):
    return entrance.gate.reset_password(person, code, password, session="browser", device=device)


def wrong(code):
    return f"{(int(code) + 1) % 10**8:08}"


@pytest.mark.rule("SI-03")
@pytest.mark.parametrize(
    "typed",
    [
        str,
        lambda code: f" {code.translate(ARABIC)} ",
        lambda code: f"\u2067{code[:4]} – {code[4:]}\u2069\xa0\n",
        "\u200b".join,
    ],
    ids=["ascii", "arabic", "in groups", "marked"],
)
@pytest.mark.parametrize("person", [KNOWN, KNOWN.reveal(), "sara.q7"], ids=["id", "digits", "user name"])
def test_the_code_that_was_sent_gives_the_account_a_new_password(entrance, channel, person, typed):
    expires_at = entrance.clock.now() + LIFE
    assert ask(entrance, person) == ResetRequested(expires_at)
    assert [(each[0], each[2]) for each in channel.sent] == [(KNOWN, expires_at)]

    assert reset(entrance, typed(channel.code), person) == PasswordChanged()

    assert isinstance(entrance.enter(password=NEW, device="mine"), SignedIn)
    assert entrance.enter(password=RIGHT, device="mine").fault is SignInFault.WRONG_CREDENTIALS


@pytest.mark.parametrize("person", [UNKNOWN, "nobody.has-this"], ids=["id", "user name"])
def test_without_an_account_the_answers_are_the_same_and_nothing_is_sent(entrance, channel, person):
    with_account = ask(entrance), reset(entrance, "00000000")
    before = list(channel.sent)

    assert (ask(entrance, person), reset(entrance, "00000000", person)) == with_account
    assert channel.sent == before
    assert with_account[1] == REJECTED


@pytest.mark.rule("SI-03")
def test_a_code_is_good_once(entrance, channel):
    ask(entrance)
    assert reset(entrance, channel.code) == PasswordChanged()

    assert reset(entrance, channel.code, password="yet another one") == REJECTED
    assert isinstance(entrance.enter(password=NEW), SignedIn)


@pytest.mark.rule("SI-03")
@pytest.mark.parametrize(("after", "accepted"), [(LIFE - STEP, True), (LIFE, False)])
def test_a_code_expires(entrance, channel, after, accepted):
    ask(entrance)
    entrance.clock.advance(after)

    assert reset(entrance, channel.code) == (PasswordChanged() if accepted else REJECTED)


@pytest.mark.rule("SI-03")
@pytest.mark.parametrize(("tries", "accepted"), [(TRIES - 1, True), (TRIES, False)])
def test_a_code_is_refused_after_a_few_wrong_ones(entrance, channel, tries, accepted):
    ask(entrance)
    for _ in range(tries):
        assert reset(entrance, wrong(channel.code)) == REJECTED

    assert reset(entrance, channel.code) == (PasswordChanged() if accepted else REJECTED)


@pytest.mark.rule("SI-03")
def test_a_code_is_good_in_the_browser_that_asked_for_it_and_nobody_elsewhere_uses_up_its_tries(entrance, channel):
    ask(entrance)
    for _ in range(TRIES + 1):
        assert reset(entrance, channel.code, device="elsewhere") == REJECTED

    assert reset(entrance, channel.code) == PasswordChanged()


def test_a_new_code_replaces_the_one_before(entrance, channel):
    ask(entrance)
    first = channel.code
    ask(entrance)

    assert first == channel.code or reset(entrance, first) == REJECTED
    assert reset(entrance, channel.code) == PasswordChanged()


def test_a_reset_ends_the_sessions_and_the_codes_of_before(entrance, channel):
    session = entrance.session(device="another")
    ask(entrance, device="another")
    other = channel.code
    ask(entrance)

    assert reset(entrance, channel.code) == PasswordChanged()

    resumed = entrance.gate.resume(session)
    assert isinstance(resumed, Refused)
    assert [verdict.rule_id for verdict in resumed.verdicts] == ["SI-05"]
    assert reset(entrance, other, device="another") == REJECTED


@pytest.mark.rule("SI-01")
@pytest.mark.rule("SI-06")
def test_a_reset_ends_the_locks_of_this_device(entrance, channel):
    for _ in range(FAILURES):
        entrance.enter(password=WRONG, device="mine")
    assert entrance.enter(device="mine").fault is SignInFault.LOCKED
    ask(entrance)  # with the failures, as many as strangers may make
    assert entrance.enter(device="elsewhere").fault is SignInFault.LOCKED

    assert reset(entrance, channel.code) == PasswordChanged()

    assert isinstance(entrance.enter(password=NEW, device="mine"), SignedIn)
    assert entrance.enter(password=NEW, device="elsewhere").fault is SignInFault.LOCKED


@pytest.mark.rule("SI-06")
@pytest.mark.parametrize("person", [KNOWN, UNKNOWN, "nobody.has-this"], ids=["known", "unknown id", "unknown name"])
def test_strangers_can_have_few_codes_sent_and_a_known_device_any_number(entrance, channel, person):
    entrance.enter(device="mine")
    for place in range(BURST):
        assert isinstance(ask(entrance, person, device=f"elsewhere-{place}"), ResetRequested)
    refused = ask(entrance, person, device="elsewhere")

    assert (refused.fault, refused.allowed_from) == (SignInFault.LOCKED, entrance.clock.now() + timedelta(minutes=20))
    if person == KNOWN:
        assert isinstance(ask(entrance), ResetRequested)
        assert reset(entrance, channel.code) == PasswordChanged()


def test_a_request_needs_a_fresh_visual_code(entrance, channel):
    code = entrance.code()
    asked = [entrance.gate.request_reset(KNOWN, code=each, session="browser") for each in (code, code, "12345")]

    assert isinstance(asked[0], ResetRequested)
    assert asked[1:] == [NotSignedIn(SignInFault.CODE_USED), NotSignedIn(SignInFault.CODE_REJECTED)]
    assert len(channel.sent) == 1


@pytest.mark.parametrize("password", ["short", "x" * 129, "a control\ncharacter", None])
def test_a_password_that_is_refused_uses_up_no_code(entrance, channel, password):
    ask(entrance)
    with pytest.raises(InvalidInput, match=r"^password: ") as refused:
        reset(entrance, channel.code, password=password)

    assert password is None or password not in str(refused.value)
    assert reset(entrance, channel.code) == PasswordChanged()


@pytest.mark.parametrize("odd", ["", "x" * 100_000, "رمز", "\0", "\ud800", "1234567", "123456789"])
def test_any_other_text_is_a_wrong_code(entrance, odd):
    ask(entrance)
    assert reset(entrance, odd) == REJECTED


@pytest.mark.parametrize("spoilt", ["\u202e{}", "{}\u202d", "{}{}", "{}" + " " * 120 + "x", "{}x"], ids=ascii)
def test_the_code_in_another_text_is_a_wrong_one(entrance, channel, spoilt):
    ask(entrance)
    assert reset(entrance, spoilt.format(channel.code, channel.code)) == REJECTED


def test_a_code_that_is_no_text_is_an_error(entrance):
    with pytest.raises(InvalidInput, match=r"^reset code: got int; expected text$"):
        reset(entrance, 12345678)


@pytest.mark.race
@pytest.mark.rule("SI-03")
def test_of_two_resets_with_one_code_at_once_one_is_done(entrance, channel):
    ask(entrance)
    passwords = ["the password of one", "the password of two"]
    with ThreadPoolExecutor(2) as people:
        outcomes = list(people.map(lambda each: reset(entrance, channel.code, password=each), passwords))

    assert sorted(map(str, outcomes)) == sorted(map(str, [PasswordChanged(), REJECTED]))
    won = passwords[outcomes.index(PasswordChanged())]
    assert isinstance(entrance.enter(password=won, device="mine"), SignedIn)


def test_codes_are_random_digits_and_stored_as_hashes(entrance, channel):
    for _ in range(3):
        ask(entrance)
    codes = [code for _, code, _ in channel.sent]

    assert all(len(code) == 8 and code.isascii() and code.isdigit() for code in codes)
    assert len(set(codes)) == 3
    stored = str(rows_of(entrance.store))
    assert not any(code in stored for code in codes)


def test_without_a_channel_passwords_cannot_be_reset(entrance):
    gate = entrance.with_parts()
    for call in (
        lambda: gate.request_reset(KNOWN, code="", session="browser"),
        lambda: gate.reset_password(KNOWN, "", NEW, session="browser"),
    ):
        with pytest.raises(InvalidInput, match=r"^password reset: got no channel for reset codes; expected a service"):
            call()


def test_a_channel_needs_an_identity_that_can_set_passwords(entrance, channel):
    class ChecksOnly:
        def person_of(self, name):
            return None

        def verify(self, applicant, password):
            raise AssertionError("no test asks it")

    with pytest.raises(InvalidInput, match=r"^identity: got a ChecksOnly without has_account"):
        entrance.with_parts(identity=ChecksOnly(), reset_channel=channel)
