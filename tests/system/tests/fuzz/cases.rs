//! How a case is chosen: tables of what clients send, right and wrong.

use crate::sent::{Mutation, Place, Sent, Tamper, quoted, sentinel};
use crate::{CANARY, CAPABILITIES, CLAIM, LEGACY, MODERN, STRANGER, TOOL, VERSION_HEADER};

/// Most mutations of a case.
const MAX_MUTATIONS: u64 = 4;

/// `SplitMix64`: every case has its own, begun with its number.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        let at = usize::try_from(self.below(of.len() as u64)).unwrap_or_default();
        of[at].clone()
    }

    /// A raw value, or word to leave the member out.
    fn value(&mut self, of: &[&str]) -> Option<String> {
        if self.below(5) == 0 {
            None
        } else {
            Some(self.one(of).replace("CANARY", CANARY).replace("STRANGER", STRANGER))
        }
    }
}

/// A sound request, mutated.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) number: u64,
    pub(crate) base: Sent,
    pub(crate) mutations: Vec<Mutation>,
    /// Whether every mutation leaves the request as good as it was.
    pub(crate) sound: bool,
}

impl Case {
    pub(crate) fn new(number: u64) -> Self {
        let mut chance = Chance(number);
        let base = base(&mut chance);
        let sound = chance.below(4) == 0;
        let count = 1 + chance.below(MAX_MUTATIONS);
        let mutations = (0..count)
            .map(|_| if sound || chance.below(8) == 0 { harmless(&base, &mut chance) } else { any(&mut chance) })
            .collect();
        Self { number, base, mutations, sound }
    }

    pub(crate) fn sent(&self) -> Sent {
        let mut sent = self.base.clone();
        self.mutations.iter().for_each(|mutation| mutation.apply(&mut sent));
        sent
    }
}

const CALL: [(&str, &str); 2] =
    [("name", r#""webdesign_check_contrast""#), ("arguments", r##"{"pairs":["#000 on #fff"]}"##)];

/// Methods of both eras, with their parameters.
const METHODS: [(&str, &[(&str, &str)]); 9] = [
    ("tools/call", &CALL),
    ("tools/call", &CALL),
    ("tools/list", &[]),
    ("prompts/list", &[]),
    ("prompts/get", &[("name", r#""review_project""#), ("arguments", r#"{"focus":"speed"}"#)]),
    ("resources/list", &[]),
    ("resources/templates/list", &[]),
    ("resources/read", &[("uri", r#""guide://webdesign""#)]),
    ("resources/read", &[("uri", r#""rule://webdesign/color-contrast""#)]),
];
const LEGACY_METHODS: [(&str, &[(&str, &str)]); 2] = [
    ("ping", &[]),
    (
        "initialize",
        &[
            ("protocolVersion", r#""2025-06-18""#),
            ("capabilities", "{}"),
            ("clientInfo", r#"{"name":"c","version":"1"}"#),
        ],
    ),
];
const NOTIFICATIONS: [&str; 3] = ["notifications/initialized", "notifications/cancelled", "notifications/progress"];

// A request, notification or response that is answered with a result, or accepted.
fn base(chance: &mut Chance) -> Sent {
    let is_modern = chance.below(2) == 0;
    let kind = chance.below(10);
    let (method, params): (&str, &[(&str, &str)]) = match kind {
        0 => (chance.one(&NOTIFICATIONS), &[]),
        1 | 2 if is_modern => ("server/discover", &[]),
        1 | 2 => chance.one(&LEGACY_METHODS),
        _ => chance.one(&METHODS),
    };
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut sent = Sent {
        // One category, so that lists are short.
        path: "/mcp/webdesign".to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        top: [("jsonrpc", r#""2.0""#), ("id", "7")].iter().map(owned).collect(),
        params: params.iter().map(owned).collect(),
        ..Sent::default()
    };
    sent.top.push(("method".to_owned(), quoted(method)));
    let mut header = |name: &str, value: &str| sent.headers.push((name.to_owned(), value.to_owned()));
    if is_modern {
        header(VERSION_HEADER, MODERN);
        header("mcp-method", method);
        let named = params.iter().find(|(name, _)| matches!(*name, "name" | "uri"));
        if let Some((_, value)) = named {
            header("mcp-name", value.trim_matches('"'));
        }
        sent.meta = [(CLAIM, r#""2026-07-28""#), (CAPABILITIES, "{}")].iter().map(owned).collect();
    } else if chance.below(4) > 0 {
        header(VERSION_HEADER, chance.one(&LEGACY));
    }
    if kind == 0 {
        sent.top.retain(|(name, _)| name != "id");
        if !is_modern && chance.below(3) == 0 {
            sent.top = [("jsonrpc", r#""2.0""#), ("id", "7"), ("result", "{}")].iter().map(owned).collect();
        }
    }
    sent
}

/// Ids that can be read.
const IDS: [&str; 12] = [
    "0",
    r#""""#,
    r#""1""#,
    "9007199254740993",
    "-1",
    "-9223372036854775809",
    "123456789012345678901234567890",
    r#""\u00e9""#,
    "\"\u{e9}\u{1f600}\"",
    r#""a \" \\ \/ \b \n""#,
    r#""\ud800""#,
    "LONG",
];

fn any_id(chance: &mut Chance) -> String {
    match chance.one(&IDS) {
        "LONG" => quoted(&"x".repeat(1 << chance.below(14))),
        id => id.to_owned(),
    }
}

// A mutation that leaves the request as good as it was.
fn harmless(base: &Sent, chance: &mut Chance) -> Mutation {
    let header = |name: &str, value: &str| Mutation::Header(name.to_owned(), Some(value.to_owned()));
    match chance.below(9) {
        0 | 1 if base.top.iter().any(|(name, _)| name == "id") => {
            Mutation::Member(Place::Top, "id", Some(any_id(chance)))
        }
        0..=2 => match chance.one(&base.headers) {
            (name, value) if name == "mcp-name" && chance.below(2) == 0 => header(&name, &sentinel(&value)),
            (name, value) => header(&name, &chance.one(&[format!(" {value}"), format!("\t{value} \t")])),
        },
        3 => Mutation::Capitals,
        4 => {
            let headers = [
                ("origin", "http://localhost:6274"),
                ("origin", "http://127.0.0.1"),
                ("accept", "application/json, text/event-stream"),
                ("accept", "*/*"),
                ("accept", "text/event-stream"),
                ("content-type", "Application/JSON; charset=utf-8"),
                ("mcp-session-id", CANARY),
                ("last-event-id", CANARY),
                ("authorization", CANARY),
                ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                ("traceparent", CANARY),
                ("x-mcp-toolsets", "webdesign,docker"),
                ("x-mcp-tools", TOOL),
                ("x-mcp-exclude-tools", "docker_lint_dockerfile"),
            ];
            let (name, value) = chance.one(&headers);
            header(name, value)
        }
        5 => Mutation::Path(
            chance.one(&["/mcp/webdesign/", "/mcp/webdesign?x=canary-7f3a9c51", "/mcp/webdesign?schemas=full"]).into(),
        ),
        6 => Mutation::Member(Place::Top, CANARY, Some(quoted(CANARY))),
        7 => Mutation::Member(
            Place::Meta,
            chance.one(&["progressToken"]),
            Some(chance.one(&["7", r#""7""#, "0", r#""""#]).into()),
        ),
        _ => Mutation::Tamper(chance.one(&[Tamper::Before(b" \r\n\t"), Tamper::After(b"\n \n")])),
    }
}

const VERSIONS: [&str; 11] = [
    "2024-11-05",
    "2025-03-26",
    "2025-06-18",
    "2025-11-25",
    "2026-07-28",
    "2026-07-28, 2026-07-28",
    "2026-07-28T00:00:00Z",
    "2027-01-01",
    "1999-01-01",
    "",
    CANARY,
];
const HEADERS: [(&str, &[&str]); 10] = [
    (VERSION_HEADER, &VERSIONS),
    (VERSION_HEADER, &VERSIONS),
    (
        "mcp-method",
        &["tools/call", "tools/list", "TOOLS/CALL", "tools/call, tools/call", "ping", "initialize", "", CANARY],
    ),
    (
        "mcp-name",
        &[
            TOOL,
            "Webdesign_check_contrast",
            "docker_lint_dockerfile",
            "guide://webdesign",
            "=?base64?d2ViZGVzaWduX2NoZWNrX2NvbnRyYXN0?=",
            "=?base64?d2ViZGVzaWduX2NoZWNrX2NvbnRyYXN0",
            "=?BASE64?d2ViZGVzaWduX2NoZWNrX2NvbnRyYXN0?=",
            "=?base64?d2ViZGVzaWduX2NoZWNrX2NvbnRyYXN0=?=",
            "=?base64?d2ViZGVzaWduX2NoZWNrX2NvbnRyYXN?=",
            "=?base64?cmV2aWV3X3Byb2plY3Q=?=",
            "=?base64?cmV2aWV3X3Byb2plY3R=?=",
            "=?base64?cmV2aWV3X3Byb2plY3Q?=",
            "=?base64??=",
            "=?base64?",
            "webdesign_check_contrast, webdesign_check_contrast",
            "",
            CANARY,
        ],
    ),
    (
        "content-type",
        &[
            "text/plain",
            "application/json5",
            "application/x-www-form-urlencoded",
            "application/json;charset=utf-8",
            "json",
            "",
            CANARY,
        ],
    ),
    (
        "accept",
        &["image/png", "application/json", "application/*", "application/json;q=0", "text/html, */*;q=0.1", "", CANARY],
    ),
    (
        "origin",
        &[
            "null",
            "https://evil.example",
            "http://localhost.evil.example",
            "http://localhost:80",
            "http://[::1]:1",
            "",
            CANARY,
        ],
    ),
    ("x-mcp-toolsets", &["webdesing", "docker", "webdesign", ",", "", CANARY]),
    ("x-mcp-tools", &[TOOL, "docker_lint_dockerfile", "webdesign_check_contrats", CANARY]),
    ("x-mcp-exclude-tools", &[TOOL, "docker_lint_dockerfile", CANARY]),
];
const PATHS: [&str; 10] = [
    "/mcp",
    "/mcp/search",
    "/mcp/docker",
    "/mcp/webdesing",
    "/mcp/webdesign/x",
    "/mcp/canary-7f3a9c51",
    "/mcp?tools=webdesign_check_contrast",
    "/mcp?tools=canary-7f3a9c51",
    "/mcp?schemas=canary-7f3a9c51&categories=%zz",
    "/mcp/webdesign?exclude=webdesign_check_contrast",
];
const HANDLE: &str = "blob_abcdefghijklmnopqrstuvwxyz234567";
const MEMBERS: [(Place, &str, &[&str]); 17] = [
    (Place::Top, "jsonrpc", &[r#""1.0""#, "2.0", "null", r#""\u0032.0""#, r#"{"CANARY":1}"#]),
    (Place::Top, "id", &["null", "1.5", "1e3", "1.0", "{}", "[7]", "true", r#"{"CANARY":"CANARY"}"#]),
    (
        Place::Top,
        "method",
        &[
            r#""tools/call""#,
            r#""tools/list""#,
            r#""tools\/list""#,
            r#""Tools/List""#,
            r#""initialize""#,
            r#""ping""#,
            r#""server/discover""#,
            r#""subscriptions/nope""#,
            r#""logging/setLevel""#,
            r#""completion/complete""#,
            r#""notifications/initialized""#,
            r#""""#,
            "5",
            "null",
            r#""CANARY""#,
        ],
    ),
    (Place::Top, "params", &["null", "[]", r#"["CANARY"]"#, r#""CANARY""#, "5", "{}"]),
    (Place::Top, "result", &["{}", "null", r#"{"CANARY":1}"#]),
    (Place::Top, "error", &["{}", r#"{"code":1,"message":"CANARY"}"#]),
    (Place::Params, "_meta", &["null", "[]", r#"["2026-07-28",{}]"#, r#""CANARY""#, "{}", r#"{"CANARY":1}"#]),
    (
        Place::Params,
        "name",
        &[
            r#""webdesign_check_contrast""#,
            r#""webdesign_check\u005fcontrast""#,
            r#""webdesign_check_contrats""#,
            r#""docker_lint_dockerfile""#,
            r#""review_project""#,
            r#""find_tools""#,
            r#""run_tool""#,
            r#""explain_rule""#,
            r#""\ud800""#,
            r#""""#,
            "5",
            "null",
            r#""CANARY""#,
        ],
    ),
    (
        Place::Params,
        "arguments",
        &[
            "null",
            "[]",
            "{}",
            "5",
            r#""CANARY""#,
            r#"{"STRANGER":"CANARY"}"#,
            r#"{"pairs":"CANARY"}"#,
            r#"{"pairs":["CANARY"]}"#,
            r#"{"pairs":{"STRANGER":{"STRANGER":1}}}"#,
            r##"{"pairs":["#000 on #fff"],"STRANGER":1}"##,
            r#"{"pairs":[],"output":{"STRANGER":"CANARY"}}"#,
            r#"{"pairs":[],"output":{"format":"CANARY","cursor":"CANARY","maxTokens":"CANARY"}}"#,
            r#"{"pairs":[],"level":"CANARY","canvas":"CANARY"}"#,
            r#"{"source":"HANDLE"}"#,
            r#"{"STRANGER":["HANDLE"]}"#,
            r#"{"source":"blob_CANARY"}"#,
            r#"{"pairs":["HANDLE"],"output":{"STRANGER":"HANDLE"}}"#,
            r#"{"name":"CANARY","arguments":{"STRANGER":1}}"#,
            r#"{"name":"webdesign_check_contrast","arguments":{"STRANGER":1}}"#,
            r#"{"query":"CANARY"}"#,
            r#"{"rule":"CANARY"}"#,
            r#"{"focus":"CANARY"}"#,
            r#"{"focus":{"STRANGER":1},"STRANGER":""}"#,
            "DEEP",
        ],
    ),
    (
        Place::Params,
        "uri",
        &[
            r#""guide://webdesign""#,
            r#""guide:\/\/webdesign""#,
            r#""guide://CANARY""#,
            r#""rule://webdesign/%zz""#,
            r#""rule://webdesign/CANARY""#,
            r#""file:///etc/passwd""#,
            "5",
            r#""CANARY""#,
        ],
    ),
    (Place::Params, "cursor", &[r#""x""#, r#""""#, "null", "5", r#""CANARY""#]),
    (Place::Params, "protocolVersion", &[r#""2026-07-28""#, r#""1999-01-01""#, "null", "5", r#""CANARY""#]),
    (
        Place::Meta,
        CLAIM,
        &[r#""2025-11-25""#, r#""2027-01-01""#, r#""2026\u002d07-28""#, r#""""#, "null", "5", r#""CANARY""#],
    ),
    (Place::Meta, CLAIM, &[r#""2026-07-28""#]),
    (Place::Meta, CAPABILITIES, &["null", "[]", r#""CANARY""#, r#"{"elicitation":{}}"#, r#"{"CANARY":1}"#]),
    (Place::Meta, "io.modelcontextprotocol/logLevel", &[r#""debug""#, r#""loud""#, "5", r#""CANARY""#]),
    (Place::Meta, "progressToken", &["1.5", "null", "{}", "true", "-1", r#""CANARY""#]),
];
/// Members that are written twice: a reader that takes the first and one that takes the last would disagree.
const TWICE: [(Place, &str, &str); 9] = [
    (Place::Top, "jsonrpc", r#""2.0""#),
    (Place::Top, "id", "8"),
    (Place::Top, "method", r#""ping""#),
    (Place::Top, "params", "{}"),
    (Place::Params, "name", r#""docker_lint_dockerfile""#),
    (Place::Params, "uri", r#""guide://docker""#),
    (Place::Params, "_meta", "{}"),
    (Place::Meta, CLAIM, r#""2025-11-25""#),
    (Place::Meta, CAPABILITIES, "{}"),
];
const BATCHES: [&[&str]; 9] = [
    &["@"],
    &["@", "@"],
    &["@", r#"{"jsonrpc":"2.0","id":"b","method":"ping"}"#],
    &["@", r#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#],
    &["@", "5", "{}", "[]", r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#],
    &["[@]"],
    &[r#"{"jsonrpc":"2.0","id":3,"method":"initialize","params":{}}"#, "@"],
    &[
        r#"{"jsonrpc":"2.0","id":3,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#,
        "@",
    ],
    &[],
];

// Any mutation.
fn any(chance: &mut Chance) -> Mutation {
    match chance.below(20) {
        0..=6 => {
            let (name, values) = chance.one(&HEADERS);
            Mutation::Header(name.to_owned(), chance.value(values))
        }
        7..=14 => {
            let (place, name, values) = chance.one(&MEMBERS);
            let value = chance.value(values).map(|value| match value.as_str() {
                "DEEP" => nested(1 << chance.below(12)),
                _ => value.replace("HANDLE", HANDLE),
            });
            Mutation::Member(place, name, value)
        }
        15 => {
            let (place, name, value) = chance.one(&TWICE);
            Mutation::Twice(place, name, value.to_owned())
        }
        16 => Mutation::Path(chance.one(&PATHS).to_owned()),
        17 => Mutation::Tamper(Tamper::Batch(chance.one(&BATCHES))),
        18 => Mutation::Tamper(Tamper::Byte(chance.below(256), chance.one(b"\0\"\\{}[],: \n\xff\xc30ex-"))),
        _ => Mutation::Tamper(match chance.below(400) {
            0..=249 => Tamper::Cut(chance.below(256)),
            250..=324 => Tamper::Before(chance.one(&[&b"\xef\xbb\xbf"[..], b"\0", b"[", b"null "])),
            325..=398 => Tamper::After(chance.one(&[&b"x"[..], b"{}", b"\0", b"]", b"\xff"])),
            _ => Tamper::TooLarge,
        }),
    }
}

fn nested(depth: usize) -> String {
    format!(r#"{{"pairs":{}{}}}"#, "[".repeat(depth), "]".repeat(depth))
}
