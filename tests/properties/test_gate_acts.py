"""Any order of acts at the gate: each is granted exactly in its state and time, and the store stays sound."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import DAY, MINUTE, OPENING
from tests.desks import open_desk
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import AppointmentState, Booked, Clerk, Refused, System, WalkedIn
from traffic_booking.testing import MovableClock, made_up_person

CLERK = Clerk("gate-1")
PEOPLE = [made_up_person(serial) for serial in range(1, 4)]
STEPS = ("book", "check_in", "serve", "no_show", "excuse", "walk_in", "record", "cancel")
AFTER = {
    ("check_in", AppointmentState.BOOKED): AppointmentState.CHECKED_IN,
    ("serve", AppointmentState.CHECKED_IN): AppointmentState.SERVED,
    ("no_show", AppointmentState.BOOKED): AppointmentState.NO_SHOW,
    ("excuse", AppointmentState.NO_SHOW): AppointmentState.EXCUSED,
    ("cancel", AppointmentState.BOOKED): AppointmentState.CANCELLED,
}
"""The state after each act in the state in which it may be granted."""
steps = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 5), st.integers(0, 20)), max_size=25)


def in_time(act, one, now):
    """True if the act on the appointment is in time, by the figures of the small town."""
    starts_at = one.slot.starts_at
    match act:
        case "check_in":
            return starts_at - 60 * MINUTE <= now <= starts_at + 15 * MINUTE
        case "no_show":
            return starts_at + 15 * MINUTE <= now
        case "excuse":
            return now <= one.slot_ends_at + 30 * DAY
        case "cancel":
            return now < starts_at - 240 * MINUTE
        case _:
            return True


class Gate:
    """A desk, its clock, and the appointments that the model expects."""

    def __init__(self, desk, clock):
        self.desk, self.clock, self.serial = desk, clock, 0
        self.expected = {}

    def act(self, name, which):
        self.serial += 1
        request_id, person = f"r-{self.serial}", PEOPLE[which % len(PEOPLE)]
        if name == "book":
            found = self.desk.find_slots(service="renewal", branch="north", limit=1)
            outcome = self.desk.book(found[0], applicant=person, agreed=True, request_id=request_id)
            self.add(outcome, Booked, AppointmentState.BOOKED)
        elif name == "walk_in":
            given = {"applicant": person, "agreed": True, "by": CLERK, "request_id": request_id}
            self.add(self.desk.gate.walk_in("north", "renewal", **given), WalkedIn, AppointmentState.CHECKED_IN)
        elif name == "record":
            missed = [one for one in self.expected.values() if self.granted("no_show", one)]
            assert self.desk.maintenance.record_no_shows(by=System()) == len(missed)
            for one, _ in missed:
                self.expected[one.number] = (one, AppointmentState.NO_SHOW)
        elif self.expected:
            self.decide(name, list(self.expected.values())[which % len(self.expected)], request_id)

    def add(self, outcome, kind, state):
        assert isinstance(outcome, kind | Refused)
        if isinstance(outcome, kind):
            assert outcome.appointment.state is state
            self.expected[outcome.appointment.number] = (outcome.appointment, state)

    def granted(self, name, expected):
        one, state = expected
        return (name, state) in AFTER and in_time(name, one, self.clock.now())

    def decide(self, name, expected, request_id):
        (one, state), granted = expected, self.granted(name, expected)
        verb = self.desk.cancel if name == "cancel" else getattr(self.desk.gate, name)
        extra = {"evidence": "a report"} if name == "excuse" else {}
        outcome = verb(one.number, by=CLERK, request_id=request_id, **extra)
        assert isinstance(outcome, Refused) is not granted
        if granted:
            state = AFTER[name, state]
            self.expected[one.number] = (one, state)
        assert verb(one.number, by=CLERK, request_id=request_id, **extra) == outcome


@settings(max_examples=60, deadline=None)
@given(steps=steps)
def test_each_act_is_granted_in_its_state_and_time_alone_and_the_store_stays_sound(steps):
    clock = MovableClock(START)
    with open_desk(small_catalogue(capacity=1), clock=clock, rulebook=small_rulebook()) as desk:
        gate = Gate(desk, clock)
        clock.move_to(OPENING - 60 * MINUTE)
        for name, which, minutes in steps:
            clock.advance(minutes * MINUTE)
            gate.act(name, which)

        for number, (_, state) in gate.expected.items():
            assert desk.appointment(number, by=CLERK).state is state
        assert desk.audit.verify()
