//! Rules of an architecture, as lines of text, over paths.

use super::rules::{FORBIDDEN, INDEPENDENCE, LAYERS};
use crate::support::pattern::is_in;
use octavo_toolkit::limits::check_bytes;
use octavo_toolkit::{Rule, ToolError};

/// Most rules.
pub const MAX_CONTRACTS: usize = 100;
/// Longest rule, in bytes.
pub const MAX_CONTRACT_BYTES: usize = 2_000;
/// Longest text of rules, in bytes.
pub(super) const MAX_RULES_BYTES: usize = 200_000;
/// Most `*` in all rules: what each costs is a pass over each path.
pub const MAX_STARS: usize = 200;

const ACCEPTED: &str =
    "`layers: src/ui > src/core > src/db`, `forbid: src/core -> src/ui, react`, `independent: src/a, src/b`";

/// A rule: parts of the project and which may not import which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contract {
    pub(super) rule: &'static Rule,
    pub(super) text: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Layers(Vec<Vec<String>>),
    Forbid(Vec<String>, Vec<String>),
    Independent(Vec<String>),
}

/// Where a path stands in a rule: as importer and as imported, each layer and part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    from: Option<(usize, usize)>,
    to: Option<(usize, usize)>,
}

impl Place {
    /// Whether it stands in no part of the rule.
    pub(super) fn is_outside(self) -> bool {
        self.from.is_none() && self.to.is_none()
    }
}

/// Reads rules, one a line.
pub(super) fn read(text: &str) -> Result<Vec<Contract>, ToolError> {
    check_bytes("/rules", text, MAX_RULES_BYTES)?;
    let lines = || text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let count = lines().count();
    if count > MAX_CONTRACTS {
        return Err(ToolError::too_large("/rules", count, MAX_CONTRACTS, "lines"));
    }
    let stars = text.matches('*').count();
    if stars > MAX_STARS {
        return Err(ToolError::too_large("/rules", stars, MAX_STARS, "times `*`"));
    }
    let one = |(at, line): (usize, &str)| {
        check_bytes("/rules", line, MAX_CONTRACT_BYTES)?;
        let wrong = |what: &str| ToolError::invalid("/rules", format!("line {} {what}", at + 1), ACCEPTED);
        Contract::read(line).map_err(wrong)
    };
    lines().map(one).collect()
}

fn list(text: &str, sign: char) -> Vec<String> {
    let parts = text.split(sign).map(|part| part.trim().trim_start_matches("./").trim_end_matches('/').to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

impl Contract {
    fn read(text: &str) -> Result<Self, &'static str> {
        let (word, rest) = text.split_once(':').ok_or("has no colon")?;
        let (rule, kind) = match word.trim() {
            "layers" => {
                let layers: Vec<Vec<String>> = rest.split('>').map(|layer| list(layer, '|')).collect();
                if layers.len() < 2 || layers.iter().any(Vec::is_empty) {
                    return Err("needs two layers at least");
                }
                (&LAYERS, Kind::Layers(layers))
            }
            "forbid" => {
                let (from, to) = rest.split_once("->").ok_or("has no arrow")?;
                let (from, to) = (list(from, ','), list(to, ','));
                if from.is_empty() || to.is_empty() {
                    return Err("names nothing on one side");
                }
                (&FORBIDDEN, Kind::Forbid(from, to))
            }
            "independent" => {
                let parts = list(rest, ',');
                if parts.len() < 2 {
                    return Err("needs two parts at least");
                }
                (&INDEPENDENCE, Kind::Independent(parts))
            }
            _ => return Err("is of no known kind"),
        };
        Ok(Self { rule, text: text.trim().to_owned(), kind })
    }

    /// Where a file stands in it.
    pub(super) fn place(&self, path: &str) -> Place {
        self.place_among(path, |_| true)
    }

    /// Where a file, or a package from outside, stands in those parts of it for which `counts` says so.
    pub(super) fn place_among(&self, path: &str, counts: impl Fn(&str) -> bool) -> Place {
        let part = |parts: &[String]| parts.iter().position(|part| is_in(path, part) && counts(part));
        match &self.kind {
            Kind::Layers(layers) => {
                let found = layers.iter().enumerate().find_map(|(at, parts)| part(parts).map(|part| (at, part)));
                Place { from: found, to: found }
            }
            Kind::Forbid(sources, targets) => {
                Place { from: part(sources).map(|part| (0, part)), to: part(targets).map(|part| (1, part)) }
            }
            Kind::Independent(parts) => {
                let found = part(parts).map(|part| (0, part));
                Place { from: found, to: found }
            }
        }
    }

    /// Whether an import between two places breaks it.
    pub(super) fn is_broken(&self, from: Place, to: Place) -> bool {
        let Some((from, to)) = from.from.zip(to.to) else { return false };
        match &self.kind {
            // Siblings of one layer are independent.
            Kind::Layers(_) => from.0 > to.0 || from.0 == to.0 && from.1 != to.1,
            Kind::Forbid(..) => true,
            Kind::Independent(_) => from != to,
        }
    }

    /// Whether it is also broken by a chain of imports through files that stand in no part of it.
    pub(super) fn sees_chains(&self) -> bool {
        !matches!(self.kind, Kind::Forbid(..))
    }

    /// Its parts.
    pub(super) fn parts(&self) -> Vec<&str> {
        let parts: Vec<&String> = match &self.kind {
            Kind::Layers(layers) => layers.iter().flatten().collect(),
            Kind::Forbid(from, to) => from.iter().chain(to).collect(),
            Kind::Independent(parts) => parts.iter().collect(),
        };
        parts.into_iter().map(String::as_str).collect()
    }

    /// Whether a part must have files: what is forbidden may well not be there.
    pub(super) fn needs(&self, part: &str) -> bool {
        !matches!(&self.kind, Kind::Forbid(from, _) if !from.iter().any(|one| one == part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contracts_are_read_and_judge() {
        let read = Contract::read;
        let broken =
            |contract: &Contract, from: &str, to: &str| contract.is_broken(contract.place(from), contract.place(to));
        let layers = read("layers: ui > core|tools > db").expect("read");
        assert!(
            broken(&layers, "db/a", "core/b")
                && !broken(&layers, "ui/a", "db/b")
                && broken(&layers, "core/a", "tools/b")
        );
        assert!(!broken(&layers, "core/a", "core/b") && !broken(&layers, "other/a", "ui/b"));
        let forbid = read("forbid: core -> ui, react").expect("read");
        assert!(broken(&forbid, "core/a", "react") && !broken(&forbid, "ui/a", "core/b"));
        let independent = read("independent: a, b").expect("read");
        assert!(broken(&independent, "a/x", "b/y") && !broken(&independent, "a/x", "a/y"));
        for wrong in
            ["", "layers", "layers: a", "layers: a >", "forbid: a", "forbid: a ->", "independent: a", "else: a"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn limits_hold_at_their_edges() {
        let lines = |count: usize| read(&"independent: a, b\n\n".repeat(count)).is_ok();
        assert!(lines(MAX_CONTRACTS) && !lines(MAX_CONTRACTS + 1));
        let long = |length: usize| read(&format!("independent: a, {}", "b".repeat(length - 16))).is_ok();
        assert!(long(MAX_CONTRACT_BYTES) && !long(MAX_CONTRACT_BYTES + 1));
        let starred = |count: usize| read(&format!("independent: a, {}", "*".repeat(count))).is_ok();
        assert!(starred(MAX_STARS) && !starred(MAX_STARS + 1));
    }
}
