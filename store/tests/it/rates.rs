use std::net::{IpAddr, Ipv4Addr};

use playhead_schemas::{EpochMs, KeyId};
use playhead_store::{Rate, RateSubject};

use crate::support::TestStore;

fn at(ms: i64) -> EpochMs {
    EpochMs(1_000_000 + ms)
}

#[tokio::test]
async fn an_address_may_fail_so_often_and_then_waits() {
    let t = TestStore::new().await;
    let (here, there): (Option<IpAddr>, Option<IpAddr>) =
        (Some(Ipv4Addr::LOCALHOST.into()), Some(Ipv4Addr::BROADCAST.into()));
    let admit = |address, ms| t.store.admit_address(address, 2, at(ms));
    let fail = |address, ms| t.store.count_auth_failure(address, 2, at(ms));
    for _ in 0..2 {
        assert_eq!((admit(here, 0), fail(here, 0)), (Ok(()), Ok(())));
    }
    assert_eq!((admit(here, 0), fail(here, 0)), (Err(30), Err(30)));
    assert_eq!((admit(there, 0), admit(None, 0), fail(None, 0)), (Ok(()), Ok(()), Ok(())));
    assert_eq!(t.store.clone().admit_address(here, 2, at(29_999)), Err(1), "clones of the store count together");
    assert_eq!(admit(here, 30_000), Ok(()));
}

#[tokio::test]
async fn keys_and_addresses_are_counted_apart() {
    let t = TestStore::new().await;
    let rate = Rate { per_second: 1.0, burst: 1 };
    let address = IpAddr::from(Ipv4Addr::LOCALHOST);
    let (one, two) = (RateSubject::IngestKey(KeyId::new()), RateSubject::IngestKey(KeyId::new()));
    for subject in [one, two, RateSubject::UploadAddress(address)] {
        assert_eq!(t.store.check_rate(subject, rate, at(0)), Ok(()), "{subject:?}");
        assert_eq!(t.store.check_rate(subject, rate, at(0)), Err(1), "{subject:?}");
    }
    assert_eq!(t.store.admit_address(Some(address), 1, at(0)), Ok(()), "an upload is no failure");
}
