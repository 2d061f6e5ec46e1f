//! What the configurations of tools name: one function a tool, each after the tool's own documentation of its options.

use super::config_value::ConfigValue;
use super::inputs::{Inputs, each, firsts, values};
use super::project::package_name;
use crate::support::json::{Kind, Node, Object};
use crate::support::package_tree::base_name;

/// The files by which Next.js routes.
pub(super) const NEXT_FILES: &[&str] = &[
    "{,src/}app/{,[(]*[)]/}{manifest,robots}.{js,ts}",
    "{,src/}app/**/sitemap.{js,ts}",
    "{,src/}app/**/{icon,apple-icon,opengraph-image,twitter-image}.{js,jsx,ts,tsx}",
    "{,src/}{instrumentation,instrumentation-client,middleware,proxy}.{js,jsx,ts,tsx}",
    "{,src/}app/global-{error,not-found}.{js,jsx,ts,tsx}",
    "{,src/}app/**/{default,error,forbidden,loading,not-found,unauthorized,layout,page,route,template}.{js,jsx,ts,tsx}",
    "{,src/}pages/**/*.{js,jsx,ts,tsx}",
];
/// Where Storybook looks for stories and what is around them.
pub(super) const STORYBOOK_FILES: &[&str] =
    &[".{storybook,rnstorybook}/{manager,preview,index,vitest.setup}.{js,jsx,ts,tsx}", STORIES];
const STORIES: &str = "**/*.stories.{mdx,js,jsx,mjs,ts,tsx}";

/// <https://babeljs.io/docs/options#name-normalization>
pub(super) fn babel(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    babel_options(&config.value, inputs);
}

pub(super) fn babel_options(options: &Node, inputs: &mut Inputs<'_>) {
    for (field, kind) in [("presets", "preset"), ("plugins", "plugin")] {
        for one in firsts(options.get(field)) {
            let name = babel_name(one.as_str().unwrap_or_default(), kind);
            inputs.module(&name, one);
            if name == "@babel/plugin-transform-runtime" {
                inputs.maybe_module("@babel/runtime", one);
            }
        }
    }
    for one in values(options.get("env")).into_iter().chain(each(options.get("overrides"))) {
        babel_options(one, inputs);
    }
}

fn babel_name(name: &str, kind: &str) -> String {
    if name.starts_with(['.', '/']) {
        return name.to_owned();
    }
    if let Some(name) = name.strip_prefix("module:") {
        return name.to_owned();
    }
    let (scope, rest) = match name.strip_prefix('@') {
        Some(inner) => match inner.split_once('/') {
            Some((scope, rest)) => (Some(scope), rest),
            None => return format!("{name}/babel-{kind}"),
        },
        None => (None, name),
    };
    if rest.contains('/') {
        return name.to_owned();
    }
    match scope {
        Some("babel") if rest.starts_with(kind) => name.to_owned(),
        Some("babel") => format!("@babel/{kind}-{rest}"),
        Some(_) if rest.contains(&format!("babel-{kind}")) => name.to_owned(),
        Some(scope) => format!("@{scope}/babel-{kind}-{rest}"),
        None if rest.starts_with(&format!("babel-{kind}")) => name.to_owned(),
        None => format!("babel-{kind}-{rest}"),
    }
}

/// <https://commitlint.js.org/reference/configuration.html>
pub(super) fn commitlint(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    for one in each(config.value.get("extends")) {
        let name = one.as_str().unwrap_or_default();
        if name.starts_with('.') {
            inputs.module(name, one);
        } else if name.starts_with('@') || name.starts_with("commitlint-config-") {
            inputs.package(package_name(name).unwrap_or(name), one);
        } else {
            inputs.package(&format!("commitlint-config-{name}"), one);
        }
    }
    let preset = config.value.get("parserPreset");
    let preset = preset.map(|preset| preset.get("path").unwrap_or(preset));
    for one in each(config.value.get("plugins")).into_iter().chain(each(config.value.get("formatter"))).chain(preset) {
        inputs.package(one.as_str().and_then(package_name).unwrap_or_default(), one);
    }
}

/// <https://esbuild.github.io/api/#entry-points>
pub(super) fn esbuild(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    production(config.named("entryPoints"), inputs);
}

/// <https://rollupjs.org/configuration-options/#input>
pub(super) fn rollup(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    production(config.named("input"), inputs);
}

/// <https://tsup.egoist.dev/#bundle-files>, <https://tsdown.dev/options/entry>
pub(super) fn bundled(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    production(config.named("entry"), inputs);
    for (name, span) in config.named("neverBundle") {
        inputs.maybe_package(package_name(name).unwrap_or_default(), &Node { kind: Kind::Null, span: span.clone() });
    }
    let mut found = Vec::new();
    for one in each(Some(&config.value)) {
        super::config_value::strings_below(
            one.get("entry").unwrap_or(&Node { kind: Kind::Null, span: 0..0 }),
            &mut found,
        );
    }
    production(&found, inputs);
}

fn production(named: &[(String, std::ops::Range<usize>)], inputs: &mut Inputs<'_>) {
    for (pattern, _) in named {
        inputs.production_entry(pattern);
    }
}

/// <https://eslint.org/docs/latest/use/configure/configuration-files>; the older kind names packages by short names.
pub(super) fn eslint(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    if base_name(inputs.file).starts_with("eslint.config.") {
        eslint_flat(&config.value, inputs);
    } else {
        eslint_options(&config.value, inputs);
    }
}

/// <https://github.com/xojs/xo#config>
pub(super) fn xo(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    if base_name(inputs.file).starts_with("xo.config.") {
        eslint_flat(&config.value, inputs);
    } else {
        eslint_options(&config.value, inputs);
    }
}

fn eslint_flat(value: &Node, inputs: &mut Inputs<'_>) {
    // What the import plugin resolves by is found by it where it is installed.
    inputs.maybe_package("eslint-import-resolver-typescript", value);
    for one in each(Some(value)) {
        for (name, at) in eslint_settings(one.get("settings")) {
            inputs.maybe_module(&name, at);
        }
    }
}

fn eslint_options(options: &Node, inputs: &mut Inputs<'_>) {
    let mut has_prettier = None;
    for one in each(options.get("extends")) {
        let name = one.as_str().unwrap_or_default();
        if name.starts_with(['.', '/']) {
            inputs.config("eslint", name, one);
        } else if !name.is_empty() && !name.starts_with("eslint:") {
            let kind = if name.starts_with("plugin:") { "eslint-plugin" } else { "eslint-config" };
            let full = eslint_name(name, kind);
            has_prettier = has_prettier.or(full.starts_with("eslint-plugin-prettier").then_some(one));
            inputs.module(&full, one);
        }
    }
    // Its recommended configuration extends this one.
    if let Some(at) = has_prettier {
        inputs.module("eslint-config-prettier", at);
    }
    for one in each(options.get("plugins")) {
        let name = one.as_str().unwrap_or_default();
        if !name.is_empty() {
            inputs.module(&eslint_name(name, "eslint-plugin"), one);
        }
    }
    let parser_options = options.get("parserOptions");
    let parser = options.get("parser").or_else(|| parser_options.and_then(|options| options.get("parser")));
    inputs.modules(parser.filter(|parser| parser.as_str().is_some()));
    if let Some(options) = parser_options.and_then(|options| options.get("babelOptions")) {
        babel_options(options, inputs);
    }
    for (name, at) in eslint_settings(options.get("settings")) {
        inputs.module(&name, at);
    }
    for one in each(options.get("overrides")) {
        eslint_options(one, inputs);
    }
}

// <https://eslint.org/docs/v8.x/extend/shareable-configs#using-a-shareable-config>
fn eslint_name(name: &str, kind: &str) -> String {
    let is_plugin = name.starts_with("plugin:");
    let name = name.strip_prefix("plugin:").unwrap_or(name);
    let name = name.split(':').next().unwrap_or(name);
    let is_whole = name == "eslint"
        || name.ends_with("/eslint-config")
        || name.ends_with("/eslint-plugin")
        || ["eslint-config-", "eslint-plugin-"].iter().any(|part| name.contains(part))
        || ["/eslint-config/", "/eslint-plugin/"].iter().any(|part| name.contains(part));
    if is_whole {
        return name.to_owned();
    }
    let Some((scope, rest)) = name.strip_prefix('@').map(|inner| inner.split_once('/').unwrap_or((inner, ""))) else {
        return format!("{kind}-{}", name.split('/').next().unwrap_or(name));
    };
    match rest {
        "" => format!("@{scope}/{kind}"),
        // `plugin:@scope/recommended` is a configuration of the scope's only plugin.
        rest if is_plugin && !rest.contains('/') => format!("@{scope}/{kind}"),
        rest => format!("@{scope}/{kind}-{rest}"),
    }
}

fn eslint_settings(settings: Option<&Node>) -> Vec<(String, &Node)> {
    let mut found = Vec::new();
    for (key, prefix) in [("import/resolver", "eslint-import-resolver-"), ("import/parsers", "")] {
        let Some(setting) = settings.and_then(|settings| settings.get(key)) else { continue };
        let names: Vec<(&str, &Node)> = match &setting.kind {
            Kind::Object(object) => object.members().iter().map(|one| (one.key.as_str(), &one.value)).collect(),
            _ => each(Some(setting)).into_iter().filter_map(|one| Some((one.as_str()?, one))).collect(),
        };
        for (name, at) in names.into_iter().filter(|(name, _)| *name != "node") {
            let is_path = name.starts_with(['.', '/']);
            found.push((if is_path { name.to_owned() } else { format!("{prefix}{name}") }, at));
        }
    }
    found
}

/// <https://docs.github.com/actions/reference/workflow-syntax-for-github-actions>
pub(super) fn github_actions(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    let is_action = base_name(inputs.file).starts_with("action.");
    let runs = config.value.get("runs");
    let is_node =
        runs.and_then(|runs| runs.get("using")).and_then(Node::as_str).is_some_and(|name| name.starts_with("node"));
    if is_action && is_node {
        for field in ["pre", "main", "post"] {
            if let Some(path) = runs.and_then(|runs| runs.get(field)).and_then(Node::as_str) {
                let folder = inputs.folder.to_owned();
                inputs.entry_from(path, &folder);
            }
        }
    }
    let mut steps = Vec::new();
    with_key(&config.value, "steps", &mut steps);
    for step in steps.into_iter().flat_map(|steps| each(Some(steps))) {
        if let Some(run) = step.get("run").and_then(Node::as_str) {
            let folder = step.get("working-directory").and_then(Node::as_str).map(str::to_owned);
            // An action is called from elsewhere.
            let own = format!("./{}", inputs.folder);
            let run = [
                "${{ github.action_path }}",
                "${{github.action_path}}",
                "${GITHUB_ACTION_PATH}",
                "$GITHUB_ACTION_PATH",
            ]
            .iter()
            .fold(run.to_owned(), |run, name| run.replace(name, &own));
            inputs.command_in(&run, false, folder);
        }
    }
}

// Every value of members of this name, however deep.
fn with_key<'n>(node: &'n Node, key: &str, found: &mut Vec<&'n Node>) {
    match &node.kind {
        Kind::Object(object) => {
            for member in object.members() {
                if member.key == key {
                    found.push(&member.value);
                }
                with_key(&member.value, key, found);
            }
        }
        Kind::Array(items) => items.iter().for_each(|item| with_key(item, key, found)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {}
    }
}

/// <https://lefthook.dev/configuration/>
pub(super) fn lefthook(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    let mut runs = Vec::new();
    with_key(&config.value, "run", &mut runs);
    for run in runs.into_iter().filter_map(Node::as_str) {
        inputs.command(run, false);
    }
    for name in ["lefthook", "@arkweid/lefthook", "@evilmartians/lefthook"] {
        inputs.maybe_package(name, &config.value);
    }
}

/// The commands of an object's members: lint-staged, nano-staged, yorkie.
pub(super) fn commands(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    for member in config.value.as_object().map(Object::members).unwrap_or_default() {
        if !member.key.starts_with('_') {
            for command in each(Some(&member.value)).iter().filter_map(|one| one.as_str()) {
                inputs.command(command, true);
            }
        }
    }
}

/// <https://github.com/yyx990803/yorkie>
pub(super) fn yorkie(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    inputs.package("yorkie", &config.value);
    commands(config, inputs);
}

/// <https://github.com/toplenboren/simple-git-hooks#additional-configuration-options>
pub(super) fn simple_git_hooks(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    inputs.package("simple-git-hooks", &config.value);
    commands(config, inputs);
}

/// <https://nextjs.org/docs/app/api-reference/config/next-config-js/pageExtensions>
pub(super) fn next(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    let extensions: Vec<&str> = config.named("pageExtensions").iter().map(|(name, _)| name.as_str()).collect();
    for (name, span) in config.named("loader").iter().chain(config.named("use")) {
        inputs.maybe_module(name, &Node { kind: Kind::Null, span: span.clone() });
    }
    inputs.production_here("next-env.d.ts");
    for pattern in NEXT_FILES {
        if extensions.is_empty() {
            inputs.production_here(pattern);
        } else {
            inputs.production_here(&pattern.replace("{js,jsx,ts,tsx}", &format!("{{{}}}", extensions.join(","))));
        }
    }
}

/// <https://github.com/postcss/postcss-load-config>
pub(super) fn postcss(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    let plugins = config.value.get("plugins");
    let names: Vec<(&str, &Node)> = match plugins.map(|plugins| &plugins.kind) {
        Some(Kind::Object(object)) => object.members().iter().map(|one| (one.key.as_str(), &one.value)).collect(),
        _ => firsts(plugins).into_iter().filter_map(|one| Some((one.as_str()?, one))).collect(),
    };
    for (name, at) in names {
        // A value that is no text has no place of its own; the member's key does not matter to the reader.
        let at = if at.is_null() { &config.value } else { at };
        inputs.module(name, at);
        match name {
            "tailwindcss" => inputs.package("postcss", at),
            "@tailwindcss/postcss" => inputs.maybe_package("postcss", at),
            _ => {}
        }
    }
}

/// <https://prettier.io/docs/configuration>
pub(super) fn prettier(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    let value = &config.value;
    if value.as_str().is_some() {
        inputs.modules(Some(value));
        return;
    }
    let overrides = each(value.get("overrides")).into_iter().filter_map(|one| one.get("options"));
    for options in std::iter::once(value).chain(overrides) {
        for one in each(options.get("plugins")).into_iter().filter(|one| one.as_str().is_some()) {
            let name = one.as_str().unwrap_or_default();
            if name.starts_with('.') {
                inputs.module(name, one);
            } else {
                inputs.package(package_name(name).unwrap_or(name), one);
            }
        }
    }
}

/// <https://github.com/release-it/release-it/blob/main/docs/configuration.md>
pub(super) fn release_it(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    for member in config.value.get("plugins").and_then(Node::as_object).map(Object::members).unwrap_or_default() {
        if member.key.starts_with('.') {
            inputs.module(&member.key, &member.value);
        } else {
            inputs.package(&member.key, &member.value);
        }
    }
    let notes = ["github", "gitlab"].map(|host| config.value.get(host).and_then(|host| host.get("releaseNotes")));
    let hooks = values(config.value.get("hooks")).into_iter().flat_map(|hook| each(Some(hook)));
    for command in hooks.chain(notes.into_iter().flatten()).filter_map(Node::as_str) {
        inputs.command(command, true);
    }
}

/// <https://github.com/unifiedjs/unified-engine/blob/main/doc/configure.md>
pub(super) fn remark(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    let plugins = config.value.get("plugins");
    let names: Vec<(&str, &Node)> = match plugins.map(|plugins| &plugins.kind) {
        Some(Kind::Object(object)) => object.members().iter().map(|one| (one.key.as_str(), &one.value)).collect(),
        _ => firsts(plugins).into_iter().filter_map(|one| Some((one.as_str()?, one))).collect(),
    };
    for (name, at) in names {
        if name.starts_with('.') {
            inputs.module(name, at);
            continue;
        }
        let (scope, rest) = match name.strip_prefix('@').map(|inner| inner.split_once('/').unwrap_or((inner, ""))) {
            Some((scope, rest)) => (format!("@{scope}/"), rest),
            None => (String::new(), name),
        };
        let prefixed = match rest {
            "" => format!("{scope}remark"),
            rest if rest.starts_with("remark-") || rest.contains('/') => format!("{scope}{rest}"),
            rest => format!("{scope}remark-{rest}"),
        };
        let is_plain = !(inputs.lists)(&prefixed) && (inputs.lists)(name);
        inputs.package(if is_plain { name } else { &prefixed }, at);
    }
}

/// <https://semantic-release.gitbook.io/semantic-release/usage/configuration>
pub(super) fn semantic_release(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    const OWN: &[&str] = &["commit-analyzer", "github", "npm", "release-notes-generator"];
    for one in firsts(config.value.get("plugins")) {
        let name = one.as_str().unwrap_or_default();
        if !name.strip_prefix("@semantic-release/").is_some_and(|name| OWN.contains(&name)) {
            inputs.module(name, one);
        }
    }
    for one in each(config.value.get("extends")) {
        inputs.maybe_module(one.as_str().unwrap_or_default(), one);
    }
}

/// <https://storybook.js.org/docs/api/main-config/main-config>
pub(super) fn storybook(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    let value = &config.value;
    let named = |one: &Node| one.as_str().or_else(|| one.get("name").and_then(Node::as_str)).map(str::to_owned);
    STORYBOOK_FILES.iter().take(1).for_each(|pattern| inputs.entry(pattern));
    let stories = each(value.get("stories"));
    if stories.is_empty() {
        inputs.entry(STORIES);
    }
    let folder = inputs.folder.to_owned();
    for one in stories {
        match (one.as_str(), one.get("directory").and_then(Node::as_str)) {
            (Some(pattern), _) => inputs.entry_from(pattern, &folder),
            (None, Some(directory)) => {
                let files = one.get("files").and_then(Node::as_str).unwrap_or(STORIES);
                inputs.entry_from(&format!("{directory}/{files}"), &folder);
            }
            (None, None) => {}
        }
    }
    for one in each(value.get("addons")) {
        if let Some(name) = named(one) {
            inputs.module(&name, one);
            if name == "@storybook/addon-vitest" {
                inputs.maybe_package("@vitest/coverage-v8", one);
                inputs.maybe_package("@vitest/coverage-istanbul", one);
            }
        }
    }
    if let Some(one) = value.get("core").and_then(|core| core.get("builder"))
        && let Some(name) = named(one)
    {
        if name.starts_with("webpack") {
            inputs.package(&format!("@storybook/builder-{name}"), one);
            inputs.package(&format!("@storybook/manager-{name}"), one);
        } else {
            inputs.package(&name, one);
        }
    }
    if let Some(one) = value.get("framework")
        && let Some(name) = named(one)
    {
        inputs.package(&name, one);
    }
    babel_calls(config, inputs);
}

/// <https://stylelint.io/user-guide/configure>
pub(super) fn stylelint(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    stylelint_options(&config.value, inputs);
}

fn stylelint_options(options: &Node, inputs: &mut Inputs<'_>) {
    for one in each(options.get("extends")) {
        match one.as_str() {
            Some(name) => inputs.module(name, one),
            None => stylelint_options(one, inputs),
        }
    }
    inputs.modules(options.get("plugins"));
    inputs.modules(options.get("customSyntax"));
    for one in each(options.get("overrides")) {
        stylelint_options(one, inputs);
    }
}

/// <https://swc.rs/docs/configuration/swcrc>
pub(super) fn swc(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    let Some(jsc) = config.value.get("jsc") else { return };
    for one in firsts(jsc.get("experimental").and_then(|experimental| experimental.get("plugins"))) {
        inputs.package(one.as_str().and_then(package_name).unwrap_or_default(), one);
    }
    if let Some(helpers) = jsc.get("externalHelpers").filter(|helpers| helpers.is_truthy()) {
        inputs.package("@swc/helpers", helpers);
    }
}

/// <https://typedoc.org/documents/Options.Configuration.html>
pub(super) fn typedoc(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    let options = config.value.get("typedocOptions");
    let is_compiler_configuration = base_name(inputs.file) == "tsconfig.json";
    let Some(options) = options.or_else(|| (!is_compiler_configuration).then_some(&config.value)) else { return };
    inputs.modules(options.get("plugin"));
    for one in each(options.get("theme")) {
        if !matches!(one.as_str(), Some("default" | "minimal")) {
            inputs.modules(Some(one));
        }
    }
    let folder = inputs.folder.to_owned();
    for one in [options.get("customCss"), options.get("customJs")].into_iter().flatten() {
        inputs.entry_from(one.as_str().unwrap_or_default(), &folder);
    }
}

// Babel's options, given to plugins of a bundler.
pub(super) fn babel_calls(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    for (source, arguments) in &config.calls {
        if matches!(source.as_str(), "@vitejs/plugin-react" | "vite-plugin-babel" | "@rolldown/plugin-babel")
            && let Some(options) = arguments.first()
        {
            for options in [Some(options), options.get("babel"), options.get("babelConfig")].into_iter().flatten() {
                babel_options(options, inputs);
            }
        }
    }
}

/// <https://webpack.js.org/configuration/>
pub(super) fn webpack(config: &ConfigValue, inputs: &mut Inputs<'_>) {
    for options in each(Some(&config.value)) {
        webpack_options(options, inputs);
    }
    inputs.maybe_package("webpack-cli", &config.value);
    let loaders: &[&str] = match inputs.file.rsplit('.').next() {
        Some("ts" | "cts") => &["ts-node", "sucrase", "@babel/register", "esbuild-register", "@swc/register"],
        _ => &[],
    };
    loaders.iter().for_each(|name| inputs.maybe_package(name, &config.value));
}

fn webpack_options(options: &Node, inputs: &mut Inputs<'_>) {
    let context = options.get("context").map(|context| inputs.below(Some(context)));
    let from = context.clone().unwrap_or_else(|| inputs.workspace.to_owned());
    let mut entries = Vec::new();
    match options.get("entry") {
        Some(entry) if entry.as_object().is_some() => {
            for one in values(Some(entry)) {
                entries.extend(each(Some(one.get("filename").or_else(|| one.get("import")).unwrap_or(one))));
            }
        }
        entry => {
            for one in each(entry) {
                entries.push(one);
                entries.extend(values(Some(one)).into_iter().flat_map(|one| each(Some(one))));
            }
        }
    }
    for one in entries {
        match one.as_str() {
            Some(path) if path.starts_with(['.', '/', '#']) => inputs.file_from(path, &one.span, &from),
            Some(name) => inputs.module(name, one),
            None => {}
        }
    }
    if options.get("entry").is_none() && context.is_some() {
        inputs.file_from("./src/index", &(0..0), &from);
    }
    for rule in each(options.get("module").and_then(|module| module.get("rules"))) {
        webpack_rule(rule, inputs);
    }
    for plugin in each(options.get("plugins")) {
        if plugin.get("new").and_then(Node::as_str) == Some("ProvidePlugin") {
            for one in values(each(plugin.get("arguments")).first().copied()) {
                if let Some(first) = each(Some(one)).first() {
                    inputs.module(first.as_str().unwrap_or_default(), first);
                }
            }
        }
    }
    for field in ["resolve", "resolveLoader"] {
        inputs.aliases(options.get(field).and_then(|resolve| resolve.get("alias")));
    }
}

fn webpack_rule(rule: &Node, inputs: &mut Inputs<'_>) {
    for one in each(rule.get("oneOf")).into_iter().chain(each(rule.get("rules"))) {
        webpack_rule(one, inputs);
    }
    let uses = each(rule.get("use").or_else(|| rule.get("loader")));
    for one in uses {
        let loader = if one.as_str().is_some() { Some(one) } else { one.get("loader") };
        let Some(name) = loader.and_then(Node::as_str) else { continue };
        inputs.module(name.split('?').next().unwrap_or(name), loader.unwrap_or(one));
        let options = one.get("options").or_else(|| rule.get("options"));
        if let Some(options) = options.filter(|_| name == "babel-loader") {
            babel_options(options, inputs);
        }
        if let Some(options) = options.filter(|_| name.ends_with("swc-loader")) {
            let plugins =
                options.get("jsc").and_then(|jsc| jsc.get("experimental")).and_then(|inner| inner.get("plugins"));
            firsts(plugins).into_iter().for_each(|one| inputs.module(one.as_str().unwrap_or_default(), one));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_become_packages() {
        for (name, kind, expected) in [
            ("env", "preset", "babel-preset-env"),
            ("@babel/env", "preset", "@babel/preset-env"),
            ("@babel/preset-env", "preset", "@babel/preset-env"),
            ("@scope", "preset", "@scope/babel-preset"),
            ("@scope/x", "plugin", "@scope/babel-plugin-x"),
            ("module:x", "plugin", "x"),
            ("./x.js", "plugin", "./x.js"),
            ("x/y", "plugin", "x/y"),
        ] {
            assert_eq!(babel_name(name, kind), expected);
        }
        for (name, kind, expected) in [
            ("airbnb", "eslint-config", "eslint-config-airbnb"),
            ("airbnb/hooks", "eslint-config", "eslint-config-airbnb"),
            ("plugin:react/recommended", "eslint-plugin", "eslint-plugin-react"),
            ("plugin:@typescript-eslint/recommended", "eslint-plugin", "@typescript-eslint/eslint-plugin"),
            ("@typescript-eslint", "eslint-plugin", "@typescript-eslint/eslint-plugin"),
            ("@scope/eslint-config", "eslint-config", "@scope/eslint-config"),
            ("@scope/x", "eslint-plugin", "@scope/eslint-plugin-x"),
        ] {
            assert_eq!(eslint_name(name, kind), expected);
        }
    }
}
