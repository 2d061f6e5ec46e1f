//! From a worker's package to `build/<worker>`: cargo, then wasm-bindgen, then the entry shell beside its output.
//!
//! One package at a time: together, cargo would unify the features of dependencies across workers, and a worker would not
//! be built from what its own manifest says.

use crate::toolchain::{self, TARGET, Toolchain};
use crate::{paths, process};
use anyhow::{Context, Result, bail};
use octavo_category::Category;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{env, fs, io};

/// How much the compiler is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to compile.
    Dev,
    /// What is deployed.
    Release,
}

impl Profile {
    const fn name(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release => "release",
        }
    }
}

/// Every worker: the gateway, the categories, the tail worker.
pub(crate) fn workers() -> Vec<&'static str> {
    let categories = Category::ALL.iter().map(|category| category.slug());
    std::iter::once("gateway").chain(categories).chain(std::iter::once("tail")).collect()
}

/// The worker that stands beside the fleet in conformance tests; built when it is named.
pub(crate) const FIXTURES: &str = "fixtures";

/// The variable by which `build/` is taken as it is: `cargo xtask deploy` has built it before wrangler asks for it again.
pub(crate) const BUILT: &str = "OCTAVO_BUILT";

/// Builds the named workers, or all of the fleet.
pub(crate) fn run(named: &[&str], profile: Profile) -> Result<()> {
    if env::var_os(BUILT).is_some_and(|value| value == "1") {
        return Ok(());
    }
    let mut chosen = workers();
    if !named.is_empty() {
        chosen.push(FIXTURES);
        if let Some(unknown) = named.iter().find(|name| !chosen.contains(name)) {
            bail!("no worker {unknown:?}; there are {}", chosen.join(", "));
        }
        chosen.retain(|worker| named.contains(worker));
    }
    let toolchain = toolchain::ensure()?;
    for (at, worker) in chosen.iter().enumerate() {
        let started = Instant::now();
        eprint!("build: {:>2}/{} {worker:<13}", at + 1, chosen.len());
        let change = build(worker, profile, &toolchain).with_context(|| format!("building {worker}"))?;
        eprintln!(" {change} in {:.1} s", started.elapsed().as_secs_f32());
    }
    Ok(())
}

fn build(worker: &str, profile: Profile, toolchain: &Toolchain) -> Result<&'static str> {
    let package = format!("octavo-{worker}");
    // As a cdylib alone: beside an rlib, cargo would leave out the link-time optimisation that the profile asks for.
    let mut cargo = process::cargo_command(&["rustc", "--quiet", "--locked", "--lib", "--crate-type", "cdylib"]);
    cargo.args(["--target", TARGET, "--profile", profile.name(), "-p", &package]);
    if profile == Profile::Release && toolchain.has_std_source {
        // The standard library compiled for size: its sorts alone are a sixth of a worker's code otherwise. Cargo has it for
        // nightly compilers only; the variable lets the pinned stable one do it.
        cargo.env("RUSTC_BOOTSTRAP", "1");
        cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
    }
    process::run(cargo.envs(toolchain.c_compiler.iter().cloned()))?;
    let wasm = paths::target().join(TARGET).join(profile.name()).join(format!("octavo_{worker}.wasm"));
    // The entry first; modules that it imports keep their names.
    let shell: &[&str] = match worker {
        "gateway" => &[
            "gateway.js",
            "admission.js",
            "ask.js",
            "blobs.js",
            "cache.js",
            "changes.js",
            "deadline.js",
            "instance.js",
            "jwt.js",
            "listen.js",
            "objects.js",
            "page.js",
            "push.js",
            "session.js",
            "streams.js",
            "task.js",
        ],
        "tail" => &["tail.js", "access.js", "jwt.js"],
        _ => &["tool-worker.js"],
    };
    let shell: Vec<PathBuf> = shell.iter().map(|file| paths::root().join("crates/runtime/js").join(file)).collect();
    let folder = paths::built(worker);
    let mut glue = vec!["--target", "module", "--no-typescript", "--out-name", "glue"];
    // The shell replaces an instance that trapped; these make the glue able to.
    glue.extend(["--experimental-reset-state-function", "--force-enable-abort-handler"]);
    if profile == Profile::Release {
        // Function names are a third of a worker; a build for profiling keeps them.
        glue.extend(["--remove-name-section", "--remove-producers-section"]);
    }
    let made_of: Vec<&PathBuf> = [&wasm, &toolchain.wasm_bindgen].into_iter().chain(&shell).collect();
    let stamp = format!("{:016x}", digest(&glue, &made_of)?);
    let stamp_file = folder.join("stamp");
    if fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) {
        return Ok("unchanged");
    }
    let _ = fs::remove_dir_all(&folder);
    let mut bindgen = process::command(&toolchain.wasm_bindgen);
    process::run(bindgen.args(&glue).arg("--out-dir").arg(&folder).arg(&wasm))?;
    // The platform takes a compiled module by a plain import.
    let module = folder.join("glue.js");
    let text = fs::read_to_string(&module)?;
    fs::write(&module, text.replacen("import source wasmModule", "import wasmModule", 1))?;
    for (at, file) in shell.iter().enumerate() {
        let name = file.file_name().filter(|_| at > 0).unwrap_or("index.js".as_ref());
        fs::copy(file, folder.join(name))?;
    }
    fs::write(stamp_file, stamp)?;
    Ok("built")
}

fn digest(arguments: &[&str], files: &[&PathBuf]) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    arguments.hash(&mut hasher);
    for file in files {
        read(file)?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}
