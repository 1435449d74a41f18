"""Upkeep of the records of persons, while requests go on: erasing one, and changing the pseudonym key of all.

Made from `traffic_booking.persistence.upkeep` by `python -m tools.check_sync --write`: change that.
"""

from collections.abc import Callable
from typing import Final

from attrs import evolve as copy_with

from traffic_booking.domain.appointments.events import UpkeepDone
from traffic_booking.domain.appointments.person_state import check_erasable
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.persistence.log import upkeep_append
from traffic_booking.persistence.marks import Named, marked, subjects_in
from traffic_booking.persistence.persons import PersonKeys
from traffic_booking.persistence.records import deletes_of, person_state_of
from traffic_booking.persistence.schema import ACCOUNTS, ASSERTIONS, ATTEMPTS, NAMES, PEOPLE, PERSONS, SESSIONS
from traffic_booking.ports.collections import Collection
from traffic_booking.ports.primitives import Delete, Put, Query, RecordsByIndex, RecordsByKey, Row, Span, StoreChange
from traffic_booking.ports.store import Store

BATCH: Final = 50
"""How many appointments, persons or other records one change removes or rewrites."""
_OF_SUBJECT: Final = (ASSERTIONS, NAMES, SESSIONS)
"""The records of a person that an index finds."""


class Upkeep:
    """Erases and rewrites the records of persons and user names; the store's key has been looked up in `keys`."""

    def __init__(self, store: Store, keys: PersonKeys) -> None:
        self._store = store
        self._keys = keys

    def erase(self, person: PersonId, done: UpkeepDone) -> bool:
        """Remove the records that lead to a person, their sessions and assertions; return whether there were any.

        Raises:
            InvalidInput: the person has an active appointment.
        """
        while True:
            current, persons, people, attempts, accounts, *listed_rows = self._store.read(self._of_person(person))
            if current[0] is None or current[0][1] != self._keys.check().expected:
                self._look_up(current[0])
                continue
            found = [row for row in persons if row is not None]
            if not found:
                return False
            kept = [row for row in people if row is not None]
            listed = (each for row in kept for each in person_state_of(row).appointments)
            check_erasable(each.number for each in listed if each.is_active(done.at))
            deletes = tuple[Delete, ...]()
            named = subjects_in(found, *dict(zip(_OF_SUBJECT, listed_rows, strict=True))[NAMES])
            for collection, of_person in zip(_OF_SUBJECT, listed_rows, strict=True):
                deletes += deletes_of(collection, [row for rows in of_person for row in rows])
            if len(deletes) >= BATCH:
                committed(self._store, StoreChange(deletes=deletes), len(deletes), done, named)
                continue
            for collection, rows in ((PERSONS, found), (ATTEMPTS, attempts), (ACCOUNTS, accounts)):
                deletes += deletes_of(collection, rows)
            # The next version of the same state: the guards of this person's requests under way fail.
            puts = tuple(Put(PEOPLE.name, subject, version, (holder,), body) for subject, version, holder, body in kept)
            if committed(self._store, StoreChange(puts=puts, deletes=deletes), 1, done, named):
                return True

    def _of_person(self, person: PersonId) -> list[Query]:
        """The store's key and all records that lead to a person, to be read from one snapshot.

        In two, a person who is erased and registered again in between would have a record of the same key and version.
        """
        by_subject = self._keys.subjects_of(person)
        spans = [Span((each,)) for each in by_subject]
        return [
            PersonKeys.query,
            RecordsByKey(PERSONS.name, self._keys.keys_of(person)),
            *(RecordsByKey(each.name, by_subject) for each in (PEOPLE, ATTEMPTS, ACCOUNTS)),
            *(RecordsByIndex(each.name, "of_subject", spans, limit=BATCH) for each in _OF_SUBJECT),
        ]

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
