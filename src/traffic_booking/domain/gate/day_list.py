"""The clerk's list of a day: all that a gate without the store reads, and no name or id."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import field
from attrs.converters import optional

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.numbers import AppointmentNumber, appointment_number
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.appointments.ticket_codes import GREATEST_VERSION
from traffic_booking.domain.audit.revoked_ticket import Revocation, RevokedTicket
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.gate.scans import TicketUse
from traffic_booking.domain.instants import instant, keep_dates
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.places.geography import BranchCode, BranchId, branch_code, branch_id, time_zone
from traffic_booking.domain.rules.cases import AppointmentCase
from traffic_booking.domain.rules.evaluation import Evaluation, RuleSets, rule_sets_of
from traffic_booking.domain.rules.restrictions import Tightening, tightened
from traffic_booking.domain.rules.rule import EARLIEST_DAY, Rule, Use, first_day, legal_midnight
from traffic_booking.domain.rules.rulebook import DEFINITIONS, LONGEST_VERSION, Rulebook
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import bounded_text
from traffic_booking.domain.value_input import keep_lists, of_type, reading_members
from traffic_booking.domain.values import frozen

CHECK_IN_RULES: Final = tuple(each.id for each in DEFINITIONS if Use.CHECK_IN in each.uses)
"""The ids of the rules that a gate evaluates, in the documented order."""
LONGEST_MASKED: Final = 16
LONGEST_VALIDITY: Final = timedelta(days=8)
_ONE_DAY: Final = timedelta(days=1)


def _version(value: int) -> int:
    return bounded_number(value, "version", least=1, greatest=GREATEST_VERSION)


def _masked(text: str) -> str:
    return bounded_text(text, "masked_id", longest=LONGEST_MASKED)


def _rulebook_version(text: str) -> str:
    return bounded_text(text, "version", longest=LONGEST_VERSION)


def _use_if_set(made: object, each: Any, value: Any) -> None:
    if value is not None:
        of_type(TicketUse)(made, each, value)


@frozen(kw_only=True)
class ListedTicket:
    """An appointment as a gate reads it: its number, version, state and slot as they are now, and its first use.

    `masked_id` has the last four digits of the applicant's id; a cancelled one has none.
    """

    number: AppointmentNumber = field(converter=appointment_number)
    version: int = field(converter=_version)
    state: AppointmentState = field(validator=of_type(AppointmentState))
    slot: SlotKey = field(validator=of_type(SlotKey))
    ends_at: datetime = field(converter=instant)
    masked_id: str | None = field(default=None, converter=optional(_masked))
    use: TicketUse | None = field(default=None, validator=_use_if_set)


def listed_ticket(appointment: Appointment, use: TicketUse | None = None) -> ListedTicket:
    """The part of an appointment that a gate reads."""
    return ListedTicket(
        number=appointment.number,
        version=appointment.version,
        state=appointment.state,
        slot=appointment.slot,
        ends_at=appointment.slot_ends_at,
        masked_id=appointment.masked_id,
        use=use,
    )


@frozen(kw_only=True)
class GateRules:
    """The rules of checking in of one version of the rulebook, with its stricter figures for services and branches.

    The version is in force from `in_force_from` (inclusive) to `in_force_until` (exclusive; None: open-ended), both at
    midnight in Riyadh. Raises `InvalidInput` if a rule is missing or out of order.
    """

    version: str = field(converter=_rulebook_version)
    rules: tuple[Rule, ...]
    in_force_from: date = field(default=EARLIEST_DAY, converter=first_day)
    in_force_until: date | None = None
    tightenings: tuple[Tightening, ...] = ()
    _rule_sets: dict[tuple[str, str], RuleSets] = field(init=False, repr=False, eq=False, factory=dict)

    @reading_members("gate rules")
    def __attrs_post_init__(self) -> None:
        keep_dates(self, "in_force_until", optional=True)
        keep_lists(self, rules=Rule, tightenings=Tightening)
        got = tuple(each.id for each in self.rules)
        if got != CHECK_IN_RULES:
            raise InvalidInput("rules", got=", ".join(got) or "none", expected=", ".join(CHECK_IN_RULES))
        for each in self.tightenings:
            if each.rule not in CHECK_IN_RULES:
                raise InvalidInput("tightenings", got=each.rule, expected=", ".join(CHECK_IN_RULES))
            self.rules[CHECK_IN_RULES.index(each.rule)].tightened(each.figures)

    def in_force(self, now: datetime) -> bool:
        """True if this version decides at `now`."""
        until = self.in_force_until
        return legal_midnight(self.in_force_from) <= now and (until is None or now < legal_midnight(until))

    def evaluate(self, case: AppointmentCase, now: datetime, at: SlotKey) -> Evaluation:
        """The result of every rule in force, with the figures for the slot `at`."""
        place = (at.branch, at.service)
        rule_sets = self._rule_sets.get(place)
        if rule_sets is None:
            rule_sets = self._rule_sets[place] = rule_sets_of(tightened(e, self.tightenings, at) for e in self.rules)
        return rule_sets.evaluate(case, now)

    def rule(self, rule_id: str, at: SlotKey) -> Rule:
        """A rule with the figures for the slot `at`."""
        return tightened(self.rules[CHECK_IN_RULES.index(rule_id)], self.tightenings, at)


def gate_rules(rulebook: Rulebook, branch: BranchId) -> GateRules:
    """The rules of a rulebook that a gate of `branch` needs."""
    return GateRules(
        version=rulebook.version,
        rules=tuple(each for each in rulebook.rules if each.id in CHECK_IN_RULES),
        in_force_from=rulebook.in_force_from,
        in_force_until=rulebook.in_force_until,
        tightenings=tuple(
            each for each in rulebook.tightenings if each.rule in CHECK_IN_RULES and each.branch in (None, branch)
        ),
    )


@frozen(kw_only=True)
class DayList:
    """The list of a branch's day as of `as_of`, valid until `until` (both UTC; exclusive).

    `code` is the branch's code in numbers and signed codes. `tickets` has every appointment of the day, also those that
    were cancelled. `revoked` has the tickets for starts of that day that are no longer right, because their
    appointments were moved or cancelled. As long as nothing changes, a gate that has the list gives the same answers as
    one with the store.

    Raises:
        InvalidInput: A part is malformed, a number is listed twice, the list is valid for longer than eight days, or no
            rulebook decides at some time of its validity.
    """

    branch: BranchId = field(converter=branch_id)
    code: BranchCode = field(converter=branch_code)
    day: Day = field(validator=of_type(Day))
    time_zone: str = field(converter=time_zone)
    as_of: datetime = field(converter=instant)
    until: datetime = field(converter=instant)
    tickets: tuple[ListedTicket, ...]
    rulebooks: tuple[GateRules, ...]
    revoked: tuple[RevokedTicket, ...] = ()

    @reading_members("day list")
    def __attrs_post_init__(self) -> None:
        keep_lists(self, tickets=ListedTicket, rulebooks=GateRules, revoked=RevokedTicket)
        if not timedelta() < self.until - self.as_of <= LONGEST_VALIDITY:
            raise InvalidInput("until", got=self.until.isoformat(), expected="after as_of, by at most 8 days")
        if len(self._by_number) != len(self.tickets):
            raise InvalidInput("tickets", got="an appointment number twice", expected="each number once")
        at: datetime | None = self.as_of
        for rules in self.rulebooks:
            if at is None or not rules.in_force(at):
                raise InvalidInput("rulebooks", got=rules.version, expected="versions in the order of their time")
            at = None if rules.in_force_until is None else legal_midnight(rules.in_force_until)
        if not self.rulebooks or (at is not None and at < self.until):
            raise InvalidInput(
                "rulebooks", got="a time without rules", expected="a version for each time of the validity"
            )

    @cached_property
    def _by_number(self) -> Mapping[AppointmentNumber, ListedTicket]:
        return {each.number: each for each in self.tickets}

    def ticket(self, number: AppointmentNumber) -> ListedTicket | None:
        """The appointment of that number, None if it is not in the list."""
        return self._by_number.get(number)

    @cached_property
    def _revocations(self) -> Mapping[str, Revocation]:
        return {each.ticket_id: each.reason for each in self.revoked}

    def revocation(self, ticket_id: str) -> Revocation | None:
        """Why the ticket with that id is revoked; None if it is not."""
        return self._revocations.get(ticket_id)

    def rules_at(self, now: datetime) -> GateRules:
        """The version of the rulebook that decides at `now`, which is in the list's validity."""
        return next(each for each in self.rulebooks if each.in_force(now))

    @property
    def starts(self) -> tuple[datetime, datetime]:
        """The instants (UTC) at which the civil day begins and ends at the branch."""
        zone, day = ZoneInfo(self.time_zone), self.day.gregorian
        begin, end = (datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + _ONE_DAY))
        return begin, end

    @property
    def expected(self) -> tuple[ListedTicket, ...]:
        """The appointments that the branch still expects or has received: all but the cancelled ones."""
        return tuple(each for each in self.tickets if each.state is not AppointmentState.CANCELLED)
