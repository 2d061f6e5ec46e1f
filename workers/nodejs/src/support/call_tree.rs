//! Stacks with weights, merged into one tree, and what each function and group of functions has of the whole.
//!
//! A function counts once in a stack however often it recurs. Knows nothing of where stacks come from, nor of time: a
//! weight may be microseconds, bytes or samples.

use crate::support::Map;

/// A function at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Frame {
    /// Its name.
    pub name: String,
    /// The file or URL it stands in; empty where none is known.
    pub file: String,
    /// Line, from 1.
    pub line: Option<i64>,
    /// Column, from 1.
    pub column: Option<i64>,
}

/// The tree of stacks. Node 0 is the root, which is no function.
#[derive(Debug, Default)]
pub struct CallTree {
    /// The functions, in the order they were first seen.
    pub frames: Vec<Frame>,
    /// The nodes, each after its parent.
    pub nodes: Vec<Node>,
    known_frames: Map<Frame, u32>,
    known_children: Map<(u32, u32), u32>,
}

/// A function as called through one path of callers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Node {
    /// The caller.
    pub parent: u32,
    /// The function; of no meaning in the root.
    pub frame: u32,
    /// Weight spent in it alone.
    pub own: f64,
}

/// What a function, or a group of them, has of the whole.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Share {
    /// In it alone.
    pub own: f64,
    /// In it and what it called.
    pub total: f64,
}

/// A step of a walk through the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Down into a node.
    Enter(usize),
    /// Up out of it.
    Leave(usize),
}

/// The root's number.
pub const ROOT: u32 = 0;

impl CallTree {
    /// A tree of nothing but its root.
    pub fn new() -> Self {
        Self { nodes: vec![Node::default()], ..Self::default() }
    }

    /// The number of a function.
    pub fn frame(&mut self, frame: Frame) -> u32 {
        if let Some(known) = self.known_frames.get(&frame) {
            return *known;
        }
        let number = number(self.frames.len());
        self.frames.push(frame.clone());
        self.known_frames.insert(frame, number);
        number
    }

    /// The node of a function called from `parent`.
    pub fn child(&mut self, parent: u32, frame: u32) -> u32 {
        let next = number(self.nodes.len());
        let child = *self.known_children.entry((parent, frame)).or_insert(next);
        if child == next {
            self.nodes.push(Node { parent, frame, own: 0.0 });
        }
        child
    }

    /// Adds weight to a node.
    pub fn add(&mut self, node: u32, weight: f64) {
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.own += weight;
        }
    }

    /// Adds a stack, its outermost function first.
    pub fn add_stack(&mut self, stack: impl IntoIterator<Item = u32>, weight: f64) {
        let mut node = ROOT;
        for frame in stack {
            node = self.child(node, frame);
        }
        self.add(node, weight);
    }

    /// What every node has with all below it.
    pub fn totals(&self) -> Vec<f64> {
        let mut totals: Vec<f64> = self.nodes.iter().map(|node| node.own).collect();
        for at in (1..self.nodes.len()).rev() {
            let total = totals.get(at).copied().unwrap_or_default();
            let parent = self.nodes.get(at).map_or(0, |node| node.parent as usize);
            if let Some(above) = totals.get_mut(parent) {
                *above += total;
            }
        }
        totals
    }

    /// What every group of functions has; `group_of` has a group for each function.
    pub fn shares(&self, group_of: &[u32], groups: usize) -> Vec<Share> {
        let totals = self.totals();
        let mut shares = vec![Share::default(); groups];
        let mut on_path = vec![0_u32; groups];
        let group = |at: usize| self.nodes.get(at).and_then(|node| group_of.get(node.frame as usize)).copied();
        for step in self.walk(&totals) {
            let (Step::Enter(at) | Step::Leave(at)) = step;
            let Some(group) = group(at).map(|group| group as usize) else { continue };
            let (Some(share), Some(depth)) = (shares.get_mut(group), on_path.get_mut(group)) else { continue };
            if matches!(step, Step::Leave(_)) {
                *depth = depth.saturating_sub(1);
                continue;
            }
            if *depth == 0 {
                share.total += totals.get(at).copied().unwrap_or_default();
            }
            share.own += self.nodes.get(at).map_or(0.0, |node| node.own);
            *depth += 1;
        }
        shares
    }

    /// Every node below the root on the way down and up, heavier ones first among those of one caller.
    pub fn walk(&self, totals: &[f64]) -> Vec<Step> {
        let children = self.children(totals);
        let mut steps = Vec::with_capacity(self.nodes.len() * 2);
        let mut path: Vec<(usize, usize)> = vec![(0, 0)];
        while let Some((node, next)) = path.last_mut() {
            let child = children.get(*node).and_then(|list| list.get(*next)).copied();
            *next += 1;
            if let Some(child) = child {
                steps.push(Step::Enter(child as usize));
                path.push((child as usize, 0));
            } else {
                if *node != 0 {
                    steps.push(Step::Leave(*node));
                }
                path.pop();
            }
        }
        steps
    }

    /// The functions of a node's path, the outermost first.
    pub fn path(&self, node: usize) -> Vec<u32> {
        let mut frames = Vec::new();
        let mut at = node;
        while let Some(node) = self.nodes.get(at).filter(|_| at != 0) {
            frames.push(node.frame);
            at = node.parent as usize;
        }
        frames.reverse();
        frames
    }

    fn children(&self, totals: &[f64]) -> Vec<Vec<u32>> {
        let mut children: Vec<Vec<u32>> = vec![Vec::new(); self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate().skip(1) {
            if let Some(list) = children.get_mut(node.parent as usize) {
                list.push(number(at));
            }
        }
        let total = |at: &u32| totals.get(*at as usize).copied().unwrap_or_default();
        for list in &mut children {
            list.sort_by(|one, other| total(other).total_cmp(&total(one)).then(one.cmp(other)));
        }
        children
    }
}

/// Numbers of things in memory fit 32 bits: texts are far below 4 GiB.
pub fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A line or column as a [`Frame`] has it, from one that V8 counts from 0.
#[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
pub fn from_one(number: f64) -> i64 {
    (number as i64).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_one_and_do_not_overflow() {
        assert_eq!([0.0, 41.0, -1.0].map(from_one), [1, 42, 0]);
        assert_eq!(from_one(1e300), i64::MAX);
    }

    #[test]
    fn a_function_counts_once_in_a_stack() {
        let mut tree = CallTree::new();
        let [a, b] = ["a", "b"].map(|name| tree.frame(Frame { name: name.to_owned(), ..Frame::default() }));
        tree.add_stack([a], 1.0);
        tree.add_stack([a, b, a], 2.0);
        tree.add_stack([a, b], 4.0);
        assert_eq!(tree.shares(&[0, 1], 2), [Share { own: 3.0, total: 7.0 }, Share { own: 4.0, total: 6.0 }]);
        assert_eq!(tree.shares(&[0, 0], 1), [Share { own: 7.0, total: 7.0 }]);
        assert_eq!(tree.path(3), [a, b, a]);
        assert_eq!(tree.totals(), [7.0, 7.0, 6.0, 2.0]);
    }
}
