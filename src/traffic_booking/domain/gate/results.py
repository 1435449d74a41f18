"""The results of a scan, each with a text that is short enough for a small screen and for a screen reader."""

from enum import StrEnum
from typing import Final

from traffic_booking.domain.bilingual import Bilingual


class GateResult(StrEnum):
    """The result of a scan. EARLY, ON_TIME and LATE admit the applicant; no other does.

    If several fit, the first of this order is the answer: a ticket that is cancelled and late is cancelled.
    """

    OUTDATED_LIST = "outdated-list"
    UNREADABLE = "unreadable"
    UNKNOWN_KEY = "unknown-key"
    FORGED = "forged"
    NOT_LISTED = "not-listed"
    CANCELLED = "cancelled"
    MOVED = "moved"
    WRONG_BRANCH = "wrong-branch"
    WRONG_DAY = "wrong-day"
    ALREADY_USED = "already-used"
    TOO_EARLY = "too-early"
    TOO_LATE = "too-late"
    NOT_BOOKED = "not-booked"
    REFUSED = "refused"
    EARLY = "early"
    ON_TIME = "on-time"
    LATE = "late"

    @property
    def admits(self) -> bool:
        """True if the applicant may enter."""
        return self in _ADMITTING

    @property
    def text(self) -> Bilingual:
        """The text of the answer; `{when}`, `{gate}` and `{branch}` are its values."""
        return _TEXTS[self]


_ADMITTING: Final = frozenset({GateResult.EARLY, GateResult.ON_TIME, GateResult.LATE})
_TEXTS: Final = {
    GateResult.OUTDATED_LIST: Bilingual(
        "قائمة الحضور غير صالحة الآن. حمّل قائمة اليوم.", "The list is not valid now. Get the list of today."
    ),
    GateResult.UNREADABLE: Bilingual(
        "ليس رمز تذكرة ولا رقم موعد. امسح الرمز من جديد.", "No ticket code and no number. Scan again."
    ),
    GateResult.UNKNOWN_KEY: Bilingual(
        "مفتاح التوقيع غير معروف. لا تقبل التذكرة.", "Signed with an unknown key. Don't accept it."
    ),
    GateResult.FORGED: Bilingual("الرمز مزوّر أو تالف. لا تقبل التذكرة.", "Forged or damaged code. Don't accept it."),
    GateResult.NOT_LISTED: Bilingual(
        "لا يوجد هذا الموعد في القائمة. تحقق منه في النظام.", "Not in the list. Look it up at the desk."
    ),
    GateResult.CANCELLED: Bilingual("الموعد ملغى.", "Cancelled."),
    GateResult.MOVED: Bilingual("نُقل الموعد[ إلى {when}].", "Moved[, now {when}]."),
    GateResult.WRONG_BRANCH: Bilingual(
        "الموعد في فرع آخر[: {branch}][، {when}].", "Wrong branch[: {branch}][, {when}]."
    ),
    GateResult.WRONG_DAY: Bilingual("الموعد في يوم آخر[: {when}].", "Wrong day[: {when}]."),
    GateResult.ALREADY_USED: Bilingual(
        "استُخدمت التذكرة من قبل[، {when}][، عند {gate}].", "Already used[, {when}][, at {gate}]."
    ),
    GateResult.NOT_BOOKED: Bilingual("الموعد غير محجوز.", "Not booked."),
    GateResult.TOO_EARLY: Bilingual("لم يبدأ تسجيل الحضور[. يبدأ {when}].", "Too early[. Check-in opens {when}]."),
    GateResult.TOO_LATE: Bilingual("انتهى وقت الحضور[، {when}].", "Too late[. Check-in ended {when}]."),
    GateResult.REFUSED: Bilingual("لا يُقبل الحضور.", "Not accepted."),
    GateResult.EARLY: Bilingual("حضور مبكر. تفضّل[، الموعد {when}].", "Early. Come in[, appointment {when}]."),
    GateResult.ON_TIME: Bilingual("في الموعد. تفضّل[، {when}].", "On time. Come in[, {when}]."),
    GateResult.LATE: Bilingual("متأخر ضمن المهلة. تفضّل[، {when}].", "Late, within the grace. Come in[, {when}]."),
}
