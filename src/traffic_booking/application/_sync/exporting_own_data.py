"""A person's own data, for the person themself or for staff who hand it over.

Made from `traffic_booking.application.exporting_own_data` by `python -m tools.check_sync --write`: change that.
"""

from typing import Final

from traffic_booking.application import arguments
from traffic_booking.application._sync.office import Office
from traffic_booking.domain.appointments.events import PersonRevealed
from traffic_booking.domain.errors import InvalidInput, NotFound
from traffic_booking.domain.inquiries.occurrences import OccurrenceKind
from traffic_booking.domain.inquiries.own_data import (
    OwnData,
    decision_of,
    delegate_of,
    is_about,
    without_others,
)
from traffic_booking.domain.people.actors import STAFF, Requester, requester, staff
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.people.user_names import UserName
from traffic_booking.domain.text_input import bounded_text, compact, typed_text
from traffic_booking.persistence._sync.own_data_book import OwnDataBook, PersonalRecords
from traffic_booking.persistence._sync.upkeep import check_reason

LONGEST_REASON: Final = 400
_LOOK_UPS: Final = frozenset({OccurrenceKind.REVEALED, OccurrenceKind.ASKED})


def own_data(office: Office, person: PersonId, *, by: Requester, reason: str) -> OwnData:
    """A person's own data, as `maintenance.own_data` returns it."""
    checked, acting = arguments.person(person), requester(by)
    is_owner = acting == checked
    if not is_owner and not isinstance(acting, STAFF):
        raise _nobody(checked)  # before anything is read: even the time that it takes shows nothing
    by_staff = None if is_owner else staff(acting)
    why = _reason(checked, reason, required=not is_owner)
    book = OwnDataBook(office.measured_store, office.seats.keys)
    records = book.records_of(checked)
    if records is None:
        raise _nobody(checked)
    check_reason(why, [] if records.user_name is None else [records.user_name])
    own = records.applicant
    book.log_reveal(PersonRevealed(subject=own.subject, at=office.now(), actor=by_staff or own, reason=why))
    return _collected(office, book, records, checked if is_owner else None)


def _collected(office: Office, book: OwnDataBook, records: PersonalRecords, owner: PersonId | None) -> OwnData:
    """The data that the records and the log lead to; only the `owner` is shown the id and the user name in full."""
    own, numbers, until = records.applicant, records.numbers, book.log_end()
    happened = book.happened_to(own.subject, numbers, until)
    about = [each for each in happened if is_about(each, own.subject, numbers)]
    refused = {each.request_id for each in about if each.kind is OccurrenceKind.REFUSED}
    answers = book.answers_about(records.requests | refused, own.subject, numbers)
    decisions = [decision_of(each, own.subject, numbers) for each in answers]
    requests = {each.request_id for each in decisions}
    actors = [*(each.actor for each in happened), *(each.command.actor for each in answers)]
    name = records.user_name
    return OwnData(
        person_id=str(records.person) if owner is None else owner.reveal(),
        subject=own.subject,
        made_at=office.now(),
        registered_at=records.registered_at,
        user_name=str(UserName(name)) if name is not None and owner is None else name,
        has_password=records.has_password,
        failed_sign_ins=records.failed_sign_ins,
        sessions=records.sessions,
        appointments=records.appointments,
        decisions=tuple(decisions),
        delegates=tuple(dict.fromkeys(found for each in actors if (found := delegate_of(each, own.subject)))),
        look_ups=tuple(
            each
            for each in happened
            if each.kind in _LOOK_UPS and (is_about(each, own.subject, numbers) or each.request_id in requests)
        ),
        acts=tuple(
            without_others(each, own)
            for each in happened
            if own.subject in each.subjects and not is_about(each, own.subject, numbers)
        ),
    )


def _reason(person: PersonId, reason: object, *, required: bool) -> str:
    """The reason, cleaned. Raises `InvalidInput` if it has the person's id, since it stays in the log."""
    why = typed_text(reason, "reason", longest=LONGEST_REASON)
    if why or required:
        why = bounded_text(reason, "reason", longest=LONGEST_REASON)
    if person.reveal() in compact(why):
        raise InvalidInput("reason", got="text with the id of the person", expected="text that may stay in the log")
    return why


def _nobody(person: PersonId) -> NotFound:
    return NotFound("person", str(person), reason="erased, or never registered")
