"""Loads the catalogue, the rulebook, the working calendar and the periods of retention from TOML files.

Every field is checked. One `InvalidCatalogue` names the file, the entry and the field of every fault. Files are UTF-8,
at most 4 MiB each. Positions in lists count from 1. Shipped files are read once.
"""

from functools import cache
from typing import TYPE_CHECKING

from traffic_booking.adapters.data_files.catalogue_files import read_catalogue
from traffic_booking.adapters.data_files.holiday_file import Calendars, read_calendars, with_announcements
from traffic_booking.adapters.data_files.retention_file import read_retention_file
from traffic_booking.adapters.data_files.rulebook_file import read_rulebook_file
from traffic_booking.adapters.data_files.toml_files import file_at, path_of, shipped_file
from traffic_booking.domain.audit.retention import Retention
from traffic_booking.domain.errors import Fault, InvalidCatalogue
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.domain.value_input import look_up

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "load_catalogue",
    "load_rulebook",
    "load_rulebooks",
    "load_working_calendar",
    "read_retention",
    "shipped_retention",
]


def load_catalogue(folder: "Path | None" = None) -> Catalogue:
    """The catalogue of the five files in `folder`, or the shipped one.

    The files are regions, governorates, branches, services and timetables, each `.toml`. None is replaced by a shipped
    one.
    """
    if folder is None:
        return _shipped_catalogue()
    folder = path_of(folder, "folder")
    try:
        is_folder = folder.is_dir()
    except (OSError, ValueError):  # the name is too long or can't be encoded, or a parent folder may not be entered
        is_folder = False
    if not is_folder:
        where = {"file": str(folder), "entry": "folder", "field": "path"}
        raise InvalidCatalogue([Fault(**where, got="no folder of that name", expected="a folder of TOML files")])
    return read_catalogue(lambda name: file_at(folder / name))


def load_rulebooks(file: "Path | None" = None, *, catalogue: Catalogue | None = None) -> Rulebooks:
    """The versions of the rulebook in `file`, or the shipped ones.

    With a `catalogue`, a service or branch that the catalogue lacks is a fault.
    """
    return _shipped_rulebooks() if file is None else read_rulebook_file(file_at(file), catalogue)


def load_rulebook(file: "Path | None" = None) -> Rulebook:
    """The last version of the rulebook in `file`, or of the shipped one."""
    return load_rulebooks(file).versions[-1]


def load_working_calendar(
    file: "Path | None" = None, *, profile: str | None = None, announcements: "Path | None" = None
) -> WorkingCalendar:
    """The working calendar in `file`, or the shipped one, with more announcements and orders from another file.

    `profile` chooses the holidays; the file has a default. An entry of `announcements` replaces one with the same id or
    for the same month. Raises `NotFound` if the file lacks the profile.
    """
    calendars = _shipped_calendars() if file is None else read_calendars(file_at(file))
    calendar = look_up("profile", calendars.default if profile is None else profile, calendars.by_profile)
    return (
        calendar
        if announcements is None
        else with_announcements(calendar, calendars.by_profile, file_at(announcements))
    )


def read_retention(file: "Path") -> Retention:
    """The periods of retention in `file`."""
    return read_retention_file(file_at(file))


@cache
def shipped_retention() -> Retention:
    """The shipped periods of retention, read once."""
    return read_retention_file(shipped_file("retention.toml"))


@cache
def _shipped_catalogue() -> Catalogue:
    return read_catalogue(shipped_file)


@cache
def _shipped_rulebooks() -> Rulebooks:
    return read_rulebook_file(shipped_file("rulebook.toml"))


@cache
def _shipped_calendars() -> Calendars:
    return read_calendars(shipped_file("holidays.toml"))
