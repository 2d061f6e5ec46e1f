//! Insecure calls by bandit's ids: ruff's rules of the same, and a few that ruff lacks.

use octavo_toolkit::Level;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::collections::BTreeMap;

/// Ruff's rules that are bandit's: all stable ones, and those of imports, which ruff has in preview.
pub(super) const RUFF_RULES: [&str; 15] = [
    "S", "S401", "S402", "S403", "S404", "S405", "S406", "S407", "S408", "S409", "S411", "S412", "S413", "S415", "S610",
];

/// bandit's id of a ruff rule.
pub(super) fn id_of(rule: &str) -> Option<String> {
    rule.strip_prefix('S').filter(|number| number.len() == 3).map(|number| format!("B{number}"))
}

/// How severe bandit takes a test to be: high, medium, low.
pub(super) fn level_of(id: &str) -> Level {
    match id {
        "B201" | "B202" | "B312" | "B321" | "B324" | "B401" | "B402" | "B411" | "B412" | "B413" | "B415" | "B501"
        | "B502" | "B505" | "B507" | "B602" | "B605" | "B613" | "B701" => Level::Error,
        "B101" | "B105" | "B106" | "B107" | "B110" | "B112" | "B311" | "B403" | "B404" | "B405" | "B406" | "B407"
        | "B408" | "B409" | "B603" | "B606" | "B607" => Level::Info,
        _ => Level::Warning,
    }
}

/// The weakness a test is about.
pub(super) fn cwe_of(id: &str) -> u16 {
    match id {
        "B101" | "B110" | "B112" => 703,
        "B103" => 732,
        "B104" => 605,
        "B105" | "B106" | "B107" => 259,
        "B108" | "B306" => 377,
        "B113" => 400,
        "B201" | "B612" | "B701" => 94,
        "B202" | "B310" => 22,
        "B301" | "B302" | "B403" | "B614" => 502,
        "B303" | "B304" | "B305" | "B324" | "B413" | "B502" | "B503" | "B504" => 327,
        "B308" | "B702" | "B703" | "B704" => 79,
        "B311" => 330,
        "B312" | "B321" | "B401" | "B402" | "B415" | "B508" | "B509" => 319,
        "B313" | "B314" | "B315" | "B316" | "B317" | "B318" | "B319" | "B405" | "B406" | "B407" | "B408" | "B409"
        | "B411" | "B506" => 20,
        "B323" | "B501" | "B507" => 295,
        "B412" => 284,
        "B505" => 326,
        "B608" | "B610" | "B611" => 89,
        "B613" => 838,
        "B615" => 494,
        _ => 78,
    }
}

/// A call that ruff has no rule for: its id, place and message.
pub(super) type Found = (&'static str, TextRange, &'static str);

/// Calls that ruff has no rule for.
pub(super) fn beyond_ruff(body: &[Stmt], imports: &BTreeMap<String, String>) -> Vec<Found> {
    let mut finder = Finder { imports, found: Vec::new() };
    finder.visit_body(body);
    finder.found
}

/// Characters that change the direction of text, where they stand in a source (bandit's B613).
pub(super) fn direction_changes(source: &str) -> Vec<TextRange> {
    let changes = |c: &char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200f}');
    let found = source.char_indices().filter(|(_, c)| changes(c)).take(1);
    let size = |at: usize| ruff_text_size::TextSize::try_from(at).unwrap_or_default();
    found.map(|(at, c)| TextRange::new(size(at), size(at + c.len_utf8()))).collect()
}

struct Finder<'a> {
    imports: &'a BTreeMap<String, String>,
    found: Vec<Found>,
}

impl Finder<'_> {
    fn full_name(&self, expr: &Expr) -> String {
        match expr {
            Expr::Name(name) => self.imports.get(name.id.as_str()).cloned().unwrap_or_else(|| name.id.to_string()),
            Expr::Attribute(attribute) => format!("{}.{}", self.full_name(&attribute.value), attribute.attr),
            _ => String::new(),
        }
    }

    fn imports_from(&self, packages: &[&str]) -> bool {
        self.imports.values().any(|full| packages.iter().any(|package| full.split('.').next() == Some(*package)))
    }

    fn call(&mut self, call: &ExprCall) {
        let name = self.full_name(&call.func);
        let last = name.rsplit('.').next().unwrap_or_default();
        let has = |keyword: &str| call.arguments.find_keyword(keyword).is_some();
        let is_true = |keyword: &str| {
            let given = call.arguments.find_keyword(keyword);
            given.is_some_and(|given| matches!(&given.value, Expr::BooleanLiteral(literal) if literal.value))
        };
        if name == "torch.load" && !is_true("weights_only") {
            self.found.push((
                "B614",
                call.range(),
                "`torch.load` runs code in the file it loads: pass weights_only=True",
            ));
        }
        let downloads = matches!(last, "from_pretrained" | "load_dataset" | "hf_hub_download" | "snapshot_download");
        if downloads
            && !has("revision")
            && !has("commit_id")
            && self.imports_from(&["transformers", "datasets", "huggingface_hub"])
        {
            self.found.push(("B615", call.range(), "a download without a fixed `revision` may change under you"));
        }
        let marks = matches!(
            name.as_str(),
            "django.utils.safestring.mark_safe"
                | "django.utils.safestring.SafeText"
                | "django.utils.safestring.SafeString"
                | "django.utils.safestring.SafeUnicode"
                | "django.utils.safestring.SafeBytes"
        );
        if marks && call.arguments.args.first().is_some_and(|given| !given.is_string_literal_expr()) {
            self.found.push(("B703", call.range(), "what is not written out is marked as safe HTML"));
        }
    }
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr {
            self.call(call);
        }
        walk_expr(self, expr);
    }
}
