"""The mark of a change: what it wrote, in the body of its first log entry.

A mark names every record that the change put, with its version and a digest; every record that it deleted; the moves of
counters; and the streams that it trimmed. So all entries of a log together give every record that has to be stored.
An audit compares them with those that are stored, and need not decode any.

A record whose key shows a person is named by its subject, and its body has a random salt: once it is deleted, its
digest shows nothing of it.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple

from traffic_booking.persistence.basic_codecs import encode_instant, from_json, to_json
from traffic_booking.persistence.schema import PERSONS, SCHEMA
from traffic_booking.ports.primitives import Append, Row, StoreChange

RECORDS_KIND: Final = "records"
"""An entry that has a mark and nothing else: of a change that needs no other entry, or a mark that is too long."""
RECORDS_STREAM: Final = "records"

DIGEST_BYTES: Final = 18
"""Of SHA-256, written as 24 characters."""
LONGEST_PART: Final = 40_000
"""How many characters of a mark one entry has, about: a leaf of the sealed log has at most 65,535 bytes."""

_MARK: Final = "change"
_KEY: Final = 0
_EVIDENCE: Final = {
    each.name: each.place(each.named_by) if each.named_by else _KEY for each in SCHEMA.collections if each.evidence
}
"""The collections that marks name, each with the place in its rows of what names a record."""

Named = Mapping[str, str]
"""The subjects of deleted records whose keys show persons, by key."""


class Mark(NamedTuple):
    """The records, counters and streams that a change wrote.

    `puts` has the version and digest of each record by collection and name, `deletes` the version that was deleted,
    `counts` what was added to each counter, `trims` the names of streams. Deletes come before puts.
    """

    puts: Mapping[str, Mapping[str, tuple[int, str]]]
    deletes: Mapping[str, Mapping[str, int]]
    counts: Mapping[str, Mapping[str, int]]
    trims: Sequence[str]


NOTHING: Final = Mark({}, {}, {}, ())


def marked(change: StoreChange, named: Named | None = None) -> StoreChange:
    """`change` with its mark in its first entry, or in one more; as it is if it writes no evidence."""
    first, *others = _parts(change, named or {})
    if not first:
        return change
    carrier, *rest = change.entries or (Append(RECORDS_STREAM, RECORDS_KIND, "{}"),)
    entries = [_with_mark(carrier, first), *rest]
    entries += [_with_mark(Append(RECORDS_STREAM, RECORDS_KIND, "{}"), part) for part in others]
    return change._replace(entries=tuple(entries))


def subjects_in(*rows: Sequence[Row]) -> Named:
    """The subjects of records of persons or names that a change deletes."""
    return {row[_KEY]: row[PERSONS.place("subject")] for of_one in rows for row in of_one}


def mark_of(body: str) -> Mark:
    """The mark in the body of a log entry, `NOTHING` if it has none. Raises `ValueError` for a malformed one."""
    try:
        found = from_json(body).get(_MARK)
        return NOTHING if found is None else _mark(**found)
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError("got a malformed mark") from error


def unmarked(body: str) -> dict[str, Any]:
    """The data in the body of a log entry, without the mark."""
    data: dict[str, Any] = from_json(body)
    data.pop(_MARK, None)
    return data


def digest_of(collection: str, row: Row) -> str:
    """The digest of a stored record: of the JSON list of the collection's name and the row, with instants in UTC."""
    return text_digest(record_text(collection, row))


def record_text(collection: str, row: Row) -> bytes:
    """The text of a stored record whose hash is its digest."""
    values = [encode_instant(each) if isinstance(each, datetime) else each for each in row]
    return to_json([collection, *values]).encode("utf-8", "surrogatepass")


def text_digest(text: bytes) -> str:
    """The digest of such a text."""
    return urlsafe_b64encode(sha256(text).digest()[:DIGEST_BYTES]).decode()


def name_of(collection: str, row: Row) -> str:
    """The name of a stored record in marks."""
    name: str = row[_EVIDENCE[collection]]
    return name


def _mark(
    put: Mapping[str, Mapping[str, Sequence[Any]]] | None = None,
    delete: Mapping[str, Mapping[str, int]] | None = None,
    count: Mapping[str, Mapping[str, int]] | None = None,
    trim: Sequence[str] = (),
) -> Mark:
    puts = {
        collection: {name: (int(version), str(digest)) for name, (version, digest) in records.items()}
        for collection, records in (put or {}).items()
    }
    return Mark(puts, delete or {}, count or {}, tuple(trim))


def _with_mark(entry: Append, mark: Mapping[str, Any]) -> Append:
    """The entry, with the mark as the last value of its body."""
    comma = "," if len(entry.body) > len("{}") else ""
    return entry._replace(body=f'{entry.body[:-1]}{comma}"{_MARK}":{to_json(mark)}}}')


def _parts(change: StoreChange, named: Named) -> list[dict[str, Any]]:
    """The mark of a change, in several parts if it is long; one that is empty if there is nothing to name."""
    parts: list[dict[str, Any]] = [{}]
    length = 0
    for kind, group, name, value in _items(change, named):
        length += len(name) + 40
        if length > LONGEST_PART:
            parts.append({})
            length = len(name) + 40
        if group is None:
            parts[-1].setdefault(kind, []).append(name)
        else:
            parts[-1].setdefault(kind, {}).setdefault(group, {})[name] = value
    return parts


def _items(change: StoreChange, named: Named) -> Iterator[tuple[str, str | None, str, Any]]:
    for name, key, expected, columns, body in change.puts:
        if name in _EVIDENCE:
            row = (key, expected + 1, *columns, body)
            yield "put", name, name_of(name, row), (expected + 1, digest_of(name, row))
    for name, key, expected in change.deletes:
        if name in _EVIDENCE:
            yield "delete", name, key if _EVIDENCE[name] == _KEY else named[key], expected
    for counter, key, delta, _ in change.counts:
        if delta:
            yield "count", counter, key, delta
    for stream in change.trims:
        yield "trim", None, stream, None
