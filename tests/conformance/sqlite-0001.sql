-- What a store of the first schema held after the kit's sample_store; persons are filled in.
PRAGMA application_id = 1952599410;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE answers (
    request_id TEXT NOT NULL PRIMARY KEY,
    command TEXT NOT NULL,
    outcome TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    rulebook TEXT NOT NULL
) STRICT;
INSERT INTO "answers" VALUES('request-1','{"request_id":"request-1","actor":"person:{ME}","applicant":"{ME}","slot":{"branch":"north","service":"renewal","starts_at":"2026-11-22T05:00:00+00:00"},"agreed":true,"kind":"book"}','{"appointment":{"number":"0010-0000-0206","version":1,"state":"booked","slot":{"branch":"north","service":"renewal","starts_at":"2026-11-22T05:00:00+00:00"},"slot_ends_at":"2026-11-22T05:15:00+00:00","time_zone":"Asia/Riyadh","applicant":"{ME}","rulebook":"test-1","changed_at":"2026-11-22T04:00:00+00:00","hold_ends_at":null,"instructions":"2026-11-01"},"kind":"booked"}',1795320000000000,'test-1');
INSERT INTO "answers" VALUES('request-3','{"request_id":"request-3","actor":"person:{YOU}","applicant":"{YOU}","slot":{"branch":"north","service":"renewal","starts_at":"2026-11-22T07:00:00+00:00"},"agreed":true,"kind":"book"}','{"appointment":{"number":"0010-0000-060Q","version":1,"state":"booked","slot":{"branch":"north","service":"renewal","starts_at":"2026-11-22T07:00:00+00:00"},"slot_ends_at":"2026-11-22T07:15:00+00:00","time_zone":"Asia/Riyadh","applicant":"{YOU}","rulebook":"test-1","changed_at":"2026-11-22T04:00:00+00:00","hold_ends_at":null,"instructions":"2026-11-01"},"kind":"booked"}',1795320000000000,'test-1');
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
INSERT INTO "appointments" VALUES('0010-0000-0206',1,'booked','north','renewal',1795323600000000,1795324500000000,'Asia/Riyadh','{ME}','test-1',1795320000000000,NULL,'2026-11-01');
INSERT INTO "appointments" VALUES('0010-0000-043U',1,'held','north','renewal',1795327200000000,1795328100000000,'Asia/Riyadh','{YOU}','test-1',1795320000000000,1795320600000000,NULL);
INSERT INTO "appointments" VALUES('0010-0000-060Q',2,'cancelled','north','renewal',1795330800000000,1795331700000000,'Asia/Riyadh','{YOU}','test-1',1795320000000000,NULL,'2026-11-01');
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
INSERT INTO "events" VALUES('0010-0000-0206',1,'booked',1795320000000000,'person:{ME}','test-1','request-1','{"slot":{"branch":"north","service":"renewal","starts_at":"2026-11-22T05:00:00+00:00"},"slot_ends_at":"2026-11-22T05:15:00+00:00","time_zone":"Asia/Riyadh","applicant":"{ME}","instructions":"2026-11-01"}');
INSERT INTO "events" VALUES('0010-0000-043U',1,'held',1795320000000000,'person:{YOU}','test-1',NULL,'{"slot":{"branch":"north","service":"renewal","starts_at":"2026-11-22T06:00:00+00:00"},"slot_ends_at":"2026-11-22T06:15:00+00:00","time_zone":"Asia/Riyadh","applicant":"{YOU}","hold_ends_at":"2026-11-22T04:10:00+00:00"}');
INSERT INTO "events" VALUES('0010-0000-060Q',1,'booked',1795320000000000,'person:{YOU}','test-1','request-3','{"slot":{"branch":"north","service":"renewal","starts_at":"2026-11-22T07:00:00+00:00"},"slot_ends_at":"2026-11-22T07:15:00+00:00","time_zone":"Asia/Riyadh","applicant":"{YOU}","instructions":"2026-11-01"}');
INSERT INTO "events" VALUES('0010-0000-060Q',2,'cancelled',1795320000000000,'person:{YOU}','test-1',NULL,'{}');
CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT;
INSERT INTO "migrations" VALUES(1,'0001_bookings_and_accounts.sql','41be968ea5e8d2f2942740f74b39e55269fa96965f9130fe870a340b9b8f45b9');
CREATE TABLE once_keys (
    once_key TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO "once_keys" VALUES('code');
CREATE TABLE password_hashes (
    applicant TEXT NOT NULL PRIMARY KEY,
    encoded TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "password_hashes" VALUES('{ME}','hash');
CREATE TABLE seats (
    branch TEXT NOT NULL,
    service TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    taken INTEGER NOT NULL CHECK (taken >= 0),
    PRIMARY KEY (branch, service, starts_at)
) STRICT, WITHOUT ROWID;
INSERT INTO "seats" VALUES('north','renewal',1795323600000000,1);
INSERT INTO "seats" VALUES('north','renewal',1795327200000000,1);
INSERT INTO "seats" VALUES('north','renewal',1795330800000000,0);
CREATE TABLE sign_in_attempts (
    applicant TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL CHECK (version >= 1),
    failures INTEGER NOT NULL CHECK (failures >= 0),
    locked_until INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO "sign_in_attempts" VALUES('{ME}',1,2,1795323600000001);
CREATE TABLE standings (
    applicant TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL CHECK (version >= 1)
) STRICT, WITHOUT ROWID;
INSERT INTO "standings" VALUES('{ME}',1);
INSERT INTO "standings" VALUES('{YOU}',2);
CREATE INDEX appointments_of_applicant ON appointments (applicant, ends_at);
CREATE INDEX holds_by_end ON appointments (hold_ends_at, number) WHERE hold_ends_at IS NOT NULL;
CREATE INDEX holds_of_slot ON appointments (branch, service, starts_at, hold_ends_at)
    WHERE hold_ends_at IS NOT NULL;
COMMIT;
