//! What a store is opened with.

use std::path::PathBuf;

use crate::engine::CatalogUrl;

/// Where a store keeps its data, and how much of the machine it may use.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// The catalog's folder, and the objects' too unless `objects_url` is set. Created when missing.
    pub data_dir: PathBuf,
    /// The PostgreSQL database of the catalog and the results; `None` is files in `data_dir`. Several nodes, each with a
    /// `data_dir` of its own, may use one database, if they use the same objects.
    pub catalog_url: Option<CatalogUrl>,
    /// Where objects go: `None` is `data_dir/objects`; `s3://bucket/prefix` takes its credentials from
    /// the usual `AWS_` environment variables; `memory:///` keeps them in memory, for tests.
    pub objects_url: Option<String>,
    /// Catalog connections for reading; each runs one query at a time. From 1 to [`StoreConfig::READERS_MAX`]; what is
    /// outside is taken as the nearer of the two.
    pub readers: usize,
    /// Memory for pages of the catalog, in MiB.
    pub catalog_memory_mib: u32,
    /// Memory that DuckDB may use for the columns of results, in MiB: its queries and its buffers. At least 64.
    pub results_memory_mib: u32,
    /// Threads that compute queries of the results: the caller's own, and one less than this number which all queries
    /// share. 0 is taken as 1.
    pub results_threads: u32,
    /// Memory for timelines that were read lately, in MiB.
    pub cache_mib: u32,
    /// Compressed bytes of a segment's stream up to which it is staged in the catalog until its replay is compacted;
    /// larger ones are objects at once.
    pub stage_bytes_max: u64,
    /// Keys and addresses of each kind whose rate is remembered at the same time; the longest unused are forgotten
    /// first.
    pub rate_buckets_max: usize,
}

impl StoreConfig {
    /// The most connections for reading.
    pub const READERS_MAX: usize = 64;

    /// The defaults over the catalog of [`test_catalog_url`].
    #[doc(hidden)]
    pub fn for_tests(data_dir: impl Into<PathBuf>) -> Self {
        let config = Self::new(data_dir);
        Self { catalog_url: test_catalog_url(&config.data_dir), ..config }
    }

    /// Bytes up to which a segment is staged. With a catalog and objects that are both elsewhere, none is: each would
    /// cross the network twice, and storage for objects is what such an installation has.
    pub(crate) fn staged_bytes_max(&self) -> u64 {
        let objects_are_remote = self.objects_url.as_ref().is_some_and(|url| !is_here(url));
        if self.catalog_url.is_some() && objects_are_remote { 0 } else { self.stage_bytes_max }
    }

    /// The defaults for one folder: objects beside the catalog, 4 readers, 32 MiB for pages, 64 MiB for timelines, 128
    /// MiB and 2 threads for the columns of results, 64 KiB for staged segments, 100,000 rates of each kind.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            catalog_url: None,
            objects_url: None,
            readers: 4,
            catalog_memory_mib: 32,
            results_memory_mib: 128,
            results_threads: 2,
            cache_mib: 64,
            stage_bytes_max: 64 * 1024,
            rate_buckets_max: 100_000,
        }
    }
}

/// True for objects in a folder or in memory.
fn is_here(url: &str) -> bool {
    ["file:", "memory:"].iter().any(|scheme| url.starts_with(scheme))
}

/// The catalog for a test's data folder: a schema of its own, named after the folder, in the database of the variable
/// `PLAYHEAD_TEST_CATALOG_URL`; `None` when it is not set, and the test runs over the embedded catalog.
#[doc(hidden)]
pub fn test_catalog_url(data_dir: &std::path::Path) -> Option<CatalogUrl> {
    let url = std::env::var("PLAYHEAD_TEST_CATALOG_URL").ok()?;
    let folder = data_dir.to_string_lossy();
    // The names of temporary folders differ in case alone.
    let hash = crate::payload::fingerprint(folder.as_bytes()).0;
    let hex: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let mark = if url.contains('?') { '&' } else { '?' };
    Some(CatalogUrl::new(format!("{url}{mark}schema=test_{hex}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_staged_when_catalog_and_objects_are_elsewhere() {
        let config = |catalog: bool, objects: Option<&str>| StoreConfig {
            catalog_url: catalog.then(|| CatalogUrl::new("postgres://db/playhead")),
            objects_url: objects.map(str::to_owned),
            ..StoreConfig::new("data")
        };
        let here = StoreConfig::new("data").stage_bytes_max;
        for (catalog, objects, want) in [
            (false, None, here),
            (false, Some("s3://bucket"), here),
            (true, None, here),
            (true, Some("file:///shared"), here),
            (true, Some("memory:///"), here),
            (true, Some("s3://bucket"), 0),
        ] {
            assert_eq!(config(catalog, objects).staged_bytes_max(), want, "{catalog} {objects:?}");
        }
    }
}
