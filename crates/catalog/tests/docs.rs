//! The documentation against the code: links lead somewhere, JSON is JSON, and a tool, rule, setting, limit or command that a
//! page names exists.

use octavo_catalog::{Scope, catalog, rules};
use octavo_category::Category;
use regex_lite::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A page: its path from the root, and its text.
struct Page {
    path: String,
    text: String,
}

impl Page {
    // Pages of tools and rules hold examples of everything, wrong ones too.
    fn is_written_by_hand(&self) -> bool {
        !["docs/tools/", "docs/rules/", "docs/limits.md", "CHANGELOG.md"]
            .iter()
            .any(|start| self.path.starts_with(start))
    }

    // Lines outside of code blocks, and those inside.
    fn lines(&self) -> (Vec<&str>, Vec<&str>) {
        let (mut words, mut code) = (Vec::new(), Vec::new());
        let mut fence = "";
        for line in self.text.lines() {
            let marks = line.trim_start().split(|c| c != '`').next().unwrap_or_default();
            if fence.is_empty() && marks.len() >= 3 {
                fence = marks;
            } else if !fence.is_empty() && line.trim() == fence {
                fence = "";
            } else if fence.is_empty() {
                words.push(line);
            } else {
                code.push(line);
            }
        }
        (words, code)
    }

    // What stands between backticks or in a code block.
    fn code(&self) -> String {
        let (words, mut code) = self.lines();
        let spans: Vec<&str> = words.iter().flat_map(|line| line.split('`').skip(1).step_by(2)).collect();
        code.extend(spans);
        code.join("\n")
    }
}

fn pages() -> Vec<Page> {
    let root = root();
    let mut paths = vec![
        root.join("README.md"),
        root.join("ARCHITECTURE.md"),
        root.join("CONTRIBUTING.md"),
        root.join("CHANGELOG.md"),
    ];
    let mut folders = vec![root.join("docs"), root.join("workers")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() && entry.file_name() != "node_modules" && entry.file_name() != "specs" {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "md") {
                paths.push(path);
            }
        }
    }
    let read = |path: PathBuf| Page {
        path: path.strip_prefix(&root).expect("below the root").display().to_string(),
        text: fs::read_to_string(&path).expect("a page"),
    };
    paths.into_iter().map(read).collect()
}

// As the hosts of repositories make them; a heading that comes again gets a number.
fn anchors(page: &Page) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let (words, _) = page.lines();
    for heading in words.iter().filter(|line| line.starts_with('#')) {
        let kept = heading.trim_start_matches('#').trim().to_lowercase();
        let plain: String = kept
            .chars()
            .filter_map(|c| match c {
                ' ' => Some('-'),
                c if c.is_alphanumeric() || matches!(c, '-' | '_') => Some(c),
                _ => None,
            })
            .collect();
        let again = (1..1_000).map(|nth| format!("{plain}-{nth}")).find(|name| !found.contains(name));
        if !found.insert(plain) {
            found.extend(again);
        }
    }
    found
}

fn normal(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.components() {
        match part {
            Component::ParentDir => _ = parts.pop(),
            Component::CurDir => {}
            other => parts.push(other.as_os_str().to_string_lossy().into_owned()),
        }
    }
    parts.join("/")
}

#[test]
fn links_lead_somewhere() {
    let link = Regex::new(r"\]\(([^()\s]+)\)").expect("a pattern");
    let pages = pages();
    let anchors: BTreeMap<&str, BTreeSet<String>> =
        pages.iter().map(|page| (page.path.as_str(), anchors(page))).collect();
    let mut dead = Vec::new();
    let mut counted = 0;
    for page in &pages {
        let folder = Path::new(&page.path).parent().unwrap_or(Path::new(""));
        let (words, _) = page.lines();
        for line in words {
            // What stands between backticks is no link.
            let line: String =
                line.split('`').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "code" }).collect();
            for found in link.captures_iter(&line) {
                let target = found.get(1).map_or("", |target| target.as_str());
                if target.contains("://") {
                    continue;
                }
                counted += 1;
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                let path = if file.is_empty() { page.path.clone() } else { normal(&folder.join(file)) };
                let is_there = root().join(&path).exists();
                let is_place =
                    anchor.is_empty() || anchors.get(path.as_str()).is_some_and(|known| known.contains(anchor));
                if !is_there || !is_place {
                    dead.push(format!("{}: {target}", page.path));
                }
            }
        }
    }
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
    assert!(counted > 3_000, "{counted} links");
}

#[test]
fn blocks_of_json_are_json() {
    let block = Regex::new(r"(?ms)^```json\n(.*?)^```$").expect("a pattern");
    let mut counted = 0;
    for page in pages() {
        for found in block.captures_iter(&page.text) {
            counted += 1;
            let text = found.get(1).map_or("", |text| text.as_str());
            if let Err(error) = serde_json::from_str::<serde_json::Value>(text) {
                panic!("{}: {error}\n{text}", page.path);
            }
        }
    }
    assert!(counted > 80, "{counted} blocks");
}

#[test]
fn tools_that_are_named_exist() {
    let slugs: Vec<&str> = Category::ALL.iter().map(|category| category.slug()).collect();
    let name = Regex::new(&format!(r"\b(?:{})_[a-z0-9]+(?:_[a-z0-9]+)+\b", slugs.join("|"))).expect("a pattern");
    for page in pages().iter().filter(|page| page.is_written_by_hand()) {
        for found in name.find_iter(&page.code()) {
            assert!(
                catalog().get(found.as_str()).is_some(),
                "{} names the tool {}, which is none",
                page.path,
                found.as_str()
            );
        }
    }
}

#[test]
fn rules_that_are_named_exist() {
    let uri = Regex::new(r"rule://[a-z]+/[A-Za-z0-9_./-]*[A-Za-z0-9]").expect("a pattern");
    let id = Regex::new(r"^(?:DL|SC|S|E|F|B|SIM)\d{3,4}$").expect("a pattern");
    let everything = Scope::default();
    for page in pages().iter().filter(|page| page.is_written_by_hand()) {
        let code = page.code();
        for found in uri
            .find_iter(&code)
            .map(|found| found.as_str())
            .filter(|uri| !uri.ends_with("/ID") && !uri.ends_with("/id"))
        {
            assert!(!rules::find(found, &everything).is_empty(), "{} names {found}, which is no rule", page.path);
        }
        for word in code.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| id.is_match(word)) {
            assert!(!rules::find(word, &everything).is_empty(), "{} names {word}, which is no rule", page.path);
        }
    }
}

// Everything that code says, in one text.
fn sources() -> String {
    let root = root();
    let mut all = String::new();
    let mut folders: Vec<PathBuf> =
        ["crates", "workers", "xtask", "tests"].iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.extend((entry.file_name() != "node_modules" && entry.file_name() != "specs").then_some(path));
            } else if path.extension().is_some_and(|kind| ["rs", "mjs", "js", "py"].iter().any(|code| kind == *code)) {
                all.push_str(&fs::read_to_string(&path).unwrap_or_default());
            }
        }
    }
    all
}

#[test]
fn settings_and_limits_that_are_named_exist() {
    let name = Regex::new(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b").expect("a pattern");
    let settings: BTreeSet<&str> = octavo_settings::ALL.iter().map(|setting| setting.name).collect();
    let bindings: BTreeSet<&str> = Category::ALL.iter().map(|category| category.row().binding).collect();
    let sources = sources();
    let known: BTreeSet<&str> = name.find_iter(&sources).map(|found| found.as_str()).collect();
    for page in pages().iter().filter(|page| page.is_written_by_hand()) {
        for word in name.find_iter(&page.code()).map(|found| found.as_str()) {
            let is_known = settings.contains(word) || bindings.contains(word) || known.contains(word);
            assert!(is_known, "{} names {word}, which no code has", page.path);
        }
        // What is set is a setting.
        let set = Regex::new(r#"(?m)^#? ?([A-Z][A-Z_]{3,}) = ""#).expect("a pattern");
        for found in set.captures_iter(&page.code()) {
            let word = found.get(1).map_or("", |word| word.as_str());
            assert!(settings.contains(word), "{} sets {word}, which nobody reads", page.path);
        }
    }
}

#[test]
fn limits_are_told_as_they_are() {
    let limits = fs::read_to_string(root().join("docs/limits.md")).expect("the limits");
    for (name, page) in [
        ("MAX_BLOB_BYTES", "docs/blobs.md"),
        ("MAX_BODY_BYTES", "docs/blobs.md"),
        ("MAX_BODY_BYTES", "docs/using.md"),
        ("MAX_BLOBS", "docs/blobs.md"),
        ("MAX_FOLLOWED", "docs/using.md"),
        ("MAX_RESULT_BYTES", "docs/using.md"),
        ("MAX_LINES", "docs/observability.md"),
    ] {
        // A limit that is another one has its value.
        let name = if name == "MAX_RESULT_BYTES" { "MAX_BODY_BYTES" } else { name };
        let row = limits.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let value =
            row.and_then(|row| row.split(" | ").nth(1)).unwrap_or_else(|| panic!("no {name} in docs/limits.md"));
        let text = fs::read_to_string(root().join(page)).expect(page);
        assert!(text.contains(value), "{page} does not say that {name} is {value}");
    }
}

#[test]
fn commands_that_are_named_exist() {
    let main = fs::read_to_string(root().join("xtask/src/main.rs")).expect("the commands");
    let logs = fs::read_to_string(root().join("xtask/fleet/logs.mjs")).expect("the command `logs`");
    let command = Regex::new(r"cargo xtask ([a-z-]+)([^\n`#;|]*)").expect("a pattern");
    let mut counted = 0;
    for page in pages().iter().filter(|page| page.path != "CHANGELOG.md") {
        for found in command.captures_iter(&page.code()) {
            counted += 1;
            let (name, rest) =
                (found.get(1).map_or("", |name| name.as_str()), found.get(2).map_or("", |rest| rest.as_str()));
            assert!(
                main.contains(&format!("\"{name}\"")),
                "{} names `cargo xtask {name}`, which is no command",
                page.path
            );
            for flag in rest.split_whitespace().filter(|word| word.starts_with("--")) {
                let is_known = main.contains(&format!("\"{flag}\"")) || logs.contains(flag.trim_start_matches('-'));
                assert!(is_known, "{} names `cargo xtask {name} {flag}`, which it does not take", page.path);
            }
        }
    }
    assert!(counted > 100, "{counted} commands");
}

#[test]
fn tests_that_are_named_exist() {
    let named = Regex::new(r"`([A-Za-z0-9_./-]+\.(?:rs|mjs)) :: ([^`]+)`").expect("a pattern");
    let mut counted = 0;
    for page in pages() {
        let (words, _) = page.lines();
        for found in words.iter().flat_map(|line| named.captures_iter(line)) {
            counted += 1;
            let (file, name) =
                (found.get(1).map_or("", |file| file.as_str()), found.get(2).map_or("", |name| name.as_str()));
            let text = fs::read_to_string(root().join(file)).unwrap_or_default();
            let is_there = if Path::new(file).extension().is_some_and(|extension| extension == "rs") {
                text.contains(&format!("#[test]\n    fn {name}()")) || text.contains(&format!("#[test]\nfn {name}()"))
            } else {
                ["\"", "`"].iter().any(|quote| text.contains(&format!("test({quote}{name}{quote}")))
            };
            assert!(is_there, "{} names the test {file} :: {name}, which does not exist", page.path);
        }
    }
    assert!(counted > 60, "{counted} tests are named");
}

// A case without a test is a promise.
#[test]
fn each_abuse_has_its_remains_and_its_tests() {
    let text = fs::read_to_string(root().join("docs/security.md")).expect("the security model");
    let abuses = text.split("\n## ").find(|part| part.starts_with("Abuse")).expect("the abuse cases");
    let cases: Vec<&str> = abuses.split("\n### ").skip(1).collect();
    assert!(cases.len() >= 20, "{} cases", cases.len());
    for case in cases {
        let name = case.lines().next().unwrap_or_default();
        assert!(
            case.contains("\n- Remains: ") && case.contains("\n- Tests: `"),
            "{name} lacks what remains, or its tests"
        );
    }
}
