//! Compares security requirements and security schemes.

use super::change::{Side, shown};
use super::openapi::Comparer;
use crate::support::openapi::{Edition, Spec};
use crate::support::tree::{NodeId, Span};
use std::collections::{BTreeMap, BTreeSet};

impl Comparer<'_, '_> {
    /// Compares lists of requirements, each known by the names of its schemes. `prefix` begins the rules' ids.
    pub(super) fn security(&mut self, old: Option<NodeId>, new: Option<NodeId>, prefix: &str) {
        type Scopes<'s> = BTreeMap<&'s str, BTreeSet<&'s str>>;
        fn read<'s>(spec: &Spec<'s>, list: Option<NodeId>) -> BTreeMap<Vec<&'s str>, (Span, Scopes<'s>)> {
            let items = list.map_or(&[][..], |list| spec.doc.items(list));
            let requirement = |id: &NodeId| {
                let scopes: Scopes<'s> = spec
                    .doc
                    .members(*id)
                    .iter()
                    .map(|member| {
                        (
                            &*member.key,
                            spec.doc.items(member.value).iter().filter_map(|scope| spec.doc.str(*scope)).collect(),
                        )
                    })
                    .collect();
                (scopes.keys().copied().collect(), (spec.doc.span(*id), scopes))
            };
            items.iter().map(requirement).collect()
        }
        let (before, after) = (read(self.base, old), read(self.revision, new));
        let say = |names: &[&str]| shown(&names.join(" and "));
        for (names, (span, scopes)) in before.iter().filter(|(names, _)| !names.is_empty()) {
            let Some((new_span, new_scopes)) = after.get(names) else {
                let message = format!("security `{}` was removed", say(names));
                self.add(&format!("{prefix}-removed"), (Side::Base, *span), "", message);
                continue;
            };
            for (name, old_scopes) in scopes {
                let Some(new_scopes) = new_scopes.get(name) else { continue };
                for scope in new_scopes.difference(old_scopes) {
                    let message = format!("security `{}` asks for scope `{}` now", shown(name), shown(scope));
                    self.add(&format!("{prefix}-scope-added"), (Side::Revision, *new_span), scope, message);
                }
                for scope in old_scopes.difference(new_scopes) {
                    let message = format!("security `{}` no longer asks for scope `{}`", shown(name), shown(scope));
                    self.add(&format!("{prefix}-scope-removed"), (Side::Base, *span), scope, message);
                }
            }
        }
        for (names, (span, _)) in after.iter().filter(|(names, _)| !names.is_empty() && !before.contains_key(*names)) {
            let message = format!("security `{}` was added", say(names));
            self.add(&format!("{prefix}-added"), (Side::Revision, *span), "", message);
        }
    }

    /// Compares the security schemes of the components.
    pub(super) fn security_schemes(&mut self) {
        let (old, new) = (self.base.components("securitySchemes"), self.revision.components("securitySchemes"));
        let news: BTreeMap<&str, _> = new.iter().map(|member| (&*member.key, member)).collect();
        let olds: BTreeSet<&str> = old.iter().map(|member| &*member.key).collect();
        for member in old {
            let name = shown(&member.key);
            let Some(other) = news.get(&*member.key) else {
                let message = format!("security scheme `{name}` was removed");
                self.add("api-security-component-removed", (Side::Base, member.key_span), "", message);
                continue;
            };
            let (Some(before), Some(after)) = (self.base.resolve(member.value), self.revision.resolve(other.value))
            else {
                continue;
            };
            let (was, is) = (self.base.doc.get_str(before, "type"), self.revision.doc.get_str(after, "type"));
            if was != is {
                let message = format!(
                    "security scheme `{name}` is of type `{}` instead of `{}`",
                    shown(is.unwrap_or("none")),
                    shown(was.unwrap_or("none"))
                );
                self.add("api-security-component-type-changed", self.at_member(after, "type"), "", message);
            }
            self.flows(&name, before, after);
        }
        for member in new.iter().filter(|member| !olds.contains(&*member.key)) {
            let message = format!("security scheme `{}` was added", shown(&member.key));
            self.add("api-security-component-added", (Side::Revision, member.key_span), "", message);
        }
    }

    fn flows(&mut self, name: &str, old: NodeId, new: NodeId) {
        // Swagger's scheme is its one flow.
        fn flows<'s>(spec: &Spec<'s>, scheme: NodeId) -> BTreeMap<&'s str, NodeId> {
            match spec.edition {
                Edition::Swagger2 => spec.doc.get_str(scheme, "flow").map(|flow| (flow, scheme)).into_iter().collect(),
                Edition::OpenApi30 | Edition::OpenApi31 => {
                    let all = spec.doc.get(scheme, "flows").map_or(&[][..], |flows| spec.doc.members(flows));
                    all.iter().map(|member| (&*member.key, member.value)).collect()
                }
            }
        }
        fn scopes<'s>(spec: &Spec<'s>, flow: NodeId) -> BTreeMap<&'s str, Option<&'s str>> {
            let all = spec.doc.get(flow, "scopes").map_or(&[][..], |scopes| spec.doc.members(scopes));
            all.iter().map(|member| (&*member.key, spec.doc.str(member.value))).collect()
        }
        let after = flows(self.revision, new);
        for (flow, old) in flows(self.base, old) {
            let Some(new) = after.get(flow).copied() else { continue };
            for (key, id) in [
                ("authorizationUrl", "api-security-component-oauth-url-changed"),
                ("tokenUrl", "api-security-component-oauth-token-url-changed"),
            ] {
                if self.base.doc.get_str(old, key) != self.revision.doc.get_str(new, key) {
                    let message = format!("{key} of security scheme `{name}` changed");
                    self.add(id, self.at_member(new, key), "", message);
                }
            }
            let (olds, news) = (scopes(self.base, old), scopes(self.revision, new));
            let at = self.at_member(new, "scopes");
            for (scope, text) in &olds {
                let words = format!("scope `{}` of security scheme `{name}`", shown(scope));
                match news.get(scope) {
                    None => self.add(
                        "api-security-component-oauth-scope-removed",
                        at,
                        scope,
                        format!("{words} was removed"),
                    ),
                    Some(other) if other != text => {
                        let message = format!("{words} is described otherwise");
                        self.add("api-security-component-oauth-scope-changed", at, scope, message);
                    }
                    Some(_) => {}
                }
            }
            for scope in news.keys().filter(|scope| !olds.contains_key(*scope)) {
                let message = format!("scope `{}` of security scheme `{name}` was added", shown(scope));
                self.add("api-security-component-oauth-scope-added", at, scope, message);
            }
        }
    }
}
