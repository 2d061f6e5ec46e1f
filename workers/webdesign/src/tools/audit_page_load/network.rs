//! What a recording shows to be slow or wasted.

use super::address::{is_first_party, is_local, origin};
use super::chain::is_critical;
use super::rules::{
    BYTE_WEIGHT, CACHE, CHAINS, COMPRESSION, DUPLICATE, FAILED, HTTP2, HTTPS, IMAGE_FORMATS, PRECONNECT, REDIRECTS,
    RENDER_BLOCKING, SERVER_TIME,
};
use super::summary::{Asset, Load, Page, max_age};
use octavo_toolkit::Finding;
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};

/// Longest wait for the document's first byte, in milliseconds (Lighthouse `server-response-time`).
const SLOW_SERVER_MS: f64 = 600.0;
/// Bytes that score 0.9 in Lighthouse's `total-byte-weight`.
const HEAVY_PAGE_BYTES: f64 = 2_667.0 * 1024.0;
/// Requests to one host from which HTTP/1.1's six connections are a limit.
const MANY_REQUESTS: usize = 6;
/// JPEG and PNG from this size on are worth another format, in bytes.
const LARGE_IMAGE_BYTES: f64 = 100.0 * 1024.0;
/// Connections that take this long are worth opening early, in milliseconds.
const SLOW_CONNECT_MS: f64 = 100.0;
/// Chains of more requests than this are longer than document and style.
const SHORT_CHAIN: usize = 3;
/// Share of returning visits that a lifetime must cover (Lighthouse `uses-long-cache-ttl`).
const ENOUGH_HITS: f64 = 0.925;

/// Checks one page.
pub(super) fn check(load: &Load<'_>, page: &Page, preconnected: &BTreeSet<String>, findings: &mut Vec<Finding>) {
    check_document(load, page, findings);
    let prioritized = load.assets.iter().any(|asset| !asset.entry.priority.0.is_empty());
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut connected = BTreeSet::new();
    for asset in &load.assets {
        check_asset(asset, load, findings);
        let again = seen.entry(asset.url()).or_default();
        *again += 1;
        let is_get =
            asset.entry.request.method.0.is_empty() || asset.entry.request.method.0.eq_ignore_ascii_case("get");
        if *again == 2 && is_get && asset.status() < 300.0 && asset.entry.response.body_bytes() > 0.0 {
            findings.push(Finding::new(&DUPLICATE, format!("{} is loaded more than once", excerpt(asset.url()))));
        }
        let timings = &asset.entry.timings;
        let known = |number: Option<f64>| number.unwrap_or(0.0).max(0.0);
        // Encryption is part of `connect` in HAR.
        let opening = known(timings.dns.0) + known(timings.connect.0).max(known(timings.ssl.0));
        let origin = origin(asset.url());
        let other = !is_first_party(&asset.host, &load.site) && connected.insert(origin.clone());
        if other
            && opening >= SLOW_CONNECT_MS
            && is_critical(asset, load, prioritized)
            && !preconnected.contains(&origin)
        {
            let message = format!("opening the connection to {} took {opening:.0} ms", excerpt(&origin));
            findings.push(Finding::new(&PRECONNECT, message));
        }
    }
    check_hosts(load, findings);
}

fn check_document(load: &Load<'_>, page: &Page, findings: &mut Vec<Finding>) {
    if !page.redirects.is_empty() {
        let millis: f64 = load.assets.iter().take(load.document).map(|asset| asset.entry.time.0.unwrap_or(0.0)).sum();
        let count = page.redirects.len();
        let plural = if count == 1 { "" } else { "s" };
        let message = format!("{count} redirect{plural} before {} took {millis:.0} ms", excerpt(&page.final_url));
        findings.push(Finding::new(&REDIRECTS, message));
    }
    if let Some(wait) = load.assets.get(load.document).and_then(|asset| asset.entry.timings.wait.0)
        && wait > SLOW_SERVER_MS
    {
        let message = format!("the server took {wait:.0} ms to begin answering {}", excerpt(&page.final_url));
        findings.push(Finding::new(&SERVER_TIME, message));
    }
    if page.sizes.transfer_size > HEAVY_PAGE_BYTES {
        let message = format!("{:.0} KiB in {} requests", page.sizes.transfer_size / 1024.0, page.sizes.requests);
        findings.push(Finding::new(&BYTE_WEIGHT, message));
    }
    if page.critical_path.len() > SHORT_CHAIN
        && let Some(last) = page.critical_path.last()
    {
        let steps: Vec<String> = page.critical_path.iter().map(|step| short(&step.url)).collect();
        let message = format!("{} requests in a row until {:.0} ms: {}", steps.len(), last.end, steps.join(" > "));
        findings.push(Finding::new(&CHAINS, message));
    }
}

fn check_asset(asset: &Asset<'_>, load: &Load<'_>, findings: &mut Vec<Finding>) {
    let url = excerpt(asset.url());
    let bytes = asset.entry.response.body_bytes();
    if asset.status() >= 400.0 {
        findings.push(Finding::new(&FAILED, format!("{url} answered {}", asset.status())));
    }
    if asset.url().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://")) && !is_local(&asset.host) {
        // A first request that redirects to the encrypted page is what redirects are for.
        let redirects = asset.entry.response.redirect.0.starts_with("https://");
        if !redirects {
            findings.push(Finding::new(&HTTPS, format!("{url} is not encrypted")));
        }
    }
    if asset.entry.render_blocking.0 == "blocking" {
        let ready = load.assets.first().map_or(0.0, |first| asset.end() - first.start);
        let message = format!("{url} ({bytes:.0} bytes) held up rendering until {ready:.0} ms");
        findings.push(Finding::new(&RENDER_BLOCKING, message));
    }
    if asset.lacks_compression() && asset.succeeded() && bytes > 0.0 {
        let message = format!("{url} came as it is, {:.0} bytes", asset.entry.response.content_bytes());
        findings.push(Finding::new(&COMPRESSION, message));
    }
    let mime = asset.entry.response.content.mime.0.as_str();
    if (mime.starts_with("image/jpeg") || mime.starts_with("image/png")) && bytes > LARGE_IMAGE_BYTES {
        findings.push(Finding::new(&IMAGE_FORMATS, format!("{url} is {:.0} KiB of {mime}", bytes / 1024.0)));
    }
    if let Some(message) = short_lived(asset, &url, bytes) {
        findings.push(Finding::new(&CACHE, message));
    }
}

// Lighthouse's test: a static resource that may be kept, whose lifetime covers too few of the visits that come back.
fn short_lived(asset: &Asset<'_>, url: &str, bytes: f64) -> Option<String> {
    let is_static = ["css", "javascript", "image", "svg", "favicon", "font", "audio", "video"].contains(&asset.kind);
    let status = asset.status();
    if !is_static || bytes <= 0.0 || ![200.0, 203.0, 206.0].iter().any(|code| (status - code).abs() < 0.5) {
        return None;
    }
    let control = asset.entry.response.header("cache-control").collect::<Vec<_>>().join(", ").to_ascii_lowercase();
    let chosen = ["must-revalidate", "no-cache", "no-store", "stale-while-revalidate", "private"];
    let pragma = asset.entry.response.header("pragma").any(|value| value.contains("no-cache"));
    if chosen.iter().any(|word| control.contains(word)) || (control.is_empty() && pragma) {
        return None;
    }
    let expires = asset.entry.response.header("expires").next();
    let by_date =
        expires.map(|date| super::har::http_millis(date).map_or(0.0, |until| (until - asset.sent()) / 1000.0));
    let lifetime = max_age(&control).or(by_date);
    // A lifetime of nothing is a choice, too.
    if lifetime.is_some_and(|seconds| seconds <= 0.0) {
        return None;
    }
    let seconds = lifetime.unwrap_or(0.0);
    if hit_share(seconds) > ENOUGH_HITS {
        return None;
    }
    Some(match lifetime {
        Some(_) => format!("{url} ({bytes:.0} bytes) may be kept for {seconds:.0} s only"),
        None => format!("{url} ({bytes:.0} bytes) does not say how long it may be kept"),
    })
}

/// Share of returning visits that find a resource still fresh, by its lifetime: Chrome's deciles of age at a return, in hours.
pub(super) fn hit_share(seconds: f64) -> f64 {
    const HOURS: [f64; 11] = [0.0, 0.2, 1.0, 3.0, 8.0, 12.0, 24.0, 48.0, 72.0, 168.0, 8760.0];
    let hours = seconds / 3600.0;
    let mut share = 0.0;
    for pair in HOURS.windows(2) {
        let [low, high] = pair else { continue };
        if hours <= *high {
            return share + 0.1 * ((hours - low).max(0.0) / (high - low));
        }
        share += 0.1;
    }
    1.0
}

fn check_hosts(load: &Load<'_>, findings: &mut Vec<Finding>) {
    let mut old: BTreeMap<&str, usize> = BTreeMap::new();
    for asset in load.assets.iter().filter(|asset| asset.succeeded()) {
        let version = asset.entry.response.http_version.0.to_ascii_lowercase();
        if version.starts_with("http/1") && !is_local(&asset.host) && is_first_party(&asset.host, &load.site) {
            *old.entry(asset.host.as_str()).or_default() += 1;
        }
    }
    for (host, requests) in old.into_iter().filter(|(_, requests)| *requests >= MANY_REQUESTS) {
        findings.push(Finding::new(&HTTP2, format!("{} answered {requests} requests by HTTP/1", excerpt(host))));
    }
}

// The end of an address, which is what tells requests apart.
fn short(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    excerpt(path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(url))
}

#[cfg(test)]
mod tests {
    use super::hit_share;

    #[test]
    fn lifetimes_cover_shares_of_visits() {
        for (hours, share) in [(0.0, 0.0), (0.2, 0.1), (12.0, 0.5), (168.0, 0.9), (8760.0, 1.0), (10_000.0, 1.0)] {
            assert!((hit_share(hours * 3600.0) - share).abs() < 1e-9, "{hours}");
        }
    }
}
