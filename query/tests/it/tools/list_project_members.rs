//! `list_project_members` and `list_workspaces`.

use playhead_schemas::{Actor, Role, Scope};
use serde_json::json;

use crate::support::{Form, TestServer, walk};

#[tokio::test]
async fn people_and_agents_of_a_project_are_listed() {
    let server = TestServer::new().await;
    let (ann, outsider) = (Actor::Member(server.member().await), server.member().await);
    let bot = Actor::Agent(server.store.create_agent(server.workspace, "Bot").await.unwrap().id);
    server.store.set_role(server.shop, ann, Some(Role::Manager)).await.unwrap();
    server.store.set_role(server.shop, bot, Some(Role::Developer)).await.unwrap();
    server.store.set_role(server.other, Actor::Member(outsider), Some(Role::Owner)).await.unwrap();
    let caller = server.reader().await;
    let all = caller.call("list_project_members", json!({"project": "shop"})).await;
    let members = json!([
        {"id": bot, "role": "developer", "untrusted": {"name": "Bot"}},
        {"id": ann, "role": "manager", "untrusted": {"name": "Ann"}}
    ]);
    assert_eq!(all.data()["members"], members);
    for form in [Form::Rest, Form::Text] {
        assert_eq!(walk(&caller, form, "list_project_members", json!({"project": "shop", "limit": 1})).await.len(), 2);
    }
    let one = server.caller_of(&[Scope::BugsRead], Some(vec![server.shop])).await;
    assert_eq!(one.call("list_project_members", json!({})).await.data()["members"], members);
    let workspaces = caller.call("list_workspaces", json!({})).await;
    assert_eq!(workspaces.data()["workspaces"][0]["id"], json!(server.workspace));
}
