-- Authored: videos that a person says are right; where others depart from all of these is found out.
CREATE TABLE right_video (
    video_id INTEGER PRIMARY KEY REFERENCES video,
    performer TEXT NOT NULL -- who is seen, '' while unknown: right videos of one performer are left out together
);
