//! `search_bugs`: words of titles, descriptions and summaries, in any order.

use serde_json::json;

use super::list_bugs::ids;
use crate::data::{self, SUMMARY, coupon_timeline, transcribed};
use crate::support::TestServer;

#[tokio::test]
async fn bugs_are_found_by_words_that_stand_apart() {
    let server = TestServer::new().await;
    let (first, _) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    let (second, _) = server.store.create_bug(data::bug(server.other, "100% broken_page")).await.unwrap();
    let caller = server.reader().await;
    for (query, want) in [
        ("applied a COUPON", vec![first]),
        // One stands in the title, one in the description, one in the summary.
        ("undefined pressed field", vec![first]),
        ("\"a coupon\" pay", vec![first]),
        ("\"pay to\"", vec![]),
        ("coupon broken_page", vec![]),
        ("100%", vec![second.id]),
        ("broken_p", vec![second.id]),
        ("n_p", vec![]),
        ("page %", vec![second.id]),
    ] {
        let called = caller.call("search_bugs", json!({"query": query})).await;
        assert_eq!(ids(&called), want.iter().map(ToString::to_string).collect::<Vec<_>>(), "{query}");
        assert_eq!(called.text().contains("No bug matches"), want.is_empty());
    }
    for signs in ["%", "\"--\" !?", "…"] {
        let refused = caller.refused("search_bugs", json!({"query": signs})).await;
        assert_eq!((refused.status, refused.code.as_str()), (400, "INVALID_INPUT"), "{signs}");
        assert!(refused.message.contains("no word to search for"), "{}", refused.message);
    }
    let closed = caller.call("search_bugs", json!({"query": "coupon", "status": ["closed", "resolved"]})).await;
    assert!(ids(&closed).is_empty());
}
