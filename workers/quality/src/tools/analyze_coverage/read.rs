//! Reads reports of coverage: which of the seven formats a text is in is told by its first words.

use super::model::{Branches, Covered, Files, Spread, Statement};
use crate::support::json::Json;
use crate::support::xml::{Tag, TagKind, Tags};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::btree_map::Entry;

/// A format of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// lcov's tracefile.
    Lcov,
    /// Cobertura's XML.
    Cobertura,
    /// `JaCoCo`'s XML.
    Jacoco,
    /// Clover's XML.
    Clover,
    /// Istanbul's JSON (nyc, c8, Jest, Vitest).
    Istanbul,
    /// A profile of `go test`.
    Go,
    /// coverage.py's JSON.
    Coveragepy,
}

/// Where and why a report cannot be read; the line counts from 1.
pub(super) type Broken = (u32, &'static str);

/// Reads a report.
pub(super) fn read(text: &str) -> Result<(Format, Files), Broken> {
    let text = text.trim_start_matches('\u{feff}');
    let start = text.trim_start();
    let files = if start.starts_with('{') {
        return json(text);
    } else if start.starts_with('<') {
        return xml(text);
    } else if start.starts_with("mode:") {
        (Format::Go, go(text)?)
    } else if text.lines().any(|line| line.starts_with("SF:")) {
        (Format::Lcov, lcov(text)?)
    } else {
        return Err((1, "is none of lcov, Cobertura, JaCoCo, Clover, Istanbul JSON, Go profile, coverage.py JSON"));
    };
    Ok(files)
}

/// A path as all reports write it: slashes, and no dot before them.
pub(super) fn plain_path(path: &str) -> String {
    let path = path.trim().replace('\\', "/");
    path.strip_prefix("./").map_or(path.clone(), str::to_owned)
}

fn put(files: &mut Files, path: &str, file: Covered) {
    match files.entry(plain_path(path)) {
        Entry::Vacant(free) => drop(free.insert(file)),
        Entry::Occupied(mut known) => known.get_mut().merge(file),
    }
}

fn lcov(text: &str) -> Result<Files, Broken> {
    let mut files = Files::new();
    let mut open: Option<(String, Covered)> = None;
    // Functions by name or index: their line, and their names.
    let mut starts: std::collections::BTreeMap<String, u32> = std::collections::BTreeMap::new();
    for (at, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim();
        if line == "end_of_record" {
            if let Some((path, file)) = open.take() {
                put(&mut files, &path, file);
            }
            continue;
        }
        let Some((key, value)) = line.split_once(':') else { continue };
        if key == "SF" {
            if let Some((path, file)) = open.replace((value.to_owned(), Covered::default())) {
                put(&mut files, &path, file);
            }
            starts.clear();
            continue;
        }
        let Some((_, file)) = open.as_mut() else { continue };
        let parts: Vec<&str> = value.split(',').collect();
        let number = |at: usize| parts.get(at).and_then(|part| part.trim().parse::<u32>().ok());
        let hits = |at: usize| parts.get(at).and_then(|part| count(part));
        match key {
            "DA" => {
                let (Some(line), Some(hits)) = (number(0), hits(1)) else {
                    return Err((at, "has a DA that is no line with a count"));
                };
                file.line(line, hits);
            }
            "BRDA" => {
                let (Some(line), [_, block, branch, taken]) = (number(0), parts.as_slice()) else {
                    return Err((at, "has a BRDA that is no line, block, branch and count"));
                };
                file.branch(line, ((*block).to_owned(), (*branch).to_owned()), count(taken).unwrap_or(0));
            }
            // `FN:line[,end],name`.
            "FN" => {
                let Some(start) = number(0) else { return Err((at, "has a FN that is no line with a name")) };
                let skipped = if parts.len() > 2 && number(1).is_some() { 2 } else { 1 };
                let name = value.splitn(skipped + 1, ',').last().unwrap_or_default();
                starts.insert(name.to_owned(), start);
                file.function(start, name, 0);
            }
            "FNDA" => {
                let (Some(hits), Some((_, name))) = (hits(0), value.split_once(',')) else {
                    return Err((at, "has a FNDA that is no count with a name"));
                };
                file.function(starts.get(name).copied().unwrap_or(0), name, hits);
            }
            // lcov 2: `FNL:index,line[,end]`, then `FNA:index,count,name`.
            "FNL" => {
                let (Some(index), Some(start)) = (parts.first(), number(1)) else {
                    return Err((at, "has a FNL that is no index with a line"));
                };
                starts.insert((*index).to_owned(), start);
            }
            "FNA" => {
                let mut pieces = value.splitn(3, ',');
                let (Some(index), Some(hits), Some(name)) =
                    (pieces.next(), pieces.next().and_then(count), pieces.next())
                else {
                    return Err((at, "has a FNA that is no index, count and name"));
                };
                file.function(starts.get(index).copied().unwrap_or(0), name, hits);
            }
            _ => {}
        }
    }
    if let Some((path, file)) = open {
        put(&mut files, &path, file);
    }
    Ok(files)
}

// A count; `-` is a branch that was never reached, and broken counters of gcov are below zero.
fn count(text: &str) -> Option<u64> {
    let text = text.trim();
    match text.strip_prefix('-') {
        Some(_) => Some(0),
        None => text.parse().ok().or_else(|| text.parse::<f64>().ok().map(float_count)),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; counts beyond 2^53 are rounded")]
fn float_count(value: f64) -> u64 {
    value.clamp(0.0, 1e15) as u64
}

fn go(text: &str) -> Result<Files, Broken> {
    let mut files = Files::new();
    let set = text.lines().next().is_some_and(|line| line.trim() == "mode: set");
    for (at, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with("mode:") {
            continue;
        }
        let block = line.rsplit_once(':').and_then(|(path, rest)| {
            let mut words = rest.split(' ');
            let (place, statements, hits) = (words.next()?, words.next()?, words.next()?);
            let (start, end) = place.split_once(',')?;
            let pair = |text: &str| {
                let (line, column) = text.split_once('.')?;
                Some([line.parse::<u32>().ok()?, column.parse::<u32>().ok()?])
            };
            let ([a, b], [c, d]) = (pair(start)?, pair(end)?);
            Some((path, [a, b, c, d], statements.parse::<u64>().ok()?, hits.parse::<u64>().ok()?))
        });
        let Some((path, place, count, hits)) = block else { return Err((at, "is no block of a Go profile")) };
        let file = files.entry(plain_path(path)).or_default();
        file.spread = Spread::Whole;
        let own = file.statements.entry(place).or_insert(Statement { count, hits: 0 });
        own.hits = if set { own.hits | hits } else { own.hits.saturating_add(hits) };
    }
    Ok(files)
}

fn xml(text: &str) -> Result<(Format, Files), Broken> {
    let line_of = |at: usize| {
        let before = text.as_bytes().get(..at).unwrap_or_default();
        u32::try_from(before.split(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
    };
    let tags: Vec<Tag<'_>> = Tags::new(text).collect::<Result<_, _>>().map_err(|at| (line_of(at), "is no XML here"))?;
    let root = tags.first().map_or("", |tag| tag.name);
    let has = |name: &str| tags.iter().any(|tag| tag.name == name);
    match root {
        "report" => Ok((Format::Jacoco, jacoco(&tags))),
        "coverage" if has("project") || has("testproject") => Ok((Format::Clover, clover(&tags))),
        "coverage" => Ok((Format::Cobertura, cobertura(&tags))),
        _ => Err((1, "is XML, but neither Cobertura, JaCoCo nor Clover")),
    }
}

fn cobertura(tags: &[Tag<'_>]) -> Files {
    let mut files = Files::new();
    let mut path = String::new();
    let mut class = Covered::default();
    let mut method: Option<(String, u32, u64)> = None;
    // Lines that only methods have.
    let mut of_methods = Covered::default();
    for tag in tags {
        match (tag.name, tag.kind) {
            ("class", TagKind::Open | TagKind::Empty) => {
                path = tag.get("filename").unwrap_or_default();
                (class, of_methods) = (Covered::default(), Covered::default());
                if tag.kind == TagKind::Empty {
                    put(&mut files, &path, Covered::default());
                }
            }
            ("class", TagKind::Close) => {
                let mut own = std::mem::take(&mut class);
                if own.lines.is_empty() {
                    let functions = std::mem::take(&mut own.functions);
                    own = std::mem::take(&mut of_methods);
                    own.functions = functions;
                }
                put(&mut files, &path, own);
            }
            ("method", TagKind::Open) => {
                let name = tag.get("name").unwrap_or_default() + &tag.get("signature").unwrap_or_default();
                method = Some((name, 0, 0));
            }
            ("method", TagKind::Close) => {
                if let Some((name, line, hits)) = method.take() {
                    class.function(line, &name, hits);
                }
            }
            ("line", TagKind::Open | TagKind::Empty) => {
                let (Some(line), hits) =
                    (tag.number("number"), tag.get("hits").and_then(|hits| count(&hits)).unwrap_or(0))
                else {
                    continue;
                };
                if let Some((_, start, runs)) = &mut method {
                    if *start == 0 {
                        *start = line;
                    }
                    *runs = (*runs).max(hits);
                }
                let into = if method.is_some() { &mut of_methods } else { &mut class };
                into.line(line, hits);
                let counted = tag
                    .get("condition-coverage")
                    .filter(|_| tag.get("branch").is_some_and(|own| own.eq_ignore_ascii_case("true")));
                let counts = counted.as_deref().and_then(|text| {
                    let (taken, total) = text.split_once('(')?.1.trim_end_matches(')').split_once('/')?;
                    Some((taken.trim().parse().ok()?, total.trim().parse().ok()?))
                });
                if let Some((taken, total)) = counts {
                    into.branches_of(line, Branches::Counted { taken, total });
                }
            }
            _ => {}
        }
    }
    files
}

fn jacoco(tags: &[Tag<'_>]) -> Files {
    let mut files = Files::new();
    let (mut package, mut path, mut class_path) = (String::new(), String::new(), String::new());
    let mut method: Option<(String, u32)> = None;
    let join =
        |package: &str, name: &str| if package.is_empty() { name.to_owned() } else { format!("{package}/{name}") };
    for tag in tags {
        match (tag.name, tag.kind) {
            ("package", TagKind::Open) => package = tag.get("name").unwrap_or_default(),
            ("sourcefile", TagKind::Open | TagKind::Empty) => {
                path = join(&package, &tag.get("name").unwrap_or_default());
            }
            ("class", TagKind::Open) => {
                class_path = tag.get("sourcefilename").map_or_else(String::new, |name| join(&package, &name));
            }
            ("method", TagKind::Open) => {
                let name = tag.get("name").unwrap_or_default() + &tag.get("desc").unwrap_or_default();
                method = Some((name, tag.number("line").unwrap_or(0)));
            }
            ("method", TagKind::Close) => method = None,
            ("counter", TagKind::Empty) if tag.get("type").as_deref() == Some("METHOD") => {
                if let Some((name, line)) = method.as_ref().filter(|_| !class_path.is_empty()) {
                    let hits = tag.number::<u64>("covered").unwrap_or(0);
                    files.entry(plain_path(&class_path)).or_default().function(*line, name, hits);
                }
            }
            ("line", TagKind::Empty | TagKind::Open) => {
                let Some(line) = tag.number("nr") else { continue };
                let file = files.entry(plain_path(&path)).or_default();
                file.line(line, u64::from(tag.number::<u64>("ci").unwrap_or(0) > 0));
                let (missed, taken) = (tag.number::<u32>("mb").unwrap_or(0), tag.number::<u32>("cb").unwrap_or(0));
                if missed > 0 || taken > 0 {
                    file.branches_of(line, Branches::Counted { taken, total: taken.saturating_add(missed) });
                }
            }
            _ => {}
        }
    }
    files
}

fn clover(tags: &[Tag<'_>]) -> Files {
    let mut files = Files::new();
    let mut path = String::new();
    for tag in tags {
        match (tag.name, tag.kind) {
            ("file", TagKind::Open | TagKind::Empty) => {
                path = tag.get("path").or_else(|| tag.get("name")).unwrap_or_default();
                files.entry(plain_path(&path)).or_default();
            }
            ("line", TagKind::Open | TagKind::Empty) => {
                let Some(line) = tag.number("num") else { continue };
                let file = files.entry(plain_path(&path)).or_default();
                let hits = tag.get("count").and_then(|hits| count(&hits)).unwrap_or(0);
                match tag.get("type").as_deref() {
                    Some("method") => {
                        file.function(
                            line,
                            &tag.get("name").or_else(|| tag.get("signature")).unwrap_or_default(),
                            hits,
                        );
                    }
                    Some("cond") => {
                        let sides =
                            [tag.number::<u64>("truecount").unwrap_or(0), tag.number("falsecount").unwrap_or(0)];
                        let short = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
                        // Istanbul counts the line, and writes how many branches were taken and how many not; Clover writes
                        // how often each side was.
                        let (taken, total) = if tag.get("count").is_some() {
                            file.line(line, hits);
                            (short(sides[0]), short(sides[0].saturating_add(sides[1])))
                        } else {
                            file.line(line, sides[0].saturating_add(sides[1]));
                            (short(sides.iter().filter(|side| **side > 0).count() as u64), 2)
                        };
                        file.branches_of(line, Branches::Counted { taken, total });
                    }
                    _ => file.line(line, hits),
                }
            }
            _ => {}
        }
    }
    files
}

fn json(text: &str) -> Result<(Format, Files), Broken> {
    let report = Json::read(text).map_err(|line| (line, "is no JSON here, or nests too deeply"))?;
    if !report.is_object() {
        return Err((1, "is JSON, but no report"));
    }
    let mut files = Files::new();
    if let Some(reported) = report.get("files").filter(|files| files.is_object()) {
        reported.members().iter().for_each(|(path, file)| put(&mut files, path, coverage_py(file)));
        return Ok((Format::Coveragepy, files));
    }
    for (key, file) in report.members() {
        let file = file.get("data").filter(|data| data.get("statementMap").is_some()).unwrap_or(file);
        let Some(covered) = istanbul(file) else {
            return Err((1, "is JSON, but neither Istanbul's nor coverage.py's"));
        };
        put(&mut files, file.get("path").and_then(Json::text).unwrap_or(key), covered);
    }
    Ok((Format::Istanbul, files))
}

// A line or a column; none is 0.
fn place(value: &Json<'_>, name: &str) -> u32 {
    value.get(name).and_then(Json::number).and_then(|number| number.try_into().ok()).unwrap_or(0)
}

fn lines_in<'v>(value: &'v Json<'_>, name: &str) -> impl Iterator<Item = u32> + use<'v> {
    let list = value.get(name).map(Json::items).unwrap_or_default();
    list.iter().filter_map(|line| line.number().and_then(|line| u32::try_from(line).ok()))
}

fn members_in<'v, 't>(value: &'v Json<'t>, name: &str) -> &'v [(Cow<'t, str>, Json<'t>)] {
    value.get(name).map(Json::members).unwrap_or_default()
}

fn coverage_py(file: &Json<'_>) -> Covered {
    let mut covered = Covered::default();
    // What is excluded may have run all the same.
    let excluded: std::collections::BTreeSet<u32> = lines_in(file, "excluded_lines").collect();
    lines_in(file, "executed_lines").filter(|line| !excluded.contains(line)).for_each(|line| covered.line(line, 1));
    lines_in(file, "missing_lines").for_each(|line| covered.line(line, 0));
    let counted = file.get("summary").and_then(|summary| summary.get("num_statements")).and_then(Json::number);
    covered.uncounted = counted.map_or(0, |counted| (covered.lines.len() as u64).saturating_sub(counted));
    for (name, hits) in [("executed_branches", 1), ("missing_branches", 0)] {
        for pair in file.get(name).map(Json::items).unwrap_or_default() {
            let [Some(from), Some(to)] = [0, 1].map(|end| pair.items().get(end).and_then(Json::signed)) else {
                continue;
            };
            let line = u32::try_from(from.unsigned_abs()).unwrap_or(0);
            covered.branch(line, (from.to_string(), to.to_string()), hits);
        }
    }
    for (name, function) in members_in(file, "functions") {
        if name.is_empty() {
            continue;
        }
        let first = lines_in(function, "executed_lines").chain(lines_in(function, "missing_lines")).min().unwrap_or(0);
        let start = function.get("start_line").and_then(Json::number).and_then(|line| u32::try_from(line).ok());
        let ran = lines_in(function, "executed_lines").next().is_some();
        covered.function(start.unwrap_or(first), name, u64::from(ran));
    }
    covered
}

fn istanbul(file: &Json<'_>) -> Option<Covered> {
    let mut covered = Covered { spread: Spread::Start, ..Covered::default() };
    let counts = |table: &str| file.get(table).map(Json::table).unwrap_or_default();
    let hits = |counts: &HashMap<&str, &Json<'_>>, key: &str| counts.get(key).and_then(|runs| runs.number());
    let statements = counts("s");
    for (key, of) in file.get("statementMap").filter(|map| map.is_object())?.members() {
        let (start, end) = (of.get("start")?, of.get("end")?);
        let at = [place(start, "line"), place(start, "column"), place(end, "line"), place(end, "column")];
        let own = covered.statements.entry(at).or_insert(Statement { count: 0, hits: 0 });
        own.count += 1;
        own.hits = own.hits.max(hits(&statements, key).unwrap_or(0));
    }
    let functions = counts("f");
    for (key, function) in members_in(file, "fnMap") {
        let declared = function.get("decl").or_else(|| function.get("loc")).and_then(|of| of.get("start"));
        let line = place(declared.unwrap_or(function), "line");
        let name = function.get("name").and_then(Json::text).unwrap_or_default();
        // Anonymous functions are told apart by their number.
        let name = if name.is_empty() || name.starts_with("(anonymous") {
            format!("(anonymous_{key})")
        } else {
            name.to_owned()
        };
        covered.function(line, &name, hits(&functions, key).unwrap_or(0));
    }
    let branches = counts("b");
    for (key, branch) in members_in(file, "branchMap") {
        let start = branch.get("loc").and_then(|of| of.get("start"));
        let line = place(start.unwrap_or(branch), "line");
        for (at, runs) in branches.get(key.as_ref()).map(|runs| runs.items()).unwrap_or_default().iter().enumerate() {
            covered.branch(line, (key.to_string(), at.to_string()), runs.number().unwrap_or(0));
        }
    }
    Some(covered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (Format, Covered) {
        let (format, files) = read(text).expect("a report");
        assert_eq!(files.keys().collect::<Vec<_>>(), ["src/a.x"], "{text}");
        let mut covered = files.into_values().next().expect("a file");
        covered.finish();
        (format, covered)
    }

    #[test]
    fn all_formats_say_the_same() {
        for text in [
            "TN:\nSF:./src/a.x\nFN:1,f\nFNDA:2,f\nBRDA:2,0,0,2\nBRDA:2,0,1,-\nDA:1,2\nDA:2,2,hash\nDA:3,0\nend_of_record\n",
            "SF:src\\a.x\nFNL:0,1,3\nFNA:0,2,f\nBRDA:2,e0,0,2\nBRDA:2,e0,1,0\nDA:1,2\nDA:2,2\nDA:3,0",
            "<?xml version=\"1.0\"?><coverage><packages><package><classes><class filename=\"src/a.x\"><methods><method name=\"f\"><lines><line number=\"1\" hits=\"2\"/></lines></method></methods><lines><line number=\"1\" hits=\"2\"/><line number=\"2\" hits=\"2\" branch=\"true\" condition-coverage=\"50% (1/2)\"/><line number=\"3\" hits=\"0\"/></lines></class></classes></package></packages></coverage>",
            "<report name=\"r\"><package name=\"src\"><class name=\"src/A\" sourcefilename=\"a.x\"><method name=\"f\" desc=\"\" line=\"1\"><counter type=\"METHOD\" missed=\"0\" covered=\"1\"/></method></class><sourcefile name=\"a.x\"><line nr=\"1\" mi=\"0\" ci=\"2\" mb=\"0\" cb=\"0\"/><line nr=\"2\" mi=\"0\" ci=\"2\" mb=\"1\" cb=\"1\"/><line nr=\"3\" mi=\"1\" ci=\"0\" mb=\"0\" cb=\"0\"/></sourcefile></package></report>",
            "<coverage><project><file name=\"a.x\" path=\"src/a.x\"><line num=\"1\" type=\"method\" name=\"f\" count=\"2\"/><line num=\"1\" type=\"stmt\" count=\"2\"/><line num=\"2\" type=\"cond\" truecount=\"2\" falsecount=\"0\"/><line num=\"3\" type=\"stmt\" count=\"0\"/></file></project></coverage>",
            "{\"src/a.x\":{\"path\":\"src/a.x\",\"statementMap\":{\"0\":{\"start\":{\"line\":1,\"column\":0},\"end\":{\"line\":3,\"column\":1}},\"1\":{\"start\":{\"line\":2,\"column\":0},\"end\":{\"line\":2,\"column\":1}},\"2\":{\"start\":{\"line\":3,\"column\":0},\"end\":{\"line\":3,\"column\":1}}},\"fnMap\":{\"0\":{\"name\":\"f\",\"decl\":{\"start\":{\"line\":1}}}},\"branchMap\":{\"0\":{\"loc\":{\"start\":{\"line\":2}}}},\"s\":{\"0\":2,\"1\":2,\"2\":0},\"f\":{\"0\":2},\"b\":{\"0\":[2,0]}}}",
            "{\"meta\":{},\"files\":{\"src/a.x\":{\"executed_lines\":[1,2],\"missing_lines\":[3],\"executed_branches\":[[2,3]],\"missing_branches\":[[2,-1]],\"functions\":{\"f\":{\"executed_lines\":[1],\"missing_lines\":[]},\"\":{\"executed_lines\":[]}}}}}",
        ] {
            let (format, covered) = file(text);
            let runs: Vec<_> = covered.lines.iter().map(|(line, hits)| (*line, *hits > 0)).collect();
            assert_eq!(runs, [(1, true), (2, true), (3, false)], "{format:?}");
            assert_eq!(covered.branches[&2].counts(), (1, 2), "{format:?}");
            assert_eq!(
                covered.functions.iter().map(|((line, _), hits)| (*line, *hits > 0)).collect::<Vec<_>>(),
                [(1, true)],
                "{format:?}"
            );
        }
        let (format, covered) = file("mode: set\nsrc/a.x:1.1,2.5 2 1\nsrc/a.x:1.1,2.5 2 0\nsrc/a.x:3.1,3.9 1 0\n");
        assert_eq!((format, covered.statements.len()), (Format::Go, 2));
        assert_eq!(
            covered.lines.iter().map(|(line, hits)| (*line, *hits)).collect::<Vec<_>>(),
            [(1, 1), (2, 1), (3, 0)]
        );
    }

    #[test]
    fn says_where_a_report_is_broken() {
        for (text, line) in [
            ("", 1),
            ("SF:a\nDA:x,1\n", 2),
            ("mode: set\na.go:1,2 3\n", 2),
            ("<coverage>\n<a", 2),
            ("<html/>", 1),
            ("{\n\"a\": [", 2),
            ("{\"a\": 1}", 1),
        ] {
            assert_eq!(read(text).err().map(|(line, _)| line), Some(line), "{text}");
        }
    }
}
