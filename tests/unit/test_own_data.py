"""A person's own data: everything that the store holds about them, nothing of anybody else, and only for them."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve as copy_with

from tests.async_desk import small_async_desk
from tests.bookings import slot
from tests.cases import CLERK, DAY, MINUTE
from tests.desks import open_desk
from tests.maintained import STORES, erase, opened, rows_of
from tests.people import ME, YOU
from tests.sealed_stores import audited, seal
from tests.small_town import RETENTION
from traffic_booking import (
    Applicant,
    Assertions,
    Auditor,
    Clerk,
    Delegate,
    InvalidInput,
    Language,
    NotFound,
    OccurrenceKind,
    PersonRevealed,
    Refused,
    System,
    from_json,
    own_data_page,
    to_json,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.domain.decisions.changes import SignInChange
from traffic_booking.domain.inquiries.own_data import OwnData
from traffic_booking.domain.people.attempts import Failures, SignInAttempts
from traffic_booking.domain.people.sign_in import IssuedSession, Session
from traffic_booking.domain.people.user_names import UserName
from traffic_booking.persistence.sign_ins import SignIns
from traffic_booking.testing import made_up_person

HELPER, STRANGER = made_up_person(31), made_up_person(32)
EARLY, LATE, OTHERS = slot(49), slot(50), slot(51)
AUDITOR = Auditor("auditor-1")
HOSTILE = '<script>alert("x")</script>'


@pytest.fixture(params=STORES)
def desk(request, tmp_path):
    with (
        opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres_url")) as store,
        open_desk(store=store) as made,
    ):
        yield made


def used(desk):
    """A desk on which two persons booked, were refused, were helped, and were looked up; returns their numbers."""
    asserted = Assertions(checked_at=desk.clock.now(), birth_date=date(1990, 1, 2), met={"mine"})
    mine = desk.book(EARLY, applicant=ME, agreed=True, request_id="mine-booked", assertions=asserted).appointment
    desk.book(EARLY, applicant=ME, agreed=True, request_id="mine-again")
    assert isinstance(desk.book(EARLY, applicant=YOU, agreed=True, request_id="yours-full"), Refused)
    yours = desk.book(OTHERS, applicant=YOU, agreed=True, request_id="yours-booked").appointment
    assert isinstance(desk.cancel(mine.number, by=YOU, request_id="yours-tried"), Refused)
    assert isinstance(desk.cancel(yours.number, by=ME, request_id="mine-tried"), Refused)
    until = desk.clock.now() + 9 * DAY
    helper = Delegate(person=HELPER, applicant=ME, services=[EARLY.service], until=until)
    moved = desk.move(mine.number, LATE, by=helper, request_id="helper-moved")
    assert moved
    desk.person_of(mine.applicant.subject, by=System())
    desk.person_of(yours.applicant.subject, by=Clerk("canary-clerk"))
    desk.audit.person_log(person=ME, by=AUDITOR)
    return mine, yours


def requests_in(own):
    return {each.request_id for each in (*own.decisions, *own.acts)}


def signed_in(desk, person):
    """Give the person a user name, a password, a failed sign-in, and three sessions; one was ended."""
    accounts, now = SignIns(desk.store, desk.clock.now), desk.clock.now()
    accounts.set_password_hash(person, "a hash")
    accounts.set_user_name(person, UserName(f"name.{person.reveal()}"))
    accounts.commit([SignInChange(attempts=SignInAttempts(account=person, version=1, strangers=Failures(2)))])
    for place in range(3):
        session = Session(applicant=person, started_at=now, ends_at=now + (3 - place) * DAY, token=f"token-{place}")
        accounts.commit(
            [SignInChange(session=IssuedSession(session=session, device="a device", generation=1, ended=place == 0))]
        )


def test_it_has_everything_about_the_person_and_nothing_of_anybody_else(desk):
    mine, yours = used(desk)
    own = desk.maintenance.own_data(ME, by=ME)
    text = json.dumps(to_json(own))
    assert own.person_id == ME.reveal()
    assert own.registered_at is not None
    assert [each.appointment.number for each in own.appointments] == [mine.number]
    assert own.appointments[0].events == tuple(desk.audit.history(mine.number, by=ME))
    assert {each.request_id for each in own.decisions} == {"mine-booked", "mine-again", None, "helper-moved"}
    (booked,) = (each for each in own.decisions if each.request_id == "mine-booked")
    assert booked.granted
    assert booked.assertions.birth_date == date(1990, 1, 2)
    (tried,) = (each for each in own.decisions if each.actor is None)
    assert (tried.use.value, tried.granted, tried.number, tried.verdicts) == ("cancel", False, mine.number, ())
    assert [each.person.subject for each in own.delegates] == [desk.maintenance.own_data(HELPER, by=HELPER).subject]
    kinds = [each.kind for each in own.look_ups]
    assert kinds == [OccurrenceKind.REVEALED, OccurrenceKind.ASKED, OccurrenceKind.REVEALED]
    assert [each.request_id for each in own.acts] == ["mine-tried"]
    for canary in (YOU.reveal(), yours.number, yours.applicant.subject, "yours-full", "yours-booked", "canary-clerk"):
        assert canary not in text
        for language in ("ar", "en"):
            assert canary not in str(own_data_page(own, language, catalogue=desk.catalogue))


def test_the_account_is_in_it_without_any_secret(desk):
    for person in (ME, YOU):
        signed_in(desk, person)
    own = desk.maintenance.own_data(ME, by=ME)
    assert (own.user_name, own.has_password, own.failed_sign_ins) == (f"name.{ME.reveal()}", True, 2)
    assert [each.ended for each in own.sessions] == [False, False, True]
    now = desk.clock.now()
    assert [(each.started_at, each.ends_at - now) for each in own.sessions] == [(now, (1 + x) * DAY) for x in range(3)]
    masked = desk.maintenance.own_data(ME, by=CLERK, reason="form 3")
    assert masked.user_name == str(UserName(own.user_name))
    for text in (json.dumps(to_json(own)), json.dumps(to_json(masked)), repr(own)):
        assert not [secret for secret in ("a hash", "token-0", "a device") if secret in text]
    assert own.user_name not in json.dumps(to_json(masked)) + repr(own)


def test_every_record_that_has_the_subject_is_in_it(desk):
    used(desk)
    signed_in(desk, ME)
    tried_by_others = {ME: {"yours-tried"}, YOU: {"mine-tried"}, HELPER: set()}
    for person, tried in tried_by_others.items():
        own = desk.maintenance.own_data(person, by=person)
        found = {
            (name, key)
            for name, rows in rows_of(desk.store).items()
            for key, row in rows.items()
            if own.subject in map(str, row) or own.subject in row[-1]
        }
        answers = requests_in(own) | tried
        shown = {(name, each) for name in ("answers", "assertions") for each in answers}
        shown |= {("appointments", each.appointment.number) for each in own.appointments}
        one_each = {"persons", "people", "names", "accounts", "attempts", "sessions"}
        assert {(name, key) for name, key in found if name not in one_each} <= shown


def test_assertions_of_a_stranger_about_themself_are_not_in_it(desk):
    mine = desk.book(EARLY, applicant=ME, agreed=True, request_id="mine").appointment
    theirs = Assertions(checked_at=desk.clock.now(), birth_date=date(1977, 7, 7))
    assert not desk.move(mine.number, LATE, by=YOU, request_id="tried", assertions=theirs)
    assert not desk.book(LATE, applicant=ME, by=YOU, agreed=True, request_id="for-me", assertions=theirs)
    assert not desk.hold(LATE, applicant=YOU, moving=mine.number, by=CLERK, request_id="mixed-up", assertions=theirs)
    own = desk.maintenance.own_data(ME, by=ME)
    others = [each for each in own.decisions if each.request_id != "mine"]
    assert [(each.actor, each.request_id) for each in others] == [(None, None), (CLERK, "mixed-up"), (None, None)]
    assert {(each.assertions, each.slot, each.verdicts) for each in others} == {(None, None, ())}
    assert "1977" not in json.dumps(to_json(own.decisions))


def test_another_person_a_delegate_and_a_stranger_get_the_same_answer(desk):
    used(desk)
    answers = set()
    until = desk.clock.now() + timedelta(days=1)
    helper = Delegate(person=HELPER, applicant=ME, services=[EARLY.service], until=until)
    for person, by in ((ME, YOU), (ME, helper), (STRANGER, STRANGER), (STRANGER, YOU)):
        with pytest.raises(NotFound) as error:
            desk.maintenance.own_data(person, by=by)
        answers.add(str(error.value).replace(str(person), "…"))
    assert len(answers) == 1


def test_staff_need_a_reason_that_names_nobody_and_see_the_id_masked(desk):
    used(desk)
    for by, reason in (
        (CLERK, ""),
        (System(), ""),
        (CLERK, f"for {ME.reveal()}"),
        (Clerk("desk-1", branches=[EARLY.branch]), "form 3"),
        (AUDITOR, "form 3"),
    ):
        with pytest.raises(InvalidInput) as error:
            desk.maintenance.own_data(ME, by=by, reason=reason)
        assert ME.reveal() not in str(error.value)
    own = desk.maintenance.own_data(ME, by=CLERK, reason="form 3")
    assert own.person_id == str(ME)
    assert ME.reveal() not in json.dumps(to_json(own)) + repr(own)
    last = desk.feed().entries[-1].what
    assert isinstance(last, PersonRevealed)
    assert (last.actor, last.reason) == (CLERK, "form 3")
    assert own.look_ups[-1].note == "form 3"


def test_each_use_is_logged_without_personal_data(desk):
    used(desk)
    own = desk.maintenance.own_data(ME, by=ME)
    last = desk.feed().entries[-1].what
    assert isinstance(last, PersonRevealed)
    assert isinstance(last.actor, Applicant)
    assert last.subject == own.subject == last.actor.subject
    assert last.reason == ""
    assert desk.audit.verify()
    found = desk.audit.person_log(person=ME, by=AUDITOR).occurrences[-1]
    assert (found.kind, found.actor, found.at) == (OccurrenceKind.REVEALED, last.actor, desk.clock.now())


def test_an_auditor_who_looks_at_a_request_has_looked_at_the_person(desk):
    used(desk)
    desk.explain(request_id="mine-again", by=AUDITOR)
    desk.explain(request_id="yours-full", by=AUDITOR)
    desk.explain(request_id="yours-tried", by=AUDITOR)
    own = desk.maintenance.own_data(ME, by=ME)
    assert [each.note for each in own.look_ups if each.request_id] == ["explanation request=mine-again"]


def test_an_audit_with_the_log_holds_after_exports(tmp_path):
    folder, key = tmp_path / "log", tmp_path / "log.key"
    with open_desk(store=SqliteStore(tmp_path / "bookings.db")) as desk:
        used(desk)
        desk.maintenance.own_data(ME, by=ME)
        desk.maintenance.own_data(YOU, by=CLERK, reason="form 3")
        seal(desk.store, folder, key)
        desk.maintenance.own_data(ME, by=CLERK, reason="form 4")
        found = audited(desk, folder, key)
        assert found, found


def test_an_erased_person_is_nobody_and_who_comes_back_is_new(desk):
    used(desk)
    assert erase(desk, ME)
    for by, reason in ((ME, ""), (CLERK, "form 3"), (CLERK, f"form 3 of {ME.reveal()[:4]}")):
        with pytest.raises(NotFound, match="erased, or never registered"):
            desk.maintenance.own_data(ME, by=by, reason=reason)
    again = desk.book(EARLY, applicant=ME, agreed=True, request_id="back").appointment
    own = desk.maintenance.own_data(ME, by=ME)
    assert [each.appointment.number for each in own.appointments] == [again.number]
    assert [each.request_id for each in own.decisions] == ["back"]
    assert (own.acts, len(own.look_ups)) == ((), 1)


def test_what_was_pruned_is_gone_from_it(desk):
    used(desk)
    desk.clock.advance(500 * DAY)
    desk.maintenance.prune(retention=copy_with(RETENTION, persons=900 * DAY), by=System())
    own = desk.maintenance.own_data(ME, by=ME)
    assert (own.appointments, own.decisions, own.acts) == ((), (), ())
    assert [each.actor.subject for each in own.look_ups if each.kind is OccurrenceKind.REVEALED] == [own.subject]


def test_a_user_name_in_the_reason_is_refused(desk):
    used(desk)
    desk.clock.advance(MINUTE)
    SignIns(desk.store, desk.clock.now).set_user_name(ME, UserName("sara.q7"))
    with pytest.raises(InvalidInput, match="user name"):
        desk.maintenance.own_data(ME, by=CLERK, reason="asked for by Sara.Q7")
    assert not [each for each in desk.feed(limit=100).entries if getattr(each.what, "reason", "")]


def test_a_desk_for_asyncio_collects_the_same():
    store, found = MemoryStore(), []
    with open_desk(store=store) as made:
        used(made)
        found.append(made.maintenance.own_data(ME, by=ME))

        async def collected():
            async with small_async_desk(ThreadedStore(store)) as desk:
                found.append(await desk.maintenance.own_data(ME, by=ME))

        asyncio.run(collected())
    first, second = found
    assert copy_with(second, look_ups=second.look_ups[:-1]) == first


def test_json_and_back(desk):
    used(desk)
    own = desk.maintenance.own_data(ME, by=ME)
    assert from_json(OwnData, json.loads(json.dumps(to_json(own)))) == own


def test_hostile_text_is_escaped_and_the_page_loads_nothing(desk):
    used(desk)
    desk.maintenance.own_data(ME, by=CLERK, reason=HOSTILE)
    own = desk.maintenance.own_data(ME, by=ME)
    ways: dict[Language, str] = {"ar": "rtl", "en": "ltr"}
    for language, way in ways.items():
        page = own_data_page(own, language, catalogue=desk.catalogue)
        text = str(page)
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        assert all(each in text for each in (f'dir="{way}"', "default-src 'none'", "@media print"))
        assert "http" not in text.replace("http-equiv", "")
        assert page.media_type.startswith("text/html")
    other_language: Any = "fr"
    no_data: Any = "no data"
    with pytest.raises(InvalidInput):
        own_data_page(own, other_language, catalogue=desk.catalogue)
    with pytest.raises(InvalidInput):
        own_data_page(no_data, "en", catalogue=desk.catalogue)
