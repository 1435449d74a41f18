"""The outcome of a request: a value for each thing done, or `Refused` with the verdict of every broken rule."""

from datetime import datetime
from typing import Final

from attrs import field, frozen

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import Command
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.rules.cases import Case
from traffic_booking.domain.rules.verdict import NO_FINDINGS, Findings, Verdict
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.text_input import RequestId


@frozen
class Held:
    """The seat is kept until `appointment.hold_ends_at`."""

    appointment: Appointment


@frozen
class Booked:
    """The slot is the applicant's."""

    appointment: Appointment


@frozen
class Cancelled:
    """The appointment is cancelled and its seat free; `appointment` is the proof."""

    appointment: Appointment


@frozen
class Moved:
    """The appointment has the slot that was asked for, under its old number."""

    appointment: Appointment


@frozen
class CheckedIn:
    """The applicant has come in time."""

    appointment: Appointment


@frozen
class Declared:
    """The working calendar holds the record; `entry` says who added it, when and why."""

    entry: CalendarEntry


@frozen
class Refused:
    """Nothing was changed; `verdicts` are those of the broken rules, in the rulebook's order."""

    verdicts: tuple[Verdict, ...]


@frozen
class Throttled:
    """Too many requests of one actor changed nothing within a minute: they were refused, or asked for what was so.

    This one would have changed nothing as well.

    The actor is the one who asks (`by`), and not the applicant if somebody else asks for them. This is no answer:
    nothing was written, and the same request may be sent again from `allowed_from` (UTC) on.
    """

    allowed_from: datetime = field(converter=instant)

    def statement(self, language: Language) -> str:
        """The sentence to show."""
        return _THROTTLED(language)


_THROTTLED: Final = Bilingual(
    "رُفضت طلبات كثيرة خلال دقيقة واحدة. أعد المحاولة بعد قليل.",
    "Too many requests were refused within a minute. Try again in a moment.",
)


@frozen(kw_only=True)
class RequestRefused:
    """A request that was refused, with the instant (UTC), the actor, the rulebook and the findings of the broken rules.

    `number` is that of the appointment that the request was about, None if it named none.
    """

    request_id: RequestId
    at: datetime
    actor: Actor
    rulebook: str
    broken: Findings
    number: AppointmentNumber | None = None


@frozen(kw_only=True)
class MayCancel:
    """Whether an appointment may be cancelled at the moment of asking.

    `refused` are the verdicts of the broken rules, none if it may be cancelled. `until` (UTC, exclusive) is the
    cut-off. It is None for a hold, which may be given back until it ends, and if there is nothing to cancel.
    """

    refused: tuple[Verdict, ...]
    until: datetime | None

    def __bool__(self) -> bool:
        return not self.refused


Outcome = Held | Booked | Cancelled | Moved | CheckedIn | Declared | Refused


@frozen(kw_only=True)
class Answer:
    """The record of a decision: the request, its outcome, when (UTC), under which rulebook.

    `findings` are those of the broken rules. `case` has the facts that the rules were evaluated on: with the rulebook's
    version it gives the findings of the others again. It is None if a guard in the store refused, and once the
    assertions that the decision was based on are removed (pruned, or erased with the person).
    """

    command: Command
    outcome: Outcome
    decided_at: datetime = field(converter=instant)
    rulebook: str
    findings: Findings = NO_FINDINGS
    case: Case | None = None
