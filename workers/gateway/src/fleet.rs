//! What this isolate knows of the workers behind it: how their breakers stand, what versions answered, what the cache saved.
//!
//! Of this isolate alone: there are as many as the platform likes. The whole deployment's figures are the tail worker's.

use crate::breaker::{Breakers, Standing, State};
use octavo_category::Category;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How long a worker counts as what it said to be, in milliseconds: so long a result of before a deployment may still be given
/// after it.
pub const VERSION_KEPT_MS: u64 = 5_000;

/// What is known of the workers.
#[derive(Debug, Default)]
pub struct Fleet {
    /// Whether they are asked.
    pub breakers: Breakers,
    // And when.
    reported: BTreeMap<&'static str, (Reported, u64)>,
    hits: u64,
    misses: u64,
    saved_ms: u64,
}

/// What a worker says of itself with each answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Reported {
    /// Its deployed version; empty where the platform tells none.
    pub version: String,
    /// Digest of the catalogue that it was built with.
    pub catalog: String,
}

/// One probe of one worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The worker's category.
    pub category: Category,
    /// What it said of itself; none when it did not answer in time.
    pub found: Option<Reported>,
    /// How long that took, in milliseconds.
    pub took_ms: u64,
}

impl Fleet {
    /// Takes what a worker said of itself. True where its catalogue is not the one that this gateway was built with: its
    /// tools are used all the same, and what is listed of them may be of before or after.
    pub fn reports(&mut self, binding: &str, reported: Reported, now: u64) -> bool {
        let Some(category) = Category::ALL.iter().find(|category| category.row().binding == binding) else {
            return false;
        };
        let is_skewed = is_skewed(*category, &reported);
        self.reported.insert(category.row().binding, (reported, now));
        is_skewed
    }

    /// Takes word that a worker does not say now what it is: it counts as what it was.
    pub fn says_nothing(&mut self, binding: &'static str, now: u64) {
        self.reported.entry(binding).or_default().1 = now;
    }

    /// The version of a worker, as it said itself in the last [`VERSION_KEPT_MS`]; empty where the platform tells none.
    pub fn version_of(&self, binding: &str, now: u64) -> Option<&str> {
        let (reported, at) = self.reported.get(binding)?;
        (now <= at + VERSION_KEPT_MS).then_some(reported.version.as_str())
    }

    /// Takes word of what the cache said of a call, and the milliseconds that it saved where it had the result.
    pub fn cached(&mut self, saved_ms: Option<u64>) {
        match saved_ms {
            Some(saved_ms) => {
                self.hits += 1;
                self.saved_ms += saved_ms;
            }
            None => self.misses += 1,
        }
    }

    /// The answer of `/health`, from one probe for each category.
    pub fn health(&self, probes: &[Probe], now: u64) -> Health {
        let tools = octavo_catalog::catalog().tools();
        let category = |probe: &Probe| {
            let category = probe.category;
            let standing = self.breakers.standing(category.row().binding, now);
            let found = probe.found.as_ref();
            CategoryHealth {
                category: category.slug(),
                worker: category.row().worker,
                status: if found.is_some() { "ok" } else { "unavailable" },
                tools: tools.iter().filter(|tool| tool.category == Some(category)).count(),
                version: found.map(|found| found.version.clone()).filter(|version| !version.is_empty()),
                catalog: match found {
                    Some(found) if is_skewed(category, found) => "skewed",
                    Some(_) => "same",
                    None => "unknown",
                },
                breaker: standing.state.name(),
                p95_ms: standing.p95_ms,
                latency_ms: probe.took_ms,
            }
        };
        let categories: Vec<CategoryHealth> = probes.iter().map(category).collect();
        let is_whole = categories.iter().all(|row| row.status == "ok" && row.breaker == State::Closed.name());
        let status = if is_whole { "ok" } else { "degraded" };
        Health { status, version: env!("CARGO_PKG_VERSION"), tools: tools.len(), categories }
    }

    /// The answer of `/metrics`: `OpenMetrics` text.
    pub fn metrics(&self, now: u64) -> String {
        let mut text = String::new();
        let standings: Vec<(&str, Standing)> = Category::ALL
            .iter()
            .map(|category| (category.slug(), self.breakers.standing(category.row().binding, now)))
            .collect();
        let _ = writeln!(
            text,
            "# TYPE octavo_worker_calls counter\n# HELP octavo_worker_calls Calls of this isolate by what came of them."
        );
        for (slug, standing) in &standings {
            let results = [("answered", standing.answered), ("failed", standing.failed), ("refused", standing.refused)];
            for (result, count) in results {
                let _ = writeln!(text, r#"octavo_worker_calls_total{{category="{slug}",result="{result}"}} {count}"#);
            }
        }
        let _ = writeln!(
            text,
            "# TYPE octavo_breaker stateset\n# HELP octavo_breaker How this isolate's circuit breakers stand."
        );
        for (slug, standing) in &standings {
            for state in [State::Closed, State::Open, State::HalfOpen] {
                let (name, is) = (state.name(), u8::from(state == standing.state));
                let _ = writeln!(text, r#"octavo_breaker{{category="{slug}",octavo_breaker="{name}"}} {is}"#);
            }
        }
        let _ = writeln!(
            text,
            "# TYPE octavo_cache_results counter\n# HELP octavo_cache_results Cacheable calls of this isolate.\n\
             octavo_cache_results_total{{result=\"hit\"}} {}\noctavo_cache_results_total{{result=\"miss\"}} {}\n\
             # TYPE octavo_cache_saved_seconds counter\n# UNIT octavo_cache_saved_seconds seconds\n\
             # HELP octavo_cache_saved_seconds Time that the kept results took to make.\n\
             octavo_cache_saved_seconds_total {}.{:03}\n# EOF",
            self.hits,
            self.misses,
            self.saved_ms / 1000,
            self.saved_ms % 1000
        );
        text
    }
}

// A worker of before catalogues had digests says nothing.
fn is_skewed(category: Category, reported: &Reported) -> bool {
    reported.catalog != octavo_catalog::digest(category)
}

/// The answer of `/health`.
#[derive(Debug, Serialize)]
pub struct Health {
    /// `ok`, or `degraded` while a category is down or left alone. The gateway serves either way.
    pub status: &'static str,
    /// The gateway's own version.
    pub version: &'static str,
    /// How many tools the catalogue has.
    pub tools: usize,
    /// Each category.
    pub categories: Vec<CategoryHealth>,
}

/// One category's worker.
#[derive(Debug, Serialize)]
pub struct CategoryHealth {
    /// The category.
    pub category: &'static str,
    /// Its worker.
    pub worker: &'static str,
    /// `ok` or `unavailable`: whether the probe was answered.
    pub status: &'static str,
    /// How many of its tools the catalogue has.
    pub tools: usize,
    /// The worker's deployed version, where the platform tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether the worker was built with the gateway's catalogue: `same`, `skewed`, or `unknown` when it did not answer.
    pub catalog: &'static str,
    /// This isolate's circuit breaker: `closed`, `open` or `half_open`.
    pub breaker: &'static str,
    /// 95th percentile of this isolate's last 200 calls, in milliseconds; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<u64>,
    /// How long the probe took, in milliseconds.
    pub latency_ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::breaker::FAILURES_TO_OPEN;

    fn reported(category: Category) -> Reported {
        Reported { version: "v1".to_owned(), catalog: octavo_catalog::digest(category).to_owned() }
    }

    fn probes(down: Option<Category>) -> Vec<Probe> {
        let probe = |category: &Category| Probe {
            category: *category,
            found: (Some(*category) != down).then(|| reported(*category)),
            took_ms: 1,
        };
        Category::ALL.iter().map(probe).collect()
    }

    #[test]
    fn one_category_down_degrades_the_whole_and_no_other() {
        let fleet = Fleet::default();
        assert_eq!(fleet.health(&probes(None), 0).status, "ok");
        let health = fleet.health(&probes(Some(Category::Api)), 0);
        assert_eq!(health.status, "degraded");
        let down: Vec<_> = health.categories.iter().filter(|row| row.status != "ok").collect();
        assert_eq!(down.iter().map(|row| (row.category, row.catalog)).collect::<Vec<_>>(), [("api", "unknown")]);
        assert_eq!(health.tools, health.categories.iter().map(|row| row.tools).sum::<usize>());
    }

    #[test]
    fn a_worker_that_is_left_alone_degrades_the_whole_though_it_answers_probes() {
        let mut fleet = Fleet::default();
        for _ in 0..FAILURES_TO_OPEN {
            fleet.breakers.failed(Category::Docker.row().binding, 0);
        }
        let health = fleet.health(&probes(None), 1);
        let open: Vec<_> =
            health.categories.iter().filter(|row| row.breaker == "open").map(|row| row.category).collect();
        assert_eq!((health.status, open), ("degraded", vec!["docker"]));
    }

    #[test]
    fn a_catalogue_of_another_build_is_seen() {
        let mut fleet = Fleet::default();
        let binding = Category::Python.row().binding;
        assert!(!fleet.reports(binding, reported(Category::Python), 10));
        let other = Reported { catalog: "0123".to_owned(), ..reported(Category::Python) };
        assert!(fleet.reports(binding, other.clone(), 20));
        assert!(!fleet.reports("EXTRA_MCP_WORKER", other.clone(), 20), "it has no row");
        let mut probes = probes(None);
        probes
            .iter_mut()
            .filter(|probe| probe.category == Category::Python)
            .for_each(|probe| probe.found = Some(other.clone()));
        let health = fleet.health(&probes, 0);
        assert_eq!(health.status, "ok", "its tools are used");
        assert_eq!(health.categories.iter().filter(|row| row.catalog == "skewed").count(), 1);
    }

    #[test]
    fn a_version_counts_for_a_while() {
        let mut fleet = Fleet::default();
        let binding = Category::Python.row().binding;
        assert_eq!(fleet.version_of(binding, 0), None);
        fleet.reports(binding, reported(Category::Python), 10);
        assert_eq!(fleet.version_of(binding, 10 + VERSION_KEPT_MS), Some("v1"));
        assert_eq!(fleet.version_of(binding, 11 + VERSION_KEPT_MS), None);
        fleet.says_nothing(binding, 11 + VERSION_KEPT_MS);
        assert_eq!(fleet.version_of(binding, 12 + VERSION_KEPT_MS), Some("v1"), "a dead worker has no newer one");
        fleet.says_nothing("OTHER", 1);
        assert_eq!(fleet.version_of("OTHER", 1), Some(""));
    }

    #[test]
    fn metrics_add_up() {
        let mut fleet = Fleet::default();
        fleet.breakers.answered(Category::Api.row().binding, 3);
        fleet.cached(None);
        fleet.cached(Some(1_250));
        let text = fleet.metrics(0);
        for line in [
            r#"octavo_worker_calls_total{category="api",result="answered"} 1"#,
            r#"octavo_breaker{category="api",octavo_breaker="closed"} 1"#,
            r#"octavo_cache_results_total{result="hit"} 1"#,
            "octavo_cache_saved_seconds_total 1.250",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
