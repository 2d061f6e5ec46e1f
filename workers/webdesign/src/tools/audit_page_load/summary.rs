//! What a recorded page loaded: sizes by type, domain and party, cookies, caching, compression, timings.
//!
//! Figures are counted as pagexray counts them, but for sizes that a recording does not know, which count as nothing.

use super::address::{host, is_first_party, site_name};
use super::har::{Entry, Har, HarPage, http_millis, iso_millis};
use serde::Serialize;
use std::collections::BTreeMap;

/// Most pages of a recording that are looked at; the others are named in a finding.
pub const MAX_PAGES: usize = 20;
/// A text from this size on is worth compressing, in bytes.
const LARGE_TEXT_BYTES: f64 = 2_000.0;

/// Requests and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Sizes {
    pub(super) requests: u32,
    /// Bodies on the wire, bytes.
    #[serde(serialize_with = "whole")]
    pub(super) transfer_size: f64,
    /// Bodies decoded, bytes.
    #[serde(serialize_with = "whole")]
    pub(super) content_size: f64,
    /// Response headers, bytes.
    #[serde(serialize_with = "whole")]
    pub(super) header_size: f64,
}

/// A host.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Domain {
    pub(super) host: String,
    /// Whether it is the site's own.
    pub(super) first_party: bool,
    #[serde(flatten)]
    pub(super) sizes: Sizes,
    /// Milliseconds of all its requests together.
    #[serde(serialize_with = "whole")]
    pub(super) total_time: f64,
    /// The same by phase.
    pub(super) phases: Phases,
}

/// Milliseconds by phase of a request.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(super) struct Phases {
    #[serde(serialize_with = "whole")]
    blocked: f64,
    #[serde(serialize_with = "whole")]
    dns: f64,
    #[serde(serialize_with = "whole")]
    ssl: f64,
    #[serde(serialize_with = "whole")]
    connect: f64,
    #[serde(serialize_with = "whole")]
    send: f64,
    #[serde(serialize_with = "whole")]
    wait: f64,
    #[serde(serialize_with = "whole")]
    receive: f64,
}

/// Responses of one type that succeeded.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct OfType {
    pub(super) r#type: &'static str,
    /// Whether they are the site's own.
    pub(super) first_party: bool,
    #[serde(flatten)]
    pub(super) sizes: Sizes,
}

/// Responses with one status.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(super) struct OfStatus {
    pub(super) status: u16,
    pub(super) requests: u32,
}

/// Requests after an event.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Late {
    pub(super) requests: u32,
    #[serde(serialize_with = "whole")]
    pub(super) transfer_size: f64,
}

/// The spread of seconds, each rounded.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(super) struct Spread {
    #[serde(serialize_with = "whole")]
    pub(super) min: f64,
    #[serde(serialize_with = "whole")]
    pub(super) median: f64,
    #[serde(serialize_with = "whole")]
    pub(super) max: f64,
    pub(super) values: usize,
}

/// One page of a recording.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    pub(super) url: String,
    pub(super) final_url: String,
    /// Addresses that led to the document.
    pub(super) redirects: Vec<String>,
    pub(super) http_version: String,
    #[serde(flatten)]
    pub(super) sizes: Sizes,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) on_content_load: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) on_load: Option<f64>,
    #[serde(serialize_with = "whole")]
    pub(super) fully_loaded: f64,
    pub(super) cookies: u32,
    pub(super) third_party_cookies: u32,
    /// Large texts that came as they are.
    pub(super) missing_compression: u32,
    pub(super) statuses: Vec<OfStatus>,
    pub(super) types: Vec<OfType>,
    pub(super) domains: Vec<Domain>,
    pub(super) after_content_load: Late,
    pub(super) after_load: Late,
    /// Seconds for which responses may be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<Spread>,
    /// Seconds since responses were last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_modified: Option<Spread>,
    /// Requests that the browser marked as blocking rendering.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) render_blocking: Option<u32>,
    /// The longest chain of requests that each had to wait for the one before.
    pub(super) critical_path: Vec<Step>,
}

/// One request of a chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Step {
    pub(super) url: String,
    pub(super) r#type: &'static str,
    /// Milliseconds since the page began.
    #[serde(serialize_with = "whole")]
    pub(super) start: f64,
    #[serde(serialize_with = "whole")]
    pub(super) end: f64,
    #[serde(serialize_with = "whole")]
    pub(super) transfer_size: f64,
}

/// A page's requests in the order in which they began, with what is known of each.
pub(super) struct Load<'h> {
    pub(super) page: Option<&'h HarPage>,
    pub(super) assets: Vec<Asset<'h>>,
    /// The place of the document among them, behind its redirects.
    pub(super) document: usize,
    pub(super) site: String,
}

/// One request.
pub(super) struct Asset<'h> {
    pub(super) entry: &'h Entry,
    pub(super) kind: &'static str,
    pub(super) host: String,
    /// Milliseconds since 1970 at which it began; 0 where the recording does not say.
    pub(super) start: f64,
}

impl Asset<'_> {
    pub(super) fn url(&self) -> &str {
        &self.entry.request.url.0
    }
    pub(super) fn end(&self) -> f64 {
        self.start + self.entry.time.0.unwrap_or(0.0)
    }
    pub(super) fn status(&self) -> f64 {
        self.entry.response.status.0.unwrap_or(0.0)
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a u16 before the cast")]
    fn code(&self) -> u16 {
        self.status().clamp(0.0, 65_535.0) as u16
    }
    pub(super) fn succeeded(&self) -> bool {
        (200.0..300.0).contains(&self.status()) || (self.status() - 304.0).abs() < 0.5
    }
    pub(super) fn sizes(&self) -> Sizes {
        let response = &self.entry.response;
        Sizes {
            requests: 1,
            transfer_size: response.body_bytes(),
            content_size: response.content_bytes(),
            header_size: response.headers_size.0.unwrap_or(0.0).max(0.0),
        }
    }
    /// Whether it is a text that came large and as it is.
    pub(super) fn lacks_compression(&self) -> bool {
        let is_text = ["html", "plain", "json", "javascript", "css", "svg"].contains(&self.kind);
        is_text && self.entry.response.content_bytes() > LARGE_TEXT_BYTES && !self.is_compressed()
    }
    fn is_compressed(&self) -> bool {
        let mut codings = self.entry.response.header("content-encoding").flat_map(|value| value.split(','));
        codings.any(|coding| {
            let coding = coding.trim();
            ["gzip", "br", "deflate", "zstd", "x-gzip", "compress", "dcb", "dcz"]
                .iter()
                .any(|it| it.eq_ignore_ascii_case(coding))
        })
    }
    /// Seconds for which the response may be kept, as pagexray reads the headers; 0 where it may not or nothing is said.
    fn expires(&self) -> f64 {
        let response = &self.entry.response;
        if let Some(control) = response.header("cache-control").next().filter(|control| !control.is_empty()) {
            if control.contains("no-cache") || control.contains("no-store") {
                return 0.0;
            }
            return max_age(control).unwrap_or(0.0);
        }
        let until = response.header("expires").next().and_then(http_millis);
        until.map_or(0.0, |until| (until - self.sent()) / 1000.0)
    }
    fn last_modified(&self) -> Option<f64> {
        let changed = self.entry.response.header("last-modified").next().and_then(http_millis)?;
        Some((self.sent() - changed) / 1000.0)
    }
    /// When the response was made: its own date, else when it was asked for.
    pub(super) fn sent(&self) -> f64 {
        self.entry.response.header("date").next().and_then(http_millis).unwrap_or(self.start)
    }
}

/// The `max-age` of a `Cache-Control`, in seconds.
pub(super) fn max_age(control: &str) -> Option<f64> {
    let (_, rest) = control.split_once("max-age=")?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..digits)?.parse().ok()
}

/// Splits a recording into its pages, in the order in which they began.
pub(super) fn loads(har: &Har) -> Vec<Load<'_>> {
    let mut entries: Vec<(f64, &Entry)> =
        har.log.entries.iter().map(|entry| (iso_millis(&entry.started.0).unwrap_or(0.0), entry)).collect();
    // WebPageTest may give a request of the second run the times of the first.
    if har.log.creator.name.0 != "WebPagetest" {
        entries.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut loads: Vec<Load<'_>> = Vec::new();
    for (start, entry) in entries {
        let at = *places.entry(entry.pageref.0.as_str()).or_insert_with(|| {
            let page = har.log.pages.iter().find(|page| page.id == entry.pageref);
            loads.push(Load { page, assets: Vec::new(), document: 0, site: String::new() });
            loads.len() - 1
        });
        let kind = content_type(&entry.response.content.mime.0, &entry.request.url.0);
        let host = host(&entry.request.url.0);
        if let Some(load) = loads.get_mut(at) {
            load.assets.push(Asset { entry, kind, host, start });
        }
    }
    // Who is first party, the first page decides: a recording is of one visit.
    let mut site: Option<String> = None;
    for load in &mut loads {
        let redirecting = load.assets.iter().take_while(|asset| !asset.entry.response.redirect.0.is_empty()).count();
        load.document = redirecting.min(load.assets.len().saturating_sub(1));
        let name = site
            .get_or_insert_with(|| load.assets.get(load.document).map(|it| site_name(&it.host)).unwrap_or_default());
        load.site.clone_from(name);
    }
    loads
}

/// Sums up one page.
pub(super) fn summarize(load: &Load<'_>, critical_path: Vec<Step>) -> Page {
    let (first, document) = (load.assets.first(), load.assets.get(load.document));
    let url_of = |asset: Option<&Asset<'_>>| asset.map(|asset| asset.url().to_owned()).unwrap_or_default();
    let asked = load.page.map(|page| page.url.0.clone()).filter(|url| !url.is_empty());
    let began = first.map_or(0.0, |asset| asset.start);
    let event = |of: fn(&HarPage) -> Option<f64>| load.page.and_then(of);
    let on_content_load = event(|page| page.timings.content_load.0);
    let on_load = event(|page| page.timings.load.0);
    let page_start = load.page.and_then(|page| iso_millis(&page.started.0));
    let mut page = Page {
        url: asked.unwrap_or_else(|| url_of(first)),
        final_url: url_of(document),
        redirects: load.assets.iter().take(load.document).map(|asset| asset.url().to_owned()).collect(),
        http_version: document.map(|asset| http_version(&asset.entry.response.http_version.0)).unwrap_or_default(),
        sizes: Sizes::default(),
        on_content_load,
        on_load,
        fully_loaded: thousandths(load.assets.iter().map(|asset| asset.end() - began).fold(0.0, f64::max)),
        cookies: 0,
        third_party_cookies: 0,
        missing_compression: 0,
        statuses: Vec::new(),
        types: Vec::new(),
        domains: Vec::new(),
        after_content_load: Late::default(),
        after_load: Late::default(),
        expires: None,
        last_modified: None,
        render_blocking: None,
        critical_path,
    };
    let (mut expires, mut modified) = (Vec::new(), Vec::new());
    let (mut statuses, mut types, mut domains) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for asset in &load.assets {
        let sizes = asset.sizes();
        let first_party = is_first_party(&asset.host, &load.site);
        page.sizes.add(sizes);
        let domain: &mut Domain = domains.entry(asset.host.as_str()).or_insert_with(|| Domain {
            host: asset.host.clone(),
            first_party,
            ..Domain::default()
        });
        domain.add(sizes, asset);
        *statuses.entry(asset.code()).or_insert(0) += 1;
        if asset.succeeded() {
            types.entry((asset.kind, !first_party)).or_insert_with(Sizes::default).add(sizes);
        }
        let (cookies, foreign) = cookies(asset, &load.site);
        page.cookies += cookies;
        page.third_party_cookies += foreign;
        page.missing_compression += u32::from(asset.lacks_compression());
        let is_after = |event: Option<f64>| matches!((page_start, event), (Some(start), Some(event)) if asset.start > start + event);
        if is_after(on_content_load) {
            page.after_content_load.add(sizes);
        }
        if is_after(on_load) {
            page.after_load.add(sizes);
        }
        if !asset.entry.render_blocking.0.is_empty() {
            *page.render_blocking.get_or_insert(0) += u32::from(asset.entry.render_blocking.0 == "blocking");
        }
        expires.push(asset.expires());
        modified.extend(asset.last_modified());
    }
    page.statuses = statuses.into_iter().map(|(status, requests)| OfStatus { status, requests }).collect();
    let of_type =
        |((kind, foreign), sizes): ((&'static str, bool), Sizes)| OfType { r#type: kind, first_party: !foreign, sizes };
    page.types = types.into_iter().map(of_type).collect();
    page.domains = domains.into_values().collect();
    page.expires = Spread::of(expires);
    page.last_modified = Spread::of(modified);
    page
}

impl Sizes {
    fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.transfer_size += other.transfer_size;
        self.content_size += other.content_size;
        self.header_size += other.header_size;
    }
}

impl Late {
    fn add(&mut self, sizes: Sizes) {
        self.requests += sizes.requests;
        self.transfer_size += sizes.transfer_size;
    }
}

impl Domain {
    fn add(&mut self, sizes: Sizes, asset: &Asset<'_>) {
        self.sizes.add(sizes);
        let timings = &asset.entry.timings;
        let all = &mut self.phases;
        for (total, phase) in [
            (&mut all.blocked, timings.blocked),
            (&mut all.dns, timings.dns),
            (&mut all.ssl, timings.ssl),
            (&mut all.connect, timings.connect),
            (&mut all.send, timings.send),
            (&mut all.wait, timings.wait),
            (&mut all.receive, timings.receive),
        ] {
            let millis = phase.0.filter(|millis| (*millis - -1.0).abs() > f64::EPSILON).unwrap_or(0.0).round();
            *total += millis;
            self.total_time += millis;
        }
    }
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let at = |at: usize| values.get(at).copied();
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(at(middle)?, at(middle.checked_sub(1)?)?)
        } else {
            at(middle)?
        };
        Some(Self {
            min: values.first()?.round(),
            median: median.round(),
            max: values.last()?.round(),
            values: values.len(),
        })
    }
}

// Cookies a response sets, and those among them for a domain that is not the site's.
fn cookies(asset: &Asset<'_>, site: &str) -> (u32, u32) {
    let (mut all, mut foreign) = (0, 0);
    for value in asset.entry.response.header("set-cookie") {
        all += 1;
        if let Some((_, domain)) = value.split_once("Domain=") {
            let domain = domain.split(';').next().unwrap_or_default();
            foreign += u32::from(!domain.is_empty() && !is_first_party(domain, site));
        }
    }
    (all, foreign)
}

fn http_version(version: &str) -> String {
    match version {
        "h2" => "HTTP/2.0".to_owned(),
        "" => "Unknown".to_owned(),
        other => other.to_ascii_uppercase(),
    }
}

/// The content type in one word.
fn content_type(mime: &str, url: &str) -> &'static str {
    let starts = |prefix: &str| mime.starts_with(prefix);
    let rules = [
        (starts("text/html"), "html"),
        (starts("text/plain"), "plain"),
        (starts("text/css"), "css"),
        (starts("text/xml"), "xml"),
        (mime.contains("javascript"), "javascript"),
        (mime.contains("flash"), "flash"),
        (starts("image/x-icon") || starts("image/vnd.microsoft.icon"), "favicon"),
        (mime.contains("svg"), "svg"),
        (starts("image"), "image"),
        (starts("application/") && mime.contains("font"), "font"),
        (starts("font/"), "font"),
        (starts("application/json"), "json"),
        (starts("application/xml"), "xml"),
        (starts("application/pdf"), "pdf"),
        (starts("audio/"), "audio"),
        (starts("video/"), "video"),
        (starts("application/ocsp-response"), "ocsp"),
        ([".woff", ".woff2", ".eot", ".ttf"].iter().any(|ending| url.ends_with(ending)), "font"),
    ];
    rules.iter().find(|(holds, _)| *holds).map_or("other", |(_, kind)| kind)
}

/// Cut to what is worth writing.
pub(super) fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

// Whole numbers are written without their `.0`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(super) fn whole<S: serde::Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and below 2^53")]
    if value.fract() == 0.0 && value.abs() < 9e15 {
        serializer.serialize_i64(*value as i64)
    } else {
        serializer.serialize_f64(*value)
    }
}
