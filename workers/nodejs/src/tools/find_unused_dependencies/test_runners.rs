//! What the configurations of test runners name: one function a tool, each after the tool's own documentation of its options.

use super::config_value::ConfigValue;
use super::inputs::{Inputs, each, firsts, values};
use super::plugin_inputs::{babel_calls, babel_options};
use super::project::package_name;
use crate::support::json::{Kind, Node};
use crate::support::package_tree::join;

/// Where Jest looks for tests.
pub(super) const JEST_TESTS: &[&str] = &[
    "**/__tests__/**/*.{js,jsx,ts,tsx,mjs,cjs,mts,cts}",
    "**/*.{spec,test}.{js,jsx,ts,tsx,mjs,cjs,mts,cts}",
    "**/{spec,test}.{js,jsx,ts,tsx,mjs,cjs,mts,cts}",
    MOCKS,
];
const MOCKS: &str = "**/__mocks__/**/*.{js,jsx,ts,tsx,mjs,cjs,mts,cts}";
/// Where Vitest looks for tests.
pub(super) const VITEST_TESTS: &[&str] =
    &["**/*.{bench,test,test-d,spec,spec-d}.{js,jsx,ts,tsx,mjs,cjs,mts,cts}", MOCKS];
/// Where Mocha looks for tests.
pub(super) const MOCHA_TESTS: &[&str] = &["**/test/*.{js,cjs,mjs}"];
/// Where Playwright looks for tests.
pub(super) const PLAYWRIGHT_TESTS: &str = "**/*.{spec,test}.{js,jsx,ts,tsx,mjs,cjs,mts,cts}";
/// Where Cypress looks for tests and their support.
pub(super) const CYPRESS_FILES: &[&str] = &[
    "cypress/e2e/**/*.cy.{js,jsx,ts,tsx}",
    "cypress/support/e2e.{js,jsx,ts,tsx}",
    "cypress/support/{commands,component}.{js,ts}",
    "cypress/plugins/index.js",
];
/// <https://github.com/avajs/ava/blob/main/docs/06-configuration.md>
pub(super) fn ava(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    patterns(config.value.get("files"), super::plugins::entries_of("ava"), inputs);
    for module in each(config.value.get("require")) {
        inputs.module(module.as_str().unwrap_or_default(), module);
    }
    let arguments: Vec<&str> = each(config.value.get("nodeArguments")).iter().filter_map(|one| one.as_str()).collect();
    if !arguments.is_empty() {
        inputs.command(&format!("node {}", arguments.join(" ")), false);
    }
}

// The entry patterns that are given, or the usual ones.
fn patterns(given: Option<&Node>, usual: &[&str], inputs: &mut Inputs<'_>) {
    let given = each(given);
    if given.is_empty() {
        usual.iter().for_each(|pattern| inputs.entry(pattern));
    }
    for pattern in given.iter().filter_map(|one| one.as_str()) {
        inputs.entry(pattern);
    }
}

/// <https://docs.cypress.io/app/references/configuration>
pub(super) fn cypress(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    let scopes = [Some(&config.value), config.value.get("e2e"), config.value.get("component")];
    let (mut specs, mut support) = (Vec::new(), Vec::new());
    for scope in scopes.into_iter().flatten() {
        inputs.modules(scope.get("reporter"));
        specs.extend(each(scope.get("specPattern")));
        support.extend(each(scope.get("supportFile")).into_iter().filter(|one| one.as_str().is_some()));
    }
    let usual = |inputs: &mut Inputs<'_>, is_spec: bool| {
        for pattern in CYPRESS_FILES.iter().filter(|pattern| pattern.contains(".cy.") == is_spec) {
            inputs.entry(pattern);
        }
    };
    for (given, is_spec) in [(specs, true), (support, false)] {
        if given.is_empty() {
            usual(inputs, is_spec);
        }
        given.iter().filter_map(|one| one.as_str()).for_each(|pattern| inputs.entry(pattern));
    }
}

/// <https://jestjs.io/docs/configuration>
pub(super) fn jest(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    let value = &config.value;
    patterns_in_root(value.get("testMatch"), inputs);
    jest_options(value, inputs);
}

fn patterns_in_root(given: Option<&Node>, inputs: &mut Inputs<'_>) {
    let given = each(given);
    if given.is_empty() {
        JEST_TESTS.iter().for_each(|pattern| inputs.entry(pattern));
        return;
    }
    inputs.entry(MOCKS);
    for pattern in given.iter().filter_map(|one| one.as_str()) {
        let pattern = pattern.replace("<rootDir>/", "").replace("<rootDir>", ".");
        inputs.entry(&pattern);
    }
}

fn jest_options(options: &Node, inputs: &mut Inputs<'_>) {
    let root = inputs.below(options.get("rootDir"));
    let ask = |inputs: &mut Inputs<'_>, name: &str, at: &Node| match name.strip_prefix("<rootDir>") {
        Some(rest) => inputs.module_from(&format!("./{}", rest.trim_start_matches('/')), at, &root),
        None => inputs.module(name, at),
    };
    for one in each(options.get("preset")) {
        let name = one.as_str().unwrap_or_default();
        if name.starts_with('.') {
            ask(inputs, name, one);
        } else {
            ask(inputs, &format!("{name}/jest-preset"), one);
        }
    }
    for one in each(options.get("projects")) {
        match one.as_str() {
            Some(path) => {
                let path = path.replace("<rootDir>/", "./");
                let folder = inputs.folder.to_owned();
                inputs.file_from(&path, &one.span, &folder);
            }
            None => jest_options(one, inputs),
        }
    }
    if let Some(environment) = options.get("testEnvironment") {
        match environment.as_str() {
            Some("jsdom") => inputs.module("jest-environment-jsdom", environment),
            Some("node") => inputs.maybe_module("jest-environment-node", environment),
            Some(name) => ask(inputs, name, environment),
            None => {}
        }
    }
    for field in [
        "runner",
        "resolver",
        "testResultsProcessor",
        "snapshotResolver",
        "testSequencer",
        "globalSetup",
        "globalTeardown",
        "runtime",
        "testRunner",
    ] {
        for one in firsts(options.get(field)) {
            let name = one.as_str().unwrap_or_default();
            if !matches!(name, "jest-circus" | "jest-circus/runner" | "jest-runner" | "jasmine2") {
                ask(inputs, name, one);
            }
        }
    }
    for field in ["setupFiles", "setupFilesAfterEnv", "snapshotSerializers", "watchPlugins", "reporters"] {
        for one in firsts(options.get(field)) {
            let name = one.as_str().unwrap_or_default();
            let is_own = field == "reporters" && matches!(name, "default" | "github-actions" | "summary");
            if !is_own {
                ask(inputs, name, one);
            }
        }
    }
    for one in values(options.get("transform")) {
        let name = each(Some(one)).first().and_then(|first| first.as_str()).unwrap_or_default();
        if !name.is_empty() {
            ask(inputs, name, one);
        }
        if let Some(options) = each(Some(one)).get(1).filter(|_| name == "babel-jest") {
            if let Some(file) = options.get("configFile")
                && let Some(path) = file.as_str()
            {
                let (path, folder) = match path.strip_prefix("<rootDir>/") {
                    Some(path) => (format!("./{path}"), root.clone()),
                    None => (path.to_owned(), inputs.workspace.to_owned()),
                };
                inputs.config_from("babel", &path, file, &folder);
            }
            babel_options(options, inputs);
        }
    }
    for one in values(options.get("moduleNameMapper")) {
        let name = each(Some(one)).first().and_then(|first| first.as_str()).unwrap_or_default();
        let has_group = name.as_bytes().windows(2).any(|pair| matches!(pair, [b'$', digit] if digit.is_ascii_digit()));
        if !name.is_empty() && !has_group {
            ask(inputs, name, one);
        }
    }
}

/// <https://karma-runner.github.io/latest/config/configuration-file.html>
pub(super) fn karma(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    let value = &config.value;
    for one in each(value.get("frameworks")) {
        let name = one.as_str().unwrap_or_default();
        inputs.package(if name == "jasmine" { "jasmine-core" } else { name }, one);
    }
    match value.get("plugins") {
        Some(plugins) => {
            for one in each(Some(plugins)).into_iter().filter(|one| one.as_str().is_some()) {
                let name = one.as_str().unwrap_or_default();
                if name.starts_with('.') {
                    let folder = inputs.folder.to_owned();
                    inputs.file_from(name, &one.span, &folder);
                } else {
                    inputs.package(name, one);
                }
            }
        }
        // It loads all that are installed beside it.
        None => {
            for name in inputs.for_development.iter().filter(|name| name.starts_with("karma-")) {
                inputs.package(name, value);
            }
        }
    }
    let base = inputs.below(value.get("basePath"));
    for (field, sign) in [("files", ""), ("exclude", "!")] {
        for one in each(value.get(field)) {
            if let Some(pattern) = one.as_str().or_else(|| one.get("pattern").and_then(Node::as_str)) {
                inputs.entry_from(&format!("{sign}{pattern}"), &base);
            }
        }
    }
}

/// <https://mochajs.org/#configuring-mocha-nodejs>
pub(super) fn mocha(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    patterns(config.value.get("spec"), MOCHA_TESTS, inputs);
    let workspace = inputs.workspace.to_owned();
    for one in each(config.value.get("require")) {
        inputs.module_from(one.as_str().unwrap_or_default(), one, &workspace);
    }
}

/// <https://github.com/istanbuljs/nyc#configuration-files>
pub(super) fn nyc(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    inputs.modules(config.value.get("extends"));
    inputs.modules(config.value.get("require"));
}

/// <https://playwright.dev/docs/test-configuration>
pub(super) fn playwright(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    const OWN: &[&str] = &["dot", "line", "list", "junit", "html", "blob", "json", "github", "null"];
    let value = &config.value;
    for project in std::iter::once(value).chain(each(value.get("projects"))) {
        let folder = inputs.below(project.get("testDir").or_else(|| value.get("testDir")));
        let given: Vec<&str> = each(project.get("testMatch")).iter().filter_map(|one| one.as_str()).collect();
        let usual = project.get("testMatch").is_none().then_some(PLAYWRIGHT_TESTS);
        given.into_iter().chain(usual).for_each(|pattern| inputs.entry_from(pattern, &folder));
    }
    for one in firsts(value.get("reporter")) {
        let name = one.as_str().unwrap_or_default();
        if !OWN.contains(&name) {
            inputs.module(name, one);
        }
    }
    for field in ["globalSetup", "globalTeardown"] {
        each(value.get(field)).iter().filter_map(|one| one.as_str()).for_each(|path| inputs.entry(path));
    }
}

/// <https://vitest.dev/config/>, <https://vite.dev/config/>
pub(super) fn vitest(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    inputs.entry("src/vite-env.d.ts");
    for options in each(Some(&config.value)) {
        vite_options(options, inputs);
        for project in each(options.get("test").and_then(|test| test.get("projects"))) {
            if let Some(path) = project.as_str() {
                inputs.config("vitest", path, project);
                continue;
            }
            if let Some(base) = project.get("extends")
                && let Some(path) = base.as_str()
            {
                inputs.config("vitest", path, base);
            }
            vite_options(project, inputs);
        }
    }
    babel_calls(config, inputs);
}

fn vite_options(options: &Node, inputs: &mut Inputs<'_>) {
    if options.as_object().is_none() {
        return;
    }
    if let Some(root) = options.get("root").and_then(Node::as_str)
        && let Some(folder) = join(inputs.workspace, root)
    {
        inputs.file_from("index.html", &(0..0), &folder);
    }
    let test = options.get("test");
    let root = test.and_then(|test| test.get("root")).and_then(Node::as_str).unwrap_or(".");
    let root = join(inputs.workspace, root).unwrap_or_default();
    if let Some(test) = test.filter(|test| test.as_object().is_some()) {
        let include = each(test.get("include"));
        if include.is_empty() {
            VITEST_TESTS.iter().for_each(|pattern| inputs.entry_from(pattern, &root));
        } else {
            let bench = each(test.get("benchmark").and_then(|benchmark| benchmark.get("include")));
            let usual = bench.is_empty().then_some("**/*.bench.{js,jsx,ts,tsx,mjs,cjs,mts,cts}");
            let given = include.iter().chain(&bench).filter_map(|one| one.as_str()).filter(|one| !one.starts_with('!'));
            given.chain(usual).chain([MOCKS]).for_each(|pattern| inputs.entry_from(pattern, &root));
        }
        vitest_options(test, &root, inputs);
        inputs.aliases(test.get("alias"));
    }
    let resolve = options.get("resolve");
    inputs.aliases(resolve.and_then(|resolve| resolve.get("alias")));
    let optional = [
        resolve.and_then(|resolve| resolve.get("dedupe")),
        options.get("optimizeDeps").and_then(|deps| deps.get("include")),
        options.get("ssr").and_then(|ssr| ssr.get("external")),
    ];
    for one in optional.into_iter().flat_map(each) {
        let name = one.as_str().and_then(|name| name.split('>').next()).map(str::trim).and_then(package_name);
        inputs.maybe_package(name.unwrap_or_default(), one);
    }
    let library = options.get("build").and_then(|build| build.get("lib")).and_then(|lib| lib.get("entry"));
    let mut found = Vec::new();
    if let Some(library) = library {
        super::config_value::strings_below(library, &mut found);
    }
    for (path, _) in found {
        inputs.entry_from(&path, &root);
    }
}

fn vitest_options(test: &Node, root: &str, inputs: &mut Inputs<'_>) {
    if let Some(environment) = test.get("environment") {
        match environment.as_str() {
            Some("node") | None => {}
            Some(name @ ("jsdom" | "happy-dom")) => inputs.package(name, environment),
            Some("edge-runtime") => inputs.package("@edge-runtime/vm", environment),
            Some(name) if name.starts_with(['.', '/']) => inputs.module(name, environment),
            Some(name) => inputs.package(&format!("vitest-environment-{name}"), environment),
        }
    }
    for one in firsts(test.get("reporters")) {
        if let Some(name) = one.as_str().filter(|name| !is_vitest_reporter(name)) {
            if name.starts_with('.') { inputs.module(name, one) } else { inputs.package(name, one) }
        }
    }
    if let Some(coverage) = test.get("coverage").filter(|coverage| coverage.as_object().is_some()) {
        let is_off = coverage.get("enabled").is_some_and(|enabled| enabled.kind == Kind::Bool(false));
        let provider = coverage.get("provider").and_then(Node::as_str);
        if provider.is_some() || !is_off {
            match provider.unwrap_or("v8") {
                "custom" => inputs.modules(coverage.get("customProviderModule")),
                provider => inputs.package(&format!("@vitest/coverage-{provider}"), coverage),
            }
        }
    }
    for field in ["setupFiles", "snapshotSerializers"] {
        for one in each(test.get(field)) {
            inputs.module_from(one.as_str().unwrap_or_default(), one, root);
        }
    }
    inputs.modules(test.get("globalSetup"));
    for one in each(test.get("workspace")).into_iter().chain(each(test.get("projects"))) {
        if let Some(test) = one.get("test") {
            vitest_options(test, root, inputs);
        }
    }
}

/// Whether Vitest brings a reporter itself.
pub(super) fn is_vitest_reporter(name: &str) -> bool {
    const OWN: &[&str] = &[
        "agent",
        "basic",
        "blob",
        "default",
        "dot",
        "github-actions",
        "hanging-process",
        "html",
        "json",
        "junit",
        "minimal",
        "tap",
        "tap-flat",
        "tree",
        "verbose",
    ];
    OWN.contains(&name)
}
