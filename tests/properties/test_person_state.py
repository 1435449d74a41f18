"""A person's state gives the same decisions as all appointments that the person ever had."""

from datetime import timedelta
from itertools import count

from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, number
from tests.cases import CATALOGUE, CLERK, IN_FORCE, conditions_of
from tests.small_town import START, small_rulebook
from traffic_booking.domain.appointments.appointment import evolve
from traffic_booking.domain.appointments.commands import BookSlot
from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentHeld,
    AppointmentMoved,
)
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.decisions.booking import booking_case
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import DEFINITIONS
from traffic_booking.domain.rules.verdict import Result
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
NORTH = BranchId("north")
HELD, BOOKED = AppointmentState.HELD, AppointmentState.BOOKED

SERVICES = [ServiceId("renewal"), ServiceId("transfer")]

A_DAY, A_YEAR = 24 * 60, 366 * 24 * 60

# Minutes to the start of a slot, and from one step to the next: at the bounds of rules, and anything between.
ahead = st.one_of(st.sampled_from([1, 15, 60, A_DAY]), st.integers(1, 3 * A_DAY), st.integers(1, 40 * A_DAY))
waits = st.one_of(st.sampled_from([0, 0, 1, 10]), st.integers(0, 3 * A_DAY), st.integers(0, A_YEAR))
verbs = st.sampled_from(["hold", "book", "book", "withdraw", "withdraw", "cancel", "by staff", "move", "check in"])
steps = st.lists(st.tuples(waits, verbs, st.integers(0, 5), st.sampled_from(SERVICES), ahead), min_size=2, max_size=30)


def figures_of(definition):
    """Any figures of one rule, within their bounds."""
    figures = {}
    for each in definition.parameters:
        least, greatest = each.least, each.greatest
        small, any_ = st.integers(least, min(least + 3 * A_DAY, greatest)), st.integers(least, greatest)
        figures[each.name] = st.one_of(st.sampled_from([least, greatest]), small, any_)
    return st.fixed_dictionaries(figures)


rulebooks = st.fixed_dictionaries(
    {one.id.replace("-", "_"): figures_of(one) for one in DEFINITIONS if one.parameters and Use.BOOK in one.uses}
).map(lambda figures: small_rulebook("drawn", **figures))


class Person:
    """All appointments of a person, and the state that is stored of them."""

    def __init__(self):
        self.now = START
        self.person_state = PersonState(ME)
        self.all = {}
        self.serials = count(1)

    def take(self, wait, verb, pick, service, minutes):
        """One step, if it is possible."""
        self.now += wait * MINUTE
        slot = SlotKey(NORTH, service, self.now + minutes * MINUTE)
        if verb in {"hold", "book", "withdraw"}:
            one = self.begin(verb, slot)
            if verb == "withdraw":
                self.happen(one, AppointmentCancelled)
        elif chosen := self.to_come() or list(self.all.values()):
            self.change(verb, chosen[-1 - pick % len(chosen)], slot)

    def begin(self, verb, slot):
        live = (each for each in self.all.values() if each.state is HELD and each.is_active(self.now))
        held = next((each for each in live if each.slot == slot), None)
        ends_at = slot.starts_at + 15 * MINUTE
        common = {"slot": slot, "slot_ends_at": ends_at, "time_zone": "Asia/Riyadh", "applicant": ME}
        if verb != "hold":
            return self.happen(held, AppointmentBooked, instructions=IN_FORCE, **common)
        if held is None:
            return self.happen(None, AppointmentHeld, hold_ends_at=self.now + 10 * MINUTE, **common)
        return held

    def change(self, verb, one, slot):
        to_come = one in self.to_come()
        match verb:
            case "cancel" | "by staff" if to_come and one.state in {HELD, BOOKED}:
                self.happen(one, AppointmentCancelled, actor=ME if verb == "cancel" else CLERK)
            case "move" if to_come and one.state is BOOKED:
                self.happen(
                    one,
                    AppointmentMoved,
                    from_slot=one.slot,
                    slot=copy_with(slot, service=one.slot.service),
                    slot_ends_at=slot.starts_at + 15 * MINUTE,
                    time_zone="Asia/Riyadh",
                    instructions=IN_FORCE,
                    slot_was_closed=False,
                )
            case "check in" if one.state is BOOKED:
                self.happen(one, AppointmentCheckedIn, actor=CLERK)
            case _:
                pass

    def happen(self, before, kind, *, actor=ME, **parts):
        serial = number(next(self.serials)) if before is None else before.number
        version = 1 if before is None else before.version + 1
        event = kind(number=serial, version=version, at=self.now, actor=actor, rulebook="drawn", **parts)
        self.all[serial] = evolve(before, event)
        self.person_state = self.person_state.after([self.all[serial]], self.now)
        return self.all[serial]

    def to_come(self):
        return [each for each in self.all.values() if each.is_active(self.now) and self.now < each.slot.starts_at]

    @property
    def everything(self):
        by_start = sorted(self.all.values(), key=lambda one: (one.slot.starts_at, one.number))
        return PersonState(ME, self.person_state.version, tuple(by_start))


def evaluated(configuration, person_state, slot, now):
    """Each rule's result for the booking of a slot."""
    command = BookSlot(request_id=RequestId("r"), actor=ME, applicant=ME, slot=slot, agreed=True)
    rulebook = configuration.rulebook(now)
    facts = Facts(person_state=person_state, seats_taken={slot: 0})
    case = booking_case(configuration, rulebook, command, slot, facts, now)
    return rulebook.evaluate(Use.BOOK, case, now, slot)


def decisive(findings):
    """The finding of each rule. The observation of a kept CD-01 is left out: it includes acts without effect."""
    found = dict(zip(findings.rule_ids, findings.results, strict=True))
    return found | {"CD-01": found["CD-01"].result is Result.KEPT or found["CD-01"]}


@given(steps=steps, rulebook=rulebooks, minutes=ahead, later=waits)
def test_the_rules_come_to_the_same_on_a_standing_as_on_all_appointments(steps, rulebook, minutes, later):
    """This is true on a host whose clock is a minute behind, too."""
    person, configuration = Person(), conditions_of(CATALOGUE, rulebook)
    for step in steps:
        person.take(*step)
    for now in (person.now - MINUTE, person.now, person.now + later * MINUTE):
        for service in SERVICES:
            slot = SlotKey(NORTH, service, now + minutes * MINUTE)
            kept, full = (
                evaluated(configuration, each, slot, now) for each in (person.person_state, person.everything)
            )
            assert decisive(kept.findings) == decisive(full.findings)
            assert kept.refused == full.refused


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from([0, 1, 9, 10, 11, 60]),
            st.sampled_from(["hold", "hold", "book", "give up"]),
            st.integers(0, 2),
        ),
        max_size=20,
    )
)
def test_the_latest_expired_hold_of_a_slot_is_named_until_the_person_has_the_slot_again(steps):
    person, slots = Person(), [SlotKey(NORTH, SERVICES[0], START + 2 * DAY + place * 15 * MINUTE) for place in range(3)]
    for wait, verb, place in steps:
        person.now += wait * MINUTE
        there = [each for each in person.to_come() if each.slot == slots[place]]
        if verb == "give up":
            for each in there:
                person.happen(each, AppointmentCancelled)
        elif not any(each.state is BOOKED for each in there):
            person.begin(verb, slots[place])
    for slot in slots:
        there = [each for each in person.all.values() if each.slot == slot]  # in the order in which they were made
        ended = [each.number for each in there if each.state_at(person.now) is AppointmentState.EXPIRED]
        named = person.person_state.expired_hold(slot, person.now)
        if not ended:
            assert named is None
        elif there[-1].number == ended[-1]:
            assert named == ended[-1]
        else:  # the person took the slot again; a hold that had just ended then stays listed
            assert named in {None, ended[-1]}
