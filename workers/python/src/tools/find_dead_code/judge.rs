//! Which definitions of a project are dead: what nothing uses that itself is used, from the project's entry points on.
//!
//! A name is resolved to what it is bound to, over files; an attribute of something unknown stands for every member of that
//! name. What the circumstances make doubtful is taken for used when others are judged.

use super::facts::{Def, Facts, Kind, Place, Use};
use crate::support::imports::{Import, When};
use crate::support::project::{Project, Target};
use ruff_text_size::TextRange;
use std::collections::{BTreeMap, BTreeSet};

/// Below this confidence, in percent, a definition counts as used when others are judged.
pub(super) const DOUBTFUL: u8 = 60;

/// A definition: its file and its place there.
pub(super) type Id = (usize, usize);

/// A definition found dead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dead {
    pub(super) id: Id,
    /// In percent.
    pub(super) confidence: u8,
    pub(super) why: String,
}

/// What is known of a project.
pub(super) struct World<'a> {
    pub(super) project: &'a Project,
    pub(super) facts: &'a [Facts],
    pub(super) paths: &'a [String],
    /// Patterns of what is used from outside: names, qualified names, paths.
    pub(super) entry_points: &'a [String],
    /// Qualified names in files that are no Python.
    pub(super) configured: BTreeSet<String>,
    /// Words of templates.
    pub(super) templated: BTreeSet<String>,
}

// What an import brings.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Meaning {
    Module(String),
    Top(usize, String),
    ExternalModule,
    Unknown,
}

struct Marks<'a> {
    world: &'a World<'a>,
    members: &'a BTreeMap<&'a str, Vec<Id>>,
    /// Whether only what used code uses counts.
    strict: bool,
    used: BTreeSet<Id>,
    attributes: BTreeSet<&'a str>,
    tops: BTreeSet<(usize, String)>,
    work: Vec<Id>,
}

/// Judges a project.
pub(super) fn judge(world: &World<'_>) -> Vec<Dead> {
    let facts = world.facts;
    let mut members: BTreeMap<&str, Vec<Id>> = BTreeMap::new();
    for (file, facts) in facts.iter().enumerate() {
        for (at, def) in facts.defs.iter().enumerate().filter(|(_, def)| def.place == Place::Class) {
            members.entry(def.name.as_str()).or_default().push((file, at));
        }
    }
    let by_owner: Vec<BTreeMap<Option<usize>, Vec<&Use>>> = facts
        .iter()
        .map(|facts| {
            let mut owners: BTreeMap<Option<usize>, Vec<&Use>> = BTreeMap::new();
            for (owner, used) in &facts.uses {
                owners.entry(*owner).or_default().push(used);
            }
            owners
        })
        .collect();
    let judge = Judge::new(world);
    let live = judge.mark(&members, &by_owner, true);
    let any = judge.mark(&members, &by_owner, false);
    judge.verdicts(&live, &any)
}

struct Judge<'a> {
    world: &'a World<'a>,
    read: BTreeSet<&'a str>,
    strings: BTreeSet<&'a str>,
    prefixes: BTreeSet<&'a str>,
    /// Functions that are used otherwise than by calling them.
    referenced: BTreeSet<Id>,
    handed_on: BTreeMap<Id, String>,
    starred: BTreeSet<usize>,
    /// Members by their class.
    members_of: BTreeMap<Id, Vec<usize>>,
}

impl<'a> Judge<'a> {
    fn new(world: &'a World<'a>) -> Self {
        let all = |of: fn(&Facts) -> &BTreeSet<String>| world.facts.iter().flat_map(of).map(String::as_str).collect();
        let mut judge = Self {
            world,
            read: all(|facts| &facts.read),
            strings: all(|facts| &facts.strings),
            prefixes: all(|facts| &facts.prefixes),
            referenced: BTreeSet::new(),
            handed_on: BTreeMap::new(),
            starred: BTreeSet::new(),
            members_of: BTreeMap::new(),
        };
        for (file, facts) in world.facts.iter().enumerate() {
            for (at, def) in facts.defs.iter().enumerate().filter(|(_, def)| def.place == Place::Class) {
                if let Some(class) = def.owner {
                    judge.members_of.entry((file, class)).or_default().push(at);
                }
            }
            for (_, used) in &facts.uses {
                match used {
                    Use::Local(def, false) => drop(judge.referenced.insert((file, *def))),
                    Use::Imported(def, path, false) if path.len() == 1 => {
                        if let Meaning::Module(module) = world.meaning(file, *def)
                            && let (Some(target), Some(name)) = (world.project.file(&module), path.first())
                        {
                            judge.referenced.extend(world.top(target, name).map(|def| (target, def)));
                        }
                    }
                    _ => {}
                }
            }
            judge.starred.extend(facts.stars.iter().filter_map(|star| world.star(file, star)));
        }
        // An import that is referenced references what it brings.
        for (file, facts) in world.facts.iter().enumerate() {
            for (at, def) in facts.defs.iter().enumerate().filter(|(_, def)| def.kind == Kind::Import) {
                let Meaning::Top(target, name) = world.meaning(file, at) else { continue };
                let brought: Vec<Id> = world.top(target, &name).map(|def| (target, def)).collect();
                if judge.referenced.contains(&(file, at)) {
                    judge.referenced.extend(brought.iter().copied());
                }
                if def.exempt {
                    let by = world.project.name(file).unwrap_or_default();
                    for id in brought {
                        judge.handed_on.entry(id).or_insert_with(|| by.to_owned());
                    }
                }
            }
        }
        judge
    }

    fn mark<'b>(
        &'b self,
        members: &'b BTreeMap<&'b str, Vec<Id>>,
        by_owner: &'b [BTreeMap<Option<usize>, Vec<&'b Use>>],
        strict: bool,
    ) -> Marks<'b>
    where
        'a: 'b,
    {
        let mut marks = Marks {
            world: self.world,
            members,
            strict,
            used: BTreeSet::new(),
            attributes: BTreeSet::new(),
            tops: BTreeSet::new(),
            work: Vec::new(),
        };
        for (file, facts) in self.world.facts.iter().enumerate() {
            for (at, def) in facts.defs.iter().enumerate() {
                let doubtful = self.confidence(file, at, def).0 < DOUBTFUL;
                let is_root = strict && doubtful && def.place == Place::Module && def.kind != Kind::Import
                    || def.exempt && def.place == Place::Module
                    || def.place == Place::Module && facts.exported.contains(&def.name)
                    || self.is_entry_point(file, def);
                if is_root {
                    marks.use_def((file, at));
                }
                if strict && doubtful && def.place == Place::Class && self.is_found_by_name(def) {
                    marks.use_def((file, at));
                }
            }
            let owners = by_owner.get(file).into_iter().flatten();
            for (owner, uses) in owners.filter(|(owner, _)| owner.is_none() || !strict) {
                uses.iter().for_each(|used| marks.activate(file, *owner, used));
            }
        }
        while let Some((file, def)) = marks.work.pop() {
            if let Some(facts) = self.world.facts.get(file)
                && let Some(Kind::Import) = facts.defs.get(def).map(|def| def.kind)
                && let Meaning::Top(target, name) = self.world.meaning(file, def)
            {
                marks.use_top(target, &name);
            }
            // A method that others may call is there as long as its class is; so is what Python calls.
            for member in self.members_of.get(&(file, def)).into_iter().flatten() {
                let found = self.world.facts.get(file).and_then(|facts| facts.defs.get(*member));
                if found.is_some_and(|found| found.exempt || self.confidence(file, *member, found).0 < DOUBTFUL) {
                    marks.use_def((file, *member));
                }
            }
            if strict && let Some(uses) = by_owner.get(file).and_then(|owners| owners.get(&Some(def))) {
                uses.iter().for_each(|used| marks.activate(file, Some(def), used));
            }
        }
        marks
    }

    // Whether something puts the member's name together, or a template reads it.
    fn is_found_by_name(&self, def: &Def) -> bool {
        self.has_prefix(&def.name) || self.world.templated.contains(&def.name)
    }

    // Whether a name begins like some that are put together; one letter says nothing.
    fn has_prefix(&self, name: &str) -> bool {
        (2..=name.len()).any(|length| name.get(..length).is_some_and(|start| self.prefixes.contains(start)))
    }

    fn qualified(&self, file: usize, def: &Def) -> Vec<String> {
        let module = self.world.project.name(file).unwrap_or_default();
        let owner =
            def.owner.and_then(|owner| self.world.facts.get(file)?.defs.get(owner)).map(|owner| owner.name.as_str());
        match owner.filter(|_| def.place == Place::Class) {
            Some(owner) => vec![
                format!("{module}.{owner}.{}", def.name),
                format!("{module}:{owner}.{}", def.name),
                format!("{owner}.{}", def.name),
            ],
            None => vec![format!("{module}.{}", def.name), format!("{module}:{}", def.name)],
        }
    }

    fn is_entry_point(&self, file: usize, def: &Def) -> bool {
        if def.place == Place::Local {
            return false;
        }
        let names = self.qualified(file, def);
        if names.iter().any(|name| self.world.configured.contains(name)) {
            return true;
        }
        let patterns = self.world.entry_points;
        let path = self.world.paths.get(file).map_or("", String::as_str);
        patterns.iter().any(|pattern| {
            glob(pattern, &def.name) || glob(pattern, path) || names.iter().any(|name| glob(pattern, name))
        })
    }

    // How sure it is that a definition without a use is dead, and what speaks against it.
    fn confidence(&self, file: usize, at: usize, def: &Def) -> (u8, Option<String>) {
        let private = def.name.starts_with('_');
        let base = match (def.kind, def.place) {
            (Kind::Import, _) => 90,
            (Kind::Function | Kind::Class, Place::Local) => 90,
            (Kind::Variable, Place::Local) => 80,
            (Kind::Parameter, _) => 80,
            (_, Place::Module) if private => 80,
            (_, Place::Class) if private => 70,
            _ => 60,
        };
        let mut least = (base, None);
        let mut cap = |most: u8, why: String| {
            if most < least.0 {
                least = (most, Some(why));
            }
        };
        for doubt in &def.doubts {
            if doubt.most == super::doubts::MAY_OVERRIDE.most
                && doubt.why == super::doubts::MAY_OVERRIDE.why
                && self.has_known_bases(file, def)
            {
                continue;
            }
            let by = def.decorator.as_ref().filter(|_| {
                doubt.why.contains("call") || doubt.why.contains("decorator") || doubt.why.contains("registered")
            });
            cap(doubt.most, by.map_or_else(|| doubt.why.to_owned(), |by| format!("{} (`@{by}`)", doubt.why)));
        }
        if def.kind == Kind::Parameter
            && let Some(function) = def.owner
            && self.referenced.contains(&(file, function))
        {
            cap(50, "its function is handed to others, who decide what it is given".to_owned());
        }
        if def.place != Place::Local {
            if self.qualified(file, def).iter().any(|name| self.strings.contains(name.as_str())) {
                cap(30, "a string names it in full".to_owned());
            } else if self.strings.contains(def.name.as_str()) && def.kind != Kind::Import {
                cap(if def.place == Place::Class { 50 } else { 59 }, "a string has its name".to_owned());
            }
            if let Some(by) = self.handed_on.get(&(file, at)) {
                cap(40, format!("`{by}` hands it on"));
            }
            if self.starred.contains(&file) && !private && def.place == Place::Module {
                cap(50, "somebody imports all names of its module".to_owned());
            }
        }
        if def.place == Place::Class {
            if self.has_prefix(&def.name) {
                cap(30, "names that begin like it are put together as the program runs".to_owned());
            }
            if self.world.templated.contains(&def.name) {
                cap(40, "a template has its name".to_owned());
            }
        }
        least
    }

    // Whether all bases of a method's class are classes of the project, all the way up.
    fn has_known_bases(&self, file: usize, def: &Def) -> bool {
        let mut work = vec![(file, def.owner)];
        let mut seen = BTreeSet::new();
        while let Some((file, owner)) = work.pop() {
            let Some(owner) = owner else { return false };
            if !seen.insert((file, owner)) {
                continue;
            }
            let Some(facts) = self.world.facts.get(file) else { return false };
            let Some(class) = facts.defs.get(owner) else { return false };
            for base in &class.bases {
                let first = base.split('.').next().unwrap_or_default();
                if matches!(base.rsplit('.').next(), Some("object" | "Generic" | "ABC" | "Protocol" | "@dataclass")) {
                    continue;
                }
                let Some(found) = facts.top.get(first).and_then(|defs| defs.last()) else { return false };
                match facts.defs.get(*found).map(|def| def.kind) {
                    Some(Kind::Class) if !base.contains('.') => work.push((file, Some(*found))),
                    Some(Kind::Import) => {
                        let target = match (self.world.meaning(file, *found), base.split_once('.')) {
                            (Meaning::Top(target, name), None) => Some((target, name)),
                            (Meaning::Module(module), Some((_, rest))) => {
                                self.world.project.file(&module).map(|file| (file, rest.to_owned()))
                            }
                            _ => None,
                        };
                        let Some((target, name)) = target else { return false };
                        let class = self.world.top(target, &name).find(|def| {
                            self.world
                                .facts
                                .get(target)
                                .and_then(|facts| facts.defs.get(*def))
                                .is_some_and(|def| def.kind == Kind::Class)
                        });
                        let Some(class) = class else { return false };
                        work.push((target, Some(class)));
                    }
                    _ => return false,
                }
            }
        }
        true
    }

    fn verdicts(&self, live: &Marks<'_>, any: &Marks<'_>) -> Vec<Dead> {
        let mut dead = Vec::new();
        for (file, facts) in self.world.facts.iter().enumerate() {
            let users = Users::of(facts);
            for (at, def) in facts.defs.iter().enumerate() {
                let id = (file, at);
                if def.exempt
                    || facts.exported.contains(&def.name) && def.place == Place::Module
                    || self.is_entry_point(file, def)
                {
                    continue;
                }
                let unread = !self.read.contains(def.name.as_str());
                let unused = !any.used.contains(&id);
                let is_dead = !live.used.contains(&id);
                let reported = match def.place {
                    Place::Local => unused || unread,
                    Place::Module if def.kind == Kind::Import => unused || unread,
                    Place::Module => is_dead || unread,
                    // What a dead class holds is told with its class, unless nobody reads its name anyway.
                    Place::Class => unread || is_dead && (unused || !self.owner_is_dead(file, def, live)),
                };
                if !reported {
                    continue;
                }
                let (mut confidence, against) = self.confidence(file, at, def);
                let mut why = if unread {
                    "its name is read nowhere".to_owned()
                } else if unused {
                    match def.place {
                        Place::Class => "nothing in the project reads an attribute of its name".to_owned(),
                        _ => "nothing uses it; the name is read where it means something else".to_owned(),
                    }
                } else {
                    confidence = confidence.min(70);
                    match self.user_of(file, at, &users) {
                        Some(user) => format!("only unused code uses it, such as `{user}`"),
                        None => "only unused code uses it".to_owned(),
                    }
                };
                if let Some(against) = against {
                    why.push_str(", but ");
                    why.push_str(&against);
                } else if confidence <= DOUBTFUL && !def.name.starts_with('_') && def.place != Place::Local {
                    why.push_str("; it is public, so code outside of the project may use it");
                }
                dead.push(Dead { id, confidence, why });
            }
        }
        dead
    }

    fn owner_is_dead(&self, file: usize, def: &Def, live: &Marks<'_>) -> bool {
        def.owner.is_some_and(|owner| {
            let exempt =
                self.world.facts.get(file).and_then(|facts| facts.defs.get(owner)).is_some_and(|owner| owner.exempt);
            !exempt && !live.used.contains(&(file, owner))
        })
    }

    fn user_of(&self, file: usize, at: usize, users: &Users<'_>) -> Option<&str> {
        let facts = self.world.facts.get(file)?;
        let name = facts.defs.get(at)?.name.as_str();
        let other = |found: Option<&Vec<(usize, usize)>>| found?.iter().copied().find(|(_, owner)| *owner != at);
        let of_def = other(users.of_def.get(&at));
        let of_name = other(users.of_name.get(name));
        let (_, owner) = of_def.into_iter().chain(of_name).min()?;
        facts.defs.get(owner).map(|def| def.name.as_str())
    }
}

// Who uses what in a file, in the order of its uses: the place in that order, and the user.
#[derive(Default)]
struct Users<'a> {
    of_def: BTreeMap<usize, Vec<(usize, usize)>>,
    of_name: BTreeMap<&'a str, Vec<(usize, usize)>>,
}

impl<'a> Users<'a> {
    fn of(facts: &'a Facts) -> Self {
        let mut users = Self::default();
        for (at, (owner, used)) in facts.uses.iter().enumerate() {
            let Some(owner) = *owner else { continue };
            match used {
                Use::Local(def, _) => users.of_def.entry(*def).or_default().push((at, owner)),
                Use::Attribute(name) => users.of_name.entry(name).or_default().push((at, owner)),
                _ => {}
            }
        }
        users
    }
}

impl<'a> Marks<'a> {
    fn use_def(&mut self, id: Id) {
        if self.used.insert(id) {
            self.work.push(id);
        }
    }

    fn use_top(&mut self, file: usize, name: &str) {
        if !self.tops.insert((file, name.to_owned())) {
            return;
        }
        let found: Vec<usize> = self.world.top(file, name).collect();
        if found.is_empty() {
            let stars = self.world.facts.get(file).map(|facts| facts.stars.as_slice()).unwrap_or_default();
            for target in stars.iter().filter_map(|star| self.world.star(file, star)) {
                self.use_top(target, name);
            }
        }
        found.into_iter().for_each(|def| self.use_def((file, def)));
    }

    fn use_attribute(&mut self, name: &str) {
        let Some((name, found)) = self.members.get_key_value(name) else { return };
        if self.attributes.insert(name) {
            found.iter().for_each(|id| self.use_def(*id));
        }
    }

    fn activate(&mut self, file: usize, owner: Option<usize>, used: &'a Use) {
        match used {
            Use::Local(def, _) => {
                if self.strict || !self.is_inside(file, owner, *def) {
                    self.use_def((file, *def));
                }
            }
            Use::Attribute(name) => {
                if !self.strict && self.is_own(file, owner, name) {
                    return;
                }
                self.use_attribute(name);
            }
            Use::Imported(def, path, _) => self.imported(file, *def, path),
            Use::Unbound(name) => {
                let stars = self.world.facts.get(file).map(|facts| facts.stars.as_slice()).unwrap_or_default();
                for target in stars.iter().filter_map(|star| self.world.star(file, star)) {
                    self.use_top(target, name);
                }
            }
        }
    }

    fn imported(&mut self, file: usize, def: usize, path: &[String]) {
        let mut rest = path;
        match self.world.meaning(file, def) {
            Meaning::ExternalModule => return,
            Meaning::Module(mut module) => {
                while let Some((first, others)) = rest.split_first() {
                    let inner = format!("{module}.{first}");
                    if !self.world.is_module(&inner) {
                        break;
                    }
                    module = inner;
                    rest = others;
                }
                if let (Some(target), Some((first, others))) = (self.world.project.file(&module), rest.split_first()) {
                    self.use_top(target, first);
                    rest = others;
                }
            }
            Meaning::Top(target, name) => self.use_top(target, &name),
            Meaning::Unknown => {}
        }
        rest.iter().for_each(|attribute| self.use_attribute(attribute));
    }

    // Whether a use stands in the body of what it uses.
    fn is_inside(&self, file: usize, owner: Option<usize>, def: usize) -> bool {
        let mut at = owner;
        while let Some(owner) = at {
            if owner == def {
                return true;
            }
            at = self.world.facts.get(file).and_then(|facts| facts.defs.get(owner)).and_then(|def| def.owner);
        }
        false
    }

    // Whether a method reads an attribute of its own name: it may be calling itself.
    fn is_own(&self, file: usize, owner: Option<usize>, name: &str) -> bool {
        let reader = owner.and_then(|owner| self.world.facts.get(file)?.defs.get(owner));
        reader.is_some_and(|reader| reader.name == name && reader.place == Place::Class)
            && self.members.get(name).is_some_and(|found| found.len() == 1)
    }
}

impl World<'_> {
    fn top(&self, file: usize, name: &str) -> impl Iterator<Item = usize> {
        self.facts.get(file).and_then(|facts| facts.top.get(name)).into_iter().flatten().copied()
    }

    fn is_module(&self, name: &str) -> bool {
        self.project.file(name).is_some() || self.project.is_namespace(name)
    }

    fn star(&self, file: usize, (level, module): &(u32, String)) -> Option<usize> {
        self.project.file(&self.project.absolute_module(file, &import(*level, module, None))?)
    }

    fn meaning(&self, file: usize, def: usize) -> Meaning {
        let target = self.facts.get(file).and_then(|facts| facts.defs.get(def)).and_then(|def| def.target.as_ref());
        let Some((level, module, name)) = target else { return Meaning::Unknown };
        let import = import(*level, module, name.as_deref());
        match self.project.resolve(file, &import) {
            Target::Module { whole: true, .. } | Target::Namespace => match self.project.absolute(file, &import) {
                Some(name) => Meaning::Module(name),
                None => Meaning::Unknown,
            },
            Target::Module { file, whole: false } => match name {
                Some(name) => Meaning::Top(file, name.clone()),
                None => Meaning::Unknown,
            },
            Target::External(_) if name.is_none() => Meaning::ExternalModule,
            Target::External(_) | Target::Missing(_) | Target::Beyond => Meaning::Unknown,
        }
    }

    /// Files that nothing leads to, with how sure that is and why.
    pub(super) fn unused_files(&self, kinds: &[super::doubts::FileKind]) -> Vec<(usize, u8, String)> {
        let mut reached: BTreeSet<usize> = BTreeSet::new();
        for (file, facts) in self.facts.iter().enumerate() {
            let imports = facts.defs.iter().filter_map(|def| def.target.as_ref());
            let stars = facts.stars.iter().map(|(level, module)| import(*level, module, None));
            let named = imports.map(|(level, module, name)| import(*level, module, name.as_deref()));
            let dotted = facts.uses.iter().filter_map(|(_, used)| match used {
                Use::Imported(def, path, _) => {
                    let (_, module, _) = facts.defs.get(*def)?.target.as_ref()?;
                    Some(import(0, &format!("{module}.{}", path.join(".")), None))
                }
                _ => None,
            });
            for import in named.chain(stars).chain(dotted) {
                let Some(mut name) = self.project.absolute(file, &import) else { continue };
                loop {
                    reached.extend(self.project.file(&name).filter(|target| *target != file));
                    match name.rsplit_once('.') {
                        Some((above, _)) => name = above.to_owned(),
                        None => break,
                    }
                }
            }
        }
        let mut found = Vec::new();
        if self.facts.len() < 2 {
            return found;
        }
        let strings: BTreeSet<&str> = self.facts.iter().flat_map(|facts| &facts.strings).map(String::as_str).collect();
        for (file, facts) in self.facts.iter().enumerate() {
            let Some(name) = self.project.name(file) else { continue };
            let loaded = kinds.get(file).is_none_or(|kind| kind.is_loaded_by_name || kind.is_stub) || facts.is_program;
            let inside = format!("{name}:");
            let is_named = strings.contains(name)
                || self.configured.contains(name)
                || self.configured.range(inside.clone()..).next().is_some_and(|word| word.starts_with(&inside));
            let path = self.paths.get(file).map_or("", String::as_str);
            let is_entry = self.entry_points.iter().any(|pattern| glob(pattern, path) || glob(pattern, name));
            if reached.contains(&file) || loaded || is_named || is_entry || facts.defs.is_empty() && !facts.acts {
                continue;
            }
            if facts.acts && !name.contains('.') {
                found.push((file, 40, "no file imports it, but it acts when it is run".to_owned()));
            } else if name.contains('.') {
                found.push((
                    file,
                    DOUBTFUL,
                    "no file imports it; it is public, so code outside of the project may".to_owned(),
                ));
            } else {
                found.push((file, 70, "no file imports it, and it is no program".to_owned()));
            }
        }
        found
    }
}

fn import(level: u32, module: &str, name: Option<&str>) -> Import {
    Import {
        level,
        module: module.to_owned(),
        name: name.map(str::to_owned),
        bound: None,
        when: When::Load,
        optional: false,
        range: TextRange::default(),
        statement: TextRange::default(),
    }
}

/// Whether a text matches a pattern in which `*` stands for anything.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn patterns_match_as_file_names_do() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*_handler", "on_handler", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b", "ab", true),
            ("a*a", "a", false),
            ("*", "", true),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
    }
}
