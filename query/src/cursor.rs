//! Cursors: where a list goes on. Opaque to callers, signed, and bound to the call that gave them.
//!
//! Form: base64url of `version (1) | binding (8) | position as JSON | signature (16)`. The binding is
//! a hash of the tool, the principal and every argument that chooses what is listed; a cursor is good
//! for the same call only. The position may hold a generation, so that the tool notices new data.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::args::Text;
use crate::error::ToolError;

const VERSION: u8 = 1;
const BINDING_BYTES: usize = 8;
const SIGNATURE_BYTES: usize = 16;
/// The longest text that is looked at.
const CHARS_MAX: usize = 512;

/// A cursor as a caller sends it.
pub(crate) type Cursor = Text<CHARS_MAX>;

/// The secret that cursors are signed with. The catalog keeps it.
#[derive(Clone)]
pub(crate) struct CursorKey([u8; 32]);

impl CursorKey {
    /// A key from 32 bytes that nobody can guess.
    pub(crate) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A new random key.
    #[cfg(feature = "conformance")]
    pub(crate) fn random() -> Self {
        Self(rand::random())
    }
}

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey(..)")
    }
}

/// Makes and reads cursors.
#[derive(Clone, Debug)]
pub(crate) struct Cursors {
    key: CursorKey,
}

/// What a cursor is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Binding([u8; BINDING_BYTES]);

impl Binding {
    /// The binding of `tool`, called by `principal` with `filters`: every argument but cursor and sizes.
    pub(crate) fn new(tool: &str, principal: &str, filters: &impl Serialize) -> Self {
        let filters = serde_json::to_string(filters).unwrap_or_default();
        let mut hash = Sha256::new();
        for part in [tool, principal, &filters] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let mut binding = [0; BINDING_BYTES];
        binding.copy_from_slice(&hash.finalize()[..BINDING_BYTES]);
        Self(binding)
    }
}

impl Cursors {
    pub(crate) fn new(key: CursorKey) -> Self {
        Self { key }
    }

    /// The cursor of a position.
    pub(crate) fn seal(&self, binding: Binding, position: &impl Serialize) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(binding.0);
        bytes.extend(serde_json::to_vec(position).unwrap_or_default());
        let signature = self.sign(&bytes);
        bytes.extend(&signature[..SIGNATURE_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position of a cursor.
    ///
    /// # Errors
    /// `INVALID_INPUT` for one that this server did not give, or gave for another call.
    pub(crate) fn open<T: DeserializeOwned>(&self, binding: Binding, cursor: &str) -> Result<T, ToolError> {
        let (bound, position) = self.verified(cursor).ok_or_else(|| {
            ToolError::invalid(
                "cursor is not one that this server gave.",
                "Call again without cursor to begin at the first page.",
            )
        })?;
        if bound != binding {
            return Err(ToolError::invalid(
                "cursor belongs to another call: another tool, token or other arguments.",
                "Repeat the arguments of the call that gave it, or leave cursor out to begin at the first page.",
            ));
        }
        serde_json::from_slice(&position).map_err(|_| stale())
    }

    fn verified(&self, cursor: &str) -> Option<(Binding, Vec<u8>)> {
        if cursor.len() > CHARS_MAX {
            return None;
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let signed = bytes.len().checked_sub(SIGNATURE_BYTES).filter(|len| *len > BINDING_BYTES)?;
        let signature = bytes.split_off(signed);
        let mac = self.mac(&bytes);
        mac.verify_truncated_left(&signature).ok()?;
        if bytes[0] != VERSION {
            return None;
        }
        let mut binding = [0; BINDING_BYTES];
        binding.copy_from_slice(&bytes[1..=BINDING_BYTES]);
        Some((Binding(binding), bytes.split_off(1 + BINDING_BYTES)))
    }

    fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.mac(bytes).finalize().into_bytes().to_vec()
    }

    fn mac(&self, bytes: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key.0).expect("HMAC takes a key of any length");
        mac.update(bytes);
        mac
    }
}

/// Makes and reads the cursors of one call.
#[derive(Clone, Debug)]
pub(crate) struct Pager {
    cursors: Cursors,
    binding: Binding,
}

impl Pager {
    pub(crate) fn new(cursors: Cursors, binding: Binding) -> Self {
        Self { cursors, binding }
    }

    /// The cursor of a position.
    pub(crate) fn seal(&self, position: &impl Serialize) -> String {
        self.cursors.seal(self.binding, position)
    }

    /// The position of the cursor that the caller sent, if one was sent.
    ///
    /// # Errors
    /// As [`Cursors::open`].
    pub(crate) fn open<T: DeserializeOwned>(&self, cursor: Option<&Cursor>) -> Result<Option<T>, ToolError> {
        cursor.map(|cursor| self.cursors.open(self.binding, &cursor.0)).transpose()
    }
}

/// The error for a cursor whose list was replaced meanwhile.
pub(crate) fn stale() -> ToolError {
    ToolError::invalid(
        "cursor is stale: what it pages through was replaced since.",
        "Call again without cursor to begin at the first page.",
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn cursors() -> Cursors {
        Cursors::new(CursorKey::new([7; 32]))
    }

    #[test]
    fn a_cursor_comes_back() {
        let binding = Binding::new("list_bugs", "token 1", &("shop", 1));
        let cursor = cursors().seal(binding, &(42, "x"));
        assert_eq!(cursors().open::<(u32, String)>(binding, &cursor), Ok((42, "x".to_owned())));
    }

    #[test]
    fn each_changed_character_is_noticed() {
        let binding = Binding::new("list_bugs", "token 1", &());
        let cursor = cursors().seal(binding, &42);
        for at in 0..cursor.len() {
            let mut forged = cursor.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert!(cursors().open::<u32>(binding, &forged).is_err(), "character {at}");
        }
        for forged in ["", "AA", "not base64!", &"A".repeat(100), &"A".repeat(100_000)] {
            assert!(cursors().open::<u32>(binding, forged).is_err());
        }
        let other = Cursors::new(CursorKey::new([8; 32]));
        assert!(other.open::<u32>(binding, &cursor).is_err());
    }

    #[test]
    fn a_cursor_of_another_call_says_so() {
        let cursor = cursors().seal(Binding::new("list_bugs", "token 1", &"shop"), &42);
        for binding in [
            Binding::new("search_bugs", "token 1", &"shop"),
            Binding::new("list_bugs", "token 2", &"shop"),
            Binding::new("list_bugs", "token 1", &"other"),
            Binding::new("list_bugstoken 1", "", &"shop"),
        ] {
            let error = cursors().open::<u32>(binding, &cursor).unwrap_err();
            assert!(error.message.contains("another call"), "{error}");
        }
    }
}
