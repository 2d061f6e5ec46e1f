//! `audit_image`: dive's wasted bytes and dockle's checks over what an image's files say of it.

mod checks;
mod listing;
mod rules;
mod waste;

use checks::Image;
use listing::Entry;
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use octavo_toolkit::{Ctx, Finding, Report, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
pub use waste::Wasted;

declare_tool! {
    /// Audits a built image from text: listings of its layers (`tar -tvf layer.tar`, or dive's JSON), its configuration
    /// (the config blob, or `docker inspect`) and its name.
    ///
    /// Use it when an image is too large or before it is shipped. The share of bytes that are not in vain and the files that
    /// layers hold twice or remove are those of dive; the checks of user, health, history, secrets and files are dockle's,
    /// under its ids.
    ///
    /// Contents of files are not read, so no password and no package is looked at.
    ///
    /// `data` has the bytes and wasted bytes of each layer, the efficiency, and the wasted files, the largest first.
    pub struct AuditImage;
    name: "audit_image",
    title: "Audit a container image",
    summary: "Audits a built container image from its layer listings and config: wasted bytes and efficiency as dive, CIS checks as dockle. File contents are not read.",
    keywords: "docker image size layers dive dockle wasted space efficiency bloat CIS benchmark root user healthcheck secrets history setuid tar listing inspect slim shrink",
    examples: [
        "a file that is written twice" => r#"{"layers":["-rw-r--r-- 0/0 9000000 2024-01-01 00:00 app/model.bin\n","-rw-r--r-- 0/0 9000000 2024-01-01 00:00 app/model.bin\n"],"config":"{\"config\":{\"User\":\"app\",\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"]}},\"history\":[{\"created_by\":\"RUN apk add curl\"}]}"}"#,
    ],
    rules: rules::RULES,
    not_checked: ["contents of files (passwords, packages)", "content trust", "vulnerabilities"],
}

/// Most layers: an image holds 127.
const MAX_LAYERS: usize = 200;
/// Longest listing of a layer, in bytes: some 50,000 files.
const MAX_LISTING_BYTES: usize = octavo_toolkit::limits::MAX_SOURCE_BYTES;
/// Longest name of an image, in bytes.
const MAX_NAME_BYTES: usize = 1_024;
/// Longest configuration, in bytes.
const MAX_CONFIG_BYTES: usize = 4 * 1024 * 1024;
/// Least efficiency that passes, as in dive's CI mode.
const LEAST_EFFICIENCY: f64 = 0.9;
/// Wasted files that are listed.
const MAX_WASTED: usize = 100;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Of each layer, lowest first, what tar -tv prints.
    #[serde(default)]
    layers: Option<Vec<String>>,
    /// Image config JSON, or docker inspect's.
    #[serde(default)]
    config: Option<String>,
    /// Image name with tag.
    #[serde(default)]
    name: Option<String>,
    /// Wasted files listed, 1 to 10000. Default 100.
    #[serde(default)]
    top: Option<usize>,
}

/// Bytes of a layer.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LayerBytes {
    /// Files and folders.
    entries: usize,
    /// Bytes.
    bytes: u64,
    /// Bytes of files that a later layer writes again or removes.
    wasted: u64,
}

/// What the layers come to.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Layers, the lowest first.
    layers: Vec<LayerBytes>,
    /// Bytes of all layers.
    bytes: u64,
    /// Bytes of files that several layers hold, all copies counted, as dive counts.
    wasted_bytes: u64,
    /// Share of bytes that are not there in vain, 0 to 1.
    efficiency: f64,
    /// Files that are there several times or are removed, the largest first.
    wasted: Vec<Wasted>,
    /// How many there are.
    wasted_files: usize,
}

impl Tool for AuditImage {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        let listings = input.layers.as_deref().unwrap_or_default();
        check_items("/layers", listings, MAX_LAYERS)?;
        for (at, listing) in listings.iter().enumerate() {
            check_bytes(&format!("/layers/{at}"), listing, MAX_LISTING_BYTES)?;
        }
        check_bytes("/config", input.config.as_deref().unwrap_or_default(), MAX_CONFIG_BYTES)?;
        check_bytes("/name", input.name.as_deref().unwrap_or_default(), MAX_NAME_BYTES)?;
        if input.layers.is_none() && input.config.is_none() {
            return Err(ToolError::invalid("", "have neither `layers` nor `config`", "at least one of them"));
        }
        let top = input.top.unwrap_or(MAX_WASTED);
        if !(1..=10_000).contains(&top) {
            return Err(ToolError::invalid("/top", "is out of range", "1 to 10000"));
        }
        let mut findings = Vec::new();
        let mut layers: Vec<Vec<Entry>> = Vec::new();
        for (at, listing) in listings.iter().enumerate() {
            let (entries, unread) = listing::read(listing);
            if unread > 0 {
                let message = format!("{unread} lines of layer {} are no entries of a listing", at + 1);
                findings.push(Finding::new(&rules::UNREADABLE, message));
            }
            layers.push(entries);
        }
        let measured = waste::measure(&layers);
        if measured.efficiency < LEAST_EFFICIENCY {
            let largest = measured.wasted.first().map_or("", |wasted| wasted.path.as_str());
            let message = format!(
                "{:.1} % of the bytes are there in vain, `{}` most of all",
                (1.0 - measured.efficiency) * 100.0,
                excerpt(largest)
            );
            findings.push(Finding::new(&rules::WASTE, message));
        }
        // Of a path, the last layer's entry is the one that is there.
        let last: BTreeMap<&str, &Entry> = layers.iter().flatten().map(|entry| (entry.path.as_str(), entry)).collect();
        findings.extend(checks::files(last.into_values()));
        if let Some(config) = &input.config {
            match Image::read(config) {
                Ok(image) => findings.extend(image.check()),
                Err(problem) => findings.push(Finding::new(&rules::UNREADABLE, problem)),
            }
        }
        if input.name.as_deref().is_some_and(|name| {
            let name = crate::support::image::ImageName::parse(name);
            name.tag.is_none_or(|tag| tag == "latest") && name.digest.is_none()
        }) {
            findings.push(Finding::new(&rules::LATEST, "the image's tag is latest"));
        }
        let data = Data {
            bytes: measured.layers.iter().sum(),
            wasted_bytes: measured.wasted.iter().map(|wasted| wasted.bytes).sum(),
            efficiency: measured.efficiency,
            wasted_files: measured.wasted.len(),
            layers: layers
                .iter()
                .zip(measured.layers.iter().zip(&measured.wasted_of_layer))
                .map(|(entries, (bytes, wasted))| LayerBytes { entries: entries.len(), bytes: *bytes, wasted: *wasted })
                .collect(),
            wasted: measured.wasted.into_iter().take(top).collect(),
        };
        Ok(Report::checked(findings, data))
    }
}
