//! What each stage sets, gathered in one pass over the file, so that no rule has to read it again.

use super::packages;
use crate::support::dockerfile::{Arguments, Dockerfile, Instruction, Keyword, Stage};
use std::collections::{BTreeMap, BTreeSet};

/// Most stages looked through for what a stage has from those it continues; files in use have two or three.
const MAX_ANCESTORS: usize = 32;

/// What one stage sets by itself.
#[derive(Debug, Default)]
pub(super) struct StageFacts<'a> {
    /// Whether it has a `WORKDIR`.
    pub(super) has_workdir: bool,
    /// Whether it has a `HEALTHCHECK`.
    pub(super) has_healthcheck: bool,
    /// Whether another stage continues it.
    pub(super) is_base: bool,
    /// The variables of its `ENV`s, each with the place of the first one.
    pub(super) environment: BTreeMap<&'a str, usize>,
    /// Its labels.
    pub(super) labels: BTreeSet<&'a str>,
    /// Place of the instruction from which on pip keeps no cache.
    pub(super) pip_keeps_nothing_from: Option<usize>,
}

impl<'a> StageFacts<'a> {
    // Notes what the instruction at a place sets.
    fn note(&mut self, at: usize, instruction: &'a Instruction) {
        match (instruction.keyword, &instruction.arguments) {
            (Keyword::Workdir, _) => self.has_workdir = true,
            (Keyword::Healthcheck, _) => self.has_healthcheck = true,
            (Keyword::Label, Arguments::Pairs(pairs)) => {
                self.labels.extend(pairs.iter().map(|pair| pair.key.value.as_str()));
            }
            (Keyword::Env, Arguments::Pairs(pairs)) => {
                for pair in pairs {
                    self.environment.entry(pair.key.value.as_str()).or_insert(at);
                }
                let is_switch = pairs.iter().any(|pair| {
                    let value = pair.value.as_ref().map_or("", |value| value.value.as_str());
                    pair.key.value == "PIP_NO_CACHE_DIR" && packages::is_true(value)
                });
                if is_switch {
                    self.pip_keeps_nothing_from.get_or_insert(at);
                }
            }
            _ => {}
        }
    }
}

/// The stages of a file and what they set.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    /// The stages in order.
    pub(super) stages: Vec<Stage<'a>>,
    own: Vec<StageFacts<'a>>,
    // What stands before the first `FROM`: all of it, in a piece of a file.
    before: StageFacts<'a>,
    // The variables of all `ARG`s, each with the place of the first one.
    arguments: BTreeMap<&'a str, usize>,
    of_instruction: Vec<Option<usize>>,
}

impl<'a> Facts<'a> {
    /// Gathers the facts of a file.
    pub(super) fn gather(file: &'a Dockerfile) -> Self {
        let stages = file.stages();
        let mut own: Vec<StageFacts<'a>> = stages.iter().map(|_| StageFacts::default()).collect();
        let mut of_instruction = vec![None; file.instructions.len()];
        for (number, stage) in stages.iter().enumerate() {
            if let Some(base) = stage.parent.and_then(|parent| own.get_mut(parent)) {
                base.is_base = true;
            }
            for slot in of_instruction.get_mut(stage.instructions.clone()).unwrap_or_default() {
                *slot = Some(number);
            }
        }
        let (mut before, mut arguments) = (StageFacts::default(), BTreeMap::new());
        for ((at, instruction), stage) in file.instructions.iter().enumerate().zip(&of_instruction) {
            match stage.and_then(|stage| own.get_mut(stage)) {
                Some(facts) => facts.note(at, instruction),
                None => before.note(at, instruction),
            }
            if let (Keyword::Arg, Arguments::Pairs(pairs)) = (instruction.keyword, &instruction.arguments) {
                for pair in pairs {
                    arguments.entry(pair.key.value.as_str()).or_insert(at);
                }
            }
        }
        Self { stages, own, before, arguments, of_instruction }
    }

    /// The stage that the instruction at a place belongs to; none before the first `FROM`.
    pub(super) fn stage_of(&self, at: usize) -> Option<usize> {
        self.of_instruction.get(at).copied().flatten()
    }

    /// What a stage sets by itself.
    pub(super) fn own(&self, stage: usize) -> Option<&StageFacts<'a>> {
        self.own.get(stage)
    }

    /// Whether the layers of a stage end up in an image: it is the last, or another continues it.
    pub(super) fn is_kept(&self, stage: usize) -> bool {
        stage + 1 == self.stages.len() || self.own(stage).is_some_and(|own| own.is_base)
    }

    /// A stage and those it continues, nearest first.
    pub(super) fn lineage(&self, stage: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(stage), |at| self.stages.get(*at).and_then(|stage| stage.parent)).take(MAX_ANCESTORS)
    }

    /// Whether something holds of what an instruction builds on: its stage and those it continues, or what stands before the
    /// first `FROM`.
    pub(super) fn holds_at(&self, at: usize, holds: impl Fn(&StageFacts<'a>) -> bool) -> bool {
        match self.stage_of(at) {
            Some(stage) => self.inherits(stage, holds),
            None => holds(&self.before),
        }
    }

    /// Whether a variable was set before an instruction: by an `ENV` it builds on, or by any `ARG`.
    pub(super) fn is_set_at(&self, at: usize, variable: &str) -> bool {
        let is_env = |own: &StageFacts<'_>| own.environment.get(variable).is_some_and(|place| *place < at);
        self.is_argument_at(at, variable) || self.holds_at(at, is_env)
    }

    /// Whether an `ARG` before an instruction, of whatever stage, has that name.
    pub(super) fn is_argument_at(&self, at: usize, variable: &str) -> bool {
        self.arguments.get(variable).is_some_and(|place| *place < at)
    }

    /// Whether a stage that continues this one directly has a label.
    pub(super) fn is_labelled_further(&self, stage: usize, label: &str) -> bool {
        self.stages.iter().zip(&self.own).any(|(other, own)| other.parent == Some(stage) && own.labels.contains(label))
    }

    /// Whether something holds of a stage or one it continues.
    pub(super) fn inherits(&self, stage: usize, holds: impl Fn(&StageFacts<'a>) -> bool) -> bool {
        self.lineage(stage).filter_map(|at| self.own(at)).any(holds)
    }
}
