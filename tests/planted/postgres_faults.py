"""Faults of the PostgreSQL store: locks, guards, the feed, what is read together, and what tables hold."""

from tests.planted.copies import GUARDS, LIFETIME, POSTGRES
from tests.planted.faults import plant
from tests.planted.parts import IN_A_CHILD, EntriesFirst, InPortions, SeveralSnapshots

_STORE = f"{POSTGRES}.store"
_COMMITTING = f"{POSTGRES}.committing"
_CONNECTIONS = f"{POSTGRES}.connections"
_DECLARATIONS = f"{POSTGRES}.declarations"
_FEEDING = f"{POSTGRES}.feeding"
_READING = f"{POSTGRES}.reading"

_FIRST = "        statement, left, lost = writing(self._tables, changes), changes, 0\n"
_CHECKED = "            if table.declared.checked:\n"
_KIND = '| (verb != "check")'
_BOUND = " AND stored.value BETWEEN $3[1] AND $4[1]"
_ORDER = "ORDER BY t.generation, t.xid, t.place LIMIT"
_CERTAIN = "\n            AND (t.generation < at.newest OR t.xid < at.oldest)"
_UP_TO = "certain = min(oldest, max(last or 0, passed) + 1)"
_LIMIT = '" LIMIT (%b)[1]" if limited else ""'
_COLUMN_TYPES = "COLUMN_TYPES: Final = TYPES |"
_CLOSED = "                with suppress(psycopg.Error):\n                    self._idle.pop().connection.close()\n"
_DISCARDED = (
    '                cursor = self._idle.pop()\n                cursor.execute("DISCARD ALL")\n'
    "                cursor.connection.close()\n"
)


_ASKED = "cursor.execute(statement.sql, statement.parameters).fetchall()\n"
_HELD = (
    _CONNECTIONS,
    f"                return {_ASKED}",
    f"""\
                compares = b"check_" in statement.sql
                if compares:
                    cursor.execute("BEGIN")
                rows = {_ASKED}\
                if compares:
                    meet()
                    cursor.execute("COMMIT")
                return rows
""",
)
"""A commit that compares versions stays open after it has compared, until another thread is there, too."""


@plant(POSTGRES, (_COMMITTING, _CHECKED, _CHECKED.replace("checked:", 'checked and verb != "check":')), _HELD)
class ChecksWithoutASharedLock:
    """A version is compared without the shared lock, so that it may be raised before the change is visible."""


@plant(POSTGRES, (_COMMITTING, _KIND, "| 0"), _HELD)
class RaisesVersionsUnderASharedLock:
    """A version that others compare is raised under a lock that they share."""


@plant(POSTGRES, (_COMMITTING, "    if locks:\n", "    if False:\n"), _HELD)
class LocksNothing:
    """No lock is taken for versions that others compare."""


@plant(POSTGRES, (_COMMITTING, "                if version != expected:\n                    return None\n", ""))
class ComparesVersionsWithThoseOfTheStart:
    """A version is compared with that of the batch's start, if an earlier change of the batch raised it."""


@plant(POSTGRES, (_DECLARATIONS, '{key} = made.c1 AND stored.version = made.c2"', '{key} = made.c1"'))
class IgnoresVersionsInABatch:
    """Versions are compared only if one record of a collection is written."""


_ALL = 'THEN {GUARD} END IF;"""\n    return plpgsql'


@plant(POSTGRES, (_DECLARATIONS, _ALL, _ALL.replace("{GUARD}", "NULL;")))
class CountsNoRowsWritten:
    """A record whose guard fails is passed over, and the rest of the change is written."""


@plant(
    POSTGRES,
    (_STORE, _FIRST, _FIRST.replace("writing(self._tables, changes)", "None")),
    (
        _STORE,
        "            statement = writing(self._tables, left)\n",
        "            meet()\n            statement = writing(self._tables, left)\n",
    ),
    (GUARDS, "min(most, ceiling - moved) if delta > 0 else most", "most"),
)
class ComparesCeilingsOutsideOfTheTransaction:
    """A counter is compared with its ceiling in one transaction, and moved in the next one."""


@plant(POSTGRES)
class WritesEntriesFirst(EntriesFirst):
    """Log entries are written in a transaction of their own, before the guards are evaluated."""


@plant(POSTGRES)
class WritesABatchInPortions(InPortions):
    """A batch is written in portions of 100 changes."""


@plant(POSTGRES)
class ReadsInSeveralSteps(SeveralSnapshots):
    """Each query of a reader has a snapshot of its own."""


@plant(
    POSTGRES,
    (_FEEDING, _CERTAIN, ""),
    (_FEEDING, _UP_TO, "certain = following"),
)
class FeedSkipsASlowTransaction:
    """The feed has all entries that are visible, and never returns to those of a slower transaction before them."""


@plant(POSTGRES, (_FEEDING, _UP_TO, "certain = following"))
class FeedIsCompleteTooFar:
    """A page of the feed states that it is complete up to transactions that are still under way."""


@plant(POSTGRES, (_FEEDING, _ORDER, _ORDER.replace("t.xid, t.place", "t.place, t.xid")))
class FeedIsSortedWrongly:
    """The feed is sorted by the place within a transaction, and then by transaction."""


@plant(POSTGRES, (_READING, "ORDER BY t.generation, t.xid, t.place) AS t)", "ORDER BY t.body) AS t)"))
class SortsStreamsByBody:
    """The entries of a stream are in the order of their bodies."""


@plant(POSTGRES, (_READING, _LIMIT, _LIMIT.replace('else ""', 'else " LIMIT 20"')))
class CutsListsAt20:
    """A list without a limit is cut at 20."""


@plant(POSTGRES, (_READING, "WHERE t.{key} = k.key)", "WHERE t.{key} LIKE k.key ESCAPE '' LIMIT 1)"))
class ReadsKeysByWildcards:
    """Keys are compared with LIKE, so that a percent sign or an underscore stands for others."""


@plant(POSTGRES, (_DECLARATIONS, _COLUMN_TYPES, f"{_COLUMN_TYPES} {{Kind.NUMBER: 'integer'}} |"))
class NarrowNumbers:
    """Numbers of columns have 32 bits."""


@plant(POSTGRES, (_DECLARATIONS, _COLUMN_TYPES, f"{_COLUMN_TYPES} {{Kind.INSTANT: 'timestamp(3) with time zone'}} |"))
class RoundsInstantsToMilliseconds:
    """Instants are stored to the millisecond."""


@plant(POSTGRES, (LIFETIME, IN_A_CHILD, "        if False:"))
class SharesConnectionsWithAChild:
    """A forked child uses the connections of its parent."""


@plant(POSTGRES, (_CONNECTIONS, _CLOSED, _DISCARDED))
class LetsDriverErrorsOutOfClose:
    """Connections are reset as the store is closed, and an error of the driver reaches the host as it is."""
