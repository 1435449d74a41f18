"""Past decisions: who may see one, and whether the rules have the same results again."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from traffic_booking.domain.appointments.commands import BookSlot, HoldSlot, WalkIn
from traffic_booking.domain.audit.explanations import Difference, differences, replayed
from traffic_booking.domain.audit.invariants import answered_appointment
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.errors import NotFound, StoreUnreadable
from traffic_booking.domain.people.actors import Actor, Delegate, is_same, is_staff, may_see
from traffic_booking.domain.rules.cases import AppointmentCase, DeclarationCase, MoveCase
from traffic_booking.domain.rules.rulebook import Rulebooks
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class Replay:
    """The result of a replay: how many `decisions` were read, and the `differences`: rules with another result now.

    `without_case` decisions can't be evaluated again: a guard in the store refused them, or the assertions that they
    were based on were removed. `unknown_versions` are the rulebooks that decided and are not at hand. `unreadable` has
    `COLLECTION KEY` for each further decision that can't be read: the record that can't be decoded.
    """

    decisions: int
    without_case: int
    differences: tuple[Difference, ...]
    unknown_versions: tuple[str, ...]
    unreadable: tuple[str, ...] = ()


class Replaying:
    """Evaluates the rules again on recorded cases, each at its instant and under its version of the rulebook."""

    def __init__(self, rulebooks: Rulebooks) -> None:
        self._rulebooks = rulebooks
        self._decisions = self._without_case = 0
        self._differences: list[Difference] = []
        self._unknown: dict[str, None] = {}
        self._unreadable: list[str] = []

    def add(self, answers: Sequence[Answer], unreadable: Iterable[StoreUnreadable]) -> None:
        """Replay one page of answers."""
        self._decisions += len(answers)
        self._unreadable += [f"{error.collection} {error.key}" for error in unreadable]
        for answer in answers:
            try:
                again = replayed(answer, self._rulebooks)
            except NotFound:
                self._unknown[answer.rulebook] = None
                continue
            if again is None:
                self._without_case += 1
            else:
                self._differences += differences(answer, again)

    def result(self) -> Replay:
        """The result for all pages so far."""
        return Replay(
            decisions=self._decisions,
            without_case=self._without_case,
            differences=tuple(self._differences),
            unknown_versions=tuple(self._unknown),
            unreadable=tuple(self._unreadable),
        )


def may_see_answer(by: Actor, answer: Answer, now: datetime) -> bool:
    """True if `by` sent the request, is staff, or may see the appointment that it was about.

    A delegate sees nothing after the delegation has ended, and no booking, hold or move that somebody else asked for:
    its rules count the applicant's appointments beyond the delegation.
    """
    case = answer.case
    if is_staff(by, None):
        return True
    if not isinstance(by, Delegate):
        return by == answer.command.actor or _may_see_subject(by, answer, now)
    own = is_same(by, answer.command.actor)
    if now >= by.until or not (own or isinstance(case, AppointmentCase)):
        return False
    found_none = own and isinstance(case, AppointmentCase) and case.appointment is None
    return found_none or _may_see_subject(by, answer, now)


def _may_see_subject(by: Actor, answer: Answer, now: datetime) -> bool:
    if isinstance(answer.command, WalkIn):
        of = answer.command
        return may_see(by, of.applicant, of.service, of.branch, at=now)
    if isinstance(answer.command, HoldSlot | BookSlot):
        slot = answer.command.slot
        return may_see(by, answer.command.applicant, slot.service, slot.branch, at=now)
    case, appointment = answer.case, answered_appointment(answer.outcome)
    if appointment is None and isinstance(case, MoveCase | AppointmentCase):
        appointment = case.appointment
    if appointment is None:
        return isinstance(case, DeclarationCase) and is_staff(by, case.branch)
    return may_see(by, appointment.applicant, appointment.slot.service, appointment.slot.branch, at=now)
