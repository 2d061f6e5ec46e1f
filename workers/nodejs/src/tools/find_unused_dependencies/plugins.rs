//! The tools whose files are known: what switches each on, its configuration files, and the files it starts from itself.
//!
//! What the configurations of some name is read in [`super::plugin_inputs`]; of the others their files are entry points, and a
//! word in them counts where a listed package fits it.

use super::config_value::ConfigValue;
use super::inputs::Inputs;
use super::plugin_inputs as read;
use super::test_runners as runners;

/// A tool.
pub(super) struct Plugin {
    pub(super) name: &'static str,
    /// The packages that switch it on; a trailing `*` stands for any end.
    pub(super) packages: &'static [&'static str],
    /// Its configuration files, from the workspace's folder.
    pub(super) configs: &'static [&'static str],
    /// The member of package.json that configures it; empty where there is none.
    pub(super) member: &'static str,
    /// What it starts from where its configuration does not say so.
    pub(super) entries: &'static [&'static str],
    /// Whether those files are part of what is published or run.
    pub(super) is_production: bool,
    /// Whether it works on the root alone.
    pub(super) is_root_only: bool,
    /// Reads its configuration.
    pub(super) read: Option<fn(&ConfigValue, &mut Inputs<'_>)>,
}

const NONE: Plugin = Plugin {
    name: "",
    packages: &[],
    configs: &[],
    member: "",
    entries: &[],
    is_production: false,
    is_root_only: false,
    read: None,
};

/// Tests by their names.
const NODE_TESTS: &[&str] = &[
    "**/*{.,-,_}test.{cjs,mjs,js,cts,mts,ts}",
    "**/test-*.{cjs,mjs,js,cts,mts,ts}",
    "**/test.{cjs,mjs,js,cts,mts,ts}",
    "**/test/**/*.{cjs,mjs,js,cts,mts,ts}",
];

/// The tests of `node --test`.
pub(super) const NODE_TEST_RUNNER: &[&str] = NODE_TESTS;

/// What is covered: of the first the configuration is read, of the second only which files it starts from.
pub(super) const PLUGINS: &[Plugin] = &[
    Plugin {
        name: "ava",
        packages: &["ava"],
        configs: &["ava.config.{js,cjs,mjs}"],
        member: "ava",
        entries: &[
            "test.{js,cjs,mjs,ts}",
            "{src,source}/test.{js,cjs,mjs,ts}",
            "**/__tests__/**/*.{js,cjs,mjs,ts}",
            "**/*.{spec,test}.{js,cjs,mjs,ts}",
            "**/test-*.{js,cjs,mjs,ts}",
            "**/{test,tests}/**/*.{js,cjs,mjs,ts}",
            "!**/__tests__/**/__{helper,helpers,fixture,fixtures}__/**/*",
            "!**/{test,tests}/**/{helper,helpers,fixture,fixtures}/**/*",
        ],
        read: Some(runners::ava),
        ..NONE
    },
    Plugin {
        name: "babel",
        packages: &["@babel/*", "babel-*"],
        configs: &["babel.config.{json,js,cjs,mjs,cts,ts}", ".babelrc.{json,js,cjs,mjs,cts}", ".babelrc"],
        member: "babel",
        read: Some(read::babel),
        ..NONE
    },
    Plugin {
        name: "commitlint",
        packages: &["@commitlint/cli"],
        configs: &[
            "{.commitlintrc,.config/commitlintrc}{,.json,.yaml,.yml,.js,.ts,.cjs,.mjs,.cts,.mts}",
            "commitlint.config.{js,ts,cjs,mjs,cts,mts}",
        ],
        member: "commitlint",
        read: Some(read::commitlint),
        ..NONE
    },
    Plugin {
        name: "cypress",
        packages: &["cypress"],
        configs: &["cypress.config.{js,ts,mjs,cjs}"],
        entries: runners::CYPRESS_FILES,
        read: Some(runners::cypress),
        ..NONE
    },
    Plugin {
        name: "esbuild",
        packages: &["esbuild"],
        configs: &["esbuild.config.{js,mjs,cjs,ts,mts,cts}", "esbuild.{js,mjs,cjs,ts,mts,cts}"],
        read: Some(read::esbuild),
        ..NONE
    },
    Plugin {
        name: "eslint",
        packages: &["eslint", "@eslint/js"],
        configs: &["eslint.config.{js,cjs,mjs,ts,cts,mts}", ".eslintrc.{js,json,cjs,yml,yaml}", ".eslintrc"],
        member: "eslintConfig",
        read: Some(read::eslint),
        ..NONE
    },
    Plugin {
        name: "github-actions",
        packages: &["*"],
        configs: &[".github/workflows/*.{yml,yaml}", ".github/**/action.{yml,yaml}"],
        is_root_only: true,
        read: Some(read::github_actions),
        ..NONE
    },
    Plugin {
        name: "jest",
        packages: &["jest"],
        configs: &["jest.config.{js,ts,mjs,cjs,mts,cts,json}"],
        member: "jest",
        entries: runners::JEST_TESTS,
        read: Some(runners::jest),
        ..NONE
    },
    Plugin {
        name: "karma",
        packages: &["karma"],
        configs: &["{,.config/}karma.conf.{js,ts}"],
        read: Some(runners::karma),
        ..NONE
    },
    Plugin {
        name: "lefthook",
        packages: &["lefthook", "@arkweid/lefthook", "@evilmartians/lefthook"],
        configs: &["lefthook.yml"],
        read: Some(read::lefthook),
        ..NONE
    },
    Plugin {
        name: "lint-staged",
        packages: &["lint-staged"],
        configs: &[
            ".lintstagedrc",
            ".lintstagedrc.{json,yaml,yml,mjs,mts,js,ts,cjs,cts}",
            "lint-staged.config.{mjs,mts,js,ts,cjs,cts}",
        ],
        member: "lint-staged",
        read: Some(read::commands),
        ..NONE
    },
    Plugin {
        name: "mocha",
        packages: &["mocha"],
        configs: &[".mocharc.{js,cjs,json,jsonc,yml,yaml}"],
        member: "mocha",
        entries: runners::MOCHA_TESTS,
        read: Some(runners::mocha),
        ..NONE
    },
    Plugin {
        name: "msw",
        packages: &["msw"],
        entries: &["mockServiceWorker.js", "public/mockServiceWorker.js"],
        ..NONE
    },
    Plugin {
        name: "nano-staged",
        packages: &["nano-staged"],
        configs: &["{.nano-staged,nano-staged}.{js,cjs,mjs,json}", ".nanostagedrc"],
        member: "nano-staged",
        read: Some(read::commands),
        ..NONE
    },
    Plugin {
        name: "next",
        packages: &["next"],
        configs: &["next.config.{js,ts,cjs,mjs,mts}"],
        entries: read::NEXT_FILES,
        is_production: true,
        read: Some(read::next),
        ..NONE
    },
    Plugin {
        name: "nyc",
        packages: &["nyc"],
        configs: &[".nycrc", ".nycrc.{json,yml,yaml}", "nyc.config.js"],
        member: "nyc",
        read: Some(runners::nyc),
        ..NONE
    },
    Plugin {
        name: "playwright",
        packages: &["@playwright/test"],
        configs: &["playwright.config.{js,cjs,mjs,ts,cts,mts}"],
        entries: &[runners::PLAYWRIGHT_TESTS],
        read: Some(runners::playwright),
        ..NONE
    },
    Plugin {
        name: "postcss",
        packages: &["postcss", "postcss-cli", "next", "@tailwindcss/postcss"],
        configs: &[
            "postcss.config.{json,js,cjs,mjs,ts,mts,cts}",
            ".postcssrc{,.json,.js,.cjs,.mjs,.ts,.mts,.cts,.yaml,.yml}",
        ],
        member: "postcss",
        read: Some(read::postcss),
        ..NONE
    },
    Plugin {
        name: "prettier",
        packages: &["prettier"],
        configs: &[
            ".prettierrc",
            ".prettierrc.{json,json5,js,cjs,mjs,ts,cts,mts,yml,yaml}",
            "prettier.config.{js,cjs,mjs,ts,cts,mts}",
        ],
        member: "prettier",
        read: Some(read::prettier),
        ..NONE
    },
    Plugin {
        name: "release-it",
        packages: &["release-it"],
        configs: &[".release-it.{json,js,cjs,ts,yml,yaml}"],
        member: "release-it",
        read: Some(read::release_it),
        ..NONE
    },
    Plugin {
        name: "remark",
        packages: &["remark-cli"],
        configs: &[".remarkrc{,.json,.js,.cjs,.mjs,.yml,.yaml}"],
        member: "remarkConfig",
        read: Some(read::remark),
        ..NONE
    },
    Plugin {
        name: "rollup",
        packages: &["rollup"],
        configs: &["rollup.config.{js,cjs,mjs,ts}"],
        read: Some(read::rollup),
        ..NONE
    },
    Plugin {
        name: "semantic-release",
        packages: &["semantic-release"],
        configs: &[
            "{.releaserc,.config/releaserc}{,.json,.yaml,.yml,.js,.ts,.cjs,.mjs}",
            "release.config.{js,ts,cjs,mjs}",
        ],
        member: "release",
        is_root_only: true,
        read: Some(read::semantic_release),
        ..NONE
    },
    Plugin {
        name: "simple-git-hooks",
        packages: &["simple-git-hooks"],
        configs: &["{.simple-git-hooks,simple-git-hooks}.{js,cjs,json}"],
        member: "simple-git-hooks",
        read: Some(read::simple_git_hooks),
        ..NONE
    },
    Plugin {
        name: "size-limit",
        packages: &["size-limit"],
        entries: &[".size-limit{,.json,.ts,.js,.cjs,.mjs,.mts,.cts}", "size-limit.config.{ts,js,cjs,mjs,mts,cts}"],
        ..NONE
    },
    Plugin {
        name: "storybook",
        packages: &["@storybook/*", "@nrwl/storybook", "storybook"],
        configs: &[".{storybook,rnstorybook}/{main,test-runner}.{js,ts,mts,mjs,cjs}"],
        entries: read::STORYBOOK_FILES,
        read: Some(read::storybook),
        ..NONE
    },
    Plugin {
        name: "stylelint",
        packages: &["stylelint"],
        configs: &[
            "{.stylelintrc,.config/stylelintrc}{,.json,.yaml,.yml,.js,.ts,.cjs,.mjs}",
            "stylelint.config.{js,ts,cjs,mjs}",
        ],
        member: "stylelint",
        read: Some(read::stylelint),
        ..NONE
    },
    Plugin { name: "swc", packages: &["@swc/core"], configs: &[".swcrc"], read: Some(read::swc), ..NONE },
    Plugin {
        name: "tailwind",
        packages: &["tailwindcss", "@tailwindcss/vite", "@tailwindcss/postcss", "@tailwindcss/cli"],
        entries: &["tailwind.config.{js,cjs,mjs,ts,cts,mts}"],
        ..NONE
    },
    Plugin {
        name: "tsdown",
        packages: &["tsdown"],
        configs: &["tsdown.config.{ts,mts,cts,js,mjs,cjs,json}"],
        member: "tsdown",
        read: Some(read::bundled),
        ..NONE
    },
    Plugin {
        name: "tsup",
        packages: &["tsup"],
        configs: &["tsup.config.{js,ts,cjs,mjs,json}"],
        member: "tsup",
        read: Some(read::bundled),
        ..NONE
    },
    Plugin {
        name: "typedoc",
        packages: &["typedoc"],
        configs: &[
            "{,.config/}typedoc.{js,cjs,mjs,json,jsonc}",
            "{,.config/}typedoc.config.{js,cjs,mjs}",
            "tsconfig.json",
        ],
        member: "typedocOptions",
        read: Some(read::typedoc),
        ..NONE
    },
    Plugin {
        name: "vite",
        packages: &["vite", "vitest"],
        configs: &["vite.config.{js,mjs,ts,cjs,mts,cts}"],
        read: Some(runners::vitest),
        ..NONE
    },
    Plugin {
        name: "vitest",
        packages: &["vitest"],
        configs: &["vitest.config.{js,mjs,ts,cjs,mts,cts}", "vitest.{workspace,projects}.{js,mjs,ts,cjs,mts,cts,json}"],
        entries: runners::VITEST_TESTS,
        read: Some(runners::vitest),
        ..NONE
    },
    Plugin {
        name: "webpack",
        packages: &["webpack", "webpack-cli"],
        configs: &["webpack.config.{js,ts,mjs,cjs,mts,cts}"],
        read: Some(read::webpack),
        ..NONE
    },
    Plugin {
        name: "xo",
        packages: &["xo"],
        configs: &[".xo-config{,.js,.cjs,.json}", "xo.config.{js,cjs,mjs,ts,cts,mts}"],
        member: "xo",
        read: Some(read::xo),
        ..NONE
    },
    Plugin { name: "yorkie", packages: &["yorkie"], member: "gitHooks", read: Some(read::yorkie), ..NONE },
    // Files alone.
    Plugin { name: "changesets", packages: &["@changesets/cli"], configs: &[".changeset/config.json"], ..NONE },
    Plugin { name: "drizzle", packages: &["drizzle-kit"], configs: &["drizzle.config.{ts,js,json}"], ..NONE },
    Plugin {
        name: "gatsby",
        packages: &["gatsby", "gatsby-cli"],
        configs: &["gatsby-{config,node,browser,ssr}.{js,jsx,ts,tsx}"],
        entries: &["src/pages/**/*.{js,jsx,ts,tsx}", "src/templates/**/*.{js,jsx,ts,tsx}", "src/api/**/*.{js,ts}"],
        is_production: true,
        ..NONE
    },
    Plugin {
        name: "graphql-codegen",
        packages: &["graphql-codegen", "@graphql-codegen/*"],
        configs: &["codegen.{js,ts,json,yml,yaml}", "graphql.config.{js,ts,json}"],
        ..NONE
    },
    Plugin { name: "grunt", packages: &["grunt"], configs: &["Gruntfile.{js,cjs,ts}"], ..NONE },
    Plugin { name: "gulp", packages: &["gulp"], configs: &["gulpfile.{js,cjs,mjs,ts}"], ..NONE },
    Plugin { name: "nodemon", packages: &["nodemon"], configs: &["nodemon.json", ".nodemonrc"], ..NONE },
    Plugin { name: "nx", packages: &["nx", "@nx/*"], configs: &["nx.json", "**/project.json"], ..NONE },
    Plugin {
        name: "remix",
        packages: &["@remix-run/*"],
        configs: &["remix.config.js"],
        entries: &["app/root.tsx", "app/entry.{client,server}.{js,jsx,ts,tsx}", "app/routes/**/*.{js,jsx,ts,tsx}"],
        is_production: true,
        ..NONE
    },
    Plugin {
        name: "svelte",
        packages: &["svelte", "@sveltejs/kit"],
        configs: &["svelte.config.js"],
        entries: &[
            "src/routes/**/+{page,server,layout,error}{,@*}{,.server}.{js,ts,svelte}",
            "src/hooks.{server,client}.{js,ts}",
        ],
        is_production: true,
        ..NONE
    },
    Plugin { name: "tslint", packages: &["tslint"], configs: &["tslint.json", "tslint.js"], ..NONE },
    Plugin { name: "wrangler", packages: &["wrangler"], configs: &["wrangler.{json,jsonc,toml}"], ..NONE },
];

/// What a tool starts from itself.
pub(super) fn entries_of(name: &str) -> &'static [&'static str] {
    PLUGINS.iter().find(|plugin| plugin.name == name).map_or(&[], |plugin| plugin.entries)
}

/// The tools of which configurations are read, for the tool's page. Those without a table entry are in scripts, hooks and
/// tsconfig.json.
#[cfg(test)]
pub(super) fn covered() -> (String, String) {
    let mut whole: Vec<&str> = PLUGINS.iter().filter(|one| one.read.is_some()).map(|one| one.name).collect();
    whole.extend(["c8", "husky", "msw", "node", "size-limit", "tailwind", "tsx", "typescript"]);
    let mut files: Vec<&str> = PLUGINS.iter().map(|one| one.name).filter(|name| !whole.contains(name)).collect();
    whole.sort_unstable();
    files.sort_unstable();
    (whole.join(", "), files.join(", "))
}
