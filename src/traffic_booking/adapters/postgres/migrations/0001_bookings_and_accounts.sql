-- Persons are their ten digits. Keys compare byte by byte (COLLATE "C"), as the library's own order does.
-- No foreign keys, no sequences, no row that every booking writes: rows stay apart by branch or by applicant.

-- A booking alters one row here, the applicant's or the slot's: room in the page keeps the new version beside the old.
CREATE TABLE traffic_booking.seats (
    branch text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    starts_at timestamptz NOT NULL,
    taken bigint NOT NULL CHECK (taken >= 0),
    PRIMARY KEY (branch, service, starts_at)
) WITH (fillfactor = 70);

CREATE TABLE traffic_booking.standings (
    applicant text COLLATE "C" NOT NULL PRIMARY KEY CHECK (applicant ~ '^[0-9]{10}$'),
    version bigint NOT NULL CHECK (version >= 1)
) WITH (fillfactor = 70);

-- A number starts with its branch's code, so this key leads with the branch as well.
CREATE TABLE traffic_booking.appointments (
    number text COLLATE "C" NOT NULL PRIMARY KEY,
    version bigint NOT NULL CHECK (version >= 1),
    state text COLLATE "C" NOT NULL CHECK (state <> ''),
    branch text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    time_zone text NOT NULL,
    applicant text COLLATE "C" NOT NULL CHECK (applicant ~ '^[0-9]{10}$'),
    rulebook text NOT NULL,
    changed_at timestamptz NOT NULL,
    hold_ends_at timestamptz,
    instructions text,
    withdrawn_at timestamptz,
    moves bigint NOT NULL CHECK (moves >= 0)
);

CREATE INDEX appointments_of_applicant ON traffic_booking.appointments (applicant, ends_at);

-- Few appointments are holds at any moment, and a booking made straight away touches neither of these.
CREATE INDEX holds_by_end ON traffic_booking.appointments (hold_ends_at, number) WHERE hold_ends_at IS NOT NULL;
CREATE INDEX holds_of_slot ON traffic_booking.appointments (branch, service, starts_at, hold_ends_at)
    WHERE hold_ends_at IS NOT NULL;

-- Who comes to a branch on a day: what a closure looks up.
CREATE INDEX seated_at_branch ON traffic_booking.appointments (branch, starts_at)
    WHERE state IN ('held', 'booked', 'checked-in');

-- The tables from here on, but for the last two, are only ever added to. An answer is some 2.3 kB: compressing it, which
-- the server would do from 2 kB, takes longer than all the rest of a booking.
CREATE TABLE traffic_booking.answers (
    request_id text COLLATE "C" NOT NULL PRIMARY KEY,
    command text NOT NULL,
    outcome text NOT NULL,
    decided_at timestamptz NOT NULL,
    rulebook text NOT NULL,
    findings text NOT NULL,
    decided_on text
) WITH (toast_tuple_target = 8160);

CREATE TABLE traffic_booking.events (
    number text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    rulebook text NOT NULL,
    request_id text,
    details text NOT NULL,
    PRIMARY KEY (number, version)
);

CREATE TABLE traffic_booking.once_keys (
    once_key text COLLATE "C" NOT NULL PRIMARY KEY
);

-- What staff have declared, numbered from 1 without gaps: few rows, read by all, never altered.
CREATE TABLE traffic_booking.calendar_entries (
    number bigint NOT NULL PRIMARY KEY CHECK (number >= 1),
    entry text NOT NULL
);

CREATE TABLE traffic_booking.sign_in_attempts (
    applicant text COLLATE "C" NOT NULL PRIMARY KEY CHECK (applicant ~ '^[0-9]{10}$'),
    version bigint NOT NULL CHECK (version >= 1),
    failures bigint NOT NULL CHECK (failures >= 0),
    locked_until timestamptz
) WITH (fillfactor = 70);

CREATE TABLE traffic_booking.password_hashes (
    applicant text COLLATE "C" NOT NULL PRIMARY KEY CHECK (applicant ~ '^[0-9]{10}$'),
    encoded text NOT NULL CHECK (length(encoded) <= 512)
) WITH (fillfactor = 70);
