"""The five files of a catalogue, read together: the faults of all of them at once, including those between files."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import evolve

from traffic_booking.adapters.data_files import catalogue_shapes as shapes
from traffic_booking.adapters.data_files.tables import Entries, Faults, Reader, entries
from traffic_booking.adapters.data_files.toml_files import DataFile, FigureStatus, check_top, toml_table
from traffic_booking.domain.errors import Fault, InvalidCatalogue, InvalidInput
from traffic_booking.domain.places.services import Instructions, Service
from traffic_booking.domain.schedule.catalogue import Catalogue

FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "regions.toml": ("regions",),
    "governorates.toml": ("governorates",),
    "branches.toml": ("branches",),
    "services.toml": ("groups", "services"),
    "timetables.toml": ("timetables",),
}
"""The lists that each file has beside its provenance."""

GENERAL_INSTRUCTIONS: Final = "general_instructions"
"""The table of services.toml with the text that follows the instructions of every service."""

_FILE_OF: Final = {kind: file for file, kinds in FILES.items() for kind in kinds}

_LEADS_TO: Final[Mapping[tuple[str, str], str]] = {
    ("governorates", "region"): "regions",
    ("branches", "governorate"): "governorates",
    ("branches", "timetable"): "timetables",
    ("groups", "parent"): "groups",
    ("services", "group"): "groups",
    ("timetables", "services"): "services",
}


def read_catalogue(file_of: Callable[[str], DataFile]) -> Catalogue:
    """The catalogue in the five files. Raises `InvalidCatalogue` with every fault."""
    found: list[Fault] = []
    lists: dict[str, Entries[Any]] = {}
    for name, kinds in FILES.items():
        lists |= _lists(file_of(name), kinds, Faults(name, found))
    try:
        catalogue = Catalogue(**{kind: entries.sound for kind, entries in lists.items()})
    except InvalidCatalogue as error:
        between = [fault for fault in error.faults if not _follows_from_another(fault, lists)]
        found += [evolve(fault, file=_FILE_OF[fault.file]) for fault in between]
        raise InvalidCatalogue(tuple(dict.fromkeys(found))) from None
    if found:
        raise InvalidCatalogue(found)
    return catalogue


def _lists(file: DataFile, kinds: tuple[str, ...], faults: Faults) -> dict[str, Entries[Any]]:
    table = toml_table(file, faults)
    if table is None:
        return dict.fromkeys(kinds, Entries())
    general = (GENERAL_INSTRUCTIONS,) if "services" in kinds else ()
    synthetic = check_top(table, (*kinds, *general), faults) is FigureStatus.SYNTHETIC
    readers: dict[str, Reader] = {
        "regions": shapes.REGION,
        "governorates": shapes.GOVERNORATE,
        "branches": shapes.branch_shape(synthetic=synthetic),
        "groups": shapes.GROUP,
        "services": shapes.SERVICE,
        "timetables": shapes.TIMETABLE,
    }
    lists = {
        kind: entries(table, kind, readers[kind], faults, named="code" if kind == "regions" else "id") for kind in kinds
    }
    if "services" in lists:
        instructions = faults.read(table, GENERAL_INSTRUCTIONS, shapes.INSTRUCTIONS, optional=True)
        if instructions is not None:
            followed = tuple(_followed(lists["services"].sound, instructions, faults))
            lists["services"] = lists["services"]._replace(sound=followed)
    return lists


def _followed(services: Iterable[Service], general: Instructions, faults: Faults) -> Iterator[Service]:
    """The services, each with the general text after its own instructions."""
    for service in services:
        try:
            yield evolve(service, instructions=service.instructions.followed_by(general))
        except InvalidInput as error:  # the two together are too long
            faults.add("instructions.text", got=error.got, expected=error.expected, entry=service.id)
            yield service


def _follows_from_another(fault: Fault, lists: Mapping[str, Entries[Any]]) -> bool:
    """True if a name leads nowhere only because the entry of that name, or its file, has faults of its own."""
    kind = _LEADS_TO.get((fault.file, fault.field))
    if kind is None or not fault.expected.startswith("a name"):
        return False
    return not lists[kind].readable or fault.got in {repr(name) for name in lists[kind].names}
