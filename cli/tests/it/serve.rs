//! `serve`: readiness, one process for a data folder, clean and unclean ends.

use std::os::unix::fs::PermissionsExt;

use rustix::process::Signal;

use crate::playhead::{Place, Process, Serving, http};

#[test]
fn it_says_that_it_is_ready_and_what_to_do_first() {
    let place = Place::new();
    let mut process = Process::start(place.command(&["serve", "--listen", "127.0.0.1:0"]));
    let ready = process.read_line();
    assert!(ready.starts_with("Playhead is ready at http://127.0.0.1:"), "{ready}");
    let administrator = process.read_line();
    assert!(administrator.starts_with("The first administrator is admin@localhost with the one-time password "));
    assert!(process.read_line().contains("no project"));
    process.signal(Signal::INT);
    let (code, rest) = process.end();
    assert_eq!(code, Some(0));
    assert!(rest.contains("playhead project create"), "{rest}");
    assert!(!place.data().join("server.json").exists());
}

#[test]
fn a_server_that_does_not_know_its_address_says_what_does_not_work() {
    for (args, is_warned) in [
        (&["--listen", "0.0.0.0:0"][..], true),
        (&["--listen", "127.0.0.1:0"], false),
        (&["--listen", "0.0.0.0:0", "--public-url", "https://playhead.example.com"], false),
    ] {
        let place = Place::new();
        let mut command = place.command(&[&["serve", "--json"], args].concat());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut ready = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut ready).unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), Signal::TERM).unwrap();
        let said = String::from_utf8_lossy(&child.wait_with_output().unwrap().stderr).into_owned();
        assert_eq!(said.contains("no public URL"), is_warned, "{args:?}: {said}");
        assert_eq!(said.contains("PLAYHEAD_PUBLIC_URL") && said.contains("Host"), is_warned, "{said}");
    }
}

#[test]
fn the_first_start_alone_makes_an_administrator() {
    let place = Place::new();
    let server = place.serve();
    let first = server.ready["administrator"].clone();
    assert_eq!(first["email"], "admin@localhost");
    let password = first["password"].as_str().unwrap().to_owned();
    assert!(password.len() > 20);
    assert_eq!(server.stop(), Some(0));
    let server = Serving::start(place.command(&["serve", "--json", "--listen", "127.0.0.1:0"]));
    assert_eq!(server.ready.get("administrator"), None);
    let again = place.json(&["member", "password", "admin@localhost", "--json"]);
    assert_ne!(again["password"], password.as_str(), "a password that was lost is made anew");
    assert_eq!(server.stop(), Some(0));

    let other = Place::new();
    let server = Serving::start(other.command(&[
        "serve",
        "--json",
        "--listen",
        "127.0.0.1:0",
        "--admin-email",
        "Ann@Example.com",
    ]));
    assert_eq!(server.ready["administrator"]["email"], "ann@example.com");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn server_json_is_private_and_a_clean_end_removes_it() {
    let place = Place::new();
    let server = place.serve();
    let path = place.data().join("server.json");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(place.data()).unwrap().permissions().mode() & 0o777, 0o700);
    let file: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(file["pid"], server.ready["pid"]);
    assert_eq!(file["url"], server.ready["url"]);

    let admin = format!("{}/api/v1/projects", server.url());
    assert_eq!(http("GET", &admin, None, None).0, 401);
    assert_eq!(http("GET", &admin, Some(file["secret"].as_str().unwrap()), None).0, 200);
    assert_eq!(http("GET", &format!("{}/readyz", server.url()), None, None).0, 200);
    assert_eq!(http("GET", &format!("{}/no/such/route", server.url()), None, None).0, 404);
    assert_eq!(server.stop(), Some(0));
    assert!(!path.exists());
}

#[test]
fn a_second_server_on_the_folder_is_told_who_has_it() {
    let place = Place::new();
    let server = place.serve();
    let second = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.code(), 4, "{}", second.stderr());
    assert!(second.stderr().contains("`playhead serve` (process "), "{}", second.stderr());
    assert!(second.stderr().contains(server.url()), "{}", second.stderr());
    assert!(place.data().join("server.json").exists(), "the first server's file stays");
    assert_eq!(place.run(&["project", "list"]).code(), 0, "the first server goes on");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_second_server_with_the_same_address_is_told_of_the_folder() {
    let place = Place::new();
    let server = place.serve();
    let address = server.url().strip_prefix("http://").unwrap();
    let refused = place.run(&["serve", "--listen", address]);
    assert_eq!(refused.code(), 4);
    let said = refused.stderr();
    assert!(said.contains("already runs on") && !said.contains("can't be listened on"), "{said}");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_copied_folder_is_not_that_of_the_running_server() {
    let (place, copy) = (Place::new(), Place::new());
    let server = place.serve();
    place.json(&["project", "create", "shop", "--json"]);
    std::fs::create_dir(copy.data()).unwrap();
    std::fs::copy(place.data().join("server.json"), copy.data().join("server.json")).unwrap();
    let listed = copy.run(&["project", "list", "--json"]);
    assert_eq!((listed.code(), listed.stdout().trim()), (0, "[]"));
    assert!(listed.stderr().contains("server.json is that of another data folder"), "{}", listed.stderr());
    assert_eq!(copy.run(&["project", "list"]).stderr(), "", "the file is gone");
    assert_eq!(server.stop(), Some(0));
}

/// What is pasted as one block: a server in the background, and a command right after it.
#[test]
fn a_server_and_commands_that_start_together_share_the_folder() {
    for _ in 0..3 {
        let place = Place::new();
        let mut process = Process::start(place.command(&["serve", "--json", "--listen", "127.0.0.1:0"]));
        let project = place.run(&["project", "create", "shop", "--json"]);
        assert_eq!(project.code(), 0, "{}", project.stderr());
        let keys = place.run(&["key", "create", "--project", "shop"]);
        assert_eq!(keys.code(), 0, "{}", keys.stderr());
        let ready: serde_json::Value = serde_json::from_str(&process.read_line()).expect("the server starts, too");
        let secret = keys.stdout();
        let url = format!("{}/v1/replays/x/segments/0", ready["url"].as_str().unwrap());
        let body = serde_json::json!({ "final": true });
        assert_eq!(http("PUT", &url, Some(secret.trim()), Some(body)).0, 202, "the server has what the command made");
        process.signal(Signal::TERM);
        assert_eq!(process.end().0, Some(0));
    }
}

#[test]
fn a_command_waits_for_a_server_that_is_starting_and_says_so() {
    let place = Place::new();
    place.json(&["project", "create", "shop", "--json"]);
    // This process starts a server, as far as the command can see.
    let starting = place.data().join("starting.json");
    std::fs::write(&starting, format!("{{\"pid\":{}}}", std::process::id())).unwrap();
    let waiting = place.command(&["project", "list"]).stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    std::fs::remove_file(&starting).unwrap();
    let output = waiting.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("waiting for the server that process"), "{said}");
    // What a killed server left behind holds nobody up.
    std::fs::write(&starting, "{\"pid\":4294967295}").unwrap();
    assert_eq!(place.run(&["project", "list"]).stderr(), "");
}

#[test]
fn a_killed_server_leaves_nothing_in_the_way() {
    let place = Place::new();
    let server = place.serve();
    place.json(&["project", "create", "shop", "--json"]);
    server.process.signal(Signal::KILL);
    server.process.end();
    assert!(place.data().join("server.json").exists(), "a killed server can't clean up");
    let projects = place.json(&["project", "list", "--json"]);
    assert_eq!(projects[0]["slug"], "shop", "what was acknowledged is there");
    let server = place.serve();
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn who_has_an_address_in_use_is_named_with_what_to_do() {
    let (place, other) = (Place::new(), Place::new());
    let refused = |address: &str, holder: &str| {
        let done = place.run(&["serve", "--listen", address]);
        assert_eq!(done.code(), 1);
        let said = done.stderr();
        assert!(said.contains(&format!("{address} can't be listened on, because {holder}")), "{said}");
        assert!(said.contains("choose another address, such as --listen 127.0.0.1:"), "{said}");
        assert!(!place.data().join("server.json").exists());
    };
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    refused(&taken.local_addr().unwrap().to_string(), "another program");
    let server = other.serve();
    refused(server.url().strip_prefix("http://").unwrap(), "another Playhead server");
    assert_eq!(server.stop(), Some(0));
    let mut demo = Process::start(place.command(&["demo", "--json"]));
    let printed: serde_json::Value = serde_json::from_str(&demo.read_line()).unwrap();
    refused(printed["url"].as_str().unwrap().strip_prefix("http://").unwrap(), "`playhead demo` (process ");
    demo.signal(Signal::INT);
    assert_eq!(demo.end().0, Some(0));
}
