"""Operations of applicants: from free times to tickets and cancellations."""

from inspect import isawaitable
from typing import Any, Final

from attrs import fields_dict

import traffic_booking as tb
from traffic_booking.web.operations import (
    Call,
    Operation,
    Parameter,
    Reply,
    choice_of,
    clock_time,
    day,
    flag,
    instant_member,
    member,
    member_of,
    moment,
    text,
    whole,
)
from traffic_booking.web.places import LATITUDE, LONGITUDE, WITHIN, point
from traffic_booking.web.problems import Problem, verdict_form

FORMS: Final = ("pdf", "html", "text", "ics", "qr-png", "qr-svg")
MEDIA_TYPES: Final = (
    "application/pdf",
    "text/html; charset=utf-8",
    "text/plain; charset=utf-8",
    "text/calendar; charset=utf-8",
    "image/png",
    "image/svg+xml; charset=utf-8",
)
PLACES: Final = (*(text(name, many=True) for name in ("branch", "governorate", "region")), LATITUDE, LONGITUDE, WITHIN)
NUMBER: Final = text("number", required=True)
SLOT: Final = member("slot", str, required=True, about="The token of a slot.")
AGREED: Final[dict[str, Any]] = {
    "type": ["boolean", "string"],
    "description": "The applicant agrees to the instructions: true, or the version that they have read.",
}
AGREES: Final = member("agreed", (bool, str), required=True, schema=AGREED)
MAY_AGREE: Final = member("agreed", (bool, str), schema=AGREED)
APPLICANT: Final = Parameter(
    name="applicant",
    read=tb.person_id,
    schema={"type": "string", "description": "For staff alone: the id of the person, ten digits."},
)
ALTERNATIVES: Final = member("alternatives", int, schema={"type": "integer", "minimum": 0, "maximum": 20})
MOVING: Final = member("moving", str, about="The number of the appointment that is to be moved there.")
AT: Final = instant_member("at")
MAY_CANCEL: Final = {
    "type": "object",
    "properties": {
        "granted": {"type": "boolean"},
        "until": {"type": ["string", "null"], "description": "The cut-off, exclusive."},
        "message": {"type": "string", "description": "Why it is refused; empty if it is not."},
        "verdicts": {"type": "array", "items": "Broken"},
    },
    "required": ["granted", "until", "message", "verdicts"],
    "additionalProperties": False,
}


def applicant_of(call: Call) -> dict[str, Any]:
    """The arguments `applicant` and `by`: people book for themselves, staff name the person.

    Raises:
        Problem: A person names another one.
        InvalidInput: A clerk names nobody.
    """
    named, by = call.given.pop("applicant", None), call.by
    match by:
        case tb.PersonId():
            own: dict[str, Any] = {"applicant": by}
        case tb.Delegate():
            own = {"applicant": by.applicant, "by": by}
        case _:
            if named is None:
                raise tb.InvalidInput("applicant", got="nothing", expected="an id")
            own = {"applicant": named, "by": by}
    if named is not None and named != own["applicant"]:
        raise Problem("forbidden")
    return own


async def vouched(call: Call, applicant: tb.PersonId) -> dict[str, Any]:
    """The argument `assertions`, from the host."""
    return {"assertions": await _asked_host(call, "assertions_of", applicant)}


async def _asked_host(call: Call, name: str, *arguments: Any) -> Any:
    """The answer of a function of the host; None if it gave none."""
    function = call.further.get(name)
    if function is None:
        return None
    found = function(call.request, *arguments)
    return await found if isawaitable(found) else found


async def slots(call: Call) -> Reply:
    """Free times."""
    given = call.given
    given["near"] = point(call)
    opens, closes = given.pop("after_time", None), given.pop("before_time", None)
    if (opens is None) is not (closes is None):
        raise tb.InvalidInput("between", got="one time", expected="two times")
    if opens is not None:
        given["between"] = (opens, closes)
    mine, moving = given.pop("mine", False), given.get("moving")
    if not mine and moving is None:
        page = await call.desk.find_slots(**given)
        return Reply(value=page, tag_without=("as_of", "searched_until", "staleness"))
    if call.by is None:
        raise Problem("not-signed-in", headers={"WWW-Authenticate": "Session"})
    if isinstance(call.by, tb.PersonId | tb.Delegate):
        own = applicant_of(call)
        given |= own | await vouched(call, own["applicant"])
    elif moving is None:
        raise Problem("forbidden")
    else:
        given["by"] = call.by
    return Reply(value=await call.desk.find_slots(**given))


async def month(call: Call) -> Reply:
    """The days of a month."""
    near = point(call)
    return Reply(value=await call.desk.month_view(near=near, **call.given), tag_without=("as_of",))


async def hold(call: Call) -> Any:
    """Hold a slot."""
    own = applicant_of(call)
    own |= await vouched(call, own["applicant"])
    return await call.desk.hold(call.given.pop("slot"), request_id=call.request_id, **own, **call.given)


async def book(call: Call) -> Any:
    """Book a slot."""
    own = applicant_of(call)
    own |= await vouched(call, own["applicant"])
    return await call.desk.book(call.given.pop("slot"), request_id=call.request_id, **own, **call.given)


async def move(call: Call) -> Any:
    """Move an appointment."""
    given = call.given
    if isinstance(call.by, tb.PersonId | tb.Delegate):
        given |= await vouched(call, applicant_of(call)["applicant"])
    return await call.desk.move(given.pop("number"), given.pop("slot"), by=call.by, request_id=call.request_id, **given)


async def cancel(call: Call) -> Any:
    """Cancel an appointment."""
    return await call.desk.cancel(call.given["number"], by=call.by, request_id=call.request_id)


async def may_cancel(call: Call) -> Any:
    """The answer to a cancellation: granted or not, and until when."""
    found = await call.desk.may_cancel(call.given["number"], by=call.by)
    form = tb.to_json(found)
    return {
        "granted": form["granted"],
        "until": form["until"],
        "message": found.message(call.language),
        "verdicts": [verdict_form(each, call.language) for each in found.refused],
    }


async def appointments(call: Call) -> tb.AppointmentList:
    """The appointments of the actor."""
    by = call.by
    if not isinstance(by, tb.PersonId | tb.Delegate):
        raise Problem("forbidden")
    found = await call.desk.appointments(applicant_of(call)["applicant"], **call.given)
    if not isinstance(by, tb.Delegate):
        return found
    if by.until <= call.desk.clock.now():
        raise Problem("forbidden")
    names = [name for name in fields_dict(tb.AppointmentList) if name != "as_of"]
    kept = {name: tuple(each for each in getattr(found, name) if each.slot.service in by.services) for name in names}
    return tb.AppointmentList(as_of=found.as_of, **kept)


async def appointment(call: Call) -> Any:
    """One appointment."""
    return await call.desk.appointment(call.given["number"], by=call.by)


async def ticket(call: Call) -> Any:
    """The ticket of an appointment."""
    save, name = call.given.pop("save", False), await _asked_host(call, "name_of")
    document = await call.desk.ticket(
        call.given.pop("number"), by=call.by, printed_name="" if name is None else name, **call.given
    )
    return Reply(value=document, as_attachment=save)


async def explain(call: Call) -> Any:
    """The decisions about an appointment."""
    return await call.desk.explain(call.given["number"], by=call.by)


async def explain_request(call: Call) -> Any:
    """The decision about a request."""
    return await call.desk.explain(request_id=call.given["request_id"], by=call.by)


async def try_hold(call: Call) -> Any:
    """Evaluate a hold."""
    plan, own = await call.desk.what_if(at=call.given.pop("at", None)), applicant_of(call)
    own |= await vouched(call, own["applicant"])
    return await plan.hold(call.given.pop("slot"), **own, **call.given)


async def try_booking(call: Call) -> Any:
    """Evaluate a booking."""
    plan, own = await call.desk.what_if(at=call.given.pop("at", None)), applicant_of(call)
    own |= await vouched(call, own["applicant"])
    return await plan.book(call.given.pop("slot"), **own, **call.given)


async def try_move(call: Call) -> Any:
    """Evaluate a move."""
    plan, given = await call.desk.what_if(at=call.given.pop("at", None)), call.given
    if isinstance(call.by, tb.PersonId | tb.Delegate):
        given |= await vouched(call, applicant_of(call)["applicant"])
    return await plan.move(given.pop("number"), given.pop("slot"), by=call.by, **given)


async def try_cancellation(call: Call) -> Any:
    """Evaluate a cancellation."""
    plan = await call.desk.what_if(at=call.given.pop("at", None))
    return await plan.cancel(call.given["number"], by=call.by)


OPERATIONS: Final = (
    Operation(
        name="book",
        method="POST",
        path="/appointments",
        summary="Book a slot, or the hold on it",
        run=book,
        audience="person",
        body=(SLOT, AGREES, APPLICANT, ALTERNATIVES),
        answers={201: "Booked"},
        has_id=True,
        further=(404,),
    ),
    Operation(
        name="appointments",
        method="GET",
        path="/appointments",
        summary="The caller's appointments: upcoming, held, past, cancelled and expired",
        run=appointments,
        audience="person",
        parameters=(text("group"), whole("limit", least=1, most=1_000)),
        answers={200: "AppointmentList"},
        further=(404,),
    ),
    Operation(
        name="find_slots",
        method="GET",
        path="/slots",
        summary="Free times that may be booked now; with `mine`, those that would be granted to the caller",
        run=slots,
        parameters=(
            text("service", many=True),
            *PLACES,
            moment("from", "from_"),
            moment("until"),
            day("day"),
            member_of("weekdays", tb.Weekday, many=True),
            clock_time("after_time"),
            clock_time("before_time"),
            whole("seats", least=1, most=500),
            whole("adjacent", least=1, most=20),
            flag("each_branch", "The first free time at each branch alone."),
            flag("mine", "Only times that a booking by the caller would get."),
            text("moving", about="The number of an appointment: only times to which it may be moved."),
            flag("earlier_only", "With `moving`: only times before the present one."),
            choice_of("order", ("earliest", "nearest", "balanced")),
            whole("limit", least=1, most=500),
            text("after", about="The `next` of a page."),
        ),
        answers={200: "SlotPage"},
        cached=True,
        further=(401, 403, 404),
    ),
    Operation(
        name="month",
        method="GET",
        path="/month",
        summary="Each day of a month of either calendar: its state and its free seats",
        run=month,
        parameters=(
            text("service", many=True, required=True),
            *PLACES,
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
        answers={200: ["DayAvailability"]},
        cached=True,
        further=(404,),
    ),
    Operation(
        name="hold",
        method="POST",
        path="/holds",
        summary="Keep a seat for a few minutes",
        run=hold,
        audience="person",
        body=(SLOT, MOVING, APPLICANT, ALTERNATIVES),
        answers={201: "Held"},
        has_id=True,
        further=(404,),
    ),
    Operation(
        name="appointment",
        method="GET",
        path="/appointments/{number}",
        summary="One appointment in its present state",
        run=appointment,
        audience="person",
        parameters=(NUMBER,),
        answers={200: "Appointment"},
        further=(404,),
    ),
    Operation(
        name="move",
        method="POST",
        path="/appointments/{number}/move",
        summary="Give an appointment another slot for the same service",
        run=move,
        audience="person",
        parameters=(NUMBER,),
        body=(SLOT, MAY_AGREE, ALTERNATIVES),
        answers={200: "Moved"},
        has_id=True,
        further=(404,),
    ),
    Operation(
        name="cancel",
        method="POST",
        path="/appointments/{number}/cancel",
        summary="Cancel an appointment, or give a hold back",
        run=cancel,
        audience="person",
        parameters=(NUMBER,),
        body=(),
        answers={200: "Cancelled"},
        has_id=True,
    ),
    Operation(
        name="may_cancel",
        method="GET",
        path="/appointments/{number}/cancellation",
        summary="Whether it may be cancelled now, until when, and the rules that refuse it",
        run=may_cancel,
        audience="person",
        parameters=(NUMBER,),
        answers={200: MAY_CANCEL},
    ),
    Operation(
        name="ticket",
        method="GET",
        path="/appointments/{number}/ticket",
        summary="The printable ticket, or the proof of cancellation",
        run=ticket,
        audience="person",
        parameters=(
            NUMBER,
            choice_of("form", FORMS),
            choice_of("language", ("ar", "en", "both")),
            flag("save", "The browser saves the file instead of showing it."),
        ),
        answers={200: {"type": "string", "contentEncoding": "binary"}},
        answer_types=MEDIA_TYPES,
        further=(404, 501),
    ),
    Operation(
        name="explain",
        method="GET",
        path="/appointments/{number}/explanations",
        summary="Each decision about an appointment, rule by rule",
        run=explain,
        audience="person",
        parameters=(NUMBER,),
        answers={200: ["Explanation"]},
        further=(404,),
    ),
    Operation(
        name="explain_request",
        method="GET",
        path="/explanations",
        summary="The decision about a request of the caller, refused or not",
        run=explain_request,
        audience="person",
        parameters=(text("request_id", required=True),),
        answers={200: ["Explanation"]},
        further=(404,),
    ),
    Operation(
        name="try_hold",
        method="POST",
        path="/what-if/hold",
        summary="Evaluate a hold without doing anything",
        run=try_hold,
        audience="person",
        body=(SLOT, MOVING, APPLICANT, AT),
        answers={200: "Explanation"},
        further=(404,),
    ),
    Operation(
        name="try_booking",
        method="POST",
        path="/what-if/book",
        summary="Evaluate a booking without doing anything",
        run=try_booking,
        audience="person",
        body=(SLOT, AGREES, APPLICANT, AT),
        answers={200: "Explanation"},
        further=(404,),
    ),
    Operation(
        name="try_move",
        method="POST",
        path="/what-if/move/{number}",
        summary="Evaluate a move without doing anything",
        run=try_move,
        audience="person",
        parameters=(NUMBER,),
        body=(SLOT, MAY_AGREE, AT),
        answers={200: "Explanation"},
        further=(404,),
    ),
    Operation(
        name="try_cancellation",
        method="POST",
        path="/what-if/cancel/{number}",
        summary="Evaluate a cancellation without doing anything",
        run=try_cancellation,
        audience="person",
        parameters=(NUMBER,),
        body=(AT,),
        answers={200: "Explanation"},
        further=(404,),
    ),
)
