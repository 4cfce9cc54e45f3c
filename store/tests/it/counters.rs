use playhead_store::{Counted, Counter};

use crate::support::TestStore;

#[tokio::test]
async fn what_was_used_survives_a_restart() {
    let t = TestStore::new().await;
    let counter = Counter::ProjectDay(t.project);
    for used in 1..=3 {
        assert_eq!(t.store.count(counter, 7, 4), Counted::Within(used));
    }
    let t = t.reopen().await;
    assert_eq!(t.store.counted(counter, 7), 3);
    assert_eq!(t.store.count(counter, 7, 4), Counted::Within(4));
    assert_eq!(t.store.count(counter, 7, 4), Counted::Full);
    let t = t.reopen().await;
    assert_eq!(t.store.count(counter, 7, 4), Counted::Full);
    assert_eq!(t.store.counted(counter, 8), 0);
    assert_eq!(t.store.count(counter, 8, 4), Counted::Within(1));
}
