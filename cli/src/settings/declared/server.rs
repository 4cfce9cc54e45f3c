//! Where the server keeps things, where it listens, what it logs.

use playhead_store::StoreConfig;

use super::setting::group;
use crate::settings::kind::Kind;

group! {
    "Server", "Where data is kept, where the server listens and what it logs.";

    /// The folder of the catalog and, by default, of the objects.
    data = store.data_dir: Kind::Path;
    /// The address to listen on. With port 0 the server chooses a free one.
    listen = listen: Kind::Address;
    /// The address at which browsers and clients reach this server, such as https://playhead.example.com. Tokens are
    /// issued for it, and its host name is accepted.
    public_url = public_url: Kind::HttpUrl, empty "http:// and the address it listens on";
    /// The PostgreSQL database of the catalog and the results, such as
    /// postgres://playhead:PASSWORD@db.example.com/playhead?sslmode=verify-full. Its parameters are in operations.md.
    /// Give it in the environment or in the file: other users of a machine can read the flags of a process. Its password is
    /// never printed.
    catalog_url = store.catalog_url: Kind::CatalogUrl, empty "files in the data folder";
    /// Where objects are kept: s3://BUCKET/PREFIX, with credentials from the usual AWS_ variables, or file:///FOLDER.
    objects = store.objects_url: Kind::ObjectsUrl, empty "the folder objects in the data folder";
    /// The server that other commands talk to, instead of the one that has the data folder. It needs PLAYHEAD_TOKEN.
    url = url: Kind::HttpUrl, empty "the server that has the data folder";
    /// The email address of the administrator that the first start creates.
    admin_email = admin_email: Kind::Email, empty "admin@localhost";
    /// Host names, beside those of this machine and of the public URL, that a request to /mcp may name.
    allowed_hosts = tools.allowed_hosts: Kind::List, empty "none";
    /// Browser origins, beside that of the public URL, that may call /mcp.
    allowed_origins = tools.allowed_origins: Kind::List, empty "none";
    /// Reverse proxies in front of the server, each of which appends to X-Forwarded-For. With 0 that header is ignored.
    trusted_proxies = trusted_proxies: Kind::whole("proxies", 0, 16);
    /// Connections that are served at the same time. When all are taken, those of the slowest clients are closed, and
    /// further requests wait; `/healthz` and `/readyz` are answered.
    connections_max = connections_max: Kind::whole("connections", 1, 1_000_000);
    /// Connections of one address. This machine's own have no limit, nor has any address with `trusted_proxies`.
    connections_per_address_max = connections_per_address_max: Kind::whole("connections", 1, 1_000_000);
    /// How long a client may be behind `client_bytes_per_second_min` while it sends a body or reads an answer. Then its
    /// connection is closed.
    client_stall_ms_max = client_stall_ms_max: Kind::ms(100, 600_000);
    /// The speed of a client whose connection is never closed for slowness.
    client_bytes_per_second_min = client_bytes_per_second_min: Kind::whole("bytes a second", 1, 1 << 20);
    /// The longest time for the head of a request.
    head_ms_max = head_ms_max: Kind::ms(100, 600_000);
    /// The head of one request.
    head_bytes_max = head_bytes_max: Kind::Bytes { min: 8 << 10, max: 1 << 20 };
    /// Requests without a valid credential in a minute from one address, over all endpoints. Then the address has to wait.
    refusals_per_minute = refusals_per_minute: Kind::whole("requests", 1, 1_000_000);
    /// The longest time for requests that still run when the server is told to stop. For jobs it is `worker_grace_ms`.
    shutdown_grace_ms = shutdown_grace_ms: Kind::ms(1, 600_000);
    /// Connections that read the catalog at the same time.
    readers = store.readers: Kind::whole("connections", 1, StoreConfig::READERS_MAX as u64);
    /// Memory for pages of the catalog, shared by its connections.
    catalog_memory_mib = store.catalog_memory_mib: Kind::whole("MiB", 8, 1 << 20);
    /// Memory for DuckDB's queries and buffers, which hold the columns of results.
    results_memory_mib = store.results_memory_mib: Kind::whole("MiB", 64, 1 << 20);
    /// Threads that compute queries of the results: the thread of each query itself, and one less than this number which
    /// all queries share. With 1 each query has its own thread alone.
    results_threads = store.results_threads: Kind::whole("threads", 1, 1024);
    /// Memory for timelines that were read or published lately.
    cache_mib = store.cache_mib: Kind::whole("MiB", 1, 1 << 20);
    /// Compressed bytes of a segment's stream up to which it is kept in the catalog until its replay ends. Larger ones
    /// are objects at once, as all are with 0, and with a catalog in PostgreSQL and objects in S3.
    stage_bytes_max = store.stage_bytes_max: Kind::Bytes { min: 0, max: 1 << 20 };
    /// How long entries of the audit log are kept.
    audit_days = worker.janitor.audit_days: Kind::whole("days", 1, 36_500);
    /// How often older entries of the audit log are looked for.
    audit_sweep_ms = worker.janitor.audit_sweep_ms: Kind::ms(1000, 86_400_000);
    /// How often expired sign-ins, codes, tokens, unused OAuth clients and forgotten temporary keys are looked for.
    credentials_sweep_ms = worker.janitor.credentials_sweep_ms: Kind::ms(1000, 86_400_000);
    /// How often uploaded pieces are looked for that a killed process left without a row.
    pieces_sweep_ms = worker.janitor.pieces_sweep_ms: Kind::ms(1000, 86_400_000);
    /// What to log: error, warn, info, debug, or a filter such as playhead=debug.
    log = log: Kind::LogFilter, empty "info for serve, else warn";
    /// How to log: text, or json for one JSON object on each line.
    log_format = log_format: Kind::LogFormat;
}
