//! What to do about what went wrong: the platform's errors by their codes, in words that name the next step.
//!
//! Codes are more lasting than texts, so they come first; texts only where the platform gives no code of its own.

use crate::environments::Environment;

/// An error of the platform, and what is to be done about it.
struct Advice {
    /// The platform's code, or none where the text alone tells.
    code: Option<u32>,
    /// A part of the text, in lower case.
    text: &'static str,
    /// What to do; `{worker}` and `{env}` are filled in.
    then: &'static str,
}

const ADVICE: &[Advice] = &[
    Advice {
        code: Some(10143),
        text: "could not resolve service binding",
        then: "{worker} is bound to a worker that is not deployed in {env}; deploy that one first: `cargo xtask deploy WORKER --env {env}`",
    },
    Advice {
        code: Some(10144),
        text: "target environment",
        then: "{worker} is bound to an environment that does not exist; run `cargo xtask gen --configs`",
    },
    Advice {
        code: Some(10203),
        text: "tail worker does not exist",
        then: "{worker} sends its log to the tail worker, which is not deployed in {env}: `cargo xtask deploy tail --env {env}`",
    },
    Advice {
        code: Some(100_328),
        text: "cpu limits are not supported",
        then: "limits of processor time need the Workers paid plan; take them out: `sed -i '/^limits/d' wrangler/*.toml`, then `cargo xtask gen --configs` (docs/deploy.md, \"Plans\")",
    },
    Advice {
        code: Some(10063),
        text: "workers.dev subdomain",
        then: "the account has no workers.dev name yet; open Workers & Pages in the dashboard once, or set `workers_dev = false` and a route in wrangler/gateway.toml",
    },
    Advice {
        code: Some(10027),
        text: "exceeded",
        then: "{worker} is too large for the plan: 3 MB gzipped on the free one, 10 MB on the paid one; `cargo xtask size` shows each",
    },
    Advice {
        code: Some(10041),
        text: "kv namespace",
        then: "a KV namespace that {worker} names does not exist; take its `id` out of wrangler/{worker}.toml, and wrangler makes one",
    },
    Advice {
        code: Some(10057),
        text: "inherit",
        then: "{worker} has a binding that wrangler could neither find nor make; a token that may edit Workers KV (\"Workers KV Storage: Edit\") makes it",
    },
    Advice {
        code: Some(10220),
        text: "secret",
        then: "a secret of {worker} changed since that version; roll back with the old secret in place, or deploy anew",
    },
    Advice {
        code: Some(9109),
        text: "",
        then: "CLOUDFLARE_API_TOKEN is not valid, or not for this account; make one from the template \"Edit Cloudflare Workers\" at https://dash.cloudflare.com/profile/api-tokens",
    },
    Advice {
        code: Some(10_000),
        text: "authentication error",
        then: "CLOUDFLARE_API_TOKEN is refused, or lacks a permission: it needs \"Workers Scripts: Edit\" and \"Workers KV Storage: Edit\" of this account",
    },
    Advice {
        code: Some(10_001),
        text: "unable to authenticate",
        then: "CLOUDFLARE_API_TOKEN is refused; make one from the template \"Edit Cloudflare Workers\" at https://dash.cloudflare.com/profile/api-tokens",
    },
    Advice {
        code: Some(7003),
        text: "could not route",
        then: "CLOUDFLARE_ACCOUNT_ID is no account that this token may use; its id stands in the dashboard's address",
    },
    Advice {
        code: None,
        text: "pending durable object migration",
        then: "a Durable Object class is new, which only a deployment of {worker} alone can bring: `npx wrangler deploy -c wrangler/{worker}.toml --env {env}`, then go on with `cargo xtask deploy --env {env}`",
    },
    Advice {
        code: None,
        text: "tail workers",
        then: "tail workers need the Workers paid plan; docs/observability.md, \"Without tail workers\", says how the log does without",
    },
    Advice {
        code: None,
        text: "fetch failed",
        then: "the platform's API does not answer; is this machine online? What is done is kept: the same command goes on where it stopped",
    },
];

/// What to do about an error with this code (0 where it has none) and text.
pub(crate) fn of(code: u32, text: &str, worker: &str, environment: Environment) -> Option<String> {
    let text = text.to_lowercase();
    let by_code = ADVICE.iter().find(|advice| code != 0 && advice.code == Some(code));
    let by_text = || ADVICE.iter().find(|advice| !advice.text.is_empty() && text.contains(advice.text));
    let advice = by_code.or_else(by_text)?;
    Some(advice.then.replace("{worker}", worker).replace("{env}", environment.name()))
}

/// What wrangler printed before it failed, after what to do about it.
pub(crate) fn of_wrangler(worker: &str, environment: Environment, printed: &str) -> String {
    let printed = &plain(printed);
    // Wrangler closes an error of the platform with its code.
    let code = printed.rsplit_once("[code: ").and_then(|(_, rest)| rest.split(']').next()?.parse().ok()).unwrap_or(0);
    let advice = of(code, printed, worker, environment);
    let errors: Vec<&str> = match printed.find("[ERROR]") {
        Some(at) => printed.get(at..).unwrap_or(printed).lines().collect(),
        None => printed.lines().rev().take(20).collect::<Vec<_>>().into_iter().rev().collect(),
    };
    let noise = ["If you think this is a bug", "https://github.com/cloudflare/workers-sdk", "Logs were written to"];
    let kept = errors.iter().filter(|line| !line.trim().is_empty() && !noise.iter().any(|words| line.contains(words)));
    let said = kept.map(|line| format!("  | {}", line.trim_end())).collect::<Vec<_>>().join("\n");
    match advice {
        Some(advice) => format!("{worker}: {advice}\n{said}"),
        None => format!("{worker}: wrangler failed\n{said}"),
    }
}

// Without the escapes of a terminal: what is printed here goes into other places too.
fn plain(printed: &str) -> String {
    let mut parts = printed.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_counts_before_the_text() {
        let printed = "✘ [ERROR] A request to the Cloudflare API failed.\n\n  Could not resolve service binding 'X'. Target \
                       script 'octavo-python-staging' not found. [code: 10143]\n\n  If you think this is a bug, please open";
        let told = of_wrangler("gateway", Environment::Staging, printed);
        assert!(told.starts_with("gateway: gateway is bound to a worker that is not deployed in staging"), "{told}");
        assert!(told.contains("octavo-python-staging") && !told.contains("If you think"), "{told}");
    }

    #[test]
    fn an_unknown_error_is_shown_as_it_is() {
        let told = of_wrangler(
            "docker",
            Environment::Production,
            "\u{1b}[31m✘ \u{1b}[41;97m[ERROR]\u{1b}[0m Something new [code: 4711]",
        );
        assert_eq!(told, "docker: wrangler failed\n  | [ERROR] Something new [code: 4711]");
    }

    #[test]
    fn each_advice_is_found_and_fills_in_all() {
        for advice in ADVICE {
            let told = of(advice.code.unwrap_or(0), advice.text, "docker", Environment::Staging).expect("advice");
            assert!(!told.contains("{worker}") && !told.contains("{env}"), "{told}");
        }
    }
}
