"""Values that a careless or hostile caller may send to a desk, and their outcomes; `docs/audit/attacks.md`.

`python -m tests.attacks` writes the page. `tests/faults/test_attacks_on_{values,keys}.py` try every attack.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from tests.bookings import number
from tests.damages import DAMAGES
from tests.hostile_calls import (
    ANY_KEY,
    HOURS,
    MILLION,
    Another,
    Call,
    Everybody,
    LateClerk,
    Silent,
    a_million_conditions,
    a_million_conditions_unchecked,
    book,
    cancel,
    declare,
    delegate,
    feed,
    in_zone,
    made,
    unchecked_assertions,
)
from tests.hostile_values import NAIVE, OddText, Unhashable, past, raise_error
from tests.log_attacks import log_page
from tests.people import ME, YOU
from tests.portal_attacks import portal_page
from tests.small_town import START
from tests.web_attacks import web_page
from traffic_booking import (
    Assertions,
    BranchException,
    Clerk,
    Delegate,
    InvalidInput,
    NationalId,
    Refused,
    SlotKey,
    System,
    TrafficBookingError,
)
from traffic_booking.testing import made_up_person

PAGE: Final = Path(__file__).parents[1] / "docs" / "audit" / "attacks.md"


@frozen
class Attack:
    """One attempt: `sent` in words, and the result of the `call`."""

    sent: str
    call: Call
    comes_to: str


BAD: Final = "`InvalidInput` for {}"
REQUEST_ID, SLOT, ACTOR, APPLICANT = (BAD.format(each) for each in ("request id", "slot", "actor", "applicant"))


def clerk(name: str) -> Any:
    """A clerk whose name passed no constructor."""
    return past(Clerk, id=name, branches=None)


ATTACKS: Final = (
    Attack("request id: 43 × U+1D160, which are 129 characters in NFC", book(request_id="\U0001d160" * 43), REQUEST_ID),
    Attack("request id: 128 characters beyond U+FFFF", book(request_id="\U0001f600" * 128), "`Booked`: it is valid"),
    Attack("request id: nothing", book(request_id=""), REQUEST_ID),
    Attack("request id: with a NUL", book(request_id="a\0"), REQUEST_ID),
    Attack("request id: a lone surrogate", book(request_id="\ud800"), REQUEST_ID),
    Attack("request id: a million characters", book(request_id="a" * MILLION), REQUEST_ID),
    Attack("request id: bytes", book(request_id=b"a"), REQUEST_ID),
    Attack("request id: a whole number", book(request_id=7), REQUEST_ID),
    Attack("request id: a list", book(request_id=["a"]), REQUEST_ID),
    Attack(
        "request id: a `str` with its own `__eq__`, `__len__` and `__str__`",
        book(request_id=OddText("odd")),
        "`Booked`: its characters count",
    ),
    Attack(
        "request id: a `str` whose `__hash__` raises",
        book(request_id=Unhashable("hash")),
        "`Booked`: its characters count",
    ),
    Attack("request id: that of another person's booking", book(request_id="honest-0"), "`RequestMismatch`"),
    Attack("slot: a number", book(at=7), SLOT),
    Attack("slot: text", book(at="north/renewal"), SLOT),
    Attack("slot: a key without any attribute", book(at=past(SlotKey)), SLOT),
    Attack("slot: a branch with a NUL", book(at=ANY_KEY("a\0", "renewal", START)), BAD.format("branch")),
    Attack("slot: a branch that is a number", book(at=ANY_KEY(7, "renewal", START)), BAD.format("branch")),
    Attack("slot: an unknown branch", book(at=ANY_KEY("nowhere", "renewal", START + HOURS)), "`NotFound`"),
    Attack(
        "slot: without an offset, past the constructor",
        book(at=past(SlotKey, branch="north", service="renewal", starts_at=NAIVE)),
        BAD.format("instant"),
    ),
    Attack(
        "slot: in the year 9998",
        book(at=ANY_KEY("north", "renewal", datetime(9998, 12, 31, tzinfo=UTC))),
        "`Refused` by BK-02, BK-04",
    ),
    *(
        Attack(
            f"slot: a time zone whose offset {how}",
            in_zone(offset),
            BAD.format("instant"),
        )
        for how, offset in {
            "raises": raise_error,
            "is None": lambda: None,
            "is a number": lambda: 7,
            "is 400 days": lambda: timedelta(days=400),
        }.items()
    ),
    Attack("applicant: text", book(applicant="1"), APPLICANT),
    Attack("applicant: a subclass whose `reveal` raises", book(applicant=made(Silent)), APPLICANT),
    Attack("applicant: a subclass whose `reveal` is a lone surrogate", book(applicant=made(Another)), APPLICANT),
    Attack("applicant: a subclass that equals everybody", book(applicant=made(Everybody)), APPLICANT),
    Attack("applicant: without digits", book(applicant=past(NationalId)), APPLICANT),
    Attack("applicant: digits that are none", book(applicant=past(NationalId, _digits="\0")), APPLICANT),
    Attack("by: a number", book(by=7), ACTOR),
    Attack("by: nobody", cancel(number(1), by=None), ACTOR),
    Attack("by: a clerk whose name can't be read", book(by=past(LateClerk)), ACTOR),
    Attack("by: a clerk without a name", book(by=past(Clerk)), ACTOR),
    Attack(
        "by: a clerk with a NUL, past the constructor",
        book(by=past(Clerk, id="\0", branches=None)),
        BAD.format("clerk"),
    ),
    Attack(
        "by: a clerk of a million characters",
        book(by=past(Clerk, id="x" * MILLION, branches=None)),
        BAD.format("clerk"),
    ),
    Attack(
        "by: a delegate who is the applicant",
        book(by=lambda me: Delegate(person=me, applicant=me, services=["renewal"], until=START + HOURS)),
        "`Booked`: they may",
    ),
    Attack(
        "by: a delegate of another person",
        book(by=lambda _: Delegate(person=YOU, applicant=ME, services=["renewal"], until=START + HOURS)),
        "`Refused` by BK-11",
    ),
    Attack("by: a delegate without any attribute", book(by=past(Delegate)), ACTOR),
    Attack("by: a delegate of text", book(by=delegate(person="1")), BAD.format("person")),
    Attack(
        "by: a delegate with a lone surrogate as a service",
        book(by=delegate(services={"\ud800"})),
        BAD.format("service"),
    ),
    Attack("by: a delegate with 100,000 services", book(by=delegate(services=range(100_000))), BAD.format("services")),
    Attack("by: a delegate until a text", book(by=delegate(until="ever")), BAD.format("instant")),
    Attack(
        "assertions: a million conditions",
        a_million_conditions,
        BAD.format("met"),
    ),
    Attack(
        "assertions: a million conditions, past the constructor",
        a_million_conditions_unchecked,
        BAD.format("met"),
    ),
    Attack(
        "assertions: a lone surrogate, past the constructor",
        book(assertions=unchecked_assertions(met={"\ud800"})),
        BAD.format("condition"),
    ),
    Attack(
        "assertions: a text as a date, past the constructor",
        book(assertions=unchecked_assertions(birth_date="1990-01-01")),
        BAD.format("day"),
    ),
    Attack(
        "assertions: checked without an offset, past the constructor",
        book(assertions=unchecked_assertions(checked_at=NAIVE)),
        BAD.format("instant"),
    ),
    Attack("assertions: without any attribute", book(assertions=past(Assertions)), BAD.format("assertions")),
    Attack("assertions: a table", book(assertions={"met": []}), BAD.format("assertions")),
    Attack("agreed: 1", book(agreed=1), BAD.format("agreed")),
    Attack("agreed: None", book(agreed=None), BAD.format("agreed")),
    Attack("agreed: a million characters", book(agreed="x" * MILLION), BAD.format("agreed")),
    *(
        Attack(
            f"number: {what}",
            cancel(given),
            BAD.format("appointment number"),
        )
        for what, given in {
            "a million zeros": "0" * MILLION,
            "NULs": "\0" * 12,
            "lone surrogates": "\ud800" * 12,
            "bytes": b"0" * 12,
            "a whole number": 7,
            "nothing": None,
        }.items()
    ),
    Attack(
        "number: of nobody's appointment",
        cancel(number(7)),
        "`Refused` by CN-01",
    ),
    *(
        Attack(
            f"reason: {what}",
            declare(given),
            BAD.format("reason"),
        )
        for what, given in {"with a NUL": "\0", "a million characters": "r" * MILLION, "a whole number": 7}.items()
    ),
    Attack(
        "record: a closure without any attribute",
        declare("r", past(BranchException)),
        BAD.format("record"),
    ),
    *(
        Attack(f"feed: after {what}", feed(after=given), BAD.format("after"))
        for what, given in {
            "a place below 0": (1, -1),
            "a place of 2^63": (1, 2**63),
            "a truth value": (True, 0),
            "fractions": (0.0, 0.0),
            "text": "00",
            "nothing": None,
        }.items()
    ),
    Attack(
        "feed: after a generation that is to come",
        feed(after=(2**63 - 1, 0)),
        "`StoreUnreadable`",
    ),
    *(
        Attack(f"limit: {what}", feed(limit=given), BAD.format("limit"))
        for what, given in {"0": 0, "a truth value": True, "text": "1", "a fraction": 1.5, "10^5000": 10**5_000}.items()
    ),
    Attack("find slots: a service that is a number", lambda desk, _: desk.find_slots(service=7), BAD.format("service")),
    Attack(
        "find slots: from a text on", lambda desk, _: desk.find_slots(service="renewal", from_="x"), BAD.format("from_")
    ),
    Attack(
        "find slots: near a pair of numbers",
        lambda desk, _: desk.find_slots(service="renewal", near=(1, 2)),
        BAD.format("near"),
    ),
    Attack("ticket: a form that is a list", lambda desk, _: desk.ticket(number(1), by=ME, form=[]), BAD.format("form")),
    Attack("working day: a text", lambda desk, _: desk.calendar.working_day("north", "x"), BAD.format("day")),
    Attack("affected by: a text", lambda desk, _: desk.calendar.affected_by("x"), BAD.format("record")),
    Attack(
        "person of: the ten digits of an id",
        lambda desk, place: desk.person_of(made_up_person(10_000 + place).reveal(), by=System()),
        BAD.format("subject"),
    ),
)

KEYS: Final = {
    "32 callers send one request id with different requests": "one answer, 31 `RequestMismatch`",
    "32 callers send one request 4 times each": "one booking, and its answer 128 times",
    "32 callers book for one person who is not registered": "one `Booked`, 31 `Refused`; one subject",
    "32 refused requests of one actor, if 10 a minute are allowed": "10 `Refused`, 22 `Throttled`; others book",
    "the store is opened with another pseudonym key, or with none": "`InvalidInput`, and nothing is written",
    "the record of the pseudonym key is replaced": "`InvalidInput` at opening",
    "the records of two persons are swapped, under a key": "`StoreUnreadable` for these two; others book",
}


def attempt(call, *args):
    """The returned value, or the error of the library that was raised; any other error fails the test."""
    try:
        return call(*args)
    except TrafficBookingError as error:
        return error


def came_to(result: object) -> str:
    """The value or error of a call, in the words that `comes_to` begins with."""
    match result:
        case InvalidInput(field=name):
            return BAD.format(name)
        case Refused(verdicts):
            return f"`Refused` by {', '.join(each.rule_id for each in verdicts)}"
        case _:
            return f"`{type(result).__name__}`"


HEAD: Final = """\
# Attacks

`python -m tests.attacks` writes this page.

## On stored values

Attacks on one batch, one row and one key, and their outcomes.
`tests/faults/test_attacks_on_values.py` and `test_attacks_on_keys.py` try every row of it.

- **One batch.** The request was executed in one batch with two honest ones. Then all attacks were sent in threads
  beside 200 honest bookings. Both were done in memory and on SQLite. All honest requests were booked. Afterwards
  `audit.verify`, `explain` and `feed` found nothing wrong.
- **One row.** A stored record was damaged. Other persons booked, and the request that needed the record raised
  `StoreUnreadable`, which names the collection and the key and no id.
- **One key.** Many callers used one key, or a caller used a wrong key.

| against | attack | outcome |
| --- | --- | --- |
"""


def page() -> str:
    """The text of the page."""
    rows = [("one batch", each.sent, each.comes_to) for each in ATTACKS]
    rows += [("one row", f"`{each.collection}`: {each.how}", each.comes_to) for each in DAMAGES]
    rows += [("one key", attack, happened) for attack, happened in KEYS.items()]
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows) + log_page() + web_page() + portal_page()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
