-- What the rules said of a request and what they looked at; empty for answers of earlier releases.
ALTER TABLE answers ADD COLUMN findings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE answers ADD COLUMN decided_on TEXT;

-- When the applicant cancelled what was booked. What was cancelled before this column was added stays without.
ALTER TABLE appointments ADD COLUMN withdrawn_at INTEGER;
