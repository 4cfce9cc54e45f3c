//! Which fields hold secrets, for the whole session: those of type `password`, also after they were shown or drawn anew,
//! and those that say so by their purpose, name or label.
//!
//! In: fields of the mirror, and changes of it. Out: whether what is entered there is hidden; the names of hidden fields
//! and the values that were entered there, so that they are hidden elsewhere too ([`Known`]). Never here: texts.

use std::collections::{BTreeSet, HashMap};

use playhead_schemas::WindowNo;

use crate::dom::apply::Changes;
use crate::dom::name::name;
use crate::dom::{AttrName, Mirror, NodeIndex, Tags};
use crate::scrub::{Known, Secrecy, secrecy};

/// Fields of the pages that are shown of which it is remembered what they hold.
const FIELDS_MAX: usize = 10_000;
/// Names of password fields that are remembered.
const MARKS_MAX: usize = 300;
/// Characters of a label: longer ones are sentences.
const LABEL_CHARS_MAX: usize = 60;
/// Shorter names are given to many fields.
const MARK_BYTES_MIN: usize = 3;
/// Purposes of fields that hold secrets (HTML, section 4.10.18.7.1).
const PURPOSES: [&str; 5] = ["current-password", "new-password", "one-time-code", "cc-number", "cc-csc"];
/// What labels of fields that hold secrets say, in lower case.
const LABELS: [&str; 36] = [
    "password",
    "passphrase",
    "passcode",
    "passwort",
    "kennwort",
    "mot de passe",
    "contraseña",
    "senha",
    "пароль",
    "密码",
    "密碼",
    "パスワード",
    "비밀번호",
    "wachtwoord",
    "lösenord",
    "hasło",
    "salasana",
    "adgangskode",
    "passord",
    "şifre",
    "heslo",
    "jelszó",
    "security code",
    "card number",
    "cvv",
    "cvc",
    "one-time code",
    "verification code",
    "authentication code",
    "api key",
    "access token",
    "secret key",
    "private key",
    "recovery phrase",
    "seed phrase",
    "social security number",
];

/// What is known of the fields that hold secrets.
#[derive(Debug, Default)]
pub(crate) struct SecretFields {
    /// What was found out about the fields of the pages that are shown, by window and rrweb id.
    found: HashMap<(WindowNo, u32), bool>,
    /// The names and ids that password fields have or had.
    marks: BTreeSet<String>,
    /// What is hidden everywhere because of them.
    pub(crate) known: Known,
}

impl SecretFields {
    /// Notes the password fields of a document that was read.
    pub(crate) fn note_document(&mut self, window: WindowNo, mirror: &Mirror) {
        for nx in mirror.elements_of(Tags::of(["input"]), false).filter(|nx| is_password(mirror, *nx)) {
            self.mark(window, mirror, nx);
        }
    }

    /// Another document is shown, which gives its nodes the same ids.
    pub(crate) fn forget_page(&mut self, window: WindowNo) {
        self.found.retain(|(of, _), _| *of != window);
    }

    /// Notes fields that became or were password fields; those that became one.
    pub(crate) fn note_changes(&mut self, window: WindowNo, mirror: &Mirror, changes: &Changes) -> Vec<u32> {
        let mut hidden = Vec::new();
        for (nx, _, old) in changes.attrs.iter().filter(|(_, attr, _)| *attr == AttrName::Type) {
            let was = old.is_some_and(|old| mirror.slice(old).eq_ignore_ascii_case("password"));
            let is = is_password(mirror, *nx);
            if was || is {
                self.mark(window, mirror, *nx);
            }
            if is && !was {
                hidden.push(mirror.node(*nx).id);
            }
        }
        hidden
    }

    /// True for a field whose values are hidden.
    pub(crate) fn is_secret(&mut self, window: WindowNo, mirror: &Mirror, nx: NodeIndex) -> bool {
        let key = (window, mirror.node(nx).id);
        if is_password(mirror, nx) {
            if self.found.get(&key) != Some(&true) {
                self.mark(window, mirror, nx);
            }
            return true;
        }
        if let Some(known) = self.found.get(&key) {
            return *known;
        }
        let is_secret = says_so(mirror, nx) || self.is_marked(mirror, nx);
        if self.found.len() < FIELDS_MAX {
            self.found.insert(key, is_secret);
        }
        is_secret
    }

    /// Values under the names of this field are hidden everywhere.
    pub(crate) fn note_hidden_field(&mut self, mirror: &Mirror, nx: NodeIndex) {
        let label = name(mirror, nx).filter(|label| label.chars().count() <= LABEL_CHARS_MAX);
        let attrs = [AttrName::Name, AttrName::Id].into_iter().filter_map(|attr| mirror.attr(nx, attr));
        attrs.chain(label.as_deref()).for_each(|name| self.known.note_name(name));
    }

    fn mark(&mut self, window: WindowNo, mirror: &Mirror, nx: NodeIndex) {
        if self.found.len() < FIELDS_MAX {
            self.found.insert((window, mirror.node(nx).id), true);
        }
        for mark in marks(mirror, nx) {
            if self.marks.len() < MARKS_MAX && self.marks.insert(mark.to_owned()) {
                // What was taken for another field may be this one, drawn anew.
                self.found.retain(|_, is_secret| *is_secret);
            }
        }
    }

    /// True for a field that has the name or id of a password field: one that was replaced to show its value.
    fn is_marked(&self, mirror: &Mirror, nx: NodeIndex) -> bool {
        let replaces = |attr: AttrName| {
            let value = mirror.attr(nx, attr).filter(|value| value.len() >= MARK_BYTES_MIN);
            value
                .is_some_and(|value| mirror.ever_with_attr(attr, value).iter().any(|other| is_password(mirror, *other)))
        };
        marks(mirror, nx).any(|mark| self.marks.contains(mark)) || replaces(AttrName::Name) || replaces(AttrName::Id)
    }
}

fn marks(mirror: &Mirror, nx: NodeIndex) -> impl Iterator<Item = &str> {
    let attrs = [AttrName::Name, AttrName::Id].into_iter();
    attrs.filter_map(move |attr| mirror.attr(nx, attr)).filter(|mark| mark.len() >= MARK_BYTES_MIN)
}

fn is_password(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror.attr(nx, AttrName::Type).is_some_and(|kind| kind.eq_ignore_ascii_case("password"))
}

/// True for a field that says that it holds a secret.
fn says_so(mirror: &Mirror, nx: NodeIndex) -> bool {
    let purpose = mirror.attr(nx, AttrName::Autocomplete).unwrap_or_default();
    let has_purpose =
        || purpose.split_ascii_whitespace().any(|word| PURPOSES.iter().any(|p| word.eq_ignore_ascii_case(p)));
    // "Max tokens" is a number.
    let is_named = |name: &str| secrecy(name) == Secrecy::Certain && !name.to_ascii_lowercase().contains("tokens");
    has_purpose() || marks(mirror, nx).any(is_named) || name(mirror, nx).is_some_and(|label| is_secret_label(&label))
}

fn is_secret_label(label: &str) -> bool {
    let lower = label.to_lowercase();
    let has_word = |wanted: &str| lower.split(|c: char| !c.is_alphanumeric()).any(|word| word == wanted);
    label.chars().count() <= LABEL_CHARS_MAX
        && (LABELS.iter().any(|known| lower.contains(known)) || ["pin", "otp", "ssn"].into_iter().any(has_word))
}
