-- Authored: what a person measured in a frame: lines and angles.
CREATE TABLE measure (
    video_id INTEGER NOT NULL REFERENCES video,
    frame INTEGER NOT NULL CHECK (frame >= 0),
    number INTEGER NOT NULL CHECK (number >= 0), -- in the frame, in the order in which they were made
    points TEXT NOT NULL, -- [[x, y], ...]: the ends of a line, or an angle's ends with its corner between; shares of the picture
    length REAL NOT NULL CHECK (length >= 0), -- known length of a line, which gives the video its scale; 0 where it is not known
    unit TEXT NOT NULL, -- of that length
    PRIMARY KEY (video_id, frame, number)
) WITHOUT ROWID;
