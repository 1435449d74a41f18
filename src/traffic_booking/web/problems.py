"""Problem documents (RFC 9457): each refusal and each error as one JSON object, in the language of the caller."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from math import ceil
from typing import Any, Final, NamedTuple

from attrs import field, frozen
from starlette.responses import Response

import traffic_booking as tb
from traffic_booking import Bilingual, Language

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 2
"""After which a client tries again if the store did not answer."""


class Kind(NamedTuple):
    """A kind of problem: its status and its title."""

    status: int
    title: Bilingual


KINDS: Final[Mapping[str, Kind]] = {
    "invalid-input": Kind(400, Bilingual("بيانات غير صحيحة", "Invalid input")),
    "idempotency-key-missing": Kind(400, Bilingual("الطلب بلا معرّف", "The request has no id")),
    "not-signed-in": Kind(401, Bilingual("سجّل الدخول أولًا", "Sign in first")),
    "sign-in-failed": Kind(403, Bilingual("تعذّر تسجيل الدخول", "Not signed in")),
    "forbidden": Kind(403, Bilingual("غير مصرح لك بهذا الطلب", "You may not do this")),
    "other-site": Kind(403, Bilingual("أُرسل الطلب من موقع آخر", "Another site sent the request")),
    "not-found": Kind(404, Bilingual("الاسم غير موجود", "No such name")),
    "appointment-not-found": Kind(404, Bilingual("لا يوجد موعد بهذا الرقم", "No such appointment")),
    "no-such-page": Kind(404, Bilingual("العنوان غير موجود", "No such address")),
    "method-not-allowed": Kind(405, Bilingual("طريقة الطلب غير مقبولة هنا", "Method not allowed")),
    "too-slow": Kind(408, Bilingual("لم يصل الطلب كاملًا في الوقت المحدد", "The request took too long to arrive")),
    "refused": Kind(409, Bilingual("رُفض الطلب", "The request is refused")),
    "position-not-reached": Kind(409, Bilingual("الموضع غير موجود في السجل", "The feed has no such position")),
    "too-large": Kind(413, Bilingual("محتوى الطلب أكبر من المسموح", "The body is too large")),
    "address-too-long": Kind(414, Bilingual("العنوان أطول من المسموح", "The address is too long")),
    "not-json": Kind(415, Bilingual("نوع المحتوى غير مقبول", "The body is not JSON")),
    "request-mismatch": Kind(422, Bilingual("معرّف الطلب مستخدم", "The request id is used")),
    "throttled": Kind(429, Bilingual("رُفضت طلبات كثيرة", "Too many refused requests")),
    "too-many-requests": Kind(429, Bilingual("طلبات كثيرة", "Too many requests")),
    "locked": Kind(429, Bilingual("أُوقف تسجيل الدخول مؤقتًا", "Signing in is locked")),
    "headers-too-large": Kind(431, Bilingual("ترويسات الطلب أكبر من المسموح", "The headers are too large")),
    "unexpected": Kind(500, Bilingual("حدث خطأ غير متوقع", "An unexpected error")),
    "store-unreadable": Kind(500, Bilingual("تعذّرت قراءة البيانات", "The data can't be read")),
    "missing-extra": Kind(501, Bilingual("هذا الشكل غير متاح", "This form is not available")),
    "sign-in-unavailable": Kind(503, Bilingual("تسجيل الدخول غير متاح الآن", "Signing in is not possible now")),
    "store-unavailable": Kind(503, Bilingual("الخدمة غير متاحة الآن", "The service is not available now")),
}
"""Every kind of problem, and its status: the one table of them."""

ERRORS: Final[Mapping[type[tb.TrafficBookingError], str]] = {
    tb.InvalidCatalogue: "unexpected",
    tb.InvalidInput: "invalid-input",
    tb.AppointmentNotFound: "appointment-not-found",
    tb.NotFound: "not-found",
    tb.RequestMismatch: "request-mismatch",
    tb.MissingExtra: "missing-extra",
    tb.StoreUnreadable: "store-unreadable",
    tb.StoreError: "store-unavailable",
    tb.TrafficBookingError: "unexpected",
}
"""The kind of problem for each error of the library; the first class that fits counts."""

SIGN_IN_KINDS: Final[Mapping[tb.SignInFault, str]] = {
    tb.SignInFault.LOCKED: "locked",
    tb.SignInFault.CODE_UNAVAILABLE: "sign-in-unavailable",
    tb.SignInFault.IDENTITY_UNAVAILABLE: "sign-in-unavailable",
}
"""The kinds of failed sign-ins; any other is `sign-in-failed`."""

NEXT_STEPS: Final[Mapping[str, Bilingual]] = {
    "idempotency-key-missing": Bilingual(
        "أرسل في الترويسة Idempotency-Key معرّفًا جديدًا لكل طلب، من 1 إلى 128 حرفًا، والمعرّف نفسه عند إعادة الطلب.",
        "Send the header Idempotency-Key: a new id for each request, 1 to 128 characters, and the same one if you"
        " send the request again.",
    ),
    "not-signed-in": Bilingual("سجّل الدخول ثم أعد الطلب.", "Sign in, then send the request again."),
    "forbidden": Bilingual("هذا الطلب لأشخاص آخرين.", "This request is for other people."),
    "other-site": Bilingual(
        "افتح صفحات هذا الموقع وأرسل الطلب منها.", "Open the pages of this site, and send it there."
    ),
    "no-such-page": Bilingual("تحقق من العنوان.", "Check the address."),
    "method-not-allowed": Bilingual(
        "الترويسة Allow فيها الطرق المقبولة.", "The header Allow has the accepted methods."
    ),
    "too-slow": Bilingual("أعد إرسال الطلب.", "Send the request again."),
    "address-too-long": Bilingual("أرسل معايير أقل.", "Send fewer parameters."),
    "headers-too-large": Bilingual("أرسل ترويسات أقل.", "Send fewer headers."),
    "not-json": Bilingual(
        "أرسل المحتوى بصيغة JSON، وفي الترويسة Content-Type القيمة application/json.",
        "Send JSON, with the header Content-Type: application/json.",
    ),
    "too-many-requests": Bilingual("انتظر قليلًا ثم أعد المحاولة.", "Wait a moment, then try again."),
    "unexpected": Bilingual("أعد المحاولة لاحقًا.", "Try again later."),
}
"""The next step, for problems without a message of their own."""


@frozen
class Problem(Exception):  # noqa: N818 - it is an answer
    """A problem to answer with: a key of `KINDS`, the detail if it has one of its own, and further members."""

    kind: str
    detail: Callable[[Language], str] | None = None
    members: Mapping[str, Any] = field(factory=dict)
    headers: Mapping[str, str] = field(factory=dict)

    @property
    def status(self) -> int:
        """The status of the answer."""
        return KINDS[self.kind].status

    @property
    def title(self) -> Bilingual:
        """The title of its kind."""
        return KINDS[self.kind].title

    def text(self, language: Language) -> str:
        """Its detail, else the next step of its kind, else its title."""
        detail = self.detail or NEXT_STEPS.get(self.kind) or self.title
        return detail(language)


def problem_of_error(error: tb.TrafficBookingError) -> Problem:
    """The problem for an error of the library. Its message has no personal data."""
    kind = next(kind for known, kind in ERRORS.items() if isinstance(error, known))
    if isinstance(error, tb.InvalidInput) and error.field == "actor":
        kind = "forbidden"  # a clerk of other branches, or a person at a verb of the staff
    if kind in {"unexpected", "store-unreadable"}:
        return Problem(kind, NEXT_STEPS["unexpected"])
    members = {"field": error.field} if isinstance(error, tb.InvalidInput) and kind == "invalid-input" else {}
    headers = {"Retry-After": str(RETRY_SECONDS)} if kind == "store-unavailable" else {}
    return Problem(kind, error.message, members, headers)


def problem_of_outcome(outcome: object, now: datetime) -> Problem | None:
    """The problem for an outcome that refuses; None for any other value."""
    match outcome:
        case tb.Refused():
            members = {
                "verdicts": list(outcome.verdicts),
                "alternatives": [tb.to_json(slot) for slot in outcome.alternatives],
            }
            return Problem("refused", outcome.message, members)
        case tb.Throttled(allowed_from):
            return Problem("throttled", outcome.message, _from(allowed_from), retry_after(allowed_from, now))
        case tb.NotSignedIn(fault, allowed_from):
            kind = SIGN_IN_KINDS.get(fault, "sign-in-failed")
            headers = retry_after(allowed_from, now) if kind == "locked" else {}
            return Problem(kind, outcome.message, {"fault": fault.value} | _from(allowed_from), headers)
        case _:
            return None


def problem_response(problem: Problem, language: Language, base: str = "") -> Response:
    """The answer for a problem, in one language."""
    body: dict[str, Any] = {
        "type": f"{base}/problems/{problem.kind}",
        "title": problem.title(language),
        "status": problem.status,
        "detail": problem.text(language),
        "kind": problem.kind,
        **problem.members,
    }
    if "verdicts" in body:
        body["verdicts"] = [verdict_form(each, language) for each in body["verdicts"]]
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Content-Language": language, "Vary": "Accept-Language", **problem.headers}
    return Response(content, problem.status, headers, MEDIA_TYPE)


def verdict_form(verdict: tb.Verdict, language: Language) -> dict[str, Any]:
    """A broken rule as the applicant reads it, in one language."""
    form = tb.to_json(verdict)
    return {
        "rule_id": form["rule_id"],
        "message": verdict.message(language),
        "statement": verdict.statement(language),
        **{name: form[name] for name in ("observed", "limit", "allowed_from")},
    }


def retry_after(allowed_from: datetime | None, now: datetime) -> dict[str, str]:
    """The header with the seconds until then, at least one."""
    seconds = 60 if allowed_from is None else ceil((allowed_from - now).total_seconds())
    return {"Retry-After": str(max(1, seconds))}


def _from(allowed_from: datetime | None) -> dict[str, Any]:
    return {"allowed_from": None if allowed_from is None else allowed_from.isoformat()}
