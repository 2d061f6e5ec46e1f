//! Whether contracts are kept, and by which chains they are broken; verdicts are import-linter's.

use super::contracts::{Contract, Kind, Layer};
use octavo_graph::{Edge, Graph};
use std::collections::{BTreeMap, BTreeSet};

/// Chains listed of each broken pair; the smallest cut says how many there are at most.
const MAX_CHAINS: usize = 3;

/// Most pairs of packages a contract may compare.
pub(super) const MAX_PAIRS: usize = 20_000;

/// Nodes by name: modules, packages that are folders alone, and what lies outside.
pub(super) struct Names {
    /// Sorted: the place is the node.
    sorted: Vec<String>,
    by_name: BTreeMap<String, usize>,
    external: BTreeSet<usize>,
    tops: BTreeSet<String>,
}

/// One thing a contract forbids and the project does.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Violation {
    /// The package or module that imports.
    pub(super) importer: String,
    /// What it may not import.
    pub(super) imported: String,
    /// Some chains of imports, shortest first.
    pub(super) chains: Vec<Vec<usize>>,
    /// The fewest imports to remove; none when too many.
    pub(super) cut: Option<Vec<Edge>>,
}

/// What became of a contract.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Sorted by importer and imported.
    pub(super) violations: Vec<Violation>,
    /// Why it could not be checked.
    pub(super) faults: Vec<String>,
    /// What is odd about it.
    pub(super) notes: Vec<String>,
}

impl Names {
    pub(super) fn of(internal: &BTreeSet<String>, external: &BTreeSet<String>) -> Self {
        let tops = internal.iter().map(|name| name.split('.').next().unwrap_or_default().to_owned()).collect();
        let names: Vec<String> = internal.union(external).cloned().collect();
        let by_name: BTreeMap<String, usize> = names.iter().enumerate().map(|(at, name)| (name.clone(), at)).collect();
        let external = external.difference(internal).filter_map(|name| by_name.get(name).copied()).collect();
        Self { sorted: names, by_name, external, tops }
    }

    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }

    pub(super) fn name(&self, node: usize) -> &str {
        self.sorted.get(node).map_or("", String::as_str)
    }

    pub(super) fn node(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    pub(super) fn is_external(&self, node: usize) -> bool {
        self.external.contains(&node)
    }

    pub(super) fn internal(&self) -> impl Iterator<Item = (usize, &str)> {
        let all = self.sorted.iter().enumerate().filter(|(node, _)| !self.is_external(*node));
        all.map(|(node, name)| (node, name.as_str()))
    }

    fn is_below_project(&self, name: &str) -> bool {
        self.tops.contains(name.split('.').next().unwrap_or_default())
    }

    // A module and what lies below it.
    fn with_descendants(&self, node: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::from([node]);
        if !self.is_external(node) {
            let prefix = format!("{}.", self.name(node));
            let below = self.by_name.range(prefix.clone()..).take_while(|(name, _)| name.starts_with(&prefix));
            found.extend(below.map(|(_, node)| *node).filter(|node| !self.is_external(*node)));
        }
        found
    }

    fn children(&self, node: usize) -> Vec<usize> {
        let start = self.name(node).len() + 1;
        let direct = |child: &usize| *child != node && !self.name(*child).get(start..).unwrap_or(".").contains('.');
        self.with_descendants(node).into_iter().filter(direct).collect()
    }

    // The modules an expression names: itself, or those that match it. Not found: an empty set, or a node of no module.
    fn matching(&self, expression: &str) -> Vec<usize> {
        if expression.contains('*') {
            let internal = self.sorted.iter().enumerate();
            return internal.filter(|(_, name)| matches(expression, name)).map(|(node, _)| node).collect();
        }
        self.node(expression).into_iter().collect()
    }
}

/// Whether a name matches an expression: `*` stands for one part, `**` for one or more.
pub(super) fn matches(expression: &str, name: &str) -> bool {
    let pattern: Vec<&str> = expression.split('.').collect();
    let parts: Vec<&str> = name.split('.').collect();
    // Row by row: which lengths of the name the pattern so far can cover.
    let mut covered = BTreeSet::from([0]);
    for piece in pattern {
        let mut next = BTreeSet::new();
        for at in covered {
            match piece {
                "**" => next.extend(at + 1..=parts.len()),
                "*" if at < parts.len() => drop(next.insert(at + 1)),
                piece if parts.get(at) == Some(&piece) => drop(next.insert(at + 1)),
                _ => {}
            }
        }
        covered = next;
    }
    covered.contains(&parts.len())
}

/// Checks a contract on a graph, which is as it was afterwards.
pub(super) fn check(contract: &Contract, graph: &mut Graph, names: &Names) -> Outcome {
    let mut outcome = Outcome::default();
    let mut removed = Vec::new();
    for (importer, imported) in &contract.ignored {
        let found: Vec<Edge> = graph
            .edges()
            .filter(|(from, to)| matches(importer, names.name(*from)) && matches(imported, names.name(*to)))
            .collect();
        if found.is_empty() {
            outcome.notes.push(format!("ignores `{importer} -> {imported}`, which no import is"));
        }
        removed.extend(found);
    }
    for (from, to) in &removed {
        graph.remove(*from, *to);
    }
    let mut checker = Checker { graph, names, outcome, as_packages: contract.as_packages };
    checker.kind(&contract.kind);
    let mut outcome = checker.outcome;
    for (from, to) in removed {
        graph.add(from, to);
    }
    outcome.violations.sort_by(|a, b| (&a.importer, &a.imported).cmp(&(&b.importer, &b.imported)));
    outcome
}

struct Checker<'a> {
    graph: &'a Graph,
    names: &'a Names,
    outcome: Outcome,
    as_packages: bool,
}

impl Checker<'_> {
    fn kind(&mut self, kind: &Kind) {
        match kind {
            Kind::Layers { layers, containers, exhaustive, exhaustive_ignores } => {
                if containers.is_empty() {
                    self.layers(layers, None);
                }
                for expression in containers {
                    let found = self.existing(expression);
                    for container in found {
                        self.layers(layers, Some(container));
                        if *exhaustive {
                            self.exhaustive(layers, container, exhaustive_ignores);
                        }
                    }
                }
            }
            Kind::Forbidden { sources, forbidden, direct } => self.forbidden(sources, forbidden, *direct),
            Kind::Independence { modules } => {
                let modules: BTreeSet<usize> = modules.iter().flat_map(|module| self.existing(module)).collect();
                if self.outcome.faults.is_empty() {
                    let modules: Vec<usize> = modules.into_iter().collect();
                    self.levels(&[Level { modules, independent: true }]);
                }
            }
            Kind::Protected { protected, allowed } => self.protected(protected, allowed),
            Kind::AcyclicSiblings { ancestors, depth, skipped } => {
                let skipped: BTreeSet<usize> = skipped.iter().flat_map(|name| self.existing(name)).collect();
                let ancestors: BTreeSet<usize> = ancestors.iter().flat_map(|name| self.existing(name)).collect();
                let mut seen = BTreeSet::new();
                for ancestor in ancestors {
                    self.acyclic(ancestor, *depth, &skipped, &mut seen);
                }
            }
        }
    }

    // What an expression names; a fault when there is no such module, unless wildcards may match nothing.
    fn existing(&mut self, expression: &str) -> Vec<usize> {
        let found = self.names.matching(expression);
        if found.is_empty() && !expression.contains('*') {
            self.outcome.faults.push(format!("there is no module `{expression}`"));
        }
        found
    }

    fn package(&self, node: usize) -> BTreeSet<usize> {
        if self.as_packages { self.names.with_descendants(node) } else { BTreeSet::from([node]) }
    }

    fn forbidden(&mut self, sources: &[String], forbidden: &[String], direct: bool) {
        let sources: BTreeSet<usize> = sources.iter().flat_map(|name| self.existing(name)).collect();
        let mut targets = BTreeSet::new();
        for name in forbidden {
            if name.contains('*') || self.names.is_below_project(name) {
                targets.extend(self.existing(name));
            } else if name.contains('.') {
                self.outcome
                    .faults
                    .push(format!("`{name}` lies in a package outside of the project: name the whole package"));
            } else {
                targets.extend(self.names.node(name));
            }
        }
        if !self.outcome.faults.is_empty() || self.too_many(sources.len() * targets.len()) {
            return;
        }
        for source in sources {
            let from = self.package(source);
            let reached = self.graph.reach(&from);
            for target in &targets {
                let (a, b) = (self.names.name(source), self.names.name(*target));
                let below =
                    |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
                if a == b || self.as_packages && (below(a, b) || below(b, a)) {
                    continue;
                }
                let to = self.package(*target);
                if reached.is_disjoint(&to) {
                    continue;
                }
                if direct {
                    let edges: Vec<Edge> = from
                        .iter()
                        .flat_map(|from| self.graph.imported_by(*from).map(move |to| (*from, to)))
                        .filter(|(_, imported)| to.contains(imported))
                        .collect();
                    if !edges.is_empty() {
                        let chains = edges.iter().take(MAX_CHAINS).map(|(from, to)| vec![*from, *to]).collect();
                        self.violate(source, *target, chains, Some(edges));
                    }
                } else {
                    self.chains(source, *target, &from, &to, &BTreeSet::new());
                }
            }
        }
    }

    fn layers(&mut self, layers: &[Layer], container: Option<usize>) {
        let mut levels = Vec::new();
        for layer in layers {
            let mut modules = Vec::new();
            for (name, optional) in &layer.modules {
                let full = match container {
                    Some(container) => format!("{}.{name}", self.names.name(container)),
                    None => name.clone(),
                };
                match self.names.node(&full) {
                    Some(node) => modules.push(node),
                    None if *optional => {}
                    None => self.outcome.faults.push(format!("there is no module `{full}`, which is a layer")),
                }
            }
            levels.push(Level { modules, independent: layer.independent });
        }
        if self.outcome.faults.is_empty() {
            self.levels(&levels);
        }
    }

    fn exhaustive(&mut self, layers: &[Layer], container: usize, ignored: &[String]) {
        let declared: BTreeSet<&str> =
            layers.iter().flat_map(|layer| &layer.modules).map(|(name, _)| name.as_str()).collect();
        for child in self.names.children(container) {
            let tail = self.names.name(child).rsplit('.').next().unwrap_or_default();
            if !declared.contains(tail) && !ignored.iter().any(|ignored| ignored == tail) {
                self.violate(container, child, Vec::new(), Some(Vec::new()));
            }
        }
    }

    fn levels(&mut self, levels: &[Level]) {
        let packages: BTreeMap<usize, BTreeSet<usize>> = levels
            .iter()
            .flat_map(|level| &level.modules)
            .map(|node| (*node, self.names.with_descendants(*node)))
            .collect();
        let mut all = BTreeSet::new();
        let mut pairs = BTreeSet::new();
        for (node, package) in &packages {
            if package.iter().any(|member| member != node && packages.contains_key(member)) {
                let name = self.names.name(*node);
                self.outcome.faults.push(format!("`{name}` holds another of its modules"));
                return;
            }
            all.extend(package.iter().copied());
        }
        for (height, level) in levels.iter().enumerate() {
            for node in &level.modules {
                let lower = levels.iter().skip(height + 1).flat_map(|lower| &lower.modules);
                pairs.extend(lower.map(|lower| (*lower, *node)));
                if level.independent {
                    pairs.extend(level.modules.iter().filter(|other| *other != node).map(|other| (*node, *other)));
                }
            }
        }
        if self.too_many(pairs.len()) {
            return;
        }
        let mut reached: Option<(usize, BTreeSet<usize>)> = None;
        for (importer, imported) in pairs {
            let (Some(from), Some(to)) = (packages.get(&importer), packages.get(&imported)) else { continue };
            let known = match reached.take() {
                Some((node, known)) if node == importer => known,
                _ => self.graph.reach(from),
            };
            if !known.is_disjoint(to) {
                let barred: BTreeSet<usize> =
                    all.iter().filter(|node| !from.contains(node) && !to.contains(node)).copied().collect();
                self.chains(importer, imported, from, to, &barred);
            }
            reached = Some((importer, known));
        }
    }

    fn chains(
        &mut self,
        importer: usize,
        imported: usize,
        from: &BTreeSet<usize>,
        to: &BTreeSet<usize>,
        barred: &BTreeSet<usize>,
    ) {
        let mut gone = BTreeSet::new();
        let mut chains = Vec::new();
        while chains.len() < MAX_CHAINS
            && let Some(chain) = self.graph.shortest_chain(from, to, barred, &gone)
        {
            gone.extend(chain.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))));
            chains.push(chain);
        }
        if !chains.is_empty() {
            let cut = self.graph.chain_cut(from, to, barred);
            self.violate(importer, imported, chains, cut);
        }
    }

    fn protected(&mut self, protected: &[String], allowed: &[String]) {
        let allowed: Vec<usize> = allowed.iter().flat_map(|name| self.existing(name)).collect();
        let allowed: BTreeSet<usize> = allowed.into_iter().flat_map(|node| self.package(node)).collect();
        let tops: Vec<usize> = protected.iter().flat_map(|name| self.existing(name)).collect();
        if !self.outcome.faults.is_empty() {
            return;
        }
        for top in tops {
            let inside = self.package(top);
            for module in &inside {
                for importer in self.graph.importers_of(*module) {
                    if !allowed.contains(&importer) && !inside.contains(&importer) {
                        let edge = (importer, *module);
                        self.violate(importer, *module, vec![vec![importer, *module]], Some(vec![edge]));
                    }
                }
            }
        }
        self.outcome.violations.dedup();
    }

    fn acyclic(&mut self, ancestor: usize, depth: usize, skipped: &BTreeSet<usize>, seen: &mut BTreeSet<usize>) {
        let mut work = vec![(ancestor, depth)];
        while let Some((ancestor, depth)) = work.pop() {
            if !seen.insert(ancestor) {
                continue;
            }
            let children = self.names.children(ancestor);
            let mut owner = BTreeMap::new();
            for (at, child) in children.iter().enumerate() {
                owner.extend(self.names.with_descendants(*child).into_iter().map(|node| (node, at)));
            }
            let mut siblings = Graph::with_nodes(children.len());
            let mut imports: BTreeMap<Edge, Edge> = BTreeMap::new();
            for (node, at) in &owner {
                for imported in self.graph.imported_by(*node) {
                    if let Some(other) = owner.get(&imported).filter(|other| *other != at) {
                        siblings.add(*at, *other);
                        imports.entry((*at, *other)).or_insert((*node, imported));
                    }
                }
            }
            for knot in siblings.knots() {
                let cycle = siblings.shortest_cycle(&knot);
                let chain: Vec<usize> = cycle.iter().filter_map(|at| children.get(*at).copied()).collect();
                let (cut, _) = siblings.cycle_cut(&knot);
                let cut = cut.iter().filter_map(|edge| imports.get(edge).copied()).collect();
                let first = chain.first().copied().unwrap_or(ancestor);
                self.violate(ancestor, first, vec![chain], Some(cut));
            }
            if depth > 0 {
                let into = children.into_iter().filter(|child| !skipped.contains(child));
                work.extend(into.map(|child| (child, depth - 1)));
            }
        }
    }

    fn violate(&mut self, importer: usize, imported: usize, chains: Vec<Vec<usize>>, cut: Option<Vec<Edge>>) {
        let name = |node| self.names.name(node).to_owned();
        let violation = Violation { importer: name(importer), imported: name(imported), chains, cut };
        self.outcome.violations.push(violation);
    }

    fn too_many(&mut self, pairs: usize) -> bool {
        let many = pairs > MAX_PAIRS;
        if many {
            self.outcome.faults.push(format!("compares {pairs} pairs of modules, more than {MAX_PAIRS}"));
        }
        many
    }
}

struct Level {
    modules: Vec<usize>,
    independent: bool,
}

#[cfg(test)]
mod tests {
    use super::super::contracts::read_line;
    use super::*;

    fn names(list: &[&str], external: &[&str]) -> Names {
        let set = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        Names::of(&set(list), &set(external))
    }

    #[test]
    fn wildcards_stand_for_parts() {
        for (expression, name, expected) in [
            ("a.*", "a.b", true),
            ("a.*", "a.b.c", false),
            ("a.**", "a.b.c", true),
            ("a.**", "a", false),
            ("*.b", "a.b", true),
            ("**.c", "a.b.c", true),
            ("a", "a", true),
            ("a", "b", false),
        ] {
            assert_eq!(matches(expression, name), expected, "{expression} {name}");
        }
    }

    #[test]
    fn contracts_are_judged() {
        let names = names(&["a", "a.core", "a.core.x", "a.ui", "a.ui.y", "a.util", "a.z"], &["django"]);
        let node = |name: &str| names.node(name).expect(name);
        let mut graph = Graph::with_nodes(names.len());
        for (from, to) in
            [("a.ui.y", "a.core"), ("a.core.x", "a.util"), ("a.util", "a.ui"), ("a.z", "django"), ("a.ui", "a.z")]
        {
            graph.add(node(from), node(to));
        }
        for (line, expected) in [
            ("layers: a.ui > a.core", Ok(1)),
            ("layers: a.ui > a.core > a.util", Ok(1)),
            ("layers: a.core > a.ui", Ok(1)),
            ("layers in a: ui > core | (gone)", Ok(1)),
            ("layers in a: ui > core; exhaustive; except z", Ok(2)),
            ("layers: a.ui > a.gone", Err(())),
            ("forbidden: a.core -> a.ui", Ok(1)),
            ("forbidden: a.core -> a.ui; direct", Ok(0)),
            ("forbidden: a.core -> a.ui; modules", Ok(0)),
            ("forbidden: a.core -> django", Ok(1)),
            ("forbidden: a.core -> flask", Ok(0)),
            ("forbidden: a.core -> django.db", Err(())),
            ("forbidden: a.core -> a.*", Ok(3)),
            ("forbidden: a.core -> a.ui; ignore a.util -> a.*", Ok(0)),
            ("independence: a.core, a.ui", Ok(2)),
            ("independence: a, a.ui", Err(())),
            ("independence: a.core, a.z", Ok(1)),
            ("protected: a.core <- a.util", Ok(1)),
            ("protected: a.core <- a.ui", Ok(0)),
            ("acyclic_siblings: a", Ok(1)),
            ("acyclic_siblings: a.core", Ok(0)),
        ] {
            let outcome = check(&read_line(line).expect(line), &mut graph, &names);
            let found = if outcome.faults.is_empty() { Ok(outcome.violations.len()) } else { Err(()) };
            assert_eq!(found, expected, "{line}: {outcome:?}");
        }
        assert_eq!(graph.edges().count(), 5);
    }
}
