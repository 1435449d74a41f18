"""Faults of the SQLite store: keys, numbers, instants and bodies, lists, cursors and the feed."""

from unicodedata import normalize

from tests.planted.copies import SQLITE
from tests.planted.faults import Planted, plant
from tests.planted.parts import SeveralSnapshots
from tests.planted.translating import Translating
from traffic_booking.ports.primitives import RecordsByIndex, RecordsByKey

_READING = f"{SQLITE}.reading"
_TABLES = f"{SQLITE}.tables"
_MIGRATIONS = f"{SQLITE}.migrations"

_SORTED = "sorted(found[each]) for each"
_ENTRIES_OF_STREAMS = (
    '    for entry in _entries(_of_keys(connection, _ENTRY, "log", "stream", list(found))):\n'
    "        found[entry.stream].append(entry)\n"
)
_BY_WILDCARDS = (
    "    for each in found:\n"
    '        rows = connection.execute(f"SELECT {_ENTRY} FROM log WHERE stream LIKE ?", (each,))\n'
    "        found[each] += _entries(rows)\n"
)
_KEY = 'key="NOT NULL PRIMARY KEY"'
_COLUMNS = 'yield declared.name, f"CREATE TABLE {self.name} ({columns}) STRICT, WITHOUT ROWID;"'
_TO_SQL = "moment.astimezone(UTC).isoformat()[WITHOUT_OFFSET]"
_BOUND = "value.astimezone(UTC).isoformat()[WITHOUT_OFFSET]"


@plant(
    SQLITE,
    (
        _READING,
        "for first in range(0, len(keys), MOST_KEYS)",
        "for first in range(0, min(len(keys), MOST_KEYS), MOST_KEYS)",
    ),
)
class LooksUpOneStatementOfKeys:
    """Only the keys that one statement takes are looked up; the rest is taken for absent."""


@plant(SQLITE, (_READING, "{' LIMIT ?' if limited else ''}", "{' LIMIT ?' if limited else ' LIMIT 100'}"))
class CutsListsAt100:
    """A list of records without a limit is cut at 100."""


@plant(SQLITE, (_READING, "-1 if limit is None", "20 if limit is None"))
class CutsCountersAt20:
    """A list of counters without a limit is cut at 20."""


@plant(SQLITE, (_READING, _SORTED, "sorted(found[each])[:10] for each"))
class CutsHistoriesAt10:
    """The entries of a stream are cut at 10."""


@plant(SQLITE)
class NeedsTheRecordOfACursor(Planted):
    """Nothing is behind a cursor whose record does not exist any more."""

    def read(self, queries):
        answers = list(super().read(queries))
        for place, query in enumerate(queries):
            if isinstance(query, RecordsByIndex):
                keys = [str(span.after[-1]) if span.after else "" for span in query.spans]
                (found,) = super().read([RecordsByKey(query.collection, keys)])
                answers[place] = [
                    [] if span.after and row is None else rows
                    for span, row, rows in zip(query.spans, found, answers[place], strict=True)
                ]
        return answers


@plant(SQLITE)
class LeavesAStateOut(Planted):
    """Appointments that were checked in are left out of every list."""

    def read(self, queries):
        answers = super().read(queries)
        return [
            [[row for row in rows if "checked-in" not in row] for rows in answer]
            if isinstance(query, RecordsByIndex)
            else answer
            for query, answer in zip(queries, answers, strict=True)
        ]


_SETTING = 'f"{name} = ?{place + 2}" for place, name in enumerate(others)'
_INSTANTS = "{quoted(each.name) for each in declared.columns if each.kind is Kind.INSTANT}"
_KEPT = 'f"{name} = CASE WHEN version > 1 THEN {name} ELSE ?{place + 2} END"'


@plant(SQLITE, (_TABLES, _SETTING, f"{_KEPT} if name in {_INSTANTS} else {_SETTING}"))
class IndexForgetsTheSecondMove:
    """The instants of a record are not written again after its first move, so that an index lists it as before."""


@plant(SQLITE, (_TABLES, _BOUND, _BOUND.replace("astimezone(", "replace(tzinfo=")))
class DropsOffsetsOfRanges:
    """The offset of an instant in a range or a cursor is dropped."""


@plant(SQLITE, (_TABLES, _TO_SQL, _TO_SQL.replace("astimezone(", "replace(tzinfo=")))
class DropsOffsetsOfColumns:
    """The offset of an instant that is written is dropped."""


@plant(SQLITE, (_TABLES, _TO_SQL, _TO_SQL.replace("isoformat()", 'isoformat(timespec="milliseconds")')))
class CutsInstantsToMilliseconds:
    """Instants are stored to the millisecond."""


@plant(SQLITE)
class FoldsKeysByNfc(Translating):
    """Keys are folded by NFC."""

    def key(self, key):
        return normalize("NFC", key)


@plant(SQLITE)
class CutsKeys(Translating):
    """Keys are cut at 255 characters."""

    def key(self, key):
        return key[:255]


@plant(SQLITE, (_TABLES, _KEY, _KEY.replace("NOT NULL", "COLLATE NOCASE NOT NULL")))
class FoldsKeysByCase:
    """The column of the key has a collation that ignores the case of letters."""


@plant(SQLITE, (_TABLES, _KEY, _KEY.replace("NOT NULL", "COLLATE RTRIM NOT NULL")))
class StripsKeys:
    """The column of the key has a collation that ignores blanks at the end."""


@plant(SQLITE)
class LosesEmojiOfBodies(Translating):
    """Characters above U+FFFF are replaced by question marks in bodies."""

    def body(self, body):
        return "".join(each if ord(each) < 0x10000 else "?" for each in body)


@plant(SQLITE, (_TABLES, _COLUMNS, _COLUMNS.replace("}) ", "}, CHECK (length(body) <= 65535)) ")))
class RefusesLargeBodies:
    """Bodies above 64 kB are refused by a constraint of their column."""


_NUMBERS = "each in declared.columns if each.kind is Kind.NUMBER"
_NARROW = f"{{''.join(f', CHECK (abs({{quoted(each.name)}}) < 2147483648)' for {_NUMBERS})}}"


@plant(SQLITE, (_TABLES, _COLUMNS, _COLUMNS.replace("}) ", f"}}{_NARROW}) ")))
class NarrowNumbers:
    """Numbers of columns have 32 bits."""


@plant(SQLITE, (_TABLES, "CHECK (value >= 0)", "CHECK (value BETWEEN 0 AND 2147483647)"))
class NarrowCounters:
    """Counters have 32 bits."""


@plant(SQLITE, (_READING, _ENTRIES_OF_STREAMS, _BY_WILDCARDS))
class ReadsStreamsByWildcards:
    """The name of a stream is compared with LIKE, so that a percent sign or an underscore stands for others."""


_SELECTED = "connection.execute(table.select, keys)"


@plant(SQLITE, (_READING, _SELECTED, _SELECTED.replace("select", "select.replace('= ?', 'LIKE ? LIMIT 1')")))
class ReadsKeysByWildcards:
    """A single key is compared with LIKE, so that a percent sign or an underscore stands for others."""


@plant(SQLITE)
class ReadsInSeveralSteps(SeveralSnapshots):
    """Each query of a reader has a snapshot of its own."""


@plant(SQLITE, (_READING, '{quoted(ranged)} < ?"', '{quoted(ranged)} <= ?"'))
class IncludesTheEndOfARange:
    """The end of a range is inclusive."""


@plant(
    SQLITE,
    (
        _READING,
        'f"{name} DESC" if descending else name for name in ordered',
        'f"{name} DESC" if descending and name is ordered[0] else name for name in ordered',
    ),
)
class LeavesTiesAscending:
    """In descending order, records that have the same last column are in the ascending order of their keys."""


@plant(SQLITE, (_READING, "FROM {table} WHERE value > 0", "FROM {table} WHERE value >= 0"))
class ListsCountersOfZero:
    """Counters that went back to 0 are listed."""


@plant(
    SQLITE,
    (
        _MIGRATIONS,
        "            connection.execute(statement)\n",
        '            connection.execute(statement.replace("AUTOINCREMENT", ""))\n',
    ),
    (
        _READING,
        "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'log'",
        "SELECT coalesce(max(position), 0) FROM log",
    ),
)
class FeedUsesAPositionAgain:
    """A position is used again if the entries from there on were removed."""


_AFTER = "place = after.place if"


@plant(SQLITE, (_READING, _AFTER, _AFTER.replace("after.place", "after.place + (after.place > 0)")))
class FeedSkipsAnEntry:
    """Each page of the feed after the first passes over one entry."""
