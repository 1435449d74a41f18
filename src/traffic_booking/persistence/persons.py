"""The records of persons: where their ids are stored, and under which pseudonym key.

With a pseudonym key a person's record is found by a keyed hash of the id. A desk without that key would find nobody,
and register everybody again. So the store keeps a check value of its key, and a registration compares the version of
that record: no desk can register under a key that has been changed.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from json import loads
from typing import Any, Final

from traffic_booking.domain.errors import InvalidInput, StoreUnreadable
from traffic_booking.domain.people.applicants import Applicant, Registration, Subject
from traffic_booking.domain.people.identity import PersonId, person_id
from traffic_booking.domain.value_input import bounded_list, remade
from traffic_booking.persistence.basic_codecs import encode_instant, exactly, to_json
from traffic_booking.persistence.decoding import decoded
from traffic_booking.persistence.keys import stream_of_person
from traffic_booking.persistence.schema import NAMES, PERSON_KEYS, PERSONS
from traffic_booking.ports.primitives import Append, Check, Put, RecordsByKey, Row, Span, Via
from traffic_booking.ports.pseudonyms import Pseudonyms

REGISTERED_KIND: Final = "registered"
CURRENT: Final = "current"
_RANDOM_BYTES: Final = 16
"""Of a subject or a salt: 22 characters as text."""
_SALT_LENGTH: Final = 22


class PlainIds:
    """The ids in clear, for a store without a pseudonym key: the record's key is the id, and its body the salt."""

    check = ""

    def key(self, person: PersonId) -> str:
        """Return the ten digits."""
        return person.reveal()

    def seal(self, person: PersonId, salt: str, subject: str) -> str:  # noqa: ARG002 - the key shows the id
        """Return the salt."""
        return salt

    def reveal(self, key: str, sealed: str, subject: str) -> tuple[PersonId, str]:  # noqa: ARG002 - the key shows it
        """Return the id and the salt."""
        return person_id(key), sealed

    def key_of_name(self, name: str) -> str:
        """Return the name."""
        return name

    def seal_name(self, name: str, subject: str) -> str:  # noqa: ARG002 - the key shows the name
        """Return a salt: a digest of the record shows nothing of the name."""
        return random_text()

    def reveal_name(self, key: str, sealed: str, subject: str) -> str:
        """Return the name."""
        if len(sealed) != _SALT_LENGTH:
            raise StoreUnreadable(f"a record of names, of {subject}: got a sealed name; expected one in clear")
        return key


MOST_KEYS: Final = 16
"""The most keys of one desk; two while the key is changed."""
_METHODS: Final = ("key", "seal", "reveal", "key_of_name", "seal_name", "reveal_name")

PseudonymKeys = Pseudonyms | Sequence[Pseudonyms | None] | None
"""One key, or several with the newest first while it is changed; None stands for ids in clear."""


def person_keys(given: PseudonymKeys) -> Sequence[Pseudonyms]:
    """The keys that were given, at least one. Raises `InvalidInput` for anything else, such as a path."""
    is_list = issubclass(type(given), list | tuple)
    several: list[Any] = bounded_list(given, "pseudonym_key", most=MOST_KEYS) if is_list else [given]
    expected = "a PseudonymKey, a list with the newest key first, or None"
    if not several:
        raise InvalidInput("pseudonym_key", got="an empty list", expected=expected)
    keys: list[Pseudonyms] = [PlainIds() if each is None else each for each in several]
    for key in keys:
        if not remade("pseudonym_key", partial(_is_key, key)):
            raise InvalidInput("pseudonym_key", got=type(key).__name__, expected=expected)
    return keys


def _is_key(key: object) -> bool:
    has_methods = all(callable(getattr(key, name, None)) for name in _METHODS)
    return has_methods and issubclass(type(getattr(key, "check", None)), str)


class PersonKeys:
    """The keys that a desk was given, the newest first, and which of them the store's records are written with.

    While the key is changed (`rekey`), records under the key before are found as well.
    """

    query: Final = RecordsByKey(PERSON_KEYS.name, [CURRENT])

    def __init__(self, given: PseudonymKeys) -> None:
        self._given = {each.check: each for each in person_keys(given)}
        self.known = False
        """True if the store's key has been looked up, and no later change of it was noticed."""
        self._version = 0
        self._in_use: tuple[Pseudonyms, ...] = ()

    @property
    def newest(self) -> Pseudonyms:
        """The key that was given first."""
        return next(iter(self._given.values()))

    def forget(self) -> None:
        """Have the store's key looked up again: it may have changed."""
        self.known = False

    def take(self, row: Row | None) -> Put | None:
        """Take over the store's record of its key; return the one to write if it has none.

        Raises `InvalidInput` if the store's ids are written with a key that was not given.
        """
        if row is None:
            return self._put(0, self.newest.check)
        version, checks = row[1], decoded(PERSON_KEYS.name, _checks, row)
        if not all(check in self._given for check in checks):
            raise self._refusal(checks)
        self._in_use = tuple(self._given[check] for check in checks)
        self._version = version
        self.known = True
        return None

    def _refusal(self, checks: Sequence[str]) -> InvalidInput:
        """The error for a store whose ids are written with keys of these check values."""
        got = "another key" if any(self._given) else "none"
        expected = "the key that the ids in this store are written with"
        if checks[1:]:
            expected += ", and the one before: the key is being changed"
        elif checks == [PlainIds.check]:
            got, expected = "a key", "none: this store keeps ids in clear (change that with rekey, under [key, None])"
        return InvalidInput("pseudonym_key", got=got, expected=expected)

    def begin_change(self) -> Put:
        """The record from which on persons are registered under the newest key."""
        return self._put(self._version, self.newest.check, self._in_use[0].check)

    def end_change(self) -> Put:
        """The record once no person is written under the key before."""
        return self._put(self._version, self._in_use[0].check)

    @property
    def is_newest(self) -> bool:
        """True if all records are written under the key that was given first."""
        return not self.changing and self._in_use[0] is self.newest

    @property
    def changing(self) -> bool:
        """True if there may be records under the key before."""
        return len(self._in_use) > 1

    def keys_of(self, person: PersonId) -> list[str]:
        """The keys under which the record of `person` may be stored."""
        return [each.key(person) for each in self._in_use]

    def subjects_of(self, person: PersonId) -> list[str | Via]:
        """The references to the subject of `person`."""
        return [Via(PERSONS.name, key, "subject") for key in self.keys_of(person)]

    def check(self) -> Check:
        """The guard that the store's key is still the one that was looked up."""
        return Check(PERSON_KEYS.name, CURRENT, self._version)

    def registration(self, registration: Registration) -> tuple[Put, Append]:
        """The record and the log entry that register a person; the change needs the `check` of the key too."""
        salt, applicant = random_text(), registration.applicant
        commitment = commitment_of(salt, registration.person.reveal())
        body = {"holder": applicant.holder, "at": encode_instant(registration.at), "commitment": commitment}
        entry = Append(stream_of_person(applicant.subject), REGISTERED_KIND, to_json(body))
        return self.record(registration.person, applicant.subject, salt), entry

    def record(self, person: PersonId, subject: str, salt: str) -> Put:
        """The record of a person under the key in use."""
        current = self._in_use[0]
        return Put(PERSONS.name, current.key(person), 0, (subject,), current.seal(person, salt, subject))

    def person_of(self, row: Row) -> tuple[PersonId, str]:
        """The id in a person's record, and the salt of its commitment."""
        key, _, subject, sealed = row
        for each in self._in_use:
            with suppress(StoreUnreadable, InvalidInput):  # the record is under the other key
                return each.reveal(key, sealed, subject)
        raise StoreUnreadable(f"a record of persons, of {subject}: got an id that no key opens; expected it as written")

    def keys_of_name(self, name: str) -> list[str]:
        """The keys under which the record of a user name may be stored."""
        return [each.key_of_name(name) for each in self._in_use]

    def name_record(self, name: str, subject: str, given_at: datetime) -> Put:
        """The record of a user name under the key in use."""
        current = self._in_use[0]
        return Put(NAMES.name, current.key_of_name(name), 0, (subject, given_at), current.seal_name(name, subject))

    def name_of(self, row: Row) -> str:
        """The user name in its record."""
        key, _, subject, _, sealed = row
        for each in self._in_use:
            with suppress(StoreUnreadable):  # the record is under the other key
                return each.reveal_name(key, sealed, subject)
        raise StoreUnreadable(f"a record of names, of {subject}: got a name that no key opens; expected it as written")

    def _put(self, version: int, *checks: str) -> Put:
        return Put(PERSON_KEYS.name, CURRENT, version, (), to_json(checks))


def of_subject(subject: str) -> Span:
    """The records in the index `by_subject` that have this subject."""
    return Span((), subject, f"{subject}!")  # no subject has such a character


def _checks(row: Row) -> list[str]:
    checks = [exactly(each, str) for each in exactly(loads(row[-1]), list)]
    if not 1 <= len(checks) <= 2:  # noqa: PLR2004 - the key, and the one before
        raise ValueError(f"got {len(checks)} keys; expected one or two")
    return checks


def random_text() -> str:
    """A subject or a salt that nobody can guess: 22 characters."""
    from secrets import token_urlsafe  # only registrations and answers need it

    return token_urlsafe(_RANDOM_BYTES)


def new_applicant(person: PersonId) -> Applicant:
    """An applicant with a new subject, for an id that is not registered."""
    return Applicant(Subject(random_text()), person.holder)


def commitment_of(salt: str, text: str) -> str:
    """The HMAC-SHA256 of `text` under `salt`, in hex; once both are deleted, it shows nothing of them."""
    import hmac  # only registrations and audits need it

    return hmac.digest(salt.encode(), text.encode(), "sha256").hex()
