//! Every variable, secret and binding that a worker reads, in one table: what it is for, and what holds without it.
//!
//! The configuration reference is generated from it. Rust takes names and defaults from here; the shells, which are JavaScript,
//! and the wrangler configs are held to it by this crate's tests. The service bindings of the categories are rows of
//! `octavo-category`.

/// Something that a deployment sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name in the worker's environment.
    pub name: &'static str,
    /// The worker that reads it; one that both read stands with each.
    pub workers: &'static [Worker],
    /// What it is.
    pub kind: Kind,
    /// What holds without it: a value between no quotes where it is one, else words.
    pub default: &'static str,
    /// What it is for, in one or two sentences.
    pub about: &'static str,
    /// The page of `docs/` that tells more.
    pub page: &'static str,
}

/// A worker that reads settings; tool workers read none but their version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worker {
    /// The gateway.
    Gateway,
    /// The tail worker.
    Tail,
    /// Each tool worker.
    Tool,
}

/// How it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A variable, under `[vars]`.
    Variable,
    /// A secret, by `wrangler secret put`.
    Secret,
    /// A KV namespace.
    Namespace,
    /// A service binding.
    Service,
    /// A Durable Object.
    Object,
    /// A rate limit.
    RateLimit,
    /// An Analytics Engine dataset.
    Dataset,
    /// The deployed version.
    Version,
}

impl Kind {
    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Variable => "variable",
            Self::Secret => "secret",
            Self::Namespace => "KV namespace",
            Self::Service => "service",
            Self::Object => "Durable Object",
            Self::RateLimit => "rate limit",
            Self::Dataset => "Analytics Engine dataset",
            Self::Version => "version metadata",
        }
    }
}

impl Setting {
    /// The default, where it is a whole number.
    ///
    /// # Panics
    ///
    /// When it is none: a mistake of whoever asks.
    pub const fn number(&self) -> u64 {
        let mut value = 0;
        let mut digits = self.default.as_bytes();
        assert!(!digits.is_empty(), "this setting's default is no number");
        while let [digit, rest @ ..] = digits {
            assert!(digit.is_ascii_digit(), "this setting's default is no number");
            value = value * 10 + (*digit - b'0') as u64;
            digits = rest;
        }
        value
    }
}

macro_rules! settings {
    ($($name:ident: $kind:ident of [$($worker:ident),+], $default:literal, $about:literal, $page:literal;)*) => {
        $(
            #[doc = $about]
            pub const $name: Setting = Setting {
                name: stringify!($name),
                workers: &[$(Worker::$worker),+],
                kind: Kind::$kind,
                default: $default,
                about: $about,
                page: $page,
            };
        )*

        /// Every setting.
        pub const ALL: &[Setting] = &[$($name),*];
    };
}

settings! {
    AUTH: Variable of [Gateway], "`open` on the own machine; elsewhere nobody is served",
        "Who may call: `open`, `keys` or `oauth`.", "production.md#who-may-call";
    API_KEYS: Secret of [Gateway], "no keys",
        "The keys that `AUTH = \"keys\"` lets in: a JSON list of `{id, sha256, categories?, rate?, expires?}`.", "production.md#keys";
    OAUTH_ISSUER: Variable of [Gateway], "nobody is let in",
        "The authorization server whose tokens `AUTH = \"oauth\"` lets in.", "production.md#oauth";
    OAUTH_AUDIENCE: Variable of [Gateway], "the endpoint's own address",
        "The audience that tokens are for.", "production.md#oauth";
    OAUTH_JWKS: Variable of [Gateway], "found by the issuer's metadata",
        "Where the authorization server's keys are.", "production.md#oauth";
    ALLOWED_ORIGINS: Variable of [Gateway], "pages of the own machine",
        "Origins of pages in browsers that may call, between commas; `:*` stands for any port. A page of the gateway's own host may always, over TLS.", "security.md";
    STATE_KEY: Secret of [Gateway], "each isolate has its own",
        "What states are sealed with that clients carry between the rounds of a call.", "../ARCHITECTURE.md#what-a-deployment-may-add";
    PRINCIPAL_KEY: Secret of [Gateway], "callers are not told apart",
        "What callers are told apart by in the log, so that agents may ask about their own calls.", "observability.md#what-an-agent-may-ask";
    RESULT_CACHE: Variable of [Gateway], "results are kept",
        "`off` keeps no results.", "production.md#results-that-are-kept";
    CALL_DEADLINE_MS: Variable of [Gateway], "30000",
        "How long a worker may say nothing before a call is given up, in milliseconds.", "production.md#workers-in-trouble";
    BREAKER_OPEN_MS: Variable of [Gateway], "10000",
        "How long a worker that failed three times in a row is left alone, in milliseconds.", "production.md#workers-in-trouble";
    LISTEN_SECONDS: Variable of [Gateway], "3600",
        "How long a subscription is held before the client is to subscribe anew, in seconds.", "using.md#long-calls";
    BLOBS: Namespace of [Gateway], "no uploads",
        "Texts that clients upload, each for an hour.", "blobs.md";
    SESSIONS: Object of [Gateway], "no sessions",
        "Class `Session`: sessions for clients before 2026-07-28, in which a call may ask them something.", "../ARCHITECTURE.md#what-a-deployment-may-add";
    TASKS: Object of [Gateway], "calls are never tasks",
        "Class `Task`: long calls go on as tasks.", "using.md#long-calls";
    CHANGES: Object of [Gateway], "no word of changes",
        "Class `Changes`: tells subscribers which lists a call changed; of use with an extra worker only.", "../ARCHITECTURE.md#what-a-deployment-may-add";
    LIMIT_CALLS: RateLimit of [Gateway], "no limit",
        "Tool calls for each key, else address.", "production.md#how-often";
    LIMIT_HEAVY_CALLS: RateLimit of [Gateway], "no limit",
        "Calls of tools that may be at it for a second.", "production.md#how-often";
    OPS_WORKER: Service of [Gateway], "no log at `/ops/`",
        "The tail worker, for operators.", "observability.md";
    EXTRA_MCP_WORKER: Service of [Gateway], "none",
        "One worker beside the categories, which says itself what tools it has.", "../ARCHITECTURE.md#what-a-deployment-may-add";
    LOG_MODE: Variable of [Gateway, Tail], "lines come by tail consumers",
        "`push` has the gateway bring the log itself, for accounts without tail workers. Set it for both.", "observability.md#without-tail-workers";
    LOGS: Namespace of [Tail], "no log",
        "Log lines and rollups.", "observability.md#what-is-kept-and-for-how-long";
    LOG_WINDOW_MS: Variable of [Tail], "5000",
        "How long log lines wait for others, in milliseconds, at most 10000.", "observability.md#what-is-kept-and-for-how-long";
    LOG_RAW_TTL_SECONDS: Variable of [Tail], "21600",
        "How long raw segments are kept, in seconds, at least 60.", "observability.md#what-is-kept-and-for-how-long";
    LOG_TTL_SECONDS: Variable of [Tail], "259200",
        "How long all lines are kept, in seconds, at least 60.", "observability.md#what-is-kept-and-for-how-long";
    LOG_KEPT_TTL_SECONDS: Variable of [Tail], "2592000",
        "How long lines that did not end well are kept, in seconds, at least 60.", "observability.md#what-is-kept-and-for-how-long";
    LOG_ROLLUP_TTL_SECONDS: Variable of [Tail], "3024000",
        "How long rollups are kept, in seconds, at least 60; those of a day twelve times as long.", "observability.md#what-is-kept-and-for-how-long";
    LOG_WRITES_PER_DAY: Variable of [Tail], "800 with `LOG_MODE = \"push\"`, else no limit",
        "Most keys that an isolate writes for new lines in a day; 0 is no limit.", "observability.md#without-tail-workers";
    OPS_ACCESS: Variable of [Tail], "closed",
        "`open` lets everybody ask the log: for the own machine only.", "observability.md#who-may-ask";
    OPS_TOKENS: Secret of [Tail], "no tokens",
        "Who may ask the log, and for what: `scopes:sha256` entries.", "observability.md#who-may-ask";
    ACCESS_TEAM: Variable of [Tail], "not asked",
        "The team of Cloudflare Access whose people may ask the log.", "observability.md#who-may-ask";
    ACCESS_AUD: Variable of [Tail], "not asked",
        "The audience tag of the Access application.", "observability.md#who-may-ask";
    ACCESS_SCOPES: Variable of [Tail], "read",
        "What people of that team may do: `read`, `export`.", "observability.md#who-may-ask";
    OTLP_ENDPOINT: Variable of [Tail], "nothing goes there",
        "An OpenTelemetry collector that gets spans and log records too.", "observability.md#elsewhere";
    OTLP_HEADERS: Secret of [Tail], "none",
        "Headers for the collector, `name=value` between commas.", "observability.md#elsewhere";
    ANALYTICS: Dataset of [Tail], "nothing goes there",
        "Gets a data point for each line.", "observability.md#elsewhere";
    VERSION: Version of [Gateway, Tail, Tool], "versions are empty",
        "The deployed version, for the log, health, and the names of kept results.", "production.md#health";
}
