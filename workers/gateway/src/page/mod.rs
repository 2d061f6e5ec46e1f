//! What the gateway serves people: the page at the root and its files, and the documents by which programs find the server.
//!
//! Nothing of this runs before it is asked for, and a call of a tool never comes here. A file's address holds a digest of all
//! files, so that it can be kept for ever and two versions never mix; the page itself is checked by its `ETag`.

pub mod clients;
mod discovery;
mod html;

use crate::seal::hex;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::sync::OnceLock;

/// What the page may do: load from here, ask here, nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// Where the page's files are, before the digest.
const FOLDER: &str = "/page/";

const FOREVER: &str = "public, max-age=31536000, immutable";
const CHECKED: &str = "no-cache";
const A_DAY: &str = "public, max-age=86400";

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const SVG: &str = "image/svg+xml";

static ICON: &[u8] = include_bytes!("../../page/favicon.svg");
static ICON_OF_OLD: &[u8] = include_bytes!("../../page/favicon.ico");

/// The page's files: name, media type, text. Scripts import each other by name.
static FILES: &[(&str, &str, &str)] = &[
    ("page.css", "text/css; charset=utf-8", include_str!("../../page/page.css")),
    ("page.js", JAVASCRIPT, include_str!("../../page/page.js")),
    ("parts.js", JAVASCRIPT, include_str!("../../page/parts.js")),
    ("search.js", JAVASCRIPT, include_str!("../../page/search.js")),
    ("editor.js", JAVASCRIPT, include_str!("../../page/editor.js")),
    ("report.js", JAVASCRIPT, include_str!("../../page/report.js")),
    ("text.js", JAVASCRIPT, include_str!("../../page/text.js")),
    ("playground.js", JAVASCRIPT, include_str!("../../page/playground.js")),
    ("examples.json", "application/json", include_str!("../../page/examples.json")),
];

/// What the browser looks tools up in; made of the catalogue's own index.
const INDEX: &str = "index.json";

/// Everything crawlers may read is the page.
const ROBOTS: &str = "User-agent: *\nAllow: /$\nDisallow: /mcp\nDisallow: /v1/\nDisallow: /ops\nDisallow: /metrics\n";

/// Who may call, as the deployment says by `AUTH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everybody.
    Open,
    /// Who has a key.
    Keys,
    /// Who has a token of the authorization server.
    Oauth,
    /// It does not say.
    Unset,
}

impl Mode {
    /// By its name; anything unknown says nothing.
    pub fn named(name: &str) -> Self {
        match name {
            "open" => Self::Open,
            "keys" => Self::Keys,
            "oauth" => Self::Oauth,
            _ => Self::Unset,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Keys => "keys",
            Self::Oauth => "oauth",
            Self::Unset => "unset",
        }
    }
}

/// A GET or HEAD of something that may be served here.
#[derive(Debug, Clone, Copy)]
pub struct Visit<'a> {
    /// Path, without the query.
    pub path: &'a str,
    /// Scheme and host that were asked.
    pub origin: &'a str,
    /// The header `Accept`; empty where there is none.
    pub accept: &'a str,
    /// The header `If-None-Match`; empty where there is none.
    pub if_none_match: &'a str,
    /// Who may call.
    pub mode: Mode,
}

/// What is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// 200, or 304 with an empty body.
    pub status: u16,
    /// Header names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Cow<'static, [u8]>,
}

/// What is at a path; none where nothing of this is.
pub fn serve(visit: &Visit<'_>) -> Option<Served> {
    if let Some(rest) = visit.path.strip_prefix(FOLDER) {
        return file(rest);
    }
    let (kind, keep, body): (&str, &str, Cow<'static, [u8]>) = match visit.path {
        "/" if wants_page(visit.accept) => (HTML, CHECKED, Cow::Owned(html::page(visit, digest()).into_bytes())),
        "/" => (TEXT, CHECKED, Cow::Owned(html::plain(visit.origin).into_bytes())),
        "/favicon.svg" => (SVG, A_DAY, Cow::Borrowed(ICON)),
        "/favicon.ico" => ("image/x-icon", A_DAY, Cow::Borrowed(ICON_OF_OLD)),
        "/robots.txt" => (TEXT, A_DAY, Cow::Borrowed(ROBOTS.as_bytes())),
        _ => {
            let (kind, text) = discovery::document(visit)?;
            (kind, "public, max-age=3600", Cow::Owned(text.into_bytes()))
        }
    };
    let tag = format!("\"{}\"", short(&Sha256::digest(&body)));
    let mut headers = vec![
        ("content-type", kind.to_owned()),
        ("cache-control", keep.to_owned()),
        ("etag", tag.clone()),
        ("x-content-type-options", "nosniff".to_owned()),
    ];
    if visit.path == "/" {
        headers.push(("vary", "accept".to_owned()));
    }
    if kind == HTML {
        headers.push(("content-security-policy", POLICY.to_owned()));
        headers.push(("referrer-policy", "no-referrer".to_owned()));
        headers.push(("cross-origin-opener-policy", "same-origin".to_owned()));
    }
    if discovery::is_public(visit.path) {
        headers.push(("access-control-allow-origin", "*".to_owned()));
        headers.push(("access-control-expose-headers", "ETag".to_owned()));
    }
    if visit.if_none_match.split(',').any(|known| known.trim().trim_start_matches("W/") == tag) {
        return Some(Served { status: 304, headers, body: Cow::Borrowed(&[]) });
    }
    Some(Served { status: 200, headers, body })
}

// Browsers name HTML; curl and programs do not.
fn wants_page(accept: &str) -> bool {
    accept.to_ascii_lowercase().contains("text/html")
}

// By `{digest}/{name}`. Under another digest, as a page of before a deployment asks for it, it is what there is, and not kept.
fn file(rest: &str) -> Option<Served> {
    let (of, name) = rest.split_once('/')?;
    let (kind, body): (&str, Cow<'static, [u8]>) = if name == INDEX {
        ("application/json", Cow::Owned(octavo_catalog::search_data().into_bytes()))
    } else {
        let (_, kind, text) = FILES.iter().find(|(known, ..)| *known == name)?;
        (kind, Cow::Borrowed(text.as_bytes()))
    };
    let keep = if of == digest() { FOREVER } else { CHECKED };
    let headers = vec![
        ("content-type", kind.to_owned()),
        ("cache-control", keep.to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ];
    Some(Served { status: 200, headers, body })
}

// Of all files, made at the first visit.
fn digest() -> &'static str {
    static DIGEST: OnceLock<String> = OnceLock::new();
    DIGEST.get_or_init(|| {
        let mut all = Sha256::new();
        for (name, _, text) in FILES {
            all.update(name);
            all.update([0]);
            all.update(text);
            all.update([0]);
        }
        all.update(octavo_catalog::search_data());
        short(&all.finalize())
    })
}

// Enough of a digest to tell versions apart.
fn short(digest: &[u8]) -> String {
    hex(digest.get(..8).unwrap_or(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://octavo.example";

    fn get(path: &str, accept: &str, if_none_match: &str, mode: Mode) -> Option<Served> {
        serve(&Visit { path, origin: ORIGIN, accept, if_none_match, mode })
    }

    fn header<'a>(served: &'a Served, name: &str) -> &'a str {
        served.headers.iter().find(|(header, _)| *header == name).map_or("", |(_, value)| value)
    }

    fn text(served: &Served) -> &str {
        std::str::from_utf8(&served.body).expect("text")
    }

    #[test]
    fn the_page_names_this_host_every_tool_and_its_files() {
        let page = get("/", "text/html,*/*;q=0.8", "", Mode::Open).expect("a page");
        let html = text(&page);
        assert!(html.contains("https://octavo.example/mcp"));
        for tool in octavo_catalog::catalog().tools() {
            assert!(html.contains(&format!("data-tool=\"{}\"", tool.name)), "{}", tool.name);
        }
        assert!(!html.contains("{{"), "a place is left empty");
        for (name, ..) in FILES.iter().filter(|(name, ..)| ["page.css", "page.js"].contains(name)) {
            assert!(html.contains(&format!("{FOLDER}{}/{name}", digest())), "{name}");
        }
        let policy = header(&page, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        for inline in ["<style", " style=", " onclick=", "javascript:", "<script>"] {
            assert!(!html.contains(inline), "{inline}");
        }
    }

    #[test]
    fn programs_get_text_that_names_every_endpoint() {
        let plain = get("/", "*/*", "", Mode::Open).expect("a text");
        assert_eq!(header(&plain, "content-type"), TEXT);
        let endpoints = octavo_category::Category::ALL.iter().map(|category| category.slug());
        for name in endpoints.chain([octavo_catalog::SEARCH]) {
            assert!(text(&plain).contains(&format!("https://octavo.example/mcp/{name} ")), "{name}");
        }
    }

    #[test]
    fn a_page_that_is_known_is_not_sent_again() {
        let page = get("/", "text/html", "", Mode::Open).expect("a page");
        let tag = header(&page, "etag").to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
            let again = get("/", "text/html", &known, Mode::Open).expect("an answer");
            assert_eq!((again.status, again.body.len()), (304, 0), "{known}");
        }
        assert_eq!(get("/", "text/html", &tag, Mode::Keys).expect("an answer").status, 200, "another page");
    }

    #[test]
    fn files_are_kept_for_ever_under_their_digest_only() {
        let found = |of: &str, name: &str| get(&format!("{FOLDER}{of}/{name}"), "", "", Mode::Open);
        for (name, kind, _) in FILES.iter().copied().chain([(INDEX, "application/json", "")]) {
            let file = found(digest(), name).expect(name);
            assert_eq!((header(&file, "cache-control"), header(&file, "content-type")), (FOREVER, kind), "{name}");
            assert_eq!(header(&found("0123456789abcdef", name).expect(name), "cache-control"), CHECKED, "{name}");
        }
        for strange in ["", "../page.js", "no.js", "page.js/"] {
            assert_eq!(found(digest(), strange), None, "{strange}");
        }
        assert_eq!(get("/page/page.js", "", "", Mode::Open), None);
    }

    #[test]
    fn scripts_import_only_files_that_are_served() {
        for (name, _, text) in FILES.iter().filter(|(_, kind, _)| *kind == JAVASCRIPT) {
            for line in text.lines().filter(|line| line.starts_with("import ")) {
                let from = line.split('"').nth(1).and_then(|path| path.strip_prefix("./")).unwrap_or_default();
                assert!(FILES.iter().any(|(known, ..)| *known == from), "{name}: {line}");
            }
        }
    }

    #[test]
    fn nothing_else_is_served_here() {
        for path in ["/mcp", "/mcp/docker", "/health", "/ops/", "/page", "/page/", "/index.html", ""] {
            assert_eq!(get(path, "text/html", "", Mode::Open), None, "{path}");
        }
    }

    #[test]
    fn examples_are_of_tools_that_exist() {
        let (.., text) = FILES.iter().find(|(name, ..)| *name == "examples.json").expect("the examples");
        let examples: std::collections::BTreeMap<String, serde_json::Value> = serde_json::from_str(text).expect("JSON");
        for tool in octavo_catalog::catalog().tools() {
            let own = examples.get(tool.name).and_then(serde_json::Value::as_array);
            assert!(own.is_some_and(|own| !own.is_empty()), "{} has no example", tool.name);
        }
        assert_eq!(examples.len(), octavo_catalog::catalog().tools().len());
    }
}
