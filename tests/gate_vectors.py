"""Scans with their right answers, for the gate with the store and for the one without.

Each vector begins at 07:00 on a Sunday, with an appointment at 09:00 that day at the branch `north`. The list of the
day is made once the steps are done. Check-in opens at 08:00, nobody is early from 08:45 on, and it ends at 09:15.
"""

from datetime import date, timedelta

from tests.gates import CLERK, code_of
from tests.tickets_signed import A_TICKET, OTHER
from traffic_booking.domain.gate.results import GateResult
from traffic_booking.testing import made_up_person

SUNDAY = date(2026, 11, 22)
NINE = 4  # the fifth slot of fifteen minutes, if the branch opens at 08:00


def slot_at(desk, branch="north", nth=NINE, day=SUNDAY):
    days = {"from_": day, "until": day + timedelta(days=1)}
    return desk.find_slots(service="renewal", branch=branch, limit=500, **days)[nth]


def book(desk, *, serial=1, **place):
    slot = slot_at(desk, **place)
    return desk.book(slot, applicant=made_up_person(serial), agreed=True, request_id=f"book-{serial}").appointment


def nothing(_desk, _appointment):
    pass


def cancelled(desk, appointment):
    assert desk.cancel(appointment.number, by=CLERK, request_id="cancel")


def moved(**place):
    def move(desk, appointment):
        assert desk.move(appointment.number, slot_at(desk, **place), by=CLERK, request_id="move")

    return move


def moved_and_cancelled(desk, appointment):
    moved(nth=8)(desk, appointment)
    cancelled(desk, appointment)


def moved_away_and_back(desk, appointment):
    moved(nth=8)(desk, appointment)
    assert desk.move(appointment.number, slot_at(desk), by=CLERK, request_id="back")


def used(desk, appointment):
    desk._office.clock.advance(timedelta(hours=2))
    assert desk.gate.check_in(appointment.number, by=CLERK, request_id="before")


def signed(desk, before):
    return code_of(desk, before)


def signed_again(desk, before):
    return code_of(desk, desk.appointment(before.number, by=CLERK))


def by_a_stranger(desk, before):
    return code_of(desk, before, OTHER)


def altered(desk, before):
    code = code_of(desk, before)
    return code[:-3] + ("000" if code[-3:] != "000" else "001")


def number(_desk, before):
    return before.number


def spelled(_desk, before):
    return before.number.lower().replace("-", " ")


def text(_desk, _before):
    return "https://example.com/not-a-ticket"


def number_of_nobody(_desk, _before):
    return A_TICKET.number


R = GateResult
VECTORS = {
    "not open": (nothing, signed, "07:59", R.TOO_EARLY),
    "open": (nothing, signed, "08:00", R.EARLY),
    "early": (nothing, signed, "08:44", R.EARLY),
    "on time": (nothing, signed, "08:45", R.ON_TIME),
    "at the start": (nothing, signed, "09:00", R.ON_TIME),
    "late": (nothing, signed, "09:01", R.LATE),
    "the last minute": (nothing, signed, "09:15", R.LATE),
    "too late": (nothing, signed, "09:16", R.TOO_LATE),
    "number": (nothing, number, "08:50", R.ON_TIME),
    "number in other signs": (nothing, spelled, "09:10", R.LATE),
    "number, too late": (nothing, number, "12:00", R.TOO_LATE),
    "cancelled": (cancelled, signed, "09:00", R.CANCELLED),
    "cancelled, by number": (cancelled, number, "09:00", R.CANCELLED),
    "cancelled and too late": (cancelled, signed, "11:00", R.CANCELLED),
    "moved later": (moved(nth=8), signed, "09:00", R.MOVED),
    "moved later, new ticket": (moved(nth=8), signed_again, "09:55", R.ON_TIME),
    "moved later, by number": (moved(nth=8), number, "09:55", R.ON_TIME),
    "moved to the next day": (moved(day=SUNDAY + timedelta(days=1)), signed, "09:00", R.MOVED),
    "moved to the next day, new ticket": (moved(day=SUNDAY + timedelta(days=1)), signed_again, "09:00", R.WRONG_DAY),
    "moved to the other branch": (moved(branch="south"), signed, "09:00", R.MOVED),
    "moved to the other branch, new ticket": (moved(branch="south"), signed_again, "09:00", R.WRONG_BRANCH),
    "moved away and back": (moved_away_and_back, signed, "09:00", R.ON_TIME),
    "moved and cancelled": (moved_and_cancelled, signed, "09:00", R.CANCELLED),
    "used": (used, signed, "09:05", R.ALREADY_USED),
    "used, by number": (used, number, "09:05", R.ALREADY_USED),
    "unknown key": (nothing, by_a_stranger, "09:00", R.UNKNOWN_KEY),
    "altered": (nothing, altered, "09:00", R.FORGED),
    "another text": (nothing, text, "09:00", R.UNREADABLE),
    "number of nobody": (nothing, number_of_nobody, "09:00", R.NOT_LISTED),
}
"""By name: what happens before the list is made, the scanned code, the time, and the right result."""
