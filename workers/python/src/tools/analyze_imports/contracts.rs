//! Contracts as import-linter has them, read from a line of a call or from a project's configuration.

use octavo_toolkit::SourceFile;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Levels of packages that `acyclic_siblings` looks into, unless it says otherwise; import-linter's own.
const DEFAULT_DEPTH: usize = 10;

/// How a line is written, for messages.
pub(super) const ACCEPTED: &str = "\"layers: app.ui > app.core\", \"forbidden: app.core -> app.ui, django\", \
                                   \"independence: app.a, app.b\", \"protected: app.db <- app.api\" or \
                                   \"acyclic_siblings: app\"";

/// One module or several: `a.b`, `a.*`, `a.**`.
pub(super) type Expression = String;

/// A contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contract {
    /// Its name; the line itself where it has none.
    pub(super) name: String,
    /// What it asks.
    pub(super) kind: Kind,
    /// Imports that do not count, as pairs of expressions.
    pub(super) ignored: Vec<(Expression, Expression)>,
    /// Whether a module stands for all below it.
    pub(super) as_packages: bool,
}

/// What a contract asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Higher layers may import lower ones, not the other way round.
    Layers {
        /// From the highest down.
        layers: Vec<Layer>,
        /// Packages in which these layers lie; none when the layers are named in full.
        containers: Vec<Expression>,
        /// Whether all children of a container must be layers.
        exhaustive: bool,
        /// Those that need not.
        exhaustive_ignores: Vec<String>,
    },
    /// These may not import those.
    Forbidden {
        /// These.
        sources: Vec<Expression>,
        /// Those.
        forbidden: Vec<Expression>,
        /// Whether only direct imports count.
        direct: bool,
    },
    /// None may import another.
    Independence {
        /// Which.
        modules: Vec<Expression>,
    },
    /// Only these may import those.
    Protected {
        /// Those.
        protected: Vec<Expression>,
        /// These.
        allowed: Vec<Expression>,
    },
    /// The children of each package import each other without a cycle.
    AcyclicSiblings {
        /// Packages where it begins.
        ancestors: Vec<Expression>,
        /// How many levels down.
        depth: usize,
        /// Packages not looked into.
        skipped: Vec<Expression>,
    },
}

impl Kind {
    /// import-linter's word, which is also the rule's id.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Layers { .. } => "layers",
            Self::Forbidden { .. } => "forbidden",
            Self::Independence { .. } => "independence",
            Self::Protected { .. } => "protected",
            Self::AcyclicSiblings { .. } => "acyclic_siblings",
        }
    }
}

/// Modules of one height.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer {
    /// Name, and whether it may be missing.
    pub(super) modules: Vec<(String, bool)>,
    /// Whether they may not import each other.
    pub(super) independent: bool,
}

/// Why a contract cannot be read: a sentence fragment.
pub(super) type Fault = String;

/// Reads a line of a call.
pub(super) fn read_line(line: &str) -> Result<Contract, Fault> {
    let mut parts = line.split(';').map(str::trim);
    let head = parts.next().unwrap_or_default();
    let (kind, body) = head.split_once(':').ok_or("names no kind of contract")?;
    let (kind, containers) = match kind.trim().split_once(" in ") {
        Some((kind, containers)) => (kind.trim(), list(containers, ',')),
        None => (kind.trim(), Vec::new()),
    };
    let mut options = Options::default();
    for part in parts.filter(|part| !part.is_empty()) {
        options.read(part)?;
    }
    let kind = match kind {
        "layers" => Kind::Layers {
            layers: body.split('>').map(layer).collect::<Result<_, _>>()?,
            containers,
            exhaustive: options.exhaustive,
            exhaustive_ignores: options.except,
        },
        "forbidden" => {
            let (sources, forbidden) = body.split_once("->").ok_or("has no `->`")?;
            Kind::Forbidden { sources: list(sources, ','), forbidden: list(forbidden, ','), direct: options.direct }
        }
        "independence" => Kind::Independence { modules: list(body, ',') },
        "protected" => {
            let (protected, allowed) = body.split_once("<-").unwrap_or((body, ""));
            Kind::Protected { protected: list(protected, ','), allowed: list(allowed, ',') }
        }
        "acyclic_siblings" => {
            Kind::AcyclicSiblings { ancestors: list(body, ','), depth: options.depth, skipped: options.skip }
        }
        _ => return Err("names no kind of contract that is known".to_owned()),
    };
    let contract =
        Contract { name: line.trim().to_owned(), kind, ignored: options.ignored, as_packages: options.as_packages };
    contract.check()?;
    Ok(contract)
}

struct Options {
    ignored: Vec<(Expression, Expression)>,
    as_packages: bool,
    direct: bool,
    exhaustive: bool,
    except: Vec<String>,
    depth: usize,
    skip: Vec<Expression>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ignored: Vec::new(),
            as_packages: true,
            direct: false,
            exhaustive: false,
            except: Vec::new(),
            depth: DEFAULT_DEPTH,
            skip: Vec::new(),
        }
    }
}

impl Options {
    fn read(&mut self, part: &str) -> Result<(), Fault> {
        let (word, rest) = part.split_once([' ', ':']).unwrap_or((part, ""));
        let rest = rest.trim().trim_start_matches(':').trim();
        match word {
            "ignore" => self.ignored.extend(pairs(rest.split(','))?),
            "direct" => self.direct = true,
            "modules" => self.as_packages = false,
            "exhaustive" => self.exhaustive = true,
            "except" => self.except = list(rest, ','),
            "depth" => self.depth = rest.parse().map_err(|_| "has a depth that is no number".to_owned())?,
            "skip" => self.skip = list(rest, ','),
            _ => {
                return Err(
                    "has an option that is not ignore, direct, modules, exhaustive, except, depth or skip".to_owned()
                );
            }
        }
        Ok(())
    }
}

impl Contract {
    fn check(&self) -> Result<(), Fault> {
        let (lists, with_wildcards): (Vec<&[Expression]>, bool) = match &self.kind {
            Kind::Layers { layers, containers, exhaustive, .. } => {
                let mut seen = std::collections::BTreeSet::new();
                for (name, _) in layers.iter().flat_map(|layer| &layer.modules) {
                    if !seen.insert(name.as_str()) {
                        return Err("names a module in two layers, or twice in one".to_owned());
                    }
                    is_module(name, false)?;
                }
                if *exhaustive && containers.is_empty() {
                    return Err("is exhaustive without containers".to_owned());
                }
                (if containers.is_empty() { vec![] } else { vec![containers.as_slice()] }, true)
            }
            Kind::Forbidden { sources, forbidden, .. } => (vec![sources, forbidden], true),
            Kind::Independence { modules } => (vec![modules], true),
            Kind::Protected { protected, allowed } => {
                for name in allowed {
                    is_module(name, true)?;
                }
                (vec![protected], true)
            }
            Kind::AcyclicSiblings { ancestors, skipped, .. } => {
                for name in skipped {
                    is_module(name, true)?;
                }
                (vec![ancestors], true)
            }
        };
        for names in lists {
            if names.is_empty() {
                return Err("names no module on one side".to_owned());
            }
            for name in names {
                is_module(name, with_wildcards)?;
            }
        }
        for (importer, imported) in &self.ignored {
            is_module(importer, true)?;
            is_module(imported, true)?;
        }
        Ok(())
    }
}

fn is_module(name: &str, with_wildcards: bool) -> Result<(), Fault> {
    let part = |part: &str| {
        !part.is_empty() && !part.contains(char::is_whitespace) && !part.contains(['*', '(', ')', '|', '>', '<'])
            || with_wildcards && matches!(part, "*" | "**")
    };
    let mixed = name.split('.').any(|part| part == "*") && name.split('.').any(|part| part == "**");
    if name.split('.').all(part) && !mixed {
        Ok(())
    } else {
        Err(format!("names `{}`, which is no module", octavo_toolkit::limits::excerpt(name)))
    }
}

fn list(text: &str, separator: char) -> Vec<String> {
    text.split(separator).map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn layer(text: &str) -> Result<Layer, Fault> {
    let independent = !text.contains(':') || text.contains('|');
    if text.contains('|') && text.contains(':') {
        return Err("mixes `|` and `:` in a layer".to_owned());
    }
    let separator = if text.contains('|') { '|' } else { ':' };
    let modules: Vec<(String, bool)> = list(text, separator)
        .into_iter()
        .map(|name| match name.strip_prefix('(').and_then(|name| name.strip_suffix(')')) {
            Some(inner) => (inner.trim().to_owned(), true),
            None => (name, false),
        })
        .collect();
    if modules.is_empty() { Err("has an empty layer".to_owned()) } else { Ok(Layer { modules, independent }) }
}

fn pairs<'a>(items: impl IntoIterator<Item = &'a str>) -> Result<Vec<(Expression, Expression)>, Fault> {
    let mut found = Vec::new();
    for item in items {
        let item = item.trim();
        if item.is_empty() {
            continue;
        }
        let (importer, imported) = item.split_once("->").ok_or("ignores something that is no `a -> b`")?;
        found.push((importer.trim().to_owned(), imported.trim().to_owned()));
    }
    Ok(found)
}

/// What a project's configuration holds.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// Contracts, and why some cannot be read, by their name.
    pub(super) contracts: Vec<Result<Contract, (String, Fault)>>,
    /// Whether imports for type checkers do not count.
    pub(super) exclude_type_checking: bool,
}

/// Reads `.importlinter`, `setup.cfg` and `pyproject.toml`, the first that has contracts; as import-linter looks for them.
pub(super) fn read_config(files: &[SourceFile]) -> Option<(String, Config)> {
    for name in ["setup.cfg", ".importlinter", "pyproject.toml"] {
        let named = |file: &&SourceFile| file.path.rsplit(['/', '\\']).next() == Some(name);
        let Some(file) = files.iter().filter(named).min_by_key(|file| file.path.len()) else { continue };
        let sections = if name == "pyproject.toml" { toml_sections(&file.source) } else { ini_sections(&file.source) };
        if sections.iter().any(|section| section.name.is_none()) {
            return Some((file.path.clone(), config_of(sections)));
        }
    }
    None
}

/// A section: the contract's name, or none for the whole project's, and its values by key.
struct Section {
    name: Option<String>,
    values: Vec<(String, Vec<String>)>,
}

impl Section {
    fn all(&self, key: &str) -> Vec<String> {
        let values = self.values.iter().filter(|(name, _)| name == key).flat_map(|(_, values)| values);
        values.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).collect()
    }

    fn one(&self, key: &str) -> Option<String> {
        self.all(key).into_iter().next()
    }

    fn flag(&self, key: &str, default: bool) -> bool {
        self.one(key).map_or(default, |value| value.eq_ignore_ascii_case("true"))
    }
}

fn config_of(sections: Vec<Section>) -> Config {
    let mut config = Config::default();
    for section in sections {
        match &section.name {
            None => config.exclude_type_checking |= section.flag("exclude_type_checking_imports", false),
            Some(id) => {
                let name = section.one("name").unwrap_or_else(|| id.clone());
                config.contracts.push(contract_of(&section, &name).map_err(|fault| (name, fault)));
            }
        }
    }
    config
}

fn contract_of(section: &Section, name: &str) -> Result<Contract, Fault> {
    let kind = match section.one("type").as_deref() {
        Some("layers") => Kind::Layers {
            layers: section.all("layers").iter().map(|text| layer(text)).collect::<Result<_, _>>()?,
            containers: section.all("containers"),
            exhaustive: section.flag("exhaustive", false),
            exhaustive_ignores: section.all("exhaustive_ignores"),
        },
        Some("forbidden") => Kind::Forbidden {
            sources: section.all("source_modules"),
            forbidden: section.all("forbidden_modules"),
            direct: section.flag("allow_indirect_imports", false),
        },
        Some("independence") => Kind::Independence { modules: section.all("modules") },
        Some("protected") => {
            Kind::Protected { protected: section.all("protected_modules"), allowed: section.all("allowed_importers") }
        }
        Some("acyclic_siblings") => Kind::AcyclicSiblings {
            ancestors: section.all("ancestors"),
            depth: match section.one("depth") {
                Some(depth) => depth.parse().map_err(|_| "has a depth that is no number".to_owned())?,
                None => DEFAULT_DEPTH,
            },
            skipped: section.all("skip_descendants"),
        },
        _ => return Err("has no type that is known".to_owned()),
    };
    let ignored = section.all("ignore_imports");
    let contract = Contract {
        name: name.to_owned(),
        kind,
        ignored: pairs(ignored.iter().map(String::as_str))?,
        as_packages: section.flag("as_packages", true),
    };
    contract.check()?;
    Ok(contract)
}

// As configparser reads it: a value goes on in lines that are indented more than its key.
fn ini_sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let indented = line.starts_with([' ', '\t']);
        if let Some(title) = trimmed.strip_prefix('[').and_then(|title| title.strip_suffix(']'))
            && !indented
        {
            let ours = title.strip_prefix("importlinter");
            inside = ours.is_some_and(|rest| rest.is_empty() || rest.starts_with(":contract:"));
            if let Some(rest) = ours.filter(|_| inside) {
                let name = rest.strip_prefix(":contract:").map(str::to_owned);
                sections.push(Section { name, values: Vec::new() });
            }
            continue;
        }
        let Some(section) = sections.last_mut().filter(|_| inside) else { continue };
        if indented && let Some((_, values)) = section.values.last_mut() {
            values.push(trimmed.to_owned());
        } else if let Some(at) = trimmed.find(['=', ':']) {
            let (key, value) = trimmed.split_at(at);
            section
                .values
                .push((key.trim().to_ascii_lowercase(), vec![value.get(1..).unwrap_or_default().trim().to_owned()]));
        }
    }
    sections
}

fn toml_sections(text: &str) -> Vec<Section> {
    let Ok(document) = DeTable::parse(text) else { return Vec::new() };
    let Some(ours) = table_in(document.get_ref(), "tool").and_then(|tool| table_in(tool, "importlinter")) else {
        return Vec::new();
    };
    let section = |name: Option<String>, table: &DeTable<'_>| Section {
        name,
        values: table.iter().map(|(key, value)| (key.get_ref().to_string(), words(value.get_ref()))).collect(),
    };
    let contracts = match ours.get("contracts").map(Spanned::get_ref) {
        Some(DeValue::Array(items)) => items.iter().map(Spanned::get_ref).collect(),
        _ => Vec::new(),
    };
    let contracts = contracts.into_iter().enumerate().filter_map(|(at, contract)| match contract {
        DeValue::Table(table) => Some(section(Some(format!("contract {}", at + 1)), table)),
        _ => None,
    });
    std::iter::once(section(None, ours)).chain(contracts).collect()
}

fn table_in<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Option<&'a DeTable<'i>> {
    match table.get(key)?.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

fn words(value: &DeValue<'_>) -> Vec<String> {
    match value {
        DeValue::String(text) => vec![text.to_string()],
        DeValue::Array(items) => items.iter().flat_map(|item| words(item.get_ref())).collect(),
        DeValue::Boolean(flag) => vec![flag.to_string()],
        DeValue::Integer(number) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines() {
        let contract =
            read_line("layers in app.x: ui | (cli) > core : util; exhaustive; except tests; ignore a.b -> c.*")
                .expect("fine");
        assert_eq!(contract.ignored, [("a.b".to_owned(), "c.*".to_owned())]);
        let Kind::Layers { layers, containers, exhaustive, exhaustive_ignores } = contract.kind else {
            panic!("layers")
        };
        assert_eq!(
            (containers, exhaustive, exhaustive_ignores),
            (vec!["app.x".to_owned()], true, vec!["tests".to_owned()])
        );
        assert_eq!(layers.first().map(|layer| layer.independent), Some(true));
        assert_eq!(layers.get(1).map(|layer| layer.independent), Some(false));
        for wrong in [
            "",
            "layers",
            "layers: ",
            "layers: a > a",
            "forbidden: a",
            "forbidden: -> b",
            "cycles: a",
            "independence: a b",
            "independence: a.*.**",
            "independence: a; loudly",
            "acyclic_siblings: a; depth x",
            "layers: a > b; exhaustive",
            "layers: a|b:c > d",
        ] {
            assert!(read_line(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reads_configurations_alike() {
        let ini = "[importlinter]\nroot_package = a\nexclude_type_checking_imports = True\n\n[importlinter:contract:one]\nname = One\ntype = forbidden\nsource_modules =\n    a.b\n    # not this\n    a.c\nforbidden_modules = a.d\nallow_indirect_imports = true\nignore_imports =\n    a.b -> a.d\n[other]\nx = 1\n";
        let toml = "[tool.importlinter]\nroot_package = 'a'\nexclude_type_checking_imports = true\n[[tool.importlinter.contracts]]\nname = 'One'\ntype = 'forbidden'\nsource_modules = ['a.b', 'a.c']\nforbidden_modules = ['a.d']\nallow_indirect_imports = true\nignore_imports = ['a.b -> a.d']\n";
        let read = |path: &str, source: &str| {
            let files = [SourceFile { path: path.to_owned(), source: source.to_owned() }];
            let (_, config) = read_config(&files).expect("a configuration");
            assert!(config.exclude_type_checking);
            config.contracts
        };
        assert_eq!(read(".importlinter", ini), read("sub/pyproject.toml", toml));
        assert_eq!(read("setup.cfg", ini).len(), 1);
    }
}
