"""Pseudonyms: the keys of persons' and user names' records, and what is sealed in them."""

from typing import Protocol

from traffic_booking.domain.people.identity import PersonId


class Pseudonyms(Protocol):
    """Writes the record of a person: its key, and the id in its body. Called from several threads at once."""

    @property
    def check(self) -> str:
        """Text in a store that shows whether it is opened with another key. It reveals nothing of the key."""
        ...

    def key(self, person: PersonId) -> str:
        """Return the key of the person's record: always the same for one person, and different for each person."""
        ...

    def seal(self, person: PersonId, salt: str, subject: str) -> str:
        """Return the id and the salt of its commitment, sealed for the body of the record with that subject.

        The salt is as secret as the id: anybody who has it can try all ids against the commitment in the log.
        """
        ...

    def reveal(self, key: str, sealed: str, subject: str) -> tuple[PersonId, str]:
        """Return the id and the salt that `sealed` contains, in the record with this key and subject.

        Raises `StoreUnreadable`, which quotes none of the arguments, if the text was sealed for another record or
        subject, or under another key.
        """
        ...

    def key_of_name(self, name: str) -> str:
        """Return the key of a user name's record: always the same for one name, and different for each name."""
        ...

    def seal_name(self, name: str, subject: str) -> str:
        """Return the user name, sealed for the body of its record with that subject."""
        ...

    def reveal_name(self, key: str, sealed: str, subject: str) -> str:
        """Return the user name in the record with this key and subject. Raises `StoreUnreadable` as `reveal` does."""
        ...
