"""Who an appointment is for: the national id of a citizen, the iqama number of a resident.

Both have ten digits. The first is 1 for a citizen and 2 for a resident; the last is a check digit: double the digits
in places 1, 3, 5, 7 and 9 from the left, add the decimal digits of all, and the total is a multiple of ten. The check
digit is customary, not officially published (shared facts: `docs/explanation/sources.md`).

The number is a personal datum: `repr`, `str` and every message show only its last four digits.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NewType

from attrs import field, frozen

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.text_input import slug
from traffic_booking.domain.value_input import bounded_list


class Holder(StrEnum):
    """Which document a person is identified by."""

    CITIZEN = "citizen"
    RESIDENT = "resident"


ServiceId = NewType("ServiceId", str)
GroupId = NewType("GroupId", str)
InstructionsVersion = NewType("InstructionsVersion", str)
"""A dated name of one wording of the instructions, such as `2026-11-22`; a second one on a day ends in `.2`."""

SHORTEST_MINUTES: Final = 5
LONGEST_MINUTES: Final = 240
OLDEST_AGE: Final = 120
LONGEST_WINDOW_DAYS: Final = 3_660
MOST_CONDITIONS: Final = 64
"""Of one service. Unofficial; a service has a few."""

_VERSION: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:\.\d{1,2})?", re.ASCII)


def service_id(text: str) -> ServiceId:
    """`text` as a service's id, a slug."""
    return ServiceId(slug(text, "service"))


def group_id(text: str) -> GroupId:
    """`text` as a group's id, a slug."""
    return GroupId(slug(text, "group"))


def instructions_version(text: object) -> InstructionsVersion:
    """`text` as a version of instructions: a date, and a counter where a day has several."""
    if not isinstance(text, str):
        raise InvalidInput("version", got=type(text).__name__, expected="text such as YYYY-MM-DD")
    if not _VERSION.fullmatch(text):
        raise InvalidInput("version", got=repr(text[:40]), expected="YYYY-MM-DD or YYYY-MM-DD.N")
    return InstructionsVersion(str.__str__(text))


def _condition(text: str) -> str:
    return slug(text, "condition")


def _document(text: str) -> str:
    return slug(text, "document")


def _duration(minutes: int) -> int:
    return bounded_number(minutes, "duration_minutes", least=SHORTEST_MINUTES, greatest=LONGEST_MINUTES, unit="minutes")


def _age(years: int | None) -> int | None:
    return None if years is None else bounded_number(years, "minimum_age_years", least=1, greatest=OLDEST_AGE)


def _window(days: int | None) -> int | None:
    if days is None:
        return None
    return bounded_number(days, "window_days_before_expiry", least=1, greatest=LONGEST_WINDOW_DAYS)


def _holders(holders: object) -> frozenset[Holder]:
    checked = frozenset(bounded_list(holders, "holders", most=len(Holder)))
    if not checked or not all(isinstance(each, Holder) for each in checked):
        raise InvalidInput("holders", got="none, or something else", expected="at least one of citizen, resident")
    return checked


def _conditions(conditions: object) -> "tuple[Condition, ...]":
    checked = tuple(bounded_list(conditions, "conditions", most=MOST_CONDITIONS))
    if not all(isinstance(each, Condition) for each in checked):
        raise InvalidInput("conditions", got="something else", expected="conditions alone")
    return checked


class Audience(StrEnum):
    """Whom a group of services is for."""

    INDIVIDUALS = "individuals"
    BUSINESSES = "businesses"


def _parent(text: str | None) -> GroupId | None:
    return None if text is None else group_id(text)


@frozen(kw_only=True)
class ServiceGroup:
    """A place in the menu: a group within an audience, or within its `parent` group."""

    id: GroupId = field(converter=group_id)
    audience: Audience
    name: Bilingual
    parent: GroupId | None = field(default=None, converter=_parent)


@frozen
class Condition:
    """What must be true before the applicant comes, such as a passed medical check.

    With `asserted`, nobody books before the host has vouched for it; else it is shown to applicants and no more.
    """

    id: str = field(converter=_condition)
    text: Bilingual
    asserted: bool = False


@frozen(kw_only=True)
class Eligibility:
    """Who may book a service: holders of which document, from which age, how long before a document expires.

    The least age (completed years, on the day of the slot) and the window (the slot starts at most so many days before
    the document's last day) bind where they are given: the host has to vouch for the dates.
    """

    holders: frozenset[Holder] = field(converter=_holders)
    minimum_age_years: int | None = field(default=None, converter=_age)
    window_days_before_expiry: int | None = field(default=None, converter=_window)
    conditions: tuple[Condition, ...] = field(default=(), converter=_conditions)


@frozen
class RequiredDocument:
    """A document to bring; `holders` are the applicants who need it."""

    id: str = field(converter=_document)
    name: Bilingual
    holders: frozenset[Holder] = field(converter=_holders)


@frozen
class Instructions:
    """What the applicant agrees to before booking; a changed wording is a new version."""

    version: InstructionsVersion = field(converter=instructions_version)
    text: Bilingual


@frozen(kw_only=True)
class Service:
    """A traffic service; one appointment for it takes `duration_minutes` (5 to 240)."""

    id: ServiceId = field(converter=service_id)
    group: GroupId = field(converter=group_id)
    name: Bilingual
    duration_minutes: int = field(converter=_duration)
    eligibility: Eligibility
    instructions: Instructions
    documents: tuple[RequiredDocument, ...] = ()
    source: str = ""

    def documents_for(self, holder: Holder) -> tuple[RequiredDocument, ...]:
        """The documents that an applicant who is identified as `holder` has to bring, in the catalogue's order."""
        return tuple(document for document in self.documents if holder in document.holders)


@frozen(kw_only=True, cache_hash=True)
class ServiceTerms:
    """A service as the rules see it: plain values, fit for a record, made once for each service of a catalogue.

    `beside` are the services of the same group, itself included; `prerequisites` the conditions that the host has to
    vouch for.
    """

    service: ServiceId
    duration_minutes: int
    holders: tuple[Holder, ...]
    instructions: InstructionsVersion
    beside: frozenset[ServiceId]
    minimum_age_years: int | None = None
    window_days_before_expiry: int | None = None
    prerequisites: tuple[str, ...] = ()

    @property
    def holders_named(self) -> str:
        """The holders as a verdict shows them."""
        return ", ".join(self.holders)

    @property
    def needs_assertions(self) -> bool:
        """Whether the host has to vouch for anything."""
        return bool(self.prerequisites) or not (self.minimum_age_years is self.window_days_before_expiry is None)


def terms_of(service: Service, services: Iterable[Service]) -> ServiceTerms:
    """What the rules see of `service`, one of `services`."""
    return ServiceTerms(
        service=service.id,
        duration_minutes=service.duration_minutes,
        holders=tuple(sorted(service.eligibility.holders)),
        instructions=service.instructions.version,
        beside=frozenset(other.id for other in services if other.group == service.group),
        minimum_age_years=service.eligibility.minimum_age_years,
        window_days_before_expiry=service.eligibility.window_days_before_expiry,
        prerequisites=tuple(condition.id for condition in service.eligibility.conditions if condition.asserted),
    )
