//! Keys that the server makes for itself: generated once, stored in the catalog, the same after a restart.

use rand::RngExt;

use crate::engine::{Session, Value, values};
use crate::{Result, Store, StoreError};

/// The name of the key that signs the cursors of lists.
const CURSORS: &str = "cursors";

const ADD: &str = "INSERT INTO server_keys (name, key_bytes) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
const FIND: &str = "SELECT key_bytes FROM server_keys WHERE name = $1";

impl Store {
    /// The key that signs cursors: 32 random bytes, made by the first call and the same ever after. Calls that race
    /// get the same key. Keep it in memory: each call reads the catalog. Never log it.
    ///
    /// # Errors
    /// When the catalog can't be read or written.
    pub async fn cursor_key(&self) -> Result<[u8; 32]> {
        if let Some(key) = self.read(|session| find(session, CURSORS)).await? {
            return Ok(key);
        }
        let generated: [u8; 32] = rand::rng().random();
        self.write(move |tx| {
            // Whoever was first wins; the key is read back because it may be another caller's.
            tx.execute(ADD, &values![CURSORS, &generated[..]])?;
            match tx.query_one(FIND, &values![CURSORS])? {
                Some(row) => from_bytes(row.get(0)?),
                None => Err(StoreError::NotFound("server key")),
            }
        })
        .await
    }
}

fn find(session: &dyn Session, name: &'static str) -> Result<Option<[u8; 32]>> {
    let params: [Value; 1] = values![name];
    session.query_one(FIND, &params)?.map(|row| from_bytes(row.get(0)?)).transpose()
}

fn from_bytes(bytes: Vec<u8>) -> Result<[u8; 32]> {
    <[u8; 32]>::try_from(bytes)
        .map_err(|bytes| StoreError::engine("read a server key", format!("it has {} bytes instead of 32", bytes.len())))
}
