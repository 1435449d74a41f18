"""Where the content of a data file comes from: the table `[provenance]`, without which no file is accepted."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any, Final

from attrs import frozen

from traffic_booking.adapters.data_files.tables import Place, Shape, many, one_of, scalar, text
from traffic_booking.domain.text_input import bounded_text

LONGEST_TITLE: Final = 200
LONGEST_NOTE: Final = 4_000


class FigureStatus(StrEnum):
    """What a file's content is: facts as of a day, made up, or assumed and not the department's word."""

    FACTS = "facts"
    SYNTHETIC = "synthetic"
    UNOFFICIAL = "unofficial"


@frozen(kw_only=True)
class Source:
    """One source of a file's content, with its licence."""

    name: str
    licence: str
    note: str = ""


@frozen(kw_only=True)
class Provenance:
    """What a file is, what its content is worth, the day it was true, and its sources."""

    title: str
    status: FigureStatus
    as_of: date
    note: str
    sources: tuple[Source, ...]


_title = text(partial(bounded_text, field="text", longest=LONGEST_TITLE))
_note = text(partial(bounded_text, field="text", longest=LONGEST_NOTE, lines=True))

SOURCE: Final = Shape(Source, required={"name": _note, "licence": _title}, optional={"note": _note})

PROVENANCE: Final = Shape(
    Provenance,
    required={
        "title": _title,
        "status": one_of({status.value: status for status in FigureStatus}),
        "as_of": scalar(date, lambda day: day),
        "note": _note,
        "sources": many(SOURCE, least=1),
    },
)


def provenance(table: Mapping[str, Any], place: Place) -> Provenance | None:
    """The provenance of a file, from its table."""
    of_file = place.of("provenance")
    if "provenance" not in table:
        of_file.fault(got="nothing", expected="a table [provenance]")
        return None
    return PROVENANCE(table["provenance"], of_file)
