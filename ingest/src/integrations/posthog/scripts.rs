//! The scripts that posthog-js loads at run time, from a folder that the operator chose: an unpacked npm package
//! `posthog-js`, or one folder for each version of it.

use std::path::{Path, PathBuf};

/// Bytes of one script.
const SCRIPT_BYTES_MAX: u64 = 8 << 20;

/// The script that a path under `/static/` names: `lazy-recorder.js`, or `1.449.2/lazy-recorder.js`. `version` is that of
/// the query, which older SDKs send.
pub(crate) async fn read(folder: &Path, path: &str, version: Option<&str>) -> Option<Vec<u8>> {
    for place in places(folder, path, version)? {
        let Ok(meta) = tokio::fs::metadata(&place).await else { continue };
        if meta.is_file()
            && meta.len() <= SCRIPT_BYTES_MAX
            && let Ok(bytes) = tokio::fs::read(&place).await
        {
            return Some(bytes);
        }
    }
    None
}

/// Where to look, in this order: the folder of the version, then the folder itself.
fn places(folder: &Path, path: &str, version: Option<&str>) -> Option<Vec<PathBuf>> {
    let (version, file) = match path.split_once('/') {
        Some((version, file)) => (Some(version), file),
        None => (version, path),
    };
    if !is_script(file) {
        return None;
    }
    let mut roots = Vec::new();
    if let Some(version) = version {
        if !is_name(version) {
            return None;
        }
        roots.push(folder.join(version));
    }
    roots.push(folder.to_owned());
    Some(roots.into_iter().flat_map(|root| [root.join("dist").join(file), root.join(file)]).collect())
}

fn is_script(name: &str) -> bool {
    is_name(name) && (name.ends_with(".js") || name.ends_with(".js.map"))
}

/// True for a name that stays in its folder.
fn is_name(name: &str) -> bool {
    (1..=100).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+".contains(&b))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_stay_in_the_folder() {
        for path in ["../x.js", "1.2/../x.js", ".hidden.js", "a/b/c.js", "x.html", "", "/x.js", "..%2fx.js", "1\0/x.js"]
        {
            assert_eq!(places(Path::new("/scripts"), path, None), None, "{path}");
        }
        assert_eq!(places(Path::new("/scripts"), "x.js", Some("../..")), None);
    }

    #[tokio::test]
    async fn a_version_has_its_own_scripts() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, path.strip_prefix(folder.path()).unwrap().to_str().unwrap()).unwrap();
        };
        ["dist/recorder.js", "1.449.2/dist/recorder.js", "1.310.0/recorder.js"].into_iter().for_each(write);
        for (path, version, want) in [
            ("recorder.js", None, Some("dist/recorder.js")),
            ("1.449.2/recorder.js", None, Some("1.449.2/dist/recorder.js")),
            ("recorder.js", Some("1.310.0"), Some("1.310.0/recorder.js")),
            ("9.9.9/recorder.js", None, Some("dist/recorder.js")),
            ("surveys.js", None, None),
        ] {
            let found = read(folder.path(), path, version).await;
            assert_eq!(found.as_deref(), want.map(str::as_bytes), "{path}");
        }
    }
}
