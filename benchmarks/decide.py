"""The cost of one decision about a booking, with every rule of the shipped rulebook in force.

One ratio, with a floor measured in the same run, turn by turn:

- `decision_to_object`: the time of the bare decision on ready-made facts (a person with three other appointments),
  divided by that of building one `attrs.frozen` object of five fields. Wanted: 30 or less.

`slot` is the part of that time that finds the slot in the timetable, `rules` the part of the rules themselves. The slot
was looked up before, as if many people want the same one: a new key costs about three objects more. Ratios are medians
of the ratios of single turns.
"""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import truediv
from pathlib import Path
from statistics import median
from time import process_time

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from attrs import frozen

from benchmarks._in_turns import seconds_in_turns, show
from traffic_booking import BookingDesk, DeskParts, shipped_calendar
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.domain.appointments.commands import BookSlot
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.booking import booking_case, decide_booking
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.facts import Facts, FactsQuery
from traffic_booking.domain.decisions.outcomes import Booked
from traffic_booking.domain.rules.evaluation import Evaluation
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.slots import Slot, SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing import MovableClock, made_up_person

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
OTHERS = 3
WANTED = "licence-renewal"
BATCH = 50


@frozen(kw_only=True)
class FiveFields:
    """The floor: an object such as a decision is made of."""

    one: str
    two: str
    three: int
    four: datetime
    five: datetime


class Workload:
    """One person's request to book, ready to be decided again and again."""

    def __init__(self) -> None:
        self.store, self.person = MemoryStore(), made_up_person(1)
        with BookingDesk(DeskParts(store=self.store, clock=MovableClock(NOW))) as desk:
            self.configuration = Configuration(desk.catalogue, desk.rulebook, BranchCalendars(shipped_calendar()))
            branch = desk.catalogue.branches_for(service=WANTED)[0]
            services = desk.catalogue.services_for(branch=branch.id, holder=self.person.holder)
            group = desk.catalogue.service(WANTED).group
            rest = [service.id for service in services if service.group != group][:OTHERS]
            for day, service in enumerate(rest, start=2):
                slot = desk.find_slots(service=service, branch=branch.id, from_=NOW + timedelta(days=day), limit=1)[0]
                outcome = desk.book(slot, applicant=self.person, agreed=True, request_id=f"other-{service}")
                assert isinstance(outcome, Booked), outcome
            self.key = desk.find_slots(service=WANTED, branch=branch.id, from_=NOW + timedelta(days=1), limit=1)[0].key
            self.number = RandomNumbering().draw(branch.code)
            self.facts = self._facts(self.key)
            self.applicant = self.facts.known[self.person]
            self.command = BookSlot(
                request_id=RequestId("r-1"), actor=self.applicant, applicant=self.applicant, slot=self.key, agreed=True
            )

    def _facts(self, key: SlotKey) -> Facts:
        query = FactsQuery(request_id=RequestId("r-1"), persons=(self.person,), slots=(key,))
        facts = AppointmentBook(self.store).facts([query])[0]
        assert facts.person_state is not None
        assert len(facts.person_state.appointments) == OTHERS
        return facts

    def decide(self) -> Change:
        """The bare decision."""
        return decide_booking(self.configuration, self.command, self.facts, self.number, NOW)

    def find_slot(self) -> Slot | None:
        """Find the slot in the timetable."""
        return self.configuration.slot(self.key)

    def evaluation(self) -> Callable[[], Evaluation]:
        """The evaluation of every rule, ready to be done."""
        rulebook = self.configuration.rulebook(NOW)
        case = booking_case(self.configuration, rulebook, self.command, self.key, self.facts, NOW)
        return lambda: rulebook.evaluate(Use.BOOK, case, NOW, self.key)


def microseconds_each(contenders: dict[str, Callable[[], object]], turns: int) -> dict[str, list[float]]:
    """The processor time of one call of each contender in each turn: batches next to each other, on one machine."""
    batches = {name: partial(_batch, work) for name, work in contenders.items()}
    times = seconds_in_turns(batches, turns, process_time)
    return {name: [seconds / BATCH * 1e6 for seconds in each] for name, each in times.items()}


def _batch(work: Callable[[], object], _turn: int) -> None:
    for _ in range(BATCH):
        work()


def build_object() -> FiveFields:
    """The work of the floor."""
    return FiveFields(one="one", two="two", three=3, four=NOW, five=NOW)


def measure(turns: int) -> dict[str, float | int]:
    """The ratios, and the times that they come from."""
    workload = Workload()
    answer = workload.decide().answer
    assert answer is not None
    assert isinstance(answer.outcome, Booked)
    contenders = {
        "object": build_object,
        "decision": workload.decide,
        "slot": workload.find_slot,
        "rules": workload.evaluation(),
    }
    times = microseconds_each(contenders, turns)
    floor = times["object"]
    ratios = {
        f"{name}_to_object": round(median(map(truediv, took, floor)), 1)
        for name, took in times.items()
        if name != "object"
    }
    return {
        "turns": turns,
        "others": OTHERS,
        **ratios,
        **{f"{name}_us": round(median(took), 2) for name, took in times.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=500, help=f"how many batches of {BATCH} (default 500)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    found = measure(options.turns)
    show(found, as_json=options.json)


if __name__ == "__main__":
    main()
