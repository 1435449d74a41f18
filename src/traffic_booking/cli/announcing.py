"""The command that announces the first day of a Hijri month, and the consequence of a calendar record in tables."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Annotated, Final

from cyclopts import Parameter

import traffic_booking as tb
from traffic_booking.cli import words
from traffic_booking.cli.forms import Form, appointment_form, entry_form, withdrawn_ids
from traffic_booking.cli.options import DEFAULTS, ClerkText, Flag, Options, RequestIdText
from traffic_booking.cli.reply import NamedValues, Reply, ReplyPart, Sentence, affected_listing, refusal, table
from traffic_booking.cli.typed_values import clerk_of, day_of, errors_name, impersonal, month_of, request_id_of
from traffic_booking.domain.bidi import left_to_right
from traffic_booking.domain.calendars.authority import source_text
from traffic_booking.domain.calendars.hijri import MONTHS
from traffic_booking.domain.calendars.month_starts import LONG, SHORT

SIGNS: Final = 8  # signs of a hash that name a record: enough for all of one kind, and few enough to type

DECLARED: Final = tb.Bilingual(
    "سُجّلت بداية الشهر، ولا تُلغى المواعيد القائمة بسببها.", "Declared. The announcement cancels no appointment."
)
IMPOSSIBLE: Final = tb.Bilingual(
    "لو لم يتغيّر شهر آخر لكان عدد أيام {month} {days}، فتتغيّر أشهر أخرى معه.",
    "{month} would have {days} days if no other month moved, so others move with it.",
)
ANNOUNCE_NEXT: Final = tb.Bilingual(
    "تُحسب الأشهر التالية من هذه البداية حتى تُسجّل بداية شهر لاحق. سجّل بداية الشهر التالي أيضًا، ولو وافقت التقويم.",
    "Later months are counted from this beginning until another one is announced. Announce the next month as well, even"
    " if it begins as in the table.",
)
IN_DOUBT: Final = tb.Bilingual(
    "أيام قد تتغيّر إذا أُعلنت بداية شهر لاحق: {days}", "Days that may change when a later month is announced: {days}"
)
NO_DAY: Final = tb.Bilingual("لا يتغيّر أي يوم.", "No day changes.")
MONTH: Final = tb.Bilingual("الشهر", "month")
BEGINS: Final = tb.Bilingual("أوله", "begins")
BEFORE: Final = tb.Bilingual("قبل التسجيل", "before")
THEN: Final = tb.Bilingual("بعد التسجيل", "then")
COUNT: Final = tb.Bilingual("عدد الأيام", "days")
SET_BY: Final = tb.Bilingual("الأساس", "set by")
ANNOUNCED: Final = tb.Bilingual("الإعلان", "announcement")
CARRIED: Final = tb.Bilingual("الحساب من إعلان", "counting from one")
TABLE: Final = tb.Bilingual("التقويم", "table")
WORKED: Final = tb.Bilingual("دوام", "worked")
STATEMENT: Final = tb.Bilingual(
    "أول {month} {year} هـ يوافق {day} كما أُعلن.", "1 {month} {year} AH is {day}, as announced."
)


def announce(
    month: Annotated[str, Parameter(help="The Hijri month: 1448-09.")],
    /,
    *,
    first_day: str,
    source: str,
    clerk: ClerkText,
    dry_run: Flag = False,
    request_id: RequestIdText = None,
    options: Options = DEFAULTS,
) -> Reply:
    """Announce the first day of a Hijri month; list the months and days that move, and the affected appointments.

    Args:
        first_day: The day on which the month begins, such as 2027-02-09; dates are still converted by the table.
        source: Who announced it, in 1 to 400 characters.
        dry_run: List the consequence, and declare nothing.
    """
    staff, request, language = clerk_of(clerk), request_id_of(request_id), options.output_language
    record = _start(month, first_day, impersonal(source, "--source"), request)
    with options.desk() as desk:
        form: Form = {"outcome": "not-declared", "record": tb.to_json(record)}
        head: tuple[ReplyPart, ...] = ()
        if not dry_run:
            outcome = desk.calendar.declare(record, reason=record.source, by=staff, request_id=request)
            if isinstance(outcome, tb.Refused | tb.Throttled):
                return refusal(options, outcome, request)
            withdrawn = withdrawn_ids(desk.calendar.entries())
            form = {"outcome": "declared", "request_id": request, "entry": entry_form(outcome.entry, withdrawn)}
            head = Sentence(DECLARED, loud=True), NamedValues((words.RECORD, record.id), (words.REQUEST_ID, request))
            if record.id in withdrawn:
                head = *head, Sentence(words.WITHDRAWN_SINCE, loud=True)
        preview, affected = desk.calendar.preview(record), desk.calendar.affected_by(record)
        form["preview"] = tb.to_json(preview)
        form["affected"] = [appointment_form(each, by=staff) for each in affected]
        parts = (*head, *preview_parts(preview, language), affected_listing(affected, desk.catalogue, language))
    closing = (Sentence(words.NOTHING_DECLARED, loud=True),) if dry_run else ()
    return Reply(options, form, *parts, *closing)


def preview_parts(preview: tb.CalendarPreview, language: tb.Language) -> Iterator[ReplyPart]:
    """The months that move, the days that change, and the days in doubt."""
    for each in preview.months:
        if each.days_alone not in {SHORT, LONG}:
            yield Sentence(_in_both(IMPOSSIBLE, each, days=str(each.days_alone)))
    if preview.months:
        yield table(
            preview.months,
            (MONTH, lambda each: f"{_name(each)(language)} {each.year}"),
            (BEGINS, lambda each: each.first_day.isoformat()),
            (BEFORE, lambda each: each.first_day_before.isoformat()),
            (COUNT, lambda each: str(each.days)),
            (SET_BY, lambda each: _set_by(each)(language)),
        )
    if any(_set_by(each) is CARRIED for each in preview.months):
        yield Sentence(ANNOUNCE_NEXT)
    yield table(
        preview.days,
        (words.DATE, lambda each: each.day.gregorian.isoformat()),
        (words.HIJRI_DATE, lambda each: words.hijri_date(each.day)),
        (words.WEEKDAY, lambda each: each.day.weekday(language)),
        (BEFORE, lambda each: _worked(each.hours_before, language, is_open=each.open_before)),
        (THEN, lambda each: _worked(each.hours, language, is_open=each.open)),
        (words.RULE, lambda each: each.rules[0]),
        empty=NO_DAY,
    )
    if preview.in_doubt:
        days = words.listed([day.gregorian.isoformat() for day in preview.in_doubt], language)
        yield Sentence(tb.Bilingual(*(words.filled(IN_DOUBT, each, days=days) for each in ("ar", "en"))))


def _start(month: str, first_day: str, source: str, request_id: str) -> tb.MonthStart:
    """The record. Its id follows from the request's, so that the same request declares the same beginning."""
    year, number, is_hijri = month_of(month)
    if not is_hijri or not 1 <= number <= len(MONTHS):
        raise tb.InvalidInput("month", got=month, expected="a Hijri month such as 1448-09")
    first = day_of(first_day, "--first-day")
    day, name = tb.Day(first), MONTHS[number - 1]
    ar, en = (
        STATEMENT(language).format(month=name(language), year=year, day=day.gregorian_text(language))
        for language in ("ar", "en")
    )
    with errors_name("--source"):
        checked = source_text(source)
    with errors_name("--first-day"):
        return tb.MonthStart(
            id=f"start.{year}-{number:02d}.{sha256(request_id.encode()).hexdigest()[:SIGNS]}",
            statement=tb.Bilingual(ar, en),
            source=checked,
            year=year,
            month=number,
            first_day=first,
        )


def _name(month: tb.MovedMonth) -> tb.Bilingual:
    return MONTHS[month.month - 1]


def _set_by(month: tb.MovedMonth) -> tb.Bilingual:
    """The basis of a month's first day."""
    tabled = tb.HijriDate(month.year, month.month, 1).to_gregorian()
    return ANNOUNCED if month.announced else TABLE if month.first_day == tabled else CARRIED


def _in_both(text: tb.Bilingual, month: tb.MovedMonth, **values: str) -> tb.Bilingual:
    """`text` about a month, in both languages."""
    return tb.Bilingual(
        *(text(each).format(month=f"{_name(month)(each)} {month.year}", **values) for each in ("ar", "en"))
    )


def _worked(hours: tuple[tb.Hours, ...] | None, language: tb.Language, *, is_open: bool) -> str:
    """Closed, worked, or the hours of a day."""
    if not is_open:
        return words.WORKED["closed"](language)
    if hours is None:
        return WORKED(language)
    return words.listed([left_to_right(f"{each.opens}–{each.closes}", language) for each in hours], language)
