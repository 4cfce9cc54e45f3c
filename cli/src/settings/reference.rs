//! The reference of all settings, made from their declarations: `docs/configuration.md`.

use std::fmt::Write;

use super::declared::GROUPS;
use super::values::Settings;

/// The text before the tables.
const HEAD: &str = "# Configuration

<!-- Generated from cli/src/settings/declared. Write it again with: UPDATE_DOCS=1 cargo test --release docs -->

Every setting has one name, and four places to give it. `body_bytes_max` is

- the flag `--body-bytes-max` of `playhead serve` and `playhead config`,
- the environment variable `PLAYHEAD_BODY_BYTES_MAX`,
- the line `body_bytes_max = \"16MiB\"` of a TOML file: the one that `--config FILE` or `PLAYHEAD_CONFIG` names, else
  `playhead.toml` in the current folder,
- its default.

A flag wins over the environment, the environment over the file, the file over the default. `playhead config` prints
every setting with its value and where the value comes from, `playhead config --json` the same for programs. A key or
a `PLAYHEAD_` variable that is no setting is an error that names the nearest one; the variables that Kubernetes and
Docker set for a service called `playhead` (`PLAYHEAD_SERVICE_HOST`, `PLAYHEAD_PORT_4600_TCP`, ..) are ignored.

Sizes may be given as `16777216`, `16KiB`, `16MiB` or `1GiB`. Lists have commas between their values; in the file they may
also be arrays.

Values are checked when they are read, by every command in the same way: what `playhead config` shows, `playhead serve`
takes. `playhead completions`, `schema` and `man` read no settings, so that no file is in their way.

Secrets are not settings. `PLAYHEAD_TOKEN`, the token that commands send to the server that `url` names, and
`PLAYHEAD_INGEST_KEY`, the key that `playhead import` sends, are read from the environment alone. The one exception is the
password in `catalog_url`, which `playhead config` replaces by `***`.
";

/// The text after the tables: what is fixed, and why.
const TAIL: &str = "
## Limits that are not settings

Every limit that an operator has a reason to change is a setting above. These are fixed:

- **The shape of a bug report** (`schemas/src/limits.rs`): characters of a title, a description and a tag; numbers of tags,
  cookies, screenshots and attachments; bytes of metadata; the highest segment number. They are part of the upload format:
  an SDK cuts to them before it sends, and must find them the same on every server.
- **The form of answers**: the bytes of a summary, the width of thumbnails, the longest tool result, the bytes of raw data
  that a caller gets without asking twice, the rows of a page. Stored results and the descriptions that assistants read
  are written to them.
- **What protocols say**: the zstd window of 8 MiB for HTTP (RFC 9659), the sizes of OAuth registrations, redirect
  addresses and client documents, the alphabet and length of PKCE verifiers.
- **Bounds inside one transcription**: how many characters of a label are quoted, how many levels of the page are searched
  for a name, how near in time two records of one request must be. They decide how a transcript reads; what a
  transcription may cost in all is set by the settings of *Transcription*.
- **How long ended credentials are kept** (`store/src/ended_credentials.rs`): codes, tokens, sessions and sign-in attempts
  1 day after their end, OAuth grants 30 days after theirs, OAuth clients 1 day without an authorization and 90 days after
  the last one. What has ended is refused at once, whether its row is still there or not, so that these times change
  nothing but the size of tables. The keys that `playhead import` and `playhead demo` create for an upload and could not
  revoke end after 1 day (`worker/src/janitor/temporary_keys.rs`).
- **Memory of tables in one process**: entries of look-up caches, queues and batches. What they hold can be
  rebuilt, and what is above them waits.
- **What one command does at its end of a connection**: timeouts and sizes of the command line's own HTTP client and of the
  bridge `playhead mcp`.
";

/// The reference in Markdown.
pub(crate) fn markdown() -> String {
    let defaults = Settings::default();
    let mut text = HEAD.to_owned();
    for group in GROUPS {
        let _ = write!(
            text,
            "\n## {}\n\n{}\n\n| setting | default | values | what it is |\n|---|---|---|---|\n",
            group.title, group.about
        );
        for setting in group.settings {
            let default = match setting.value(&defaults) {
                value if value.is_empty() => setting.default(&defaults),
                value => format!("`{value}`"),
            };
            let _ = writeln!(text, "| `{}` | {default} | {} | {} |", setting.key, setting.kind.range(), setting.docs());
        }
    }
    text.push_str(TAIL);
    text
}
