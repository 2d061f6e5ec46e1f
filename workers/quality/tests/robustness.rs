//! No input makes the tool panic: thousands of deterministic mutations of the samples, in every language.

use octavo_quality::REGISTRY;
use octavo_toolkit::Ctx;
use serde_json::json;
use serde_json::value::RawValue;
use std::path::Path;

const NAMES: [&str; 8] = ["a.py", "a.go", "A.java", "a.rs", "a.c", "a.jsx", "a.ts", "a.tsx"];
const MUTATIONS_PER_SAMPLE: u32 = 400;

fn run(filename: &str, source: &str) {
    let tool = REGISTRY.get("measure_complexity").expect("listed");
    let arguments = json!({"filename": filename, "source": source, "limits": ["nesting=0", "lines=0", "parameters=0"]});
    let raw = RawValue::from_string(arguments.to_string()).expect("JSON");
    tool.call(REGISTRY.category, &raw, &Ctx::silent()).expect("broken source is no error");
}

// A small linear congruential generator: the same mutations on every run.
struct Steps(u64);

impl Steps {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit.max(1)
    }
}

fn mutated(text: &str, steps: &mut Steps) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=steps.below(3) {
        let at = steps.below(bytes.len());
        match steps.below(5) {
            0 => bytes.truncate(at),
            1 => {
                let end = (at + steps.below(60)).min(bytes.len());
                let piece = bytes.get(at..end).unwrap_or_default().to_vec();
                for _ in 0..steps.below(40) {
                    bytes.splice(at..at, piece.iter().copied());
                }
            }
            2 => {
                bytes.drain(at..(at + steps.below(30)).min(bytes.len()));
            }
            3 => {
                let signs = b"(){}[]<>\"'`\\/\n\r;:,=#&|?!\0\xf0";
                let sign = signs.get(steps.below(signs.len())).copied().unwrap_or(b' ');
                bytes.insert(at, sign);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << steps.below(8);
                }
            }
        }
        if bytes.is_empty() {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn survives_mutations_of_the_samples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs/measure_complexity");
    let mut steps = Steps(7);
    for (sample, name) in [
        ("sample.py", "a.py"),
        ("sample.go", "a.go"),
        ("Sample.java", "A.java"),
        ("sample.rs", "a.rs"),
        ("sample.c", "a.c"),
        ("sample.js", "a.jsx"),
        ("sample.ts", "a.ts"),
    ] {
        let text = std::fs::read_to_string(folder.join(sample)).expect("a sample");
        for _ in 0..MUTATIONS_PER_SAMPLE {
            run(name, &mutated(&text, &mut steps));
        }
        for other in NAMES {
            run(other, &text);
        }
    }
}

#[test]
fn survives_chains_of_any_length() {
    let links = [
        "(",
        "[",
        "{",
        "a=>",
        "!",
        "a+",
        "a.",
        "a?",
        "a?b:",
        "if(a)",
        "else if(a)b;",
        "if(a){}else ",
        "for(;;)",
        "a:",
        "a=",
        "await ",
        "new ",
        "()",
        "[0]",
        ".b()",
        "<a>",
        "<",
        "`${",
        "``",
        "a&&",
        "a,",
        "a;",
        "f(){",
        "class a{",
        "a**",
        "typeof ",
        "a as ",
        "keyof ",
        "A[]",
        "x extends y?",
        "- ",
        "...",
        "@a ",
        "/a/",
        "'",
        "\"",
        "/*",
        "//",
        "#",
        "case 1:",
        "do ",
        "else ",
        "try{}catch{}",
        "function a(){",
        "a\n",
        "if a:\n",
        "lambda:",
        "not ",
        "func(){",
        "|",
        "&",
        "*",
        "fn a(){",
        "#if a\n",
        "match a{",
        "a ",
        "<a/>",
        "</a>",
        "}",
        ")",
        "a>",
        "a</a/>",
    ];
    for link in links {
        for count in [150, 3_000] {
            let text = link.repeat(count);
            for name in NAMES {
                run(name, &text);
            }
        }
    }
}
