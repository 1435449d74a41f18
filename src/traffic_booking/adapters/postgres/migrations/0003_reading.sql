-- What is read of several tables in one round trip. Each is a query that the server plans with the one that calls it; the
-- scalar subqueries make it look up each key by its index, whatever it believes about the sizes of tables.

-- Of a round's questions many are about one slot, so slots stand apart, each once; they and the calendar are answered in
-- the first row. A question without a person gets that of the appointment that it names.
CREATE FUNCTION traffic_booking.facts(
    branches text[], services text[], starts_at timestamptz[],
    request_ids text[], applicants text[], numbers text[], ending_after timestamptz[]
) RETURNS TABLE (answered jsonb, named jsonb, version bigint, theirs jsonb[], revision bigint, taken bigint[])
LANGUAGE sql STABLE AS $$
    SELECT
        (SELECT to_jsonb(stored) FROM traffic_booking.answers AS stored WHERE stored.request_id = asked.request_id),
        named.row,
        (SELECT stored.version FROM traffic_booking.standings AS stored WHERE stored.applicant = person.id),
        ARRAY(
            SELECT to_jsonb(theirs) FROM traffic_booking.appointments AS theirs
            WHERE theirs.applicant = person.id AND theirs.ends_at > asked.ending_after
            ORDER BY theirs.starts_at, theirs.number
        ),
        CASE asked.place WHEN 1 THEN (SELECT coalesce(max(number), 0) FROM traffic_booking.calendar_entries) END,
        CASE asked.place WHEN 1 THEN ARRAY(
            SELECT coalesce((
                SELECT stored.taken FROM traffic_booking.seats AS stored
                WHERE stored.branch = slot.branch AND stored.service = slot.service
                    AND stored.starts_at = slot.starts_at
            ), 0)
            FROM unnest(branches, services, facts.starts_at)
                WITH ORDINALITY AS slot (branch, service, starts_at, place)
            ORDER BY slot.place
        ) END
    FROM unnest(request_ids, applicants, numbers, facts.ending_after)
        WITH ORDINALITY AS asked (request_id, applicant, number, ending_after, place)
    LEFT JOIN LATERAL (
        SELECT to_jsonb(stored) AS row FROM traffic_booking.appointments AS stored WHERE stored.number = asked.number
    ) AS named ON true
    CROSS JOIN LATERAL (SELECT coalesce(named.row ->> 'applicant', asked.applicant) AS id) AS person
    ORDER BY asked.place
$$;

-- The seats taken in ranges of slots, and how many of them belong to holds that have run out.
CREATE FUNCTION traffic_booking.seats_taken(
    lapsed_by timestamptz, branches text[], services text[], from_ timestamptz[], until timestamptz[]
) RETURNS TABLE (branch text, service text, starts_at timestamptz, taken bigint, lapsed bigint)
LANGUAGE sql STABLE AS $$
    SELECT asked.branch, asked.service, seats.starts_at, seats.taken,
        (
            SELECT count(*) FROM traffic_booking.appointments AS hold
            WHERE hold.branch = asked.branch AND hold.service = asked.service AND hold.starts_at = seats.starts_at
                AND hold.hold_ends_at <= lapsed_by
        )
    FROM unnest(branches, services, seats_taken.from_, seats_taken.until) AS asked (branch, service, from_, until)
    CROSS JOIN LATERAL (
        SELECT stored.starts_at, stored.taken FROM traffic_booking.seats AS stored
        WHERE stored.branch = asked.branch AND stored.service = asked.service
            AND stored.starts_at >= asked.from_ AND stored.starts_at < asked.until AND stored.taken > 0
    ) AS seats
$$;

-- A page of what is stored under each number: the appointment, and its events, either of which may be missing. Each
-- table gives its own first numbers by its key, so that a page costs the same wherever it begins.
CREATE FUNCTION traffic_booking.page_of_appointments(after text, most bigint)
RETURNS TABLE (number text, appointment jsonb, events jsonb[])
LANGUAGE sql STABLE AS $$
    WITH page AS (
        SELECT number FROM (
            (
                SELECT stored.number FROM traffic_booking.appointments AS stored
                WHERE stored.number > after ORDER BY stored.number LIMIT most
            )
            UNION
            (
                SELECT DISTINCT stored.number FROM traffic_booking.events AS stored
                WHERE stored.number > after ORDER BY stored.number LIMIT most
            )
        ) AS either
        ORDER BY number LIMIT most
    )
    SELECT
        page.number,
        (SELECT to_jsonb(stored) FROM traffic_booking.appointments AS stored WHERE stored.number = page.number),
        ARRAY(
            SELECT to_jsonb(stored) FROM traffic_booking.events AS stored WHERE stored.number = page.number
            ORDER BY stored.version
        )
    FROM page ORDER BY page.number
$$;

-- A page of slots: the seats taken by the count, and by the appointments that have one.
CREATE FUNCTION traffic_booking.page_of_slots(
    after_branch text, after_service text, after_starts_at timestamptz, most bigint
) RETURNS TABLE (branch text, service text, starts_at timestamptz, taken bigint, seated bigint)
LANGUAGE sql STABLE AS $$
    SELECT seats.branch, seats.service, seats.starts_at, seats.taken,
        (
            SELECT count(*) FROM traffic_booking.appointments AS seated
            WHERE seated.branch = seats.branch AND seated.starts_at = seats.starts_at
                AND seated.service = seats.service AND seated.state IN ('held', 'booked', 'checked-in')
        )
    FROM traffic_booking.seats AS seats
    WHERE (seats.branch, seats.service, seats.starts_at) > (after_branch, after_service, after_starts_at)
        AND seats.taken > 0
    ORDER BY seats.branch, seats.service, seats.starts_at LIMIT most
$$;
