//! OAuth clients: those that registered themselves, and those whose metadata document was read.

use playhead_schemas::EpochMs;
use ulid::Ulid;

use crate::engine::{Row, Tx, values};
use crate::json::to_json;
use crate::{Result, Store};

/// A client, as it was registered or as its metadata document describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthClient {
    /// Its id: a ULID of this server, or the URL of its metadata document.
    pub id: String,
    /// Its name, which it chose itself.
    pub name: String,
    /// Where codes may be sent, exactly as registered.
    pub redirect_uris: Vec<String>,
    /// When it was first seen.
    pub created_at: EpochMs,
    /// When its document must be read again; `None` for a client that registered itself.
    pub fresh_until: Option<EpochMs>,
}

/// A client that registers.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// Its name, which it chose itself.
    pub name: String,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// The network address that it registered from, for the limit.
    pub from: Option<String>,
}

/// How many clients may register.
#[derive(Clone, Copy, Debug)]
pub struct ClientLimits {
    /// From one address in an hour.
    pub per_address_hour: u32,
    /// In total, of those that no member authorized yet.
    pub unused_max: u32,
}

const HOUR_MS: i64 = 3_600_000;

const ADD: &str = "INSERT INTO oauth_clients (id, name, redirect_uris, registered_from, created_at)
    VALUES ($1, $2, $3, $4, $5)";
const COUNT_FROM_ADDRESS: &str = "SELECT count(*) FROM oauth_clients WHERE registered_from = $1 AND created_at > $2";
const COUNT_UNUSED: &str = "SELECT count(*) FROM oauth_clients WHERE used_at IS NULL";
const BY_ID: &str = "SELECT id, name, redirect_uris, created_at, fresh_until FROM oauth_clients WHERE id = $1";
const UPSERT: &str = "INSERT INTO oauth_clients (id, name, redirect_uris, created_at, fresh_until)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, redirect_uris = excluded.redirect_uris, fresh_until = excluded.fresh_until";
const MARK_USED: &str = "UPDATE oauth_clients SET used_at = $2 WHERE id = $1";

impl Store {
    /// Registers a client; `None` when a limit is reached.
    pub async fn register_client(
        &self,
        new: NewClient,
        limits: ClientLimits,
        now: EpochMs,
    ) -> Result<Option<OAuthClient>> {
        let client = OAuthClient {
            id: Ulid::generate().to_string(),
            name: new.name,
            redirect_uris: new.redirect_uris,
            created_at: now,
            fresh_until: None,
        };
        let uris = to_json(&client.redirect_uris)?;
        self.write(move |tx| {
            if is_full(tx, new.from.as_deref(), limits, now)? {
                return Ok(None);
            }
            let (id, name) = (client.id.as_str(), client.name.as_str());
            tx.execute(ADD, &values![id, name, uris.as_str(), new.from.as_deref(), now])?;
            Ok(Some(client.clone()))
        })
        .await
    }

    /// The client of an id, if it is known.
    pub async fn oauth_client(&self, id: &str) -> Result<Option<OAuthClient>> {
        self.find(BY_ID, values![id], client).await
    }

    /// Stores what a client's metadata document says, until it must be read again.
    pub async fn store_client_document(&self, client: OAuthClient) -> Result<()> {
        let uris = to_json(&client.redirect_uris)?;
        self.write(move |tx| {
            let (id, name) = (client.id.as_str(), client.name.as_str());
            tx.execute(UPSERT, &values![id, name, uris.as_str(), client.created_at, client.fresh_until]).map(drop)
        })
        .await
    }
}

/// Records, within a transaction, that a member authorized a client: it is then kept for longer.
pub(super) fn mark_used(tx: &Tx<'_>, id: &str, now: EpochMs) -> Result<()> {
    tx.execute(MARK_USED, &values![id, now]).map(drop)
}

fn is_full(tx: &Tx<'_>, from: Option<&str>, limits: ClientLimits, now: EpochMs) -> Result<bool> {
    let count = |row: Option<Row>| row.map_or(Ok(0), |row| row.get::<u32>(0));
    let of_address = tx.query_one(COUNT_FROM_ADDRESS, &values![from, now.plus_ms(-HOUR_MS)])?;
    Ok(count(of_address)? >= limits.per_address_hour || count(tx.query_one(COUNT_UNUSED, &[])?)? >= limits.unused_max)
}

fn client(row: &Row) -> Result<OAuthClient> {
    Ok(OAuthClient {
        id: row.get(0)?,
        name: row.get(1)?,
        redirect_uris: row.json(2)?,
        created_at: row.get(3)?,
        fresh_until: row.get(4)?,
    })
}
