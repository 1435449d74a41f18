-- Instants are whole microseconds since 1970-01-01T00:00:00Z. Persons are their ten digits.
-- No foreign keys and no numbers drawn from a global sequence: rows stay apart by branch or by applicant.

CREATE TABLE seats (
    branch TEXT NOT NULL,
    service TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    taken INTEGER NOT NULL CHECK (taken >= 0),
    PRIMARY KEY (branch, service, starts_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE standings (
    applicant TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL CHECK (version >= 1)
) STRICT, WITHOUT ROWID;

-- A number starts with its branch's code, so this key leads with the branch as well.
CREATE TABLE appointments (
    number TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL CHECK (version >= 1),
    state TEXT NOT NULL,
    branch TEXT NOT NULL,
    service TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    time_zone TEXT NOT NULL,
    applicant TEXT NOT NULL,
    rulebook TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    hold_ends_at INTEGER,
    instructions TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX appointments_of_applicant ON appointments (applicant, ends_at);

-- Few appointments are holds at any moment, and a booking made straight away touches neither of these.
CREATE INDEX holds_by_end ON appointments (hold_ends_at, number) WHERE hold_ends_at IS NOT NULL;
CREATE INDEX holds_of_slot ON appointments (branch, service, starts_at, hold_ends_at)
    WHERE hold_ends_at IS NOT NULL;

-- Rows too wide for a table without row ids, and only ever added: they go to the end of the table.
CREATE TABLE answers (
    request_id TEXT NOT NULL PRIMARY KEY,
    command TEXT NOT NULL,
    outcome TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    rulebook TEXT NOT NULL
) STRICT;

CREATE TABLE events (
    number TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    rulebook TEXT NOT NULL,
    request_id TEXT,
    details TEXT NOT NULL,
    PRIMARY KEY (number, version)
) STRICT;

CREATE TABLE once_keys (
    once_key TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_in_attempts (
    applicant TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL CHECK (version >= 1),
    failures INTEGER NOT NULL CHECK (failures >= 0),
    locked_until INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE password_hashes (
    applicant TEXT NOT NULL PRIMARY KEY,
    encoded TEXT NOT NULL
) STRICT, WITHOUT ROWID;
