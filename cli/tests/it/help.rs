//! What `--help` and wrong usage say.

use crate::playhead::Place;

/// The commands that a help page lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help.split("Commands:\n").nth(1).unwrap_or_default();
    listed
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_command_shows_an_example() {
    let place = Place::new();
    let top = place.run(&["--help"]).stdout();
    let names = commands(&top);
    for wanted in [
        "demo",
        "serve",
        "import",
        "transcribe",
        "reprocess",
        "mcp",
        "project",
        "key",
        "token",
        "member",
        "agent",
        "audit",
        "config",
        "schema",
    ] {
        assert!(names.iter().any(|name| name == wanted), "{wanted} is not listed:\n{top}");
    }
    assert!(top.contains("Exit codes:"), "{top}");
    for name in names {
        let help = place.run(&[&name, "--help"]);
        assert_eq!(help.code(), 0, "{name}");
        assert!(help.stdout().contains(&format!("playhead {name}")), "{name}");
        assert!(help.stdout().contains("Example"), "{name}: {}", help.stdout());
        for verb in commands(&help.stdout()) {
            let help = place.run(&[&name, &verb, "--help"]).stdout();
            assert!(help.contains("Example"), "{name} {verb}: {help}");
        }
    }
}

#[test]
fn wrong_usage_is_code_2_with_a_reason() {
    let place = Place::new();
    for (args, want) in [
        (&["fly"][..], "fly"),
        (&["serve", "--listen", "here"], "--listen"),
        (&["transcribe", "-", "--console", "-"], "only one"),
        (&["import", "x.json"], "--project"),
        (&["reprocess", "--since", "yesterday"], "--since"),
        (&["token", "create", "--label", "x", "--scope", "everything"], "scope"),
        (&["project", "list", "--url", "http://127.0.0.1:1"], "PLAYHEAD_TOKEN"),
        (&["config", "--config", "missing.toml"], "missing.toml"),
    ] {
        let done = place.run(args);
        assert_eq!(done.code(), 2, "{args:?}: {}", done.stderr());
        assert!(done.stderr().contains(want), "{args:?}: {}", done.stderr());
        assert_eq!(done.stdout(), "", "{args:?}");
    }
}
