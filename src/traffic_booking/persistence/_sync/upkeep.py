"""Upkeep of the records of persons, while requests go on: erasing one, and changing the pseudonym key of all.

Made from `traffic_booking.persistence.upkeep` by `python -m tools.check_sync --write`: change that.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from attrs import evolve as copy_with

from traffic_booking.domain.appointments.events import PersonErased, UpkeepDone
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.errors import InvalidInput, RequestMismatch
from traffic_booking.domain.people.actors import is_same
from traffic_booking.domain.people.applicants import Subject
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.erasures import (
    cancelled_in,
    erased_append,
    erasure_of,
    erasure_put,
    numbers_in,
    own_requests,
    span_of,
)
from traffic_booking.persistence.log import upkeep_append
from traffic_booking.persistence.marks import Named, marked, subjects_in
from traffic_booking.persistence.persons import PersonKeys, of_subject
from traffic_booking.persistence.records import deletes_of, person_state_of
from traffic_booking.persistence.schema import (
    ACCOUNTS,
    ANSWERS,
    APPOINTMENTS,
    ASSERTIONS,
    ATTEMPTS,
    ERASURES,
    NAMES,
    PEOPLE,
    PERSONS,
    SESSIONS,
)
from traffic_booking.ports.collections import Collection
from traffic_booking.ports.primitives import (
    Delete,
    Put,
    Query,
    RecordsByIndex,
    RecordsByKey,
    Row,
    Span,
    StoreChange,
    Via,
)
from traffic_booking.ports.store import Store

BATCH: Final = 50
"""How many appointments, persons or other records one change removes or rewrites."""
_OF_SUBJECT: Final = (ASSERTIONS, NAMES, SESSIONS)
"""The records of a person that an index finds."""
_SALT_OR_DAY: Final = re.compile(r'"([^"\\:]{22,}|\d{4}-\d\d-\d\d)"')
"""The strings of a body that are a salt, a hash or a day."""


class Leading(NamedTuple):
    """The records that lead to a person, as they were read from one snapshot."""

    persons: list[Row]
    people: list[Row]
    attempts: list[Row]
    accounts: list[Row]
    listed: tuple[list[Row], ...]
    """The records of `_OF_SUBJECT`, at most `BATCH` of each."""

    @classmethod
    def of(cls, *answers: Sequence[Any]) -> "Leading":
        """The records in the answers to `_leading`."""
        persons, people, attempts, accounts, *listed = [_flat(each) for each in answers]
        return cls(persons, people, attempts, accounts, tuple(listed))

    @property
    def named(self) -> Named:
        """The subjects of the records whose keys show the person."""
        return subjects_in(self.persons, self.names)

    @property
    def names(self) -> list[Row]:
        """The records of user names."""
        return self.listed[_OF_SUBJECT.index(NAMES)]

    def active(self, at: datetime) -> tuple[AppointmentNumber, ...]:
        """The appointments and holds that are active."""
        listed = (each for row in self.people for each in person_state_of(row).appointments)
        return tuple(each.number for each in listed if each.is_active(at))

    def many(self) -> StoreChange | None:
        """The removal of a batch of listed records; None if all can be removed together."""
        deletes = self._deletes(zip(_OF_SUBJECT, self.listed, strict=True))
        return StoreChange(deletes=deletes) if len(deletes) >= BATCH else None

    def removal(self) -> StoreChange:
        """The removal of all of them."""
        every = [(PERSONS, self.persons), (ATTEMPTS, self.attempts), (ACCOUNTS, self.accounts)]
        # The next version of the same state: the guards of this person's requests under way fail.
        puts = tuple(
            Put(PEOPLE.name, subject, version, (holder,), body) for subject, version, holder, body in self.people
        )
        return StoreChange(puts=puts, deletes=self._deletes([*zip(_OF_SUBJECT, self.listed, strict=True), *every]))

    def texts(self) -> Iterator[str]:
        """Texts of the records that hardly any other record has: a copy of one is recognised by them."""
        for key, *_, salt in (*self.persons, *self.names):
            yield from (key, salt)
        for *_, body in (*self.accounts, *self.listed[_OF_SUBJECT.index(ASSERTIONS)]):
            yield from _SALT_OR_DAY.findall(body)

    def _deletes(self, found: Iterable[tuple[Collection, list[Row]]]) -> tuple[Delete, ...]:
        return tuple(part for collection, rows in found for part in deletes_of(collection, rows))


def _flat(answer: Sequence[Any]) -> list[Row]:
    """The rows of an answer by key or by index."""
    return [row for each in answer for row in (each if isinstance(each, list) else [each]) if row is not None]


class Upkeep:
    """Erases and rewrites the records of persons and user names; the store's key has been looked up in `keys`."""

    def __init__(self, store: Store, keys: PersonKeys) -> None:
        self._store = store
        self._keys = keys
        self.removed: set[str] = set()
        """Texts of the records that were to be removed (`Leading.texts`)."""

    def erase(self, person: PersonId, asked: PersonErased) -> PersonErased | tuple[AppointmentNumber, ...]:
        """Remove the records that lead to a person, their sessions and assertions; return the entry of the log.

        Return the person's active appointments and holds instead if there are any: then nothing is removed. `asked` is
        the entry without the subject, and without the appointments that were cancelled for it. If it was answered
        before, the first answer is returned, whoever the person is, unless they are registered.

        Raises:
            InvalidInput: the reason has the person's user name.
            RequestMismatch: the request was answered before, and was another one.
        """
        own = own_requests(asked.request_id)
        self.removed.update(self._keys.keys_of(person))
        while True:
            current, first, answers, cancellations, *leading = self._store.read(
                [PersonKeys.query, *_answered(asked.request_id, own), *self._of_person(person)]
            )
            if current[0] is None or current[0][1] != self._keys.check().expected:
                self._look_up(current[0])
                continue
            found = Leading.of(*leading)
            if first[0] is not None or answers[0] is not None:
                return _first_answer(asked, first[0], found.persons)
            active = found.active(asked.at)
            if active:
                return active
            check_reason(asked.reason, map(self._keys.name_of, found.names))
            self.removed.update(found.texts())
            if (many := found.many()) is not None:
                done = UpkeepDone(at=asked.at, actor=asked.actor, what="erasure", count=0)
                committed(self._store, many, len(many.deletes), done, found.named)
                continue
            cancelled = self._cancelled(own, cancellations[0])
            subject = Subject(found.persons[0][2]) if found.persons else None
            if self._removed(found, copy_with(asked, subject=subject, cancelled=cancelled)):
                return copy_with(asked, subject=subject, cancelled=cancelled)

    def erase_again(self, erased: PersonErased, now: datetime) -> tuple[AppointmentNumber, ...]:
        """Remove the records that lead to a subject once more, as a restored store has them again.

        Return the person's active appointments and holds instead if there are any: then nothing is removed.
        """
        subject, own = erased.subject or "", own_requests(erased.request_id)
        persons = RecordsByIndex(PERSONS.name, "by_subject", [of_subject(subject)])
        while True:
            current, first, _, cancellations, *leading = self._store.read(
                [PersonKeys.query, *_answered(erased.request_id, own), *_leading(persons, [subject])]
            )
            if current[0] is None or current[0][1] != self._keys.check().expected:
                self._look_up(current[0])
                continue
            found = Leading.of(*leading)
            if not found.persons:
                return ()
            if active := found.active(now):
                return active
            self.removed.update(found.texts())
            if (many := found.many()) is not None:
                done = UpkeepDone(at=now, actor=erased.actor, what="erasure", count=0)
                committed(self._store, many, len(many.deletes), done, found.named)
                continue
            again = copy_with(erased, cancelled=self._cancelled(own, cancellations[0]))
            self._removed(found, again, answered=first[0] is not None)

    def _removed(self, found: Leading, erased: PersonErased, *, answered: bool = False) -> bool:
        """Remove what leads to a person, with the answer and the log entry; False for a conflict."""
        removal = found.removal()
        answer = () if answered else (erasure_put(erased),)
        change = removal._replace(
            puts=(*answer, *removal.puts), checks=(self._keys.check(),), entries=(erased_append(erased),)
        )
        return not self._store.commit([marked(change, found.named)])[0]

    def _cancelled(self, own: str, answers: Sequence[Row]) -> tuple[AppointmentNumber, ...]:
        """The appointments that an erasure has cancelled, also before it was stopped and sent again."""
        numbers = numbers_in(own, answers)
        return cancelled_in(self._store.read([RecordsByKey(APPOINTMENTS.name, numbers)])[0]) if numbers else ()

    def _of_person(self, person: PersonId) -> list[Query]:
        """The records that lead to a person, to be read from one snapshot with the store's key.

        In two, a person who is erased and registered again in between would have a record of the same key and version.
        """
        return _leading(RecordsByKey(PERSONS.name, self._keys.keys_of(person)), self._keys.subjects_of(person))

    def rekey(self, done: UpkeepDone) -> int:
        """Write the record of every person and user name under the newest key; return how many were written again.

        An earlier change of the key that was stopped is finished first.
        """
        keys, written = self._keys, 0
        self._look_up(self._store.read([PersonKeys.query])[0][0])
        while not keys.is_newest:
            changing = keys.changing
            if changing:
                written += self._move(PERSONS, self._person_put, done)
                written += self._move(NAMES, self._name_put, done)
            # If another run has just done this, there is a conflict, and the look-up reads the other run's record.
            self._store.commit([marked(StoreChange(puts=(keys.end_change() if changing else keys.begin_change(),)))])
            self._look_up(self._store.read([PersonKeys.query])[0][0])
        return written

    def _person_put(self, row: Row) -> Put:
        person, salt = self._keys.person_of(row)
        return self._keys.record(person, row[2], salt)

    def _name_put(self, row: Row) -> Put:
        return self._keys.name_record(self._keys.name_of(row), row[2], row[3])

    def _move(self, collection: Collection, put_of: Callable[[Row], Put], done: UpkeepDone) -> int:
        """Write the records under the key before again, under the one in use."""
        written, cursor = 0, None
        while rows := page_of(self._store, collection, cursor):
            puts, deletes = list[Put](), list[Delete]()
            for row in rows:
                put = put_of(row)
                if put.key != row[0]:
                    puts.append(put)
                    deletes += deletes_of(collection, [row])
            if puts:
                change = StoreChange(puts=tuple(puts), deletes=tuple(deletes))
                if not committed(self._store, change, len(puts), done, subjects_in(rows)):
                    continue  # a person was erased or renamed meanwhile: read this page again
                written += len(puts)
            cursor = (rows[-1][0],)
        return written

    def _look_up(self, current: Row | None) -> None:
        self._keys.forget()
        self._keys.take(current)


def check_reason(reason: str, names: Iterable[str]) -> None:
    """Raises `InvalidInput` if the reason has one of these user names: it stays in the log."""
    for name in names:
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", reason.casefold()):
            got, expected = "text with the person's user name", "text that may stay in the log"
            raise InvalidInput("reason", got=got, expected=expected)


def _leading(persons: Query, by_subject: Sequence[str | Via]) -> list[Query]:
    spans = [Span((each,)) for each in by_subject]
    return [
        persons,
        *(RecordsByKey(each.name, by_subject) for each in (PEOPLE, ATTEMPTS, ACCOUNTS)),
        *(RecordsByIndex(each.name, "of_subject", spans, limit=BATCH) for each in _OF_SUBJECT),
    ]


def _answered(request: RequestId, own: str) -> list[Query]:
    """The answer to an erasure, that to another request with its id, and those to its cancellations."""
    answers = RecordsByIndex(ANSWERS.name, None, [span_of(own)])
    return [RecordsByKey(ERASURES.name, [request]), RecordsByKey(ANSWERS.name, [request]), answers]


def _first_answer(asked: PersonErased, row: Row | None, found: Sequence[Row]) -> PersonErased:
    """The first answer to an erasure that is sent again. Raises `RequestMismatch` if it was to another request."""
    first = None if row is None else erasure_of(row)
    if (
        first is None
        or not is_same(first.actor, asked.actor)
        or first.reason != asked.reason
        or any(each[2] != first.subject for each in found)
    ):
        raise RequestMismatch(asked.request_id)
    return first


def committed(store: Store, change: StoreChange, count: int, done: UpkeepDone, named: Named | None = None) -> bool:
    """Commit a change that removes or rewrites `count` records, with its log entry; return False for a conflict.

    `named` has the subjects of the records of persons and names that it deletes.
    """
    entry = upkeep_append(copy_with(done, count=count))
    return not store.commit([marked(change._replace(entries=(entry,)), named)])[0]


def page_of(store: Store, collection: Collection, cursor: tuple[str] | None) -> list[Row]:
    """The next records of a collection by key, behind `cursor`."""
    query = RecordsByIndex(collection.name, None, [Span(after=cursor)], limit=BATCH)
    rows: list[Row] = store.read([query])[0][0]
    return rows
