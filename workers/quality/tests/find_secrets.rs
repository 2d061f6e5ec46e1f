//! What must hold of `find_secrets` beyond single cases: that nothing of a secret is ever said, its rule page, and any text.

use octavo_quality::REGISTRY;
use octavo_testkit::{Dice, cases, report};
use serde_json::{Value, json};

fn found(arguments: &Value) -> Value {
    report(&REGISTRY, "find_secrets", arguments).expect("accepted")
}

#[test]
fn rule_pages_show_what_they_say() {
    let tool = REGISTRY.get("find_secrets").expect("listed");
    for rule in tool.declaration().rules {
        let shows = |text: &str| {
            let report = found(&json!({"diff": text}));
            report["findings"].as_array().expect("a list").iter().any(|finding| finding["rule"] == rule.id)
        };
        assert!(shows(rule.docs.wrong) && !shows(rule.docs.right), "{}", rule.id);
    }
}

// A random word of letters and digits.
fn word(dice: &mut Dice, letters: &str, length: usize) -> String {
    let letters: Vec<char> = letters.chars().collect();
    (0..length).filter_map(|_| letters.get(dice.below(letters.len()))).collect()
}

#[test]
fn no_secret_is_ever_in_the_output() {
    let all = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let low = "abcdefghijklmnopqrstuvwxyz0123456789";
    let hex = "0123456789abcdef";
    let mut dice = Dice::new(11);
    // Beginnings are put together here, so that this file holds no secret.
    let kinds: [(&str, &str, usize); 12] = [
        ("ghp_", all, 36),
        ("sk_live_", all, 30),
        ("AKIA", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
        ("xoxb-123456789012-123456789012-", all, 24),
        ("glpat-", all, 20),
        ("npm_", low, 36),
        ("SG.", low, 66),
        ("sq0csp-", all, 43),
        ("my_api_key = ", all, 40),
        ("adafruit_key = ", low, 32),
        ("algolia_token: ", low, 32),
        ("dop_v1_", hex, 64),
    ];
    let mut seen = 0;
    for round in 0..240 {
        let (start, letters, length) = kinds[round % kinds.len()];
        let secret = word(&mut dice, letters, length);
        let text = match round % 4 {
            0 => format!("a = \"{start}{secret}\"\n"),
            1 => format!("{start}{secret}\n"),
            2 => format!("x\n{{\"token\": \"{start}{secret}\"}}\n"),
            _ => format!("https://user:{secret}@host/ {start}{secret} \n"),
        };
        let arguments = if round % 2 == 0 {
            json!({"files": [{"path": "a.env", "source": text}]})
        } else {
            let lines: String = text.lines().flat_map(|line| ["+", line, "\n"]).collect();
            let count = text.lines().count();
            json!({"diff": format!("--- /dev/null\n+++ b/a.env\n@@ -0,0 +1,{count} @@\n{lines}")})
        };
        for format in ["concise", "detailed", "sarif"] {
            let mut arguments = arguments.clone();
            arguments["output"] = json!({"format": format});
            let Some(answer) = report(&REGISTRY, "find_secrets", &arguments) else { continue };
            let answer = answer.to_string();
            seen += usize::from(answer.contains("line"));
            // Not even a part of it.
            for part in secret.as_bytes().windows(5) {
                let part = std::str::from_utf8(part).expect("ASCII");
                assert!(!answer.contains(part), "{start}: {part} of {secret} in {answer}");
            }
        }
    }
    assert!(seen > 300, "{seen}");
}

#[test]
fn any_text_survives() {
    let mut dice = Dice::new(6);
    for (_, mut arguments) in cases(env!("CARGO_MANIFEST_DIR"), "find_secrets") {
        for _ in 0..40 {
            if let Some(text) = arguments["files"][0]["source"].as_str().map(str::to_owned) {
                arguments["files"][0]["source"] = json!(dice.mutate(&text, "=:/@%\\u\"'\n +-\u{e9}\u{1f600}ey"));
            } else if let Some(text) = arguments["diff"].as_str().map(str::to_owned) {
                arguments["diff"] = json!(dice.mutate(&text, "+-@ \n/\\%"));
            } else {
                break;
            }
            report(&REGISTRY, "find_secrets", &arguments);
        }
    }
    for piece in ["key=", "ey.", "://a:b@", "%41", "\\u0041", "QUJD", "4142", "\u{1f600}key", "-----BEGIN "] {
        report(&REGISTRY, "find_secrets", &json!({"files": [{"path": "a", "source": piece.repeat(3_000)}]}));
    }
}
