//! The programs that said in `initialize` what they are.
//!
//! Requests before 2026-07-28 name their program once, in the handshake, and Playhead has no sessions. So what a handshake
//! said is remembered for the credential and the user agent that it came with. It is a fallback for the audit log: what a
//! request itself says goes before it, and after a restart, or on another node, `User-Agent` is all there is.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use http::HeaderMap;
use http::header::USER_AGENT;
use playhead_access::Principal;

use crate::caller::McpClient;

/// Handshakes that are remembered; when there are more, all are forgotten.
const KNOWN_MAX: usize = 10_000;
/// Characters of a user agent that tell two of them apart.
const USER_AGENT_CHARS_MAX: usize = 200;

/// What handshakes said.
#[derive(Debug, Default)]
pub(crate) struct KnownClients(RwLock<HashMap<(String, String), McpClient>>);

impl KnownClients {
    /// Remembers what a handshake said.
    pub(crate) fn remember(&self, principal: &Principal, headers: &HeaderMap, client: McpClient) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(key(principal, headers), client);
    }

    /// The program of a request that doesn't name it: what its handshake said, else its user agent.
    pub(crate) fn client(&self, principal: &Principal, headers: &HeaderMap) -> McpClient {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(&key(principal, headers)).cloned();
        found.unwrap_or_else(|| McpClient::from_user_agent(headers))
    }
}

fn key(principal: &Principal, headers: &HeaderMap) -> (String, String) {
    let agent = headers.get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes())).unwrap_or_default();
    (principal.name(), agent.chars().take(USER_AGENT_CHARS_MAX).collect())
}
