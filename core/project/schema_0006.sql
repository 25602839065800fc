-- Authored: which file holds the curves of sensors beside a video, and how many seconds later than its own clock says they lie.
CREATE TABLE sensor_file (
    video_id INTEGER PRIMARY KEY REFERENCES video,
    digest TEXT NOT NULL, -- of the content (core.base.files.content_digest)
    relative TEXT NOT NULL, -- to the project's folder, with '/'; '' where the file does not lie below it
    absolute TEXT NOT NULL,
    offset_seconds REAL NOT NULL
);
