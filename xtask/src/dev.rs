//! `cargo xtask dev`: from a clean clone to a served fleet.

use crate::build::{self, Profile};
use crate::{process, toolchain};
use anyhow::{Context, Result, bail};
use std::process::Stdio;

const DEFAULT_PORT: &str = "8787";

/// Sets up, builds, serves until it is stopped.
pub(crate) fn run(port: Option<&str>, without: Option<&str>, profile: Profile) -> Result<()> {
    let port = port.unwrap_or(DEFAULT_PORT);
    if port.parse::<u16>().is_err() {
        bail!("--port takes a number from 0 to 65535 (0 takes a free one)");
    }
    toolchain::ensure_npm()?;
    build::run(&[], profile)?;
    let mut serve = process::command(toolchain::node());
    serve.args(["xtask/fleet/serve.mjs", "--port", port]);
    if let Some(without) = without {
        serve.args(["--without", without]);
    }
    let mut fleet = serve.stdin(Stdio::piped()).spawn().context("cannot start Node.js")?;
    // The fleet stops when this pipe closes, however we end; `wait` alone would close it at once.
    let pipe = fleet.stdin.take();
    let status = fleet.wait()?;
    drop(pipe);
    // Ended by Ctrl-C or a termination signal, as shells count them.
    if !status.success() && !matches!(status.code(), Some(130 | 143)) {
        bail!("the fleet stopped ({status})");
    }
    Ok(())
}
