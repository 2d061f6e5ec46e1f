//! Reads a report of mutation testing, of the schema that Stryker, Infection and others share, and scores it.

use octavo_toolkit::{Position, Range};
use serde::Serialize;
use serde_json::Value;

/// Counts of mutants, and what they come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// Noticed by a test.
    pub killed: u32,
    /// Noticed by running too long.
    pub timeout: u32,
    /// Run by tests, and not noticed.
    pub survived: u32,
    /// Run by no test.
    pub no_coverage: u32,
    /// Did not compile, or failed to run.
    pub invalid: u32,
    /// Left out.
    pub ignored: u32,
    /// Not tested yet.
    pub pending: u32,
    /// Noticed of all that are valid, in percent; absent without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Noticed of those that tests run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covered_score: Option<f64>,
}

/// A mutant that tests did not notice.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Missed {
    pub(super) path: String,
    pub(super) range: Range,
    pub(super) operator: String,
    pub(super) replacement: Option<String>,
    pub(super) covered: bool,
}

/// What a report says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Scored {
    pub(super) total: Score,
    pub(super) files: Vec<(String, Score)>,
    pub(super) missed: Vec<Missed>,
    /// The least score that the report's project accepts.
    pub(super) least: Option<f64>,
}

impl Score {
    fn count(&mut self, status: &str) -> bool {
        let counter = match status {
            "Killed" => &mut self.killed,
            "Timeout" => &mut self.timeout,
            "Survived" => &mut self.survived,
            "NoCoverage" => &mut self.no_coverage,
            "CompileError" | "RuntimeError" => &mut self.invalid,
            "Ignored" => &mut self.ignored,
            "Pending" => &mut self.pending,
            _ => return false,
        };
        *counter += 1;
        true
    }

    fn add(&mut self, other: Self) {
        self.killed += other.killed;
        self.timeout += other.timeout;
        self.survived += other.survived;
        self.no_coverage += other.no_coverage;
        self.invalid += other.invalid;
        self.ignored += other.ignored;
        self.pending += other.pending;
    }

    fn finish(&mut self) {
        let noticed = self.killed + self.timeout;
        let share = |of: u32| (of > 0).then(|| (f64::from(noticed) * 10_000.0 / f64::from(of)).round() / 100.0);
        self.score = share(noticed + self.survived + self.no_coverage);
        // Where tests run none of those that are valid, they notice none of them.
        self.covered_score = share(noticed + self.survived).or(self.score);
    }
}

/// Scores a report; what is wrong with it where it is none.
pub(super) fn read(text: &str) -> Result<Scored, &'static str> {
    let report: Value = serde_json::from_str(text).map_err(|_| "is no JSON")?;
    let files = report["files"].as_object().ok_or("has no `files`")?;
    let mut scored = Scored { least: report["thresholds"]["break"].as_f64(), ..Scored::default() };
    for (path, file) in files {
        let mutants = file["mutants"].as_array().ok_or("has a file without `mutants`")?;
        let mut own = Score::default();
        for mutant in mutants {
            let status = mutant["status"].as_str().unwrap_or_default();
            if !own.count(status) {
                return Err("has a mutant with an unknown `status`");
            }
            if matches!(status, "Survived" | "NoCoverage") {
                scored.missed.push(Missed {
                    path: path.clone(),
                    range: Range {
                        start: position(&mutant["location"]["start"]),
                        end: position(&mutant["location"]["end"]),
                    },
                    operator: mutant["mutatorName"].as_str().unwrap_or_default().to_owned(),
                    replacement: mutant["replacement"].as_str().map(str::to_owned),
                    covered: status == "Survived",
                });
            }
        }
        scored.total.add(own);
        own.finish();
        scored.files.push((path.clone(), own));
    }
    scored.total.finish();
    Ok(scored)
}

fn position(place: &Value) -> Position {
    let number = |name: &str| place[name].as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or(1).max(1);
    Position { line: number("line"), column: number("column") }
}
