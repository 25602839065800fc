-- Authored: what a person wrote about a label, '' where nothing.
ALTER TABLE span ADD COLUMN note TEXT NOT NULL DEFAULT '';
