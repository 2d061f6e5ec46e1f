//! `cargo xtask logs`: the operators' API from a terminal.
//!
//! Node.js asks, since it is there anyway and speaks TLS. The token comes by the environment, where no process list shows it.

use crate::{process, toolchain};
use anyhow::{Result, bail};
use std::process::Stdio;

/// Where `cargo xtask dev` serves.
const DEFAULT_URL: &str = "http://127.0.0.1:8787/ops/";

/// Prints the newest lines that the filters (`name=value`, as the API names them) ask for, or follows new ones.
pub(crate) fn run(url: Option<&str>, follow: bool, json: bool, filters: &[String]) -> Result<()> {
    if let Some(word) = filters.iter().find(|word| !word.contains('=')) {
        bail!("{word:?} is no filter; write name=value, for example status=error worker=docker since=2h");
    }
    let mut ask = process::command(toolchain::node());
    ask.args(["xtask/fleet/logs.mjs", "--url", url.unwrap_or(DEFAULT_URL)]);
    ask.args(follow.then_some("--follow")).args(json.then_some("--json")).arg("--").args(filters);
    let status = ask.stdin(Stdio::null()).status()?;
    // Ended by Ctrl-C, as shells count it.
    if !status.success() && !matches!(status.code(), None | Some(130)) {
        bail!("there is no answer");
    }
    Ok(())
}
