//! `audit_page_load`: how a page loads, from a recording, its markup and measured metrics.
//!
//! Owns what is asked and how it is put together; the recording is `har`, `summary`, `chain` and `network`, the markup
//! `document`, Lighthouse's arithmetic `score`.

mod address;
mod chain;
mod document;
mod har;
mod network;
mod rules;
mod score;
mod summary;

use document::Markup;
use har::Har;
use octavo_toolkit::limits::{MAX_LARGE_SOURCE_BYTES, MAX_SOURCE_BYTES, check_bytes};
use octavo_toolkit::{Ctx, Finding, Level, Report, Tool, ToolError, declare_tool};
use score::{Device, Metrics, Score};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
pub use summary::MAX_PAGES;
use summary::Page;

declare_tool! {
    /// Explains how a web page loads: requests and bytes by type, host and party, redirects, the chain of requests that the first
    /// paint waited for, what blocks rendering, what may be cached for how long, what came uncompressed, and what will make the layout
    /// jump.
    ///
    /// Give `har`, a recording of the browser's network panel, WebPageTest, browsertime or Playwright (HAR 1.2), `source`, the page's
    /// HTML, or both, which ties them together. Figures of a recording are pagexray's; sizes that it does not know count as nothing.
    ///
    /// With `metrics` (or those a recording of browsertime carries) it works out Lighthouse's performance score exactly as Lighthouse
    /// does, and how many points each metric costs; while a metric is missing, it says between what the score lies.
    ///
    /// Nothing is measured here: no browser runs, no request is made. A recording may have 24 MiB and 20 pages, a page 4 MiB.
    pub struct AuditPageLoad;
    name: "audit_page_load",
    title: "Audit page load",
    summary: "Finds what makes a page slow from its HAR and/or HTML, and computes Lighthouse scores from metrics. Measures nothing itself.",
    keywords: "performance speed slow web vitals LCP CLS FCP TBT INP pagespeed lighthouse waterfall network requests third-party render blocking cache compression gzip brotli critical path preload preconnect lazy loading bytes weight HTTP archive devtools",
    examples: [
        "markup that blocks and shifts" => r#"{"source":"<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>Shop</title><script src=/app.js></script></head><body><img src=hero.jpg loading=lazy></body></html>"}"#,
        "the score of measured metrics" => r#"{"metrics":{"fcp":1900,"lcp":3100,"tbt":250,"cls":0.02,"si":3400}}"#,
        "a recording" => r#"{"har":"{\"log\":{\"entries\":[{\"startedDateTime\":\"2026-01-01T00:00:00.000Z\",\"time\":120,\"request\":{\"url\":\"https://shop.example/\"},\"response\":{\"status\":200,\"httpVersion\":\"h2\",\"bodySize\":5200,\"content\":{\"mimeType\":\"text/html\",\"size\":5200}}}]}}"}"#,
    ],
    rules: rules::ALL,
    not_checked: [
        "what only a browser measures: paints, long tasks, layout shifts, unused bytes, image sizes as shown",
        "how much compression or another image format would save",
    ],
}

/// Largest value of a metric; a load that takes longer was not finished.
pub const MAX_METRIC: f64 = 1e9;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// HAR JSON.
    har: Option<String>,
    /// The page's HTML.
    source: Option<String>,
    /// Lighthouse metrics: ms, `cls` unitless.
    metrics: Option<Metrics>,
    /// Score curves; default mobile.
    #[serde(default)]
    device: Device,
}

/// What a page load comes to.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Lighthouse's performance score.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Score>,
    /// The document.
    #[serde(skip_serializing_if = "Option::is_none")]
    markup: Option<Markup>,
    /// The pages of the recording.
    pages: Vec<Page>,
}

impl Tool for AuditPageLoad {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_input(&input)?;
        let mut findings = Vec::new();
        let har = input.har.as_deref().and_then(|text| {
            match serde_json::from_str::<Har>(text.trim_start_matches('\u{feff}')) {
                Ok(har) => Some(har),
                Err(error) => {
                    findings.push(Finding::new(&rules::HAR_SYNTAX, format!("the recording is not read: {error}")));
                    None
                }
            }
        });
        let loads = har.as_ref().map(summary::loads).unwrap_or_default();
        let mut pages: Vec<Page> = Vec::new();
        for load in loads.iter().take(MAX_PAGES) {
            pages.push(summary::summarize(load, chain::critical_path(load)));
        }
        if let Some(more) = loads.len().checked_sub(MAX_PAGES).filter(|more| *more > 0) {
            let message = format!("the last {more} pages of the recording are not looked at, the limit is {MAX_PAGES}");
            findings.push(Finding::new(&rules::HAR_SYNTAX, message).with_level(Level::Warning));
        }
        let base = pages.first().map(|page| page.final_url.clone()).unwrap_or_default();
        let checked = input.source.as_deref().map(|source| document::check(source, &base, &mut findings));
        let nothing = BTreeSet::new();
        let preconnected = checked.as_ref().map_or(&nothing, |checked| &checked.preconnected);
        for (load, page) in loads.iter().zip(&pages) {
            network::check(load, page, preconnected, &mut findings);
        }
        let metrics = merge(input.metrics, har.as_ref());
        let score = score::score(&metrics, input.device);
        if let Some(score) = &score {
            findings.extend(score.metrics.iter().filter_map(finding_of));
        }
        let markup = checked.map(|checked| checked.markup);
        let summary = summary_of(score.as_ref(), &pages, markup.as_ref(), findings.len());
        Ok(Report::checked(findings, Data { score, markup, pages }).with_summary(summary))
    }
}

fn check_input(input: &Input) -> Result<(), ToolError> {
    if input.har.is_none() && input.source.is_none() && input.metrics.is_none() {
        return Err(ToolError::invalid("", "name nothing to audit", "one of `har`, `source`, `metrics`"));
    }
    if let Some(har) = &input.har {
        check_bytes("/har", har, MAX_LARGE_SOURCE_BYTES)?;
    }
    if let Some(source) = &input.source {
        check_bytes("/source", source, MAX_SOURCE_BYTES)?;
    }
    let Some(metrics) = &input.metrics else { return Ok(()) };
    let values =
        [("fcp", metrics.fcp), ("lcp", metrics.lcp), ("tbt", metrics.tbt), ("cls", metrics.cls), ("si", metrics.si)];
    for (name, value) in values {
        if value.is_some_and(|value| !(0.0..=MAX_METRIC).contains(&value)) {
            return Err(ToolError::invalid(
                format!("/metrics/{name}"),
                "is out of range",
                "a number from 0 to 1000000000",
            ));
        }
    }
    Ok(())
}

// What a recording carries fills in what the caller does not say.
fn merge(metrics: Option<Metrics>, har: Option<&Har>) -> Metrics {
    let given = metrics.unwrap_or_default();
    let Some(page) = har.and_then(|har| har.log.pages.first()) else { return given };
    let (vitals, timings) = (&page.vitals, &page.timings);
    let valid = |number: Option<f64>| number.filter(|number| (0.0..=MAX_METRIC).contains(number));
    Metrics {
        fcp: given.fcp.or(valid(vitals.first_contentful_paint.0.or(timings.fcp.0))),
        lcp: given.lcp.or(valid(vitals.largest_contentful_paint.0.or(timings.lcp.0))),
        tbt: given.tbt.or(valid(vitals.total_blocking_time.0)),
        cls: given.cls.or(valid(vitals.cumulative_layout_shift.0)),
        si: given.si.or(valid(page.visual.speed_index.0)),
    }
}

fn finding_of(scored: &score::MetricScore) -> Option<Finding> {
    if scored.score >= 0.9 {
        return None;
    }
    let all = [rules::FCP, rules::LCP, rules::TBT, rules::CLS, rules::SI];
    let rule = all.into_iter().find(|rule| rule.id == scored.id)?;
    let level = if scored.score < 0.5 { Level::Error } else { Level::Warning };
    let unit = if scored.metric == "CLS" { "" } else { " ms" };
    let message = format!(
        "{} of {}{unit} scores {:.2} and costs {} points; {}{unit} would score 0.9",
        scored.metric, scored.value, scored.score, scored.points_lost, scored.good
    );
    Some(Finding::new(&rule, message).with_level(level))
}

fn summary_of(score: Option<&Score>, pages: &[Page], markup: Option<&Markup>, findings: usize) -> String {
    let mut parts = Vec::new();
    match score {
        Some(Score { performance: Some(score), .. }) => parts.push(format!("performance score {:.0}", score * 100.0)),
        Some(Score { performance: None, least, most, .. }) => {
            parts.push(format!("performance score between {:.0} and {:.0}", least * 100.0, most * 100.0));
        }
        None => {}
    }
    if let Some(page) = pages.first() {
        let kib = page.sizes.transfer_size / 1024.0;
        parts.push(format!("{} requests, {kib:.0} KiB, loaded in {:.0} ms", page.sizes.requests, page.fully_loaded));
        if pages.len() > 1 {
            parts.push(format!("first of {} pages", pages.len()));
        }
    }
    if let Some(markup) = markup {
        let blocking = markup.resources.iter().filter(|resource| resource.timing == "blocking").count();
        parts.push(format!("{} elements, {blocking} render-blocking resources", markup.elements));
    }
    let plural = if findings == 1 { "" } else { "s" };
    parts.push(format!("{findings} finding{plural}"));
    parts.join("; ")
}
