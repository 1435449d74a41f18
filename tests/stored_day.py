"""A day at a desk that makes one answer of every form. Clock, numbers and salts count up, so it is always the same."""

from datetime import date, timedelta
from operator import attrgetter
from typing import Any

import attrs

from tests.bookings import slot
from tests.calendars import HEAD, RAMADAN, WORDS, calendar_of, exception
from tests.counted import CountedNumbering, Crowded, counted_tokens
from tests.desks import open_desk
from tests.maintained import DAY, erase
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import (
    AnnouncedClosure,
    Assertions,
    Booked,
    BranchException,
    Cancelled,
    CheckedIn,
    Clerk,
    Declared,
    Delegate,
    Effect,
    Excused,
    GateResult,
    Held,
    Holder,
    Hours,
    MonthStart,
    Moved,
    NoShowRecorded,
    Refused,
    Scan,
    Served,
    SpecialOrder,
    System,
    UpkeepDone,
    WalkedIn,
    Withdrawal,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.calendars.holiday_rules import AnnouncedDays
from traffic_booking.domain.decisions.outcomes import Outcome
from traffic_booking.domain.places.services import Condition, Eligibility
from traffic_booking.persistence._sync.upkeep import committed
from traffic_booking.ports.primitives import StoreChange
from traffic_booking.testing import MovableClock, made_up_person

MINUTE = timedelta(minutes=1)
FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, STRANGER, ERASED = map(made_up_person, range(1, 9))
RESIDENT = made_up_person(9, Holder.RESIDENT)
WALKER, MISSING = map(made_up_person, (10, 11))
STAFF = Clerk("desk-1")
FRIEND = Delegate(
    person=STRANGER, applicant=SIXTH, services=["renewal", "foreign"], until=START.replace(year=START.year + 1)
)
VOUCHED = Assertions(
    checked_at=START, birth_date=date(1990, 1, 1), expires_on=date(2026, 12, 24), met=["medical", "paid"]
)
WANTING = Assertions(
    checked_at=START - DAY, birth_date=date(2015, 1, 1), expires_on=date(2027, 12, 24), met=["medical"]
)
CALENDAR = calendar_of(RAMADAN, AnnouncedDays(id="eid", **HEAD))


def catalogue():
    """The catalogue of the small town; `transfer` needs assertions, and at the south services share seats."""
    plain, pooled = small_catalogue(), small_catalogue(pool="counters")
    needs = Eligibility(
        holders=frozenset(Holder),
        minimum_age_years=18,
        window_days_before_expiry=60,
        conditions=[Condition("medical", WORDS, asserted=True), Condition("paid", WORDS, asserted=True)],
    )
    services = [attrs.evolve(each, eligibility=needs) if each.id == "transfer" else each for each in plain.services]
    return attrs.evolve(plain, services=tuple(services), timetables=(plain.timetables[0], pooled.timetables[1]))


@attrs.frozen
class Sent:
    """A request as it was sent, and its outcome."""

    verb: str
    arguments: tuple[Any, ...]
    given: dict[str, Any]
    outcome: Outcome

    def again(self, desk):
        """The outcome if it is sent again."""
        return attrgetter(self.verb)(desk)(*self.arguments, **self.given)


class StoredDay:
    """The day: its store, its clock, and the requests by their ids."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = MovableClock(START)
        self.sent: dict[str, Sent] = {}
        self._numbering = CountedNumbering()
        self.desk = self.opened(self.store)
        with counted_tokens():
            self._holds()
            self._bookings()
            self._refusals()
            self._cancellations()
            self._declarations()
            self._moves()
            self._check_ins()
            self._upkeep()
            self._pools()
            self._at_the_gate()
            self._reports()

    def opened(self, store, of=None):
        """A desk of this day over a store; closing it closes the store."""
        return open_desk(
            of or catalogue(),
            store=store,
            calendar=CALENDAR,
            clock=self.clock,
            numbering=self._numbering,
            rulebook=small_rulebook(
                CD_01={"minutes": 3 * 24 * 60, "days": 1}, CN_05={"minutes": 2}, EL_04={"minutes": 120}
            ),
        )

    def _send(self, request_id, expected, verb, *arguments, desk=None, **given):
        self.clock.advance(MINUTE)
        given |= {"request_id": request_id}
        outcome = attrgetter(verb)(desk or self.desk)(*arguments, **given)
        assert isinstance(outcome, expected), (request_id, outcome)
        self.sent[request_id] = Sent(verb, arguments, given, outcome)
        return outcome

    def _book(self, request_id, at, applicant, *, expected=Booked, **given):
        outcome = self._send(request_id, expected, "book", at, **({"applicant": applicant, "agreed": True} | given))
        return None if expected is Refused else outcome.appointment.number

    def _refused(self, request_id, at, applicant, **given):
        self._book(request_id, at, applicant, expected=Refused, **given)

    def _holds(self):
        held = self._send("hold", Held, "hold", slot(25), applicant=FIRST)
        self._send("hold-again", Held, "hold", slot(25), applicant=FIRST)
        self.first = self._book("confirm", held, FIRST)
        self._send("hold-early", Held, "hold", slot(26), applicant=SECOND)
        self._send("hold-another-time", Held, "hold", slot(27), applicant=SECOND)
        self._send("hold-by-staff", Held, "hold", slot(28), applicant=THIRD, by=STAFF)
        self._send("hold-vouched", Held, "hold", slot(28, "transfer"), applicant=FOURTH, assertions=VOUCHED)
        for place, service in enumerate(["renewal", "foreign"]):
            at = slot(29 + place, service)
            self._send(f"hold-{service}", Held, "hold", at, applicant=RESIDENT)
        vouched = {"applicant": RESIDENT, "assertions": VOUCHED}
        self._send("hold-too-many", Refused, "hold", slot(27, "transfer"), **vouched)
        self.clock.advance(11 * MINUTE)
        self._book("book-over-a-hold", slot(27), THIRD)
        assert self.desk.maintenance.expire_holds() == 4
        self._send("hold-after-the-end", Held, "hold", slot(30, "foreign"), applicant=RESIDENT)
        late = self._book("book-after-the-end", slot(29), RESIDENT)
        self._send("cancel-again", Cancelled, "cancel", late, by=STAFF)

    def _bookings(self):
        self.soon = self._book("book", slot(2), FOURTH)
        self.agreed = self._book("book-agreed", slot(49, branch="south"), FIFTH, agreed="2026-11-01")
        self.vouched = self._book("book-vouched", slot(50, "transfer"), FOURTH, assertions=VOUCHED)
        self._book("book-foreign", slot(51, "foreign"), RESIDENT, by=STAFF)
        self.friends = self._book("book-delegate", slot(52), SIXTH, by=FRIEND)
        self._book("book-system", slot(53), SECOND, by=System())

    def _refusals(self):
        self._refused("refuse-no-slot", slot(2.1), RESIDENT)
        self._refused("refuse-horizon", slot(24 * 70 + 1), RESIDENT)
        self._refused("refuse-past", slot(-23), RESIDENT)
        self._refused("refuse-several", slot(25), FIRST, agreed=False)
        self._refused("refuse-full", slot(25), RESIDENT)
        self._refused("refuse-document", slot(54, "foreign"), FIRST)
        self._refused("refuse-vouched", slot(54, "transfer"), RESIDENT, assertions=WANTING)
        self._refused("refuse-not-vouched", slot(54, "transfer"), RESIDENT)
        self._refused("refuse-stranger", slot(54), RESIDENT, by=STRANGER)
        self._refused("refuse-delegate", slot(54, "transfer"), SIXTH, by=FRIEND, assertions=VOUCHED)
        crowded = self.opened(Crowded(self.store))
        self._refused("refuse-crowded", slot(54), RESIDENT, desk=crowded)

    def _cancellations(self):
        theirs = self._book("book-to-be-cancelled", slot(73), STRANGER)
        self._send("cancel", Cancelled, "cancel", self.agreed, by=FIFTH)
        self._send("cancel-by-staff", Cancelled, "cancel", theirs, by=STAFF)
        self._refused("refuse-conduct", slot(75), FIFTH)
        held = self._send("hold-to-give-back", Held, "hold", slot(74), applicant=RESIDENT)
        self._send("give-back", Cancelled, "cancel", held.appointment.number, by=RESIDENT)
        self._send("cancel-too-late", Refused, "cancel", self.soon, by=FOURTH)
        self._send("cancel-cancelled", Refused, "cancel", theirs, by=STAFF)
        self._send("cancel-by-stranger", Refused, "cancel", self.first, by=STRANGER)
        self._send("cancel-nothing", Refused, "cancel", "0010-0000-0Z8H", by=STRANGER)
        late = self._book("book-late", slot(2.25), STRANGER)
        self._send("cancel-in-grace", Cancelled, "cancel", late, by=STRANGER)
        late = self._book("book-late-again", slot(2.25), RESIDENT)
        self._send("move-late", Moved, "move", late, slot(2.5), by=RESIDENT)
        self._send("cancel-late", Cancelled, "cancel", late, by=STAFF)

    def _declarations(self):
        for name, record in records():
            self._send(f"declare-{name}", Declared, "calendar.declare", record, reason="why", by=STAFF)
        order = SpecialOrder(id="refused", first_day=date(2026, 12, 24), last_day=date(2026, 12, 24), **HEAD)
        self._send("declare-by-stranger", Refused, "calendar.declare", order, reason="why", by=STRANGER)

    def _moves(self):
        self._send("hold-to-move", Held, "hold", slot(73), applicant=FIRST, moving=self.first)
        self._send("hold-to-move-again", Held, "hold", slot(73), applicant=FIRST, moving=self.first)
        of_first = {"applicant": FIRST, "moving": self.first, "assertions": VOUCHED}
        self._send("refuse-hold-to-move", Refused, "hold", slot(74, "transfer"), **of_first)
        self._send("refuse-hold-of-stranger", Refused, "hold", slot(74), applicant=STRANGER, moving=self.first)
        self._send("move", Moved, "move", self.first, slot(73), by=FIRST)
        self._send("move-nowhere", Moved, "move", self.first, slot(73), by=FIRST)
        self._send("move-delegate", Moved, "move", self.friends, slot(74), by=FRIEND, agreed=True)
        self._send("move-vouched", Moved, "move", self.vouched, slot(73, "transfer"), by=STAFF, assertions=VOUCHED)
        self._send("refuse-move", Refused, "move", self.first, slot(74), by=FIRST)
        self._send("refuse-move-past", Refused, "move", self.soon, slot(2.1), by=FOURTH)
        again = {"by": FOURTH, "assertions": WANTING}
        self._send("refuse-move-vouched", Refused, "move", self.vouched, slot(75, "transfer"), **again)
        self._send("refuse-move-stranger", Refused, "move", self.first, slot(75), by=STRANGER)
        number = self._book("book-before-a-closure", slot(97), STRANGER)
        record = exception(Effect.CLOSED, date(2026, 11, 26), name="shut")
        self._send("declare-closure", Declared, "calendar.declare", record, reason="why", by=STAFF)
        self._send("move-from-a-closed-slot", Moved, "move", number, slot(75), by=STRANGER)

    def _check_ins(self):
        self._send("check-in-early", Refused, "gate.check_in", self.first, by=STAFF)
        self._send("check-in-by-stranger", Refused, "gate.check_in", self.soon, by=STRANGER)
        self.clock.move_to(START + timedelta(minutes=90))
        self._send("check-in", CheckedIn, "gate.check_in", self.soon, by=STAFF)
        self._send("check-in-twice", Refused, "gate.check_in", self.soon, by=STAFF)

    def _at_the_gate(self):
        """People are served, missed, excused and walk in, early and late; and each is refused once."""
        by = {"by": STAFF}
        self._send("refuse-serve", Refused, "gate.serve", self.first, **by)
        self._send("serve", Served, "gate.serve", self.soon, **by)
        self._send("refuse-no-show", Refused, "gate.no_show", self.first, **by)
        agreed: dict[str, Any] = {"agreed": True, **by}
        walked = self._send("walk-in", WalkedIn, "gate.walk_in", "north", "renewal", applicant=WALKER, **agreed)
        self._send(
            "refuse-walk-in", Refused, "gate.walk_in", "north", "renewal", applicant=WALKER, agreed=True, by=WALKER
        )
        self._send("serve-walk-in", Served, "gate.serve", walked.appointment.number, **by)
        late, missed = (
            self._book(f"gate-{name}", at, who)
            for name, at, who in (("late", slot(4), WALKER), ("missed", slot(4.5), MISSING))
        )
        self.clock.move_to(START + timedelta(hours=4, minutes=5))
        self._send("check-in-late", CheckedIn, "gate.check_in", late, **by)
        self.clock.move_to(START + timedelta(hours=4, minutes=45))
        self._send("no-show", NoShowRecorded, "gate.no_show", missed, **by)
        self._send("excuse", Excused, "gate.excuse", missed, evidence="a report", **by)
        self._send("refuse-excuse", Refused, "gate.excuse", missed, evidence="another report", **by)

    def _upkeep(self):
        self._refused("refuse-erased", slot(78, "transfer"), ERASED, assertions=WANTING)
        assert erase(self.desk, ERASED, by=STAFF, request_id="erase")
        self.clock.advance(MINUTE)
        subject = self.desk.appointment(self.first, by=STAFF).applicant.subject
        assert self.desk.person_of(subject, by=System()) == FIRST
        assert self.desk.maintenance.own_data(FIRST, by=STAFF, reason="a form").subject == subject
        done = UpkeepDone(at=self.clock.now(), actor=STAFF, what="refusals", count=0)
        assert committed(self.store, StoreChange(), 0, done)  # as of a pruning

    def _pools(self):
        """At the south services share seats; another desk has the catalogue of before."""
        behind = self.opened(self.store, small_catalogue())
        at_south: dict[str, Any] = {"branch": "south"}
        self._book("book-behind", slot(171, **at_south), ERASED, desk=behind)
        self._send("hold-behind", Held, "hold", slot(170, **at_south), applicant=RESIDENT, desk=behind)
        assert self.desk.maintenance.recount_seats(by=STAFF) == 2
        held = self._send("hold-in-a-pool", Held, "hold", slot(172, **at_south), applicant=RESIDENT)
        number = self._book("confirm-in-a-pool", held, RESIDENT)
        self._send("move-in-a-pool", Moved, "move", number, slot(172.25, **at_south), by=RESIDENT)
        self._send("hold-too-late-in-a-pool", Refused, "hold", slot(171, "transfer", **at_south), applicant=STRANGER)

    def _reports(self):
        """A gate without the store reports that it admitted somebody with the ticket that was used before."""
        scan = Scan(
            scan_id="scan-1",
            code=self.soon,
            gate="gate-1",
            branch="north",
            happened_at=START + timedelta(minutes=89),
            result=GateResult.EARLY,
        )
        assert self.desk.gate.merge([scan], by=STAFF).accepted == (scan,)


def records():
    """A record of each kind for the working calendar, with a name."""
    days: dict[str, Any] = {"first_day": date(2027, 1, 5), "last_day": date(2027, 1, 6)}
    at_south: dict[str, Any] = {**days, "branch": "south", "reason": WORDS}
    yield "month", MonthStart(id="month", year=1448, month=9, first_day=date(2027, 2, 9), **HEAD)
    yield "announcement", AnnouncedClosure(id="announced", rule="eid", **days, **HEAD)
    yield "order", SpecialOrder(id="order", **days, **HEAD)
    yield "opening", SpecialOrder(id="opening", opens=True, hours=[Hours(600, 660), Hours(720, 900)], **days, **HEAD)
    yield "closed", BranchException(id="closed", effect=Effect.CLOSED, **at_south)
    yield "open", BranchException(id="open", effect=Effect.OPEN, **at_south)
    yield "seats", BranchException(id="seats", effect=Effect.OTHER_CAPACITY, capacity=2, **at_south)
    yield "hours", BranchException(id="hours", effect=Effect.OTHER_HOURS, hours=[Hours(600, 900)], **at_south)
    yield "withdrawal", Withdrawal("order")
