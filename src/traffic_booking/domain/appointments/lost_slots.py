"""An appointment whose slot left the timetable after the booking: the day was closed, or the hours moved."""

from enum import StrEnum
from typing import Final

from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.calendars.authority import AuthorityId
from traffic_booking.domain.values import frozen


class SlotLoss(StrEnum):
    """How an appointment lost its slot."""

    DAY_CLOSED = "day-closed"
    HOURS_MOVED = "hours-moved"
    NOT_OFFERED = "not-offered"


_SENTENCES: Final = {
    SlotLoss.DAY_CLOSED: Bilingual(
        "الفرع مغلق في يوم هذا الموعد", "The branch is closed on the day of this appointment"
    ),
    SlotLoss.HOURS_MOVED: Bilingual(
        "تغيّر دوام الفرع ولم يعد يشمل وقت هذا الموعد",
        "The hours of the branch have changed, and no longer include the time of this appointment",
    ),
    SlotLoss.NOT_OFFERED: Bilingual(
        "لم تعد الخدمة مقدمة في الفرع", "The branch no longer offers the service of this appointment"
    ),
}
_NEXT_STEP: Final = Bilingual("انقل الموعد إلى وقت آخر أو ألغِه.", "Move the appointment to another time, or cancel it.")


@frozen(kw_only=True)
class LostSlot:
    """Why the slot of an appointment is no longer in the timetable.

    `rules` contains the ids of the calendar's rules for the day, the deciding one first, and `reason` the short name
    of what decides, such as `Eid al-Fitr holiday`; `desk.calendar.statement` has the sentence. Both are empty if a new
    timetable or catalogue decides.
    """

    how: SlotLoss
    rules: tuple[AuthorityId, ...] = ()
    reason: Bilingual | None = None

    def text(self, language: Language) -> str:
        """The loss, its reason, and the next step. Example: `appointment.lost_slot.text("en")`.

        Raises:
            InvalidInput: The language is neither `ar` nor `en`.
        """
        reason = "" if self.reason is None else f": {self.reason(language).strip().rstrip('.')}"
        return f"{_SENTENCES[self.how](language)}{reason}. {_NEXT_STEP(language)}"
