//! What a finding of the tool can name, under the ids of the tools that people know.

use super::names::Kind;
use crate::support::language::Language;
use octavo_toolkit::{Level, Rule, rule_docs};

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident $id:literal $summary:literal $why:literal $wrong:literal $right:literal $source:literal;)+) => {
        $(
            $(#[$doc])*
            pub(super) const $name: Rule = Rule {
                id: $id,
                level: Level::Warning,
                summary: $summary,
                docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: $source),
            };
        )+
        /// All of them.
        pub(super) const RULES: &[Rule] = &[$($name),+];
    };
}

rules! {
    /// JavaScript: a name that nothing reads.
    VARS "no-unused-vars" "Each name that a file declares is read in it." "A value nobody reads is a leftover, or a name misspelt where it should be read."
        "// a.js\nimport { a, b } from 'x';\nb();\n" "// a.js\nimport { b } from 'x';\nb();\n" "ESLint, no-unused-vars; typescript-eslint's for types";
    /// JavaScript: a statement never reached.
    REACH "no-unreachable" "Each statement can be reached." "Code behind a `return` does not run, whatever it seems to do."
        "// a.js\nexport function f() {\n  return 1;\n  g();\n}\n" "// a.js\nexport function f() {\n  g();\n  return 1;\n}\n" "ESLint, no-unreachable";
    /// An export that no file takes.
    EXPORTS "exports" "What a module exports is taken by another, or the module is an entry." "What is exported cannot be changed without asking who uses it, and here nobody does."
        "// main.js\nimport { a } from './lib.js';\na();\n// lib.js\nexport const a = () => 1;\nexport const b = 2;\n" "// main.js\nimport { a, b } from './lib.js';\na(b);\n// lib.js\nexport const a = (b) => b;\nexport const b = 2;\n" "knip, exports; ts-prune";
    /// An exported type that no file takes.
    TYPES "types" "A type that a module exports is taken by another." "What is exported cannot be changed without asking who uses it, and here nobody does."
        "// main.ts\nimport { a } from './lib';\na();\n// lib.ts\nexport const a = () => 1;\nexport interface B { c: number }\n" "// main.ts\nimport { a, type B } from './lib';\na() as B;\n// lib.ts\nexport const a = () => 1;\nexport interface B { c: number }\n" "knip, types; ts-prune";
    /// A file that no entry leads to.
    FILES "files" "Each file is an entry, or one leads to it." "Nothing runs it: it is read, linted and mended for nothing."
        "// index.js\nimport './a.js';\n// package.json\n{\"name\":\"p\",\"main\":\"index.js\"}\n// a.js\nf();\n// b.js\ng();\n" "// index.js\nimport './a.js';\nimport './b.js';\n// package.json\n{\"name\":\"p\",\"main\":\"index.js\"}\n// a.js\nf();\n// b.js\ng();\n" "knip, files";
    /// Python.
    PY_ATTRIBUTE "V101" "An attribute that is set is read somewhere." "Keeping it up to date costs, and nobody looks at it."
        "# a.py\nclass A:\n    def __init__(self):\n        self.total = 0\n\n\nprint(A())\n" "# a.py\nclass A:\n    def __init__(self):\n        self.total = 0\n\n\nprint(A().total)\n" "vulture, V101";
    /// Python.
    PY_CLASS "V102" "A class is used somewhere." "Unused code is read, tested and changed for nothing."
        "# a.py\nclass Old:\n    pass\n" "# a.py\nclass Old:\n    pass\n\n\nprint(Old())\n" "vulture, V102";
    /// Python.
    PY_FUNCTION "V103" "A function is used somewhere, not by itself alone." "Unused code is read, tested and changed for nothing."
        "# a.py\ndef old():\n    return old()\n" "# a.py\ndef old():\n    return 1\n\n\nprint(old())\n" "vulture, V103";
    /// Python.
    PY_IMPORT "V104" "What is imported is used in the file." "It costs time at each start, and a dependency."
        "# a.py\nimport os\nimport sys\n\nprint(sys.argv)\n" "# a.py\nimport sys\n\nprint(sys.argv)\n" "vulture, V104; pyflakes F401";
    /// Python.
    PY_METHOD "V105" "A method is called somewhere." "Unused code is read, tested and changed for nothing."
        "# a.py\nclass A:\n    def old(self):\n        return 1\n\n\nprint(A())\n" "# a.py\nclass A:\n    def old(self):\n        return 1\n\n\nprint(A().old())\n" "vulture, V105";
    /// Python.
    PY_PROPERTY "V106" "A property is read somewhere." "Unused code is read, tested and changed for nothing."
        "# a.py\nclass A:\n    @property\n    def old(self):\n        return 1\n\n\nprint(A())\n" "# a.py\nclass A:\n    @property\n    def old(self):\n        return 1\n\n\nprint(A().old)\n" "vulture, V106";
    /// Python.
    PY_VARIABLE "V107" "A variable or parameter is read." "A value nobody reads is a leftover, or a name misspelt where it should be read."
        "# a.py\ndef f(a):\n    total = a\n    return a\n\n\nprint(f(1))\n" "# a.py\ndef f(a):\n    total = a\n    return total\n\n\nprint(f(1))\n" "vulture, V107; pyflakes F841";
    /// Python.
    PY_REACH "V201" "Each statement can be reached." "Code behind a `return` does not run, whatever it seems to do."
        "# a.py\ndef f():\n    return 1\n    print(2)\n\n\nf()\n" "# a.py\ndef f():\n    print(2)\n    return 1\n\n\nf()\n" "vulture, V201";
    /// Go.
    GO_UNUSED "U1000" "A function, method, type, constant or variable of a package is used in it." "Unused code is read, tested and changed for nothing."
        "// a.go\npackage a\n\nfunc old() int { return 1 }\n" "// a.go\npackage a\n\nfunc old() int { return 1 }\n\nvar _ = old()\n" "staticcheck, U1000";
    /// Go and Java.
    VET_REACH "unreachable" "Each statement can be reached." "Code behind a `return` does not run, whatever it seems to do."
        "// a.go\npackage main\n\nfunc main() {\n\treturn\n\tprintln(1)\n}\n" "// a.go\npackage main\n\nfunc main() {\n\tprintln(1)\n}\n" "go vet, unreachable";
    /// Java.
    JAVA_METHOD "UnusedPrivateMethod" "A private method is called in its file." "Nobody else can call it."
        "// A.java\nclass A {\n    private int old() { return 1; }\n}\n" "// A.java\nclass A {\n    private int old() { return 1; }\n    int now() { return old(); }\n}\n" "PMD, UnusedPrivateMethod";
    /// Java.
    JAVA_FIELD "UnusedPrivateField" "A private field is read in its file." "Nobody else can read it."
        "// A.java\nclass A {\n    private int count;\n    void f() { this.count = 1; }\n}\n" "// A.java\nclass A {\n    private int count;\n    int f() { return count; }\n}\n" "PMD, UnusedPrivateField";
    /// Java.
    JAVA_LOCAL "UnusedLocalVariable" "A local variable is read." "A value nobody reads is a leftover, or a name misspelt where it should be read."
        "// A.java\nclass A {\n    int f(int a) { int b = a; return a; }\n}\n" "// A.java\nclass A {\n    int f(int a) { int b = a; return b; }\n}\n" "PMD, UnusedLocalVariable";
    /// Java.
    JAVA_PARAMETER "UnusedFormalParameter" "A private method reads its parameters." "Each caller makes a value that nobody looks at."
        "// A.java\nclass A {\n    private int f(int a, int b) { return a; }\n    int g() { return f(1, 2); }\n}\n" "// A.java\nclass A {\n    private int f(int a) { return a; }\n    int g() { return f(1); }\n}\n" "PMD, UnusedFormalParameter";
    /// Java.
    JAVA_IMPORT "UnnecessaryImport" "What is imported is used in the file." "It says that the file depends on something it does not."
        "// A.java\nimport java.util.List;\n\nclass A {}\n" "// A.java\nimport java.util.List;\n\nclass A { List<String> b; }\n" "PMD, UnnecessaryImport";
    /// C.
    C_FUNCTION "unused-function" "A function is called, or its address taken, somewhere." "Unused code is read, tested and changed for nothing."
        "// a.c\nstatic int old(void) { return 1; }\n" "// a.c\nstatic int old(void) { return 1; }\nint main(void) { return old(); }\n" "GCC, -Wunused-function";
    /// C.
    C_VARIABLE "unused-variable" "A variable is read." "A value nobody reads is a leftover, or a name misspelt where it should be read."
        "// a.c\nint main(void) { int a = 1; return 0; }\n" "// a.c\nint main(void) { int a = 1; return a; }\n" "GCC, -Wunused-variable, -Wunused-but-set-variable";
    /// C.
    C_PARAMETER "unused-parameter" "A function reads its parameters, or says that it does not." "Each caller makes a value that nobody looks at."
        "// a.c\nint f(int a, int b) { return a; }\nint main(void) { return f(1, 2); }\n" "// a.c\nint f(int a, int b) { (void)b; return a; }\nint main(void) { return f(1, 2); }\n" "GCC, -Wunused-parameter";
    /// C.
    C_REACH "unreachable-code" "Each statement can be reached." "Code behind a `return` does not run, whatever it seems to do."
        "// a.c\nint main(void) { return 0; f(); }\n" "// a.c\nint main(void) { f(); return 0; }\n" "Clang, -Wunreachable-code";
    /// Rust.
    RUST_ITEM "dead_code" "An item is used somewhere, not by itself alone." "Unused code is read, tested and changed for nothing."
        "// a.rs\nfn old() -> u8 { 1 }\n" "// a.rs\nfn old() -> u8 { 1 }\nfn main() { old(); }\n" "rustc, dead_code";
    /// Rust.
    RUST_VARIABLE "unused_variables" "A variable or parameter is read, or its name begins with an underscore." "A value nobody reads is a leftover, or a name misspelt where it should be read."
        "// a.rs\nfn main() { let a = 1; }\n" "// a.rs\nfn main() { let a = 1; drop(a); }\n" "rustc, unused_variables";
    /// Rust.
    RUST_IMPORT "unused_imports" "What is brought into scope is used." "It says that the file depends on something it does not."
        "// a.rs\nuse std::mem::swap;\nfn main() {}\n" "// a.rs\nuse std::mem::swap;\nfn main() { swap(&mut 1, &mut 2); }\n" "rustc, unused_imports";
    /// Rust.
    RUST_REACH "unreachable_code" "Each statement can be reached." "Code behind a `return` does not run, whatever it seems to do."
        "// a.rs\nfn main() { return; f(); }\n" "// a.rs\nfn main() { f(); }\n" "rustc, unreachable_code";
}

/// The rule of a definition that nothing uses; none where the language's compiler or its peer does not judge such ones.
pub(super) const fn of(language: Language, kind: Kind) -> Option<&'static Rule> {
    Some(match (language, kind) {
        (Language::Python, Kind::Attribute) => &PY_ATTRIBUTE,
        (Language::Python, Kind::Class) => &PY_CLASS,
        (Language::Python, Kind::Function) => &PY_FUNCTION,
        (Language::Python, Kind::Import) => &PY_IMPORT,
        (Language::Python, Kind::Method) => &PY_METHOD,
        (Language::Python, Kind::Property) => &PY_PROPERTY,
        (Language::Python, _) => &PY_VARIABLE,
        (Language::Go, Kind::Function | Kind::Method | Kind::Class | Kind::Variable) => &GO_UNUSED,
        (Language::Java, Kind::Method) => &JAVA_METHOD,
        (Language::Java, Kind::Attribute) => &JAVA_FIELD,
        (Language::Java, Kind::Local) => &JAVA_LOCAL,
        (Language::Java, Kind::Parameter) => &JAVA_PARAMETER,
        (Language::Java, Kind::Import) => &JAVA_IMPORT,
        (Language::C, Kind::Function) => &C_FUNCTION,
        (Language::C, Kind::Variable | Kind::Local) => &C_VARIABLE,
        (Language::C, Kind::Parameter) => &C_PARAMETER,
        (Language::Rust, Kind::Function | Kind::Method | Kind::Class | Kind::Variable) => &RUST_ITEM,
        (Language::Rust, Kind::Local | Kind::Parameter) => &RUST_VARIABLE,
        (Language::Rust, Kind::Import) => &RUST_IMPORT,
        _ => return None,
    })
}

/// The rule of statements never reached.
pub(super) const fn of_reach(language: Language) -> &'static Rule {
    match language {
        Language::Python => &PY_REACH,
        Language::C => &C_REACH,
        Language::Rust => &RUST_REACH,
        _ => &VET_REACH,
    }
}
