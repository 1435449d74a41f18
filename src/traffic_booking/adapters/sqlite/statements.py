"""Every statement that the store runs on its tables; the order of the question marks is that of `rows`."""

from functools import cache
from typing import Final

from attrs import frozen


@frozen(eq=False)
class Lookup:
    """A query for the rows of one key, or of many at once: the key's columns, then those asked for.

    `condition` is one more than the key's. Of many keys, one after another is looked up, so that a hundred cost little
    more than the seeks; a key of nulls finds nothing.
    """

    key: tuple[str, ...]
    columns: str
    table: str
    condition: str = ""
    order: str = ""

    @cache  # noqa: B019 - the few look-ups are constants of this module, and so are the few sizes asked for
    def sized(self, keys: int) -> str:
        """The statement with room for that many keys; the question marks of `condition` come after theirs."""
        names = ", ".join(self.key)
        select, order = f"SELECT {names}, {self.columns} FROM", f" ORDER BY {self.order}" if self.order else ""
        if keys == 1:
            conditions = [f"{name} = ?" for name in self.key] + [self.condition] * bool(self.condition)
            return f"{select} {self.table} WHERE {' AND '.join(conditions)}{order}"
        marks = ", ".join([f"({', '.join('?' * len(self.key))})"] * keys)
        where = f" WHERE {self.condition}" if self.condition else ""
        return (
            f"WITH wanted ({names}) AS (VALUES {marks})"
            f" {select} wanted CROSS JOIN {self.table} USING ({names}){where}{order}"
        )


_APPOINTMENTS: Final = (
    "SELECT number, version, state, branch, service, starts_at, ends_at, time_zone, applicant, rulebook, changed_at,"
    " hold_ends_at, instructions, withdrawn_at, moves FROM appointments "
)

ANSWERS: Final = Lookup(("request_id",), "command, outcome, decided_at, rulebook, findings, decided_on", "answers")
ANSWERS_AFTER: Final = (
    "SELECT command, outcome, decided_at, rulebook, findings, decided_on FROM answers"
    " WHERE request_id > ? ORDER BY request_id LIMIT max(0, ?)"
)
APPOINTMENT: Final = _APPOINTMENTS + "WHERE number = ?"
APPOINTMENTS_BY_NUMBER: Final = Lookup(
    ("number",),
    "version, state, branch, service, starts_at, ends_at, time_zone, applicant, rulebook, changed_at, hold_ends_at,"
    " instructions, withdrawn_at, moves",
    "appointments",
)
APPOINTMENTS_ENDING_AFTER: Final = Lookup(
    ("applicant",),
    "number, version, state, branch, service, starts_at, ends_at, time_zone, applicant, rulebook, changed_at,"
    " hold_ends_at, instructions, withdrawn_at, moves",
    "appointments",
    condition="ends_at > ?",
    order="starts_at, number",
)
LATEST_APPOINTMENTS: Final = _APPOINTMENTS + "WHERE applicant = ? ORDER BY starts_at DESC, number DESC LIMIT max(0, ?)"
LAPSED: Final = _APPOINTMENTS + "WHERE hold_ends_at <= ? ORDER BY hold_ends_at, number LIMIT max(0, ?)"
LAPSED_OF_SLOT: Final = _APPOINTMENTS + (
    "WHERE branch = ? AND service = ? AND starts_at = ? AND hold_ends_at <= ?"
    " ORDER BY hold_ends_at, number LIMIT max(0, ?)"
)
APPOINTMENTS_AT: Final = _APPOINTMENTS + (
    "WHERE branch = ? AND starts_at >= ? AND starts_at < ? AND state IN ('held', 'booked', 'checked-in')"
    " ORDER BY starts_at, number"
)
CALENDAR_REVISION: Final = "SELECT coalesce(max(number), 0) FROM calendar_entries"
CALENDAR_ENTRIES: Final = "SELECT number, entry FROM calendar_entries WHERE number > ? ORDER BY number"
SEATS: Final = Lookup(("branch", "service", "starts_at"), "taken", "seats")
SEATS_IN_RANGE: Final = (
    "SELECT starts_at, taken,"
    " (SELECT count(*) FROM appointments AS hold WHERE hold.branch = seats.branch AND hold.service = seats.service"
    " AND hold.starts_at = seats.starts_at AND hold.hold_ends_at <= ?)"
    " FROM seats WHERE branch = ? AND service = ? AND starts_at >= ? AND starts_at < ? AND taken > 0"
)
STANDINGS: Final = Lookup(("applicant",), "version", "standings")
APPOINTMENT_VERSIONS: Final = Lookup(("number",), "version", "appointments")
ONCE: Final = "SELECT 1 FROM once_keys WHERE once_key = ?"
ONCE_KEYS: Final = Lookup(("once_key",), "1", "once_keys")
EVENTS: Final = (
    "SELECT number, version, kind, at, actor, rulebook, request_id, details FROM events"
    " WHERE number = ? ORDER BY version"
)
STORED_NUMBERS: Final = (
    "SELECT number FROM appointments WHERE number > ? UNION SELECT number FROM events WHERE number > ?"
    " ORDER BY number LIMIT max(0, ?)"
)
APPOINTMENTS_BETWEEN: Final = _APPOINTMENTS + "WHERE number > ? AND number <= ?"
EVENTS_BETWEEN: Final = (
    "SELECT number, version, kind, at, actor, rulebook, request_id, details FROM events"
    " WHERE number > ? AND number <= ? ORDER BY number, version"
)
STORED_SLOTS: Final = (
    "SELECT branch, service, starts_at, taken,"
    " (SELECT count(*) FROM appointments AS seated WHERE seated.branch = seats.branch"
    " AND seated.starts_at = seats.starts_at AND seated.service = seats.service"
    " AND seated.state IN ('held', 'booked', 'checked-in'))"
    " FROM seats WHERE (branch, service, starts_at) > (?, ?, ?) AND taken > 0"
    " ORDER BY branch, service, starts_at LIMIT max(0, ?)"
)
ATTEMPT_VERSIONS: Final = Lookup(("applicant",), "version", "sign_in_attempts")
ATTEMPTS: Final = "SELECT version, failures, locked_until FROM sign_in_attempts WHERE applicant = ?"
ACCOUNT: Final = "SELECT encoded FROM password_hashes WHERE applicant = ?"

ADD_ANSWER: Final = (
    "INSERT INTO answers (request_id, command, outcome, decided_at, rulebook, findings, decided_on)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
ADD_ENTRY: Final = "INSERT INTO calendar_entries (number, entry) VALUES (?, ?)"
ADD_ONCE: Final = "INSERT INTO once_keys (once_key) VALUES (?)"
RAISE_STANDING: Final = (
    "INSERT INTO standings (applicant, version) VALUES (?, ?)"
    " ON CONFLICT (applicant) DO UPDATE SET version = excluded.version"
)
ADD_APPOINTMENT: Final = (
    "INSERT INTO appointments (number, version, state, branch, service, starts_at, ends_at, time_zone, applicant,"
    " rulebook, changed_at, hold_ends_at, instructions, withdrawn_at, moves)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
WRITE_APPOINTMENT: Final = ADD_APPOINTMENT + (
    " ON CONFLICT (number) DO UPDATE SET version = excluded.version, state = excluded.state, branch = excluded.branch,"
    " service = excluded.service, starts_at = excluded.starts_at, ends_at = excluded.ends_at,"
    " time_zone = excluded.time_zone, applicant = excluded.applicant, rulebook = excluded.rulebook,"
    " changed_at = excluded.changed_at, hold_ends_at = excluded.hold_ends_at, instructions = excluded.instructions,"
    " withdrawn_at = excluded.withdrawn_at, moves = excluded.moves"
)
ADD_EVENT: Final = (
    "INSERT INTO events (number, version, kind, at, actor, rulebook, request_id, details)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
WRITE_ATTEMPTS: Final = (
    "INSERT INTO sign_in_attempts (applicant, version, failures, locked_until) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (applicant) DO UPDATE SET version = excluded.version, failures = excluded.failures,"
    " locked_until = excluded.locked_until"
)
WRITE_SEATS: Final = (
    "INSERT INTO seats (branch, service, starts_at, taken) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (branch, service, starts_at) DO UPDATE SET taken = excluded.taken"
)
WRITE_ACCOUNT: Final = (
    "INSERT INTO password_hashes (applicant, encoded) VALUES (?, ?)"
    " ON CONFLICT (applicant) DO UPDATE SET encoded = excluded.encoded"
)
