//! `get_bug_cookies`: every cookie on one page.

use playhead_schemas::Scope;
use serde_json::json;

use crate::data::{self, cookie};
use crate::support::{Form, TestServer, walk};

#[tokio::test]
async fn each_cookie_is_on_one_page() {
    let server = TestServer::new().await;
    let mut new = data::bug(server.shop, "cookies");
    new.cookies = (0..150).map(|at| cookie(&format!("c{at}"), &"v1.a-Z/".repeat(at * 3))).collect();
    let names: Vec<String> = new.cookies.iter().map(|cookie| cookie.name.clone()).collect();
    let (bug, _) = server.store.create_bug(new).await.unwrap();
    let caller = server.caller(&[Scope::CookiesRead]).await;
    let pages = walk(&caller, Form::Rest, "get_bug_cookies", json!({"bug_id": bug.id, "max_tokens": 5_000})).await;
    let seen: Vec<&str> = pages
        .iter()
        .flat_map(|page| page.data()["untrusted"].as_array().unwrap())
        .map(|cookie| cookie["name"].as_str().unwrap())
        .collect();
    assert_eq!(seen, names);
    assert!(pages.iter().all(|page| page.tokens() <= 5_000));
}
