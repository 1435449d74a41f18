"""One side of `across_pythons.py`: writes a file, reports all that a desk reads from it, or books on it.

Only the library and the standard library are imported, and only the public face is used.
"""

import json
import sys
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

import attrs

from traffic_booking import (
    BEGINNING,
    AvailableSlot,
    Bilingual,
    Booked,
    BookingDesk,
    BranchException,
    Cancelled,
    Clerk,
    Declared,
    Effect,
    Explanation,
    InvalidInput,
    Moved,
    Refused,
    SpecialOrder,
    System,
    TrafficBookingError,
)
from traffic_booking.domain.text_input import cleaned
from traffic_booking.testing import MovableClock, made_up_person

NOW: Final = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
Reading = tuple[str, Callable[[], Any]]

LONG_AGO: Final = date(2020, 1, 1)
SERVICE: Final = "licence-renewal"
LONGEST_REASON: Final = 400
LONGEST_REQUEST_ID: Final = 128
LEFT_OUT: Final = frozenset({"Cs", "Co", "Cn"})
"""Categories without assigned characters."""
FAULT: Final = "!"
LEAST_ACCEPTED: Final = 100_000
"""The least number of characters that the desk has to accept: with fewer, reading them proves little."""


def texts(longest: int) -> Iterator[str]:
    """Every assigned character of this Python, in texts of at most `longest` characters in NFC."""
    text, length = "", 0
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character) in LEFT_OUT or cleaned(f"|{character}|") in {"||", "| |"}:
            continue  # a mark that is dropped and a blank make no text of their own
        more = len(unicodedata.normalize("NFC", character))
        if length + more > longest - 2:  # one place is left at each end
            yield text
            text, length = "", 0
        text, length = text + character, length + more
    yield text


def accepted(text: str, take: Callable[[str], None]) -> int:
    """How many characters of the text `take` has accepted; a refused text is tried in halves."""
    try:
        take(f"|{text}|")  # so that no blank is at an end: it would be trimmed
    except InvalidInput:
        half = len(text) // 2
        return accepted(text[:half], take) + accepted(text[half:], take) if half else 0
    return len(text)


class Writer:
    """Writes texts to a store, in every place that takes free text."""

    def __init__(self, desk: BookingDesk) -> None:
        self._desk = desk
        self._serials = count(1)
        self._branch = desk.catalogue.branches_for(service=SERVICE)[0].id
        self._slots = free_slots(desk)
        self._numbers: list[str] = []
        self._request_ids: list[str] = []
        self._requests = deque((self._refuse, self._book, self._move, self._cancel, self._book))

    def write(self) -> tuple[list[str], list[str]]:
        """Write every assigned character in free texts; returns the appointments' numbers and the request ids."""
        found = {
            "reasons": sum(accepted(text, self._declare) for text in texts(LONGEST_REASON)),
            "request ids": sum(accepted(text, self._request) for text in texts(LONGEST_REQUEST_ID)),
        }
        print(
            "  wrote", " and ".join(f"{number:,} characters in {where}" for where, number in found.items()), flush=True
        )
        assert min(found.values()) >= LEAST_ACCEPTED, f"got {found}; expected {LEAST_ACCEPTED} or more"
        return self._numbers, self._request_ids

    def book_once(self) -> None:
        """Book on a store that another Python has written."""
        booked = self._desk.book(
            next(self._slots), applicant=made_up_person(0), agreed=True, request_id="one-more-booking"
        )
        assert isinstance(booked, Booked), booked

    def _declare(self, text: str) -> None:
        serial, words = next(self._serials), Bilingual(text, text)
        name = f"record-{serial}"
        record: SpecialOrder | BranchException
        if serial % 2:
            record = SpecialOrder(id=name, statement=words, source=text, first_day=LONG_AGO, last_day=LONG_AGO)
        else:
            record = BranchException(
                id=name,
                branch=self._branch,
                first_day=LONG_AGO,
                last_day=LONG_AGO,
                effect=Effect.CLOSED,
                reason=words,
            )
        declared = self._desk.calendar.declare(record, reason=text, by=Clerk("clerk"), request_id=f"declare-{serial}")
        assert isinstance(declared, Declared), declared

    def _request(self, request_id: str) -> None:
        """Make a request with that id: a refused one, a booking, a move or a cancellation in turn."""
        self._requests[0](request_id)
        self._requests.rotate(-1)  # not if the id was refused
        self._request_ids.append(unicodedata.normalize("NFC", request_id))

    def _refuse(self, request_id: str) -> None:
        person = made_up_person(next(self._serials))
        refused = self._desk.book(next(self._slots), applicant=person, agreed=False, request_id=request_id)
        assert isinstance(refused, Refused), refused

    def _book(self, request_id: str) -> None:
        self._person = made_up_person(next(self._serials))
        booked = self._desk.book(next(self._slots), applicant=self._person, agreed=True, request_id=request_id)
        assert isinstance(booked, Booked), booked
        self._numbers.append(booked.appointment.number)

    def _move(self, request_id: str) -> None:
        moved = self._desk.move(self._numbers[-1], next(self._slots), by=self._person, request_id=request_id)
        assert isinstance(moved, Moved), moved

    def _cancel(self, request_id: str) -> None:
        cancelled = self._desk.cancel(self._numbers[-1], by=self._person, request_id=request_id)
        assert isinstance(cancelled, Cancelled), cancelled


def free_slots(desk: BookingDesk) -> Iterator[AvailableSlot]:
    """Slots of one service, each once."""
    for branch in desk.catalogue.branches_for(service=SERVICE):
        yield from desk.find_slots(service=SERVICE, branch=branch.id, from_=NOW + timedelta(days=2), limit=500)


def plain(value: Any) -> Any:
    """The value in types that JSON has. `repr` would escape the characters that a Python does not have."""
    if attrs.has(type(value)):
        return {"": type(value).__name__} | {name: getattr(value, name) for name in attrs.fields_dict(type(value))}
    return sorted(value) if isinstance(value, frozenset) else value.isoformat()


def whole_feed(desk: BookingDesk) -> list[Any]:
    """Every entry of the feed, and the instant until which the feed is complete."""
    found: list[Any] = []
    after = BEGINNING
    while (page := desk.feed(after=after)).entries:
        found += page.entries
        after = found[-1].position
    return [*found, page.complete_until]


def explained(desk: BookingDesk, **of: str) -> list[Explanation]:
    """The explanations without the verdicts of rules that are kept: these contain no text from outside."""
    return [attrs.evolve(each, verdicts=each.refused) for each in desk.explain(**of, by=System())]


def readings(desk: BookingDesk, numbers: Sequence[str], request_ids: Sequence[str]) -> Iterator[Reading]:
    """Each report on the store, with its name."""
    yield "calendar entries", desk.calendar.entries
    yield "feed", partial(whole_feed, desk)
    for number in numbers:
        yield f"appointment {number}", partial(desk.appointment, number, by=System())
        yield f"history of {number}", partial(desk.audit.history, number, by=System())
        yield f"explain {number}", partial(explained, desk, number=number)
    for place, request_id in enumerate(request_ids):
        yield f"explain request {place}", partial(explained, desk, request_id=request_id)
    yield "verify", desk.audit.verify


def report(desk: BookingDesk, numbers: Sequence[str], request_ids: Sequence[str]) -> Iterator[str]:
    """A line for each report."""
    for name, read in readings(desk, numbers, request_ids):
        try:
            found = read()
        except TrafficBookingError as error:
            found = f"{FAULT} {type(error).__name__}: {error}"
        yield f"{name}: {json.dumps(found, default=plain)}\n"


def main() -> None:
    what, store, *files = sys.argv[1:]
    with BookingDesk.open(f"sqlite:///{store}", clock=MovableClock(NOW)) as desk:
        match [what, *map(Path, files)]:
            case ["write", Path() as names]:
                names.write_text(json.dumps(Writer(desk).write()), encoding="utf-8")
            case ["read", Path() as names, Path() as reports]:
                lines = report(desk, *json.loads(names.read_text(encoding="utf-8")))
                reports.write_text("".join(lines), encoding="utf-8")
            case _:
                Writer(desk).book_once()


if __name__ == "__main__":
    main()
