-- Authored: what a person decides. Every change goes through core/project/edits.py and can be undone.
CREATE TABLE project (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    notes TEXT NOT NULL
);
INSERT INTO project (id, notes) VALUES (1, '');

CREATE TABLE video (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE, -- of the content (core.files.content_digest): what the video is, wherever it lies
    num_bytes INTEGER NOT NULL CHECK (num_bytes >= 0),
    name TEXT NOT NULL, -- as shown; not unique
    action TEXT NOT NULL, -- '' while unknown
    split TEXT NOT NULL CHECK (split IN ('train', 'val', 'none'))
);

CREATE TABLE phase (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    colour TEXT NOT NULL, -- '#rrggbb'
    position INTEGER NOT NULL
);

CREATE TABLE span (
    video_id INTEGER NOT NULL REFERENCES video,
    start_frame INTEGER NOT NULL CHECK (start_frame >= 0),
    end_frame_exclusive INTEGER NOT NULL,
    phase_id INTEGER NOT NULL REFERENCES phase,
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    source TEXT NOT NULL,
    PRIMARY KEY (video_id, start_frame),
    CHECK (end_frame_exclusive > start_frame)
) WITHOUT ROWID;
CREATE INDEX span_of_phase ON span (phase_id);

-- What was done, newest last: `patch` holds the rows (zlib, JSON) that undo a step, or redo it where it is undone.
CREATE TABLE step (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    undone INTEGER NOT NULL CHECK (undone IN (0, 1)),
    patch BLOB NOT NULL
);

-- Found out: where a video of that content lies, and what decoding it said. Not authored, so no undo takes it back.
CREATE TABLE place (
    digest TEXT PRIMARY KEY,
    relative TEXT NOT NULL, -- to the project's folder, with '/'; '' where the video does not lie below it
    absolute TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE fact (
    digest TEXT PRIMARY KEY,
    problem TEXT NOT NULL, -- a sentence; '' where the video can be read
    num_frames INTEGER,
    fps REAL,
    duration_seconds REAL,
    width INTEGER,
    height INTEGER
) WITHOUT ROWID;
