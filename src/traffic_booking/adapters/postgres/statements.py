"""Every statement that the store runs, whole: nothing is ever put into one but parameters.

Each is one round trip, and reads one snapshot unless the tables are spread over machines. Rows come as JSON objects of
all their columns, in the order that the port wants. What several tables are asked at once stands in `migrations/`.
"""

from typing import Final, LiteralString

FACTS: Final = "SELECT * FROM traffic_booking.facts(%b, %b, %b, %b, %b, %b, %b)"
TAKEN: Final = "SELECT * FROM traffic_booking.seats_taken(%s, %b, %b, %b, %b)"
_ANSWERS: Final = "SELECT to_jsonb(stored) FROM traffic_booking.answers AS stored "
ANSWER: Final = _ANSWERS + "WHERE request_id = %s"
ANSWERS_AFTER: Final = _ANSWERS + "WHERE request_id > %s ORDER BY request_id LIMIT greatest(0, %s)"
_APPOINTMENTS: Final = "SELECT to_jsonb(stored) FROM traffic_booking.appointments AS stored "
APPOINTMENT: Final = _APPOINTMENTS + "WHERE number = %s"
LATEST_APPOINTMENTS: Final = (
    _APPOINTMENTS + "WHERE applicant = %s ORDER BY starts_at DESC, number DESC LIMIT greatest(0, %s)"
)
APPOINTMENTS_AT: Final = _APPOINTMENTS + (
    "WHERE branch = %s AND starts_at >= %s AND starts_at < %s AND state IN ('held', 'booked', 'checked-in')"
    " ORDER BY starts_at, number"
)
LAPSED: Final = _APPOINTMENTS + "WHERE hold_ends_at <= %s ORDER BY hold_ends_at, number LIMIT greatest(0, %s)"
LAPSED_OF_SLOT: Final = _APPOINTMENTS + (
    "WHERE branch = %s AND service = %s AND starts_at = %s AND hold_ends_at <= %s"
    " ORDER BY hold_ends_at, number LIMIT greatest(0, %s)"
)
CALENDAR_ENTRIES: Final = (
    "SELECT to_jsonb(stored) FROM traffic_booking.calendar_entries AS stored WHERE number > %s ORDER BY number"
)
EVENTS: Final = "SELECT to_jsonb(stored) FROM traffic_booking.events AS stored WHERE number = %s ORDER BY version"
STORED_APPOINTMENTS: Final = "SELECT * FROM traffic_booking.page_of_appointments(%s, greatest(0, %s))"
STORED_SLOTS: Final = "SELECT * FROM traffic_booking.page_of_slots(%s, %s, %s, greatest(0, %s))"
ONCE: Final = "SELECT 1 FROM traffic_booking.once_keys WHERE once_key = %s"
ATTEMPTS: Final = "SELECT to_jsonb(stored) FROM traffic_booking.sign_in_attempts AS stored WHERE applicant = %s"
ACCOUNT: Final = "SELECT encoded FROM traffic_booking.password_hashes WHERE applicant = %s"

COMMIT_EACH: Final = (
    "SELECT at_place, failed, first_answer, at_seat FROM traffic_booking.commit_each(%s, %s::bigint[], %s::jsonb)"
)
COMMIT_TOGETHER: Final = (
    "SELECT traffic_booking.commit_together("
    "%b::integer, %b, %b::bigint,"
    " %b, %b, %b, %b, %b, %b, %b,"  # answers
    " %b, %b,"  # standings
    " %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b,"  # appointments
    " %b, %b, %b, %b, %b, %b, %b, %b,"  # events
    " %b, %b, %b, %b, %b, %b)"  # seats
)
WRITE_ACCOUNT: Final = (
    "INSERT INTO traffic_booking.password_hashes (applicant, encoded) VALUES (%s, %s)"
    " ON CONFLICT (applicant) DO UPDATE SET encoded = excluded.encoded RETURNING 1"
)
ADD_ACCOUNT: Final = (
    "INSERT INTO traffic_booking.password_hashes (applicant, encoded) VALUES (%s, %s)"
    " ON CONFLICT (applicant) DO NOTHING RETURNING 1"
)
REPLACE_ACCOUNT: Final = (
    "UPDATE traffic_booking.password_hashes SET encoded = %s WHERE applicant = %s AND encoded = %s RETURNING 1"
)

# A connection is the store's own, and made for it. Every statement looks up a few keys: the planner must not take to
# reading whole tables because they were small when it looked, nor spend time on planning again, or on compiling; but
# Citus, where there is `pg_dist_partition`, finds the machine of a key while it plans. Guards rely on seeing what was
# committed while they waited for a lock. What `commit` has told must be on the disk.
SETTINGS: Final[LiteralString] = """
SELECT
    set_config('TimeZone', 'UTC', false),
    set_config('client_encoding', 'UTF8', false),
    set_config('default_transaction_isolation', 'read committed', false),
    set_config('default_transaction_deferrable', 'off', false),
    set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
        ELSE current_setting('synchronous_commit') END, false),
    set_config('statement_timeout', %s, false),
    set_config('lock_timeout', %s, false),
    set_config('idle_in_transaction_session_timeout', %s, false),
    set_config('enable_seqscan', 'off', false),
    set_config('enable_hashjoin', 'off', false),
    set_config('enable_mergejoin', 'off', false),
    set_config('plan_cache_mode', CASE WHEN to_regclass('pg_dist_partition') IS NULL THEN 'force_generic_plan'
        ELSE 'force_custom_plan' END, false),
    set_config('jit', 'off', false)
"""
