//! The fields of package.json apart from `exports` and `imports`: do they name files that exist, in the right module
//! system, with values that their readers accept; and what is missing.

use super::checker::{Checker, Field, FieldPath, JS_ENDINGS, has_key, is_javascript};
use super::rules;
use crate::support::json::{Kind, Node};
use crate::support::module_format::{JsFacts, ModuleKind};
use crate::support::package_tree::{base_name, ends_in};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Level, Rule};
use std::ops::Range;

/// Files and folders that serve a package's development, by the names most projects give them. Folders end in a slash.
const DEVELOPMENT_PATHS: [&str; 32] = [
    "test/",
    "tests/",
    "__tests__/",
    "e2e/",
    ".circleci/",
    ".github/",
    ".husky/",
    ".vscode/",
    ".travis.yml",
    "appveyor.yml",
    "azure-pipelines.yml",
    ".eslintignore",
    ".eslintrc",
    ".eslintrc.js",
    "eslint.config.cjs",
    "eslint.config.js",
    "eslint.config.mjs",
    ".prettierignore",
    ".prettierrc",
    "prettier.config.js",
    ".gitattributes",
    ".gitignore",
    "bun.lock",
    "bun.lockb",
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "CODEOWNERS",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "Dockerfile",
    "tsconfig.tsbuildinfo",
];

/// Most development files a message names.
const MAX_LISTED: usize = 8;

/// Endings of JSX files that no tool knows.
const UNKNOWN_JSX: [&str; 4] = [".mjsx", ".cjsx", ".mtsx", ".ctsx"];

/// Checks every field but `exports` and `imports`.
pub(super) fn check(checker: &mut Checker<'_>) {
    checker.check_presence();
    checker.check_dependencies();
    checker.check_engines();
    checker.check_main();
    checker.check_module();
    super::repository::check(checker);
    checker.check_named_files();
    checker.check_side_effects();
    checker.check_browser();
    checker.check_bin();
    checker.check_nested_manifests();
}

/// The extension that fits a module system.
pub(super) const fn extension_of(kind: ModuleKind) -> &'static str {
    match kind {
        ModuleKind::Esm => ".mjs",
        ModuleKind::Cjs => ".cjs",
    }
}

/// Whether a file says it combines `__esModule` with a default that a namespace import loses.
pub(super) fn loses_default(facts: &JsFacts) -> bool {
    facts.es_module_flag && facts.opaque_default.is_some() && !facts.replaces_exports && facts.esm.is_none()
}

impl<'a> Checker<'a> {
    /// Reports a file that is missing, at the value that names it.
    pub(super) fn report_missing(&mut self, span: Range<usize>, path: &FieldPath, value: &str) {
        let message = format!("{path} names {}, which is not in the package", excerpt(value));
        self.report(&rules::FILE_DOES_NOT_EXIST, span, message);
    }

    /// Reports a file written in another module system than Node.js loads it with. True if it did.
    pub(super) fn check_format(&mut self, span: Range<usize>, path: &FieldPath, file: &str) -> bool {
        let (written, loaded) = (self.written_kind(file), self.loaded_kind(file));
        let (Some(written), Some(loaded)) = (written, loaded) else { return false };
        if written == loaded {
            return false;
        }
        let explicit = ends_in(file, &[".mjs", ".cjs"]);
        let rule = if explicit { &rules::FILE_INVALID_EXPLICIT_FORMAT } else { &rules::FILE_INVALID_FORMAT };
        let message = format!(
            "{path}: {} is written as {} but loaded as {}; {} would fit its syntax",
            excerpt(file),
            written.name(),
            loaded.name(),
            extension_of(written)
        );
        self.report(rule, span, message);
        true
    }

    /// Reports an extension that no tool knows. True if it did.
    pub(super) fn check_jsx(&mut self, span: Range<usize>, path: &FieldPath, file: &str) -> bool {
        let Some(extension) = UNKNOWN_JSX.iter().find(|extension| file.ends_with(**extension)) else { return false };
        let fitting = if extension.ends_with("tsx") { ".tsx" } else { ".jsx" };
        let message = format!("{path}: {} ends in {extension}, which tools do not know; use {fitting}", excerpt(file));
        self.report(&rules::FILE_INVALID_JSX_EXTENSION, span, message);
        true
    }

    /// Reports a value of a type its field does not have. True if the type is right.
    pub(super) fn expect_type(&mut self, node: &Node, path: &FieldPath, accepted: &str, fits: bool) -> bool {
        if !fits {
            let message = format!("{path} is {}; {accepted} is expected", node.kind_name());
            self.report(&rules::FIELD_INVALID_VALUE_TYPE, node.span.clone(), message);
        }
        fits
    }

    fn expect_string(&mut self, field: &Field<'a>) -> Option<&'a str> {
        let text = field.node.as_str();
        self.expect_type(field.node, &field.path, "a string", text.is_some());
        text
    }

    fn is_set(&self, name: &str) -> bool {
        self.root.get(name).is_some_and(|node| !node.is_null())
    }

    fn check_presence(&mut self) {
        let name = self.name_span();
        if !self.is_set("type") {
            let message = "`type` is missing; \"module\" or \"commonjs\" says how .js files are loaded".to_owned();
            self.report(&rules::USE_TYPE, name.clone(), message);
        }
        if !self.is_set("license") {
            let is_licence = |path: &&str| {
                let lower = path.to_ascii_lowercase();
                !path.contains('/') && ["copying", "licence", "license"].iter().any(|word| lower.starts_with(word))
            };
            if let Some(file) = self.tree.paths().find(is_licence) {
                let message = format!("`license` is missing, though the package has {}", excerpt(file));
                self.report(&rules::USE_LICENSE, name.clone(), message);
            }
        }
        if !self.is_set("files") {
            self.check_development_files(name);
        }
    }

    fn check_development_files(&mut self, name: Range<usize>) {
        let known = DEVELOPMENT_PATHS.iter().copied().filter(|path| match path.strip_suffix('/') {
            Some(folder) => self.tree.has_directory(folder),
            None => self.tree.has_file(path),
        });
        let mut found: Vec<&str> = known.collect();
        let folders: Vec<&str> = found.iter().copied().filter(|path| path.ends_with('/')).collect();
        let tests = self.tree.paths().filter(|path| {
            let vendored = path.split('/').any(|part| part == "node_modules");
            is_test_file(path) && !vendored && !folders.iter().any(|folder| path.starts_with(folder))
        });
        found.extend(tests);
        if found.is_empty() {
            return;
        }
        let more = found.len().saturating_sub(MAX_LISTED);
        let listed: Vec<String> = found.iter().take(MAX_LISTED).map(|path| excerpt(path)).collect();
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!("`files` is missing, and the package has {}{rest}", listed.join(", "));
        self.report(&rules::USE_FILES, name, message);
    }

    fn check_dependencies(&mut self) {
        let dependencies = self.root.get("dependencies").and_then(Node::as_object);
        for member in dependencies.map(crate::support::json::Object::members).unwrap_or_default() {
            if member.value.as_str().is_some_and(|version| version.starts_with("file:") || version.starts_with("link:"))
            {
                let message = format!("dependency {} is a path on this machine", excerpt(&member.key));
                self.report(&rules::LOCAL_DEPENDENCY, member.value.span.clone(), message);
            }
        }
    }

    fn check_engines(&mut self) {
        let engines = self.field("engines");
        if engines.as_ref().and_then(|engines| engines.node.get("node")).is_some_and(|node| !node.is_null()) {
            return;
        }
        let exports = self.field("exports");
        let by_condition =
            exports.is_some_and(|exports| has_key(exports.node, "node") || has_key(exports.node, "require"));
        if !by_condition {
            let main = self.field("main").and_then(|main| main.node.as_str());
            let file = main.and_then(|main| self.find_file(main, &JS_ENDINGS)).filter(|file| is_javascript(file));
            if file.and_then(|file| self.written_kind(&file)) != Some(ModuleKind::Cjs) {
                return;
            }
        }
        let span = engines.map_or_else(|| self.name_span(), |engines| engines.node.span.clone());
        let message = "the package has code for Node.js, but `engines.node` does not say for which versions".to_owned();
        self.report(&rules::USE_ENGINES_NODE, span, message);
    }

    fn check_main(&mut self) {
        let (module, exports) = (self.field("module"), self.field("exports"));
        let Some(main) = self.field("main") else {
            if module.is_none() && exports.is_none() {
                self.check_implicit_index();
            }
            return;
        };
        let Some(value) = self.expect_string(&main) else { return };
        let span = main.node.span.clone();
        let Some(file) = self.find_file(value, &JS_ENDINGS) else {
            return self.report_missing(span, &main.path, value);
        };
        if self.check_jsx(span.clone(), &main.path, value) || !is_javascript(value) {
            return;
        }
        self.check_format(span.clone(), &main.path, &file);
        if exports.is_some() {
            return;
        }
        if self.written_kind(&file) == Some(ModuleKind::Esm) {
            let message =
                format!("{} is an ES module; `exports` would name it for every tool that reads it", main.path);
            self.report(&rules::HAS_ESM_MAIN_BUT_NO_EXPORTS, span.clone(), message);
        }
        if module.is_none() {
            self.check_default_interop(span, &main.path, &file);
        }
    }

    // Reports a CommonJS file whose default export differs between Node.js and bundlers.
    pub(super) fn check_default_interop(&mut self, span: Range<usize>, path: &FieldPath, file: &str) {
        if self.loaded_kind(file) == Some(ModuleKind::Cjs) && self.facts(file).as_ref().is_some_and(loses_default) {
            let message = format!(
                "{path}: {} sets `__esModule` and `exports.default`; `import` in Node.js gets the object around the default",
                excerpt(file)
            );
            self.report(&rules::CJS_WITH_ESMODULE_DEFAULT_EXPORT, span, message);
        }
    }

    fn check_implicit_index(&mut self) {
        if !self.tree.has_file("index.js") {
            return;
        }
        let name = self.name_span();
        let (written, loaded) = (self.written_kind("index.js"), self.loaded_kind("index.js"));
        if let (Some(written), Some(loaded)) = (written, loaded)
            && written != loaded
        {
            let (written, loaded) = (written.name(), loaded.name());
            let message = format!("index.js, the entry by default, is written as {written} but loaded as {loaded}");
            self.report(&rules::IMPLICIT_INDEX_JS_INVALID_FORMAT, name.clone(), message);
        }
        self.check_default_interop(name, &FieldPath::root("index.js"), "index.js");
    }

    fn check_module(&mut self) {
        let Some(module) = self.field("module") else { return };
        let Some(value) = self.expect_string(&module) else { return };
        let span = module.node.span.clone();
        let Some(file) = self.find_file(value, &JS_ENDINGS) else {
            return self.report_missing(span, &module.path, value);
        };
        if self.check_jsx(span.clone(), &module.path, value) || !is_javascript(value) {
            return;
        }
        if self.written_kind(&file) == Some(ModuleKind::Cjs) {
            let message = format!("{}: {} is written as CJS", module.path, excerpt(&file));
            self.report(&rules::MODULE_SHOULD_BE_ESM, span.clone(), message);
        }
        if !self.field("exports").is_some_and(|exports| exports.node.is_truthy()) {
            let message = format!("{} is read by bundlers only; `exports` serves Node.js too", module.path);
            self.report(&rules::HAS_MODULE_BUT_NO_EXPORTS, span, message);
        }
    }

    fn check_named_files(&mut self) {
        let has_versions = self.field("typesVersions").is_some_and(|field| field.node.is_truthy());
        let fields = ["types", "typings", "jsnext:main", "jsnext", "unpkg", "jsdelivr"];
        for name in fields.into_iter().skip(if has_versions { 2 } else { 0 }) {
            let Some(field) = self.field(name) else { continue };
            let Some(value) = self.expect_string(&field) else { continue };
            let span = field.node.span.clone();
            let is_types = name.starts_with("typ");
            let endings: &[&str] = if is_types { &[".d.ts", "/index.d.ts", ".js", "/index.js"] } else { &JS_ENDINGS };
            if self.find_file(value, endings).is_none() {
                self.report_missing(span, &field.path, value);
            } else if name.starts_with("jsnext") {
                let has_module = self.field("module").is_some_and(|module| module.node.is_truthy());
                let level = if has_module { Level::Info } else { Level::Warning };
                let message = format!("{}: bundlers read `module` instead", field.path);
                self.report_as(level, &rules::DEPRECATED_FIELD_JSNEXT, span, message);
            }
        }
    }

    fn check_side_effects(&mut self) {
        let by_condition = |name: &str| {
            let field = self.field(name);
            field.is_some_and(|field| has_key(field.node, "browser") || has_key(field.node, "module"))
        };
        let for_bundlers = self.field("module").is_some()
            || self.field("browser").is_some()
            || by_condition("exports")
            || by_condition("imports");
        if for_bundlers && !self.is_set("sideEffects") {
            let message =
                "`sideEffects` is missing; false, or the files that have some, lets bundlers drop unused modules";
            self.report(&rules::USE_SIDE_EFFECTS, self.name_span(), message.to_owned());
        }
    }

    fn check_browser(&mut self) {
        let Some(browser) = self.field("browser").filter(|browser| browser.node.is_truthy()) else { return };
        let has_exports = self.field("exports").is_some_and(|exports| exports.node.is_truthy());
        let span = browser.node.span.clone();
        let mut rule: &Rule = &rules::USE_EXPORTS_OR_IMPORTS_BROWSER;
        if let Some(value) = browser.node.as_str() {
            rule = &rules::USE_EXPORTS_BROWSER;
            match self.find_file(value, &JS_ENDINGS) {
                None => self.report_missing(span.clone(), &browser.path, value),
                Some(file) if !has_exports && is_javascript(&file) => {
                    self.check_default_interop(span.clone(), &browser.path, &file);
                }
                Some(_) => {}
            }
        }
        for member in browser.node.as_object().map(crate::support::json::Object::members).unwrap_or_default() {
            let relative = member.value.as_str().filter(|value| value.starts_with('.'));
            if let Some(value) = relative.filter(|value| self.find_file(value, &JS_ENDINGS).is_none()) {
                self.report_missing(member.value.span.clone(), &browser.path.join(&member.key), value);
            }
        }
        if has_exports {
            let message =
                format!("{} beside `exports`: conditions there would say the same to every tool", browser.path);
            self.report(rule, span, message);
        }
    }

    fn check_bin(&mut self) {
        let Some(bin) = self.field("bin").filter(|bin| bin.node.is_truthy()) else { return };
        match &bin.node.kind {
            Kind::String(value) => self.check_command(bin.node, &bin.path, value),
            Kind::Object(commands) => {
                for member in commands.members() {
                    let path = bin.path.join(&member.key);
                    if let Some(value) = member.value.as_str() {
                        self.check_command(&member.value, &path, value);
                    } else {
                        self.expect_type(&member.value, &path, "a string", false);
                    }
                }
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Array(_) => {
                self.expect_type(bin.node, &bin.path, "a string or an object", false);
            }
        }
    }

    fn check_command(&mut self, node: &Node, path: &FieldPath, value: &str) {
        let span = node.span.clone();
        let Some(file) = self.find_file(value, &JS_ENDINGS) else {
            return self.report_missing(span, path, value);
        };
        if !is_javascript(value) {
            return;
        }
        let Some(text) = self.tree.text(&file) else {
            self.unsent.insert(file);
            return;
        };
        let interpreter = text.strip_prefix("#!");
        if !interpreter.is_some_and(|rest| rest.trim_start().starts_with("/usr/bin/env")) {
            let problem =
                if interpreter.is_some() { "begins with another interpreter than" } else { "does not begin with" };
            let message = format!("{path}: {} {problem} `#!/usr/bin/env node`", excerpt(&file));
            self.report(&rules::BIN_FILE_NOT_EXECUTABLE, span.clone(), message);
            if interpreter.is_none() && !text.starts_with('\u{feff}') {
                self.fix_at_start_of(&file, "add the line", "#!/usr/bin/env node\n");
            }
        }
        self.check_format(span, path, &file);
    }

    fn check_nested_manifests(&mut self) {
        let ignored: Vec<(String, &str)> = self
            .tree
            .manifests()
            .filter(|(directory, _)| !directory.is_empty() && !directory.split('/').any(|part| part == "node_modules"))
            .filter_map(|(directory, manifest)| Some((directory, manifest?)))
            .flat_map(|(directory, manifest)| {
                let set = |name: &&str| manifest.get(name).is_some_and(|value| !value.is_null());
                ["exports", "imports"].into_iter().filter(set).map(move |name| (directory.to_owned(), name))
            })
            .collect();
        for (directory, name) in ignored {
            let message =
                format!("{}/package.json has `{name}`, which Node.js does not read there", excerpt(&directory));
            self.report(&rules::NESTED_PACKAGE_JSON_FIELD_IGNORED, self.name_span(), message);
        }
    }
}

fn is_test_file(path: &str) -> bool {
    let name = base_name(path);
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let script = extension.strip_prefix(['c', 'm']).unwrap_or(extension);
    matches!(script, "js" | "jsx" | "ts" | "tsx") && ends_in(stem, &[".test", ".spec"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_files_are_told_by_name() {
        assert!(is_test_file("a/b.test.ts") && is_test_file("b.spec.cjs") && is_test_file("x.test.jsx"));
        assert!(!is_test_file("test.js") && !is_test_file("a.test.json") && !is_test_file("spec"));
    }
}
