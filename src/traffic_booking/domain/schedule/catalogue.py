"""The catalogue: all places, services and timetables. Hosts may pass their own."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from itertools import islice, takewhile
from math import inf
from operator import itemgetter
from typing import Protocol

from attrs import field

from traffic_booking.domain.errors import Fault, InvalidCatalogue
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.places.finding import MOST_FOUND, FoundPlace, PlaceNames
from traffic_booking.domain.places.geography import (
    Branch,
    Coordinates,
    Governorate,
    NearbyBranch,
    Region,
    checked_point,
    great_circle_km,
    kilometres,
)
from traffic_booking.domain.places.services import (
    Audience,
    Holder,
    Service,
    ServiceConditions,
    ServiceGroup,
    ServiceId,
    conditions_of,
)
from traffic_booking.domain.schedule.slots import MOST_STEPS, Pool, PoolStep, SlotKey, pool_steps
from traffic_booking.domain.schedule.timetables import Timetable, pool_step_minutes
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.value_input import (
    MOST_MEMBERS,
    bounded_list,
    is_a,
    keep_lists,
    look_up,
    one_of_enum,
    reading_members,
    remade,
)
from traffic_booking.domain.values import frozen


class _Named(Protocol):
    @property
    def id(self) -> str: ...


@frozen(kw_only=True)
class Catalogue:
    """Regions, governorates, branches, groups, services and timetables that fit together.

    Raises `InvalidCatalogue` with every fault: a repeated id or code, an unknown name, a ring of groups. Look-ups raise
    `NotFound`, which lists known names. Sequences keep the catalogue's order.
    """

    regions: tuple[Region, ...]
    governorates: tuple[Governorate, ...]
    branches: tuple[Branch, ...]
    groups: tuple[ServiceGroup, ...]
    services: tuple[Service, ...]
    timetables: tuple[Timetable, ...]
    _governorates: Mapping[str, Governorate] = field(init=False, repr=False, eq=False)
    _branches: Mapping[str, Branch] = field(init=False, repr=False, eq=False)
    _groups: Mapping[str, ServiceGroup] = field(init=False, repr=False, eq=False)
    _services: Mapping[str, Service] = field(init=False, repr=False, eq=False)
    _timetables: Mapping[str, Timetable] = field(init=False, repr=False, eq=False)
    _service_conditions: Mapping[str, ServiceConditions] = field(init=False, repr=False, eq=False)
    _pools: Mapping[tuple[str, str], Pool] = field(init=False, repr=False, eq=False)
    """By timetable and service."""

    @reading_members("catalogue")
    def __attrs_post_init__(self) -> None:
        keep_lists(self, regions=Region, governorates=Governorate, branches=Branch)
        keep_lists(self, groups=ServiceGroup, services=Service, timetables=Timetable)
        for name in ("governorates", "branches", "groups", "services", "timetables"):
            object.__setattr__(self, f"_{name}", {entry.id: entry for entry in getattr(self, name)})
        faults = (*self._repeated(), *self._dangling(), *self._rings(), *self._long_pools())
        if faults:
            raise InvalidCatalogue(faults)
        pools = ((each.id, service, pool) for each, pool, durations in self._all_pools() for service in durations)
        object.__setattr__(self, "_pools", {(timetable, service): pool for timetable, service, pool in pools})
        object.__setattr__(self, "_service_conditions", conditions_of(self.services))

    def region(self, code: str) -> Region:
        """The region of that ISO 3166-2:SA code."""
        return look_up("region", code, {region.code: region for region in self.regions})

    def governorate(self, governorate_id: str) -> Governorate:
        """The governorate of that id."""
        return look_up("governorate", governorate_id, self._governorates)

    def branch(self, branch_id: str) -> Branch:
        """The branch of that id."""
        return look_up("branch", branch_id, self._branches)

    def group(self, group_id: str) -> ServiceGroup:
        """The group of that id."""
        return look_up("service group", group_id, self._groups)

    def service(self, service_id: str) -> Service:
        """The service of that id."""
        return look_up("service", service_id, self._services)

    def conditions_of(self, service_id: str) -> ServiceConditions:
        """The facts of the service of that id that the rules read."""
        return look_up("service", service_id, self._service_conditions)

    def timetable(self, branch: Branch) -> Timetable:
        """The timetable of `branch`."""
        return self._timetables[branch.timetable]

    def offers(self, branch: str, service: str) -> bool:
        """True if the branch of that id offers the service of that id."""
        there = self._branches.get(branch if type(branch) is str else plain_text(branch, "branch"))
        named = service if type(service) is str else plain_text(service, "service")  # a call takes longer
        return there is not None and named in self.timetable(there).services

    def pool_of(self, branch: str, service: str) -> Pool | None:
        """The pool of a service at a branch, None if it has its own seats there or if a name is unknown."""
        if not self._pools or (there := self._branches.get(plain_text(branch, "branch"))) is None:
            return None
        return self._pools.get((there.timetable, plain_text(service, "service")))

    def services_in(self, branch: str, pool: str) -> tuple[Service, ...]:
        """The services of a pool at a branch; none if a name is unknown."""
        pools = ((each, self.pool_of(branch, each.id)) for each in self.services)
        return tuple(service for service, its_pool in pools if its_pool is not None and its_pool.id == pool)

    def steps_of(self, slot: SlotKey) -> tuple[PoolStep, ...]:
        """The steps of its pool that a slot of the service would cover from then on; none if it is in no pool."""
        pool = self.pool_of(slot.branch, slot.service)
        if pool is None:
            return ()
        lasting = timedelta(minutes=self._service_conditions[slot.service].duration_minutes)
        return pool_steps(slot, slot.starts_at + lasting, pool)

    def governorates_in(self, region: str) -> tuple[Governorate, ...]:
        """The governorates of a region."""
        code = self.region(region).code
        return tuple(governorate for governorate in self.governorates if governorate.region == code)

    def branches_for(
        self, *, service: str | None = None, governorate: str | None = None, near: Coordinates | None = None
    ) -> tuple[Branch, ...]:
        """The branches in `governorate` that offer `service`, nearest first if `near` is given."""
        services = [] if service is None else [service]
        branches = self._offering(services, None if governorate is None else [governorate])
        return branches if near is None else tuple(branch for _, _, branch in _by_distance(near, "near", branches))

    def nearest(
        self,
        point: Coordinates,
        *,
        service: str | Iterable[str] | None = None,
        governorate: str | Iterable[str] | None = None,
        within_km: float | None = None,
        limit: int = 20,
    ) -> tuple[NearbyBranch, ...]:
        """The branches that offer `service` with their distances from `point`, nearest first, at most `limit`.

        `service` and `governorate` are one id or several. Each branch offers all of the services, and is in one of the
        governorates. `limit` is 1 to 10,000. No branch is farther than `within_km` (0 to 20,100 kilometres, inclusive).
        Distances are those of the haversine formula, within 0.6 %; roads are longer. Branches at equal distances are
        in the order of their ids.

        Cost: O(branches × log branches).

        Raises:
            InvalidInput: `point` is no `Coordinates`, or a number is out of its bounds.
            NotFound: a service or a governorate is unknown.

        Example::

            catalogue.nearest(Coordinates(24.7, 46.7), service="licence-renewal", within_km=50)[0].distance_km
        """
        most = bounded_number(limit, "limit", least=1, greatest=MOST_MEMBERS)
        farthest = inf if within_km is None else kilometres(within_km, "within_km")
        wanted = None if governorate is None else _ids(governorate, "governorate")
        branches = self._offering([] if service is None else _ids(service, "service"), wanted)
        nearby = _by_distance(point, "point", branches)
        within = takewhile(lambda each: each[0] <= farthest, nearby)
        return tuple(NearbyBranch(branch=branch, distance_km=distance) for distance, _, branch in islice(within, most))

    def find(self, text: str, *, limit: int = 20) -> tuple[FoundPlace, ...]:
        """The regions, governorates and branches whose name or id matches `text`, the best match first.

        Arabic and English names match in any usual spelling: other forms of alef, ya, ha and hamza, with or without
        «ال» and vowel marks; in Latin letters any case, hyphens and apostrophes. `NameMatch` lists the matches in their
        order. Equal ones are in the order regions, governorates, branches, and then in that of the catalogue. Other
        transliterations and typing mistakes are found only if no name contains the words.

        `text` has 1 to 100 characters, `limit` is 1 to 500. Nothing is found if the text has no letter and no digit.

        Cost: the first search folds all names. After that O(names × words), microseconds for each thousand names.

        Raises:
            InvalidInput: `text` or `limit` is out of these bounds, or the text has invisible characters.

        Example::

            [(each.kind, each.id) for each in catalogue.find("الرياض")]
        """
        return self._place_names.find(text, bounded_number(limit, "limit", least=1, greatest=MOST_FOUND))

    def _offering(self, services: Iterable[str], governorates: Iterable[str] | None) -> tuple[Branch, ...]:
        """The branches in one of the governorates that offer all of the services."""
        offered = {self.service(each).id for each in services}
        wanted = None if governorates is None else {self.governorate(each).id for each in governorates}
        return tuple(
            branch
            for branch in self.branches
            if (wanted is None or branch.governorate in wanted)
            and (not offered or offered <= self.timetable(branch).services)
        )

    @cached_property
    def _place_names(self) -> PlaceNames:
        return PlaceNames(self.regions, self.governorates, self.branches)

    def groups_of(self, audience: Audience) -> tuple[ServiceGroup, ...]:
        """The groups of an audience."""
        return tuple(group for group in self.groups if group.audience is one_of_enum(audience, Audience, "audience"))

    def services_for(
        self, *, group: str | None = None, branch: str | None = None, holder: Holder | None = None
    ) -> tuple[Service, ...]:
        """The services of `group` (and the groups below it) that `branch` offers and `holder` may book."""
        if holder is not None:
            holder = one_of_enum(holder, Holder, "holder")
        offered = self.timetable(self.branch(branch)).services if branch is not None else None
        return tuple(
            service
            for service in self.services
            if (group is None or self.is_in_group(service, group))
            and (offered is None or service.id in offered)
            and (holder is None or holder in service.eligibility.holders)
        )

    def is_in_group(self, service: Service, group: str) -> bool:
        """True if `service` belongs to `group` or a group below it."""
        above: str | None = remade("service", lambda: self.service(service.id)).group
        wanted = self.group(group).id
        while above is not None:
            if above == wanted:
                return True
            above = self._groups[above].parent
        return False

    def _repeated(self) -> Iterable[Fault]:
        names = (("regions", "code"), ("governorates", "id"), ("branches", "id"), ("branches", "code"))
        for kind, name in (*names, ("groups", "id"), ("services", "id"), ("timetables", "id")):
            for value, times in Counter(str(getattr(entry, name)) for entry in getattr(self, kind)).items():
                if times > 1:
                    yield Fault(file=kind, entry=value, field=name, got=f"it {times} times", expected="each once")

    def _dangling(self) -> Iterable[Fault]:
        regions = {region.code for region in self.regions}
        for governorate in self.governorates:
            yield from _leads_to("governorates", governorate, "region", governorate.region, regions)
        for branch in self.branches:
            yield from _leads_to("branches", branch, "governorate", branch.governorate, self._governorates)
            yield from _leads_to("branches", branch, "timetable", branch.timetable, self._timetables)
        for group in self.groups:
            if group.parent is not None:
                yield from _leads_to("groups", group, "parent", group.parent, self._groups)
        for service in self.services:
            yield from _leads_to("services", service, "group", service.group, self._groups)
        for timetable in self.timetables:
            for service_id in sorted(timetable.services):
                yield from _leads_to("timetables", timetable, "services", service_id, self._services)

    def _all_pools(self) -> Iterator[tuple[Timetable, Pool, Mapping[ServiceId, int]]]:
        """Each pool of a timetable, with the minutes of its services; none that the catalogue lacks."""
        for timetable in self.timetables:
            for name, offers in timetable.pools.items():
                listed = sorted(service for offer in offers for service in offer.services)
                durations = {each: self._services[each].duration_minutes for each in listed if each in self._services}
                if durations:
                    yield timetable, Pool(name, pool_step_minutes(offers, durations.values())), durations

    def _long_pools(self) -> Iterator[Fault]:
        for timetable, pool, durations in self._all_pools():
            longest, step = max(durations, key=durations.__getitem__), pool.step_minutes
            if durations[longest] > MOST_STEPS * step:
                yield Fault(
                    file="timetables",
                    entry=timetable.id,
                    field="pool",
                    got=f"{pool.id}: {longest} takes {durations[longest]} minutes, in steps of {step} minutes",
                    expected=f"durations with a greater common step: at most {MOST_STEPS} steps a service",
                )

    def _rings(self) -> Iterable[Fault]:
        # Look-ups climb from group to group: in a ring they would never end.
        ends: dict[str, bool] = {}  # for each group that was climbed from, whether the way up ends
        for group in self.groups:
            way, above = {group.id: True}, group.parent
            while above is not None and above in self._groups and above not in ends and above not in way:
                way[above] = True
                above = self._groups[above].parent
            is_ring = above in way or not ends.get(above or "", True)
            ends.update(dict.fromkeys(way, not is_ring))
            if is_ring:
                expected = "a group above"
                yield Fault(file="groups", entry=group.id, field="parent", got="a ring of groups", expected=expected)


def _leads_to(kind: str, entry: _Named, name: str, value: str, known: Iterable[str]) -> Iterable[Fault]:
    if value not in known:
        yield Fault(file=kind, entry=entry.id, field=name, got=repr(value), expected="a name that is in the catalogue")


def _ids(one_or_several: str | Iterable[str], name: str) -> list[str]:
    if is_a(one_or_several, str):
        return [one_or_several]
    return bounded_list(one_or_several, name, most=MOST_MEMBERS)


def _by_distance(point: Coordinates, name: str, branches: Iterable[Branch]) -> list[tuple[float, str, Branch]]:
    """The branches behind their distances and their ids, in the order of these."""
    start = checked_point(point, name)
    distances = ((great_circle_km(start, branch.location), branch.id, branch) for branch in branches)
    return sorted(distances, key=itemgetter(0, 1))
