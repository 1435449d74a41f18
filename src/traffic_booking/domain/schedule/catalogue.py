"""The catalogue: which places there are, what is done there, and when. Hosts may pass their own."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from attrs import field, frozen

from traffic_booking.domain.errors import Fault, InvalidCatalogue, InvalidInput, NotFound
from traffic_booking.domain.places.geography import Branch, Coordinates, Governorate, Region
from traffic_booking.domain.places.services import Audience, Holder, Service, ServiceGroup, ServiceTerms, terms_of
from traffic_booking.domain.schedule.timetables import Timetable


class _Named(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T")


@frozen(kw_only=True)
class Catalogue:
    """Regions, governorates, branches, groups, services and timetables that fit together.

    Raises `InvalidCatalogue` with every fault: an id or code given twice, a name that leads nowhere, a ring of
    groups. Look-ups raise `NotFound`, which lists known names. All sequences keep the catalogue's order unless they
    say otherwise.
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
    _service_terms: Mapping[str, ServiceTerms] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        for name in ("governorates", "branches", "groups", "services", "timetables"):
            object.__setattr__(self, f"_{name}", {entry.id: entry for entry in getattr(self, name)})
        faults = (*self._repeated(), *self._dangling(), *self._rings())
        if faults:
            raise InvalidCatalogue(faults)
        service_terms = {service.id: terms_of(service, self.services) for service in self.services}
        object.__setattr__(self, "_service_terms", service_terms)

    def region(self, code: str) -> Region:
        """The region of that ISO 3166-2:SA code."""
        return _found("region", code, {region.code: region for region in self.regions})

    def governorate(self, governorate_id: str) -> Governorate:
        """The governorate of that id."""
        return _found("governorate", governorate_id, self._governorates)

    def branch(self, branch_id: str) -> Branch:
        """The branch of that id."""
        return _found("branch", branch_id, self._branches)

    def group(self, group_id: str) -> ServiceGroup:
        """The group of that id."""
        return _found("service group", group_id, self._groups)

    def service(self, service_id: str) -> Service:
        """The service of that id."""
        return _found("service", service_id, self._services)

    def terms_of(self, service_id: str) -> ServiceTerms:
        """What the rules see of the service of that id."""
        return _found("service", service_id, self._service_terms)

    def timetable(self, branch: Branch) -> Timetable:
        """The timetable of `branch`."""
        return self._timetables[branch.timetable]

    def timetable_of(self, branch_id: str) -> Timetable:
        """The timetable of the branch of that id."""
        return self._timetables[self.branch(branch_id).timetable]

    def governorates_in(self, region: str) -> tuple[Governorate, ...]:
        """The governorates of a region."""
        code = self.region(region).code
        return tuple(governorate for governorate in self.governorates if governorate.region == code)

    def branches_for(
        self,
        *,
        service: str | None = None,
        governorate: str | None = None,
        near: Coordinates | None = None,
    ) -> tuple[Branch, ...]:
        """The branches that offer `service`, in `governorate`; nearest first where `near` is given."""
        if service is not None:
            self.service(service)
        if governorate is not None:
            self.governorate(governorate)
        branches = [
            branch
            for branch in self.branches
            if (governorate is None or branch.governorate == governorate)
            and (service is None or service in self.timetable(branch).services)
        ]
        if near is not None:
            branches.sort(key=lambda branch: (near.distance_km(branch.location), branch.id))
        return tuple(branches)

    def groups_of(self, audience: Audience) -> tuple[ServiceGroup, ...]:
        """The groups of an audience."""
        return tuple(group for group in self.groups if group.audience == audience)

    def services_for(
        self,
        *,
        group: str | None = None,
        branch: str | None = None,
        holder: Holder | None = None,
    ) -> tuple[Service, ...]:
        """The services of `group` (and the groups below it) that `branch` offers and `holder` may book."""
        offered = self.timetable(self.branch(branch)).services if branch is not None else None
        return tuple(
            service
            for service in self.services
            if (group is None or self.is_in_group(service, group))
            and (offered is None or service.id in offered)
            and (holder is None or holder in service.eligibility.holders)
        )

    def is_in_group(self, service: Service, group: str) -> bool:
        """Whether `service` belongs to `group` or a group below it."""
        above: str | None = service.group
        wanted = self.group(group).id
        while above is not None:
            if above == wanted:
                return True
            above = self._groups[above].parent
        return False

    def _repeated(self) -> Iterable[Fault]:
        names: list[tuple[str, str, list[str]]] = [
            ("regions", "code", [str(region.code) for region in self.regions]),
            ("governorates", "id", [str(entry.id) for entry in self.governorates]),
            ("branches", "id", [str(entry.id) for entry in self.branches]),
            ("branches", "code", [str(entry.code) for entry in self.branches]),
            ("groups", "id", [str(entry.id) for entry in self.groups]),
            ("services", "id", [str(entry.id) for entry in self.services]),
            ("timetables", "id", [str(entry.id) for entry in self.timetables]),
        ]
        for kind, name, values in names:
            for value, times in Counter(values).items():
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

    def _rings(self) -> Iterable[Fault]:
        for group in self.groups:
            seen, above = {group.id}, group.parent
            while above is not None and above in self._groups:
                if above in seen:
                    yield Fault(
                        file="groups", entry=group.id, field="parent", got="a ring of groups", expected="a group above"
                    )
                    break
                seen.add(above)
                above = self._groups[above].parent


def _leads_to(kind: str, entry: _Named, name: str, value: str, known: Iterable[str]) -> Iterable[Fault]:
    if value not in known:
        yield Fault(file=kind, entry=entry.id, field=name, got=repr(value), expected="a name that is in the catalogue")


def _found(what: str, name: str, known: Mapping[str, T]) -> T:
    if not isinstance(name, str):
        raise InvalidInput(what, got=type(name).__name__, expected="text")
    try:
        return known[name]
    except KeyError:
        raise NotFound(what, name[:64], known=sorted(known)) from None
