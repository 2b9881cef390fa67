-- 'SKJ2': no other program's database is taken for a journal.
PRAGMA application_id = 1397443122;

-- What happened, for good. `leaf` is the record's leaf hash in the tree of RFC 6962: src/journal/leaf.rs says over which bytes.
CREATE TABLE record (
    seq         INTEGER PRIMARY KEY CHECK (seq >= 1),
    at          INTEGER NOT NULL,                      -- Unix milliseconds, as the lane's clock said
    journey     INTEGER CHECK (journey >= 0),          -- none when the record belongs to no journey
    kind        TEXT    NOT NULL CHECK (length(kind) BETWEEN 1 AND 32),
    body        TEXT    NOT NULL CHECK (json_valid(body)),
    commitments TEXT    CHECK (json_valid(commitments)), -- to the personal fields, by name; none where there are none
    leaf        BLOB    NOT NULL CHECK (length(leaf) = 32)
) STRICT;

CREATE INDEX record_of_journey ON record (journey, seq) WHERE journey IS NOT NULL;
CREATE UNIQUE INDEX journey_begins_once ON record (journey) WHERE kind = 'began';
CREATE UNIQUE INDEX journey_ends_once ON record (journey) WHERE kind = 'ended';
CREATE INDEX record_of_erasure ON record (seq) WHERE kind = 'erased';

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

-- The tree above its leaves. `at` counts leaves and nodes together in the order of Crosby and Wallach, "Efficient Data
-- Structures for Tamper-Evident Logging" (USENIX Security 2009), section 3.3.
CREATE TABLE node (
    at     INTEGER PRIMARY KEY CHECK (at >= 2),
    digest BLOB    NOT NULL CHECK (length(digest) = 32)
) STRICT;

CREATE TRIGGER node_follows BEFORE INSERT ON node
WHEN NEW.at <= (SELECT coalesce(max(at), 0) FROM node)
BEGIN
    SELECT RAISE(ABORT, 'the tree only grows at its end');
END;

CREATE TRIGGER node_stays_as_it_is BEFORE UPDATE ON node
BEGIN
    SELECT RAISE(ABORT, 'the tree is never changed');
END;

CREATE TRIGGER node_stays BEFORE DELETE ON node
BEGIN
    SELECT RAISE(ABORT, 'nothing leaves the tree');
END;

-- What is personal in a record, apart from it: the record holds a salted commitment, so that this may go when its time is
-- over and the tree still holds. An erased field is overwritten where it stands, with a salt of zeros and an empty text, and
-- its row stays: deleting rows makes SQLite move their neighbours, and of those it leaves copies behind even under
-- secure_delete.
CREATE TABLE personal (
    seq   INTEGER NOT NULL REFERENCES record (seq),
    field TEXT    NOT NULL CHECK (length(field) BETWEEN 1 AND 32),
    salt  BLOB    NOT NULL CHECK (length(salt) = 32),
    value TEXT    NOT NULL CHECK (json_valid(value)),
    UNIQUE (seq, field)
) STRICT;

CREATE TRIGGER personal_follows BEFORE INSERT ON personal
WHEN NEW.seq IS NOT (SELECT max(seq) FROM record)
    OR EXISTS (SELECT 1 FROM personal WHERE seq = NEW.seq AND field = NEW.field)
BEGIN
    SELECT RAISE(ABORT, 'the journal only grows at its end');
END;

-- Record, then act: a field is erased right after an `erased` record has said so.
CREATE TRIGGER personal_is_only_erased BEFORE UPDATE ON personal
WHEN NEW.seq IS NOT OLD.seq OR NEW.field IS NOT OLD.field
    OR NEW.salt IS NOT zeroblob(32) OR rtrim(NEW.value) IS NOT '""' OR length(NEW.value) IS NOT length(OLD.value)
    OR NOT EXISTS (
        SELECT 1 FROM record, json_each(record.body, '$.fields') AS named
        WHERE record.seq = (SELECT max(seq) FROM record) AND record.kind = 'erased'
            AND named.value = OLD.field AND record.body ->> '$.through' >= OLD.seq
    )
BEGIN
    SELECT RAISE(ABORT, 'the journal is never changed');
END;

CREATE TRIGGER personal_stays BEFORE DELETE ON personal
BEGIN
    SELECT RAISE(ABORT, 'nothing leaves the journal');
END;

-- Where the tree ends, which journey is next, and how far the office has everything. The seal is keyed, so a tree cut short
-- or computed anew does not fit it. The next journey stands here, apart from the records, so that it outlives any of them.
CREATE TABLE head (
    only         INTEGER PRIMARY KEY CHECK (only = 1),
    seq          INTEGER NOT NULL CHECK (seq >= 0),
    root         BLOB    NOT NULL CHECK (length(root) = 32),
    next_journey INTEGER NOT NULL CHECK (next_journey >= 1),
    acknowledged INTEGER NOT NULL CHECK (acknowledged BETWEEN 0 AND seq),
    seal         BLOB    NOT NULL CHECK (length(seal) = 32)
) STRICT;

CREATE TRIGGER head_only_grows BEFORE UPDATE ON head
WHEN NEW.only IS NOT OLD.only OR NEW.seq < OLD.seq OR NEW.next_journey < OLD.next_journey
    OR NEW.acknowledged < OLD.acknowledged
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
