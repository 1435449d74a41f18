"""Records of accounts, decoded."""

from json import loads
from typing import Any, NamedTuple

from traffic_booking.persistence.basic_codecs import exactly, optional
from traffic_booking.persistence.decoding import decoded
from traffic_booking.persistence.schema import ACCOUNTS, PEOPLE
from traffic_booking.ports.primitives import Check, Row


class Account(NamedTuple):
    """An account as it was read: version 0 and no hash if there is none.

    `generation` counts the changes of the password: a session of an earlier one has ended.
    """

    subject: str
    person_version: int
    version: int = 0
    generation: int = 0
    encoded: str | None = None

    @property
    def check(self) -> Check:
        """The guard that the person was not erased meanwhile."""
        return Check(PEOPLE.name, self.subject, self.person_version)


def account_of(row: Row, person_version: int) -> Account:
    """The account of a record."""

    def decode(row: Row) -> Account:
        subject, version, body = row
        generation, encoded = loads(body)
        return Account(subject, person_version, version, exactly(generation, int), optional(_text, encoded))

    return decoded(ACCOUNTS.name, decode, row)


def _text(value: Any) -> str:
    text: str = exactly(value, str)
    return text
