//! What a run would do: each worker against what is deployed, and the tools' catalogue against the one that is served.

use super::marks::Mark;
use super::platform::{Deployment, Script, State, Version};
use super::target::{self, Stage, Target};
use crate::environments::Environment;
use std::fmt::Write as _;

/// How a worker stands against what is deployed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// There is none of its name.
    New,
    /// What is deployed was made of the same.
    Same,
    /// What is deployed was made of something else, or by somebody else.
    Changed,
    /// This run uploaded its version before it was interrupted.
    Uploaded {
        /// The version.
        version: String,
    },
    /// This run promoted it before it was interrupted.
    Promoted {
        /// What served before; none where it was new.
        from: Option<String>,
    },
}

/// A worker of the plan.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) target: Target,
    pub(crate) standing: Standing,
    /// The version that serves now.
    pub(crate) before: Option<String>,
    /// The version that is to serve; known once it is uploaded.
    pub(crate) version: Option<String>,
}

/// A run.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Its name: the same workers made of the same are the same run.
    pub(crate) run: String,
    pub(crate) environment: Environment,
    /// In the order in which they are promoted.
    pub(crate) steps: Vec<Step>,
}

impl Plan {
    /// The plan for these workers; with `anew`, what is deployed does not matter.
    pub(crate) fn new(targets: Vec<Target>, state: &State, environment: Environment, anew: bool) -> Self {
        let made_of = targets.iter().fold(environment.name().to_owned(), |mut text, target| {
            let _ = write!(text, "\n{} {}", target.name, target.digest);
            text
        });
        let run = target::short(made_of.as_bytes(), 4);
        // A run is whole once the gateway's newest mark says so; where there is no gateway nothing can.
        let gateway = state.scripts.get(&target::name("gateway", environment));
        let last_word = gateway.and_then(|script| script.deployments.iter().find_map(Deployment::mark));
        let is_open = gateway.is_some() && !last_word.is_some_and(|mark| mark.is_sealed_by(&run));
        let step = |target: Target| {
            let script = state.scripts.get(&target.name);
            let standing = match script {
                Some(_) if anew => Standing::Changed,
                Some(script) => standing(&target, script, is_open.then_some(&run)),
                None => Standing::New,
            };
            let before = script.and_then(Script::serving).map(str::to_owned);
            let version = match &standing {
                Standing::Uploaded { version } => Some(version.clone()),
                Standing::Same | Standing::Promoted { .. } => before.clone(),
                Standing::New | Standing::Changed => None,
            };
            Step { target, standing, before, version }
        };
        let mut steps: Vec<Step> = targets.into_iter().map(step).collect();
        steps.sort_by_key(|step| Stage::of(step.target.worker));
        Self { run, environment, steps }
    }

    /// Whether an earlier run of the same did a part of it.
    pub(crate) fn is_resumed(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.standing, Standing::Uploaded { .. } | Standing::Promoted { .. }))
    }

    /// Whether all is deployed already.
    pub(crate) fn is_done(&self) -> bool {
        self.steps.iter().all(|step| step.standing == Standing::Same)
    }

    /// The step of a worker, where it is part of the plan.
    pub(crate) fn step(&self, worker: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.target.worker == worker)
    }

    /// The plan as a table.
    pub(crate) fn shown(&self, state: &State) -> String {
        let mut text = format!("{:<13} {:<22} {:>10} {:>9}   deployed\n", "worker", "plan", "gzipped", "change");
        for step in &self.steps {
            let script = state.scripts.get(&step.target.name);
            let deployed = step.before.as_deref().and_then(|id| script?.version(id));
            let change = deployed.and_then(Version::gzip).map_or(String::new(), |old| signed(step.target.gzip, old));
            let _ = writeln!(
                text,
                "{:<13} {:<22} {:>10} {change:>9}   {}",
                step.target.worker,
                step.standing.shown(),
                step.target.gzip,
                deployed.map_or("nothing".to_owned(), described)
            );
        }
        text
    }
}

impl Standing {
    fn shown(&self) -> &'static str {
        match self {
            Self::New => "first deployment",
            Self::Same => "unchanged",
            Self::Changed => "new version",
            Self::Uploaded { .. } => "uploaded, to promote",
            Self::Promoted { .. } => "promoted, to be proved",
        }
    }
}

// `run` is this one's name while it is not whole.
fn standing(target: &Target, script: &Script, run: Option<&String>) -> Standing {
    let made_of_same = |version: &&Version| version.tag.as_deref() == Some(&target.digest);
    let Some(made) = script.versions.iter().find(made_of_same) else { return Standing::Changed };
    let serving = script.serving();
    if serving != Some(&made.id) {
        // A version holds the secrets of when it was uploaded: one that is older than what serves may have old ones.
        let place = |id: &str| script.versions.iter().position(|version| version.id == id).unwrap_or(usize::MAX);
        let is_newer = place(&made.id) < serving.map_or(usize::MAX, place);
        return if is_newer { Standing::Uploaded { version: made.id.clone() } } else { Standing::Changed };
    }
    match script.mark() {
        Some(Mark::Run { run: of, from, is_sealed: false }) if Some(&of) == run => Standing::Promoted { from },
        _ => Standing::Same,
    }
}

fn described(version: &Version) -> String {
    let id = version.id.get(..8).unwrap_or(&version.id);
    let day = version.created.as_deref().and_then(|at| at.get(..10)).unwrap_or_default();
    let by = version.author.as_deref().map_or(String::new(), |author| format!(" by {author}"));
    format!("{id} of {day}{by}")
}

fn signed(new: u64, old: u64) -> String {
    if new >= old { format!("+{}", new - old) } else { format!("-{}", old - new) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn target(worker: &'static str) -> Target {
        let name = format!("octavo-{worker}");
        Target { worker, name, config: toml::Table::new(), digest: format!("{worker}-digest"), gzip: 1000 }
    }

    fn plan(scripts: &serde_json::Value) -> Plan {
        let state = json!({
            "account": { "id": "1", "name": "a" }, "names": [], "subdomain": null, "missingNamespaces": [], "scripts": scripts,
        });
        let state: State = serde_json::from_value(state).expect("a state");
        let plan = Plan::new(vec![target("gateway"), target("docker")], &state, Environment::Production, false);
        assert!(plan.shown(&state).lines().count() == 3);
        plan
    }

    fn script(tag: &str, message: &str, percentage: u8) -> serde_json::Value {
        json!({
            "deployments": [{ "message": message, "versions": [
                { "id": "new", "percentage": percentage }, { "id": "old", "percentage": 100 - percentage },
            ] }],
            "versions": [{ "id": "new", "tag": tag, "message": "octavo gz=900", "created": null, "author": null }],
            "open": true, "previews": false, "crons": [], "secrets": [],
        })
    }

    fn standing_of(tag: &str, message: &str, percentage: u8) -> Standing {
        let gateway = script("other", "octavo 00000000 from=old sealed", 100);
        let plan = plan(&json!({ "octavo-gateway": gateway, "octavo-docker": script(tag, message, percentage) }));
        plan.step("docker").expect("a step").standing.clone()
    }

    #[test]
    fn each_worker_stands_as_the_platform_says() {
        let run = plan(&json!({})).run;
        assert_eq!(plan(&json!({})).step("docker").expect("a step").standing, Standing::New);
        assert_eq!(standing_of("other", "", 100), Standing::Changed);
        assert_eq!(standing_of("docker-digest", "by hand", 100), Standing::Same);
        assert_eq!(standing_of("docker-digest", "octavo 00000000 from=old", 100), Standing::Same, "of an earlier run");
        assert_eq!(standing_of("docker-digest", &format!("octavo {run} from=old sealed"), 100), Standing::Same);
        let from = Some("old".to_owned());
        assert_eq!(standing_of("docker-digest", &format!("octavo {run} from=old"), 100), Standing::Promoted { from });
        let sealed = script("gateway-digest", &format!("octavo {run} from=old sealed"), 100);
        let docker = script("docker-digest", &format!("octavo {run} from=old"), 100);
        assert!(plan(&json!({ "octavo-gateway": sealed, "octavo-docker": docker })).is_done());
        let uploaded = Standing::Uploaded { version: "new".to_owned() };
        assert_eq!(standing_of("docker-digest", &format!("octavo {run} from=old"), 0), uploaded, "on trial");
        let mut older = script("other", "", 100);
        older["versions"].as_array_mut().expect("a list").push(json!({ "id": "first", "tag": "docker-digest" }));
        let plan = plan(&json!({ "octavo-docker": older }));
        assert_eq!(plan.step("docker").expect("a step").standing, Standing::Changed, "its secrets may be old");
    }

    #[test]
    fn a_run_is_named_by_what_it_deploys_and_goes_from_the_tools_to_the_door() {
        let plan = plan(&json!({}));
        let order: Vec<&str> = plan.steps.iter().map(|step| step.target.worker).collect();
        assert_eq!(order, ["docker", "gateway"]);
        assert_eq!(plan.run.len(), 8);
        assert!(!plan.is_done() && !plan.is_resumed());
    }
}
