"""The words of the shell command, in Arabic and English."""

from typing import Final

from traffic_booking import AppointmentState, Bilingual

AGREED: Final = Bilingual("نسخة التعليمات", "instructions")
ALLOWED_FROM: Final = Bilingual("مسموح من", "allowed from")
APPLICANT: Final = Bilingual("المستفيد", "applicant")
AT: Final = Bilingual("الوقت", "at")
BOOKED: Final = Bilingual("تم حجز الموعد.", "Booked.")
BRANCH: Final = Bilingual("الفرع", "branch")
BY: Final = Bilingual("القائم بالإجراء", "by")
CANCELLED: Final = Bilingual("تم إلغاء الموعد، وعاد مقعده شاغرًا.", "Cancelled; the seat is free again.")
CANCEL_UNTIL: Final = Bilingual("يمكن الإلغاء قبل", "may be cancelled before")
CAPACITY: Final = Bilingual("المقاعد", "seats")
CHECKED_IN: Final = Bilingual("سُجّل الحضور.", "Checked in.")
GOVERNORATE: Final = Bilingual("المحافظة", "governorate")
DAY: Final = Bilingual("اليوم", "day")
DISTANCE: Final = Bilingual("المسافة (كم)", "km")
DOCUMENTS: Final = Bilingual("المستندات المطلوبة", "Documents to bring")
EVENT: Final = Bilingual("ما حدث", "event")
FIGURES: Final = Bilingual("الأرقام", "figures")
FREE: Final = Bilingual("الشاغر", "free")
GREGORIAN: Final = Bilingual("الميلادي", "Gregorian")
GROUP: Final = Bilingual("المجموعة", "group")
HELD: Final = Bilingual("حُجز المقعد مؤقتًا.", "Held.")
HELD_UNTIL: Final = Bilingual("محجوز مؤقتًا حتى", "held until")
HIJRI: Final = Bilingual("الهجري", "Hijri")
ID: Final = Bilingual("المعرّف", "id")
INSTRUCTIONS: Final = Bilingual("التعليمات", "Instructions")
KIND: Final = Bilingual("القائمة", "list")
LIMIT: Final = Bilingual("الحد", "limit")
MINUTES: Final = Bilingual("الدقائق", "minutes")
NAME: Final = Bilingual("الاسم", "name")
NONE: Final = Bilingual("لا يوجد.", "None.")
NOTHING_CANCELLED: Final = Bilingual(
    "لم يُلغَ شيء بعد. للتأكيد أعد الأمر مع --yes", "Nothing has been cancelled yet. To confirm, add --yes"
)
NOT_CANCELLABLE: Final = Bilingual("لا يمكن إلغاء هذا الموعد.", "This appointment can't be cancelled.")
NO_SLOT: Final = Bilingual("لا يوجد موعد شاغر ضمن مدة الحجز.", "There is no free slot within the booking horizon.")
NUMBER: Final = Bilingual("رقم الموعد", "number")
OBSERVED: Final = Bilingual("الملاحظ", "observed")
PROVISIONAL: Final = Bilingual(
    "التاريخ الهجري مبدئي: الجداول المنشورة مختلفة في هذه السنة.",
    "The Hijri date is provisional: published tables differ in that year.",
)
REFUSED: Final = Bilingual("رُفض الطلب للأسباب الآتية:", "Refused, because these do not hold:")
REGION: Final = Bilingual("المنطقة", "region")
REQUEST_ID: Final = Bilingual("معرّف الطلب", "request id")
RULE: Final = Bilingual("القاعدة", "rule")
RULEBOOK: Final = Bilingual("نسخة القواعد", "rulebook")
SERVICE: Final = Bilingual("الخدمة", "service")
SOURCE: Final = Bilingual("المصدر", "source")
STATE: Final = Bilingual("الحالة", "state")
STATEMENT: Final = Bilingual("نص القاعدة", "statement")
STATUS: Final = Bilingual("الصفة", "status")
SYNTHETIC: Final = Bilingual("فروع تجريبية، ليست فروع إدارة المرور.", "Synthetic branches, not the department's.")
TIME: Final = Bilingual("من – إلى", "time")
UNOFFICIAL: Final = Bilingual(
    "الأرقام غير رسمية ما لم تذكر صفتها غير ذلك.", "Figures are unofficial unless their status says otherwise."
)
WEEKDAY: Final = Bilingual("يوم الأسبوع", "weekday")
WRITTEN: Final = Bilingual("كُتبت التذكرة في", "Ticket written to")

STATES: Final = {
    AppointmentState.HELD: Bilingual("محجوز مؤقتًا", "held"),
    AppointmentState.BOOKED: Bilingual("محجوز", "booked"),
    AppointmentState.CHECKED_IN: Bilingual("سُجّل الحضور", "checked in"),
    AppointmentState.CANCELLED: Bilingual("ملغى", "cancelled"),
    AppointmentState.EXPIRED: Bilingual("انتهت مدته", "expired"),
}

LISTS: Final = {
    "upcoming": Bilingual("القادمة", "upcoming"),
    "held": Bilingual("المحجوزة مؤقتًا", "held"),
    "past": Bilingual("السابقة", "past"),
    "cancelled": Bilingual("الملغاة", "cancelled"),
    "expired": Bilingual("المنتهية", "expired"),
}

EVENTS: Final = {
    "held": Bilingual("حُجز مؤقتًا", "held"),
    "booked": Bilingual("حُجز", "booked"),
    "hold-expired": Bilingual("انتهت مدة الحجز المؤقت", "hold expired"),
    "hold-released": Bilingual("أُعيد الحجز المؤقت", "hold given back"),
    "cancelled": Bilingual("أُلغي", "cancelled"),
    "checked-in": Bilingual("سُجّل الحضور", "checked in"),
}
