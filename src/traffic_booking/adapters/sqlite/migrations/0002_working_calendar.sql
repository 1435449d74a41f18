-- What staff have declared, numbered from 1 without gaps: few rows, read by all, never altered.
CREATE TABLE calendar_entries (
    number INTEGER NOT NULL PRIMARY KEY CHECK (number >= 1),
    entry TEXT NOT NULL
) STRICT;

-- Who comes to a branch on a day: what a closure looks up.
CREATE INDEX seated_at_branch ON appointments (branch, starts_at) WHERE state IN ('held', 'booked', 'checked-in');
