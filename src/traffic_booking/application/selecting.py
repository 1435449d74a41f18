"""The services and branches that a search is about, from the names that a caller passes."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any, Final, Literal

from traffic_booking.application import arguments
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.calendars.hours import HOUR_MINUTES
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.people.actors import Requester
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import Branch, Coordinates
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.timetables import Weekday
from traffic_booking.domain.searching.question import Question, SearchedBranch, SlotOrder
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.value_input import MOST_MEMBERS, bounded_list, is_a, truth

Names = str | Iterable[str]
"""One id, or several."""
MOST_BRANCH_DAYS: Final = 200_000
"""The most days of a month view, each counted once for each branch and each service there."""


def names(given: Names | None, field: str) -> tuple[str, ...] | None:
    """The ids in `given`, each once; None if none is given. Raises `InvalidInput`, also for an empty list."""
    if given is None:
        return None
    listed = [given] if is_a(given, str) else bounded_list(given, field, most=MOST_MEMBERS)
    if not listed:
        raise InvalidInput(field, got="an empty list", expected="an id, or at least one")
    return tuple(dict.fromkeys(plain_text(each, field) for each in listed))


def services_of(catalogue: Catalogue, service: Names) -> tuple[Service, ...]:
    """The services of those ids. Raises `NotFound`."""
    found = [catalogue.service(each) for each in names(service, "service") or ()]
    return tuple({each.id: each for each in found}.values())


class Selection:
    """The branches of a catalogue for searches; those of the same places are selected once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._selected: dict[tuple[object, ...], tuple[SearchedBranch, ...]] = {}

    def branches(
        self,
        services: tuple[Service, ...],
        *,
        branch: Names | None = None,
        governorate: Names | None = None,
        region: Names | None = None,
        near: Coordinates | None = None,
        within_km: float | None = None,
    ) -> tuple[SearchedBranch, ...]:
        """As `branches_of`. Without a point, the same arguments get the same tuple again."""
        places: dict[str, Any] = {
            "branch": names(branch, "branch"),
            "governorate": names(governorate, "governorate"),
            "region": names(region, "region"),
        }
        if near is not None or within_km is not None:
            return branches_of(self.catalogue, services, **places, near=near, within_km=within_km)
        asked = (*(service.id for service in services), *places.values())
        found = self._selected.get(asked)
        if found is None:
            found = branches_of(self.catalogue, services, **places)
            if len(self._selected) >= MOST_SELECTIONS:
                self._selected.clear()
            self._selected[asked] = found
        return found


def branches_of(
    catalogue: Catalogue,
    services: tuple[Service, ...] | None,
    *,
    branch: Names | None = None,
    governorate: Names | None = None,
    region: Names | None = None,
    near: Coordinates | None = None,
    within_km: float | None = None,
) -> tuple[SearchedBranch, ...]:
    """The branches that offer one of `services` and fit every other argument, the nearest first if `near` is given.

    Without `services` all branches that fit.
    Raises `NotFound` for a name, and `InvalidInput`.
    """
    point, farthest = arguments.circle(near, within_km)
    wanted = {kind: names(given, kind) for kind, given in _kinds(branch, governorate, region)}
    ids = {each: catalogue.branch(each).id for each in wanted["branch"] or ()}.values()
    governorates = {catalogue.governorate(each).id for each in wanted["governorate"] or ()}
    codes = {catalogue.region(each).code for each in wanted["region"] or ()}
    if codes:
        inside = {each.id for each in catalogue.governorates if each.region in codes}
        governorates = governorates & inside if wanted["governorate"] else inside
    limited = bool(codes or wanted["governorate"])
    offered = None if services is None else {service.id for service in services}
    found = [
        (point.distance_km(each.location) if point else None, each)
        for each in catalogue.branches
        if (not ids or each.id in ids)
        and (not limited or each.governorate in governorates)
        and (offered is None or not offered.isdisjoint(catalogue.timetable(each).services))
    ]
    if point is not None:
        found = [(km, each) for km, each in found if farthest is None or (km or 0.0) <= farthest]
        found.sort(key=lambda pair: (pair[0], pair[1].id))
    return tuple(SearchedBranch(branch=each, rank=rank, distance_km=km) for rank, (km, each) in enumerate(found))


def places_of(
    catalogue: Catalogue,
    service: Names,
    *,
    days: int,
    branch: Names | None,
    governorate: Names | None,
    region: Names | None,
    near: Coordinates | None,
    within_km: float | None,
) -> list[tuple[Branch, Service]]:
    """The branches of a view of so many days, each with each of the services that it offers.

    If no branch offers any of them, each branch that fits with the first service. Raises `NotFound` for a name, and
    `InvalidInput`, also for more than `MOST_BRANCH_DAYS`.
    """
    services = services_of(catalogue, service)
    found = [
        each.branch
        for each in branches_of(
            catalogue,
            None,
            branch=branch,
            governorate=governorate,
            region=region,
            near=near,
            within_km=within_km,
        )
    ]
    offered = [(each, catalogue.timetable(each).services) for each in found]
    places = [(each, service) for each, ids in offered for service in services if service.id in ids]
    places = places or [(each, services[0]) for each in found]
    number, most = len(places), MOST_BRANCH_DAYS // days
    if number > most:
        got = f"{number} branches, each counted once for each service"
        raise InvalidInput("branch", got=got, expected=f"at most {most} branches: name fewer")
    return places


def _kinds(
    branch: Names | None, governorate: Names | None, region: Names | None
) -> tuple[tuple[str, Names | None], ...]:
    """The names of places by the kind of place."""
    return ("branch", branch), ("governorate", governorate), ("region", region)


SlotOrderName = Literal["earliest", "nearest", "balanced"]

MOST_SELECTIONS: Final = 256
MOST_SEATS: Final = 500
MOST_ADJACENT: Final = 20


def question_of(
    selection: Selection,
    *,
    service: Names,
    branch: Names | None,
    governorate: Names | None,
    region: Names | None,
    near: Coordinates | None,
    within_km: float | None,
    bounds: tuple[date | None, date | None],
    earlier_than: datetime | None,
    weekdays: Iterable[Weekday] | Weekday | None,
    between: Iterable[time] | None,
    seats: int,
    adjacent: int,
    each_branch: bool,
    order: str,
) -> Question:
    """The question of a search, from the arguments of a caller. Raises `NotFound` for a name, and `InvalidInput`."""
    services = services_of(selection.catalogue, service)
    branch, governorate, region = (names(given, kind) for kind, given in _kinds(branch, governorate, region))
    ordered = SlotOrder(arguments.one_of(order, "order", tuple(SlotOrder)))
    if ordered is not SlotOrder.EARLIEST and near is None:
        raise InvalidInput("order", got=f"{ordered} without a point", expected="a point in `near`, or earliest")
    from_, until = bounds
    return Question(
        services=services,
        branches=selection.branches(
            services,
            branch=branch,
            governorate=governorate,
            region=region,
            near=near,
            within_km=within_km,
        ),
        from_=from_,
        until=until,
        earlier_than=earlier_than,
        weekdays=weekdays_of(weekdays),
        between=minutes_between(between),
        seats=bounded_number(seats, "seats", least=1, greatest=MOST_SEATS),
        adjacent=bounded_number(adjacent, "adjacent", least=1, greatest=MOST_ADJACENT),
        each_branch=truth(each_branch, "each_branch"),
        order=ordered,
        places=(
            [each.id for each in services],
            *(branch, governorate, region),
            *arguments.circle(near, within_km),
        ),
    )


def mover(by: Requester | None, applicant: PersonId | None) -> Requester:
    """The actor of a move. Raises `InvalidInput` if nobody is given."""
    acting = applicant if by is None else by
    if acting is None:
        raise InvalidInput("moving", got="an appointment without an actor", expected="`applicant` or `by` as well")
    return acting


def service_to_search(service: Names | None, moved: Appointment | None) -> Names:
    """The services of a search: those that are given, or that of the appointment to move. Raises `InvalidInput`."""
    given = names(service, "service")
    if moved is None:
        if given is None:
            raise InvalidInput("service", got="none", expected="the id of a service, or several")
        return given
    if given is not None and moved.slot.service not in given:
        raise InvalidInput("service", got="another than the appointment's", expected=moved.slot.service)
    return moved.slot.service


def earlier_than(moved: Appointment | None, earlier_only: object) -> datetime | None:
    """The start before which slots are searched; None for any. Raises `InvalidInput`."""
    if not truth(earlier_only, "earlier_only"):
        return None
    if moved is None:
        raise InvalidInput("earlier_only", got="True without an appointment", expected="its number in `moving`")
    return moved.slot.starts_at


_EXPECTED_TIMES: Final = "two different times of the day without a time zone, such as (time(8), time(12))"


def weekdays_of(given: Iterable[Weekday] | Weekday | None) -> frozenset[Weekday] | None:
    """The weekdays in `given`, one or several; None for all. Raises `InvalidInput`."""
    if given is None:
        return None
    listed = [given] if type(given) is Weekday else bounded_list(given, "weekdays", most=len(Weekday))
    if not listed or not all(type(each) is Weekday for each in listed):
        raise InvalidInput("weekdays", got="none, or something else", expected="at least one Weekday")
    return frozenset(listed)


def minutes_between(given: Iterable[time] | None) -> tuple[int, int] | None:
    """The two times in `given`, in minutes from midnight. A minute that has begun counts. Raises `InvalidInput`."""
    if given is None:
        return None
    listed = bounded_list(given, "between", most=2)
    if len(listed) != 2 or not all(type(each) is time and each.tzinfo is None for each in listed):  # noqa: PLR2004
        raise InvalidInput("between", got="something else", expected=_EXPECTED_TIMES)
    first, until = (each.hour * HOUR_MINUTES + each.minute for each in listed)
    if first == until or any(each.second or each.microsecond for each in listed):
        raise InvalidInput("between", got=" to ".join(map(str, listed)), expected=_EXPECTED_TIMES)
    return first, until
