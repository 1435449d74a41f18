-- A commit is one call of one of two functions, and so one round trip and one transaction.
--
-- Both begin by locking the names that their changes touch, but for slots, in one order that all callers keep (`locks`,
-- sorted); the rows of slots are locked in the order of their keys, those that are there before those that are new. So
-- nobody waits in a circle. At READ COMMITTED each later statement sees what was committed while it waited. The locks
-- only order the callers. What makes a wrong write impossible are the unique keys and the conditions of the writes
-- themselves, which are looked at again on the row as it is when its lock is got: where one of them strikes, everything
-- is undone, and the caller begins anew (SQLSTATE 40001) or asks which guard it was (TB001).

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

-- Locks the rows of the slots that changes touch, those that are there first; makes those that aren't, with no seat taken.
CREATE FUNCTION traffic_booking.take_slots(changes jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    slots jsonb;
    slot record;
BEGIN
    SELECT jsonb_agg(seat) INTO slots
    FROM jsonb_array_elements(changes) AS change, jsonb_array_elements(change -> 'seats') AS seat;
    FOR slot IN
        SELECT DISTINCT asked.branch COLLATE "C" AS branch, asked.service COLLATE "C" AS service, asked.starts_at
        FROM jsonb_to_recordset(slots) AS asked (branch text, service text, starts_at timestamptz)
        ORDER BY 1, 2, 3
    LOOP
        PERFORM 1 FROM traffic_booking.seats AS stored
        WHERE stored.branch = slot.branch AND stored.service = slot.service AND stored.starts_at = slot.starts_at
        FOR NO KEY UPDATE;
    END LOOP;
    INSERT INTO traffic_booking.seats (branch, service, starts_at, taken)
    SELECT DISTINCT asked.branch COLLATE "C", asked.service COLLATE "C", asked.starts_at, 0
    FROM jsonb_to_recordset(slots) AS asked (branch text, service text, starts_at timestamptz)
    ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
END
$$;

-- Commits changes one after another, each on what those before it have written. Gives one row for each that conflicts:
-- its place (0 for the first), the guard, the first answer to the request, the place of the slot without a seat.
CREATE FUNCTION traffic_booking.commit_each(calendar integer, locks bigint[], changes jsonb)
RETURNS TABLE (at_place integer, failed text, first_answer jsonb, at_seat integer)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    change jsonb;
    key text;
    one record;
    seat record;
    written bigint;
BEGIN
    PERFORM traffic_booking.take_locks(calendar, locks);
    PERFORM traffic_booking.take_slots(changes);
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
                IF FOUND THEN
                    failed := 'once';
                    EXIT guards;
                END IF;
                FOR key IN SELECT jsonb_array_elements_text(change -> 'once') LOOP
                    PERFORM 1 FROM traffic_booking.once_keys WHERE once_key = key;
                    IF FOUND THEN
                        failed := 'once';
                        EXIT guards;
                    END IF;
                END LOOP;
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
                FOR one IN
                    SELECT * FROM jsonb_to_recordset(change -> 'appointments') AS asked (number text, version bigint)
                LOOP
                    SELECT version INTO written FROM traffic_booking.appointments AS stored
                    WHERE stored.number = one.number;
                    IF coalesce(written, 0) <> one.version - 1 THEN
                        failed := 'appointment';
                        EXIT guards;
                    END IF;
                END LOOP;
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
                at_seat := 0;
                FOR seat IN
                    SELECT asked.* FROM ROWS FROM (
                        jsonb_to_recordset(change -> 'seats')
                        AS (branch text, service text, starts_at timestamptz, delta bigint, capacity bigint)
                    ) WITH ORDINALITY AS asked
                    ORDER BY asked.ordinality
                LOOP
                    SELECT taken INTO written FROM traffic_booking.seats AS stored
                    WHERE stored.branch = seat.branch AND stored.service = seat.service
                        AND stored.starts_at = seat.starts_at;
                    written := coalesce(written, 0) + seat.delta;
                    IF written < 0 OR seat.delta > 0 AND written > seat.capacity THEN
                        failed := 'seats';
                        EXIT guards;
                    END IF;
                    at_seat := at_seat + 1;
                END LOOP;
                at_seat := NULL;
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
        withdrawn_at = excluded.withdrawn_at, moves = excluded.moves
    WHERE stored.version = excluded.version - 1;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$$;

-- Commits changes that share no name but slots, with a statement a table. Where the guard of one of them doesn't hold,
-- nothing is written (SQLSTATE TB001), and `commit_each` tells which guard of which change it was. Each table's columns
-- come side by side, its rows in the order of their keys. Of a slot: by how much `taken` moves in all, and what it may
-- be before, so that each change in its turn stays within its capacity and above nothing.
CREATE FUNCTION traffic_booking.commit_together(
    calendar integer, locks bigint[], revision bigint,
    request_ids text[], commands text[], outcomes text[], decided_at timestamptz[], answer_rulebooks text[],
    findings text[], decided_on text[],
    applicants text[], expected bigint[],
    numbers text[], versions bigint[], states text[], branches text[], services text[], starts_at timestamptz[],
    ends_at timestamptz[], time_zones text[], persons text[], rulebooks text[], changed_at timestamptz[],
    hold_ends_at timestamptz[], instructions text[], withdrawn_at timestamptz[], moves bigint[],
    event_numbers text[], event_versions bigint[], kinds text[], happened_at timestamptz[], actors text[],
    event_rulebooks text[], event_requests text[], details text[],
    seat_branches text[], seat_services text[], seat_starts timestamptz[], deltas bigint[], at_least bigint[],
    at_most bigint[]
) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    written bigint;
    added bigint;
BEGIN
    PERFORM traffic_booking.take_locks(calendar, locks);
    IF revision <> traffic_booking.calendar_revision() THEN
        RAISE SQLSTATE 'TB001' USING MESSAGE = 'the calendar has another revision';
    END IF;

    IF cardinality(request_ids) > 0 THEN
        INSERT INTO traffic_booking.answers
        SELECT * FROM unnest(request_ids, commands, outcomes, decided_at, answer_rulebooks, findings, decided_on)
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> cardinality(request_ids) THEN
            RAISE SQLSTATE 'TB001' USING MESSAGE = 'a request has been answered';
        END IF;
    END IF;

    IF cardinality(applicants) > 0 THEN
        INSERT INTO traffic_booking.standings AS stored (applicant, version)
        SELECT asked.applicant, asked.expected + 1 FROM unnest(applicants, expected) AS asked (applicant, expected)
        WHERE asked.expected = 0
            OR (SELECT true FROM traffic_booking.standings AS old WHERE old.applicant = asked.applicant)
        ON CONFLICT (applicant) DO UPDATE SET version = excluded.version WHERE stored.version = excluded.version - 1;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> cardinality(applicants) THEN
            RAISE SQLSTATE 'TB001' USING MESSAGE = 'a standing has another version';
        END IF;
    END IF;

    IF cardinality(numbers) > 0 THEN
        INSERT INTO traffic_booking.appointments AS stored
        SELECT * FROM unnest(
            numbers, versions, states, branches, services, starts_at, ends_at, time_zones, persons, rulebooks,
            changed_at, hold_ends_at, instructions, withdrawn_at, moves
        ) AS made (number, version)
        WHERE made.version = 1
            OR (SELECT true FROM traffic_booking.appointments AS old WHERE old.number = made.number)
        ON CONFLICT (number) DO UPDATE SET
            version = excluded.version, state = excluded.state, branch = excluded.branch, service = excluded.service,
            starts_at = excluded.starts_at, ends_at = excluded.ends_at, time_zone = excluded.time_zone,
            applicant = excluded.applicant, rulebook = excluded.rulebook, changed_at = excluded.changed_at,
            hold_ends_at = excluded.hold_ends_at, instructions = excluded.instructions,
            withdrawn_at = excluded.withdrawn_at, moves = excluded.moves
        WHERE stored.version = excluded.version - 1;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> cardinality(numbers) THEN
            RAISE SQLSTATE 'TB001' USING MESSAGE = 'an appointment has another version';
        END IF;
    END IF;
    IF cardinality(event_numbers) > 0 THEN
        INSERT INTO traffic_booking.events
        SELECT * FROM unnest(
            event_numbers, event_versions, kinds, happened_at, actors, event_rulebooks, event_requests, details
        );
    END IF;

    IF cardinality(seat_branches) > 0 THEN
        UPDATE traffic_booking.seats AS stored SET taken = stored.taken + moved.delta
        FROM unnest(seat_branches, seat_services, seat_starts, deltas, at_least, at_most)
            AS moved (branch, service, starts_at, delta, at_least, at_most)
        WHERE stored.branch = moved.branch AND stored.service = moved.service AND stored.starts_at = moved.starts_at
            AND stored.taken BETWEEN moved.at_least AND moved.at_most;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> cardinality(seat_branches) THEN
            INSERT INTO traffic_booking.seats (branch, service, starts_at, taken)
            SELECT moved.branch, moved.service, moved.starts_at, moved.delta
            FROM unnest(seat_branches, seat_services, seat_starts, deltas, at_least, at_most)
                AS moved (branch, service, starts_at, delta, at_least, at_most)
            WHERE 0 BETWEEN moved.at_least AND moved.at_most
            ON CONFLICT DO NOTHING;
            GET DIAGNOSTICS added = ROW_COUNT;
            IF written + added = 0 THEN -- somebody else has just made the rows
                UPDATE traffic_booking.seats AS stored SET taken = stored.taken + moved.delta
                FROM unnest(seat_branches, seat_services, seat_starts, deltas, at_least, at_most)
                    AS moved (branch, service, starts_at, delta, at_least, at_most)
                WHERE stored.branch = moved.branch AND stored.service = moved.service AND stored.starts_at = moved.starts_at
                    AND stored.taken BETWEEN moved.at_least AND moved.at_most;
                GET DIAGNOSTICS added = ROW_COUNT;
            END IF;
            IF written + added <> cardinality(seat_branches) THEN
                RAISE SQLSTATE 'TB001' USING MESSAGE = 'a slot has no seat to take or to give back';
            END IF;
        END IF;
    END IF;
END
$$;
