-- The log of everything that happened. AUTOINCREMENT: after the newest entries were removed, their positions are not
-- given again.
CREATE TABLE log (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    stream TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX log_of_stream ON log (stream, position);
