use playhead_schemas::{EpochMs, ErrorCode};
use playhead_store::{CatalogUrl, Store, StoreConfig, StoreError};

use crate::support::{TestStore, clicks, config};

#[tokio::test]
async fn a_second_opener_is_told_what_to_do() {
    // One process may open a DuckDB file twice, so the other opener is a process of its own.
    let t = TestStore::new().await;
    let mut child = crate::crash::child("open-only", t.dir.path());
    let output = child.stdout(std::process::Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("open: the data directory") && said.contains("stop it first"), "{said}");
    t.store.close().await;
    let output = crate::crash::child("open-only", t.dir.path()).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("open: ok"));
}

#[tokio::test]
async fn a_closed_store_says_so_and_opens_again() {
    let t = TestStore::new().await;
    t.store.health().await.unwrap();
    let store = t.store.clone();
    let t = t.reopen().await;
    assert!(matches!(store.health().await, Err(StoreError::Closed)));
    assert!(matches!(store.default_workspace().await, Err(StoreError::Closed)));
    assert_eq!(t.store.project(t.project).await.unwrap().slug, "shop");
    t.store.health().await.unwrap();
}

#[tokio::test]
async fn what_can_not_be_opened_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let url = Some("nosuch://bucket".to_owned());
    let error = Store::open(StoreConfig { objects_url: url, ..config(dir.path()) }).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput, "{error}");
    std::fs::write(dir.path().join("file"), "x").unwrap();
    let error = Store::open(config(&dir.path().join("file"))).await.unwrap_err();
    assert!(error.to_string().contains("can't be created"), "{error}");
    for (url, code, word) in [
        ("postgres://ann:s3cret@127.0.0.1:1/shop", ErrorCode::Internal, "connect to PostgreSQL"),
        ("mysql://ann:s3cret@127.0.0.1/shop", ErrorCode::InvalidInput, "postgres://"),
    ] {
        let catalog_url = Some(CatalogUrl::new(url));
        let error = Store::open(StoreConfig { catalog_url, ..config(dir.path()) }).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(word) && !format!("{error:?}").contains("s3cret"), "{error:?}");
    }
}

#[tokio::test]
async fn a_damaged_file_is_named_with_what_to_do() {
    for (file, remedy) in [
        ("catalog.sqlite", "from a backup"),
        ("timelines.sqlite", "transcribed again"),
        ("results.duckdb", "writes it again from timelines.sqlite"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let embedded = StoreConfig { catalog_url: None, ..config(dir.path()) };
        Store::open(embedded.clone()).await.unwrap().close().await;
        let path = dir.path().join(file);
        std::fs::write(&path, "this is no database".repeat(1000)).unwrap();
        let error = Store::open(embedded.clone()).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Internal, "{error}");
        let said = error.to_string();
        assert!(said.contains(&path.display().to_string()) && said.contains(remedy), "{said}");
        if file != "catalog.sqlite" {
            std::fs::rename(&path, dir.path().join("away")).unwrap();
            Store::open(embedded).await.unwrap().close().await;
        }
    }
}

#[tokio::test]
async fn objects_may_lie_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let config = StoreConfig { objects_url: Some("memory:///x".into()), ..config(dir.path()) };
    let store = Store::open(config).await.unwrap();
    store.health().await.unwrap();
    assert!(!dir.path().join("objects").exists());
    store.close().await;
}

#[tokio::test]
async fn a_catalog_that_is_gone_takes_no_results_with_it() {
    let t = TestStore::new().await;
    if playhead_store::test_catalog_url(t.dir.path()).is_some() {
        return;
    }
    let replay = t.closed_replay("r").await;
    t.publish(replay, &clicks(3), "s").await;
    t.store.close().await;
    let (file, kept) = (t.dir.path().join("catalog.sqlite"), t.dir.path().join("kept"));
    std::fs::rename(&file, &kept).unwrap();
    for empty in [false, true] {
        if empty {
            std::fs::write(&file, "").unwrap();
        }
        let error = Store::open(config(t.dir.path())).await.unwrap_err();
        assert!(error.to_string().contains("put the catalog back"), "{error}");
    }
    std::fs::rename(&kept, &file).unwrap();
    let store = Store::open(config(t.dir.path())).await.unwrap();
    assert_eq!(store.transcript(replay).await.unwrap().unwrap().moments, 3);
    store.close().await;
}

#[tokio::test]
async fn results_of_a_backup_from_before_a_later_transcription_are_made_again() {
    let t = TestStore::new().await;
    if playhead_store::test_catalog_url(t.dir.path()).is_some() {
        return;
    }
    let replay = t.closed_replay("r").await;
    t.publish(replay, &clicks(3), "s").await;
    let t = t.reopen().await;
    let (file, backup) = (t.dir.path().join("timelines.sqlite"), t.dir.path().join("backup"));
    t.store.close().await;
    std::fs::copy(&file, &backup).unwrap();
    let t = t.reopen().await;
    t.store.enqueue_transcribe(replay).await.unwrap();
    t.publish(replay, &clicks(4), "s").await;
    let dir = t.dir.path().to_owned();
    t.store.close().await;
    std::fs::rename(&backup, &file).unwrap();
    let store = Store::open(config(&dir)).await.unwrap();
    assert!(store.transcript(replay).await.unwrap().is_none());
    let job = store.claim_job("w", EpochMs::now(), 1000).await.unwrap().unwrap();
    assert_eq!(job.subject, replay.0);
    store.close().await;
}

#[tokio::test]
async fn results_that_are_gone_are_made_again() {
    let t = TestStore::new().await;
    if playhead_store::test_catalog_url(t.dir.path()).is_some() {
        return;
    }
    let replay = t.closed_replay("r").await;
    t.publish(replay, &clicks(3), "s").await;
    let dir = t.dir.path().to_owned();
    t.store.close().await;
    std::fs::remove_file(dir.join("timelines.sqlite")).unwrap();
    let store = Store::open(config(&dir)).await.unwrap();
    assert!(store.transcript(replay).await.unwrap().is_none());
    let job = store.claim_job("w", EpochMs::now(), 1000).await.unwrap().unwrap();
    assert_eq!(job.subject, replay.0);
    store.publish_transcript(replay, job.id, "w", &clicks(4), "s", 1).await.unwrap();
    assert_eq!(store.transcript(replay).await.unwrap().unwrap().moments, 4);
    assert!(store.claim_job("w", EpochMs::now(), 1000).await.unwrap().is_none());
    store.close().await;
}
