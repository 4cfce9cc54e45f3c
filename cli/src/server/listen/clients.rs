//! The open connections: how many, whose, and which of them is let go when others need its place.
//!
//! Only a connection that waits for its client is ever let go, that of the slowest client first; a request that the server
//! works on never is.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::pace::Pace;

/// How long a client must be behind before its connection is let go for another one. Those who send and read as fast as
/// their network can are behind by less.
const BEHIND_MIN: Duration = Duration::from_secs(1);

/// Every open connection. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clients {
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    connections: HashMap<u64, Connection>,
}

#[derive(Debug)]
struct Connection {
    ip: IpAddr,
    pace: Pace,
    close: CancellationToken,
    /// It is being let go already.
    is_leaving: bool,
}

/// One open connection; it is forgotten when this is dropped.
#[derive(Debug)]
pub(crate) struct Client {
    id: u64,
    clients: Clients,
    /// Cancelled when the connection is to end at once.
    pub(crate) close: CancellationToken,
}

/// Which connections may be let go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose {
    Anybodys,
    Of(IpAddr),
}

impl Clients {
    pub(crate) fn add(&self, ip: IpAddr, pace: Pace) -> Client {
        let close = CancellationToken::new();
        let mut open = self.lock();
        let id = open.next;
        open.next += 1;
        open.connections.insert(id, Connection { ip, pace, close: close.clone(), is_leaving: false });
        Client { id, clients: self.clone(), close }
    }

    /// How many connections of an address are open.
    pub(crate) fn of(&self, ip: IpAddr) -> usize {
        self.lock().connections.values().filter(|one| one.ip == ip && !one.is_leaving).count()
    }

    /// Ends the connection whose client is furthest behind. False when no client is behind enough.
    pub(crate) fn let_slowest_go(&self, whose: Whose, now: Instant) -> bool {
        let mut open = self.lock();
        let may = |one: &&mut Connection| {
            !one.is_leaving
                && match whose {
                    Whose::Anybodys => true,
                    Whose::Of(ip) => one.ip == ip,
                }
        };
        let behind = open.connections.values_mut().filter(may).filter_map(|one| Some((one.pace.behind(now)?, one)));
        let Some((_, slowest)) = behind.filter(|(time, _)| *time >= BEHIND_MIN).max_by_key(|(time, _)| *time) else {
            return false;
        };
        slowest.is_leaving = true;
        slowest.close.cancel();
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.clients.lock().connections.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::pace::Patience;
    use super::*;

    #[test]
    fn the_slowest_goes_first_and_no_request_that_is_worked_on() {
        let start = Instant::now();
        let at = |s| start + Duration::from_secs(s);
        let patience = Patience { stall_max: Duration::from_secs(30), bytes_per_second_min: 1024 };
        let pace = |s| Pace::new(patience, at(s));
        let (near, far) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([192, 0, 2, 7]));
        let clients = Clients::default();
        let busy = pace(0);
        let worked_on = clients.add(far, busy.clone());
        busy.begin_request();
        let (slowest, slow) = (clients.add(near, pace(0)), clients.add(far, pace(2)));
        assert_eq!((clients.of(near), clients.of(far)), (1, 2));
        assert!(!clients.let_slowest_go(Whose::Of(far), at(2)), "nobody there is behind by a second");
        assert!(clients.let_slowest_go(Whose::Anybodys, at(3)));
        assert!(slowest.close.is_cancelled() && !slow.close.is_cancelled());
        assert_eq!(clients.of(near), 0, "one that is leaving counts no more");
        assert!(clients.let_slowest_go(Whose::Of(far), at(3)));
        assert!(slow.close.is_cancelled() && !worked_on.close.is_cancelled());
        assert!(!clients.let_slowest_go(Whose::Anybodys, at(100)));
        drop((slowest, slow, worked_on));
        assert_eq!(clients.of(far), 0);
    }
}
