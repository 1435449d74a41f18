"""The traffic services: groups, who may book one, its instructions and documents."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final, NewType

from attrs import field

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.text_input import bounded_text, hyphenated, plain_text, slug, typed_text
from traffic_booking.domain.value_input import bounded_list, keep_lists, of_type, one_of_enum
from traffic_booking.domain.values import frozen


class Holder(StrEnum):
    """The document that identifies a person."""

    CITIZEN = "citizen"
    RESIDENT = "resident"


ServiceId = NewType("ServiceId", str)
GroupId = NewType("GroupId", str)
InstructionsVersion = NewType("InstructionsVersion", str)
"""The date of one wording of the instructions, such as `2026-11-22`. The second wording of a day ends in `.2`."""

SHORTEST_MINUTES: Final = 5
LONGEST_MINUTES: Final = 240
OLDEST_AGE: Final = 120
LONGEST_WINDOW_DAYS: Final = 3_660
LONGEST_SOURCE: Final = 400
MOST_CONDITIONS: Final = 64
"""The most conditions of one service. Unofficial."""

_VERSION: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:\.\d{1,2})?", re.ASCII)


def service_id(text: str) -> ServiceId:
    """`text` as a service's id, a slug."""
    return ServiceId(slug(text, "service"))


def group_id(text: str) -> GroupId:
    """`text` as a group's id, a slug."""
    return GroupId(slug(text, "group"))


def instructions_version(text: object, field: str = "version") -> InstructionsVersion:
    """`text` as a version of instructions: a date, with a counter if a day has several. Raises `InvalidInput`."""
    expected = "YYYY-MM-DD or YYYY-MM-DD.N"
    clean = hyphenated(typed_text(text, field, longest=len("2026-11-22.10"), expected=expected))
    if not _VERSION.fullmatch(clean):
        raise InvalidInput(field, got=repr(clean[:40]), expected=expected)
    return InstructionsVersion(clean)


def _date_and_counter(version: InstructionsVersion) -> tuple[str, int]:
    date, _, counter = version.partition(".")
    return date, int(counter or 0)


def _condition(text: str) -> str:
    return slug(text, "condition")


def _document(text: str) -> str:
    return slug(text, "document")


def _duration(minutes: int) -> int:
    return bounded_number(minutes, "duration_minutes", least=SHORTEST_MINUTES, greatest=LONGEST_MINUTES, unit="minutes")


def _early(minutes: int) -> int:
    return bounded_number(minutes, "arrive_before_minutes", least=0, greatest=LONGEST_MINUTES, unit="minutes")


def _age(years: int | None) -> int | None:
    return None if years is None else bounded_number(years, "minimum_age_years", least=1, greatest=OLDEST_AGE)


def _window(days: int | None) -> int | None:
    if days is None:
        return None
    return bounded_number(days, "window_days_before_expiry", least=1, greatest=LONGEST_WINDOW_DAYS)


def _holders(holders: object) -> frozenset[Holder]:
    given = bounded_list(holders, "holders", most=len(Holder))
    if not given or not all(type(each) is Holder for each in given):
        raise InvalidInput("holders", got="none, or something else", expected="at least one of citizen, resident")
    return frozenset(given)


def _conditions(conditions: object) -> "tuple[Condition, ...]":
    checked = tuple(bounded_list(conditions, "conditions", most=MOST_CONDITIONS))
    if not all(type(each) is Condition for each in checked):
        raise InvalidInput("conditions", got="something else", expected="conditions alone")
    return checked


class Audience(StrEnum):
    """The public that a group of services is for."""

    INDIVIDUALS = "individuals"
    BUSINESSES = "businesses"


def _source(text: str) -> str:
    return plain_text(text, "source") and bounded_text(text, "source", longest=LONGEST_SOURCE)


def _parent(text: str | None) -> GroupId | None:
    return None if text is None else group_id(text)


@frozen(kw_only=True)
class ServiceGroup:
    """A place in the menu: a group within an audience, or within its `parent` group."""

    id: GroupId = field(converter=group_id)
    audience: Audience = field(validator=of_type(Audience))
    name: Bilingual = field(validator=of_type(Bilingual))
    parent: GroupId | None = field(default=None, converter=_parent)


@frozen
class Condition:
    """A condition to meet before the appointment, such as a passed medical check.

    If it is `asserted`, booking requires that the host vouches for it. Otherwise it is only shown to applicants, on a
    ticket only to those who are identified by one of `holders`. Raises `InvalidInput` for an asserted condition that
    is not for all holders.
    """

    id: str = field(converter=_condition)
    text: Bilingual = field(validator=of_type(Bilingual))
    asserted: bool = field(default=False, validator=of_type(bool))
    holders: frozenset[Holder] = field(default=frozenset(Holder), converter=_holders)

    def __attrs_post_init__(self) -> None:
        if self.asserted and len(self.holders) < len(Holder):
            expected = "all of them, since the host has to vouch for the condition"
            raise InvalidInput("holders", got="some of them", expected=expected)


@frozen(kw_only=True)
class Eligibility:
    """The people who may book a service: by document, by age, and by how long before a document expires.

    The age is in completed years on the day of the slot. The slot starts at most `window_days_before_expiry` days
    before the document's last day. If either is given, the host has to vouch for the dates.
    """

    holders: frozenset[Holder] = field(converter=_holders)
    minimum_age_years: int | None = field(default=None, converter=_age)
    window_days_before_expiry: int | None = field(default=None, converter=_window)
    conditions: tuple[Condition, ...] = field(default=(), converter=_conditions)


@frozen
class RequiredDocument:
    """A document to bring, by applicants who are identified by one of `holders`."""

    id: str = field(converter=_document)
    name: Bilingual = field(validator=of_type(Bilingual))
    holders: frozenset[Holder] = field(converter=_holders)


@frozen
class Instructions:
    """The text to agree to before booking. A changed wording is a new version.

    If the text asks people to come early, `arrive_before_minutes` (0 to 240) has the minutes before the start.
    """

    version: InstructionsVersion = field(converter=instructions_version)
    text: Bilingual = field(validator=of_type(Bilingual))
    arrive_before_minutes: int = field(default=0, converter=_early)

    @property
    def early(self) -> timedelta:
        """The time before the start at which people are asked to arrive."""
        return timedelta(minutes=self.arrive_before_minutes)

    def followed_by(self, general: "Instructions") -> "Instructions":
        """This text, and on a new line the `general` one that services share. The newer version identifies both.

        The earlier of the two times of arrival counts.
        Raises `InvalidInput` if the two texts together are too long.
        """
        text = Bilingual(f"{self.text.ar}\n{general.text.ar}", f"{self.text.en}\n{general.text.en}")
        early = max(self.arrive_before_minutes, general.arrive_before_minutes)
        return Instructions(max(self.version, general.version, key=_date_and_counter), text, early)


@frozen(kw_only=True)
class Service:
    """A traffic service. One appointment for it takes `duration_minutes` (5 to 240)."""

    id: ServiceId = field(converter=service_id)
    group: GroupId = field(converter=group_id)
    name: Bilingual = field(validator=of_type(Bilingual))
    duration_minutes: int = field(converter=_duration)
    eligibility: Eligibility = field(validator=of_type(Eligibility))
    instructions: Instructions = field(validator=of_type(Instructions))
    documents: tuple[RequiredDocument, ...] = ()
    source: str = field(default="", converter=_source)

    def __attrs_post_init__(self) -> None:
        keep_lists(self, documents=RequiredDocument)

    def documents_for(self, holder: Holder) -> tuple[RequiredDocument, ...]:
        """The documents that an applicant with this kind of id has to bring, in the catalogue's order."""
        holder = one_of_enum(holder, Holder, "holder")
        return tuple(document for document in self.documents if holder in document.holders)

    def conditions_for(self, holder: Holder) -> tuple[Condition, ...]:
        """The conditions for an applicant with this kind of id, in the catalogue's order."""
        holder = one_of_enum(holder, Holder, "holder")
        return tuple(condition for condition in self.eligibility.conditions if holder in condition.holders)


@frozen(kw_only=True, cache_hash=True)
class ServiceConditions:
    """The facts of a service that the rules read, made once for each service of a catalogue.

    `beside` contains the services of the same group, this one included. `prerequisites` contains the conditions that
    the host has to vouch for.
    """

    service: ServiceId
    duration_minutes: int
    holders: tuple[Holder, ...]
    instructions: InstructionsVersion
    beside: frozenset[ServiceId]
    minimum_age_years: int | None = None
    window_days_before_expiry: int | None = None
    prerequisites: tuple[str, ...] = ()

    @cached_property
    def holders_named(self) -> str:
        """The holders as shown in a verdict."""
        return ", ".join(self.holders)

    @property
    def needs_assertions(self) -> bool:
        """True if the host has to vouch for dates or conditions."""
        return bool(self.prerequisites) or not (self.minimum_age_years is self.window_days_before_expiry is None)


def conditions_of(services: Iterable[Service]) -> dict[ServiceId, ServiceConditions]:
    """The facts of each service that the rules read; services of one group share the set of those beside them."""
    grouped = defaultdict[GroupId, set[ServiceId]](set)
    for service in services:
        grouped[service.group].add(service.id)
    beside = {group: frozenset(ids) for group, ids in grouped.items()}
    return {
        service.id: ServiceConditions(
            service=service.id,
            duration_minutes=service.duration_minutes,
            holders=tuple(sorted(service.eligibility.holders)),
            instructions=service.instructions.version,
            beside=beside[service.group],
            minimum_age_years=service.eligibility.minimum_age_years,
            window_days_before_expiry=service.eligibility.window_days_before_expiry,
            prerequisites=tuple(condition.id for condition in service.eligibility.conditions if condition.asserted),
        )
        for service in services
    }
