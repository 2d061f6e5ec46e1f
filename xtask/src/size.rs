//! `cargo xtask size`: what the surface costs a model, in tokens, and what each worker weighs, as the platform counts it.

use crate::{build, paths, process};
use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// Goal for a worker, gzipped bytes.
const GOAL_BYTES: usize = 1024 * 1024;
/// No worker is above this, gzipped bytes: the platform's limit on the free plan.
const LIMIT_BYTES: usize = 3_000_000;

/// Prints both tables; fails when a worker is over the limit. The limits of tokens are tests of the catalogue.
pub(crate) fn print() -> Result<()> {
    process::cargo(&["run", "--quiet", "--locked", "-p", "octavo-catalog", "--example", "tokens"])?;
    let mut table = std::io::stdout().lock();
    writeln!(table, "\n{:<14}{:>12}{:>12}", "worker", "bytes", "gzipped")?;
    let mut over = Vec::new();
    for worker in build::workers() {
        let (raw, packed) = of(&paths::built(worker))
            .with_context(|| format!("{worker} is not built; run `cargo xtask build --release`"))?;
        let remark = if packed > GOAL_BYTES { "  over 1 MiB" } else { "" };
        writeln!(table, "{worker:<14}{raw:>12}{packed:>12}{remark}")?;
        if packed > LIMIT_BYTES {
            over.push(worker);
        }
    }
    if !over.is_empty() {
        bail!("over {LIMIT_BYTES} bytes gzipped: {}", over.join(", "));
    }
    Ok(())
}

/// Bytes and gzipped bytes of a built worker's folder.
pub(crate) fn of(folder: &Path) -> Result<(usize, usize)> {
    let (mut raw, mut packed) = (0, 0);
    measure(folder, &mut raw, &mut packed)?;
    Ok((raw, packed))
}

fn measure(folder: &Path, raw: &mut usize, packed: &mut usize) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            measure(&path, raw, packed)?;
        } else if path.extension().is_some_and(|kind| kind == "js" || kind == "wasm") {
            let bytes = fs::read(&path)?;
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(&bytes)?;
            *raw += bytes.len();
            *packed += encoder.finish()?.len();
        }
    }
    Ok(())
}
