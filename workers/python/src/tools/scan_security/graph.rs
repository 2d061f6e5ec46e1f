//! How values flow through a project: nodes are values at places, edges say what goes into what; and the search over it.
//!
//! A call pairs with its return: a path that goes into a function through one call comes out at that call.

use octavo_toolkit::Range;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Calls a path may be inside of at once; deeper ones are not followed.
const MAX_DEPTH: usize = 8;
/// Steps of the search from one source; a path that needs more is not found.
const MAX_STEPS: usize = 200_000;

/// Kinds of sinks that a value is still dangerous for, a bit each.
pub(super) type Danger = u16;

/// What an edge does to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Nothing.
    Plain,
    /// Goes into the function of this call.
    Into(usize),
    /// Comes out of it.
    OutOf(usize),
}

/// Where a node's value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) range: Range,
    /// What it is, in few words.
    pub(super) what: String,
}

/// A call whose function is known by its name alone until all files are read.
#[derive(Debug, Clone)]
pub(super) struct CallSite {
    /// Full names the function may have.
    pub(super) names: Vec<String>,
    /// Values given by position; none where nothing known is given.
    pub(super) positional: Vec<BTreeSet<usize>>,
    pub(super) keywords: Vec<(String, BTreeSet<usize>)>,
    pub(super) result: usize,
    /// Whether it is a method of an object: its first parameter is that.
    pub(super) bound: bool,
}

/// A function's parameters and result.
#[derive(Debug, Clone, Default)]
pub(super) struct Function {
    pub(super) parameters: Vec<(String, usize)>,
    pub(super) result: usize,
    pub(super) is_method: bool,
}

#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) places: Vec<Place>,
    edges: Vec<Vec<(usize, Danger, Step)>>,
    pub(super) sources: Vec<usize>,
    /// By node: the kind of sink, as a bit.
    pub(super) sinks: BTreeMap<usize, Danger>,
    pub(super) functions: BTreeMap<String, Vec<Function>>,
    pub(super) calls: Vec<CallSite>,
    /// Values with a name that outlives a function: of modules, and of objects.
    named: BTreeMap<String, usize>,
}

/// A flow found: the nodes it goes through, and the kind of its sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flow {
    pub(super) path: Vec<usize>,
    pub(super) sink: Danger,
}

impl Graph {
    pub(super) fn node(&mut self, file: usize, range: Range, what: &str) -> usize {
        self.places.push(Place { file, range, what: what.to_owned() });
        self.edges.push(Vec::new());
        self.places.len() - 1
    }

    pub(super) fn edge(&mut self, from: usize, to: usize, keeps: Danger, step: Step) {
        if let Some(out) = self.edges.get_mut(from)
            && !out.contains(&(to, keeps, step))
        {
            out.push((to, keeps, step));
        }
    }

    /// The node of a name that outlives a function.
    pub(super) fn named(&mut self, name: &str, file: usize, range: Range) -> usize {
        if let Some(known) = self.named.get(name) {
            return *known;
        }
        let node = self.node(file, range, name.rsplit('.').next().unwrap_or(name));
        self.named.insert(name.to_owned(), node);
        node
    }

    /// Ties calls to the functions they call, now that all are known.
    pub(super) fn link(&mut self) {
        for (at, call) in self.calls.clone().into_iter().enumerate() {
            let name = call.names.iter().find(|name| self.functions.contains_key(*name));
            let found = name.and_then(|name| self.functions.get(name)).cloned().unwrap_or_default();
            // A class is called without its object.
            let makes = name.is_some_and(|name| name.ends_with(".__init__"));
            if found.is_empty() {
                // Nobody knows it: what goes in may come out.
                let given = call.positional.iter().chain(call.keywords.iter().map(|(_, nodes)| nodes));
                for node in given.flatten() {
                    self.edge(*node, call.result, Danger::MAX, Step::Plain);
                }
                continue;
            }
            for function in found {
                let skip = usize::from(function.is_method && (call.bound || makes));
                for (place, nodes) in call.positional.iter().enumerate() {
                    let parameter = function.parameters.get(place + skip).or(function.parameters.last());
                    if let Some((_, parameter)) = parameter {
                        nodes.iter().for_each(|node| self.edge(*node, *parameter, Danger::MAX, Step::Into(at)));
                    }
                }
                for (keyword, nodes) in &call.keywords {
                    let parameter = function.parameters.iter().find(|(name, _)| name == keyword);
                    if let Some((_, parameter)) = parameter.or(function.parameters.last()) {
                        nodes.iter().for_each(|node| self.edge(*node, *parameter, Danger::MAX, Step::Into(at)));
                    }
                }
                self.edge(function.result, call.result, Danger::MAX, Step::OutOf(at));
            }
        }
    }

    /// The shortest flow from each source to each sink it reaches.
    pub(super) fn flows(&self) -> Vec<Flow> {
        let mut found = Vec::new();
        for source in &self.sources {
            self.search(*source, &mut found);
        }
        found
    }

    fn search(&self, source: usize, found: &mut Vec<Flow>) {
        struct State {
            node: usize,
            keeps: Danger,
            stack: Vec<usize>,
            before: Option<usize>,
        }
        let mut states = vec![State { node: source, keeps: Danger::MAX, stack: Vec::new(), before: None }];
        let mut seen: BTreeSet<(usize, Danger, Vec<usize>)> = BTreeSet::from([(source, Danger::MAX, Vec::new())]);
        let mut queue = VecDeque::from([0]);
        let mut reached: BTreeSet<usize> = BTreeSet::new();
        while let Some(at) = queue.pop_front() {
            if states.len() > MAX_STEPS {
                return;
            }
            let Some(State { node, keeps, stack, .. }) = states.get(at) else { return };
            let (node, keeps, stack) = (*node, *keeps, stack.clone());
            if let Some(sink) = self.sinks.get(&node)
                && keeps & sink != 0
                && reached.insert(node)
            {
                let mut path = vec![node];
                let mut back = states.get(at).and_then(|state| state.before);
                while let Some(state) = back.and_then(|back| states.get(back)) {
                    path.push(state.node);
                    back = state.before;
                }
                path.reverse();
                found.push(Flow { path, sink: keeps & sink });
            }
            for (next, mask, step) in self.edges.get(node).into_iter().flatten() {
                let keeps = keeps & mask;
                if keeps == 0 {
                    continue;
                }
                let mut stack = stack.clone();
                match step {
                    Step::Plain => {}
                    Step::Into(call) => {
                        if stack.len() >= MAX_DEPTH || stack.contains(call) {
                            continue;
                        }
                        stack.push(*call);
                    }
                    Step::OutOf(call) => match stack.pop() {
                        Some(entered) if entered != *call => continue,
                        _ => {}
                    },
                }
                if seen.insert((*next, keeps, stack.clone())) {
                    states.push(State { node: *next, keeps, stack, before: Some(at) });
                    queue.push_back(states.len() - 1);
                }
            }
        }
    }
}
