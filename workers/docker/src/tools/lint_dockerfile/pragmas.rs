//! Comments that switch rules off: `# hadolint ignore=...` for the instruction below, `# hadolint stage ignore=...` for the stage
//! below, `# hadolint global ignore=...`.

use super::{Lint, rules};
use octavo_toolkit::Finding;
use std::collections::{BTreeMap, BTreeSet};

/// Takes the findings, without those a comment ignores.
pub(super) fn apply(lint: &mut Lint<'_>) -> Vec<Finding> {
    let mut everywhere = BTreeSet::new();
    let mut by_line: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    // Where each stage starts, and what the comment right above it, or one inside, ignores from there on.
    let mut by_stage: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    for stage in 0..lint.facts.stages.len() {
        let start = lint.from(stage).map_or(0, |from| from.span.start);
        by_stage.entry(lint.lines.position(start).line).or_default();
    }
    let mut seen = Vec::new();
    for comment in lint.file.comments.iter().filter(|comment| !comment.inside) {
        match pragma(&comment.text) {
            Some((Scope::File, ids)) => everywhere.extend(ids),
            Some((Scope::Instruction, ids)) => {
                by_line.entry(lint.lines.position(comment.next_line).line).or_default().extend(ids);
                seen.push(comment.span.clone());
            }
            Some((Scope::Stage, ids)) => {
                by_stage.insert(lint.lines.position(comment.next_line).line, ids.into_iter().collect());
            }
            None => {}
        }
    }
    if lint.options.pragmas_are_findings {
        for span in seen {
            lint.at(&rules::DL1001, span.start, span, "a rule is ignored here");
        }
    }
    let is_ignored = |line: &u32, rule: &str| {
        // The FROM itself is above the stage.
        let stage = by_stage.range(..line).next_back();
        everywhere.contains(rule)
            || by_line.get(line).is_some_and(|ids| ids.contains(rule))
            || stage.is_some_and(|(_, ids)| ids.contains(rule))
    };
    let found = std::mem::take(&mut lint.found);
    found.into_iter().filter(|(line, finding)| !is_ignored(line, &finding.rule)).map(|(_, finding)| finding).collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Scope {
    Instruction,
    Stage,
    File,
}

// The rules a comment ignores, and where. Text behind another `#` explains.
fn pragma(comment: &str) -> Option<(Scope, Vec<&str>)> {
    let rest = comment.strip_prefix("hadolint")?;
    let words = rest.trim_start();
    if words.len() == rest.len() {
        return None;
    }
    let scoped = |word: &str| words.strip_prefix(word).filter(|rest| rest.starts_with(char::is_whitespace));
    let (scope, rest) = match (scoped("global"), scoped("stage")) {
        (Some(rest), _) => (Scope::File, rest.trim_start()),
        (None, Some(rest)) => (Scope::Stage, rest.trim_start()),
        (None, None) => (Scope::Instruction, words),
    };
    let list = rest.strip_prefix("ignore")?.trim_start().strip_prefix('=')?;
    let list = list.split('#').next().unwrap_or_default();
    let ids: Vec<&str> = list.split(',').map(str::trim).collect();
    let is_id = |id: &&str| !id.is_empty() && id.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    ids.iter().all(is_id).then_some((scope, ids))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pragmas_are_told_from_other_comments() {
        assert_eq!(pragma("hadolint ignore=DL1, SC2 # why"), Some((Scope::Instruction, vec!["DL1", "SC2"])));
        assert_eq!(pragma("hadolint  ignore = DL1"), Some((Scope::Instruction, vec!["DL1"])));
        assert_eq!(pragma("hadolint global ignore=DL1"), Some((Scope::File, vec!["DL1"])));
        assert_eq!(pragma("hadolint stage  ignore=DL1"), Some((Scope::Stage, vec!["DL1"])));
        for other in [
            "hadolint ignore:DL1",
            "hadolint ignore=dl1",
            "hadolint ignore=DL1 why",
            "hadolint ignore=",
            "Hadolint ignore=DL1",
            "x hadolint ignore=DL1",
            "hadolintignore=DL1",
            "hadolint shell=bash",
        ] {
            assert_eq!(pragma(other), None, "{other}");
        }
    }
}
