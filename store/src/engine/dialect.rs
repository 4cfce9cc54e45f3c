//! What SQLite writes differently.
//!
//! The statements of this crate are written in the subset that SQLite and PostgreSQL share, in PostgreSQL's spelling
//! where the two differ in spelling alone: parameters (`$1`, in SQLite `?1`), casts (`$1::text`, which SQLite neither
//! knows nor needs), lists (`= ANY($1::text[])`; SQLite reads the list from a JSON array) and `strpos`. Statements that
//! differ in more than that stand side by side in the module that owns the table.

/// The statement as SQLite reads it. Text between single quotes stays as it is.
pub(super) fn sqlite(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 32);
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        if c == '\'' {
            let end = rest[1..].find('\'').map_or(rest.len(), |at| at + 2);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if let Some((number, after)) = any_list(rest) {
            out.push_str(&format!("IN (SELECT value FROM json_each(?{number}))"));
            rest = after;
        } else if let Some(after) = cast(rest) {
            rest = after;
        } else if let Some(after) = rest.strip_prefix("strpos(") {
            out.push_str("instr(");
            rest = after;
        } else {
            out.push(if c == '$' { '?' } else { c });
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// The number of the parameter in `= ANY($1::text[])`, and what follows.
fn any_list(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix("= ANY($")?;
    let (inside, after) = inside.split_once(')')?;
    let (number, _) = inside.split_once("::")?;
    number.bytes().all(|b| b.is_ascii_digit()).then_some((number, after))
}

/// What follows a cast such as `::text` or `::bigint[]`.
fn cast(text: &str) -> Option<&str> {
    let kind = text.strip_prefix("::")?;
    let after = kind.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    Some(after.strip_prefix("[]").unwrap_or(after))
}

#[cfg(test)]
mod tests {
    use super::sqlite;

    #[test]
    fn only_spelling_changes() {
        for (ours, theirs) in [
            ("SELECT a FROM t WHERE id = $1 AND n < $12", "SELECT a FROM t WHERE id = ?1 AND n < ?12"),
            ("($3::text IS NULL OR id > $3::text)", "(?3 IS NULL OR id > ?3)"),
            ("($3::text[] IS NULL OR s = ANY($3::text[]))", "(?3 IS NULL OR s IN (SELECT value FROM json_each(?3)))"),
            ("n = ANY($2::bigint[]) ORDER BY n", "n IN (SELECT value FROM json_each(?2)) ORDER BY n"),
            ("strpos(tags, $5::text) > 0", "instr(tags, ?5) > 0"),
            ("x = '$1::text strpos(' AND y = $1", "x = '$1::text strpos(' AND y = ?1"),
            ("'never closed $1", "'never closed $1"),
            ("é = ANY (x)", "é = ANY (x)"),
        ] {
            assert_eq!(sqlite(ours), theirs);
        }
    }
}
