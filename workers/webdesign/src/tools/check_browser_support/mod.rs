//! `check_browser_support`: features of CSS, HTML and scripts against the browsers that a query of browserslist asks for.
//!
//! Owns the call and the report. Queries are `support::browsers`, the tables of features `support::features`; what a source
//! uses is found in `css`, `markup` and `script`.

mod config;
mod css;
mod markup;
mod rules;
mod script;

pub use script::{MAX_GUARD_BYTES, MAX_GUARDS};

use crate::support::browsers::{Browsers, Target, resolve};
use crate::support::features::{Features, Key, Kind, Standing};
use css::Detectors;
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{check_bytes, check_items};
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Rule, SourceFile, Tool, ToolError, declare_tool};
use rules::{API, CSS, HTML, PARTIAL, RULES, SYNTAX, UNREAD};
use script::Language;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

declare_tool! {
    /// Finds what some browsers do not have of the features that stylesheets, pages and scripts use: which browsers, since
    /// which version they have it, and its Baseline status.
    ///
    /// `browsers` is a query as browserslist takes them: `> 0.5%, last 2 versions, not dead`, `ie 11`, `safari >= 15`,
    /// `baseline widely available`, `since 2022`, `cover 95% in US`, `supports css-grid`, `maintained node versions` and all others,
    /// joined by commas, `or`, `and` and `not`. Without it the query comes from a `.browserslistrc` or `package.json` among the
    /// files, and else is `defaults`. Without sources the call resolves the query: browsers, and the share of the world's page views
    /// they have. Not for a tool that sees no files and no clock: `extends`, statistics of one's own and `current node`. Of regions
    /// there are the continents (`alt-eu`) and twenty countries.
    ///
    /// There is no clock: `last 1 year` and the like count from the day of the data, which `data.date` gives.
    ///
    /// Stylesheets are judged by caniuse.com, as doiuse does, under its ids (`css-has`), and what it does not list by MDN's data
    /// under MDN's names (`css.properties.text-wrap.balance`). Vendor-prefixed names are taken for the fallbacks they mostly are. What
    /// stands in `@supports` is level info.
    ///
    /// Scripts (JavaScript, TypeScript, JSX) are judged by MDN's data: globals that the script does not bind itself, members of global
    /// objects, methods of array and string literals, and syntax. A use inside an `if`, behind a test of its name or with `?.` is
    /// guarded, counted and not reported. `ignore` names features that are polyfilled or accepted, `*` at the end standing for any more.
    ///
    /// Usage figures, versions and support by caniuse.com under CC BY 4.0 (Alexis Deveria and contributors, reduced); MDN's
    /// browser-compat-data (CC0 1.0); web-features (Apache-2.0, W3C WebDX community group).
    pub struct CheckBrowserSupport;
    name: "check_browser_support",
    title: "Check browser support",
    summary: "Finds CSS, HTML and JS features that browsers of a browserslist query lack, with versions and Baseline. Without files, resolves the query.",
    keywords: "caniuse can i use browserslist doiuse eslint-plugin-compat compatibility baseline supported polyfill ie11 safari old browsers targets mdn bcd web-features market share usage coverage",
    examples: [
        "a stylesheet and a script for old browsers" => r#"{"browsers":"ie 11, safari >= 15","files":[{"path":"a.css","source":".a:has(b) { display: grid; gap: 1rem }"},{"path":"a.js","source":"fetch('/x').then(r => r?.json())"}]}"#,
        "what a query stands for" => r#"{"browsers":"last 1 chrome version, firefox esr"}"#,
    ],
    rules: RULES,
    not_checked: [
        "methods of values whose type is not written out, such as x.replaceAll()",
        "browsers MDN has no data of, for scripts, pages and newer CSS: Opera Mini, UC, QQ, Baidu, KaiOS, IE Mobile, BlackBerry",
        "whether a fallback stands before or after a declaration",
    ],
}

/// Longest query, in bytes.
pub const MAX_QUERY_BYTES: usize = 10_000;
/// Most features to ignore.
pub const MAX_IGNORE: usize = 500;
/// Longest name of a feature to ignore, in bytes.
pub const MAX_IGNORE_BYTES: usize = 200;

/// Most uses of one feature that are findings of their own, in all files: as many as a report can show. Others are counted.
pub const MAX_USES: usize = 1_000;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Browserslist query; default `defaults`.
    #[serde(default)]
    browsers: Option<String>,
    /// `.css`, `.html`, scripts.
    #[serde(default)]
    files: Vec<SourceFile>,
    /// Feature ids.
    #[serde(default)]
    ignore: Vec<String>,
}

/// The browsers, and how each feature that some lack stands.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// The query that was resolved.
    query: String,
    /// The day of the data.
    date: &'static str,
    /// Where the data is from.
    source: &'static str,
    /// Percent of the world's page views the browsers have.
    coverage: f64,
    /// Different features that were seen, supported ones included.
    seen: usize,
    /// Uses behind a test, which are not reported.
    guarded: usize,
    features: Vec<Feature>,
    browsers: Vec<String>,
}

/// A feature that some browser lacks.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct Feature {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
    /// `widely` or `newly` available since a day, or `limited`.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<String>,
    uses: usize,
    missing: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    partial: Vec<String>,
}

// A feature at a place, and what to look at where it is supported.
struct Use {
    key: Key,
    or: Option<Key>,
    span: Range<usize>,
    guarded: bool,
}

// What keeps a source from being read, and where.
type Flaw = (String, Range<usize>);

impl Tool for CheckBrowserSupport {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_files("/files", &input.files)?;
        check_items("/ignore", &input.ignore, MAX_IGNORE)?;
        for (at, name) in input.ignore.iter().enumerate() {
            check_bytes(&format!("/ignore/{at}"), name, MAX_IGNORE_BYTES)?;
        }
        let (query, pointer) = match input.browsers {
            Some(query) => (query, "/browsers".to_owned()),
            None => config::query(&input.files)?.unwrap_or_else(|| ("defaults".to_owned(), "/browsers".to_owned())),
        };
        check_bytes(&pointer, &query, MAX_QUERY_BYTES)?;
        let browsers = Browsers::read();
        let features = if input.files.is_empty() { Features::of_caniuse() } else { Features::read() };
        let targets = resolve(&browsers, &features, &query, &pointer)?;
        let mut checker = Checker {
            features: &features,
            browsers: &browsers,
            targets: &targets,
            ignore: &input.ignore,
            standings: BTreeMap::new(),
            counts: BTreeMap::new(),
            seen: BTreeSet::new(),
            guarded: 0,
            findings: Vec::new(),
            is_cut: false,
        };
        let detectors = Detectors::read();
        let mut files = 0;
        for (at, file) in input.files.iter().enumerate() {
            if config::is_one(&file.path) {
                continue;
            }
            files += 1;
            let (uses, flaws) = match language(&file.path) {
                Some(Source::Css) => (css::uses(&file.source, 0, &detectors, &features), Vec::new()),
                Some(Source::Html) => markup::uses(&file.source, &detectors, &features),
                Some(Source::Script(language)) => {
                    let (uses, flaw) = script::uses(&file.source, 0, language, &features);
                    (uses, flaw.into_iter().collect())
                }
                None => {
                    return Err(ToolError::invalid(
                        format!("/files/{at}/path"),
                        "ends like no stylesheet, page or script",
                        ".css, .html, .htm, .js, .mjs, .cjs, .jsx, .ts, .mts, .cts, .tsx, package.json, .browserslistrc",
                    ));
                }
            };
            checker.file(file, uses, flaws);
        }
        Ok(checker.report(query, files))
    }
}

enum Source {
    Css,
    Html,
    Script(Language),
}

fn language(path: &str) -> Option<Source> {
    Some(match path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "css" => Source::Css,
        "html" | "htm" | "xhtml" => Source::Html,
        "js" | "jsx" => Source::Script(Language::Unknown),
        "mjs" => Source::Script(Language::Module),
        "cjs" => Source::Script(Language::Common),
        "ts" | "mts" | "cts" => Source::Script(Language::TypeScript),
        "tsx" => Source::Script(Language::Tsx),
        _ => return None,
    })
}

struct Checker<'c> {
    features: &'c Features,
    browsers: &'c Browsers,
    targets: &'c [Target],
    ignore: &'c [String],
    standings: BTreeMap<Key, Standing>,
    // Uses, and those behind a condition that asks for the feature: they are of another level.
    counts: BTreeMap<Key, [usize; 2]>,
    seen: BTreeSet<Key>,
    guarded: usize,
    findings: Vec<Finding>,
    is_cut: bool,
}

const fn rule_of(key: &Key) -> &'static Rule {
    match key {
        Key::Compat(Kind::Global | Kind::Member, _) => &API,
        Key::Compat(Kind::Syntax, _) => &SYNTAX,
        Key::Compat(Kind::Element | Kind::Attribute | Kind::AttributeValue, _) => &HTML,
        Key::Compat(..) | Key::Caniuse(_) => &CSS,
    }
}

impl Checker<'_> {
    fn standing(&mut self, key: &Key) -> &Standing {
        if !self.standings.contains_key(key) {
            let id = key.id();
            let ignored = self
                .ignore
                .iter()
                .any(|name| name.strip_suffix('*').map_or_else(|| id == *name, |start| id.starts_with(start)));
            let standing =
                if ignored { Standing::default() } else { self.features.judge(key, self.browsers, self.targets) };
            self.standings.insert(key.clone(), standing);
        }
        self.standings.entry(key.clone()).or_default()
    }

    fn lacks(&mut self, key: &Key) -> bool {
        let standing = match self.standings.get(key) {
            Some(standing) => standing,
            None => self.standing(key),
        };
        !standing.missing.is_empty() || !standing.partial.is_empty()
    }

    // A word of a value says nothing more where its property is missing.
    fn implied(&mut self, key: &Key) -> bool {
        let Key::Compat(Kind::Value, name) = key else { return false };
        let property = name.split(' ').next().unwrap_or_default();
        self.features.find(Kind::Property, property).is_some_and(|property| self.lacks(&property))
    }

    fn file(&mut self, file: &SourceFile, uses: Vec<Use>, flaws: Vec<Flaw>) {
        let index = LineIndex::new(&file.source);
        for (what, span) in flaws {
            self.findings.push(Finding::new(&UNREAD, what).at(index.range(span)).in_file(&file.path));
        }
        for Use { key, or, span, guarded } in uses {
            if !self.seen.contains(&key) {
                self.seen.insert(key.clone());
            }
            let key = match or {
                Some(or) if !self.lacks(&key) => or,
                _ => key,
            };
            if !self.lacks(&key) || self.implied(&key) {
                continue;
            }
            let rule = rule_of(&key);
            if guarded && rule.id == API.id {
                self.guarded += 1;
                continue;
            }
            let count = &mut self.counts.entry(key.clone()).or_default()[usize::from(guarded)];
            *count += 1;
            if *count > MAX_USES {
                self.is_cut = true;
                continue;
            }
            let id = key.id();
            let Standing { missing, partial } = self.standing(&key).clone();
            let (rule, message) = match (missing.is_empty(), partial.is_empty()) {
                (false, true) => (rule, format!("{id} is missing in {}", missing.join(", "))),
                (false, false) => {
                    (rule, format!("{id} is missing in {}, and partly in {}", missing.join(", "), partial.join(", ")))
                }
                _ => (&PARTIAL, format!("{id} is partly in {}", partial.join(", "))),
            };
            let mut finding = Finding::new(rule, message).at(index.range(span)).in_file(&file.path);
            if guarded {
                finding = finding.with_level(octavo_toolkit::Level::Info);
            }
            self.findings.push(finding);
        }
    }

    fn report(self, query: String, files: usize) -> Report<Data> {
        let names: Vec<String> = self.targets.iter().map(|it| format!("{} {}", it.browser, it.version)).collect();
        let coverage = (self.browsers.coverage(self.targets) * 100.0).round() / 100.0;
        let mut features: Vec<Feature> = Vec::new();
        for (key, uses) in &self.counts {
            let Standing { missing, partial } = self.standings.get(key).cloned().unwrap_or_default();
            let (title, baseline) = (self.features.title(key), self.features.baseline(key));
            features.push(Feature { id: key.id(), title, baseline, uses: uses.iter().sum(), missing, partial });
        }
        features.sort_by(|a, b| b.missing.len().cmp(&a.missing.len()).then_with(|| a.id.cmp(&b.id)));
        let count = names.len();
        let data = Data {
            query,
            date: self.browsers.date,
            source: "caniuse.com (CC BY 4.0), MDN browser-compat-data (CC0), web-features (Apache-2.0)",
            coverage,
            seen: self.seen.len(),
            guarded: self.guarded,
            features,
            browsers: names,
        };
        if files == 0 {
            return Report::computed(format!("{count} versions with {coverage} % of the world's page views"), data);
        }
        let lacking = data.features.len();
        let summary = format!("{lacking} of {} features are missing or partial in some of {count} versions", data.seen);
        let report = Report::checked(self.findings, data).over_files(files).with_summary(summary);
        if self.is_cut { report.not_checked(format!("uses of a feature beyond its first {MAX_USES}")) } else { report }
    }
}
