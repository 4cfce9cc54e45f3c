use playhead_store::{Counted, Counter};
use ulid::Ulid;

use crate::support::TestStore;

#[tokio::test]
async fn what_was_used_survives_a_restart() {
    let t = TestStore::new().await;
    let workspace = t.store.default_workspace().await.unwrap().id;
    let counters =
        [Counter::ProjectDay(t.project), Counter::WorkspaceDay(workspace), Counter::PrincipalMinute(Ulid::generate())];
    for counter in counters {
        for used in 1..=3 {
            assert_eq!(t.store.count(counter, 7, 4), Counted::Within(used), "{counter}");
        }
    }
    let t = t.reopen().await;
    for counter in counters {
        assert_eq!(t.store.counted(counter, 7), 3, "{counter}");
        assert_eq!(t.store.count(counter, 7, 4), Counted::Within(4), "{counter}");
        assert_eq!(t.store.count(counter, 7, 4), Counted::Full, "{counter}");
    }
    let t = t.reopen().await;
    for counter in counters {
        assert_eq!(t.store.count(counter, 7, 4), Counted::Full, "{counter}");
        assert_eq!(t.store.counted(counter, 8), 0, "{counter}");
        assert_eq!(t.store.count(counter, 8, 4), Counted::Within(1), "{counter}");
    }
}
