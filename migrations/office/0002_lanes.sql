-- The lanes that were enrolled, what they recorded, and where they disagreed with the office.
CREATE TABLE lane (
    name        TEXT    NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 32),
    enrolled_at INTEGER NOT NULL,                                     -- Unix seconds
    retired_at  INTEGER                                               -- Unix seconds; from then on it is refused
) STRICT, WITHOUT ROWID;

-- The keys that a lane signs its records with. An earlier one stays: records that it signed may still be on their way.
CREATE TABLE lane_key (
    lane     TEXT    NOT NULL REFERENCES lane (name),
    key      BLOB    NOT NULL CHECK (length(key) = 32),               -- Ed25519, RFC 8032
    added_at INTEGER NOT NULL,                                        -- Unix seconds
    PRIMARY KEY (lane, key)
) STRICT, WITHOUT ROWID;

-- How far a lane's records are here, and the roots of the perfect trees that its Merkle tree (RFC 6962) consists of.
CREATE TABLE progress (
    lane  TEXT    NOT NULL PRIMARY KEY REFERENCES lane (name),
    seq   INTEGER NOT NULL CHECK (seq >= 0),                          -- all from 1 to here
    peaks BLOB    NOT NULL CHECK (length(peaks) % 32 = 0),            -- from the largest tree to the smallest
    forks INTEGER NOT NULL DEFAULT 0 CHECK (forks >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
    id          INTEGER NOT NULL PRIMARY KEY,
    lane        TEXT    NOT NULL REFERENCES lane (name),
    seq         INTEGER NOT NULL CHECK (seq >= 1),
    leaf        BLOB    NOT NULL CHECK (length(leaf) = 32),           -- RFC 6962 leaf hash
    signed      BLOB    NOT NULL,                                     -- COSE_Sign1 as it was sent
    received_at INTEGER NOT NULL,                                     -- Unix seconds
    UNIQUE (lane, seq)
) STRICT;

-- A second record under a number that has one, and a checkpoint over other records than those that are here: evidence
-- that a lane has two histories.
CREATE TABLE fork (
    id          INTEGER NOT NULL PRIMARY KEY,
    lane        TEXT    NOT NULL REFERENCES lane (name),
    kind        TEXT    NOT NULL CHECK (kind IN ('record', 'checkpoint')),
    seq         INTEGER NOT NULL CHECK (seq >= 0),                    -- of the record, or the checkpoint's tree size
    leaf        BLOB    NOT NULL CHECK (length(leaf) = 32),           -- leaf hash, or the checkpoint's root
    signed      BLOB    NOT NULL,
    received_at INTEGER NOT NULL,
    UNIQUE (lane, kind, seq, leaf)
) STRICT;

CREATE TABLE checkpoint (
    id          INTEGER NOT NULL PRIMARY KEY,
    lane        TEXT    NOT NULL REFERENCES lane (name),
    size        INTEGER NOT NULL CHECK (size >= 0),
    root        BLOB    NOT NULL CHECK (length(root) = 32),
    signed      BLOB    NOT NULL,
    received_at INTEGER NOT NULL,
    UNIQUE (lane, size)
) STRICT;

-- Nobody changes or removes what a lane recorded.
CREATE TRIGGER record_stays BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'a record is never changed'); END;
CREATE TRIGGER record_remains BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'a record is never removed'); END;
CREATE TRIGGER fork_stays BEFORE UPDATE ON fork BEGIN SELECT RAISE(ABORT, 'evidence is never changed'); END;
CREATE TRIGGER fork_remains BEFORE DELETE ON fork BEGIN SELECT RAISE(ABORT, 'evidence is never removed'); END;

-- Questions that the lane judged alone and the office otherwise.
CREATE TABLE disagreement (
    question    TEXT    NOT NULL PRIMARY KEY CHECK (length(question) BETWEEN 1 AND 80),
    lane        TEXT    NOT NULL,
    said        TEXT    NOT NULL,                                     -- both verdicts, JSON: codes and editions only
    received_at INTEGER NOT NULL                                      -- Unix seconds
) STRICT, WITHOUT ROWID;

-- What a lane last said of itself.
CREATE TABLE health (
    lane    TEXT    NOT NULL PRIMARY KEY,
    said    TEXT    NOT NULL,                                         -- JSON
    seen_at INTEGER NOT NULL                                          -- Unix seconds
) STRICT, WITHOUT ROWID;

-- What is older than `retention.answers_days` is found without reading every answer.
CREATE INDEX assessment_by_age ON assessment (answered_at);
