//! Signed-in browsers, and limits on attempts to sign in.

use playhead_schemas::{EpochMs, MemberId, SessionId};
use ulid::Ulid;

use crate::engine::{Row, Tx, values};
use crate::payload::fingerprint;
use crate::secret::{SecretKind, fingerprint_of};
use crate::{Result, Secret, Store};

/// A signed-in browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrowserSession {
    /// Its id.
    pub id: SessionId,
    /// Who signed in.
    pub member: MemberId,
    /// When it ends.
    pub expires_at: EpochMs,
}

/// How many attempts to sign in may fail.
#[derive(Clone, Copy, Debug)]
pub struct SignInLimits {
    /// For one account.
    pub per_account: u32,
    /// From one network address.
    pub per_address: u32,
    /// In this time, milliseconds.
    pub window_ms: i64,
}

/// Whether a sign-in may be attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInAttempt {
    /// It counts as failed until [`Store::sign_in_succeeded`].
    Allowed(SignInAttemptId),
    /// Too many failed; the next attempt is allowed at this time.
    TooMany(EpochMs),
}

/// The id of an attempt that was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInAttemptId(Ulid);

/// Of a member whose password is still the one that was checked.
const ADD: &str = "INSERT INTO sessions (id, member, secret_sha256, created_at, expires_at)
    SELECT $1, m.id, $3, $4, $5 FROM members m
    WHERE m.id = $2 AND m.disabled_at IS NULL AND m.password_hash IS NOT DISTINCT FROM $6";
const BY_SECRET: &str = "SELECT s.id, s.member, s.expires_at FROM sessions s JOIN members m ON m.id = s.member
    WHERE s.secret_sha256 = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND m.disabled_at IS NULL";
const END: &str = "UPDATE sessions SET ended_at = $2 WHERE id = $1";
const END_ALL: &str = "UPDATE sessions SET ended_at = $2 WHERE member = $1 AND ended_at IS NULL";
const END_OTHERS: &str = "UPDATE sessions SET ended_at = $3
    WHERE member = $1 AND id <> $2::text AND ended_at IS NULL";

const FAILED: &str = "SELECT count(*), min(tried_at) FROM sign_in_attempts WHERE subject = $1 AND tried_at > $2";
const TRY: &str = "INSERT INTO sign_in_attempts (id, subject, tried_at) VALUES ($1, $2, $3)";
const SUCCEED: &str = "DELETE FROM sign_in_attempts WHERE id = $1
    OR subject IN (SELECT a.subject FROM sign_in_attempts a WHERE a.id = $1 AND a.subject LIKE 'account %')";
const FORGET: &str = "DELETE FROM sign_in_attempts WHERE subject LIKE $1";

impl Store {
    /// Signs a browser in. `phc` is the PHC string of the password that was checked. The secret (`phs_..`) goes into its
    /// cookie; `None` when the member was removed or has another password by now.
    pub async fn create_session(
        &self,
        member: MemberId,
        phc: Option<&str>,
        now: EpochMs,
        life_ms: i64,
    ) -> Result<Option<Secret>> {
        let secret = Secret::generate(SecretKind::Session);
        let sha256 = secret.fingerprint().0.to_vec();
        let row = values![SessionId::new(), member, sha256, now, now.plus_ms(life_ms), phc];
        let added = self.write(move |tx| tx.execute(ADD, &row)).await?;
        Ok((added == 1).then_some(secret))
    }

    /// The session of a cookie; `None` when it has ended or its member was removed.
    pub async fn session_by_secret(&self, secret: &str, now: EpochMs) -> Result<Option<BrowserSession>> {
        let Some(sha256) = fingerprint_of(SecretKind::Session, secret) else { return Ok(None) };
        self.find(BY_SECRET, values![&sha256.0[..], now], session).await
    }

    /// Signs a browser out.
    pub async fn end_session(&self, id: SessionId, now: EpochMs) -> Result<()> {
        self.write(move |tx| tx.execute(END, &values![id, now]).map(drop)).await
    }

    /// Signs every other browser of a member out.
    pub async fn end_other_sessions(&self, member: MemberId, keep: SessionId, now: EpochMs) -> Result<()> {
        self.write(move |tx| tx.execute(END_OTHERS, &values![member, keep, now]).map(drop)).await
    }

    /// Asks whether a password may be tried for an account (as it was typed, whether it exists or not) from an address.
    /// The attempt is counted before it is made, so that any number of attempts at once stay within the limits.
    pub async fn try_sign_in(
        &self,
        account: &str,
        address: Option<&str>,
        limits: SignInLimits,
        now: EpochMs,
    ) -> Result<SignInAttempt> {
        let subjects = subjects(account, address);
        let id = Ulid::generate();
        self.write(move |tx| {
            for (subject, max) in subjects.iter().zip([limits.per_account, limits.per_address]) {
                if let Some(until) = is_full(tx, subject, max, limits.window_ms, now)? {
                    return Ok(SignInAttempt::TooMany(until));
                }
            }
            for subject in &subjects {
                tx.execute(TRY, &values![id, subject.as_str(), now])?;
            }
            Ok(SignInAttempt::Allowed(SignInAttemptId(id)))
        })
        .await
    }

    /// Deletes an attempt and the earlier ones for the account from that address, because the sign-in succeeded.
    pub async fn sign_in_succeeded(&self, attempt: SignInAttemptId) -> Result<()> {
        self.write(move |tx| tx.execute(SUCCEED, &values![attempt.0]).map(drop)).await
    }
}

/// Signs every browser of a member out, and forgets the failed attempts for the account: its password was reset, or the
/// account was removed or restored.
pub(crate) fn end_all(tx: &Tx<'_>, member: MemberId, email: &str, now: EpochMs) -> Result<()> {
    tx.execute(END_ALL, &values![member, now])?;
    tx.execute(FORGET, &values![format!("{}%", account_subject(email))]).map(drop)
}

/// What attempts are counted by: the account together with the address, so that nobody can lock a member out from
/// elsewhere, and the address alone. A user may type a password into the address field: only its hash is stored.
fn subjects(account: &str, address: Option<&str>) -> Vec<String> {
    let account = account_subject(account);
    match address {
        Some(address) => vec![format!("{account} {address}"), format!("address {address}")],
        None => vec![account],
    }
}

fn account_subject(account: &str) -> String {
    let account = fingerprint(account.trim().to_lowercase().as_bytes());
    let hex: String = account.0.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("account {hex}")
}

fn is_full(tx: &Tx<'_>, subject: &str, max: u32, window_ms: i64, now: EpochMs) -> Result<Option<EpochMs>> {
    let Some(row) = tx.query_one(FAILED, &values![subject, now.plus_ms(-window_ms)])? else { return Ok(None) };
    let oldest: Option<EpochMs> = row.get(1)?;
    Ok((row.get::<u32>(0)? >= max).then(|| oldest.unwrap_or(now).plus_ms(window_ms)))
}

fn session(row: &Row) -> Result<BrowserSession> {
    Ok(BrowserSession { id: row.get(0)?, member: row.get(1)?, expires_at: row.get(2)? })
}
