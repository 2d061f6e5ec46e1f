//! Mutants of Python: the operators of mutmut, within functions and methods of a module.

use super::mutant::{Mutant, apart};
use tree_sitter::{Node, Tree};

/// The mutants of a tree, in source order, and how many were left out since no test can tell them.
pub(super) fn mutants(tree: &Tree, source: &str) -> (Vec<Mutant>, usize) {
    let mut maker = Maker { source, made: Vec::new(), equivalent: 0 };
    for function in functions(tree.root_node(), source) {
        maker.tree(function);
    }
    let quiet = |mutant: &Mutant| {
        let start = source.get(..mutant.at).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1);
        let line = source.get(start..).and_then(|text| text.lines().next()).unwrap_or_default();
        line.contains("# pragma: no mutate")
    };
    maker.made.retain(|mutant| !quiet(mutant));
    (maker.made, maker.equivalent)
}

struct Maker<'s> {
    source: &'s str,
    made: Vec<Mutant>,
    equivalent: usize,
}

fn text<'s>(node: Node<'_>, source: &'s str) -> &'s str {
    source.get(node.byte_range()).unwrap_or_default()
}

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

const NEVER: [&str; 3] = ["__getattribute__", "__setattr__", "__new__"];
const ENUMS: [&str; 5] = ["Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"];

// Functions of the module, and of the classes of the module.
fn functions<'t>(root: Node<'t>, source: &str) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    for statement in children(root) {
        let class = if statement.kind() == "decorated_definition" {
            statement.child_by_field_name("definition").filter(|inner| inner.kind() == "class_definition")
        } else {
            Some(statement).filter(|inner| inner.kind() == "class_definition")
        };
        if let Some(class) = class {
            let bases = class.child_by_field_name("superclasses").map(children).unwrap_or_default();
            let is_enum =
                bases.iter().any(|base| ENUMS.contains(&text(*base, source).rsplit('.').next().unwrap_or_default()));
            let body = class.child_by_field_name("body").map(children).unwrap_or_default();
            let methods = body.into_iter().filter_map(|one| plain(one, source));
            found.extend(
                methods.filter(|one| !is_enum || !matches!(name(*one, source), "__init__" | "_generate_next_value_")),
            );
        } else {
            found.extend(plain(statement, source));
        }
    }
    found
}

fn name<'s>(function: Node<'_>, source: &'s str) -> &'s str {
    function.child_by_field_name("name").map_or("", |name| text(name, source))
}

// A function that nothing is done to when it is defined.
fn plain<'t>(node: Node<'t>, source: &str) -> Option<Node<'t>> {
    let function = if node.kind() == "decorated_definition" {
        let decorators: Vec<Node<'_>> = children(node).into_iter().filter(|one| one.kind() == "decorator").collect();
        let kept = |one: &Node<'_>| {
            one.named_child(0).is_some_and(|name| {
                name.kind() == "identifier" && matches!(text(name, source), "staticmethod" | "classmethod")
            })
        };
        if decorators.len() != 1 || !decorators.iter().all(kept) {
            return None;
        }
        node.child_by_field_name("definition")?
    } else {
        node
    };
    (function.kind() == "function_definition" && !NEVER.contains(&name(function, source))).then_some(function)
}

const SWAPS: [(&str, &str); 32] = [
    ("+", "-"),
    ("-", "+"),
    ("*", "/"),
    ("/", "*"),
    ("//", "/"),
    ("%", "/"),
    ("<<", ">>"),
    (">>", "<<"),
    ("&", "|"),
    ("|", "&"),
    ("^", "&"),
    ("**", "*"),
    ("+=", "-="),
    ("-=", "+="),
    ("*=", "/="),
    ("/=", "*="),
    ("//=", "/="),
    ("%=", "/="),
    ("<<=", ">>="),
    (">>=", "<<="),
    ("&=", "|="),
    ("|=", "&="),
    ("^=", "&="),
    ("**=", "*="),
    ("<", "<="),
    ("<=", "<"),
    (">", ">="),
    (">=", ">"),
    ("==", "!="),
    ("!=", "=="),
    ("and", "or"),
    ("or", "and"),
];

const WORDS: [(&str, &str); 4] = [("is", "is not"), ("is not", "is"), ("in", "not in"), ("not in", "in")];

const METHODS: [(&str, &str); 14] = [
    ("lower", "upper"),
    ("upper", "lower"),
    ("lstrip", "rstrip"),
    ("rstrip", "lstrip"),
    ("find", "rfind"),
    ("rfind", "find"),
    ("ljust", "rjust"),
    ("rjust", "ljust"),
    ("index", "rindex"),
    ("rindex", "index"),
    ("removeprefix", "removesuffix"),
    ("removesuffix", "removeprefix"),
    ("partition", "rpartition"),
    ("rpartition", "partition"),
];

impl Maker<'_> {
    fn push(&mut self, operator: &'static str, node: Node<'_>, at: Node<'_>, new: impl Into<String>) {
        self.made.push(Mutant::new(operator, node.start_byte(), at.byte_range(), new));
    }

    fn sign(&mut self, operator: &'static str, node: Node<'_>, sign: Node<'_>, swaps: &[(&str, &str)]) {
        let old = text(sign, self.source).split_whitespace().collect::<Vec<_>>().join(" ");
        for (_, new) in swaps.iter().filter(|(known, _)| *known == old) {
            let new = apart(self.source, &sign.byte_range(), new);
            self.push(operator, node, sign, new);
        }
    }

    fn tree(&mut self, root: Node<'_>) {
        const JUMPS: [&str; 4] = ["return_statement", "raise_statement", "break_statement", "continue_statement"];
        // With each, whether it stands behind a jump.
        let mut pending = vec![(root, false)];
        while let Some((node, unreached)) = pending.pop() {
            let before = self.made.len();
            let enter = self.node(node);
            if unreached && node.kind().ends_with("_statement") || self.idle(node) {
                // All that is within goes with it.
                self.made.truncate(before);
                self.equivalent += 1;
            } else if enter {
                let mut cursor = node.walk();
                let first = pending.len();
                let mut jumped = false;
                for child in node.children(&mut cursor) {
                    pending.push((child, jumped));
                    jumped |= JUMPS.contains(&child.kind());
                }
                if let Some(inner) = pending.get_mut(first..) {
                    inner.reverse();
                }
            }
        }
    }

    // A bare string or number, which does nothing.
    fn idle(&self, node: Node<'_>) -> bool {
        let bare = |inner: Node<'_>| {
            matches!(inner.kind(), "string" | "integer" | "float") && !text(inner, self.source).contains('{')
        };
        node.kind() == "expression_statement" && node.named_child_count() == 1 && node.named_child(0).is_some_and(bare)
    }

    // Whether what is within may be mutated too.
    fn node(&mut self, node: Node<'_>) -> bool {
        let field = |name: &str| node.child_by_field_name(name);
        match node.kind() {
            "type" | "decorator" | "comment" | "type_parameter" => return false,
            "decorated_definition" => {
                // A decorated class is looked into; its decorators are not.
                let class = field("definition").is_some_and(|inner| inner.kind() == "class_definition");
                return class || plain(node, self.source).is_some();
            }
            "function_definition" if NEVER.contains(&name(node, self.source)) => return false,
            "default_parameter" | "typed_default_parameter" => {
                let simple =
                    ["identifier", "integer", "float", "string", "concatenated_string", "true", "false", "none"];
                if field("value").is_some_and(|value| !simple.contains(&value.kind())) {
                    return false;
                }
            }
            "integer" | "float" => {
                if let Some(new) = incremented(text(node, self.source)) {
                    self.push("number", node, node, new);
                }
            }
            "string" => self.string(node),
            "true" => self.push("name", node, node, "False"),
            "false" => self.push("name", node, node, "True"),
            "identifier" if text(node, self.source) == "deepcopy" => self.push("name", node, node, "copy"),
            "assignment" => {
                if let Some(right) = field("right").filter(|right| right.kind() != "assignment") {
                    self.push("assignment", node, right, if right.kind() == "none" { "\"\"" } else { "None" });
                }
            }
            "augmented_assignment" => {
                if let Some(sign) = field("operator") {
                    self.push("augmented_assignment", node, sign, "=");
                    self.sign("swap_op", node, sign, &SWAPS);
                }
            }
            "binary_operator" | "boolean_operator" => {
                if let Some(sign) = field("operator") {
                    self.sign("swap_op", node, sign, &SWAPS);
                }
            }
            "unary_operator" => {
                if let Some(sign) = field("operator") {
                    if text(sign, self.source) == "~" {
                        self.push("remove_unary_ops", node, sign, apart(self.source, &sign.byte_range(), ""));
                    } else {
                        self.sign("swap_op", node, sign, &SWAPS);
                    }
                }
            }
            "not_operator" => {
                if let (Some(sign), Some(argument)) = (node.child(0), field("argument")) {
                    let span = sign.start_byte()..argument.start_byte();
                    let new = apart(self.source, &span, "");
                    self.made.push(Mutant::new("remove_unary_ops", node.start_byte(), span, new));
                }
            }
            "comparison_operator" => {
                let mut cursor = node.walk();
                let signs: Vec<Node<'_>> = node.children_by_field_name("operators", &mut cursor).collect();
                for sign in signs {
                    self.sign("swap_op", node, sign, &SWAPS);
                    self.sign("keywords", node, sign, &WORDS);
                }
            }
            "break_statement" => self.push("keywords", node, node, "return"),
            "continue_statement" => self.push("keywords", node, node, "break"),
            "lambda" => {
                if let Some(body) = field("body") {
                    self.push("lambda", node, body, if body.kind() == "none" { "0" } else { "None" });
                }
            }
            "conditional_expression" => {
                if let Some(test) = children(node).get(1) {
                    let inner = text(*test, self.source);
                    let inner =
                        if test.kind() == "parenthesized_expression" { inner.to_owned() } else { format!("({inner})") };
                    self.push("if_exp", node, *test, format!("{inner} and False"));
                    self.push("if_exp", node, *test, format!("{inner} or True"));
                }
            }
            "match_statement" => {
                let cases = field("body").map(children).unwrap_or_default();
                let cases: Vec<Node<'_>> = cases.into_iter().filter(|case| case.kind() == "case_clause").collect();
                if cases.len() > 1 {
                    cases.iter().for_each(|case| self.push("match", node, *case, ""));
                }
            }
            "call" => {
                let function = field("function");
                let called = function.map_or("", |function| text(function, self.source));
                if matches!(called, "len" | "isinstance") {
                    return false;
                }
                self.call(node, called);
            }
            _ => {}
        }
        true
    }

    fn call(&mut self, node: Node<'_>, called: &str) {
        let (Some(function), Some(list)) =
            (node.child_by_field_name("function"), node.child_by_field_name("arguments"))
        else {
            return;
        };
        if list.kind() == "generator_expression" {
            self.push("arg_removal", node, list, "(None)");
            return self.swapped(node, function, 1, false);
        }
        let arguments = children(list);
        if called == "dict" {
            for argument in &arguments {
                let Some(keyword) =
                    argument.child_by_field_name("name").filter(|_| argument.kind() == "keyword_argument")
                else {
                    break;
                };
                self.push("dict_arguments", node, keyword, format!("{}XX", text(keyword, self.source)));
            }
        }
        for argument in &arguments {
            let starred = matches!(argument.kind(), "list_splat" | "dictionary_splat");
            let value = if argument.kind() == "keyword_argument" {
                argument.child_by_field_name("value")
            } else {
                Some(*argument)
            };
            if let Some(value) = value.filter(|value| !starred && value.kind() != "none") {
                self.push("arg_removal", node, value, "None");
            }
        }
        if arguments.len() > 1 {
            for (at, argument) in arguments.iter().enumerate() {
                // With the comma behind it, or before the last.
                let span = match (arguments.get(at + 1), at.checked_sub(1).and_then(|before| arguments.get(before))) {
                    (Some(next), _) => argument.start_byte()..next.start_byte(),
                    (None, Some(before)) => before.end_byte()..argument.end_byte(),
                    (None, None) => continue,
                };
                self.made.push(Mutant::new("arg_removal", node.start_byte(), span, ""));
            }
        }
        let named = arguments.iter().any(|one| {
            one.child_by_field_name("name")
                .is_some_and(|name| one.kind() == "keyword_argument" && text(name, self.source) == "maxsplit")
        });
        self.swapped(node, function, arguments.len(), named);
    }

    fn swapped(&mut self, node: Node<'_>, function: Node<'_>, count: usize, maxsplit: bool) {
        let Some(method) = function.child_by_field_name("attribute").filter(|_| function.kind() == "attribute") else {
            return;
        };
        let old = text(method, self.source);
        for (_, new) in METHODS.iter().filter(|(known, _)| *known == old) {
            self.push("string_methods", node, method, *new);
        }
        if count == 2 || maxsplit {
            match old {
                "split" => self.push("string_methods", node, method, "rsplit"),
                "rsplit" => self.push("string_methods", node, method, "split"),
                _ => {}
            }
        }
    }

    fn string(&mut self, node: Node<'_>) {
        let whole = text(node, self.source);
        let Some(quote) = whole.find(['"', '\'']) else { return };
        let (prefix, rest) = whole.split_at(quote);
        let letters = prefix.to_ascii_lowercase();
        if rest.starts_with("\"\"\"") || rest.starts_with("'''") || letters.contains(['f', 't']) || rest.len() < 2 {
            return;
        }
        let (Some(inner), sign) = (rest.get(1..rest.len() - 1), rest.get(..1).unwrap_or("\"")) else { return };
        let raw = letters.contains('r');
        let cased =
            |to: &dyn Fn(&str) -> String| if raw { after_escapes(inner, to) } else { outside_escapes(inner, to) };
        let news = [format!("XX{inner}XX"), cased(&|part| part.to_lowercase()), cased(&|part| part.to_uppercase())];
        for new in news.iter().filter(|new| *new != inner) {
            self.push("string", node, node, format!("{prefix}{sign}{new}{sign}"));
        }
    }
}

// Changes what is no escape; an escape takes the letter or the digits behind it.
fn outside_escapes(inner: &str, change: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(&change(before));
        let letter = escape.chars().nth(1);
        let digits = |count: usize| {
            let end = 2 + count;
            escape.get(2..end).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())).map(|_| end)
        };
        let length = match letter {
            Some('x') => digits(2),
            Some('u') => digits(4),
            Some('U') => digits(8),
            Some('N') if escape.get(2..).is_some_and(|rest| rest.starts_with('{')) => {
                escape.find('}').map(|end| end + 1)
            }
            _ => None,
        };
        let length = length.or_else(|| letter.map(|letter| 1 + letter.len_utf8())).unwrap_or(1);
        let (kept, after) = escape.split_at(length.min(escape.len()));
        out.push_str(kept);
        rest = after;
    }
    out.push_str(&change(rest));
    out
}

// In a raw string, the letter behind a backslash stays.
fn after_escapes(inner: &str, change: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    for (at, part) in inner.split('\\').enumerate() {
        if at > 0 {
            out.push('\\');
        }
        let kept = if at > 0 { part.chars().next().map_or(0, char::len_utf8) } else { 0 };
        let (before, after) = part.split_at(kept);
        out.push_str(before);
        out.push_str(&change(after));
    }
    out
}

// A number and one, as Python writes it.
fn incremented(number: &str) -> Option<String> {
    let plain: String = number.chars().filter(|c| *c != '_').collect::<String>().to_ascii_lowercase();
    if let Some(imaginary) = plain.strip_suffix('j') {
        let value: f64 = imaginary.parse().ok()?;
        let next = value + 1.0;
        return next.is_finite().then(|| format!("{}j", shown(next).trim_end_matches(".0")));
    }
    let radix = |digits: &str, radix: u32| u128::from_str_radix(digits, radix).ok();
    let whole = match plain.get(..2) {
        Some("0x") => radix(plain.get(2..)?, 16),
        Some("0o") => radix(plain.get(2..)?, 8),
        Some("0b") => radix(plain.get(2..)?, 2),
        _ if plain.bytes().all(|byte| byte.is_ascii_digit()) => plain.parse::<u128>().ok(),
        _ => {
            let next = plain.parse::<f64>().ok()? + 1.0;
            return next.is_finite().then(|| shown(next));
        }
    };
    whole.and_then(|value| value.checked_add(1)).map(|value| value.to_string())
}

// A float as Python shows it.
fn shown(value: f64) -> String {
    let text = format!("{value:?}");
    match text.split_once('e') {
        Some((digits, power)) => {
            let (sign, power) = power.strip_prefix('-').map_or(("+", power), |power| ("-", power));
            format!("{}e{sign}{power:0>2}", digits.trim_end_matches(".0"))
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_strings_are_as_python_writes_them() {
        for (number, expected) in [
            ("0", "1"),
            ("0xff", "256"),
            ("1_000", "1001"),
            ("1.5", "2.5"),
            ("1e20", "1e+20"),
            ("2j", "3j"),
            ("0.5", "1.5"),
        ] {
            assert_eq!(incremented(number).as_deref(), Some(expected));
        }
        assert_eq!(incremented("1e999"), None);
        let upper = |text: &str| text.to_uppercase();
        assert_eq!(outside_escapes(r"a\nb\x4ac\N{dot}d\\e", &upper), r"A\nB\x4aC\N{dot}D\\E");
        assert_eq!(outside_escapes("a\\", &upper), "A\\");
        assert_eq!(after_escapes(r"a\nb", &upper), r"A\nB");
    }
}
