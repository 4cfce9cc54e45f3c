//! What can be done in a project, and the least role that may do it.

use playhead_schemas::{Role, Scope};

/// Something that is done in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Read bugs, transcripts, moments, pictures and comments.
    ReadBugs,
    /// Change bugs and comment.
    WriteBugs,
    /// Read the cookies that came with a bug.
    ReadCookies,
    /// Read recordings as they were uploaded.
    ReadRecordings,
    /// Take tasks queued for agents, and report on them.
    DoTasks,
    /// Write regression tests and their results.
    WriteRegressions,
    /// Manage the project: keys, roles, transcribing again.
    ManageProject,
    /// Read the audit log of the project.
    ReadAudit,
}

/// The one table of what each role may do: every action with the least role, its description, and the scope that a token
/// needs for it. A role may do what the roles before it may.
pub const TABLE: [(Action, Role, &str, Scope); 8] = [
    (Action::ReadBugs, Role::Viewer, "read bugs, transcripts and pictures", Scope::BugsRead),
    (Action::WriteBugs, Role::Manager, "change bugs, comment", Scope::BugsWrite),
    (Action::ReadCookies, Role::Developer, "read the cookies that came with a bug", Scope::CookiesRead),
    (Action::ReadRecordings, Role::Developer, "read recordings as they were uploaded", Scope::ReplayRaw),
    (Action::DoTasks, Role::Developer, "take tasks meant for agents", Scope::AgentTasks),
    (Action::WriteRegressions, Role::Developer, "write regression tests and their results", Scope::RegressionWrite),
    (Action::ManageProject, Role::Owner, "manage the project: keys, roles, transcribing again", Scope::Admin),
    (Action::ReadAudit, Role::Owner, "read the project's audit log", Scope::Admin),
];

/// True when `role` may do `action`.
pub fn may(role: Role, action: Action) -> bool {
    role >= least_role(action)
}

/// The least role that may do `action`.
pub fn least_role(action: Action) -> Role {
    TABLE.iter().find(|row| row.0 == action).map_or(Role::Owner, |row| row.1)
}

impl Action {
    /// Every action, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    /// What a token needs for it.
    pub fn scope(self) -> Scope {
        TABLE.iter().find(|row| row.0 == self).map_or(Scope::Admin, |row| row.3)
    }

    /// The action as a verb phrase, such as `change bugs, comment`.
    pub fn description(self) -> &'static str {
        TABLE.iter().find(|row| row.0 == self).map_or("do this", |row| row.2)
    }
}

/// The table as Markdown, as `docs/security.md` shows it.
pub fn table_markdown() -> String {
    let mut text = String::from("| may | scope | viewer | manager | developer | owner |\n|---|---|---|---|---|---|\n");
    for (action, _, description, scope) in TABLE {
        text.push_str(&format!("| {description} | `{scope}` |"));
        for role in Role::ALL {
            text.push_str(if may(role, action) { " yes |" } else { " |" });
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_roles_only_grow() {
        for scope in Scope::ALL {
            assert!(Action::all().any(|action| action.scope() == scope), "{scope}");
        }
        for action in Action::all() {
            assert_eq!(TABLE.iter().filter(|row| row.0 == action).count(), 1, "{action:?}");
            let allowed = Role::ALL.map(|role| may(role, action));
            assert!(allowed.windows(2).all(|pair| pair[0] <= pair[1]), "{action:?}");
            assert!(may(Role::Owner, action));
        }
        assert!(may(Role::Viewer, Action::ReadBugs) && !may(Role::Viewer, Action::WriteBugs));
        assert!(!may(Role::Manager, Action::ReadCookies) && !may(Role::Developer, Action::ManageProject));
    }

    #[test]
    fn the_page_about_security_shows_the_table() {
        let page = include_str!("../../docs/security.md");
        assert!(page.contains(&table_markdown()), "docs/security.md lacks this table:\n{}", table_markdown());
    }
}
