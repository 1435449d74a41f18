"""The words of the commands of a gate, in both languages."""

from collections.abc import Mapping
from typing import Final

from traffic_booking import Bilingual

AS_OF: Final = Bilingual("حُرّرت في", "as of")
CONFLICTS: Final = Bilingual(
    "تذاكر استُخدمت أكثر من مرة؛ والمعتبر هو الاستخدام الأول:",
    "Tickets that were used more than once; the first use counts:",
)
EXPECTED: Final = Bilingual("المواعيد المتوقعة", "expected")
EXPORTED: Final[Mapping[str, Bilingual]] = {
    "signed": Bilingual("كُتبت قائمة اليوم موقّعة.", "The list of the day is written, signed."),
    "unsigned": Bilingual(
        "كُتبت قائمة اليوم دون توقيع: لا يُعرف إن غيّرها أحد.",
        "The list of the day is written without a signature: nobody can see whether it was altered.",
    ),
}
FAULT: Final = Bilingual("الخلل", "fault")
FIRST_USE: Final = Bilingual("الاستخدام الأول", "first use")
GATE: Final = Bilingual("البوابة", "gate")
MARKS: Final[Mapping[bool, Bilingual]] = {True: Bilingual("نعم", "YES"), False: Bilingual("لا", "NO")}
"""The beginning of an answer: many people can't see the colours."""
MERGED: Final[Mapping[str, Bilingual]] = {
    "accepted": Bilingual("سُجّل حضورهم الآن", "recorded now"),
    "known": Bilingual("مسجّلة من قبل", "known before"),
    "conflicts": Bilingual("استخدام ثانٍ", "second uses"),
    "refused": Bilingual("رفضتها القواعد", "refused"),
    "turned_away": Bilingual("لم يُسمح لهم بالدخول", "turned away at the gate"),
    "postponed": Bilingual("مؤجلة؛ أعد دمجها لاحقًا", "postponed; merge them again"),
}
LIST_FILE: Final = Bilingual("الملف", "file")
NO_KEYS: Final = Bilingual(
    "المفاتيح العامة ناقصة، فلم تُقرأ رموز التذاكر الموقّعة. أعد الدمج مع --sign-with.",
    "The public keys are missing, so signed codes were not read. Merge again with --sign-with.",
)
NOBODY_EXPECTED: Final = Bilingual("لا مواعيد في هذا اليوم.", "No appointments on this day.")
REFUSED_SCANS: Final = Bilingual("دخلوا عند بوابة، وترفضهم القواعد:", "Admitted at a gate, but the rules refuse them:")
SECOND_USE: Final = Bilingual("الاستخدام الثاني", "second use")
UNREAD_JOURNALS: Final = Bilingual(
    "سجلات لم تُقرأ، ولم يُدمج منها شيء:", "Journals that can't be read; nothing of them was merged:"
)
VALID_UNTIL: Final = Bilingual("صالحة حتى", "valid until")
