//! Rules of reading a model, whichever tool reads it.

use octavo_toolkit::rule_docs;
use octavo_toolkit::{Level, Rule};

/// Its id and page are its documentation.
pub const JSON_SYNTAX: Rule = Rule {
    id: "json-syntax",
    level: Level::Error,
    summary: "A JSON model is a JSON object.",
    docs: rule_docs!(
        why: "Nothing of a text that is no JSON can be reviewed.",
        wrong: "{\"components\": [}",
        right: "{\"components\": []}",
        source: "RFC 8259",
    ),
};

/// Its id and page are its documentation.
pub const MODEL_VALUE: Rule = Rule {
    id: "model-value",
    level: Level::Error,
    summary: "Every figure is within its range, every name known, every id there.",
    docs: rule_docs!(
        why: "A figure that is not acceptable counts as not given, which changes what is computed.",
        wrong: "{\"components\":[{\"id\":\"a\",\"availability\":99.9}]}",
        right: "{\"components\":[{\"id\":\"a\",\"availability\":0.999}]}",
        source: "own rule; the ranges are on the tool's page",
    ),
};

/// Its id and page are its documentation.
pub const MODEL_LIMIT: Rule = Rule {
    id: "model-limit",
    level: Level::Error,
    summary: "A model stays within the documented limits.",
    docs: rule_docs!(
        why: "What is beyond a limit is not read, so that figures are of a part only.",
        wrong: "more than 2000 components",
        right: "a model of each part of the system",
        source: "own rule; the limits are on the tool's page",
    ),
};

/// Its id and page are its documentation.
pub const MODEL_EMPTY: Rule = Rule {
    id: "model.empty",
    level: Level::Warning,
    summary: "A model has elements.",
    docs: rule_docs!(
        why: "There is nothing to review.",
        wrong: "workspace {\n  model {\n  }\n}",
        right: "workspace {\n  model {\n    softwareSystem \"S\"\n  }\n}",
        source: "Structurizr inspections, `docs.structurizr.com/inspection`",
    ),
};
