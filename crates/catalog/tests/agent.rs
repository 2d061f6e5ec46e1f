//! The tools for an agent's own calls, in a process of their own: what is listed is decided once.

use octavo_catalog::{Scope, Selection, Shape, catalog, is_agent_tool, list, open_log};
use serde_json::Value;

#[test]
fn they_are_listed_after_all_others_once_the_log_is_open() {
    // Before it is open there is no sign of them, even where the list was asked for already.
    let closed = list(Shape::Full, &Scope::default());
    assert!(!closed.contains("ops_trace") && catalog().get("ops_trace").is_none());
    open_log();
    open_log();
    assert_ne!(list(Shape::Full, &Scope::default()), closed);
    let names: Vec<&str> = catalog().tools().iter().map(|tool| tool.name).collect();
    let (others, own) = names.split_at(names.len() - 3);
    assert_eq!(own, ["ops_recent_errors", "ops_trace", "ops_tool_metrics"]);
    assert!(own.iter().all(|name| is_agent_tool(name)) && !others.iter().any(|name| is_agent_tool(name)));
    let select = |target| Scope::select(Selection { target, ..Selection::default() }).expect("a scope");
    let listed: Vec<Value> = serde_json::from_str(&list(Shape::Full, &select("/mcp"))).expect("JSON");
    for tool in listed.iter().filter(|tool| tool["name"].as_str().is_some_and(is_agent_tool)) {
        assert_eq!(tool["annotations"]["readOnlyHint"], true);
        assert_eq!(tool["inputSchema"]["additionalProperties"], false);
        assert!(tool["description"].as_str().is_some_and(|text| text.len() <= 300));
        assert!(tool.to_string().len() < 1200, "{tool}");
    }
    // A category's list is that category's, and who wants these alone may have them.
    let docker: Vec<Value> = serde_json::from_str(&list(Shape::Full, &select("/mcp/docker"))).expect("JSON");
    assert!(!docker.iter().any(|tool| tool["name"].as_str().is_some_and(is_agent_tool)));
    assert!(select("/mcp?tools=ops_trace").get("ops_trace").is_some());
}
