"""The states of an appointment: apart from `appointment`, so that rules can be declared without its events."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from traffic_booking.domain.bilingual import Bilingual


class AppointmentState(StrEnum):
    """Where an appointment stands. HELD, BOOKED, CHECKED_IN and SERVED have a seat.

    SERVED, EXCUSED, CANCELLED and EXPIRED are final.
    """

    HELD = "held"
    BOOKED = "booked"
    CHECKED_IN = "checked-in"
    SERVED = "served"
    NO_SHOW = "no-show"
    EXCUSED = "excused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def label(self) -> Bilingual:
        """The state's name, as tickets and lists show it."""
        return _LABELS[self]


_LABELS: Final = {
    AppointmentState.HELD: Bilingual("محجوز مؤقتًا", "held"),
    AppointmentState.BOOKED: Bilingual("محجوز", "booked"),
    AppointmentState.CHECKED_IN: Bilingual("سُجّل الحضور", "checked in"),
    AppointmentState.SERVED: Bilingual("أُنجزت الخدمة", "served"),
    AppointmentState.NO_SHOW: Bilingual("سُجّل التخلف عنه", "no-show"),
    AppointmentState.EXCUSED: Bilingual("قُبل العذر عن التخلف", "excused"),
    AppointmentState.CANCELLED: Bilingual("ملغى", "cancelled"),
    AppointmentState.EXPIRED: Bilingual("انتهت مدته", "expired"),
}


class Arrival(StrEnum):
    """When an applicant who is checked in has come, by AT-03 and AT-04: early, on time or late."""

    EARLY = "early"
    ON_TIME = "on-time"
    LATE = "late"

    @property
    def label(self) -> Bilingual:
        """Its name, as gates show it."""
        return _ARRIVALS[self]


_ARRIVALS: Final = {
    Arrival.EARLY: Bilingual("حضور مبكر", "early"),
    Arrival.ON_TIME: Bilingual("حضور في الموعد", "on time"),
    Arrival.LATE: Bilingual("حضور متأخر", "late"),
}

LIVE: Final = frozenset({AppointmentState.HELD, AppointmentState.BOOKED, AppointmentState.CHECKED_IN})
"""The states in which an appointment has a seat that it may still need."""
DUE: Final = LIVE - {AppointmentState.HELD}
"""The states in which a ticket admits its holder: its code is signed, and a calendar shows the visit as certain."""
SEATED: Final = LIVE | {AppointmentState.SERVED}
"""The states in which an appointment has one of its slot's seats."""
EXPECTED: Final = SEATED - {AppointmentState.HELD} | {AppointmentState.NO_SHOW, AppointmentState.EXCUSED}
"""The states of the appointments whose applicants a branch expects, or expected, on a day."""

LONGEST_LOOK_BACK: Final = timedelta(days=366)
"""No rule looks further back on appointments: the greatest bound of a rule's days."""
