"""The five files of a catalogue, read together: the faults of all of them at once, those between files included."""

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import Any, Final

from attrs import evolve

from traffic_booking.adapters.data_files.place_files import GOVERNORATE, REGION, branch_shape
from traffic_booking.adapters.data_files.provenance import FigureStatus, provenance
from traffic_booking.adapters.data_files.service_files import GROUP, SERVICE
from traffic_booking.adapters.data_files.tables import Entries, Place, Reader, entries, unknown_fields
from traffic_booking.adapters.data_files.timetable_files import TIMETABLE
from traffic_booking.adapters.data_files.toml_files import toml_table
from traffic_booking.domain.errors import Fault, InvalidCatalogue
from traffic_booking.domain.schedule.catalogue import Catalogue

FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "regions.toml": ("regions",),
    "governorates.toml": ("governorates",),
    "branches.toml": ("branches",),
    "services.toml": ("groups", "services"),
    "timetables.toml": ("timetables",),
}
"""The lists that each file holds beside its provenance."""

_FILE_OF: Final = {kind: file for file, kinds in FILES.items() for kind in kinds}

_LEADS_TO: Final[Mapping[tuple[str, str], str]] = {
    ("governorates", "region"): "regions",
    ("branches", "governorate"): "governorates",
    ("branches", "timetable"): "timetables",
    ("groups", "parent"): "groups",
    ("services", "group"): "groups",
    ("timetables", "services"): "services",
}


def read_catalogue(folder: Traversable) -> Catalogue:
    """The catalogue that the files in `folder` hold. Raises `InvalidCatalogue` with every fault."""
    faults: list[Fault] = []
    lists: dict[str, Entries[Any]] = {}
    for file, kinds in FILES.items():
        lists |= _lists(folder / file, kinds, Place(file=file, faults=faults))
    try:
        catalogue = Catalogue(**{kind: found.sound for kind, found in lists.items()})
    except InvalidCatalogue as error:
        between = [fault for fault in error.faults if not _follows_from_another(fault, lists)]
        faults += [evolve(fault, file=_FILE_OF[fault.file]) for fault in between]
        raise InvalidCatalogue(tuple(dict.fromkeys(faults))) from None
    if faults:
        raise InvalidCatalogue(faults)
    return catalogue


def _lists(file: Traversable, kinds: tuple[str, ...], place: Place) -> dict[str, Entries[Any]]:
    table = toml_table(file, place)
    if table is None:
        return dict.fromkeys(kinds, Entries())
    unknown_fields(table, dict.fromkeys((*kinds, "provenance")), place)
    of_file = provenance(table, place)
    readers: dict[str, Reader] = {
        "regions": REGION,
        "governorates": GOVERNORATE,
        "branches": branch_shape(synthetic=of_file is not None and of_file.status is FigureStatus.SYNTHETIC),
        "groups": GROUP,
        "services": SERVICE,
        "timetables": TIMETABLE,
    }
    return {
        kind: entries(table, kind, readers[kind], place, named="code" if kind == "regions" else "id") for kind in kinds
    }


def _follows_from_another(fault: Fault, lists: Mapping[str, Entries[Any]]) -> bool:
    """Whether a name leads nowhere only because what it names, or the file of that, has faults of its own."""
    kind = _LEADS_TO.get((fault.file, fault.field))
    if kind is None or not fault.expected.startswith("a name"):
        return False
    return not lists[kind].readable or fault.got in {repr(name) for name in lists[kind].names}
