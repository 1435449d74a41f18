"""J-18 for the staff: the day's list, scans, services done, no-shows, walk-ins; closures; the audit's result."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from starlette.responses import Response

import traffic_booking as tb
from examples.portal.page import Page
from examples.portal.routing import get, post
from traffic_booking.web import Problem

LONGEST_LOOK = 30  # days to the next day with a shift


def _clerk(page: Page) -> tb.Clerk:
    assert page.clerk is not None  # the page is for staff
    return page.clerk


def _branch(page: Page) -> tb.Branch:
    """The branch that was asked for, or the clerk's first one."""
    first = min(_clerk(page).branches or [page.desk.catalogue.branches[0].id])
    return page.desk.catalogue.branch(page.query.get("branch") or page.sent.get("branch") or first)


@get("/staff", "J-18", "clerk")
def day(page: Page) -> Response:
    return _list(page, page.query.get("fresh", ""))


def _list(page: Page, fresh: str, message: str = "", *, good: bool = False) -> Response:
    """The list of a day, with the result of the last scan or step above it."""
    branch, shown, desk = _branch(page), page.day_of("day") or page.today(), page.desk
    found = desk.gate.appointments_of_day(branch.id, shown, by=_clerk(page))
    only = page.query.get("only") or page.sent.get("only", "")
    listed = [each for each in found if not only or each.state is tb.AppointmentState.BOOKED]
    days = [shown + timedelta(days=ahead) for ahead in range(LONGEST_LOOK)]
    is_open = [desk.calendar.working_day(branch.id, each).open for each in days]
    after = next((each for each, opens in zip(days[1:], is_open[1:], strict=True) if opens), days[1])
    tally = Counter(each.state.value for each in found)
    values: dict[str, Any] = {"tally": tally, "listed": listed, "only": only, "fresh": fresh}
    values |= {"branch": branch, "shown": tb.Day(shown), "open": is_open[0], "now": page.portal.now()}
    values |= {"before": shown - timedelta(days=1), "after": after, "service": desk.catalogue.service}
    return page.show("staff_day.html", 409 if message and not good else 200, message=message, good=good, **values)


@post("/staff/scan", "J-18", "clerk")
def scan(page: Page) -> Response:
    """Answer a scan or a typed number; one that admits checks the person in."""
    typed = page.sent.get("code", "").strip()
    if not typed:
        return _list(page, "", page.t("امسح الرمز أو اكتب رقم الموعد.", "Scan the code, or type the number."))
    name = page.request_id(typed)
    found = page.desk.gate.scan(typed, branch=_branch(page).id, by=_clerk(page), scan_id=name)
    return _list(page, found.number or "", found.message(page.language), good=bool(found))


@post("/staff/check-in", "J-18", "clerk")
@post("/staff/serve", "J-18", "clerk")
@post("/staff/no-show", "J-18", "clerk")
def act(page: Page) -> Response:
    """Check in from the list, record that the service was done, or that nobody came."""
    verb, number, gate = page.request.url.path.rpartition("/")[2], page.sent.get("number", ""), page.desk.gate
    verbs = {"check-in": gate.check_in, "serve": gate.serve, "no-show": gate.no_show}
    outcome = verbs[verb](number, by=_clerk(page), request_id=page.request_id(number, verb))
    if isinstance(outcome, tb.Refused | tb.Throttled):
        return _list(page, number, outcome.message(page.language))
    shown, only = page.day_of("day"), page.sent.get("only")
    return page.see("/staff", branch=_branch(page).id, day=shown, only=only, fresh=number)


@get("/staff/walk-in", "J-18", "clerk")
def walk_in_form(page: Page) -> Response:
    branch = _branch(page)
    offered = page.desk.catalogue.services_for(branch=branch.id)
    return page.show("walk_in.html", branch=branch, offered=offered)


@post("/staff/walk-in", "J-18", "clerk")
def walk_in(page: Page) -> Response:
    """Take a person without an appointment: the slot under way, or the next one with a seat."""
    branch, service, agreed = _branch(page).id, page.found("service").id, page.sent.get("agreed") == "yes"
    try:
        person = tb.person_id(page.sent.get("person", ""))
    except tb.InvalidInput as error:
        page.faults["person"] = error.message(page.language)
        return walk_in_form(page)
    clerk, name = _clerk(page), page.request_id(person.reveal(), service)
    outcome = page.desk.gate.walk_in(branch, service, applicant=person, agreed=agreed, by=clerk, request_id=name)
    if isinstance(outcome, tb.Refused | tb.Throttled):
        page.faults["service"] = outcome.message(page.language)
        return walk_in_form(page)
    return page.see("/staff", branch=branch, fresh=outcome.appointment.number)


@get("/staff/closures", "", "clerk")
def closures(page: Page) -> Response:
    entries = page.desk.calendar.entries()
    gone = {entry.record.id for entry in entries if isinstance(entry.record, tb.Withdrawal)}
    own = [e for e in entries if isinstance(e.record, tb.BranchException) and _clerk(page).serves(e.record.branch)]
    return page.show("closures.html", branch=_branch(page), entries=own[::-1], gone=gone)


def _closure(page: Page, given: Mapping[str, str], first: date) -> tb.BranchException:
    """The closure that a form describes; the same form names the same one. Raises `tb.InvalidInput`."""
    reason, branch = given.get("reason", "").strip(), _branch(page).id
    reasons = tb.Bilingual(reason, given.get("reason_en", "").strip() or reason)
    name = page.request_id(branch, str(first), str(page.day_of("last")))[:12]
    closed = partial(tb.BranchException, effect=tb.Effect.CLOSED, reason=reasons, branch=branch, id=f"closed.{name}")
    return closed(first_day=first, last_day=page.day_of("last") or first)


@get("/staff/closures/preview", "", "clerk")
def preview(page: Page) -> Response:
    """The people whom the closure would affect, before anybody confirms it."""
    first = page.day_of("first")
    if first is None or (page.day_of("last") or first) < page.today():
        page.faults["first"] = page.t("اختر يومًا لم يمضِ.", "Choose a day that is not over.")
    if not page.query.get("reason", "").strip():
        page.faults["reason"] = page.t("اكتب السبب.", "Write the reason.")
    if first is None or page.faults:
        return closures(page)
    record = _closure(page, page.query, first)
    values = {"affected": page.desk.calendar.affected_by(record), "days": page.desk.calendar.preview(record).days}
    service = page.desk.catalogue.service
    return page.show("closure_preview.html", record=record, branch=_branch(page), service=service, **values)


@post("/staff/closures", "", "clerk")
@post("/staff/closures/withdraw", "", "clerk")
def declare(page: Page) -> Response:
    """Record a closure, or take one back. Neither cancels an appointment."""
    first = page.day_of("first")
    record = tb.Withdrawal(page.sent.get("id", "")) if first is None else _closure(page, page.sent, first)
    reason = "withdrawn" if isinstance(record, tb.Withdrawal) else f"{record.reason.ar} / {record.reason.en}"[:400]
    name = page.request_id(record.id)
    outcome = page.desk.calendar.declare(record, reason=reason, by=_clerk(page), request_id=name)
    if isinstance(outcome, tb.Refused | tb.Throttled):
        raise Problem("refused", outcome.message)
    return page.see("/staff/closures", branch=_branch(page).id, note="withdrawn" if first is None else "declared")


@get("/staff/audit", "", "clerk")
def audit(page: Page) -> Response:
    """Compare every part of the store with the others, and count the refusals by their rule."""
    counts = page.desk.audit.count_refusals(by=tb.Auditor(_clerk(page).id))
    rules = [(each.refusals, page.desk.rulebook[each.value]) for each in counts.counts]
    values = {"refused": counts.refusals, "rules": rules, "read_at": page.portal.now()}
    return page.show("audit.html", verified=page.desk.audit.verify(), **values)
