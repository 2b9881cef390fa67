-- 'SKJ1': no other program's database is taken for a journal.
PRAGMA application_id = 1397443121;

-- What happened, for good. `digest` is SHA-256 over the other columns, `previous` the digest of the row before:
-- src/journal/chain.rs says how.
CREATE TABLE record (
    seq      INTEGER PRIMARY KEY CHECK (seq >= 1),
    at       INTEGER NOT NULL,                      -- Unix milliseconds, as the lane's clock said
    journey  INTEGER CHECK (journey >= 0),          -- none when the record belongs to no journey
    kind     TEXT    NOT NULL CHECK (length(kind) BETWEEN 1 AND 32),
    body     TEXT    NOT NULL CHECK (json_valid(body)),
    previous BLOB    NOT NULL CHECK (length(previous) = 32),
    digest   BLOB    NOT NULL CHECK (length(digest) = 32)
) STRICT;

CREATE INDEX record_of_journey ON record (journey, seq) WHERE journey IS NOT NULL;
CREATE UNIQUE INDEX journey_begins_once ON record (journey) WHERE kind = 'began';
CREATE UNIQUE INDEX journey_ends_once ON record (journey) WHERE kind = 'ended';

-- A plain INSERT only, and only at the end: this refuses INSERT OR REPLACE too, for which no DELETE trigger fires.
CREATE TRIGGER record_follows BEFORE INSERT ON record
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM record)
BEGIN
    SELECT RAISE(ABORT, 'the journal only grows at its end');
END;

CREATE TRIGGER record_stays_as_it_is BEFORE UPDATE ON record
BEGIN
    SELECT RAISE(ABORT, 'the journal is never changed');
END;

CREATE TRIGGER record_stays BEFORE DELETE ON record
BEGIN
    SELECT RAISE(ABORT, 'nothing leaves the journal');
END;

-- Where the chain ends and which journey is next. The seal is keyed, so a chain cut short or written anew
-- does not fit it. The next journey stands here, apart from the records, so that it outlives any of them.
CREATE TABLE head (
    only         INTEGER PRIMARY KEY CHECK (only = 1),
    seq          INTEGER NOT NULL CHECK (seq >= 0),
    digest       BLOB    NOT NULL CHECK (length(digest) = 32),
    next_journey INTEGER NOT NULL CHECK (next_journey >= 1),
    seal         BLOB    NOT NULL CHECK (length(seal) = 32),
    key_check    BLOB    NOT NULL CHECK (length(key_check) = 32)
) STRICT;

CREATE TRIGGER head_only_grows BEFORE UPDATE ON head
WHEN NEW.only IS NOT OLD.only OR NEW.seq < OLD.seq OR NEW.next_journey < OLD.next_journey
    OR NEW.key_check IS NOT OLD.key_check
BEGIN
    SELECT RAISE(ABORT, 'the head of the journal only moves on');
END;

CREATE TRIGGER head_is_one BEFORE INSERT ON head
WHEN EXISTS (SELECT 1 FROM head)
BEGIN
    SELECT RAISE(ABORT, 'the journal has one head');
END;

CREATE TRIGGER head_stays BEFORE DELETE ON head
BEGIN
    SELECT RAISE(ABORT, 'the journal has one head');
END;
