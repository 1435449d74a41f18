"""Canaries: a person's id and a password go through every verb, and no shown or raised text contains them.

Over 400 lines: each verb and each adapter, over one set of canaries.
"""

import logging
import sqlite3
import traceback
import warnings
from contextlib import closing, suppress
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from argon2 import PasswordHasher

from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import (
    Booked,
    BookingDesk,
    Clerk,
    DeskParts,
    NationalId,
    ResidentId,
    Session,
    SignedIn,
    SignInGate,
    SlotKey,
    StoreError,
    StoreUnavailable,
    StoreUnreadable,
    TrafficBookingError,
    UserName,
    person_id,
)
from traffic_booking.adapters.altcha import AltchaCaptcha, solve
from traffic_booking.adapters.embedded_identity import EmbeddedIdentity
from traffic_booking.domain.appointments.numbers import compose
from traffic_booking.domain.places.geography import BranchCode, BranchId
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.domain.text_input import ascii_digits
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.sign_ins import SignIns
from traffic_booking.testing import MovableClock, made_up_person
from traffic_booking.wiring import open_store

CANARY = made_up_person(73_914_682)
OTHER = made_up_person(5)
DIGITS = CANARY.reveal()
ARABIC = DIGITS.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
PASSWORD = "kept-between-us-٤٢-only"
BROWSER = "browser-session-canary"
SECRET = "the-secret-of-the-host-is-a-canary-too"
FIRST, SECOND = (SlotKey(BranchId("north"), ServiceId("renewal"), START + timedelta(hours=hours)) for hours in (5, 6))
NUMBER = compose(BranchCode("001"), 4)
"""An appointment number that no appointment has."""
NAME = "named.between-us"
SECRETS = (DIGITS[:7], NAME, ascii_digits(PASSWORD)[:12], BROWSER, SECRET)
"""The first seven digits; the last four may be shown."""


def given_away(texts):
    """The secrets in the texts, in digits of any script."""
    return {secret for text in texts for secret in SECRETS if secret in ascii_digits(text)}


class Observed:
    """Everything that was shown: values, errors with their tracebacks and their causes."""

    def __init__(self):
        self.texts = []
        self.errors = []

    def record(self, value):
        self.texts += [repr(value), str(value), f"{value}"]
        return value

    def kinds(self):
        """The names of the classes of the recorded errors."""
        return {type(error).__name__ for error in self.errors}

    def attempt(self, call, *args, **kwargs):
        """The result of the call, or None if it raises; both are recorded."""
        try:
            return self.record(call(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - every error must keep the secrets
            self.errors.append(error)
            self.texts += traceback.format_exception(error)
            if isinstance(error, TrafficBookingError):
                self.texts += [error.message("ar"), error.message("en")]
            link: BaseException | None = error
            while link is not None:
                self.texts += [repr(link), str(link), repr(vars(link)), repr(link.args)]
                link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
            return None


@pytest.fixture
def observed(caplog, capfd):
    """The values and errors of the test; at its end also logs, warnings and output, and none of them has a secret."""
    caplog.set_level(logging.DEBUG)
    observed = Observed()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield observed
    printed = capfd.readouterr()
    observed.texts += [caplog.text, printed.out, printed.err, *(str(warning.message) for warning in warned)]
    assert given_away(observed.texts) == set()


class Failing:
    """A store some of whose methods fail; the arguments at its port are as confidential as the stored values."""

    def __init__(self, store):
        self._store = store
        self.failing = ()

    def __getattr__(self, name):
        if name in self.failing:
            raise StoreUnavailable("the store: got no reply; expected one")
        return getattr(self._store, name)


class Observer:
    """A book or accounts over a store: arguments and results are recorded, and the selected methods fail."""

    def __init__(self, kept, store, observed):
        self._store = kept(store)
        self._failing = store
        self._observed = observed

    def __getattr__(self, name):
        method = getattr(self._store, name)

        def recorded(*args, **kwargs):
            self._observed.texts += [repr(arg) for arg in (*args, *kwargs.values())]
            if name in self._failing.failing:
                raise StoreUnavailable("the store: got no reply; expected one")
            return self._observed.record(method(*args, **kwargs))

        return recorded


@pytest.fixture(params=["memory", "sqlite"])
def url(request, tmp_path):
    return "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/bookings.db"


@pytest.fixture
def store(url, observed):
    store = Failing(open_store(url))
    yield store
    store.close()


def desk_over(store, observed):
    desk = BookingDesk(
        DeskParts(
            store=store, clock=MovableClock(START), catalogue=small_catalogue(capacity=2), rulebook=small_rulebook()
        )
    )
    book: Any = Observer(AppointmentBook, store, observed)
    desk._office.book = desk._office.configuration._book = book
    return desk


def every_verb(desk, observed):
    """Every verb of the desk with the canary as its applicant: done, refused, repeated and contradicted."""
    do, me, clerk = observed.attempt, CANARY, Clerk("counter")
    do(desk.find_slots, service="renewal", limit=5)
    do(desk.month_view, service="renewal", branch="north", year=2026, month_of_year=11)
    do(desk.hold, FIRST, applicant=me, request_id="h-1")
    booked = do(desk.book, FIRST, applicant=me, agreed=True, request_id="b-1")
    do(desk.book, FIRST, applicant=me, agreed=True, request_id="b-1")
    do(desk.book, SECOND, applicant=me, agreed=True, request_id="b-1")
    do(desk.book, SECOND, applicant=me, agreed=False, request_id="b-2")
    do(desk.book, SECOND, applicant=me, by=OTHER, agreed=True, request_id="b-3")
    do(desk.book, SECOND, applicant=me, by=clerk, agreed=True, request_id="b-4")
    number = booked.appointment.number if isinstance(booked, Booked) else NUMBER
    do(desk.appointments, me)
    for by in (me, OTHER):
        do(desk.appointment, number, by=by)
        do(desk.audit.history, number, by=by)
        for form, language in product(("text", "html"), ("ar", "en")):
            do(desk.ticket, number, by=by, form=form, language=language)
    do(desk.cancel, number, by=OTHER, request_id="c-1")
    do(desk.cancel, number, by=me, request_id="c-2")
    do(desk.cancel, number, by=me, request_id="c-2")
    do(desk.cancel, number, by=OTHER, request_id="c-2")
    do(desk.cancel, number, by=me, request_id="c-3")
    do(desk.book, SECOND, applicant=me, agreed=True, request_id="b-5")
    for actor in (me, clerk):
        do(desk.gate.check_in, number, by=actor, request_id=f"i-{actor!s:.3}")
    do(desk.maintenance.expire_holds)
    do(desk.feed)
    return number


def misused(desk, observed, number):
    """The verbs of the desk with the digits as text, typed or passed in place of other arguments."""
    do = observed.attempt
    for typed in (DIGITS, ARABIC):
        for verb, more in ((desk.hold, {}), (desk.book, {"agreed": True})):
            do(verb, FIRST, applicant=typed, request_id="m-1", **more)
            do(verb, FIRST, applicant=OTHER, by=typed, request_id="m-2", **more)
            do(verb, typed, applicant=CANARY, request_id="m-3", **more)
        do(desk.appointments, typed)
        for verb in (desk.appointment, desk.audit.history, desk.ticket):
            do(verb, typed, by=CANARY)
            do(verb, number, by=typed)
        for verb in (desk.cancel, desk.gate.check_in):
            do(verb, typed, by=CANARY, request_id="m-4")
            do(verb, typed + "00", by=CANARY, request_id="m-5")
            do(verb, number, by=typed, request_id="m-6")


def test_secrets_are_found_in_any_digits():
    masked = [repr(CANARY), str(CANARY), f"{CANARY}", repr(Session(applicant=CANARY, started_at=START, ends_at=START))]

    assert given_away(masked) == set()
    assert given_away([f"id {DIGITS}"]) == given_away([f"رقم {ARABIC}"]) == {DIGITS[:7]}
    assert given_away([f"wrong password {PASSWORD!r}"]) == {ascii_digits(PASSWORD)[:12]}


def test_the_verbs_of_the_desk_give_nothing_away(store, observed):
    with desk_over(store, observed) as desk:
        number = every_verb(desk, observed)
        misused(desk, observed, number)
    every_verb(desk, observed)

    assert {"RequestMismatch", "AppointmentNotFound", "InvalidInput", "StoreClosed"} <= observed.kinds()
    assert number != NUMBER


@pytest.mark.long
@pytest.mark.parametrize("failing", ["facts", "commit", "appointment", "appointments_of", "history", "read", "feed"])
def test_a_store_that_does_not_answer_gives_nothing_away(store, observed, failing):
    desk = desk_over(store, observed)
    store.failing = (failing,)

    every_verb(desk, observed)

    assert "StoreUnavailable" in observed.kinds()


@pytest.mark.parametrize(
    "damage",
    [
        "replace({c}, ':', ';')",
        "substr({c}, 1, length({c}) - 1)",
        "replace({c}, '\"', '')",
        "{c} || {c}",
        "'?' || {c}",
        "CAST(x'FF' || CAST({c} AS BLOB) AS TEXT)",
    ],
)
def test_a_database_whose_values_are_damaged_gives_nothing_away(tmp_path, observed, damage):
    path = tmp_path / "bookings.db"
    with BookingDesk.open(f"sqlite:///{path}", **small_parts()) as desk:
        number = every_verb(desk, observed)
    spoil(path, damage)
    before = len(observed.errors)

    with BookingDesk.open(f"sqlite:///{path}", **small_parts()) as desk:
        every_verb(desk, observed)
        for verb in (desk.appointment, desk.audit.history, desk.ticket):
            observed.attempt(verb, number, by=CANARY)

    assert any(isinstance(error, StoreError) for error in observed.errors[before:])


def test_a_damaged_id_gives_nothing_away(tmp_path, observed):
    path, clerk = tmp_path / "bookings.db", Clerk("counter")
    with BookingDesk.open(f"sqlite:///{path}", **small_parts()) as desk:
        number = every_verb(desk, observed)
        subject = desk.appointment(number, by=clerk).applicant.subject
    with closing(sqlite3.connect(path)) as connection:
        wrong = DIGITS[:9] + str((int(DIGITS[9]) + 1) % 10)
        connection.execute("UPDATE persons SET person = ? WHERE person = ?", (wrong, DIGITS))
        connection.commit()
    before = len(observed.errors)

    with BookingDesk.open(f"sqlite:///{path}", **small_parts()) as desk:
        every_verb(desk, observed)
        observed.attempt(desk.ticket, number, by=clerk)
        observed.attempt(desk.person_of, subject, by=clerk)

    assert sum(isinstance(error, StoreUnreadable) for error in observed.errors[before:]) == 2


@pytest.mark.parametrize("body", ["", "x", "{}", "[]", "[1]", "[[]]", '["", "", ""]'])
def test_a_record_of_the_key_that_is_damaged_is_an_unreadable_store(tmp_path, body):
    path = tmp_path / "bookings.db"
    with BookingDesk.open(f"sqlite:///{path}", **small_parts()), closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE person_keys SET body = ?", (body,))
        connection.commit()

    with pytest.raises(StoreUnreadable, match="a record of person_keys, current: "):
        BookingDesk.open(f"sqlite:///{path}", **small_parts())


def test_a_database_that_lost_its_tables_gives_nothing_away(tmp_path, observed):
    path = tmp_path / "bookings.db"
    with BookingDesk.open(f"sqlite:///{path}", **small_parts()) as desk:
        every_verb(desk, observed)
        with closing(sqlite3.connect(path)) as connection:
            for table in tables_of(connection):
                connection.execute(f'DROP TABLE "{table}"')
            connection.commit()
        every_verb(desk, observed)

    assert any(isinstance(error, StoreError) for error in observed.errors)


@pytest.mark.parametrize("make", [NationalId, ResidentId, person_id])
def test_an_id_that_is_refused_is_not_shown(observed, make):
    wrong = DIGITS[:9] + str((int(DIGITS[9]) + 1) % 10)
    full_width = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in DIGITS)
    typed = [wrong, DIGITS + "0", DIGITS[:9], DIGITS[:5] + "x" + DIGITS[5:9], full_width, f"{DIGITS[:5]}-{DIGITS[5:]}"]

    for text in [*typed, ARABIC + "٠", DIGITS * 20, int(DIGITS), DIGITS.encode(), [DIGITS], "\ud800" + DIGITS[:9]]:
        observed.attempt(make, text)

    assert len(observed.errors) == len(typed) + 6


def gate_over(store, observed):
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    identity = EmbeddedIdentity(store, hasher=hasher)
    captcha = AltchaCaptcha(SECRET, iterations=1, most_tries=4)
    clock = MovableClock(START)
    gate = SignInGate(store=store, identity=identity, captcha=captcha, clock=clock, rulebook=small_rulebook())
    accounts: Any = Observer(partial(SignIns, now=lambda: START), store, observed)
    gate._sign_ins = identity._accounts = accounts
    return gate, identity


def every_way_in(gate, identity, observed):
    """Accounts are opened and refused; sign-ins succeed, fail and are locked, with codes of every kind."""
    do = observed.attempt
    for odd in (PASSWORD[:7] + "\n" * 5, PASSWORD * 20, PASSWORD + "\ud800", PASSWORD.encode(), PASSWORD + "\0"):
        do(identity.register, CANARY, odd)
        do(identity.set_password, CANARY, odd)
        do(identity.verify, CANARY, odd)
    do(identity.register, CANARY, PASSWORD, user_name=NAME)
    do(identity.register, CANARY, PASSWORD, user_name=NAME)
    do(identity.register, OTHER, PASSWORD, user_name=NAME)
    for odd in (NAME + " ;", NAME * 20, NAME + "\0", NAME.encode(), DIGITS):
        do(identity.set_user_name, CANARY, odd)
    do(identity.person_of, UserName(NAME))
    challenge = do(gate.challenge, session=BROWSER)
    do(gate.challenge, session=BROWSER + " x")
    code = do(solve, challenge)
    do(gate.sign_in, CANARY, PASSWORD, code=PASSWORD, session=BROWSER)
    do(gate.sign_in, CANARY, PASSWORD, code=code, session=BROWSER + "\0")
    do(gate.sign_in, CANARY, PASSWORD, code=code, session="another")
    signed_in = do(gate.sign_in, CANARY, PASSWORD, code=code, session=BROWSER)
    do(gate.sign_in, CANARY, PASSWORD, code=code, session=BROWSER)
    for typed in (NAME.upper(), NAME + "!", ARABIC, DIGITS[:9], DIGITS + "x", DIGITS.encode()):
        do(gate.sign_in, typed, PASSWORD + "!", code=solve(gate.challenge(session=BROWSER)), session=BROWSER)
    if isinstance(signed_in, SignedIn):
        do(gate.resume, signed_in.session)
        do(gate.resume, signed_in.session.token + BROWSER)
    for _ in range(5):
        code = solve(gate.challenge(session=BROWSER))
        do(gate.sign_in, CANARY, PASSWORD + "!", code=code, session=BROWSER)
    for part in (gate, identity):
        observed.record(part)


def test_signing_in_gives_nothing_away(store, observed):
    gate, identity = gate_over(store, observed)
    every_way_in(gate, identity, observed)

    assert any("locked" in text for text in observed.texts)
    assert "SignedIn(" in "".join(observed.texts)
    assert "InvalidInput" in observed.kinds()


@pytest.mark.parametrize("failing", ["commit", "password_hash", "replace_password_hash", "facts", "issued", "read"])
def test_signing_in_where_the_store_does_not_answer_gives_nothing_away(store, observed, failing):
    gate, identity = gate_over(store, observed)
    store.failing = (failing,)

    every_way_in(gate, identity, observed)

    assert "StoreUnavailable" in observed.kinds()


def small_parts():
    return {
        "clock": MovableClock(START),
        "catalogue": small_catalogue(capacity=2),
        "rulebook": small_rulebook(),
    }


def tables_of(connection):
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return [name for (name,) in rows if name != "migrations"]


def spoil(path, damage):
    """Put `damage` into every text column outside the keys, if the table accepts it.

    Without readable `person_keys` and `installations` no desk opens.
    """
    with closing(sqlite3.connect(path)) as connection:
        for table in set(tables_of(connection)) - {"person_keys", "installations"}:
            columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
            for column in [name for _, name, _, _, _, place_in_key in columns if not place_in_key]:
                change = damage.format(c=f'"{column}"')
                with suppress(sqlite3.Error):
                    connection.execute(
                        f'UPDATE "{table}" SET "{column}" = {change} WHERE typeof("{column}") IN (\'text\', \'blob\')'
                    )
        connection.commit()
