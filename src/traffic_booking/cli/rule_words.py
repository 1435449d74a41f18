"""The words of rules, recorded decisions and audits, in Arabic and English."""

from typing import Final

from traffic_booking import Bilingual, Language, Rulebook
from traffic_booking.cli import words

AFTER: Final = Bilingual("النسخة اللاحقة", "after")
BEFORE: Final = Bilingual("النسخة السابقة", "before")
BOUNDED: Final = Bilingual(
    "{name}: {value} (من {least} إلى {greatest}، و{stricter} أشد تقييدًا)",
    "{name} {value} ({least} to {greatest}; {stricter} is stricter)",
)
BROKEN_PLACES: Final = Bilingual("مواضع الخلل", "broken")
BROKEN_RULES: Final = Bilingual("القواعد غير المستوفاة", "broken rules")
CHANGE: Final = Bilingual("التغيير", "change")
CHECK: Final = Bilingual("موضع التحقق في الشيفرة", "check")
COMPARED: Final = Bilingual("ما قورن", "compared")
DECIDED_AT: Final = Bilingual("وقت القرار", "decided at")
EXPECTED: Final = Bilingual("المتوقع", "expected")
FIELD: Final = Bilingual("البند", "field")
FIGURE: Final = Bilingual("القيمة", "figure")
FOUND: Final = Bilingual("الموجود", "found")
INDISPENSABLE: Final = Bilingual(
    "لا يُبتّ في أي طلب ما لم تكن هذه القاعدة سارية.", "Nothing is decided while this rule is not in force."
)
INVARIANT: Final = Bilingual("شرط السلامة", "invariant")
IN_FORCE_FROM: Final = Bilingual("سارية من", "in force from")
IN_FORCE_UNTIL: Final = Bilingual("تاريخ الانتهاء", "in force until (exclusive)")
INSTALLED_AT: Final = Bilingual("وقت التثبيت", "installed at")
INSTALLED_SINCE: Final = Bilingual("مثبّتة منذ، والقائم بالتثبيت", "installed since, by")
KIND_OF_REQUEST: Final = Bilingual("نوع الطلب", "kind of request")
MESSAGE: Final = Bilingual("السبب وما يمكن فعله", "why, and what to do")
NOT_SOUND: Final = Bilingual(
    "قاعدة البيانات غير سليمة، ولم يُصلَح شيء.", "The store is not sound; nothing has been repaired."
)
NO_DIFFERENCES: Final = Bilingual("لا فرق بين قواعد النسختين.", "The rules of both versions are the same.")
OPEN_ENDED: Final = Bilingual("غير محدد", "no end set")
READING: Final = Bilingual("تجري القراءة", "reading")
RESULT: Final = Bilingual("النتيجة", "result")
SLOT: Final = Bilingual("الوقت المطلوب", "slot")
SOUND: Final = Bilingual("قاعدة البيانات سليمة.", "The store is sound.")
SUSPENSION: Final = Bilingual("إيقاف خدمة", "suspension")
TIGHTENING: Final = Bilingual("تشديد", "tightening")
UNKNOWN_VERSIONS: Final = Bilingual("نسخ قواعد غير متوفرة", "missing rulebook versions")
VERSION_OPEN: Final = Bilingual(
    "{version} سارية من {first} دون تاريخ انتهاء", "{version}, in force from {first}, no end set"
)
VERSION_UNTIL: Final = Bilingual(
    "{version} سارية من {first} إلى ما قبل {last}", "{version}, in force from {first} to before {last}"
)
WAS_GRANTED: Final = Bilingual("قُبل الطلب. نتيجة كل قاعدة:", "Granted. The result of each rule:")
WAS_REFUSED: Final = Bilingual("رُفض الطلب. نتيجة كل قاعدة:", "Refused. The result of each rule:")
WAY: Final = Bilingual("الاتجاه", "way")
WHERE: Final = Bilingual("الموضع", "where")

RESULTS: Final = {
    "kept": Bilingual("مستوفاة", "met"),
    "broken": Bilingual("غير مستوفاة", "broken"),
    "not applicable": Bilingual("لا تنطبق", "not applicable"),
}
"""The results of a rule."""

KINDS: Final = {
    "added": Bilingual("أُضيفت", "added"),
    "removed": Bilingual("أُزيلت", "removed"),
    "changed": Bilingual("تغيرت", "changed"),
}
"""Kinds of difference between two versions."""

WAYS: Final = {"stricter": Bilingual("أشد", "stricter"), "looser": Bilingual("أيسر", "looser")}
"""Directions in which a figure changed."""

STRICTER: Final = {"less": Bilingual("الأقل", "less"), "more": Bilingual("الأكثر", "more")}
"""Directions in which a figure gets stricter."""

FIELDS: Final = {
    "status": words.STATUS,
    "source": words.SOURCE,
    "in_force_from": IN_FORCE_FROM,
    "in_force_until": IN_FORCE_UNTIL,
}
"""The fields of a rule that may change, beside its figures."""

AUDITED: Final = {
    "appointments": Bilingual("المواعيد", "appointments"),
    "events": Bilingual("الأحداث", "events"),
    "slots": Bilingual("الأوقات", "slots"),
    "answers": Bilingual("الردود", "answers"),
}
"""The records that an audit counts."""

INVARIANTS: Final = {
    "versions": Bilingual("النسخ", "versions"),
    "state": Bilingual("الحالة", "state"),
    "seats": Bilingual("المقاعد", "seats"),
    "capacity": Bilingual("السعة", "capacity"),
    "limits": Bilingual("الحدود", "limits"),
    "requests": Bilingual("الطلبات", "requests"),
    "person-states": Bilingual("سجل المستفيد", "person states"),
    "persons": Bilingual("الأشخاص", "persons"),
    "rules": Bilingual("القواعد", "rules"),
    "records": Bilingual("السجلات", "records"),
    "entries": Bilingual("قيود السجل", "log entries"),
    "seal": Bilingual("ختم السجل", "seal"),
    "tables": Bilingual("الجداول", "tables"),
    "readable": Bilingual("قابلية القراءة", "readability"),
}
"""The invariants that an audit checks."""


def period_of(book: Rulebook, language: Language) -> str:
    """The name of a version, with the days in which it is in force."""
    first, last = book.in_force_from.isoformat(), book.in_force_until
    if last is None:
        return words.filled(VERSION_OPEN, language, version=book.version, first=first)
    return words.filled(VERSION_UNTIL, language, version=book.version, first=first, last=last.isoformat())
