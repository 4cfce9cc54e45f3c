//! `import` and `reprocess`, with and without a server.

use serde_json::{Value, json};

use rustix::process::Signal;

use crate::playhead::{Place, Process, case, http};
use crate::stuck_server::{KEY, StuckServer, ending_server};

const CASE: &str = "coupon-typeerror";

fn import(place: &Place) -> Value {
    import_case(place, CASE)
}

fn import_case(place: &Place, name: &str) -> Value {
    let files = ["events.json.zst", "console.json.zst", "network.har.json.zst", "screenshot.png"];
    let files = files.map(|file| case(name, file));
    let mut args = vec!["import", "--project", "shop", "--title", "Coupon does nothing", "--json"];
    args.extend(files.iter().map(String::as_str));
    place.json(&args)
}

#[test]
fn beside_a_server_and_reprocessed() {
    let place = Place::new();
    let server = place.serve();
    place.json(&["project", "create", "shop", "--json"]);
    let imported = import(&place);
    assert!(imported["summary"].as_str().unwrap().contains("TypeError"), "{imported}");
    assert_eq!(imported["segments"], 1);

    let made = place.json(&["token", "create", "--label", "reader", "--json"]);
    let token = made["secret"].as_str().unwrap();
    let call = |tool: &str, arguments: Value| {
        let (status, answer) = http("POST", &format!("{}/v1/tools/{tool}", server.url()), Some(token), Some(arguments));
        assert_eq!(status, 200, "{answer}");
        answer["structuredContent"].clone()
    };
    let bug = call("get_bug", json!({ "bug_id": imported["bug"] }));
    assert!(bug.to_string().contains("Coupon does nothing"), "{bug}");
    let media = call("get_bug_media", json!({ "bug_id": imported["bug"] }));
    assert!(media.to_string().contains("image/png"), "{media}");

    for (args, replays) in [
        (&["reprocess"][..], 0),
        (&["reprocess", "--all"], 1),
        (&["reprocess", "--bug", imported["bug"].as_str().unwrap()], 1),
        (&["reprocess", "--project", "shop", "--since", "1h", "--all"], 1),
        (&["reprocess", "--since", "2999-01-01", "--all"], 0),
    ] {
        let done = place.json(&[args, &["--json"]].concat());
        assert_eq!(done, json!({ "replays": replays, "dead": 0 }), "{args:?}");
    }
    let lines = place.run(&["reprocess", "--all"]);
    assert_eq!(lines.stdout(), "1 replay transcribed again\n");
    assert!(lines.stderr().contains("transcribed: 1/1"), "{}", lines.stderr());
    let nowhere = place.run(&["reprocess", "--project", "nowhere"]);
    assert_eq!(nowhere.code(), 3);
    assert!(nowhere.stderr().contains("`playhead project list`"), "{}", nowhere.stderr());
    assert_eq!(place.run(&["reprocess", "--bug", "01JD3M6ZQK8V0W2X4Y6Z8A0B2C"]).code(), 3);

    assert_eq!(place.json(&["key", "list", "--project", "shop", "--json"]), json!([]));
    let keys = place.json(&["key", "list", "--project", "shop", "--all", "--json"]);
    assert!(keys.as_array().unwrap().iter().all(|key| key["revoked_at"].is_number()), "{keys}");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn the_same_files_are_imported_once() {
    let place = Place::new();
    let server = place.serve();
    place.json(&["project", "create", "shop", "--json"]);
    let (first, second) = (import(&place), import(&place));
    assert_eq!((&first["already_imported"], &second["already_imported"]), (&json!(false), &json!(true)));
    for same in ["bug", "replay", "summary"] {
        assert_eq!(first[same], second[same], "{same}");
    }
    let events = case(CASE, "events.json.zst");
    let alone = place.run(&["import", &events, "--project", "shop", "--no-wait"]);
    assert!(alone.stdout().starts_with("bug "), "other files are another recording: {}", alone.stdout());
    let again = place.run(&["import", &events, "--project", "shop", "--no-wait", "--title", "Another title"]);
    assert_eq!(again.stdout(), format!("already imported as {}", alone.stdout()));
    let (console, network) = (case(CASE, "console.json.zst"), case(CASE, "network.har.json.zst"));
    let one = place.run(&["import", &console, &network, "--project", "shop", "--no-wait"]).stdout();
    let other = place.run(&["import", &network, &console, "--project", "shop", "--no-wait"]).stdout();
    assert_eq!(other, format!("already imported as {one}"), "the order of files says nothing");
    place.json(&["project", "create", "other", "--json"]);
    let elsewhere = place.run(&["import", &events, "--project", "other", "--no-wait"]);
    assert!(elsewhere.stdout().starts_with("bug "), "another project has its own: {}", elsewhere.stdout());
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn without_a_server() {
    let place = Place::new();
    place.json(&["project", "create", "shop", "--json"]);
    let imported = import(&place);
    assert!(imported["summary"].as_str().unwrap().contains("TypeError"), "{imported}");
    assert_eq!(place.json(&["reprocess", "--all", "--json"]), json!({ "replays": 1, "dead": 0 }));
    assert!(!place.data().join("server.json").exists());
}

#[test]
fn reprocess_goes_on_when_the_process_that_had_the_folder_ends() {
    use std::os::unix::fs::MetadataExt;
    let place = Place::new();
    place.json(&["project", "create", "shop", "--json"]);
    import(&place);
    // What another command is until it ends: a server, with a job that waits.
    let jobs = |queued| {
        let none = json!({ "items": [], "next": null });
        json!({ "queued": queued, "running": 0, "done": 0, "dead": 0, "dead_jobs": none })
    };
    let probe = json!({ "items": [], "next": null });
    let url = ending_server(vec![probe, jobs(0), json!({ "total": 1, "enqueued": 1 }), jobs(1)]);
    let folder = std::fs::metadata(place.data()).unwrap();
    let file = json!({
        "url": url, "public_url": url, "pid": std::process::id(), "role": "command", "secret": "phl_x",
        "started_at_ms": 1, "folder": { "device": folder.dev(), "inode": folder.ino() },
    });
    std::fs::write(place.data().join("server.json"), file.to_string()).unwrap();
    let done = place.run(&["reprocess", "--all", "--json"]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    assert_eq!(serde_json::from_str::<Value>(&done.stdout()).unwrap(), json!({ "replays": 1, "dead": 0 }));
    assert!(done.stderr().contains("has ended; this command goes on"), "{}", done.stderr());
}

#[test]
fn thresholds_count_for_new_replays_and_for_those_that_are_transcribed_again() {
    let place = Place::new();
    let file = place.folder.path().join("playhead.toml");
    std::fs::write(&file, "rage_clicks = 50\n").unwrap();
    place.json(&["project", "create", "shop", "--json"]);
    let imported = import_case(&place, "dead-button");
    assert!(!imported["summary"].as_str().unwrap().contains("rage click"), "{imported}");
    let made = place.json(&["token", "create", "--label", "reader", "--json"]);
    std::fs::remove_file(&file).unwrap();

    let server = place.serve();
    let url = format!("{}/v1/tools/get_replay_transcript", server.url());
    let transcript = || {
        let wanted = json!({ "bug_id": imported["bug"] });
        let (status, answer) = http("POST", &url, made["secret"].as_str(), Some(wanted));
        assert_eq!(status, 200, "{answer}");
        answer.to_string()
    };
    assert!(!transcript().contains("rage click"));
    assert_eq!(place.json(&["reprocess", "--all", "--json"])["replays"], 1);
    assert!(transcript().contains("rage click"), "{}", transcript());
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn with_a_key_of_the_users() {
    let place = Place::new();
    let server = place.serve();
    place.json(&["project", "create", "shop", "--json"]);
    let key = place.run(&["key", "create", "--project", "shop"]).stdout();
    let events = case(CASE, "events.json.zst");
    let with_key = |key: &str, args: &[&str]| {
        place.command(&[&["import", &events], args].concat()).env("PLAYHEAD_INGEST_KEY", key).output().unwrap()
    };
    let output = with_key(key.trim(), &["--no-wait", "--json"]);
    let imported: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(imported["bug"].is_string() && imported["summary"].is_null(), "{imported}");
    assert_eq!(with_key("phk_wrong", &[]).status.code(), Some(3));
    let both = with_key(key.trim(), &["--project", "shop"]);
    let said = String::from_utf8_lossy(&both.stderr).into_owned();
    assert_eq!(both.status.code(), Some(2), "{said}");
    assert!(said.contains("go to the project of that key") && said.contains("leave out --project"), "{said}");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_signal_stops_an_upload_and_its_key_is_revoked() {
    for signal in [Signal::INT, Signal::TERM] {
        let (place, server) = (Place::new(), StuckServer::start());
        let events = case(CASE, "events.json.zst");
        let mut command = place.command(&["import", &events, "--project", "shop", "--url", &server.url]);
        command.env("PLAYHEAD_TOKEN", "pht_x");
        let import = Process::start(command);
        assert_eq!(server.next(), "POST /api/v1/keys");
        assert!(server.next().starts_with("PUT /v1/replays/"));
        import.signal(signal);
        assert_eq!(server.next(), format!("DELETE /api/v1/keys/{KEY}"));
        assert_eq!(import.end(), (Some(130), String::new()));
    }
}

#[test]
fn exports_of_other_products_are_recognised() {
    let place = Place::new();
    let path = |name: &str, text: &str| {
        let path = place.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    place.json(&["project", "create", "shop", "--json"]);
    let event = path(
        "event.json",
        r#"{"event_id":"e1","platform":"javascript","timestamp":1795190402,
        "exception":{"values":[{"type":"TypeError","value":"cart is null"}]},
        "breadcrumbs":[{"timestamp":1795190400,"category":"ui.click","message":"button#pay"},
        {"timestamp":1795190401,"category":"fetch","data":{"method":"POST","url":"https://a.test/api/pay","status_code":500}}]}"#,
    );
    let har = path(
        "console.har",
        r#"{"log":{"entries":[],"_console":[{"timestamp":1795190402,"level":"error","kind":"console","message":"no stock"}]}}"#,
    );
    let posthog = path(
        "posthog.json",
        r#"{"version":"2023-04-28","data":{"id":"x","snapshots":[{"window_id":"w","type":4,"timestamp":1795190400000,
        "data":{"href":"https://a.test/","width":800,"height":600}},
        {"window_id":"w","type":5,"timestamp":1795190401000,"data":{"tag":"added","payload":{}}}]}}"#,
    );
    for (file, what, told) in [
        (&event, "Sentry event", &["cart is null", "/api/pay 500"][..]),
        (&har, "HAR with console lines", &["no stock"]),
        (&posthog, "PostHog recording", &["Replay of 1.0 s", "window 800 x 600"]),
    ] {
        let done = place.run(&["import", file, "--project", "shop"]);
        assert_eq!(done.code(), 0, "{}", done.stderr());
        assert!(done.stderr().contains(what), "{}", done.stderr());
        for told in told {
            assert!(done.stdout().contains(told), "{told}: {}", done.stdout());
        }
    }
}

#[test]
fn what_it_can_not_take_is_named() {
    let place = Place::new();
    let path = |name: &str, bytes: &[u8]| {
        let path = place.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let text = path("notes.txt", b"hello");
    let broken = path("broken.json.zst", b"\x28\xb5\x2f\xfdnonsense");
    for (file, want) in
        [(&text, "notes.txt: neither"), (&broken, "broken.json.zst"), (&"gone.json".to_owned(), "gone.json")]
    {
        let done = place.run(&["import", file, "--project", "shop"]);
        assert_eq!(done.code(), 1, "{}", done.stderr());
        assert!(done.stderr().contains(want), "{}", done.stderr());
    }
    let zip = path("notes.zip", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    let issue = path("issue.json", br#"{"shortId":"SHOP-1","culprit":"x","title":"y"}"#);
    let other = path("other.json", br#"{"name":"package"}"#);
    for (file, want) in [
        (&zip, "without a Playwright trace"),
        (&issue, "a Sentry issue without an event"),
        (&other, "it holds JSON of another kind"),
    ] {
        let done = place.run(&["import", file, "--project", "shop"]);
        assert_eq!(done.code(), 1, "{}", done.stderr());
        assert!(done.stderr().contains(want), "{}", done.stderr());
    }
    assert!(!place.data().exists(), "nothing is opened for files that can't be read");
    place.json(&["project", "create", "shop", "--json"]);
    let events = case(CASE, "events.json.zst");
    let done = place.run(&["import", &events, "--project", "nowhere"]);
    assert_eq!(done.code(), 3, "{}", done.stderr());
}
