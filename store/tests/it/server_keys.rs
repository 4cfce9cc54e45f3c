use futures::future::join_all;

use crate::support::TestStore;

#[tokio::test]
async fn the_cursor_key_is_made_once_and_survives_a_restart() {
    let t = TestStore::new().await;
    let raced = join_all((0..8).map(|_| t.store.cursor_key())).await;
    let key = t.store.cursor_key().await.unwrap();
    for raced in raced {
        assert_eq!(raced.unwrap(), key, "calls that race get one key");
    }
    let t = t.reopen().await;
    assert_eq!(t.store.cursor_key().await.unwrap(), key, "the same after a restart");
    let other = TestStore::new().await;
    assert_ne!(other.store.cursor_key().await.unwrap(), key, "every server has its own");
}
