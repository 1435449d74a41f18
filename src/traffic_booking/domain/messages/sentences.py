"""The sentences of messages in both languages, and how they are filled in."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from traffic_booking.domain.messages.translating import left_to_right, translated
from traffic_booking.domain.values import masked

Part = tuple[str, Mapping[str, str]]
"""The name of a sentence, and the values of its places."""

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "invalid": ("قيمة «{field}» غير مقبولة: {got}", "{field} is not accepted: {got}"),
    "missing": ("لم تُدخل قيمة «{field}»", "{field} is missing"),
    "expected": ("المطلوب: {expected}", "Expected: {expected}"),
    "correct": ("صحّحها ثم أعد المحاولة", "Correct it and try again"),
    "enter": ("أدخلها ثم أعد المحاولة", "Enter it and try again"),
    "faults": (
        "{field}: عدد الأخطاء {count}. صحّح ما يلي ثم أعد المحاولة:",
        "{field}: {count} faults. Correct what is listed and try again:",
    ),
    "fault": (
        "{file}، المدخل {entry}، الحقل {key}: الموجود: {got}؛ المطلوب: {expected}",
        "{file}, entry {entry}, field {key}: got {got}; expected {expected}",
    ),
    "not-found": ("لم يُعثر على {what} بالمعرّف {name}", "There is no {what} {name}"),
    "reason": ("السبب: {reason}", "Reason: {reason}"),
    "close": ("هل تقصد {names}؟", "Did you mean {names}?"),
    "known": ("المعرّفات الموجودة: {names}", "There are: {names}"),
    "check-name": ("تحقق من المعرّف ثم أعد المحاولة", "Check the id and try again"),
    "no-appointment": ("لا يوجد لديك موعد بالرقم {name}", "You have no appointment {name}"),
    "check-number": (
        "تحقق من الرقم، أو اعرض قائمة مواعيدك",
        "Check the number, or list your appointments",
    ),
    "mismatch": (
        "معرّف الطلب {name} سبق استخدامه لطلب مختلف، ولم يتغير شيء",
        "Request id {name} was used before, for a different request. Nothing was changed",
    ),
    "new-id": ("أرسل الطلب الجديد بمعرّف جديد", "Send the new request with a new id"),
    "lacks-part": ("جزء اختياري غير مثبّت: {part}", "{part} needs an optional part that is not installed"),
    "install": ("لتثبيته: {command}", "Install it: {command}"),
    "not-installed": (
        "ليست هذه الأجزاء هي المثبّتة في قاعدة البيانات ({field}): {got}",
        "{field} is not the installed one: {got}",
    ),
    "install-it": (
        "لتثبيته: {command}. ولفتح مكتب الحجز بما هو مثبّت: {keyword}",
        "Install it: {command}. Or open the desk with what is installed: {keyword}",
    ),
    "unsafe-file": (
        "يستطيع غير مالك الملف {name} قراءته، وفيه بيانات شخصية: صلاحياته {mode}",
        "Others than its owner can read {name}, which has personal data: its mode is {mode}",
    ),
    "run": ("لتصحيحها: {command}", "Correct it: {command}"),
    "needs": ("ما يلزم لاستخدام {part}: {needs}", "{part} needs {needs}"),
    "detail": ("{where}: {got}", "{where}: {got}"),
    "cause": ("السبب: {got}", "Reason: {got}"),
    "error": ("حدث خطأ: {text}", "{text}"),
    "store": ("لم تؤكد قاعدة البيانات تنفيذ العملية", "The store did not confirm the operation"),
    "store-again": (
        "أعد إرسال الطلب نفسه بمعرّفه نفسه لتعرف نتيجته",
        "Send the same request again, with its id, to learn its result",
    ),
    "unavailable": ("قاعدة البيانات غير متاحة الآن", "The store is not available now"),
    "unavailable-again": (
        "أعد المحاولة لاحقًا. وإن كنت قد أرسلت طلبًا فأعد إرساله بمعرّفه نفسه",
        "Try again later. If you sent a request, send the same one with its id",
    ),
    "unreadable": ("تعذّرت قراءة محتوى قاعدة البيانات", "The content of the store can't be read"),
    "unreadable-again": ("أبلغ مسؤول النظام", "Tell the operator of the system"),
    "misconfigured": (
        "إعدادات قاعدة البيانات لا تسمح باستخدامها",
        "The store can't be used as it is set up",
    ),
    "misconfigured-again": (
        "صحّح ما ذُكر، ثم افتح قاعدة البيانات من جديد",
        "Correct what is named here, then open the store again",
    ),
    "contended": ("سبقت هذا الطلب تغييرات أخرى، ولم يتغير شيء", "Other changes came first, and nothing was changed"),
    "contended-again": ("أعد إرسال الطلب نفسه", "Send the same request again"),
    "behind-log": (
        "قاعدة البيانات أقدم من سجلها المختوم، أو ليست قاعدة البيانات الخاصة به",
        "The store is older than its sealed log, or is not the store of that log",
    ),
    "behind-log-again": (
        "أبلغ مسؤول النظام: إن كانت نسخة احتياطية مستعادة فلينفذ أولًا خطوات ما بعد الاستعادة",
        "Tell the operator of the system: after a restore, the steps of the guide about restores come first",
    ),
    "log-unreadable": (
        "السجل المختوم تالف أو مغيّر، أو ليس موقّعًا بالمفتاح المطلوب",
        "The sealed log is damaged or changed, or not signed by the given key",
    ),
    "log-unreadable-again": (
        "أبلغ مسؤول النظام، واحتفظ بملفات السجل كما هي",
        "Tell the operator of the system, and keep the files of the log as they are",
    ),
    "closed": ("قاعدة البيانات مغلقة", "The store is closed"),
    "closed-again": ("افتح قاعدة البيانات من جديد", "Open the store again"),
}
"""The Arabic and the English sentence of each name."""

_TABLES: Final[Mapping[str, str]] = {
    "field": "FIELDS",
    "where": "FIELDS",
    "entry": "ENTRIES",
    "what": "KINDS",
    "part": "KINDS",
    "got": "TEXTS",
    "expected": "TEXTS",
    "reason": "TEXTS",
    "needs": "TEXTS",
}
"""The table for each place; other places are values."""

LONGEST: Final = 400
"""The longest value in a message, in characters."""

_MESSAGE: Final = re.compile(r"(?:(.*?): (?=got ))?(?:got )?(.*?)(?:; expected (.*))?", re.DOTALL)
_ONE: Final = re.compile(r"(?<![\d.,-])1 (byte|character|day|degree|digit|fault|key|minute|seat|symbol|time|year)s\b")
_NAME: Final = re.compile(r"[a-z]\w*", re.ASCII)
_PLACE: Final = re.compile(r"\{(\w+)\}")
_ENDS: Final = (".", "?", "؟", "!", ":", "…")


def parts_of_store(message: str) -> Iterator[Part]:
    """The parts of a store's message, `WHERE: got WHAT; expected WHAT`; either end may be missing."""
    where, got, expected = _MESSAGE.fullmatch(message).groups()  # type: ignore[union-attr] # it matches any text
    if where and got:
        yield "detail", {"where": where, "got": got}
    elif got:
        yield "cause", {"got": got}
    if expected:
        yield "expected", {"expected": expected}


def arabic(parts: Iterable[Part]) -> str:
    """The sentences in Arabic, each value translated or isolated."""
    return " ".join(_ended(_filled(SENTENCES[name][0], values, _in_arabic)) for name, values in parts)


def english(parts: Iterable[Part]) -> str:
    """The sentences in English, with a field's name as words."""
    made = (_ended(_filled(SENTENCES[name][1], values, _in_english)) for name, values in parts)
    return _ONE.sub(r"1 \1", " ".join(map(_capitalised, made)))


def _filled(sentence: str, values: Mapping[str, str], shown: Callable[[str, str], str]) -> str:
    return _PLACE.sub(lambda place: shown(place[1], _bounded(values[place[1]])), sentence)


def _in_arabic(place: str, value: str) -> str:
    if place == "names":
        return "، ".join(map(left_to_right, value.split(", ")))
    return translated(value, _TABLES[place]).text if place in _TABLES else left_to_right(value)


def _in_english(place: str, value: str) -> str:
    return value.replace("_", " ") if place == "field" and _NAME.fullmatch(value) else value


def _capitalised(sentence: str) -> str:
    """The sentence with a capital, if it begins with a word and not with an option, a path or a number."""
    first = sentence.split(" ", 1)[0].rstrip(",:")
    return sentence[:1].upper() + sentence[1:] if first.isascii() and first.isalpha() else sentence


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(_ENDS) else f"{sentence}."


def _bounded(value: str) -> str:
    """`value` with a bounded length, and with asterisks for most of a long number, which may be a person's id."""
    return masked(value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…")
