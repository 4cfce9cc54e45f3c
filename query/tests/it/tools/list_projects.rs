//! `list_projects`: the projects that a token sees, oldest first.

use playhead_schemas::{Actor, Role};
use serde_json::json;

use crate::support::{Form, TestServer, walk};

#[tokio::test]
async fn projects_are_listed_oldest_first() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    let projects = caller.call("list_projects", json!({})).await;
    assert_eq!(projects.data()["projects"][0]["slug"], "shop");
    assert_eq!(projects.data()["projects"][1]["slug"], "other");
    assert!(projects.data()["projects"][0].get("role").is_none(), "the token acts for nobody");
    let actor = Actor::Member(server.member().await);
    server.store.set_role(server.shop, actor, Some(Role::Manager)).await.unwrap();
    let member = server.caller_like(|new| new.actor = Some(actor)).await;
    let seen = member.call("list_projects", json!({})).await;
    assert_eq!(seen.data()["projects"].as_array().unwrap().len(), 1);
    assert_eq!(seen.data()["projects"][0]["role"], "manager");
    for form in [Form::Rest, Form::Text] {
        assert_eq!(walk(&caller, form, "list_projects", json!({"limit": 1})).await.len(), 2);
    }
}
