"""The findings of an audit in Arabic. The library states them in English, as stable texts to search logs for."""

import re
from typing import Final

from traffic_booking import AppointmentState, Bilingual, Language, NotEvidence
from traffic_booking.cli import words

PLACES: Final = (
    Bilingual("السجل المختوم {name}", "log {name}"),
    Bilingual("نقطة ختم بعدد {count} من القيود", "checkpoint of {count} leaves"),
    Bilingual("الطلب {name}", "request {name}"),
    Bilingual("الاستعادة {name}", "restore {name}"),
    Bilingual("الاستعادات", "restores"),
    Bilingual("المستفيد {name}", "person {name}"),
    Bilingual("{branch} المقاعد المشتركة {pool} {start}", "{branch} pool {pool} {start}"),
)
"""Kinds of broken places that have a word before their id."""

FIELDS: Final = {
    "version": Bilingual("النسخة", "version"),
    "state": Bilingual("الحالة", "state"),
    "slot": Bilingual("الوقت", "slot"),
    "slot ends at": Bilingual("وقت الانتهاء", "slot ends at"),
    "time zone": Bilingual("المنطقة الزمنية", "time zone"),
    "applicant": Bilingual("المستفيد", "applicant"),
    "rulebook": Bilingual("نسخة القواعد", "rulebook"),
    "changed at": Bilingual("وقت آخر إجراء", "changed at"),
    "instructions": Bilingual("نسخة التعليمات", "instructions"),
    "moves": Bilingual("عدد مرات النقل", "moves"),
    "pool": Bilingual("المقاعد المشتركة", "pool"),
    "hold ends at": Bilingual("نهاية الحجز المؤقت", "hold ends at"),
    "cancelled by applicant at": Bilingual("وقت إلغاء المستفيد", "cancelled by applicant at"),
    "number": Bilingual("رقم الموعد", "number"),
}
"""The fields of an appointment that may differ from its events."""

FINDINGS: Final = (
    Bilingual("الأحداث {events} دون موعد", "events {events} and no appointment"),
    Bilingual("الأحداث {events}", "events {events}"),
    Bilingual("كلاهما أو لا شيء", "both, or nothing"),
    Bilingual("من 1 إلى {version}", "1 to {version}"),
    Bilingual("أحداث لا يمكن أن تتوالى", "events that can't follow each other"),
    Bilingual("حجز أو حجز مؤقت أولًا", "a hold or booking first"),
    Bilingual("عدد المقاعد المحجوزة {seats}", "{seats} seats taken"),
    Bilingual("{seats}، واحد لكل موعد أو حجز مؤقت", "{seats}, one for each appointment or hold"),
    Bilingual("{seat}: أعد عدّ المقاعد", "{seat}: recount the seats"),
    Bilingual("مقعد لخدمته وحدها", "a seat of its own service"),
    Bilingual(
        "مقعد من المقاعد المشتركة {pool} بخطوات عدد دقائقها {minutes}",
        "a seat of the pool {pool} in steps of {minutes} minutes",
    ),
    Bilingual("عدد المواعيد التي لها مقاعد {count}", "{count} appointments with a seat"),
    Bilingual("{most} على الأكثر، وهي السعة عند حجزها", "at most {most}, the capacity when they got theirs"),
    Bilingual("{fault} على الطلب الذي نتجت عنه النسخة {version}", "{fault} to the request of version {version}"),
    Bilingual("لا رد", "no answer"),
    Bilingual("الرد {kind}", "the answer {kind}"),
    Bilingual("رد على مستفيد آخر", "an answer to another person"),
    Bilingual("رد عن الموعد {number}، النسخة {version}", "an answer about {number}, version {version}"),
    Bilingual("الرد الذي نتج عنه", "the answer that caused it"),
    Bilingual("الموعد {number} كما ورد في الرد، النسخة {version}", "{number} as it was answered, version {version}"),
    Bilingual("عدد أحداثه {count}", "{count} events of it"),
    Bilingual("النسخة نفسها بطلب آخر", "that version under another request"),
    Bilingual("سجل المستفيد بالنسخة {version}", "a person state of version {version}"),
    Bilingual("{count} أو أكثر، واحدة لكل طلب بشأنه", "{count} or more, one for each request about it"),
    Bilingual("سجل المستفيد خالٍ منه", "a person state without it"),
    Bilingual("وجوده فيه بحالته: {state}", "it, as it is {state}"),
    Bilingual("سجل المستفيد مختلف عنه ({state})", "a person state in which it differs ({state})"),
    Bilingual("وجوده فيه كما هو", "it, as it is"),
    Bilingual("سجل المستفيد فيه الموعد {number}", "a person state with {number}"),
    Bilingual("مواعيد هذا المستفيد وحدها", "only appointments of this person"),
    Bilingual("معرّف آخر", "another id"),
    Bilingual("لم يُسجّل المستفيد", "no registration"),
    Bilingual("معرّف أو تسجيل لا يمكن قراءته", "an id or a registration that can't be read"),
    Bilingual("لا سجل لمستفيد بهذا النوع من الهوية", "no state of a person with this kind of document"),
    Bilingual(
        "المعرّف الذي سُجّلت بصمته عند تسجيل المستفيد",
        "the id whose commitment was logged when the person was registered",
    ),
    Bilingual("لا موعد بهذا الرقم", "no appointment by its number"),
    Bilingual("الموعد الوارد في القائمة", "the one that is listed"),
    Bilingual("ما لا يمكن قراءته، عند {position}", "what can't be decoded, at {position}"),
    Bilingual("ما لا يمكن قراءته", "what can't be decoded"),
    Bilingual("ما كُتب", "what was written"),
    Bilingual("قيد آخر في التقويم برقم {number}، أو لا شيء", "another calendar entry {number}, or none"),
    Bilingual("ما سُجّل", "what was declared"),
    Bilingual(
        "قُبل خلافًا للقواعد {rules}، مع مواعيد قائمة أخرى عددها {count}",
        "granted against {rules}, beside {count} others that were active",
    ),
    Bilingual("ما تسمح به نسخة القواعد {version}", "what rulebook {version} allows"),
    Bilingual("لا حالة للمستفيد", "no person state"),
    Bilingual("حالة المستفيد صاحب الموعد", "one of the person whose appointment it is"),
    Bilingual("القاعدة {rule} {result} عند إعادة التقييم", "rule {rule} {result} when it is evaluated again"),
    Bilingual("{result} كما سُجّل", "{result}, as recorded"),
    Bilingual("مستوفاة", "kept"),
    Bilingual("غير مستوفاة", "broken"),
    Bilingual("لا تنطبق", "not applicable"),
    Bilingual("لم تُخالف", "not broken"),
    Bilingual("لم تُقيَّم", "not evaluated"),
    Bilingual("النسخة {after} بعد النسخة {before}", "version {after} behind version {before}"),
    Bilingual("حذف النسخة {before}", "a removal of version {before}"),
    Bilingual("كل النسخ مرة واحدة بترتيبها", "every version once, in their order"),
    Bilingual("سجل آخر غير الذي كُتب", "another record than the one that was written"),
    Bilingual("سجل لم يكتبه أي قيد", "a record that no entry wrote"),
    Bilingual("لا سجل", "no record"),
    Bilingual("لا شيء", "none"),
    Bilingual("النسخة {version} كما تقول القيود", "version {version}, as the entries say"),
    Bilingual("القيمة {value}", "the value {value}"),
    Bilingual("{value}، وهو مجموع ما تقوله القيود", "{value}, the sum of what the entries say"),
    Bilingual("قيد ليس في السجل المختوم", "an entry that the log does not have"),
    Bilingual("لا شيء، أو القيد المختوم", "none, or the sealed one"),
    Bilingual("قيد آخر غير المختوم", "another entry than the sealed one"),
    Bilingual("القيد المختوم", "the sealed one"),
    Bilingual("لا قيد", "no entry"),
    Bilingual("القيد المختوم الذي لم يحذفه شيء", "the sealed one, which nothing has removed"),
    Bilingual("قيد حُذف من قبل", "an entry that was removed before"),
    Bilingual("قيد بعد نهاية السجل", "an entry behind the end of the log"),
    Bilingual("قاعدة بيانات تنتهي عند {end} وهي أقدم من السجل", "a store that ends at {end}, older than the log"),
    Bilingual("قاعدة بيانات تبلغ {end}", "one up to {end}"),
    Bilingual("فجوة غير مختومة فيها {count} من القيود", "a gap of {count} entries that is not sealed"),
    Bilingual("فجوة مختومة: اختم ثم أعد التدقيق", "a sealed one: seal, then audit again"),
    Bilingual("{count} من القيود المفقودة", "{count} lost entries"),
    Bilingual("{count} كما تقول الاستعادات", "{count}, as the restores say"),
    Bilingual("سجل بعدد {count} من القيود", "a log of {count} leaves"),
    Bilingual("سجل بعدد {count} من القيود أو أكثر", "a log of {count} leaves or more"),
    Bilingual("سجل آخر", "another log"),
    Bilingual("السجل الذي أُخذت منه نقطة الختم هذه", "the log that this checkpoint is of"),
    Bilingual("لا نقطة ختم", "no checkpoint"),
    Bilingual("مجلد سجل مختوم", "the folder of a sealed log"),
    Bilingual("لا توقيع بالمفاتيح المعطاة", "no signature of the given keys"),
    Bilingual("توقيع غير صحيح", "a signature that does not hold"),
    Bilingual("نقطة ختم موقّعة لهذا السجل", "a signed checkpoint of this log"),
    Bilingual("محتوى آخر في {file}", "another content of {file}"),
    Bilingual("تجزئات قيوده", "the hashes of its leaves"),
    Bilingual("قيود غير قيود نقطة الختم {size}", "other leaves than those of its checkpoint of {size}"),
    Bilingual("القيود نفسها", "the same leaves"),
    Bilingual("لا ملف {file}", "no file {file}"),
    Bilingual("كل ملفات آخر نقطة ختم", "all files of its newest checkpoint"),
    Bilingual("ما لا تنشئه هذه النسخة من المكتبة", "one that this release does not make"),
    Bilingual("تعريف آخر", "one with another definition"),
    Bilingual("مخطط هذه النسخة من المكتبة", "the schema of this release"),
    Bilingual("اسم جدول غير موجود", "a name of no table"),
    Bilingual("لا اسم لجدول موجود", "no name of a table that there is"),
    Bilingual("أسماء الجداول كلها", "the names of all tables"),
    Bilingual("{count} من القيود في مواضع لا يراها أي قارئ", "{count} entries at places that no reader sees"),
    Bilingual("مواضع يراها كل قارئ", "places that every reader sees"),
)
"""Found and expected parts; of those that fit, the one with the longest English text counts."""

WHAT_TO_DO: Final = Bilingual("ما العمل", "what to do")
NO_LOG: Final = Bilingual(
    "لم يُقارَن أي سجل مختوم: أعد الأمر مع --log و --key فلا يُكشف من غيّر كل شيء تغييرًا متسقًا إلا بهما.",
    "No sealed log was compared. Give --log and --key: only they show a forgery that changed everything consistently.",
)
RESTORED: Final = (
    Bilingual("استُعيدت في", "restored at"),
    Bilingual("آخر قيد باقٍ", "last entry kept"),
    Bilingual("آخر قيد مفقود", "last entry lost"),
    Bilingual("القيود المفقودة", "entries lost"),
)
"""The columns of restores, but for the actor."""
NOT_SEALED: Final = Bilingual(
    "القيود الأحدث من آخر ختم لا يشهد عليها سوى قاعدة البيانات. أعد الأمر بعد الختم التالي.",
    "Entries that are younger than the last seal have no witness but the store. Repeat this after the next seal.",
)
WITHOUT_KEY: Final = Bilingual(
    "لم يُعطَ مفتاح الأسماء المستعارة، فلم تُقارَن أرقام الهويات ببصماتها في السجل.",
    "The pseudonym key was not given, so ids were not compared with their commitments in the log.",
)
NOT_INSPECTED: Final = Bilingual(
    "لم تُفحص الجداول نفسها: قاعدة البيانات هذه لا تتيح فحصها.",
    "The tables themselves were not inspected: this store can't inspect them.",
)
NOT_EVIDENCE: Final = Bilingual("لا يشهد السجل على", "the log does not vouch for")

SEALED: Final = {
    "entries": Bilingual("قيود السجل", "log entries"),
    "records": Bilingual("السجلات المطابقة لما كُتب", "records as they were written"),
    "sealed": Bilingual("القيود المختومة", "sealed entries"),
    "not_sealed": Bilingual("القيود التي لم تُختم بعد", "entries not yet sealed"),
    "checkpoints": Bilingual("نقاط الختم المقارنة", "checkpoints compared"),
}
"""The counts of an audit with a log."""

LOG: Final = frozenset({"records", "entries", "seal"})
"""The invariants that need a log."""

_RESTORE: Final = Bilingual(
    "احفظ نسخة، ثم اسأل من غيّر قاعدة البيانات أو استعاد نسخة أقدم",
    "Keep a copy. Ask who changed the store by hand, or restored an older copy",
)
_DECIDE: Final = Bilingual(
    "احفظ نسخة، ثم قارن تاريخ الموعد بشرح قراراته", "Keep a copy. Compare the history with `explain`"
)
ACTIONS: Final = {
    "versions": _DECIDE,
    "state": _DECIDE,
    "seats": Bilingual(
        "إن كان العدد أقل فأغلق الوقت أولًا، ثم أعد عدّ المقاعد", "If the count is too low, close the slot; then recount"
    ),
    "capacity": Bilingual("أبلغ الفرع بعدد القادمين", "Tell the branch how many people will come"),
    "limits": _DECIDE,
    "requests": _DECIDE,
    "person-states": _DECIDE,
    "persons": _RESTORE,
    "rules": Bilingual(
        "أعطِ ملف القواعد الذي صدر به القرار، أو اشرح الطلب", "Give the rulebook that decided, or explain the request"
    ),
    "records": _RESTORE,
    "entries": _RESTORE,
    "seal": Bilingual(
        "قارن مجلد السجل بنسخة الشاهد، وتحقق من المفتاح. وبعد الاستعادة نفّذ maintain after-restore ثم seal",
        "Compare the log with the witness's copy, and check the key."
        " After a restore: `maintain after-restore`, then `seal`",
    ),
    "tables": Bilingual("اسأل من غيّر جداول قاعدة البيانات", "Ask who changed the tables"),
    "readable": _RESTORE,
}
"""The next step of a reader, by the invariant that is broken."""

REASONS: Final = {
    "accounts": "تجزئة كلمات المرور، ولا أثر لها في المواعيد",
    "attempts": "محاولات الدخول الفاشلة، وتُعد دقائق",
    "sessions": "حالة الدخول، وهي تنتهي ولا أثر لها في المواعيد",
    "codes": "رموز التحقق المستخدمة، وتُحفظ دقائق",
    "migrations": "خطوات إنشاء الجداول، وتُقارن عند كل فتح",
    "sqlite_sequence": "جدول تابع لقاعدة SQLite فيه آخر موضع في السجل",
    "generations": "أجزاء السجل في PostgreSQL، وأحدثها ليس قبل آخر قيد مختوم",
}
"""Why no log vouches for a table."""

_DIFFERENCES: Final = tuple(
    text
    for name, label in FIELDS.items()
    for text in (
        Bilingual(f"{label.ar} في الأحداث", f"the rebuilt {name}"),
        Bilingual(f"{label.ar} بقيمة أخرى", f"another {name}"),
        Bilingual(f"دون {label.ar}", f"no {name}"),
        Bilingual(f"{label.ar}: {{value}}", f"{name} {{value}}"),
    )
)
_STATES: Final = {state.value: state.label for state in AppointmentState}
_PLACEHOLDER: Final = re.compile(r"\\\{(\w+)\\\}")


def _pattern(text: Bilingual) -> tuple[re.Pattern[str], str]:
    return re.compile(_PLACEHOLDER.sub(r"(?P<\1>.+)", re.escape(text.en)), re.DOTALL), text.ar


_OF_PLACES: Final = [_pattern(text) for text in PLACES]
_OF_FINDINGS: Final = [
    _pattern(text) for text in sorted((*FINDINGS, *_DIFFERENCES), key=lambda text: len(text.en), reverse=True)
]


def place_in(where: str, language: Language) -> str:
    """A broken place; ids as they are."""
    return where if language == "en" else _translated(where, _OF_PLACES) or where


def finding_in(text: str, language: Language) -> str:
    """A found or expected part of a fault. A text without a translation, as of a host's own check, stays as it is."""
    if language == "en":
        return text
    parts = [_arabic(part) for part in text.split(", ")]
    return words.listed(parts, language) if all(parts) else _arabic(text) or text


def _arabic(text: str) -> str:
    return _STATES[text].ar if text in _STATES else _translated(text, _OF_FINDINGS)


def _translated(text: str, patterns: list[tuple[re.Pattern[str], str]]) -> str:
    for pattern, arabic in patterns:
        if found := pattern.fullmatch(text):
            return arabic.format(**{name: _arabic(value) or value for name, value in found.groupdict().items()})
    return ""


def not_evidence(table: NotEvidence, language: Language) -> str:
    """A table that no log vouches for, with the reason."""
    why = table.why if language == "en" else REASONS.get(table.table, table.why)
    return f"{table.table}: {why}"
