"""Any batches of changes give the results, and then the facts, that a model in plain dictionaries gives."""

from datetime import timedelta
from itertools import count
from typing import Any

from attrs import evolve as copy_with
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.appointments import Appointment, AppointmentState
from traffic_booking.domain.changes import Change, SeatChange, StandingGuard
from traffic_booking.domain.events import AppointmentCancelled
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.domain.slots import SlotKey, SlotRange
from traffic_booking.ports.store import Store
from traffic_booking.testing import strategies
from traffic_booking.testing.drawing import bounded
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.sample_changes import START, about, number, slot
from traffic_booking.testing.store.base import StoreCases
from traffic_booking.testing.store.model import ModelStore

MOMENTS = [START + timedelta(minutes=minutes, microseconds=tick) for minutes in (-5, 0, 5, 60) for tick in (0, 1)]
ALL = 1_000_000

moments = st.sampled_from(MOMENTS)
# Mostly the version that the guard wants, sometimes one too low or too high.
off_by = st.sampled_from([0, 0, 0, 0, 0, 1, -1])


@frozen
class Names:
    """The few names that one example uses, so that its changes meet; no other example uses them."""

    people: list[PersonId]
    numbers: list[AppointmentNumber]
    slots: list[SlotKey]
    requests: list[str]
    keys: list[str]


def names_of(example: int) -> Names:
    """The names of the example with that number."""
    branch, other = f"north-{example}", f"south-{example}"
    return Names(
        people=[made_up_person(1_000 + 3 * example + place) for place in range(3)],
        numbers=[number(1_000 + 5 * example + place) for place in range(5)],
        slots=[
            slot(branch=branch),
            slot(branch=branch, microseconds=1),
            slot(2, branch=branch),
            slot(branch=branch, service="transfer"),
            slot(branch=other),
        ],
        requests=[f"{example}-r{place}" for place in range(4)],
        keys=[f"{example}-c{place}" for place in range(3)],
    )


@st.composite
def changes(draw: st.DrawFn, model: ModelStore, names: Names) -> Change:
    """A change that mostly fits what the model holds."""
    people = st.sampled_from(names.people)
    answer = draw(st.none() | strategies.answers)
    if answer is not None:
        answer = copy_with(answer, command=copy_with(answer.command, request_id=draw(st.sampled_from(names.requests))))
    written = tuple(
        draw(versions(model, names, one))
        for one in draw(st.lists(st.sampled_from(names.numbers), max_size=2, unique=True))
    )
    standing, attempts = draw(st.none() | people), draw(st.none() | people)
    return Change(
        answer=answer,
        seats=tuple(
            SeatChange(key, draw(st.sampled_from([1, 1, 2, -1])), draw(st.integers(0, 4)))
            for key in draw(st.lists(st.sampled_from(names.slots), max_size=2, unique=True))
        ),
        standing=(
            None if standing is None else StandingGuard(standing, max(0, model.standings[standing] + draw(off_by)))
        ),
        once=tuple(draw(st.lists(st.sampled_from(names.keys), max_size=2))),
        appointments=written,
        events=tuple(
            AppointmentCancelled(
                number=one.number, version=one.version, at=one.changed_at, actor=one.applicant, rulebook=one.rulebook
            )
            for one in written
        ),
        attempts=None if attempts is None else draw(counts_of_failures(model, attempts)),
    )


@st.composite
def counts_of_failures(draw: st.DrawFn, model: ModelStore, person: PersonId) -> SignInAttempts:
    """The next count of a person's failed sign-ins, or nearly."""
    return SignInAttempts(
        applicant=person,
        version=max(1, model.sign_in_attempts(person).version + 1 + draw(off_by)),
        failures=draw(st.integers(0, 9)),
        locked_until=draw(st.none() | moments),
    )


@st.composite
def versions(draw: st.DrawFn, model: ModelStore, names: Names, one: AppointmentNumber) -> Appointment:
    """The next version of an appointment, or nearly; it may change slots, but never hands."""
    stored = model.appointments.get(one)
    return Appointment(
        number=one,
        version=max(1, (stored.version if stored else 0) + 1 + draw(off_by)),
        state=draw(st.sampled_from(AppointmentState)),
        slot=draw(st.sampled_from(names.slots)),
        slot_ends_at=draw(moments),
        time_zone=draw(strategies.zone_names),
        applicant=names.people[names.numbers.index(one) % len(names.people)],
        rulebook="test-1",
        changed_at=draw(moments),
        hold_ends_at=draw(st.none() | moments),
        instructions=draw(st.none() | strategies.instructions),
        moves=draw(st.integers(0, 3)),
    )


def everything(store: Any, names: Names, moment: Any) -> dict[str, Any]:
    """All that a store, or the model, answers about an example's names."""
    queries = [
        *(about(names.people[0], request_id=one, ending_after=moment) for one in names.requests),
        *(about(one, ending_after=moment, slots=tuple(names.slots)) for one in names.people),
        *(about(number=one, ending_after=moment) for one in names.numbers),
    ]
    ranges = [
        SlotRange(branch=key.branch, service=key.service, from_=START, until=key.starts_at + timedelta(hours=1))
        for key in names.slots
    ]
    return {
        "facts": list(store.facts(queries)),
        "taken": dict(store.taken(ranges, lapsed_by=moment)),
        "lapsed": [one for one in store.lapsed(by=moment, limit=ALL) if one.number in names.numbers],
        "lapsed of slots": [list(store.lapsed(by=moment, slot=key, limit=2)) for key in names.slots],
        "of people": [list(store.appointments_of(one, limit=3)) for one in names.people],
        "history": [list(store.history(one)) for one in names.numbers],
        "attempts": [store.sign_in_attempts(one) for one in names.people],
    }


class AgreementCases(StoreCases):
    """The store against the model."""

    def test_any_batches_give_the_results_and_the_facts_that_the_model_gives(self, store: Store) -> None:
        fresh = count()

        @bounded(20)
        @given(st.data())
        def agrees(data: st.DataObject) -> None:
            model, names = ModelStore(), names_of(next(fresh))
            for _ in range(data.draw(st.integers(1, 6), label="batches")):
                batch = data.draw(st.lists(changes(model, names), max_size=4), label="batch")
                assert list(store.commit(batch)) == model.commit(batch)
            for moment in MOMENTS[2:5]:
                assert everything(store, names, moment) == everything(model, names, moment)

        agrees()
