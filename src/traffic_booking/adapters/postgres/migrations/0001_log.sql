-- The log, and the first and last function of a commit: they are the same for every schema. The tables of
-- collections and counters, and the functions that write them, are made from their declarations (`declarations.py`).

-- A log continues in a new generation if its entries have greater transaction numbers than the server gives next, as
-- after a dump was restored into a new cluster. New entries are of the newest generation.
CREATE TABLE traffic_booking.generations (
    generation bigint PRIMARY KEY,
    begun_at timestamptz NOT NULL DEFAULT now(),
    trimmed_by xid8 -- the last transaction that removed entries: a removed one may have had the greatest number
);
INSERT INTO traffic_booking.generations VALUES (1);

-- Ordered by the transaction's number: readers stop before the oldest transaction that is under way, and so miss none.
CREATE TABLE traffic_booking.log (
    generation bigint NOT NULL,
    xid xid8 NOT NULL,
    place bigint NOT NULL CHECK (place BETWEEN 1 AND 1048575),
    stream text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (generation, xid, place)
) WITH (toast_tuple_target = 8160);
CREATE INDEX log_of_stream ON traffic_booking.log (stream);

-- `locks` ascend, so that nobody waits in a circle; an even one is shared, an odd one exclusive. `IF` evaluates a simple
-- expression without a query.
CREATE FUNCTION traffic_booking.take_locks(locks bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one bigint;
BEGIN
    FOREACH one IN ARRAY locks LOOP
        IF one & 1 = 0 THEN
            IF pg_catalog.pg_advisory_xact_lock_shared(one >> 1) IS NULL THEN END IF;
        ELSE
            IF pg_catalog.pg_advisory_xact_lock(one >> 1) IS NULL THEN END IF;
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION traffic_booking.append(streams text[], kinds text[], bodies text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    newest bigint := (SELECT max(generation) FROM traffic_booking.generations);
BEGIN
    IF cardinality(streams) = 1 THEN
        INSERT INTO traffic_booking.log (generation, xid, place, stream, kind, body)
        VALUES (newest, pg_current_xact_id(), 1, streams[1], kinds[1], bodies[1]);
    ELSE
        INSERT INTO traffic_booking.log (generation, xid, place, stream, kind, body)
        SELECT newest, pg_current_xact_id(), asked.place, asked.stream, asked.kind, asked.body
        FROM unnest(streams, kinds, bodies) WITH ORDINALITY AS asked (stream, kind, body, place);
    END IF;
END
$$;

-- One at a time, by the row of the newest generation: two that removed the same entries could wait for each other.
CREATE FUNCTION traffic_booking.trim_streams(streams text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE traffic_booking.generations SET trimmed_by = pg_current_xact_id()
    WHERE generation = (SELECT max(generation) FROM traffic_booking.generations);
    DELETE FROM traffic_booking.log WHERE stream = ANY (streams);
END
$$;
