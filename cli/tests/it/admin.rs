//! Projects, keys and tokens: beside a running server and without one.

use serde_json::Value;

use crate::playhead::{Place, http};

/// Makes one of each, lists them, revokes them. The same must hold with and without a server.
fn life_of_things(place: &Place) {
    let project = place.json(&["project", "create", "shop", "--name", "Web shop", "--json"]);
    assert_eq!((&project["slug"], &project["name"]), (&"shop".into(), &"Web shop".into()));
    let again = place.run(&["project", "create", "shop"]);
    assert_eq!(again.code(), 3, "{}", again.stderr());
    assert!(again.stderr().contains("CONFLICT"), "{}", again.stderr());

    let key = place.run(&["key", "create", "--project", "shop", "--origin", "https://shop.example"]);
    let secret = key.stdout().trim().to_owned();
    assert!(secret.starts_with("phk_"), "{secret} {}", key.stderr());
    let keys = place.json(&["key", "list", "--project", "shop", "--json"]);
    assert_eq!(keys[0]["allowed_origins"][0], "https://shop.example");
    assert!(secret.starts_with(keys[0]["prefix"].as_str().unwrap()));
    assert!(!keys.to_string().contains(&secret));
    let revoked = place.json(&["key", "revoke", keys[0]["id"].as_str().unwrap(), "--json"]);
    assert!(revoked["revoked_at"].is_number(), "{revoked}");

    let made = place.json(&["token", "create", "--label", "ci", "--project", "shop", "--days", "1", "--json"]);
    assert!(made["secret"].as_str().unwrap().starts_with("pht_"));
    let id = made["token"]["id"].as_str().unwrap();
    assert_eq!(made["token"]["projects"][0], project["id"]);
    let listed = place.run(&["token", "list"]).stdout();
    assert!(listed.contains(id) && listed.contains("bugs:read") && !listed.contains("pht_very"), "{listed}");
    let revoked = place.json(&["token", "revoke", id, "--json"]);
    assert!(revoked["revoked_at"].is_number(), "{revoked}");
    assert!(!place.run(&["token", "list"]).stdout().contains(id));
    assert!(place.run(&["token", "list", "--all"]).stdout().contains(id));

    let label = ["key", "create", "--project", "shop", "--label", "temporary, for one upload"];
    assert_eq!(place.run(&label).code(), 2, "keys of this label are revoked after a day");
    let archived = place.json(&["project", "revoke", "shop", "--json"]);
    assert!(archived["archived_at"].is_number(), "{archived}");
    let list = "there is no project \"nowhere\"; `playhead project list`";
    for (args, want) in [
        (&["key", "create", "--project", "nowhere"][..], list),
        (&["key", "create", "--project", "nowhere"], "NOT_FOUND"),
        (&["key", "list", "--project", "nowhere"], list),
        (&["project", "revoke", "nowhere"], list),
        (&["token", "create", "--label", "x", "--project", "shop", "--project", "nowhere"], list),
        (&["token", "create", "--label", "x", "--endpoint", "nowhere"], list),
        (&["member", "invite", "ann@example.com", "--role", "nowhere=viewer"], list),
        (&["member", "list", "--project", "nowhere"], list),
        (&["agent", "list", "--project", "nowhere"], list),
        (&["audit", "--project", "nowhere"], list),
        (&["key", "revoke", "01JD3M6ZQK8V0W2X4Y6Z8A0B2C"], "NOT_FOUND"),
        (&["token", "revoke", "01JD3M6ZQK8V0W2X4Y6Z8A0B2C"], "NOT_FOUND"),
    ] {
        let refused = place.run(args);
        assert_eq!(refused.code(), 3, "{args:?}: {}", refused.stderr());
        assert!(refused.stderr().contains(want), "{args:?}: {}", refused.stderr());
    }
}

#[test]
fn without_a_server() {
    let place = Place::new();
    life_of_things(&place);
    assert!(!place.data().join("server.json").exists());
}

#[test]
fn beside_a_server() {
    let place = Place::new();
    let server = place.serve();
    life_of_things(&place);
    let made = place.json(&["token", "create", "--label", "reader", "--json"]);
    let token = made["secret"].as_str().unwrap();
    let tools = format!("{}/v1/tools", server.url());
    assert_eq!(http("GET", &tools, Some(token), None).0, 200);
    place.json(&["token", "revoke", made["token"]["id"].as_str().unwrap(), "--json"]);
    assert_eq!(http("GET", &tools, Some(token), None).0, 401, "a revocation bites at once");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_named_server_wants_a_token_and_obeys_it() {
    let (place, elsewhere) = (Place::new(), Place::new());
    let server = place.serve();
    place.json(&["project", "create", "shop", "--json"]);
    let token = |scope: &str| -> String {
        let made: Value = place.json(&["token", "create", "--label", "x", "--scope", scope, "--json"]);
        made["secret"].as_str().unwrap().to_owned()
    };
    let list = |token: &str| {
        let mut command = elsewhere.command(&["project", "list", "--url", server.url()]);
        command.env("PLAYHEAD_TOKEN", token).output().unwrap()
    };
    let output = list(&token("admin"));
    assert!(String::from_utf8_lossy(&output.stdout).contains("shop"), "{output:?}");
    assert_eq!(list(&token("bugs:read")).status.code(), Some(3));
    assert_eq!(list("pht_wrong").status.code(), Some(3));
    let url = server.url().to_owned();
    assert_eq!(server.stop(), Some(0));
    let mut command = elsewhere.command(&["project", "list", "--url", &url]);
    assert_eq!(command.env("PLAYHEAD_TOKEN", "pht_x").output().unwrap().status.code(), Some(4));
}
