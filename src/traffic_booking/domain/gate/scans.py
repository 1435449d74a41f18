"""A scan of a ticket at a gate, and the use of a ticket that a scan made."""

from datetime import datetime
from typing import Final, NewType

from attrs import field
from attrs.converters import optional

from traffic_booking.domain.appointments.numbers import AppointmentNumber, appointment_number
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.gate.results import GateResult
from traffic_booking.domain.instants import instant
from traffic_booking.domain.places.geography import BranchId, branch_id
from traffic_booking.domain.text_input import RequestId, cleaned, plain_text, request_id, slug
from traffic_booking.domain.value_input import of_type
from traffic_booking.domain.values import frozen

GateName = NewType("GateName", str)
"""The name of a gate, a slug such as `gate-1`: one for each device that scans by itself."""

LONGEST_SCANNED: Final = 512
"""The most characters of a scanned code, or of a typed number."""


def gate_name(text: object) -> GateName:
    """`text` as the name of a gate. Raises `InvalidInput`."""
    return GateName(slug(text, "gate"))


def scanned_text(text: object) -> str:
    """`text` as a scanner sent it, cleaned. Characters that no code has are replaced, and a long text is cut.

    Raises `InvalidInput` if it is no text, or empty.
    """
    plain = plain_text(text, "code")
    clean = cleaned(plain[: 4 * LONGEST_SCANNED])[: LONGEST_SCANNED + 1]
    if not clean:
        raise InvalidInput("code", got="nothing", expected=f"1 to {LONGEST_SCANNED} characters")
    shown = clean if clean.isprintable() else "".join(each if each.isprintable() else "\ufffd" for each in clean)
    return shown[:LONGEST_SCANNED]


def shortened(text: str) -> str:
    """The first two characters of a text and its length: they show a broken scanner, and no name."""
    return f"{text[:2]}\u2026 {len(text)}"


@frozen(kw_only=True)
class TicketUse:
    """The scan that used a ticket: its id, its instant (UTC), and the gate if one is recorded."""

    scan_id: RequestId | None = field(default=None, converter=optional(request_id))
    happened_at: datetime = field(converter=instant)
    gate: GateName | None = field(default=None, converter=optional(gate_name))

    @property
    def order(self) -> tuple[datetime, str]:
        """The place of the use among those of one ticket: the first by instant, then by scan id, counts."""
        return self.happened_at, self.scan_id or ""


@frozen(kw_only=True)
class Scan:
    """One scan at a gate without a store, as its journal keeps it.

    `code` is the text that was scanned; of one that is no code, its first two characters and its length. `number` is
    the one that was read in it, `result` the gate's answer, and
    `happened_at` is in UTC. `scan_id` names this scan among all of them: a merge takes it as the id of the request.
    """

    scan_id: RequestId = field(converter=request_id)
    code: str = field(converter=scanned_text, repr=False)
    gate: GateName = field(converter=gate_name)
    branch: BranchId = field(converter=branch_id)
    happened_at: datetime = field(converter=instant)
    result: GateResult = field(validator=of_type(GateResult))
    number: AppointmentNumber | None = field(default=None, converter=optional(appointment_number))

    @property
    def use(self) -> TicketUse:
        """The use of the ticket that the scan made if the gate admitted it."""
        return TicketUse(scan_id=self.scan_id, happened_at=self.happened_at, gate=self.gate)
