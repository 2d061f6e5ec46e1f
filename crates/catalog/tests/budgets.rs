//! What a list may cost a model, in tokens of o200k, and what every client must be able to read.
//!
//! A client shows its model a tool's name, description and input schema; title and annotations are for its own interface. So
//! those three, [`Shape::Bare`], are what is bounded; `cargo xtask size` prints what is sent as well.

use bpe_openai::o200k_base;
use octavo_catalog::{INSTRUCTIONS, Scope, Selection, Shape, catalog, guide, list};
use octavo_category::Category;
use serde_json::Value;

/// Longest name of a tool, in characters.
const MAX_NAME_CHARS: usize = 40;
/// Most tokens of one tool.
const MAX_TOOL: usize = 300;
/// Most tokens of all tools in one list.
const MAX_ALL: usize = 10_000;
/// Most tokens of one category's list.
const MAX_CATEGORY: usize = 2_500;
/// Most tokens of the search surface's list.
const MAX_SEARCH: usize = 1_200;
/// Tokens of the instructions.
const INSTRUCTIONS_RANGE: std::ops::RangeInclusive<usize> = 120..=200;

fn tokens(text: &str) -> usize {
    o200k_base().count(text)
}

fn listed(shape: Shape, target: &str) -> String {
    list(shape, &Scope::select(Selection { target, ..Selection::default() }).expect("a scope"))
}

#[test]
fn each_tool_is_within_its_budget() {
    let tools: Vec<&'static str> = catalog().tools().iter().map(|tool| tool.name).collect();
    let mut sum = 0;
    for name in &tools {
        let entry = listed(Shape::Bare, &format!("/mcp?tools={name}"));
        let cost = tokens(entry.trim_matches(['[', ']']));
        assert!(cost <= MAX_TOOL, "{name} costs {cost} tokens, {MAX_TOOL} are allowed");
        assert!(name.len() <= MAX_NAME_CHARS, "{name} has over {MAX_NAME_CHARS} characters");
        sum += cost;
    }
    eprintln!("{} tools cost {sum} tokens, {} in the mean", tools.len(), sum / tools.len());
}

#[test]
fn each_list_is_within_its_budget() {
    let categories = Category::ALL.iter().map(|category| (format!("/mcp/{category}"), MAX_CATEGORY));
    for (target, most) in categories.chain([("/mcp".to_owned(), MAX_ALL), ("/mcp/search".to_owned(), MAX_SEARCH)]) {
        let cost = tokens(&listed(Shape::Bare, &target));
        assert!(cost <= most, "{target} costs {cost} tokens, {most} are allowed");
    }
}

#[test]
fn the_instructions_are_within_their_budget_and_name_what_is_nowhere_else() {
    let cost = tokens(INSTRUCTIONS);
    assert!(INSTRUCTIONS_RANGE.contains(&cost), "the instructions cost {cost} tokens");
    let named = ["output", "ignore", "minLevel", "maxFindings", "maxTokens", "cursor", "format", "/v1/blobs", "blob_"];
    for word in named {
        assert!(INSTRUCTIONS.contains(word), "{word}");
    }
}

#[test]
fn every_listed_schema_is_portable() {
    for target in ["/mcp", "/mcp/search"] {
        let tools: Vec<Value> = serde_json::from_str(&listed(Shape::Full, target)).expect("JSON");
        for tool in tools {
            let name = tool["name"].as_str().unwrap_or_default();
            assert!(!name.is_empty() && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')), "{name}");
            assert!(tool["title"].is_string() && tool["description"].is_string(), "{name}");
            let schema = &tool["inputSchema"];
            assert_eq!(
                (&schema["type"], &schema["additionalProperties"]),
                (&Value::from("object"), &Value::from(false)),
                "{name}"
            );
            check_schema(name, schema, true);
            let annotations = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"]
                .map(|hint| tool["annotations"][hint].as_bool());
            assert_eq!(annotations, [Some(true), Some(false), Some(true), Some(false)], "{name}");
        }
    }
}

// Every place where a schema may stand is looked at; unknown keywords are refused, so none is missed.
fn check_schema(at: &str, schema: &Value, is_root: bool) {
    let members = schema.as_object().unwrap_or_else(|| panic!("{at}: a schema that is no object"));
    for (keyword, value) in members {
        match keyword.as_str() {
            "type" => assert!(value.is_string(), "{at}: a union of types"),
            "properties" => {
                for (property, inner) in value.as_object().unwrap_or_else(|| panic!("{at}: properties")) {
                    let at = format!("{at}/{property}");
                    check_schema(&at, inner, false);
                    let described = inner["description"].as_str().is_some_and(|text| !text.is_empty());
                    // What the members of a list's items are, their names say.
                    assert!(described || !is_root, "{at}: no description");
                }
            }
            "items" => check_schema(&format!("{at}/items"), value, false),
            "additionalProperties" => {
                assert!(is_root && *value == false, "{at}: `additionalProperties` below the root");
            }
            "enum" => assert!(value.as_array().is_some_and(|words| words.iter().all(Value::is_string)), "{at}: enum"),
            "required" | "description" | "minimum" | "maximum" => {}
            _ => panic!("{at}: `{keyword}` is not in the subset that every client accepts"),
        }
    }
    assert!(members.contains_key("type"), "{at}: no type");
}

#[test]
fn every_category_has_a_guide_that_names_its_tools_and_no_others() {
    for category in Category::ALL {
        let guide = guide(*category);
        assert!(guide.starts_with("# ") && (20..=110).contains(&guide.lines().count()), "{category}");
        for tool in catalog().tools().iter().filter(|tool| tool.category == Some(*category)) {
            assert_eq!(guide.matches(&format!("| `{}` |", tool.name)).count(), 1, "{}", tool.name);
        }
        let words = guide.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for word in words.filter(|word| Category::ALL.iter().any(|category| word.starts_with(&format!("{category}_"))))
        {
            assert!(catalog().get(word).is_some(), "the guide of {category} names {word}, which is no tool");
        }
    }
}
