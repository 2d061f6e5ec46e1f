//! A list of things that have names, and are found by them without a look at each: tables of a schema, columns of a table.

use super::Dialect;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};

/// In shorter lists looking at each is quicker.
const FEW: usize = 16;

/// What has a name.
pub trait HasName {
    /// Its name.
    fn name(&self) -> &str;
}

/// A list of such things, in order. Whatever changes it as a list makes the places be found out anew.
#[derive(Debug, Clone)]
pub struct Named<T> {
    items: Vec<T>,
    // The places of each name, and of each in lower case.
    places: OnceCell<Places>,
    folded: OnceCell<Places>,
}

impl<T: HasName> Named<T> {
    /// The place of the first one with this name.
    pub fn position(&self, name: &str) -> Option<usize> {
        if self.items.len() <= FEW {
            return self.items.iter().position(|item| item.name() == name);
        }
        let places = self.places.get_or_init(|| self.items.iter().map(|item| item.name().to_owned()).collect());
        places.first(name)
    }

    /// The place of the first one whose name is this one to a dialect.
    pub fn position_in(&self, name: &str, dialect: Dialect) -> Option<usize> {
        if dialect == Dialect::PostgreSql {
            return self.position(name);
        }
        if self.items.len() <= FEW {
            return self.items.iter().position(|item| item.name().eq_ignore_ascii_case(name));
        }
        let folded =
            self.folded.get_or_init(|| self.items.iter().map(|item| item.name().to_ascii_lowercase()).collect());
        folded.first(&name.to_ascii_lowercase())
    }

    /// The first one with this name.
    pub fn named(&self, name: &str) -> Option<&T> {
        self.items.get(self.position(name)?)
    }

    /// The first one whose name is this one to a dialect.
    pub fn named_in(&self, name: &str, dialect: Dialect) -> Option<&T> {
        self.items.get(self.position_in(name, dialect)?)
    }

    /// The one at a place, to change anything of it but its name.
    pub fn same_named_mut(&mut self, at: usize) -> Option<&mut T> {
        self.items.get_mut(at)
    }

    /// Adds one at the end.
    pub fn push(&mut self, item: T) {
        let at = self.items.len();
        self.note(at, item.name());
        self.items.push(item);
    }

    fn note(&mut self, at: usize, name: &str) {
        if let Some(places) = self.places.get_mut() {
            places.add(name.to_owned(), at);
        }
        if let Some(folded) = self.folded.get_mut() {
            folded.add(name.to_ascii_lowercase(), at);
        }
    }

    /// Changes the one at a place, its name too.
    pub fn change(&mut self, at: usize, change: impl FnOnce(&mut T)) {
        let Some(item) = self.items.get_mut(at) else { return };
        let old = item.name().to_owned();
        change(item);
        let new = item.name().to_owned();
        if old != new {
            if let Some(places) = self.places.get_mut() {
                places.remove(&old, at);
            }
            if let Some(folded) = self.folded.get_mut() {
                folded.remove(&old.to_ascii_lowercase(), at);
            }
            self.note(at, &new);
        }
    }

    /// All of them in order, to change anything of them but their names.
    pub fn all_same_named_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.items.iter_mut()
    }

    /// Takes away those of a name.
    pub fn remove_named(&mut self, name: &str) {
        if self.position(name).is_some() {
            self.retain(|item| item.name() != name);
        }
    }
}

// The first place of each name, and further ones: there are few.
#[derive(Debug, Clone, Default)]
struct Places(BTreeMap<String, (usize, BTreeSet<usize>)>);

impl Places {
    fn first(&self, name: &str) -> Option<usize> {
        self.0.get(name).map(|(first, _)| *first)
    }

    fn add(&mut self, name: String, at: usize) {
        let (first, more) = self.0.entry(name).or_insert_with(|| (at, BTreeSet::new()));
        if at < *first {
            more.insert(std::mem::replace(first, at));
        } else if at > *first {
            more.insert(at);
        }
    }

    fn remove(&mut self, name: &str, at: usize) {
        let Some((first, more)) = self.0.get_mut(name) else { return };
        if *first != at {
            more.remove(&at);
        } else if let Some(next) = more.pop_first() {
            *first = next;
        } else {
            self.0.remove(name);
        }
    }
}

impl FromIterator<String> for Places {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        let mut places = Self::default();
        for (at, name) in names.into_iter().enumerate() {
            places.add(name, at);
        }
        places
    }
}

impl<T> Deref for Named<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.items
    }
}

impl<T> DerefMut for Named<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        self.places.take();
        self.folded.take();
        &mut self.items
    }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl<T> From<Vec<T>> for Named<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, places: OnceCell::new(), folded: OnceCell::new() }
    }
}

impl<T> FromIterator<T> for Named<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::from(items.into_iter().collect::<Vec<T>>())
    }
}

impl<T: PartialEq> PartialEq for Named<T> {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

impl<T> IntoIterator for Named<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'n, T> IntoIterator for &'n Named<T> {
    type Item = &'n T;
    type IntoIter = std::slice::Iter<'n, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<'n, T> IntoIterator for &'n mut Named<T> {
    type Item = &'n mut T;
    type IntoIter = std::slice::IterMut<'n, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl HasName for String {
        fn name(&self) -> &str {
            self
        }
    }

    #[test]
    fn names_are_found_after_every_change() {
        for count in [1, FEW, FEW + 1, 100] {
            let mut list: Named<String> = (0..count).map(|at| format!("A{at}")).collect();
            assert_eq!((list.position("A0"), list.position("a0")), (Some(0), None));
            assert_eq!(list.position_in("a0", Dialect::MySql), Some(0));
            assert_eq!(list.position_in("a0", Dialect::PostgreSql), None);
            list.push("A0".to_owned());
            list.push("new".to_owned());
            assert_eq!((list.position("A0"), list.position("new")), (Some(0), Some(count + 1)));
            list.remove_named("A0");
            assert_eq!((list.position("A0"), list.position("new")), (None, Some(count - 1)));
            list.change(count - 1, |name| "moved".clone_into(name));
            assert_eq!((list.position("new"), list.position("moved")), (None, Some(count - 1)));
            list[count - 1] = "other".to_owned();
            assert_eq!((list.position("moved"), list.named("other").is_some()), (None, true));
            assert_eq!(list.named_in("OTHER", Dialect::Sqlite).map(String::as_str), Some("other"));
        }
    }
}
