//! `cargo xtask tidy`: invariants of ARCHITECTURE.md that the compiler does not hold.

use crate::{bench, build, dependencies, environments, paths, process};
use anyhow::{Context, Result, bail};
use octavo_category::Category;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Invariant = (&'static str, fn() -> Result<Vec<String>>);

const INVARIANTS: &[Invariant] = &[
    ("natively, nothing reaches the platform's crates", native_without_platform),
    ("mcp depends on serde, serde_json and thiserror only", mcp_stands_alone),
    ("one file of the gateway names both contracts", one_converter),
    ("every tool file is declared, listed and has cases", tools_are_listed),
    ("every worker has a config, and internal ones no door", workers_have_configs),
    ("the conformance gateway is the product's with more bindings", conformance_adds_bindings),
    ("workflows are pinned, may little, and run commands that there are", workflows_are_safe),
    ("no file names a machine's path or a registry's host", nothing_local),
    ("the page of benchmarks states what was measured", bench::stale_page),
    ("crates come from one registry, under licences of the list, and once in a worker", dependencies::crates),
    ("npm packages come from one registry, under licences of the list, for development alone", dependencies::npm),
    ("every source file is documented and bounded", files_are_readable),
];

/// Longest source file, in lines: past this a reader does not find the room they need.
const MAX_LINES: usize = 900;

/// Checks all invariants.
pub(crate) fn run() -> Result<()> {
    let mut broken = Vec::new();
    for (invariant, check) in INVARIANTS {
        broken.extend(check()?.into_iter().map(|place| format!("{invariant}: {place}")));
    }
    if !broken.is_empty() {
        bail!("broken invariants\n  {}", broken.join("\n  "));
    }
    Ok(())
}

fn native_without_platform() -> Result<Vec<String>> {
    let host = process::output(process::command("rustc").args(["--print", "host-tuple"]))?;
    let tree = process::output(&mut process::cargo_command(&[
        "tree",
        "--locked",
        "--workspace",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--target",
        host.trim(),
    ]))?;
    let platform = ["worker", "js-sys", "web-sys", "wasm-bindgen"];
    let reached: BTreeSet<&str> =
        tree.lines().filter_map(|line| line.split(' ').next()).filter(|name| platform.contains(name)).collect();
    Ok(reached.into_iter().map(|name| format!("{name}; see `cargo tree -i {name}`")).collect())
}

fn mcp_stands_alone() -> Result<Vec<String>> {
    let manifest = fs::read_to_string(paths::root().join("crates/mcp/Cargo.toml"))?;
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap_or_default().lines();
    let names = dependencies.filter_map(|line| line.split(['.', ' ', '=']).next()).filter(|name| !name.is_empty());
    Ok(names.filter(|name| !["serde", "serde_json", "thiserror"].contains(name)).map(str::to_owned).collect())
}

fn one_converter() -> Result<Vec<String>> {
    let folder = paths::root().join("workers/gateway/src");
    let mut both = Vec::new();
    for path in files(&folder, "rs") {
        let text = fs::read_to_string(&path)?;
        if text.contains("octavo_mcp::") && text.contains("octavo_rpc::{CallRe") && !path.ends_with("convert.rs") {
            both.push(shown(&path));
        }
    }
    Ok(both)
}

fn tools_are_listed() -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for category in Category::ALL {
        let package = paths::root().join("workers").join(category.slug());
        let library = fs::read_to_string(package.join("src/lib.rs"))?;
        let modules = fs::read_to_string(package.join("src/tools/mod.rs"))?;
        for entry in fs::read_dir(package.join("src/tools"))? {
            let path = entry?.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if name == "mod" {
                continue;
            }
            if !modules.contains(&format!("pub mod {name};")) {
                missing.push(format!("{} is not declared in tools/mod.rs", shown(&path)));
            }
            if !library.contains(&format!("tools::{name}::")) {
                missing.push(format!("{} is not in the registry", shown(&path)));
            }
            if !package.join("tests/specs").join(&name).is_dir() {
                missing.push(format!("{} has no tests/specs/{name}", shown(&path)));
            }
        }
    }
    Ok(missing)
}

fn workers_have_configs() -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let fleet = build::workers().into_iter().map(|worker| (worker, format!("wrangler/{worker}.toml"), ".."));
    let fixtures = (build::FIXTURES, format!("wrangler/conformance/{}.toml", build::FIXTURES), "../..");
    for (worker, config, root) in fleet.chain([fixtures]) {
        let path = paths::root().join(config);
        let text = fs::read_to_string(&path).with_context(|| shown(&path))?;
        for needed in [format!("name = \"octavo-{worker}\""), format!("main = \"{root}/build/{worker}/index.js\"")] {
            if !text.contains(&needed) {
                faults.push(format!("{} lacks {needed}", shown(&path)));
            }
        }
        // In every environment: both are inherited, and no environment says otherwise.
        let is_open = text.contains("workers_dev = true") || text.contains("preview_urls = true");
        let closed = text.contains("workers_dev = false") && text.contains("preview_urls = false") && !is_open;
        if worker != "gateway" && !closed {
            faults.push(format!("{} opens a door beside the gateway's binding", shown(&path)));
        }
        if text.contains("tail_consumers") == (worker == "tail") {
            faults.push(format!("{}: every worker but the tail worker has a tail consumer", shown(&path)));
        }
    }
    Ok(faults)
}

fn conformance_adds_bindings() -> Result<Vec<String>> {
    // What a deployment can have and the product need not.
    let fixtures = format!("service = \"octavo-{}\"", build::FIXTURES);
    let optional = [fixtures.as_str(), "durable_objects = ", "migrations = "];
    let settings = |name: &str| -> Result<Vec<String>> {
        let text = fs::read_to_string(paths::root().join(name)).with_context(|| name.to_owned())?;
        let lines = environments::top_of(&text).lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let lines =
            lines.filter(|line| !line.starts_with("name = ") && !optional.iter().any(|part| line.contains(part)));
        Ok(lines.map(|line| line.replace("\"../../", "\"../")).collect())
    };
    let conformance = "wrangler/conformance/gateway.toml";
    let same = settings("wrangler/gateway.toml")? == settings(conformance)?;
    Ok(if same { Vec::new() } else { vec![conformance.to_owned()] })
}

// Actions by their commit, since tags move; permissions said, since the default is too much.
fn workflows_are_safe() -> Result<Vec<String>> {
    let commands = include_str!("main.rs");
    let mut faults = Vec::new();
    for path in files(&paths::root().join(".github/workflows"), "yml") {
        let text = fs::read_to_string(&path)?;
        if !text.contains("\npermissions:\n  contents: read\n") || text.contains(": write") {
            faults.push(format!("{}: permissions are `contents: read` and no more", shown(&path)));
        }
        for line in text.lines() {
            if let Some((_, action)) = line.split_once("uses: ") {
                let commit = action.split_once('@').map_or("", |(_, rest)| rest.split(' ').next().unwrap_or_default());
                let is_pinned = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
                if !is_pinned && !action.starts_with("./") {
                    faults.push(format!("{}: {action} is not pinned to a commit", shown(&path)));
                }
            }
            let command = line.split_once("cargo xtask ").and_then(|(_, rest)| rest.split([' ', '`', ',']).next());
            if let Some(command) = command.filter(|command| !commands.contains(&format!("        \"{command}\" =>"))) {
                faults.push(format!("{}: there is no `cargo xtask {command}`", shown(&path)));
            }
        }
    }
    Ok(faults)
}

fn nothing_local() -> Result<Vec<String>> {
    let tracked = process::output(process::command("git").args(["ls-files"]))?;
    let home = env::var("HOME").unwrap_or_default();
    let mut names = vec![paths::root().display().to_string(), format!("{home}/.cargo"), format!("{home}/.rustup")];
    // Written in two halves, so that this file does not name them.
    let hosts = [("registry.", "npmjs"), ("index.", "crates.io"), ("files.", "pythonhosted"), ("deb.", "debian")];
    names.extend(hosts.map(|(start, end)| format!("{start}{end}")));
    let mut found = Vec::new();
    for file in tracked.lines() {
        let Ok(text) = fs::read_to_string(paths::root().join(file)) else { continue };
        found.extend(names.iter().filter(|name| text.contains(name.as_str())).map(|name| format!("{file}: {name}")));
    }
    Ok(found)
}

fn files_are_readable() -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for folder in ["crates", "workers", "xtask"] {
        let sources = files(&paths::root().join(folder), "rs");
        // Cases hold other people's style on purpose.
        for path in sources.into_iter().filter(|path| !path.components().any(|part| part.as_os_str() == "specs")) {
            let text = fs::read_to_string(&path)?;
            if !text.starts_with("//!") && !text.starts_with("#!") {
                faults.push(format!("{} does not start with what it is", shown(&path)));
            }
            if text.lines().count() > MAX_LINES {
                faults.push(format!("{} has over {MAX_LINES} lines", shown(&path)));
            }
        }
    }
    Ok(faults)
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|kind| kind == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(paths::root()).unwrap_or(path).display().to_string()
}
