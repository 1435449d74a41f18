"""The words of the shell command, in Arabic and English."""

from collections.abc import Iterable
from typing import Final

from traffic_booking import AppointmentState, Bilingual, Language

AGREED: Final = Bilingual("نسخة التعليمات", "Version of the instructions")
ALLOWED_FROM: Final = Bilingual("متاح ابتداءً من", "allowed from")
APPLICANT: Final = Bilingual("المستفيد", "applicant")
AT: Final = Bilingual("الوقت", "at")
BOOKABLE_UNTIL: Final = Bilingual("آخر يوم يمكن حجزه", "bookable until")
BOOKED: Final = Bilingual("تم حجز الموعد.", "Booked.")
BRANCH: Final = Bilingual("الفرع", "branch")
BRANCH_ID: Final = Bilingual("معرّف الفرع", "branch")
BROKEN: Final = Bilingual("غير مستوفاة", "broken")
BY: Final = Bilingual("القائم بالإجراء", "by")
CANCELLED: Final = Bilingual("تم إلغاء الموعد، وعاد مقعده شاغرًا.", "Cancelled; the seat is free again.")
CANCEL_UNTIL: Final = Bilingual("يمكن الإلغاء قبل", "may be cancelled before")
CAPACITY: Final = Bilingual("المقاعد", "seats")
CHECKED_IN: Final = Bilingual("سُجّل الحضور.", "Checked in.")
GOVERNORATE: Final = Bilingual("المحافظة", "governorate")
CLOSED_ALREADY: Final = Bilingual("أيام مغلقة من قبل:", "Closed already:")
DATE: Final = Bilingual("التاريخ", "date")
DAY: Final = Bilingual("اليوم", "day")
DAYS: Final = Bilingual("الأيام", "days")
DECIDED_AT: Final = Bilingual("وقت القرار", "decided at")
DECISIONS: Final = Bilingual("القرارات", "decisions")
DECLARED: Final = Bilingual("أُعلن الإغلاق. لا تُلغى به المواعيد.", "Declared. It cancels no appointment.")
DECLARED_AT: Final = Bilingual("وقت الإعلان", "declared")
DIFFERENCES: Final = Bilingual("الفروق", "differences")
DISPUTED: Final = Bilingual(
    "~ التاريخ الهجري لليوم مبدئي: الجداول المنشورة مختلفة فيه.",
    "~ The day's Hijri date is provisional: published tables differ on it.",
)
DISTANCE: Final = Bilingual("المسافة (كم)", "km")
DOCUMENTS: Final = Bilingual("المستندات المطلوبة", "Documents to bring")
EVENT: Final = Bilingual("ما حدث", "event")
FIGURES: Final = Bilingual("الأرقام", "figures")
ERASED: Final = Bilingual("مُحيت بيانات الشخص.", "The person is erased.")
FREE: Final = Bilingual("الشاغر", "free")
FROM: Final = Bilingual("من", "from")
GIVEN_UP: Final = Bilingual("أُعيد مقعد الحجز المؤقت السابق {number}.", "The earlier hold {number} was given up.")
GREGORIAN: Final = Bilingual("الميلادي", "Gregorian")
GROUP: Final = Bilingual("المجموعة", "group")
HELD: Final = Bilingual("حُجز المقعد مؤقتًا.", "Held.")
HELD_UNTIL: Final = Bilingual("محجوز مؤقتًا حتى", "held until")
HIJRI: Final = Bilingual("الهجري", "Hijri")
HIJRI_DATE: Final = Bilingual("التاريخ (هـ)", "date (AH)")
HIJRI_DAY: Final = Bilingual("اليوم (هـ)", "day (AH)")
HOURS: Final = Bilingual("الدوام", "hours")
ID: Final = Bilingual("المعرّف", "id")
IN_CLEAR_ALREADY: Final = Bilingual(
    "لم يلزم كتابة أي سجل: المعرّفات كلها مكتوبة دون مفتاح.",
    "No record had to be written: all ids are in clear already.",
)
INSTRUCTIONS: Final = Bilingual("التعليمات", "Instructions")
KEEP_KEY: Final = Bilingual(
    "احفظ نسخة منه بعيدًا عن المخزن ونسخه الاحتياطية: لا يمكن استعادته من المخزن.",
    "Keep a copy apart from the store and its backups: it can't be made again from the store.",
)
KEPT: Final = Bilingual("مستوفاة", "kept")
KEY_WRITTEN: Final = Bilingual("كُتب المفتاح في", "Key written to")
KIND: Final = Bilingual("القائمة", "list")
LIMIT: Final = Bilingual("الحد", "limit")
MINUTES: Final = Bilingual("الدقائق", "minutes")
MOVED: Final = Bilingual("تم نقل الموعد، وعاد مقعده السابق شاغرًا.", "Moved; the earlier seat is free again.")
NAME: Final = Bilingual("الاسم", "name")
NEW_BRANCH: Final = Bilingual("الفرع الجديد", "new branch")
NEW_KEY_FIRST: Final = Bilingual(
    "إن لم يكن هذا هو المفتاح الجديد فضع الجديد أولًا.", "If that is not the new key, give the new one first."
)
NEW_TIME: Final = Bilingual("الوقت الجديد", "new time")
NONE: Final = Bilingual("لا يوجد.", "None.")
NO_APPOINTMENTS: Final = Bilingual("لا توجد مواعيد.", "No appointments.")
NOTHING_CANCELLED: Final = Bilingual(
    "لم يُلغَ الموعد بعد. للتأكيد أعد الأمر مع --yes", "Nothing has been cancelled yet. To confirm, add --yes"
)
NOTHING_ERASED: Final = Bilingual(
    "لم تُمحَ بيانات الشخص بعد. للتأكيد أعد الأمر مع --yes", "Nothing has been erased yet. To confirm, add --yes"
)
NOTHING_MOVED: Final = Bilingual(
    "لم يُنقل الموعد بعد. للتأكيد أعد الأمر مع --yes", "Nothing has been moved yet. To confirm, add --yes"
)
NOT_BROKEN: Final = Bilingual("لم تُخالف", "not broken")
NOT_EVALUATED: Final = Bilingual("لم يُنظر فيها", "not heard")
NOT_YOURS: Final = Bilingual("ليس لديك موعد بالرقم {number}.", "You have no appointment {number}.")
NOTE: Final = Bilingual("ملاحظة", "note")
NO_CLOSURES: Final = Bilingual("لم يُعلن شيء.", "Nothing has been declared.")
NOBODY_REGISTERED: Final = Bilingual("لا أحد مسجل بهذا المعرّف.", "Nobody is registered under this id.")
NOBODY_HIT: Final = Bilingual("لا يمس أي موعد.", "No appointment is hit.")
NOTHING_DECLARED: Final = Bilingual(
    "لم يُعلن شيء بعد. للإعلان أعد الأمر دون --dry-run", "Nothing has been declared. To declare it, leave out --dry-run"
)
NO_LONGER_HOLDS: Final = Bilingual("لم يعد ساريًا", "no longer holds")
NO_SLOT: Final = Bilingual("لا يوجد موعد شاغر ضمن مدة الحجز.", "There is no free slot within the booking horizon.")
NUMBER: Final = Bilingual("رقم الموعد", "number")
OBSERVED: Final = Bilingual("القيمة الفعلية", "observed")
PROVISIONAL: Final = Bilingual(
    "التاريخ الهجري مبدئي: الجداول المنشورة مختلفة في هذا الشهر.",
    "The Hijri date is provisional: published tables differ in that month.",
)
REASON: Final = Bilingual("السبب", "reason")
RECORD: Final = Bilingual("معرّف الإغلاق", "closure")
RECORDS: Final = Bilingual("السجلات", "records")
RECORDED: Final = Bilingual("المسجل", "recorded")
REFUSED: Final = Bilingual("رُفض الطلب لعدم استيفاء الشروط الآتية:", "Refused, because these do not hold:")
REGION: Final = Bilingual("المنطقة", "region")
REGION_NAME: Final = Bilingual("اسم المنطقة", "region name")
REKEYED: Final = Bilingual("تم تغيير مفتاح الأسماء المستعارة.", "The pseudonym key is changed.")
REMOVED: Final = Bilingual("المحذوف", "removed")
REOPENED: Final = Bilingual("سُحب الإغلاق.", "The closure is withdrawn.")
REPLAYED: Final = Bilingual("عند الإعادة", "heard again")
REQUEST_ID: Final = Bilingual("معرّف الطلب", "request id")
RULE: Final = Bilingual("القاعدة", "rule")
RULEBOOK: Final = Bilingual("نسخة القواعد", "rulebook")
SERVICE: Final = Bilingual("الخدمة", "service")
SOURCE: Final = Bilingual("المصدر", "source")
SLOT: Final = Bilingual("الموعد", "slot")
STATE: Final = Bilingual("الحالة", "state")
STATEMENT: Final = Bilingual("نص القاعدة", "statement")
STILL_CLOSED: Final = Bilingual("ما زالت مغلقة:", "Still closed:")
STATUS: Final = Bilingual("صفة القاعدة", "status")
SYNTHETIC: Final = Bilingual("فروع تجريبية، ليست فروع إدارة المرور.", "Synthetic branches, not the department's.")
UP_TO_DATE: Final = Bilingual("المخزن على مخطط هذا الإصدار.", "The store has this release's schema.")
MISSING_INDEXES: Final = Bilingual("فهارس ناقصة في المخزن", "indexes that the store lacks")
SUBJECT: Final = Bilingual("رمز المستفيد", "subject")
STEPS: Final = Bilingual("خطوات المخطط المنفذة", "steps of the schema that were taken")
TO: Final = Bilingual("{first} إلى {last}", "{first} to {last}")
TO_AGREE: Final = Bilingual("للموافقة والحجز أضف --agree.", "To agree and book, add --agree.")
TO_AGREE_AND_MOVE: Final = Bilingual("للموافقة والنقل أضف --agree.", "To agree and move, add --agree.")
TO_BOOK: Final = Bilingual("لقراءة التعليمات ثم الحجز: {command}", "To read the instructions and book: {command}")
TIME: Final = Bilingual("من – إلى", "time")
UNDER_KEY_ALREADY: Final = Bilingual(
    "لم يلزم كتابة أي سجل: المعرّفات كلها مكتوبة بالمفتاح الأول.",
    "No record had to be written: all ids are under the first key already.",
)
UNTIL: Final = Bilingual("إلى", "until")
UNKNOWN_VERSIONS: Final = Bilingual("نسخ قواعد غير متوفرة", "rulebook versions not at hand")
UNREADABLE: Final = Bilingual("قرارات لا يمكن قراءتها", "decisions that can't be read")
UNREADABLE_RECORD: Final = Bilingual("السجل الذي لا يمكن قراءته", "record that can't be read")
UNOFFICIAL: Final = Bilingual(
    "الأرقام غير رسمية ما لم تذكر صفتها غير ذلك.", "Figures are unofficial unless their status says otherwise."
)
WAS_GRANTED: Final = Bilingual("قُبل الطلب. ما قالته كل قاعدة:", "Granted. What each rule said:")
WAS_REFUSED: Final = Bilingual("رُفض الطلب. ما قالته كل قاعدة:", "Refused. What each rule said:")
WEEKDAY: Final = Bilingual("يوم الأسبوع", "weekday")
WHAT: Final = Bilingual("ما أُعلن", "what")
WITHOUT_CASE: Final = Bilingual("قرارات لم تُسجل وقائعها", "decisions without recorded facts")
WITHDRAWN_SINCE: Final = Bilingual(
    "سُحب هذا الإغلاق بعد إعلانه ولم يعد ساريًا.", "It was withdrawn since, and no longer holds."
)
WORD: Final = Bilingual("الحكم", "word")
WRITTEN_ANEW: Final = Bilingual("سجلات كُتبت من جديد", "records written anew")
WRITTEN: Final = Bilingual("كُتبت التذكرة في", "Ticket written to")

DAY_NOTES: Final = {
    "past": Bilingual("مضى", "past"),
    "closed": Bilingual("مغلق", "closed"),
    "not-yet": Bilingual("لم يُفتح حجزه بعد", "not bookable yet"),
    "full": Bilingual("مكتمل", "full"),
}
"""Why a day of a month view has no seat to book."""

UNBROKEN: Final = frozenset({ALLOWED_FROM, AT, BRANCH_ID, DATE, HIJRI_DATE, ID, NUMBER, RECORD, REGION, RULE, SUBJECT})
"""Headers of columns whose cells are copied or read as one, and so never folded."""

COUNTED: Final = frozenset({CAPACITY, DISTANCE, FREE, MINUTES})
"""Headers of columns of numbers."""

WORKED: Final = {
    "closed": Bilingual("مغلق", "closed"),
    "special": Bilingual("دوام خاص", "special"),
}
"""What a calendar notes about a day that isn't worked as usual."""

DECLARABLE: Final = {
    "closed": Bilingual("إغلاق", "closed"),
    "open": Bilingual("فتح", "open"),
    "other-hours": Bilingual("ساعات أخرى", "other hours"),
    "other-capacity": Bilingual("مقاعد أخرى", "other capacity"),
    "order": Bilingual("أمر", "order"),
    "closure": Bilingual("إجازة معلنة", "announced leave"),
    "month-start": Bilingual("بداية شهر", "month start"),
    "withdrawal": Bilingual("سحب", "withdrawn"),
}
"""What can be declared."""

STATUSES: Final = {
    "law": Bilingual("نظامية", "law"),
    "published": Bilingual("معلنة من الإدارة", "published"),
    "unofficial": Bilingual("غير رسمية", "unofficial"),
}
"""Where a rule's figures come from."""

UNITS: Final = {
    "appointments": Bilingual("المواعيد", "appointments"),
    "days": Bilingual("الأيام", "days"),
    "failures": Bilingual("المحاولات الخاطئة", "failures"),
    "holds": Bilingual("الحجوزات المؤقتة", "holds"),
    "minutes": Bilingual("الدقائق", "minutes"),
    "missed": Bilingual("مرات التخلف", "missed"),
    "moves": Bilingual("مرات النقل", "moves"),
    "window_days": Bilingual("أيام الاحتساب", "window days"),
}
"""What a rule's figures count."""

PERIODS: Final = {
    "appointments": Bilingual("المواعيد", "appointments"),
    "refusals": Bilingual("الطلبات المرفوضة", "refused requests"),
    "assertions": Bilingual("الإفادات", "assertions"),
    "persons": Bilingual("الأشخاص", "persons"),
    "attempts": Bilingual("محاولات الدخول", "sign-in attempts"),
    "codes": Bilingual("رموز التحقق", "visual codes"),
    "reveals": Bilingual("الاطلاع على المعرّفات", "ids shown"),
}
"""The kinds of records that have a period of retention."""

HOLDERS: Final = {
    "citizen": Bilingual("مواطن", "citizen"),
    "resident": Bilingual("مقيم", "resident"),
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
    "moved": Bilingual("نُقل", "moved"),
    "checked-in": Bilingual("سُجّل الحضور", "checked in"),
}

ASSERTED: Final = {"not asserted": Bilingual("لم يُفد به", "not asserted")}

TAGS: Final = {state.value: state.label for state in AppointmentState} | HOLDERS | ASSERTED
"""The words that rules observe and allow."""


def listed(items: Iterable[str], language: Language) -> str:
    """The items one after the other, with the language's comma."""
    return ("، " if language == "ar" else ", ").join(items)


def tags_in(text: str, language: Language) -> str:
    """`text`, with the tags in a list such as `held, booked` in that language; other text as it is."""
    parts = text.split(", ")
    if not all(part in TAGS for part in parts):
        return text
    return listed([TAGS[part](language) for part in parts], language)


def filled(text: Bilingual, language: Language, **values: str) -> str:
    """`text` with its places filled in, each value as a run of its own direction in Arabic."""
    return text(language).format(**{name: isolated(value, language) for name, value in values.items()})


def isolated(value: str, language: Language) -> str:
    """A value from left to right within a sentence of that language."""
    return f"\u2066{value}\u2069" if language == "ar" else value


def between(first: str, last: str, language: Language) -> str:
    """Two dates or times and what lies between them; one alone where they are the same."""
    return isolated(first, language) if first == last else filled(TO, language, first=first, last=last)
