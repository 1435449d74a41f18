"""What a command answers: a machine form, and the same thing as parts to be read."""

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from traffic_booking import AvailableSlot, Bilingual
from traffic_booking.adapters.cli.options import Options

DONE = 0
REFUSED = 1


@frozen(kw_only=True)
class Listing:
    """A table: its headers, and rows of as many cells; `empty` is said where there are no rows."""

    headers: tuple[Bilingual, ...]
    rows: Sequence[Sequence[str]]
    empty: Bilingual | None = None


@frozen
class Facts:
    """Named values, one a line."""

    entries: tuple[tuple[Bilingual, str], ...]


@frozen
class Sentence:
    """A line in the language that is spoken; `loud` ones stand out."""

    text: Bilingual
    loud: bool = False


@frozen
class Verbatim:
    """Text that is printed as it is, such as a ticket."""

    text: str


Part = Listing | Facts | Sentence | Verbatim


@frozen
class Reply:
    """The answer to one command."""

    options: Options
    form: Mapping[str, object]
    parts: tuple[Part, ...] = ()
    exit_code: int = field(default=DONE, kw_only=True)


def written_time(slot: AvailableSlot) -> str:
    """The start of a slot as `--at` takes it."""
    return f"{slot.starts_at:%Y-%m-%dT%H:%M}"
