"""The gate without a store."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from attrs import evolve

from traffic_booking.adapters.clock import SystemClock
from traffic_booking.adapters.ticket_codes import CoseCodes
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.errors import InvalidInput, RequestMismatch
from traffic_booking.domain.gate.answers import GateAnswer
from traffic_booking.domain.gate.day_list import DayList
from traffic_booking.domain.gate.results import GateResult
from traffic_booking.domain.gate.scanning import GateView, answer_scan, number_in
from traffic_booking.domain.gate.scans import Scan, TicketUse, gate_name, scanned_text, shortened
from traffic_booking.domain.instants import instant
from traffic_booking.domain.signing.code_reading import CodeFault, ReadCode, RefusedCode, VerifiedCode
from traffic_booking.domain.signing.keys import keys_by_id
from traffic_booking.domain.text_input import request_id
from traffic_booking.domain.value_input import with_methods
from traffic_booking.gate.journal import Journal
from traffic_booking.gate.list_file import LARGEST, read_day_list
from traffic_booking.persistence.private_files import read_file
from traffic_booking.ports.clock import Clock

_CODES: Final = CoseCodes()
_FREE_TEXT: Final = frozenset({CodeFault.NOT_A_CODE, CodeFault.MALFORMED})
"""The faults of texts in which somebody may have typed the name or the id of a person."""


class OfflineGate:
    """A gate that answers scans by a list of the day, and keeps each scan in its journal.

    A journal may be continued with a newer list, and by the same gate after a failure. Threads may share one gate.
    """

    def __init__(
        self,
        listed: DayList,
        journal: "Path | str",
        *,
        gate: str,
        public_keys: Sequence[bytes] = (),
        clock: Clock | None = None,
    ) -> None:
        """Begin with a list that was read before; `open` reads its file. Arguments and errors are those of `open`."""
        if type(listed) is not DayList:
            raise InvalidInput("list", got=type(listed).__name__, expected="a DayList")
        self.list = listed
        self.gate = gate_name(gate)
        self._keys = tuple(keys_by_id(public_keys).values())
        self._clock: Clock = SystemClock() if clock is None else with_methods(clock, "clock", "now")
        self._scans: dict[str, Scan] = {}
        self._uses: dict[AppointmentNumber, TicketUse] = {}
        self._lock = Lock()
        self._journal = Journal(journal)
        for each in self._journal.scans:
            self._keep(each)

    @classmethod
    def open(
        cls,
        list_file: "Path | str",
        journal: "Path | str",
        *,
        gate: str,
        public_keys: Sequence[bytes] = (),
        accept_unsigned: bool = False,
        clock: Clock | None = None,
    ) -> Self:
        """Open the list of a day and a journal, which is made if it is missing.

        Example: `with OfflineGate.open("gate.list", "gate-1.journal", gate="gate-1", public_keys=keys) as gate: …`.

        Args:
            list_file: The file that the desk exported.
            journal: The file of scans, one for each device.
            gate: The name of this gate, a slug.
            public_keys: Ed25519 public keys of 32 bytes, for the list and for signed tickets.
            accept_unsigned: True to accept a list without a signature.
            clock: The clock of the machine, unless given.

        Raises:
            InvalidInput: The list can't be read, was altered, or was signed by an unknown key; the journal has a line
                that is no scan, or another process has it open; or an argument is malformed.
            MissingExtra: The packages for verifying are not installed.
            StoreUnavailable: The journal can't be written.
        """
        content = read_file(list_file, "list", "the file of a list", longest=LARGEST + 1, private=False)
        listed = read_day_list(content, public_keys, accept_unsigned=accept_unsigned)
        return cls(listed, journal, gate=gate, public_keys=public_keys, clock=clock)

    @property
    def scans(self) -> tuple[Scan, ...]:
        """The scans in the journal, in their order."""
        with self._lock:
            return tuple(self._scans.values())

    def scan(self, code: str, *, scan_id: str | None = None) -> GateAnswer:
        """Answer one scan, once it is in the journal.

        A scan id that was used before gets its answer again, by the list that is open now.
        Example: `gate.scan(text).message("ar")`.

        Args:
            code: The scanned text of a ticket, or a typed number.
            scan_id: The name of this scan among those of all gates, 1 to 128 visible characters. A new one, unless
                given.

        Raises:
            InvalidInput: An argument is malformed. A text that is no code is an answer, not an error.
            RequestMismatch: `scan_id` was used for another code.
            StoreUnavailable: The scan could not be written. Nobody was admitted; scan again.
            StoreClosed: The gate is closed.
        """
        text, checked = scanned_text(code), request_id(str(uuid4()) if scan_id is None else scan_id)
        read = _CODES.read(text, self._keys)
        if isinstance(read, RefusedCode) and read.fault in _FREE_TEXT:
            text = shortened(text)
        now = instant(self._clock.now())
        with self._lock:
            before = self._scans.get(checked)
            if before is not None and before.code != text:
                raise RequestMismatch(checked)
            happened_at = now if before is None else before.happened_at
            answer = self._answer(read, checked, happened_at, now)
            if before is not None:
                return evolve(answer, result=before.result) if before.result.admits else answer
            scan = Scan(
                scan_id=checked,
                code=text,
                gate=self.gate,
                branch=self.list.branch,
                happened_at=now,
                result=answer.result,
                number=answer.number,
            )
            self._journal.append(scan)
            self._keep(scan)
        return answer

    def _answer(self, read: ReadCode, scan_id: str, happened_at: datetime, now: datetime) -> GateAnswer:
        listed, number = self.list, number_in(read)
        checked = request_id(scan_id)
        if not listed.as_of <= happened_at < listed.until:
            return GateAnswer(
                scan_id=checked,
                result=GateResult.OUTDATED_LIST,
                happened_at=happened_at,
                answered_at=now,
                time_zone=listed.time_zone,
                number=number,
            )
        known = None if number is None else listed.ticket(number)
        uses = [each for each in (known and known.use, number and self._uses.get(number)) if each]
        view = GateView(
            branch=listed.branch,
            code=listed.code,
            time_zone=listed.time_zone,
            rules=listed.rules_at(happened_at),
            known=known,
            use=min(uses, key=lambda each: each.order, default=None),
            unlisted=listed.starts,
            revoked=listed.revocation(read.claims.ticket_id) if isinstance(read, VerifiedCode) else None,
        )
        return answer_scan(read, view, scan_id=checked, happened_at=happened_at, answered_at=now)

    def _keep(self, scan: Scan) -> None:
        self._scans[scan.scan_id] = scan
        if scan.number is not None and scan.result.admits:
            self._uses.setdefault(scan.number, scan.use)

    def close(self) -> None:
        """Close the journal; the gate answers nothing afterwards."""
        with self._lock:
            self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
