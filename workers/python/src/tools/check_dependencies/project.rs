//! What a project declares and how it wants to be looked at: its manifests, and its `[tool.deptry]`.

use crate::support::files::text_of;
use crate::support::packaging::document::{Fault, Node, Value, parse_toml};
use crate::support::packaging::manifest::{Declared, Section, of_pyproject, of_requirements, of_setup_cfg};
use crate::support::packaging::{name, requirements_txt, setup_cfg};
use octavo_toolkit::SourceFile;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

/// A manifest that was read.
pub(super) struct Manifest<'f> {
    pub(super) file: &'f SourceFile,
    pub(super) root: Option<Node>,
    pub(super) faults: Vec<Fault>,
    pub(super) declared: Vec<Declared>,
    /// Options pip does not know, with their places.
    pub(super) unknown_options: Vec<(String, Range<usize>)>,
    /// Requirements files that this one includes, as it names them.
    included: Vec<String>,
}

/// `[tool.deptry]`, with deptry's defaults.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) ignore: Vec<String>,
    pub(super) per_rule_ignores: BTreeMap<String, Vec<String>>,
    pub(super) exclude: Vec<String>,
    pub(super) known_first_party: Vec<String>,
    pub(super) module_names: BTreeMap<String, Vec<String>>,
    pub(super) dev_extras: Vec<String>,
    pub(super) non_dev_groups: Vec<String>,
    pub(super) requirements: Vec<String>,
    pub(super) default_requirements: bool,
    pub(super) requirements_dev: Vec<String>,
    pub(super) ignore_notebooks: bool,
    pub(super) namespaces: bool,
}

impl Settings {
    pub(super) fn read(root: Option<&Node>) -> Self {
        let table = root.and_then(|root| root.at(&["tool", "deptry"]));
        let list = |key: &str| {
            let node = table.and_then(|table| table.get(key))?;
            Some(node.texts().into_iter().map(str::to_owned).collect::<Vec<_>>())
        };
        let flag = |key: &str| table.and_then(|table| table.get(key)).and_then(Node::bool).unwrap_or_default();
        let map = |key: &str| {
            let entries = table.and_then(|table| table.get(key)).map(Node::entries).unwrap_or_default();
            let texts = |node: &Node| match node.text() {
                // On the command line several stand between `|`.
                Some(text) => text.split('|').map(str::to_owned).collect(),
                None => node.texts().into_iter().map(str::to_owned).collect::<Vec<_>>(),
            };
            entries.iter().map(|entry| (entry.key.clone(), texts(&entry.node))).collect::<BTreeMap<_, _>>()
        };
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let mut exclude = list("exclude")
            .unwrap_or_else(|| words(&["venv", r"\.venv", r"\.direnv", "tests", r"\.git", r"setup\.py"]));
        exclude.extend(list("extend_exclude").unwrap_or_default());
        let requirements = list("requirements_files").or_else(|| list("requirements_txt"));
        Self {
            ignore: list("ignore").unwrap_or_default(),
            per_rule_ignores: map("per_rule_ignores"),
            exclude,
            known_first_party: list("known_first_party").unwrap_or_default(),
            module_names: map("package_module_name_map"),
            dev_extras: list("optional_dependencies_dev_groups")
                .or_else(|| list("pep621_dev_dependency_groups"))
                .unwrap_or_default(),
            non_dev_groups: list("non_dev_dependency_groups").unwrap_or_default(),
            default_requirements: requirements.is_none(),
            requirements: requirements.unwrap_or_else(|| words(&["requirements.txt"])),
            requirements_dev: list("requirements_files_dev")
                .or_else(|| list("requirements_txt_dev"))
                .unwrap_or_else(|| words(&["dev-requirements.txt", "requirements-dev.txt"])),
            ignore_notebooks: flag("ignore_notebooks"),
            namespaces: flag("experimental_namespace_package"),
        }
    }
}

fn is_requirements(file: &str) -> bool {
    name::has_extension(file, &["txt", "in"]) && (file.contains("requirements") || file.contains("constraints"))
}

/// Reads every manifest; `paths` are those of the files, brought to one form. Files that a pyproject.toml names as
/// requirements are read whatever they are called.
pub(super) fn read<'f>(
    files: &'f [SourceFile],
    paths: &[String],
    named: &HashSet<&str>,
) -> Vec<(String, Manifest<'f>)> {
    let mut manifests = Vec::new();
    for (file, path) in files.iter().zip(paths) {
        let name = path.rsplit('/').next().unwrap_or_default();
        let source = text_of(file);
        let mut manifest = Manifest {
            file,
            root: None,
            faults: Vec::new(),
            declared: Vec::new(),
            unknown_options: Vec::new(),
            included: Vec::new(),
        };
        if name == "pyproject.toml" {
            let (root, faults) = parse_toml(source);
            manifest.declared = of_pyproject(source, &root);
            (manifest.root, manifest.faults) = (Some(root), faults);
        } else if name == "setup.cfg" {
            manifest.declared = of_setup_cfg(&setup_cfg::parse(source));
        } else if is_requirements(name) || named.contains(path.as_str()) {
            let lines = requirements_txt::parse(source);
            manifest.declared = of_requirements(&lines, &Section::Main);
            for line in lines {
                match line.kind {
                    requirements_txt::Kind::UnknownOption(option) => manifest.unknown_options.push((option, line.span)),
                    requirements_txt::Kind::Option { name: "requirement", value } => manifest.included.push(value),
                    requirements_txt::Kind::Requirement(_)
                    | requirements_txt::Kind::Wrong(_)
                    | requirements_txt::Kind::Address { .. }
                    | requirements_txt::Kind::Option { .. } => {}
                }
            }
        } else {
            continue;
        }
        manifests.push((path.clone(), manifest));
    }
    manifests
}

/// A dependency as the imports are held against it.
#[derive(Debug, Clone)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) key: String,
    pub(super) section: Section,
    /// Index of its manifest.
    pub(super) manifest: usize,
    pub(super) span: Range<usize>,
}

/// Those that the code may import, and those for development, as deptry tells them apart; an error when nothing declares
/// any.
pub(super) fn dependencies(
    manifests: &[(String, Manifest<'_>)],
    config: Option<usize>,
    settings: &Settings,
) -> Option<(Vec<Dependency>, Vec<Dependency>)> {
    let index_of = |path: &str| manifests.iter().position(|(known, _)| known == path);
    let root = config.and_then(|at| manifests.get(at)).and_then(|(_, manifest)| manifest.root.as_ref());
    let has = |path: &[&str]| root.is_some_and(|root| root.at(path).is_some());
    let poetry = has(&["tool", "poetry"]);
    let uv = has(&["tool", "uv", "dev-dependencies"]);
    let pdm = has(&["tool", "pdm", "dev-dependencies"]);
    let project = root.and_then(|root| root.get("project")).is_some_and(|project| !project.entries().is_empty());
    let take = |manifest: usize, keep: &dyn Fn(&Section) -> bool| -> Vec<Dependency> {
        let declared = manifests.get(manifest).map(|(_, manifest)| manifest.declared.as_slice()).unwrap_or_default();
        let kept = declared.iter().filter(|one| !one.name.is_empty() && keep(&one.section));
        kept.map(|one| Dependency {
            name: one.name.clone(),
            key: one.key(),
            section: one.section.clone(),
            manifest,
            span: one.span.clone(),
        })
        .collect()
    };
    let files = |paths: &[String], section: &Section| -> Vec<Dependency> {
        let found = with_included(manifests, paths).into_iter().flat_map(|at| take(at, &|_| true));
        found.map(|one| Dependency { section: section.clone(), ..one }).collect()
    };
    if let (Some(config), true) = (config, poetry || uv || pdm || project) {
        let (mut main, mut dev) = pyproject(root?, config, &take, &files, settings);
        if poetry && main.iter().all(|one| one.section != Section::Main) {
            let tool = root?.at(&["tool", "poetry", "dependencies"]);
            let spans: HashSet<&Range<usize>> =
                tool.map(Node::entries).unwrap_or_default().iter().map(|entry| &entry.key_span).collect();
            let span = |one: &Dependency| spans.contains(&one.span);
            main.splice(0..0, take(config, &|section| *section == Section::Main).into_iter().filter(span));
        }
        if poetry {
            dev.extend(take(config, &|section| matches!(section, Section::PoetryGroup(_))));
        } else if uv || pdm {
            let table = if uv { "uv" } else { "pdm" };
            let whole = root?.at(&["tool", table, "dev-dependencies"]).map(|node| node.span.clone());
            let texts = root?.at(&["tool", table, "dev-dependencies"]);
            let spans: HashSet<Range<usize>> = texts.map(spans_below).unwrap_or_default().into_iter().collect();
            dev.extend(
                take(config, &|section| *section == Section::Dev)
                    .into_iter()
                    .filter(|one| spans.contains(&one.span) || whole.as_ref().is_some_and(|whole| whole == &one.span)),
            );
        }
        return Some((main, dev));
    }
    let main = if settings.default_requirements && index_of("requirements.in").is_some() {
        vec!["requirements.in".to_owned()]
    } else {
        settings.requirements.clone()
    };
    if main.iter().any(|path| index_of(path).is_some()) {
        return Some((files(&main, &Section::Main), files(&settings.requirements_dev, &Section::Dev)));
    }
    // What deptry does not read: a setup.cfg alone.
    let setup = index_of("setup.cfg")?;
    let kept = take(setup, &|section| !matches!(section, Section::Build));
    (!kept.is_empty()).then(|| (kept, Vec::new()))
}

// Indices of requirements files, and of those they include, each once.
fn with_included(manifests: &[(String, Manifest<'_>)], paths: &[String]) -> Vec<usize> {
    let mut open: Vec<String> = paths.iter().rev().cloned().collect();
    let mut found: Vec<usize> = Vec::new();
    while let Some(path) = open.pop() {
        let Some(at) = manifests.iter().position(|(known, _)| *known == path) else { continue };
        if found.contains(&at) {
            continue;
        }
        found.push(at);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let included = manifests.get(at).map(|(_, manifest)| manifest.included.as_slice()).unwrap_or_default();
        open.extend(included.iter().rev().map(|name| crate::support::layout::normalized(&format!("{folder}/{name}"))));
    }
    found
}

fn spans_below(node: &Node) -> Vec<Range<usize>> {
    match &node.value {
        Value::List(items) => items.iter().map(|item| item.span.clone()).collect(),
        Value::Table(entries) => entries.iter().flat_map(|entry| spans_below(&entry.node)).collect(),
        Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Date(_) | Value::Null => Vec::new(),
    }
}

type Take<'t> = dyn Fn(usize, &dyn Fn(&Section) -> bool) -> Vec<Dependency> + 't;
type Files<'t> = dyn Fn(&[String], &Section) -> Vec<Dependency> + 't;

// PEP 621's tables; setuptools may name files for them.
fn pyproject(
    root: &Node,
    config: usize,
    take: &Take<'_>,
    files: &Files<'_>,
    settings: &Settings,
) -> (Vec<Dependency>, Vec<Dependency>) {
    let backend = root.at(&["build-system"]).and_then(|table| table.text_of("build-backend"));
    let dynamic = root.at(&["project", "dynamic"]).map(Node::texts).unwrap_or_default();
    let setuptools = backend == Some("setuptools.build_meta");
    let named = |path: &[&str]| -> Vec<String> {
        root.at(path).map(Node::texts).unwrap_or_default().into_iter().map(str::to_owned).collect()
    };
    let project = root.at(&["project", "dependencies"]).map(spans_below).unwrap_or_default();
    let project: HashSet<Range<usize>> = project.into_iter().collect();
    let mut main = if setuptools && dynamic.contains(&"dependencies") {
        files(&named(&["tool", "setuptools", "dynamic", "dependencies", "file"]), &Section::Main)
    } else {
        take(config, &|section| *section == Section::Main)
            .into_iter()
            .filter(|one| project.contains(&one.span))
            .collect()
    };
    let mut optional = Vec::new();
    if setuptools && dynamic.contains(&"optional-dependencies") {
        let table = root.at(&["tool", "setuptools", "dynamic", "optional-dependencies"]);
        for entry in table.map(Node::entries).unwrap_or_default() {
            let paths = entry.node.get("file").map(Node::texts).unwrap_or_default();
            let paths: Vec<String> = paths.into_iter().map(str::to_owned).collect();
            optional.extend(files(&paths, &Section::Optional(entry.key.clone())));
        }
    } else {
        optional = take(config, &|section| matches!(section, Section::Optional(_)));
    }
    let groups = take(config, &|section| matches!(section, Section::Group(_)));
    let is_dev = |one: &Dependency| match &one.section {
        Section::Optional(extra) => settings.dev_extras.contains(extra),
        Section::Group(group) => !settings.non_dev_groups.contains(group),
        Section::Main | Section::PoetryGroup(_) | Section::Dev | Section::Build => false,
    };
    let (dev, also_main): (Vec<_>, Vec<_>) = optional.into_iter().chain(groups).partition(is_dev);
    main.extend(also_main);
    (main, dev)
}

/// The name that a distribution has when its modules are guessed from it.
pub(super) fn guessed_module(name: &str) -> String {
    name.replace('-', "_").to_lowercase()
}

/// The modules that a dependency is taken to bring, and whether they are a guess.
pub(super) fn modules_of(
    dependency: &Dependency,
    settings: &Settings,
    installed: Option<&BTreeMap<String, Vec<String>>>,
) -> (Vec<String>, bool) {
    if let Some(named) = settings.module_names.get(&dependency.name) {
        return (named.clone(), false);
    }
    if let Some(modules) = installed.and_then(|installed| installed.get(&dependency.key)) {
        return (modules.clone(), false);
    }
    if installed.is_none()
        && let Some(known) = super::known::modules(&name::normalized(&dependency.name))
    {
        return (known.iter().map(|module| (*module).to_owned()).collect(), false);
    }
    (vec![guessed_module(&dependency.name)], true)
}
