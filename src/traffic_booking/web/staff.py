"""Operations of the staff, of the working calendar, and of programs that read the feed."""

from typing import Any, Final

import traffic_booking as tb
from traffic_booking.web.bookings import AGREES, NUMBER, vouched
from traffic_booking.web.operations import (
    Call,
    Operation,
    Parameter,
    choice_of,
    day,
    instant_member,
    member,
    text,
    value_member,
    whole,
)
from traffic_booking.web.problems import Problem

MOST_MERGE_BYTES: Final = 4 * 1024 * 1024
BRANCH: Final = text("branch", required=True)
RECORDS: Final = tb.MonthStart | tb.AnnouncedClosure | tb.SpecialOrder | tb.BranchException | tb.Withdrawal
RECORD: Final = value_member(
    "record",
    RECORDS,
    {"oneOf": ["MonthStart", "AnnouncedClosure", "SpecialOrder", "BranchException", "Withdrawal"]},
    required=True,
)
PERSON: Final = Parameter(
    name="applicant",
    read=tb.person_id,
    schema={"type": "string", "description": "The id of the person, ten digits."},
    required=True,
)


def _position(given: str) -> tb.FeedPosition:
    generation, _, place = given.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in (generation, place)):  # noqa: PLR2004 - 63 bits
        raise tb.InvalidInput("after", got="another text", expected="two numbers with a point between them, as 1.250")
    return tb.FeedPosition(int(generation), int(place))


async def working_day(call: Call) -> Any:
    """The hours of a branch on a day."""
    return await call.desk.calendar.working_day(call.given["branch"], call.given["day"])


async def working_month(call: Call) -> Any:
    """The hours of a branch in a month."""
    return await call.desk.calendar.working_month(call.given.pop("branch"), **call.given)


async def statement(call: Call) -> Any:
    """The sentence of a rule of the calendar."""
    return await call.desk.calendar.statement(call.given["rule_id"])


async def entries(call: Call) -> Any:
    """All declared records."""
    return tuple(await call.desk.calendar.entries())


async def declare(call: Call) -> Any:
    """Declare a record."""
    _check_branches(call)
    return await call.desk.calendar.declare(
        call.given["record"], reason=call.given["reason"], by=call.by, request_id=call.request_id
    )


async def affected(call: Call) -> Any:
    """The appointments that lose their slot by a record."""
    _check_branches(call)
    return await call.desk.calendar.affected_by(call.given["record"])


async def preview(call: Call) -> Any:
    """The days that a record changes."""
    return await call.desk.calendar.preview(call.given["record"])


def _check_branches(call: Call) -> None:
    """A clerk of some branches sees and declares nothing for others. Raises `Problem`."""
    by, branch = call.by, getattr(call.given["record"], "branch", None)
    if isinstance(by, tb.Clerk) and not by.serves(branch):
        raise Problem("forbidden")


async def day_appointments(call: Call) -> Any:
    """The appointments of a day."""
    return await call.desk.gate.appointments_of_day(call.given["branch"], call.given["day"], by=call.by)


async def day_list(call: Call) -> Any:
    """The list for a gate without a store."""
    return await call.desk.gate.day_list(call.given.pop("branch"), call.given.pop("day"), by=call.by)


async def scan(call: Call) -> Any:
    """Answer a scan."""
    given = call.given
    return await call.desk.gate.scan(given.pop("code"), by=call.by, scan_id=call.request_id, **given)


async def merge(call: Call) -> Any:
    """Record scans of gates that had no store."""
    return await call.desk.gate.merge(call.given["scans"], by=call.by)


async def walk_in(call: Call) -> Any:
    """Receive a person without an appointment."""
    given = call.given
    own = await vouched(call, given["applicant"])
    branch, service = given.pop("branch"), given.pop("service")
    return await call.desk.gate.walk_in(branch, service, by=call.by, request_id=call.request_id, **own, **given)


async def check_in(call: Call) -> Any:
    """Record that the applicant has come."""
    return await call.desk.gate.check_in(call.given["number"], by=call.by, request_id=call.request_id)


async def serve(call: Call) -> Any:
    """Record that the service was done."""
    return await call.desk.gate.serve(call.given["number"], by=call.by, request_id=call.request_id)


async def no_show(call: Call) -> Any:
    """Record that nobody came."""
    return await call.desk.gate.no_show(call.given["number"], by=call.by, request_id=call.request_id)


async def excuse(call: Call) -> Any:
    """Excuse a no-show."""
    return await call.desk.gate.excuse(
        call.given["number"], evidence=call.given["evidence"], by=call.by, request_id=call.request_id
    )


async def feed(call: Call) -> Any:
    """The log behind a position."""
    by = call.by
    if isinstance(by, tb.Clerk) and by.branches is not None:
        raise Problem("forbidden")
    try:
        return await call.desk.feed(**call.given)
    except tb.StoreUnreadable as error:
        if error.position is None and error.collection is None:
            raise Problem("position-not-reached", error.message) from None
        raise


def _of_appointment(name: str, path: str, summary: str, run: Any, answer: str, *body: Parameter) -> Operation:
    """A change that a clerk makes to an appointment."""
    return Operation(
        name=name,
        method="POST",
        path=f"/appointments/{{number}}/{path}",
        summary=summary,
        run=run,
        audience="staff",
        parameters=(NUMBER,),
        body=body,
        answers={200: answer},
        has_id=True,
    )


OPERATIONS: Final = (
    Operation(
        name="working_day",
        method="GET",
        path="/calendar/{branch}/days/{day}",
        summary="The hours of a branch on a day, and the rules for it",
        run=working_day,
        parameters=(BRANCH, day("day", required=True)),
        answers={200: "BranchDay"},
        further=(404,),
    ),
    Operation(
        name="working_month",
        method="GET",
        path="/calendar/{branch}/month",
        summary="The hours of a branch on each day of a month of either calendar",
        run=working_month,
        parameters=(
            BRANCH,
            whole("year", least=1, most=9_999, required=True),
            Parameter(
                name="month",
                read=whole("month", least=1, most=12).read,
                schema={"type": "integer", "minimum": 1, "maximum": 12},
                required=True,
                argument="month_of_year",
            ),
            choice_of("calendar", ("gregorian", "hijri")),
        ),
        answers={200: ["BranchDay"]},
        further=(404,),
    ),
    Operation(
        name="calendar_statement",
        method="GET",
        path="/calendar-rules/{rule_id}",
        summary="The sentence of a rule, a record or a timetable",
        run=statement,
        parameters=(text("rule_id", required=True),),
        answers={200: "Bilingual"},
        further=(404,),
    ),
    Operation(
        name="calendar_entries",
        method="GET",
        path="/calendar/entries",
        summary="All declared records, first to last",
        run=entries,
        audience="staff",
        answers={200: ["CalendarEntry"]},
    ),
    Operation(
        name="declare",
        method="POST",
        path="/calendar/entries",
        summary="Add a closure, order, announcement or exception to the working calendar",
        run=declare,
        audience="staff",
        body=(RECORD, member("reason", str, required=True)),
        answers={201: "Declared"},
        has_id=True,
        further=(404,),
    ),
    Operation(
        name="affected_by",
        method="POST",
        path="/calendar/affected",
        summary="The appointments that lose their slot by a record, declared already or not",
        run=affected,
        audience="staff",
        body=(RECORD,),
        answers={200: ["Appointment"]},
        further=(404,),
    ),
    Operation(
        name="preview",
        method="POST",
        path="/calendar/preview",
        summary="The days and Hijri months that a record changes",
        run=preview,
        audience="staff",
        body=(RECORD,),
        answers={200: "CalendarPreview"},
        further=(404,),
    ),
    Operation(
        name="day_appointments",
        method="GET",
        path="/gate/{branch}/appointments",
        summary="The appointments at a branch on a day, in the order of their start",
        run=day_appointments,
        audience="staff",
        parameters=(BRANCH, day("day", required=True)),
        answers={200: ["Appointment"]},
        further=(404,),
    ),
    Operation(
        name="day_list",
        method="GET",
        path="/gate/{branch}/day-list",
        summary="The list with which a gate answers on a day without the store",
        run=day_list,
        audience="staff",
        parameters=(BRANCH, day("day", required=True)),
        answers={200: "DayList"},
        further=(404,),
    ),
    Operation(
        name="scan",
        method="POST",
        path="/gate/{branch}/scans",
        summary="Answer a scan, and check the applicant in if it admits them; the key names the scan",
        run=scan,
        audience="staff",
        parameters=(BRANCH,),
        body=(member("code", str, required=True), instant_member("happened_at")),
        answers={200: "GateAnswer"},
        has_id=True,
        further=(404, 501),
    ),
    Operation(
        name="merge_scans",
        method="POST",
        path="/gate/merges",
        summary="Record scans of gates that had no store; nothing is recorded twice",
        run=merge,
        audience="staff",
        body=(value_member("scans", tuple[tb.Scan, ...], {"type": "array", "items": "Scan"}, required=True),),
        answers={200: "MergeReport"},
        most_body_bytes=MOST_MERGE_BYTES,
        further=(501,),
    ),
    Operation(
        name="walk_in",
        method="POST",
        path="/gate/{branch}/walk-ins",
        summary="Give a person who is here the slot under way, or the next free one, and check them in",
        run=walk_in,
        audience="staff",
        parameters=(BRANCH,),
        body=(member("service", str, required=True), PERSON, AGREES),
        answers={201: "WalkedIn"},
        has_id=True,
        further=(404,),
    ),
    _of_appointment("check_in", "check-in", "Record that the applicant has come", check_in, "CheckedIn"),
    _of_appointment("serve", "serve", "Record that the service was done", serve, "Served"),
    _of_appointment("no_show", "no-show", "Record that nobody came", no_show, "NoShowRecorded"),
    _of_appointment(
        "excuse",
        "excuse",
        "Accept an appeal against a no-show",
        excuse,
        "Excused",
        member("evidence", str, required=True),
    ),
    Operation(
        name="feed",
        method="GET",
        path="/feed",
        summary="The log behind a position, for programs of the operator",
        run=feed,
        audience="staff",
        parameters=(
            Parameter(name="after", read=_position, about="`generation.place` of the last entry that was read."),
            whole("limit", least=1, most=1_000),
        ),
        answers={200: "FeedPage"},
        further=(409,),
    ),
)
