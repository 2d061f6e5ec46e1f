//! The states and properties of WAI-ARIA 1.2, with those of 1.3 that browsers have, as data.

use super::Attribute;
use super::Value::{Id, Ids, Integer, Number, Text, Token, Tokens};

/// Every role supports it.
pub const GLOBAL: u8 = 1;
/// Deprecated.
pub(super) const OLD: u8 = 2;
/// May be empty, which is as if it were not there.
pub const EMPTY: u8 = 4;

const fn attribute(name: &'static str, value: super::Value, traits: u8) -> Attribute {
    Attribute { name, value, traits }
}

/// All attributes, sorted by name.
#[rustfmt::skip]
pub(super) const ATTRIBUTES: &[Attribute] = &[
    attribute("aria-actions", Ids, GLOBAL | EMPTY),
    attribute("aria-activedescendant", Id, EMPTY),
    attribute("aria-atomic", Token("false true"), GLOBAL),
    attribute("aria-autocomplete", Token("both inline list none"), 0),
    attribute("aria-braillelabel", Text, GLOBAL | EMPTY),
    attribute("aria-brailleroledescription", Text, GLOBAL | EMPTY),
    attribute("aria-busy", Token("false true"), GLOBAL),
    attribute("aria-checked", Token("false mixed true undefined"), 0),
    attribute("aria-colcount", Integer(-1), 0),
    attribute("aria-colindex", Integer(1), 0),
    attribute("aria-colspan", Integer(1), 0),
    attribute("aria-controls", Ids, GLOBAL | EMPTY),
    attribute("aria-current", Token("date false location page step time true"), GLOBAL | EMPTY),
    attribute("aria-describedby", Ids, GLOBAL | EMPTY),
    attribute("aria-description", Text, GLOBAL | EMPTY),
    attribute("aria-details", Ids, GLOBAL | EMPTY),
    attribute("aria-disabled", Token("false true"), GLOBAL),
    attribute("aria-dropeffect", Tokens("copy execute link move none popup"), GLOBAL | OLD),
    attribute("aria-errormessage", Ids, GLOBAL | EMPTY),
    attribute("aria-expanded", Token("false true undefined"), 0),
    attribute("aria-flowto", Ids, GLOBAL | EMPTY),
    attribute("aria-grabbed", Token("false true undefined"), GLOBAL | OLD),
    attribute("aria-haspopup", Token("dialog false grid listbox menu tree true"), GLOBAL | EMPTY),
    attribute("aria-hidden", Token("false true undefined"), GLOBAL),
    attribute("aria-invalid", Token("false grammar spelling true"), GLOBAL),
    attribute("aria-keyshortcuts", Text, GLOBAL | EMPTY),
    attribute("aria-label", Text, GLOBAL | EMPTY),
    attribute("aria-labelledby", Ids, GLOBAL | EMPTY),
    attribute("aria-level", Integer(1), 0),
    attribute("aria-live", Token("assertive off polite"), GLOBAL),
    attribute("aria-modal", Token("false true"), 0),
    attribute("aria-multiline", Token("false true"), 0),
    attribute("aria-multiselectable", Token("false true"), 0),
    attribute("aria-orientation", Token("horizontal undefined vertical"), 0),
    attribute("aria-owns", Ids, GLOBAL | EMPTY),
    attribute("aria-placeholder", Text, EMPTY),
    attribute("aria-posinset", Integer(1), 0),
    attribute("aria-pressed", Token("false mixed true undefined"), 0),
    attribute("aria-readonly", Token("false true"), 0),
    attribute("aria-relevant", Tokens("additions all removals text"), GLOBAL),
    attribute("aria-required", Token("false true"), 0),
    attribute("aria-roledescription", Text, GLOBAL | EMPTY),
    attribute("aria-rowcount", Integer(-1), 0),
    attribute("aria-rowindex", Integer(1), 0),
    attribute("aria-rowspan", Integer(0), 0),
    attribute("aria-selected", Token("false true undefined"), 0),
    attribute("aria-setsize", Integer(-1), 0),
    attribute("aria-sort", Token("ascending descending none other"), 0),
    attribute("aria-valuemax", Number, 0),
    attribute("aria-valuemin", Number, 0),
    attribute("aria-valuenow", Number, 0),
    attribute("aria-valuetext", Text, EMPTY),
];
