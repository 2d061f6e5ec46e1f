//! Which differences between two Rust items break callers, by the lints of cargo-semver-checks that show in the source.
//!
//! A lint that the tool's rules do not have is not told.

use super::model::{Change, Place, Side, What, shown, tell};
use super::rust_read::{Field, Form, Function, Generics, Item, Kind, Member, MemberKind, Receiver, Variant};
use std::collections::BTreeMap;

pub(super) struct Comparison<'c> {
    pub(super) changes: &'c mut Vec<Change>,
}

const fn after(file: usize, span: &std::ops::Range<usize>) -> Place {
    Place::new(Side::After, file, span.start..span.end)
}

const fn before(file: usize, span: &std::ops::Range<usize>) -> Place {
    Place::new(Side::Before, file, span.start..span.end)
}

// How lints call an item that went.
const fn family(kind: Kind) -> &'static str {
    match kind {
        Kind::Const => "pub_module_level_const",
        Kind::Static => "pub_static",
        kind => kind.word(),
    }
}

impl Comparison<'_> {
    fn tell(&mut self, id: &str, place: Place, message: String) {
        tell(self.changes, id, What::Changed, place, message);
    }

    /// Tells an item that can no longer be named.
    pub(super) fn missing(&mut self, path: &str, was: &Item, still: bool) {
        let message = format!("{} {} is gone", was.kind.word(), shown(path));
        let id = match was.kind {
            Kind::Macro if still => "macro_no_longer_exported".to_owned(),
            Kind::Macro => "declarative_macro_missing".to_owned(),
            Kind::Alias => "export-removed".to_owned(),
            kind => format!("{}_missing", family(kind)),
        };
        tell(self.changes, &id, What::Removed, before(was.file, &was.span), message);
    }

    /// Tells an item that is new.
    pub(super) fn added(&mut self, side: Side, path: &str, now: &Item) {
        let message = format!("{} {} is new", now.kind.word(), shown(path));
        tell(self.changes, "export-added", What::Added, Place::new(side, now.file, now.span.clone()), message);
    }

    /// Compares two items under one path.
    pub(super) fn items(&mut self, path: &str, was: &Item, now: &Item, was_sealed: bool, is_sealed: bool) {
        let name = shown(path);
        let place = || after(now.file, &now.span);
        if now.attributes.is_hidden() && was.kind != now.kind {
            return self.missing(path, was, false);
        }
        if now.attributes.is_hidden() {
            let id = format!("{}_now_doc_hidden", family(now.kind));
            return self.tell(
                &id,
                place(),
                format!("{} {name} is hidden from the documentation, and so no longer public", now.kind.word()),
            );
        }
        if was.kind != now.kind {
            self.changed_kind(&name, was, now);
            if now.kind != Kind::Alias && now.kind.space() == 0 {
                self.inherent(&name, was, now);
            }
            return;
        }
        let word = was.kind.word();
        if now.attributes.must_use && !was.attributes.must_use {
            self.tell(&format!("{word}_must_use_added"), place(), format!("{word} {name} must be used now"));
        }
        if now.attributes.deprecated && !was.attributes.deprecated {
            let id = match was.kind {
                Kind::Struct | Kind::Enum | Kind::Union => "type_marked_deprecated".to_owned(),
                Kind::Const | Kind::Static => "global_value_marked_deprecated".to_owned(),
                _ => format!("{word}_marked_deprecated"),
            };
            self.tell(&id, place(), format!("{word} {name} is deprecated now"));
        }
        match was.kind {
            Kind::Function => self.functions(&name, "function", &was.function, &now.function, &place()),
            Kind::Static if was.is_mut && !now.is_mut => {
                self.tell("pub_static_mut_now_immutable", place(), format!("static {name} can no longer be changed"));
            }
            Kind::Struct => self.structs(&name, was, now),
            Kind::Enum => self.enums(&name, was, now),
            Kind::Union => self.fields("union", &name, (&was.fields, was.file), (&now.fields, now.file)),
            Kind::Trait => self.traits(&name, was, now, was_sealed, is_sealed),
            _ => {}
        }
        match was.kind {
            Kind::Struct | Kind::Enum | Kind::Union => {
                self.generics("type", &name, &was.generics, &now.generics, &place());
                self.derives(&name, was, now);
                self.repr(word, &name, was, now);
                self.inherent(&name, was, now);
            }
            Kind::Trait => self.generics("trait", &name, &was.generics, &now.generics, &place()),
            Kind::Function => self.type_parameters("function", &name, &was.generics, &now.generics, &place()),
            _ => {}
        }
    }

    fn changed_kind(&mut self, name: &str, was: &Item, now: &Item) {
        let place = after(now.file, &now.span);
        let message = format!("{name} was a {}, and is a {} now", was.kind.word(), now.kind.word());
        // A type alias may stand for what was there.
        if now.kind == Kind::Alias {
            return;
        }
        let id = match was.kind {
            Kind::Struct if was.fields.iter().any(|field| field.public) => "struct_with_pub_fields_changed_type",
            Kind::Struct if was.attributes.non_exhaustive => "non_exhaustive_struct_changed_type",
            Kind::Struct if was.fields.is_empty() => "constructible_struct_changed_type",
            Kind::Struct => "struct_with_no_pub_fields_changed_type",
            Kind::Enum => "enum_changed_kind",
            Kind::Union if now.kind == Kind::Struct => {
                let public: Vec<&str> =
                    was.fields.iter().filter(|field| field.public).map(|field| field.name.as_str()).collect();
                let same = now.fields.iter().all(|field| field.public) && now.fields.len() == 1;
                match public.as_slice() {
                    [_, _, ..] => "union_with_multiple_pub_fields_changed_to_struct",
                    [one] if !same || now.fields.iter().any(|field| field.name != *one) => {
                        "union_changed_to_incompatible_struct"
                    }
                    _ => return,
                }
            }
            Kind::Union => "union_changed_kind",
            Kind::Trait => "trait_changed_kind",
            Kind::Static | Kind::Const if matches!(now.kind, Kind::Static | Kind::Const) => "export-kind-changed",
            Kind::Static => "pub_static_missing",
            Kind::Const => "pub_module_level_const_missing",
            Kind::Function => "function_missing",
            _ => "export-kind-changed",
        };
        self.tell(id, place, message);
    }

    fn functions(&mut self, name: &str, family: &str, was: &Function, now: &Function, place: &Place) {
        let counted = if family == "inherent_method" { "method" } else { family };
        if was.parameters != now.parameters && was.receiver == now.receiver {
            let message = format!("{name} took {} parameters, and takes {} now", was.parameters, now.parameters);
            self.tell(&format!("{counted}_parameter_count_changed"), place.clone(), message);
        }
        if now.is_unsafe && !was.is_unsafe {
            self.tell(&format!("{family}_unsafe_added"), place.clone(), format!("{name} is unsafe to call now"));
        }
        if was.is_unsafe && !now.is_unsafe && family == "trait_method" {
            self.tell(
                "trait_method_unsafe_removed",
                place.clone(),
                format!("{name} is no longer unsafe, so unsafe impls do not compile"),
            );
        }
        if was.is_const && !now.is_const {
            self.tell(
                &format!("{family}_const_removed"),
                place.clone(),
                format!("{name} can no longer be called in constants"),
            );
        }
        if was.returns && !now.returns {
            self.tell(
                &format!("{family}_now_returns_unit"),
                place.clone(),
                format!("{name} no longer returns anything"),
            );
        }
        if now.returns && !was.returns && family == "trait_method" {
            self.tell("trait_method_return_value_added", place.clone(), format!("{name} returns something now"));
        }
        if plain_abi(&was.abi) != plain_abi(&now.abi) {
            let id = format!("{family}_changed_abi");
            self.tell(&id, place.clone(), format!("{name} is called by another convention now"));
        }
        self.receivers(name, counted, &was.receiver, &now.receiver, place);
    }

    fn receivers(&mut self, name: &str, family: &str, was: &Receiver, now: &Receiver, place: &Place) {
        let of_trait = family == "trait_method";
        let id = match (was, now) {
            (Receiver::None, Receiver::None) => return,
            (_, Receiver::None) => "no_longer_has_receiver",
            (Receiver::None, _) if of_trait => "receiver_added",
            (Receiver::Ref(_), Receiver::Mut(_)) => "receiver_ref_became_mut",
            (Receiver::Ref(_), Receiver::Owned(_)) => "receiver_ref_became_owned",
            (Receiver::Mut(_), Receiver::Owned(_)) => "receiver_mut_ref_became_owned",
            (Receiver::Mut(_), Receiver::Ref(_)) if of_trait => "receiver_mut_ref_became_ref",
            (Receiver::Owned(_), Receiver::Ref(_)) if of_trait => "receiver_owned_became_ref",
            (Receiver::Owned(_), Receiver::Mut(_)) if of_trait => "receiver_owned_became_mut_ref",
            (Receiver::Owned(one), Receiver::Owned(other))
            | (Receiver::Ref(one), Receiver::Ref(other))
            | (Receiver::Mut(one), Receiver::Mut(other))
                if one != other =>
            {
                "receiver_type_changed"
            }
            _ => return,
        };
        self.tell(&format!("{family}_{id}"), place.clone(), format!("{name} takes its value otherwise now"));
    }

    fn structs(&mut self, name: &str, was: &Item, now: &Item) {
        let place = || after(now.file, &now.span);
        let open = |item: &Item| {
            !item.attributes.non_exhaustive
                && item.fields.iter().all(|field| field.public && !field.attributes.is_hidden())
        };
        if now.attributes.non_exhaustive
            && !was.attributes.non_exhaustive
            && was.fields.iter().all(|field| field.public)
        {
            self.tell(
                "struct_marked_non_exhaustive",
                place(),
                format!("struct {name} can no longer be made or matched in full by others"),
            );
        }
        if was.form == Form::Unit && now.form != Form::Unit && !was.attributes.non_exhaustive {
            self.tell(
                "unit_struct_changed_kind",
                place(),
                format!("struct {name} has fields now, and its name is no value"),
            );
        }
        if was.form == Form::Tuple && now.form == Form::Plain && open(was) && !was.fields.is_empty() {
            self.tell("tuple_struct_to_plain_struct", place(), format!("struct {name} names its fields now"));
        }
        if was.form == now.form && open(was) && !now.attributes.non_exhaustive && was.form != Form::Unit {
            let known: BTreeMap<&str, &Field> = was.fields.iter().map(|field| (field.name.as_str(), field)).collect();
            let fresh = |public: bool| now.fields.iter().filter(move |field| field.public == public);
            let private: Vec<&Field> = fresh(false).filter(|field| !known.contains_key(field.name.as_str())).collect();
            if let Some(field) = private.first() {
                let message =
                    format!("struct {name} has a private field {}, so others cannot make it", shown(&field.name));
                self.tell("constructible_struct_adds_private_field", after(now.file, &field.span), message);
            } else {
                for field in fresh(true).filter(|field| !known.contains_key(field.name.as_str())) {
                    let message =
                        format!("struct {name} needs a field {} more where others make it", shown(&field.name));
                    self.tell("constructible_struct_adds_field", after(now.file, &field.span), message);
                }
            }
        }
        if was.form == now.form {
            self.fields("struct", name, (&was.fields, was.file), (&now.fields, now.file));
        } else if was.form == Form::Plain && was.fields.iter().any(|field| field.public) {
            self.tell("signature-changed", place(), format!("struct {name} no longer names its fields"));
        }
    }

    // Public fields that went, or that changed what they say.
    fn fields(
        &mut self,
        word: &str,
        name: &str,
        (was, was_file): (&[Field], usize),
        (now, now_file): (&[Field], usize),
    ) {
        let known: BTreeMap<&str, &Field> = now.iter().map(|field| (field.name.as_str(), field)).collect();
        for field in was.iter().filter(|field| field.public && !field.attributes.is_hidden()) {
            let own = shown(&field.name);
            match known.get(field.name.as_str()) {
                Some(same) if same.public => {
                    if same.attributes.is_hidden() {
                        let id = format!("{word}_pub_field_now_doc_hidden");
                        self.tell(
                            &id,
                            after(now_file, &same.span),
                            format!("field {own} of {name} is hidden from the documentation"),
                        );
                    }
                    if same.attributes.deprecated && !field.attributes.deprecated {
                        let id = format!("{word}_field_marked_deprecated");
                        self.tell(&id, after(now_file, &same.span), format!("field {own} of {name} is deprecated now"));
                    }
                }
                _ => {
                    let id = if word == "struct" { "struct_pub_field_missing" } else { "union_field_missing" };
                    let message = format!("public field {own} of {name} is gone");
                    tell(self.changes, id, What::Removed, before(was_file, &field.span), message);
                }
            }
        }
    }

    fn enums(&mut self, name: &str, was: &Item, now: &Item) {
        let place = || after(now.file, &now.span);
        let (closed_before, closed) = (!was.attributes.non_exhaustive, !now.attributes.non_exhaustive);
        if closed_before && !closed {
            self.tell(
                "enum_marked_non_exhaustive",
                place(),
                format!("a match of enum {name} needs an arm for what may come"),
            );
        }
        if !closed_before && closed {
            self.tell(
                "enum_no_longer_non_exhaustive",
                place(),
                format!("a match of enum {name} need no longer have an arm for what may come"),
            );
        }
        let known: BTreeMap<&str, &Variant> = now.variants.iter().map(|one| (one.name.as_str(), one)).collect();
        let had: BTreeMap<&str, &Variant> = was.variants.iter().map(|one| (one.name.as_str(), one)).collect();
        for variant in was.variants.iter().filter(|variant| !variant.attributes.is_hidden()) {
            if let Some(same) = known.get(variant.name.as_str()) {
                self.variants(name, variant, same, was, now);
            } else {
                let message = format!("variant {} of {name} is gone", shown(&variant.name));
                tell(self.changes, "enum_variant_missing", What::Removed, before(was.file, &variant.span), message);
            }
        }
        for variant in now.variants.iter().filter(|variant| !had.contains_key(variant.name.as_str())) {
            let message = format!("enum {name} has a variant {} more", shown(&variant.name));
            let id = if closed && closed_before { "enum_variant_added" } else { "export-added" };
            tell(self.changes, id, What::Added, after(now.file, &variant.span), message);
        }
    }

    fn variants(&mut self, name: &str, was: &Variant, now: &Variant, from: &Item, to: &Item) {
        let own = format!("variant {} of {name}", shown(&was.name));
        let place = || after(to.file, &now.span);
        let fixed = |id: &str| id.to_owned();
        if now.attributes.non_exhaustive && !was.attributes.non_exhaustive {
            self.tell(
                "enum_variant_marked_non_exhaustive",
                place(),
                format!("{own} can no longer be made or matched in full by others"),
            );
        }
        if was.attributes.non_exhaustive && !now.attributes.non_exhaustive {
            self.tell(
                "enum_variant_no_longer_non_exhaustive",
                place(),
                format!("{own} can be made and matched in full by others now"),
            );
        }
        if now.attributes.deprecated && !was.attributes.deprecated {
            self.tell("enum_variant_marked_deprecated", place(), format!("{own} is deprecated now"));
        }
        if was.form != now.form {
            let id = match was.form {
                Form::Unit => fixed("enum_unit_variant_changed_kind"),
                Form::Tuple => fixed("enum_tuple_variant_changed_kind"),
                Form::Plain => fixed("enum_struct_variant_changed_kind"),
            };
            if !was.attributes.non_exhaustive {
                self.tell(&id, place(), format!("{own} has its fields in another form now"));
            } else if was.form == Form::Tuple {
                self.tell(
                    "enum_non_exhaustive_tuple_variant_changed_kind",
                    place(),
                    format!("{own} has its fields in another form now"),
                );
            }
            return;
        }
        let form = if was.form == Form::Tuple { "tuple" } else { "struct" };
        let known: BTreeMap<&str, &Field> = now.fields.iter().map(|field| (field.name.as_str(), field)).collect();
        let had: BTreeMap<&str, &Field> = was.fields.iter().map(|field| (field.name.as_str(), field)).collect();
        for field in was.fields.iter().filter(|field| !field.attributes.is_hidden()) {
            match known.get(field.name.as_str()) {
                None => {
                    let message = format!("field {} of {own} is gone", shown(&field.name));
                    let id = format!("enum_{form}_variant_field_missing");
                    tell(self.changes, &id, What::Removed, before(from.file, &field.span), message);
                }
                Some(same) => {
                    let told = format!("field {} of {own}", shown(&field.name));
                    if same.attributes.is_hidden() {
                        let id = format!("enum_{form}_variant_field_now_doc_hidden");
                        self.tell(&id, after(to.file, &same.span), format!("{told} is hidden from the documentation"));
                    }
                    if same.attributes.deprecated && !field.attributes.deprecated {
                        let id = format!("enum_{form}_variant_field_marked_deprecated");
                        self.tell(&id, after(to.file, &same.span), format!("{told} is deprecated now"));
                    }
                }
            }
        }
        for field in now.fields.iter().filter(|field| !had.contains_key(field.name.as_str())) {
            let open = was.attributes.non_exhaustive;
            let id = format!("enum_{}{form}_variant_field_added", if open { "non_exhaustive_" } else { "" });
            if !open || now.attributes.non_exhaustive {
                self.tell(&id, after(to.file, &field.span), format!("{own} has a field {} more", shown(&field.name)));
            }
        }
    }

    fn traits(&mut self, name: &str, was: &Item, now: &Item, was_sealed: bool, is_sealed: bool) {
        let place = || after(now.file, &now.span);
        if now.is_unsafe && !was.is_unsafe {
            self.tell("trait_unsafe_added", place(), format!("trait {name} is unsafe to implement now"));
        }
        if was.is_unsafe && !now.is_unsafe {
            self.tell(
                "trait_unsafe_removed",
                place(),
                format!("trait {name} is no longer unsafe, so unsafe impls do not compile"),
            );
        }
        if is_sealed && !was_sealed {
            self.tell("trait_newly_sealed", place(), format!("others can no longer implement trait {name}"));
        }
        let missing = was.supertraits.difference(&now.supertraits).next();
        // One that only sealed the trait was never public.
        if let Some(gone) = missing.filter(|_| !was_sealed) {
            self.tell(
                "trait_removed_supertrait",
                place(),
                format!("trait {name} no longer builds upon {}", shown(gone)),
            );
        }
        if let Some(more) = now.supertraits.difference(&was.supertraits).next()
            && !was_sealed
        {
            self.tell("trait_added_supertrait", place(), format!("trait {name} builds upon {} now", shown(more)));
        }
        for (member, had) in &was.members {
            let own = format!("{} of trait {name}", shown(member));
            match (&had.kind, now.members.get(member)) {
                (_, Some(has)) if has.attributes.is_hidden() && !had.attributes.is_hidden() => {
                    let id = format!("trait_{}_now_doc_hidden", member_word(&had.kind));
                    self.tell(&id, after(has.file, &has.span), format!("{own} is hidden from the documentation"));
                }
                _ if had.attributes.is_hidden() => {}
                (kind, None) => {
                    let id = match kind {
                        MemberKind::Method(_) => "trait_method_missing",
                        MemberKind::Const(_) => "trait_removed_associated_constant",
                        MemberKind::Type(_) => "trait_removed_associated_type",
                    };
                    tell(self.changes, id, What::Removed, before(had.file, &had.span), format!("{own} is gone"));
                }
                (_, Some(has)) => self.trait_members(&own, had, has, was_sealed),
            }
        }
        for (member, has) in now.members.iter().filter(|(member, _)| !was.members.contains_key(*member)) {
            let needed = !has.is_given() && !was_sealed;
            let id = if needed { format!("trait_{}_added", member_word(&has.kind)) } else { "export-added".to_owned() };
            let message =
                format!("trait {name} {} {}", if needed { "asks its implementors for" } else { "has" }, shown(member));
            tell(self.changes, &id, What::Added, after(has.file, &has.span), message);
        }
    }

    fn trait_members(&mut self, own: &str, had: &Member, has: &Member, sealed: bool) {
        let place = after(has.file, &has.span);
        if has.attributes.deprecated && !had.attributes.deprecated {
            let id = format!("trait_{}_marked_deprecated", member_word(&had.kind));
            self.tell(&id, place.clone(), format!("{own} is deprecated now"));
        }
        match (&had.kind, &has.kind) {
            (MemberKind::Method(was), MemberKind::Method(now)) => {
                if was.has_body && !now.has_body && !sealed {
                    self.tell(
                        "trait_method_default_impl_removed",
                        place.clone(),
                        format!("{own} must be implemented now"),
                    );
                }
                self.functions(own, "trait_method", was, now, &place);
                self.type_parameters("trait_method", own, &had.generics, &has.generics, &place);
            }
            (MemberKind::Const(true), MemberKind::Const(false)) if !sealed => {
                self.tell("trait_associated_const_default_removed", place, format!("{own} must be given now"));
            }
            (MemberKind::Type(true), MemberKind::Type(false)) if !sealed => {
                self.tell("trait_associated_type_default_removed", place, format!("{own} must be given now"));
            }
            _ => {}
        }
    }

    // Methods and constants that impls give a type by themselves.
    fn inherent(&mut self, name: &str, was: &Item, now: &Item) {
        for (member, had) in was.members.iter().filter(|(_, had)| had.public && !had.attributes.is_hidden()) {
            let own = format!("{} of {name}", shown(member));
            let Some(has) = now.members.get(member).filter(|has| has.public) else {
                // A trait that gives it keeps calls going, where it is in scope.
                if now.given.contains(member) && !was.given.contains(member) {
                    continue;
                }
                let id = match had.kind {
                    MemberKind::Method(_) => "inherent_method_missing",
                    _ => "inherent_associated_pub_const_missing",
                };
                tell(self.changes, id, What::Removed, before(had.file, &had.span), format!("{own} is gone"));
                continue;
            };
            let place = after(has.file, &has.span);
            if has.attributes.is_hidden() {
                let id = if matches!(had.kind, MemberKind::Method(_)) {
                    "inherent_method_now_doc_hidden"
                } else {
                    "inherent_associated_const_now_doc_hidden"
                };
                self.tell(id, place, format!("{own} is hidden from the documentation"));
                continue;
            }
            if has.attributes.deprecated && !had.attributes.deprecated {
                let id = if matches!(had.kind, MemberKind::Method(_)) {
                    "type_method_marked_deprecated"
                } else {
                    "type_associated_const_marked_deprecated"
                };
                self.tell(id, place.clone(), format!("{own} is deprecated now"));
            }
            if has.attributes.must_use && !had.attributes.must_use {
                self.tell(
                    "inherent_method_must_use_added",
                    place.clone(),
                    format!("what {own} returns must be used now"),
                );
            }
            if let (MemberKind::Method(was), MemberKind::Method(now)) = (&had.kind, &has.kind) {
                self.functions(&own, "inherent_method", was, now, &place);
                self.type_parameters("method", &own, &had.generics, &has.generics, &place);
            }
        }
        for (member, has) in now.members.iter().filter(|(_, has)| has.public && !has.attributes.is_hidden()) {
            if was.members.get(member).is_none_or(|had| !had.public) {
                let message = format!("{} of {name} is new", shown(member));
                tell(self.changes, "export-added", What::Added, after(has.file, &has.span), message);
            }
        }
    }

    fn derives(&mut self, name: &str, was: &Item, now: &Item) {
        for gone in
            was.attributes.derives.difference(&now.attributes.derives).filter(|gone| !now.traits.contains(*gone))
        {
            self.tell(
                "derive_trait_impl_removed",
                after(now.file, &now.span),
                format!("{name} no longer implements {}", shown(gone)),
            );
        }
    }

    fn repr(&mut self, word: &str, name: &str, was: &Item, now: &Item) {
        let (had, has) = (&was.attributes.repr, &now.attributes.repr);
        let place = || after(now.file, &now.span);
        if had.contains("C") && !has.contains("C") {
            self.tell("repr_c_removed", place(), format!("{name} no longer lies in memory as C has it"));
        }
        if had.contains("transparent") && !has.contains("transparent") && was.fields.iter().any(|field| field.public) {
            self.tell(
                &format!("{word}_repr_transparent_removed"),
                place(),
                format!("{name} no longer lies in memory as its field does"),
            );
        }
        let size =
            |repr: &std::collections::BTreeSet<String>| repr.iter().find(|one| one.starts_with(['u', 'i'])).cloned();
        match (size(had), size(has)) {
            (Some(one), Some(other)) if one != other => {
                self.tell(
                    "enum_repr_int_changed",
                    place(),
                    format!("enum {name} was {}, and is {} now", shown(&one), shown(&other)),
                );
            }
            (Some(one), None) => {
                self.tell("enum_repr_int_removed", place(), format!("enum {name} is no longer {}", shown(&one)));
            }
            _ => {}
        }
    }

    fn generics(&mut self, word: &str, name: &str, was: &Generics, now: &Generics, place: &Place) {
        if was.lifetimes != now.lifetimes {
            let message = format!("{name} had {} lifetime parameters, and has {} now", was.lifetimes, now.lifetimes);
            self.tell(&format!("{word}_mismatched_generic_lifetimes"), place.clone(), message);
        }
        for (sort, needed, needs, had, has) in [
            ("generic_type", was.types - was.type_defaults, now.types - now.type_defaults, was.types, now.types),
            ("const_generic", was.consts - was.const_defaults, now.consts - now.const_defaults, was.consts, now.consts),
        ] {
            if needs > needed {
                let id = format!("{word}_requires_more_{sort}_params");
                self.tell(&id, place.clone(), format!("{name} needs {needs} such parameters, {needed} before"));
            }
            if has < had {
                let id = format!("{word}_allows_fewer_{sort}_params");
                self.tell(&id, place.clone(), format!("{name} takes {has} such parameters, {had} before"));
            }
        }
    }

    fn type_parameters(&mut self, word: &str, name: &str, was: &Generics, now: &Generics, place: &Place) {
        if was.types != now.types {
            let message = format!("{name} had {} type parameters, and has {} now", was.types, now.types);
            self.tell(&format!("{word}_requires_different_generic_type_params"), place.clone(), message);
        }
        if was.consts != now.consts {
            let message = format!("{name} had {} const parameters, and has {} now", was.consts, now.consts);
            self.tell(&format!("{word}_requires_different_const_generic_params"), place.clone(), message);
        }
    }
}

// `unwind` has lints of its own.
fn plain_abi(abi: &str) -> String {
    abi.replace("-unwind", "")
}

const fn member_word(kind: &MemberKind) -> &'static str {
    match kind {
        MemberKind::Method(_) => "method",
        MemberKind::Const(_) => "associated_const",
        MemberKind::Type(_) => "associated_type",
    }
}
