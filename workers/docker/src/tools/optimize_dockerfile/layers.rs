//! Which steps of a build a change of files runs again, as `BuildKit`'s cache decides it.
//!
//! A step is run again when the step before it was, when a file it copies or mounts from the context changed, or when the
//! stage it copies or mounts from was built again. Stages that the target does not need are not built.

use super::ignore::{Ignore, takes};
use crate::support::compose::template::Variables;
use crate::support::dockerfile::{Arguments, Dockerfile, Instruction, Keyword, Stage};
use octavo_toolkit::LineIndex;
use octavo_toolkit::limits::excerpt;
use serde::Serialize;
use std::collections::BTreeMap;

/// A step of the build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Layer {
    /// Line of the Dockerfile.
    line: u32,
    /// Number of its stage, from 0.
    stage: usize,
    /// The instruction, shortened.
    step: String,
    /// Whether it is run again.
    pub(super) rebuilt: bool,
    /// Why, where it is the first to be: the file, the stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
}

/// The steps of what a target needs, in order. `None` where no stage is called so.
pub(super) fn plan(
    source: &str,
    file: &Dockerfile,
    changed: &[String],
    ignore: &Ignore,
    target: Option<&str>,
) -> Option<Vec<Layer>> {
    let stages = file.stages();
    let target = match target {
        Some(target) => stage_called(&stages, target, stages.len())?,
        None => stages.len().checked_sub(1)?,
    };
    let changed: Vec<&String> = changed.iter().filter(|path| !ignore.covers(path)).collect();
    let needed = needed(file, &stages, target);
    let lines = LineIndex::new(source);
    let mut rebuilt = vec![false; stages.len()];
    let mut layers = Vec::new();
    for (number, stage) in stages.iter().enumerate().filter(|(number, _)| needed.get(*number) == Some(&true)) {
        let mut is_dirty = stage.parent.and_then(|parent| rebuilt.get(parent)).copied().unwrap_or_default();
        let mut cause = is_dirty.then(|| "the stage it continues".to_owned());
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for instruction in stage.instructions.clone().filter_map(|at| file.instructions.get(at)) {
            remember(instruction, &mut known);
            if !is_dirty && let Some(found) = changes(instruction, &stages, number, &rebuilt, &changed, &known) {
                (is_dirty, cause) = (true, Some(found));
            }
            if matches!(instruction.keyword, Keyword::Run | Keyword::Copy | Keyword::Add | Keyword::Workdir) {
                let text = source.get(instruction.span.clone()).unwrap_or_default();
                layers.push(Layer {
                    line: lines.position(instruction.span.start).line,
                    stage: number,
                    step: excerpt(text),
                    rebuilt: is_dirty,
                    cause: if is_dirty { cause.take() } else { None },
                });
            }
        }
        if let Some(slot) = rebuilt.get_mut(number) {
            *slot = is_dirty;
        }
    }
    Some(layers)
}

// The number of the stage before `before` that a name or number stands for.
fn stage_called(stages: &[Stage<'_>], name: &str, before: usize) -> Option<usize> {
    let earlier = stages.get(..before)?;
    let by_name =
        earlier.iter().rposition(|stage| stage.alias.is_some_and(|alias| alias.value.eq_ignore_ascii_case(name)));
    by_name.or_else(|| name.parse::<usize>().ok().filter(|number| *number < before))
}

/// Which stages a target is built of, itself among them.
pub(super) fn needed(file: &Dockerfile, stages: &[Stage<'_>], target: usize) -> Vec<bool> {
    let mut needed = vec![false; stages.len()];
    let mut open = vec![target];
    while let Some(number) = open.pop() {
        let Some(stage) = stages.get(number) else { continue };
        if std::mem::replace(needed.get_mut(number).unwrap_or(&mut true), true) {
            continue;
        }
        open.extend(stage.parent);
        for instruction in stage.instructions.clone().filter_map(|at| file.instructions.get(at)) {
            open.extend(origins(instruction.triggered()).filter_map(|name| stage_called(stages, &name, number)));
        }
    }
    needed
}

// The stages, by name or number, that an instruction copies or mounts from.
fn origins(instruction: &Instruction) -> impl Iterator<Item = String> {
    let copied = instruction.flag("from").and_then(|from| from.value.clone());
    copied.into_iter().chain(mounts(instruction).into_iter().filter_map(|mount| mount.get("from").cloned()))
}

// The mounts of a RUN, each as its options.
fn mounts(instruction: &Instruction) -> Vec<BTreeMap<String, String>> {
    let of_mount = |value: &str| {
        let options = value.split(',').map(|option| option.split_once('=').unwrap_or((option, "")));
        options.map(|(key, value)| (key.to_ascii_lowercase(), value.to_owned())).collect()
    };
    let flags = instruction.flags.iter().filter(|flag| flag.name == "mount");
    flags.filter_map(|flag| flag.value.as_deref()).map(of_mount).collect()
}

/// Most variables of a stage that are followed; another counts as not known.
const MAX_KNOWN: usize = 1_000;
/// Longest value of one, in bytes: what they fill in are paths.
const MAX_KNOWN_BYTES: usize = 4 * 1024;

// Keeps the variables whose values the file gives.
fn remember(instruction: &Instruction, known: &mut BTreeMap<String, String>) {
    if let (Keyword::Env | Keyword::Arg, Arguments::Pairs(pairs)) = (instruction.keyword, &instruction.arguments) {
        for pair in pairs {
            let Some(value) = &pair.value else { continue };
            let layers = vec![&*known];
            let mut variables = Variables::new(layers);
            let filled = variables.fill(&value.value);
            let is_kept = |text: &String| text.len() <= MAX_KNOWN_BYTES && known.len() < MAX_KNOWN;
            if let (Some(filled), true) = (filled.ok().filter(is_kept), variables.unset.is_empty()) {
                known.insert(pair.key.value.clone(), filled);
            } else {
                known.remove(&pair.key.value);
            }
        }
    }
}

// What of an instruction's inputs changed.
fn changes(
    instruction: &Instruction,
    stages: &[Stage<'_>],
    number: usize,
    rebuilt: &[bool],
    changed: &[&String],
    known: &BTreeMap<String, String>,
) -> Option<String> {
    let stage_rebuilt = |name: &str| {
        let stage = stage_called(stages, name, number)?;
        rebuilt.get(stage).copied().filter(|rebuilt| *rebuilt).map(|_| format!("stage `{}`", excerpt(name)))
    };
    match (instruction.keyword, &instruction.arguments) {
        (Keyword::Copy | Keyword::Add, Arguments::Paths { sources, .. }) => {
            if let Some(from) = instruction.flag("from").and_then(|from| from.value.as_deref()) {
                return stage_rebuilt(from);
            }
            let excluded: Vec<&str> = instruction
                .flags
                .iter()
                .filter(|flag| flag.name == "exclude")
                .filter_map(|flag| flag.value.as_deref())
                .collect();
            sources.iter().find_map(|source| {
                let text = fill(&source.value, known)?;
                if text.contains("://") || text.starts_with("git@") {
                    return None;
                }
                let is_changed =
                    |path: &&&String| takes(&text, path) && !excluded.iter().any(|pattern| takes(pattern, path));
                changed.iter().find(is_changed).map(|path| excerpt(path))
            })
        }
        (Keyword::Run, _) => mounts(instruction).iter().find_map(|mount| {
            let kind = mount.get("type").map_or("bind", String::as_str);
            match (kind, mount.get("from")) {
                ("bind" | "cache", Some(from)) => stage_rebuilt(from),
                ("bind", None) => {
                    let source = mount.get("source").or_else(|| mount.get("src")).map_or(".", String::as_str);
                    changed.iter().find(|path| takes(source, path)).map(|path| excerpt(path))
                }
                _ => None,
            }
        }),
        _ => None,
    }
}

// A source with its variables filled in; one with a variable that is not known may be anything.
fn fill(source: &str, known: &BTreeMap<String, String>) -> Option<String> {
    if !source.contains('$') {
        return Some(source.to_owned());
    }
    let mut variables = Variables::new(vec![known]);
    let filled = variables.fill(source).ok()?;
    Some(if variables.unset.is_empty() { filled } else { ".".to_owned() })
}
