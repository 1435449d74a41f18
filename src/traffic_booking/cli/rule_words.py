"""The words in which the shell command tells of rules and versions, in Arabic and English."""

from typing import Final

from traffic_booking import Bilingual
from traffic_booking.cli import words

AFTER: Final = Bilingual("النسخة اللاحقة", "after")
BEFORE: Final = Bilingual("النسخة السابقة", "before")
BOUNDED: Final = Bilingual(
    "{name}: {value} (من {least} إلى {greatest}، والأشد {stricter})",
    "{name} {value} ({least} to {greatest}; {stricter} is stricter)",
)
CHANGE: Final = Bilingual("التغيير", "change")
CHECK: Final = Bilingual("موضع التحقق في الشيفرة", "check")
DECIDES: Final = Bilingual("تُطبَّق عند", "heard for")
FIELD: Final = Bilingual("البند", "field")
FIGURE: Final = Bilingual("رقم", "figure")
INDISPENSABLE: Final = Bilingual(
    "لا يُبتّ في أي طلب ما لم تكن هذه القاعدة سارية.", "Nothing is decided while this rule is not in force."
)
IN_FORCE_FROM: Final = Bilingual("سارية من", "in force from")
IN_FORCE_UNTIL: Final = Bilingual("سارية حتى ما قبل", "in force until before")
NO_DIFFERENCES: Final = Bilingual("لا فرق بين قواعد النسختين.", "The rules of both versions are the same.")
OPEN_ENDED: Final = Bilingual("إشعار آخر", "further notice")
SUSPENSION: Final = Bilingual("إيقاف خدمة", "suspension")
TIGHTENING: Final = Bilingual("تشديد", "tightening")
WAY: Final = Bilingual("الاتجاه", "way")

USES: Final = {
    "hold": Bilingual("الحجز المؤقت", "hold"),
    "book": Bilingual("الحجز", "book"),
    "cancel": Bilingual("الإلغاء", "cancel"),
    "move": Bilingual("النقل", "move"),
    "find-to-move": Bilingual("البحث عن الموعد المراد نقله", "finding what is to be moved"),
    "check-in": Bilingual("تسجيل الحضور", "check-in"),
    "declare": Bilingual("تعديل تقويم الدوام", "declare"),
    "sign-in": Bilingual("الدخول", "sign-in"),
    "resume": Bilingual("متابعة الجلسة", "resume"),
}
"""What rules are heard for; another use goes by its own name."""

KINDS: Final = {
    "added": Bilingual("أضيفت", "added"),
    "removed": Bilingual("أزيلت", "removed"),
    "changed": Bilingual("تغيرت", "changed"),
}
"""What became of something between two versions."""

WAYS: Final = {"stricter": Bilingual("أشد", "stricter"), "looser": Bilingual("أيسر", "looser")}
"""Which way a figure went."""

STRICTER: Final = {"less": Bilingual("الأقل", "less"), "more": Bilingual("الأكثر", "more")}
"""Which way a figure is made stricter."""

FIELDS: Final = {
    "status": words.STATUS,
    "source": words.SOURCE,
    "in_force_from": IN_FORCE_FROM,
    "in_force_until": IN_FORCE_UNTIL,
}
"""What of a rule may change beside its figures."""
