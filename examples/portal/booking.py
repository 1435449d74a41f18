"""J-13 and J-15 to J-17: the hold, the instructions with «موافق», the documents, and the ticket."""

import re
from base64 import b64encode
from hashlib import sha256

from starlette.responses import Response

from examples.portal.choosing import moved
from examples.portal.page import Page
from examples.portal.routing import failure, get, post
from traffic_booking import Appointment, AppointmentState, Refused, SlotKey, Throttled
from traffic_booking.web import Problem, problem_of_outcome

NEAR = 3  # other times, if the wanted one has no seat
FORMS = {"pdf", "html", "ics", "text", "qr-svg", "qr-png"}
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@post("/hold", "J-13")
def hold(page: Page) -> Response:
    """Hold the chosen time. The form that is sent twice gets the same hold; another time is another request."""
    slot, moving = page.sent.get("slot", ""), page.sent.get("moving") or None
    if not slot:
        return page.see(page.here[3:], missing="1")
    name = page.request_id(slot, moving or "")
    outcome = page.desk.hold(slot, applicant=page.me, moving=moving, request_id=name, alternatives=NEAR)
    if isinstance(outcome, Refused | Throttled):
        return refusal(page, outcome, slot, moving)
    number = outcome.appointment.number
    return page.see(f"/move/{moving}/confirm", hold=number) if moving else page.see(f"/instructions/{number}")


def refusal(page: Page, outcome: Refused | Throttled, token: str, moving: str | None = None) -> Response:
    """The page of a refusal: the fault, from when on it is possible, and the ways on."""
    if isinstance(outcome, Throttled):
        return failure(page, problem_of_outcome(outcome, page.portal.now()) or Problem("unexpected"))
    key, since = SlotKey.from_token(token), [verdict.allowed_from for verdict in outcome.verdicts]
    values = {"branch": page.desk.catalogue.branch(key.branch), "service": page.desk.catalogue.service(key.service)}
    latest = max((each for each in since if each), default=None) if all(since) else None
    return page.show("refusal.html", 409, refused=outcome, key=key, since=latest, moving=moving, **values)


@get("/instructions/{number}", "J-15")
def instructions(page: Page) -> Response:
    held = page.own
    if held.state is AppointmentState.EXPIRED or _given_back(held):
        return _over(page)
    if held.state is not AppointmentState.HELD:
        return page.see(f"/documents/{held.number}")
    moving = moved(page, held.number)
    if moving:
        return page.see(f"/move/{moving}/confirm", hold=held.number)
    return page.show("instructions.html", **page.visit(held))


def _given_back(held: Appointment) -> bool:
    return held.state is AppointmentState.CANCELLED and held.instructions is None


def _over(page: Page, status: int = 200) -> Response:
    """The hold has run out, or the person gave it back, perhaps in another tab: what they can do now."""
    other = next((each for each in page.desk.appointments(page.me).held if not moved(page, each.number)), None)
    return page.show("hold_over.html", status, other=other, **page.visit(page.own))


@post("/instructions/{number}", "J-15")
def agree(page: Page) -> Response:
    """«موافق»: book the hold under the version that was read. A hold that is booked already stays so."""
    held, agreed = page.own, page.sent.get("agreed") or False
    if _given_back(held):
        return _over(page, 409)
    name, slot = page.request_id(held.number), held.slot.token
    outcome = page.desk.book(slot, applicant=page.me, agreed=agreed, request_id=name, alternatives=NEAR)
    if not isinstance(outcome, Refused | Throttled):
        return page.see(f"/documents/{outcome.appointment.number}", note="anew" if outcome.expired_hold else "booked")
    if page.desk.appointment(held.number, by=page.me).state is AppointmentState.BOOKED:  # in another tab
        return page.see(f"/documents/{held.number}", note="already")
    return refusal(page, outcome, slot)


@post("/instructions/{number}/release", "J-15")
def release(page: Page) -> Response:
    """Give the hold back, and choose another time."""
    held = page.own
    if held.state is AppointmentState.HELD:
        page.desk.cancel(held.number, by=page.me, request_id=page.request_id(held.number, "release"))
    moving = moved(page, held.number)
    return page.see("/month", branch=held.slot.branch, service=held.slot.service, moving=moving)


@get("/documents/{number}", "J-16")
@get("/tickets/{number}", "J-17")
def booked(page: Page) -> Response:
    """The documents and conditions to tick off, and the ticket."""
    if page.own.state in {AppointmentState.HELD, AppointmentState.EXPIRED}:
        return page.see(f"/instructions/{page.own.number}")
    may, template = page.desk.may_cancel(page.own.number, by=page.me), "documents" if page.step == "J-16" else "ticket"
    return page.show(f"{template}.html", may=may, **page.visit(page.own))


@get("/tickets/{number}/{form}", "J-17")
def paper(page: Page) -> Response:
    """The ticket as a file. Its HTML form has a style of its own, which the answer names by its hash."""
    form = page.request.path_params["form"]
    if form not in FORMS:
        raise Problem("no-such-page")
    made = page.desk.ticket(page.own.number, by=page.me, form=form, language=page.language)
    headers = {"content-disposition": f'inline; filename="{made.file_name}"'}
    if made.textual:
        digests = [b64encode(sha256(style.encode()).digest()).decode() for style in STYLE.findall(str(made))]
        styles = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
        headers["content-security-policy"] = f"default-src 'none'; style-src {styles}; frame-ancestors 'self'"
    return Response(made.content, headers=headers, media_type=made.media_type)
