//! Specifiers of JavaScript and TypeScript: relative ones, those of a tsconfig.json, and packages of the project itself.

use super::resolve::{Target, folder, joined};
use octavo_toolkit::path::normal;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const SCRIPTS: [&str; 10] = [".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".json"];
// A specifier may name what the compiler will write.
const WRITTEN: [(&str, [&str; 3]); 4] = [
    (".js", [".ts", ".tsx", ".d.ts"]),
    (".jsx", [".tsx", ".ts", ".d.ts"]),
    (".mjs", [".mts", ".d.mts", ".ts"]),
    (".cjs", [".cts", ".d.cts", ".ts"]),
];
// Folders that a build fills from `src`.
const BUILT: [&str; 5] = ["dist", "lib", "build", "out", "types"];

/// Files by path.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    numbers: BTreeMap<String, usize>,
    list: Vec<String>,
}

impl Paths {
    /// Adds the next file.
    pub(crate) fn insert(&mut self, path: String, at: usize) {
        self.list.push(path.clone());
        self.numbers.entry(path).or_insert(at);
    }

    /// The file of exactly this path.
    pub(crate) fn get(&self, path: &str) -> Option<usize> {
        self.numbers.get(path).copied()
    }

    /// The path of a file.
    pub(crate) fn path(&self, at: usize) -> &str {
        self.list.get(at).map_or("", String::as_str)
    }

    // The script that a path without an ending, of a folder or of a written file means.
    fn script(&self, full: &str) -> Option<usize> {
        let ended = |path: &str| SCRIPTS.iter().find_map(|ending| self.get(&format!("{path}{ending}")));
        let written = || {
            let (ending, others) = WRITTEN.iter().find(|(ending, _)| full.ends_with(ending))?;
            let stem = full.strip_suffix(ending)?;
            others.iter().find_map(|other| self.get(&format!("{stem}{other}")))
        };
        let inside = || ended(&if full.is_empty() { "index".to_owned() } else { format!("{full}/index") });
        self.get(full).or_else(|| ended(full)).or_else(written).or_else(inside)
    }
}

/// What tsconfig.json and package.json files say.
#[derive(Debug, Default)]
pub(crate) struct Packages {
    // Patterns and where they lead, the longest first.
    aliases: Vec<(String, Vec<String>)>,
    bases: Vec<String>,
    // By name: folder and manifest.
    named: BTreeMap<String, (String, Value)>,
    // `imports`, by folder.
    inner: BTreeMap<String, Map<String, Value>>,
}

impl Packages {
    /// Learns a tsconfig.json.
    pub(crate) fn configured(&mut self, own: &str, text: &str) {
        let Ok(config) = serde_json::from_str::<Value>(&without_comments(text)) else { return };
        let options = &config["compilerOptions"];
        let base = options["baseUrl"].as_str().map(|base| joined(own, base));
        self.bases.extend(base.clone());
        for (pattern, places) in options["paths"].as_object().into_iter().flatten() {
            let root = base.as_deref().unwrap_or(own);
            let places = places.as_array().into_iter().flatten().filter_map(Value::as_str);
            self.aliases.push((pattern.clone(), places.map(|place| joined(root, place)).collect()));
        }
    }

    /// Learns a package.json.
    pub(crate) fn declared(&mut self, own: &str, text: &str) {
        let Ok(manifest) = serde_json::from_str::<Value>(text) else { return };
        if let Some(imports) = manifest["imports"].as_object() {
            self.inner.insert(own.to_owned(), imports.clone());
        }
        if let Some(name) = manifest["name"].as_str().filter(|name| !name.is_empty()) {
            self.named.entry(name.to_owned()).or_insert((own.to_owned(), manifest));
        }
    }

    /// Once all are learnt.
    pub(crate) fn sort(&mut self) {
        self.aliases.sort_by(|one, other| other.0.len().cmp(&one.0.len()).then_with(|| one.cmp(other)));
    }

    /// Where a specifier leads.
    pub(crate) fn resolve(&self, path: &str, target: &str, paths: &Paths) -> Target {
        let target = target.split(['?', '!']).next().unwrap_or(target);
        if target.starts_with('.') || target.starts_with('/') {
            let full = if target.starts_with('/') { normal(target) } else { joined(folder(path), target) };
            return paths.script(&full).map_or(Target::Missing, |file| Target::Files(vec![file]));
        }
        let known = self.alias(target, paths).or_else(|| self.inner(path, target, paths));
        if let Some(file) = known {
            return Target::Files(vec![file]);
        }
        if target.starts_with('#') {
            return Target::Missing;
        }
        let mut parts = target.split('/');
        let first = parts.next().unwrap_or_default();
        let scoped = first.starts_with('@').then(|| parts.next()).flatten();
        let name = scoped.map_or_else(|| first.to_owned(), |second| format!("{first}/{second}"));
        let Some((own, manifest)) = self.named.get(&name) else { return Target::Outside(name) };
        let rest = target.strip_prefix(name.as_str()).unwrap_or_default().trim_start_matches('/');
        in_package(own, manifest, rest, paths).map_or(Target::Missing, |file| Target::Files(vec![file]))
    }

    fn alias(&self, target: &str, paths: &Paths) -> Option<usize> {
        let fitting = self.aliases.iter().filter_map(|(pattern, places)| Some((middle(pattern, target)?, places)));
        let mut candidates = fitting
            .flat_map(|(middle, places)| places.iter().map(move |place| normal(&place.replacen('*', middle, 1))));
        let found = candidates.find_map(|place| paths.script(&place));
        found.or_else(|| self.bases.iter().find_map(|base| paths.script(&joined(base, target))))
    }

    // `#name`, by the manifest nearest above.
    fn inner(&self, path: &str, target: &str, paths: &Paths) -> Option<usize> {
        if !target.starts_with('#') {
            return None;
        }
        let mut own = folder(path);
        loop {
            if let Some(imports) = self.inner.get(own) {
                return chosen(imports, target).iter().find_map(|place| source_of(own, place, paths));
            }
            if own.is_empty() {
                return None;
            }
            own = folder(own);
        }
    }
}

// The file of a package of the project that a specifier means: by its exports or main, or where its source usually is.
fn in_package(own: &str, manifest: &Value, rest: &str, paths: &Paths) -> Option<usize> {
    let key = if rest.is_empty() { ".".to_owned() } else { format!("./{rest}") };
    let places = match &manifest["exports"] {
        Value::Object(exports) if exports.keys().any(|key| key.starts_with('.')) => chosen(exports, &key),
        Value::Null => {
            let fields = ["source", "module", "main", "types"].iter().filter(|_| rest.is_empty());
            fields.filter_map(|field| manifest[*field].as_str().map(str::to_owned)).collect()
        }
        other if rest.is_empty() => strings(other),
        _ => Vec::new(),
    };
    let usual = [joined(own, rest), joined(own, &format!("src/{rest}"))];
    let found = places.iter().find_map(|place| source_of(own, place, paths));
    found.or_else(|| usual.iter().find_map(|place| paths.script(place)))
}

// A place of a manifest, or the source that a build makes it from.
fn source_of(own: &str, place: &str, paths: &Paths) -> Option<usize> {
    let plain = normal(place);
    if let Some(file) = paths.script(&joined(own, &plain)) {
        return Some(file);
    }
    let (first, rest) = plain.split_once('/')?;
    let stem = SCRIPTS.iter().find_map(|ending| rest.strip_suffix(ending)).unwrap_or(rest);
    BUILT.contains(&first).then(|| paths.script(&joined(own, &format!("src/{stem}"))))?
}

// What fits a pattern with at most one `*` in place of it.
fn middle<'t>(pattern: &str, target: &'t str) -> Option<&'t str> {
    match pattern.split_once('*') {
        Some((before, after)) => target.strip_prefix(before)?.strip_suffix(after),
        None => (pattern == target).then_some(""),
    }
}

// What the longest fitting key leads to, under all conditions, in order.
fn chosen(map: &Map<String, Value>, target: &str) -> Vec<String> {
    let fitting = map.iter().filter_map(|(key, value)| Some((key, middle(key, target)?, value)));
    let Some((_, middle, value)) = fitting.max_by_key(|(key, ..)| key.len()) else { return Vec::new() };
    strings(value).into_iter().map(|place| place.replace('*', middle)).collect()
}

fn strings(value: &Value) -> Vec<String> {
    let mut pending = vec![value];
    let mut found = Vec::new();
    while let Some(value) = pending.pop() {
        match value {
            Value::String(place) => found.push(place.clone()),
            Value::Array(list) => pending.extend(list.iter().rev()),
            Value::Object(map) => {
                let values: Vec<&Value> = map.values().collect();
                pending.extend(values.into_iter().rev());
            }
            _ => {}
        }
    }
    found
}

// JSON with comments and commas before closing brackets, as tsconfig.json may have them.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_string = false;
    while let Some(next) = rest.chars().next() {
        if in_string {
            let escaped = if next == '\\' { rest.chars().nth(1).map_or(0, char::len_utf8) } else { 0 };
            let length = next.len_utf8() + escaped;
            in_string = next != '"';
            out.push_str(rest.get(..length).unwrap_or_default());
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        if rest.starts_with("//") {
            rest = rest.find('\n').and_then(|end| rest.get(end..)).unwrap_or_default();
        } else if rest.starts_with("/*") {
            rest = rest.find("*/").and_then(|end| rest.get(end + 2..)).unwrap_or_default();
        } else {
            if matches!(next, '}' | ']') {
                let kept = out.trim_end().strip_suffix(',').map(str::len);
                out.truncate(kept.unwrap_or(out.len()));
            }
            in_string = next == '"';
            out.push(next);
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn configurations_may_have_comments() {
        let text = "{ // a\n \"a\": \"//b\", /* c */ \"d\": [1, 2,],\n}";
        let read = serde_json::from_str::<Value>(&without_comments(text)).ok();
        assert_eq!(read, Some(json!({"a": "//b", "d": [1, 2]})));
    }

    #[test]
    fn packages_of_the_project_lead_to_their_sources() {
        let mut paths = Paths::default();
        for (at, path) in ["p/src/index.ts", "p/src/deep/a.ts", "p/lib/b.js", "q/index.js"].iter().enumerate() {
            paths.insert((*path).to_owned(), at);
        }
        let mut packages = Packages::default();
        let exports = json!({".": {"types": "./dist/index.d.ts", "import": "./dist/index.mjs"}, "./d/*": "./dist/deep/*.js", "./b": "./lib/b.js"});
        packages
            .declared("p", &json!({"name": "@x/p", "exports": exports, "imports": {"#b": "./lib/b.js"}}).to_string());
        packages.declared("q", &json!({"name": "q"}).to_string());
        let found = |target: &str| packages.resolve("p/src/index.ts", target, &paths);
        assert_eq!(found("@x/p"), Target::Files(vec![0]));
        assert_eq!(found("@x/p/d/a"), Target::Files(vec![1]));
        assert_eq!(found("@x/p/b"), Target::Files(vec![2]));
        assert_eq!(found("#b"), Target::Files(vec![2]));
        assert_eq!(found("q"), Target::Files(vec![3]));
        assert_eq!(found("@x/p/none"), Target::Missing);
        assert_eq!(found("@y/z/a"), Target::Outside("@y/z".to_owned()));
    }
}
