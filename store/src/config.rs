//! What a store is opened with.

use std::path::PathBuf;

/// Where a store keeps its data, and how much of the machine it may use.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// The catalog's folder, and the objects' too unless `objects_url` is set. Created when missing.
    pub data_dir: PathBuf,
    /// Where objects go: `None` is `data_dir/objects`; `s3://bucket/prefix` takes its credentials from
    /// the usual `AWS_` environment variables; `memory:///` keeps them in memory, for tests.
    pub objects_url: Option<String>,
    /// Catalog connections for reading; each runs one query at a time. From 1 to [`StoreConfig::READERS_MAX`]; what is
    /// outside is taken as the nearer of the two.
    pub readers: usize,
    /// Memory that the catalog may use, in MiB. At least 64.
    pub catalog_memory_mib: u32,
    /// Threads that compute queries: the caller's own, and one less than this number which all queries share. 0 is taken
    /// as 1.
    pub catalog_threads: u32,
    /// Keys and addresses of each kind whose rate is remembered at the same time; the longest unused are forgotten
    /// first.
    pub rate_buckets_max: usize,
}

impl StoreConfig {
    /// The most connections for reading.
    pub const READERS_MAX: usize = 64;

    /// The defaults for one folder: objects beside the catalog, 4 readers, 1 GiB of memory, 2 threads, 100,000 rates
    /// of each kind.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            objects_url: None,
            readers: 4,
            catalog_memory_mib: 1024,
            catalog_threads: 2,
            rate_buckets_max: 100_000,
        }
    }
}
