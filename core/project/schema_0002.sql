-- Pins: frames of two videos that belong together because a person says so. Both of a pair's orders share them.
CREATE TABLE anchor (
    first_id INTEGER NOT NULL REFERENCES video, -- the lower id of the two
    second_id INTEGER NOT NULL REFERENCES video,
    first_frame INTEGER NOT NULL CHECK (first_frame >= 0),
    second_frame INTEGER NOT NULL CHECK (second_frame >= 0),
    PRIMARY KEY (first_id, second_id, first_frame),
    CHECK (first_id <= second_id)
) WITHOUT ROWID;
CREATE INDEX anchor_of_second ON anchor (second_id);
