"""The words of a date: the names of months, weekdays and eras.

Names are compared word by word: `rab ii` is a shortened Rabi II and no misspelt Rabi I. A table has one regular
expression for each month, for folded words with single spaces. A name that fits two months is no name.
"""

import re
from typing import Final, Literal

Calendar = Literal["hijri", "gregorian"]

_AL: Final = " ?(?:[aeiu]?(?:l|s|ss|t|th|ts))? ?"
"""The Arabic article in Latin letters, also assimilated and joined: `al`, `ul`, `ath`, `us`."""
_FIRST: Final = f"(?: i| 1|{_AL}(?:a[uvw]{{1,2}}[aeu]?l{{1,2}}(?:a|ah|i)?|[ou]{{1,2}}l{{1,2}}a{{1,2}}h?|first))"
_SECOND: Final = (
    f"(?: ii| 2|{_AL}(?:(?:s|t|th|ts)a{{1,2}}n(?:ee|i|y)y?(?:y?ah?|eh)?|[aou]{{1,2}}k?h[aei]?r(?:ah?|eh|i)?|second))"
)
_RABI: Final = "rab(?:ee|i|ia|ie|ii|iy)?"
_JUMADA: Final = "(?:dj|g|j)(?:am|om|oum|um|umm)(?:a{1,2}d(?:a{1,2}h?|e|i|y)?)?"
_DHU: Final = f"(?:d|dh|dj|dz|th|z|zh)[aeiou]{{1,2}}{_AL}"
_AWWAL: Final = "(?: ?(?:ال)?(?:اول|اولي|اولا|اوله)| 1| i)"
_THANI: Final = "(?: ?(?:ال)?(?:ثاني|ثان|ثانيه|اخر|اخره|اخري)| 2| ii)"
_RABI_AR: Final = "(?:ال)?ر ?بيع"
_JUMADA_AR: Final = "جماد(?:ي|ا|ه)?"

_PRAISE: Final = "حرام|خير|مظفر|فرد|مرجب|اصم|معظم|مبارك|كريم|مكرم"
_PRAISE_LATIN: Final = "haraa?m|kha[iy]r|mu[sz]affar|murajjab|mu[ae]{0,2}z{1,2}am|mubarak|kareem|karim|mu[ck]arram"
_BESIDE: Final = re.compile(rf"^(?:al |ال)(?=muh|محرم)| (?:ال(?:{_PRAISE})|(?:[aeu]l )?(?:{_PRAISE_LATIN}))$")
"""The article of Muharram, and the adjective that may follow a Hijri month."""

HIJRI_MONTHS: Final = (
    "m(?:o|ou|u)h?arr?[ae]m|muh|محرم",
    "s{1,2}aff?[ae]r|saf|صفر",
    f"{_RABI}{_FIRST}|{_RABI_AR}{_AWWAL}",
    f"{_RABI}{_SECOND}|{_RABI_AR}{_THANI}",
    f"{_JUMADA}{_FIRST}|{_JUMADA_AR}{_AWWAL}",
    f"{_JUMADA}{_SECOND}|{_JUMADA_AR}{_THANI}",
    "r[ae](?:d|g|j|z)?j?[ae]b|raj|رجب",
    "(?:c|s|sc)[hy]?a{1,2}[bk]?b[ae]{1,2}ne?|sha|شعبان",
    "ram[ae]?(?:d|dd|dh|dl|dz|z|zz)[ae]{1,2}n|ram|رمضان",
    "[cs][hy]?a(?:ou|u|uw|w|ww)[ae]{1,2}l|shaw|شوال",
    f"{_DHU}[kq][aei]{{1,2}}d{{1,2}}[ae]{{0,2}}h?|(?:dh|th|z)ul? q|ذ[ويا]? ?(?:ال)?قعده?|القعده",
    f"{_DHU}h[aei]{{1,2}}d?[gj]{{1,2}}[ae]{{0,2}}h?|(?:dh|th|z)ul? h|ذ[ويا]? ?(?:ال)?حجه?|الحجه",
)
"""Muharram to Dhu al-Hijjah."""

GREGORIAN_MONTHS: Final = (
    "jan(?:uary)?|يناير|كانون (?:ال)?(?:ثاني|2)|جانفي|جنوري|جنو|ژانويه",
    "feb(?:ruary)?|فبراير|شباط|فيفري|فروري|فبروري|فوريه",
    "mar(?:ch)?|مارس|اذار|مارچ",
    "apr(?:il)?|ابريل|نيسان|افريل|اپريل|اوريل",
    "may|مايو|ماي|مايس|ايار|مي|ميي|مه",
    "june?|يوني[وه]|حزيران|جوان|جون|ژوين",
    "july?|يولي[وه]|يوليوز|تموز|جويليه|جولايي|جولاي|جول|ژوييه",
    "aug(?:ust)?|(?:ا|او)غسطس|اب|اوت|غشت|اغشت|اگست|اگوست",
    "sept?(?:ember)?|سبتمبر|ايلول|شتنبر|شتمبر|ستمبر|سپتمبر|سپتامبر",
    "oct(?:ober)?|ا(?:و)?كتوبر|تشرين (?:ال)?(?:اول|1)|اكتبر",
    "nov(?:ember)?|نوفمبر|تشرين (?:ال)?(?:ثاني|2)|نونبر|نومبر|نوامبر",
    "dec(?:ember)?|ديسمبر|كانون (?:ال)?(?:اول|1)|دجنبر|دجمبر|دسمبر|دسم|دسامبر",
)
"""January to December: English; Arabic of the Gulf, Egypt, the Levant and the Maghreb; Persian, Dari and Urdu."""

WEEKDAYS: Final = (
    "mon(?:day)?|(?:ال)?اثنين|دو ?شنبه|پير|سوموار",
    "tue(?:s|sday)?|(?:ال)?ثلاثاء?|سه ?شنبه|منگل",
    "wed(?:s|nesday)?|(?:ال)?اربعاء?|چهار ?شنبه|بده",
    "thu(?:r|rs|rsday)?|(?:ال)?خميس|پنج ?شنبه|جمعرات",
    "fri(?:day)?|(?:ال)?جمعه",
    "sat(?:urday)?|(?:ال)?سبت|شنبه|هفته",
    "sun(?:day)?|(?:ال)?احد|يك ?شنبه|اتوار",
)
"""Monday to Sunday, with and without the Arabic article; Persian and Urdu."""

HIJRI_ERA: Final = "ه ق|هق|هج?|(?:ال)?هجريه?(?: قمريه?)?|(?:لل|من ال)هجره|a ?h|h|hijr(?:a|ah|i)"
GREGORIAN_ERA: Final = "م|(?:ال)?ميلاديه?|(?:لل|من ال)ميلاد|عيسويه?|ء|a ?d|c ?e|g|gregorian"
MONTH_FIRST_ERA: Final = "a ?h|a ?d|c ?e|ه ?ق|هجري قمري"
"""The eras that English and Persian software prints behind month, day and year, in this order too."""


def month_named(words: str) -> tuple[Calendar, int] | None:
    """The calendar and the number of the one month that has the name `words`."""
    tables: tuple[tuple[Calendar, tuple[str, ...]], ...] = (("hijri", HIJRI_MONTHS), ("gregorian", GREGORIAN_MONTHS))
    plain = _BESIDE.sub("", words)
    found = [
        (calendar, number)
        for calendar, months in tables
        for number, name in enumerate(months, start=1)
        if re.fullmatch(name, plain)
    ]
    return found[0] if len(found) == 1 else None


def weekday_named(words: str) -> int | None:
    """The weekday that has the name `words`, Monday is 0."""
    return next((number for number, name in enumerate(WEEKDAYS) if re.fullmatch(name, words)), None)
