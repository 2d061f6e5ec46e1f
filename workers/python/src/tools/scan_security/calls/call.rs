//! Calls: what is called, and with which arguments.

use super::lists::{CALLS, HTTP_VERBS, HTTPX, Listed, MODULES, NO_SHELL, OLD_TLS, SHELL, SUBPROCESS};
use super::strings::{WRITTEN_PASSWORD, names_password};
use super::value::{Value, is_truthy};
use super::{Scan, defaults, markup};
use octavo_toolkit::Level::{self, Error, Info, Warning};
use ruff_python_ast::{Expr, ExprCall, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange};

/// Programs whose options a file of a starred name may be taken for.
const TAKE_OPTIONS: [&str; 4] = ["chown", "chmod", "tar", "rsync"];

const WEAK_HASHES: [&str; 4] = ["md4", "md5", "sha", "sha1"];

// A call, its full name ("os.path.join"; empty when what is called has none) and the last part of it.
struct Called<'a> {
    call: &'a ExprCall,
    full: &'a str,
    last: &'a str,
}

impl<'a> Called<'a> {
    fn keyword(&self, name: &str) -> Option<&'a Expr> {
        self.call.arguments.find_keyword(name).map(|keyword| &keyword.value)
    }

    fn keyword_is(&self, name: &str, text: &str) -> bool {
        self.keyword(name).is_some_and(|value| Value::of(value).is(text))
    }

    fn args(&self) -> &'a [Expr] {
        &self.call.arguments.args
    }

    fn first(&self) -> Option<&'a Expr> {
        self.args().first()
    }

    fn keyword_or(&self, name: &str, at: usize) -> Option<&'a Expr> {
        self.keyword(name).or_else(|| self.args().get(at))
    }

    fn is_one_of(&self, names: &[&str]) -> bool {
        names.contains(&self.full)
    }

    fn has_part(&self, part: &str) -> bool {
        self.full.split('.').any(|each| each == part)
    }

    // Where a keyword's value stands, else the call.
    fn range_of(&self, keyword: &str) -> TextRange {
        self.keyword(keyword).map_or_else(|| self.call.range(), Ranged::range)
    }
}

impl<'a> Scan<'a> {
    pub(super) fn call(&mut self, call: &'a ExprCall) {
        let full = self.full_name(&call.func);
        let last = full.rsplit('.').next().unwrap_or_default();
        let called = Called { call, full: &full, last };
        self.listed(&called);
        self.processes(&called);
        self.requests(&called);
        self.cryptography(&called);
        self.deserialization(&called);
        self.pages(&called);
        self.others(&called);
    }

    // Functions that are not to be called; modules that are not to be imported by a call.
    fn listed(&mut self, called: &Called<'_>) {
        let imports = matches!(called.full, "__import__" | "importlib.import_module" | "importlib.__import__");
        let module = called.keyword_or("name", 0).map(Value::of);
        let name = if imports { module.as_ref().and_then(Value::text).unwrap_or_default() } else { called.full };
        let find = |listed: &'static [Listed]| listed.iter().find(|(_, _, _, names)| names.contains(&name));
        if let Some((id, level, message, _)) = find(CALLS).or_else(|| find(MODULES)) {
            self.add(id, *level, called.call.range(), format!("`{name}` {message}"));
        }
    }

    fn processes(&mut self, called: &Called<'_>) {
        let range = called.range_of("shell");
        let with_shell = called.keyword("shell").is_some_and(is_truthy);
        let starts = called.is_one_of(SUBPROCESS);
        let starts_shell = called.is_one_of(SHELL);
        let first = called.first();
        let is_text = first.is_some_and(Expr::is_string_literal_expr);
        match (starts, with_shell) {
            (true, true) if is_text => {
                self.add("B602", Info, range, "a shell that is not needed: give the arguments as a list");
            }
            (true, true) if first.is_some() => {
                self.add(
                    "B602",
                    Error,
                    range,
                    "a shell runs what is put together: give the arguments as a list, without a shell",
                );
            }
            (true, true) => {}
            (true, false) => {
                self.add("B603", Info, range, "a program is started: see that nobody else chooses its arguments");
            }
            (false, true) => {
                self.add("B604", Warning, range, "a call with shell=True: see that nobody else chooses its text");
            }
            (false, false) => {}
        }
        if starts_shell && is_text {
            self.add("B605", Info, called.call.range(), "a shell that is not needed: use subprocess.run with a list");
        } else if starts_shell && first.is_some() {
            self.add(
                "B605",
                Error,
                called.call.range(),
                "a shell runs what is put together: use subprocess.run with a list",
            );
        }
        let without = called.is_one_of(NO_SHELL);
        if without {
            self.add(
                "B606",
                Info,
                called.call.range(),
                "a program is started: see that nobody else chooses its arguments",
            );
        }
        let program = match first {
            Some(Expr::List(list)) => list.elts.first(),
            first => first,
        };
        if let Some(Expr::StringLiteral(program)) = program
            && (starts || starts_shell || without)
            && !is_full_path(program.value.to_str())
        {
            self.add("B607", Info, called.call.range(), "a program is found by PATH: give its full path");
        }
        if starts_shell || starts && called.keyword_is("shell", "True") {
            let text = match first {
                Some(Expr::List(list)) => list
                    .elts
                    .iter()
                    .map(Value::of)
                    .filter_map(|value| value.text().map(str::to_owned))
                    .collect::<Vec<_>>()
                    .join(" "),
                Some(first) => Value::of(first).text().unwrap_or_default().to_owned(),
                None => String::new(),
            };
            if text.contains('*') && TAKE_OPTIONS.iter().any(|program| text.contains(program)) {
                self.add("B609", Error, range, "a file's name that `*` stands for may be read as an option");
            }
        }
        if called.last == "exec_command" && self.imports_like("paramiko") {
            self.add(
                "B601",
                Warning,
                called.call.range(),
                "a shell of another machine runs this text: see where it comes from",
            );
        }
        if called.full == "exec" {
            self.add("B102", Warning, called.call.range(), "`exec` runs the text it is given");
        }
    }

    fn requests(&mut self, called: &Called<'_>) {
        let package = called.full.split('.').next().unwrap_or_default();
        let verb = HTTP_VERBS.contains(&called.last);
        let of_requests = package == "requests" && verb;
        if of_requests || package == "httpx" && (verb || HTTPX.contains(&called.last)) {
            if called.keyword_is("verify", "False") {
                self.add("B501", Error, called.range_of("verify"), "the server's certificate is not checked");
            }
            if called.keyword_is("timeout", "None") {
                self.add("B113", Warning, called.call.range(), "a request that may wait for ever: give it a timeout");
            }
        }
        if of_requests && called.keyword("timeout").is_none() {
            self.add("B113", Warning, called.call.range(), "a request that may wait for ever: give it a timeout");
        }
        if called.full == "pysnmp.hlapi.CommunityData"
            && called.keyword("mpModel").map(Value::of).is_some_and(|model| matches!(model, Value::Int(0 | 1)))
        {
            self.add("B508", Warning, called.call.range(), "SNMP 1 and 2 send all in the clear: use version 3");
        }
        if called.full == "pysnmp.hlapi.UsmUserData" && called.args().len() < 3 {
            self.add("B509", Warning, called.call.range(), "SNMP 3 without encryption: give authKey and privKey");
        }
        if called.last == "set_missing_host_key_policy" && self.imports_like("paramiko") {
            let policy = match called.first() {
                Some(Expr::Call(made)) => Some(&*made.func),
                first => first,
            };
            let policy = policy.filter(|policy| matches!(policy, Expr::Name(_) | Expr::Attribute(_))).map(Value::of);
            if policy.is_some_and(|policy| policy.is("AutoAddPolicy") || policy.is("WarningPolicy")) {
                self.add("B507", Error, called.call.range(), "the key of an unknown machine is trusted");
            }
        }
    }

    fn cryptography(&mut self, called: &Called<'_>) {
        let old =
            |name: &str| called.keyword(name).map(Value::of).is_some_and(|value| value.text().is_some_and(is_old_tls));
        match called.full {
            "ssl.wrap_socket" => {
                if old("ssl_version") {
                    self.add("B502", Error, called.range_of("ssl_version"), OLD);
                } else if called.keyword("ssl_version").is_none() {
                    self.add(
                        "B504",
                        Info,
                        called.call.range(),
                        "no version of TLS is asked for: the default may be an old one",
                    );
                }
            }
            "pyOpenSSL.SSL.Context" if old("method") => self.add("B502", Error, called.range_of("method"), OLD),
            _ if old("method") => self.add("B502", Warning, called.range_of("method"), OLD),
            _ if old("ssl_version") => self.add("B502", Warning, called.range_of("ssl_version"), OLD),
            _ => {}
        }
        if let Some((kind, bits, level)) = weak_key(called) {
            let message = format!(
                "a key of {kind} with {bits} bits can be broken: take 2,048 for RSA and DSA, 224 for EC, or more"
            );
            self.add("B505", level, called.call.range(), message);
        }
        let for_security = called.keyword("usedforsecurity").is_none_or(|value| Value::of(value).is("True"));
        let named = |keyword: &str, at: usize| {
            let value = called.args().get(at).or_else(|| called.keyword(keyword)).map(Value::of);
            value.and_then(|value| value.text().map(str::to_ascii_lowercase)).unwrap_or_default()
        };
        if called.has_part("hashlib") {
            let hash = if called.last == "new" { named("name", 0) } else { called.last.to_owned() };
            if for_security && WEAK_HASHES.contains(&hash.as_str()) {
                let message = format!("{hash} can be forged: use SHA-256, or say usedforsecurity=False");
                self.add("B324", Error, called.call.range(), message);
            }
        } else if called.has_part("crypt") && matches!(called.last, "crypt" | "mksalt") {
            let method = if called.last == "crypt" { named("salt", 1) } else { named("method", 0) };
            if matches!(method.as_str(), "method_crypt" | "method_md5" | "method_blowfish") {
                self.add(
                    "B324",
                    Warning,
                    called.call.range(),
                    "a hash of passwords that can be broken: use METHOD_SHA512",
                );
            }
        }
    }

    fn deserialization(&mut self, called: &Called<'_>) {
        if called.has_part("yaml") && called.last == "load" && self.imports("yaml") {
            let safe = |loader: &Expr| {
                let loader = Value::of(loader);
                loader.is("SafeLoader") || loader.is("CSafeLoader")
            };
            if !called.keyword("Loader").is_some_and(safe) && !called.args().get(1).is_some_and(safe) {
                self.add(
                    "B506",
                    Warning,
                    called.call.range(),
                    "`yaml.load` makes any object the text names: use yaml.safe_load",
                );
            }
        }
        if called.is_one_of(&["torch.load", "torch.serialization.load"]) && !called.keyword_is("weights_only", "True") {
            let message = "`torch.load` runs code in the file it loads: pass weights_only=True";
            self.add("B614", Warning, called.call.range(), message);
        }
        let module = match called.last {
            "from_pretrained" => "transformers",
            "load_dataset" => "datasets",
            "hf_hub_download" | "snapshot_download" | "repository_id" => "huggingface_hub",
            _ => return,
        };
        let is_commit = |text: &str| text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let revision = called.keyword("revision").or_else(|| called.keyword("commit_id"));
        let is_fixed =
            revision.is_some_and(|given| !given.is_literal_expr() || Value::of(given).text().is_some_and(is_commit));
        let is_local = called.first().map(Value::of).is_some_and(|first| {
            first.text().is_some_and(|path| path.starts_with("./") || path.starts_with('/') || path.starts_with("../"))
        });
        if called.has_part(module) && !is_fixed && !is_local {
            let message = "a download that may change under you: name the commit as its `revision`";
            self.add("B615", Warning, called.call.range(), message);
        }
    }

    // What becomes HTML, or SQL of Django.
    fn pages(&mut self, called: &Called<'_>) {
        let first = called.first();
        if called.last == "run"
            && called.full.contains('.')
            && called.keyword_is("debug", "True")
            && self.imports_like("flask")
        {
            self.add("B201", Error, called.range_of("debug"), "Flask's debugger lets whoever finds it run code");
        }
        if called.has_part("jinja2") && called.last == "Environment" {
            let escapes = called.keyword("autoescape").is_some_and(|value| match value {
                Expr::Call(call) => Value::of(&call.func).is("select_autoescape"),
                value => matches!(value, Expr::BooleanLiteral(literal) if literal.value),
            });
            if !escapes {
                self.add("B701", Error, called.call.range(), "templates that do not escape HTML: pass autoescape=True");
            }
        }
        if called.has_part("mako") && called.last == "Template" {
            self.add("B702", Warning, called.call.range(), "Mako escapes nothing unless told: use the filter `h`");
        }
        if called.is_one_of(&["markupsafe.Markup", "flask.Markup"])
            && first.is_some_and(|first| !first.is_literal_expr())
        {
            self.add("B704", Warning, called.call.range(), "what is not written out is marked as safe HTML");
        }
        if matches!(called.last, "mark_safe" | "SafeText" | "SafeUnicode" | "SafeString" | "SafeBytes")
            && self.imports_like("django.utils.safestring")
            && first.is_some_and(|value| !markup::is_written_out(value, &self.stack, self.body))
        {
            self.add("B703", Warning, called.call.range(), "what is not written out is marked as safe HTML");
        }
        let is_text = Expr::is_string_literal_expr;
        if called.last == "RawSQL"
            && self.imports_like("django.db.models")
            && first.or_else(|| called.keyword("sql")).is_some_and(|sql| !is_text(sql))
        {
            self.add("B611", Warning, called.call.range(), "SQL that is not written out: pass values as parameters");
        }
        let all_texts = |value: &Expr| matches!(value, Expr::List(list) if list.elts.iter().all(is_text));
        let pairs_of_texts = |value: &Expr| match value {
            Expr::Dict(dict) => {
                dict.items.iter().all(|item| item.key.as_ref().is_some_and(is_text) && is_text(&item.value))
            }
            _ => false,
        };
        let at = |place: usize, name: &str| called.args().get(place).or_else(|| called.keyword(name));
        if called.last == "extra"
            && (at(1, "where").is_some_and(|value| !all_texts(value))
                || at(3, "tables").is_some_and(|value| !all_texts(value))
                || at(0, "select").is_some_and(|value| !pairs_of_texts(value)))
        {
            self.add("B610", Warning, called.call.range(), "SQL in `extra` that is not written out: use `params`");
        }
    }

    fn others(&mut self, called: &Called<'_>) {
        if called.last.contains("chmod")
            && let [_, mode] = called.args()
            && let Value::Int(mode) = Value::of(mode)
            && mode & 0o33 != 0
        {
            let level = if mode & 0o2 == 0 { Warning } else { Error };
            let message = format!("mode {mode:#o} lets others than the owner write or run it");
            self.add("B103", level, called.call.range(), message);
        }
        if called.last.contains("extractall") && self.imports("tarfile") && !called.keyword_is("filter", "data") {
            let level = match called.keyword("members") {
                Some(Expr::Call(_)) => Info,
                Some(_) => Warning,
                None => Error,
            };
            self.add(
                "B202",
                level,
                called.call.range(),
                "an archive may write outside its folder: pass filter=\"data\"",
            );
        }
        if called.full == "logging.config.listen" && called.keyword("verify").is_none() {
            self.add(
                "B612",
                Warning,
                called.call.range(),
                "whoever can connect configures logging, by `eval`: pass verify",
            );
        }
        let is_password = |name: &str, value: &Expr| value.is_string_literal_expr() && names_password(name);
        let password = called
            .call
            .arguments
            .keywords
            .iter()
            .find(|keyword| keyword.arg.as_ref().is_some_and(|name| is_password(name, &keyword.value)));
        if let Some(keyword) = password {
            self.add("B106", Info, keyword.value.range(), WRITTEN_PASSWORD);
        }
    }

    /// An old version of TLS as a parameter's default.
    pub(super) fn old_tls_default(&mut self, function: &StmtFunctionDef) {
        let is_old = |default: &Expr| matches!(default, Expr::Attribute(attribute) if is_old_tls(&attribute.attr));
        if defaults(function).any(|(_, default)| is_old(default)) {
            self.add("B503", Warning, function.name.range(), OLD);
        }
    }
}

const OLD: &str = "a version of TLS that can be broken: use ssl.create_default_context()";

fn is_old_tls(name: &str) -> bool {
    OLD_TLS.contains(&name)
}

// "/bin/ls", "./ls", "..", "C:...".
fn is_full_path(path: &str) -> bool {
    let mut characters = path.chars();
    match (characters.next(), characters.next()) {
        (Some('/' | '\\' | '.'), _) => true,
        (Some(drive), Some(':')) => drive.is_ascii_alphabetic(),
        _ => false,
    }
}

// Kind, bits and level of a key that is made too short.
fn weak_key(called: &Called<'_>) -> Option<(&'static str, i64, Level)> {
    const OF_CRYPTOGRAPHY: &str = "cryptography.hazmat.primitives.asymmetric.";
    let (kind, bits) = match called.full.strip_prefix(OF_CRYPTOGRAPHY) {
        Some("dsa.generate_private_key") => ("DSA", called.keyword_or("key_size", 0)),
        Some("rsa.generate_private_key") => ("RSA", called.keyword_or("key_size", 1)),
        Some("ec.generate_private_key") => {
            let curve = Value::of(called.keyword_or("curve", 0)?);
            let bits = match curve.text()? {
                "SECP192R1" => 192,
                "SECT163K1" | "SECT163R2" => 163,
                _ => return None,
            };
            return Some(("EC", bits, Warning));
        }
        _ => match called.full {
            "Crypto.PublicKey.DSA.generate" | "Cryptodome.PublicKey.DSA.generate" => {
                ("DSA", called.keyword_or("bits", 0))
            }
            "Crypto.PublicKey.RSA.generate" | "Cryptodome.PublicKey.RSA.generate" => {
                ("RSA", called.keyword_or("bits", 0))
            }
            _ => return None,
        },
    };
    match Value::of(bits?) {
        Value::Int(bits @ ..1024) => Some((kind, bits, Error)),
        Value::Int(bits @ 1024..2048) => Some((kind, bits, Warning)),
        _ => None,
    }
}
