"""The port of pseudonym keys: under which key a person's record stands, and how the id in it is sealed."""

from typing import Protocol

from traffic_booking.domain.people.identity import PersonId


class Pseudonyms(Protocol):
    """Writes the record of a person: its key, and the id in its body. Called from several threads at once."""

    @property
    def check(self) -> str:
        """Text that a store keeps, to notice that it is opened with another key. It reveals nothing of the key."""
        ...

    def key(self, person: PersonId) -> str:
        """The key of the person's record: always the same for one person, and another for each person."""
        ...

    def seal(self, person: PersonId, salt: str, subject: str) -> str:
        """The id and the salt of its commitment, as the body of the record keeps them.

        Valid only in the person's record, with that subject. The salt is as secret as the id: anybody who has it can
        try all ids against the commitment in the log.
        """
        ...

    def reveal(self, key: str, sealed: str, subject: str) -> tuple[PersonId, str]:
        """The id and the salt that `sealed` contains, in the record with this key and subject.

        Raises `StoreUnreadable`, which quotes none of the arguments, if the text was not sealed for that record and
        subject, or was sealed under another key.
        """
        ...
