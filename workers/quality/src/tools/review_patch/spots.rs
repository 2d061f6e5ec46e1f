//! What an added line may carry that should not be merged unseen, told by words in it, and by its language.
//!
//! Owns the table. A word in a comment or a string counts too: a reader of a diff looks at those as well.

use super::rules::{CONFLICT, DEBUG, FOCUSED, RISKY, SKIPPED, SUPPRESSED};
use octavo_toolkit::Rule;

/// Languages by the endings of their files.
const JS: &[&str] = &["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte"];
const PY: &[&str] = &["py", "pyi"];
const GO: &[&str] = &["go"];
const JAVA: &[&str] = &["java", "kt", "scala", "groovy"];
const RUST: &[&str] = &["rs"];
const C: &[&str] = &["c", "h", "cc", "cpp", "hpp", "cxx", "m"];
const RUBY: &[&str] = &["rb"];
const PHP: &[&str] = &["php"];
const CSHARP: &[&str] = &["cs"];
const SHELL: &[&str] = &["sh", "bash", "yml", "yaml", "Dockerfile"];
const SQL: &[&str] = &["sql"];
const ANY: &[&str] = &[];

struct Spot {
    rule: &'static Rule,
    endings: &'static [&'static str],
    /// The words, whole ones where they begin or end with a letter.
    text: &'static str,
    /// What it does.
    what: &'static str,
}

const fn spot(rule: &'static Rule, endings: &'static [&'static str], text: &'static str, what: &'static str) -> Spot {
    Spot { rule, endings, text, what }
}

const SPOTS: &[Spot] = &[
    spot(&DEBUG, JS, "debugger", "stops in the debugger"),
    spot(&DEBUG, JS, "console.log(", "prints to the console"),
    spot(&DEBUG, JS, "console.debug(", "prints to the console"),
    spot(&DEBUG, JS, "console.trace(", "prints to the console"),
    spot(&DEBUG, JS, "alert(", "opens a box"),
    spot(&DEBUG, PY, "breakpoint()", "stops in the debugger"),
    spot(&DEBUG, PY, "pdb.set_trace(", "stops in the debugger"),
    spot(&DEBUG, PY, "import pdb", "brings the debugger in"),
    spot(&DEBUG, PY, "import ipdb", "brings the debugger in"),
    spot(&DEBUG, PY, "pprint(", "prints for debugging"),
    spot(&DEBUG, RUST, "dbg!(", "prints for debugging"),
    spot(&DEBUG, GO, "spew.Dump(", "prints for debugging"),
    spot(&DEBUG, GO, "println(", "prints to standard error"),
    spot(&DEBUG, JAVA, ".printStackTrace()", "prints to standard error"),
    spot(&DEBUG, JAVA, "System.out.println(", "prints to standard output"),
    spot(&DEBUG, RUBY, "binding.pry", "stops in the debugger"),
    spot(&DEBUG, RUBY, "byebug", "stops in the debugger"),
    spot(&DEBUG, PHP, "var_dump(", "prints for debugging"),
    spot(&DEBUG, PHP, "print_r(", "prints for debugging"),
    spot(&DEBUG, CSHARP, "Debugger.Break(", "stops in the debugger"),
    spot(&FOCUSED, JS, "it.only(", "leaves all other tests out"),
    spot(&FOCUSED, JS, "test.only(", "leaves all other tests out"),
    spot(&FOCUSED, JS, "describe.only(", "leaves all other tests out"),
    spot(&FOCUSED, JS, "fit(", "leaves all other tests out"),
    spot(&FOCUSED, JS, "fdescribe(", "leaves all other tests out"),
    spot(&FOCUSED, RUBY, "fit \"", "leaves all other tests out"),
    spot(&SKIPPED, JS, "it.skip(", "leaves a test out"),
    spot(&SKIPPED, JS, "test.skip(", "leaves a test out"),
    spot(&SKIPPED, JS, "describe.skip(", "leaves tests out"),
    spot(&SKIPPED, JS, "xit(", "leaves a test out"),
    spot(&SKIPPED, JS, "xdescribe(", "leaves tests out"),
    spot(&SKIPPED, PY, "pytest.mark.skip", "leaves a test out"),
    spot(&SKIPPED, PY, "unittest.skip", "leaves a test out"),
    spot(&SKIPPED, PY, "pytest.mark.xfail", "lets a test fail"),
    spot(&SKIPPED, JAVA, "@Disabled", "leaves a test out"),
    spot(&SKIPPED, JAVA, "@Ignore", "leaves a test out"),
    spot(&SKIPPED, GO, "t.Skip(", "leaves a test out"),
    spot(&SKIPPED, RUST, "#[ignore", "leaves a test out"),
    spot(&SUPPRESSED, JS, "eslint-disable", "silences ESLint"),
    spot(&SUPPRESSED, JS, "@ts-ignore", "silences the compiler"),
    spot(&SUPPRESSED, JS, "@ts-nocheck", "silences the compiler"),
    spot(&SUPPRESSED, JS, "as any", "gives the type up"),
    spot(&SUPPRESSED, PY, "# noqa", "silences the linter"),
    spot(&SUPPRESSED, PY, "# type: ignore", "silences the type checker"),
    spot(&SUPPRESSED, PY, "pylint: disable", "silences pylint"),
    spot(&SUPPRESSED, PY, "# nosec", "silences bandit"),
    spot(&SUPPRESSED, RUST, "#[allow(", "silences a lint"),
    spot(&SUPPRESSED, GO, "//nolint", "silences the linter"),
    spot(&SUPPRESSED, JAVA, "@SuppressWarnings", "silences the compiler"),
    spot(&SUPPRESSED, C, "NOLINT", "silences clang-tidy"),
    spot(&RISKY, JS, "eval(", "runs a text as code"),
    spot(&RISKY, JS, "new Function(", "runs a text as code"),
    spot(&RISKY, JS, "dangerouslySetInnerHTML", "writes markup unescaped"),
    spot(&RISKY, JS, ".innerHTML =", "writes markup unescaped"),
    spot(&RISKY, JS, "document.write(", "writes markup unescaped"),
    spot(&RISKY, JS, "rejectUnauthorized: false", "trusts any certificate"),
    spot(&RISKY, JS, "child_process", "runs other programs"),
    spot(&RISKY, PY, "eval(", "runs a text as code"),
    spot(&RISKY, PY, "exec(", "runs a text as code"),
    spot(&RISKY, PY, "pickle.load", "runs what the data says"),
    spot(&RISKY, PY, "yaml.load(", "may run what the data says"),
    spot(&RISKY, PY, "shell=True", "hands a text to the shell"),
    spot(&RISKY, PY, "os.system(", "hands a text to the shell"),
    spot(&RISKY, PY, "verify=False", "trusts any certificate"),
    spot(&RISKY, PY, "except: pass", "hides every error"),
    spot(&RISKY, GO, "InsecureSkipVerify: true", "trusts any certificate"),
    spot(&RISKY, GO, "unsafe.Pointer", "leaves memory safety"),
    spot(&RISKY, RUST, "unsafe {", "leaves memory safety"),
    spot(&RISKY, RUST, "unsafe impl", "leaves memory safety"),
    spot(&RISKY, RUST, "mem::transmute", "leaves memory safety"),
    spot(&RISKY, JAVA, "Runtime.getRuntime().exec(", "runs other programs"),
    spot(&RISKY, JAVA, "ObjectInputStream", "builds what the data says"),
    spot(&RISKY, C, "strcpy(", "copies without a limit"),
    spot(&RISKY, C, "strcat(", "copies without a limit"),
    spot(&RISKY, C, "sprintf(", "writes without a limit"),
    spot(&RISKY, C, "gets(", "reads without a limit"),
    spot(&RISKY, C, "system(", "hands a text to the shell"),
    spot(&RISKY, PHP, "eval(", "runs a text as code"),
    spot(&RISKY, PHP, "unserialize(", "builds what the data says"),
    spot(&RISKY, SHELL, "chmod 777", "lets anyone write"),
    spot(&RISKY, SHELL, "--no-verify", "leaves hooks out"),
    spot(&RISKY, SHELL, "curl -k", "trusts any certificate"),
    spot(&RISKY, SHELL, "privileged: true", "gives a container the host"),
    spot(&RISKY, SQL, "DROP TABLE", "deletes data"),
    spot(&RISKY, SQL, "DROP COLUMN", "deletes data"),
    spot(&RISKY, SQL, "TRUNCATE", "deletes data"),
    spot(&CONFLICT, ANY, "<<<<<<< ", "is the mark of a conflict"),
    spot(&CONFLICT, ANY, ">>>>>>> ", "is the mark of a conflict"),
];

/// What an added line of a file carries: the rule and what it does.
pub(super) fn of_line(path: &str, line: &str) -> Vec<(&'static Rule, &'static str, &'static str)> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit('.').next().unwrap_or(name);
    let mut found = Vec::new();
    for spot in SPOTS {
        let here = spot.endings.is_empty() || spot.endings.contains(&ending);
        if here && (if spot.endings.is_empty() { line.starts_with(spot.text) } else { has(line, spot.text) }) {
            found.push((spot.rule, spot.text.trim(), spot.what));
        }
    }
    found
}

// Whether a text stands in a line, not in the middle of a word.
fn has(line: &str, text: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(text).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        let after = line.get(at + text.len()..).and_then(|after| after.chars().next());
        let starts = text.chars().next().is_some_and(is_word);
        let ends = text.chars().next_back().is_some_and(is_word);
        // A method of the same name is another function.
        let inside = before.is_some_and(|c| is_word(c) || c == '.' || c == '$');
        !(starts && inside || ends && after.is_some_and(is_word))
    })
}

/// Whether a file holds tests, by its path.
pub(super) fn is_test(path: &str) -> bool {
    let lower = path.to_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let folder = lower.split('/').rev().skip(1).any(|part| {
        matches!(
            part,
            "test" | "tests" | "spec" | "specs" | "__tests__" | "testing" | "e2e" | "integration_tests" | "testdata"
        )
    });
    let stem = name.split('.').next().unwrap_or_default();
    folder
        || stem.starts_with("test_")
        || stem == "conftest"
        || ["_test", "_tests", "_spec"].iter().any(|end| stem.ends_with(end))
        || name.contains(".test.")
        || name.contains(".spec.")
        || path
            .rsplit('/')
            .next()
            .is_some_and(|name| name.contains("Test.") || name.contains("Tests.") || name.contains("Spec."))
}

/// Whether a removed or added line checks something in a test.
pub(super) fn is_assertion(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("assert")
        || line.starts_with("self.assert")
        || line.starts_with("expect(")
        || line.starts_with("await expect(")
        || line.starts_with("require.")
        || line.starts_with("t.Error")
        || line.starts_with("t.Fatal")
        || line.starts_with("debug_assert")
        || line.contains(".should")
        || line.contains("assertThat(")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, line: &str) -> Vec<&'static str> {
        of_line(path, line).into_iter().map(|(rule, _, _)| rule.id).collect()
    }

    #[test]
    fn words_count_whole_and_in_their_language() {
        assert_eq!(rules("a.ts", "  console.log(x);"), ["debug-leftover"]);
        assert_eq!(rules("a.py", "console.log(x)"), Vec::<&str>::new());
        assert_eq!(rules("a.js", "my_debugger(retrieval(x), profit(1))"), Vec::<&str>::new());
        assert_eq!(rules("a.js", "x.fit(1); eval(y)"), ["risky-change"]);
        assert_eq!(rules("README", "<<<<<<< HEAD"), ["conflict-marker"]);
        assert_eq!(rules("a.rs", "#[ignore] fn a() {}"), ["no-disabled-tests"]);
    }

    #[test]
    fn tests_are_known_by_their_paths() {
        for path in ["tests/a.py", "a_test.go", "src/x.spec.ts", "src/AbcTest.java", "test_a.py", "src/__tests__/a.js"]
        {
            assert!(is_test(path), "{path}");
        }
        for path in ["src/contest.py", "latest.js", "src/testament/a.c"] {
            assert!(!is_test(path), "{path}");
        }
    }
}
