//! What each stage sets, gathered in one pass over the file, so that no rule has to read it again.

use super::packages;
use crate::support::dockerfile::{Arguments, Dockerfile, Keyword, Stage};
use std::collections::BTreeSet;

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
    /// The variables of its `ENV`s.
    pub(super) environment: BTreeSet<&'a str>,
    /// Its labels.
    pub(super) labels: BTreeSet<&'a str>,
    /// Place of the instruction from which on pip keeps no cache.
    pub(super) pip_keeps_nothing_from: Option<usize>,
}

/// The stages of a file and what they set.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    /// The stages in order.
    pub(super) stages: Vec<Stage<'a>>,
    own: Vec<StageFacts<'a>>,
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
            let Some(facts) = own.get_mut(number) else { continue };
            for at in stage.instructions.clone() {
                if let Some(slot) = of_instruction.get_mut(at) {
                    *slot = Some(number);
                }
                let Some(instruction) = file.instructions.get(at) else { continue };
                match (instruction.keyword, &instruction.arguments) {
                    (Keyword::Workdir, _) => facts.has_workdir = true,
                    (Keyword::Healthcheck, _) => facts.has_healthcheck = true,
                    (Keyword::Label, Arguments::Pairs(pairs)) => {
                        facts.labels.extend(pairs.iter().map(|pair| pair.key.value.as_str()));
                    }
                    (Keyword::Env, Arguments::Pairs(pairs)) => {
                        facts.environment.extend(pairs.iter().map(|pair| pair.key.value.as_str()));
                        let is_switch = pairs.iter().any(|pair| {
                            let value = pair.value.as_ref().map_or("", |value| value.value.as_str());
                            pair.key.value == "PIP_NO_CACHE_DIR" && packages::is_true(value)
                        });
                        if is_switch {
                            facts.pip_keeps_nothing_from.get_or_insert(at);
                        }
                    }
                    _ => {}
                }
            }
        }
        Self { stages, own, of_instruction }
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

    /// Whether something holds of a stage or one it continues.
    pub(super) fn inherits(&self, stage: usize, holds: impl Fn(&StageFacts<'a>) -> bool) -> bool {
        self.lineage(stage).filter_map(|at| self.own(at)).any(holds)
    }
}
