"""The one place where errors of psycopg become errors of the library.

The server's messages may quote a row, and a row may name a person. So an error of the library names only the kind of
the driver's error, and has it as its cause only if that can't contain a value. The kind is the SQLSTATE, or the type of
the exception if there is none: libpq gives no SQLSTATE for a connection that can't be made.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg.errors import ConnectionTimeout

from traffic_booking.domain.errors import StoreError, StoreUnavailable, StoreUnreadable
from traffic_booking.domain.values import masked
from traffic_booking.persistence.sql import Translating

MASKED: Final = "postgresql://…"
"""The name of a database whose address can't be shown; nor can the driver's message about it."""

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
        ("28000 28P01", "a role and a password that the server accepts"),
    )
    for state in states.split()
}
_NOT_OURS: Final = ("21", "42", "3F", "XX", "0A")
"""Classes of errors that come from a schema which is not this library's, or damaged: all else was tested."""
_CONNECTION_GONE: Final = frozenset({"57P01", "57P02", "57P03"})

_LETS_IN: Final = "a server that answers and lets the role in"
_NOT_CONNECTED: Final = (
    f"got no connection; expected {_LETS_IN}: check host and port, role and password, the database's name,"
    " pg_hba.conf, TLS, target_session_attrs, and the number of connections"
)


class Undone(StoreUnavailable):
    """The server undid the whole transaction because of another one: it may begin again, and nothing happens twice."""


class ReplyLost(StoreUnavailable):
    """The connection ended before the reply: it is unknown whether the request was done."""


class NoReply(StoreUnavailable):
    """The server sent nothing for too long: it is unknown whether the request was done.

    It is not sent again, as that would take as long again.
    """


class GuardError(StoreError):
    """The guard of a change failed, and nothing that was sent with it was written."""


@contextmanager
def connecting(where: str) -> Iterator[None]:
    """A context in which a connection to the database `where` is made: a failure leaves as `StoreUnavailable`."""
    try:
        yield
    except psycopg.Error as error:
        if error.sqlstate is not None and not is_lost(error):
            raise
        message, cause = f"{where}: {_reason(error)}", None if where == MASKED else _without_id(error)
    else:
        return
    raise StoreUnavailable(message) from cause


def _without_id(error: psycopg.Error) -> psycopg.Error | None:
    """`error`, unless its message has a number that may be a person's id: a folder, a role or a database named so."""
    return error if masked(str(error)) == str(error) else None


def _reason(error: psycopg.Error) -> str:
    """The reason why there is no connection, as far as it can be determined without the driver's message."""
    if error.sqlstate is not None:
        return f"got {_name(error)}; expected {_MAY_PASS.get(error.sqlstate, _LETS_IN)}"
    if isinstance(error, ConnectionTimeout):
        return "got no answer in time; expected a server that answers at that address"
    if error.pgconn is not None and error.pgconn.needs_password:
        return "got no password; expected the role's, in the address or in a place that libpq reads"
    return _NOT_CONNECTED


class Translated(Translating):
    """The context for errors of psycopg. A connection that ended in the middle leaves as `ReplyLost`.

    In a cluster, a server that has gone may show as an internal error (XX000) of the coordinator.
    """

    def __init__(self, where: str, *, cluster: bool = False) -> None:
        super().__init__(where)
        self._cluster = cluster

    def translate(self, error: BaseException) -> None:
        """Raise the error of the library for one of the driver."""
        match error:
            case psycopg.Error() if is_lost(error):
                raise ReplyLost(f"{self.where}: got {_name(error)}; expected a server that answers") from _without_id(
                    error
                )
            case psycopg.Error(sqlstate="TB001" | "23505"):
                raise GuardError(f"{self.where}: got a guard that failed; expected its keys to be read") from None
            case psycopg.Error(sqlstate="40001" | "40P01"):
                raise Undone(f"{self.where}: got {_name(error)}; expected no other transaction in the way") from error
            case psycopg.Error(sqlstate=state):
                got = f"{self.where}: got {_name(error)}"
                if state in _MAY_PASS:
                    raise StoreUnavailable(f"{got}; expected {_MAY_PASS[state]}") from _without_id(error)
                if self._cluster and state == "XX000":
                    raise StoreUnavailable(f"{got}; expected all servers of the cluster to answer") from None
                if (state or "").startswith(_NOT_OURS):
                    raise StoreUnreadable(f"{got}; expected an intact schema of this library") from None
                raise StoreError(f"{got}; expected a change that the schema allows") from None
            case UnicodeError():  # a lone surrogate, which no store of ours lets in; the error quotes the text
                raise StoreError(f"{self.where}: got text that isn't Unicode; expected whole characters") from None
            case ValueError():
                raise StoreUnreadable(f"{self.where}: got an unreadable instant; expected it as written") from None
            case _:
                return


def is_lost(error: psycopg.Error) -> bool:
    """True if the connection has ended, so that the result of the statement is unknown."""
    state = error.sqlstate
    if state is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return state in _CONNECTION_GONE or state.startswith("08")


def _name(error: psycopg.Error) -> str:
    return f"{type(error).__name__} ({error.sqlstate})" if error.sqlstate else type(error).__name__
