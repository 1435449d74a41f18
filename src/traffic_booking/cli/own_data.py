"""The command `own-data`: all that the store holds about a person, to be handed over to them."""

from os.path import lexists
from pathlib import Path
from typing import Annotated, Final

from attrs import evolve as copy_with
from cyclopts import Parameter

from traffic_booking import Bilingual, Clerk, InvalidInput, OwnData, own_data_page, to_json
from traffic_booking.cli import words
from traffic_booking.cli.options import DEFAULTS, Applicant, Options, ReadingClerk
from traffic_booking.cli.printing.files import OUT, folder_of, write_whole
from traffic_booking.cli.reply import NamedValues, Reply, Sentence
from traffic_booking.cli.typed_values import applicant_of, impersonal

APPOINTMENTS: Final = Bilingual("المواعيد", "appointments")
DECISIONS: Final = Bilingual("القرارات", "decisions")
FILE: Final = Bilingual("الملف", "file")
LOGGED: Final = Bilingual("سُجّل هذا الاطلاع.", "This look at the data is in the log.")
LOOK_UPS: Final = Bilingual("مرات الاطلاع", "look-ups")
SESSIONS: Final = Bilingual("جلسات الدخول", "sessions")


def own_data(
    *,
    applicant: Applicant = None,
    clerk: ReadingClerk = None,
    reason: str = "",
    out: Annotated[Path | None, Parameter(help="The new FILE.html: a page to read, to print or to hand over.")] = None,
    options: Options = DEFAULTS,
) -> Reply:
    """Collect all that the store holds about a person, for themself or for a clerk who hands it over; it is logged.

    Args:
        reason: Why a clerk does this; it is kept, and may not name the person.
    """
    person, language = applicant_of(applicant), options.output_language
    by = person if clerk is None else Clerk(impersonal(clerk, "clerk"))
    if out is not None and lexists(out):
        raise _exists(out)  # before the log has a look at data that nobody gets
    with options.desk() as desk:
        own = desk.maintenance.own_data(person, by=by, reason=reason)
        catalogue = desk.catalogue
    parts = [_facts(own)]
    if out is not None:
        page = copy_with(own_data_page(own, language, catalogue=catalogue), file_name=out.name)
        if not write_whole(page, folder_of(out.parent), overwrite=False):
            raise _exists(out)
        parts.append(NamedValues((FILE, str(out))))
    return Reply(options, to_json(own), *parts, Sentence(LOGGED))


def _exists(out: Path) -> InvalidInput:
    return InvalidInput(OUT, got=f"{out}: File exists", expected="a new file in a folder that can be written")


def _facts(own: OwnData) -> NamedValues:
    counted = (
        (APPOINTMENTS, own.appointments),
        (DECISIONS, own.decisions),
        (LOOK_UPS, own.look_ups),
        (SESSIONS, own.sessions),
    )
    return NamedValues((words.ID, own.person_id), *((label, str(len(each))) for label, each in counted))
