"""The catalogue, the rulebook, the working calendar and the periods of retention from TOML files: shipped or a host's.

Everything is checked while loading; one `InvalidCatalogue` then names the file, the entry and the field of every fault.
Files are UTF-8, at most 4 MiB each. Positions in lists count from 1.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path

from traffic_booking.adapters.data_files.catalogue_files import read_catalogue
from traffic_booking.adapters.data_files.holiday_file import Calendars, read_calendars
from traffic_booking.adapters.data_files.retention_file import read_retention
from traffic_booking.adapters.data_files.rulebook_file import read_rulebooks
from traffic_booking.domain.audit.retention import Retention
from traffic_booking.domain.errors import Fault, InvalidCatalogue, NotFound
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar

__all__ = [
    "load_catalogue",
    "load_rulebook",
    "load_rulebooks",
    "load_working_calendar",
    "read_retention",
    "shipped_retention",
]


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """The catalogue of the five files in `folder`; of the shipped ones where it is left out (read once, then kept).

    A folder holds all five: regions, governorates, branches, services and timetables, each `.toml`. Nothing is filled
    in from the shipped files.
    """
    if folder is None:
        return _shipped_catalogue()
    if not _is_folder(folder):
        where = {"file": str(folder), "entry": "folder", "field": "path"}
        raise InvalidCatalogue([Fault(**where, got="no folder of that name", expected="a folder of TOML files")])
    return read_catalogue(folder)


def load_rulebooks(file: Path | None = None, *, catalogue: Catalogue | None = None) -> Rulebooks:
    """The versions of the rulebook in `file`; the shipped ones where it is left out (read once, then kept).

    With a `catalogue`, a version that names a service or branch which it doesn't have is a fault like the others.
    """
    return _shipped_rulebooks() if file is None else read_rulebooks(file, catalogue)


def load_rulebook(file: Path | None = None) -> Rulebook:
    """The last version of the rulebook in `file`; of the shipped one where it is left out."""
    return load_rulebooks(file).versions[-1]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long, or a folder above that may not be entered
        return False


def load_working_calendar(file: Path | None = None, *, profile: str | None = None) -> WorkingCalendar:
    """The working calendar in `file`; the shipped one where it is left out (read once, then kept).

    `profile` chooses whose holidays it follows, the file's own default where it is left out. Raises `NotFound` for a
    profile that the file doesn't know.
    """
    calendars = _shipped_calendars() if file is None else read_calendars(file)
    name = calendars.default if profile is None else profile
    try:
        return calendars.by_profile[name]
    except KeyError:
        raise NotFound("profile", name[:64], known=sorted(calendars.by_profile)) from None


@cache
def shipped_retention() -> Retention:
    """The periods that are shipped (read once, then kept); `read_retention` reads those of a host's file."""
    return read_retention(files("traffic_booking") / "data" / "retention.toml")


@cache
def _shipped_catalogue() -> Catalogue:
    return read_catalogue(files("traffic_booking") / "data")


@cache
def _shipped_rulebooks() -> Rulebooks:
    return read_rulebooks(files("traffic_booking") / "data" / "rulebook.toml")


@cache
def _shipped_calendars() -> Calendars:
    return read_calendars(files("traffic_booking") / "data" / "holidays.toml")
