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
    /// Catalog connections for reading; each runs one query at a time. 0 is taken as 1.
    pub readers: usize,
    /// Memory for pages of the catalog, in MiB.
    pub catalog_memory_mib: u32,
    /// Memory that the results database may use for its queries and its buffers, in MiB. At least 64.
    pub results_memory_mib: u32,
    /// Threads that the results database may use for one query beside the caller's. 0 is taken as 1.
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
    /// The defaults for one folder: objects beside the catalog, 4 readers, 64 MiB for pages and as much for timelines, 256
    /// MiB and 2 threads for the results, 64 KiB for staged segments, 100,000 rates of each kind.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            objects_url: None,
            readers: 4,
            catalog_memory_mib: 64,
            results_memory_mib: 256,
            results_threads: 2,
            cache_mib: 64,
            stage_bytes_max: 64 * 1024,
            rate_buckets_max: 100_000,
        }
    }
}
