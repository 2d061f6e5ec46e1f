//! What is broken, cut off or of another kind ends in a finding that says what was found, or in an error that says what is
//! accepted; never in a report that passes.

use octavo_nodejs::REGISTRY;
use serde_json::{Value, json};

fn findings(tool: &str, arguments: &Value) -> Vec<String> {
    let report = octavo_testkit::report(&REGISTRY, tool, arguments);
    let report = report.unwrap_or_else(|| panic!("{tool} refuses {arguments}"));
    assert_ne!(report["verdict"], "pass", "{tool} {arguments}");
    let all = report["findings"].as_array().expect("findings").clone();
    all.iter().map(|finding| finding["message"].as_str().expect("a message").to_owned()).collect()
}

fn says(tool: &str, arguments: &Value, words: &str) {
    let found = findings(tool, arguments);
    assert!(found.iter().any(|message| message.contains(words)), "{tool} {arguments}: {found:?} without {words:?}");
}

#[test]
fn lockfiles_of_unknown_versions_are_named() {
    for (path, source, words) in [
        ("package-lock.json", r#"{"lockfileVersion": 9, "packages": {}}"#, "lockfileVersion 9; 1, 2 and 3 are known"),
        ("pnpm-lock.yaml", "lockfileVersion: '12.0'\npackages: {}\n", "lockfileVersion 12.0; 5 to 9 are known"),
        ("bun.lock", r#"{"lockfileVersion": 7, "workspaces": {}}"#, "lockfileVersion 7; 0 and 1 are known"),
        ("yarn.lock", "__metadata:\n  version: 99\n", "__metadata version 99; 4 to 8 are known"),
        ("package-lock.json", r#"{"name": "a", "version": "1"}"#, "neither lockfileVersion nor packages"),
        ("package-lock.json", r#"{"lockfileVersion": 3, "packages": {"": {"#, "is expected here"),
        ("yarn.lock", "# yarn lockfile v1\n\na@1:\n  version", "is expected here"),
        ("pnpm-lock.yaml", "lockfileVersion: '9.0'\npackages: [\n", "is expected here"),
        ("bun.lock", r#"{"lockfileVersion": 1, "#, "is expected here"),
        ("package-lock.json", "[]", "no lockfile that is known; accepted: package-lock.json"),
        ("package-lock.json", "", "no lockfile that is known; accepted: package-lock.json"),
    ] {
        let files = json!([{"path": path, "source": source}]);
        says("analyze_lockfile", &json!({"files": files}), words);
        says("match_advisories", &json!({"files": files, "advisories": "[]"}), words);
    }
}

#[test]
fn advisories_of_another_kind_are_named() {
    let files = json!([{"path": "package-lock.json", "source": r#"{"lockfileVersion":3,"packages":{"":{}}}"#}]);
    for (advisories, words) in
        [("{", "is expected here"), ("[1]", "an advisory is an object"), (r#"[{"id":"x"}]"#, "neither OSV")]
    {
        says("match_advisories", &json!({"files": files, "advisories": advisories}), words);
    }
}

#[test]
fn profiles_and_heaps_of_another_kind_are_named() {
    for (text, cpu, heap) in [
        (r#"{"nodes":[]"#, "broken or cut off", "broken or cut off"),
        (
            r#"{"foo":1}"#,
            "no CPU profile but an object with the members foo",
            "no heap but an object with the members foo",
        ),
        ("", "the text is empty", "no heap but empty"),
        ("<svg>", "no CPU profile but a text", "no heap but no JSON object"),
    ] {
        says("analyze_cpu_profile", &json!({"profile": text}), cpu);
        says("analyze_heap", &json!({"snapshot": text}), heap);
    }
}

#[test]
fn bundles_of_another_kind_are_named() {
    for (text, words) in [
        (r#"{"inputs":{},"outputs":{}"#, "is expected here"),
        (r#"{"foo":1}"#, "an object with the members foo; accepted are an esbuild metafile"),
    ] {
        says("analyze_bundle", &json!({"files": [{"path": "meta.json", "source": text}]}), words);
    }
}

#[test]
fn manifests_that_are_no_json_are_named() {
    for (source, words) in [("{", "is expected here"), ("[]", "object")] {
        let files = json!({"files": [{"path": "package.json", "source": source}]});
        says("find_unused_dependencies", &files, words);
        says("check_package_publish", &files, words);
    }
    says("solve_dependency_ranges", &json!({"manifest": "{", "packuments": "["}), "is expected here");
}

#[test]
fn cycles_of_imports_references_and_peers_end() {
    let files = json!({"files": [
        {"path": "package.json", "source": r#"{"name":"a","main":"a.ts","dependencies":{"p":"1","q":"1"}}"#},
        {"path": "tsconfig.json", "source": r#"{"extends":"./tsconfig.json","references":[{"path":"./tsconfig.json"}]}"#},
        {"path": "a.ts", "source": "export * from './b';\nexport * from './a';\n"},
        {"path": "b.ts", "source": "export * from './a';\nexport * as b from './b';\n"},
        {"path": ".eslintrc.js", "source": "module.exports = { ...require('./.eslintrc.js'), extends: ['./.eslintrc.js'] };"},
        {"path": "node_modules/p/package.json", "source": r#"{"name":"p","peerDependencies":{"q":"1"}}"#},
        {"path": "node_modules/q/package.json", "source": r#"{"name":"q","peerDependencies":{"p":"1"}}"#},
    ]});
    says("find_unused_dependencies", &files, "p is not used");
}
