"""C-06 to C-10: a person's appointments, moving one, and cancelling one in two steps with a proof."""

from datetime import timedelta
from typing import Any

from starlette.responses import Response

from examples.portal.booking import NEAR, refusal
from examples.portal.choosing import GROUP, NEAREST, moved
from examples.portal.page import Page
from examples.portal.routing import get, post
from traffic_booking import AppointmentState, MayCancel, Refused, Throttled


@get("/appointments", "C-06")
@get("/appointments/traffic", "C-07")
@get("/appointments/traffic/{tab}", "C-08")
def appointments(page: Page) -> Response:
    """All of them, or those of the traffic services, under tabs: booked, past, cancelled."""
    group = GROUP if page.step != "C-06" else None
    own = page.desk.appointments(page.me, group=group)
    tabs = {"booked": (*own.held, *own.upcoming), "past": own.past, "cancelled": (*own.cancelled, *own.expired)}
    tab = page.request.path_params.get("tab") or page.query.get("tab", "booked")
    moves = {each.number: moved(page, each.number) for each in own.held}
    may = {each.number: page.desk.may_cancel(each.number, by=page.me) for each in own.upcoming}
    tab = tab if tab in tabs else "booked"
    return page.show("appointments.html", tabs=tabs, tab=tab, group=group, moves=moves, may=may)


@get("/cancel/{number}", "C-09")
@get("/cancel/{number}/confirm", "C-10")
def cancel(page: Page) -> Response:
    """May it be cancelled, until when, and what it costs; then the question whether to do it."""
    if page.own.state is AppointmentState.CANCELLED:
        return page.see(f"/cancelled/{page.own.number}")
    return _cancelling(page, page.desk.may_cancel(page.own.number, by=page.me))


def _cancelling(page: Page, may: MayCancel) -> Response:
    return page.show("cancel.html", 200 if may else 409, may=may, cost=_late(page), **page.visit(page.own))


def _late(page: Page) -> dict[str, Any]:
    """The cost of cancelling late, by CD-01 and CN-05: the days, from when on, and whether it is due now."""
    book, own = page.desk.rulebook, page.own
    late, grace = book.rule("CD-01", own.slot), book.rule("CN-05", own.slot)
    since = own.starts_at - timedelta(minutes=late["minutes"])
    from_ = max(since, own.changed_at + timedelta(minutes=grace["minutes"]))
    return {"days": late["days"] if late["minutes"] else 0, "from": from_, "due": page.portal.now() > from_}


@post("/cancel/{number}/confirm", "C-10")
def cancel_now(page: Page) -> Response:
    number = page.own.number
    outcome = page.desk.cancel(number, by=page.me, request_id=page.request_id(number, "cancel"))
    if isinstance(outcome, Throttled):
        return refusal(page, outcome, page.own.slot.token)
    cancelled_before = page.own.state is AppointmentState.CANCELLED  # in another tab
    if isinstance(outcome, Refused) and not cancelled_before:
        return _cancelling(page, MayCancel(refused=outcome.verdicts, until=None))
    return page.see(f"/cancelled/{number}")


@get("/cancelled/{number}", "C-10")
def proof(page: Page) -> Response:
    if page.own.state is not AppointmentState.CANCELLED:
        return page.see(f"/documents/{page.own.number}")
    return page.show("cancelled.html", **page.visit(page.own))


@get("/move/{number}", "J-14")
def move(page: Page) -> Response:
    """The ways to move: one of the next earlier times, or a day of the month, here or at another branch."""
    own, find = page.own, page.desk.find_slots
    anything = find(moving=own.number, by=page.me, limit=1)
    earlier = find(moving=own.number, by=page.me, branch=own.slot.branch, earlier_only=True, limit=NEAREST)
    here = page.desk.catalogue.branch(own.slot.branch).location
    near = page.desk.catalogue.nearest(here, service=own.slot.service, limit=NEAREST)[1:]
    return page.show("move.html", earlier=earlier, near=near, anything=anything, **page.visit(own))


@get("/move/{number}/confirm", "J-15")
def move_form(page: Page) -> Response:
    """The old time and the new one, which is held."""
    own, held = page.own, page.desk.appointment(page.query.get("hold", "-"), by=page.me)
    if own.slot == held.slot:
        return page.see(f"/tickets/{own.number}", note="moved")
    new = page.desk.catalogue.branch(held.slot.branch)
    return page.show("move_confirm.html", held=held, new=new, **page.visit(own))


@post("/move/{number}/confirm", "J-15")
def move_now(page: Page) -> Response:
    number, agreed = page.own.number, page.sent.get("agreed") or False
    held = page.desk.appointment(page.sent.get("hold", "-"), by=page.me)
    slot, name = held.slot.token, page.request_id(held.number)
    outcome = page.desk.move(number, slot, by=page.me, agreed=agreed, request_id=name, alternatives=NEAR)
    if isinstance(outcome, Refused | Throttled):
        return refusal(page, outcome, slot, number)
    return page.see(f"/tickets/{number}", note="moved")
