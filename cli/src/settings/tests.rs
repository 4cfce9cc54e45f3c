#![allow(clippy::unwrap_used)]
use playhead_schemas::Scope;
use playhead_transcriber::Options;

use super::*;

fn resolve(flag: Option<&str>, env: Option<&str>, file: Option<&str>) -> anyhow::Result<Settings> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("playhead.toml");
    std::fs::write(&path, file.unwrap_or("")).unwrap();
    let flags = Flags::of([("readers", flag.map(str::to_owned))]);
    let env = env.map(|text| ("PLAYHEAD_READERS".to_owned(), text.to_owned()));
    Settings::resolve_from(&flags, Some(path), env.into_iter())
}

fn with(given: &[(&str, &str)]) -> Settings {
    let environment =
        given.iter().map(|(key, text)| (format!("PLAYHEAD_{}", key.to_ascii_uppercase()), (*text).to_owned()));
    Settings::resolve_from(&Flags::default(), None, environment).unwrap()
}

#[test]
fn a_flag_wins_over_environment_file_and_default() {
    for (flag, env, file, want, origin) in [
        (Some("9"), Some("8"), Some("readers = 7"), 9, "flag --readers"),
        (None, Some("8"), Some("readers = 7"), 8, "environment PLAYHEAD_READERS"),
        (None, None, Some("readers = 7"), 7, "file"),
        (None, None, None, 4, "default"),
    ] {
        let settings = resolve(flag, env, file).unwrap();
        assert_eq!(settings.store.readers, want);
        let row = settings.rows.iter().find(|row| row.key == "readers").unwrap();
        assert!(row.origin.to_string().starts_with(origin), "{}", row.origin);
        assert_eq!(row.value, want.to_string());
    }
}

#[test]
fn mistakes_are_named_with_their_place() {
    for (flag, env, file, wants) in [
        (Some("none"), None, None, ["flag --readers", "whole number"]),
        (None, Some("0"), None, ["environment PLAYHEAD_READERS", "from 1"]),
        (None, None, Some("readers = []"), ["playhead.toml", "whole number"]),
        (None, None, Some("reader = 3"), ["playhead.toml", "`reader` is not a setting; did you mean `readers`?"]),
        (None, None, Some("rage_radius_px = \"wide\""), ["playhead.toml", "a number of pixels above 0"]),
        (None, None, Some("rage_clicks = 1"), ["playhead.toml: `rage_clicks`", "from 2 to 1000"]),
        (None, None, Some("quick_back_ms = 100"), ["default: `quick_back_ms_min`", "`quick_back_ms`, which is 100"]),
        (None, None, Some("readers ="), ["playhead.toml", "line 1"]),
        (None, None, Some("url = \"127.0.0.1:4600\""), ["playhead.toml: `url`", "starts with http:// or https://"]),
        (None, None, Some("objects = \"/var/objects\""), ["playhead.toml: `objects`", "s3://BUCKET/PREFIX"]),
    ] {
        let error = format!("{:#}", resolve(flag, env, file).unwrap_err());
        for want in wants {
            assert!(error.contains(want), "{error:?} lacks {want:?}");
        }
    }
}

#[test]
fn variables_that_are_no_settings_are_refused() {
    let resolve = |name: &str| {
        let environment = [name, TOKEN_VARIABLE, INGEST_KEY_VARIABLE, "PLAYHEAD_SERVICE_HOST", "HOME"];
        Settings::resolve_from(
            &Flags::default(),
            None,
            environment.map(|name| (name.to_owned(), "x".to_owned())).into_iter(),
        )
    };
    let error = resolve("PLAYHEAD_LISTN").unwrap_err().to_string();
    assert!(error.contains("PLAYHEAD_LISTN is not a setting; did you mean `PLAYHEAD_LISTEN`?"), "{error}");
    assert!(resolve("PATH").is_ok());
}

/// A declaration whose bounds leave out its own default, or whose text form is not read back, would be of no use.
#[test]
fn every_default_can_be_given() {
    let defaults = Settings::default();
    let mut keys = std::collections::BTreeSet::new();
    for setting in declared::all() {
        assert!(keys.insert(setting.key), "{} is declared twice", setting.key);
        let value = setting.value(&defaults);
        let mut given = Settings::default();
        // What is empty is left out; a path can't be.
        if !value.is_empty() {
            setting.set(&mut given, &value).unwrap_or_else(|wanted| panic!("{} = {value}: {wanted}", setting.key));
        }
        assert_eq!(setting.value(&given), value, "{}", setting.key);
        assert!(setting.docs().ends_with('.') && !setting.docs().contains("  "), "{}: {}", setting.key, setting.docs());
        assert!(!setting.default(&defaults).is_empty(), "{} says nothing of its default", setting.key);
    }
}

/// Two declarations of one field, or one of a field that nobody reads, would show here: each changes its own row alone.
#[test]
fn every_setting_changes_its_own_field() {
    let defaults = Settings::default();
    for setting in declared::all() {
        let numbers = ["3", "17", "100", "9000", "70000000"];
        let texts = ["cookies:read", "CLS=0.05:0.07", "json", "1.2.3.4:5", "https://x", "s3://x", "a@b", "debug", "x"];
        let other = numbers.into_iter().chain(texts);
        let changed = other.clone().find_map(|text| {
            let mut settings = Settings::default();
            setting.set(&mut settings, text).ok().filter(|()| setting.value(&settings) != setting.value(&defaults))?;
            Some(settings)
        });
        let changed = changed.unwrap_or_else(|| panic!("nothing changes {}", setting.key));
        let differing: Vec<_> =
            declared::all().filter(|one| one.value(&changed) != one.value(&defaults)).map(|one| one.key).collect();
        assert_eq!(differing, [setting.key]);
    }
}

#[test]
fn no_password_is_shown() {
    let settings = with(&[("catalog_url", "postgres://ann:s3cret@db.example/shop?sslmode=require")]);
    let row = settings.rows.iter().find(|row| row.key == "catalog_url").unwrap();
    assert_eq!(row.value, "postgres://ann:***@db.example/shop?sslmode=require");
    assert!(!format!("{settings:?}").contains("s3cret"));
}

#[test]
fn a_replay_that_was_accepted_is_read_whole() {
    let max = |text| with(&[("replay_bytes_max", text)]).options().replay_bytes_max;
    assert_eq!(max("1GiB"), 1 << 30);
    assert_eq!(max("1MiB"), Options::default().replay_bytes_max);
}

#[test]
fn units_are_those_of_the_fields() {
    let settings = with(&[
        ("access_token_minutes", "5"),
        ("refresh_token_days", "2"),
        ("refresh_grace_seconds", "7"),
        ("authorization_code_seconds", "30"),
        ("sign_in_days", "1"),
        ("sign_in_window_minutes", "2"),
        ("scopes_off", "replay:raw,cookies:read"),
        ("key_requests_per_second", "9"),
    ]);
    let (oauth, pages) = (&settings.oauth, &settings.pages);
    assert_eq!((oauth.lifetimes.access_ms, oauth.lifetimes.refresh_ms), (300_000, 172_800_000));
    assert_eq!((oauth.refresh_grace_ms, oauth.code_ms, pages.session_ms), (7_000, 30_000, 86_400_000));
    assert_eq!(pages.sign_in.window_ms, 120_000);
    assert_eq!(settings.tools.scopes_off, [Scope::ReplayRaw, Scope::CookiesRead]);
    assert!((settings.ingest.rate_per_key.per_second - 9.0).abs() < f64::EPSILON);
}
