//! Writes coverage in another format.

use super::model::{Branches, Counts, Covered, Files, percent};
use crate::support::xml::escape;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// A format that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schemars(inline))]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// lcov's tracefile.
    Lcov,
    /// Cobertura's XML.
    Cobertura,
    /// Clover's XML.
    Clover,
    /// Istanbul's JSON.
    Istanbul,
    /// coverage.py's JSON.
    Coveragepy,
}

/// Writes all files.
pub(super) fn write(files: &Files, target: Target) -> String {
    match target {
        Target::Lcov => lcov(files),
        Target::Cobertura => cobertura(files),
        Target::Clover => clover(files),
        Target::Istanbul => istanbul(files),
        Target::Coveragepy => coverage_py(files),
    }
}

fn totals(files: &Files) -> super::model::Shares {
    let mut counts = Counts::default();
    files.values().for_each(|file| counts.add(Counts::of(file)));
    counts.shares()
}

// Each branch with its runs; where only numbers are known, the taken ones come first.
fn each_branch(branches: &Branches) -> Vec<(String, String, u64)> {
    match branches {
        Branches::Known(each) => {
            each.iter().map(|((block, branch), hits)| (block.clone(), branch.clone(), *hits)).collect()
        }
        Branches::Counted { taken, total } => {
            (0..(*total).min(MAX_COUNTED)).map(|at| ("0".to_owned(), at.to_string(), u64::from(at < *taken))).collect()
        }
    }
}

/// Most branches written for a line of which only the number is known.
const MAX_COUNTED: u32 = 1_000;

fn lcov(files: &Files) -> String {
    let mut out = String::new();
    for (path, file) in files {
        let shares = Counts::of(file).shares();
        let _ = writeln!(out, "TN:\nSF:{path}");
        for (line, name) in file.functions.keys() {
            let _ = writeln!(out, "FN:{line},{name}");
        }
        for ((_, name), hits) in &file.functions {
            let _ = writeln!(out, "FNDA:{hits},{name}");
        }
        if let Some(functions) = shares.functions {
            let _ = writeln!(out, "FNF:{}\nFNH:{}", functions.total, functions.covered);
        }
        for (line, branches) in &file.branches {
            let reached = file.lines.get(line).is_none_or(|hits| *hits > 0);
            for (block, branch, hits) in each_branch(branches) {
                let taken = if reached { hits.to_string() } else { "-".to_owned() };
                let _ = writeln!(out, "BRDA:{line},{block},{branch},{taken}");
            }
        }
        if let Some(branches) = shares.branches {
            let _ = writeln!(out, "BRF:{}\nBRH:{}", branches.total, branches.covered);
        }
        for (line, hits) in &file.lines {
            let _ = writeln!(out, "DA:{line},{hits}");
        }
        let _ = writeln!(out, "LF:{}\nLH:{}\nend_of_record", shares.lines.total, shares.lines.covered);
    }
    out
}

fn rate(share: Option<super::model::Share>) -> f64 {
    share.map_or(1.0, |share| (percent(share.covered, share.total) * 100.0).round() / 10_000.0)
}

fn cobertura(files: &Files) -> String {
    let all = totals(files);
    let branches = all.branches.unwrap_or_default();
    let mut out = String::from("<?xml version=\"1.0\" ?>\n");
    let _ = writeln!(
        out,
        "<coverage version=\"1\" timestamp=\"0\" lines-valid=\"{}\" lines-covered=\"{}\" line-rate=\"{}\" branches-covered=\"{}\" branches-valid=\"{}\" branch-rate=\"{}\" complexity=\"0\">\n<sources><source>.</source></sources>\n<packages>\n<package name=\"all\" line-rate=\"{}\" branch-rate=\"{}\" complexity=\"0\">\n<classes>",
        all.lines.total,
        all.lines.covered,
        rate(Some(all.lines)),
        branches.covered,
        branches.total,
        rate(all.branches),
        rate(Some(all.lines)),
        rate(all.branches)
    );
    for (path, file) in files {
        let shares = Counts::of(file).shares();
        let name = path.rsplit('/').next().unwrap_or(path);
        let _ = writeln!(
            out,
            "<class name=\"{}\" filename=\"{}\" line-rate=\"{}\" branch-rate=\"{}\" complexity=\"0\">\n<methods>",
            escape(name),
            escape(path),
            rate(Some(shares.lines)),
            rate(shares.branches)
        );
        for ((line, name), hits) in &file.functions {
            let rate = u8::from(*hits > 0);
            let _ = writeln!(
                out,
                "<method name=\"{}\" signature=\"\" line-rate=\"{rate}\" branch-rate=\"{rate}\" complexity=\"0\"><lines><line number=\"{line}\" hits=\"{hits}\"/></lines></method>",
                escape(name)
            );
        }
        out.push_str("</methods>\n<lines>\n");
        for (line, hits) in &file.lines {
            let _ = match file.branches.get(line).map(Branches::counts) {
                Some((taken, total)) => writeln!(
                    out,
                    "<line number=\"{line}\" hits=\"{hits}\" branch=\"true\" condition-coverage=\"{}% ({taken}/{total})\"/>",
                    percent(u64::from(taken), u64::from(total)).round()
                ),
                None => writeln!(out, "<line number=\"{line}\" hits=\"{hits}\"/>"),
            };
        }
        out.push_str("</lines>\n</class>\n");
    }
    out.push_str("</classes>\n</package>\n</packages>\n</coverage>\n");
    out
}

fn clover(files: &Files) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<coverage generated=\"0\" clover=\"3.2.0\">\n<project timestamp=\"0\" name=\"All files\">\n",
    );
    for (path, file) in files {
        let name = path.rsplit('/').next().unwrap_or(path);
        let _ = writeln!(out, "<file name=\"{}\" path=\"{}\">", escape(name), escape(path));
        for ((line, name), hits) in &file.functions {
            let _ = writeln!(out, "<line num=\"{line}\" count=\"{hits}\" type=\"method\" name=\"{}\"/>", escape(name));
        }
        for (line, hits) in &file.lines {
            let _ = match file.branches.get(line).map(Branches::counts) {
                Some((taken, total)) => writeln!(
                    out,
                    "<line num=\"{line}\" count=\"{hits}\" type=\"cond\" truecount=\"{taken}\" falsecount=\"{}\"/>",
                    total.saturating_sub(taken)
                ),
                None => writeln!(out, "<line num=\"{line}\" count=\"{hits}\" type=\"stmt\"/>"),
            };
        }
        out.push_str("</file>\n");
    }
    out.push_str("</project>\n</coverage>\n");
    out
}

fn istanbul(files: &Files) -> String {
    let place = |line: u32| json!({"start": {"line": line, "column": 0}, "end": {"line": line, "column": 0}});
    let mut all = Map::new();
    for (path, file) in files {
        let (mut map, mut runs) = (Map::new(), Map::new());
        for (at, (line, hits)) in file.lines.iter().enumerate() {
            map.insert(at.to_string(), place(*line));
            runs.insert(at.to_string(), Value::from(*hits));
        }
        let (mut functions, mut calls) = (Map::new(), Map::new());
        for (at, ((line, name), hits)) in file.functions.iter().enumerate() {
            functions
                .insert(at.to_string(), json!({"name": name, "decl": place(*line), "loc": place(*line), "line": line}));
            calls.insert(at.to_string(), Value::from(*hits));
        }
        let (mut branches, mut taken) = (Map::new(), Map::new());
        for (at, (line, own)) in file.branches.iter().enumerate() {
            let each = each_branch(own);
            let places: Vec<Value> = each.iter().map(|_| place(*line)).collect();
            branches.insert(
                at.to_string(),
                json!({"type": "branch", "line": line, "loc": place(*line), "locations": places}),
            );
            taken.insert(at.to_string(), each.into_iter().map(|(_, _, hits)| Value::from(hits)).collect());
        }
        all.insert(
            path.clone(),
            json!({"path": path, "statementMap": map, "s": runs, "fnMap": functions, "f": calls, "branchMap": branches, "b": taken}),
        );
    }
    Value::Object(all).to_string()
}

fn summary(file: &Covered) -> Value {
    let shares = Counts::of(file).shares();
    json!({"covered_lines": shares.lines.covered, "num_statements": shares.lines.total, "percent_covered": shares.lines.percent, "missing_lines": shares.lines.total - shares.lines.covered})
}

fn coverage_py(files: &Files) -> String {
    let mut reported = Map::new();
    for (path, file) in files {
        let lines = |run: bool| -> Vec<u32> {
            file.lines.iter().filter(|(_, hits)| (**hits > 0) == run).map(|(line, _)| *line).collect()
        };
        reported.insert(
            path.clone(),
            json!({"executed_lines": lines(true), "summary": summary(file), "missing_lines": lines(false), "excluded_lines": []}),
        );
    }
    let all = totals(files);
    json!({"meta": {"format": 2}, "files": reported, "totals": {"covered_lines": all.lines.covered, "num_statements": all.lines.total, "percent_covered": all.lines.percent}}).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::read::read;
    use super::*;

    #[test]
    fn what_is_written_reads_back_the_same() {
        let text = "SF:a & b.x\nFN:1,f<T>\nFNDA:2,f<T>\nFN:9,g\nFNDA:0,g\nBRDA:2,0,0,2\nBRDA:2,0,1,0\nDA:1,2\nDA:2,2\nDA:9,0\n";
        let (_, files) = read(text).expect("lcov");
        let before = totals(&files);
        for target in [Target::Lcov, Target::Cobertura, Target::Clover, Target::Istanbul, Target::Coveragepy] {
            let written = write(&files, target);
            let (_, mut again) = read(&written).unwrap_or_else(|error| panic!("{target:?}: {error:?}"));
            again.values_mut().for_each(Covered::finish);
            let after = totals(&again);
            assert_eq!(after.lines, before.lines, "{target:?}");
            if target != Target::Coveragepy {
                assert_eq!((after.branches, after.functions), (before.branches, before.functions), "{target:?}");
            }
        }
    }
}
