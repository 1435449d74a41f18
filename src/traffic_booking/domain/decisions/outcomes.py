"""The outcome of a request: one value for each verb, or `Refused` with the verdict of every broken rule."""

from datetime import datetime
from typing import Final

from attrs import field

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import Command
from traffic_booking.domain.appointments.events import PersonErased
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.states import Arrival
from traffic_booking.domain.bidi import left_to_right
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.errors import is_arabic
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.rules.cases import Case
from traffic_booking.domain.rules.verdict import NO_FINDINGS, Findings, Verdict
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.schedule.slots import AvailableSlot
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen


@frozen
class Held:
    """The slot is held until `appointment.hold_ends_at`.

    `expired_hold` is the number of the applicant's earlier hold of the slot if it had run out: this one is new.
    """

    appointment: Appointment
    expired_hold: AppointmentNumber | None = None

    def message(self, language: Language) -> str:
        """The text for the applicant if their earlier hold had run out; else empty."""
        return _renewed(_HELD_AGAIN, self, language)


@frozen
class Booked:
    """The slot is booked for the applicant.

    `expired_hold` is the number of their hold of the slot if it had run out: the appointment has a new number.
    """

    appointment: Appointment
    expired_hold: AppointmentNumber | None = None

    def message(self, language: Language) -> str:
        """The text for the applicant if their hold had run out; else empty."""
        return _renewed(_BOOKED_ANEW, self, language)


_HELD_AGAIN: Final = Bilingual(
    "انتهت مدة حجزك المؤقت السابق رقم {hold}، وكان المقعد لا يزال شاغرًا، فحُجز لك مؤقتًا من جديد برقم {number}.",
    "Your earlier hold {hold} had run out. The seat was still free, and is held for you again under the new number"
    " {number}.",
)
_BOOKED_ANEW: Final = Bilingual(
    "انتهت مدة حجزك المؤقت رقم {hold} قبل تأكيده، وكان المقعد لا يزال شاغرًا، فحُجز موعدك برقم جديد هو {number}.",
    "Your hold {hold} had run out before you booked. The seat was still free, and the appointment is booked under the"
    " new number {number}.",
)


def _renewed(text: Bilingual, outcome: Held | Booked, language: Language) -> str:
    """`text` with both numbers if a hold had run out; else empty. Raises `InvalidInput` for an unknown language."""
    template = text(language)
    if outcome.expired_hold is None:
        return ""
    hold, number = (left_to_right(each, language) for each in (outcome.expired_hold, outcome.appointment.number))
    return template.format(hold=hold, number=number)


@frozen
class Cancelled:
    """The appointment is cancelled and its seat free; `appointment` is the proof."""

    appointment: Appointment


@frozen
class Moved:
    """The appointment has the new slot, under its old number."""

    appointment: Appointment


@frozen
class CheckedIn:
    """The applicant has come; `arrival` is early, on time, or late within the time of AT-04."""

    appointment: Appointment
    arrival: Arrival = Arrival.ON_TIME

    def message(self, language: Language) -> str:
        """The text for the gate, with the hours of the appointment. Raises `InvalidInput` for an unknown language."""
        return _ARRIVED[self.arrival](language).format(hours=self.appointment.time_text(language))


_ARRIVED: Final = {
    Arrival.EARLY: Bilingual(
        "سُجّل الحضور مبكرًا. وقت الموعد {hours}.", "Checked in, early. The appointment is at {hours}."
    ),
    Arrival.ON_TIME: Bilingual(
        "سُجّل الحضور في الموعد. وقت الموعد {hours}.", "Checked in, on time. The appointment is at {hours}."
    ),
    Arrival.LATE: Bilingual(
        "سُجّل الحضور متأخرًا. وقت الموعد {hours}.", "Checked in, late. The appointment is at {hours}."
    ),
}


@frozen
class WalkedIn:
    """The applicant has the slot under way, or the next one, and is checked in."""

    appointment: Appointment


@frozen
class Served:
    """The service was done; the appointment is over."""

    appointment: Appointment


@frozen
class NoShowRecorded:
    """The appointment is recorded as missed, and its seat is free."""

    appointment: Appointment


@frozen
class Excused:
    """The no-show is excused: it does not count as missed any more.

    `evidence` is what the clerk has seen; None once it is removed, with the person or by its retention.
    """

    appointment: Appointment
    evidence: str | None = field(default=None, repr=False)


@frozen
class Declared:
    """The working calendar contains the record; `entry` has its actor, instant and reason."""

    entry: CalendarEntry


@frozen
class Refused:
    """Nothing was changed; `verdicts` has one entry for each broken rule, in the rulebook's order. It is falsy.

    `alternatives` has the nearest free slots, if they were asked for and the slot has no free seat. They are found
    after the decision and not stored with it: if the request is sent again, they are found anew.
    """

    verdicts: tuple[Verdict, ...]
    alternatives: tuple[AvailableSlot, ...] = ()

    def message(self, language: Language) -> str:
        """The text for the applicant: the message of each broken rule, one a line."""
        is_arabic(language)  # an unknown language is an error without verdicts too
        return "\n".join(verdict.message(language) for verdict in self.verdicts)

    def __bool__(self) -> bool:
        return False


@frozen
class Throttled:
    """Too many requests of one actor (`by`) changed nothing within a minute, and this one would change nothing either.

    It is falsy, and nothing was written. The same request may be sent again from `allowed_from` (UTC) on.
    """

    allowed_from: datetime = field(converter=instant)

    def message(self, language: Language) -> str:
        """The text for the actor: what is wrong and what to do next."""
        return _THROTTLED(language)

    def __bool__(self) -> bool:
        return False


_THROTTLED: Final = Bilingual(
    "رُفضت طلبات كثيرة خلال دقيقة واحدة. أعد المحاولة بعد قليل.",
    "Too many requests were refused within a minute. Try again in a moment.",
)


@frozen(kw_only=True)
class RequestRefused:
    """A refused request in the log, with the findings of the broken rules; `at` is in UTC.

    `number` is that of the appointment in the request, None if it named none.
    """

    request_id: RequestId
    at: datetime
    actor: Actor
    rulebook: str
    broken: Findings
    number: AppointmentNumber | None = None


@frozen(kw_only=True)
class MayCancel:
    """The result of `may_cancel`; truthy if the appointment may be cancelled now.

    `refused` has the verdicts of the broken rules. `until` (UTC, exclusive) is the cut-off, or the end of the grace
    after a late booking or move (CN-05). It is None for a hold, which may be cancelled until it ends, and if there is
    nothing to cancel.
    """

    refused: tuple[Verdict, ...]
    until: datetime | None

    def message(self, language: Language) -> str:
        """The text for the applicant: why it may not be cancelled, one broken rule a line; empty if it may."""
        return "\n".join(verdict.message(language) for verdict in self.refused)

    def __bool__(self) -> bool:
        return not self.refused


@frozen(kw_only=True)
class Erasure:
    """The result of `maintenance.erase`. Truthy if the store leads to nobody with this id any more.

    - `erased`: the entry of the log, which is also the first answer to the request; None if nothing was erased;
    - `active`: then the appointments and holds that can't be cancelled now, and `refused` the verdicts against it;
    - `overwritten`: True if no file of the store has bytes of the removed records any more. False if the store can't
      say, as PostgreSQL, or if another process was reading: send the request again.
    """

    erased: PersonErased | None = None
    active: tuple[AppointmentNumber, ...] = ()
    refused: tuple[Verdict, ...] = ()
    overwritten: bool = False

    def message(self, language: Language) -> str:
        """The text for staff: what was done, or what is in the way and what to do next."""
        if self.erased is None:
            numbers = ", ".join(left_to_right(each, language) for each in self.active)
            verdicts = dict.fromkeys(each.message(language) for each in self.refused)
            return "\n".join((_NOT_ERASED(language).format(numbers=numbers), *verdicts))
        if self.erased.subject is None:
            return _NOBODY(language)
        if not self.erased.cancelled:
            return _ERASED(language)
        numbers = ", ".join(left_to_right(each, language) for each in self.erased.cancelled)
        return f"{_ERASED(language)} {_CANCELLED_FIRST(language).format(numbers=numbers)}"

    def __bool__(self) -> bool:
        return self.erased is not None


_ERASED: Final = Bilingual("مُحيت بيانات الشخص.", "The person is erased.")
_CANCELLED_FIRST: Final = Bilingual("وأُلغي قبل ذلك: {numbers}.", "Cancelled first: {numbers}.")
_NOBODY: Final = Bilingual(
    "لا أحد مسجل بهذا الرقم: لم يُسجَّل من قبل، أو مُحيت بياناته.",
    "Nobody with this id is registered: never, or erased already.",
)
_NOT_ERASED: Final = Bilingual(
    "لم تُمحَ أي بيانات. لا يمكن الآن إلغاء: {numbers}. أعد الطلب بعد انتهاء وقتها.",
    "Nothing is erased. These can't be cancelled now: {numbers}. Send the request again once they are over.",
)


Outcome = (
    Held | Booked | Cancelled | Moved | CheckedIn | WalkedIn | Served | NoShowRecorded | Excused | Declared | Refused
)


@frozen
class Answer:
    """The record of a decision: the request, its outcome, the instant (UTC) and the version of the rulebook.

    `findings` has the results of the broken rules. `case` has the evaluated facts, from which the rulebook's version
    repeats the other results. It is None if a guard of the store refused, and once the assertions behind the decision
    are removed (pruned, or erased with the person).
    """

    command: Command
    outcome: Outcome
    decided_at: datetime = field(converter=instant)
    rulebook: str
    findings: Findings = NO_FINDINGS
    case: Case | None = None
