//! What a build needs beside cargo, found or installed: the wasm target, wasm-bindgen, a C compiler, npm packages.
//!
//! Everything comes from the package registries; nothing needs root. Each step says what it does before it takes long.

use crate::{paths, process};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The wasm target of every worker.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The zig compiler taken from the Python package index when no clang with a wasm target is there.
const ZIGLANG: &str = "0.15.2";

/// What was found.
pub(crate) struct Toolchain {
    /// The wasm-bindgen command line, of the same version as the crate.
    pub(crate) wasm_bindgen: PathBuf,
    /// Environment for cc-rs: the C compiler of the tree-sitter grammars.
    pub(crate) c_compiler: Vec<(String, String)>,
    /// Whether the source of the standard library is there, to compile it for size.
    pub(crate) has_std_source: bool,
}

/// Finds or installs all a build needs.
pub(crate) fn ensure() -> Result<Toolchain> {
    ensure_target()?;
    Ok(Toolchain {
        wasm_bindgen: ensure_wasm_bindgen()?,
        c_compiler: ensure_c_compiler()?,
        has_std_source: ensure_std_source()?,
    })
}

// Where rustc keeps its libraries, one folder a target.
fn rustlib() -> Result<PathBuf> {
    let sysroot = process::output(process::command("rustc").args(["--print", "sysroot"]))?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib"))
}

fn ensure_target() -> Result<()> {
    if rustlib()?.join(TARGET).is_dir() {
        return Ok(());
    }
    eprintln!("setup: adding the Rust target {TARGET}");
    process::run(process::command("rustup").args(["target", "add", TARGET])).with_context(|| {
        format!("the Rust target {TARGET} is missing; install Rust by rustup, or add the target by hand")
    })
}

// Workers can do without: they are larger then.
fn ensure_std_source() -> Result<bool> {
    let source = rustlib()?.join("src/rust/library/std");
    if !source.is_dir() {
        eprintln!("setup: adding the source of Rust's standard library");
        if let Err(error) = process::run(process::command("rustup").args(["component", "add", "rust-src"])) {
            eprintln!("setup: {error:#}; workers get the ready-made library and are a tenth larger");
        }
    }
    Ok(source.is_dir())
}

fn ensure_wasm_bindgen() -> Result<PathBuf> {
    let version = locked_version("wasm-bindgen")?;
    let folder = paths::cache().join(format!("tools/wasm-bindgen-cli-{version}"));
    let program = folder.join(if cfg!(windows) { "bin/wasm-bindgen.exe" } else { "bin/wasm-bindgen" });
    if !program.is_file() {
        eprintln!("setup: installing wasm-bindgen-cli {version} (once per user, about three minutes)");
        let mut install =
            process::cargo_command(&["install", "--locked", "wasm-bindgen-cli", "--version", &version, "--root"]);
        // Of its own target folder, which a later installation does not need.
        let build = folder.join("build");
        process::run(install.arg(&folder).env("CARGO_TARGET_DIR", &build))?;
        let _ = fs::remove_dir_all(build);
    }
    Ok(program)
}

/// The version of a package in Cargo.lock.
pub(crate) fn locked_version(package: &str) -> Result<String> {
    let lock = fs::read_to_string(paths::root().join("Cargo.lock")).context("Cargo.lock is missing")?;
    let entry = lock.split("[[package]]").find(|entry| entry.contains(&format!("name = \"{package}\"\n")));
    let version = entry.and_then(|entry| entry.split("version = \"").nth(1)?.split('"').next());
    version.map(str::to_owned).with_context(|| format!("{package} is not in Cargo.lock"))
}

// The grammars are C. Any clang with a wasm target will do; zig brings one for those who have none.
fn ensure_c_compiler() -> Result<Vec<(String, String)>> {
    let (compiler, archiver) = match system_clang() {
        Some(found) => found,
        None => ensure_zig()?,
    };
    let target = TARGET.replace('-', "_");
    Ok(vec![
        (format!("CC_{target}"), compiler),
        (format!("AR_{target}"), archiver),
        (format!("CFLAGS_{target}"), grammar_flags()?),
    ])
}

// The grammar crates include headers that tree-sitter-language ships for this target, but do not point at them.
fn grammar_flags() -> Result<String> {
    let metadata = process::output(&mut process::cargo_command(&[
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--filter-platform",
        TARGET,
    ]))?;
    let marker = "/Cargo.toml\"";
    let package = metadata.match_indices(marker).map(|(end, _)| metadata.get(..end).unwrap_or_default());
    let folder = package
        .filter_map(|before| before.rsplit('"').next())
        .find(|path| path.contains("tree-sitter-language-"))
        .context("tree-sitter-language is not a dependency")?;
    Ok(format!("-I{folder}/wasm/include"))
}

fn system_clang() -> Option<(String, String)> {
    let candidates = std::iter::once(String::new()).chain((15..=25).rev().map(|version| format!("-{version}")));
    candidates.map(|suffix| (format!("clang{suffix}"), format!("llvm-ar{suffix}"))).find(|(clang, archiver)| {
        let targets = process::output(Command::new(clang).arg("--print-targets"));
        targets.is_ok_and(|targets| targets.contains("wasm32"))
            && process::output(Command::new(archiver).arg("--version")).is_ok()
    })
}

fn ensure_zig() -> Result<(String, String)> {
    let folder = paths::cache().join(format!("tools/ziglang-{ZIGLANG}"));
    let (compiler, archiver) = (folder.join("cc"), folder.join("ar"));
    let zig = folder.join("ziglang/zig");
    if !zig.is_file() {
        eprintln!(
            "setup: no clang with a wasm target and its llvm-ar found; installing zig {ZIGLANG} from PyPI (once per user)"
        );
        let package = format!("ziglang=={ZIGLANG}");
        let mut pip = process::command("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"])
            .arg(&folder)
            .arg(package);
        process::run(&mut pip).context(
            "a C compiler with a wasm target is needed for the tree-sitter grammars; install clang and llvm \
             (Debian: apt-get install clang llvm), or python3 with pip",
        )?;
    }
    // cc-rs names clang's target, which zig spells its own way.
    let wrapper = format!(
        "#!/bin/sh\nfor a in \"$@\"; do case \"$a\" in --target=*) ;; *) set -- \"$@\" \"$a\" ;; esac; shift; done\nexec '{}' cc -target wasm32-freestanding \"$@\"\n",
        zig.display()
    );
    script(&compiler, &wrapper)?;
    script(&archiver, &format!("#!/bin/sh\nexec '{}' ar \"$@\"\n", zig.display()))?;
    Ok((compiler.display().to_string(), archiver.display().to_string()))
}

#[cfg(unix)]
fn script(path: &Path, text: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

#[cfg(not(unix))]
fn script(_: &Path, _: &str) -> Result<()> {
    bail!("a clang with a wasm target is needed for the tree-sitter grammars; install LLVM")
}

/// Installs the npm packages when package-lock.json is newer than what is installed.
pub(crate) fn ensure_npm() -> Result<()> {
    let root = paths::root();
    let modified = |path: PathBuf| fs::metadata(path).and_then(|file| file.modified()).ok();
    let installed = modified(root.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= modified(root.join("package-lock.json")) {
        return Ok(());
    }
    eprintln!("setup: installing the npm packages");
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    process::run(process::command(npm).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))
        .context("the npm packages could not be installed; any Node.js with npm will do to install them")?;
    if !node().is_file() {
        bail!("{} is missing after npm ci; remove node_modules and try again", node().display());
    }
    Ok(())
}

/// The Node.js that npm brought: wrangler and the clients need a newer one than many machines have.
pub(crate) fn node() -> PathBuf {
    paths::root().join(if cfg!(windows) { "node_modules/.bin/node.cmd" } else { "node_modules/.bin/node" })
}
