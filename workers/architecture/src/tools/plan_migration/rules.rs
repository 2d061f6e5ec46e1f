//! What a plan's findings can name.

pub(super) use crate::support::rules::{JSON_SYNTAX, MODEL_EMPTY, MODEL_LIMIT, MODEL_VALUE};
use octavo_toolkit::rule_docs;
use octavo_toolkit::{Level, Rule};

/// Every rule of the tool.
pub(super) const RULES: &[Rule] = &[
    JSON_SYNTAX,
    MODEL_VALUE,
    MODEL_LIMIT,
    MODEL_EMPTY,
    NOTHING_MOVES,
    MISSING_EFFORT,
    ASSIGNED_BY_CUT,
    MISPLACED_COMPONENT,
    CONSTRAINT_CYCLE,
    IDLE_CONSTRAINT,
    CALL_TO_OLD,
    SHARED_DATABASE,
    DISTRIBUTED_CYCLE,
    FACADE_LIMIT,
    PHASE_LIMIT,
    TEAM_TOO_SMALL,
    DEADLINE_MISSED,
    BOTTLENECK_TEAM,
];

pub(super) const NOTHING_MOVES: Rule = Rule {
    id: "nothing-moves",
    level: Level::Warning,
    summary: "Something has a target other than what it runs in today.",
    docs: rule_docs!(
        why: "Without a move there is nothing to plan.",
        wrong: "{\"components\":[{\"id\":\"a\",\"group\":\"shop\",\"target\":\"shop\"}]}",
        right: "{\"components\":[{\"id\":\"a\",\"group\":\"shop\",\"target\":\"cart\",\"effort\":3}]}",
        source: "own rule",
    ),
};

pub(super) const MISSING_EFFORT: Rule = Rule {
    id: "missing-effort",
    level: Level::Info,
    summary: "Every move has an effort.",
    docs: rule_docs!(
        why: "A move without effort counts five person-days; the schedule is no better than the figures in it.",
        wrong: "{\"components\":[{\"id\":\"a\",\"target\":\"cart\"}]}",
        right: "{\"components\":[{\"id\":\"a\",\"target\":\"cart\",\"effort\":3}]}",
        source: "own rule",
    ),
};

pub(super) const ASSIGNED_BY_CUT: Rule = Rule {
    id: "target-by-cut",
    level: Level::Info,
    summary: "Components without a target were given one where the fewest calls are cut.",
    docs: rule_docs!(
        why: "The calls alone do not know who owns what: look at the seam before it is built.",
        wrong: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"target\":\"y\",\"effort\":1},{\"id\":\"c\",\"effort\":1}],\"links\":[{\"from\":\"a\",\"to\":\"c\"}]}",
        right: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"target\":\"y\",\"effort\":1},{\"id\":\"c\",\"target\":\"x\",\"effort\":1}],\"links\":[{\"from\":\"a\",\"to\":\"c\"}]}",
        source: "L. R. Ford and D. R. Fulkerson 1956; E. Dahlhaus et al. 1994; A. Clauset et al. 2004",
    ),
};

pub(super) const MISPLACED_COMPONENT: Rule = Rule {
    id: "misplaced-component",
    level: Level::Info,
    summary: "A component goes to the service it talks with most.",
    docs: rule_docs!(
        why: "Calls within a service become calls over the network when the seam runs through them.",
        wrong: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"target\":\"y\",\"effort\":1},{\"id\":\"c\",\"target\":\"x\",\"effort\":1}],\"links\":[{\"from\":\"a\",\"to\":\"b\",\"calls\":5},{\"from\":\"a\",\"to\":\"c\"}]}",
        right: "{\"components\":[{\"id\":\"a\",\"target\":\"y\",\"effort\":1},{\"id\":\"b\",\"target\":\"y\",\"effort\":1},{\"id\":\"c\",\"target\":\"x\",\"effort\":1}],\"links\":[{\"from\":\"a\",\"to\":\"b\",\"calls\":5},{\"from\":\"a\",\"to\":\"c\"}]}",
        source: "S. Newman, Monolith to Microservices, cohesion and coupling; Service Cutter",
    ),
};

pub(super) const CONSTRAINT_CYCLE: Rule = Rule {
    id: "constraint-cycle",
    level: Level::Error,
    summary: "The constraints on the order do not contradict each other.",
    docs: rule_docs!(
        why: "What must come before itself can never be done.",
        wrong: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"target\":\"x\",\"effort\":1}],\"before\":[{\"first\":\"a\",\"then\":\"b\"},{\"first\":\"b\",\"then\":\"a\"}]}",
        right: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"target\":\"x\",\"effort\":1}],\"before\":[{\"first\":\"a\",\"then\":\"b\"}]}",
        source: "critical path method",
    ),
};

pub(super) const IDLE_CONSTRAINT: Rule = Rule {
    id: "idle-constraint",
    level: Level::Info,
    summary: "A constraint names two components that move.",
    docs: rule_docs!(
        why: "It has no effect otherwise, and may have been meant for another component.",
        wrong: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"stays\":true}],\"before\":[{\"first\":\"a\",\"then\":\"b\"}]}",
        right: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"target\":\"x\",\"effort\":1}],\"before\":[{\"first\":\"a\",\"then\":\"b\"}]}",
        source: "own rule",
    ),
};

pub(super) const CALL_TO_OLD: Rule = Rule {
    id: "call-from-new-to-old",
    level: Level::Warning,
    summary: "What moved calls nothing that moves later.",
    docs: rule_docs!(
        why: "The new code needs an anti-corruption layer to the old one for a while; cut the link before, by an event or an inverted dependency, or move both in one step.",
        wrong: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"target\":\"y\",\"effort\":1}],\"links\":[{\"from\":\"a\",\"to\":\"b\"},{\"from\":\"b\",\"to\":\"a\"}]}",
        right: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"target\":\"y\",\"effort\":1}],\"links\":[{\"from\":\"a\",\"to\":\"b\"}]}",
        source: "E. Evans, Domain-Driven Design, anti-corruption layer; M. Fowler, Strangler Fig Application",
    ),
};

pub(super) const SHARED_DATABASE: Rule = Rule {
    id: "shared-database",
    level: Level::Warning,
    summary: "One service at a time uses a store.",
    docs: rule_docs!(
        why: "Two writers without a common transaction need change data capture or dual writes, and neither can change the schema alone.",
        wrong: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"stays\":true},{\"id\":\"db\",\"kind\":\"database\",\"stays\":true}],\"links\":[{\"from\":\"a\",\"to\":\"db\"},{\"from\":\"b\",\"to\":\"db\"}]}",
        right: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"stays\":true},{\"id\":\"db\",\"kind\":\"database\",\"target\":\"x\",\"effort\":1}],\"links\":[{\"from\":\"a\",\"to\":\"db\"},{\"from\":\"b\",\"to\":\"a\"}]}",
        source: "microservices.io, database per service; S. Newman, Monolith to Microservices, chapter 4",
    ),
};

pub(super) const DISTRIBUTED_CYCLE: Rule = Rule {
    id: "distributed-cycle",
    level: Level::Warning,
    summary: "No phase makes services wait for each other in a circle.",
    docs: rule_docs!(
        why: "A circle within one process is untidy; over the network it can deadlock, and none of its services starts or fails alone.",
        wrong: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"stays\":true},{\"id\":\"c\",\"stays\":true}],\"links\":[{\"from\":\"b\",\"to\":\"a\"},{\"from\":\"a\",\"to\":\"c\"}]}",
        right: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"stays\":true},{\"id\":\"c\",\"stays\":true}],\"links\":[{\"from\":\"b\",\"to\":\"a\"},{\"from\":\"a\",\"to\":\"c\",\"kind\":\"async\"}]}",
        source: "R. C. Martin, acyclic dependencies principle",
    ),
};

pub(super) const FACADE_LIMIT: Rule = Rule {
    id: "facade-limit",
    level: Level::Warning,
    summary: "No more facades stand at once than the model allows.",
    docs: rule_docs!(
        why: "Each facade is code to build, run and take down again.",
        wrong: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"stays\":true}],\"links\":[{\"from\":\"b\",\"to\":\"a\"}],\"limits\":{\"facades\":0}}",
        right: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":1},{\"id\":\"b\",\"stays\":true}],\"links\":[{\"from\":\"b\",\"to\":\"a\"}],\"limits\":{\"facades\":1}}",
        source: "M. Fowler, Strangler Fig Application",
    ),
};

pub(super) const PHASE_LIMIT: Rule = Rule {
    id: "phase-limit",
    level: Level::Warning,
    summary: "No phase is larger or riskier than the model allows.",
    docs: rule_docs!(
        why: "A step is not divided: one that is over the limit alone has to be cut in the model.",
        wrong: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":9}],\"limits\":{\"phaseEffort\":5}}",
        right: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":4},{\"id\":\"b\",\"target\":\"x\",\"effort\":5}],\"limits\":{\"phaseEffort\":5}}",
        source: "own rule",
    ),
};

pub(super) const TEAM_TOO_SMALL: Rule = Rule {
    id: "team-too-small",
    level: Level::Error,
    summary: "A team has the people a move needs at once.",
    docs: rule_docs!(
        why: "Otherwise the move can never begin.",
        wrong: "{\"teams\":[{\"id\":\"t\",\"capacity\":1}],\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":2,\"people\":2}]}",
        right: "{\"teams\":[{\"id\":\"t\",\"capacity\":2}],\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":2,\"people\":2}]}",
        source: "resource-constrained project scheduling",
    ),
};

pub(super) const DEADLINE_MISSED: Rule = Rule {
    id: "deadline-missed",
    level: Level::Error,
    summary: "Every deadline is kept.",
    docs: rule_docs!(
        why: "The schedule keeps lateness smaller than anything else: a deadline that is missed asks for people, a smaller scope or another order.",
        wrong: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":5,\"deadline\":3}]}",
        right: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":3,\"deadline\":3}]}",
        source: "resource-constrained project scheduling",
    ),
};

pub(super) const BOTTLENECK_TEAM: Rule = Rule {
    id: "bottleneck-team",
    level: Level::Info,
    summary: "The end is set by the order of the moves, not by one team.",
    docs: rule_docs!(
        why: "Where a team is busy nearly all the time and the order alone would take less, people there bring the end nearer.",
        wrong: "{\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":5},{\"id\":\"b\",\"target\":\"y\",\"effort\":5}]}",
        right: "{\"teams\":[{\"id\":\"t\",\"capacity\":2}],\"components\":[{\"id\":\"a\",\"target\":\"x\",\"effort\":5},{\"id\":\"b\",\"target\":\"y\",\"effort\":5}]}",
        source: "E. M. Goldratt, Critical Chain",
    ),
};
