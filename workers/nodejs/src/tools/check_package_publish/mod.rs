//! Checks a package about to be published: package.json against the packed files, and what each entry point leads to
//! under four ways of resolving it.
//!
//! `fields`, `repository`, `entries` and `exported_types` hold publint's questions, `resolutions` those of arethetypeswrong, `rules` the names of both.

mod checker;
mod entries;
mod exported_types;
mod fields;
mod repository;
mod resolutions;
mod rules;

use crate::support::json;
use crate::support::package_tree::{PackageTree, join};
use crate::support::resolver::Resolver;
use checker::Checker;
use octavo_toolkit::input::{MAX_PATH_BYTES, check_files};
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, SourceFile, Tool, ToolError, declare_tool};
pub use resolutions::{EntryPoint, Resolution};
use serde::{Deserialize, Serialize};

declare_tool! {
    /// Checks a package as it is packed: `npm pack --dry-run` lists the files, package.json says how they are reached.
    ///
    /// Use it before publishing, after a change of the build, or to see why a package's types or entry points fail in
    /// some project. Send package.json, the JavaScript and declaration files that `exports`, `main`, `module`, `types`
    /// and `bin` name, every nested package.json, and the names of all other files in `paths`. What needs the text of
    /// a file that was not sent is left out and said.
    ///
    /// Two questions are answered. Does package.json hold together: files exist, are in the module system they are
    /// loaded with, conditions stand in the right order (publint's codes). And where does every entry point lead, for
    /// types and for code, under node10, node16 from `CommonJS`, node16 from an ES module, and bundler resolution
    /// (arethetypeswrong's problem kinds); the answers are the data, problematic entry points first.
    ///
    /// Limits: 2,000 files with text, 50,000 names, 1,000 entry points; a file nested too deep for a parser is not read.
    pub struct CheckPackagePublish;
    name: "check_package_publish",
    title: "Check an npm package",
    summary: "Checks package.json and how its exports, types and bin resolve in node10, node16 and bundlers. Use before npm publish; name every packed file.",
    keywords: "publint attw arethetypeswrong library release tarball dry-run main module esm cjs commonjs require import dual typings declarations d.ts masquerading typesVersions conditions sideEffects ERR_REQUIRE_ESM ERR_PACKAGE_PATH_NOT_EXPORTED TS7016 cannot find interop default missing dist build consumers registry SDK",
    examples: [
        "types hidden behind another condition" => r#"{"files":[{"path":"package.json","source":"{\n  \"name\": \"p\",\n  \"type\": \"module\",\n  \"files\": [\"dist\"],\n  \"exports\": { \"import\": \"./dist/a.js\", \"types\": \"./dist/a.d.ts\" }\n}"},{"path":"dist/a.js","source":"export const a = 1;"},{"path":"dist/a.d.ts","source":"export const a: number;"}]}"#,
        "an ES module in a CommonJS package" => r#"{"files":[{"path":"package.json","source":"{\"name\":\"p\",\"type\":\"commonjs\",\"main\":\"./index.js\"}"},{"path":"index.js","source":"export default 1"}],"paths":["README.md"]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "NamedExports, FalseExportDefault, MissingExportEquals",
        "FILE_NOT_PUBLISHED",
        "types from @types, imports of other packages",
    ],
}

/// Most names of files without text: what fits into the arguments of a call at eighty bytes a name.
const MAX_PATHS: usize = 50_000;

/// Longest package.json, in bytes: some five thousand entry points at a hundred bytes each.
const MAX_MANIFEST_BYTES: usize = 512 * 1024;

/// Most unsent files that are named.
const MAX_NAMED_UNSENT: usize = 5;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// package.json, entry files and .d.ts.
    files: Vec<SourceFile>,
    /// Every other packed file.
    #[serde(default)]
    paths: Vec<String>,
}

/// What the entry points lead to.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PublishedPackage {
    /// Whether the package ships types; without, only code is resolved and no typing problem is reported.
    pub typed: bool,
    /// Entry points, problematic ones first, at most 30.
    pub entry_points: Vec<EntryPoint>,
    /// Entry points not listed.
    pub left_out: usize,
}

impl Tool for CheckPackagePublish {
    type Input = Input;
    type Data = PublishedPackage;

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<PublishedPackage>, ToolError> {
        check_files("/files", &input.files)?;
        check_items("/paths", &input.paths, MAX_PATHS)?;
        let prefix = root_prefix(&input)?;
        let (tree, source) = tree_of(&input, prefix)?;
        let file_count = tree.paths().count();
        let root = match json::parse(source) {
            Ok(root) => root,
            Err(error) => {
                let at = error.at..error.at;
                return Ok(unreadable(prefix, source, at, format!("{} is expected here", error.expected), file_count));
            }
        };
        let Some(object) = root.as_object() else {
            let message = format!("is {}; an object is expected", root.kind_name());
            return Ok(unreadable(prefix, source, root.span.clone(), message, file_count));
        };
        let mut checker = Checker::new(&tree, source, object, prefix);
        fields::check(&mut checker);
        entries::check(&mut checker);
        ctx.progress(1, 2, "package.json checked");
        let resolver = Resolver::new(&tree);
        let matrix = resolutions::resolve(&checker, &resolver);
        let typed = resolutions::ships_types(&checker);
        if typed {
            resolutions::check(&mut checker, &resolver, &matrix);
        }
        let (entry_points, left_out) = matrix.listing(&resolver);
        let data = PublishedPackage { typed, entry_points, left_out };
        let mut report = Report::checked(checker.findings, data).over_files(file_count);
        if let Some(note) = unsent_note(checker.unsent.iter().map(String::as_str)) {
            report = report.not_checked(note);
        }
        if checker.dropped > 0 {
            report = report.not_checked(format!("{} left out for their number", plural(checker.dropped, "finding")));
        }
        if checker.skipped > 0 {
            report = report.not_checked(format!(
                "{} of patterns and own names, for their number",
                plural(checker.skipped, "look-up")
            ));
        }
        if matrix.patterns > 0 {
            report = report.not_checked(format!("resolution of {} in exports", plural(matrix.patterns, "pattern")));
        }
        if matrix.unresolved > 0 {
            report = report.not_checked(format!(
                "resolution of {} beyond the first {}",
                plural(matrix.unresolved, "entry point"),
                resolutions::MAX_ENTRY_POINTS
            ));
        }
        Ok(report)
    }
}

fn unreadable(
    prefix: &str,
    source: &str,
    at: std::ops::Range<usize>,
    message: String,
    file_count: usize,
) -> Report<PublishedPackage> {
    let range = LineIndex::new(source).range(at);
    let finding =
        Finding::new(&rules::PACKAGE_JSON_INVALID, message).at(range).in_file(format!("{prefix}package.json"));
    let data = PublishedPackage { typed: false, entry_points: Vec::new(), left_out: 0 };
    Report::checked(vec![finding], data).over_files(file_count).not_checked("everything that package.json decides")
}

// What stands before the paths: nothing, or the one folder that npm packs into.
fn root_prefix(input: &Input) -> Result<&'static str, ToolError> {
    let has = |path: &str| input.files.iter().any(|file| file.path.strip_prefix("./").unwrap_or(&file.path) == path);
    if has("package.json") {
        Ok("")
    } else if has("package/package.json") {
        Ok("package/")
    } else {
        let accepted = "a file with the path \"package.json\" (or \"package/package.json\", as npm packs it)";
        Err(ToolError::invalid("/files", "has no package.json", accepted))
    }
}

// The files by their paths in the package, and the text of package.json.
fn tree_of<'a>(input: &'a Input, prefix: &str) -> Result<(PackageTree<'a>, &'a str), ToolError> {
    let mut tree = PackageTree::default();
    for (at, path) in input.paths.iter().enumerate() {
        if let Some(path) = path_in_package(path, prefix, || format!("/paths/{at}"))? {
            tree.insert(&path, None);
        }
    }
    for (at, file) in input.files.iter().enumerate() {
        if let Some(path) = path_in_package(&file.path, prefix, || format!("/files/{at}/path"))? {
            tree.insert(&path, Some(&file.source));
        }
    }
    let source = tree.text("package.json").unwrap_or_default();
    check_bytes("/files", source, MAX_MANIFEST_BYTES)?;
    Ok((tree, source))
}

fn path_in_package(path: &str, prefix: &str, pointer: impl Fn() -> String) -> Result<Option<String>, ToolError> {
    if path.len() > MAX_PATH_BYTES {
        return Err(ToolError::too_large(pointer(), path.len(), MAX_PATH_BYTES, "bytes"));
    }
    let Some(clean) = join("", path).filter(|clean| !clean.is_empty()) else {
        return Err(ToolError::invalid(
            pointer(),
            "does not name a file below the package's root",
            "a path such as \"dist/index.js\"",
        ));
    };
    // A trailing slash names a folder, which packing leaves out.
    if path.ends_with('/') {
        return Ok(None);
    }
    Ok(Some(clean.strip_prefix(prefix).map(str::to_owned).unwrap_or(clean)))
}

fn unsent_note<'n>(unsent: impl ExactSizeIterator<Item = &'n str>) -> Option<String> {
    let count = unsent.len();
    if count == 0 {
        return None;
    }
    let named: Vec<String> = unsent.take(MAX_NAMED_UNSENT).map(excerpt).collect();
    let more = if count > named.len() { format!(" and {} more", count - named.len()) } else { String::new() };
    Some(format!("format or imports of files sent without text: {}{more}", named.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(paths: Vec<String>, manifest: &str) -> Result<Report<PublishedPackage>, ToolError> {
        let file = SourceFile { path: "package.json".to_owned(), source: manifest.to_owned() };
        CheckPackagePublish.run(Input { files: vec![file], paths }, &Ctx::silent())
    }

    #[test]
    fn limits_hold_at_their_edges() {
        let names = |count: usize| (0..count).map(|at| format!("d/{at}.css")).collect::<Vec<_>>();
        assert!(run(names(MAX_PATHS), "{}").is_ok());
        assert!(matches!(run(names(MAX_PATHS + 1), "{}"), Err(ToolError::InputTooLarge { limit: MAX_PATHS, .. })));
        let exports = |count: usize| {
            let entries: Vec<String> = (0..count).map(|at| format!("\"./{at}\":\"./{at}.js\"")).collect();
            format!("{{\"exports\":{{{}}}}}", entries.join(","))
        };
        let left_out =
            |count| run(Vec::new(), &exports(count)).ok().and_then(|report| report.data().map(|data| data.left_out));
        assert_eq!(left_out(resolutions::MAX_LISTED_ENTRY_POINTS), Some(0));
        assert_eq!(left_out(resolutions::MAX_ENTRY_POINTS + 1), Some(971));
    }

    #[test]
    fn paths_are_taken_as_packers_write_them() {
        let report = run(vec!["./a.js".to_owned(), "lib/".to_owned()], r#"{"main":"./a.js"}"#).expect("accepted");
        assert!(report.findings().iter().all(|finding| finding.rule != "FILE_DOES_NOT_EXIST"));
        assert!(run(vec!["../a.js".to_owned()], "{}").is_err());
        assert!(run(vec![String::new()], "{}").is_err());
    }
}
