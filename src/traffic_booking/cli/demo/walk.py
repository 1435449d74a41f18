"""Shared by the steps of the demo: the desk and its people, the note that a step leaves, and how a step fails."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from attrs import define, field, frozen

import traffic_booking as tb
from traffic_booking.cli.screen import isolated
from traffic_booking.ports.signer import Signer
from traffic_booking.testing import MovableClock

LANGUAGES: Final[tuple[tb.Language, tb.Language]] = ("ar", "en")
SERVICE: Final = "licence-renewal"
GOVERNORATE: Final = "riyadh"
ARABIC_DIGITS: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")

Result = TypeVar("Result")
Failure = TypeVar("Failure", bound=Exception)


class StepFailedError(Exception):
    """A check of a step of the demo has failed."""

    def __init__(self, expected: str, got: str) -> None:
        self.expected = expected
        self.got = got
        super().__init__(f"expected {expected}; got {got}")


@frozen
class Note:
    """A step in both languages; with the ticket in both and the files, if it printed one."""

    ar: str
    en: str
    tickets: tuple[tuple[tb.Language, str], ...] = ()
    files: tuple[Path, ...] = ()


@define(kw_only=True)
class Walk:
    """One walk through the journey. The steps set the fields without a value, each for the steps after it."""

    desk: tb.BookingDesk
    clock: MovableClock
    gate: tb.SignInGate
    verify: Callable[[tb.PersonId, str], str]
    solve: Callable[[tb.Challenge], str]
    signer: Signer
    folder: Path
    applicant: tb.PersonId
    stranger: tb.PersonId
    password: str
    user_name: str
    request_prefix: str
    browser: str = "demo-browser-session"
    challenge: tb.Challenge = field(init=False)
    session: tb.Session = field(init=False)
    branch: tb.Branch = field(init=False)
    service: tb.Service = field(init=False)
    slot: tb.AvailableSlot = field(init=False)
    held: tb.Held = field(init=False)
    first: tb.Appointment = field(init=False)
    second: tb.Appointment = field(init=False)

    def request(self, name: str) -> str:
        """A request id of this walk's own."""
        return f"{self.request_prefix}-{name}"

    def sign_in(self, password: str, *, by: str | None = None) -> tb.SignedIn | tb.NotSignedIn:
        """Solve a new code, and sign in with the id, or by a user name."""
        code = self.solve(self.gate.challenge(session=self.browser))
        return self.gate.sign_in(by or self.applicant, password, code=code, session=self.browser)

    def free_seats(self, slot: tb.SlotKey) -> int:
        """The free seats of a slot in a search; 0 if it is not found."""
        found = self.desk.find_slots(service=slot.service, branch=slot.branch, from_=slot.starts_at, limit=1)
        return found[0].free if found and found[0].key == slot else 0

    def tickets(self, number: str) -> tuple[tuple[tb.Language, str], ...]:
        """The ticket in both languages; the step fails if it shows the whole id, or not its number."""
        printed = tuple((lang, str(self.desk.ticket(number, by=self.applicant, language=lang))) for lang in LANGUAGES)
        for _, text in printed:
            expect(number in text, "the number on the ticket")
            expect(str(self.applicant) in text, "the masked id on the ticket")
            expect(self.applicant.reveal() not in text, "no unmasked id on the ticket", "one")
        return printed


def expect(holds: object, expected: str, got: str = "something else") -> None:
    """Fail the step unless `holds`. Not an assertion: it stays under `python -O`."""
    if not holds:
        raise StepFailedError(expected, got)


def raised(kind: type[Failure], call: Callable[[], object], expected: str) -> Failure:
    """The error that the call raises; the step fails without it."""
    try:
        call()
    except kind as error:
        return error
    raise StepFailedError(expected, "no error")


def granted(outcome: object, kind: type[Result], expected: str) -> Result:
    """The outcome; the step fails if it is of another kind."""
    if not isinstance(outcome, kind):
        raise StepFailedError(expected, described(outcome))
    return outcome


def refused_by(outcome: object, rule_id: str) -> tb.Refused:
    """The refusal; the step fails unless this rule refuses, and it alone."""
    refused = granted(outcome, tb.Refused, f"a refusal by {rule_id}")
    broken = [verdict.rule_id for verdict in refused.verdicts]
    expect(broken == [rule_id], f"a refusal by {rule_id}", described(outcome))
    return refused


def described(outcome: object) -> str:
    """An outcome in words, without anybody's id."""
    match outcome:
        case tb.Refused(verdicts):
            return "a refusal by " + ", ".join(verdict.rule_id for verdict in verdicts)
        case tb.NotSignedIn(fault):
            return f"no sign-in ({fault.value})"
        case other:
            return type(other).__name__


def shown(value: object) -> str:
    """A value within a sentence, as a run of its own direction."""
    return isolated(str(value))
