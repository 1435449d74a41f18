"""Canary persons in every verb and every sign-in, and a record of all results."""

import traceback
from datetime import date, timedelta

from argon2 import PasswordHasher
from attrs import evolve

from tests.canaries import APPLICANT, ARABIC, DELEGATE, ERASED, LOCKED, PERSIAN, REFUSED, TYPED
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import (
    Assertions,
    Booked,
    BookingDesk,
    Clerk,
    Delegate,
    NotSignedIn,
    Refused,
    RequestMismatch,
    SignedIn,
    SignInGate,
    SlotKey,
    System,
    TrafficBookingError,
    person_id,
)
from traffic_booking.adapters.altcha import AltchaCaptcha, solve
from traffic_booking.adapters.embedded_identity import EmbeddedIdentity
from traffic_booking.adapters.pseudonyms import PseudonymKey
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.testing import MovableClock

KEY = PseudonymKey(bytes(range(32)))
KEYS = {"without a key": (), "with a key": (KEY,)}
STAFF, SYSTEM = Clerk("desk-1"), System()
BORN, TOO_YOUNG, EXPIRES = date(1987, 3, 19), date(2015, 8, 23), date(2027, 1, 17)
DATES = tuple(each.isoformat() for each in (BORN, TOO_YOUNG, EXPIRES, EXPIRES - timedelta(days=90)))
"""The condition that a host vouches for, and the first day that the rule allows."""


class Collected:
    """All results and errors, with the causes of the errors."""

    def __init__(self):
        self.texts = []
        self.raised = []

    def take(self, call, *args, **kwargs):
        """The returned value, or the error."""
        try:
            result = call(*args, **kwargs)
        except (TrafficBookingError, ValueError, TypeError) as error:
            self.raised.append(error)
            self.texts += traceback.format_exception(error)
            if isinstance(error, TrafficBookingError):
                self.texts += [error.message("ar"), error.message("en")]
            link: BaseException | None = error
            while link is not None:
                self.texts += [repr(link), str(link), repr(vars(link)), repr(link.args)]
                link = link.__cause__ or link.__context__
            return error
        self.texts += [repr(result), str(result)]
        return result


def slot(hours):
    return SlotKey(BranchId("north"), ServiceId("renewal"), START + timedelta(hours=hours))


def vouched(born=BORN):
    return Assertions(checked_at=START, birth_date=born, expires_on=EXPIRES, met=["medical"])


def open_desk(url, keys, clock, observer=None):
    town = small_catalogue(capacity=4)
    services = tuple(
        evolve(each, eligibility=evolve(each.eligibility, minimum_age_years=18, window_days_before_expiry=90))
        if each.id == "renewal"
        else each
        for each in town.services
    )
    rulebook = small_rulebook(BK_07={"appointments": 3}, EL_04={"minutes": 10_000})
    parts = {"clock": clock, "catalogue": evolve(town, services=services), "rulebook": rulebook}
    return BookingDesk.open(url, pseudonym_key=keys or None, observer=observer, **parts)


def all_verbs(desk, collected, clock):
    """Every verb stores every canary; the outcomes are collected."""
    take, friend = (
        collected.take,
        Delegate(person=DELEGATE, applicant=APPLICANT, services=["renewal"], until=START.replace(year=2027)),
    )
    assertions = {"assertions": vouched()}
    mine = take(desk.book, slot(25), applicant=APPLICANT, agreed=True, request_id="b-1", **assertions)
    assert isinstance(mine, Booked)
    number = mine.appointment.number
    assert take(desk.book, slot(25), applicant=APPLICANT, agreed=True, request_id="b-1", **assertions) == mine
    other = take(desk.book, slot(26), applicant=DELEGATE, agreed=True, request_id="b-1")
    assert isinstance(other, RequestMismatch)
    take(desk.move, number, slot(49), by=friend, request_id="m-1", **assertions)
    take(desk.hold, slot(50), applicant=DELEGATE, request_id="h-1", **assertions)
    take(desk.book, slot(50), applicant=DELEGATE, agreed=True, request_id="b-2", **assertions)
    for place, born in enumerate((TOO_YOUNG, None)):
        young = take(
            desk.book, slot(26), applicant=REFUSED, agreed=True, request_id=f"r-{place}", assertions=vouched(born)
        )
        assert isinstance(young, Refused)
    typed = person_id(TYPED.reveal().translate(ARABIC))
    there = take(desk.book, slot(5), applicant=typed, agreed=True, request_id="t-1", **assertions)
    clock.move_to(START + timedelta(hours=4, minutes=50))
    take(desk.gate.check_in, there.appointment.number, by=STAFF, request_id="i-1")
    gone = take(desk.book, slot(30), applicant=ERASED, agreed=True, request_id="e-1", **assertions)
    take(desk.cancel, gone.appointment.number, by=ERASED, request_id="e-2")
    for by in (APPLICANT, friend, DELEGATE, STAFF):
        for verb in (desk.appointment, desk.audit.history, desk.explain, desk.may_cancel):
            take(verb, number, by=by)
        for form in ("text", "html"):
            for language in ("ar", "en"):
                collected.texts.append(str(take(desk.ticket, number, by=by, form=form, language=language)))
    misuse(desk, take, number)
    subjects = {take(desk.appointment, number, by=STAFF).applicant.subject}
    assert {desk.person_of(subject, by=SYSTEM) for subject in subjects} == {APPLICANT}
    take(desk.cancel, number, by=APPLICANT, request_id="c-1")
    for read in (desk.feed, desk.audit.verify, desk.maintenance.expire_holds):
        take(read)


def misuse(desk, take, number):
    """The digits as text, in three scripts, in place of other arguments."""
    for digits in (APPLICANT.reveal(), APPLICANT.reveal().translate(ARABIC), APPLICANT.reveal().translate(PERSIAN)):
        wrong = digits[:-1] + chr(ord(digits[-1]) ^ 1)
        take(person_id, wrong)
        take(person_id, digits + digits)
        take(desk.book, slot(25), applicant=digits, agreed=True, request_id="x-1")
        take(desk.book, slot(25), applicant=APPLICANT, by=digits, agreed=True, request_id="x-2")
        take(desk.book, digits, applicant=APPLICANT, agreed=True, request_id="x-3")
        take(desk.appointment, number, by=digits)
        take(desk.appointment, digits, by=APPLICANT)
        take(desk.appointments, digits)
        take(desk.person_of, digits, by=SYSTEM)
        take(desk.explain, request_id="b-1", by=digits)


def sign_in_all(desk, collected, clock, keys):
    """Sign-ins with the right password, with wrong ones, and while locked."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    identity = EmbeddedIdentity(desk.store, hasher=hasher, clock=clock, pseudonym_key=keys)
    captcha = AltchaCaptcha("a secret of the host's, long enough", iterations=1, most_tries=4)
    gate = SignInGate(
        store=desk.store, identity=identity, captcha=captcha, clock=clock, rulebook=desk.rulebook, pseudonym_key=keys
    )

    def sign_in(person, password):
        code = solve(gate.challenge(session="browser"))
        return collected.take(gate.sign_in, person, password, code=code, session="browser")

    for person in (APPLICANT, LOCKED, ERASED):
        collected.take(identity.register, person, f"the password of {str(person)[-4:]}")
        collected.take(identity.register, person, "another password")
    signed_in = sign_in(APPLICANT, f"the password of {str(APPLICANT)[-4:]}")
    assert isinstance(signed_in, SignedIn)
    collected.take(gate.resume, signed_in.session)
    assert isinstance([sign_in(LOCKED, "a wrong password") for _ in range(5)][-1], NotSignedIn)
    assert isinstance(sign_in(TYPED, "never registered"), NotSignedIn)


def fill(url, keys, collected):
    clock = MovableClock(START)
    desk = open_desk(url, keys, clock)
    sign_in_all(desk, collected, clock, keys or None)
    all_verbs(desk, collected, clock)
    return desk
