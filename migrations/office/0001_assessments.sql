-- What the office has answered. No name, no document number and no goods: a salted digest of the question, to tell
-- whether the same one comes again, and the verdict.
CREATE TABLE assessment (
    question    TEXT    NOT NULL PRIMARY KEY CHECK (length(question) BETWEEN 1 AND 80), -- lane-3/J42-7
    salt        BLOB    NOT NULL CHECK (length(salt) = 16),                             -- drawn for this row
    digest      BLOB    NOT NULL CHECK (length(digest) = 32),                           -- SHA-256 of salt and question
    answer      TEXT    NOT NULL,                                                       -- JSON as it was sent
    answered_at INTEGER NOT NULL                                                        -- Unix seconds
) STRICT, WITHOUT ROWID;
