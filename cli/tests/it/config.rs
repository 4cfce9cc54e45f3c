//! Settings, as the process sees them.

use serde_json::Value;

use crate::playhead::Place;

fn row(rows: &Value, key: &str) -> (String, String) {
    let row = rows.as_array().unwrap().iter().find(|row| row["key"] == key).unwrap();
    (row["value"].as_str().unwrap().to_owned(), row["origin"].as_str().unwrap().to_owned())
}

#[test]
fn flag_environment_file_default() {
    let place = Place::new();
    std::fs::write(place.folder.path().join("playhead.toml"), "readers = 7\nlog_format = \"json\"\n").unwrap();
    std::fs::write(place.folder.path().join("other.toml"), "readers = 6\nallowed_hosts = [\"a\", \"b\"]\n").unwrap();
    for (args, variable, readers, origin) in [
        (&["--readers", "9"][..], Some("8"), "9", "flag --readers"),
        (&[], Some("8"), "8", "environment PLAYHEAD_READERS"),
        (&[], None, "7", "file playhead.toml"),
        (&["--config", "other.toml"], None, "6", "file other.toml"),
    ] {
        let mut command = place.command(&["config", "--json"]);
        command.args(args).envs(variable.map(|value| ("PLAYHEAD_READERS", value)));
        let rows: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        assert_eq!(row(&rows, "readers"), (readers.to_owned(), origin.to_owned()));
    }
    let rows = place.json(&["config", "--json"]);
    assert_eq!(row(&rows, "listen"), ("127.0.0.1:4600".to_owned(), "default".to_owned()));
    assert_eq!(row(&rows, "data").1, "environment PLAYHEAD_DATA");
    let rows = place.json(&["config", "--json", "--config", "other.toml"]);
    assert_eq!(row(&rows, "allowed_hosts").0, "a,b");
}

#[test]
fn how_long_credentials_work_is_shown_and_bounded() {
    let place = Place::new();
    let rows = place.json(&["config", "--json"]);
    for (key, value) in [
        ("access_token_minutes", "60"),
        ("refresh_token_days", "30"),
        ("refresh_grace_seconds", "120"),
        ("authorization_code_seconds", "60"),
        ("sign_in_days", "7"),
        ("scopes_off", ""),
    ] {
        assert_eq!(row(&rows, key), (value.to_owned(), "default".to_owned()), "{key}");
    }
    for (flag, bad) in [
        ("--access-token-minutes", "0"),
        ("--access-token-minutes", "1441"),
        ("--refresh-grace-seconds", "1h"),
        ("--scopes-off", "everything"),
    ] {
        let refused = place.run(&["config", flag, bad]);
        assert_eq!(refused.code(), 2, "{flag} {bad}");
        assert!(refused.stderr().contains(bad), "{}", refused.stderr());
    }
}

/// What one command shows no other refuses: the settings are read in one place.
#[test]
fn a_value_that_serve_could_not_use_is_refused_by_config_as_well() {
    let place = Place::new();
    for (flag, bad, want) in [
        ("--public-url", "playhead.example.com", "starts with http:// or https://"),
        ("--url", "127.0.0.1:4600", "starts with http:// or https://"),
        ("--objects", "/var/objects", "s3://BUCKET/PREFIX"),
        ("--admin-email", "root", "ann@example.com"),
        ("--log", "playhead=loud", "playhead=debug"),
    ] {
        for command in ["config", "serve"] {
            let refused = place.run(&[command, flag, bad]);
            assert_eq!(refused.code(), 2, "{command} {flag} {bad}");
            let said = refused.stderr();
            assert!(said.contains(&format!("flag {flag}")) && said.contains(want), "{said}");
        }
    }
    assert!(!place.data().exists());
    let refused = place.run(&["project", "list", "--url", "127.0.0.1:4600"]);
    assert!(refused.stderr().contains("starts with http:// or https://"), "{}", refused.stderr());
    let shown = place.run(&["config"]).stdout();
    let of = |key: &str| shown.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    assert!(of("public_url").contains("(not set)") && !of("listen").contains("(not set)"), "{shown}");
}

#[test]
fn a_broken_file_is_in_the_way_of_no_command_that_reads_no_setting() {
    let place = Place::new();
    std::fs::write(place.folder.path().join("playhead.toml"), "[tool]\nname = 1\n= broken").unwrap();
    for args in [
        &["completions", "bash"][..],
        &["schema"],
        &["man", "man1"],
        &["demo", "--help"],
        &["help", "demo"],
        &["--version"],
    ] {
        let done = place.run(args);
        assert_eq!(done.code(), 0, "{args:?}: {}", done.stderr());
    }
    let refused = place.run(&["config"]);
    assert_eq!(refused.code(), 2);
    assert!(refused.stderr().contains("playhead.toml"), "{}", refused.stderr());
}

#[test]
fn secrets_are_never_printed() {
    let place = Place::new();
    let output = place
        .command(&["config"])
        .envs([("PLAYHEAD_TOKEN", "pht_very_secret"), ("PLAYHEAD_INGEST_KEY", "phk_very_secret")])
        .output()
        .unwrap();
    let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && all.contains("readers"), "{all}");
    assert!(!all.contains("very_secret"), "{all}");
}

#[test]
fn what_is_no_setting_is_refused_with_the_nearest_one() {
    let place = Place::new();
    let output = place.command(&["config"]).env("PLAYHEAD_LISTN", "x").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("PLAYHEAD_LISTN") && said.contains("PLAYHEAD_LISTEN"), "{said}");
    std::fs::write(place.folder.path().join("playhead.toml"), "body_byte_max = 1\n").unwrap();
    let refused = place.run(&["config"]);
    assert_eq!(refused.code(), 2);
    assert!(refused.stderr().contains("body_bytes_max"), "{}", refused.stderr());
    // What Kubernetes sets beside a service of this name says nothing to the binary.
    let elsewhere = Place::new();
    let mut command = elsewhere.command(&["schema"]);
    assert!(command.env("PLAYHEAD_SERVICE_HOST", "10.0.0.7").output().unwrap().status.success());
}

/// The reference is what the binary prints. UPDATE_DOCS=1 writes it again.
#[test]
fn docs_are_those_of_the_declarations() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let printed = Place::new().run(&["config", "--markdown"]).stdout();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &printed).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        printed == committed,
        "docs/configuration.md is out of date; write it again: UPDATE_DOCS=1 cargo test --release docs"
    );
}
