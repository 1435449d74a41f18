-- How often an appointment was moved; none was before this column was added.
ALTER TABLE appointments ADD COLUMN moves INTEGER NOT NULL DEFAULT 0 CHECK (moves >= 0);
