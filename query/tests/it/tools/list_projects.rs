//! `list_projects`: the projects that a token sees, oldest first.

use serde_json::json;

use crate::support::{Form, TestServer, walk};

#[tokio::test]
async fn projects_are_listed_oldest_first() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    let projects = caller.call("list_projects", json!({})).await;
    assert_eq!(projects.data()["projects"][0]["slug"], "shop");
    assert_eq!(projects.data()["projects"][1]["slug"], "other");
    for form in [Form::Rest, Form::Text] {
        assert_eq!(walk(&caller, form, "list_projects", json!({"limit": 1})).await.len(), 2);
    }
}
