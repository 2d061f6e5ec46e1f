//! dockle's checks of an image's configuration, history and files.

use super::listing::Entry;
use super::rules;
use octavo_toolkit::Finding;
use octavo_toolkit::limits::excerpt;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The parts of an image's configuration that are looked at; what `docker inspect` prints has them, too.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Image {
    #[serde(default, alias = "Config")]
    config: Config,
    #[serde(default, alias = "History")]
    history: Option<Vec<History>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    healthcheck: Option<serde_json::Value>,
    #[serde(default)]
    volumes: Option<BTreeMap<String, serde_json::Value>>,
}

#[derive(Debug, Default, Deserialize)]
struct History {
    #[serde(default, alias = "CreatedBy")]
    created_by: Option<String>,
}

impl Image {
    /// Reads a configuration: an object, or the list of one that `docker inspect` prints.
    pub(super) fn read(source: &str) -> Result<Self, String> {
        let parsed = if source.trim_start().starts_with('[') {
            serde_json::from_str::<Vec<Self>>(source).map(|images| images.into_iter().next().unwrap_or_default())
        } else {
            serde_json::from_str(source)
        };
        parsed.map_err(|error| format!("line {}, column {}: no image configuration", error.line(), error.column()))
    }

    /// What is said of configuration and history.
    pub(super) fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if matches!(self.config.user.as_deref(), None | Some("" | "root")) {
            findings.push(Finding::new(&rules::USER, "the last USER is root, or there is none"));
        }
        if self.config.healthcheck.is_none() {
            findings.push(Finding::new(&rules::HEALTHCHECK, "the image has no HEALTHCHECK"));
        }
        for volume in self
            .config
            .volumes
            .iter()
            .flat_map(BTreeMap::keys)
            .filter(|volume| matches!(volume.as_str(), "/sys" | "/dev" | "/proc"))
        {
            findings.push(Finding::new(&rules::MOUNT, format!("`{volume}` is a volume")));
        }
        let mut has_base = false;
        for (at, step) in self.history.iter().flatten().enumerate() {
            let Some(step) = &step.created_by else { continue };
            let commands = commands(step);
            if let Some(name) = secret(step) {
                let message = format!("step {}: the variable `{}` looks like a secret", at + 1, excerpt(name));
                findings.push(Finding::new(&rules::SECRET, message));
            }
            check_step(&commands, at, step, &mut has_base, &mut findings);
        }
        findings
    }
}

fn check_step(commands: &[Vec<&str>], at: usize, step: &str, has_base: &mut bool, findings: &mut Vec<Finding>) {
    let mut on = |rule, message: &str| {
        findings.push(Finding::new(rule, format!("step {}: {message}: `{}`", at + 1, excerpt(step))));
    };
    let any = |words: &[&str]| commands.iter().any(|command| has_all(command, words));
    if commands.iter().any(|command| has_all(command, &["apk", "add"]) && !command.contains(&"--no-cache")) {
        on(&rules::APK, "apk add without --no-cache");
    }
    if keeps_lists(commands) {
        on(&rules::APT_LISTS, "apt's lists stay in the layer");
    }
    if updates_alone(commands) {
        on(&rules::UPDATE, "apt-get update without an install");
    }
    if any(&["ADD", "in"]) || any(&["ADD", "buildkit"]) {
        if *has_base {
            on(&rules::ADD, "ADD");
        }
        *has_base = true;
    }
    if commands.iter().any(|command| is_apt(command, "dist-upgrade")) {
        on(&rules::DIST_UPGRADE, "the distribution is upgraded");
    }
    if any(&["sudo"]) {
        on(&rules::SUDO, "sudo");
    }
}

// The words of each command, cut as dockle cuts them: at `&&` and blanks.
fn commands(step: &str) -> Vec<Vec<&str>> {
    step.split("&&")
        .map(|command| command.split(' ').map(str::trim).filter(|word| !word.is_empty()).collect())
        .collect()
}

fn has_all(command: &[&str], words: &[&str]) -> bool {
    words.iter().all(|word| command.contains(word))
}

// Whether two of `apt-get`, `apt` and a subcommand are among the words.
fn is_apt(command: &[&str], subcommand: &str) -> bool {
    ["apt-get", "apt", subcommand].iter().filter(|word| command.contains(word)).count() >= 2
}

fn keeps_lists(commands: &[Vec<&str>]) -> bool {
    const REMOVALS: [&str; 8] =
        ["rm", "-rf", "-fr", "-r", "-fR", "/var/lib/apt/lists", "/var/lib/apt/lists/*", "/var/lib/apt/lists/*;"];
    let mut uses = false;
    for command in commands {
        uses = uses || is_apt(command, "update") || is_apt(command, "install");
        let removes = REMOVALS.iter().filter(|word| command.contains(word)).count() >= 3;
        if uses && (removes || is_apt(command, "dist-clean") || is_apt(command, "distclean")) {
            return false;
        }
    }
    uses
}

fn updates_alone(commands: &[Vec<&str>]) -> bool {
    let mut updates = false;
    for command in commands {
        updates = updates || is_apt(command, "update");
        if updates && (is_apt(command, "install") || is_apt(command, "upgrade")) {
            return false;
        }
    }
    updates
}

// The name of the first variable that is set and looks like a secret.
fn secret(step: &str) -> Option<&str> {
    const WORDS: [&str; 5] = ["PASS", "SECRET", "KEY", "ACCESS", "TOKEN"];
    let words = step.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '#'));
    words.filter_map(|word| word.split_once('=')).find_map(|(name, value)| {
        let value = value.split('=').next().unwrap_or_default();
        let upper = name.to_ascii_uppercase();
        let looks = WORDS.iter().any(|word| upper.contains(word)) && !matches!(name, "GPG_KEY" | "GPG_KEYS");
        (looks && !value.is_empty()).then_some(name)
    })
}

const SECRET_FILES: [&str; 16] = [
    "credentials.json",
    "credential.json",
    "credentials",
    "credential",
    "password.txt",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "secret_token.rb",
    "carrierwave.rb",
    "omniauth.rb",
    "settings.py",
    "database.yml",
    "credentials.xml",
    ".env",
];

const SECRET_ENDS: [&str; 16] = [
    "secret",
    "ovpn",
    "private_key",
    "cscfg",
    "rdp",
    "mdf",
    "sdf",
    "bek",
    "tpm",
    "fve",
    "jks",
    "psafe3",
    "agilekeychain",
    "keychain",
    "pcap",
    "gnucache",
];

const NEEDLESS_FILES: [&str; 4] = ["Dockerfile", "docker-compose.yml", ".vimrc", ".DS_Store"];

const NEEDLESS_FOLDERS: [&str; 8] = [".cache", ".aws", ".azure", ".gcp", ".git", ".vscode", ".idea", ".npm"];

/// What is said of the files of an image, each once.
pub(super) fn files<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut folders: BTreeSet<String> = BTreeSet::new();
    for entry in entries {
        let path = entry.path.as_str();
        let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
        let shown = excerpt(path);
        if entry.is_set_id {
            findings.push(Finding::new(&rules::SET_ID, format!("`{shown}` runs with other rights")));
        }
        if entry.is_folder {
            continue;
        }
        let end = name.rsplit_once('.').map_or("", |(_, end)| end);
        if SECRET_FILES.contains(&name) || SECRET_ENDS.contains(&end) {
            findings.push(Finding::new(&rules::SECRET, format!("`{shown}` is called like a file of secrets")));
        }
        let base = folder.rsplit('/').next().unwrap_or_default();
        let is_installed = path.contains("node_modules/") || path.contains("vendor/");
        if NEEDLESS_FOLDERS.contains(&base) && !is_installed && folders.insert(folder.to_owned()) {
            findings.push(Finding::new(&rules::NEEDLESS, format!("the folder `{}` is hardly needed", excerpt(folder))));
        }
        if NEEDLESS_FILES.contains(&name) {
            findings.push(Finding::new(&rules::NEEDLESS, format!("`{shown}` is hardly needed")));
        }
    }
    findings
}
