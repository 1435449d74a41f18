"""Sessions: issued by the desk alone, renewed by choice, ended by signing out and by a new password."""

import copy
import pickle
from datetime import timedelta

import pytest
from attrs import evolve as copy_with

from tests.entrance import KNOWN, SESSION_MINUTES, STEP, STORES, UNKNOWN, CountingHasher, opened
from tests.maintained import erase, rows_of
from tests.small_town import START, small_rulebook
from traffic_booking import BookingDesk, DeskParts, InvalidInput, Refused, Session, SignedIn, System
from traffic_booking.domain.errors import StoreContended
from traffic_booking.persistence.schema import SESSIONS
from traffic_booking.ports.primitives import FailedGuard, StoreConflict

MINUTE = timedelta(minutes=1)
LIFE = SESSION_MINUTES * MINUTE


@pytest.fixture(params=STORES)
def entrance(request, tmp_path):
    with opened(request.param, tmp_path) as made:
        yield made


def rules_of(outcome):
    assert isinstance(outcome, Refused)
    return [verdict.rule_id for verdict in outcome.verdicts]


@pytest.mark.journey("J-07")
@pytest.mark.rule("SI-05")
def test_a_session_that_the_desk_did_not_issue_is_refused(entrance):
    entrance.enter()
    made_up = Session(applicant=KNOWN, started_at=START, ends_at=START + LIFE)

    for forged in (made_up, copy_with(made_up, token="x" * 43), "", "x" * 43, "رمز", "\0", "\ud800", "x" * 100_000):
        assert rules_of(entrance.gate.resume(forged)) == ["SI-05"]


@pytest.mark.rule("SI-05")
@pytest.mark.parametrize(
    "changed",
    [
        {"applicant": UNKNOWN},
        {"ends_at": START + LIFE + STEP},
        {"started_at": START + STEP},
        {"started_at": START - STEP},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_session_that_somebody_changed_is_refused(entrance, changed):
    session = entrance.session()

    assert rules_of(entrance.gate.resume(copy_with(session, **changed))) == ["SI-05"]
    assert entrance.gate.resume(session) == SignedIn(session)


def test_the_token_alone_resumes_a_session_in_every_process(entrance):
    session = entrance.session()
    another = entrance.with_parts()

    for gate in (entrance.gate, another):
        for given in (
            session.token,
            f"\u200e {session.token}\ufeff\n",
            session,
            copy.copy(session),
            pickle.loads(pickle.dumps(session)),
        ):
            resumed = gate.resume(given)
            assert resumed == SignedIn(session)
            assert resumed.session.token == session.token


def test_tokens_differ_and_are_shown_nowhere(entrance):
    sessions = [entrance.session() for _ in range(3)]

    assert len({each.token for each in sessions}) == 3
    for each in sessions:
        assert len(each.token) >= 43
        assert each.token not in repr(each) + str(SignedIn(each)) + str(rows_of(entrance.store))


@pytest.mark.rule("SI-05")
@pytest.mark.parametrize("by", ["session", "token"])
def test_signing_out_ends_this_session_and_no_other(entrance, by):
    first, second = entrance.session(), entrance.session()
    given = first if by == "session" else first.token

    for _ in range(2):
        entrance.gate.sign_out(given)
        assert rules_of(entrance.gate.resume(first)) == ["SI-05"]
    assert isinstance(entrance.gate.resume(second), SignedIn)


def test_signing_out_of_a_session_that_is_none_does_nothing(entrance):
    session = entrance.session()

    for odd in ("", "x" * 43, Session(applicant=KNOWN, started_at=START, ends_at=START + LIFE)):
        entrance.gate.sign_out(odd)
    assert isinstance(entrance.gate.resume(session), SignedIn)


@pytest.mark.parametrize("verb", ["resume", "sign_out"])
@pytest.mark.parametrize("odd", [None, 7, b"token", KNOWN, ["token"]], ids=repr)
def test_a_value_that_is_no_session_is_refused_as_an_error(entrance, verb, odd):
    with pytest.raises(InvalidInput, match=r"^session: got \w+; expected a Session or its token$"):
        getattr(entrance.gate, verb)(odd)


@pytest.mark.rule("SI-05")
def test_a_new_password_ends_the_sessions_of_the_account(entrance):
    entrance.identity.register(UNKNOWN, "a password of theirs")
    mine, theirs = entrance.session(), entrance.session(person=UNKNOWN, password="a password of theirs")

    entrance.identity.set_password(KNOWN, "another password")

    assert rules_of(entrance.gate.resume(mine)) == ["SI-05"]
    assert isinstance(entrance.gate.resume(theirs), SignedIn)
    assert isinstance(entrance.gate.resume(entrance.session(password="another password")), SignedIn)


@pytest.mark.rule("SI-05")
def test_a_password_that_is_changed_while_it_is_checked_leaves_no_session(entrance):
    class Meanwhile:
        def person_of(self, name):
            return entrance.identity.person_of(name)

        def verify(self, applicant, password):
            answer = entrance.identity.verify(applicant, password)
            entrance.identity.set_password(KNOWN, "another password")
            return answer

    session = entrance.with_gate(identity=Meanwhile()).session()

    assert rules_of(entrance.gate.resume(session)) == ["SI-05"]


@pytest.mark.rule("SI-05")
def test_a_host_ends_all_sessions_of_a_person(entrance):
    sessions = [entrance.session(), entrance.session(session="another")]

    entrance.gate.sign_out_everywhere(KNOWN)

    assert [rules_of(entrance.gate.resume(each)) for each in sessions] == [["SI-05"]] * 2
    assert isinstance(entrance.gate.resume(entrance.session()), SignedIn)
    with pytest.raises(InvalidInput, match="applicant"):
        entrance.gate.sign_out_everywhere("1000000008")


def test_a_renewed_hash_ends_no_session(entrance):
    session = entrance.session()

    class Stronger(CountingHasher):
        def check_needs_rehash(self, hash):  # noqa: A002 - the name that argon2 gave it
            return True

    identity = type(entrance.identity)(entrance.store, hasher=Stronger())
    assert identity.renew(KNOWN, "the right password")
    assert isinstance(entrance.gate.resume(session), SignedIn)


@pytest.mark.rule("SI-05")
def test_the_sessions_of_an_erased_person_have_ended(entrance):
    session = entrance.session()
    desk = BookingDesk(DeskParts(store=entrance.store, clock=entrance.clock))

    assert erase(desk, KNOWN, by=System())

    assert rules_of(entrance.gate.resume(session)) == ["SI-05"]
    assert rows_of(entrance.store)["sessions"] == {}


@pytest.mark.rule("SI-02")
def test_without_sliding_a_session_keeps_its_end(entrance):
    session = entrance.session()
    entrance.clock.advance(LIFE - STEP)

    assert entrance.gate.resume(session) == SignedIn(session)
    entrance.clock.advance(STEP)
    assert rules_of(entrance.gate.resume(session)) == ["SI-02"]


@pytest.mark.rule("SI-02")
@pytest.mark.rule("SI-04")
def test_a_sliding_session_is_renewed_until_its_absolute_end(entrance):
    sliding = entrance.with_gate(sliding=True, rulebook=small_rulebook(SI_04={"minutes": 100}))
    first = sliding.session()
    last_end = START + 100 * MINUTE

    ends = []
    for _ in range(4):
        sliding.clock.advance(25 * MINUTE - STEP)
        renewed = sliding.gate.resume(first)
        assert isinstance(renewed, SignedIn)
        assert renewed.session.ends_at == min(sliding.clock.now() + LIFE, last_end)
        assert renewed.session.token == first.token
        ends.append(renewed.session.ends_at)
    assert ends == sorted(ends)
    assert ends[-1] == last_end
    sliding.clock.move_to(last_end)
    assert rules_of(sliding.gate.resume(first.token)) == ["SI-02"]


@pytest.mark.rule("SI-02")
def test_a_sliding_session_that_nobody_uses_ends(entrance):
    sliding = entrance.with_gate(sliding=True)
    session = sliding.session()
    sliding.clock.advance(LIFE)

    assert rules_of(sliding.gate.resume(session)) == ["SI-02"]


def test_a_session_is_not_written_again_for_less_than_a_minute(entrance):
    sliding = entrance.with_gate(sliding=True)
    session = sliding.session()
    before = rows_of(sliding.store)["sessions"]

    sliding.clock.advance(MINUTE - STEP)
    assert sliding.gate.resume(session) == SignedIn(session)
    assert rows_of(sliding.store)["sessions"] == before
    sliding.clock.advance(STEP)
    assert sliding.gate.resume(session).session.ends_at == session.ends_at + MINUTE


class MeetsNewer:
    """A store in which somebody writes the session before each of the first commits."""

    def __init__(self, store, times, meanwhile):
        self.store, self.times, self.meanwhile = store, times, meanwhile

    def read(self, queries):
        return self.store.read(queries)

    def commit(self, changes):
        if self.times and any(put.collection == SESSIONS.name for change in changes for put in change.puts):
            self.times -= 1
            self.meanwhile()
            return [StoreConflict((FailedGuard(SESSIONS.name, "", 1),)) for _ in changes]
        return self.store.commit(changes)


def test_a_session_that_ends_while_it_is_renewed_is_refused(entrance):
    session = entrance.session()
    entrance.clock.advance(5 * MINUTE)
    between = MeetsNewer(entrance.store, 1, lambda: entrance.gate.sign_out(session))

    assert rules_of(entrance.with_parts(store=between, sliding=True).resume(session)) == ["SI-05"]


@pytest.mark.parametrize("verb", ["resume", "sign_out"])
def test_a_session_that_others_write_again_and_again_is_contended(entrance, verb):
    session = entrance.session()
    entrance.clock.advance(5 * MINUTE)
    gate = entrance.with_parts(store=MeetsNewer(entrance.store, 1_000, lambda: None), sliding=True)

    with pytest.raises(StoreContended, match=r"^sign-in: got a conflict with a newer attempt 16 times"):
        getattr(gate, verb)(session)
    assert entrance.gate.resume(session) == SignedIn(session)
