//! Attacks that must be refused, and written code that must not.

use super::*;

const DIALECTS: [Dialect; 3] = [Dialect::JavaScript, Dialect::TypeScript, Dialect::Tsx];

fn parsed(text: &str, dialect: Dialect) -> bool {
    recursion_exceeded(text, dialect, Walk::Parser).is_none()
}

fn visited(text: &str, dialect: Dialect) -> bool {
    recursion_exceeded(text, dialect, Walk::Visitors).is_none()
}

fn start(text: &str) -> String {
    text.chars().take(24).collect()
}

#[test]
fn limits_hold_at_their_edges() {
    for (walk, links) in [(Walk::Parser, MAX_PARSE_DEPTH), (Walk::Visitors, MAX_CHAIN_LINKS)] {
        for dialect in DIALECTS {
            assert_eq!(recursion_exceeded(&"!".repeat(links), dialect, walk), None);
            assert_eq!(recursion_exceeded(&"!".repeat(links + 1), dialect, walk), Some(links));
            assert_eq!(recursion_exceeded(&"(".repeat(MAX_NESTING_DEPTH), dialect, walk), None);
            assert_eq!(recursion_exceeded(&"(".repeat(MAX_NESTING_DEPTH + 1), dialect, walk), Some(MAX_NESTING_DEPTH));
        }
    }
    let arrows = MAX_CHAIN_LINKS / 2;
    assert!(visited(&"a=>".repeat(arrows), Dialect::JavaScript));
    assert!(!visited(&"a=>".repeat(arrows + 1), Dialect::JavaScript));
    assert!(!visited(&"if(a){b}else ".repeat(arrows), Dialect::JavaScript));
}

#[test]
fn expressions_in_type_arguments_in_such_expressions_have_a_limit() {
    for piece in [
        "a<(x=",
        "A<({x=--",
        "a<([x=",
        "a<new(x=",
        "a<{m(x=",
        "a<{[",
        "a<{b;[",
        "a<(...x=",
        "x=new a<(",
        "class B extends a<({x=",
        "`${a<(x=",
        "f(a<({x=",
        "(x:{[",
        "[(x?:?({",
        "[(a as ({",
        "[(a as (\n {",
        "[(a satisfies ({",
    ] {
        let nested = |count: usize| piece.repeat(count);
        for dialect in [Dialect::TypeScript, Dialect::Tsx] {
            assert!(visited(&nested(2), dialect), "{piece}");
            assert!(!visited(&nested(MAX_DOUBLINGS + 2), dialect), "{piece}");
            assert!(!parsed(&nested(MAX_DOUBLINGS + 2), dialect), "{piece}");
            assert!(!visited(&format!("'\n{}", nested(MAX_DOUBLINGS + 2)), dialect), "in doubt: {piece}");
        }
    }
    for dialect in [Dialect::TypeScript, Dialect::Tsx] {
        assert!(visited(&"a<(x=".repeat(MAX_DOUBLINGS), dialect));
        assert!(!visited(&"a<(x=".repeat(MAX_DOUBLINGS + 1), dialect));
    }
    assert!(visited(&"a<(x=".repeat(MAX_DOUBLINGS + 1), Dialect::JavaScript));
    // A type is read in JavaScript too, to be told.
    assert!(visited(&"[(a as ({".repeat(MAX_DOUBLINGS), Dialect::JavaScript));
    assert!(!visited(&"[(a as ({".repeat(MAX_DOUBLINGS + 2), Dialect::JavaScript));
    let half = MAX_DOUBLINGS / 2;
    assert!(visited(&"a<(b<(x=".repeat(half), Dialect::TypeScript));
    assert!(!visited(&"a<(b<(x=".repeat(half + 1), Dialect::TypeScript));
    for written in [
        "let a: A<{ [k in K]: B<{ [l in L]: (c: C) => D }> }> = { a: b };\n",
        "for (let i = 0; i < (n = f()); i++) { a[i] = b < c ? (d = 1) : 2; }\n",
        "f<{ a: (b: A<B>) => void }>((b) => { b = g<(c: C) => D>({ e: (f = 1) => f }); });\n",
        "type A = B<{ a: B<{ a: B<{ a: B<{ a: B<{ a: B<{ a: B<{ a: B<{ a: B<{ a: 1 }> }> }> }> }> }> }> }> }>;\n",
    ] {
        assert!(visited(&written.repeat(20), Dialect::TypeScript), "{written}");
        assert!(visited(&written.repeat(20), Dialect::Tsx), "{written}");
    }
    let deep = |inside: &str| format!("let a: {}{inside}{};", "A<{ a: ".repeat(20), " }>".repeat(20));
    assert!(visited(&deep("B<{ [key: string]: b }>"), Dialect::TypeScript));
    assert!(visited(&deep("B<{ [ key in K]: b }>"), Dialect::TypeScript));
    assert!(visited(
        &deep(&format!("{}c{}", "B<readonly [C<{ d: [".repeat(20), "] }>]>".repeat(20))),
        Dialect::TypeScript
    ));
}

#[test]
fn hostile_depth_is_refused_before_parsing() {
    for piece in [
        "(",
        "!",
        "a=",
        "a=>",
        "a=>\n",
        "a?b:",
        "if(a)",
        "if(a)\n",
        "if(a){}else ",
        "for(;;)",
        "typeof ",
        "typeof\n",
        "- ",
        "a:",
        "a**",
        "new ",
        "a?.[",
        "`${",
        "{a:",
        "[",
        "async a=>",
        "do ",
        "with(a)",
        "class extends ",
        "yield ",
        "await ",
        "++",
        "--",
        "~",
        "a ?? (b || (c && (d | (",
        "for(a of b)",
        "while(a)",
        "a+=",
        "a??=",
        "yield*",
    ] {
        for dialect in DIALECTS {
            let text = piece.repeat(3_000);
            assert!(!parsed(&text, dialect) && !visited(&text, dialect), "{piece}");
        }
    }
    let many = 3_000;
    for text in [
        format!("type A = {}1", "keyof ".repeat(many)),
        format!("type A = {}", "B<".repeat(many)),
        format!("type A = {}", "B extends C ? D : ".repeat(many)),
        format!("namespace a{}{{}}", ".a".repeat(many)),
        format!("let a = {}b", "<a>".repeat(many)),
    ] {
        assert!(!parsed(&text, Dialect::TypeScript), "{}", start(&text));
    }
    for text in ["<a>", "<a b=", "<a>{", "<>", "<a b={", "<a.b>", "<a><b/>"] {
        assert!(
            !parsed(&text.repeat(many), Dialect::JavaScript) && !parsed(&text.repeat(many), Dialect::Tsx),
            "{text}"
        );
    }
}

#[test]
fn nothing_hides_behind_what_starts_nothing_anew() {
    for piece in [
        "(\")\",",
        "(')',",
        "[\"]\",",
        "['],'",
        "(/*)*/",
        "(//)\n",
        "{/*}*/",
        "a ? ';' : ",
        "a ? /;/ : ",
        "a ? `;` : ",
        "a ? `\nb` : ",
        "@/*;*/",
        "!/*;*/",
        "typeof//x\n",
        "typeof /* a\n b */ ",
        "@@@@",
        "@ @ @",
        "@/**/@",
        "if(a);else if(a);else ",
        "if(a){}else if(a){}else ",
        "if(a)\nb\nelse ",
        "if(a)b,c;else ",
        "@a\n@b\n!",
        "[a,get <<module ",
        "!@a\nclass{a=",
        "!@class{}\nclass{a=",
        "!!!function\nb(){",
        "if(a)b,function(){",
        "a:b,function(){",
        "do ;while(a)do ",
        "a=b>\nc?",
    ] {
        for dialect in DIALECTS {
            let text = piece.repeat(3_000);
            assert!(!parsed(&text, dialect) && !visited(&text, dialect), "{piece}");
        }
    }
    for piece in ["<a b= //c\n", "<a>;", "<a>,\n", "<a>'", "<a b='/>'>", "<a>{/*}*/"] {
        for dialect in [Dialect::JavaScript, Dialect::Tsx] {
            assert!(!parsed(&piece.repeat(3_000), dialect), "{piece}");
        }
    }
    for (before, piece) in [
        ("let a: ", "A<b,"),
        ("", "<T,>()=>"),
        ("type A = ", "<T, U>(a) => "),
        ("let a: ", "()=><>"),
        ("let a: ", "(a,)\nasserts a is "),
        ("", "[a,get <<module "),
        ("x = ", "<T extends {a, b}>() => "),
    ] {
        let text = format!("{before}{}", piece.repeat(3_000));
        assert!(!parsed(&text, Dialect::TypeScript) && !parsed(&text, Dialect::Tsx), "{piece}");
    }
    // What only visitors recurse over.
    for piece in ["a/", "a+", "a.", "a().", "a&&", "a<", "a`b`", "a as ", "''+"] {
        assert!(!visited(&piece.repeat(3_000), Dialect::TypeScript), "{piece}");
    }
    for (first, piece) in [("a", "/a"), ("a", "()"), ("a", "[0]"), ("a", "!"), ("a", "``"), ("'x'", " + 'x'")] {
        assert!(!visited(&format!("{first}{}", piece.repeat(3_000)), Dialect::TypeScript), "{piece}");
    }
}

#[test]
fn what_can_be_read_in_two_ways_counts_in_both() {
    let many = "!".repeat(3_000);
    for text in [
        format!("a = b\n/'/; {many} '"),
        format!("if (a) /\"/; {many} \""),
        format!("a = '\n{many}'"),
        format!("`${{ {many} }}`"),
        format!("a = /[/*]/; {many} */"),
        format!("function a() {{}} /'/; {many} '"),
        format!("yield /'/; {many} '"),
        format!("<!-- '\n{many} '"),
        format!("a\n--> '\n{many} '"),
        format!("\\u0061 = '{many}'"),
    ] {
        for dialect in DIALECTS {
            assert!(!parsed(&text, dialect), "{}", start(&text));
        }
    }
    assert!(!parsed(&format!("a = '' {many} ''"), Dialect::JavaScript));
    for text in ["x = <b>(' {", "x = <a extends b>(' {", "let a\n<b>' {"] {
        assert!(!parsed(&format!("{text}{} ')", "(".repeat(300)), Dialect::Tsx), "{text}");
    }
}

#[test]
fn strings_comments_and_text_do_not_count() {
    let many = 3_000;
    for text in [
        format!("/* {} */ a", "[ ? ".repeat(many)),
        format!("// {}\na", "( ".repeat(many)),
        format!("#!/bin/node {}\na", "( ".repeat(many)),
        format!("a = '{}'", "\\'[".repeat(many)),
        format!("a = /[/'{}]/g", "(".repeat(many)),
        format!("a = `{}${{ b + `${{c}}` }}{}`", "[".repeat(many), "(".repeat(many)),
        format!("a++ /'/ {} '", "!".repeat(many)),
        format!("a = (b) / 2 / '{}'", "(".repeat(many)),
        format!("if (a) {{ b = {{}} / c }} /'/.test('{}')", "(".repeat(many)),
        format!("a = 'data:image/png;base64,{}'", "iVBORw0KGgo+/=".repeat(many)),
        " * Line. Of: prose?\n".repeat(many).replacen(" *", "/**", 1) + "*/",
    ] {
        for dialect in DIALECTS {
            assert!(parsed(&text, dialect) && visited(&text, dialect), "{}", start(&text));
        }
    }
    for text in [
        format!("a = <b c=\"{}\" d='\"'>{}</b>", "(".repeat(many), "( ' ? : ! ".repeat(many)),
        "a(<b c={d}>it's {e}<f.g/></b>)\n".repeat(many),
        "a = <><b {...c}/>d</>;\n".repeat(many),
    ] {
        assert!(parsed(&text, Dialect::JavaScript) && parsed(&text, Dialect::Tsx), "{}", start(&text));
    }
}

#[test]
fn long_but_shallow_code_is_not_refused() {
    let many = 3_000;
    for piece in [
        "a = b\n",
        "const a = (b) => !c;\n",
        "if (a) { b() } else { c() }\n",
        "if (a) { b() }\n",
        "a.b.c.d()\n",
        "a.b(c + d);",
        "a.b = /c/.test(d) ? e / f : g\n",
        "function a() { return !b }",
        "class A extends B { c = 1\n d() {} }\n",
        "x: for (;;) { break x }\n",
        "while (a) { b() }\n",
        "do { a() } while (b)\nc()\n",
        "try { a() } catch (b) { c() } finally { d() }\n",
        "switch (a) { case 1: b(); break; default: c() }\n",
        "let a = `b ${c} d`\n",
        "/**************** ======== ********/\nfunction a() {}\n",
        "  // ------------ a: b ------------\na();\n",
        "export const a = { b: [c, d], e }\n",
    ] {
        for dialect in DIALECTS {
            let text = piece.repeat(many);
            assert!(parsed(&text, dialect) && visited(&text, dialect), "{piece}");
        }
    }
    for piece in [
        "export type A = B<C>\n",
        "export type A<T> = T extends B ? C : D;\n",
        "@A({ b: c })\nexport class D { @E() f: G; @H() i() {} }\n",
        "let a = b as C<D, E>;\n",
        "interface A { b?: C; <T>(d: T): E; delete<T>(f: T): void }\n",
        "export function a<T, U = V>(b: T): b is U { return c<T>(d!) }\n",
        "if (a < b) { c(d < e, f > g) }\n",
    ] {
        let text = piece.repeat(many);
        assert!(parsed(&text, Dialect::TypeScript) && visited(&text, Dialect::TypeScript), "{piece}");
    }
    for piece in [
        "const a = <T,>(b: T) => <c d={b}>e</c>;\n",
        "type A = { b: <T>(c: T) => void };\n",
        "const a = <T extends B>(c: T) => d;\n",
    ] {
        assert!(parsed(&piece.repeat(20), Dialect::Tsx), "{piece}");
    }
    for (before, piece, after) in [
        ("a = [", "b ? c : d,", "]"),
        ("a = [", "{ b: 'c', d: [1, -2, 3e+5], e: !f },\n", "]"),
        ("a = {", "'b/c': (d) => d * 2,\n", "}"),
        ("a(", "function (b) { return b },", ")"),
        ("switch (a) {", "case 'b': ", "}"),
        ("var a = 1", ", b = c || d", ";"),
    ] {
        let text = format!("{before}{}{after}", piece.repeat(many));
        for dialect in DIALECTS {
            assert!(parsed(&text, dialect) && visited(&text, dialect), "{piece}");
        }
    }
    // No parser recurses over these; visitors do.
    for piece in ["'x' + ", "a.b().", "a || "] {
        assert!(parsed(&format!("a = {}1", piece.repeat(many)), Dialect::JavaScript), "{piece}");
        assert!(visited(&format!("a = {}1", piece.repeat(300)), Dialect::JavaScript), "{piece}");
    }
}

#[test]
fn reads_in_linear_time() {
    let bytes = 1 << 18;
    for piece in [
        "/",
        "'",
        "\"",
        "`",
        "<a>",
        "}/",
        "}/a/\n",
        "</**/",
        "a\n/",
        "<a extends b>(",
        "<T>(",
        "/*",
        "\\",
        "a<",
        "#",
        "@",
        "<a<",
    ] {
        for dialect in DIALECTS {
            let begun = std::time::Instant::now();
            let text = piece.repeat(bytes / piece.len());
            let _ = recursion_exceeded(&text, dialect, Walk::Visitors);
            let _ = recursion_exceeded(&format!("'{text}'"), dialect, Walk::Visitors);
            // Far above what it takes, far below what squares would.
            assert!(begun.elapsed().as_secs() < 5, "{piece}");
        }
    }
}
