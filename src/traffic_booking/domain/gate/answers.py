"""The answer to a scan, as a value."""

from datetime import datetime
from zoneinfo import ZoneInfo

from attrs import field

from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.bidi import left_to_right
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.gate.results import GateResult
from traffic_booking.domain.gate.scans import TicketUse
from traffic_booking.domain.instants import in_utc, in_utc_if_set
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.rules.verdict import Verdict
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen
from traffic_booking.domain.wording import filled


@frozen(kw_only=True)
class GateAnswer:
    """The one answer to a scan; truthy if the applicant may enter.

    `happened_at` is the instant of the scan, at which the rules were evaluated, and `answered_at` that of the answer.
    `when` is the instant in the text: the start of the appointment as it is now, the first use of a used ticket, or the
    instant at which check-in opens or ended. `branch` is that of the appointment. `use` is the use of the ticket that
    counts. `signed`: the code was signed. `listed`: the appointment is known here; if not, a signature alone admits.
    `masked_id` has the last four digits of the applicant's id. `verdicts` has the broken rules of checking in.
    """

    scan_id: RequestId
    result: GateResult
    happened_at: datetime = field(converter=in_utc)
    answered_at: datetime = field(converter=in_utc)
    time_zone: str
    number: AppointmentNumber | None = None
    branch: BranchId | None = None
    when: datetime | None = field(default=None, converter=in_utc_if_set)
    use: TicketUse | None = None
    masked_id: str | None = None
    signed: bool = False
    listed: bool = False
    verdicts: tuple[Verdict, ...] = ()

    def __bool__(self) -> bool:
        return self.result.admits

    def message(self, language: Language) -> str:
        """The text for the gate, one short line. Raises `InvalidInput` for an unknown language."""
        gate = None if self.use is None else self.use.gate
        names = {"gate": gate, "branch": self.branch}
        values = {name: None if text is None else left_to_right(text, language) for name, text in names.items()}
        return filled(self.result.text(language), {**values, "when": self._when(language)})

    def _when(self, language: Language) -> str | None:
        """The time of day, with the day if it is another one than that of the scan."""
        if self.when is None:
            return None
        zone = ZoneInfo(self.time_zone)
        local, today = self.when.astimezone(zone), self.happened_at.astimezone(zone).date()
        time = left_to_right(f"{local:%H:%M}", language)
        if local.date() == today:
            return _TIME(language).format(time=time)
        return _DAY_AND_TIME(language).format(day=Day(local.date()).gregorian_text(language), time=time)


_TIME = Bilingual("الساعة {time}", "at {time}")
_DAY_AND_TIME = Bilingual("{day} الساعة {time}", "on {day} at {time}")
