//! Reviews a modelled system by graph algorithms and probability arithmetic.
//!
//! Owns the declaration, the choice of the language and the order of the steps. `json` and `dsl` read a `design`;
//! `structure`, `load` and `objectives` judge it with `figures`; `mermaid` draws it; `rules` names what is found.

mod data;
mod design;
mod dsl;
mod figures;
mod inspect;
mod json;
mod load;
mod mermaid;
mod objectives;
mod rules;
mod structure;

use crate::support::graph::Graph;
use crate::support::structurizr;
use data::{ModuleData, ModuleRow, ReviewData, Row, rounded};
use design::{Design, Note, Span};
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes};
use octavo_toolkit::{Ctx, Report, Tool, ToolError, declare_tool};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use structure::View;

/// Rows of components and modules in an answer.
const MAX_ROWS: usize = 200;
/// Findings that are placed and handed on; a caller sees at most a thousand of them.
const MAX_NOTES: usize = 2_000;

declare_tool! {
    /// Reviews the design of a system that is written down as a model: Structurizr DSL, or a small JSON model with figures.
    ///
    /// Use it before building or changing a distributed system, and on the module graph of a code base: to see what
    /// depends on what in circles, what is a single point of failure, whether availability, latency and load add up to
    /// the objectives, and what a failure takes along. It computes from what the model says; it does not guess figures.
    ///
    /// ## What is computed
    ///
    /// - **Cycles**: strongly connected components (Kosaraju), one example each, and the edges to cut. The cut is of
    ///   least weight (parallel links count) for groups of up to 16 components, by the heuristic of Eades, Lin and
    ///   Smyth with sifting for larger ones; `method` says which. Rings of calls that wait are an error of their own.
    /// - **Layers and zones**: links that climb declared layers, skip closed ones, or lead past a trust zone; a
    ///   dependency matrix (DSM), rows depend on columns.
    /// - **Coupling** (Martin): afferent Ca, efferent Ce, instability I = Ce / (Ca + Ce), abstractness A = abstract
    ///   types / types, distance D = |A + I - 1|.
    /// - **Single points of failure**: articulation points of the links, dominators from the entry points, and what
    ///   every request waits for. A warning where replicas are stated and none is spare; a remark where they are not
    ///   stated. Deployment instances of Structurizr count as replicas.
    /// - **Blast radius**: how many components depend on each, directly or not, over all links and over calls that wait.
    /// - **Availability** of a request: k of n replicas, all that is waited for in series (each part once, however many
    ///   paths share it), alternatives in parallel. Shared parts below alternatives are counted exactly, by a binary
    ///   decision diagram. Failures are taken as independent.
    /// - **Load**: arrivals by the traffic equations over `calls`; the queue of each component as M/M/c (Erlang C).
    /// - **Latency**: own time, mean queue wait and calls, summed along the longest chain of calls that wait.
    /// - A **C4 diagram** in Mermaid's language.
    ///
    /// Numbers are given to twelve significant digits.
    ///
    /// ## The JSON model
    ///
    /// An object with these members, all optional:
    ///
    /// - `name`.
    /// - `components`: `id` (required), `name`, `kind` (service, person, user, system, external, database, cache,
    ///   queue, topic, component), `description`, `technology`, `group` (drawn as a box), `layer`, `zone`, `replicas`
    ///   (1-1000, taken as 1), `requiredReplicas` (1), `availability` (of one replica, a fraction), `latencyMs` (own
    ///   time without queue and calls; else `serviceTimeMs`), `ratePerSecond` (arrivals from outside),
    ///   `serviceTimeMs` (mean), `servers` (of one replica, 1-1000), `types`, `abstractTypes`.
    /// - `links`: `from`, `to` (required), `kind` (sync, async), `calls` (mean per request, 1; a chain counts at least
    ///   one), `latencyMs` (of the network), `availability`, `optional` (a request can do without), `alternative` (a
    ///   name; links of one component that share it stand in for each other), `description`, `technology`.
    /// - `entryPoints`: ids; else what people use, else what nothing calls.
    /// - `slos`: `name`, `entry` (an id: all it waits for) or `path` (ids: these alone), `latencyMs`, `availability`.
    /// - `layers`: names from the top; `closedLayers`: true forbids to skip one. `zones`: names from the outside.
    /// - `modules`: `id`, `layer`, `types`, `abstractTypes`; `moduleEdges`: `from`, `to`. Reviewed like components,
    ///   with the stable dependencies principle.
    ///
    /// ## Structurizr DSL
    ///
    /// Elements, groups, deployments, relationships (also `this` and implied ones), flat and hierarchical identifiers,
    /// `!const`, `!var`, substitution, archetypes, text blocks and comments are read; reading goes on after a mistake.
    /// Nothing is fetched or run. Figures are properties named `octavo.` and the JSON name, such as
    /// `octavo.replicas`, on elements and relationships; `octavo.layers`, `octavo.zones` (names between commas) and
    /// `octavo.closedLayers` on the workspace or model; `octavo.entry`, `octavo.slo.latencyMs` and
    /// `octavo.slo.availability` on an element. The tags `Async` and `Asynchronous` make a relationship asynchronous.
    /// The finest elements are reviewed. What Structurizr's inspector says is reported under its own ids, with the levels
    /// that properties named `structurizr.inspection.` give; what views show is worked out for it.
    ///
    /// ## A worked example
    ///
    /// The example "Online Boutique" below is Google's microservices-demo: eleven services and the Redis behind the
    /// carts, wired as its manifests tell. The figures are made up for the example. Every service but Redis has a spare
    /// replica; so Redis is the one single point of failure, and alone makes the shop miss its availability: 531
    /// minutes a year instead of 263. The longest chain of calls (front end, checkout, payment) takes 69 ms of a budget
    /// of 150 ms, which holds only while calls run side by side: one after the other they take longer.
    ///
    /// ## Limits
    ///
    /// 4 MiB of source, 2,000 components, 20,000 links, 2,000 modules with 20,000 edges, 100 objectives of 200 steps,
    /// 50 layers, rings of 64 components for traffic, 64 components below alternatives. Everything is linear in the
    /// model but: dependants (components x links / 64), dominators (quadratic at worst), exact cuts (2^n, n <= 16, at
    /// most 2^20 states), greedy cuts (quadratic), traffic in a ring (cubic), queues (linear in servers, at most 20,000 each).
    pub struct ReviewDesign;
    name: "review_design",
    title: "Review a design",
    summary: "Reviews a system model: cycles, layer breaks, single points of failure, availability, latency, load. Judges stated figures only.",
    keywords: "structurizr dsl workspace architecture microservices services circular dependency coupling instability bottleneck spof slo sla uptime nines redundancy failover replicas capacity throughput queue wait blast radius dsm monolith layered module graph mermaid trust zone traffic erlang c queueing workers pool outage cascading failure goes down falls over resilience fault tolerance weak spots backend system diagram",
    examples: [
        "two services that need each other" => r#"{"source":"{\"components\":[{\"id\":\"orders\",\"replicas\":2},{\"id\":\"stock\",\"replicas\":1}],\"links\":[{\"from\":\"orders\",\"to\":\"stock\"},{\"from\":\"stock\",\"to\":\"orders\",\"kind\":\"async\"}],\"entryPoints\":[\"orders\"]}"}"#,
        "a workspace with figures" => r#"{"source":"workspace \"Shop\" {\n  model {\n    user = person \"Customer\" \"Buys.\"\n    shop = softwareSystem \"Shop\" \"Sells.\" {\n      web = container \"Web\" \"Shows products.\" \"Rust\" {\n        properties {\n          octavo.replicas 2\n          octavo.availability 0.99\n          octavo.slo.availability 0.999\n        }\n      }\n      db = container \"Database\" \"Keeps orders.\" \"PostgreSQL\" \"Database\" {\n        properties {\n          octavo.replicas 1\n          octavo.availability 0.995\n        }\n      }\n    }\n    user -> web \"Orders\" \"HTTPS\"\n    web -> db \"Reads\" \"SQL\"\n  }\n  views {\n    container shop shop {\n      include *\n    }\n  }\n}"}"#,
        "Online Boutique" => ONLINE_BOUTIQUE,
    ],
    rules: rules::RULES,
    not_checked: [
        "unstated figures, correlated failures, retries, timeouts, latency quantiles",
        "Structurizr: !include, scripts, !relationships, styles, views embedded in documentation (documentation.embeddedview)",
    ],
}

// Examples are no part of the wasm. The services and their calls are facts of github.com/GoogleCloudPlatform/microservices-demo; the figures are not.
#[cfg(not(target_arch = "wasm32"))]
const ONLINE_BOUTIQUE: &str = r#"{"source":"{\"name\":\"Online Boutique\",\"components\":[{\"id\":\"user\",\"kind\":\"person\"},{\"id\":\"loadgenerator\",\"technology\":\"Python\",\"replicas\":1},{\"id\":\"frontend\",\"technology\":\"Go\",\"replicas\":3,\"requiredReplicas\":2,\"availability\":0.999,\"serviceTimeMs\":12,\"servers\":4,\"ratePerSecond\":200},{\"id\":\"adservice\",\"technology\":\"Java\",\"replicas\":2,\"availability\":0.999,\"serviceTimeMs\":6,\"servers\":4},{\"id\":\"cartservice\",\"technology\":\"C#\",\"replicas\":2,\"availability\":0.999,\"serviceTimeMs\":4,\"servers\":4},{\"id\":\"checkoutservice\",\"technology\":\"Go\",\"replicas\":2,\"availability\":0.999,\"serviceTimeMs\":15,\"servers\":4},{\"id\":\"currencyservice\",\"technology\":\"Node.js\",\"replicas\":2,\"availability\":0.999,\"serviceTimeMs\":2,\"servers\":4},{\"id\":\"emailservice\",\"technology\":\"Python\",\"replicas\":2,\"availability\":0.999,\"serviceTimeMs\":30,\"servers\":4},{\"id\":\"paymentservice\",\"technology\":\"Node.js\",\"replicas\":2,\"availability\":0.999,\"serviceTimeMs\":40,\"servers\":4},{\"id\":\"productcatalogservice\",\"technology\":\"Go\",\"replicas\":2,\"availability\":0.999,\"serviceTimeMs\":3,\"servers\":4},{\"id\":\"recommendationservice\",\"technology\":\"Python\",\"replicas\":2,\"availability\":0.999,\"serviceTimeMs\":8,\"servers\":4},{\"id\":\"shippingservice\",\"technology\":\"Go\",\"replicas\":2,\"availability\":0.999,\"serviceTimeMs\":3,\"servers\":4},{\"id\":\"redis-cart\",\"kind\":\"cache\",\"technology\":\"Redis\",\"replicas\":1,\"availability\":0.999,\"serviceTimeMs\":0.5,\"servers\":1}],\"links\":[{\"from\":\"user\",\"to\":\"frontend\"},{\"from\":\"loadgenerator\",\"to\":\"frontend\",\"calls\":1},{\"from\":\"frontend\",\"to\":\"adservice\",\"optional\":true,\"latencyMs\":1},{\"from\":\"frontend\",\"to\":\"cartservice\",\"latencyMs\":1},{\"from\":\"frontend\",\"to\":\"checkoutservice\",\"calls\":0.05,\"latencyMs\":1},{\"from\":\"frontend\",\"to\":\"currencyservice\",\"calls\":2,\"latencyMs\":1},{\"from\":\"frontend\",\"to\":\"productcatalogservice\",\"calls\":2,\"latencyMs\":1},{\"from\":\"frontend\",\"to\":\"recommendationservice\",\"optional\":true,\"latencyMs\":1},{\"from\":\"frontend\",\"to\":\"shippingservice\",\"calls\":0.3,\"latencyMs\":1},{\"from\":\"checkoutservice\",\"to\":\"cartservice\",\"latencyMs\":1},{\"from\":\"checkoutservice\",\"to\":\"currencyservice\",\"calls\":3,\"latencyMs\":1},{\"from\":\"checkoutservice\",\"to\":\"emailservice\",\"latencyMs\":1},{\"from\":\"checkoutservice\",\"to\":\"paymentservice\",\"latencyMs\":1},{\"from\":\"checkoutservice\",\"to\":\"productcatalogservice\",\"calls\":3,\"latencyMs\":1},{\"from\":\"checkoutservice\",\"to\":\"shippingservice\",\"calls\":2,\"latencyMs\":1},{\"from\":\"recommendationservice\",\"to\":\"productcatalogservice\",\"latencyMs\":1},{\"from\":\"cartservice\",\"to\":\"redis-cart\",\"latencyMs\":1}],\"entryPoints\":[\"frontend\"],\"slos\":[{\"name\":\"shop\",\"entry\":\"frontend\",\"availability\":0.9995,\"latencyMs\":150}]}"}"#;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Structurizr DSL with properties such as `octavo.replicas`, or JSON: components [{id, layer, replicas,
    /// availability, latencyMs, ratePerSecond, serviceTimeMs, servers}], links [{from, to, kind sync|async, calls,
    /// optional}], entryPoints, slos [{entry, latencyMs, availability}], layers, modules, moduleEdges.
    source: String,
}

impl Tool for ReviewDesign {
    type Input = Input;
    type Data = ReviewData;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<ReviewData>, ToolError> {
        check_bytes("/source", &input.source, MAX_SOURCE_BYTES)?;
        let source = input.source.as_str();
        let is_json = source.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
        let mut notes = Vec::new();
        let design = if is_json {
            json::read(source, &mut notes).unwrap_or_default()
        } else {
            let workspace = structurizr::parse(source);
            let design = dsl::read(&workspace, &mut notes);
            if workspace.span.end > 0 {
                inspect::inspect(&workspace, &mut notes);
            }
            design
        };
        let data = review(design, !is_json, &mut notes);
        let has_no_entry = data.links > 0 && data.entry_points.is_empty();
        let omitted = notes.len().saturating_sub(MAX_NOTES);
        let findings = design::findings_of(design::gravest(notes, MAX_NOTES), source);
        let mut report = Report::checked(findings, data);
        if has_no_entry {
            report = report
                .not_checked("what lies behind entry points: none is given, and everything is called by something");
        }
        Ok(if omitted > 0 {
            report.not_checked(format!("{omitted} findings beyond the {MAX_NOTES} gravest"))
        } else {
            report
        })
    }
}

fn review(mut design: Design, is_inspected: bool, notes: &mut Vec<Note>) -> ReviewData {
    let (graph, hard, people) = structure::graphs(&design);
    if design.entries.is_empty() {
        design.entries = structure::default_entries(&design, &graph, &people);
    }
    let waits = Graph::new(
        design.components.len(),
        design
            .links
            .iter()
            .filter(|link| link.is_waited_for() && !people.contains(&link.from))
            .map(|link| (link.from, link.to)),
    );
    let places: BTreeMap<(usize, usize), Span> =
        design.links.iter().rev().filter_map(|link| Some(((link.from, link.to), link.at?))).collect();
    let view = View {
        graph: &graph,
        nodes: &design.components,
        places: &places,
        layers: &design.layers,
        is_closed: design.is_closed,
    };
    let (cycles, feedback, set) = structure::cycles(&view, notes);
    structure::layers(&view, notes);
    structure::main_sequence(&view, notes);
    structure::zones(&design, notes);
    structure::waiting_cycles(&design, &waits, notes);
    structure::orphans(&design, &graph, is_inspected, notes);
    let failure = structure::failures(&design, &graph, &hard, &people, notes);
    let load = load::solve(&design, notes);
    let times = objectives::times(&design, &load, &waits);
    let slos = objectives::judge(&design, &load, &times, notes);
    let matrix = structure::matrix(&view, &set, &people);
    let reviewed = design.components.len() - people.len();
    let row = |(at, component): (usize, &design::Component)| {
        let coupling = structure::coupling(&graph, &design.components, at);
        let of = |list: &[usize]| list.get(at).copied().unwrap_or(0);
        let up = |up| figures::k_of_n(component.required_replicas, component.replicas.unwrap_or(1), up).0;
        Row {
            id: component.id.clone(),
            afferent: coupling.afferent,
            efferent: coupling.efferent,
            instability: structure::optional(coupling.instability),
            abstractness: structure::optional(coupling.abstractness),
            distance: structure::optional(coupling.distance),
            dependants: of(&failure.dependants),
            hard_dependants: of(&failure.hard_dependants),
            pieces: Some(of(&failure.pieces)).filter(|pieces| *pieces > 1),
            dominator: failure
                .dominators
                .immediate
                .get(at)
                .copied()
                .flatten()
                .map(|at| structure::name(&design.components, at)),
            dominates: of(&failure.dominators.dominated),
            availability: structure::optional(component.availability.map(up)),
            arrivals_per_second: structure::optional(
                load.arrivals.get(at).copied().flatten().filter(|rate| *rate > 0.0),
            ),
            queue: load.queues.get(at).copied().flatten().map(|queue| data::Queue {
                utilisation: rounded(queue.utilisation),
                wait_probability: structure::optional(queue.wait_probability),
                wait_ms: structure::optional(queue.wait_ms),
                ..queue
            }),
        }
    };
    ReviewData {
        components: reviewed,
        links: design.links.iter().filter(|link| !people.contains(&link.from) && !people.contains(&link.to)).count(),
        entry_points: design
            .entries
            .iter()
            .take(structure::MAX_LISTED)
            .map(|at| structure::name(&design.components, *at))
            .collect(),
        cycles,
        feedback,
        matrix,
        rows: design
            .components
            .iter()
            .enumerate()
            .filter(|(at, _)| !people.contains(at))
            .take(MAX_ROWS)
            .map(row)
            .collect(),
        rows_omitted: reviewed.saturating_sub(MAX_ROWS),
        slos,
        modules: review_modules(&design, notes),
        mermaid: mermaid::draw(&design),
    }
}

fn review_modules(design: &Design, notes: &mut Vec<Note>) -> Option<ModuleData> {
    let modules = &design.modules;
    if modules.components.is_empty() {
        return None;
    }
    let graph = Graph::new(modules.components.len(), modules.edges.iter().map(|(from, to, _)| (*from, *to)));
    let places: BTreeMap<(usize, usize), Span> =
        modules.edges.iter().rev().filter_map(|(from, to, at)| Some(((*from, *to), (*at)?))).collect();
    let view = View {
        graph: &graph,
        nodes: &modules.components,
        places: &places,
        layers: &design.layers,
        is_closed: design.is_closed,
    };
    let (cycles, feedback, set) = structure::cycles(&view, notes);
    structure::layers(&view, notes);
    structure::stable_dependencies(&view, notes);
    structure::main_sequence(&view, notes);
    let dependants = graph.dependants();
    let row = |(at, module): (usize, &design::Component)| {
        let coupling = structure::coupling(&graph, &modules.components, at);
        ModuleRow {
            id: module.id.clone(),
            afferent: coupling.afferent,
            efferent: coupling.efferent,
            instability: structure::optional(coupling.instability),
            abstractness: structure::optional(coupling.abstractness),
            distance: structure::optional(coupling.distance),
            dependants: dependants.get(at).copied().unwrap_or(0),
        }
    };
    Some(ModuleData {
        matrix: structure::matrix(&view, &set, &BTreeSet::new()),
        cycles,
        feedback,
        rows: modules.components.iter().enumerate().take(MAX_ROWS).map(row).collect(),
        rows_omitted: modules.components.len().saturating_sub(MAX_ROWS),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::fmt::Write as _;

    fn findings(source: &str) -> Vec<(String, String)> {
        let input = Input { source: source.to_owned() };
        let report = ReviewDesign.run(input, &Ctx::silent()).expect("broken source is no error");
        report.findings().iter().map(|finding| (finding.rule.to_string(), finding.message.clone())).collect()
    }

    fn data(source: &Value) -> Value {
        let input = Input { source: source.to_string() };
        let report = ReviewDesign.run(input, &Ctx::silent()).expect("broken source is no error");
        serde_json::to_value(report.data().expect("data")).expect("serializable")
    }

    fn names(source: &str, rule: &str) -> bool {
        findings(source).iter().any(|(known, _)| known == rule)
    }

    // The pages of the rules are run: what is shown as wrong is found, what is shown as right is not. Fragments of a
    // workspace are put into one.
    #[test]
    fn pages_of_rules_tell_the_truth() {
        let (mut run, mut untrue) = (0, Vec::new());
        for rule in rules::RULES {
            let whole = |text: &str| -> Option<String> {
                let first = text.split([' ', '\n']).next().unwrap_or_default();
                match first {
                    "workspace" | "!const" | "!constant" => Some(text.to_owned()),
                    _ if text.starts_with('{') => Some(text.to_owned()),
                    "person" | "softwareSystem" => Some(format!("workspace {{\nmodel {{\n{text}\n}}\n}}")),
                    "container" => Some(format!("workspace {{\nmodel {{\nsoftwareSystem S {{\n{text}\n}}\n}}\n}}")),
                    "component" => Some(format!(
                        "workspace {{\nmodel {{\nsoftwareSystem S {{\ncontainer C {{\n{text}\n}}\n}}\n}}\n}}"
                    )),
                    "deploymentNode" => Some(format!(
                        "workspace {{\nmodel {{\nsoftwareSystem S {{\nshop = container C\n}}\ndeploymentEnvironment E {{\n{text}\n}}\n}}\n}}"
                    )),
                    "infrastructureNode" => Some(format!(
                        "workspace {{\nmodel {{\ndeploymentEnvironment E {{\ndeploymentNode N {{\n{text}\n}}\n}}\n}}\n}}"
                    )),
                    "a" => Some(format!(
                        "workspace {{\nmodel {{\na = softwareSystem A\nb = softwareSystem B\n{text}\n}}\n}}"
                    )),
                    "systemLandscape" if text.ends_with('{') => {
                        Some(format!("workspace {{\nmodel {{\n}}\nviews {{\n{text}\n}}\n}}\n}}"))
                    }
                    "systemLandscape" => {
                        Some(format!("workspace {{\nmodel {{\nperson P\n}}\nviews {{\n{text}\n}}\n}}"))
                    }
                    "element" => Some(format!("workspace {{\nmodel {{\n}}\nviews {{\nstyles {{\n{text}\n}}\n}}\n}}")),
                    _ => None,
                }
            };
            let (Some(wrong), Some(right)) = (whole(rule.docs.wrong), whole(rule.docs.right)) else { continue };
            if !names(&wrong, rule.id) || names(&right, rule.id) {
                untrue.push((rule.id, findings(&wrong), findings(&right)));
            }
            run += 1;
        }
        assert!(untrue.is_empty(), "{untrue:#?}");
        assert!(run >= 48, "only {run} pages are run");
    }

    #[test]
    fn limits_hold_at_their_edges() {
        let components = |count: usize| {
            let list: Vec<Value> = (0..count).map(|at| json!({"id": at.to_string()})).collect();
            json!({"components": list}).to_string()
        };
        assert!(!names(&components(design::MAX_COMPONENTS), "model-limit"));
        assert!(names(&components(design::MAX_COMPONENTS + 1), "model-limit"));
        let links = |count: usize| {
            let list: Vec<Value> = (0..count).map(|_| json!({"from": "a", "to": "b"})).collect();
            json!({"components": [{"id": "a"}, {"id": "b"}], "links": list}).to_string()
        };
        assert!(!names(&links(design::MAX_LINKS), "model-limit"));
        assert!(names(&links(design::MAX_LINKS + 1), "model-limit"));
        let id = |length: usize| json!({"components": [{"id": "x".repeat(length)}]}).to_string();
        assert!(!names(&id(design::MAX_ID_CHARS), "model-value"));
        assert!(names(&id(design::MAX_ID_CHARS + 1), "model-value"));
        let elements = |count: usize| {
            let mut text = "workspace {\nmodel {\n".to_owned();
            for at in 0..count {
                let _ = writeln!(text, "softwareSystem S{at}");
            }
            text + "}\n}\n"
        };
        assert!(!names(&elements(structurizr::MAX_ELEMENTS), "model-limit"));
        assert!(names(&elements(structurizr::MAX_ELEMENTS + 1), "model-limit"));
    }

    #[test]
    fn refuses_a_source_over_the_limit() {
        let run = |length: usize| ReviewDesign.run(Input { source: " ".repeat(length) }, &Ctx::silent()).is_err();
        assert!(!run(MAX_SOURCE_BYTES));
        assert!(run(MAX_SOURCE_BYTES + 1));
    }

    #[test]
    fn constants_that_name_constants_stay_small() {
        let mut text = "!const A0 \"xxxxxxxxxx\"\n".to_owned();
        for at in 1..40 {
            let before = at - 1;
            let _ = writeln!(text, "!const A{at} \"${{A{before}}}${{A{before}}}${{A{before}}}\"");
        }
        text += "workspace {\nmodel {\nsoftwareSystem \"${A39}\"\n}\n}\n";
        assert!(names(&text, "model-limit"));
    }

    #[test]
    fn shared_parts_below_alternatives_count_once() {
        // Two replicas of a service on one disk: the disk is in series with the pair, not doubled.
        let design = json!({
            "components": [
                {"id": "web"},
                {"id": "a", "availability": 0.9},
                {"id": "b", "availability": 0.9},
                {"id": "disk", "availability": 0.5}
            ],
            "links": [
                {"from": "web", "to": "a", "alternative": "service"},
                {"from": "web", "to": "b", "alternative": "service"},
                {"from": "a", "to": "disk"},
                {"from": "b", "to": "disk"}
            ],
            "slos": [{"entry": "web", "availability": 0.1}]
        });
        assert_eq!(data(&design)["slos"][0]["availability"], json!(0.495));
    }

    #[test]
    fn a_part_on_two_paths_is_waited_for_once() {
        let design = json!({
            "components": [{"id": "web", "availability": 0.9}, {"id": "a"}, {"id": "b"}, {"id": "db", "availability": 0.8}],
            "links": [
                {"from": "web", "to": "a"},
                {"from": "web", "to": "b"},
                {"from": "a", "to": "db"},
                {"from": "b", "to": "db"}
            ],
            "slos": [{"entry": "web", "availability": 0.1}]
        });
        assert_eq!(data(&design)["slos"][0]["availability"], json!(0.72));
    }

    #[test]
    fn the_worked_example_says_what_the_page_says() {
        let arguments: Value = serde_json::from_str(ONLINE_BOUTIQUE).expect("JSON");
        let source = arguments["source"].as_str().expect("source").to_owned();
        let found: Vec<String> = findings(&source).into_iter().map(|(rule, _)| rule).collect();
        assert_eq!(found, ["single-point-of-failure", "availability-slo", "latency-slo"]);
        let slo = &data(&serde_json::from_str(&source).expect("JSON"))["slos"][0];
        assert_eq!(slo["path"], json!(["frontend", "checkoutservice", "paymentservice"]));
        let figure = |name: &str| slo[name].as_f64().expect("a figure").round();
        assert!((figure("downtimeMinutesPerYear") - 531.0).abs() < 0.5);
        assert!((figure("latencyMs") - 69.0).abs() < 0.5);
        assert!(figure("sequentialMs") > 150.0);
    }

    #[test]
    fn deployed_instances_are_replicas() {
        let source = "workspace {\nmodel {\nu = person U\ns = softwareSystem S {\nw = container W\nd = container D\n}\nu -> w\nw -> d\n\
            deploymentEnvironment Live {\ndeploymentNode N {\ninstances 2\ndeploymentNode M d t \"\" 3 {\ncontainerInstance w\n}\n\
            containerInstance d\n}\n}\ndeploymentEnvironment Test {\ndeploymentNode T {\ncontainerInstance w\n}\n}\n}\n}\n";
        let workspace = structurizr::parse(source);
        assert!(workspace.issues.is_empty(), "{:?}", workspace.issues);
        let design = dsl::read(&workspace, &mut Vec::new());
        let replicas: Vec<_> = design.components.iter().map(|component| component.replicas).collect();
        assert_eq!(replicas, [None, Some(6), Some(2)]);
    }
}
