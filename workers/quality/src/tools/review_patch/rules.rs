//! What a finding of the tool can name.

use octavo_toolkit::{Level, Rule, rule_docs};

#[cfg(not(target_arch = "wasm32"))]
const GIT: &str = "https://git-scm.com/docs/git-apply";

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident: $id:literal $level:ident $summary:literal why $why:literal wrong $wrong:literal right $right:literal source $source:expr;)+) => {
        $($(#[doc = $doc])+ pub(super) const $name: Rule = Rule {
            id: $id,
            level: Level::$level,
            summary: $summary,
            docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: $source),
        };)+
        /// All of them.
        pub(super) const RULES: &[Rule] = &[$($name),+];
    };
}

rules! {
    /// The patch is damaged.
    SYNTAX: "patch-syntax" Error "The patch is whole: every header and hunk can be read."
        why "git reads nothing behind the first damage and applies nothing of the patch."
        wrong "--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n-a\n+b\n"
        right "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n"
        source GIT;
    /// A hunk does not apply.
    REJECTED: "hunk-rejected" Error "Each hunk applies to the file."
        why "The file has changed since the patch was made, or the patch was written from memory."
        wrong "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-other\n+b\n"
        right "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n"
        source GIT;
    /// A hunk applies elsewhere.
    OFFSET: "hunk-offset" Info "Each hunk applies where it says."
        why "It fits elsewhere; where lines repeat, that may be the wrong place."
        wrong "--- a/x.py\n+++ b/x.py\n@@ -5,2 +5,2 @@\n-b\n+c\n d\n"
        right "--- a/x.py\n+++ b/x.py\n@@ -2,2 +2,2 @@\n-b\n+c\n d\n"
        source GIT;
    /// A file cannot be patched so.
    FILE: "file-mismatch" Error "A patch changes files that exist, and creates files that do not."
        why "git refuses the whole patch."
        wrong "--- /dev/null\n+++ b/x.py\n@@ -0,0 +1 @@\n+b\n"
        right "--- /dev/null\n+++ b/y.py\n@@ -0,0 +1 @@\n+b\n"
        source GIT;
    /// Marks of a conflict.
    CONFLICT: "conflict-marker" Error "No marks of a merge conflict are added."
        why "The merge was not finished."
        wrong "--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n a\n+<<<<<<< HEAD\n"
        right "--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n a\n+b\n"
        source "https://git-scm.com/docs/git-merge";
    /// Left over from debugging.
    DEBUG: "debug-leftover" Warning "No debugging code is added."
        why "It stops the program, slows it down, or shows what nobody should see."
        wrong "--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n a\n+breakpoint()\n"
        right "--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n a\n+b\n"
        source "https://eslint.org/docs/latest/rules/no-debugger";
    /// A focused test.
    FOCUSED: "no-focused-tests" Warning "No test is marked to run alone."
        why "All other tests of the file are left out, and the run is green."
        wrong "--- a/x.test.js\n+++ b/x.test.js\n@@ -1 +1,2 @@\n a\n+it.only('b', c);\n"
        right "--- a/x.test.js\n+++ b/x.test.js\n@@ -1 +1,2 @@\n a\n+it('b', c);\n"
        source "https://github.com/jest-community/eslint-plugin-jest/blob/main/docs/rules/no-focused-tests.md";
    /// A skipped test.
    SKIPPED: "no-disabled-tests" Warning "No test is switched off."
        why "What it held no longer holds, and nobody will notice."
        wrong "--- a/x.test.js\n+++ b/x.test.js\n@@ -1 +1,2 @@\n a\n+it.skip('b', c);\n"
        right "--- a/x.test.js\n+++ b/x.test.js\n@@ -1 +1,2 @@\n a\n+it('b', c);\n"
        source "https://github.com/jest-community/eslint-plugin-jest/blob/main/docs/rules/no-disabled-tests.md";
    /// A silenced complaint.
    SUPPRESSED: "suppression" Info "Complaints of tools are mended, not silenced."
        why "Each silenced complaint deserves its reason in review."
        wrong "--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n a\n+b = 1  # noqa\n"
        right "--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n a\n+b = 1\n"
        source "https://eslint.org/docs/latest/use/configure/rules";
    /// A risky spot.
    RISKY: "risky-change" Warning "Added code avoids calls that are dangerous with the wrong data."
        why "A reviewer should look at where the data comes from."
        wrong "--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n a\n+run(b, shell=True)\n"
        right "--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n a\n+run([b])\n"
        source "https://cwe.mitre.org/top25/";
    /// Fewer assertions.
    ASSERTIONS: "assertions-removed" Warning "A change of tests does not check less than before."
        why "Tests that fail are sometimes mended by taking out what they check."
        wrong "--- a/test_x.py\n+++ b/test_x.py\n@@ -1,2 +1 @@\n a\n-assert b\n"
        right "--- a/test_x.py\n+++ b/test_x.py\n@@ -1,2 +1,2 @@\n a\n-assert b\n+assert c\n"
        source "A. van Deursen et al., Refactoring Test Code, XP 2001";
    /// No test is touched.
    UNTESTED: "tests-not-touched" Info "A change of code comes with a change of tests."
        why "Behaviour that changes without a test changing was not tested before, or is not now."
        wrong "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n"
        right "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n--- a/test_x.py\n+++ b/test_x.py\n@@ -1 +1 @@\n-a\n+b\n"
        source "https://google.github.io/eng-practices/review/reviewer/looking-for.html";
    /// A function got complex.
    COMPLEX: "complexity-grew" Warning "No function becomes much harder to follow."
        why "A function that is over the limit already gets worse with each small addition."
        wrong "a change that takes a function from a cognitive complexity of 12 to 20"
        right "a change that takes it from 12 to 9"
        source "SonarSource, Cognitive Complexity; rule S3776";
    /// Too large to review.
    LARGE: "large-change" Warning "A change is small enough to be reviewed."
        why "Reviewers find few defects beyond some hundred lines at once."
        wrong "401 changed lines"
        right "400 changed lines"
        source "J. Cohen, Best Kept Secrets of Peer Code Review, 2006";
    /// Trailing blanks.
    WHITESPACE: "trailing-space" Info "No line is added that ends in blanks."
        why "The next editor takes them away again, and the diff shows it as a change."
        wrong "--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n a\n+b \n"
        right "--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n a\n+b\n"
        source GIT;
}
