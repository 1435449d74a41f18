"""A brute force over the feed: which entries belong to the answer to a question, by the entries and what was sent."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

import traffic_booking as tb
from tests.stored_day import StoredDay


@frozen
class Seen:
    """An entry of the feed, with what a reader of the whole feed knows about it."""

    entry: tb.FeedEntry
    subjects: frozenset[str]
    branch: str | None
    service: str | None
    rules: tuple[str, ...]

    @property
    def clerk(self) -> str | None:
        """The clerk who did it."""
        actor = getattr(self.entry.what, "actor", None)
        return actor.id if isinstance(actor, tb.Clerk) else None

    @property
    def number(self) -> str | None:
        """The appointment that it names."""
        what = self.entry.what
        return what.about.get("number") if isinstance(what, tb.QuestionAsked) else self.entry.number


def seen(day: StoredDay) -> list[Seen]:
    """All entries of a day, first to last."""
    slots, subjects, found = dict[str, Any](), dict[str, str](), list[Seen]()
    for entry in day.desk.feed(limit=10_000).entries:
        what: Any = entry.what
        if isinstance(what, tb.RequestRefused):
            found.append(_refused(day, entry, slots, subjects))
            continue
        number = entry.number
        own = frozenset(_subjects(getattr(what, "actor", None)))
        slot = None
        if number is not None and hasattr(what, "version"):
            slots[number] = slot = getattr(what, "slot", slots.get(number))
            if hasattr(what, "applicant"):
                subjects[number] = what.applicant.subject
            own |= {subjects[number]}
        elif isinstance(what, tb.PersonRegistered):
            own |= {what.applicant.subject}
        elif getattr(what, "subject", None) is not None:
            own |= {what.subject}
        branch = None if slot is None else slot.branch
        if isinstance(what, tb.CalendarEntry) and isinstance(what.record, tb.BranchException):
            branch = what.record.branch
        found.append(Seen(entry, own, branch, None if slot is None else slot.service, ()))
    return found


def _refused(day: StoredDay, entry: Any, slots: Mapping[str, Any], subjects: Mapping[str, str]) -> Seen:
    """A refusal: its slot is the one that was sent, or else that of the appointment at that time."""
    what = entry.what
    sent = day.sent.get(what.request_id)
    own = set(_subjects(what.actor))
    branch = service = None
    given: list[Any] = [*sent.arguments, *sent.given.values()] if sent else []
    asked = next((each for each in given if isinstance(each, tb.SlotKey)), None)
    if asked is not None:
        branch, service = asked.branch, asked.service
    elif sent is not None and sent.verb == "gate.walk_in":
        branch, service = sent.arguments
    elif what.number in slots:
        branch, service = slots[what.number].branch, slots[what.number].service
    named = sent is not None and sent.verb not in {"hold", "book"} and what.number in subjects
    if named:
        own.add(subjects[what.number])
    elif sent is not None and "applicant" in sent.given and "by" in sent.given:
        person = sent.given["applicant"]
        own.add(day.desk._office.book.applicants([person])[person].subject)
    return Seen(entry, frozenset(own), branch, service, what.broken.rule_ids)


def _subjects(actor: Any) -> Iterable[str]:
    match actor:
        case tb.Applicant(subject=subject):
            return (subject,) if subject else ()
        case tb.Delegate(person=person, applicant=applicant):
            return tuple(each.subject for each in (person, applicant) if each.subject)
        case _:
            return ()


def answer(
    entries: Iterable[Seen],
    *,
    refused: bool = False,
    from_: datetime | None = None,
    until: datetime | None = None,
    **wanted: Any,
) -> list[tb.FeedPosition]:
    """The positions of the entries that belong to the answer."""
    found = []
    for each in entries:
        keep = not refused or isinstance(each.entry.what, tb.RequestRefused)
        keep = keep and (from_ is None or each.entry.instant >= from_) and (until is None or each.entry.instant < until)
        for name, value in wanted.items():
            have: Any = getattr(each, {"rule": "rules", "subject": "subjects"}.get(name, name))
            keep = keep and (value is None or (value in have if name in {"rule", "subject"} else value == have))
        if keep:
            found.append(each.entry.position)
    return found
