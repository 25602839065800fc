-- Authored: whom body pose follows in a video where somebody chose; in the others the largest.
CREATE TABLE person (
    video_id INTEGER PRIMARY KEY REFERENCES video,
    frame INTEGER NOT NULL CHECK (frame >= 0),
    x REAL NOT NULL CHECK (x BETWEEN 0 AND 1), -- share of the picture's width, from the left
    y REAL NOT NULL CHECK (y BETWEEN 0 AND 1) -- share of its height, from the top
);
