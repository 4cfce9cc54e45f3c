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
        "completions",
        "man",
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
fn help_of_help_is_help() {
    let place = Place::new();
    let plain = place.run(&["--help"]).stdout();
    for args in [&["help"][..], &["help", "--help"], &["help", "-h"]] {
        let done = place.run(args);
        assert_eq!((done.code(), done.stdout()), (0, plain.clone()), "{args:?}");
    }
    let serve = place.run(&["help", "serve", "--help"]);
    assert!(serve.code() == 0 && serve.stdout().contains("playhead serve --data"), "{}", serve.stderr());
}

#[test]
fn shells_complete_commands_and_flags() {
    let place = Place::new();
    for (shell, sign) in [
        ("bash", "complete -F _playhead"),
        ("zsh", "#compdef playhead"),
        ("fish", "complete -c playhead"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion"),
    ] {
        let done = place.run(&["completions", shell]);
        assert_eq!(done.code(), 0, "{}", done.stderr());
        for want in [sign, "reprocess", "body-bytes-max"] {
            assert!(done.stdout().contains(want), "{shell} lacks {want}");
        }
    }
    assert_eq!(place.run(&["completions", "nosuch"]).code(), 2);
}

#[test]
fn every_command_has_a_manual_page_with_its_example() {
    let place = Place::new();
    let folder = place.folder.path().join("new/man1");
    assert_eq!(place.run(&["man", folder.to_str().unwrap()]).code(), 0);
    for page in ["playhead.1", "playhead-serve.1", "playhead-member-invite.1", "playhead-completions.1"] {
        let text = std::fs::read_to_string(folder.join(page)).unwrap_or_else(|_| panic!("no {page}"));
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
        assert!(page == "playhead.1" || text.contains("Example"), "{page}");
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
