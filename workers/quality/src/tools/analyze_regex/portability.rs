//! What of an expression another dialect does not have, or takes for something else.

use super::parse::{Dialect, Feature};

/// What becomes of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Portability {
    Same,
    /// It is refused, or means nothing of the kind.
    Missing,
    /// It is accepted and means something else.
    Differs(&'static str),
}

/// What a feature is called.
pub(super) const fn name(feature: Feature) -> &'static str {
    match feature {
        Feature::Lookahead => "lookahead",
        Feature::Lookbehind => "lookbehind",
        Feature::VariableLookbehind => "lookbehind of varying length",
        Feature::Backreference => "backreference",
        Feature::NamedGroup => "named group (?<name>)",
        Feature::NamedGroupP => "named group (?P<name>)",
        Feature::NamedReference => "reference \\k<name>",
        Feature::NamedReferenceP => "reference (?P=name)",
        Feature::Atomic => "atomic group",
        Feature::Possessive => "possessive quantifier",
        Feature::InlineFlags => "flags (?i)",
        Feature::ScopedFlags => "flags of a group (?i:)",
        Feature::FlagsInTheMiddle => "flags behind the start",
        Feature::Comment => "comment (?#)",
        Feature::BranchReset => "branch reset",
        Feature::Conditional => "condition",
        Feature::Recursion => "recursion",
        Feature::TextAnchor => "\\A",
        Feature::EndAnchorUpper => "\\Z",
        Feature::EndAnchorLower => "\\z",
        Feature::LastMatchAnchor => "\\G",
        Feature::QuotedText => "\\Q...\\E",
        Feature::PosixClass => "class [:name:]",
        Feature::ClassOperation => "class operation",
        Feature::NestedClass => "class in a class",
        Feature::Property => "property \\p",
        Feature::BareBraces => "brace that is no count",
        Feature::EmptyClass => "empty class",
        Feature::UnicodeBraces => "\\u{}",
        Feature::HexBraces => "\\x{}",
        Feature::UnicodeFour => "\\uXXXX",
        Feature::ControlEscape => "\\cX",
        Feature::LinebreakEscape => "\\R or \\X",
        Feature::HorizontalSpace => "\\h",
        Feature::KeepOut => "\\K",
        Feature::LongCount => "count over 1000",
        Feature::Octal => "octal escape",
        Feature::UpperCount => "count without a lower end",
        Feature::DigitEscape => "\\d",
        Feature::WordEscape => "\\w",
        Feature::Dollar => "$",
        Feature::IdentityEscape => "escape of a letter",
        Feature::NullEscape => "\\0",
    }
}

/// What becomes of a feature of one dialect in another.
#[expect(clippy::too_many_lines, reason = "a table of two enums")]
pub(super) const fn of(feature: Feature, from: Dialect, to: Dialect) -> Portability {
    use Dialect::{Java, Javascript, Pcre, Python, Re2, Rust};
    use Feature::{
        Atomic, Backreference, BareBraces, BranchReset, ClassOperation, Comment, Conditional, ControlEscape,
        DigitEscape, Dollar, EmptyClass, EndAnchorLower, EndAnchorUpper, FlagsInTheMiddle, HexBraces, HorizontalSpace,
        IdentityEscape, InlineFlags, KeepOut, LastMatchAnchor, LinebreakEscape, LongCount, Lookahead, Lookbehind,
        NamedGroup, NamedGroupP, NamedReference, NamedReferenceP, NestedClass, NullEscape, Octal, PosixClass,
        Possessive, Property, QuotedText, Recursion, ScopedFlags, TextAnchor, UnicodeBraces, UnicodeFour, UpperCount,
        VariableLookbehind, WordEscape,
    };
    use Portability::{Differs, Missing, Same};
    match feature {
        Lookahead | Lookbehind | Backreference => {
            if to.is_linear() {
                Missing
            } else {
                Same
            }
        }
        VariableLookbehind => match to {
            Javascript => Same,
            Java => Differs("Java takes it only where its length has an upper end"),
            Pcre | Python | Re2 | Rust => Missing,
        },
        NamedGroup => {
            if matches!(to, Python) {
                Missing
            } else {
                Same
            }
        }
        NamedGroupP => {
            if matches!(to, Javascript | Java) {
                Missing
            } else {
                Same
            }
        }
        NamedReference => {
            if matches!(to, Python | Re2 | Rust) {
                Missing
            } else {
                Same
            }
        }
        NamedReferenceP => {
            if matches!(to, Python | Pcre) {
                Same
            } else {
                Missing
            }
        }
        Atomic | Possessive => match to {
            Pcre | Java => Same,
            Python => Differs("Python has it from 3.11"),
            Javascript | Re2 | Rust => Missing,
        },
        InlineFlags => {
            if matches!(to, Javascript) {
                Missing
            } else {
                Same
            }
        }
        ScopedFlags => match to {
            Javascript => Differs("JavaScript has it from ES2025"),
            _ => Same,
        },
        FlagsInTheMiddle => {
            if matches!(to, Python | Javascript) {
                Missing
            } else {
                Same
            }
        }
        Comment => {
            if matches!(to, Pcre | Python) {
                Same
            } else {
                Missing
            }
        }
        BranchReset | Recursion | KeepOut => {
            if matches!(to, Pcre) {
                Same
            } else {
                Missing
            }
        }
        Conditional => {
            if matches!(to, Pcre | Python) {
                Same
            } else {
                Missing
            }
        }
        TextAnchor => {
            if matches!(to, Javascript) {
                Missing
            } else {
                Same
            }
        }
        EndAnchorLower => match to {
            Javascript => Missing,
            Python => Differs("Python has it from 3.14; \\Z is the same there"),
            _ => Same,
        },
        EndAnchorUpper => match (from, to) {
            (_, Javascript | Re2 | Rust) => Missing,
            (Python, Python) => Same,
            (Python, _) => Differs("there it also matches before a line break at the end"),
            (_, Python) => Differs("there it matches at the very end alone"),
            _ => Same,
        },
        LastMatchAnchor | LinebreakEscape => {
            if matches!(to, Pcre | Java) {
                Same
            } else {
                Missing
            }
        }
        HorizontalSpace => {
            if matches!(to, Pcre | Java) {
                Same
            } else {
                Missing
            }
        }
        QuotedText => {
            if matches!(to, Pcre | Java | Re2) {
                Same
            } else {
                Missing
            }
        }
        PosixClass => match to {
            Pcre | Re2 | Rust => Same,
            Javascript | Python | Java => Differs("there it is a set of those letters"),
        },
        ClassOperation => match to {
            Rust | Java => Same,
            Javascript => Differs("JavaScript has it under the flag v"),
            Pcre | Python | Re2 => Differs("there the signs stand for themselves"),
        },
        NestedClass => match to {
            Rust | Java => Same,
            Javascript => Differs("JavaScript has it under the flag v"),
            Pcre | Python | Re2 => Differs("there the inner bracket stands for itself"),
        },
        Property => match to {
            Python => Missing,
            Javascript => Differs("JavaScript has it under the flags u and v, with names in braces"),
            _ => Same,
        },
        BareBraces => {
            if matches!(to, Rust | Java) {
                Missing
            } else {
                Same
            }
        }
        EmptyClass => {
            if matches!(to, Javascript) {
                Same
            } else {
                Missing
            }
        }
        UnicodeBraces => match to {
            Javascript | Rust => Same,
            Pcre | Python | Re2 | Java => Missing,
        },
        HexBraces => {
            if matches!(to, Javascript | Python) {
                Missing
            } else {
                Same
            }
        }
        UnicodeFour => {
            if matches!(to, Pcre | Re2) {
                Missing
            } else {
                Same
            }
        }
        ControlEscape => {
            if matches!(to, Javascript | Pcre | Java) {
                Same
            } else {
                Missing
            }
        }
        LongCount => {
            if matches!(to, Re2) {
                Missing
            } else {
                Same
            }
        }
        Octal => match to {
            Rust => Missing,
            Javascript => Differs("JavaScript refuses it under the flag u"),
            _ => Same,
        },
        NullEscape => {
            if matches!(to, Rust) {
                Missing
            } else {
                Same
            }
        }
        UpperCount => match to {
            Python | Pcre => Same,
            _ => Differs("there it stands for itself"),
        },
        DigitEscape | WordEscape => match (matches!(from, Python | Rust), matches!(to, Python | Rust)) {
            (true, false) => Differs("there it is ASCII alone"),
            (false, true) => Differs("there it takes every script"),
            _ => Same,
        },
        Dollar => {
            let before = matches!(from, Pcre | Python | Java);
            let after = matches!(to, Pcre | Python | Java);
            match (before, after) {
                (true, false) => Differs("there it does not match before a line break at the end"),
                (false, true) => Differs("there it also matches before a line break at the end"),
                _ => Same,
            }
        }
        IdentityEscape => match to {
            Javascript => Differs("JavaScript refuses it under the flag u"),
            _ => Missing,
        },
    }
}
