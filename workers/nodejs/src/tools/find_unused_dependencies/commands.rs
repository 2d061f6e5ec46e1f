//! Shell commands of scripts, hooks and workflows: which programs they run, and which files and modules of the project they
//! name.

use super::inputs::{Ask, Input};
use super::programs::{config_of, is_system_program};
use super::project::{is_kind, package_name};
use super::test_runners::is_vitest_reporter;
use crate::support::package_tree::join;
use std::collections::VecDeque;
use std::ops::Range;

/// Most commands of one text, those within others too.
const MAX_COMMANDS: usize = 500;
/// Longest text read; what is longer is cut.
const MAX_BYTES: usize = 32 * 1024;

/// Where a command stands.
pub(super) struct Place<'c> {
    /// The file that has it.
    pub(super) file: &'c str,
    pub(super) span: Range<usize>,
    /// The folder it runs in.
    pub(super) folder: &'c str,
    /// Whether a program that nobody knows must come from a package; not so in workflows and hooks, which have more installed.
    pub(super) knows_all: bool,
    /// Whether package.json has a script of this name.
    pub(super) has_script: &'c dyn Fn(&str) -> bool,
}

/// Reads a text of commands.
pub(super) fn read(text: &str, place: &Place<'_>) -> Vec<Input> {
    let mut reader = Reader {
        place,
        folder: place.folder.to_owned(),
        knows_all: place.knows_all,
        found: Vec::new(),
        waiting: VecDeque::new(),
        functions: Vec::new(),
    };
    let end = (0..=MAX_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    reader.waiting.push_back(text.get(..end).unwrap_or_default().to_owned());
    let mut count = 0;
    while let Some(text) = reader.waiting.pop_front() {
        let commands = split(&text, &mut reader.waiting, &mut reader.functions);
        for words in commands {
            count += 1;
            if count > MAX_COMMANDS {
                return reader.found;
            }
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            reader.command(&words, false);
        }
    }
    reader.found
}

// The words of each command of a text; what stands in `$(...)` and backquotes is put with what waits.
fn split(text: &str, waiting: &mut VecDeque<String>, functions: &mut Vec<String>) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(c) => word.get_or_insert_default().push(c),
            },
            '\'' => {
                let word = word.get_or_insert_default();
                word.extend(chars.by_ref().take_while(|c| *c != '\''));
            }
            '"' => {
                let word = word.get_or_insert_default();
                while let Some(c) = chars.next().filter(|c| *c != '"') {
                    match c {
                        '\\' => word.extend(chars.next()),
                        '$' if chars.peek() == Some(&'(') => {
                            chars.next();
                            waiting.push_back(until_closed(&mut chars));
                        }
                        c => word.push(c),
                    }
                }
            }
            '`' => {
                waiting.push_back(chars.by_ref().take_while(|c| *c != '`').collect());
                word.get_or_insert_default();
            }
            '$' if chars.peek() == Some(&'(') => {
                chars.next();
                waiting.push_back(until_closed(&mut chars));
                word.get_or_insert_default();
            }
            '$' if chars.peek() == Some(&'{') => {
                let inner: String = chars.by_ref().take_while(|c| *c != '}').collect();
                let word = word.get_or_insert_default();
                word.push('$');
                word.push_str(&inner);
                word.push('}');
            }
            '#' if word.is_none() => {
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                }
            }
            '>' | '<' => {
                // A redirection: what it leads to is no word of the command.
                if word.as_deref().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit())) {
                    word = None;
                }
                words.extend(word.take());
                while chars.peek().is_some_and(|c| matches!(c, '>' | '<' | '&' | ' ')) {
                    chars.next();
                }
                while chars.peek().is_some_and(|c| !c.is_whitespace() && !matches!(c, ';' | '&' | '|' | ')')) {
                    chars.next();
                }
            }
            '(' if word.is_some() && chars.peek() == Some(&')') => functions.extend(word.take()),
            '&' | '|' | ';' | '\n' | '(' | ')' => {
                words.extend(word.take());
                commands.push(std::mem::take(&mut words));
            }
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    commands.push(words);
    commands.retain(|words| !words.is_empty());
    commands
}

fn until_closed(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut depth = 1;
    let mut inner = String::new();
    for c in chars.by_ref() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        inner.push(c);
    }
    inner
}

struct Reader<'c> {
    place: &'c Place<'c>,
    /// Where the command runs that is being read.
    folder: String,
    /// Whether programs that nobody knows must come from packages here.
    knows_all: bool,
    found: Vec<Input>,
    waiting: VecDeque<String>,
    functions: Vec<String>,
}

/// Programs whose first word is a file that they run.
const RUNNERS: &[&str] = &[
    "node",
    "nodemon",
    "tsx",
    "ts-node",
    "ts-node-esm",
    "ts-node-dev",
    "tsnd",
    "bun",
    "deno",
    "vite-node",
    "jiti",
    "babel-node",
    "zx",
    "esno",
    "esmo",
    "node-dev",
    "swc-node",
    "oxnode",
    "esbuild",
    "execa",
    "electron",
];

/// Commands of package managers, which are no names of programs.
const MANAGER_COMMANDS: &[&str] = &[
    "add",
    "audit",
    "bin",
    "build",
    "cache",
    "ci",
    "config",
    "create",
    "dedupe",
    "deploy",
    "fetch",
    "generate-lock-entry",
    "help",
    "i",
    "import",
    "info",
    "init",
    "install",
    "it",
    "licenses",
    "link",
    "list",
    "login",
    "logout",
    "ls",
    "node",
    "npm",
    "outdated",
    "owner",
    "pack",
    "patch",
    "pkg",
    "plugin",
    "policies",
    "prune",
    "publish",
    "rebuild",
    "remove",
    "rm",
    "root",
    "run",
    "run-script",
    "set",
    "setup",
    "start",
    "store",
    "tag",
    "team",
    "test",
    "t",
    "unlink",
    "unplug",
    "up",
    "update",
    "upgrade",
    "upgrade-interactive",
    "uninstall",
    "version",
    "versions",
    "view",
    "why",
    "workspace",
    "workspaces",
    "recursive",
    "stage",
    "rb",
    "env",
    "self-update",
    "approve-builds",
    "constraints",
    "dist-tag",
    "search",
    "ping",
    "whoami",
    "explain",
    "exec-env",
];

impl Reader<'_> {
    fn push(&mut self, ask: Ask, name: &str, is_optional: bool) {
        if !name.is_empty() {
            self.found.push(Input {
                ask,
                name: name.to_owned(),
                file: self.place.file.to_owned(),
                span: self.place.span.clone(),
                folder: self.folder.clone(),
                is_optional,
                is_type: false,
            });
        }
    }

    fn command(&mut self, words: &[&str], is_optional: bool) {
        const KEYWORDS: &[&str] =
            &["if", "then", "else", "elif", "do", "while", "until", "!", "{", "test", "exec", "command"];
        let start = words.iter().position(|word| !is_setting(word) && !KEYWORDS.contains(word) && !word.is_empty());
        for word in words.iter().take(start.unwrap_or(words.len())) {
            // `NODE_OPTIONS="-r x" node a`
            if let Some(options) = word.strip_prefix("NODE_OPTIONS=") {
                let options: Vec<&str> = options.split_whitespace().collect();
                self.modules_of(&options);
            }
        }
        let Some((program, rest)) = start.and_then(|start| words.get(start..)).and_then(<[&str]>::split_first) else {
            return;
        };
        if matches!(
            *program,
            "." | "source" | "[" | "[[" | "fi" | "done" | "}" | "for" | "case" | "esac" | "in" | "return"
        ) || program.starts_with(['-', '$', '#'])
            || self.functions.iter().any(|name| name == program)
        {
            return;
        }
        let name = program_name(program);
        match name {
            "npx" | "bunx" | "pnpx" => self.npx(rest),
            "npm" | "pnpm" | "yarn" | "bun" => self.manager(name, rest),
            "cross-env" | "cross-env-shell" | "retry-cli" => {
                self.program(name, is_optional);
                self.command(rest, false);
            }
            "c8" | "nyc" => {
                self.program(name, is_optional);
                let inner: Vec<&str> = rest
                    .iter()
                    .copied()
                    .skip_while(|word| word.starts_with('-') || *word == "check-coverage")
                    .collect();
                self.command(&inner, true);
            }
            "env" | "time" | "sudo" | "nohup" | "xvfb-run" | "nice" => {
                let inner: Vec<&str> =
                    rest.iter().copied().skip_while(|word| word.starts_with('-') || is_setting(word)).collect();
                self.command(&inner, is_optional);
            }
            "timeout" | "xargs" => {
                let inner: Vec<&str> = rest
                    .iter()
                    .copied()
                    .skip_while(|word| word.starts_with('-') || word.starts_with(|c: char| c.is_ascii_digit()))
                    .collect();
                self.command(&inner, is_optional);
            }
            "dotenv" | "dotenvx" | "env-cmd" | "op" => {
                self.program(name, is_optional);
                if let Some(at) = rest.iter().position(|word| *word == "--") {
                    self.command(rest.get(at + 1..).unwrap_or_default(), is_optional);
                }
            }
            "concurrently" | "start-server-and-test" | "server-test" => {
                self.program(name, is_optional);
                for word in rest.iter().filter(|word| !word.starts_with('-') && word.contains(' ')) {
                    self.waiting.push_back((*word).to_owned());
                }
                // A single word is a command too where it is no name of a script.
                for word in rest.iter().filter(|word| !word.contains([' ', ':', '/', '.', '-', ',', '='])) {
                    if name == "concurrently"
                        && !(self.place.has_script)(word)
                        && word.bytes().all(|b| b.is_ascii_lowercase())
                    {
                        self.program(word, true);
                    }
                }
            }
            _ => self.ordinary(name, program, rest, is_optional),
        }
    }

    fn ordinary(&mut self, name: &str, program: &str, rest: &[&str], is_optional: bool) {
        if program.starts_with('.') && !program.contains("node_modules/")
            || program.contains('/') && !program.contains("node_modules/") && !program.starts_with('/')
        {
            self.push(Ask::File, program, true);
            return;
        }
        let is_known = config_of(name).is_some() || matches!(name, "tsx" | "ts-node" | "nodemon" | "mocha" | "typedoc");
        self.program(name, is_optional || !self.knows_all && !is_known);
        if RUNNERS.contains(&name) || matches!(name, "mocha" | "ava" | "playwright") {
            self.runner(name, rest);
        }
        if let Some(tool) = config_of(name) {
            self.configured(name, tool, rest);
        }
        self.flags(name, rest);
    }

    // What a program that runs files of the project is given.
    fn runner(&mut self, name: &str, rest: &[&str]) {
        self.modules_of(rest);
        let takes_value = |word: &str| {
            matches!(
                word,
                "-r" | "--require"
                    | "--import"
                    | "--loader"
                    | "--experimental-loader"
                    | "-x"
                    | "--exec"
                    | "-e"
                    | "--eval"
                    | "-p"
                    | "--print"
                    | "--watch"
                    | "-w"
                    | "--ext"
                    | "--project"
                    | "-P"
                    | "-O"
                    | "--env-file"
                    | "--inspect-port"
                    | "--test-reporter"
                    | "--test-name-pattern"
                    | "--delay"
                    | "--tsconfig"
                    | "-c"
                    | "--config"
                    | "-g"
                    | "--grep"
            )
        };
        let is_bare_flag = |word: &str| name != "nodemon" && matches!(word, "--watch" | "-w");
        let mut words = rest.iter().copied();
        while let Some(word) = words.next() {
            if name == "nodemon" && matches!(word, "-x" | "--exec") {
                self.waiting.extend(words.next().map(str::to_owned));
            } else if takes_value(word) && !is_bare_flag(word) {
                words.next();
            } else if word.starts_with('-') || matches!(word, "watch" | "run" | "test" | "install" | "launch") {
                let reporter = word.strip_prefix("--test-reporter=");
                if let Some(reporter) =
                    reporter.filter(|name| !matches!(*name, "spec" | "tap" | "dot" | "junit" | "lcov"))
                {
                    self.push(Ask::Module, reporter, false);
                }
            } else {
                if matches!(name, "ava" | "mocha") && !word.contains(['.', '*', '{']) {
                    let folder = word.trim_end_matches('/');
                    self.push(Ask::Entry, &format!("{folder}/**/*.{{js,cjs,mjs,ts,cts,mts}}"), true);
                } else if word.contains(['*', '{']) {
                    self.push(Ask::Entry, word, true);
                } else if let Some((_, inside)) = word.split_once("node_modules/") {
                    self.push(Ask::Package, package_name(inside).unwrap_or_default(), true);
                } else if name != "ava" || word.contains('.') {
                    self.push(Ask::File, word, true);
                }
                // What follows is given to that file; tests and bundles are lists.
                let is_list = matches!(name, "mocha" | "ava" | "esbuild") || rest.contains(&"--test");
                if !is_list {
                    break;
                }
            }
        }
    }

    // `-r x`, `--require x`, `--import=x`
    fn modules_of(&mut self, words: &[&str]) {
        for (at, word) in words.iter().enumerate() {
            let (flag, value) = word.split_once('=').map_or((*word, None), |(flag, value)| (flag, Some(value)));
            if matches!(flag, "-r" | "--require" | "--import" | "--loader" | "--experimental-loader")
                && let Some(value) = value.or_else(|| words.get(at + 1).copied())
            {
                self.push(Ask::Module, value, false);
            }
        }
    }

    // `--config x`
    fn configured(&mut self, name: &str, tool: &'static str, rest: &[&str]) {
        for (at, word) in rest.iter().enumerate() {
            let (flag, value) = word.split_once('=').map_or((*word, None), |(flag, value)| (flag, Some(value)));
            let is_compiler = tool == "typescript";
            let is_flag = if is_compiler {
                matches!(flag, "-p" | "--project" | "-b" | "--build")
            } else {
                flag == "--config" || flag == "-c" && !matches!(name, "prettier" | "nyc")
            };
            let value = value.or_else(|| rest.get(at + 1).copied()).filter(|value| !value.starts_with('-'));
            if let Some(value) = value.filter(|_| is_flag) {
                let is_folder = is_compiler && !is_kind(value, "json");
                let path =
                    if is_folder { format!("{}/tsconfig.json", value.trim_end_matches('/')) } else { value.to_owned() };
                self.push(Ask::Config(tool), &path, true);
            }
        }
    }

    // Flags by which tools name packages and files.
    fn flags(&mut self, name: &str, rest: &[&str]) {
        let value_of = |flags: &[&str]| -> Vec<String> {
            let of = |(at, word): (usize, &&str)| {
                let (flag, value) = word.split_once('=').map_or((*word, None), |(flag, value)| (flag, Some(value)));
                let value = value.or_else(|| rest.get(at + 1).copied().filter(|next| !next.starts_with('-')));
                flags.contains(&flag).then_some(value).flatten().map(str::to_owned)
            };
            rest.iter().enumerate().filter_map(of).collect()
        };
        let has = |flag: &str| rest.contains(&flag);
        match name {
            "eslint" => {
                for format in value_of(&["-f", "--format"]) {
                    match format.as_str() {
                        "html" | "json" | "json-with-metadata" | "stylish" => {}
                        format if format.starts_with('.') => self.push(Ask::Module, format, false),
                        format => self.push(Ask::Package, &format!("eslint-formatter-{format}"), false),
                    }
                }
                if has("--inspect-config") {
                    self.push(Ask::Package, "@eslint/config-inspector", true);
                }
            }
            "vitest" => {
                for (flag, package) in [("--ui", "@vitest/ui"), ("--coverage", "@vitest/coverage-v8")] {
                    if has(flag) {
                        self.push(Ask::Package, package, true);
                    }
                }
                for provider in value_of(&["--coverage.provider"]) {
                    self.push(Ask::Package, &format!("@vitest/coverage-{provider}"), false);
                }
                for reporter in value_of(&["--reporter"]).iter().filter(|name| !is_vitest_reporter(name)) {
                    self.push(Ask::Package, reporter, false);
                }
                for environment in value_of(&["--environment"]).iter().filter(|name| *name != "node") {
                    self.push(Ask::Package, environment, false);
                }
            }
            "rollup" => {
                for plugin in value_of(&["-p", "--plugin", "--configPlugin"]) {
                    let path = plugin.starts_with(['.', '@', '/']) || plugin.contains("rollup");
                    let named = if path { plugin } else { format!("@rollup/plugin-{plugin}") };
                    self.push(Ask::Module, &named, true);
                }
                for input in value_of(&["-i", "--input"]) {
                    self.push(Ask::File, &input, true);
                }
            }
            "typedoc" => {
                for plugin in value_of(&["--plugin", "--theme"]) {
                    self.push(Ask::Module, &plugin, !plugin.starts_with('.') && plugin == "default");
                }
            }
            "tailwindcss" => {
                for input in value_of(&["-i", "--input"]) {
                    self.push(Ask::File, &input, true);
                }
            }
            "tsup" | "tsdown" | "unbuild" | "microbundle" => {
                for word in rest.iter().filter(|word| !word.starts_with('-') && word.contains('.')) {
                    self.push(Ask::ProductionEntry, word, true);
                }
            }
            "next" => {
                if let [command @ ("dev" | "build" | "start"), folder, ..] = rest
                    && !folder.starts_with('-')
                    && !command.is_empty()
                {
                    self.push(Ask::Config("next"), &format!("{folder}/next.config"), true);
                }
            }
            "prettier" => {
                for plugin in value_of(&["--plugin"]) {
                    self.push(Ask::Module, &plugin, true);
                }
            }
            "lint-staged" | "husky" => {}
            _ => {}
        }
    }

    fn npx(&mut self, rest: &[&str]) {
        let must_be_there = rest.iter().any(|word| matches!(*word, "--no" | "--no-install"));
        let says_yes = rest.iter().any(|word| matches!(*word, "-y" | "--yes"));
        let mut at = 0;
        while let Some(word) = rest.get(at) {
            match *word {
                "-p" | "--package" => {
                    if let Some(package) = rest.get(at + 1).filter(|_| !says_yes) {
                        self.push(Ask::Package, without_version(package), true);
                    }
                    at += 2;
                }
                "-c" | "--call" => {
                    self.waiting.extend(rest.get(at + 1).map(|text| (*text).to_owned()));
                    at += 2;
                }
                word if word.starts_with('-') => at += 1,
                _ => break,
            }
        }
        let Some((program, inner)) = rest.get(at..).and_then(<[&str]>::split_first) else { return };
        if says_yes {
            return;
        }
        if program.starts_with('@') || program.contains('@') {
            self.push(Ask::Package, without_version(program), true);
        } else {
            let mut words = vec![*program];
            words.extend(inner);
            self.command(&words, !must_be_there);
        }
    }

    fn manager(&mut self, name: &str, rest: &[&str]) {
        let mut at = 0;
        let outer = self.folder.clone();
        while let Some(word) = rest.get(at).filter(|word| word.starts_with('-')) {
            if matches!(*word, "--cwd" | "-C" | "--dir" | "--prefix")
                && let Some(folder) = rest.get(at + 1).and_then(|folder| join(&outer, folder))
            {
                self.folder = folder;
            }
            let takes_value =
                matches!(*word, "--filter" | "-F" | "-C" | "--dir" | "--cwd" | "-w" | "--workspace" | "--prefix");
            at += if takes_value && !(name == "pnpm" && *word == "-w") { 2 } else { 1 };
        }
        let knew = std::mem::replace(&mut self.knows_all, true);
        self.managed(name, rest.get(at..).unwrap_or_default());
        self.knows_all = knew;
        self.folder = outer;
    }

    fn managed(&mut self, name: &str, rest: &[&str]) {
        let Some((first, inner)) = rest.split_first() else { return };
        if name == "bun" {
            self.push(Ask::Program, "bun", true);
        }
        let inner: Vec<&str> = inner.iter().copied().skip_while(|word| *word == "--").collect();
        match (name, *first) {
            ("npm", "exec" | "x") => self.npx(&inner),
            (_, "exec") => self.command(&inner, false),
            (_, "dlx" | "x") => {}
            ("bun", "run" | "test") if inner.first().is_some_and(|word| word.contains('.')) => {
                self.push(Ask::File, inner.first().copied().unwrap_or_default(), true);
            }
            ("bun", file) if is_code(file) => self.push(Ask::File, file, true),
            ("yarn", "node") => self.runner("node", &inner),
            ("yarn" | "pnpm" | "bun", "run") if inner.first().is_some_and(|name| !(self.place.has_script)(name)) => {
                let is_flag = inner.first().is_some_and(|word| word.starts_with('-') || word.contains([':', '*', '/']));
                if !is_flag {
                    self.command(&inner, true);
                }
            }
            ("npm", _) => {}
            (_, first) if (self.place.has_script)(first) || MANAGER_COMMANDS.contains(&first) => {}
            (_, _) => {
                self.command(rest, false);
            }
        }
    }

    fn program(&mut self, name: &str, is_optional: bool) {
        let is_name =
            !name.contains(['*', ':', '!', '(', ')', '$', '{', '=', '"', '\'', '%', '~', '[', ']', ',', '\\']);
        if is_name && !is_system_program(name) && !name.starts_with('/') {
            self.push(Ask::Program, name, is_optional);
        }
    }
}

fn is_code(word: &str) -> bool {
    ["js", "mjs", "cjs", "ts", "mts", "cts", "tsx", "jsx"].iter().any(|kind| is_kind(word, kind))
}

fn is_setting(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

fn without_version(name: &str) -> &str {
    let at = name.char_indices().skip(1).find(|(_, c)| *c == '@').map(|(at, _)| at);
    let name = at.and_then(|at| name.get(..at)).unwrap_or(name);
    package_name(name).unwrap_or(name)
}

// The program of a word: without its folder and version.
fn program_name(word: &str) -> &str {
    let name = word.rsplit_once("node_modules/.bin/").map_or(word, |(_, name)| name);
    let name = name.rsplit_once("/.bin/").map_or(name, |(_, name)| name);
    let at = name.char_indices().skip(1).find(|(_, c)| *c == '@').map(|(at, _)| at);
    at.and_then(|at| name.get(..at)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(text: &str) -> Vec<String> {
        let has_script = |name: &str| name == "build";
        let place = Place { file: "package.json", span: 0..0, folder: "", knows_all: true, has_script: &has_script };
        let shown =
            |input: &Input| format!("{:?} {}{}", input.ask, input.name, if input.is_optional { "?" } else { "" });
        read(text, &place).iter().map(shown).collect()
    }

    #[test]
    fn commands_name_programs_and_files() {
        for (text, expected) in [
            ("eslint . && prettier --check .", &["Program eslint", "Program prettier"][..]),
            ("NODE_ENV=test node -r dotenv/config ./src/a.js b.js", &["Module dotenv/config", "File ./src/a.js?"]),
            (
                "cross-env A=1 webpack --config build/w.js",
                &["Program cross-env", "Program webpack", "Config(\"webpack\") build/w.js?"],
            ),
            ("npm run build; yarn build; yarn tsc -p a", &["Program tsc", "Config(\"typescript\") a/tsconfig.json?"]),
            ("npx -y x; npx eslint a; npx --no foo", &["Program eslint?", "Program foo"]),
            ("concurrently \"tsc -w\" 'rollup -c'", &["Program concurrently", "Program tsc", "Program rollup"]),
            ("rm -rf dist > /dev/null 2>&1 || true", &[]),
            ("echo \"$(jq .a b.json)\" # nothing", &["Program jq"]),
            ("./node_modules/.bin/mocha && sh -c 'x'", &["Program mocha"]),
            ("nodemon --exec \"tsx src/a.ts\"", &["Program nodemon", "Program tsx", "File src/a.ts?"]),
            ("./scripts/a.sh && c8 mocha", &["File ./scripts/a.sh?", "Program c8", "Program mocha?"]),
            ("yarn --cwd a tsc", &["Program tsc"]),
            ("node node_modules/@a/b/c.js", &["Package @a/b?"]),
            ("vitest --coverage --reporter=x", &["Program vitest", "Package @vitest/coverage-v8?", "Package x"]),
        ] {
            assert_eq!(asks(text), expected, "{text}");
        }
    }

    #[test]
    fn unclosed_quotes_and_brackets_end() {
        for text in
            ["'a", "\"a $(b", "`a", "$(a $(b", "a >", "${", "\\", "npx", "npx -p", "yarn", "nodemon --exec", "()"]
        {
            asks(text);
        }
        asks(&"$(a ".repeat(5_000));
    }
}
