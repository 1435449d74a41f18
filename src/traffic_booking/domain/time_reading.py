"""Reads times of day as people type them, in Arabic and English.

Accepted: `09:30`, `٠٩:٣٠`, `9.30`, `09:30:00`, `9`, `الساعة 9`, `9:30 ص`, `9 م`, `9am`, `9:30 p.m.`, `9 صباحًا`,
`12:30 ظهرًا`, `9:30 in the morning`, `التاسعة والنصف صباحًا`, `العاشرة إلا ربعًا مساءً`, `9 ونصف صباحًا`, `noon`,
`midnight`, `منتصف الليل`.

Without a part of the day, an hour in figures is one of the 24-hour clock: `3` is 03:00. With one, 12 ص is 00:00 and
12 م is 12:00. A text that has two readings is refused: an hour in words without a part of the day, `1 إلا ربعًا`,
`12 مساءً`, `5 ليلًا`. So is one that contradicts itself, such as `13:00 ص`.
"""

import re
from collections.abc import Mapping
from datetime import time
from typing import Final

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.text_input import ascii_digits, typed_text

LONGEST: Final = 48
EXPECTED: Final = "a time such as 09:30, 9:30 ص, 9:30 PM or التاسعة والنصف صباحًا"

_HOUR: Final = 60
_NOON: Final = 12 * _HOUR
_DAY: Final = 24 * _HOUR
_HOURS_OF_A_DIAL: Final = 12
_VOWELS: Final = re.compile("[\u0640\u064b-\u065f\u0670]")
_FOLDED: Final = str.maketrans("أإآٱىةیکھہۃ：∶꞉﹕٫’", "ااااي" + "هيكههه" + "::::.'")
_LONG_NUMBER: Final = re.compile(r"\d{5,}")

_HOURS: Final = {
    "الواحده": 1,
    "الثانيه": 2,
    "الثالثه": 3,
    "الرابعه": 4,
    "الخامسه": 5,
    "السادسه": 6,
    "السابعه": 7,
    "الثامنه": 8,
    "التاسعه": 9,
    "العاشره": 10,
    "الحاديه عشره": 11,
    "الحاديه عشر": 11,
    "الثانيه عشره": 12,
    "الثانيه عشر": 12,
}
_PARTS_OF_AN_HOUR: Final = {"نصف": 30, "ربع": 15, "ثلث": 20}
_MINUTES: Final = {f"خمس {more}": 25 for more in ("وعشرين", "وعشرون", "و عشرين", "و عشرون")} | {
    "خمس": 5,
    "عشر": 10,
    "عشره": 10,
    "خمس عشره": 15,
    "خمسه عشر": 15,
    "عشرين": 20,
    "عشرون": 20,
}
_LESS: Final = " الا "
_UNIT: Final = "(?:دقيقه|دقائق|دقايق)"


def _one_of(names: Mapping[str, object]) -> str:
    return f"(?:{'|'.join(sorted(names, key=len, reverse=True))})"


_PREFIX: Final = re.compile(r"(?:(?:في |عند )?(?:تمام )?(?:الساعه|ساعت):? ?|at )?")
_TIME: Final = re.compile(
    r"(?:(?P<hour>\d{1,2})(?:(?P<joint>[:.])(?P<minute>\d\d)(?:(?P=joint)(?P<second>\d\d))?)?"
    rf"|(?P<named>{_one_of(_HOURS)}))"
    rf"(?P<part>(?: ?و ?|{_LESS})(?:ال)?{_one_of(_PARTS_OF_AN_HOUR)}ا?)?"
    rf"(?P<minutes>(?: ?و ?|{_LESS})(?:{_one_of(_MINUTES)}(?: {_UNIT})?|\d{{1,2}} {_UNIT}))?"
    r"(?: o'clock)?(?P<period>.*)",
    re.ASCII | re.DOTALL,
)
_ADDED: Final = re.compile(rf"(?P<less>{_LESS})?(?: ?و ?)?(?:ال)?(?P<amount>.+?)ا?(?: {_UNIT})?", re.DOTALL)


def _spans(*spans: tuple[int, int]) -> tuple[range, ...]:
    return tuple(range(first * _HOUR, end * _HOUR) for first, end in spans)


_AT_NOON: Final = (range(_NOON, _NOON + 1),)
_AT_MIDNIGHT: Final = (range(1),)
_PERIODS: Final[Mapping[str, tuple[range, ...]]] = {
    name: spans
    for names, spans in (
        ("ص am صباحا صباح الصباح فيالصباح inthemorning صبح قظ", _spans((0, 12))),
        ("م pm بظ", _spans((12, 24))),
        ("فجرا فجر الفجر", _spans((0, 7))),
        ("ضحي الضحي", _spans((6, 12))),
        ("ظهرا ظهر الظهر", _spans((11, 16))),
        ("بعدالظهر بعدازظهر intheafternoon", _spans((12, 19))),
        ("عصرا عصر العصر", _spans((13, 19))),
        ("مغربا المغرب", _spans((16, 21))),
        ("عشاء العشاء", _spans((18, 24))),
        ("مساء مساءا المساء فيالمساء intheevening", _spans((13, 24))),
        ("بعدمنتصفالليل", _spans((0, 6))),
        ("ليلا الليل فيالليل بالليل شب atnight", _spans((0, 5), (18, 24))),
        ("noon midday منتصفالنهار", _AT_NOON),
        ("midnight منتصفالليل", _AT_MIDNIGHT),
    )
    for name in names.split()
}
"""The minutes of the day that belong to each part of the day."""


def parse_time(text: str) -> time:
    """The time of day that `text` names, to the second.

    Raises:
        InvalidInput: `text` is no time as above, has two readings, or contradicts itself.

    Example::

        parse_time("٩:٣٠ م")  # time(21, 30)
    """
    typed = typed_text(text, "time", longest=LONGEST, expected=EXPECTED)
    plain = " ".join(_VOWELS.sub("", ascii_digits(typed)).lower().translate(_FOLDED).split())
    plain = _PREFIX.sub("", plain, count=1)
    alone = _PERIODS.get(_joined(plain))
    if alone in {_AT_NOON, _AT_MIDNIGHT}:
        return time(12 if alone is _AT_NOON else 0)
    found = _TIME.fullmatch(plain)
    period = "" if found is None else _joined(found["period"])
    if found is None or (period and period not in _PERIODS):
        raise _refused(typed, EXPECTED)
    hour = int(found["hour"]) if found["hour"] else _HOURS[found["named"]]
    minute, second = _minute(found, hour, typed), int(found["second"] or 0)
    if period:
        minute = _in_period(minute, period, typed, on_the_dial=1 <= hour <= _HOURS_OF_A_DIAL, exact=not second)
    elif found["named"] or (hour <= 1 and _LESS in plain):
        raise _refused(typed, "a part of the day after an hour in words, such as صباحًا or مساءً")
    return time(minute // _HOUR, minute % _HOUR, second)


def _joined(period: str) -> str:
    return period.replace(" ", "").replace(".", "")


def _minute(found: re.Match[str], hour: int, typed: str) -> int:
    """The minute of the day, as on a 24-hour clock."""
    minute = int(found["minute"] or 0)
    if hour * _HOUR >= _DAY or minute >= _HOUR or int(found["second"] or 0) >= _HOUR:
        raise _refused(typed, "00:00 to 23:59, or an hour from 1 to 12 with a part of the day")
    added = sum(_added(found[name]) for name in ("part", "minutes") if found[name])
    if (added and found["minute"]) or not -_HOUR < added < _HOUR:
        raise _refused(typed, EXPECTED)
    return (hour * _HOUR + minute + added) % _DAY


def _added(words: str) -> int:
    """The minutes of `والنصف`, or of `إلا خمس دقائق`, which are fewer than none."""
    found = _ADDED.fullmatch(words)
    assert found is not None
    amount = found["amount"]
    minutes = _PARTS_OF_AN_HOUR.get(amount) or _MINUTES.get(amount) or int(amount)
    return -minutes if found["less"] else minutes


def _in_period(minute: int, period: str, typed: str, *, on_the_dial: bool, exact: bool) -> int:
    """The only minute of that part of the day that a clock shows as `minute`, on a dial of 12 hours or of 24."""
    shown = {minute % _NOON, minute % _NOON + _NOON} if on_the_dial else {minute}
    fitting = [each for each in shown if any(each in span for span in _PERIODS[period])]
    if len(fitting) != 1 or not (exact or len(_PERIODS[period][0]) > 1):
        raise _refused(typed, "an hour that the part of the day has, such as 12:30 ظهرًا, 9:30 ص or 00:30")
    return fitting[0]


def _refused(typed: str, expected: str) -> InvalidInput:
    """The error, without long numbers: one may be a person's id."""
    return InvalidInput("time", got=repr(_LONG_NUMBER.sub("…", typed)), expected=expected)
