-- Spreads the tables over the machines of a Citus cluster, and has the functions ask them one key at a time. Run after
-- the migrations, each time that some were taken: by `traffic-booking migrate --citus`, or printed and run by hand.
--
-- Citus takes a statement that looks up one key of one table, one that adds what a function gives, and a search of one
-- table; it takes no look-ups that depend on one another's rows. A commit on several machines is one in two phases, and
-- a reader may see it done on one machine and not yet on another. What is decided rests on a person's standing and
-- appointments together: so they are read under the lock of the person's name that every commit holds to its end. All
-- of it is on the one coordinator that desks connect to.

CREATE OR REPLACE FUNCTION traffic_booking.facts(
    branches text[], services text[], starts_at timestamptz[],
    request_ids text[], applicants text[], numbers text[], ending_after timestamptz[]
) RETURNS TABLE (answered jsonb, named jsonb, version bigint, theirs jsonb[], revision bigint, taken bigint[])
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    persons text[];
    person text;
    lock bigint;
    seats bigint;
    one record;
BEGIN
    FOR asked IN 1 .. cardinality(request_ids) LOOP
        person := applicants[asked];
        IF numbers[asked] IS NOT NULL THEN
            SELECT stored.applicant INTO one FROM traffic_booking.appointments AS stored
            WHERE stored.number = numbers[asked];
            person := coalesce(one.applicant, person);
        END IF;
        persons[asked] := person;
    END LOOP;
    FOR lock IN
        SELECT DISTINCT 8386350131397525504 + (right(name, 5)::bigint & 65535) FROM unnest(persons) AS name
        WHERE name IS NOT NULL ORDER BY 1
    LOOP
        PERFORM pg_catalog.pg_advisory_xact_lock_shared(lock);
    END LOOP;

    revision := traffic_booking.calendar_revision();
    taken := '{}';
    FOR asked IN 1 .. cardinality(branches) LOOP
        SELECT stored.taken INTO seats FROM traffic_booking.seats AS stored
        WHERE stored.branch = branches[asked] AND stored.service = services[asked]
            AND stored.starts_at = facts.starts_at[asked];
        taken := taken || coalesce(seats, 0);
    END LOOP;
    FOR asked IN 1 .. cardinality(request_ids) LOOP
        person := persons[asked];
        SELECT to_jsonb(stored) INTO answered FROM traffic_booking.answers AS stored
        WHERE stored.request_id = request_ids[asked];
        SELECT to_jsonb(stored) INTO named FROM traffic_booking.appointments AS stored
        WHERE stored.number = numbers[asked];
        IF person IS DISTINCT FROM coalesce(named ->> 'applicant', person) THEN -- it has come while we waited
            person := named ->> 'applicant';
            PERFORM pg_catalog.pg_advisory_xact_lock_shared(8386350131397525504 + (right(person, 5)::bigint & 65535));
        END IF;
        SELECT stored.version INTO version FROM traffic_booking.standings AS stored WHERE stored.applicant = person;
        theirs := '{}';
        FOR one IN
            SELECT stored.* FROM traffic_booking.appointments AS stored
            WHERE stored.applicant = person AND stored.ends_at > facts.ending_after[asked]
            ORDER BY stored.starts_at, stored.number
        LOOP
            theirs := theirs || to_jsonb(one);
        END LOOP;
        RETURN NEXT;
        revision := NULL;
        taken := NULL;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION traffic_booking.seats_taken(
    lapsed_by timestamptz, branches text[], services text[], from_ timestamptz[], until timestamptz[]
) RETURNS TABLE (branch text, service text, starts_at timestamptz, taken bigint, lapsed bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    FOR asked IN 1 .. cardinality(branches) LOOP
        branch := branches[asked];
        service := services[asked];
        FOR starts_at, taken IN
            SELECT stored.starts_at, stored.taken FROM traffic_booking.seats AS stored
            WHERE stored.branch = branches[asked] AND stored.service = services[asked]
                AND stored.starts_at >= seats_taken.from_[asked] AND stored.starts_at < seats_taken.until[asked]
                AND stored.taken > 0
        LOOP
            SELECT count(*) INTO lapsed FROM traffic_booking.appointments AS hold
            WHERE hold.branch = branches[asked] AND hold.service = services[asked]
                AND hold.starts_at = seats_taken.starts_at AND hold.hold_ends_at <= lapsed_by;
            RETURN NEXT;
        END LOOP;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION traffic_booking.page_of_appointments(after text, most bigint)
RETURNS TABLE (number text, appointment jsonb, events jsonb[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
    numbers text[];
    one record;
BEGIN
    FOR one IN
        SELECT stored.number FROM traffic_booking.appointments AS stored
        WHERE stored.number > after ORDER BY stored.number LIMIT most
    LOOP
        numbers := numbers || one.number;
    END LOOP;
    FOR one IN
        SELECT DISTINCT stored.number FROM traffic_booking.events AS stored
        WHERE stored.number > after ORDER BY stored.number LIMIT most
    LOOP
        numbers := numbers || one.number;
    END LOOP;
    FOR number IN SELECT DISTINCT name COLLATE "C" FROM unnest(numbers) AS name ORDER BY 1 LIMIT most LOOP
        SELECT to_jsonb(stored) INTO appointment FROM traffic_booking.appointments AS stored
        WHERE stored.number = page_of_appointments.number;
        events := '{}';
        FOR one IN
            SELECT stored.* FROM traffic_booking.events AS stored
            WHERE stored.number = page_of_appointments.number ORDER BY stored.version
        LOOP
            events := events || to_jsonb(one);
        END LOOP;
        RETURN NEXT;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION traffic_booking.page_of_slots(
    after_branch text, after_service text, after_starts_at timestamptz, most bigint
) RETURNS TABLE (branch text, service text, starts_at timestamptz, taken bigint, seated bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    FOR branch, service, starts_at, taken IN
        SELECT stored.branch, stored.service, stored.starts_at, stored.taken FROM traffic_booking.seats AS stored
        WHERE (stored.branch, stored.service, stored.starts_at) > (after_branch, after_service, after_starts_at)
            AND stored.taken > 0
        ORDER BY stored.branch, stored.service, stored.starts_at LIMIT most
    LOOP
        SELECT count(*) INTO seated FROM traffic_booking.appointments AS held
        WHERE held.branch = page_of_slots.branch AND held.starts_at = page_of_slots.starts_at
            AND held.service = page_of_slots.service AND held.state IN ('held', 'booked', 'checked-in');
        RETURN NEXT;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION traffic_booking.commit_together(
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
    missing integer[] := '{}';
    i integer;
BEGIN
    PERFORM traffic_booking.take_locks(calendar, locks);
    IF revision <> traffic_booking.calendar_revision() THEN
        RAISE SQLSTATE 'TB001' USING MESSAGE = 'the calendar has another revision';
    END IF;

    FOR i IN 1 .. cardinality(request_ids) LOOP
        INSERT INTO traffic_booking.answers
        VALUES (
            request_ids[i], commands[i], outcomes[i], commit_together.decided_at[i], answer_rulebooks[i],
            commit_together.findings[i], commit_together.decided_on[i]
        )
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RAISE SQLSTATE 'TB001' USING MESSAGE = 'a request has been answered';
        END IF;
    END LOOP;

    FOR i IN 1 .. cardinality(applicants) LOOP
        IF expected[i] = 0 THEN
            INSERT INTO traffic_booking.standings VALUES (applicants[i], 1) ON CONFLICT DO NOTHING;
        ELSE
            UPDATE traffic_booking.standings AS stored SET version = expected[i] + 1
            WHERE stored.applicant = applicants[i] AND stored.version = expected[i];
        END IF;
        IF NOT FOUND THEN
            RAISE SQLSTATE 'TB001' USING MESSAGE = 'a standing has another version';
        END IF;
    END LOOP;

    FOR i IN 1 .. cardinality(numbers) LOOP
        IF versions[i] = 1 THEN
            INSERT INTO traffic_booking.appointments
            VALUES (
                numbers[i], 1, states[i], branches[i], services[i], commit_together.starts_at[i],
                commit_together.ends_at[i], time_zones[i], persons[i], rulebooks[i], commit_together.changed_at[i],
                commit_together.hold_ends_at[i], commit_together.instructions[i], commit_together.withdrawn_at[i],
                commit_together.moves[i]
            )
            ON CONFLICT DO NOTHING;
        ELSE
            UPDATE traffic_booking.appointments AS stored SET
                version = versions[i], state = states[i], branch = branches[i], service = services[i],
                starts_at = commit_together.starts_at[i], ends_at = commit_together.ends_at[i],
                time_zone = time_zones[i], applicant = persons[i], rulebook = rulebooks[i],
                changed_at = commit_together.changed_at[i], hold_ends_at = commit_together.hold_ends_at[i],
                instructions = commit_together.instructions[i], withdrawn_at = commit_together.withdrawn_at[i],
                moves = commit_together.moves[i]
            WHERE stored.number = numbers[i] AND stored.version = versions[i] - 1;
        END IF;
        IF NOT FOUND THEN
            RAISE SQLSTATE 'TB001' USING MESSAGE = 'an appointment has another version';
        END IF;
    END LOOP;
    FOR i IN 1 .. cardinality(event_numbers) LOOP
        INSERT INTO traffic_booking.events
        VALUES (
            event_numbers[i], event_versions[i], kinds[i], happened_at[i], actors[i], event_rulebooks[i],
            event_requests[i], commit_together.details[i]
        );
    END LOOP;

    FOR i IN 1 .. cardinality(seat_branches) LOOP
        UPDATE traffic_booking.seats AS stored SET taken = stored.taken + deltas[i]
        WHERE stored.branch = seat_branches[i] AND stored.service = seat_services[i]
            AND stored.starts_at = seat_starts[i] AND stored.taken BETWEEN at_least[i] AND at_most[i];
        IF NOT FOUND THEN
            missing := missing || i;
        END IF;
    END LOOP;
    FOREACH i IN ARRAY missing LOOP
        IF 0 BETWEEN at_least[i] AND at_most[i] THEN
            INSERT INTO traffic_booking.seats (branch, service, starts_at, taken)
            VALUES (seat_branches[i], seat_services[i], seat_starts[i], deltas[i])
            ON CONFLICT DO NOTHING;
            CONTINUE WHEN FOUND;
        END IF;
        UPDATE traffic_booking.seats AS stored SET taken = stored.taken + deltas[i]
        WHERE stored.branch = seat_branches[i] AND stored.service = seat_services[i]
            AND stored.starts_at = seat_starts[i] AND stored.taken BETWEEN at_least[i] AND at_most[i];
        IF NOT FOUND THEN
            RAISE SQLSTATE 'TB001' USING MESSAGE = 'a slot has no seat to take or to give back';
        END IF;
    END LOOP;
END
$$;

DO $$
DECLARE
    spread record;
BEGIN
    FOR spread IN
        SELECT 'traffic_booking.' || placed.name AS name, placed.key, placed.beside FROM (VALUES
            (1, 'seats', 'branch', 'none'),
            (2, 'appointments', 'number', 'none'), -- which stays when an appointment moves to another branch
            (3, 'events', 'number', 'traffic_booking.appointments'),
            (4, 'standings', 'applicant', 'none'),
            (5, 'sign_in_attempts', 'applicant', 'traffic_booking.standings'),
            (6, 'password_hashes', 'applicant', 'traffic_booking.standings'),
            (7, 'answers', 'request_id', 'none'),
            (8, 'once_keys', 'once_key', 'none'),
            (9, 'calendar_entries', NULL, NULL) -- few rows, read by all: every machine has them
        ) AS placed (place, name, key, beside)
        WHERE NOT EXISTS (
            SELECT FROM pg_dist_partition WHERE logicalrelid = ('traffic_booking.' || placed.name)::regclass
        )
        ORDER BY placed.place
    LOOP
        IF spread.key IS NULL THEN
            PERFORM create_reference_table(spread.name::regclass);
        ELSE
            PERFORM create_distributed_table(spread.name::regclass, spread.key, colocate_with => spread.beside);
        END IF;
    END LOOP;
END
$$;
