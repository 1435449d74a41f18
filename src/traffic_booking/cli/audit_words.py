"""The findings of an audit in Arabic. The library states them in English, as stable texts to search logs for."""

import re
from typing import Final

from traffic_booking import AppointmentState, Bilingual, Language
from traffic_booking.cli import words

PLACES: Final = (
    Bilingual("الطلب {name}", "request {name}"),
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
)
"""Found and expected parts; of those that fit, the one with the longest English text counts."""

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
