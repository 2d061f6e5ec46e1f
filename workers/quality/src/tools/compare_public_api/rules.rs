//! What a finding of the tool can name: griffe's breakage kinds, lints of cargo-semver-checks, and kinds of change for the languages
//! whose peers name none.

use octavo_toolkit::{Level, Rule, rule_docs};

macro_rules! rules {
    ($($file:literal $source:literal { $($level:ident $id:literal $summary:literal: $before:literal => $after:literal, right $right:literal;)+ })+) => {
        /// All of them.
        pub(super) const RULES: &[Rule] = &[$($(Rule {
            id: $id,
            level: level!($level),
            summary: $summary,
            docs: rule_docs!(
                why: why!($level),
                wrong: concat!("// before: ", $file, "\n", $before, "\n// after: ", $file, "\n", $after, "\n"),
                right: concat!("// before: ", $file, "\n", $before, "\n// after: ", $file, "\n", $right, "\n"),
                source: concat!($source, ", ", $id)
            ),
        }),+),+];
    };
}

macro_rules! level {
    (major) => {
        Level::Error
    };
    (minor) => {
        Level::Info
    };
}

#[cfg(not(target_arch = "wasm32"))]
macro_rules! why {
    (major) => {
        "Code that uses the old version fails with the new one, so only a new major version may have it."
    };
    (minor) => {
        "Code that uses the old version goes on with the new one, and may get something new, or a warning: a minor version."
    };
}

rules! {
    "a.py" "griffe" {
        major "OBJECT_REMOVED" "A public name stays." : "def f(): ..." => "def g(): ...", right "def f(): ...\ndef g(): ...";
        major "OBJECT_CHANGED_KIND" "A public name stays what it is." : "def f(): ..." => "f = 1", right "def f(): ...";
        major "PARAMETER_REMOVED" "A parameter stays." : "def f(a, b): ..." => "def f(a): ...", right "def f(a, b): ...";
        major "PARAMETER_MOVED" "A positional parameter keeps its place." : "def f(a, b): ..." => "def f(b, a): ...", right "def f(a, b, c=1): ...";
        major "PARAMETER_CHANGED_KIND" "A parameter may be given as before." : "def f(a, b): ..." => "def f(a, *, b): ...", right "def f(a, b, *, c=1): ...";
        major "PARAMETER_CHANGED_DEFAULT" "A default stays." : "def f(a=1): ..." => "def f(a=2): ...", right "def f(a=1): ...";
        major "PARAMETER_CHANGED_REQUIRED" "A parameter with a default keeps one." : "def f(a=1): ..." => "def f(a): ...", right "def f(a=1): ...";
        major "PARAMETER_ADDED_REQUIRED" "A new parameter has a default." : "def f(a): ..." => "def f(a, b): ...", right "def f(a, b=None): ...";
        major "RETURN_CHANGED_TYPE" "A function that says what it returns goes on saying so." : "def f() -> int: ..." => "def f(): ...", right "def f() -> int: ...";
        major "CLASS_REMOVED_BASE" "A class keeps its bases." : "class A: ...\nclass B(A): ..." => "class A: ...\nclass B: ...", right "class A: ...\nclass B(A): ...";
        minor "parameter-added-optional" "A function takes a parameter more, which may be left out." : "def f(a): ..." => "def f(a, b=None): ...", right "def f(a): ...";
    }
    "lib.rs" "cargo-semver-checks" {
        major "function_missing" "A public function stays." : "pub fn f() {}" => "", right "mod m { pub fn f() {} }\npub use m::f;";
        major "struct_missing" "A public struct stays." : "pub struct A;" => "struct A;", right "pub struct A;";
        major "enum_missing" "A public enum stays." : "pub enum A { B }" => "", right "pub enum A { B }";
        major "union_missing" "A public union stays." : "pub union A { pub b: u8 }" => "", right "pub union A { pub b: u8 }";
        major "trait_missing" "A public trait stays." : "pub trait A {}" => "", right "pub trait A {}";
        major "module_missing" "A public module stays." : "pub mod a {}" => "mod a {}", right "pub mod a {}";
        major "pub_module_level_const_missing" "A public constant stays." : "pub const A: u8 = 1;" => "", right "pub const A: u8 = 2;";
        major "pub_static_missing" "A public static stays." : "pub static A: u8 = 1;" => "", right "pub static A: u8 = 2;";
        major "declarative_macro_missing" "An exported macro stays." : "#[macro_export]\nmacro_rules! a { () => {} }" => "", right "#[macro_export]\nmacro_rules! a { () => { 1 } }";
        major "macro_no_longer_exported" "An exported macro stays exported." : "#[macro_export]\nmacro_rules! a { () => {} }" => "macro_rules! a { () => {} }", right "#[macro_export]\nmacro_rules! a { () => { 1 } }";
        major "macro_now_doc_hidden" "An exported macro stays in the documentation." : "#[macro_export]\nmacro_rules! a { () => {} }" => "#[doc(hidden)]\n#[macro_export]\nmacro_rules! a { () => {} }", right "#[macro_export]\nmacro_rules! a { () => {} }";
        major "method_receiver_type_changed" "A method takes its value in the same wrapper." : "pub struct A;\nimpl A { pub fn f(self: Box<Self>) {} }" => "pub struct A;\nimpl A { pub fn f(self: Rc<Self>) {} }", right "pub struct A;\nimpl A { pub fn f(self: Box<Self>) {} }";
        major "union_with_multiple_pub_fields_changed_to_struct" "A union with public fields stays one." : "pub union A { pub b: u8, pub c: i8 }" => "pub struct A { pub b: u8, pub c: i8 }", right "pub union A { pub b: u8, pub c: i8 }";
        major "union_changed_to_incompatible_struct" "A union stays one, or becomes a struct with its field." : "pub union A { pub b: u8 }" => "pub struct A { pub c: u8 }", right "pub struct A { pub b: u8 }";
        major "function_now_doc_hidden" "A public function stays in the documentation." : "pub fn f() {}" => "#[doc(hidden)]\npub fn f() {}", right "pub fn f() {}";
        major "struct_now_doc_hidden" "A public struct stays in the documentation." : "pub struct A;" => "#[doc(hidden)]\npub struct A;", right "pub struct A;";
        major "enum_now_doc_hidden" "A public enum stays in the documentation." : "pub enum A { B }" => "#[doc(hidden)]\npub enum A { B }", right "pub enum A { B }";
        major "trait_now_doc_hidden" "A public trait stays in the documentation." : "pub trait A {}" => "#[doc(hidden)]\npub trait A {}", right "pub trait A {}";
        major "union_now_doc_hidden" "A public union stays in the documentation." : "pub union A { pub b: u8 }" => "#[doc(hidden)]\npub union A { pub b: u8 }", right "pub union A { pub b: u8 }";
        major "pub_module_level_const_now_doc_hidden" "A public constant stays in the documentation." : "pub const A: u8 = 1;" => "#[doc(hidden)]\npub const A: u8 = 1;", right "pub const A: u8 = 1;";
        major "pub_static_now_doc_hidden" "A public static stays in the documentation." : "pub static A: u8 = 1;" => "#[doc(hidden)]\npub static A: u8 = 1;", right "pub static A: u8 = 1;";
        major "function_parameter_count_changed" "A function takes as many parameters as before." : "pub fn f(a: u8) {}" => "pub fn f(a: u8, b: u8) {}", right "pub fn f(b: u8) {}";
        major "function_unsafe_added" "A safe function stays safe." : "pub fn f() {}" => "pub unsafe fn f() {}", right "pub fn f() {}";
        major "function_const_removed" "A const function stays const." : "pub const fn f() {}" => "pub fn f() {}", right "pub const fn f() {}";
        major "function_now_returns_unit" "A function that returns something goes on." : "pub fn f() -> u8 { 1 }" => "pub fn f() {}", right "pub fn f() -> u8 { 2 }";
        major "function_changed_abi" "A function keeps its calling convention." : "pub extern \"C\" fn f() {}" => "pub fn f() {}", right "pub extern \"C\" fn f() {}";
        major "function_requires_different_generic_type_params" "A function keeps its number of type parameters." : "pub fn f<T>() {}" => "pub fn f<T, U>() {}", right "pub fn f<U>() {}";
        major "function_requires_different_const_generic_params" "A function keeps its number of const parameters." : "pub fn f<const N: usize>() {}" => "pub fn f() {}", right "pub fn f<const M: usize>() {}";
        minor "function_must_use_added" "What a function returns must be used." : "pub fn f() -> u8 { 1 }" => "#[must_use]\npub fn f() -> u8 { 1 }", right "pub fn f() -> u8 { 1 }";
        minor "function_marked_deprecated" "A function is deprecated." : "pub fn f() {}" => "#[deprecated]\npub fn f() {}", right "pub fn f() {}";
        major "struct_marked_non_exhaustive" "A struct that others may make stays so." : "pub struct A { pub b: u8 }" => "#[non_exhaustive]\npub struct A { pub b: u8 }", right "pub struct A { pub b: u8 }";
        major "struct_pub_field_missing" "A public field stays." : "pub struct A { pub b: u8, c: u8 }" => "pub struct A { b: u8, c: u8 }", right "pub struct A { pub b: u8, d: u8 }";
        major "struct_pub_field_now_doc_hidden" "A public field stays in the documentation." : "pub struct A { pub b: u8 }" => "pub struct A { #[doc(hidden)] pub b: u8 }", right "pub struct A { pub b: u8 }";
        major "constructible_struct_adds_field" "A struct that others may make gets no field." : "pub struct A { pub b: u8 }" => "pub struct A { pub b: u8, pub c: u8 }", right "pub struct A { pub b: u8 }";
        major "constructible_struct_adds_private_field" "A struct that others may make gets no private field." : "pub struct A { pub b: u8 }" => "pub struct A { pub b: u8, c: u8 }", right "pub struct A { pub b: u8 }";
        major "unit_struct_changed_kind" "A struct without fields stays one." : "pub struct A;" => "pub struct A {}", right "pub struct A;";
        major "tuple_struct_to_plain_struct" "A struct with numbered fields keeps them." : "pub struct A(pub u8);" => "pub struct A { pub b: u8 }", right "pub struct A(pub u8);";
        major "struct_with_pub_fields_changed_type" "A struct with public fields stays a struct." : "pub struct A { pub b: u8 }" => "pub enum A { B }", right "pub struct A { pub b: u8 }";
        major "constructible_struct_changed_type" "A struct that others may make stays a struct." : "pub struct A;" => "pub enum A { B }", right "pub struct A;";
        minor "struct_must_use_added" "A struct must be used." : "pub struct A;" => "#[must_use]\npub struct A;", right "pub struct A;";
        minor "struct_field_marked_deprecated" "A field is deprecated." : "pub struct A { pub b: u8 }" => "pub struct A { #[deprecated] pub b: u8 }", right "pub struct A { pub b: u8 }";
        minor "type_marked_deprecated" "A type is deprecated." : "pub struct A;" => "#[deprecated]\npub struct A;", right "pub struct A;";
        minor "trait_marked_deprecated" "A trait is deprecated." : "pub trait A {}" => "#[deprecated]\npub trait A {}", right "pub trait A {}";
        minor "trait_must_use_added" "What implements a trait must be used." : "pub trait A {}" => "#[must_use]\npub trait A {}", right "pub trait A {}";
        minor "enum_must_use_added" "An enum must be used." : "pub enum A { B }" => "#[must_use]\npub enum A { B }", right "pub enum A { B }";
        minor "union_must_use_added" "A union must be used." : "pub union A { pub b: u8 }" => "#[must_use]\npub union A { pub b: u8 }", right "pub union A { pub b: u8 }";
        minor "global_value_marked_deprecated" "A constant or static is deprecated." : "pub const A: u8 = 1;" => "#[deprecated]\npub const A: u8 = 1;", right "pub const A: u8 = 1;";
        minor "macro_marked_deprecated" "A macro is deprecated." : "#[macro_export]\nmacro_rules! a { () => {} }" => "#[deprecated]\n#[macro_export]\nmacro_rules! a { () => {} }", right "#[macro_export]\nmacro_rules! a { () => {} }";
        major "enum_marked_non_exhaustive" "An enum that others may match in full stays so." : "pub enum A { B }" => "#[non_exhaustive]\npub enum A { B }", right "pub enum A { B }";
        minor "enum_no_longer_non_exhaustive" "An enum can be matched in full." : "#[non_exhaustive]\npub enum A { B }" => "pub enum A { B }", right "#[non_exhaustive]\npub enum A { B }";
        major "enum_variant_added" "An enum that others may match in full gets no variant." : "pub enum A { B }" => "pub enum A { B, C }", right "pub enum A { B }";
        major "enum_variant_missing" "A variant stays." : "pub enum A { B, C }" => "pub enum A { B }", right "pub enum A { C, B }";
        major "enum_variant_marked_non_exhaustive" "A variant that others may make stays so." : "pub enum A { B { c: u8 } }" => "pub enum A { #[non_exhaustive] B { c: u8 } }", right "pub enum A { B { c: u8 } }";
        minor "enum_variant_no_longer_non_exhaustive" "A variant can be made by others." : "pub enum A { #[non_exhaustive] B { c: u8 } }" => "pub enum A { B { c: u8 } }", right "pub enum A { #[non_exhaustive] B { c: u8 } }";
        minor "enum_variant_marked_deprecated" "A variant is deprecated." : "pub enum A { B }" => "pub enum A { #[deprecated] B }", right "pub enum A { B }";
        major "enum_unit_variant_changed_kind" "A variant without fields stays one." : "pub enum A { B }" => "pub enum A { B {} }", right "pub enum A { B }";
        major "enum_tuple_variant_changed_kind" "A variant with numbered fields stays one." : "pub enum A { B(u8) }" => "pub enum A { B { c: u8 } }", right "pub enum A { B(u16) }";
        major "enum_struct_variant_changed_kind" "A variant with named fields stays one." : "pub enum A { B { c: u8 } }" => "pub enum A { B(u8) }", right "pub enum A { B { c: u16 } }";
        major "enum_tuple_variant_field_added" "A variant gets no field." : "pub enum A { B(u8) }" => "pub enum A { B(u8, u8) }", right "pub enum A { B(u8) }";
        major "enum_tuple_variant_field_missing" "A field of a variant stays." : "pub enum A { B(u8, u8) }" => "pub enum A { B(u8) }", right "pub enum A { B(u8, u8) }";
        major "enum_struct_variant_field_added" "A variant gets no field." : "pub enum A { B { c: u8 } }" => "pub enum A { B { c: u8, d: u8 } }", right "pub enum A { B { c: u8 } }";
        major "enum_struct_variant_field_missing" "A field of a variant stays." : "pub enum A { B { c: u8, d: u8 } }" => "pub enum A { B { c: u8 } }", right "pub enum A { B { d: u8, c: u8 } }";
        major "enum_struct_variant_field_now_doc_hidden" "A field of a variant stays in the documentation." : "pub enum A { B { c: u8 } }" => "pub enum A { B { #[doc(hidden)] c: u8 } }", right "pub enum A { B { c: u8 } }";
        major "enum_tuple_variant_field_now_doc_hidden" "A field of a variant stays in the documentation." : "pub enum A { B(u8) }" => "pub enum A { B(#[doc(hidden)] u8) }", right "pub enum A { B(u8) }";
        minor "enum_struct_variant_field_marked_deprecated" "A field of a variant is deprecated." : "pub enum A { B { c: u8 } }" => "pub enum A { B { #[deprecated] c: u8 } }", right "pub enum A { B { c: u8 } }";
        minor "enum_tuple_variant_field_marked_deprecated" "A field of a variant is deprecated." : "pub enum A { B(u8) }" => "pub enum A { B(#[deprecated] u8) }", right "pub enum A { B(u8) }";
        major "enum_repr_int_changed" "An enum keeps the integer it is in memory." : "#[repr(u8)]\npub enum A { B }" => "#[repr(u16)]\npub enum A { B }", right "#[repr(u8)]\npub enum A { B }";
        major "enum_repr_int_removed" "An enum stays an integer in memory." : "#[repr(u8)]\npub enum A { B }" => "pub enum A { B }", right "#[repr(u8)]\npub enum A { B }";
        major "repr_c_removed" "A type keeps C's layout." : "#[repr(C)]\npub struct A { pub b: u8 }" => "pub struct A { pub b: u8 }", right "#[repr(C)]\npub struct A { pub b: u8 }";
        major "derive_trait_impl_removed" "A type goes on implementing what it derives." : "#[derive(Clone)]\npub struct A;" => "pub struct A;", right "pub struct A;\nimpl Clone for A { fn clone(&self) -> Self { A } }";
        major "union_field_missing" "A public field stays." : "pub union A { pub b: u8, pub c: u8 }" => "pub union A { pub b: u8 }", right "pub union A { pub c: u8, pub b: u8 }";
        major "union_pub_field_now_doc_hidden" "A public field stays in the documentation." : "pub union A { pub b: u8 }" => "pub union A { #[doc(hidden)] pub b: u8 }", right "pub union A { pub b: u8 }";
        minor "union_field_marked_deprecated" "A field is deprecated." : "pub union A { pub b: u8 }" => "pub union A { #[deprecated] pub b: u8 }", right "pub union A { pub b: u8 }";
        major "inherent_method_missing" "A public method stays." : "pub struct A;\nimpl A { pub fn f(&self) {} }" => "pub struct A;", right "pub struct A;\nimpl A { pub fn f(&self) {} fn g() {} }";
        major "inherent_associated_pub_const_missing" "A public constant of a type stays." : "pub struct A;\nimpl A { pub const B: u8 = 1; }" => "pub struct A;", right "pub struct A;\nimpl A { pub const B: u8 = 2; }";
        major "inherent_method_now_doc_hidden" "A public method stays in the documentation." : "pub struct A;\nimpl A { pub fn f(&self) {} }" => "pub struct A;\nimpl A { #[doc(hidden)] pub fn f(&self) {} }", right "pub struct A;\nimpl A { pub fn f(&self) {} }";
        major "inherent_associated_const_now_doc_hidden" "A public constant of a type stays in the documentation." : "pub struct A;\nimpl A { pub const B: u8 = 1; }" => "pub struct A;\nimpl A { #[doc(hidden)] pub const B: u8 = 1; }", right "pub struct A;\nimpl A { pub const B: u8 = 1; }";
        major "inherent_method_unsafe_added" "A safe method stays safe." : "pub struct A;\nimpl A { pub fn f(&self) {} }" => "pub struct A;\nimpl A { pub unsafe fn f(&self) {} }", right "pub struct A;\nimpl A { pub fn f(&self) {} }";
        major "inherent_method_const_removed" "A const method stays const." : "pub struct A;\nimpl A { pub const fn f(&self) {} }" => "pub struct A;\nimpl A { pub fn f(&self) {} }", right "pub struct A;\nimpl A { pub const fn f(&self) {} }";
        major "inherent_method_now_returns_unit" "A method that returns something goes on." : "pub struct A;\nimpl A { pub fn f(&self) -> u8 { 1 } }" => "pub struct A;\nimpl A { pub fn f(&self) {} }", right "pub struct A;\nimpl A { pub fn f(&self) -> u8 { 2 } }";
        minor "inherent_method_must_use_added" "What a method returns must be used." : "pub struct A;\nimpl A { pub fn f(&self) -> u8 { 1 } }" => "pub struct A;\nimpl A { #[must_use] pub fn f(&self) -> u8 { 1 } }", right "pub struct A;\nimpl A { pub fn f(&self) -> u8 { 1 } }";
        minor "type_method_marked_deprecated" "A method is deprecated." : "pub struct A;\nimpl A { pub fn f(&self) {} }" => "pub struct A;\nimpl A { #[deprecated] pub fn f(&self) {} }", right "pub struct A;\nimpl A { pub fn f(&self) {} }";
        minor "type_associated_const_marked_deprecated" "A constant of a type is deprecated." : "pub struct A;\nimpl A { pub const B: u8 = 1; }" => "pub struct A;\nimpl A { #[deprecated] pub const B: u8 = 1; }", right "pub struct A;\nimpl A { pub const B: u8 = 1; }";
        major "method_parameter_count_changed" "A method takes as many parameters as before." : "pub struct A;\nimpl A { pub fn f(&self) {} }" => "pub struct A;\nimpl A { pub fn f(&self, b: u8) {} }", right "pub struct A;\nimpl A { pub fn f(&self) {} }";
        major "method_no_longer_has_receiver" "A method stays one." : "pub struct A;\nimpl A { pub fn f(&self) {} }" => "pub struct A;\nimpl A { pub fn f() {} }", right "pub struct A;\nimpl A { pub fn f(&self) {} }";
        major "method_receiver_ref_became_mut" "A method that reads its value only reads it." : "pub struct A;\nimpl A { pub fn f(&self) {} }" => "pub struct A;\nimpl A { pub fn f(&mut self) {} }", right "pub struct A;\nimpl A { pub fn f(&self) {} }";
        major "method_receiver_ref_became_owned" "A method that borrows its value only borrows it." : "pub struct A;\nimpl A { pub fn f(&self) {} }" => "pub struct A;\nimpl A { pub fn f(self) {} }", right "pub struct A;\nimpl A { pub fn f(&self) {} }";
        major "method_receiver_mut_ref_became_owned" "A method that borrows its value only borrows it." : "pub struct A;\nimpl A { pub fn f(&mut self) {} }" => "pub struct A;\nimpl A { pub fn f(self) {} }", right "pub struct A;\nimpl A { pub fn f(&self) {} }";
        major "method_requires_different_generic_type_params" "A method keeps its number of type parameters." : "pub struct A;\nimpl A { pub fn f<T>(&self) {} }" => "pub struct A;\nimpl A { pub fn f(&self) {} }", right "pub struct A;\nimpl A { pub fn f<U>(&self) {} }";
        major "method_requires_different_const_generic_params" "A method keeps its number of const parameters." : "pub struct A;\nimpl A { pub fn f<const N: u8>(&self) {} }" => "pub struct A;\nimpl A { pub fn f(&self) {} }", right "pub struct A;\nimpl A { pub fn f<const M: u8>(&self) {} }";
        major "type_requires_more_generic_type_params" "A type asks for no more type parameters." : "pub struct A<T>(T);" => "pub struct A<T, U>(T, U);", right "pub struct A<T, U = u8>(T, U);";
        major "type_requires_more_const_generic_params" "A type asks for no more const parameters." : "pub struct A;" => "pub struct A<const N: u8>;", right "pub struct A<const N: u8 = 1>;";
        major "type_allows_fewer_generic_type_params" "A type takes as many type parameters." : "pub struct A<T, U = u8>(T, U);" => "pub struct A<T>(T, u8);", right "pub struct A<T, U = u8>(T, U);";
        major "type_allows_fewer_const_generic_params" "A type takes as many const parameters." : "pub struct A<const N: u8 = 1>;" => "pub struct A;", right "pub struct A<const M: u8 = 1>;";
        major "type_mismatched_generic_lifetimes" "A type keeps its number of lifetimes." : "pub struct A<'a>(&'a u8);" => "pub struct A<'a, 'b>(&'a u8, &'b u8);", right "pub struct A<'b>(&'b u8);";
        major "trait_mismatched_generic_lifetimes" "A trait keeps its number of lifetimes." : "pub trait A<'a> {}" => "pub trait A {}", right "pub trait A<'b> {}";
        major "trait_requires_more_generic_type_params" "A trait asks for no more type parameters." : "pub trait A<T> {}" => "pub trait A<T, U> {}", right "pub trait A<T, U = u8> {}";
        major "trait_requires_more_const_generic_params" "A trait asks for no more const parameters." : "pub trait A {}" => "pub trait A<const N: u8> {}", right "pub trait A {}";
        major "trait_allows_fewer_generic_type_params" "A trait takes as many type parameters." : "pub trait A<T = u8> {}" => "pub trait A {}", right "pub trait A<U = u8> {}";
        major "trait_allows_fewer_const_generic_params" "A trait takes as many const parameters." : "pub trait A<const N: u8 = 1> {}" => "pub trait A {}", right "pub trait A<const M: u8 = 1> {}";
        major "trait_unsafe_added" "A trait that is safe to implement stays so." : "pub trait A {}" => "pub unsafe trait A {}", right "pub trait A {}";
        major "trait_unsafe_removed" "A trait that is unsafe to implement stays so." : "pub unsafe trait A {}" => "pub trait A {}", right "pub unsafe trait A {}";
        major "trait_newly_sealed" "A trait that others may implement stays so." : "pub trait A {}" => "mod m { pub trait B {} }\npub trait A: m::B {}", right "pub trait A {}";
        major "trait_added_supertrait" "A trait builds upon no trait more." : "pub trait A {}" => "pub trait A: Clone {}", right "pub trait A {}";
        major "trait_removed_supertrait" "A trait keeps the traits it builds upon." : "pub trait A: Clone {}" => "pub trait A {}", right "pub trait A: Clone {}";
        major "trait_method_missing" "A method of a trait stays." : "pub trait A { fn f(&self); }" => "pub trait A {}", right "pub trait A { fn f(&self); }";
        major "trait_method_added" "A trait asks its implementors for no method more." : "pub trait A {}" => "pub trait A { fn f(&self); }", right "pub trait A { fn f(&self) {} }";
        major "trait_method_default_impl_removed" "A method of a trait keeps its default." : "pub trait A { fn f(&self) {} }" => "pub trait A { fn f(&self); }", right "pub trait A { fn f(&self) { } }";
        major "trait_method_now_doc_hidden" "A method of a trait stays in the documentation." : "pub trait A { fn f(&self); }" => "pub trait A { #[doc(hidden)] fn f(&self); }", right "pub trait A { fn f(&self); }";
        major "trait_method_unsafe_added" "A safe method of a trait stays safe." : "pub trait A { fn f(&self); }" => "pub trait A { unsafe fn f(&self); }", right "pub trait A { fn f(&self); }";
        major "trait_method_unsafe_removed" "An unsafe method of a trait stays unsafe." : "pub trait A { unsafe fn f(&self); }" => "pub trait A { fn f(&self); }", right "pub trait A { unsafe fn f(&self); }";
        major "trait_method_parameter_count_changed" "A method of a trait takes as many parameters as before." : "pub trait A { fn f(&self); }" => "pub trait A { fn f(&self, b: u8); }", right "pub trait A { fn f(&self); }";
        major "trait_method_no_longer_has_receiver" "A method of a trait stays one." : "pub trait A { fn f(&self); }" => "pub trait A { fn f(); }", right "pub trait A { fn f(&self); }";
        major "trait_method_receiver_ref_became_mut" "A method of a trait that reads its value only reads it." : "pub trait A { fn f(&self); }" => "pub trait A { fn f(&mut self); }", right "pub trait A { fn f(&self); }";
        major "trait_method_now_returns_unit" "A method of a trait that returns something goes on." : "pub trait A { fn f(&self) -> u8; }" => "pub trait A { fn f(&self); }", right "pub trait A { fn f(&self) -> u8; }";
        major "trait_method_requires_different_generic_type_params" "A method of a trait keeps its number of type parameters." : "pub trait A { fn f<T>(&self); }" => "pub trait A { fn f(&self); }", right "pub trait A { fn f<U>(&self); }";
        major "trait_method_requires_different_const_generic_params" "A method of a trait keeps its number of const parameters." : "pub trait A { fn f<const N: u8>(&self); }" => "pub trait A { fn f(&self); }", right "pub trait A { fn f<const M: u8>(&self); }";
        minor "trait_method_marked_deprecated" "A method of a trait is deprecated." : "pub trait A { fn f(&self); }" => "pub trait A { #[deprecated] fn f(&self); }", right "pub trait A { fn f(&self); }";
        major "trait_associated_type_added" "A trait asks its implementors for no type more." : "pub trait A {}" => "pub trait A { type B; }", right "pub trait A {}";
        major "trait_removed_associated_type" "A type of a trait stays." : "pub trait A { type B; }" => "pub trait A {}", right "pub trait A { type B; }";
        major "trait_associated_type_now_doc_hidden" "A type of a trait stays in the documentation." : "pub trait A { type B; }" => "pub trait A { #[doc(hidden)] type B; }", right "pub trait A { type B; }";
        major "trait_associated_const_added" "A trait asks its implementors for no constant more." : "pub trait A {}" => "pub trait A { const B: u8; }", right "pub trait A { const B: u8 = 1; }";
        major "trait_associated_const_default_removed" "A constant of a trait keeps its default." : "pub trait A { const B: u8 = 1; }" => "pub trait A { const B: u8; }", right "pub trait A { const B: u8 = 2; }";
        major "trait_removed_associated_constant" "A constant of a trait stays." : "pub trait A { const B: u8; }" => "pub trait A {}", right "pub trait A { const B: u8; }";
        major "trait_associated_const_now_doc_hidden" "A constant of a trait stays in the documentation." : "pub trait A { const B: u8; }" => "pub trait A { #[doc(hidden)] const B: u8; }", right "pub trait A { const B: u8; }";
        minor "trait_associated_type_marked_deprecated" "A type of a trait is deprecated." : "pub trait A { type B; }" => "pub trait A { #[deprecated] type B; }", right "pub trait A { type B; }";
        minor "trait_associated_const_marked_deprecated" "A constant of a trait is deprecated." : "pub trait A { const B: u8; }" => "pub trait A { #[deprecated] const B: u8; }", right "pub trait A { const B: u8; }";
        major "pub_static_mut_now_immutable" "A static that others may change stays so." : "pub static mut A: u8 = 1;" => "pub static A: u8 = 1;", right "pub static mut A: u8 = 2;";
        major "enum_changed_kind" "An enum stays one." : "pub enum A { B }" => "pub struct A;", right "pub enum A { B }";
        major "trait_changed_kind" "A trait stays one." : "pub trait A {}" => "pub struct A;", right "pub trait A {}";
        major "union_changed_kind" "A union stays one." : "pub union A { pub b: u8 }" => "pub enum A { B }", right "pub union A { pub b: u8 }";
    }
    "index.d.ts" "the tool's own" {
        major "export-removed" "An exported name or member stays." : "export declare function f(): void;" => "export {};", right "export declare function f(): void;";
        major "export-kind-changed" "An exported name stays what it is." : "export declare const a: number;" => "export declare class a {}", right "export declare const a: number;";
        major "signature-changed" "An exported signature or type stays." : "export declare function f(a: string): void;" => "export declare function f(a: number): void;", right "export declare function f(b: string): void;";
        major "required-member-added" "What others implement or make asks for nothing more." : "export interface A { b: string }" => "export interface A { b: string; c: string }", right "export interface A { b: string; c?: string }";
        minor "signature-extended" "A function takes more, which may be left out." : "export declare function f(a: string): void;" => "export declare function f(a: string, b?: number): void;", right "export declare function f(a: string): void;";
        minor "export-added" "An exported name or member is new." : "export declare function f(): void;" => "export declare function f(): void;\nexport declare function g(): void;", right "export declare function f(): void;";
    }
}

/// The rule of this id, if the tool claims it.
pub(super) fn by_id(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
