"""A person's own data as one HTML page: no script, nothing loaded from elsewhere, A4 when printed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Protocol

from traffic_booking.domain.appointments.documents import Document
from traffic_booking.domain.appointments.markup import Markup, direction, element, head_of, left_to_right, value_of
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.calendars.day import Day, instant_text
from traffic_booking.domain.errors import InvalidInput, NotFound, is_arabic
from traffic_booking.domain.inquiries.answers import actor_text
from traffic_booking.domain.inquiries.occurrences import kind_of
from traffic_booking.domain.inquiries.own_data import OwnAppointment, OwnData, OwnDecision
from traffic_booking.domain.people.actors import Actor, Auditor, System
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.value_input import remade

STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.6 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 56rem; padding: 1rem; }
h1 { font-size: 1.6rem; margin: .5rem 0 1rem; }
h2 { border-bottom: 2px solid #8888; font-size: 1.25rem; margin: 2rem 0 .75rem; padding-bottom: .25rem; }
h3 { font-size: 1rem; margin: 0 0 .5rem; }
section { border: 1px solid #8888; border-radius: .5rem; margin: 0 0 1rem; padding: .75rem 1rem; }
dl { display: grid; gap: .25rem 1rem; grid-template-columns: 12rem 1fr; margin: 0; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
dd p { margin: 0 0 .25rem; }
table { border-collapse: collapse; table-layout: fixed; width: 100%; }
section table { margin-top: .75rem; }
th, td { border-bottom: 1px solid #8888; overflow-wrap: anywhere; padding: .4rem .5rem; text-align: start; }
th, td { vertical-align: top; }
@media (max-width: 40rem) {
  dl { display: block; }
  dd { margin-bottom: .5rem; }
  thead { display: none; }
  tr { border-bottom: 1px solid #8888; display: block; padding: .5rem 0; }
  tr:last-child { border: 0; }
  td { border: 0; display: block; padding: .1rem 0; }
  td:empty { display: none; }
  td::before { content: attr(data-label) ": "; font-weight: 600; }
}
@page { margin: 15mm; size: A4; }
@media print {
  :root { color-scheme: light; font-size: 10pt; }
  body { max-width: none; padding: 0; }
  tr, dl { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  thead { display: table-header-group; }
}
"""

ACTS: Final = Bilingual("ما فعلته بشأن مواعيد غيرك", "Your requests about appointments of others")
APPOINTMENTS: Final = Bilingual("المواعيد", "Appointments")
BIRTH_DATE: Final = Bilingual("تاريخ الميلاد", "Birth date")
BRANCH: Final = Bilingual("الفرع", "Branch")
BY: Final = Bilingual("بواسطة", "By")
CHECKED: Final = Bilingual("تاريخ التحقق", "Checked at")
DECISIONS: Final = Bilingual("القرارات", "Decisions")
DELEGATES: Final = Bilingual("من تصرّف نيابة عنك", "Your delegates")
EMPTY: Final = Bilingual("لا شيء.", "None.")
ENDED: Final = Bilingual("أُنهيت", "Ended early")
ENDS: Final = Bilingual("النهاية", "Ends")
EVIDENCE: Final = Bilingual("المستند", "Evidence")
EXPIRES: Final = Bilingual("انتهاء الوثيقة", "Document expires")
FAILED: Final = Bilingual("محاولات دخول فاشلة", "Failed sign-ins")
GRANTED: Final = Bilingual("قُبل", "granted")
LOOK_UPS: Final = Bilingual("من اطّلع على هويتك أو بياناتك", "Look-ups of your id or data")
MADE_AT: Final = Bilingual("حُرّرت في", "Made at")
MET: Final = Bilingual("شروط مستوفاة", "Conditions met")
NO: Final = Bilingual("لا", "no")
NUMBER: Final = Bilingual("رقم الموعد", "Appointment number")
OTHER: Final = Bilingual("شخص آخر", "another person")
OUTCOME: Final = Bilingual("النتيجة", "Outcome")
PASSWORD: Final = Bilingual("كلمة مرور محفوظة كبصمة", "Password kept, as a hash")
PERSON_ID: Final = Bilingual("رقم الهوية", "Id number")
REASON: Final = Bilingual("السبب", "Reason")
REFUSED: Final = Bilingual("رُفض", "refused")
REGISTERED: Final = Bilingual("مسجل منذ", "Registered since")
REQUEST: Final = Bilingual("الطلب", "Request")
REQUEST_ID: Final = Bilingual("رمز الطلب", "Request id")
SERVICE: Final = Bilingual("الخدمة", "Service")
SERVICES: Final = Bilingual("الخدمات", "Services")
SESSIONS: Final = Bilingual("جلسات الدخول", "Sign-in sessions")
SLOT: Final = Bilingual("وقت الموعد", "Slot")
STARTED: Final = Bilingual("البداية", "Began")
STATE: Final = Bilingual("الحالة", "State")
SUBJECT: Final = Bilingual("الرمز في السجلات", "Name in the records")
SYSTEM: Final = Bilingual("النظام", "the system")
TITLE: Final = Bilingual("بياناتك الشخصية", "Your personal data")
UNTIL: Final = Bilingual("حتى", "Until")
USER_NAME: Final = Bilingual("اسم المستخدم", "User name")
WHAT: Final = Bilingual("ما حدث", "What happened")
WHEN: Final = Bilingual("متى", "When")
YES: Final = Bilingual("نعم", "yes")
YOU: Final = Bilingual("أنت", "you")

ACTORS: Final = {
    "auditor": Bilingual("المدقق", "auditor"),
    "clerk": Bilingual("الموظف", "clerk"),
    "delegate": Bilingual("المفوَّض", "delegate"),
    "person": OTHER,
}

Cells = Sequence[Markup | str]
Fact = tuple[Bilingual, Markup | str]


class Named(Protocol):
    """A branch or a service."""

    @property
    def name(self) -> Bilingual:
        """Its name."""


def page_of(own: OwnData, catalogue: Catalogue, language: Language) -> Document:
    """The page of a person's own data, as `own_data_page` returns it."""
    if type(own) is not OwnData:
        raise InvalidInput("own", got=type(own).__name__, expected="an OwnData")
    if type(catalogue) is not Catalogue:
        raise InvalidInput("catalogue", got=type(catalogue).__name__, expected="a Catalogue")
    is_arabic(language)
    opening = Markup(f'<html lang="{language}" dir="{direction(language)}">')
    head = head_of(TITLE(language), STYLE)
    body = remade("own", lambda: element("body", element("main", *_Page(own, catalogue, language).parts())))
    text = f"<!DOCTYPE html>\n{opening}\n{head}\n{body}\n</html>\n"
    return Document(media_type="text/html; charset=utf-8", file_name="own-data.html", content=text.encode())


class _Page:
    """The parts of the page in one language."""

    def __init__(self, own: OwnData, catalogue: Catalogue, language: Language) -> None:
        self._own = own
        self._catalogue = catalogue
        self._language: Language = language

    def parts(self) -> Iterator[Markup]:
        own = self._own
        yield element("h1", TITLE(self._language))
        yield self._facts(
            (PERSON_ID, left_to_right(own.person_id)),
            (USER_NAME, "" if own.user_name is None else self._value(own.user_name)),
            (SUBJECT, left_to_right(own.subject)),
            (REGISTERED, "" if own.registered_at is None else self._at(own.registered_at)),
            (PASSWORD, (YES if own.has_password else NO)(self._language)),
            (FAILED, str(own.failed_sign_ins)),
            (MADE_AT, self._at(own.made_at)),
        )
        yield from self._part(APPOINTMENTS, map(self._appointment, own.appointments))
        yield from self._part(DECISIONS, map(self._decision, own.decisions))
        delegates = (
            (left_to_right(each.person.subject), self._services(each.services), self._at(each.until))
            for each in own.delegates
        )
        yield from self._table(DELEGATES, (SUBJECT, SERVICES, UNTIL), delegates)
        look_ups = (
            (self._at(each.at), each.kind.label(self._language), self._by(each.actor), self._value(each.note))
            for each in own.look_ups
        )
        yield from self._table(LOOK_UPS, (WHEN, WHAT, BY, REASON), look_ups)
        sessions = (
            (self._at(each.started_at), self._at(each.ends_at), (YES if each.ended else NO)(self._language))
            for each in own.sessions
        )
        yield from self._table(SESSIONS, (STARTED, ENDS, ENDED), sessions)
        acts = (
            (
                self._at(each.at),
                each.kind.label(self._language),
                self._by(each.actor),
                self._value(each.request_id or ""),
            )
            for each in own.acts
        )
        yield from self._table(ACTS, (WHEN, WHAT, BY, REQUEST_ID), acts)

    def _appointment(self, own: OwnAppointment) -> Markup:
        appointment = own.appointment
        rows = ((self._at(each.at), kind_of(each).label(self._language), self._by(each.actor)) for each in own.events)
        return element(
            "section",
            element("h3", left_to_right(appointment.number)),
            self._facts((STATE, appointment.state.label(self._language)), *self._slot(appointment.slot)),
            self._rows((WHEN, WHAT, BY), rows),
        )

    def _decision(self, decision: OwnDecision) -> Markup:
        language = self._language
        why = (element("p", self._value(each.message(language))) for each in decision.verdicts)
        return element(
            "section",
            element("h3", self._at(decision.decided_at)),
            self._facts(
                (REQUEST, decision.use.label(language)),
                (OUTCOME, Markup("".join((element("p", (GRANTED if decision.granted else REFUSED)(language)), *why)))),
                (NUMBER, "" if decision.number is None else left_to_right(decision.number)),
                *(() if decision.slot is None else self._slot(decision.slot)),
                (BY, OTHER(language) if decision.actor is None else self._by(decision.actor)),
                *(() if decision.assertions is None else self._asserted(decision.assertions)),
                (EVIDENCE, self._value(decision.evidence or "")),
                (REQUEST_ID, self._value(decision.request_id or "")),
            ),
        )

    def _slot(self, slot: SlotKey) -> tuple[Fact, ...]:
        branch = self._named(self._catalogue.branch, slot.branch)
        return (SERVICE, self._services([slot.service])), (BRANCH, branch), (SLOT, self._at(slot.starts_at))

    def _asserted(self, asserted: Assertions) -> Iterator[Fact]:
        for label, day in ((BIRTH_DATE, asserted.birth_date), (EXPIRES, asserted.expires_on)):
            yield label, "" if day is None else Day(day).text(self._language)
        yield MET, left_to_right(", ".join(sorted(asserted.met))) if asserted.met else ""
        yield CHECKED, self._at(asserted.checked_at)

    def _facts(self, *facts: Fact) -> Markup:
        """A list of facts, without those that are empty."""
        parts = (
            element(tag, text)
            for label, value in facts
            if value
            for tag, text in (("dt", label(self._language)), ("dd", value))
        )
        return element("dl", *parts)

    def _part(self, title: Bilingual, content: Iterable[Markup]) -> Iterator[Markup]:
        listed = list(content)
        yield element("h2", title(self._language))
        yield from listed or [element("p", EMPTY(self._language))]

    def _table(self, title: Bilingual, headers: Sequence[Bilingual], rows: Iterable[Cells]) -> Iterator[Markup]:
        listed = list(rows)
        return self._part(title, [self._rows(headers, listed)] if listed else [])

    def _rows(self, headers: Sequence[Bilingual], rows: Iterable[Cells]) -> Markup:
        labels = [each(self._language) for each in headers]
        top = element("tr", *(element("th", each, attribute='scope="col"') for each in labels))
        lines = (
            element(
                "tr",
                *(
                    element("td", cell, attribute=f'data-label="{label}"')
                    for label, cell in zip(labels, cells, strict=True)
                ),
            )
            for cells in rows
        )
        return element("table", element("thead", top), element("tbody", *lines))

    def _at(self, moment: datetime) -> str:
        return instant_text(moment, self._language)

    def _value(self, text: str) -> Markup:
        return value_of(text, self._language) if text else Markup("")

    def _services(self, ids: Iterable[str]) -> Markup:
        separator = "، " if self._language == "ar" else ", "
        return Markup(separator.join(self._named(self._catalogue.service, each) for each in sorted(ids)))

    def _named(self, look_up: Callable[[str], Named], name: str) -> Markup:
        """The name in the catalogue, or the id if it has left the catalogue."""
        try:
            return self._value(look_up(name).name(self._language))
        except NotFound:
            return left_to_right(name)

    def _by(self, actor: Actor | Auditor) -> Markup | str:
        language, own = self._language, self._own.subject
        match actor:
            case Applicant(subject=subject) if subject == own:
                return YOU(language)
            case System():
                return SYSTEM(language)
            case _:
                kind, name = actor_text(actor).split(":")
                return Markup(f"{element('span', ACTORS[kind](language))} {left_to_right(name)}")
