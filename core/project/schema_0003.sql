-- What was searched for in the window: not authored, no step of the history. A video that was removed keeps its searches,
-- which are seen again when it is back.
CREATE TABLE search (
    digest TEXT NOT NULL, -- of the video
    start_frame INTEGER NOT NULL CHECK (start_frame >= 0),
    end_frame_exclusive INTEGER NOT NULL,
    filters TEXT NOT NULL, -- JSON: which hits were asked for
    asked INTEGER NOT NULL, -- the greater, the newer
    PRIMARY KEY (digest, start_frame, end_frame_exclusive),
    CHECK (end_frame_exclusive > start_frame)
) WITHOUT ROWID;
