"""The kinds of value that have a form on the wire, each written to text and read back from it."""

from collections.abc import Callable
from json import loads
from typing import Any, Final, Generic, TypeVar

from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.commands import Command
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.events import AppointmentEvent
from traffic_booking.domain.outcomes import Outcome, RequestRefused
from traffic_booking.domain.rules.cases import Case
from traffic_booking.domain.rules.verdict import Findings, Verdict
from traffic_booking.domain.services import ServiceTerms
from traffic_booking.domain.slots import SlotKey
from traffic_booking.domain.working_time import CalendarEntry, CalendarRecord
from traffic_booking.persistence.converter import CASE_TAGS, COMMAND_TAGS, EVENT_TAGS, OUTCOME_TAGS, new_converter
from traffic_booking.persistence.writing import Writers

T = TypeVar("T")

_CONVERTER: Final = new_converter()
WRITERS: Final = Writers(
    _CONVERTER,
    ((Case, CASE_TAGS), (Outcome, OUTCOME_TAGS), (AppointmentEvent, EVENT_TAGS)),
    said_again=(ServiceTerms, SlotKey),
)
"""A booking says its slot several times, and its service's terms as every other one for that service."""
_AS_ASKED: Final = Writers(_CONVERTER, ((Command, COMMAND_TAGS),))
"""A slot that is only asked for has not been looked up: what may have been typed isn't remembered."""


class Codec(Generic[T]):
    """How one kind of value looks on the wire."""

    def __init__(self, name: str, kind: Any, writers: Writers = WRITERS) -> None:
        self.name = name
        self._to_data = _CONVERTER.get_unstructure_hook(kind)
        self.text: Callable[[T], str] = writers.of(kind)
        """What writes a value as JSON text."""
        self._from_data = _CONVERTER.get_structure_hook(kind)
        self._kind = kind

    def data(self, value: T) -> dict[str, Any]:
        """`value` as JSON-able data, the caller's own."""
        made = self._to_data(value)
        assert isinstance(made, dict)
        return made

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
        # Outside the handler, so that no error that quotes a person's data hangs on to this one.
        raise InvalidInput(f"stored {self.name}", got=f"what can't be read ({fault})", expected="as written")


APPOINTMENT: Final[Codec[Appointment]] = Codec("appointment", Appointment)
CASE: Final[Codec[Case]] = Codec("case", Case)
COMMAND: Final[Codec[Command]] = Codec("command", Command, _AS_ASKED)
ENTRY: Final[Codec[CalendarEntry]] = Codec("calendar entry", CalendarEntry)
EVENT: Final[Codec[AppointmentEvent]] = Codec("event", AppointmentEvent)
FINDINGS: Final[Codec[Findings]] = Codec("findings", Findings)
OUTCOME: Final[Codec[Outcome]] = Codec("outcome", Outcome)
RECORD: Final[Codec[CalendarRecord]] = Codec("calendar record", CalendarRecord)
REFUSED: Final[Codec[RequestRefused]] = Codec("refused request", RequestRefused)
VERDICT: Final[Codec[Verdict]] = Codec("verdict", Verdict)
