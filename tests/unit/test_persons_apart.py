"""Persons are separate: one record leads from an id to a subject, and can be deleted; all else has the subject.

Over 400 lines: every verb that writes or removes a person.
"""

import hmac
from datetime import date

import pytest
from attrs import evolve

from tests.bookings import number, slot
from tests.calendars import order
from tests.cases import CLERK, DAY, TICK
from tests.desks import open_desk
from tests.people import ME, YOU
from tests.small_town import START, small_catalogue
from traffic_booking import (
    AppointmentNotFound,
    Assertions,
    Booked,
    Clerk,
    Delegate,
    Finding,
    InvalidInput,
    NotFound,
    Refused,
    RequestMismatch,
    Result,
    StoreUnreadable,
    System,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.pseudonyms import PseudonymKey
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.tickets import HtmlTicket, TextTicket
from traffic_booking.domain.appointments.events import PersonRevealed
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.audit.invariants import Invariant
from traffic_booking.domain.decisions.outcomes import RequestRefused
from traffic_booking.domain.people.applicants import PersonRegistered
from traffic_booking.domain.places.services import Eligibility
from traffic_booking.persistence.keys import stream_of_person
from traffic_booking.persistence.persons import PlainIds
from traffic_booking.persistence.schema import ANSWERS, ASSERTIONS, PEOPLE, PERSONS, SCHEMA
from traffic_booking.ports.primitives import Delete, Put, RecordsByIndex, Span, StoreChange
from traffic_booking.ports.tickets import TicketRenderer
from traffic_booking.testing import made_up_person

KEY = PseudonymKey(bytes(range(32)))
FORMS: dict[str, TicketRenderer] = {"text": TextTicket(), "html": HtmlTicket()}
BORN, EXPIRES = date(2012, 3, 4), date(2027, 5, 6)
ASSERTED = Assertions(checked_at=START, birth_date=BORN, expires_on=EXPIRES)
TRACES = ("2012-03-04", "2027-05-06", "2026-11-07")
"""The two dates, and the first day of the window before the expiry: it shows the second date."""


def with_eligibility(catalogue):
    """The small town. Its renewals are for people of at least 18 years, within 180 days before the expiry."""
    renewal, *others = catalogue.services
    needs = Eligibility(holders=renewal.eligibility.holders, minimum_age_years=18, window_days_before_expiry=180)
    return evolve(catalogue, services=(evolve(renewal, eligibility=needs), *others))


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    made = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "bookings.db")
    yield made
    made.close()


@pytest.fixture(params=[PlainIds(), KEY], ids=["in clear", "under a key"])
def pseudonyms(request):
    return request.param


@pytest.fixture
def desk(store, pseudonyms):
    return open_desk(store=store, pseudonym_key=pseudonyms, tickets=FORMS)


@pytest.fixture
def asking(store):
    """A desk whose renewals need assertions."""
    return open_desk(with_eligibility(small_catalogue(capacity=2)), store=store)


def book(desk, person=ME, at=None, request_id="book", **more):
    return desk.book(at or slot(25), applicant=person, agreed=True, request_id=request_id, **more)


def rows(store, collection):
    return store.read([RecordsByIndex(collection.name, None, [Span()])])[0][0]


def erase(store, collection, key):
    """Delete one record, as an erasure does."""
    (version,) = (row[1] for row in rows(store, collection) if row[0] == key)
    assert store.commit([StoreChange(deletes=(Delete(collection.name, key, version),))]) == [None]


def registered(desk):
    """The persons that the log registers, in their order."""
    subjects = [each.what.applicant.subject for each in desk.feed().entries if isinstance(each.what, PersonRegistered)]
    return [desk.person_of(subject, by=System()) for subject in subjects]


def everything(store):
    """All stored values except the record of persons, as text."""
    stored = [rows(store, each) for each in SCHEMA.collections if each != PERSONS]
    return str([stored, store.feed(BEGINNING, limit=1_000).entries])


class TestFirstRequests:
    def test_a_booking_registers_its_applicant(self, desk, store):
        booked = book(desk)

        assert registered(desk) == [ME]
        (row,) = rows(store, PERSONS)
        assert row[2] == booked.appointment.applicant.subject
        (person_state,) = rows(store, PEOPLE)
        assert person_state[:3] == (row[2], 1, "citizen")

    def test_a_refusal_registers_its_applicant(self, desk, store):
        assert isinstance(book(desk, at=slot(0)), Refused)
        assert registered(desk) == [ME]
        assert len(rows(store, PEOPLE)) == 1

    def test_a_request_about_an_appointment_of_others_registers_its_actor(self, desk):
        booked = book(desk).appointment
        assert isinstance(desk.move(booked.number, slot(49), by=YOU, request_id="moved"), Refused)
        assert registered(desk) == [ME, YOU]
        assert isinstance(desk.cancel(number(9), by=made_up_person(3), request_id="cancelled"), Refused)
        assert registered(desk) == [ME, YOU, made_up_person(3)]

    def test_a_delegate_and_the_applicant_are_both_registered(self, desk):
        delegate = Delegate(person=YOU, applicant=ME, services={"renewal"}, until=START + 9 * DAY)
        booked = book(desk, by=delegate).appointment
        (event,) = desk.audit.history(booked.number, by=CLERK)

        assert registered(desk) == [ME, YOU]
        assert desk.person_of(event.actor.person.subject, by=System()) == YOU
        assert event.actor.applicant == event.applicant == booked.applicant

    def test_nobody_is_registered_by_reading_or_by_what_if(self, desk, store):
        desk.what_if().book(slot(25), applicant=ME, agreed=True)
        desk.appointments(ME)
        with pytest.raises(AppointmentNotFound):
            desk.appointment(number(1), by=ME)
        assert (rows(store, PERSONS), desk.feed().entries) == ([], ())

    def test_the_same_request_sent_again_gets_the_same_answer(self, desk, store):
        first = book(desk)

        assert book(desk) == first
        assert book(open_desk(store=store, pseudonym_key=desk_keys(desk))) == first
        assert registered(desk) == [ME]
        with pytest.raises(RequestMismatch):
            book(desk, YOU)
        assert registered(desk) == [ME], "an answered request registers nobody"

    def test_a_refusal_of_a_new_person_is_the_same_when_it_is_sent_again(self, desk):
        refused = book(desk, at=slot(0))
        desk.clock.advance(TICK)
        assert book(desk, at=slot(0)) == refused


def desk_keys(desk):
    """The keys that the desk was opened with."""
    return (desk._office.book.keys.newest,)


class TestSubjects:
    def test_a_person_has_one_subject_for_ever(self, desk, store):
        first = book(desk).appointment
        desk.cancel(first.number, by=ME, request_id="cancelled")
        later = open_desk(store=store, pseudonym_key=desk_keys(desk))
        again = book(later, at=slot(49), request_id="again").appointment

        assert again.applicant == first.applicant
        assert len(rows(store, PERSONS)) == 1

    def test_persons_have_different_subjects_and_stores_too(self, desk):
        mine, yours = book(desk).appointment, book(desk, YOU, slot(49), "yours").appointment
        elsewhere = book(open_desk()).appointment

        assert len({mine.applicant.subject, yours.applicant.subject, elsewhere.applicant.subject}) == 3

    def test_the_id_stands_in_the_record_of_persons_alone_and_under_a_key_nowhere(self, desk, store, pseudonyms):
        book(desk, by=Delegate(person=YOU, applicant=ME, services={"renewal"}, until=START + 9 * DAY))
        book(desk, at=slot(49), request_id="refused")

        for person in (ME, YOU):
            assert person.reveal() not in everything(store)
            assert (person.reveal() in str(rows(store, PERSONS))) is isinstance(pseudonyms, PlainIds)

    def test_the_log_has_a_commitment_to_the_id_and_the_salt_stands_beside_it(self, desk, store, pseudonyms):
        book(desk)
        (row,) = rows(store, PERSONS)
        (entry,) = (each.what for each in desk.feed().entries if isinstance(each.what, PersonRegistered))
        person, salt = pseudonyms.reveal(row[0], row[-1], row[2])

        assert person == ME
        assert entry.commitment == hmac.digest(salt.encode(), ME.reveal().encode(), "sha256").hex()
        assert entry.commitment != hmac.digest(salt.encode(), YOU.reveal().encode(), "sha256").hex()
        assert salt not in everything(store)


class TestLookingAPersonUp:
    @pytest.mark.parametrize("by", [CLERK, System()], ids=["clerk", "system"])
    def test_staff_may_and_each_use_is_in_the_feed(self, desk, by):
        subject = book(desk).appointment.applicant.subject
        before = desk.feed().complete_until

        assert [desk.person_of(subject, by=by) for _ in range(2)] == [ME, ME]
        assert [each.what for each in desk.feed(after=before).entries] == [
            PersonRevealed(subject=subject, at=START, actor=by)
        ] * 2

    def test_nobody_else_may_and_nothing_is_written(self, desk):
        subject = book(desk).appointment.applicant.subject
        before = desk.feed()

        for by in (ME, YOU, Delegate(person=YOU, applicant=ME, services={"renewal"}, until=START + DAY), None):
            with pytest.raises(InvalidInput, match=r"^actor: "):
                desk.person_of(subject, by=by)
        assert desk.feed() == before

    @pytest.mark.parametrize("subject", ["", "x", "~" * 22, "A" * 22])
    def test_a_subject_that_nobody_has_is_not_found_and_not_logged(self, desk, subject):
        book(desk)
        before = desk.feed()

        with pytest.raises((NotFound, InvalidInput)):
            desk.person_of(subject, by=Clerk("counter-3"))
        assert desk.feed() == before


class TestErasedPersons:
    @pytest.fixture
    def erased(self, desk, store):
        appointment = book(desk).appointment
        (row,) = rows(store, PERSONS)
        erase(store, PERSONS, row[0])
        return appointment

    def test_are_not_found_by_their_subject(self, desk, erased):
        before = desk.feed()
        with pytest.raises(NotFound, match="person"):
            desk.person_of(erased.applicant.subject, by=System())
        assert desk.feed() == before

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize(("language", "word"), [("ar", "مُحيت بياناته"), ("en", "erased")])
    def test_are_erased_on_tickets(self, desk, erased, form, language, word):
        assert word in str(desk.ticket(erased.number, by=CLERK, form=form, language=language))
        assert str(ME) not in str(desk.ticket(erased.number, by=CLERK, form=form, language=language))

    def test_leave_all_else_readable_and_sound(self, desk, erased):
        assert desk.appointment(erased.number, by=CLERK) == erased
        assert len(desk.explain(erased.number, by=CLERK)) == 1
        verified = desk.audit.verify()
        assert (verified.answers, verified.broken) == (1, ())

    def test_are_new_persons_if_they_come_again(self, desk, erased):
        assert len(desk.appointments(ME)) == 0
        with pytest.raises(AppointmentNotFound):
            desk.appointment(erased.number, by=ME)
        again = book(desk, at=slot(49), request_id="again")
        assert isinstance(again, Booked)
        assert again.appointment.applicant != erased.applicant


class TestAssertions:
    def refused(self, asking):
        """A refusal by both rules about what was vouched for."""
        refused = book(asking, assertions=ASSERTED, at=slot(25), request_id="refused")
        assert isinstance(refused, Refused)
        assert {verdict.rule_id for verdict in refused.verdicts} == {"EL-01"}
        return refused

    def test_stand_in_a_record_of_their_own_and_nowhere_else(self, asking, store):
        early = evolve(ASSERTED, birth_date=date(1990, 1, 1), expires_on=date(2028, 1, 1))
        self.refused(asking)
        assert {verdict.rule_id for verdict in book(asking, assertions=early, request_id="early").verdicts} == {"EL-02"}

        assert [row[0] for row in rows(store, ASSERTIONS)] == ["early", "refused"]
        stored = [rows(store, each) for each in SCHEMA.collections if each not in {PERSONS, ASSERTIONS}]
        text = str([stored, store.feed(BEGINNING, limit=1_000).entries])
        for trace in (*TRACES, "1990-01-01", "2028-01-01", "2027-07-05"):
            assert trace not in text
        assert "2012-03-04" in str(rows(store, ASSERTIONS))

    def test_their_findings_are_returned_and_are_not_in_the_log(self, asking):
        (verdict,) = self.refused(asking).verdicts
        assert (verdict.observed, verdict.limit) == (14, 18)
        (logged,) = (each.what for each in asking.feed().entries if isinstance(each.what, RequestRefused))
        assert logged.broken.broken == ("EL-01",)
        assert logged.broken["EL-01"] == Finding(Result.BROKEN)

    def test_are_given_again_with_the_answer(self, asking):
        refused = self.refused(asking)
        assert self.refused(asking) == refused
        (explained,) = asking.explain(request_id="refused", by=CLERK)
        assert explained.refused == refused.verdicts

    def test_once_deleted_the_decision_is_still_answered_explained_and_verified(self, asking, store):
        refused = self.refused(asking)
        booked = book(asking, assertions=evolve(ASSERTED, birth_date=date(1990, 1, 1)), request_id="booked")
        assert isinstance(booked, Booked)
        for request in ("refused", "booked"):
            erase(store, ASSERTIONS, request)

        verified = asking.audit.verify()
        assert (verified.answers, verified.without_case, verified.broken) == (2, 2, ())
        (explained,) = asking.explain(request_id="refused", by=CLERK)
        assert [verdict.rule_id for verdict in explained.refused] == ["EL-01"]
        assert (explained.refused[0].observed, explained.refused[0].statement) == (None, refused.verdicts[0].statement)
        assert book(asking, assertions=ASSERTED, request_id="booked") == booked

    def test_that_were_altered_are_noticed(self, asking, store):
        self.refused(asking)
        ((key, _, *columns, body),) = rows(store, ASSERTIONS)
        erase(store, ASSERTIONS, key)
        altered = Put(ASSERTIONS.name, key, 0, tuple(columns), body.replace("2012", "1982"))
        assert store.commit([StoreChange(puts=(altered,))]) == [None]

        with pytest.raises(StoreUnreadable, match="a record of assertions, refused: got one that can't be decoded"):
            asking.explain(request_id="refused", by=CLERK)

    def test_nothing_is_kept_of_a_request_without_any(self, asking, store):
        book(asking, at=slot(25, "transfer"))
        assert rows(store, ASSERTIONS) == []
        assert len(rows(store, ANSWERS)) == 1


class TestVerifying:
    """The records of persons are compared with the commitments that their registrations logged."""

    def subjects(self, desk):
        """The records of two persons who have booked."""
        return [
            book(desk, person, slot(25 + place), f"book-{place}").appointment.applicant.subject
            for place, person in enumerate((ME, YOU))
        ]

    def replace(self, store, records):
        """Write these subjects and bodies under the keys that are there already."""
        for row in rows(store, PERSONS):
            erase(store, PERSONS, row[0])
        puts = tuple(Put(PERSONS.name, key, 0, (subject,), body) for key, subject, body in records)
        assert store.commit([StoreChange(puts=puts)]) == [None]

    def found(self, desk):
        report = desk.audit.verify()
        assert {each.invariant for each in report.broken} <= {Invariant.PERSONS}
        assert not any(person.reveal() in str(report.broken) for person in (ME, YOU))
        return {each.where: each.found for each in report.broken}

    def test_two_swapped_records_are_found_and_both_subjects_are_named(self, desk, store, pseudonyms):
        subjects = self.subjects(desk)
        assert self.found(desk) == {}
        (one, _, *first), (other, _, *second) = rows(store, PERSONS)
        self.replace(store, [(one, *second), (other, *first)])

        fault = "an id or a registration that can't be read" if pseudonyms is KEY else "another id"
        assert self.found(desk) == {f"person {subject}": fault for subject in subjects}

    def test_records_that_somebody_with_the_key_swapped_are_found(self, desk, store, pseudonyms):
        subjects = self.subjects(desk)
        salts = {row[2]: pseudonyms.reveal(row[0], row[3], row[2])[1] for row in rows(store, PERSONS)}
        swapped = zip((YOU, ME), subjects, strict=True)
        self.replace(
            store,
            [(pseudonyms.key(who), mine, pseudonyms.seal(who, salts[mine], mine)) for who, mine in swapped],
        )

        assert desk.person_of(subjects[0], by=System()) == YOU
        assert self.found(desk) == {f"person {subject}": "another id" for subject in subjects}

    def test_a_person_without_a_registration_in_the_log_is_found(self, desk, store):
        mine, _ = self.subjects(desk)
        assert store.commit([StoreChange(trims=(stream_of_person(mine),))]) == [None]

        assert self.found(desk) == {f"person {mine}": "no registration"}

    def test_a_person_without_a_standing_is_found(self, desk, store):
        book(desk, at=slot(0))
        ((subject, *_),) = rows(store, PEOPLE)
        erase(store, PEOPLE, subject)

        assert self.found(desk) == {f"person {subject}": "no state of a person with this kind of document"}


def test_somebody_who_is_not_registered_sees_nothing(desk):
    booked = book(desk).appointment
    declared = desk.calendar.declare(order(date(2027, 1, 3)), reason="leave", by=CLERK, request_id="declared")

    assert desk.appointments(YOU).upcoming == ()
    for read in (desk.appointment, desk.audit.history, desk.ticket, desk.explain):
        with pytest.raises(AppointmentNotFound):
            read(booked.number, by=YOU)
    assert not desk.may_cancel(booked.number, by=YOU)
    with pytest.raises(NotFound):
        desk.explain(request_id="book", by=YOU)
    assert declared.entry.number == 1
    assert registered(desk) == [ME]
