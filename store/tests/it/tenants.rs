use playhead_schemas::{ErrorCode, ProjectId, WorkspaceId};

use crate::support::TestStore;

#[tokio::test]
async fn projects_are_made_once_listed_and_archived() {
    let t = TestStore::new().await;
    let workspace = t.store.default_workspace().await.unwrap();
    assert_eq!(workspace.name, "default");
    let error = t.store.create_project(workspace.id, "shop", "Again").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    for slug in ["", "Shop", "a b", "a/b", &"x".repeat(65)] {
        let error = t.store.create_project(workspace.id, slug, "Bad").await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidInput, "{slug}");
    }
    let app = t.store.create_project(workspace.id, "app-2", "App").await.unwrap();
    assert_eq!(t.store.project(app.id).await.unwrap(), app);
    assert_eq!(t.store.project_by_slug(workspace.id, "app-2").await.unwrap(), Some(app.clone()));
    assert_eq!(t.store.project_by_slug(WorkspaceId::new(), "app-2").await.unwrap(), None);
    assert_eq!(t.store.project(ProjectId::new()).await.unwrap_err().code(), ErrorCode::NotFound);

    let first = t.store.archive_project(app.id).await.unwrap().archived_at;
    assert!(first.is_some());
    assert_eq!(t.store.archive_project(app.id).await.unwrap().archived_at, first);
    assert_eq!(t.store.archive_project(ProjectId::new()).await.unwrap_err().code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn pages_join_without_gap_or_double() {
    let t = TestStore::new().await;
    let workspace = t.store.default_workspace().await.unwrap().id;
    let mut made = vec![t.project];
    for i in 0..6 {
        made.push(t.store.create_project(workspace, &format!("p{i}"), "P").await.unwrap().id);
    }
    made.sort();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = t.store.projects(workspace, None, after, 3).await.unwrap();
        seen.extend(page.items.iter().map(|p| p.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, made);
    let only = t.store.projects(workspace, Some(&made[..2]), None, 10).await.unwrap();
    assert_eq!(only.items.len(), 2);
    assert!(t.store.projects(workspace, Some(&[]), None, 10).await.unwrap().items.is_empty());
    assert!(t.store.projects(WorkspaceId::new(), None, None, 10).await.unwrap().items.is_empty());
}
