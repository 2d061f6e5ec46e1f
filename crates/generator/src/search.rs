//! `crates/catalog/generated/search.json`: what each term adds to each tool's rank.
//!
//! BM25 over the words of a tool's texts, each text with a weight. The sum over a query's terms is all that is left to do
//! at query time.

use crate::Generated;
use octavo_catalog::terms;
use octavo_toolkit::Registry;
use octavo_toolkit::registry::AnyTool;
use std::collections::BTreeMap;

/// How soon a word said again counts no more (BM25's k1).
const SATURATION: f64 = 1.2;
/// How much a long text is held against a tool (BM25's b).
const LENGTH_PENALTY: f64 = 0.4;
/// Scores are whole numbers, this many to BM25's one.
const SCALE: f64 = 100.0;

/// The index of all registries.
pub(crate) fn generate(registries: &[Registry]) -> Generated {
    let documents: Vec<BTreeMap<String, f64>> =
        registries.iter().flat_map(|registry| registry.tools.iter().map(|tool| document(registry, *tool))).collect();
    let mut index: BTreeMap<&str, Vec<(usize, f64)>> = BTreeMap::new();
    for (at, document) in documents.iter().enumerate() {
        for (term, weight) in document {
            index.entry(term).or_default().push((at, *weight));
        }
    }
    let lengths: Vec<f64> = documents.iter().map(|document| document.values().sum()).collect();
    let mean = lengths.iter().sum::<f64>() / count(lengths.len()).max(1.0);
    let lines: Vec<String> = index
        .into_iter()
        .map(|(term, postings)| {
            let rare =
                (1.0 + (count(documents.len()) - count(postings.len()) + 0.5) / (count(postings.len()) + 0.5)).ln();
            let scored = postings.iter().map(|(at, weight)| {
                let length = 1.0 - LENGTH_PENALTY + LENGTH_PENALTY * lengths[*at] / mean;
                let score = rare * weight * (SATURATION + 1.0) / (weight + SATURATION * length);
                format!("[{at},{:.0}]", (score * SCALE).max(1.0))
            });
            format!("{term:?}:[{}]", scored.collect::<Vec<_>>().join(","))
        })
        .collect();
    Generated { path: "crates/catalog/generated/search.json".into(), text: format!("{{\n{}\n}}\n", lines.join(",\n")) }
}

// Each term of a tool's texts with how much it says of the tool.
fn document(registry: &Registry, tool: &dyn AnyTool) -> BTreeMap<String, f64> {
    let declaration = tool.declaration();
    let name = registry.full_name(&declaration);
    let mut weights = BTreeMap::new();
    let mut add = |text: &str, weight: f64| {
        for term in terms(text) {
            *weights.entry(term).or_insert(0.0) += weight;
        }
    };
    add(&name, 2.0);
    add(declaration.title, 2.0);
    add(declaration.keywords, 1.5);
    add(declaration.summary, 1.0);
    weights
}

#[expect(clippy::cast_precision_loss, reason = "there are few tools")]
fn count(of: usize) -> f64 {
    of as f64
}
