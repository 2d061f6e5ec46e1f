//! Deep nesting and bombs for every text that a tool takes: what opens and never ends, and what is small and unfolds to much.
//!
//! A case is a pure function of its number, so that any of them can be told again.

use crate::{calls_of, registry};
use octavo_category::Category;
use octavo_testkit::{NESTS, pointers};
use octavo_toolkit::serve;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How deep things are nested.
pub const DEPTHS: &[usize] = &[100, 10_000, 1_000_000];

/// Longest text that is made, in bytes: beyond any tool's limit, so that the limit is met too.
const MAX_TEXT_BYTES: usize = 5 * 1024 * 1024;
/// Deepest indentation: each level is a longer line, so the text grows with its square.
const MAX_INDENT: usize = 2_000;

/// What else opens something, beside what arguments are varied by: quantifiers, quotes, comments, alternatives, and what hides it.
const MORE: &[(&str, &str)] = &[
    ("(a+", ")+"),
    ("(a|", ")*"),
    ("x{2}", ""),
    ("> ", ""),
    ("? ", ""),
    ("!a ", ""),
    ("<!--", "-->"),
    ("<![CDATA[", "]]>"),
    ("{{", "}}"),
    ("**/", ""),
    ("{a,", "}"),
    ("case when a then ", " end"),
    ("a:b:", ""),
    ("[a](", ")"),
    ("f\"{", "}\""),
    ("await ", ""),
    ("type A = A<", ">"),
    ("fragment a on B{...a ", "}"),
    // What seems to end in a string, a comment or a branch, and does not.
    ("(')',", ")"),
    ("[\"]\",", "]"),
    ("(/*)*/", ")"),
    ("{//}\n", "}"),
    ("(--)\n", ")"),
    ("a ? ';' : ", ""),
    ("a ? `;` : ", ""),
    ("!/*;*/", ""),
    ("typeof//x\n", ""),
    ("@/**/", ""),
    ("if(a);else ", ";"),
    ("<T,>()=>", ""),
    ("A<b,", ">"),
    ("<a>;", "</a>"),
    ("a/", ""),
    ("create function f() begin atomic select 1; ", " end;"),
    // What is read twice, as a type and as an expression.
    ("a<(x=", ""),
    ("A<({x=--", ""),
    ("a<{[", ""),
    ("(x:{[", ""),
    ("[(a as ({", ""),
    // Errors upon errors.
    ("a,", ""),
    ("@\"", ""),
    ("'\"`@", ""),
    ("|||| x y\n", ""),
    // A token a byte, or nearly, in chains and in rows.
    ("*", ""),
    ("\"\" \"", ""),
    ("@a\n", ""),
    ("a or ", ""),
    ("a ", ""),
    ("a\n", ""),
    ("();", ""),
    // One name bound anew again and again.
    ("a=a\n", ""),
];

/// A text or list of a tool's arguments: a sound call, and where in it that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Full name of the tool.
    pub tool: String,
    /// Its pointer.
    pub pointer: String,
    category: Category,
    name: &'static str,
    arguments: Value,
}

/// Every text of every tool, once, whichever item of a list it stands in.
pub fn places() -> Vec<Place> {
    all(Value::is_string)
}

/// Every list of every tool that has an item in some sound call, once.
pub fn lists() -> Vec<Place> {
    all(|value| value.as_array().is_some_and(|items| !items.is_empty()))
}

fn all(is_wanted: fn(&Value) -> bool) -> Vec<Place> {
    let mut found = Vec::new();
    for category in Category::ALL {
        let registry = registry(*category);
        for known in registry.tools {
            let declaration = known.declaration();
            let tool = registry.full_name(&declaration);
            let mut seen = BTreeSet::new();
            for arguments in calls_of(*category, *known) {
                for pointer in pointers(&arguments) {
                    if !arguments.pointer(&pointer).is_some_and(is_wanted) {
                        continue;
                    }
                    // `/files/0/source` and `/files/1/source` are the same text to a tool.
                    let shape: String = pointer.chars().filter(|c| !c.is_ascii_digit()).collect();
                    if seen.insert(shape) {
                        let (tool, category, name) = (tool.clone(), *category, declaration.name);
                        found.push(Place { tool, pointer, category, name, arguments: arguments.clone() });
                    }
                }
            }
        }
    }
    found
}

impl Place {
    /// The text that stands there.
    pub fn text(&self) -> &str {
        self.arguments.pointer(&self.pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// Arguments with another text there.
    pub fn with(&self, text: &str) -> Value {
        let mut arguments = self.arguments.clone();
        if let Some(place) = arguments.pointer_mut(&self.pointer) {
            *place = text.into();
        }
        arguments
    }

    /// Calls the tool with another text there: its frames.
    pub fn call(&self, text: &str) -> String {
        self.call_with(&self.with(text))
    }

    /// Calls the tool with these arguments: its frames.
    pub fn call_with(&self, arguments: &Value) -> String {
        let trace = json!({ "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331", "parentId": "00f067aa0ba902b7" });
        let body = json!({ "v": octavo_rpc::VERSION, "tool": self.name, "arguments": arguments, "trace": trace });
        serve(&registry(self.category), body.to_string().as_bytes(), &|| 0, None).frames
    }

    /// The sound call.
    pub const fn arguments(&self) -> &Value {
        &self.arguments
    }
}

/// How many nested texts there are for a place.
pub fn count() -> usize {
    (NESTS.len() + MORE.len() + 1) * DEPTHS.len() * 2
}

/// The nested text of a number below [`count`] for a place: alone, or in the midst of what stands there.
pub fn nested(place: &Place, number: usize) -> String {
    let (number, is_inside) = (number / 2, number % 2 == 1);
    let depth = DEPTHS.get(number % DEPTHS.len()).copied().unwrap_or_default();
    let kind = number / DEPTHS.len();
    let pair = NESTS.iter().chain(MORE).nth(kind);
    let text = pair.map_or_else(|| indented(depth), |(open, close)| brackets(open, close, depth));
    if !is_inside {
        return text;
    }
    let own = place.text();
    let mut middle = own.len() / 2;
    while !own.is_char_boundary(middle) {
        middle -= 1;
    }
    let (before, after) = own.split_at_checked(middle).unwrap_or_default();
    format!("{before}{text}{after}")
}

fn brackets(open: &str, close: &str, depth: usize) -> String {
    let depth = depth.min(MAX_TEXT_BYTES / (open.len() + close.len()).max(1));
    format!("{}a{}", open.repeat(depth), close.repeat(depth))
}

fn indented(depth: usize) -> String {
    joined(0..depth.min(MAX_INDENT), |level| format!("{}a:\n", " ".repeat(level)))
}

fn joined(numbers: impl Iterator<Item = usize>, part: impl Fn(usize) -> String) -> String {
    numbers.map(part).collect::<Vec<_>>().concat()
}

/// Small texts that unfold to much, each in the language of some tool: aliases, entities, fragments, references, variables,
/// braces, counts.
pub fn bombs() -> Vec<(&'static str, String)> {
    // Level after level, each naming the one before twice or more.
    let levels = |first: &str, level: &dyn Fn(usize) -> String| {
        let rest: String = (1..40).map(level).collect();
        format!("{first}{rest}")
    };
    let schemas: Vec<String> = (0..40)
        .map(|n| {
            let next = format!(r##"{{"$ref":"#/components/schemas/S{}"}}"##, n + 1);
            format!(r#""S{n}":{{"allOf":[{next},{next}],"properties":{{"a":{next},"b":{next}}}}}"#)
        })
        .collect();
    vec![
        ("YAML aliases", levels("a0: &a0 [x,x,x,x,x,x,x,x,x]\n", &|n| format!("a{n}: &a{n} [*a{0},*a{0},*a{0},*a{0},*a{0},*a{0},*a{0},*a{0},*a{0}]\n", n - 1))),
        ("YAML merges", levels("a0: &a0 {k: v}\n", &|n| format!("a{n}: &a{n} {{<<: [*a{0}, *a{0}], k{n}: *a{0}}}\n", n - 1))),
        ("YAML alias of itself", "a: &a [*a, *a]\nservices: &s {<<: *s, a: *a}\n".to_owned()),
        ("Compose aliases", levels("services:\n  a0: &a0 {image: x, environment: {k: v}}\n", &|n| format!("  a{n}: &a{n} {{<<: *a{0}, extends: {{service: a{0}}}, depends_on: [a{0}]}}\n", n - 1))),
        ("Compose variables", format!("services: {{a: {{image: \"{}x{}\"}}}}", "${A:-".repeat(5_000), "}".repeat(5_000))),
        ("XML entities", format!("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a0 \"lol\">{}]><coverage><a>&a39;</a></coverage>", levels("", &|n| format!("<!ENTITY a{n} \"&a{0};&a{0};&a{0};&a{0};&a{0};&a{0};&a{0};&a{0};&a{0};&a{0};\">", n - 1)))),
        ("XML quadratic entity", format!("<!DOCTYPE a [<!ENTITY a \"{}\">]><a>{}</a>", "x".repeat(50_000), "&a;".repeat(50_000))),
        ("HTML formatting elements", "<a><b><i><u><font>".repeat(3_000) + &"<p>".repeat(3_000)),
        ("HTML attributes", format!("<html {}>", joined(0..20_000, |n| format!("a{n}=b ")))),
        ("GraphQL fragments", levels("query { ...f39 } fragment f0 on Q { a } ", &|n| format!("fragment f{n} on Q {{ a{n}: b {{ ...f{0} }} c{n}: b {{ ...f{0} }} }} ", n - 1))),
        ("GraphQL fragments in a circle", "query { ...a } fragment a on Q { ...b ...b } fragment b on Q { ...a ...a }".to_owned()),
        ("GraphQL aliases", format!("{{ {} }}", joined(0..20_000, |n| format!("a{n}: node ")))),
        ("JSON references", format!(r#"{{"openapi":"3.1.0","info":{{"title":"a","version":"1"}},"paths":{{"/a":{{"get":{{"responses":{{"200":{{"description":"a","content":{{"a/b":{{"schema":{{"$ref":"{}S0"}}}}}}}}}}}}}}}},"components":{{"schemas":{{{}}}}}}}"#, "#/components/schemas/", schemas.join(","))),
        ("CSS variables", format!(":root {{ --a0: x; {} color: var(--a39) }}", levels("", &|n| format!("--a{n}: var(--a{0}) var(--a{0}); ", n - 1)))),
        ("CSS nesting", format!("{}color: red{}", "a, b { & c, & d { ".repeat(30), "}}".repeat(30))),
        ("Dockerfile arguments", levels("FROM a\nARG A0=xxxxxxxx\n", &|n| format!("ARG A{n}=$A{0}$A{0}\nENV B{n} $A{n}\nRUN echo $A{n}\n", n - 1))),
        ("SQL common tables", levels("WITH a0 AS (SELECT 1 x)", &|n| format!(", a{n} AS (SELECT * FROM a{0} p, a{0} q)", n - 1)) + " SELECT * FROM a39"),
        ("SQL views", levels("CREATE TABLE a0 (x int);\n", &|n| format!("CREATE VIEW a{n} AS SELECT p.x FROM a{0} p JOIN a{0} q ON true;\n", n - 1))),
        ("SQL conditions", format!("SELECT * FROM a WHERE {}", "(a=1 OR b=2) AND ".repeat(2_000) + "true")),
        ("SQL tables", joined(0..10_000, |n| format!("create table a{n}(b int references a{}(b));\n", n / 2))),
        ("SQL columns", format!("create table a({}z int)", joined(0..4_000, |n| format!("b{n} int,")))),
        ("SQL indexes", format!("create table a(b int);{}", joined(0..5_000, |n| format!("create index i{n} on a(b);")))),
        ("SQL privileges", format!("grant select on {}a to {}b", joined(0..5_000, |n| format!("a{n},")), joined(0..5_000, |n| format!("b{n},")))),
        ("CSS selectors", joined(0..30_000, |n| format!("[a{n}]{{b:c}}"))),
        ("network policies", joined(0..1_000, |n| format!("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: a{n}}}\nspec: {{podSelector: {{}}, ingress: [{{from: [{{podSelector: {{}}}}]}}]}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{n}}}\nspec: {{containers: [{{name: a, image: b}}]}}\n---\n"))),
        ("nested quantifiers", "((((((a+)+)+)+)+)+)+$".to_owned()),
        ("counted quantifiers", "(((a{1,1000}){1,1000}){1,1000}){1,1000}".to_owned()),
        ("alternatives", format!("{}$", "(a|a|ab)*".repeat(50))),
        ("look-behinds", "(?<=(?:a|b)*(?=a*b*)*)".repeat(100)),
        ("a pattern of stars", format!("{}b", "*a".repeat(2_000))),
        ("a pattern of double stars", format!("{}b", "**/a".repeat(500))),
        ("braces", "{a,b}".repeat(60)),
        ("braces that count", "{1..999999999}{1..999999999}".to_owned()),
        ("a range of many", "1.x || ".repeat(30_000) + "2"),
        ("a hunk of many", "--- a/x\n+++ b/x\n@@ -1,999999999 +1,999999999 @@\n x\n".to_owned()),
        ("a number of many digits", "9".repeat(100_000)),
        ("an exponent", "[1e999999999, -1E+999999999, 0.1e-999999999]".to_owned()),
        ("Python strings", levels("a0 = 'x'\n", &|n| format!("a{n} = f'{{a{0}}}{{a{0}}}' + a{0} * 999999999\n", n - 1))),
        ("Python types", levels("A0 = int\n", &|n| format!("A{n} = Union[List[A{0}], Dict[A{0}, A{0}]]\n", n - 1))),
        ("JavaScript templates", levels("const a0 = 'x';\n", &|n| format!("const a{n} = `${{a{0}}}${{a{0}}}`;\n", n - 1))),
        ("TypeScript types", levels("type A0 = 1;\n", &|n| format!("type A{n} = [...A{0}, ...A{0}] | {{ [k in keyof A{0}]: A{0} }};\n", n - 1))),
        ("re-exports", levels("export * from './x';\n", &|n| format!("export * from './a{n}'; export {{ a{n} as b{n} }} from '.';\n"))),
        ("TOML keys", format!("[{}]\n{} = 1", "a.".repeat(5_000) + "a", "b.".repeat(5_000) + "b")),
        ("design tokens", format!("{{{}\"t0\":{{\"$value\":\"x\"}}}}", joined((1..40).rev(), |n| format!("\"t{n}\":{{\"$value\":\"{{t{0}}} {{t{0}}} {{t{0}}}\"}},", n - 1)))),
        ("ligatures that unfold", "\u{fdfa}".repeat(50_000)),
        ("combining marks", format!("a{}", "\u{301}\u{323}".repeat(50_000))),
        ("a heap that says it is large", r#"{"snapshot":{"meta":{"node_fields":["type","name","id","self_size","edge_count"],"node_types":[["object"]],"edge_fields":["type","name_or_index","to_node"],"edge_types":[["property"]]},"node_count":4000000000,"edge_count":4000000000},"nodes":[0,0,1,1,4000000000],"edges":[],"strings":["a"]}"#.to_owned()),
        ("a source map of semicolons", format!(r#"{{"version":3,"sources":["a"],"names":[],"mappings":"{}A"}}"#, ";".repeat(500_000))),
    ]
}
