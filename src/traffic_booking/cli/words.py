"""The words of the shell command in Arabic and English; those of rules, decisions and audits are in `rule_words`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from traffic_booking import Bilingual, Day, DayState, Language, Revocation
from traffic_booking.domain.bidi import left_to_right
from traffic_booking.domain.rules.verdict import OBSERVED_WORDS

AFFECTED: Final = Bilingual(
    "المواعيد القائمة المتأثرة من اليوم فصاعدًا:", "Affected: active appointments from today on."
)
AGREED: Final = Bilingual("نسخة التعليمات", "Version of the instructions")
ALLOWED_FROM: Final = Bilingual("متاح ابتداءً من", "allowed from")
ALTERNATIVES: Final = Bilingual("أقرب الأوقات المتاحة:", "The nearest free times:")
ANNOUNCEMENT_WITHDRAWN: Final = Bilingual("سُحبت بداية الشهر.", "The beginning of the month is withdrawn.")
APPLICANT: Final = Bilingual("المستفيد", "applicant")
AT: Final = Bilingual("الوقت", "at")
BOOKED: Final = Bilingual("تم حجز الموعد.", "Booked.")
BRANCH: Final = Bilingual("الفرع", "branch")
BRANCH_ID: Final = Bilingual("معرّف الفرع", "branch id")
BY: Final = Bilingual("القائم بالإجراء", "by")
BYTES_REMAIN: Final = Bilingual(
    "قد تبقى آثار السجلات المحذوفة في ملفات قاعدة البيانات؛ راجع الدليل.",
    "The files of the store may still have bytes of the removed records: see the guide.",
)
CANCEL_UNTIL: Final = Bilingual("يمكن الإلغاء قبل", "may be cancelled before")
CAPACITY: Final = Bilingual("المقاعد", "seats")
CLOSED_ALREADY: Final = Bilingual("أيام مغلقة من قبل:", "Closed already:")
DATE: Final = Bilingual("التاريخ", "date")
DAY: Final = Bilingual("اليوم", "day")
DAYS: Final = Bilingual("الأيام", "days")
DECLARED: Final = Bilingual(
    "سُجّل الإغلاق، ولا تُلغى المواعيد القائمة بسببه.", "Declared. The closure cancels no appointment."
)
DECLARED_AT: Final = Bilingual("وقت التسجيل", "declared")
DISPUTED: Final = Bilingual(
    "~ التاريخ الهجري مبدئي: الجداول المنشورة مختلفة فيه.", "~ The Hijri date is provisional: published tables differ."
)
DISTANCE: Final = Bilingual("المسافة (كم)", "km")
DOCUMENTS: Final = Bilingual("المستندات المطلوبة", "Documents to bring")
EARLIER_KEYS: Final = Bilingual("مفاتيح سابقة ما زالت مقبولة", "earlier keys, still accepted")
ENTRIES_LOST: Final = Bilingual("القيود المفقودة", "entries lost")
ERASED_AGAIN: Final = Bilingual("عمليات محو أُعيدت", "erasures repeated")
EVENT: Final = Bilingual("الحدث", "event")
FIGURES: Final = Bilingual("القيم", "figures")
FIRST_FREE: Final = Bilingual("أول وقت شاغر", "first free")
FIRST_FREE_AT: Final = Bilingual("أول شاغر في", "first free at")
FOLDER: Final = Bilingual("المجلد", "folder")
FREE: Final = Bilingual("الشاغر", "free")
FREE_BELOW: Final = Bilingual("تحت التاريخ: عدد المقاعد الشاغرة.", "Below the dates: the number of free seats.")
FROM: Final = Bilingual("من", "from")
GIVEN_UP: Final = Bilingual("أُعيد مقعد الحجز المؤقت السابق رقم {number}.", "The earlier hold {number} was given up.")
GOVERNORATE: Final = Bilingual("المدينة أو المحافظة", "city or governorate")
GREGORIAN: Final = Bilingual("الميلادي", "Gregorian")
GROUP: Final = Bilingual("المجموعة", "group")
HELD_UNTIL: Final = Bilingual("محجوز مؤقتًا حتى", "held until")
HIJRI: Final = Bilingual("الهجري", "Hijri")
HIJRI_DATE: Final = Bilingual("التاريخ (هـ)", "date (AH)")
HIJRI_DAY: Final = Bilingual("اليوم (هـ)", "day (AH)")
HOURS: Final = Bilingual("الدوام", "hours")
NEXT_DAY: Final = Bilingual("اليوم التالي", "next day")
ID: Final = Bilingual("المعرّف", "id")
IN_CLEAR_ALREADY: Final = Bilingual(
    "لم يُكتب أي سجل: المعرّفات كلها مكتوبة دون مفتاح.", "No record was written: all ids are in clear already."
)
IN_DOUBT: Final = Bilingual(
    "؟ أُعلنت بداية شهر هجري في غير يومها في التقويم، وقد يتغيّر هذا اليوم إذا أُعلنت بداية شهر لاحق.",
    "? A Hijri month was announced on another day than in the table; this day may change when a later one is.",
)
INTERRUPTED: Final = Bilingual(
    "توقف الأمر بعد كتابة {done} من {total} تذكرة. أعد الأمر نفسه لكتابة الباقي.",
    "Interrupted: {done} of {total} tickets are written. Run the same command again for the rest.",
)
INSTRUCTIONS: Final = Bilingual("التعليمات", "Instructions")
KEEP_KEY: Final = Bilingual(
    "احفظ نسخة منه بعيدًا عن قاعدة البيانات ونسخها الاحتياطية: لا يُستعاد منها.",
    "Keep a copy apart from the store and its backups: the key can't be made again.",
)
KEEP_SIGNING_KEY: Final = Bilingual(
    "أبقِ ملف المفتاح الخاص على الخادم الذي يُصدر التذاكر وحده، وأعطِ البوابات ملف المفاتيح المعلنة.",
    "Keep the private key on the server that issues tickets alone; give the gates the file of public keys.",
)
KEYS: Final = {
    "made": Bilingual("أُنشئ مفتاحا التوقيع.", "The signing keys are made."),
    "present": Bilingual("مفتاحا التوقيع موجودان.", "The signing keys exist already."),
    "rotated": Bilingual(
        "بُدّل مفتاح التوقيع. وزّع ملف المفاتيح المعلنة على البوابات، ثم أعد تشغيل ما يُصدر التذاكر.",
        "The signing key is replaced. Give the file of public keys to the gates, then restart what issues tickets.",
    ),
}
KEY_WRITTEN: Final = Bilingual("كُتب المفتاح في", "Key written to")
KIND: Final = Bilingual("القائمة", "list")
LIMIT: Final = Bilingual("الحد", "limit")
LOG_GOES_ON: Final = Bilingual(
    "سُجّلت الاستعادة، ويستمر السجل المختوم.", "The restore is recorded, and the sealed log goes on."
)
MINUTES: Final = Bilingual("الدقائق", "minutes")
MISSING_INDEXES: Final = Bilingual("فهارس ناقصة في قاعدة البيانات", "indexes that the store lacks")
NAME: Final = Bilingual("الاسم", "name")
NEW_BRANCH: Final = Bilingual("الفرع الجديد", "new branch")
NEW_DAY: Final = Bilingual("اليوم الجديد", "new day")
NEW_KEY_FIRST: Final = Bilingual(
    "إن لم يكن هذا هو المفتاح الجديد فاذكر الجديد أولًا.", "If this is not the new key, give the new one first."
)
NEW_TIME: Final = Bilingual("الوقت الجديد", "new time")
NONE: Final = Bilingual("لا يوجد.", "None.")
NONE_REVOKED: Final = Bilingual("لا توجد تذاكر ملغاة.", "No ticket is revoked.")
NOTHING_CANCELLED: Final = Bilingual("لم يُلغَ الموعد. للتأكيد أضف --yes", "Not cancelled yet. To confirm, add --yes")
NOTHING_DECLARED: Final = Bilingual(
    "لم يُسجّل شيء. للتسجيل احذف --dry-run", "Not declared. To declare it, leave out --dry-run"
)
NOTHING_ERASED: Final = Bilingual("لم تُمحَ البيانات. للتأكيد أضف --yes", "Not erased yet. To confirm, add --yes")
NOTHING_LOST: Final = Bilingual("لا ينقص قاعدة البيانات أي قيد مختوم.", "The store has every entry of its sealed log.")
NOTHING_MOVED: Final = Bilingual("لم يُنقل الموعد. للتأكيد أضف --yes", "Not moved yet. To confirm, add --yes")
NOT_CANCELLED: Final = Bilingual("لا يمكن إلغاؤها الآن", "can't be cancelled now")
NOT_YOURS: Final = Bilingual("ليس لديك موعد بالرقم {number}.", "You have no appointment {number}.")
NOT_MADE: Final = Bilingual("سبب عدم كتابة التذكرة", "why there is no ticket")
NO_ACTIVE_AFFECTED: Final = Bilingual(
    "لا يتأثر أي موعد قائم من اليوم فصاعدًا.", "No active appointment from today on is affected."
)
NO_APPOINTMENTS: Final = Bilingual("لا توجد مواعيد.", "No appointments.")
NO_APPOINTMENT_AFFECTED: Final = Bilingual("لا يتأثر أي موعد.", "No appointment is affected.")
NO_CLOSURES: Final = Bilingual("لم يُسجّل شيء.", "Nothing has been declared.")
NO_LONGER_HOLDS: Final = Bilingual("لم يعد ساريًا", "no longer holds")
NO_SLOT: Final = Bilingual("لا يوجد وقت متاح ضمن مدة الحجز.", "There is no free slot within the booking horizon.")
NUMBER: Final = Bilingual("رقم الموعد", "number")
OBSERVED: Final = Bilingual("القيمة الفعلية", "observed")
PLACE_KIND: Final = Bilingual("نوع المكان", "kind")
PROVISIONAL: Final = Bilingual(
    "التاريخ الهجري مبدئي: الجداول المنشورة مختلفة فيه.", "The Hijri date is provisional: published tables differ."
)
REASON: Final = Bilingual("السبب", "reason")
RECORD: Final = Bilingual("معرّف الإغلاق", "closure")
PRIVATE_KEY: Final = Bilingual("المفتاح الخاص", "private key")
PUBLIC_KEYS: Final = Bilingual("المفاتيح المعلنة", "public keys")
RECORDS: Final = Bilingual("السجلات", "records")
REFUSED: Final = Bilingual("رُفض الطلب لعدم استيفاء الشروط الآتية:", "Refused, because these conditions are not met:")
REGION: Final = Bilingual("المنطقة", "region")
REGION_NAME: Final = Bilingual("اسم المنطقة", "region name")
REKEYED: Final = Bilingual("تم تغيير مفتاح الأسماء المستعارة.", "The pseudonym key is changed.")
REMOVED: Final = Bilingual("المحذوف", "removed")
REOPENED: Final = Bilingual("سُحب الإغلاق.", "The closure is withdrawn.")
REQUEST_ID: Final = Bilingual("معرّف الطلب", "request id")
REVOCATIONS: Final = {
    Revocation.MOVED: Bilingual("نُقل الموعد", "moved"),
    Revocation.CANCELLED: Bilingual("أُلغي الموعد", "cancelled"),
}
REWRITTEN: Final = Bilingual("سجلات كُتبت من جديد", "records rewritten")
ROW_ENDS: Final = Bilingual("إلى الساعة", "until")
RULE: Final = Bilingual("القاعدة", "rule")
RUN_AGAIN: Final = Bilingual(
    "سُجّلت الاستعادة، ولم تكتمل عمليات المحو: أعد الأمر بعد انتهاء وقت المواعيد.",
    "The restore is recorded. Some erasures wait for appointments: run it again once they are over.",
)
RULEBOOK: Final = Bilingual("نسخة القواعد", "rulebook")
SERVICE: Final = Bilingual("الخدمة", "service")
SOURCE: Final = Bilingual("المصدر", "source")
STATE: Final = Bilingual("الحالة", "state")
STATEMENT: Final = Bilingual("نص القاعدة", "statement")
STATUS: Final = Bilingual("صفة القاعدة", "status")
STEPS: Final = Bilingual("خطوات المخطط المنفذة", "schema steps taken")
STILL_CLOSED: Final = Bilingual("ما زالت مغلقة:", "Still closed:")
SIGNATURE_HOLDS: Final = Bilingual(
    "التوقيع صحيح، والتذكرة ليست في قائمة التذاكر الملغاة.", "The signature holds, and the ticket is not revoked."
)
SIGNATURE_HOLDS_UNCHECKED: Final = Bilingual(
    "التوقيع صحيح. لم تُراجع قائمة التذاكر الملغاة (‎--revoked).",
    "The signature holds. The list of revoked tickets was not checked (--revoked).",
)
SIGNING_KEY: Final = Bilingual("مفتاح التوقيع", "signing key")
SUBJECT: Final = Bilingual("رمز المستفيد", "subject")
SYNTHETIC: Final = Bilingual("فروع تجريبية ليست من فروع إدارة المرور.", "Synthetic branches, not the department's.")
TICKET_ID: Final = Bilingual("معرّف التذكرة", "ticket id")
TICKET_VERSION: Final = Bilingual("إصدار الموعد", "version")
TICKETS: Final = Bilingual("التذاكر", "Tickets")
TICKETS_KEPT: Final = Bilingual("ملفات موجودة لم تُغيَّر", "kept: the file exists")
TICKETS_WRITTEN: Final = Bilingual("تذاكر كُتبت", "tickets written")
TICKETS_REVOKED: Final = Bilingual("تذاكر أُبطلت", "tickets revoked")
TIME: Final = Bilingual("من – إلى", "time")
TO: Final = Bilingual("{first} إلى {last}", "{first} to {last}")
TO_AGREE: Final = Bilingual("للموافقة والحجز أضف --agree.", "To agree and book, add --agree.")
TO_AGREE_AND_MOVE: Final = Bilingual("للموافقة والنقل أضف --agree.", "To agree and move, add --agree.")
TO_BE_CANCELLED: Final = Bilingual("ستُلغى أولًا", "to be cancelled first")
TO_BOOK: Final = Bilingual("لقراءة التعليمات ثم الحجز: {command}", "To read the instructions and book: {command}")
TO_MOVE: Final = Bilingual(
    "لعرض الموعد ووقته الجديد ثم نقله: {command}", "To see the appointment with its new time, and move it: {command}"
)
UNDER_KEY_ALREADY: Final = Bilingual(
    "لم يُكتب أي سجل: المعرّفات كلها مكتوبة بالمفتاح الأول.",
    "No record was written: all ids are under the first key already.",
)
UNOFFICIAL: Final = Bilingual(
    "القيم غير رسمية ما لم تذكر صفتها غير ذلك.", "Figures are unofficial unless their status says otherwise."
)
UNTIL: Final = Bilingual("إلى", "until")
UP_TO_DATE: Final = Bilingual("مخطط قاعدة البيانات هو مخطط هذا الإصدار.", "The store has this release's schema.")
WEEKDAY: Final = Bilingual("يوم الأسبوع", "weekday")
WHAT: Final = Bilingual("ما سُجّل", "what")
WITHDRAWN_SINCE: Final = Bilingual(
    "سُحب هذا القيد بعد تسجيله ولم يعد ساريًا.", "This record was withdrawn since, and no longer holds."
)
UNSIGNED: Final = Bilingual(
    "رقم موعد دون توقيع، ولا يثبت شيئًا: ابحث عنه في النظام.",
    "An appointment number without a signature. It proves nothing: look it up.",
)
WRITTEN: Final = Bilingual("كُتبت التذكرة في", "Ticket written to")

INTERNAL_ERROR: Final = Bilingual(
    "خطأ داخلي: {kind} في {place}. نرجو الإبلاغ عنه.", "Internal error: {kind} at {place}. Please report it."
)
TRY_HELP: Final = Bilingual("(للمساعدة --help)", "(try --help)")

OUTCOMES: Final = {
    "held": Bilingual("حُجز المقعد مؤقتًا.", "Held."),
    "moved": Bilingual("تم نقل الموعد، وعاد مقعده السابق شاغرًا.", "Moved; the earlier seat is free again."),
    "cancelled": Bilingual("تم إلغاء الموعد، وعاد مقعده شاغرًا.", "Cancelled; the seat is free again."),
    "checked-in": Bilingual("سُجّل الحضور.", "Checked in."),
}
"""Sentences about the appointment of a granted request."""

UNBROKEN: Final = frozenset(
    {ALLOWED_FROM, AT, BRANCH_ID, DATE, FIRST_FREE_AT, HIJRI_DATE, ID, NUMBER, RECORD, REGION, RULE, SUBJECT}
)
"""Headers of columns whose cells are never folded: people copy them, or read them as one."""

COUNTED: Final = frozenset({CAPACITY, DISTANCE, FREE, MINUTES})  # headers of columns of numbers

TIME_ZONES: Final = {"Asia/Riyadh": Bilingual("بتوقيت السعودية", "Asia/Riyadh")}  # time zones with a name of their own

WORKED: Final = {"closed": Bilingual("مغلق", "closed"), "special": Bilingual("دوام خاص", "special")}
"""Notes of a calendar about days that differ from the usual."""

DAY_STATES: Final = {
    DayState.FULL: Bilingual("مكتمل", "full"),
    DayState.NOT_YET_OPEN: Bilingual("لم يُفتح", "not yet"),
    DayState.PAST: Bilingual("مضى", "past"),
    DayState.CLOSED: Bilingual("مغلق", "closed"),
    DayState.NO_SERVICE: Bilingual("لا تُقدَّم", "none"),
    DayState.SUSPENDED: Bilingual("موقوفة", "paused"),
    DayState.NOT_BOOKABLE: Bilingual("لا يُحجز", "refused"),
}
"""Short words for days without free seats, no wider than a cell of a month."""

LEVELS: Final = {
    "many": Bilingual("نصف المقاعد أو أكثر شاغر", "half of the seats or more are free"),
    "some": Bilingual("من سدس المقاعد إلى نصفها شاغر", "from a sixth to a half of the seats are free"),
    "few": Bilingual("أقل من سدس المقاعد شاغر", "less than a sixth of the seats are free"),
    "full": Bilingual("مكتمل", "full"),
}
"""How many of a day's seats are free."""

DECLARABLE: Final = {
    "closed": Bilingual("إغلاق", "closed"),
    "open": Bilingual("فتح", "open"),
    "other-hours": Bilingual("دوام مختلف", "other hours"),
    "other-capacity": Bilingual("عدد مقاعد مختلف", "other capacity"),
    "order": Bilingual("أمر", "order"),
    "closure": Bilingual("إجازة معلنة", "announced leave"),
    "month-start": Bilingual("بداية شهر", "month start"),
    "withdrawal": Bilingual("سحب", "withdrawn"),
}
"""Kinds of records of the calendar."""

PLACE_KINDS: Final = {
    "region": Bilingual("منطقة", "region"),
    "governorate": GOVERNORATE,
    "branch": Bilingual("فرع", "branch"),
}
"""Kinds of places."""

STATUSES: Final = {
    "law": Bilingual("نظامية", "law"),
    "published": Bilingual("معلنة من الإدارة", "published"),
    "unofficial": Bilingual("غير رسمية", "unofficial"),
}
"""Where a rule's figures come from."""

UNITS: Final = {
    "appointments": Bilingual("المواعيد", "appointments"),
    "attempts": Bilingual("المحاولات", "attempts"),
    "days": Bilingual("الأيام", "days"),
    "failures": Bilingual("المحاولات الخاطئة", "failures"),
    "holds": Bilingual("الحجوزات المؤقتة", "holds"),
    "minutes": Bilingual("الدقائق", "minutes"),
    "missed": Bilingual("مرات التخلف", "missed"),
    "moves": Bilingual("مرات النقل", "moves"),
    "window_days": Bilingual("أيام الاحتساب", "window days"),
}
"""The units of a rule's figures."""

PERIODS: Final = {
    "appointments": Bilingual("المواعيد", "appointments"),
    "refusals": Bilingual("الطلبات المرفوضة", "refused requests"),
    "assertions": Bilingual("الإفادات", "assertions"),
    "persons": Bilingual("الأشخاص", "persons"),
    "attempts": Bilingual("محاولات تسجيل الدخول", "sign-in attempts"),
    "codes": Bilingual("رموز التحقق المرئية", "visual codes"),
    "sessions": Bilingual("الجلسات", "sessions"),
    "reveals": Bilingual("مرات الاطلاع على المعرّفات", "ids shown"),
}
"""The kinds of records that have a period of retention."""

LISTS: Final = {
    "upcoming": Bilingual("القادمة", "upcoming"),
    "held": Bilingual("المحجوزة مؤقتًا", "held"),
    "past": Bilingual("السابقة", "past"),
    "cancelled": Bilingual("الملغاة", "cancelled"),
    "expired": Bilingual("المنتهية", "expired"),
}
"""The lists of a person's appointments, in the order in which they are shown."""

EVENTS: Final = {
    "appointment-held": Bilingual("حُجز مؤقتًا", "held"),
    "appointment-booked": Bilingual("حُجز", "booked"),
    "hold-expired": Bilingual("انتهت مدة الحجز المؤقت", "hold expired"),
    "hold-released": Bilingual("أُعيد مقعد الحجز المؤقت", "hold given back"),
    "appointment-cancelled": Bilingual("أُلغي", "cancelled"),
    "appointment-moved": Bilingual("نُقل", "moved"),
    "appointment-checked-in": Bilingual("سُجّل الحضور", "checked in"),
    "walk-in-booked": Bilingual("استُقبل بلا موعد", "walked in"),
    "appointment-served": Bilingual("أُنجزت الخدمة", "served"),
    "appointment-missed": Bilingual("سُجّل التخلف عنه", "missed"),
    "appointment-excused": Bilingual("قُبل العذر عن التخلف", "excused"),
}


def listed(items: Iterable[str], language: Language) -> str:
    """The items one after the other, with the language's comma."""
    return ("، " if language == "ar" else ", ").join(items)


def tags_in(text: str, language: Language) -> str:
    """`text` in that language if it is a list of tags such as `held, booked`; other text as it is."""
    parts = text.split(", ")
    if all(part in OBSERVED_WORDS for part in parts):
        return listed([OBSERVED_WORDS[part](language) for part in parts], language)
    return text


def filled(text: Bilingual, language: Language, **values: str) -> str:
    """`text` with its places filled in; in Arabic each value is a run of its own direction."""
    return text(language).format(**{name: left_to_right(value, language) for name, value in values.items()})


def between(first: str, last: str, language: Language) -> str:
    """From one date or time to another; one alone if they are the same."""
    return left_to_right(first, language) if first == last else filled(TO, language, first=first, last=last)


def written_time(moment: datetime) -> str:
    """A start as `--at` takes it."""
    return f"{moment:%Y-%m-%dT%H:%M}"


def hijri_day(day: Day, language: Language) -> str:
    """A weekday with its Hijri date in figures; the weekday alone beyond the table."""
    return f"{day.weekday(language)} {hijri_date(day)}".rstrip()


def hijri_date(day: Day) -> str:
    """A Hijri date in figures; empty beyond the table."""
    return f"{day.hijri.year:04d}-{day.hijri.month:02d}-{day.hijri.day:02d}" if day.has_hijri else ""
