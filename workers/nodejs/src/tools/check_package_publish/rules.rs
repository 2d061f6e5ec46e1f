//! The rules, by the names that publint (capitals) and arethetypeswrong (camel case) gave them.

use octavo_toolkit::{Level, Rule, rule_docs};

// Where rules come from. Pages are native only, see `rule_docs!`.
#[cfg(not(target_arch = "wasm32"))]
const PACKAGES: &str = "https://nodejs.org/api/packages.html";
#[cfg(not(target_arch = "wasm32"))]
const NPM: &str = "https://docs.npmjs.com/cli/configuring-npm/package-json";
#[cfg(not(target_arch = "wasm32"))]
const MODULES: &str = "https://www.typescriptlang.org/docs/handbook/modules/reference.html";
#[cfg(not(target_arch = "wasm32"))]
const BUNDLERS: &str = "https://webpack.js.org/guides/package-exports/";
#[cfg(not(target_arch = "wasm32"))]
const INTEROP: &str = "https://www.typescriptlang.org/docs/handbook/modules/appendices/esm-cjs-interop.html";

macro_rules! rules {
    ($($name:ident $id:literal $level:ident $summary:literal
        why $why:literal wrong $wrong:literal right $right:literal source $source:expr;)+) => {
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
    PACKAGE_JSON_INVALID "PACKAGE_JSON_INVALID" Error
        "A package.json is a JSON object."
        why "npm refuses to publish or install what it cannot read; comments and trailing commas are not JSON."
        wrong "{ \"name\": \"p\", }" right "{ \"name\": \"p\" }" source NPM;
    FILE_NOT_PARSED "FILE_NOT_PARSED" Info
        "The format of a file is checked only when the file can be parsed."
        why "A file with a syntax error fails where it is loaded; one nested too deep is not handed to the parser."
        wrong "export const = 1" right "export const a = 1" source "https://tc39.es/ecma262/";

    FILE_DOES_NOT_EXIST "FILE_DOES_NOT_EXIST" Error
        "A file that package.json names is in the package."
        why "Whoever imports the entry point gets an error; often a build was not run or `files` leaves the output out."
        wrong "\"main\": \"./dist/indx.js\"" right "\"main\": \"./dist/index.js\"" source PACKAGES;
    FILE_INVALID_FORMAT "FILE_INVALID_FORMAT" Warning
        "A file is written in the module system that `type` and its extension announce."
        why "Node.js chooses the loader by extension and nearest `type`; the wrong one ends in a syntax or reference error."
        wrong "\"main\": \"./index.js\" with `export const a = 1` and no \"type\"" right "\"type\": \"module\", or ./index.mjs"
        source PACKAGES;
    FILE_INVALID_EXPLICIT_FORMAT "FILE_INVALID_EXPLICIT_FORMAT" Warning
        "An .mjs file is an ES module and a .cjs file is CommonJS."
        why "These extensions fix the loader whatever `type` says."
        wrong "index.mjs with `module.exports = 1`" right "index.cjs with `module.exports = 1`" source PACKAGES;
    FILE_INVALID_JSX_EXTENSION "FILE_INVALID_JSX_EXTENSION" Error
        "A JSX file ends in .jsx or .tsx."
        why "The `m` and `c` of .mjs and .cjs have no counterpart for JSX; tools do not know .mjsx, .cjsx, .mtsx, .ctsx."
        wrong "\"main\": \"./index.mjsx\"" right "\"main\": \"./index.jsx\"" source MODULES;
    IMPLICIT_INDEX_JS_INVALID_FORMAT "IMPLICIT_INDEX_JS_INVALID_FORMAT" Warning
        "An index.js that is the entry by default is written in the module system of the package."
        why "Without main, module and exports Node.js loads index.js, as CommonJS unless `type` is \"module\"."
        wrong "index.js with `export default 1`, no \"type\"" right "\"type\": \"module\"" source PACKAGES;
    FIELD_INVALID_VALUE_TYPE "FIELD_INVALID_VALUE_TYPE" Error
        "A field has a value of a type that its readers accept."
        why "Tools ignore the field or fail on it."
        wrong "\"main\": [\"./a.js\"]" right "\"main\": \"./a.js\"" source NPM;
    MODULE_SHOULD_BE_ESM "MODULE_SHOULD_BE_ESM" Error
        "The file of the `module` field is an ES module."
        why "Bundlers read the field only to find ES module syntax."
        wrong "\"module\": \"./cjs.js\"" right "\"module\": \"./esm.js\"" source BUNDLERS;
    HAS_MODULE_BUT_NO_EXPORTS "HAS_MODULE_BUT_NO_EXPORTS" Info
        "A package with `module` has `exports` too."
        why "Node.js does not know `module`; `exports` gives it and bundlers the same two builds."
        wrong "\"main\": \"./a.js\", \"module\": \"./a.mjs\""
        right "\"exports\": { \"import\": \"./a.mjs\", \"require\": \"./a.js\" }" source PACKAGES;
    HAS_ESM_MAIN_BUT_NO_EXPORTS "HAS_ESM_MAIN_BUT_NO_EXPORTS" Info
        "A package whose `main` is an ES module has `exports`."
        why "Every tool that reads ES modules reads `exports`, which also hides the package's inner files."
        wrong "\"type\": \"module\", \"main\": \"./a.js\"" right "\"type\": \"module\", \"exports\": \"./a.js\"" source PACKAGES;
    CJS_WITH_ESMODULE_DEFAULT_EXPORT "CJS_WITH_ESMODULE_DEFAULT_EXPORT" Warning
        "A CommonJS file that `import` reaches does not combine `__esModule` with `exports.default`."
        why "Node.js hands out the whole `exports` as default, most bundlers hand out `exports.default`."
        wrong "exports.__esModule = true; exports.default = run" right "module.exports = run" source INTEROP;

    EXPORTS_VALUE_INVALID "EXPORTS_VALUE_INVALID" Error
        "A target in `exports` begins with \"./\"."
        why "Node.js throws ERR_INVALID_PACKAGE_TARGET for anything else."
        wrong "\"exports\": \"dist/index.js\"" right "\"exports\": \"./dist/index.js\"" source PACKAGES;
    EXPORTS_KEYS_MIXED "EXPORTS_KEYS_MIXED" Error
        "The keys of `exports` are either all subpaths, beginning with \".\", or all conditions."
        why "Node.js throws ERR_INVALID_PACKAGE_CONFIG for a mixture: nothing of the package can be imported."
        wrong "\"exports\": { \".\": \"./a.js\", \"require\": \"./a.cjs\" }"
        right "\"exports\": { \".\": { \"require\": \"./a.cjs\", \"default\": \"./a.js\" } }" source PACKAGES;
    EXPORTS_MISSING_ROOT_ENTRYPOINT "EXPORTS_MISSING_ROOT_ENTRYPOINT" Warning
        "A package with `main` or `module` exports its root."
        why "Where `exports` exists, main and module are ignored: the bare name of the package no longer resolves."
        wrong "\"main\": \"./a.js\", \"exports\": { \"./b\": \"./b.js\" }"
        right "\"exports\": { \".\": \"./a.js\", \"./b\": \"./b.js\" }" source PACKAGES;
    EXPORTS_GLOB_NO_MATCHED_FILES "EXPORTS_GLOB_NO_MATCHED_FILES" Warning
        "A pattern in `exports` fits a file of the package."
        why "Every import through it fails."
        wrong "\"./*\": \"./dst/*.js\"" right "\"./*\": \"./dist/*.js\"" source PACKAGES;
    EXPORTS_GLOB_NO_DEPRECATED_SUBPATH_MAPPING "EXPORTS_GLOB_NO_DEPRECATED_SUBPATH_MAPPING" Error
        "A folder is exported by a pattern, not by a trailing slash."
        why "Node.js 17 removed folder mappings."
        wrong "\"./lib/\": \"./lib/\"" right "\"./lib/*\": \"./lib/*\"" source "https://nodejs.org/api/deprecations.html#DEP0148";
    EXPORTS_TYPES_SHOULD_BE_FIRST "EXPORTS_TYPES_SHOULD_BE_FIRST" Error
        "The \"types\" condition stands before the others."
        why "Conditions are tried in order: TypeScript takes an earlier one and never sees the types."
        wrong "{ \"import\": \"./a.js\", \"types\": \"./a.d.ts\" }" right "{ \"types\": \"./a.d.ts\", \"import\": \"./a.js\" }"
        source MODULES;
    EXPORTS_MODULE_SHOULD_PRECEDE_REQUIRE "EXPORTS_MODULE_SHOULD_PRECEDE_REQUIRE" Error
        "The \"module\" condition stands before \"require\"."
        why "A bundler resolving a require() takes the first that applies; \"module\" would never be used."
        wrong "{ \"require\": \"./a.cjs\", \"module\": \"./a.mjs\" }" right "{ \"module\": \"./a.mjs\", \"require\": \"./a.cjs\" }"
        source BUNDLERS;
    EXPORTS_DEFAULT_SHOULD_BE_LAST "EXPORTS_DEFAULT_SHOULD_BE_LAST" Error
        "The \"default\" condition stands last."
        why "It always applies, so conditions after it are never tried."
        wrong "{ \"default\": \"./a.js\", \"import\": \"./a.mjs\" }" right "{ \"import\": \"./a.mjs\", \"default\": \"./a.js\" }"
        source PACKAGES;
    EXPORTS_MODULE_SHOULD_BE_ESM "EXPORTS_MODULE_SHOULD_BE_ESM" Error
        "The file of a \"module\" condition in `exports` is an ES module."
        why "The condition exists to give bundlers an ES module also for require()."
        wrong "{ \"module\": \"./a.cjs\" }" right "{ \"module\": \"./a.mjs\" }" source BUNDLERS;
    EXPORTS_FALLBACK_ARRAY_USE "EXPORTS_FALLBACK_ARRAY_USE" Warning
        "A target in `exports` is not an array."
        why "Only the first valid item is used, existing or not, and tools differ on which that is."
        wrong "\".\": [\"./a.js\", \"./b.js\"]" right "\".\": \"./a.js\"" source PACKAGES;
    EXPORTS_TYPES_INVALID_FORMAT "EXPORTS_TYPES_INVALID_FORMAT" Warning
        "The types of a condition are in the module system of the code."
        why "One declaration file for both builds is read as one system, and imports of the other one are typed wrongly."
        wrong "{ \"types\": \"./a.d.ts\", \"import\": \"./a.mjs\", \"require\": \"./a.js\" }"
        right "{ \"import\": { \"types\": \"./a.d.mts\", \"default\": \"./a.mjs\" }, \"require\": { \"types\": \"./a.d.ts\", \"default\": \"./a.js\" } }"
        source MODULES;
    EXPORTS_VALUE_CONFLICTS_WITH_BROWSER "EXPORTS_VALUE_CONFLICTS_WITH_BROWSER" Warning
        "A target for workers is not remapped by the `browser` field."
        why "Bundlers apply the `browser` map after `exports`, so a worker gets the browser's file."
        wrong "\"exports\": { \"worker\": \"./s.js\" }, \"browser\": { \"./s.js\": \"./b.js\" }"
        right "\"exports\": { \"worker\": \"./s.js\", \"browser\": \"./b.js\" }" source BUNDLERS;
    TYPES_NOT_EXPORTED "TYPES_NOT_EXPORTED" Warning
        "Types of the package are reachable through `exports`."
        why "Where `exports` exists, TypeScript ignores the `types` field in node16 and bundler resolution."
        wrong "\"types\": \"./t.d.ts\", \"exports\": \"./a.js\""
        right "\"exports\": { \"types\": \"./t.d.ts\", \"default\": \"./a.js\" }" source MODULES;

    IMPORTS_KEY_INVALID "IMPORTS_KEY_INVALID" Error
        "A key of `imports` begins with \"#\"."
        why "Node.js looks only names with \"#\" up in `imports`."
        wrong "\"imports\": { \"dep\": \"./dep.js\" }" right "\"imports\": { \"#dep\": \"./dep.js\" }" source PACKAGES;
    IMPORTS_VALUE_INVALID "IMPORTS_VALUE_INVALID" Error
        "A relative target in `imports` begins with \"./\"."
        why "Node.js throws ERR_INVALID_PACKAGE_TARGET for a target that leaves the package."
        wrong "\"#dep\": \"../dep.js\"" right "\"#dep\": \"./dep.js\"" source PACKAGES;
    IMPORTS_GLOB_NO_DEPRECATED_SUBPATH_MAPPING "IMPORTS_GLOB_NO_DEPRECATED_SUBPATH_MAPPING" Error
        "A folder in `imports` is mapped by a pattern, not by a trailing slash."
        why "Node.js 17 removed folder mappings."
        wrong "\"#lib/\": \"./lib/\"" right "\"#lib/*\": \"./lib/*\"" source "https://nodejs.org/api/deprecations.html#DEP0148";
    IMPORTS_MODULE_SHOULD_PRECEDE_REQUIRE "IMPORTS_MODULE_SHOULD_PRECEDE_REQUIRE" Error
        "In `imports` the \"module\" condition stands before \"require\"."
        why "A bundler resolving a require() takes the first that applies; \"module\" would never be used."
        wrong "\"#a\": { \"require\": \"./a.cjs\", \"module\": \"./a.mjs\" }"
        right "\"#a\": { \"module\": \"./a.mjs\", \"require\": \"./a.cjs\" }" source BUNDLERS;
    IMPORTS_DEFAULT_SHOULD_BE_LAST "IMPORTS_DEFAULT_SHOULD_BE_LAST" Error
        "In `imports` the \"default\" condition stands last."
        why "It always applies, so conditions after it are never tried."
        wrong "\"#a\": { \"default\": \"./a.js\", \"node\": \"./n.js\" }"
        right "\"#a\": { \"node\": \"./n.js\", \"default\": \"./a.js\" }" source PACKAGES;
    IMPORTS_MODULE_SHOULD_BE_ESM "IMPORTS_MODULE_SHOULD_BE_ESM" Error
        "The file of a \"module\" condition in `imports` is an ES module."
        why "The condition exists to give bundlers an ES module also for require()."
        wrong "\"#a\": { \"module\": \"./a.cjs\" }" right "\"#a\": { \"module\": \"./a.mjs\" }" source BUNDLERS;
    IMPORTS_FALLBACK_ARRAY_USE "IMPORTS_FALLBACK_ARRAY_USE" Warning
        "A target in `imports` is not an array."
        why "Only the first valid item is used, existing or not, and tools differ on which that is."
        wrong "\"#a\": [\"./a.js\", \"./b.js\"]" right "\"#a\": \"./a.js\"" source PACKAGES;

    USE_EXPORTS_BROWSER "USE_EXPORTS_BROWSER" Info
        "A package with `exports` names its browser entry there."
        why "The \"browser\" condition is read by the same rules as the other entries; the field is a bundler convention."
        wrong "\"exports\": \"./a.js\", \"browser\": \"./b.js\""
        right "\"exports\": { \"browser\": \"./b.js\", \"default\": \"./a.js\" }" source PACKAGES;
    USE_EXPORTS_OR_IMPORTS_BROWSER "USE_EXPORTS_OR_IMPORTS_BROWSER" Info
        "A package with `exports` replaces a `browser` map by conditions in `exports` and `imports`."
        why "Conditions say which file is used where it is used; the map rewrites it afterwards."
        wrong "\"browser\": { \"./a.js\": \"./b.js\" }"
        right "\"imports\": { \"#a\": { \"browser\": \"./b.js\", \"default\": \"./a.js\" } }" source PACKAGES;
    USE_TYPE "USE_TYPE" Info
        "A package says its `type`."
        why "Node.js 20.19 and later guess at the syntax of .js files without it, which costs time and hides mistakes."
        wrong "{ \"name\": \"p\" }" right "{ \"name\": \"p\", \"type\": \"commonjs\" }" source PACKAGES;
    USE_ENGINES_NODE "USE_ENGINES_NODE" Info
        "A package for Node.js says which versions it supports in `engines.node`."
        why "npm and others warn before an install that cannot work."
        wrong "{ \"main\": \"./a.cjs\" }" right "{ \"main\": \"./a.cjs\", \"engines\": { \"node\": \">=20\" } }" source NPM;
    USE_FILES "USE_FILES" Info
        "Tests and settings stay out of the package by `files`."
        why "They make every install larger and may hold what was not meant for others."
        wrong "no \"files\", and test/ in the package" right "\"files\": [\"dist\"]" source NPM;
    USE_LICENSE "USE_LICENSE" Info
        "A package with a licence file names the licence in `license`."
        why "Registries and licence checks read the field, not the file."
        wrong "LICENSE without \"license\"" right "\"license\": \"MIT\"" source NPM;
    USE_SIDE_EFFECTS "USE_SIDE_EFFECTS" Info
        "A package for bundlers says `sideEffects`."
        why "Without it a bundler keeps unused modules of the package."
        wrong "{ \"module\": \"./a.mjs\" }" right "{ \"module\": \"./a.mjs\", \"sideEffects\": false }"
        source "https://webpack.js.org/guides/tree-shaking/";
    DEPRECATED_FIELD_JSNEXT "DEPRECATED_FIELD_JSNEXT" Warning
        "An ES module for bundlers is named by `module`, not by `jsnext` or `jsnext:main`."
        why "The older fields were given up for `module`."
        wrong "\"jsnext:main\": \"./a.mjs\"" right "\"module\": \"./a.mjs\"" source BUNDLERS;
    INVALID_REPOSITORY_VALUE "INVALID_REPOSITORY_VALUE" Warning
        "The repository is a shorthand, or an object with a git URL in full."
        why "npm rewrites or drops other values, and links on the package page break."
        wrong "\"repository\": \"https://github.com/o/r\""
        right "\"repository\": { \"type\": \"git\", \"url\": \"git+https://github.com/o/r.git\" }" source NPM;
    LOCAL_DEPENDENCY "LOCAL_DEPENDENCY" Error
        "A dependency comes from a registry or a URL, not from a local path."
        why "The path does not exist where the package is installed."
        wrong "\"dependencies\": { \"a\": \"file:../a\" }" right "\"dependencies\": { \"a\": \"^1.0.0\" }" source NPM;
    BIN_FILE_NOT_EXECUTABLE "BIN_FILE_NOT_EXECUTABLE" Error
        "A command's file begins with `#!/usr/bin/env node`."
        why "Without it a shell runs the file as a shell script."
        wrong "console.log(1)" right "#!/usr/bin/env node\nconsole.log(1)" source NPM;
    NESTED_PACKAGE_JSON_FIELD_IGNORED "NESTED_PACKAGE_JSON_FIELD_IGNORED" Warning
        "A package.json below the root has neither `exports` nor `imports`."
        why "Node.js reads them at the root of the package only for importers; some bundlers read them anyway."
        wrong "dist/package.json: { \"exports\": \"./a.js\" }" right "dist/package.json: { \"type\": \"module\" }" source PACKAGES;

    NO_RESOLUTION "NoResolution" Error
        "An entry point leads to a file in every resolution mode."
        why "Importing it is an error for users of that mode; node10 needs a file or directory at the same path."
        wrong "\"exports\": { \"./a\": { \"import\": \"./a.mjs\" } }" right "\"exports\": { \"./a\": \"./a.mjs\" }" source MODULES;
    UNTYPED_RESOLUTION "UntypedResolution" Warning
        "An entry point of a typed package leads to types in every resolution mode."
        why "Users of that mode get `any`, or an error under strict settings."
        wrong "\"exports\": { \"types\": \"./types.d.ts\", \"import\": \"./a.js\" } without types.d.ts"
        right "a.d.ts beside a.js" source MODULES;
    FALSE_CJS "FalseCJS" Error
        "Types say CommonJS only where the code is CommonJS."
        why "TypeScript allows require() of a file that is an ES module, and mistypes its default import."
        wrong "a.mjs with types a.d.ts, no \"type\"" right "a.mjs with types a.d.mts" source MODULES;
    FALSE_ESM "FalseESM" Error
        "Types say ES module only where the code is an ES module."
        why "TypeScript refuses require() of a file that allows it, and mistypes its default import."
        wrong "a.cjs with types a.d.ts, \"type\": \"module\"" right "a.cjs with types a.d.cts" source MODULES;
    CJS_RESOLVES_TO_ESM "CJSResolvesToESM" Warning
        "require() from CommonJS leads to CommonJS."
        why "Before Node.js 20.19 and 22.12 require() of an ES module throws; dynamic import() works."
        wrong "\"exports\": \"./a.mjs\"" right "\"exports\": { \"import\": \"./a.mjs\", \"require\": \"./a.cjs\" }" source PACKAGES;
    FALLBACK_CONDITION "FallbackCondition" Warning
        "Types are found under the condition that the code is found under."
        why "TypeScript goes on to a later condition where an earlier one has no types; Node.js does not, so they describe other code."
        wrong "{ \"import\": \"./a.mjs\", \"default\": \"./b.js\" } with b.d.ts only" right "a.d.mts beside a.mjs" source MODULES;
    CJS_ONLY_EXPORTS_DEFAULT "CJSOnlyExportsDefault" Warning
        "A CommonJS file that `import` reaches does not only set `exports.default`."
        why "An ES module gets the object around the default, so it must write `pkg.default`."
        wrong "exports.__esModule = true; exports.default = run" right "module.exports = run; module.exports.default = run"
        source INTEROP;
    UNEXPECTED_MODULE_SYNTAX "UnexpectedModuleSyntax" Error
        "An entry file is written in the module system Node.js loads it as."
        why "Extension and nearest `type` decide the loader; the other system's syntax fails in it."
        wrong "a.js with `export const a = 1`, no \"type\"" right "a.mjs with `export const a = 1`" source PACKAGES;
    INTERNAL_RESOLUTION_ERROR "InternalResolutionError" Error
        "Imports inside declaration files lead to files of the package."
        why "What is imported becomes `any` for users of that mode; ES module types need full file names."
        wrong "export * from './a' in index.d.mts" right "export * from './a.mjs' in index.d.mts" source MODULES;
}
