//! The rules, with stylelint's ids where it has one.

use octavo_toolkit::{Level, Rule, RuleDocs, rule_docs};

const fn rule(id: &'static str, level: Level, summary: &'static str, docs: RuleDocs) -> Rule {
    Rule { id, level, summary, docs }
}

macro_rules! rules {
    ($($name:ident, $id:literal, $level:ident, $summary:literal, $why:literal, $wrong:literal, $right:literal, $source:literal;)+) => {
        $(pub(super) const $name: Rule = rule(
            $id,
            Level::$level,
            $summary,
            rule_docs!(why: $why, wrong: $wrong, right: $right, source: $source),
        );)+
        /// Every rule of the tool.
        pub(super) const ALL: &[Rule] = &[$($name),+];
    };
}

rules! {
    SYNTAX, "CssSyntaxError", Error, "A stylesheet closes its blocks, brackets, strings and comments.",
        "What is not closed swallows the rules behind it.", "a { color: red", "a { color: red }",
        "CSS Syntax Level 3, https://www.w3.org/TR/css-syntax-3/#error-handling";
    EMPTY_SOURCE, "no-empty-source", Warning, "A stylesheet has something in it.",
        "An empty file costs a request and does nothing.", "  ", "a { color: red }",
        "stylelint no-empty-source";
    EMPTY_BLOCK, "block-no-empty", Warning, "A block has something in it.",
        "An empty block does nothing; often what it held is missed.", "a {}", "a { color: red }",
        "stylelint block-no-empty";
    UNKNOWN_PROPERTY, "property-no-unknown", Error, "A property has a name that CSS knows.",
        "Browsers drop a declaration whose property they do not know.", "a { colr: red }", "a { color: red }",
        "MDN data, https://github.com/mdn/data; stylelint property-no-unknown";
    UNKNOWN_AT_RULE, "at-rule-no-unknown", Error, "An at-rule has a name that CSS knows.",
        "Browsers drop an at-rule they do not know, with all it holds.", "@medai print { a { color: red } }",
        "@media print { a { color: red } }", "stylelint at-rule-no-unknown";
    UNKNOWN_UNIT, "unit-no-unknown", Error, "A unit is one that CSS knows.",
        "Browsers drop the declaration.", "a { width: 10pxx }", "a { width: 10px }",
        "CSS Values and Units Level 4, https://www.w3.org/TR/css-values-4/";
    UNKNOWN_PSEUDO_CLASS, "selector-pseudo-class-no-unknown", Error, "A pseudo-class is one that CSS knows.",
        "A selector that browsers cannot read makes them drop the whole rule.", "a:hoover { color: red }",
        "a:hover { color: red }", "Selectors Level 4, https://www.w3.org/TR/selectors-4/";
    UNKNOWN_PSEUDO_ELEMENT, "selector-pseudo-element-no-unknown", Error, "A pseudo-element is one that CSS knows.",
        "A selector that browsers cannot read makes them drop the whole rule.", "a::pseudo { color: red }",
        "a::before { color: red }", "CSS Pseudo-Elements Level 4, https://www.w3.org/TR/css-pseudo-4/";
    UNKNOWN_TYPE, "selector-type-no-unknown", Error, "An element in a selector is one that HTML, SVG or MathML has.",
        "It matches nothing; often a dot for a class is missing.", "unknown { color: red }", ".unknown { color: red }",
        "HTML Standard, https://html.spec.whatwg.org/multipage/";
    INVALID_HEX, "color-no-invalid-hex", Error, "A hexadecimal colour has 3, 4, 6 or 8 digits.",
        "Browsers drop the declaration.", "a { color: #12345 }", "a { color: #123456 }",
        "CSS Color Level 4, https://www.w3.org/TR/css-color-4/#hex-notation";
    UNSPACED_OPERATOR, "function-calc-no-unspaced-operator", Error, "Plus and minus in calc() stand between spaces.",
        "Without the spaces the sign belongs to the number, and the value is dropped.", "a { width: calc(1px +2px) }",
        "a { width: calc(1px + 2px) }", "CSS Values and Units Level 4, https://www.w3.org/TR/css-values-4/#calc-syntax";
    DUPLICATE_PROPERTY, "declaration-block-no-duplicate-properties", Warning, "A property is set once in a block.",
        "The later one wins; unless it is a fallback in another syntax, the earlier does nothing.",
        "a { color: red; top: 0; color: blue }", "a { top: 0; color: blue }",
        "stylelint declaration-block-no-duplicate-properties";
    DUPLICATE_CUSTOM, "declaration-block-no-duplicate-custom-properties", Warning, "A custom property is set once in a block.",
        "The later one wins, the earlier does nothing.", "a { --b: 1; --b: 2 }", "a { --b: 2 }",
        "stylelint declaration-block-no-duplicate-custom-properties";
    SHORTHAND_OVERRIDE, "declaration-block-no-shorthand-property-overrides", Warning, "A shorthand does not come after its longhand.",
        "It sets the longhand anew, to its initial value if it names none.", "a { padding-left: 1px; padding: 2px }",
        "a { padding: 2px; padding-left: 1px }", "stylelint declaration-block-no-shorthand-property-overrides";
    OVERRIDDEN, "overridden-declaration", Info, "What a rule sets is not set again by a later rule with the same selector.",
        "The earlier declaration never shows, but is loaded and read.", "a { color: red } b { top: 0 } a { color: blue }",
        "a { color: blue } b { top: 0 }", "CSS Cascading and Inheritance Level 5, https://www.w3.org/TR/css-cascade-5/#cascade-order";
    DUPLICATE_SELECTOR, "no-duplicate-selectors", Warning, "A selector has one rule.",
        "Who changes one rule misses the other.", "a { color: red } b { top: 0 } a { left: 0 }",
        "a { color: red; left: 0 } b { top: 0 }", "stylelint no-duplicate-selectors";
    DESCENDING, "no-descending-specificity", Warning, "Of two selectors for the same element the more specific comes later.",
        "The later one looks as if it won, and does not.", "b a { color: red } a { color: blue }",
        "a { color: blue } b a { color: red }", "stylelint no-descending-specificity";
    DUPLICATE_IMPORT, "no-duplicate-at-import-rules", Warning, "A stylesheet is imported once.",
        "The second import is read and changes nothing but the order.", "@import 'a.css'; @import 'a.css';", "@import 'a.css';",
        "stylelint no-duplicate-at-import-rules";
    IMPORT_POSITION, "no-invalid-position-at-import-rule", Error, "An import stands before all rules.",
        "Browsers ignore it anywhere else.", "a { color: red } @import 'a.css';", "@import 'a.css'; a { color: red }",
        "CSS Cascading and Inheritance Level 5, https://www.w3.org/TR/css-cascade-5/#at-import";
    DUPLICATE_KEYFRAME, "keyframe-block-no-duplicate-selectors", Warning, "A keyframe has one block.",
        "Later blocks hide what earlier ones set.", "@keyframes a { from { top: 0 } from { left: 0 } }",
        "@keyframes a { from { top: 0; left: 0 } }", "stylelint keyframe-block-no-duplicate-selectors";
    KEYFRAME_IMPORTANT, "keyframe-declaration-no-important", Error, "A keyframe has no !important.",
        "Browsers drop such a declaration.", "@keyframes a { from { top: 0 !important } }", "@keyframes a { from { top: 0 } }",
        "CSS Animations Level 1, https://www.w3.org/TR/css-animations-1/#keyframes";
    DUPLICATE_FONT, "font-family-no-duplicate-names", Warning, "A list of fonts names each once.",
        "The second mention is never reached.", "a { font-family: Arial, serif, Arial }", "a { font-family: Arial, serif }",
        "stylelint font-family-no-duplicate-names";
    GENERIC_FONT, "font-family-no-missing-generic-family-keyword", Warning, "A list of fonts ends in a generic family.",
        "Where no font is there, the browser takes one of its own.", "a { font-family: Arial }",
        "a { font-family: Arial, sans-serif }", "stylelint font-family-no-missing-generic-family-keyword";
    ZERO_UNIT, "length-zero-no-unit", Info, "A zero length has no unit.",
        "It is shorter, and the same.", "a { top: 0px }", "a { top: 0 }", "stylelint length-zero-no-unit";
    REDUNDANT_VALUES, "shorthand-property-no-redundant-values", Info, "A shorthand says each value once.",
        "It is shorter, and the same.", "a { margin: 1px 1px }", "a { margin: 1px }",
        "stylelint shorthand-property-no-redundant-values";
    PSEUDO_COLONS, "selector-pseudo-element-colon-notation", Info, "A pseudo-element has two colons.",
        "One colon is for pseudo-classes; browsers allow it for the four oldest pseudo-elements only.", "a:before { color: red }",
        "a::before { color: red }", "stylelint selector-pseudo-element-colon-notation";
    UNDEFINED_VARIABLE, "no-unknown-custom-properties", Warning, "A custom property that is used is set, or has a fallback.",
        "Without a value the declaration is invalid when computed.", "a { color: var(--b) }",
        "a { --b: red; color: var(--b) }", "stylelint no-unknown-custom-properties";
    UNUSED_VARIABLE, "unused-custom-property", Info, "A custom property that is set is used.",
        "It is loaded for nothing, unless scripts or other stylesheets use it.", "a { --b: red }",
        "a { --b: red; color: var(--b) }", "CSS Custom Properties Level 1, https://www.w3.org/TR/css-variables-1/";
    UNKNOWN_ANIMATION, "no-unknown-animations", Warning, "An animation that is named has keyframes.",
        "Without keyframes nothing moves.", "a { animation-name: b }",
        "@keyframes b { from { top: 0 } } a { animation-name: b }", "stylelint no-unknown-animations";
}
