"""The words of a ticket: its headings, labels and sentences, in Arabic and English."""

from typing import Final

from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.bilingual import Bilingual

HEADINGS: Final = {
    AppointmentState.HELD: Bilingual("حجز مؤقت، ليس تذكرة", "Hold, not a ticket"),
    AppointmentState.BOOKED: Bilingual("تذكرة موعد المرور", "Traffic appointment ticket"),
    AppointmentState.CHECKED_IN: Bilingual("تذكرة موعد المرور، سُجّل الحضور", "Traffic appointment ticket, checked in"),
    AppointmentState.SERVED: Bilingual("موعد مرور أُنجز", "Served traffic appointment"),
    AppointmentState.NO_SHOW: Bilingual("موعد لم يحضره المستفيد، ليس تذكرة", "Missed appointment, not a ticket"),
    AppointmentState.EXCUSED: Bilingual("موعد قُبل العذر عنه، ليس تذكرة", "Excused appointment, not a ticket"),
    AppointmentState.CANCELLED: Bilingual("إثبات إلغاء موعد المرور", "Proof of cancellation of a traffic appointment"),
    AppointmentState.EXPIRED: Bilingual("حجز مؤقت منتهٍ، ليس تذكرة", "Expired hold, not a ticket"),
}
STATE_ALERTS: Final = {
    AppointmentState.HELD: Bilingual("لم يُحجز الموعد بعد.", "Nothing is booked yet."),
    AppointmentState.SERVED: Bilingual("أُنجزت خدمة هذا الموعد.", "The service of this appointment is done."),
    AppointmentState.NO_SHOW: Bilingual("لم يُسجَّل حضور لهذا الموعد.", "Nobody came to this appointment."),
    AppointmentState.EXCUSED: Bilingual("قُبل العذر عن هذا الموعد.", "This appointment is excused."),
    AppointmentState.CANCELLED: Bilingual("أُلغي هذا الموعد.", "This appointment is cancelled."),
    AppointmentState.EXPIRED: Bilingual(
        "انتهى الحجز المؤقت ولم يُحجز موعد.", "The hold has expired and nothing is booked."
    ),
}

NUMBER: Final = Bilingual("رقم الموعد", "Number")
STATE: Final = Bilingual("الحالة", "State")
NAME: Final = Bilingual("الاسم", "Name")
PERSONAL: Final = Bilingual("التذكرة لصاحب الاسم وحده.", "Only the person named here may use it.")
APPLICANT: Final = Bilingual("رقم الهوية", "Id number")
SERVICE: Final = Bilingual("الخدمة", "Service")
BRANCH: Final = Bilingual("الفرع", "Branch")
GOVERNORATE: Final = Bilingual("المحافظة", "Governorate")
CITY: Final = Bilingual("المدينة", "City")  # a region's headquarters is not a governorate
MAP: Final = Bilingual("الخريطة", "Map")
WEEKDAY: Final = Bilingual("اليوم", "Day")
DATE: Final = Bilingual("التاريخ", "Date")
TIME: Final = Bilingual("الوقت", "Time")
DURATION: Final = Bilingual("المدة", "Duration")
UNTIL: Final = Bilingual("حتى", "until")
ARRIVE_BY: Final = Bilingual("احضر قبل الساعة", "Arrive by")
CHECK_IN: Final = Bilingual("تسجيل الحضور", "Check-in")
TIME_ZONE: Final = Bilingual("التوقيت", "Time zone")
SINCE: Final = Bilingual("وقت آخر إجراء", "Last change")
AGREED: Final = Bilingual("نسخة التعليمات الموافق عليها", "Instructions agreed to")
RULEBOOK: Final = Bilingual("نسخة القواعد", "Rulebook")

SIGNED_CODE: Final = Bilingual("رمز موقّع، يُمسح عند الدخول.", "Signed code, scanned at the entrance.")
UNSIGNED_CODE: Final = Bilingual("رمز غير موقّع: رقم الموعد وحده.", "Unsigned code: the number alone.")
NO_CODE: Final = Bilingual("لا رمز للدخول.", "No code: it admits nobody.")

DOCUMENTS: Final = Bilingual("المستندات المطلوبة", "Documents to bring")
CONDITIONS: Final = Bilingual("الشروط", "Conditions")
INSTRUCTIONS: Final = Bilingual("التعليمات", "Instructions")
ATTENTION: Final = Bilingual("تنبيه مهم", "Attention")
SYNTHETIC: Final = Bilingual(
    "هذا الفرع تجريبي وليس من فروع إدارة المرور.",
    "This branch is synthetic: it is not one of the department's branches.",
)

CANCELLING: Final = Bilingual("الإلغاء", "Cancelling")
CANCEL_BEFORE: Final = Bilingual(
    "يمكن إلغاء الموعد قبل يوم {day}، الساعة {time}.", "It may be cancelled before {day}, at {time}."
)
LATE_COSTS: Final = Bilingual(
    "ومن ألغى قبل بدء الموعد بأقل من {minutes} لم يحجز موعدًا آخر للخدمة نفسها إلا بعد {days} من الإلغاء.",
    "If you cancel less than {minutes} before it starts, you book no other for the same service for {days}.",
)
COSTS_NOTHING: Final = Bilingual("لا يترتب على هذا الإلغاء منع من الحجز.", "This does not bar you from booking again.")

CUT: Final = Bilingual("[اختُصر النص]", "[cut]")
MORE: Final = Bilingual("وغيرها، وعددها {count}.", "And {count} more.")
CODE_OF: Final = Bilingual("رمز التذكرة {number} للمسح", "Code of the ticket {number}, to be scanned")
VOID_AFTER: Final = Bilingual(
    "لا تصلح هذه الورقة إذا أُلغي الموعد أو نُقل.", "This paper is void once the appointment is cancelled or moved."
)
