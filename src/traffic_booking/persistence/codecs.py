"""A codec for each kind of value that is stored as JSON text, or as a part of it."""

from json import loads
from typing import Any, Final, Generic, TypeVar

from traffic_booking.domain.appointments.commands import Command
from traffic_booking.domain.decisions.outcomes import Outcome
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.places.services import ServiceTerms
from traffic_booking.domain.rules.restrictions import Suspension
from traffic_booking.domain.schedule.entries import CalendarEntry, CalendarRecord
from traffic_booking.persistence.converter import RECORD_TAGS, new_converter
from traffic_booking.persistence.writing import encode

T = TypeVar("T")

_CONVERTER: Final = new_converter()


class Codec(Generic[T]):
    """Writes one kind of value as JSON, and reads it back."""

    def __init__(self, name: str, kind: Any) -> None:
        self.name = name
        self._to_data = _CONVERTER.get_unstructure_hook(kind)
        self._from_data = _CONVERTER.get_structure_hook(kind)
        self._kind = kind

    def data(self, value: T) -> dict[str, Any]:
        """`value` as JSON-able data, the caller's own."""
        made = self._to_data(value)
        assert isinstance(made, dict)
        return made

    def text(self, value: T) -> str:
        """`value` as JSON text."""
        return encode(self._to_data(value))

    def from_data(self, data: object) -> T:
        """The value that `data` stands for. Raises `InvalidInput`, whose message quotes nothing of it."""
        return self._read(lambda: data)

    def from_text(self, text: str) -> T:
        """The value that `text` stands for. Raises `InvalidInput`, whose message quotes nothing of it."""
        return self._read(lambda: loads(text))

    def _read(self, source: Any) -> T:
        try:
            value: T = self._from_data(source(), self._kind)
            return value
        except Exception as error:  # noqa: BLE001 - data may be wrong in any way, and each is the same fault
            fault = type(error).__name__
        # Outside the handler, so that no error that quotes a person's data is chained to this one.
        raise InvalidInput(f"stored {self.name}", got=f"what can't be read ({fault})", expected="as written")


ASSERTED: Final[Codec[Assertions]] = Codec("assertions", Assertions)
COMMAND: Final[Codec[Command]] = Codec("command", Command)
ENTRY: Final[Codec[CalendarEntry]] = Codec("calendar entry", CalendarEntry)
OUTCOME: Final[Codec[Outcome]] = Codec("outcome", Outcome)
RECORD: Final[Codec[CalendarRecord]] = Codec("calendar record", CalendarRecord)
SUSPENSION: Final[Codec[Suspension]] = Codec("suspension", Suspension)
SERVICE_TERMS: Final[Codec[ServiceTerms]] = Codec("service terms", ServiceTerms)


def storable_record(record: object) -> CalendarRecord:
    """`record`, if a store gives it back as it is: every desk reads every record. Raises `InvalidInput`."""
    if type(record) not in RECORD_TAGS:
        raise InvalidInput("record", got=type(record).__name__, expected="a record of the working calendar")
    try:
        read = RECORD.from_text(RECORD.text(record).encode().decode())  # type: ignore[arg-type] # its tag was found
    except Exception:  # noqa: BLE001 - a value of another type may fail in any way
        read = None
    if read is None or read != record:
        raise InvalidInput("record", got="one that can't be read back", expected="values of the declared types")
    return read
