-- The indexes of prefixes took more than the words, and a search is as fast without them. The words of the bugs that are
-- there are written by the program, which knows the summaries.
DROP TABLE bugs_words;
CREATE VIRTUAL TABLE bugs_words USING fts5 (
    title, description, failure, summary,
    content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2"
);
