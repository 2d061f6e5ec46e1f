//! `new-tool` and `new-category`: files that compile, in the places where a reader will look for them.
//!
//! Works on any copy of the repository, so that the tests can try it on one.

use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::Path;

const TOOL: &str = include_str!("../templates/tool.rs.txt");
const WORKER_MANIFEST: &str = include_str!("../templates/Cargo.toml.txt");
const WORKER_LIB: &str = include_str!("../templates/lib.rs.txt");
const WORKER_TESTS: &str = include_str!("../templates/tests.rs.txt");
const WORKER_SERVE: &str = include_str!("../templates/serve.rs.txt");
const WRANGLER: &str = include_str!("../templates/wrangler.toml.txt");

/// Adds a tool to a category: its file, its module line, its place in the registry, its first case.
pub(crate) fn new_tool(root: &Path, category: &str, tool: &str) -> Result<()> {
    let package = root.join("workers").join(category);
    ensure!(package.join("src/tools").is_dir(), "no category {category:?}; its folder would be workers/{category}");
    check_tool_name(category, tool)?;
    let file = package.join(format!("src/tools/{tool}.rs"));
    ensure!(!file.exists(), "{} exists", file.display());
    let (name, title) = (pascal(tool), sentence(tool));
    fs::write(&file, TOOL.replace("{tool}", tool).replace("{Tool}", &name).replace("{title}", &title))?;
    edit(&package.join("src/tools/mod.rs"), |text| Some(format!("{}\npub mod {tool};\n", text.trim_end())))?;
    edit(&package.join("src/lib.rs"), |text| {
        let at = text.find("tools: &[")? + "tools: &[".len();
        let (head, tail) = text.split_at_checked(at)?;
        let (listed, rest) = tail.split_at_checked(tail.find(']')?)?;
        let listed = listed.trim().trim_end_matches(',');
        let separator = if listed.is_empty() { "" } else { ", " };
        Some(format!("{head}{listed}{separator}&tools::{tool}::{name}{rest}"))
    })?;
    let cases = package.join("tests/specs").join(tool);
    fs::create_dir_all(&cases)?;
    fs::write(cases.join("clean.json"), "{ \"source\": \"text\\n\" }\n")?;
    fs::write(cases.join("clean.snap"), "info: 1 line\ndata: {\"lines\":1}\n")?;
    eprintln!(
        "wrote {}; say what it does, then `cargo test -p octavo-{category}` and `cargo xtask gen`",
        shown(root, &file)
    );
    Ok(())
}

/// Adds a category: its row, its package with one tool, its config, its place in the generator.
pub(crate) fn new_category(root: &Path, slug: &str) -> Result<()> {
    ensure!(!slug.is_empty() && slug.bytes().all(|b| b.is_ascii_lowercase()), "a category is one lower-case word");
    let package = root.join("workers").join(slug);
    ensure!(!package.exists(), "{} exists", package.display());
    let (variant, binding) = (pascal(slug), format!("{}_MCP_WORKER", slug.to_uppercase()));
    let fill = |template: &str| template.replace("{slug}", slug).replace("{Category}", &variant);
    edit(&root.join("crates/category/src/lib.rs"), |text| {
        let end = text.find("\n}\n\n/// The gateway's worker name.")?;
        let row = format!(
            "\n    /// {variant}.\n    {variant} {{ slug: \"{slug}\", title: \"{variant}\", binding: \"{binding}\", worker: \"octavo-{slug}\", summary: \"{variant} tools.\" }}"
        );
        let (head, rest) = text.split_at_checked(end)?;
        Some(format!("{head}{row}{rest}"))
    })?;
    let serve = format!("examples/serve_{slug}.rs");
    for (path, text) in [
        ("Cargo.toml", fill(WORKER_MANIFEST)),
        ("src/lib.rs", fill(WORKER_LIB)),
        (
            "src/worker.rs",
            "//! The platform's side of the worker.\n\noctavo_runtime::tool_worker!(crate::REGISTRY, include_str!(\"../catalog.digest\"));\n".to_owned(),
        ),
        ("src/tools/mod.rs", "//! One file, one tool.\n".to_owned()),
        ("tests/tools.rs", fill(WORKER_TESTS)),
        (serve.as_str(), fill(WORKER_SERVE)),
    ] {
        let path = package.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&package))?;
        fs::write(path, text)?;
    }
    fs::write(root.join(format!("wrangler/{slug}.toml")), fill(WRANGLER))?;
    edit(&root.join("crates/generator/Cargo.toml"), |text| {
        Some(format!("{}\noctavo-{slug} = {{ path = \"../../workers/{slug}\" }}\n", text.trim_end()))
    })?;
    edit(&root.join("crates/generator/src/main.rs"), |text| {
        let start = text.find("const REGISTRIES")?;
        let end = start + text.get(start..)?.find("\n];")?;
        let (head, rest) = text.split_at_checked(end)?;
        Some(format!("{head}\n    octavo_{slug}::REGISTRY,{rest}"))
    })?;
    new_tool(root, slug, "count_lines")?;
    eprintln!("wrote {}; mend its row in crates/category, then `cargo xtask gen`", shown(root, &package));
    Ok(())
}

fn check_tool_name(category: &str, tool: &str) -> Result<()> {
    let well_formed = tool.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        && tool.split('_').count() >= 2
        && tool.split('_').all(|word| !word.is_empty());
    if !well_formed {
        bail!("a tool is named verb_noun in a-z, 0-9 and _, for example audit_image");
    }
    ensure!(category.len() + tool.len() < 40, "{category}_{tool} has more than 40 characters");
    Ok(())
}

fn edit(path: &Path, change: impl FnOnce(&str) -> Option<String>) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let changed =
        change(&text).with_context(|| format!("{} is not as expected; add the lines by hand", path.display()))?;
    fs::write(path, changed)?;
    Ok(())
}

fn pascal(name: &str) -> String {
    name.split('_').map(capital).collect()
}

fn sentence(name: &str) -> String {
    capital(&name.replace('_', " "))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{paths, process};
    use std::path::PathBuf;

    // A copy of what git tracks or would track, without the history and the build output.
    fn copy_of_the_repository() -> PathBuf {
        let copy = paths::target().join("scaffold/copy");
        let _ = fs::remove_dir_all(&copy);
        let mut list = process::command("git");
        let files = process::output(list.args(["ls-files", "--cached", "--others", "--exclude-standard"]))
            .expect("git lists the files");
        for file in files.lines() {
            let (from, to) = (paths::root().join(file), copy.join(file));
            fs::create_dir_all(to.parent().expect("a file has a folder")).expect("folder");
            if from.is_file() {
                fs::copy(from, to).expect("copy");
            }
        }
        copy
    }

    #[test]
    fn a_ninth_category_with_a_second_tool_compiles_and_passes_its_tests() {
        let copy = copy_of_the_repository();
        new_category(&copy, "ninth").expect("a new category");
        new_tool(&copy, "ninth", "measure_text").expect("a new tool");
        let mut cargo =
            process::cargo_command(&["test", "--quiet", "--offline", "-p", "octavo-ninth", "-p", "octavo-category"]);
        process::run(cargo.current_dir(&copy).env("CARGO_TARGET_DIR", paths::target().join("scaffold/target")))
            .expect("it compiles and its tests pass");
        let generator = fs::read_to_string(copy.join("crates/generator/src/main.rs")).expect("generator");
        assert!(generator.contains("octavo_ninth::REGISTRY"));
        assert!(new_category(&copy, "ninth").is_err(), "a category is not written over");
        assert!(new_tool(&copy, "ninth", "measure_text").is_err(), "a tool is not written over");
    }

    #[test]
    fn names_are_checked() {
        for bad in ["lint", "Lint_it", "lint__it", "_lint", "lint-it", "lint_\u{e9}"] {
            assert!(check_tool_name("docker", bad).is_err(), "{bad}");
        }
        assert!(check_tool_name("docker", "lint_dockerfile").is_ok());
        assert!(check_tool_name("architecture", "a_name_of_more_than_forty_characters").is_err());
    }
}
