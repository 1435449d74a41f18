-- A commit is one call of one of two functions, and so one round trip and one transaction.
--
-- Both begin by locking the names that their changes touch, in one order that all callers keep (`locks`, sorted): who
-- waits, waits here, and nobody waits in a circle. At READ COMMITTED each later statement sees what was committed
-- while it waited, so guards are checked on what will be written. The locks only order the callers. What makes a
-- wrong write impossible are the unique keys and the conditions of the writes themselves: where one of those strikes,
-- everything is undone (SQLSTATE 40001), and the caller begins anew.

-- `calendar`: 0 for changes that don't care, 1 (shared) for those decided on a revision, 2 (exclusive) for new entries.
CREATE FUNCTION traffic_booking.take_locks(calendar integer, locks bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF calendar = 1 THEN
        PERFORM pg_catalog.pg_advisory_xact_lock_shared(8386350118512623616);
    ELSIF calendar = 2 THEN
        PERFORM pg_catalog.pg_advisory_xact_lock(8386350118512623616);
    END IF;
    PERFORM pg_catalog.pg_advisory_xact_lock(one) FROM unnest(locks) AS one;
END
$$;

CREATE FUNCTION traffic_booking.calendar_revision() RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT coalesce(max(number), 0) FROM traffic_booking.calendar_entries
$$;

-- Commits changes one after another, each on what those before it have written. Gives one row for each that conflicts:
-- its place (0 for the first), the guard, the first answer to the request, the place of the slot without a seat.
CREATE FUNCTION traffic_booking.commit_each(calendar integer, locks bigint[], changes jsonb)
RETURNS TABLE (at_place integer, failed text, first_answer jsonb, at_seat integer)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    change jsonb;
    seat record;
    written bigint;
BEGIN
    PERFORM traffic_booking.take_locks(calendar, locks);
    FOR place IN 0 .. jsonb_array_length(changes) - 1 LOOP
        change := changes -> place;
        at_place := place;
        at_seat := NULL;
        failed := NULL;
        first_answer := NULL;
        <<guards>>
        BEGIN
            IF change ? 'answer' THEN
                SELECT to_jsonb(stored) INTO first_answer FROM traffic_booking.answers AS stored
                WHERE stored.request_id = change #>> '{answer,request_id}';
                IF FOUND THEN
                    failed := 'request';
                    EXIT guards;
                END IF;
            END IF;
            IF change ? 'once' THEN
                PERFORM 1 FROM jsonb_array_elements_text(change -> 'once') AS asked (once_key)
                GROUP BY asked.once_key HAVING count(*) > 1;
                IF NOT FOUND THEN
                    PERFORM 1 FROM jsonb_array_elements_text(change -> 'once') AS asked (once_key)
                    JOIN traffic_booking.once_keys AS spent ON spent.once_key = asked.once_key COLLATE "C";
                END IF;
                IF FOUND THEN
                    failed := 'once';
                    EXIT guards;
                END IF;
            END IF;
            IF change ? 'revision' AND (change -> 'revision')::bigint <> traffic_booking.calendar_revision()
                OR change ? 'entry' AND (change #> '{entry,number}')::bigint <> traffic_booking.calendar_revision() + 1
            THEN
                failed := 'calendar';
                EXIT guards;
            END IF;
            IF change ? 'standing' THEN
                SELECT version INTO written FROM traffic_booking.standings
                WHERE applicant = change #>> '{standing,applicant}';
                IF coalesce(written, 0) <> (change #> '{standing,expected}')::bigint THEN
                    failed := 'standing';
                    EXIT guards;
                END IF;
            END IF;
            IF change ? 'appointments' THEN
                PERFORM 1 FROM jsonb_to_recordset(change -> 'appointments') AS next (number text, version bigint)
                WHERE next.version - 1 <> coalesce(
                    (SELECT version FROM traffic_booking.appointments AS stored WHERE stored.number = next.number), 0
                );
                IF FOUND THEN
                    failed := 'appointment';
                    EXIT guards;
                END IF;
            END IF;
            IF change ? 'attempts' THEN
                SELECT version INTO written FROM traffic_booking.sign_in_attempts
                WHERE applicant = change #>> '{attempts,applicant}';
                IF coalesce(written, 0) <> (change #> '{attempts,version}')::bigint - 1 THEN
                    failed := 'attempts';
                    EXIT guards;
                END IF;
            END IF;
            IF change ? 'seats' THEN
                SELECT asked.ordinality::integer - 1 INTO at_seat
                FROM ROWS FROM (
                    jsonb_to_recordset(change -> 'seats')
                    AS (branch text, service text, starts_at timestamptz, delta bigint, capacity bigint)
                ) WITH ORDINALITY AS asked
                CROSS JOIN LATERAL (
                    SELECT asked.delta + coalesce((
                        SELECT taken FROM traffic_booking.seats AS stored
                        WHERE stored.branch = asked.branch AND stored.service = asked.service
                            AND stored.starts_at = asked.starts_at
                    ), 0) AS taken
                ) AS result
                WHERE result.taken < 0 OR asked.delta > 0 AND result.taken > asked.capacity
                ORDER BY asked.ordinality LIMIT 1;
                IF FOUND THEN
                    failed := 'seats';
                    EXIT guards;
                END IF;
            END IF;
        END guards;
        IF failed IS NOT NULL THEN
            RETURN NEXT;
            CONTINUE;
        END IF;

        IF change ? 'answer' THEN
            INSERT INTO traffic_booking.answers
            SELECT made.* FROM jsonb_populate_record(NULL::traffic_booking.answers, change -> 'answer') AS made;
        END IF;
        IF change ? 'once' THEN
            INSERT INTO traffic_booking.once_keys
            SELECT asked.once_key FROM jsonb_array_elements_text(change -> 'once') AS asked (once_key);
        END IF;
        IF change ? 'standing' THEN
            INSERT INTO traffic_booking.standings AS stored (applicant, version)
            VALUES (change #>> '{standing,applicant}', (change #> '{standing,expected}')::bigint + 1)
            ON CONFLICT (applicant) DO UPDATE SET version = excluded.version
            WHERE stored.version = excluded.version - 1;
            IF NOT FOUND THEN
                RAISE serialization_failure USING MESSAGE = 'a standing moved on under the lock of its name';
            END IF;
        END IF;
        IF change ? 'appointments' THEN
            written := traffic_booking.write_appointments(change -> 'appointments');
            IF written <> jsonb_array_length(change -> 'appointments') THEN
                RAISE serialization_failure USING MESSAGE = 'an appointment moved on under the lock of its name';
            END IF;
        END IF;
        IF change ? 'events' THEN
            INSERT INTO traffic_booking.events
            SELECT made.* FROM jsonb_populate_recordset(NULL::traffic_booking.events, change -> 'events') AS made;
        END IF;
        IF change ? 'attempts' THEN
            INSERT INTO traffic_booking.sign_in_attempts AS stored
            SELECT made.* FROM jsonb_populate_record(
                NULL::traffic_booking.sign_in_attempts, change -> 'attempts'
            ) AS made
            ON CONFLICT (applicant) DO UPDATE SET
                version = excluded.version, failures = excluded.failures, locked_until = excluded.locked_until
            WHERE stored.version = excluded.version - 1;
            IF NOT FOUND THEN
                RAISE serialization_failure USING MESSAGE = 'attempts moved on under the lock of their name';
            END IF;
        END IF;
        IF change ? 'entry' THEN
            INSERT INTO traffic_booking.calendar_entries
            SELECT made.* FROM jsonb_populate_record(
                NULL::traffic_booking.calendar_entries, change -> 'entry'
            ) AS made;
        END IF;
        IF change ? 'seats' THEN
            FOR seat IN
                SELECT * FROM jsonb_to_recordset(change -> 'seats')
                    AS asked (branch text, service text, starts_at timestamptz, delta bigint, capacity bigint)
            LOOP
                IF seat.delta > 0 THEN
                    INSERT INTO traffic_booking.seats AS stored (branch, service, starts_at, taken)
                    VALUES (seat.branch, seat.service, seat.starts_at, seat.delta)
                    ON CONFLICT (branch, service, starts_at) DO UPDATE SET taken = stored.taken + seat.delta
                    WHERE stored.taken + seat.delta <= seat.capacity;
                    IF NOT FOUND THEN
                        RAISE serialization_failure USING MESSAGE = 'a seat was taken under the lock of its slot';
                    END IF;
                ELSE
                    UPDATE traffic_booking.seats AS stored SET taken = stored.taken + seat.delta
                    WHERE stored.branch = seat.branch AND stored.service = seat.service
                        AND stored.starts_at = seat.starts_at;
                END IF;
            END LOOP;
        END IF;
    END LOOP;
END
$$;

-- Adds new appointments and writes later versions over the ones before, and says how many.
CREATE FUNCTION traffic_booking.write_appointments(versions jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    written bigint;
BEGIN
    INSERT INTO traffic_booking.appointments AS stored
    SELECT made.* FROM jsonb_populate_recordset(NULL::traffic_booking.appointments, versions) AS made
    ON CONFLICT (number) DO UPDATE SET
        version = excluded.version, state = excluded.state, branch = excluded.branch, service = excluded.service,
        starts_at = excluded.starts_at, ends_at = excluded.ends_at, time_zone = excluded.time_zone,
        applicant = excluded.applicant, rulebook = excluded.rulebook, changed_at = excluded.changed_at,
        hold_ends_at = excluded.hold_ends_at, instructions = excluded.instructions,
        withdrawn_at = excluded.withdrawn_at
    WHERE stored.version = excluded.version - 1;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$$;

-- Commits changes that share no name but slots, with a statement a table, if the guards of all of them hold; says
-- whether. Where it says no, nothing was written, and `commit_each` tells which guard of which change it was.
CREATE FUNCTION traffic_booking.commit_together(
    calendar integer, locks bigint[], revision bigint, new_answers jsonb, raised jsonb, versions jsonb, happened jsonb,
    moved jsonb
) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    written bigint;
BEGIN
    PERFORM traffic_booking.take_locks(calendar, locks);
    IF revision <> traffic_booking.calendar_revision() THEN
        RETURN false;
    END IF;
    PERFORM 1 FROM jsonb_to_recordset(new_answers) AS asked (request_id text)
    WHERE EXISTS (SELECT FROM traffic_booking.answers AS stored WHERE stored.request_id = asked.request_id);
    IF FOUND THEN
        RETURN false;
    END IF;
    PERFORM 1 FROM jsonb_to_recordset(raised) AS asked (applicant text, expected bigint)
    WHERE asked.expected <> coalesce(
        (SELECT version FROM traffic_booking.standings AS stored WHERE stored.applicant = asked.applicant), 0
    );
    IF FOUND THEN
        RETURN false;
    END IF;
    PERFORM 1 FROM jsonb_to_recordset(versions) AS next (number text, version bigint)
    WHERE next.version - 1 <> coalesce(
        (SELECT version FROM traffic_booking.appointments AS stored WHERE stored.number = next.number), 0
    );
    IF FOUND THEN
        RETURN false;
    END IF;
    -- What each change finds is what is stored, and what those before it took and gave.
    PERFORM 1 FROM (
        SELECT
            asked.delta, asked.capacity, asked.branch, asked.service, asked.starts_at,
            sum(asked.delta) OVER (
                PARTITION BY asked.branch, asked.service, asked.starts_at ORDER BY asked.ordinality
            ) AS so_far
        FROM ROWS FROM (
            jsonb_to_recordset(moved)
            AS (branch text, service text, starts_at timestamptz, delta bigint, capacity bigint)
        ) WITH ORDINALITY AS asked
    ) AS asked
    CROSS JOIN LATERAL (
        SELECT asked.so_far + coalesce((
            SELECT taken FROM traffic_booking.seats AS stored
            WHERE stored.branch = asked.branch AND stored.service = asked.service
                AND stored.starts_at = asked.starts_at
        ), 0) AS taken
    ) AS result
    WHERE result.taken < 0 OR asked.delta > 0 AND result.taken > asked.capacity;
    IF FOUND THEN
        RETURN false;
    END IF;

    INSERT INTO traffic_booking.answers
    SELECT made.* FROM jsonb_populate_recordset(NULL::traffic_booking.answers, new_answers) AS made;

    INSERT INTO traffic_booking.standings AS stored (applicant, version)
    SELECT asked.applicant, asked.expected + 1
    FROM jsonb_to_recordset(raised) AS asked (applicant text, expected bigint)
    ON CONFLICT (applicant) DO UPDATE SET version = excluded.version WHERE stored.version = excluded.version - 1;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> jsonb_array_length(raised) THEN
        RAISE serialization_failure USING MESSAGE = 'a standing moved on under the lock of its name';
    END IF;

    IF traffic_booking.write_appointments(versions) <> jsonb_array_length(versions) THEN
        RAISE serialization_failure USING MESSAGE = 'an appointment moved on under the lock of its name';
    END IF;

    INSERT INTO traffic_booking.events
    SELECT made.* FROM jsonb_populate_recordset(NULL::traffic_booking.events, happened) AS made;

    UPDATE traffic_booking.seats AS stored SET taken = stored.taken + sums.delta
    FROM (
        SELECT branch, service, starts_at, sum(delta) AS delta
        FROM jsonb_to_recordset(moved) AS asked (branch text, service text, starts_at timestamptz, delta bigint)
        GROUP BY branch, service, starts_at HAVING sum(delta) < 0
    ) AS sums
    WHERE stored.branch = sums.branch AND stored.service = sums.service AND stored.starts_at = sums.starts_at;

    -- Each change that takes a seat was found to stay within its capacity, so that the last of them does.
    WITH sums AS (
        SELECT branch, service, starts_at, sum(delta) AS delta, max(capacity) FILTER (WHERE delta > 0) AS capacity
        FROM jsonb_to_recordset(moved)
            AS asked (branch text, service text, starts_at timestamptz, delta bigint, capacity bigint)
        GROUP BY branch, service, starts_at HAVING sum(delta) > 0
    ), taking AS (
        INSERT INTO traffic_booking.seats AS stored (branch, service, starts_at, taken)
        SELECT sums.branch, sums.service, sums.starts_at, sums.delta FROM sums
        ON CONFLICT (branch, service, starts_at) DO UPDATE SET taken = stored.taken + excluded.taken
        RETURNING branch, service, starts_at, taken
    )
    SELECT count(*) INTO written
    FROM taking JOIN sums USING (branch, service, starts_at) WHERE taking.taken > sums.capacity;
    IF written > 0 THEN
        RAISE serialization_failure USING MESSAGE = 'a seat was taken under the lock of its slot';
    END IF;
    RETURN true;
END
$$;
