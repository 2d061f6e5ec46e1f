//! The one table of rules: their ids, as people know them from the tools that have them, and their pages.

use octavo_toolkit::{Level, Rule, rule_docs};

macro_rules! rules {
    ($list:ident $peer:literal: $($name:ident $id:literal $level:ident $summary:literal $why:literal $wrong:literal $right:literal;)+) => {
        $(
            pub(super) const $name: Rule = Rule {
                id: $id,
                level: Level::$level,
                summary: $summary,
                docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: $peer),
            };
        )+
        const $list: &[Rule] = &[$($name),+];
    };
}

rules! { SCRIPT "ESLint":
    FOR_DIRECTION "for-direction" Error "A loop counts towards its end." "The loop never ends, or never begins."
        "for (let i = 0; i < 9; i--) { f(i); }"
        "for (let i = 0; i < 9; i++) { f(i); }";
    GETTER_RETURN "getter-return" Error "A getter returns a value." "Whoever reads the property gets undefined."
        "f({ get a() { g(); } });"
        "f({ get a() { return g(); } });";
    NO_ASYNC_PROMISE_EXECUTOR "no-async-promise-executor" Error "The executor of a promise is not async." "What it throws is lost, and the promise never settles."
        "f(new Promise(async (resolve) => { resolve(await g()); }));"
        "f(new Promise((resolve) => { resolve(g()); }));";
    NO_CASE_DECLARATIONS "no-case-declarations" Warning "A case declares in a block of its own." "The name is there in every case, and set in one."
        "switch (a) { case 1: let b = f(); g(b); }"
        "switch (a) { case 1: { let b = f(); g(b); } }";
    NO_CLASS_ASSIGN "no-class-assign" Warning "A class keeps its name." "Later code gets something else under the name of the class."
        "class A {} A = 1; f(A);"
        "class A {} f(A);";
    NO_COMPARE_NEG_ZERO "no-compare-neg-zero" Error "Nothing is compared with -0." "-0 and 0 are equal: use Object.is."
        "if (a === -0) f();"
        "if (Object.is(a, -0)) f();";
    NO_COND_ASSIGN "no-cond-assign" Warning "A condition compares." "One sign is missing, or two parentheses that say it is meant."
        "if (a = b) f();"
        "if (a === b) f();";
    NO_CONST_ASSIGN "no-const-assign" Error "A constant is not written." "It throws when it comes to that."
        "const a = 1; a = 2; f(a);"
        "let a = 1; f(a); a = 2; f(a);";
    NO_CONSTANT_CONDITION "no-constant-condition" Warning "A condition may come out either way." "One branch never runs."
        "if (1 > 2) f();"
        "if (a > 2) f();";
    NO_CONTROL_REGEX "no-control-regex" Warning "A pattern matches no control characters by accident." "They are rarely what is meant."
        "f(/\x1f/);"
        "f(/\x20/);";
    NO_DEBUGGER "no-debugger" Error "No debugger statement is left." "The program stops where tools are open."
        "debugger;"
        "f();";
    NO_DELETE_VAR "no-delete-var" Error "A variable is not deleted." "It does nothing, and strict code refuses it."
        "var a = 1; delete a; f(a);"
        "delete f.a;";
    NO_DUPE_CLASS_MEMBERS "no-dupe-class-members" Error "A class has each member once." "The later one replaces the earlier."
        "f(class { a() {} a() {} });"
        "f(class { a() {} b() {} });";
    NO_DUPE_ELSE_IF "no-dupe-else-if" Error "No condition of a chain repeats one before." "The branch never runs."
        "if (a) f(); else if (b) g(); else if (a) h();"
        "if (a) f(); else if (b) g(); else if (c) h();";
    NO_DUPE_KEYS "no-dupe-keys" Error "An object has each key once." "The later value replaces the earlier."
        "f({ a: 1, a: 2 });"
        "f({ a: 1, b: 2 });";
    NO_DUPLICATE_CASE "no-duplicate-case" Error "A switch has each case once." "The later one never runs."
        "switch (a) { case 1: f(); break; case 1: g(); }"
        "switch (a) { case 1: f(); break; case 2: g(); }";
    NO_EMPTY "no-empty" Warning "A block does something, or says why not." "Code is missing, or an error is dropped."
        "if (a) { }"
        "if (a) { /* nothing to do */ }";
    NO_EMPTY_CHARACTER_CLASS "no-empty-character-class" Error "A class of characters has some." "The pattern never matches."
        "f(/a[]/);"
        "f(/a[b]/);";
    NO_EMPTY_PATTERN "no-empty-pattern" Warning "A pattern binds something." "A default was meant: `= {}`, not `: {}`."
        "const { a: {} } = f();"
        "const { a = {} } = f(); g(a);";
    NO_EMPTY_STATIC_BLOCK "no-empty-static-block" Warning "A static block does something." "It is a leftover."
        "f(class { static {} });"
        "f(class { static { g(); } });";
    NO_EX_ASSIGN "no-ex-assign" Warning "What was caught is kept." "The error is lost."
        "try { f(); } catch (e) { e = 1; g(e); }"
        "try { f(); } catch (e) { g(e); }";
    NO_EXTRA_BOOLEAN_CAST "no-extra-boolean-cast" Warning "What is taken for true or false is not turned into it first." "The signs say nothing."
        "if (!!a) f();"
        "if (a) f();";
    NO_FALLTHROUGH "no-fallthrough" Warning "A case ends, or says that it runs on." "A `break` was forgotten."
        "switch (a) { case 1: f(); case 2: g(); }"
        "switch (a) { case 1: f(); break; case 2: g(); }";
    NO_FUNC_ASSIGN "no-func-assign" Warning "A function keeps its name." "Later calls get something else."
        "function a() {} a = 1; f(a);"
        "function a() {} f(a);";
    NO_GLOBAL_ASSIGN "no-global-assign" Error "What belongs to the language is not written." "All other code uses it, too."
        "Object = 1;"
        "f(Object);";
    NO_IMPORT_ASSIGN "no-import-assign" Error "An import is not written." "It throws when it comes to that."
        "import { a } from 'a'; a = 1;"
        "import { a } from 'a'; a();";
    NO_NEW_NATIVE_NONCONSTRUCTOR "no-new-native-nonconstructor" Error "Symbol and BigInt are called without new." "It throws."
        "f(new Symbol());"
        "f(Symbol());";
    NO_OBJ_CALLS "no-obj-calls" Error "Math, JSON and the like are not called." "They are no functions."
        "f(Math());"
        "f(Math.abs(1));";
    NO_PROTOTYPE_BUILTINS "no-prototype-builtins" Warning "A method of all objects is not called on one." "It may have its own, or no prototype."
        "f(a.hasOwnProperty('b'));"
        "f(Object.hasOwn(a, 'b'));";
    NO_REGEX_SPACES "no-regex-spaces" Warning "Several spaces in a pattern are counted." "Nobody sees how many they are."
        "f(/a  b/);"
        "f(/a {2}b/);";
    NO_SELF_ASSIGN "no-self-assign" Warning "A value is not assigned to itself." "Another name was meant."
        "a = a;"
        "a = b;";
    NO_SETTER_RETURN "no-setter-return" Warning "A setter returns nothing." "The value is lost."
        "f({ set a(b) { return b; } });"
        "f({ set a(b) { g(b); } });";
    NO_SHADOW_RESTRICTED_NAMES "no-shadow-restricted-names" Warning "No name hides one of the language's." "Later code reads the wrong value."
        "function f(undefined) { g(undefined); } f();"
        "function f(a) { g(a); } f();";
    NO_SPARSE_ARRAYS "no-sparse-arrays" Warning "An array has no holes." "A comma too much is easily missed."
        "f([1,, 2]);"
        "f([1, 2]);";
    NO_UNREACHABLE "no-unreachable" Error "Each statement can be reached." "It does not run, whatever it seems to do."
        "function f() { return 1; g(); } f();"
        "function f() { g(); return 1; } f();";
    NO_UNREACHABLE_LOOP "no-unreachable-loop" Warning "A loop may come to a second round." "It is no loop."
        "for (const a of b) { f(a); break; }"
        "for (const a of b) { f(a); }";
    NO_UNSAFE_FINALLY "no-unsafe-finally" Error "A finally block is left at its end." "What was thrown or returned before is dropped."
        "function f() { try { g(); } finally { return 1; } } f();"
        "function f() { try { g(); } finally { h(); } } f();";
    NO_UNSAFE_NEGATION "no-unsafe-negation" Error "A relation is negated as a whole." "The sign belongs to the left side alone."
        "if (!a in b) f();"
        "if (!(a in b)) f();";
    NO_UNSAFE_OPTIONAL_CHAINING "no-unsafe-optional-chaining" Error "What takes a value gets no chain that may end early." "It fails on undefined, which the chain was to avoid."
        "(a?.b)();"
        "a?.b?.();";
    NO_UNUSED_LABELS "no-unused-labels" Warning "A label is named by a jump." "It is a leftover."
        "a: while (b) { f(); }"
        "a: while (b) { for (;;) { break a; } }";
    NO_UNUSED_PRIVATE_CLASS_MEMBERS "no-unused-private-class-members" Warning "A private member is read." "Nobody else can read it."
        "f(class { #a = 1; });"
        "f(class { #a = 1; b() { return this.#a; } });";
    NO_UNUSED_VARS "no-unused-vars" Warning "Each name that a file declares is read in it." "It is a leftover, or misspelt where it should be read."
        "import { a, b } from 'c'; a();"
        "import { a } from 'c'; a();";
    NO_USELESS_CATCH "no-useless-catch" Warning "A catch does something with the error." "It is only thrown again."
        "try { f(); } catch (e) { throw e; }"
        "try { f(); } catch (e) { throw new Error('f', { cause: e }); }";
    NO_WITH "no-with" Warning "No with statement." "Every name in it depends on the object."
        "with (a) { f(); }"
        "a.f();";
    REQUIRE_YIELD "require-yield" Warning "A generator yields." "It hands nothing out."
        "f(function* () { g(); });"
        "f(function* () { yield g(); });";
    USE_ISNAN "use-isnan" Error "NaN is asked for by Number.isNaN." "It equals nothing, not even itself."
        "if (a === NaN) f();"
        "if (Number.isNaN(a)) f();";
    VALID_TYPEOF "valid-typeof" Error "typeof is compared with a name that it gives." "The comparison never holds."
        "if (typeof a === 'strnig') f();"
        "if (typeof a === 'string') f();";
    NO_SELF_COMPARE "no-self-compare" Warning "Nothing is compared with itself." "Another name was meant."
        "if (a === a) f();"
        "if (a === b) f();";
    NO_TEMPLATE_CURLY_IN_STRING "no-template-curly-in-string" Warning "A placeholder stands in a template." "It is shown as it is written."
        "f('${a}');"
        "f(`${a}`);";
    NO_CONSTRUCTOR_RETURN "no-constructor-return" Warning "A constructor returns nothing." "new gives something else than the object."
        "f(class { constructor() { return g; } });"
        "f(class { constructor() { g(); } });";
    NO_PROMISE_EXECUTOR_RETURN "no-promise-executor-return" Warning "The executor of a promise returns nothing." "The value is lost."
        "f(new Promise((resolve) => { return resolve; }));"
        "f(new Promise((resolve) => { resolve(1); }));";
    NO_NEW_WRAPPERS "no-new-wrappers" Warning "No object is made of a string, number or boolean." "It is always true, and equals no value."
        "f(new Boolean(false));"
        "f(Boolean(a));";
    NO_THROW_LITERAL "no-throw-literal" Warning "An error is thrown." "Anything else has no stack."
        "throw 'a';"
        "throw new Error('a');";
    NO_CALLER "no-caller" Warning "arguments.caller and callee are not used." "Strict code refuses them."
        "function f() { g(arguments.callee); } f();"
        "function f() { g(f); } f(); f();";
    NO_PROTO "no-proto" Warning "A prototype is asked for by a function." "Not every object has `__proto__`."
        "f(a.__proto__);"
        "f(Object.getPrototypeOf(a));";
    NO_ITERATOR "no-iterator" Warning "An iterator is Symbol.iterator." "`__iterator__` is of no standard."
        "f(a.__iterator__);"
        "f(a[Symbol.iterator]);";
    NO_EVAL "no-eval" Warning "No text is run as code." "Whoever writes the text runs the program."
        "eval('a');"
        "f(a);";
    NO_NEW_FUNC "no-new-func" Warning "No function is made of a text." "Whoever writes the text runs the program."
        "f(new Function('return 1'));"
        "f(() => 1);";
    NO_SCRIPT_URL "no-script-url" Warning "No address is code." "Whoever writes the address runs the program."
        "f('javascript:g()');"
        "f('https://a.example');";
    NO_OCTAL_ESCAPE "no-octal-escape" Warning "No octal escape." "Strict code refuses it."
        "f('\\251');"
        "f('\\u00a9');";
    NO_MULTI_STR "no-multi-str" Warning "A string ends on its line." "Blanks behind the backslash break it."
        "f('a \\\nb');"
        "f('a b');";
    DEFAULT_CASE_LAST "default-case-last" Warning "default stands last." "Cases behind it are overlooked."
        "switch (a) { default: f(); break; case 1: g(); }"
        "switch (a) { case 1: g(); break; default: f(); }";
    NO_USELESS_RENAME "no-useless-rename" Warning "A name is not given its own name." "It is a leftover."
        "import { a as a } from 'b'; a();"
        "import { a } from 'b'; a();";
    NO_UNNEEDED_TERNARY "no-unneeded-ternary" Warning "A condition is not turned into true or false." "It is the answer already."
        "f(a === b ? true : false);"
        "f(a === b);";
    NO_USELESS_CONCAT "no-useless-concat" Warning "Texts that could be one are." "It is a leftover of a longer line."
        "f('a' + 'b');"
        "f('ab');";
}

rules! { SMELLS "eslint-plugin-jest":
    EXPECT_EXPECT "expect-expect" Warning "A test asserts something." "It passes whatever the code does."
        "it('a', () => { f(); });"
        "it('a', () => { expect(f()).toBe(1); });";
    NO_FOCUSED_TESTS "no-focused-tests" Error "No test runs alone." "The others are skipped, and nobody notices."
        "it.only('a', () => { expect(f()).toBe(1); });"
        "it('a', () => { expect(f()).toBe(1); });";
    NO_IDENTICAL_TITLE "no-identical-title" Warning "Tests of a group have titles of their own." "A failure does not say which one it is."
        "it('a', () => { expect(f()).toBe(1); });\nit('a', () => { expect(g()).toBe(1); });"
        "it('a', () => { expect(f()).toBe(1); });\nit('b', () => { expect(g()).toBe(1); });";
    NO_CONDITIONAL_EXPECT "no-conditional-expect" Warning "What is expected is always checked." "Where the condition does not hold, the test passes."
        "it('a', () => { if (b) { expect(f()).toBe(1); } });"
        "it('a', () => { expect(f()).toBe(1); });";
    NO_SLEEP "no-sleep-in-test" Warning "A test waits for what it tests, not for a time." "It is slow, and fails on a slow machine."
        "it('a', async () => { await sleep(100); expect(f()).toBe(1); });"
        "it('a', async () => { await done; expect(f()).toBe(1); });";
}

rules! { PYTHON "ruff":
    PY_E711 "E711" Warning "None is compared by `is`." "A class may answer `==` as it likes."
        "if a == None:\n    f()"
        "if a is None:\n    f()";
    PY_E712 "E712" Warning "A truth is not compared with True or False." "The value is the answer already."
        "if a == True:\n    f()"
        "if a:\n    f()";
    PY_E713 "E713" Warning "`not in` is one word." "The sign is read late."
        "if not a in b:\n    f()"
        "if a not in b:\n    f()";
    PY_E714 "E714" Warning "`is not` is one word." "The sign is read late."
        "if not a is b:\n    f()"
        "if a is not b:\n    f()";
    PY_E722 "E722" Warning "An except names what it catches." "It catches the end of the program, too."
        "try:\n    f()\nexcept:\n    g()"
        "try:\n    f()\nexcept ValueError:\n    g()";
    PY_E731 "E731" Warning "A function with a name is defined by def." "A traceback shows no name."
        "f = lambda a: a"
        "def f(a):\n    return a";
    PY_E741 "E741" Warning "No name looks like a number." "l, O and I are read as 1 and 0."
        "l = 1"
        "length = 1";
    PY_F541 "F541" Warning "An f-string has a placeholder." "The letter says nothing, or braces are missing."
        "a = f\"b\""
        "a = f\"{b}\"";
    PY_F631 "F631" Error "An assert does not test a tuple." "It always holds."
        "assert (a, \"b\")"
        "assert a, \"b\"";
    PY_F632 "F632" Error "Literals are compared by `==`." "Whether two are one object depends on the interpreter."
        "if a is \"b\":\n    f()"
        "if a == \"b\":\n    f()";
    PY_F634 "F634" Error "An if does not test a tuple." "It always holds."
        "if (a, b):\n    f()"
        "if a and b:\n    f()";
    PY_B006 "B006" Warning "A default is not a list, dict or set." "All calls share it."
        "def f(a=[]):\n    return a"
        "def f(a=None):\n    return a";
    PY_B011 "B011" Warning "Nothing asserts False." "With -O the line is gone: raise instead."
        "assert False"
        "raise AssertionError";
    PY_B015 "B015" Warning "A comparison is used." "An assignment or an assert was meant."
        "a == b"
        "c = a == b";
    PY_PLR0124 "PLR0124" Warning "Nothing is compared with itself." "Another name was meant."
        "if a == a:\n    f()"
        "if a == b:\n    f()";
    PY_PLW0127 "PLW0127" Warning "A name is not assigned to itself." "Another name was meant."
        "a = a"
        "a = b";
    PY_PLE0101 "PLE0101" Error "`__init__` returns nothing." "It throws when it comes to that."
        "class A:\n    def __init__(self):\n        return 1"
        "class A:\n    def __init__(self):\n        self.a = 1";
    PY_B012 "B012" Warning "A finally block is left at its end." "What was thrown or returned before is dropped."
        "def f():\n    try:\n        g()\n    finally:\n        return 1"
        "def f():\n    try:\n        g()\n    finally:\n        h()";
}

rules! { GO "staticcheck":
    GO_SA4000 "SA4000" Warning "The two sides of an operator differ." "Another name was meant."
        "func f(a, b int) bool { return a == a }"
        "func f(a, b int) bool { return a == b }";
    GO_SA4014 "SA4014" Warning "No condition of a chain repeats one before." "The branch never runs."
        "func f(a int) { if a > 1 { g() } else if a > 1 { h() } }"
        "func f(a int) { if a > 1 { g() } else if a > 0 { h() } }";
    GO_SA9003 "SA9003" Warning "A branch does something." "Code is missing."
        "func f(a int) { if a > 1 { } }"
        "func f(a int) { if a > 1 { g() } }";
    GO_SA4004 "SA4004" Warning "A loop may come to a second round." "It is no loop."
        "func f(a int) { for a > 1 { if g() { h() }; break } }"
        "func f(a int) { for a > 1 { g() } }";
    GO_SA4018 "SA4018" Warning "A value is not assigned to itself." "Another name was meant."
        "func f(a, b int) { a = a }"
        "func f(a, b int) { a = b }";
    GO_S1002 "S1002" Warning "A truth is not compared with true or false." "The value is the answer already."
        "func f(a bool) bool { return a == true }"
        "func f(a bool) bool { return a }";
    GO_SA1004 "SA1004" Warning "A time has a unit." "A bare number is nanoseconds."
        "func f() { time.Sleep(5) }"
        "func f() { time.Sleep(5 * time.Second) }";
    GO_SA2000 "SA2000" Warning "A wait group counts before the goroutine starts." "Whoever waits may be done before it is counted."
        "func f(wg *sync.WaitGroup) { go func() { wg.Add(1); g(); wg.Done() }() }"
        "func f(wg *sync.WaitGroup) { wg.Add(1); go func() { g(); wg.Done() }() }";
    GO_SA2001 "SA2001" Warning "Something stands between lock and unlock." "The unlock was meant to be deferred."
        "func f(m *sync.Mutex) { m.Lock(); m.Unlock(); g() }"
        "func f(m *sync.Mutex) { m.Lock(); defer m.Unlock(); g() }";
    GO_SA4011 "SA4011" Warning "A break leaves what it is meant to leave." "It ends the case, and the loop goes on."
        "func f(a int) { for { switch a { case 1: g(); break } } }"
        "func f(a int) { l: for { switch a { case 1: g(); break l } } }";
    GO_SA4012 "SA4012" Error "NaN is asked for by IsNaN." "No value equals NaN."
        "func f(a float64) bool { return a == math.NaN() }"
        "func f(a float64) bool { return math.IsNaN(a) }";
    GO_SA4013 "SA4013" Warning "A truth is negated once." "Twice is nothing."
        "func f(a bool) bool { return !!a }"
        "func f(a bool) bool { return !a }";
    GO_SA4016 "SA4016" Warning "An operation on bits does something." "With 0 it gives the value itself, or 0."
        "func f(a int) int { return a & 0 }"
        "func f(a int) int { return a & 1 }";
    GO_SA4021 "SA4021" Warning "append appends." "With one argument it does nothing."
        "func f(a []int) { a = append(a); g(a) }"
        "func f(a []int) { a = append(a, 1); g(a) }";
    GO_SA4022 "SA4022" Error "No address is compared with nil." "A variable always has one."
        "func f(a int) bool { return &a == nil }"
        "func f(a *int) bool { return a == nil }";
    GO_SA4028 "SA4028" Warning "No remainder of a division by one." "It is always 0."
        "func f(a int) int { return a % 1 }"
        "func f(a int) int { return a % 2 }";
    GO_SA5001 "SA5001" Warning "An error is looked at before what comes with it is used." "Where opening failed there is nothing to close."
        "func f() { a, err := g(); defer a.Close(); h(err) }"
        "func f() { a, err := g(); if err != nil { return }; defer a.Close() }";
    GO_SA5003 "SA5003" Warning "What is deferred runs some time." "The loop never ends, so the function does not."
        "func f() { for { defer g() } }"
        "func f() { for { g() } }";
    GO_SA9004 "SA9004" Warning "All constants of a group have the type." "Only the first has it."
        "const (\n	A T = 1\n	B = 2\n)"
        "const (\n	A T = 1\n	B T = 2\n)";
}

rules! { JAVA "PMD, Error Prone":
    JAVA_IDENTITY_BINARY_EXPRESSION "IdentityBinaryExpression" Warning "The two sides of an operator differ." "Another name was meant."
        "class A { boolean f(int a, int b) { return a == a; } }"
        "class A { boolean f(int a, int b) { return a == b; } }";
    JAVA_SELF_ASSIGNMENT "SelfAssignment" Warning "A value is not assigned to itself." "Another name was meant."
        "class A { void f(int a, int b) { a = a; } }"
        "class A { void f(int a, int b) { a = b; } }";
    JAVA_DUPLICATE_BRANCHES "DuplicateBranches" Warning "Two branches differ." "Another call was meant, or no condition."
        "class A { void f(int a) { if (a > 1) { g(); } else { g(); } } }"
        "class A { void f(int a) { if (a > 1) { g(); } else { h(); } } }";
    JAVA_EMPTY_CATCH_BLOCK "EmptyCatchBlock" Warning "A catch does something, or says why not." "An error is dropped."
        "class A { void f() { try { g(); } catch (B b) { } } }"
        "class A { void f() { try { g(); } catch (B b) { h(b); } } }";
    JAVA_EMPTY_CONTROL_STATEMENT "EmptyControlStatement" Warning "A branch does something." "Code is missing."
        "class A { void f(int a) { if (a > 1) { } } }"
        "class A { void f(int a) { if (a > 1) { g(); } } }";
    JAVA_USE_EQUALS_TO_COMPARE_STRINGS "UseEqualsToCompareStrings" Error "Texts are compared by equals." "Two equal texts may be two objects."
        "class A { boolean f(String a) { return a == \"b\"; } }"
        "class A { boolean f(String a) { return \"b\".equals(a); } }";
    JAVA_RETURN_FROM_FINALLY_BLOCK "ReturnFromFinallyBlock" Error "A finally block is left at its end." "What was thrown or returned before is dropped."
        "class A { int f() { try { return g(); } finally { return 1; } } }"
        "class A { int f() { try { return g(); } finally { h(); } } }";
    JAVA_SIMPLIFY_BOOLEAN_EXPRESSIONS "SimplifyBooleanExpressions" Warning "A truth is not compared with true or false." "The value is the answer already."
        "class A { boolean f(boolean a) { return a == true; } }"
        "class A { boolean f(boolean a) { return a; } }";
    JAVA_AVOID_BRANCHING_STATEMENT_AS_LAST_IN_LOOP "AvoidBranchingStatementAsLastInLoop" Warning "A loop may come to a second round." "It is no loop."
        "class A { void f(int a) { while (a > 1) { g(); break; } } }"
        "class A { void f(int a) { while (a > 1) { g(); } } }";
    JAVA_RPC_REPEATED_CONDITIONAL_TEST "RpC_REPEATED_CONDITIONAL_TEST" Warning "No condition of a chain repeats one before." "The branch never runs."
        "class A { void f(int a) { if (a > 1) { g(); } else if (a > 1) { h(); } } }"
        "class A { void f(int a) { if (a > 1) { g(); } else if (a > 0) { h(); } } }";
    JAVA_OVERRIDE_BOTH_EQUALS_AND_HASHCODE "OverrideBothEqualsAndHashcode" Warning "A class has equals and hashCode, or neither." "Equal objects are not found in a map."
        "class A { public boolean equals(Object o) { return g(o); } }"
        "class A { public boolean equals(Object o) { return g(o); } public int hashCode() { return 1; } }";
    JAVA_EQUALS_NULL "EqualsNull" Error "Null is asked for by ==." "equals throws, or says no."
        "class A { boolean f(B b) { return b.equals(null); } }"
        "class A { boolean f(B b) { return b == null; } }";
    JAVA_SELF_EQUALS "SelfEquals" Error "No object is compared with itself." "Another name was meant."
        "class A { boolean f(B b) { return b.equals(b); } }"
        "class A { boolean f(B b, B c) { return b.equals(c); } }";
    JAVA_COMPARISON_WITH_NAN "ComparisonWithNaN" Error "NaN is asked for by isNaN." "No value equals NaN."
        "class A { boolean f(double a) { return a == Double.NaN; } }"
        "class A { boolean f(double a) { return Double.isNaN(a); } }";
    JAVA_BROKEN_NULL_CHECK "BrokenNullCheck" Error "What may be null is asked where it is not." "`&&` and `||` are mixed up, and null is asked."
        "class A { boolean f(String a) { return a != null || a.isEmpty(); } }"
        "class A { boolean f(String a) { return a == null || a.isEmpty(); } }";
    JAVA_AVOID_DECIMAL_LITERALS_IN_BIG_DECIMAL_CONSTRUCTOR "AvoidDecimalLiteralsInBigDecimalConstructor" Warning "A BigDecimal is made of a text or a whole number." "The literal is rounded to a binary fraction first."
        "class A { Object a = new BigDecimal(0.1); }"
        "class A { Object a = new BigDecimal(\"0.1\"); }";
    JAVA_STRING_BUFFER_INSTANTIATION_WITH_CHAR "StringBufferInstantiationWithChar" Error "A buffer is made of a text." "The number of the character is taken for a length."
        "class A { Object a = new StringBuilder('a'); }"
        "class A { Object a = new StringBuilder(\"a\"); }";
    JAVA_AVOID_USING_OCTAL_VALUES "AvoidUsingOctalValues" Warning "No number begins with a zero." "It is octal."
        "class A { int a = 012; }"
        "class A { int a = 12; }";
    JAVA_JUMBLED_INCREMENTER "JumbledIncrementer" Warning "A loop counts its own counter." "Another name was meant."
        "class A { void f() { for (int i = 0; i < 9; i++) { for (int j = 0; j < 9; i++) { g(); } } } }"
        "class A { void f() { for (int i = 0; i < 9; i++) { for (int j = 0; j < 9; j++) { g(); } } } }";
    JAVA_DO_NOT_THROW_EXCEPTION_IN_FINALLY "DoNotThrowExceptionInFinally" Warning "A finally block throws nothing." "What was thrown before is dropped."
        "class A { void f() { try { g(); } finally { throw new B(); } } }"
        "class A { void f() { try { g(); } finally { h(); } } }";
    JAVA_UNCONDITIONAL_IF_STATEMENT "UnconditionalIfStatement" Warning "A condition may come out either way." "One branch never runs."
        "class A { void f() { if (true) { g(); } } }"
        "class A { void f(boolean a) { if (a) { g(); } } }";
    JAVA_DEAD_EXCEPTION "DeadException" Error "An exception that is made is thrown." "Nothing happens."
        "class A { void f() { new IllegalStateException(); } }"
        "class A { void f() { throw new IllegalStateException(); } }";
    JAVA_DIV_ZERO "DivZero" Error "Nothing is divided by zero." "It throws when it comes to that."
        "class A { int f(int a) { return a / 0; } }"
        "class A { int f(int a) { return a / 2; } }";
    JAVA_XOR_POWER "XorPower" Error "A power is no `^`." "It is the exclusive or."
        "class A { int a = 2 ^ 16; }"
        "class A { int a = 1 << 16; }";
}

rules! { RUST "clippy":
    RUST_EQ_OP "clippy::eq_op" Warning "The two sides of an operator differ." "Another name was meant."
        "fn f(a: u8, b: u8) -> bool { a == a }"
        "fn f(a: u8, b: u8) -> bool { a == b }";
    RUST_SELF_ASSIGNMENT "clippy::self_assignment" Warning "A value is not assigned to itself." "Another name was meant."
        "fn f(mut a: u8, b: u8) { a = a; }"
        "fn f(mut a: u8, b: u8) { a = b; }";
    RUST_IFS_SAME_COND "clippy::ifs_same_cond" Warning "No condition of a chain repeats one before." "The branch never runs."
        "fn f(a: u8) { if a > 1 { g() } else if a > 1 { h() } }"
        "fn f(a: u8) { if a > 1 { g() } else if a > 0 { h() } }";
    RUST_BOOL_COMPARISON "clippy::bool_comparison" Warning "A truth is not compared with true or false." "The value is the answer already."
        "fn f(a: bool) -> bool { a == true }"
        "fn f(a: bool) -> bool { a }";
    RUST_NEVER_LOOP "clippy::never_loop" Error "A loop may come to a second round." "It is no loop."
        "fn f(a: u8) { while a > 1 { g(); break; } }"
        "fn f(a: u8) { while a > 1 { g(); } }";
    RUST_DBG_MACRO "clippy::dbg_macro" Warning "No dbg! is left." "It writes to the error stream."
        "fn f(a: u8) -> u8 { dbg!(a) }"
        "fn f(a: u8) -> u8 { a }";
    RUST_TODO "clippy::todo" Warning "No todo! is left." "It ends the program."
        "fn f() { todo!() }"
        "fn f() { g() }";
    RUST_UNIMPLEMENTED "clippy::unimplemented" Warning "No unimplemented! is left." "It ends the program."
        "fn f() { unimplemented!() }"
        "fn f() { g() }";
    RUST_EMPTY_LOOP "clippy::empty_loop" Warning "A loop without end does something." "It keeps a processor busy."
        "fn f() { loop {} }"
        "fn f() { loop { g(); } }";
    RUST_LEN_ZERO "clippy::len_zero" Warning "Emptiness is asked for by is_empty." "It says what is meant, and may cost less."
        "fn f(a: &str) -> bool { a.len() == 0 }"
        "fn f(a: &str) -> bool { a.is_empty() }";
    RUST_IF_SAME_THEN_ELSE "clippy::if_same_then_else" Warning "Two branches differ." "Another call was meant, or no condition."
        "fn f(a: u8) { if a > 1 { g() } else { g() } }"
        "fn f(a: u8) { if a > 1 { g() } else { h() } }";
    RUST_ALMOST_SWAPPED "clippy::almost_swapped" Error "Two values are swapped by mem::swap." "The second line gives back what the first wrote."
        "fn f(mut a: u8, mut b: u8) { a = b; b = a; }"
        "fn f(mut a: u8, mut b: u8) { std::mem::swap(&mut a, &mut b); }";
    RUST_ERASING_OP "clippy::erasing_op" Error "An operation does not always give 0." "Another number was meant."
        "fn f(a: u8) -> u8 { a * 0 }"
        "fn f(a: u8) -> u8 { a * 2 }";
    RUST_MODULO_ONE "clippy::modulo_one" Error "No remainder of a division by one." "It is always 0."
        "fn f(a: u8) -> u8 { a % 1 }"
        "fn f(a: u8) -> u8 { a % 2 }";
    RUST_BAD_BIT_MASK "clippy::bad_bit_mask" Error "Bits are compared with what they can be." "The comparison always comes out the same."
        "fn f(a: u8) -> bool { a & 2 == 1 }"
        "fn f(a: u8) -> bool { a & 2 == 2 }";
    RUST_REVERSED_EMPTY_RANGES "clippy::reversed_empty_ranges" Error "A range has something in it." "The loop never begins: use rev."
        "fn f() { for i in 9..0 { g(i) } }"
        "fn f() { for i in (0..9).rev() { g(i) } }";
    RUST_MISREFACTORED_ASSIGN_OP "clippy::misrefactored_assign_op" Warning "An operation is done once." "The target stands on both sides."
        "fn f(mut a: u8, b: u8) { a += a + b; }"
        "fn f(mut a: u8, b: u8) { a += b; }";
    RUST_APPROX_CONSTANT "clippy::approx_constant" Error "A constant is taken from the library." "The digits are cut."
        "fn f() -> f64 { 3.14 }"
        "fn f() -> f64 { std::f64::consts::PI }";
    RUST_ZERO_PREFIXED_LITERAL "clippy::zero_prefixed_literal" Warning "No number begins with a zero." "It is not octal."
        "fn f() -> u8 { 012 }"
        "fn f() -> u8 { 0o12 }";
    RUST_SUSPICIOUS_ASSIGNMENT_FORMATTING "clippy::suspicious_assignment_formatting" Warning "Two signs do not look like one operator." "`-=` was meant, or a blank is missing."
        "fn f(mut a: i8) { a =- 1; }"
        "fn f(mut a: i8) { a = -1; }";
    RUST_DERIVED_HASH_WITH_MANUAL_EQ "clippy::derived_hash_with_manual_eq" Error "Hash and equality look at the same." "Equal values hash differently, and are not found."
        "#[derive(Hash)] struct A(u8); impl PartialEq for A { fn eq(&self, _: &A) -> bool { true } }"
        "#[derive(Hash, PartialEq)] struct A(u8);";
    RUST_SUSPICIOUS_XOR_USED_AS_POW "clippy::suspicious_xor_used_as_pow" Warning "A power is no `^`." "It is the exclusive or."
        "fn f() -> u32 { 2 ^ 16 }"
        "fn f() -> u32 { 2_u32.pow(16) }";
}

rules! { C "GCC, Clang, clang-tidy, cppcheck":
    C_MISC_REDUNDANT_EXPRESSION "misc-redundant-expression" Warning "The two sides of an operator differ." "Another name was meant."
        "int f(int a, int b) { return a == a; }"
        "int f(int a, int b) { return a == b; }";
    C_SELF_ASSIGN "self-assign" Warning "A value is not assigned to itself." "Another name was meant."
        "void f(int a, int b) { a = a; }"
        "void f(int a, int b) { a = b; }";
    C_DUPLICATED_COND "duplicated-cond" Warning "No condition of a chain repeats one before." "The branch never runs."
        "void f(int a) { if (a > 1) { g(); } else if (a > 1) { h(); } }"
        "void f(int a) { if (a > 1) { g(); } else if (a > 0) { h(); } }";
    C_PARENTHESES "parentheses" Warning "A condition compares." "One sign is missing, or two parentheses that say it is meant."
        "void f(int a, int b) { if (a = b) { g(); } }"
        "void f(int a, int b) { if (a == b) { g(); } }";
    C_EMPTY_BODY "empty-body" Warning "A condition has a body." "A semicolon too much ends it."
        "void f(int a) { if (a > 1); g(); }"
        "void f(int a) { if (a > 1) g(); }";
    C_STRING_COMPARE "string-compare" Error "Texts are compared by strcmp." "Two equal texts may stand in two places."
        "int f(char *a) { return a == \"b\"; }"
        "int f(char *a) { return strcmp(a, \"b\") == 0; }";
    C_DUPLICATED_BRANCHES "duplicated-branches" Warning "Two branches differ." "Another call was meant, or no condition."
        "void f(int a) { if (a > 1) { g(); } else { g(); } }"
        "void f(int a) { if (a > 1) { g(); } else { h(); } }";
    C_DANGLING_ELSE "dangling-else" Warning "Braces say to which condition an else belongs." "It belongs to the inner one."
        "void f(int a, int b) { if (a) if (b) g(); else h(); }"
        "void f(int a, int b) { if (a) { if (b) g(); else h(); } }";
    C_MISLEADING_INDENTATION "misleading-indentation" Warning "A line is indented as what it is part of." "Without braces, a condition guards one statement."
        "void f(int a) {\n    if (a)\n        g();\n        h();\n}"
        "void f(int a) {\n    if (a)\n        g();\n    h();\n}";
    C_LOGICAL_NOT_PARENTHESES "logical-not-parentheses" Warning "A comparison is negated as a whole." "`!` is of the left side alone."
        "int f(int a, int b) { return !a == b; }"
        "int f(int a, int b) { return !(a == b); }";
    C_UNUSED_COMPARISON "unused-comparison" Warning "A comparison is used." "An assignment was meant."
        "void f(int a) { a == 1; }"
        "void f(int a) { a = 1; }";
    C_XOR_USED_AS_POW "xor-used-as-pow" Warning "A power is no `^`." "It is the exclusive or."
        "int a = 2 ^ 16;"
        "int a = 1 << 16;";
    C_TAUTOLOGICAL_BITWISE_COMPARE "tautological-bitwise-compare" Warning "Bits are compared with what they can be." "The comparison always comes out the same."
        "int f(int a) { return (a & 2) == 1; }"
        "int f(int a) { return (a & 2) == 2; }";
    C_DIVISION_BY_ZERO "division-by-zero" Error "Nothing is divided by zero." "The program ends when it comes to that."
        "int f(int a) { return a / 0; }"
        "int f(int a) { return a / 2; }";
    C_MEMSET_TRANSPOSED_ARGS "memset-transposed-args" Error "memset takes the value, then the size." "Nothing is set."
        "void f(char *a) { memset(a, sizeof(*a), 0); }"
        "void f(char *a) { memset(a, 0, sizeof(*a)); }";
    C_MODULOOFONE "moduloofone" Warning "No remainder of a division by one." "It is always 0."
        "int f(int a) { return a % 1; }"
        "int f(int a) { return a % 2; }";
    C_SIZEOFSIZEOF "sizeofsizeof" Warning "The size of a size is not asked for." "It is the same for everything."
        "int f(int a) { return sizeof(sizeof(a)); }"
        "int f(int a) { return sizeof(a); }";
    C_BUGPRONE_SUSPICIOUS_REALLOC_USAGE "bugprone-suspicious-realloc-usage" Warning "The old pointer is kept until realloc has succeeded." "Where there is no memory left, the old block is lost."
        "void f(char *a) { a = realloc(a, 9); }"
        "void f(char *a) { char *b = realloc(a, 9); if (b) a = b; }";
}

/// All of them.
pub(super) const RULES: &[Rule] = &{
    let lists = [SCRIPT, SMELLS, PYTHON, GO, JAVA, RUST, C, COMMON];
    let mut all = [SYNTAX; COUNT];
    let (mut list, mut next) = (0, 0);
    while list < lists.len() {
        let mut at = 0;
        while at < lists[list].len() {
            all[next] = lists[list][at];
            (at, next) = (at + 1, next + 1);
        }
        list += 1;
    }
    all
};
const COUNT: usize =
    SCRIPT.len() + SMELLS.len() + PYTHON.len() + GO.len() + JAVA.len() + RUST.len() + C.len() + COMMON.len();

rules! { COMMON "the language's grammar":
    SYNTAX "syntax-error" Info "The source is valid in its language." "Near the place, rules may see too much or too little."
        "function f( {"
        "function f() {} f();";
}
