//! What the tool says of a bundle by itself.

use octavo_toolkit::{Level, Rule, rule_docs};

macro_rules! rules {
    ($($name:ident $id:literal $level:ident $summary:literal
        why $why:literal wrong $wrong:literal right $right:literal source $source:literal;)+) => {
        $(
            pub(super) const $name: Rule = Rule {
                id: $id,
                level: Level::$level,
                summary: $summary,
                docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: $source),
            };
        )+
        /// Every rule of the tool.
        pub(super) const RULES: &[Rule] = &[$($name),+];
    };
}

rules! {
    INPUT_UNREADABLE "bundle-input-unreadable" Error
        "Every file is an esbuild metafile, webpack statistics, a source map, code with its map, or a package.json."
        why "What cannot be read is not counted, and the sums are too small."
        wrong r#"{"inputs":{"a.js":{"bytes":1}"#
        right r#"{"inputs":{},"outputs":{"o.js":{"bytes":1,"inputs":{}}}}"#
        source "https://esbuild.github.io/api/#metafile";
    BUDGET_EXCEEDED "budget-exceeded" Error
        "The bundle, each output and each package stay within the budgets given."
        why "A budget that nothing checks is overrun by the next dependency. Here the budget of the total is 50 bytes."
        wrong r#"{"inputs":{},"outputs":{"o.js":{"bytes":51,"inputs":{}}}}"#
        right r#"{"inputs":{},"outputs":{"o.js":{"bytes":50,"inputs":{}}}}"#
        source "https://web.dev/articles/performance-budgets-101";
    DUPLICATE_PACKAGE "duplicate-package" Warning
        "Each package is bundled once."
        why "Two copies cost twice, and state that both hold falls apart; dependents ask for ranges that do not meet."
        wrong r#"{"inputs":{},"outputs":{"o.js":{"bytes":9,"inputs":{"node_modules/x/i.js":{"bytesInOutput":4},"node_modules/y/node_modules/x/i.js":{"bytesInOutput":4}}}}}"#
        right r#"{"inputs":{},"outputs":{"o.js":{"bytes":9,"inputs":{"node_modules/x/i.js":{"bytesInOutput":4},"node_modules/y/i.js":{"bytesInOutput":4}}}}}"#
        source "https://docs.npmjs.com/cli/commands/npm-dedupe";
    MIXED_FORMATS "mixed-formats" Warning
        "A package is bundled as ES modules or as CommonJS, not as both."
        why "Some importers say import and some require, and the package serves each another build of the same code."
        wrong r#"{"inputs":{"node_modules/x/i.mjs":{"format":"esm"},"node_modules/x/i.cjs":{"format":"cjs"}},"outputs":{"o.js":{"bytes":9,"inputs":{"node_modules/x/i.mjs":{"bytesInOutput":4},"node_modules/x/i.cjs":{"bytesInOutput":4}}}}}"#
        right r#"{"inputs":{"node_modules/x/i.mjs":{"format":"esm"},"node_modules/x/j.mjs":{"format":"esm"}},"outputs":{"o.js":{"bytes":9,"inputs":{"node_modules/x/i.mjs":{"bytesInOutput":4},"node_modules/x/j.mjs":{"bytesInOutput":4}}}}}"#
        source "https://nodejs.org/api/packages.html#dual-package-hazard";
    COMMONJS_PACKAGE "commonjs-package" Info
        "Packages are bundled from ES modules."
        why "Bundlers keep a CommonJS module whole: what is not used of it cannot be left out, and it is not joined with others."
        wrong r#"{"inputs":{"node_modules/x/i.js":{"format":"cjs"}},"outputs":{"o.js":{"bytes":9,"inputs":{"node_modules/x/i.js":{"bytesInOutput":4}}}}}"#
        right r#"{"inputs":{"node_modules/x/i.js":{"format":"esm"}},"outputs":{"o.js":{"bytes":9,"inputs":{"node_modules/x/i.js":{"bytesInOutput":4}}}}}"#
        source "https://web.dev/articles/commonjs-larger-bundles";
    SIDE_EFFECTS_BAILOUT "side-effects-bailout" Info
        "Modules do nothing when they are only imported, or their package says so by sideEffects."
        why "A module with side effects stays in the bundle even when nothing of it is used."
        wrong r#"{"modules":[{"identifier":"/p/node_modules/x/i.js","name":"./node_modules/x/i.js","size":4,"chunks":[1],"optimizationBailout":["Statement (ExpressionStatement) with side effects in source code at 3:0-20"]}],"chunks":[],"assets":[]}"#
        right r#"{"modules":[{"identifier":"/p/node_modules/x/i.js","name":"./node_modules/x/i.js","size":4,"chunks":[1]}],"chunks":[],"assets":[]}"#
        source "https://webpack.js.org/guides/tree-shaking/";
    INEFFECTIVE_DYNAMIC_IMPORT "ineffective-dynamic-import" Warning
        "A module that is imported dynamically is not also reached by static imports."
        why "The static import puts the module into the first load, so the dynamic one splits nothing off."
        wrong r#"{"inputs":{"a.js":{"imports":[{"path":"b.js","kind":"import-statement"},{"path":"b.js","kind":"dynamic-import"}]},"b.js":{}},"outputs":{"o.js":{"bytes":9,"entryPoint":"a.js","inputs":{"a.js":{"bytesInOutput":4},"b.js":{"bytesInOutput":4}}}}}"#
        right r#"{"inputs":{"a.js":{"imports":[{"path":"b.js","kind":"dynamic-import"}]},"b.js":{}},"outputs":{"o.js":{"bytes":9,"entryPoint":"a.js","inputs":{"a.js":{"bytesInOutput":4},"b.js":{"bytesInOutput":4}}}}}"#
        source "https://esbuild.github.io/api/#splitting";
    SIZE_GREW "size-grew" Warning
        "No package is over a twentieth and a kilobyte larger than in the baseline."
        why "Growth comes with updates nobody meant to be large. Here the baseline has 1,000 bytes of x."
        wrong r#"{"inputs":{},"outputs":{"o.js":{"bytes":9,"inputs":{"node_modules/x/i.js":{"bytesInOutput":2100}}}}}"#
        right r#"{"inputs":{},"outputs":{"o.js":{"bytes":9,"inputs":{"node_modules/x/i.js":{"bytesInOutput":2000}}}}}"#
        source "https://web.dev/articles/performance-budgets-101";
}
