//! A store for one test, with people.

use playhead_access::Principal;
use playhead_schemas::{Actor, ProjectId, Role, WorkspaceId};
use playhead_store::{Bug, NewMember, Store, StoreConfig};
use playhead_tracker::{BugDraft, Writer, create_bug};

/// A store with the project `shop`, a manager Ann and an agent Bot.
pub(crate) struct TestTracker {
    pub(crate) store: Store,
    pub(crate) workspace: WorkspaceId,
    pub(crate) shop: ProjectId,
    pub(crate) ann: Actor,
    pub(crate) bot: Actor,
    _dir: tempfile::TempDir,
}

impl TestTracker {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = StoreConfig {
            readers: 2,
            results_memory_mib: 256,
            results_threads: 1,
            ..StoreConfig::for_tests(dir.path())
        };
        let store = Store::open(config).await.unwrap();
        let workspace = store.default_workspace().await.unwrap().id;
        let shop = store.create_project(workspace, "shop", "Shop").await.unwrap().id;
        let ann = member(&store, workspace, "Ann").await;
        let bot = Actor::Agent(store.create_agent(workspace, "Bot").await.unwrap().id);
        store.set_role(shop, ann, Some(Role::Manager)).await.unwrap();
        store.set_role(shop, bot, Some(Role::Developer)).await.unwrap();
        Self { store, workspace, shop, ann, bot, _dir: dir }
    }

    /// One who acts for `actor`, with the program `cli`.
    pub(crate) fn writer(&self, actor: Option<Actor>, name: Option<&str>) -> Writer {
        let principal = Principal { actor, ..Principal::local(self.workspace) };
        Writer::new(&principal, name, Some("cli 1".to_owned()))
    }

    pub(crate) fn as_ann(&self) -> Writer {
        self.writer(Some(self.ann), Some("Ann"))
    }

    pub(crate) fn draft(&self, title: &str) -> BugDraft {
        BugDraft {
            project: self.shop,
            title: title.to_owned(),
            description: None,
            priority: None,
            tags: Vec::new(),
            assignee: None,
            milestone: None,
            release: None,
            page_url: None,
        }
    }

    pub(crate) async fn bug(&self, title: &str) -> Bug {
        create_bug(&self.store, self.draft(title), None, &self.as_ann()).await.unwrap().0
    }
}

pub(crate) async fn member(store: &Store, workspace: WorkspaceId, name: &str) -> Actor {
    let new = NewMember {
        workspace,
        email: format!("{}@example.com", name.to_lowercase()),
        name: name.to_owned(),
        password_hash: None,
        must_change_password: false,
        admin: false,
    };
    Actor::Member(store.create_member(new).await.unwrap().id)
}
