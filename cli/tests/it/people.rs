//! Members, agents, their tokens, and the audit log, as commands.

use serde_json::{Value, json};

use crate::playhead::{Place, http};

/// Asks for the bugs with a token; the status, and the code of a refusal.
fn list_bugs(url: &str, path: &str, token: &str) -> (u16, Value) {
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_bugs"}});
    let (status, answer) = http("POST", &format!("{url}{path}?output=structured"), Some(token), Some(call));
    (status, answer["result"]["structuredContent"]["code"].clone())
}

#[test]
fn an_agent_gets_a_role_and_a_token_and_loses_them() {
    let place = Place::new();
    let server = place.serve();
    place.json(&["project", "create", "shop", "--json"]);
    let agent = place.json(&["agent", "create", "fixer", "--json"]);
    let made = place.json(&["token", "create", "--label", "x", "--agent", "fixer", "--json"]);
    assert_eq!(made["token"]["actor"], format!("agent {}", agent["id"].as_str().unwrap()));
    let secret = made["secret"].as_str().unwrap();
    let call = || list_bugs(server.url(), "/mcp", secret);
    assert_eq!(call(), (200, "FORBIDDEN".into()), "no role yet");
    let set = place.run(&["agent", "role", "fixer", "--project", "shop", "--role", "viewer"]);
    assert_eq!(set.stdout().trim(), "fixer is viewer in shop");
    assert_eq!(call(), (200, Value::Null));
    assert!(place.run(&["agent", "list", "--project", "shop"]).stdout().contains("fixer"));
    let taken = place.run(&["agent", "role", "fixer", "--project", "shop", "--role", "none"]);
    assert_eq!(taken.stdout().trim(), "fixer has no role in shop");
    assert_eq!(call(), (200, "FORBIDDEN".into()));
    assert!(!place.run(&["agent", "list", "--project", "shop"]).stdout().contains("fixer"));
    place.json(&["agent", "revoke", "fixer", "--json"]);
    assert_eq!(call().0, 401);
    assert_eq!(place.json(&["agent", "list", "--json"]), json!([]));
    assert_eq!(place.json(&["agent", "list", "--all", "--json"]).as_array().unwrap().len(), 1);
    assert_eq!(place.run(&["agent", "revoke", "fixer"]).code(), 3, "a removed one has no name any more");

    let tokens = |args: &[&str]| place.run(&[&["token", "list"][..], args].concat()).stdout();
    assert!(!tokens(&[]).contains("(removed)") && !tokens(&[]).contains(agent["id"].as_str().unwrap()));
    assert!(tokens(&["--all"]).contains(&format!("agent {} (removed)", agent["id"].as_str().unwrap())));

    let log = place.json(&["audit", "--tool", "list_bugs", "--json"]);
    let codes: Vec<_> = log.as_array().unwrap().iter().map(|entry| entry["code"].clone()).collect();
    assert_eq!(codes, [json!("UNAUTHENTICATED"), json!("FORBIDDEN"), Value::Null, json!("FORBIDDEN")]);
    let refused = place.json(&["audit", "--refused", "--since", "1h", "--limit", "2", "--json"]);
    assert_eq!(refused.as_array().unwrap().len(), 2);
    let shown = place.run(&["audit", "--principal", log[0]["principal"].as_str().unwrap()]).stdout();
    assert!(shown.contains("list_bugs") && shown.contains("UNAUTHENTICATED"), "{shown}");
    assert!(!shown.contains("POST /api/v1"), "{shown}");
    assert!(!place.run(&["audit", "--limit", "1000"]).stdout().contains(secret));
    assert_eq!(place.run(&["audit", "--code", "nonsense"]).code(), 2);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_member_is_made_or_invited() {
    let place = Place::new();
    place.json(&["project", "create", "shop", "--json"]);
    let made = place.json(&["member", "create", "Ann@Example.com", "--name", "Ann", "--json"]);
    assert_eq!(made["member"]["email"], "ann@example.com");
    let password = place.run(&["member", "password", "ann@example.com"]).stdout();
    assert!(password.trim().len() > 20 && password.trim() != made["password"].as_str().unwrap());
    let set = place.run(&["member", "role", "ANN@example.com", "--project", "shop", "--role", "owner"]);
    assert_eq!(set.stdout().trim(), "ann@example.com is owner in shop");
    let listed = place.run(&["member", "list", "--project", "shop"]).stdout();
    assert!(listed.contains("ann@example.com") && listed.contains("owner"), "{listed}");
    place.json(&["member", "revoke", "ann@example.com", "--json"]);
    assert_eq!(place.json(&["member", "list", "--json"]), json!([]));
    place.json(&["member", "restore", "ann@example.com", "--json"]);
    assert_eq!(place.json(&["member", "list", "--json"])[0]["name"], "Ann");

    let mut invite = place.command(&["member", "invite", "bob@example.com", "--role", "shop=viewer"]);
    let output = invite.env("PLAYHEAD_PUBLIC_URL", "https://playhead.example.com").output().unwrap();
    let link = String::from_utf8(output.stdout).unwrap();
    assert!(link.starts_with("https://playhead.example.com/invitations/phi_"), "{link}");
    let open = place.json(&["member", "invitations", "--json"]);
    assert_eq!((&open[0]["email"], &open[0]["roles"][0][1]), (&json!("bob@example.com"), &json!("viewer")));
    let early = place.run(&["member", "admin", "Bob@example.com"]);
    assert_eq!(early.stdout().trim(), "bob@example.com becomes an administrator when the invitation is accepted");
    assert_eq!(place.json(&["member", "invitations", "--json"])[0]["admin"], true);
    assert_eq!(place.json(&["member", "admin", "bob@example.com", "--take", "--json"])["admin"], false);
    // Of several links any may be opened.
    place.run(&["member", "invite", "bob@example.com", "--role", "shop=viewer"]);
    place.run(&["member", "admin", "bob@example.com"]);
    let both = place.json(&["member", "invitations", "--json"]);
    assert!(both.as_array().unwrap().len() == 2 && both[0]["admin"] == true && both[1]["admin"] == true, "{both}");
    place.json(&["member", "uninvite", both[1]["id"].as_str().unwrap(), "--json"]);
    let early = place.run(&["member", "role", "bob@example.com", "--project", "shop", "--role", "viewer"]);
    assert_eq!(early.code(), 3);
    assert!(early.stderr().contains("has not accepted the invitation yet"), "{}", early.stderr());
    place.json(&["member", "uninvite", open[0]["id"].as_str().unwrap(), "--json"]);
    assert_eq!(place.json(&["member", "invitations", "--json"]), json!([]));
    let invited = place.run(&["member", "invite", "ANN@example.com", "--role", "shop=viewer"]);
    assert_eq!((invited.code(), invited.stdout()), (3, String::new()));
    assert!(invited.stderr().contains("already has an account; `playhead member role"), "{}", invited.stderr());
    for (args, code) in [
        (&["member", "revoke", "nobody@example.com"][..], 3),
        (&["member", "create", "ann@example.com"], 3),
        (&["member", "role", "ann@example.com", "--project", "none", "--role", "viewer"], 3),
        (&["member", "role", "ann@example.com", "--project", "shop", "--role", "root"], 2),
        (&["member", "invite", "x@example.com", "--role", "shop"], 2),
    ] {
        assert_eq!(place.run(args).code(), code, "{args:?}");
    }
}

#[test]
fn a_bound_token_is_good_at_its_endpoint_until_it_is_replaced() {
    let place = Place::new();
    let server = place.serve();
    place.json(&["project", "create", "shop", "--json"]);
    let made = place.json(&["token", "create", "--label", "x", "--endpoint", "shop", "--json"]);
    let (id, old) = (made["token"]["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert_eq!(list_bugs(server.url(), "/p/shop/mcp", old).0, 200);
    assert_eq!(list_bugs(server.url(), "/mcp", old).0, 401);
    let new = place.run(&["token", "rotate", id]).stdout();
    assert_eq!(list_bugs(server.url(), "/p/shop/mcp", old).0, 401);
    assert_eq!(list_bugs(server.url(), "/p/shop/mcp", new.trim()).0, 200);
    assert_eq!(place.run(&["token", "rotate", id]).code(), 3);
    let both = ["token", "create", "--label", "x", "--endpoint", "shop", "--project", "shop"];
    assert_eq!(place.run(&both).code(), 2);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_member_becomes_an_administrator_and_no_more() {
    let place = Place::new();
    let server = place.serve();
    place.json(&["project", "create", "shop", "--json"]);
    place.json(&["member", "create", "ann@example.com", "--json"]);
    let made = place.json(&["token", "create", "--label", "x", "--member", "ann@example.com", "--json"]);
    let call = || list_bugs(server.url(), "/mcp", made["secret"].as_str().unwrap());
    assert_eq!(call(), (200, "FORBIDDEN".into()), "no role yet");
    let set = place.run(&["member", "admin", "ann@example.com"]);
    assert_eq!(set.stdout().trim(), "ann@example.com is an administrator");
    assert_eq!(call(), (200, Value::Null), "the owner of every project from the next call on");
    assert_eq!(place.json(&["member", "admin", "ann@example.com", "--take", "--json"])["admin"], false);
    assert_eq!(call(), (200, "FORBIDDEN".into()));
    // The one that the first start made is the last.
    let refused = place.run(&["member", "admin", "admin@localhost", "--take"]);
    assert_eq!(refused.code(), 3);
    assert!(refused.stderr().contains("last administrator"), "{}", refused.stderr());
    // Looking is noted as well as changing.
    place.json(&["member", "list", "--json"]);
    let log = place.json(&["audit", "--json", "--limit", "1000"]);
    let actions: Vec<_> = log.as_array().unwrap().iter().filter_map(|entry| entry["action"].as_str()).collect();
    for action in ["GET /api/v1/members", "POST /api/v1/members/{member}/admin", "tools/call"] {
        assert!(actions.contains(&action), "{action} in {actions:?}");
    }
    assert_eq!(server.stop(), Some(0));
}
