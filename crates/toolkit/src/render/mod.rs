//! A report on its way out: filtered, cut to a page that keeps its token budget, written as JSON and as text.
//!
//! Both forms carry the same facts, since clients disagree on which they read, and both count towards the budget. What does
//! not fit is not lost: the page ends in a cursor, and the same call with that cursor goes on exactly there. The cursor is
//! opaque, holds no state but two numbers, and is checked against the report, so that one from another call is refused.

mod data;
mod sarif;
mod text;

use crate::error::ToolError;
use crate::limits::is_invisible;
use crate::output::{DEFAULT_MAX_FINDINGS, DEFAULT_MAX_TOKENS, Format, OutputOptions};
use crate::registry::Rendering;
use crate::report::{Finding, Level, Report, Verdict};
use crate::tokens::estimate;
use crate::tool::{Declaration, Rule};
use octavo_category::Category;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Longest message and summary, in characters; longer ones are cut.
const MAX_MESSAGE_CHARS: usize = 600;
/// Longest path shown, in characters; of longer ones the end is shown.
const MAX_PATH_CHARS: usize = 300;
/// Most remarks on what a call did not check.
const MAX_NOT_CHECKED: usize = 20;
/// Share of a page that data may take from findings, in hundredths.
const DATA_SHARE: usize = 40;
/// Least bytes of a finding in both forms; more findings than fit at that length are not tried to be written at once.
const LEAST_FINDING_BYTES: usize = 64;
/// Tokens of a cursor and the sentence around it, in both forms.
const CURSOR_TOKENS: usize = 90;

/// The tool that a report is of.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Its category.
    pub category: Category,
    /// What it declares.
    pub declaration: &'a Declaration,
}

impl About<'_> {
    fn rule(&self, id: &str) -> Option<&'static Rule> {
        self.declaration.rules.iter().find(|rule| rule.id == id)
    }

    fn help_prefix(&self) -> String {
        format!("rule://{}/", self.category.slug())
    }

    fn full_name(&self) -> String {
        format!("{}_{}", self.category.slug(), self.declaration.name)
    }
}

/// How many findings of each level there are, on all pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Counts {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Remarks.
    pub info: usize,
}

// A page without its findings, which are written one by one.
struct Page<'a> {
    verdict: Verdict,
    summary: &'a str,
    // The counts in words, where the summary is the tool's own and says nothing of them.
    found: Option<&'a str>,
    counts: Counts,
    data: Option<Shown<'a>>,
    not_checked: &'a [String],
    omitted: usize,
    more_data: bool,
    cursor: Option<String>,
}

// Data, and how both forms write it.
struct Shown<'a> {
    value: Cow<'a, Value>,
    json: String,
}

impl<'a> Shown<'a> {
    fn new(value: Cow<'a, Value>) -> Self {
        let json = visible(value.to_string());
        Self { value, json }
    }
}

/// Renders one page of a report as the options say. Fails only on a cursor that is not of this report.
pub fn render<D: Serialize>(
    report: Report<D>,
    about: &About<'_>,
    options: &OutputOptions,
) -> Result<Rendering, ToolError> {
    render_page(untyped(report), about, options)
}

fn render_page(report: Report<Value>, about: &About<'_>, options: &OutputOptions) -> Result<Rendering, ToolError> {
    let budget = options.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS) as usize;
    let most = options.max_findings.unwrap_or(DEFAULT_MAX_FINDINGS) as usize;
    Whole::of(report, about, options).page(options, budget, most)
}

/// Renders all of a report on one page; what tests look at.
#[cfg(not(target_arch = "wasm32"))]
pub fn render_whole<D: Serialize>(
    report: Report<D>,
    about: &About<'_>,
    options: &OutputOptions,
) -> Result<Rendering, ToolError> {
    Whole::of(untyped(report), about, options).page(options, usize::MAX / 4, usize::MAX)
}

// All that depends on a tool's type, so that a worker of many tools holds the rest once.
fn untyped<D: Serialize>(report: Report<D>) -> Report<Value> {
    let Report { judges, summary, findings, files, data, not_checked } = report;
    // Serialising our own types fails only for maps with keys that are no strings, which no tool's data has.
    let data = data.and_then(|data| serde_json::to_value(data).ok());
    Report { judges, summary, findings, files, data, not_checked }
}

// A report, filtered and in order.
struct Whole<'a> {
    about: &'a About<'a>,
    verdict: Verdict,
    summary: String,
    found: Option<String>,
    counts: Counts,
    findings: Vec<Finding>,
    data: Option<Value>,
    not_checked: Vec<String>,
}

// Where a page starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Start {
    finding: usize,
    atom: usize,
}

impl<'a> Whole<'a> {
    fn of(mut report: Report<Value>, about: &'a About<'a>, options: &OutputOptions) -> Self {
        let prefix = about.help_prefix();
        for finding in &mut report.findings {
            if let Cow::Owned(readable) = readable(&finding.message) {
                finding.message = readable;
            }
            if let Some(path) = finding.path.as_mut().filter(|path| !is_plain(path, MAX_PATH_CHARS)) {
                *path = cut_start(&one_line(path), MAX_PATH_CHARS);
            }
            finding.help = Some([prefix.as_str(), &finding.rule].concat());
        }
        report.sort();
        let min_level = options.min_level.unwrap_or(Level::Info);
        let mut findings = report.findings;
        let ignored: BTreeSet<&str> = options.ignore.iter().map(String::as_str).collect();
        findings.retain(|f| f.level <= min_level && !ignored.contains(f.rule.as_ref()));
        let count = |level| findings.iter().filter(|f| f.level == level).count();
        let counts = Counts { error: count(Level::Error), warning: count(Level::Warning), info: count(Level::Info) };
        let verdict = match (report.judges, counts.error, counts.warning) {
            (false, ..) => Verdict::Info,
            (true, 0, 0) => Verdict::Pass,
            (true, 0, _) => Verdict::Warn,
            (true, ..) => Verdict::Fail,
        };
        let found = found(counts).filter(|_| report.summary.is_some());
        let summary = report.summary.unwrap_or_else(|| summary_of(counts, report.files));
        let never = about.declaration.not_checked.iter().map(|what| (*what).to_owned());
        let own = report.not_checked.iter().take(MAX_NOT_CHECKED).map(|what| readable(what).into_owned());
        Self {
            about,
            verdict,
            summary: readable(&summary).into_owned(),
            found,
            counts,
            findings,
            data: report.data,
            not_checked: own.chain(never).collect(),
        }
    }

    fn page(self, options: &OutputOptions, budget: usize, most: usize) -> Result<Rendering, ToolError> {
        let start = match &options.cursor {
            None => Start::default(),
            Some(cursor) => self.start(cursor)?,
        };
        let format = options.format.unwrap_or_default();
        if options.cursor.is_none()
            && let Some(all) = self.all(format, budget, most)
        {
            return Ok(all);
        }
        let mut page = self.frame(self.data.as_ref().map(|data| Cow::Owned(data::bare(data))));
        let written = Written::default();
        let frame = estimate(&self.text(&page, &written, format)) + estimate(&structured(&page, &[])) + CURSOR_TOKENS;
        let room = budget.saturating_sub(frame);

        // Data gets its share first, in both forms; findings get the rest; what they leave, data gets too.
        let rest = self.findings.get(start.finding..).unwrap_or_default();
        let portion =
            |room: usize, must: bool| self.data.as_ref().map(|data| data::portion(data, start.atom, room / 2, must));
        let share = if rest.is_empty() { room } else { room / 100 * DATA_SHARE };
        let first = portion(share, rest.is_empty());
        let taken = first.as_ref().map_or(0, |portion| portion.tokens * 2);
        let (written, spent) = match self.write(rest, room.saturating_sub(taken), most, format) {
            (written, _) if written.count == 0 && !rest.is_empty() => self.write_one(rest, room, format),
            written => written,
        };
        let is_last = written.count == rest.len();
        let data = match first {
            Some(cut) if spent + taken > room || (cut.next.is_some() && is_last) => {
                portion(room.saturating_sub(spent), rest.is_empty())
            }
            first => first,
        };
        let next_atom = data.as_ref().and_then(|portion| portion.next);
        page.omitted = rest.len() - written.count;
        page.more_data = next_atom.is_some();
        let atoms_done = data.as_ref().map_or(0, |_| usize::MAX);
        if page.omitted > 0 || page.more_data {
            let next = Start { finding: start.finding + written.count, atom: next_atom.unwrap_or(atoms_done) };
            page.cursor = Some(self.cursor(next));
        }
        page.data = data.map(|portion| Shown::new(Cow::Owned(portion.value)));
        let text = self.text(&page, &written, format);
        let structured = structured(&page, &written.structured);
        Ok(Rendering { text, structured })
    }

    fn frame<'b>(&'b self, data: Option<Cow<'b, Value>>) -> Page<'b> {
        Page {
            verdict: self.verdict,
            summary: &self.summary,
            found: self.found.as_deref(),
            counts: self.counts,
            data: data.map(Shown::new),
            not_checked: &self.not_checked,
            omitted: 0,
            more_data: false,
            cursor: None,
        }
    }

    // All there is, where that is so short that nothing need be counted: a token is at least a byte, as they are estimated.
    fn all(&self, format: Format, budget: usize, most: usize) -> Option<Rendering> {
        let few = self.findings.len() <= most.min(budget / LEAST_FINDING_BYTES);
        if !few || !self.data.as_ref().is_none_or(|data| data::is_short(data, budget)) {
            return None;
        }
        let mut written = Written::default();
        for finding in &self.findings {
            let piece = self.piece(finding, &written, format);
            written.add(finding, piece);
        }
        let page = self.frame(self.data.as_ref().map(Cow::Borrowed));
        let text = self.text(&page, &written, format);
        let structured = structured(&page, &written.structured);
        (text.len() + structured.len() <= budget).then_some(Rendering { text, structured })
    }

    // As many findings as fit, and what they cost.
    fn write(&self, findings: &[Finding], room: usize, most: usize, format: Format) -> (Written, usize) {
        let mut written = Written::default();
        let mut spent = 0;
        for finding in findings.iter().take(most) {
            let piece = self.piece(finding, &written, format);
            let tokens = piece.tokens();
            if spent + tokens > room {
                break;
            }
            spent += tokens;
            written.add(finding, piece);
        }
        (written, spent)
    }

    // The first finding, even where it does not fit: a page that brought nothing would be asked for forever.
    fn write_one(&self, findings: &[Finding], room: usize, format: Format) -> (Written, usize) {
        let mut written = Written::default();
        let mut spent = 0;
        if let Some(finding) = findings.first() {
            let mut piece = self.piece(finding, &written, format);
            if piece.tokens() > room {
                piece = self.piece(&without_fix(finding), &written, format);
            }
            spent = piece.tokens();
            written.add(finding, piece);
        }
        (written, spent)
    }

    fn piece(&self, finding: &Finding, before: &Written, format: Format) -> Piece {
        let structured = visible(serde_json::to_string(finding).unwrap_or_default());
        let (text, result, rule) = match format {
            Format::Concise => (text::concise(finding), None, None),
            Format::Detailed => (text::detailed(finding, self.about), None, None),
            Format::Sarif => {
                let rule = (!before.rules.contains(finding.rule.as_ref())).then(|| sarif::rule(finding, self.about));
                (String::new(), Some(sarif::result(finding)), rule)
            }
        };
        Piece { text, result, rule, structured }
    }

    fn text(&self, page: &Page<'_>, written: &Written, format: Format) -> String {
        if format == Format::Sarif {
            let log = sarif::log(page, &written.descriptors, &written.results, self.about);
            return visible(log.to_string());
        }
        let names_help = written.count > 0 && format == Format::Concise;
        let tail = text::tail(page, names_help, self.about);
        let gap = if format == Format::Detailed && written.count > 0 { "\n" } else { "" };
        let mut text = [&text::head(page), written.text.as_str(), gap, &tail].concat();
        text.truncate(text.trim_end().len());
        text
    }

    fn cursor(&self, next: Start) -> String {
        // All atoms are done: the next page starts beyond any.
        let atom = if next.atom == usize::MAX { u32::MAX as usize } else { next.atom };
        format!("{:x}.{atom:x}.{:x}", next.finding, self.check(next.finding, atom))
    }

    fn start(&self, cursor: &str) -> Result<Start, ToolError> {
        let mut parts = cursor.split('.').map(|part| u64::from_str_radix(part, 16).ok());
        let mut number = || parts.next().flatten();
        let read = number().zip(number()).zip(number()).filter(|_| cursor.split('.').count() == 3);
        let read = read.and_then(|((finding, atom), check)| {
            Some((usize::try_from(finding).ok()?, usize::try_from(atom).ok()?, check))
        });
        match read {
            Some((finding, atom, check)) if self.check(finding, atom) == check => Ok(Start { finding, atom }),
            _ => Err(ToolError::invalid(
                "/output/cursor",
                "is not of this report",
                "the cursor of the page before, as it came, with the same arguments, `ignore` and `minLevel`",
            )),
        }
    }

    // A digest of the report and of a place in it.
    fn check(&self, finding: usize, atom: usize) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.findings.hash(&mut hasher);
        self.data.as_ref().map(Value::to_string).hash(&mut hasher);
        (self.about.declaration.name, &self.summary, finding, atom).hash(&mut hasher);
        hasher.finish()
    }
}

// What is on a page of findings.
#[derive(Default)]
struct Written {
    count: usize,
    text: String,
    structured: Vec<String>,
    rules: BTreeSet<String>,
    descriptors: Vec<Value>,
    results: Vec<Value>,
}

// One finding in the forms it is written in.
struct Piece {
    text: String,
    result: Option<Value>,
    rule: Option<Value>,
    structured: String,
}

impl Piece {
    fn tokens(&self) -> usize {
        let of_json = |value: &Option<Value>| value.as_ref().map_or(0, |value| estimate(&value.to_string()) + 1);
        estimate(&self.text) + of_json(&self.result) + of_json(&self.rule) + estimate(&self.structured) + 1
    }
}

impl Written {
    fn add(&mut self, finding: &Finding, piece: Piece) {
        self.count += 1;
        self.text.push_str(&piece.text);
        self.structured.push(piece.structured);
        self.results.extend(piece.result);
        if let Some(rule) = piece.rule {
            self.rules.insert(finding.rule.clone().into_owned());
            self.descriptors.push(rule);
        }
    }
}

fn structured(page: &Page<'_>, findings: &[String]) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Head<'a> {
        verdict: Verdict,
        summary: &'a str,
        counts: Counts,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Tail<'a> {
        not_checked: &'a [String],
        omitted: usize,
        cursor: Option<&'a str>,
    }
    let head = Head { verdict: page.verdict, summary: page.summary, counts: page.counts };
    let tail = Tail { not_checked: page.not_checked, omitted: page.omitted, cursor: page.cursor.as_deref() };
    let (head, tail) = (serde_json::to_string(&head), serde_json::to_string(&tail));
    let (head, tail) = (head.unwrap_or_default(), visible(tail.unwrap_or_default()));
    let head = head.strip_suffix('}').unwrap_or_default();
    let tail = tail.strip_prefix('{').unwrap_or_default();
    let data = page.data.as_ref().map_or(["", "", ""], |data| ["\"data\":", &data.json, ","]).concat();
    [head, ",\"findings\":[", &findings.join(","), "],", &data, tail].concat()
}

// A fix too long for a page stays behind, and the message says so.
fn without_fix(finding: &Finding) -> Finding {
    let mut bare = finding.clone();
    if bare.fix.take().is_some() {
        bare.message.push_str(" (its fix is too long for a page; ask with a larger output.maxTokens)");
    }
    bare
}

// Whether a text needs neither cutting nor cleaning, as nearly all do: there may be a million.
fn is_plain(text: &str, most: usize) -> bool {
    text.len() <= most && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

// A message as it is shown: on one line, and cut.
fn readable(text: &str) -> Cow<'_, str> {
    if is_plain(text, MAX_MESSAGE_CHARS) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(cut(&one_line(text), MAX_MESSAGE_CHARS))
    }
}

// Names from the source stand in messages and paths, so nothing invisible or of many lines gets through.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).filter(|c| !is_invisible(*c)).collect()
}

// JSON in which what cannot be seen is escaped: the value is the same, and a reader of the text sees it.
fn visible(json: String) -> String {
    if json.is_ascii() || !json.chars().any(is_invisible) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    let mut units = [0; 2];
    for c in json.chars() {
        if is_invisible(c) {
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['\u{2026}']).collect(),
    }
}

fn cut_start(text: &str, most: usize) -> String {
    match text.chars().count() {
        count if count > most => std::iter::once('\u{2026}').chain(text.chars().skip(count - most + 1)).collect(),
        _ => text.to_owned(),
    }
}

/// "2 errors and 5 warnings in 1 file".
fn summary_of(counts: Counts, files: usize) -> String {
    format!("{} in {}", found(counts).unwrap_or_else(|| "nothing found".to_owned()), plural(files, "file"))
}

// "2 errors and 5 warnings"; nothing when there is nothing.
fn found(counts: Counts) -> Option<String> {
    let kinds = [(counts.error, "error"), (counts.warning, "warning"), (counts.info, "remark")];
    let parts: Vec<String> = kinds.iter().filter(|(n, _)| *n > 0).map(|(n, word)| plural(*n, word)).collect();
    match parts.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [all @ .., last] => Some(format!("{} and {last}", all.join(", "))),
    }
}

/// "1 file", "2 files".
pub fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
