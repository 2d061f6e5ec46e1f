//! What a stylesheet is made of, counted as Project Wallace's analyzer counts it.

use super::values;
use crate::support::css_selectors::{Part, Selector, Specificity, read_list};
use crate::support::css_tree::{Node, Sheet, base_name, vendor_prefix};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Words with how often each comes.
pub(super) type Bag = BTreeMap<String, u32>;

/// One word of an inventory.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(super) struct Item {
    /// Which inventory: colors, fontSizes, zIndexes, mediaQueries and so on.
    pub(super) of: &'static str,
    pub(super) value: String,
    pub(super) count: u32,
}

/// Totals of a stylesheet.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Totals {
    pub(super) bytes: usize,
    pub(super) lines: usize,
    /// At-rules, selectors and declarations.
    pub(super) source_lines: u32,
    pub(super) comments: usize,
    pub(super) comment_bytes: usize,
    /// Characters of data: addresses.
    pub(super) embedded: usize,
    pub(super) at_rules: u32,
    pub(super) rules: u32,
    pub(super) empty_rules: u32,
    pub(super) selectors: u32,
    pub(super) unique_selectors: usize,
    pub(super) keyframe_selectors: u32,
    pub(super) id_selectors: u32,
    pub(super) most_selectors_in_rule: u32,
    pub(super) declarations: u32,
    pub(super) unique_declarations: usize,
    pub(super) most_declarations_in_rule: u32,
    pub(super) important: u32,
    pub(super) important_in_keyframes: u32,
    /// Highest specificity: ids, classes, types.
    pub(super) max_specificity: String,
    /// Sum of all specificities.
    pub(super) specificity_sum: String,
    pub(super) selector_complexity: u32,
    pub(super) max_selector_complexity: u32,
    pub(super) declaration_complexity: u32,
    pub(super) property_complexity: u32,
    pub(super) value_complexity: u32,
    pub(super) max_depth: usize,
}

/// Everything counted.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) totals: Totals,
    pub(super) bags: BTreeMap<&'static str, Bag>,
    max: Option<Specificity>,
    sum: Specificity,
    selectors: BTreeSet<String>,
    declarations: BTreeSet<String>,
}

impl Count {
    pub(super) fn add(&mut self, of: &'static str, value: impl Into<String>) {
        *self.bags.entry(of).or_default().entry(value.into()).or_default() += 1;
    }

    /// The inventories, the most used first.
    pub(super) fn items(&self) -> Vec<Item> {
        let mut items = Vec::new();
        for (of, bag) in &self.bags {
            let mut all: Vec<(&String, &u32)> = bag.iter().collect();
            all.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
            items.extend(all.into_iter().map(|(value, count)| Item { of, value: value.clone(), count: *count }));
        }
        items
    }
}

/// Counts one sheet into `count`.
pub(super) fn sheet(sheet: &Sheet<'_>, count: &mut Count) {
    let totals = &mut count.totals;
    totals.bytes += sheet.text.len();
    totals.lines += sheet.text.matches('\n').count() + 1;
    totals.comments += sheet.comments.len();
    totals.comment_bytes += sheet.comments.iter().map(|span| sheet.slice(span).encode_utf16().count()).sum::<usize>();
    // How many selectors and declarations each rule has.
    let mut declared: BTreeMap<usize, u32> = BTreeMap::new();
    for entry in &sheet.entries {
        if let (Node::Declaration { .. }, Some(parent)) = (&entry.node, entry.parent) {
            *declared.entry(parent).or_default() += 1;
        }
    }
    for (at, entry) in sheet.entries.iter().enumerate() {
        count.totals.max_depth = count.totals.max_depth.max(entry.depth);
        match &entry.node {
            Node::At { name, block } => at_rule(name, *block, sheet.slice(&entry.prelude), count),
            Node::Rule if entry.in_keyframes => {
                for selector in read_list(sheet.slice(&entry.prelude), 0) {
                    count.totals.keyframe_selectors += 1;
                    count.totals.source_lines += 1;
                    count.add("keyframeSelectors", sheet.slice(&entry.prelude).get(selector.span).unwrap_or_default());
                }
            }
            Node::Rule => {
                let prelude = sheet.slice(&entry.prelude);
                let list = read_list(prelude, 0);
                let declarations = declared.get(&at).copied().unwrap_or_default();
                let number = u32::try_from(list.len()).unwrap_or(u32::MAX);
                let totals = &mut count.totals;
                totals.rules += 1;
                let has_child = sheet.entries.get(at + 1).is_some_and(|next| next.parent == Some(at));
                totals.empty_rules += u32::from(!has_child);
                totals.most_selectors_in_rule = totals.most_selectors_in_rule.max(number);
                totals.most_declarations_in_rule = totals.most_declarations_in_rule.max(declarations);
                for selector in &list {
                    self::selector(selector, prelude.get(selector.span.clone()).unwrap_or_default(), count);
                }
            }
            Node::Declaration { property, value, important } => {
                let keyframes = entry.in_keyframes;
                let whole = sheet.slice(&entry.prelude);
                declaration(property, sheet.slice(value), whole, *important, keyframes, count);
            }
        }
    }
    let words = |specificity: Specificity| {
        let [a, b, c] = specificity;
        format!("{a},{b},{c}")
    };
    count.totals.max_specificity = words(count.max.unwrap_or_default());
    count.totals.specificity_sum = words(count.sum);
    count.totals.unique_selectors = count.selectors.len();
    count.totals.unique_declarations = count.declarations.len();
}

fn at_rule(name: &str, block: bool, prelude: &str, count: &mut Count) {
    count.totals.at_rules += 1;
    count.totals.source_lines += 1;
    let base = base_name(name);
    count.add("atRules", base.clone());
    if prelude.is_empty() {
        if base == "layer" && block {
            count.add("layers", "<anonymous>");
        }
        return;
    }
    match base.as_str() {
        "media" => count.add("mediaQueries", prelude),
        "supports" => count.add("supports", prelude),
        "container" => count.add("containers", prelude),
        "property" => count.add("registeredProperties", prelude),
        "charset" => count.add("charsets", prelude.to_lowercase()),
        "import" => count.add("imports", prelude),
        "scope" => count.add("scopes", prelude),
        "layer" => prelude.split(',').for_each(|layer| count.add("layers", layer.trim())),
        other if other.ends_with("keyframes") => count.add("keyframes", prelude),
        _ => {}
    }
}

fn selector(selector: &Selector, text: &str, count: &mut Count) {
    count.totals.selectors += 1;
    count.totals.source_lines += 1;
    count.selectors.insert(text.to_owned());
    let complexity = selector.complexity();
    count.totals.selector_complexity += complexity;
    count.totals.max_selector_complexity = count.totals.max_selector_complexity.max(complexity);
    let specificity = selector.specificity();
    count.max = Some(count.max.map_or(specificity, |max| max.max(specificity)));
    for (sum, own) in count.sum.iter_mut().zip(specificity) {
        *sum += own;
    }
    count.totals.id_selectors += u32::from(specificity[0] > 0);
    let [a, b, c] = specificity;
    count.add("specificities", format!("{a},{b},{c}"));
    for part in selector.all_parts() {
        match part {
            Part::PseudoClass(pseudo) => {
                count.add("pseudoClasses", pseudo.name.to_ascii_lowercase());
                if vendor_prefix(&pseudo.name).is_some() {
                    count.add("prefixedSelectors", format!(":{}", pseudo.name.to_ascii_lowercase()));
                }
            }
            Part::PseudoElement(pseudo) => {
                count.add("pseudoElements", pseudo.name.to_ascii_lowercase());
                if vendor_prefix(&pseudo.name).is_some() {
                    count.add("prefixedSelectors", format!("::{}", pseudo.name.to_ascii_lowercase()));
                }
            }
            Part::Attribute { name, .. } => count.add("attributes", name.to_ascii_lowercase()),
            Part::Type(name) if name.contains('-') => count.add("customElements", name.to_ascii_lowercase()),
            Part::Combinator(sign) => count.add("combinators", *sign),
            Part::Type(_) | Part::Class(_) | Part::Id(_) | Part::Nesting => {}
        }
    }
}

fn declaration(property: &str, value: &str, whole: &str, important: bool, keyframes: bool, count: &mut Count) {
    let totals = &mut count.totals;
    totals.declarations += 1;
    totals.source_lines += 1;
    totals.important += u32::from(important);
    totals.important_in_keyframes += u32::from(important && keyframes);
    totals.declaration_complexity += 1 + u32::from(important) + u32::from(important && keyframes);
    let custom = property.starts_with("--");
    let prefixed = vendor_prefix(property).is_some();
    let hacked = !custom && !prefixed && property.starts_with(['/', '*', '_', '+', '&', '$', '#']);
    totals.property_complexity += if custom && important { 3 } else { 1 + u32::from(prefixed || custom || hacked) };
    count.declarations.insert(whole.to_owned());
    let base = base_name(property);
    count.add("properties", base.clone());
    if prefixed {
        count.add("prefixedProperties", property);
    } else if custom {
        count.add("customProperties", property);
    } else if hacked {
        count.add("propertyHacks", property.chars().take(1).collect::<String>());
    }
    if values::SHORTHANDS.contains(&base.as_str()) {
        count.add("shorthands", property);
    }
    values::count(&base, value, count);
}
