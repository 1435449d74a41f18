"""Gates without the store answer as the gate with it, and merges lose nothing and double nothing, in any order."""

from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.gate_vectors import SUNDAY
from tests.gates import CLERK, code_of, offline_gate, signing_desk
from tests.small_town import START
from tests.tickets_signed import OTHER, SIGNER
from traffic_booking import AppointmentState, Booked, InvalidInput, Moved
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.appointments.numbers import SERIALS, compose
from traffic_booking.domain.gate.results import GateResult
from traffic_booking.domain.gate.uses import uses_in
from traffic_booking.gate import day_list_document, read_day_list
from traffic_booking.testing import MovableClock, made_up_person

PERSONS = 5
ELSEWHERE_KNOWN = {GateResult.WRONG_BRANCH, GateResult.WRONG_DAY, GateResult.NOT_LISTED}
RECEIVED = {AppointmentState.CHECKED_IN, AppointmentState.EXCUSED}
"""The states after a scan was recorded; a missed appointment is excused by it."""


class Counting:
    """Numbers in an order that is the same in every run."""

    def __init__(self):
        self._serial = 0

    def draw(self, code):
        while (number := compose(code, self._serial % SERIALS)) is None:
            self._serial += 1
        self._serial += 1
        return number


places = st.tuples(
    st.sampled_from(("north", "north", "south")), st.integers(0, 1), st.integers(0, 11)
)  # branch, day, slot of the day
steps = st.lists(
    st.one_of(
        st.tuples(st.just("book"), st.integers(1, PERSONS), places),
        st.tuples(st.just("move"), st.integers(1, PERSONS), places),
        st.tuples(st.just("cancel"), st.integers(1, PERSONS), st.none()),
    ),
    min_size=2,
    max_size=14,
)
later_steps = st.one_of(
    st.tuples(st.just("move"), st.integers(1, PERSONS), places),
    st.tuples(st.just("cancel"), st.integers(1, PERSONS), st.none()),
)
scans = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 40), st.sampled_from(("code", "code", "number", "stranger"))),
    max_size=14,
)  # minutes since the last one, which of the tickets, what is scanned


class Town:
    """A desk, its clock, and every ticket that was ever printed."""

    def __init__(self):
        self.clock = MovableClock(START)
        self.desk = signing_desk(MemoryStore(), clock=self.clock, numbering=Counting())
        self.tickets = []
        self.of = {}

    def do(self, place, step):
        kind, person, where = step
        name = f"step-{place}"
        if kind == "cancel":
            if person in self.of:
                self.desk.cancel(self.of[person], by=CLERK, request_id=name)
            return
        branch, day, nth = where
        bounds = {"from_": SUNDAY + timedelta(days=day), "until": SUNDAY + timedelta(days=day + 1)}
        found = self.desk.find_slots(service="renewal", branch=branch, limit=500, **bounds)
        slot = found[nth % len(found)]
        if kind == "book":
            outcome = self.desk.book(slot, applicant=made_up_person(person), agreed=True, request_id=name)
        elif person in self.of:
            outcome = self.desk.move(self.of[person], slot, by=CLERK, request_id=name)
        else:
            return
        if isinstance(outcome, Booked | Moved):
            self.of[person] = outcome.appointment.number
            self.tickets.append(outcome.appointment)

    def scanned(self, which, what):
        ticket = self.tickets[which % len(self.tickets)]
        if what == "number":
            return ticket.number
        return code_of(self.desk, ticket, OTHER if what == "stranger" else SIGNER)


def town_after(done):
    town = Town()
    for place, step in enumerate(done):
        town.do(place, step)
    return town


@given(done=steps, scanned=scans)
def test_wherever_the_list_is_current_both_gates_give_the_same_answer(done, scanned):
    town = town_after(done)
    if not town.tickets:
        return
    listed = town.desk.gate.day_list("north", SUNDAY, by=CLERK)
    with offline_gate(listed, gate="gate-0", clock=town.clock) as gate:
        for place, (minutes, which, what) in enumerate(scanned):
            town.clock.advance(timedelta(minutes=minutes))
            code, name = town.scanned(which, what), f"scan-{place}"
            offline = gate.scan(code, scan_id=name)
            if offline.result is GateResult.OUTDATED_LIST:
                return
            online = town.desk.gate.scan(code, branch="north", by=CLERK, scan_id=name)
            note(f"{what} {which} {online} {offline}")
            if what == "number" and offline.result is GateResult.NOT_LISTED:
                assert online.result in ELSEWHERE_KNOWN | {GateResult.CANCELLED}
            else:
                assert offline.result is online.result
                assert (offline.number, offline.use, offline.verdicts) == (online.number, online.use, online.verdicts)


@st.composite
def reported_days(draw):
    """Steps, scans at several gates, changes after the list was made, and whether no-shows are recorded then."""
    at_gates = draw(st.lists(st.tuples(st.integers(0, 2), scans.map(tuple)), min_size=1, max_size=3))
    return (
        draw(steps),
        at_gates,
        draw(st.lists(later_steps, max_size=3)),
        draw(st.booleans()),
    )


def journals_of(town, at_gates):
    """The scans of three gates, which all have the same list and don't know of each other."""
    listed = town.desk.gate.day_list("north", SUNDAY, by=CLERK)
    found = []
    with ExitStack() as open_gates:
        gates = [
            open_gates.enter_context(offline_gate(listed, gate=f"gate-{each}", clock=town.clock)) for each in range(3)
        ]
        for round_, (which_gate, scanned) in enumerate(at_gates):
            for place, (minutes, which, what) in enumerate(scanned):
                town.clock.advance(timedelta(minutes=minutes % 20))
                gates[which_gate].scan(town.scanned(which, what), scan_id=f"scan-{round_}-{place}")
        for gate in gates:
            found += gate.scans
    return found


def state_of(town):
    """The state of every ticket in the store, and its uses, the one that counts first."""
    found = {}
    for number in {each.number for each in town.tickets}:
        appointment = town.desk.appointment(number, by=CLERK)
        history = town.desk.audit.history(number, by=CLERK)
        found[number] = appointment.state, appointment.version, uses_in(history)
    return found


@given(day=reported_days(), data=st.data())
@settings(deadline=None, max_examples=settings().max_examples // 4)
def test_merges_in_any_order_and_any_number_leave_the_same_state(day, data):
    done, at_gates, later, missed = day
    states, reported = [], []
    for _ in range(2):
        town = town_after(done)
        if not town.tickets:
            return
        found = journals_of(town, at_gates)
        for place, step in enumerate(later):
            town.do(f"later-{place}", step)
        town.clock.advance(timedelta(hours=3))
        if missed:
            town.desk.maintenance.record_no_shows(by=CLERK)
        parts = data.draw(st.lists(st.lists(st.sampled_from(found), max_size=8), max_size=4)) if found else []
        order = data.draw(st.permutations(found))
        reports = [town.desk.gate.merge(part, by=CLERK) for part in (*parts, order)]
        assert town.desk.audit.verify().broken == ()
        states.append(state_of(town))
        reported.append((found, reports[-1], town.desk.gate.merge(found, by=CLERK)))
    assert states[0] == states[1]
    for found, last, once_more in reported:
        in_lists = [
            *(
                each.scan_id
                for name in ("accepted", "known", "turned_away", "postponed")
                for each in getattr(last, name)
            ),
            *(each.scan.scan_id for each in last.refused),
            *(each.use.scan_id for each in last.conflicts),
        ]
        assert sorted(in_lists) == sorted(each.scan_id for each in found)
        assert not once_more.accepted
        assert [each.use.scan_id for each in once_more.conflicts] == [each.use.scan_id for each in last.conflicts]
    for state, _, uses in states[0].values():
        assert (state in RECEIVED) is bool(uses)
        assert all(first.order < second.order for first, second in pairwise(uses))


@given(place=st.integers(0, 10**6), change=st.integers(1, 255), cut=st.booleans(), signed=st.booleans())
def test_an_altered_list_is_refused_and_breaks_nothing(place, change, cut, signed):
    content = bytearray(LIST_FILES[signed])
    place %= len(content)
    if cut:
        del content[place:]
    else:
        content[place] ^= change
    try:
        read_day_list(bytes(content), SIGNER.public_keys, accept_unsigned=True)
    except InvalidInput:
        return
    raise AssertionError("an altered list was read")


def list_files():
    town = town_after([("book", each, ("north", 0, 2 * each)) for each in range(1, PERSONS)])
    listed = town.desk.gate.day_list("north", SUNDAY, by=CLERK)
    return {signed: day_list_document(listed, SIGNER if signed else None).content for signed in (True, False)}


LIST_FILES = list_files()
