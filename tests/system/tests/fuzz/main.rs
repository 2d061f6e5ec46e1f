//! Mutated requests through the gateway's core: whatever headers and body say, the answer keeps to the rules.
//!
//! A case is a sound request and a few mutations of it, all chosen by its number alone, so that a failure repeats; it is told
//! with every mutation left out that it does not need.

mod cases;
mod reading;
mod rules;
mod sent;

use cases::Case;
use octavo_system_tests::Fleet;
use rules::{CODES, Seen, check};
use std::collections::BTreeMap;

/// Cases of one run.
const CASES: u64 = 100_000;
/// Cases that share a fleet, whose log is then read.
const CASES_OF_A_FLEET: usize = 200;

/// Stands wherever a client writes words of its own; no error may repeat it.
const CANARY: &str = "canary-7f3a9c51";
/// Stands for names of members in arguments, which a tool's error may show and nothing else may.
const STRANGER: &str = "stranger-7f3a9c51";

const MODERN: &str = "2026-07-28";
const LEGACY: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
const CLAIM: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const VERSION_HEADER: &str = "mcp-protocol-version";
const TOOL: &str = "webdesign_check_contrast";

// What goes wrong with a case on a fleet of its own, log included.
fn verdict(case: &Case) -> Result<(), String> {
    let fleet = Fleet::default();
    check(&fleet, case, &mut Seen::default())?;
    check_log(&fleet)
}

fn check_log(fleet: &Fleet) -> Result<(), String> {
    let mut lines = fleet.log().into_iter().map(|line| line.to_json());
    let leaked = lines.find(|line| line.contains(CANARY) || line.contains(STRANGER));
    leaked.map_or(Ok(()), |line| Err(format!("a log line repeats what was sent\n  {line}")))
}

// The case with every mutation left out that the failure does not need.
fn smallest(mut case: Case, sort: &str) -> Case {
    let mut at = 0;
    while at < case.mutations.len() {
        let mut without = case.clone();
        without.mutations.remove(at);
        if verdict(&without).is_err_and(|what| sort_of(&what) == sort) {
            case = without;
        } else {
            at += 1;
        }
    }
    case
}

fn sort_of(what: &str) -> &str {
    what.lines().next().unwrap_or_default()
}

fn report(case: Case, what: &str) -> String {
    let number = case.number;
    let small = smallest(case, sort_of(what));
    let sent = small.sent();
    let body = sent.body();
    let shown = String::from_utf8_lossy(body.get(..2_000).unwrap_or(&body)).into_owned();
    let again = verdict(&small).err().unwrap_or_else(|| what.to_owned());
    format!("case {number}: {again}\n  POST {}\n  {}\n  {shown}", sent.path, sent.header_lines().replace('\n', "\n  "))
}

/// What was seen over all cases, and the first failure of each sort.
#[derive(Debug, Default)]
struct Outcome {
    seen: Seen,
    failures: BTreeMap<String, String>,
}

impl Outcome {
    fn of(numbers: impl Iterator<Item = u64>) -> Self {
        let numbers: Vec<u64> = numbers.collect();
        let mut outcome = Self::default();
        for chunk in numbers.chunks(CASES_OF_A_FLEET) {
            let mut fleet = Fleet::default();
            for number in chunk {
                let case = Case::new(*number);
                if let Err(what) = check(&fleet, &case, &mut outcome.seen) {
                    outcome.fail(case, &what);
                    // What panicked may be left half done.
                    fleet = Fleet::default();
                }
            }
            if check_log(&fleet).is_err() {
                let mut cases = chunk.iter().map(|number| Case::new(*number));
                let culprit = cases.find_map(|case| verdict(&case).err().map(|what| (case, what)));
                let (case, what) = culprit.expect("a case that leaks does so alone");
                outcome.fail(case, &what);
            }
        }
        outcome
    }

    fn fail(&mut self, case: Case, what: &str) {
        self.failures.entry(sort_of(what).to_owned()).or_insert_with(|| report(case, what));
    }

    fn join(mut self, other: Self) -> Self {
        self.seen.answered += other.seen.answered;
        self.seen.accepted += other.seen.accepted;
        self.seen.refused += other.seen.refused;
        self.seen.codes.extend(other.seen.codes);
        self.failures.extend(other.failures);
        self
    }
}

#[test]
fn whatever_is_sent_the_answer_keeps_to_the_rules() {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let Outcome { seen, failures } = std::thread::scope(|scope| {
        let share = |thread: usize| (0..CASES).skip(thread).step_by(threads);
        let runs: Vec<_> = (0..threads).map(|thread| scope.spawn(move || Outcome::of(share(thread)))).collect();
        runs.into_iter().map(|run| run.join().expect("a run ends")).fold(Outcome::default(), Outcome::join)
    });
    let reports: Vec<String> = failures.into_values().collect();
    assert!(reports.is_empty(), "{} sorts of failures\n\n{}", reports.len(), reports.join("\n\n"));
    assert!(seen.answered > CASES / 4 && seen.accepted > CASES / 50 && seen.refused > CASES / 4, "{seen:?}");
    let unseen: Vec<i64> = CODES.iter().map(|(code, ..)| *code).filter(|code| !seen.codes.contains(code)).collect();
    assert_eq!(unseen, [-32603, -32021], "every code that a client can cause was caused");
}
