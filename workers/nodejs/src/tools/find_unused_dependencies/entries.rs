//! Where a project starts: entry points of package.json, scripts, tests, and the configuration files of well-known tools; and
//! the packages that these name.

use super::patterns::{Patterns, matches, parse_jsonc};
use super::project::{Project, Workspace, is_kind, package_name, targets_of};
use crate::support::json::{Kind, Node};
use crate::support::package_tree::{base_name, join};
use std::collections::BTreeSet;

/// A tool: the packages that switch it on (a trailing `*` stands for any end), and its files.
struct Plugin {
    packages: &'static [&'static str],
    files: &'static [&'static str],
}

const fn plugin(packages: &'static [&'static str], files: &'static [&'static str]) -> Plugin {
    Plugin { packages, files }
}

const TESTS: &str = "**/*.{test,spec}.{js,mjs,cjs,jsx,ts,tsx,mts,cts}";
const TEST_FOLDERS: &str = "**/__tests__/**/*.{js,mjs,cjs,jsx,ts,tsx,mts,cts}";

/// The tools whose files are known.
const PLUGINS: &[Plugin] = &[
    plugin(
        &["ava"],
        &[
            "ava.config.{js,cjs,mjs}",
            "test.{js,cjs,mjs,ts}",
            "{src,source}/test.{js,cjs,mjs,ts}",
            "**/__tests__/**/*.{js,cjs,mjs,ts}",
            "**/test-*.{js,cjs,mjs,ts}",
            "**/*.test.{js,cjs,mjs,ts}",
            "**/{test,tests}/**/*.{js,cjs,mjs,ts}",
        ],
    ),
    plugin(
        &["@babel/*", "babel-*"],
        &["babel.config.{json,js,cjs,mjs,cts,ts}", ".babelrc.{json,js,cjs,mjs,cts}", ".babelrc"],
    ),
    plugin(
        &["@commitlint/*"],
        &["commitlint.config.{js,cjs,mjs,ts,cts}", ".commitlintrc.{json,yaml,yml,js,cjs,ts,cts}", ".commitlintrc"],
    ),
    plugin(
        &["cypress"],
        &["cypress.config.{js,ts,mjs,cjs}", "cypress/**/*.{js,jsx,ts,tsx}", "cypress/support/e2e.{js,jsx,ts,tsx}"],
    ),
    plugin(&["drizzle-kit"], &["drizzle.config.{ts,js,json}"]),
    plugin(&["esbuild"], &["esbuild.config.{js,mjs,ts}"]),
    plugin(
        &["eslint", "@eslint/js"],
        &["eslint.config.{js,cjs,mjs,ts,cts,mts}", ".eslintrc.{js,cjs,json,yaml,yml}", ".eslintrc"],
    ),
    plugin(
        &["gatsby", "gatsby-cli"],
        &[
            "gatsby-{config,node,browser,ssr}.{js,jsx,ts,tsx}",
            "src/pages/**/*.{js,jsx,ts,tsx}",
            "src/templates/**/*.{js,jsx,ts,tsx}",
        ],
    ),
    plugin(
        &["graphql-codegen", "@graphql-codegen/*"],
        &["codegen.{js,ts,json,yml,yaml}", "graphql.config.{js,ts,json}"],
    ),
    plugin(&["grunt"], &["Gruntfile.{js,cjs,ts}"]),
    plugin(&["gulp"], &["gulpfile.{js,cjs,mjs,ts}"]),
    plugin(&["jest"], &["jest.config.{js,ts,mjs,cjs,mts,cts,json}", TESTS, TEST_FOLDERS]),
    plugin(&["karma"], &["karma.conf.{js,ts,cjs,mjs}"]),
    plugin(
        &["lint-staged"],
        &[".lintstagedrc", ".lintstagedrc.{json,yaml,yml,js,mjs,cjs}", "lint-staged.config.{js,mjs,cjs}"],
    ),
    plugin(&["mocha"], &["**/test/*.{js,cjs,mjs,ts}", ".mocharc.{js,cjs,json,jsonc,yml,yaml}"]),
    plugin(&["msw"], &["mockServiceWorker.js"]),
    plugin(
        &["next"],
        &[
            "next.config.{js,ts,cjs,mjs}",
            "{instrumentation,instrumentation-client,middleware,proxy}.{js,ts}",
            "app/global-error.{js,jsx,ts,tsx}",
            "app/**/{error,layout,loading,not-found,page,template}.{js,jsx,ts,tsx}",
            "app/**/{route,default}.{js,jsx,ts,tsx}",
            "app/{manifest,sitemap,robots}.{js,ts}",
            "pages/**/*.{js,jsx,ts,tsx}",
            "src/pages/**/*.{js,jsx,ts,tsx}",
            "src/{instrumentation,instrumentation-client,middleware,proxy}.{js,ts}",
            "src/app/**/{error,layout,loading,not-found,page,template,route,default}.{js,jsx,ts,tsx}",
        ],
    ),
    plugin(&["nodemon"], &["nodemon.json", ".nodemonrc"]),
    plugin(&["nyc"], &[".nycrc", ".nycrc.json", "nyc.config.js"]),
    plugin(&["nx", "@nx/*"], &["nx.json", "**/project.json"]),
    plugin(&["@playwright/test"], &["playwright.config.{js,ts}", TESTS]),
    plugin(
        &["postcss", "postcss-cli"],
        &["postcss.config.{js,cjs,mjs,ts,mts,cts,json}", ".postcssrc", ".postcssrc.{json,js,cjs,ts}"],
    ),
    plugin(
        &["prettier"],
        &[".prettierrc", ".prettierrc.{json,js,cjs,mjs,ts,yaml,yml}", "prettier.config.{js,cjs,mjs,ts}"],
    ),
    plugin(
        &["@remix-run/*"],
        &[
            "remix.config.js",
            "app/root.tsx",
            "app/entry.{client,server}.{js,jsx,ts,tsx}",
            "app/routes/**/*.{js,jsx,ts,tsx}",
        ],
    ),
    plugin(&["rollup"], &["rollup.config.{js,cjs,mjs,ts}"]),
    plugin(&["semantic-release"], &["release.config.{js,cjs,mjs}", ".releaserc", ".releaserc.{json,yaml,yml,js,cjs}"]),
    plugin(&["size-limit"], &[".size-limit.{json,js,cjs,mjs,ts}"]),
    plugin(
        &["@storybook/*", "storybook"],
        &[
            ".storybook/{main,test-runner}.{js,ts,mjs,cjs}",
            ".storybook/{manager,preview}.{js,jsx,ts,tsx}",
            "**/*.{stories,story}.{js,jsx,ts,tsx,mjs}",
        ],
    ),
    plugin(
        &["stylelint"],
        &["stylelint.config.{cjs,mjs,js,ts}", ".stylelintrc", ".stylelintrc.{cjs,js,json,yaml,yml}"],
    ),
    plugin(
        &["svelte", "@sveltejs/kit"],
        &[
            "svelte.config.js",
            "src/routes/**/+{page,server,layout,error}{,@*}{,.server}.{js,ts,svelte}",
            "src/hooks.{server,client}.{js,ts}",
        ],
    ),
    plugin(&["tailwindcss"], &["tailwind.config.{js,cjs,mjs,ts,cts,mts}"]),
    plugin(&["tsup"], &["tsup.config.{js,ts,cjs,json}"]),
    plugin(&["tsdown"], &["tsdown.config.{ts,mts,cts,js,mjs,cjs,json}"]),
    plugin(&["typedoc"], &["typedoc.{js,cjs,mjs,json,jsonc}"]),
    plugin(&["vite"], &["vite.config.{js,mjs,ts,cjs,mts,cts}"]),
    plugin(
        &["vitest"],
        &[
            "vitest.config.{js,mjs,ts,cjs,mts,cts}",
            "vite.config.{js,mjs,ts,cjs,mts,cts}",
            "vitest.workspace.{js,mjs,ts,cjs,mts,cts}",
            "**/*.{bench,test,test-d,spec,spec-d}.{js,mjs,cjs,jsx,ts,tsx,mts,cts}",
        ],
    ),
    plugin(&["webpack", "webpack-cli"], &["webpack.config*.{js,ts,mjs,cjs}"]),
    plugin(&["wrangler"], &["wrangler.{json,jsonc,toml}"]),
    plugin(&["@changesets/cli"], &[".changeset/config.json"]),
    plugin(&["husky", "lefthook"], &["lefthook.yml", ".huskyrc.{json,js}"]),
    plugin(&["release-it"], &[".release-it.{json,js,ts,cjs,yml,yaml,toml}"]),
    plugin(&["xo"], &["xo.config.{js,cjs}"]),
    plugin(&["tslint"], &["tslint.json", "tslint.js"]),
];

/// What is covered, for the tool's page.
#[cfg(test)]
pub(super) const COVERED: &str = "ava, babel, changesets, commitlint, cypress, drizzle, esbuild, eslint, gatsby, graphql-codegen, grunt, gulp, husky, jest, karma, lefthook, lint-staged, mocha, next, nodemon, nx, nyc, playwright, postcss, prettier, release-it, remix, rollup, semantic-release, size-limit, storybook, stylelint, svelte, tailwind, tsdown, tslint, tsup, typedoc, vite, vitest, webpack, wrangler, xo";

/// Members of package.json that configure tools.
const CONFIG_MEMBERS: &[&str] = &[
    "eslintConfig",
    "babel",
    "prettier",
    "jest",
    "commitlint",
    "lint-staged",
    "stylelint",
    "ava",
    "mocha",
    "nyc",
    "c8",
    "release",
    "xo",
    "postcss",
    "husky",
    "config",
    "browserslist",
    "size-limit",
    "nodemonConfig",
    "remarkConfig",
    "typedocOptions",
    "gitHooks",
    "release-it",
];

/// What a workspace starts with.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// Files reached by whoever uses the package.
    pub(super) production: BTreeSet<String>,
    /// Tests, configuration files, files of scripts.
    pub(super) others: BTreeSet<String>,
    /// Packages that scripts and configurations name.
    pub(super) packages: BTreeSet<String>,
}

/// Finds the entry points of a workspace.
pub(super) fn of(project: &Project<'_>, workspace: &Workspace<'_>, extra: &Patterns) -> Entries {
    let mut entries = Entries::default();
    from_manifest(project, workspace, &mut entries);
    let defaults = || {
        let kinds = "{js,mjs,cjs,jsx,ts,tsx,mts,cts}";
        Patterns::new([format!("{{index,cli,main}}.{kinds}"), format!("src/{{index,cli,main}}.{kinds}")])
    };
    let own = workspace.settings.entry.clone().unwrap_or_else(defaults);
    let plugins: Vec<&Plugin> = PLUGINS.iter().filter(|plugin| is_on(project, workspace, plugin)).collect();
    let files =
        project.files.keys().filter(|path| project.workspace_of(path).is_some_and(|of| of.folder == workspace.folder));
    for path in files {
        let Some(inside) = workspace.inside(path) else { continue };
        if path.contains("node_modules/") {
            continue;
        }
        if own.matches(inside) || extra.matches(path) {
            entries.production.insert((*path).to_owned());
        } else if plugins.iter().any(|plugin| plugin.files.iter().any(|pattern| matches(pattern, inside))) {
            entries.others.insert((*path).to_owned());
        }
    }
    from_scripts(project, workspace, &mut entries);
    from_configs(project, workspace, &mut entries);
    entries
}

fn is_on(project: &Project<'_>, workspace: &Workspace<'_>, plugin: &Plugin) -> bool {
    let root = project.workspaces.iter().find(|workspace| workspace.folder.is_empty());
    let fields = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
    [Some(workspace), root].into_iter().flatten().any(|workspace| {
        fields.iter().flat_map(|field| workspace.listed(field)).any(|member| {
            plugin.packages.iter().any(|name| match name.strip_suffix('*') {
                Some(start) => member.key.starts_with(start),
                None => member.key == *name,
            })
        })
    })
}

fn from_manifest(project: &Project<'_>, workspace: &Workspace<'_>, entries: &mut Entries) {
    let mut paths: Vec<String> = Vec::new();
    for field in ["main", "module", "browser", "types", "typings", "bin", "exports", "publishConfig"] {
        paths.extend(workspace.manifest.get(field).iter().flat_map(|node| targets_of(node)));
    }
    for path in paths {
        if path.starts_with('!') || path.contains("://") {
            continue;
        }
        let Some(full) = join(&workspace.folder, path.trim_end_matches('/')) else { continue };
        if full.contains('*') {
            let pattern = full.replace('*', "**/*").replace("**/***/*", "**/*");
            let source = full.replacen("/dist/", "/src/", 1).replacen("dist/", "src/", 1);
            let found = project.files.keys().filter(|path| {
                matches(&pattern, path) || matches(&full, path) || source != full && matches(&any_source(&source), path)
            });
            entries.production.extend(found.map(|path| (*path).to_owned()));
        } else if let Some(found) = project.source_of(workspace, &full) {
            entries.production.insert(found);
        }
    }
}

// A pattern of built files as one of sources.
fn any_source(pattern: &str) -> String {
    let stem = pattern.rsplit_once('.').map_or(pattern, |(stem, _)| stem).trim_end_matches(".d");
    format!("{stem}.{{js,mjs,cjs,jsx,ts,tsx,mts,cts}}")
}

fn from_scripts(project: &Project<'_>, workspace: &Workspace<'_>, entries: &mut Entries) {
    for script in workspace.listed("scripts") {
        if let Some(command) = script.value.as_str() {
            read_command(project, workspace, command, entries);
        }
    }
    // Hooks and workflows are scripts too.
    if workspace.folder.is_empty() {
        for (path, text) in &project.files {
            let is_hook = path.starts_with(".husky/") && !path.contains("/_/") || path.starts_with(".git/hooks/");
            let is_workflow = path.starts_with(".github/workflows/");
            for line in text.iter().flat_map(|text| text.lines()).filter(|_| is_hook || is_workflow) {
                let line = line.trim().trim_start_matches("- ").trim_start_matches("run:").trim();
                if is_hook
                    || line.starts_with("npx ")
                    || line.starts_with("node ")
                    || line.starts_with("pnpm ")
                    || line.starts_with("yarn ")
                {
                    read_command(project, workspace, line, entries);
                }
            }
        }
    }
}

/// Reads a shell command: which packages' programs it runs, and which files of the project.
fn read_command(project: &Project<'_>, workspace: &Workspace<'_>, command: &str, entries: &mut Entries) {
    for part in command.split(['&', '|', ';', '\n', '(', ')']) {
        let words: Vec<&str> =
            part.split_whitespace().map(|word| word.trim_matches(['"', '\'', '`', '\\', '$'])).collect();
        read_words(project, workspace, &words, entries);
    }
}

fn read_words(project: &Project<'_>, workspace: &Workspace<'_>, words: &[&str], entries: &mut Entries) {
    let is_setting = |word: &str| {
        word.split_once('=').is_some_and(|(name, _)| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
    };
    let mut words = words.iter().copied().skip_while(|word| word.is_empty() || is_setting(word)).peekable();
    let Some(program) = words.next() else { return };
    let rest: Vec<&str> = words.collect();
    let program = program
        .strip_prefix("./node_modules/.bin/")
        .or_else(|| program.strip_prefix("node_modules/.bin/"))
        .unwrap_or(program);
    match program {
        "npx" | "pnpx" | "bunx" | "yarn" | "pnpm" | "npm" | "bun" => {
            let mut inner = rest.iter().copied().filter(|word| !word.starts_with('-'));
            let first = inner.next();
            let runs = match first {
                Some("exec" | "dlx" | "x") => inner.next(),
                Some(
                    "run" | "install" | "i" | "ci" | "test" | "publish" | "add" | "start" | "build" | "version"
                    | "pack",
                ) => None,
                // A script's name is no program's.
                Some(name) if workspace.listed("scripts").iter().any(|script| script.key == name) => None,
                Some(_) if program == "npm" => None,
                first => first,
            };
            if let Some(at) = runs.and_then(|runs| rest.iter().position(|word| *word == runs)) {
                read_words(project, workspace, rest.get(at..).unwrap_or_default(), entries);
            }
            return;
        }
        "cross-env" | "cross-env-shell" | "env" | "dotenv" | "env-cmd" | "time" | "exec" | "sudo" | "nohup" | "set" => {
            use_program(project, workspace, program, entries);
            let inner = rest.iter().position(|word| !is_setting(word) && !word.starts_with('-'));
            if let Some(at) = inner {
                read_words(project, workspace, rest.get(at..).unwrap_or_default(), entries);
            }
            return;
        }
        "concurrently"
        | "npm-run-all"
        | "run-s"
        | "run-p"
        | "nodemon"
        | "start-server-and-test"
        | "wait-on"
        | "tsc-watch"
        | "c8"
        | "nyc"
        | "dotenvx"
        | "node-dev"
        | "tsx"
        | "ts-node"
        | "husky" => {
            use_program(project, workspace, program, entries);
            for word in &rest {
                let is_listed = package_name(word).is_some_and(|name| workspace.lists(name));
                if is_listed || program_package(project, workspace, word).is_some() {
                    use_program(project, workspace, word, entries);
                }
            }
        }
        _ => use_program(project, workspace, program, entries),
    }
    let mut words = rest.iter().copied().peekable();
    while let Some(word) = words.next() {
        let (flag, value) = word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value)));
        if matches!(
            flag,
            "-r" | "--require"
                | "--import"
                | "--loader"
                | "--experimental-loader"
                | "-p"
                | "--plugin"
                | "--reporter"
                | "--parser"
                | "--preset"
                | "--extends"
                | "--transform"
        ) {
            let value = value.or_else(|| words.peek().copied()).unwrap_or_default();
            if value.starts_with('.') {
                use_file(project, workspace, value, entries);
            } else {
                entries.packages.extend(package_name(value).map(str::to_owned));
            }
        } else {
            let path = value.unwrap_or(word);
            let names_code =
                ["js", "mjs", "cjs", "ts", "mts", "cts", "tsx", "jsx"].iter().any(|kind| is_kind(path, kind));
            let is_program =
                matches!(program, "node" | "tsx" | "ts-node" | "bun" | "nodemon" | "deno") && !path.starts_with('-');
            if names_code || is_program {
                use_file(project, workspace, path, entries);
            }
        }
    }
}

fn use_file(project: &Project<'_>, workspace: &Workspace<'_>, path: &str, entries: &mut Entries) {
    let Some(full) = join(&workspace.folder, path) else { return };
    if full.contains('*') {
        entries.others.extend(project.files.keys().filter(|path| matches(&full, path)).map(|path| (*path).to_owned()));
    } else if let Some(found) = project.source_of(workspace, &full).filter(|found| !is_kind(found, "json")) {
        entries.others.insert(found);
    }
}

fn use_program(project: &Project<'_>, workspace: &Workspace<'_>, program: &str, entries: &mut Entries) {
    if program.starts_with(['.', '/']) || program.contains('/') && !program.starts_with('@') {
        use_file(project, workspace, program, entries);
        return;
    }
    entries.packages.extend(program_package(project, workspace, program));
}

// The listed package that brings a program: by what is installed, by the names that differ, by its own name.
fn program_package(project: &Project<'_>, workspace: &Workspace<'_>, program: &str) -> Option<String> {
    const DIFFERENT: &[(&str, &str)] = &[
        ("tsc", "typescript"),
        ("tsserver", "typescript"),
        ("ng", "@angular/cli"),
        ("babel", "@babel/cli"),
        ("babel-node", "@babel/node"),
        ("vue-cli-service", "@vue/cli-service"),
        ("commitlint", "@commitlint/cli"),
        ("changeset", "@changesets/cli"),
        ("run-s", "npm-run-all"),
        ("run-p", "npm-run-all"),
        ("playwright", "@playwright/test"),
        ("storybook", "@storybook/cli"),
        ("start-storybook", "@storybook/cli"),
        ("biome", "@biomejs/biome"),
        ("graphql-codegen", "@graphql-codegen/cli"),
        ("nest", "@nestjs/cli"),
        ("tailwindcss", "tailwindcss"),
        ("attw", "@arethetypeswrong/cli"),
        ("api-extractor", "@microsoft/api-extractor"),
        ("cross-env-shell", "cross-env"),
        ("remix", "@remix-run/dev"),
        ("svelte-kit", "@sveltejs/kit"),
        ("react-native", "react-native"),
        ("expo", "expo"),
        ("sb", "storybook"),
        ("electron-rebuild", "@electron/rebuild"),
        ("electron-forge", "@electron-forge/cli"),
        ("webpack", "webpack-cli"),
        ("postcss", "postcss-cli"),
        ("gulp", "gulp-cli"),
        ("mocha", "mocha"),
        ("_mocha", "mocha"),
        ("npm-check-updates", "npm-check-updates"),
        ("ncu", "npm-check-updates"),
        ("stylelint", "stylelint"),
        ("swc", "@swc/cli"),
        ("redocly", "@redocly/cli"),
        ("sentry-cli", "@sentry/cli"),
        ("tsgo", "@typescript/native-preview"),
        ("dotenv", "dotenv-cli"),
        ("json-server", "json-server"),
        ("rimraf", "rimraf"),
        ("esmo", "esno"),
        ("eslint_d", "eslint_d"),
        ("netlify", "netlify-cli"),
    ];
    let root = project.workspaces.iter().find(|workspace| workspace.folder.is_empty());
    let lists = |package: &str| [Some(workspace), root].into_iter().flatten().any(|workspace| workspace.lists(package));
    let installed = project.installed.iter().find(|(name, manifest)| {
        lists(name)
            && match manifest.get("bin").map(|bin| &bin.kind) {
                Some(Kind::String(_)) => name.rsplit('/').next() == Some(program),
                Some(Kind::Object(object)) => object.has(program),
                _ => false,
            }
    });
    let different = DIFFERENT
        .iter()
        .find(|(known, package)| *known == program && lists(package))
        .map(|(_, package)| (*package).to_owned());
    installed.map(|(name, _)| name.clone()).or(different).or_else(|| lists(program).then(|| program.to_owned()))
}

// Configurations name packages in ways of their own; a string counts when a listed package fits it.
fn from_configs(project: &Project<'_>, workspace: &Workspace<'_>, entries: &mut Entries) {
    let mut words: BTreeSet<String> = BTreeSet::new();
    for member in CONFIG_MEMBERS {
        words.extend(workspace.manifest.get(member).iter().flat_map(|node| words_of(node)));
    }
    for path in &entries.others {
        let Some(Some(text)) = project.files.get(path.as_str()) else { continue };
        let name = base_name(path);
        let is_test = matches(TESTS, path) || matches(TEST_FOLDERS, path);
        if is_test {
            continue;
        }
        let is_json = is_kind(name, "json") || is_kind(name, "jsonc") || name.starts_with('.') && name.ends_with("rc");
        match parse_jsonc(text).filter(|_| is_json) {
            Some(node) => words.extend(words_of(&node)),
            None => words.extend(quoted(text)),
        }
        if is_kind(name, "yaml") || is_kind(name, "yml") || is_json {
            words.extend(
                text.split_whitespace().map(|word| word.trim_matches(['"', '\'', ',', '-', '[', ']']).to_owned()),
            );
        }
    }
    let mut files: Vec<String> = Vec::new();
    for word in &words {
        for candidate in candidates(word) {
            if workspace.lists(&candidate) {
                entries.packages.insert(candidate);
            }
        }
        let path = word.replace("<rootDir>", ".");
        if path.starts_with("./") || path.starts_with("../") {
            files.push(path);
        }
    }
    for path in files {
        use_file(project, workspace, &path, entries);
    }
    for (_, config) in project.configs_in(workspace) {
        entries.packages.extend(config.packages.iter().cloned());
        // Types are named without their scope.
        let typed = config.packages.iter().map(|name| types_of(name));
        entries.packages.extend(typed.filter(|name| workspace.lists(name)));
        entries
            .others
            .extend(config.includes_files.iter().filter(|path| project.files.contains_key(path.as_str())).cloned());
    }
    // Commands inside lint-staged and husky.
    for member in ["lint-staged", "husky", "gitHooks", "simple-git-hooks"] {
        for command in workspace.manifest.get(member).iter().flat_map(|node| targets_of(node)) {
            read_command(project, workspace, &command, entries);
        }
    }
}

/// The package of a package's types.
pub(super) fn types_of(package: &str) -> String {
    match package.strip_prefix('@').and_then(|rest| rest.split_once('/')) {
        Some((scope, name)) => format!("@types/{scope}__{name}"),
        None => format!("@types/{package}"),
    }
}

fn words_of(node: &Node) -> Vec<String> {
    match &node.kind {
        Kind::Object(object) => object
            .members()
            .iter()
            .flat_map(|member| words_of(&member.value).into_iter().chain([member.key.clone()]))
            .collect(),
        Kind::Array(items) => items.iter().flat_map(words_of).collect(),
        Kind::String(text) => vec![text.clone()],
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => Vec::new(),
    }
}

// Every short text in quotes.
fn quoted(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        for quote in ['"', '\'', '`'] {
            found.extend(line.split(quote).skip(1).step_by(2).filter(|word| word.len() < 120).map(str::to_owned));
        }
    }
    found
}

/// What tools put before the short names of their plugins and configurations.
const PREFIXES: &[&str] = &[
    "eslint-plugin-",
    "eslint-config-",
    "eslint-import-resolver-",
    "babel-plugin-",
    "babel-preset-",
    "@babel/plugin-",
    "@babel/preset-",
    "jest-environment-",
    "jest-",
    "karma-",
    "postcss-",
    "stylelint-config-",
    "stylelint-",
    "prettier-plugin-",
    "remark-",
    "rehype-",
    "gatsby-plugin-",
    "grunt-",
    "tslint-",
    "nyc-config-",
    "commitlint-config-",
    "@istanbuljs/",
    "size-limit-preset-",
    "browserslist-config-",
    "vitest-environment-",
    "mocha-",
];

// The packages that a word of a configuration may stand for.
fn candidates(word: &str) -> Vec<String> {
    let bare = word.split(['!', '?']).next().unwrap_or_default();
    let bare = bare.strip_prefix("plugin:").unwrap_or(bare);
    let bare = bare.strip_prefix("module:").unwrap_or(bare);
    let Some(name) = package_name(bare) else {
        // A scope alone stands for its plugin.
        let scope = bare.split('/').next().filter(|scope| scope.starts_with('@'));
        return scope
            .map_or_else(Vec::new, |scope| vec![format!("{scope}/eslint-plugin"), format!("{scope}/eslint-config")]);
    };
    let mut found = vec![name.to_owned()];
    match name.strip_prefix('@').and_then(|rest| rest.split_once('/')) {
        None => found.extend(PREFIXES.iter().map(|prefix| format!("{prefix}{name}"))),
        Some((scope, rest)) => {
            found.push(format!("@{scope}/eslint-plugin"));
            found.push(format!("@{scope}/eslint-config"));
            for kind in ["eslint-plugin", "eslint-config", "babel-plugin", "babel-preset", "plugin", "preset"] {
                found.push(format!("@{scope}/{kind}-{rest}"));
            }
        }
    }
    found
}
