//! What a client sees of the catalogue: scopes, the search surface, resources and prompts, in both eras.

use octavo_category::Category;
use octavo_gateway::Reply;
use octavo_system_tests::{Fleet, body, registry};
use octavo_telemetry::Status;
use serde_json::{Value, json};

const VERSIONS: [&str; 5] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];
const MODERN: &str = "2026-07-28";

/// A request to a path and query in a version, with more headers (`name:value` lines).
fn ask(fleet: &Fleet, target: &str, version: &str, headers: &str, method: &str, mut params: Value) -> Reply {
    let mut lines = format!("content-type:application/json\nmcp-protocol-version:{version}\n{headers}");
    if version == MODERN {
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(version);
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
        lines.extend(["mcp-method:", method, "\n"]);
        if let Some(named) = params["name"].as_str().or(params["uri"].as_str()) {
            lines.extend(["mcp-name:", named, "\n"]);
        }
    }
    let body = json!({ "jsonrpc": "2.0", "id": "a", "method": method, "params": params });
    fleet.post(target, &lines, body.to_string().as_bytes())
}

fn result(reply: &Reply) -> Value {
    let answer = body(reply);
    assert!(answer["error"].is_null(), "{answer}");
    answer["result"].clone()
}

fn names(result: &Value, list: &str) -> Vec<String> {
    let entries = result[list].as_array().unwrap_or_else(|| panic!("no {list} in {result}"));
    let name = |entry: &Value| entry["name"].as_str().or(entry["uri"].as_str()).map(str::to_owned);
    entries.iter().filter_map(name).collect()
}

fn tools(fleet: &Fleet, target: &str, version: &str, headers: &str) -> Vec<String> {
    names(&result(&ask(fleet, target, version, headers, "tools/list", json!({}))), "tools")
}

fn call(fleet: &Fleet, target: &str, version: &str, name: &str, arguments: &Value) -> Value {
    result(&ask(fleet, target, version, "", "tools/call", json!({ "name": name, "arguments": arguments })))
}

/// Every example of every tool: full name, arguments.
fn examples() -> Vec<(String, Value)> {
    let mut examples = Vec::new();
    for registry in Category::ALL.iter().map(|category| registry(*category)) {
        for tool in registry.tools {
            let declaration = tool.declaration();
            let name = registry.full_name(&declaration);
            let arguments = declaration.examples.iter().map(|example| serde_json::from_str(example.arguments));
            examples.extend(arguments.map(|arguments| (name.clone(), arguments.expect("an example is JSON"))));
        }
    }
    examples
}

#[test]
fn path_query_and_headers_narrow_alike_in_every_version() {
    let fleet = Fleet::default();
    let (one, other) = ("docker_lint_dockerfile", "python_lint_code");
    for version in VERSIONS {
        let all = tools(&fleet, "/mcp", version, "");
        assert_eq!(tools(&fleet, "/mcp/docker", version, "").first().map(String::as_str), Some(one));
        for (target, headers) in [
            (format!("/mcp?tools={other},{one}"), String::new()),
            (format!("/mcp?tools={one}%2C{other}"), String::new()),
            ("/mcp".to_owned(), format!("x-mcp-tools:{one}, {other}\n")),
            (format!("/mcp?categories=docker,python&tools={one},{other}"), "x-mcp-toolsets:python,docker\n".to_owned()),
        ] {
            let listed = tools(&fleet, &target, version, &headers);
            assert_eq!(listed, [other, one], "the catalogue's order, whatever the request's: {target} {headers}");
        }
        let without: Vec<String> = all.iter().filter(|name| *name != one).cloned().collect();
        assert_eq!(tools(&fleet, &format!("/mcp?exclude={one}"), version, ""), without);
        assert_eq!(tools(&fleet, "/mcp", version, &format!("x-mcp-exclude-tools:{one}\n")), without);
    }
    for (headers, scope) in [("", "public"), ("x-mcp-toolsets:docker\n", "private")] {
        for method in ["tools/list", "resources/list", "resources/templates/list", "prompts/list"] {
            let list = result(&ask(&fleet, "/mcp?categories=docker", MODERN, headers, method, json!({})));
            assert_eq!(list["cacheScope"], scope, "{method}");
        }
    }
}

#[test]
fn full_schemas_come_where_the_version_has_them() {
    let fleet = Fleet::default();
    for version in VERSIONS {
        let list = result(&ask(&fleet, "/mcp?schemas=full", version, "", "tools/list", json!({})));
        let has = list["tools"]
            .as_array()
            .is_some_and(|tools| tools.iter().all(|tool| tool["outputSchema"]["type"] == "object"));
        assert_eq!(has, version >= "2025-06-18", "{version}");
    }
}

#[test]
fn what_is_not_known_is_a_400_that_says_what_was_meant() {
    let fleet = Fleet::default();
    for (target, headers, status, must_say) in [
        ("/mcp/dokcer", "", 400, "did you mean \"docker\"?"),
        ("/mcp/searhc", "", 400, "did you mean \"search\"?"),
        ("/mcp/docker/lint", "", 404, "No such endpoint"),
        ("/mcp?tool=docker_lint_dockerfile", "", 400, "did you mean \"tools\"?"),
        ("/mcp?categories=dockre", "", 400, "did you mean \"docker\"?"),
        ("/mcp?exclude=docker_lint_dockerfil", "", 400, "did you mean \"docker_lint_dockerfile\"?"),
        ("/mcp?schemas=fulll", "", 400, "did you mean \"full\"?"),
        ("/mcp", "x-mcp-tools:python_lint_cod\n", 400, "X-MCP-Tools"),
        ("/mcp/docker?categories=python", "", 400, "select no tool"),
    ] {
        for version in VERSIONS {
            let reply = ask(&fleet, target, version, headers, "tools/list", json!({}));
            let answer = body(&reply);
            assert_eq!((reply.status, answer["error"]["code"].as_i64()), (status, Some(-32600)), "{target} {headers}");
            assert_eq!(answer["id"], "a", "{target}");
            assert!(
                answer["error"]["message"].as_str().is_some_and(|text| text.contains(must_say)),
                "{target}: {answer}"
            );
        }
    }
}

#[test]
fn a_tool_outside_the_scope_is_unknown() {
    let fleet = Fleet::default();
    let params = json!({ "name": "docker_lint_dockerfile", "arguments": { "source": "FROM a:1\n" } });
    for version in VERSIONS {
        for target in ["/mcp/python", "/mcp?exclude=docker_lint_dockerfile", "/mcp/search?categories=python"] {
            let answer = body(&ask(&fleet, target, version, "", "tools/call", params.clone()));
            assert_eq!(answer["error"]["code"], -32602, "{target}");
        }
        let meta =
            body(&ask(&fleet, "/mcp", version, "", "tools/call", json!({ "name": "find_tools", "arguments": {} })));
        assert_eq!(meta["error"]["code"], -32602, "the search surface's tools are there alone");
    }
    let run = json!({ "name": "docker_lint_dockerfile", "arguments": {} });
    let refused = call(&fleet, "/mcp/search?categories=python", MODERN, "run_tool", &run);
    assert_eq!(
        (refused["isError"].as_bool(), &refused["_meta"]["dev.octavo/error"]["path"]),
        (Some(true), &json!("/name"))
    );
}

#[test]
fn the_search_surface_finds_runs_and_explains() {
    for version in VERSIONS {
        let fleet = Fleet::default();
        assert_eq!(tools(&fleet, "/mcp/search", version, ""), ["find_tools", "run_tool", "explain_rule"]);
        let found = call(&fleet, "/mcp/search", version, "find_tools", &json!({ "query": "lint my Dockerfile" }));
        let text = found["content"][0]["text"].as_str().unwrap_or_default();
        assert!(text.contains("docker_lint_dockerfile: ") && text.contains("inputSchema: {"), "{text}");
        let source = json!({ "source": "FROM debian\n" });
        let run = json!({ "name": "docker_lint_dockerfile", "arguments": source });
        let ran = call(&fleet, "/mcp/search", version, "run_tool", &run);
        let named = call(&fleet, "/mcp/search", version, "docker_lint_dockerfile", &source);
        assert_eq!(ran, named, "a call by name and through run_tool are one");
        assert!(ran["content"][0]["text"].as_str().is_some_and(|text| text.contains("DL3006")));
        for rule in ["DL3006", "docker/dl3006", "rule://docker/DL3006"] {
            let explained = call(&fleet, "/mcp/search", version, "explain_rule", &json!({ "rule": rule }));
            assert!(explained["content"][0]["text"].as_str().is_some_and(|text| text.starts_with("# docker/DL3006")));
            assert_eq!(explained["isError"], false);
        }
        let structured = version >= "2025-06-18";
        assert_eq!(found.get("structuredContent").is_some(), structured);
        assert_eq!(found["structuredContent"]["tools"][0]["name"] == "docker_lint_dockerfile", structured);
        assert_eq!(found.get("resultType").is_some(), version == MODERN);
        let logged: Vec<_> = fleet.log().into_iter().filter(|line| line.kind == octavo_telemetry::Kind::Mcp).collect();
        let logged: Vec<_> = logged.iter().map(|line| line.tool.as_deref().unwrap_or_default()).collect();
        let explain = "explain_rule";
        assert_eq!(
            logged,
            ["", "find_tools", "docker_lint_dockerfile", "docker_lint_dockerfile", explain, explain, explain]
        );
    }
}

#[test]
fn every_example_runs_through_run_tool_as_it_does_by_name() {
    let fleet = Fleet::default();
    for (name, arguments) in examples() {
        for version in [MODERN, "2025-11-25"] {
            let run = json!({ "name": name, "arguments": arguments });
            let ran = call(&fleet, "/mcp/search", version, "run_tool", &run);
            assert_eq!(ran, call(&fleet, "/mcp", version, &name, &arguments), "{name}");
        }
    }
}

#[test]
fn run_tool_streams_progress_like_the_tool_it_runs() {
    let fleet = Fleet::default();
    let (name, arguments) = examples().swap_remove(0);
    let asked = json!({ "name": "run_tool", "arguments": { "name": name, "arguments": arguments }, "_meta": { "progressToken": 5 } });
    for params in
        [asked, json!({ "name": "find_tools", "arguments": { "query": "lint" }, "_meta": { "progressToken": 5 } })]
    {
        let reply = ask(&fleet, "/mcp/search", MODERN, "", "tools/call", params);
        assert_eq!(reply.content_type, "text/event-stream");
        assert_eq!(reply.body.matches("\"result\"").count(), 1, "{}", reply.body);
    }
}

#[test]
fn wrong_calls_of_the_search_surface_are_tool_errors() {
    let fleet = Fleet::default();
    for (name, arguments, path, must_say) in [
        ("find_tools", json!({}), "/query", "is missing"),
        ("find_tools", json!({ "query": "x", "limit": 99 }), "/limit", "from 1 to 10"),
        ("run_tool", json!({ "name": "docker_lint_dockerfil" }), "/name", "did you mean docker_lint_dockerfile?"),
        ("run_tool", json!({ "name": "docker_lint_dockerfile", "arguments": "{}" }), "/arguments", "is not an object"),
        ("explain_rule", json!({ "rule": "docker/DL300" }), "/rule", "did you mean docker/DL300"),
        ("explain_rule", json!({ "role": "DL3006" }), "/role", "did you mean \"rule\"?"),
    ] {
        for version in VERSIONS {
            let refused = call(&fleet, "/mcp/search", version, name, &arguments);
            assert_eq!(refused["isError"], true, "{name} {arguments}");
            assert!(refused["content"][0]["text"].as_str().is_some_and(|text| text.contains(must_say)), "{refused}");
            let error = &refused["_meta"]["dev.octavo/error"];
            assert_eq!((&error["reason"], &error["path"]), (&json!("invalid_argument"), &json!(path)));
            assert_eq!((&error["retryable"], refused.get("structuredContent")), (&json!(false), None));
        }
    }
    assert!(fleet.log().iter().all(|line| line.status == Status::ToolError));
}

#[test]
fn resources_are_listed_and_read_in_every_version() {
    let fleet = Fleet::default();
    for version in VERSIONS {
        let list = result(&ask(&fleet, "/mcp", version, "", "resources/list", json!({})));
        let entries = list["resources"].as_array().expect("resources");
        assert_eq!(entries.len(), 3 * Category::ALL.len());
        assert_eq!(
            (list.get("ttlMs").is_some(), list.get("resultType").is_some()),
            (version == MODERN, version == MODERN)
        );
        for entry in entries {
            assert_eq!(entry.get("title").is_some(), version >= "2025-06-18");
            let uri = entry["uri"].as_str().expect("a URI");
            let read = result(&ask(&fleet, "/mcp", version, "", "resources/read", json!({ "uri": uri })));
            let contents = &read["contents"][0];
            assert_eq!((&contents["uri"], &contents["mimeType"]), (&json!(uri), &json!("text/markdown")));
            let start = if uri.starts_with("skill://") { "---\nname: octavo-" } else { "# " };
            assert!(contents["text"].as_str().is_some_and(|text| text.starts_with(start)), "{uri}");
            assert_eq!(read.get("cacheScope").is_some(), version == MODERN);
        }
        let templates = result(&ask(&fleet, "/mcp", version, "", "resources/templates/list", json!({})));
        assert_eq!(templates["resourceTemplates"][0]["uriTemplate"], "rule://{category}/{id}");
        let code = if version == MODERN { -32602 } else { -32002 };
        for uri in [
            "guide://nope",
            "guide://docker/x",
            "rule://docker/NOPE1",
            "rule://nope/DL3006",
            "rule://",
            "skill://octavo-nope/SKILL.md",
            "skill://octavo-docker",
            "file:///etc/passwd",
            "",
        ] {
            let reply = ask(&fleet, "/mcp", version, "", "resources/read", json!({ "uri": uri }));
            let error = &body(&reply)["error"];
            assert_eq!((reply.status, &error["code"], &error["data"]["uri"]), (200, &json!(code), &json!(uri)));
        }
        let reply = ask(&fleet, "/mcp", version, "", "resources/read", json!({}));
        assert_eq!(body(&reply)["error"]["code"], -32602);
        let scoped = result(&ask(&fleet, "/mcp/docker", version, "", "resources/list", json!({})));
        assert_eq!(names(&scoped, "resources"), ["docker_guide", "docker_rules", "octavo-docker"]);
        let outside = ask(&fleet, "/mcp/docker", version, "", "resources/read", json!({ "uri": "guide://python" }));
        assert_eq!(body(&outside)["error"]["code"], code);
        let other = json!({ "uri": "skill://octavo-python/SKILL.md" });
        let outside = ask(&fleet, "/mcp/docker", version, "", "resources/read", other);
        assert_eq!(body(&outside)["error"]["code"], code);
    }
}

#[test]
fn the_name_header_mirrors_a_resources_uri() {
    let fleet = Fleet::default();
    let meta =
        json!({ "io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {} });
    let sent = json!({ "jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": { "uri": "rule://docker/DL3006", "_meta": meta } });
    let headers = "content-type:application/json\nmcp-protocol-version:2026-07-28\nmcp-method:resources/read\n";
    for (name, status) in [
        ("", 400),
        ("mcp-name:docker/DL3006\n", 400),
        ("mcp-name:rule://docker/DL3006\n", 200),
        ("mcp-name:=?base64?cnVsZTovL2RvY2tlci9ETDMwMDY=?=\n", 200),
    ] {
        let reply = fleet.post("/mcp", &format!("{headers}{name}"), sent.to_string().as_bytes());
        assert_eq!(reply.status, status, "{name}");
        assert_eq!(body(&reply)["error"]["code"].as_i64(), (status == 400).then_some(-32020), "{name}");
    }
}

#[test]
fn every_rule_that_a_tool_can_name_has_a_page() {
    let fleet = Fleet::default();
    let mut pages = 0;
    for registry in Category::ALL.iter().map(|category| registry(*category)) {
        for tool in registry.tools {
            let name = registry.full_name(&tool.declaration());
            for page in tool.rule_pages() {
                pages += 1;
                let uri = format!("rule://{}/{}", registry.category, page.id);
                let read = result(&ask(&fleet, "/mcp", MODERN, "", "resources/read", json!({ "uri": uri })));
                let text = read["contents"][0]["text"].as_str().unwrap_or_default();
                for part in [&page.summary, &page.why, &page.wrong, &page.right, &page.source, &name] {
                    assert!(text.contains(part.trim_end()), "{uri} lacks {part:?}:\n{text}");
                }
                let explained = call(&fleet, "/mcp/search", "2025-11-25", "explain_rule", &json!({ "rule": uri }));
                assert_eq!(explained["content"][0]["text"].as_str(), Some(text.trim_end()), "{uri}");
            }
        }
    }
    assert!(pages > 1_000, "{pages} pages");
}

#[test]
fn prompts_are_listed_and_filled_in_every_version() {
    let fleet = Fleet::default();
    for version in VERSIONS {
        let list = result(&ask(&fleet, "/mcp", version, "", "prompts/list", json!({})));
        assert_eq!(names(&list, "prompts"), ["review_project", "harden_container", "plan_migration"]);
        for prompt in list["prompts"].as_array().expect("prompts") {
            assert_eq!(prompt.get("title").is_some(), version >= "2025-06-18");
            let arguments: serde_json::Map<String, Value> =
                names(prompt, "arguments").into_iter().map(|name| (name, json!("exactly this"))).collect();
            let params = json!({ "name": prompt["name"], "arguments": arguments });
            let got = result(&ask(&fleet, "/mcp", version, "", "prompts/get", params));
            assert_eq!(got.get("resultType").is_some(), version == MODERN);
            assert!(got.get("ttlMs").is_none(), "a prompt is not cached");
            let text = got["messages"][0]["content"]["text"].as_str().unwrap_or_default();
            assert_eq!(
                (&got["messages"][0]["role"], text.matches("exactly this").count()),
                (&json!("user"), arguments.len())
            );
            assert!(text.contains("verdict") && text.contains("cursor") && text.contains("fix"), "{text}");
        }
        for params in [
            json!({ "name": "nope" }),
            json!({}),
            json!({ "name": "review_project", "arguments": { "fucos": "x" } }),
            json!({ "name": "review_project", "arguments": { "focus": 5 } }),
            json!({ "name": "review_project", "arguments": ["x"] }),
            json!({ "name": "review_project", "arguments": { "focus": "x".repeat(2_000) } }),
        ] {
            let reply = ask(&fleet, "/mcp", version, "", "prompts/get", params);
            assert_eq!((reply.status, body(&reply)["error"]["code"].as_i64()), (200, Some(-32602)), "{}", reply.body);
        }
        let searched = ask(&fleet, "/mcp/search", version, "", "prompts/get", json!({ "name": "harden_container" }));
        let text = result(&searched)["messages"][0]["content"]["text"].to_string();
        assert!(text.contains("run_tool"), "{text}");
    }
}

#[test]
fn every_list_has_one_page() {
    let fleet = Fleet::default();
    for method in ["tools/list", "resources/list", "resources/templates/list", "prompts/list"] {
        for version in VERSIONS {
            let whole = result(&ask(&fleet, "/mcp", version, "", method, json!({})));
            assert!(whole.get("nextCursor").is_none(), "{method}");
            let reply = ask(&fleet, "/mcp", version, "", method, json!({ "cursor": "2" }));
            assert_eq!((reply.status, body(&reply)["error"]["code"].as_i64()), (200, Some(-32602)), "{method}");
        }
    }
}

#[test]
fn the_examples_of_the_guides_run() {
    let fleet = Fleet::default();
    for category in Category::ALL {
        let guide = octavo_catalog::guide(*category);
        let example = guide.split("## Example").nth(1).unwrap_or_else(|| panic!("{category}: no example"));
        let mut code = example.split('`').skip(1).step_by(2);
        let (tool, arguments) = (code.next().unwrap_or_default(), code.next().unwrap_or_default());
        let arguments: Value =
            serde_json::from_str(arguments).unwrap_or_else(|error| panic!("{category}: {error}: {arguments}"));
        let answered = call(&fleet, "/mcp", MODERN, tool, &arguments);
        assert_eq!(answered["isError"], false, "{category}: {answered}");
    }
}

#[test]
fn nothing_a_caller_sends_to_the_surface_reaches_the_log() {
    let canary = "canary-7f3a9c51";
    let fleet = Fleet::default();
    for target in [format!("/mcp/{canary}"), format!("/mcp?tools={canary}"), format!("/mcp?{canary}=1")] {
        assert!(!ask(&fleet, &target, MODERN, "", "tools/list", json!({})).body.contains(canary), "{target}");
    }
    for name in ["find_tools", "run_tool", "explain_rule"] {
        for arguments in [
            json!(canary),
            json!({ "query": canary }),
            json!({ "name": canary }),
            json!({ "rule": canary }),
            json!({ canary: 1 }),
        ] {
            ask(&fleet, "/mcp/search", MODERN, "", "tools/call", json!({ "name": name, "arguments": arguments }));
        }
    }
    ask(&fleet, "/mcp", MODERN, &format!("x-mcp-tools:{canary}\n"), "tools/list", json!({}));
    ask(&fleet, "/mcp", MODERN, "", "resources/read", json!({ "uri": canary }));
    ask(&fleet, "/mcp", MODERN, "", "prompts/get", json!({ "name": canary, "arguments": { canary: canary } }));
    for line in fleet.log() {
        assert!(!line.to_json().contains(canary), "{}", line.to_json());
    }
}
