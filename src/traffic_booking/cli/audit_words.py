"""The words of the audit, in Arabic and English."""

from typing import Final

from traffic_booking import Bilingual

BROKEN: Final = Bilingual("المخالفات", "broken")
EXPECTED: Final = Bilingual("المتوقع", "expected")
FOUND: Final = Bilingual("الموجود", "found")
INVARIANT: Final = Bilingual("الثابت", "invariant")
NOT_SOUND: Final = Bilingual("المخزن غير سليم، ولم يُصلَح شيء.", "The store is not sound; nothing has been repaired.")
READING: Final = Bilingual("تجري القراءة", "reading")
SOUND: Final = Bilingual("المخزن سليم.", "The store is sound.")
WHERE: Final = Bilingual("الموضع", "where")

COUNTED: Final = {
    "appointments": Bilingual("المواعيد", "appointments"),
    "events": Bilingual("الأحداث", "events"),
    "slots": Bilingual("الأوقات", "slots"),
    "answers": Bilingual("الإجابات", "answers"),
}
"""What is looked at."""

INVARIANTS: Final = {
    "versions": Bilingual("النسخ", "versions"),
    "state": Bilingual("الحالة", "state"),
    "seats": Bilingual("المقاعد", "seats"),
    "capacity": Bilingual("السعة", "capacity"),
    "limits": Bilingual("الحدود", "limits"),
    "requests": Bilingual("الطلبات", "requests"),
    "person-states": Bilingual("سجلات المستفيدين", "states of persons"),
    "persons": Bilingual("الأشخاص", "persons"),
    "readable": Bilingual("قابلية القراءة", "readability"),
}
"""What has to hold."""
