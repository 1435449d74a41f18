"""The one place where errors of psycopg become errors of the library.

The server's messages may quote a row, and a row may name a person: what leaves here names the kind of error alone, and
hangs on to the driver's error only where that can't hold a value.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from traffic_booking.domain.errors import StoreError, StoreUnavailable, StoreUnreadable
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.persistence.translating import Translating

UNTOLD: Final = "postgresql://…"
"""The name of a database whose address can't be told; nor can what the driver says of it."""

_MAY_PASS: Final = {
    state: expected
    for states, expected in (
        ("25006", "a server that takes writes"),
        ("42501", "a role that may do this, see the guide `run-on-postgres`"),
        ("53100", "room on the server's disk"),
        ("53200", "memory, and room for locks, on the server"),
        ("53300", "a connection that the server has to spare"),
        ("53400", "a limit of the server's that is not reached"),
        ("55P03", "the lock within the time to wait"),
        ("57014", "the answer within the time to wait"),
        ("57P01 57P02", "a server that stays up"),
        ("57P03", "a server that has started"),
        ("57P04", "a database that stays"),
        ("3D000", "a database of that name"),
        ("28000 28P01", "a role and a password that the server knows"),
    )
    for state in states.split()
}
_REFUSALS: Final = """
expected authentication request|received invalid response
    something else than PostgreSQL; expected a server of it at that address
invalid \\S+ value|invalid port number|definition of service
    an address that libpq can't use; expected values that it takes
pg_hba
    a connection that the server's pg_hba.conf doesn't let in; expected one that it does: by role, address and TLS
database \\S* does not exist
    no database of that name; expected one that was made
role \\S* (does not exist|is not permitted)|authentication|password supplied|denied for database
    a role or password that is refused; expected a role that may log in to that database, and its password
too many (connections|clients)|connection slots are
    too many connections; expected one that the server has to spare
(?i:ssl)|TLS|certificate
    no TLS that both sides accept; expected the TLS and certificates that the address asks for
the database system is
    a server that is not open; expected one that has started
session is|hot standby mode
    a server that target_session_attrs rules out; expected one that it allows
(resolve|translate) host
    a host name that nobody knows; expected one that leads to the server
time(d |-)?out
    no answer in time; expected a server that answers at that address
refused|\\[Errno|unreachable|No route|No such file|closed the
    no server that answers; expected one at that address
""".strip().splitlines()
"""What libpq says, in English, of a connection that wasn't made, without what it quotes; the first that fits counts.

It gives no SQLSTATE then. In any other language nothing fits.
"""
_QUOTED: Final = re.compile(r""""[^"\n]*"|'[^'\n]*'""")
_OURS: Final = frozenset({"traffic_booking", "migrations", "created", "generations", "log"}).union(
    each.name for each in SCHEMA.collections + SCHEMA.counters
)
"""The schema and its tables: what a message may name."""
_NOT_OURS: Final = ("21", "42", "3F", "XX", "0A")
"""Classes of errors that a schema gives which is not this library's, or damaged: all else was tried before release."""

_CONNECTION_GONE: Final = frozenset({"57P01", "57P02", "57P03"})


class Undone(StoreUnavailable):
    """The server undid the whole transaction because of another one: it may begin anew, and nothing happens twice."""


class ReplyLost(StoreUnavailable):
    """The connection ended before the reply came: what was asked for may have been done, or not."""


class NoReply(StoreUnavailable):
    """A server that is there said nothing for too long: what was asked for may have been done, or not.

    It is not asked again, as that would take as long again.
    """


class GuardError(StoreError):
    """A guard of some change didn't hold, and nothing of all that was sent with it was written."""


@contextmanager
def connecting(where: str) -> Iterator[None]:
    """Within it, nothing has been asked of the database `where` yet: what goes wrong with the connection is told so."""
    try:
        yield
    except psycopg.Error as error:
        if error.sqlstate is not None and not is_lost(error):
            raise
        said, cause = _refusal(error), None if where == UNTOLD else error
    else:
        return
    raise StoreUnavailable(f"{where}: {said}") from cause


class Translated(Translating):
    """For errors of psycopg. A connection that ended in the middle leaves as `ReplyLost`."""

    def translate(self, error: BaseException) -> None:
        """Raise the error of the library for one of the driver."""
        match error:
            case psycopg.Error() if is_lost(error):
                raise ReplyLost(f"{self.where}: got {_name(error)}; expected a server that answers") from error
            case psycopg.Error(sqlstate="TB001" | "23505"):
                raise GuardError(f"{self.where}: got a guard that failed; expected to ask which") from None
            case psycopg.Error(sqlstate="40001" | "40P01"):
                raise Undone(f"{self.where}: got {_name(error)}; expected no other transaction in the way") from error
            case psycopg.Error(sqlstate=state):
                got = f"{self.where}: got {_name(error)}"
                if state in _MAY_PASS:
                    raise StoreUnavailable(f"{got}{_barred(error)}; expected {_MAY_PASS[state]}") from error
                if (state or "").startswith(_NOT_OURS):
                    raise StoreUnreadable(f"{got}; expected an intact schema of this library") from None
                raise StoreError(f"{got}; expected a change that the schema allows") from None
            case UnicodeError():
                # Text with half a character in it, which no store of ours lets in; the error quotes it.
                raise StoreError(f"{self.where}: got text that isn't Unicode; expected whole characters") from None
            case ValueError():
                raise StoreUnreadable(
                    f"{self.where}: got an instant that can't be read; expected it as written"
                ) from None
            case _:
                return


def is_lost(error: psycopg.Error) -> bool:
    """Whether the connection has ended, so that nobody knows what became of the statement."""
    state = error.sqlstate
    if state is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return state in _CONNECTION_GONE or state.startswith("08")


def _name(error: psycopg.Error) -> str:
    return f"{type(error).__name__} ({error.sqlstate})" if error.sqlstate else type(error).__name__


def _refusal(error: psycopg.Error) -> str:
    """Why there is no connection, as far as that can be told; never in the driver's words."""
    said = _QUOTED.sub("", str(error))
    for sign, meaning in zip(_REFUSALS[::2], _REFUSALS[1::2], strict=True):
        if re.search(sign, said):
            return f"got {meaning.strip()}"
    expected = _MAY_PASS.get(error.sqlstate or "", "a server that answers, and lets the role in")
    return f"got {_name(error)}; expected {expected}"


def _barred(error: psycopg.Error) -> str:
    """Which of our tables the role has no right to, where the message says so."""
    if error.sqlstate != "42501":
        return ""
    named = _OURS.intersection(re.findall(r"\w+", error.diag.message_primary or ""))
    return f" for {', '.join(sorted(named))}" if named else ""
