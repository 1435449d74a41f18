"""A person's own data is exactly theirs, whatever was requested: the test knows sender and persons of each request."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from attrs import field, frozen, mutable
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bookings import slot
from tests.desks import open_desk
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import Assertions, Auditor, Clerk, Day, Delegate, Language, OccurrenceKind, own_data_page, to_json
from traffic_booking.adapters.pseudonyms import PseudonymKey
from traffic_booking.domain.appointments.events import EventOfAppointment
from traffic_booking.domain.decisions.changes import SignInChange
from traffic_booking.domain.people.sign_in import IssuedSession, Session
from traffic_booking.domain.people.user_names import UserName
from traffic_booking.persistence.sign_ins import SignIns
from traffic_booking.testing import made_up_person

PEOPLE = [made_up_person(serial) for serial in (61_220_417, 61_220_418, 61_220_419, 61_220_420)]
NAMES = [f"canary.q{place}" for place in range(len(PEOPLE))]
BORN = [date(1951 + place, 3, 19) for place in range(len(PEOPLE))]
STAFF, AUDITOR = Clerk("desk-1"), Auditor("auditor-1")
KEY = PseudonymKey(bytes(range(32)))
SLOTS = [slot(49), slot(50), slot(51), slot(73)]
MINUTE = timedelta(minutes=1)
LANGUAGES: tuple[Language, ...] = ("ar", "en")

VERBS = (
    "book",
    "book",
    "hold",
    "hold-to-move",
    "cancel",
    "move",
    "session",
    "reveal",
    "person",
    "number",
    "request",
    "wait",
)

people = st.integers(0, len(PEOPLE) - 1)


@frozen
class Step:
    """One thing that is done about `who`, by `by` in a `way`; `pick` chooses a slot, an appointment or a request."""

    verb: str
    who: int
    by: int
    way: str
    pick: int


steps = st.builds(
    Step,
    verb=st.sampled_from(VERBS),
    who=people,
    by=people,
    way=st.sampled_from(["own", "own", "other", "delegate", "clerk"]),
    pick=st.integers(0, 100),
)


@frozen
class Sent:
    """A request: the persons it is about, its sender, and the person they acted for; None for a clerk."""

    about: frozenset[int]
    by: int | None
    acted_for: int | None

    def acts_for(self, person: int) -> bool:
        return self.by is None or self.acted_for == person

    @property
    def people(self) -> frozenset[int | None]:
        return frozenset({self.by, self.acted_for})


@mutable
class Made:
    """A desk on which steps were made, and what is known of them."""

    desk: Any
    accounts: SignIns
    sent: dict[str, Sent] = field(factory=dict)
    owners: dict[str, int] = field(factory=dict)
    look_ups: list[int] = field(factory=list)
    sessions: list[int] = field(factory=list)

    def make(self, step: Step) -> None:
        match step.verb:
            case "wait":
                self.desk.clock.advance(6 * MINUTE)
                self.desk.maintenance.expire_holds()
            case "session":
                token = f"token-{len(self.sessions)}"
                session = Session(applicant=PEOPLE[step.who], started_at=START, ends_at=START + MINUTE, token=token)
                issued = IssuedSession(session=session, device="a device", generation=0)
                self.accounts.commit([SignInChange(session=issued)])
                self.sessions.append(step.who)
            case "reveal":
                self.desk.person_of(self.subject(step.who), by=STAFF)
                self.look_ups.append(step.who)
            case "person":
                self.desk.audit.person_log(person=PEOPLE[step.who], by=AUDITOR)
                self.look_ups.append(step.who)
            case "number" if self.owners:
                number = self.number(step.pick)
                self.desk.audit.appointment_log(number, by=AUDITOR)
                self.look_ups.append(self.owners[number])
            case "request" if self.sent:
                request = sorted(self.sent)[step.pick % len(self.sent)]
                self.desk.explain(request_id=request, by=AUDITOR)
                sent = self.sent[request]
                self.look_ups += [each for each in sent.about if sent.acts_for(each)]
            case "book" | "hold":
                self.request(step, None)
            case "cancel" | "move" | "hold-to-move" if self.owners:
                self.request(step, self.number(step.pick))
            case _:
                pass

    def number(self, pick: int) -> str:
        return sorted(self.owners)[pick % len(self.owners)]

    def subject(self, person: int) -> str:
        """Read from the store: nothing is logged."""
        subject: str = self.desk._office.book.applicants([PEOPLE[person]])[PEOPLE[person]].subject
        return subject

    def request(self, step: Step, number: str | None) -> None:
        """Send a request, whose id has a canary of those who sent it."""
        applicant = self.owners[number] if number and step.verb != "hold-to-move" else step.who
        other = step.by if step.by != applicant else (applicant + 1) % len(PEOPLE)
        until = self.desk.clock.now() + timedelta(days=9)
        friend = Delegate(person=PEOPLE[other], applicant=PEOPLE[applicant], services=["renewal"], until=until)
        ways: dict[str, tuple[int | None, int | None, object]] = {
            "own": (applicant, applicant, PEOPLE[applicant]),
            "other": (other, other, PEOPLE[other]),
            "delegate": (other, applicant, friend),
            "clerk": (None, None, STAFF),
        }
        by, acted_for, actor = ways[step.way]
        request = f"{'' if by is None else f'by{by}for{acted_for}-'}{len(self.sent)}"
        born = BORN[applicant if acted_for is None else acted_for]
        asserted = Assertions(checked_at=self.desk.clock.now(), birth_date=born)
        about = {applicant} | ({self.owners[number]} if number else set())
        self.sent[request] = Sent(frozenset(about), by, acted_for)
        given: dict[str, Any] = {"by": actor, "request_id": request}
        at = SLOTS[step.pick % len(SLOTS)]
        match step.verb:
            case "book":
                done = self.desk.book(at, applicant=PEOPLE[applicant], agreed=True, assertions=asserted, **given)
            case "hold" | "hold-to-move":
                wanted = {"moving": number} if number else {}
                done = self.desk.hold(at, applicant=PEOPLE[applicant], assertions=asserted, **wanted, **given)
            case "cancel":
                done = self.desk.cancel(number, **given)
            case _:
                done = self.desk.move(number, at, assertions=asserted, **given)
        if done:
            self.owners.setdefault(done.appointment.number, applicant)


def made(history: list[Step], *, keyed: bool) -> Made:
    """A desk after the steps; each person has a user name."""
    catalogue = small_catalogue(capacity=2)
    rulebook = small_rulebook(BK_07={"appointments": 2}, BK_08={"appointments": 3})
    keys = [KEY] if keyed else None
    desk = open_desk(catalogue, rulebook=rulebook, pseudonym_key=keys)
    result = Made(desk, SignIns(desk.store, desk.clock.now, keys))
    for person, name in zip(PEOPLE, NAMES, strict=True):
        result.accounts.set_user_name(person, UserName(name))
    for step in history:
        result.make(step)
    return result


def canaries_of(made: Made, person: int, *, to: int) -> Iterator[str]:
    """Texts of a person that may not be in the data of `to`."""
    yield PEOPLE[person].reveal()
    yield str(PEOPLE[person])
    yield NAMES[person]
    yield BORN[person].isoformat()
    yield from (Day(BORN[person]).text(language) for language in LANGUAGES)
    yield from (number for number, owner in made.owners.items() if owner == person)
    yield from (request for request, sent in made.sent.items() if person in sent.people and to not in sent.people)
    if not any(sent.by == person and sent.acted_for == to for sent in made.sent.values()):
        yield made.subject(person)  # a delegate is named by it


@settings(max_examples=40)
@given(history=st.lists(steps, min_size=4, max_size=30), keyed=st.booleans())
def test_own_data_is_all_of_the_persons_and_nothing_of_anybody_elses(history, keyed):
    known = made(history, keyed=keyed)
    feed = [each.what for each in known.desk.feed(limit=10_000).entries]
    logged = {getattr(each, "request_id", None) for each in feed}
    for person, who in enumerate(PEOPLE):
        own = known.desk.maintenance.own_data(who, by=who)
        known.look_ups.append(person)
        numbers = {number for number, owner in known.owners.items() if owner == person}
        events = [each for each in feed if isinstance(each, EventOfAppointment) and each.number in numbers]
        assert {each.appointment.number for each in own.appointments} == numbers
        assert sorted((each for one in own.appointments for each in one.events), key=repr) == sorted(events, key=repr)
        about = {request: sent for request, sent in known.sent.items() if person in sent.about}
        shown = [each.request_id for each in own.decisions if each.request_id is not None]
        assert sorted(shown) == sorted(request for request, sent in about.items() if sent.acts_for(person))
        assert len(own.decisions) == len(about)
        acts = {request for request, sent in known.sent.items() if person in sent.people and person not in sent.about}
        assert {each.request_id for each in own.acts} == acts & logged
        delegates = {
            each.by for each in known.sent.values() if each.by is not None and each.by != each.acted_for == person
        }
        assert {each.person.subject for each in own.delegates} == {known.subject(each) for each in delegates}
        assert len(own.look_ups) == known.look_ups.count(person)
        assert {each.kind for each in own.look_ups} <= {OccurrenceKind.REVEALED, OccurrenceKind.ASKED}
        assert len(own.sessions) == known.sessions.count(person)
        assert (own.person_id, own.user_name) == (who.reveal(), NAMES[person])
        pages = [str(own_data_page(own, language, catalogue=known.desk.catalogue)) for language in LANGUAGES]
        texts = [json.dumps(to_json(own), ensure_ascii=False), *pages]
        for other in set(range(len(PEOPLE))) - {person}:
            for canary in canaries_of(known, other, to=person):
                assert not [text for text in texts if canary in text], (person, other, canary)
    assert known.desk.audit.verify()
