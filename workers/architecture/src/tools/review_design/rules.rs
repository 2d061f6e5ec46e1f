//! What a finding can name: own rules, and Structurizr's inspections under their own ids.

pub(super) use crate::support::rules::{JSON_SYNTAX, MODEL_EMPTY, MODEL_LIMIT, MODEL_VALUE};
use octavo_toolkit::rule_docs;
use octavo_toolkit::{Level, Rule};

/// Every rule of the tool.
pub(super) const RULES: &[Rule] = &[
    DSL_SYNTAX,
    DSL_UNKNOWN_IDENTIFIER,
    DSL_DUPLICATE_IDENTIFIER,
    DSL_DUPLICATE_NAME,
    DSL_INVALID_RELATIONSHIP,
    DSL_DEPRECATED,
    DSL_NOT_FETCHED,
    DSL_NOT_EVALUATED,
    DSL_UNRESOLVED_SUBSTITUTION,
    JSON_SYNTAX,
    MODEL_VALUE,
    MODEL_LIMIT,
    COARSE_RELATIONSHIP,
    NO_CIRCULAR,
    SYNCHRONOUS_CYCLE,
    LAYER_VIOLATION,
    LAYER_SKIP,
    ZONE_SKIP,
    SINGLE_POINT_OF_FAILURE,
    WIDE_BLAST_RADIUS,
    STABLE_DEPENDENCIES,
    MAIN_SEQUENCE,
    NO_ORPHANS,
    QUEUE_OVERLOAD,
    QUEUE_SATURATION,
    NO_FAILURE_HEADROOM,
    TRAFFIC_DIVERGES,
    AVAILABILITY_SLO,
    LATENCY_SLO,
    MISSING_FIGURES,
    MODEL_EMPTY,
    PERSON_DESCRIPTION,
    SYSTEM_DESCRIPTION,
    SYSTEM_DOCUMENTATION,
    SYSTEM_DECISIONS,
    CONTAINER_DESCRIPTION,
    CONTAINER_TECHNOLOGY,
    COMPONENT_DESCRIPTION,
    COMPONENT_TECHNOLOGY,
    NODE_DESCRIPTION,
    NODE_TECHNOLOGY,
    NODE_EMPTY,
    INFRASTRUCTURE_DESCRIPTION,
    INFRASTRUCTURE_TECHNOLOGY,
    DISCONNECTED,
    NO_VIEW,
    RELATIONSHIP_DESCRIPTION,
    RELATIONSHIP_TECHNOLOGY,
    WORKSPACE_SCOPE,
    VIEWS_EMPTY,
    VIEW_EMPTY,
    VIEW_KEY,
    VIEW_LAYOUT,
    STYLE_METADATA,
];

pub(super) const DSL_SYNTAX: Rule = Rule {
    id: "dsl-syntax",
    level: Level::Error,
    summary: "A statement is one of the language and stands where the language allows it.",
    docs: rule_docs!(
        why: "What cannot be read is missing from the model, and Structurizr's own parser stops at it.",
        wrong: "workspace {\n  model {\n    sistem = softwareSystm \"S\"\n  }\n}",
        right: "workspace {\n  model {\n    system = softwareSystem \"S\"\n  }\n}",
        source: "Structurizr DSL reference, `docs.structurizr.com/dsl/language`",
    ),
};

pub(super) const DSL_UNKNOWN_IDENTIFIER: Rule = Rule {
    id: "dsl-unknown-identifier",
    level: Level::Error,
    summary: "An identifier is defined above the line that uses it.",
    docs: rule_docs!(
        why: "The language is read from top to bottom; a relationship to something unknown is an error, not a forward reference.",
        wrong: "workspace {\n  model {\n    a = softwareSystem \"A\"\n    a -> b\n    b = softwareSystem \"B\"\n  }\n}",
        right: "workspace {\n  model {\n    a = softwareSystem \"A\"\n    b = softwareSystem \"B\"\n    a -> b\n  }\n}",
        source: "Structurizr DSL, identifiers, `docs.structurizr.com/dsl/identifiers`",
    ),
};

pub(super) const DSL_DUPLICATE_IDENTIFIER: Rule = Rule {
    id: "dsl-duplicate-identifier",
    level: Level::Error,
    summary: "An identifier names one thing.",
    docs: rule_docs!(
        why: "With flat identifiers, two containers called `api` clash even in different systems.",
        wrong: "workspace {\n  model {\n    a = softwareSystem \"A\"\n    a = softwareSystem \"B\"\n  }\n}",
        right: "workspace {\n  model {\n    a = softwareSystem \"A\"\n    b = softwareSystem \"B\"\n  }\n}",
        source: "Structurizr DSL, identifiers, `docs.structurizr.com/dsl/identifiers`",
    ),
};

pub(super) const DSL_DUPLICATE_NAME: Rule = Rule {
    id: "dsl-duplicate-name",
    level: Level::Error,
    summary: "Elements in one place have different names.",
    docs: rule_docs!(
        why: "Diagrams and links tell elements apart by their name.",
        wrong: "workspace {\n  model {\n    softwareSystem \"S\"\n    softwareSystem \"S\"\n  }\n}",
        right: "workspace {\n  model {\n    softwareSystem \"S\"\n    softwareSystem \"T\"\n  }\n}",
        source: "Structurizr DSL basics, `docs.structurizr.com/dsl/basics`",
    ),
};

pub(super) const DSL_INVALID_RELATIONSHIP: Rule = Rule {
    id: "dsl-invalid-relationship",
    level: Level::Error,
    summary: "A relationship is between separate elements and is stated once.",
    docs: rule_docs!(
        why: "An element always has to do with its parts; Structurizr refuses to say it again.",
        wrong: "workspace {\n  model {\n    s = softwareSystem \"S\" {\n      c = container \"C\"\n    }\n    s -> c\n  }\n}",
        right: "workspace {\n  model {\n    s = softwareSystem \"S\" {\n      c = container \"C\"\n    }\n    t = softwareSystem \"T\"\n    t -> c\n  }\n}",
        source: "Structurizr DSL reference, `docs.structurizr.com/dsl/language`",
    ),
};

pub(super) const DSL_DEPRECATED: Rule = Rule {
    id: "dsl-deprecated-keyword",
    level: Level::Error,
    summary: "Keywords that the language has removed are not used.",
    docs: rule_docs!(
        why: "Newer releases of Structurizr stop at them; this reader still understands them.",
        wrong: "!constant NAME \"x\"\nworkspace {\n}",
        right: "!const NAME \"x\"\nworkspace {\n}",
        source: "Structurizr changelog and `docs.structurizr.com/dsl/language`",
    ),
};

pub(super) const DSL_NOT_FETCHED: Rule = Rule {
    id: "dsl-not-fetched",
    level: Level::Warning,
    summary: "The model is whole in the text that is reviewed.",
    docs: rule_docs!(
        why: "Included files, scripts and extended workspaces are neither fetched nor run, so that what they define is missing from every figure.",
        wrong: "workspace {\n  model {\n    !include people.dsl\n  }\n}",
        right: "workspace {\n  model {\n    u = person \"User\"\n  }\n}",
        source: "Structurizr DSL reference, `docs.structurizr.com/dsl/language`",
    ),
};

pub(super) const DSL_NOT_EVALUATED: Rule = Rule {
    id: "dsl-not-evaluated",
    level: Level::Info,
    summary: "Statements that select by an expression are not used for what the review needs.",
    docs: rule_docs!(
        why: "Their block is not read, so that tags and properties set in it are not seen.",
        wrong: "workspace {\n  model {\n    !relationships \"*->*\" {\n      tags \"T\"\n    }\n  }\n}",
        right: "workspace {\n  model {\n    s = softwareSystem \"S\" {\n      tags \"T\"\n    }\n  }\n}",
        source: "Structurizr DSL reference, `docs.structurizr.com/dsl/language`",
    ),
};

pub(super) const DSL_UNRESOLVED_SUBSTITUTION: Rule = Rule {
    id: "dsl-unresolved-substitution",
    level: Level::Info,
    summary: "A `${NAME}` is defined by a constant above.",
    docs: rule_docs!(
        why: "Structurizr would look in the environment; here there is none, and the text stays as written.",
        wrong: "workspace {\n  model {\n    softwareSystem \"${TEAM}\"\n  }\n}",
        right: "!const TEAM \"Core\"\nworkspace {\n  model {\n    softwareSystem \"${TEAM}\"\n  }\n}",
        source: "Structurizr DSL, string substitution, `docs.structurizr.com/dsl/language`",
    ),
};

pub(super) const COARSE_RELATIONSHIP: Rule = Rule {
    id: "coarse-relationship",
    level: Level::Info,
    summary: "Relationships name the finest elements of the model.",
    docs: rule_docs!(
        why: "A relationship with a system that has containers does not say which of them it is about; paths end there.",
        wrong: "workspace {\n  model {\n    u = softwareSystem \"U\"\n    s = softwareSystem \"S\" {\n      c = container \"C\"\n    }\n    u -> s\n  }\n}",
        right: "workspace {\n  model {\n    u = softwareSystem \"U\"\n    s = softwareSystem \"S\" {\n      c = container \"C\"\n    }\n    u -> c\n  }\n}",
        source: "own rule",
    ),
};

pub(super) const NO_CIRCULAR: Rule = Rule {
    id: "no-circular",
    level: Level::Warning,
    summary: "Dependencies have no cycles.",
    docs: rule_docs!(
        why: "Parts of a cycle can be neither understood, tested, released nor started one by one.",
        wrong: "{\"components\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"links\":[{\"from\":\"a\",\"to\":\"b\"},{\"from\":\"b\",\"to\":\"a\"}]}",
        right: "{\"components\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"links\":[{\"from\":\"a\",\"to\":\"b\"}]}",
        source: "dependency-cruiser rule `no-circular`; R. C. Martin, acyclic dependencies principle",
    ),
};

pub(super) const SYNCHRONOUS_CYCLE: Rule = Rule {
    id: "synchronous-cycle",
    level: Level::Error,
    summary: "Calls that wait do not go round in a ring.",
    docs: rule_docs!(
        why: "Each caller holds a thread while it waits; under load all of them wait for each other, and time has no bound.",
        wrong: "{\"components\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"links\":[{\"from\":\"a\",\"to\":\"b\"},{\"from\":\"b\",\"to\":\"a\"}]}",
        right: "{\"components\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"links\":[{\"from\":\"a\",\"to\":\"b\"},{\"from\":\"b\",\"to\":\"a\",\"kind\":\"async\"}]}",
        source: "M. Nygard, Release It!, blocked threads and cascading failures",
    ),
};

pub(super) const LAYER_VIOLATION: Rule = Rule {
    id: "layer-violation",
    level: Level::Error,
    summary: "A link leads down the declared layers, or stays in one.",
    docs: rule_docs!(
        why: "A lower layer that knows an upper one can no longer be used or changed without it.",
        wrong: "{\"layers\":[\"web\",\"data\"],\"components\":[{\"id\":\"a\",\"layer\":\"web\"},{\"id\":\"b\",\"layer\":\"data\"}],\"links\":[{\"from\":\"b\",\"to\":\"a\"}]}",
        right: "{\"layers\":[\"web\",\"data\"],\"components\":[{\"id\":\"a\",\"layer\":\"web\"},{\"id\":\"b\",\"layer\":\"data\"}],\"links\":[{\"from\":\"a\",\"to\":\"b\"}]}",
        source: "import-linter contract `layers`; Buschmann et al., Layers pattern",
    ),
};

pub(super) const LAYER_SKIP: Rule = Rule {
    id: "layer-skip",
    level: Level::Warning,
    summary: "With closed layers, a link leads to the next layer only.",
    docs: rule_docs!(
        why: "What the layer between does (checks, caching, translation) is bypassed.",
        wrong: "{\"closedLayers\":true,\"layers\":[\"web\",\"domain\",\"data\"],\"components\":[{\"id\":\"a\",\"layer\":\"web\"},{\"id\":\"b\",\"layer\":\"data\"}],\"links\":[{\"from\":\"a\",\"to\":\"b\"}]}",
        right: "{\"layers\":[\"web\",\"data\"],\"components\":[{\"id\":\"a\",\"layer\":\"web\"},{\"id\":\"b\",\"layer\":\"data\"}],\"links\":[{\"from\":\"a\",\"to\":\"b\"}]}",
        source: "M. Richards, Software Architecture Patterns, closed layers",
    ),
};

pub(super) const ZONE_SKIP: Rule = Rule {
    id: "zone-skip",
    level: Level::Warning,
    summary: "A link from an outer trust zone leads to the next zone inwards, not past it.",
    docs: rule_docs!(
        why: "What the zone between is there to check is bypassed.",
        wrong: "{\"zones\":[\"internet\",\"dmz\",\"core\"],\"components\":[{\"id\":\"a\",\"zone\":\"internet\"},{\"id\":\"b\",\"zone\":\"core\"}],\"links\":[{\"from\":\"a\",\"to\":\"b\"}]}",
        right: "{\"zones\":[\"internet\",\"dmz\",\"core\"],\"components\":[{\"id\":\"a\",\"zone\":\"internet\"},{\"id\":\"b\",\"zone\":\"dmz\"}],\"links\":[{\"from\":\"a\",\"to\":\"b\"}]}",
        source: "NIST SP 800-41, boundary protection",
    ),
};

pub(super) const SINGLE_POINT_OF_FAILURE: Rule = Rule {
    id: "single-point-of-failure",
    level: Level::Warning,
    summary: "A component that everything runs through, or that every request waits for, has a spare replica.",
    docs: rule_docs!(
        why: "Its failure alone takes down what lies behind it or the whole request; with no stated replicas this is a remark.",
        wrong: "{\"components\":[{\"id\":\"a\",\"replicas\":2},{\"id\":\"b\",\"replicas\":1}],\"links\":[{\"from\":\"a\",\"to\":\"b\"}]}",
        right: "{\"components\":[{\"id\":\"a\",\"replicas\":2},{\"id\":\"b\",\"replicas\":2}],\"links\":[{\"from\":\"a\",\"to\":\"b\"}]}",
        source: "articulation points: Hopcroft and Tarjan 1973; dominators: Lengauer and Tarjan 1979",
    ),
};

pub(super) const WIDE_BLAST_RADIUS: Rule = Rule {
    id: "wide-blast-radius",
    level: Level::Info,
    summary: "The failure of a component reaches less than half of the others.",
    docs: rule_docs!(
        why: "A wide radius asks for the strictest operation there is, or for fallbacks in its callers.",
        wrong: "six services, five of which wait for one",
        right: "the callers keep a fallback: \"optional\": true",
        source: "own rule",
    ),
};

pub(super) const STABLE_DEPENDENCIES: Rule = Rule {
    id: "stable-dependencies",
    level: Level::Info,
    summary: "A module depends on modules that change less easily than itself.",
    docs: rule_docs!(
        why: "Otherwise changes of the unstable one reach the stable one, which many depend on.",
        wrong: "an edge from instability 0.2 to instability 0.8",
        right: "an edge from instability 0.8 to instability 0.2",
        source: "R. C. Martin, stable dependencies principle",
    ),
};

pub(super) const MAIN_SEQUENCE: Rule = Rule {
    id: "main-sequence",
    level: Level::Info,
    summary: "What much depends on is abstract, what is abstract is depended on.",
    docs: rule_docs!(
        why: "A distance above 0.7 is the zone of pain (concrete, stable) or of uselessness (abstract, unused).",
        wrong: "{\"modules\":[{\"id\":\"a\",\"types\":5},{\"id\":\"b\",\"types\":5}],\"moduleEdges\":[{\"from\":\"a\",\"to\":\"b\"}]}",
        right: "{\"modules\":[{\"id\":\"a\",\"types\":5},{\"id\":\"b\",\"types\":5,\"abstractTypes\":4}],\"moduleEdges\":[{\"from\":\"a\",\"to\":\"b\"}]}",
        source: "R. C. Martin, OO design quality metrics; JDepend",
    ),
};

pub(super) const NO_ORPHANS: Rule = Rule {
    id: "no-orphans",
    level: Level::Info,
    summary: "Every component has a link.",
    docs: rule_docs!(
        why: "One without is forgotten, or its links are.",
        wrong: "{\"components\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"links\":[]}",
        right: "{\"components\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"links\":[{\"from\":\"a\",\"to\":\"b\"}]}",
        source: "dependency-cruiser rule `no-orphans`",
    ),
};

pub(super) const QUEUE_OVERLOAD: Rule = Rule {
    id: "queue-overload",
    level: Level::Error,
    summary: "Servers are busy less than all of the time.",
    docs: rule_docs!(
        why: "From full utilisation on the queue grows without end, and every request behind it times out.",
        wrong: "{\"components\":[{\"id\":\"a\",\"ratePerSecond\":50,\"serviceTimeMs\":100,\"servers\":4}]}",
        right: "{\"components\":[{\"id\":\"a\",\"ratePerSecond\":50,\"serviceTimeMs\":100,\"servers\":8}]}",
        source: "Erlang C; L. Kleinrock, Queueing Systems, M/M/m",
    ),
};

pub(super) const QUEUE_SATURATION: Rule = Rule {
    id: "queue-saturation",
    level: Level::Warning,
    summary: "Servers are busy at most 80 % of the time.",
    docs: rule_docs!(
        why: "Waits grow as 1 / (1 - utilisation): a small burst is enough for a long queue.",
        wrong: "{\"components\":[{\"id\":\"a\",\"ratePerSecond\":36,\"serviceTimeMs\":100,\"servers\":4}]}",
        right: "{\"components\":[{\"id\":\"a\",\"ratePerSecond\":36,\"serviceTimeMs\":100,\"servers\":6}]}",
        source: "Erlang C; Google SRE book, handling overload",
    ),
};

pub(super) const NO_FAILURE_HEADROOM: Rule = Rule {
    id: "no-failure-headroom",
    level: Level::Warning,
    summary: "The load still fits when one replica fails.",
    docs: rule_docs!(
        why: "Replicas that are all needed for the load are no redundancy: the first failure overloads the rest.",
        wrong: "{\"components\":[{\"id\":\"a\",\"ratePerSecond\":12,\"serviceTimeMs\":100,\"replicas\":2}]}",
        right: "{\"components\":[{\"id\":\"a\",\"ratePerSecond\":12,\"serviceTimeMs\":100,\"replicas\":3}]}",
        source: "N + 1 redundancy; Google SRE book, cascading failures",
    ),
};

pub(super) const TRAFFIC_DIVERGES: Rule = Rule {
    id: "traffic-diverges",
    level: Level::Error,
    summary: "Calls in a ring cause less than one further call each.",
    docs: rule_docs!(
        why: "Otherwise every request from outside causes endless traffic inside.",
        wrong: "{\"components\":[{\"id\":\"a\",\"ratePerSecond\":1},{\"id\":\"b\"}],\"links\":[{\"from\":\"a\",\"to\":\"b\"},{\"from\":\"b\",\"to\":\"a\"}]}",
        right: "{\"components\":[{\"id\":\"a\",\"ratePerSecond\":1},{\"id\":\"b\"}],\"links\":[{\"from\":\"a\",\"to\":\"b\"},{\"from\":\"b\",\"to\":\"a\",\"calls\":0.1}]}",
        source: "J. R. Jackson 1957, traffic equations of open networks",
    ),
};

pub(super) const AVAILABILITY_SLO: Rule = Rule {
    id: "availability-slo",
    level: Level::Error,
    summary: "What a request needs is together as available as the objective asks.",
    docs: rule_docs!(
        why: "Availabilities in series multiply: ten parts of 99.9 % make 99 %.",
        wrong: "{\"components\":[{\"id\":\"a\",\"availability\":0.99}],\"slos\":[{\"entry\":\"a\",\"availability\":0.999}]}",
        right: "{\"components\":[{\"id\":\"a\",\"availability\":0.99,\"replicas\":2}],\"slos\":[{\"entry\":\"a\",\"availability\":0.999}]}",
        source: "reliability block diagrams, IEC 61078; B. Treynor et al., The Calculus of Service Availability",
    ),
};

pub(super) const LATENCY_SLO: Rule = Rule {
    id: "latency-slo",
    level: Level::Error,
    summary: "The longest chain of waiting calls fits the objective's latency.",
    docs: rule_docs!(
        why: "Every step spends of the same budget; a warning means that it fits only if calls run side by side.",
        wrong: "{\"components\":[{\"id\":\"a\",\"latencyMs\":120}],\"slos\":[{\"entry\":\"a\",\"latencyMs\":100}]}",
        right: "{\"components\":[{\"id\":\"a\",\"latencyMs\":80}],\"slos\":[{\"entry\":\"a\",\"latencyMs\":100}]}",
        source: "critical path method; J. Dean and L. A. Barroso, The Tail at Scale",
    ),
};

pub(super) const MISSING_FIGURES: Rule = Rule {
    id: "missing-figures",
    level: Level::Info,
    summary: "Every figure an objective needs is given.",
    docs: rule_docs!(
        why: "What is not given counts as perfect, so that the result is the best case.",
        wrong: "{\"components\":[{\"id\":\"a\",\"latencyMs\":10}],\"slos\":[{\"entry\":\"a\",\"availability\":0.9}]}",
        right: "{\"components\":[{\"id\":\"a\",\"availability\":0.99}],\"slos\":[{\"entry\":\"a\",\"availability\":0.9}]}",
        source: "own rule",
    ),
};

pub(super) const PERSON_DESCRIPTION: Rule = Rule {
    id: "model.person.description",
    level: Level::Info,
    summary: "A person has a description.",
    docs: rule_docs!(
        why: "A diagram whose boxes do not say what they are for leaves the reader to guess.",
        wrong: "person \"User\"",
        right: "person \"User\" \"Buys things.\"",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const SYSTEM_DESCRIPTION: Rule = Rule {
    id: "model.softwaresystem.description",
    level: Level::Info,
    summary: "A software system has a description.",
    docs: rule_docs!(
        why: "A diagram whose boxes do not say what they are for leaves the reader to guess.",
        wrong: "softwareSystem \"S\"",
        right: "softwareSystem \"S\" \"Sells things.\"",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const SYSTEM_DOCUMENTATION: Rule = Rule {
    id: "model.softwaresystem.documentation",
    level: Level::Info,
    summary: "A software system with containers has documentation attached.",
    docs: rule_docs!(
        why: "Diagrams alone do not say how to run a system.",
        wrong: "softwareSystem \"S\" {\n  container \"C\"\n}",
        right: "softwareSystem \"S\" {\n  !docs docs\n  container \"C\"\n}",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const SYSTEM_DECISIONS: Rule = Rule {
    id: "model.softwaresystem.decisions",
    level: Level::Info,
    summary: "A software system with containers has its decisions attached.",
    docs: rule_docs!(
        why: "Why it is built as it is, is lost first.",
        wrong: "softwareSystem \"S\" {\n  container \"C\"\n}",
        right: "softwareSystem \"S\" {\n  !adrs adrs\n  container \"C\"\n}",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const CONTAINER_DESCRIPTION: Rule = Rule {
    id: "model.container.description",
    level: Level::Info,
    summary: "A container has a description.",
    docs: rule_docs!(
        why: "A diagram whose boxes do not say what they are for leaves the reader to guess.",
        wrong: "container \"C\"",
        right: "container \"C\" \"Takes orders.\" \"Go\"",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const CONTAINER_TECHNOLOGY: Rule = Rule {
    id: "model.container.technology",
    level: Level::Info,
    summary: "A container names its technology.",
    docs: rule_docs!(
        why: "The technology is what developers and operators look for first.",
        wrong: "container \"C\" \"Takes orders.\"",
        right: "container \"C\" \"Takes orders.\" \"Go\"",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const COMPONENT_DESCRIPTION: Rule = Rule {
    id: "model.component.description",
    level: Level::Info,
    summary: "A component has a description.",
    docs: rule_docs!(
        why: "A diagram whose boxes do not say what they are for leaves the reader to guess.",
        wrong: "component \"P\"",
        right: "component \"P\" \"Prices a cart.\" \"Go package\"",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const COMPONENT_TECHNOLOGY: Rule = Rule {
    id: "model.component.technology",
    level: Level::Info,
    summary: "A component names its technology.",
    docs: rule_docs!(
        why: "The technology is what developers and operators look for first.",
        wrong: "component \"P\" \"Prices a cart.\"",
        right: "component \"P\" \"Prices a cart.\" \"Go package\"",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const NODE_DESCRIPTION: Rule = Rule {
    id: "model.deploymentnode.description",
    level: Level::Info,
    summary: "A deployment node has a description.",
    docs: rule_docs!(
        why: "A diagram whose boxes do not say what they are for leaves the reader to guess.",
        wrong: "deploymentNode \"N\"",
        right: "deploymentNode \"N\" \"Runs the shop.\" \"Linux\"",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const NODE_TECHNOLOGY: Rule = Rule {
    id: "model.deploymentnode.technology",
    level: Level::Info,
    summary: "A deployment node names its technology.",
    docs: rule_docs!(
        why: "The technology is what developers and operators look for first.",
        wrong: "deploymentNode \"N\" \"Runs the shop.\"",
        right: "deploymentNode \"N\" \"Runs the shop.\" \"Linux\"",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const NODE_EMPTY: Rule = Rule {
    id: "model.deploymentnode.empty",
    level: Level::Info,
    summary: "A deployment node has something in it.",
    docs: rule_docs!(
        why: "An empty node says nothing about where anything runs.",
        wrong: "deploymentNode \"N\" {\n}",
        right: "deploymentNode \"N\" {\n  containerInstance shop\n}",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const INFRASTRUCTURE_DESCRIPTION: Rule = Rule {
    id: "model.infrastructurenode.description",
    level: Level::Info,
    summary: "An infrastructure node has a description.",
    docs: rule_docs!(
        why: "A diagram whose boxes do not say what they are for leaves the reader to guess.",
        wrong: "infrastructureNode \"LB\"",
        right: "infrastructureNode \"LB\" \"Spreads requests.\" \"nginx\"",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const INFRASTRUCTURE_TECHNOLOGY: Rule = Rule {
    id: "model.infrastructurenode.technology",
    level: Level::Info,
    summary: "An infrastructure node names its technology.",
    docs: rule_docs!(
        why: "The technology is what developers and operators look for first.",
        wrong: "infrastructureNode \"LB\" \"Spreads requests.\"",
        right: "infrastructureNode \"LB\" \"Spreads requests.\" \"nginx\"",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const DISCONNECTED: Rule = Rule {
    id: "model.element.disconnected",
    level: Level::Warning,
    summary: "Every element is related to another.",
    docs: rule_docs!(
        why: "One without relationships is forgotten, or they are.",
        wrong: "workspace {\n  model {\n    a = softwareSystem \"A\"\n    b = softwareSystem \"B\"\n  }\n}",
        right: "workspace {\n  model {\n    a = softwareSystem \"A\"\n    b = softwareSystem \"B\"\n    a -> b\n  }\n}",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const NO_VIEW: Rule = Rule {
    id: "model.element.noview",
    level: Level::Info,
    summary: "Every element is shown in a view.",
    docs: rule_docs!(
        why: "What no diagram shows is looked at by nobody, and ages unseen.",
        wrong: "workspace {\n  model {\n    a = softwareSystem \"A\"\n    b = softwareSystem \"B\"\n    a -> b\n  }\n  views {\n    systemLandscape all {\n      include a\n    }\n  }\n}",
        right: "workspace {\n  model {\n    a = softwareSystem \"A\"\n    b = softwareSystem \"B\"\n    a -> b\n  }\n  views {\n    systemLandscape all {\n      include *\n    }\n  }\n}",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const RELATIONSHIP_DESCRIPTION: Rule = Rule {
    id: "model.relationship.description",
    level: Level::Info,
    summary: "A relationship has a description.",
    docs: rule_docs!(
        why: "An arrow without words may mean anything.",
        wrong: "a -> b",
        right: "a -> b \"Orders from\"",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const RELATIONSHIP_TECHNOLOGY: Rule = Rule {
    id: "model.relationship.technology",
    level: Level::Info,
    summary: "A relationship names its technology.",
    docs: rule_docs!(
        why: "Whether it is a call, a message or a file decides how it fails.",
        wrong: "a -> b \"Orders from\"",
        right: "a -> b \"Orders from\" \"gRPC\"",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const WORKSPACE_SCOPE: Rule = Rule {
    id: "workspace.scope",
    level: Level::Info,
    summary: "A workspace declares a scope and details one software system.",
    docs: rule_docs!(
        why: "Tools and readers then know what to expect in it.",
        wrong: "workspace {\n}",
        right: "workspace {\n  configuration {\n    scope softwaresystem\n  }\n}",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const VIEWS_EMPTY: Rule = Rule {
    id: "views.empty",
    level: Level::Info,
    summary: "A workspace has views.",
    docs: rule_docs!(
        why: "A model that nobody draws is not looked at.",
        wrong: "workspace {\n  model {\n  }\n}",
        right: "workspace {\n  model {\n  }\n  views {\n    systemLandscape all {\n      include *\n    }\n  }\n}",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const VIEW_EMPTY: Rule = Rule {
    id: "views.view.empty",
    level: Level::Info,
    summary: "A view shows something.",
    docs: rule_docs!(
        why: "An empty diagram is a mistake in its includes.",
        wrong: "systemLandscape all {\n}",
        right: "systemLandscape all {\n  include *\n}",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const VIEW_KEY: Rule = Rule {
    id: "views.view.key",
    level: Level::Info,
    summary: "A view has a key of its own.",
    docs: rule_docs!(
        why: "A key that is made up may change with the order of the views, and links to the diagram break.",
        wrong: "systemLandscape {",
        right: "systemLandscape landscape {",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const VIEW_LAYOUT: Rule = Rule {
    id: "views.view.layout",
    level: Level::Info,
    summary: "A view that is laid out by hand has a key of its own.",
    docs: rule_docs!(
        why: "The layout is stored under the key and is lost with it.",
        wrong: "systemLandscape {\n  include *\n}",
        right: "systemLandscape {\n  include *\n  autoLayout\n}",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};

pub(super) const STYLE_METADATA: Rule = Rule {
    id: "views.styles.element.metadata",
    level: Level::Info,
    summary: "Styles keep the line that says what kind of element a box is.",
    docs: rule_docs!(
        why: "Without it a reader cannot tell a container from a component.",
        wrong: "element \"Database\" {\n  metadata false\n}",
        right: "element \"Database\" {\n  metadata true\n}",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};
