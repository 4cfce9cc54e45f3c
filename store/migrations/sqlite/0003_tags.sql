-- The newest bugs of a tag, whatever their state.
CREATE INDEX bug_tags_newest ON bug_tags (project, tag, bug);
