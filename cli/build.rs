//! Puts the recorded cases of `testdata/cases` and the pages of `testdata/shop` into the binary, so that `playhead demo` needs
//! nothing beside it.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The files of a case and the fields that hold them; those marked `false` may be missing.
const FILES: [(&str, &str, bool); 5] = [
    ("events", "events.json.zst", true),
    ("context", "context.json", true),
    ("console", "console.json.zst", false),
    ("network", "network.har.json.zst", false),
    ("screenshot", "screenshot.png", false),
];

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let cases = manifest.join("../testdata/cases");
    println!("cargo::rerun-if-changed={}", cases.display());
    let mut folders: Vec<PathBuf> = fs::read_dir(&cases)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    folders.sort();
    let mut code = String::from("pub(crate) const CASES: &[Case] = &[\n");
    for folder in folders.iter().filter(|folder| is_complete(folder)) {
        code.push_str(&case(folder)?);
    }
    code.push_str("];\n");
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    fs::write(out.join("cases.rs"), code)?;
    let shop = manifest.join("../testdata/shop");
    let lists = [("PAGES", shop.join("pages")), ("PUBLIC", shop.join("public"))];
    let code = lists.iter().map(|(name, folder)| files(name, folder)).collect::<io::Result<String>>()?;
    fs::write(out.join("shop.rs"), code)
}

/// A constant with the files below a folder: their paths from there, and what they hold.
fn files(name: &str, folder: &Path) -> io::Result<String> {
    let folder = folder.canonicalize()?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let (mut waiting, mut found) = (vec![folder.clone()], Vec::new());
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() { waiting.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    let mut code = format!("const {name}: &[(&str, &[u8])] = &[\n");
    for path in found {
        let own = path.strip_prefix(&folder).map_err(io::Error::other)?.display().to_string();
        code.push_str(&format!("    ({own:?}, include_bytes!({:?})),\n", path.display().to_string()));
    }
    code.push_str("];\n");
    Ok(code)
}

fn is_complete(folder: &Path) -> bool {
    FILES.iter().filter(|(_, _, needed)| *needed).all(|(_, name, _)| folder.join(name).is_file())
}

fn case(folder: &Path) -> io::Result<String> {
    let folder = folder.canonicalize()?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let mut code = format!("    Case {{ name: {name:?}");
    for (field, file, needed) in FILES {
        let path = folder.join(file);
        println!("cargo::rerun-if-changed={}", path.display());
        let bytes = format!("include_bytes!({:?})", path.display().to_string());
        let value = match (needed, path.is_file()) {
            (true, _) => bytes,
            (false, true) => format!("Some({bytes})"),
            (false, false) => "None".to_owned(),
        };
        code.push_str(&format!(", {field}: {value}"));
    }
    code.push_str(" },\n");
    Ok(code)
}
