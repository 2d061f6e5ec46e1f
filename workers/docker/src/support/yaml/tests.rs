//! The loader on its corner cases.

use super::*;
use std::fmt::Write;

fn one(source: &str) -> Node {
    let stream = load(source, Dialect::Compose);
    assert_eq!(stream.problems, [], "{source}");
    stream.documents.into_iter().next().expect("a document").root
}

fn problems(source: &str, dialect: Dialect) -> Vec<(ProblemKind, Range<usize>)> {
    load(source, dialect).problems.into_iter().map(|problem| (problem.kind, problem.span)).collect()
}

fn text<'a>(source: &'a str, node: &Node) -> &'a str {
    source.get(node.span.clone()).expect("inside the source")
}

#[test]
fn nodes_know_their_place() {
    let source = "\u{e9}: &a\n  k: \"\u{1f600}\"  # c\n  l:\n    - x\n    - [1, 2]\nz: *a\nt: |\n  lines\n  more\nlast: {a: b}\n";
    let root = one(source);
    let first = root.get("\u{e9}").expect("key");
    assert_eq!(text(source, first.get("k").expect("k")), "\"\u{1f600}\"");
    let list = first.get("l").expect("l");
    assert_eq!(text(source, list), "- x\n    - [1, 2]");
    assert_eq!(text(source, &list.items()[1]), "[1, 2]");
    assert_eq!(text(source, root.get("last").expect("last")), "{a: b}");
    assert_eq!(root.get("z").map(|node| node.span.clone()), Some(first.span.clone()));
    assert_eq!(root.get("t").and_then(Node::as_str), Some("lines\nmore\n"));
    assert_eq!(text(source, &root.entries()[0].key), "\u{e9}");
}

#[test]
fn documents_behind_a_broken_one_are_read() {
    let source = "a: 1\n---\nb: [1\n---\nc: 3\n...\n---\n";
    let stream = load(source, Dialect::Kubernetes);
    let keys: Vec<String> = stream
        .documents
        .iter()
        .flat_map(|document| document.root.entries())
        .map(|entry| entry.name().into_owned())
        .collect();
    assert_eq!(keys, ["a", "c"]);
    assert_eq!(stream.problems.len(), 1);
    assert_eq!(stream.problems[0].kind, ProblemKind::Syntax);
}

#[test]
fn the_first_document_counts_without_a_line_and_empty_ones_are_null() {
    let stream = load("---\n# nothing\n---\na: 1\n", Dialect::Kubernetes);
    assert_eq!(stream.documents.len(), 2);
    assert!(stream.documents[0].root.is_null());
    assert_eq!(load("", Dialect::Kubernetes).documents.len(), 0);
    assert_eq!(load("\u{feff}a: 1", Dialect::Kubernetes).documents[0].root.entries()[0].name(), "a");
}

#[test]
fn keys_that_stand_twice_are_told_and_the_last_is_kept() {
    let source = "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n";
    let stream = load(source, Dialect::Kubernetes);
    assert_eq!(
        problems(source, Dialect::Kubernetes),
        [(ProblemKind::DuplicateKey, 17..18), (ProblemKind::DuplicateKey, 22..23)]
    );
    assert_eq!(stream.documents[0].root.get("a").and_then(Node::as_int), Some(3));
}

#[test]
fn merge_keys_follow_each_reader() {
    let source =
        "base: &b {x: 1, v: 2}\nother: &o {v: 3, z: 4}\none:\n  x: 9\n  <<: [*b, *o]\ntwo:\n  <<: *b\n  x: 9\n";
    let read = |dialect| {
        let stream = load(source, dialect);
        assert_eq!(stream.problems, []);
        let root = stream.documents.into_iter().next().expect("a document").root;
        let number = |path: &[&str]| root.at(path).and_then(Node::as_int);
        (number(&["one", "x"]), number(&["one", "v"]), number(&["one", "z"]), number(&["two", "x"]))
    };
    assert_eq!(read(Dialect::Compose), (Some(9), Some(2), Some(4), Some(9)));
    assert_eq!(read(Dialect::Kubernetes), (Some(1), Some(2), Some(4), Some(9)));
    assert_eq!(problems("<<: 1\n", Dialect::Compose), [(ProblemKind::Meaning, 0..2)]);
    assert_eq!(one("\"<<\": 1\n").entries().len(), 1);
}

#[test]
fn bombs_and_loops_end() {
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..30 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(",");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").expect("a string");
    }
    assert_eq!(problems(&bomb, Dialect::Compose)[0].0, ProblemKind::Limit);
    assert_eq!(problems("a: &a [*a]\n", Dialect::Compose)[0].0, ProblemKind::Meaning);
    assert_eq!(problems("a: *b\n", Dialect::Compose)[0].0, ProblemKind::Syntax);
    let list = |count: usize| format!("a: &a [{}]\nb: *a\n", vec!["x"; count].join(","));
    assert_eq!(problems(&list(MAX_ALIASED_NODES - 1), Dialect::Compose), []);
    assert_eq!(problems(&list(MAX_ALIASED_NODES), Dialect::Compose)[0].0, ProblemKind::Limit);
}

#[test]
fn depth_is_limited_at_its_edge() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(problems(&deep(MAX_DEPTH), Dialect::Kubernetes), []);
    let stream = load(&deep(MAX_DEPTH + 1), Dialect::Kubernetes);
    assert_eq!(stream.problems[0].kind, ProblemKind::Limit, "{stream:?}");
    assert_eq!(problems(&"- ".repeat(100_000), Dialect::Kubernetes)[0].0, ProblemKind::Limit);
    assert_eq!(problems(&"{a: ".repeat(100_000), Dialect::Kubernetes)[0].0, ProblemKind::Limit);
    let mut chain = String::new();
    for level in 0..150 {
        writeln!(chain, "a{}: &a{} [[*a{level}]]", level + 1, level + 1).expect("a string");
    }
    assert_eq!(problems(&format!("a0: &a0 x\n{chain}"), Dialect::Kubernetes)[0].0, ProblemKind::Limit);
}

#[test]
fn tags_are_kept_and_heeded() {
    let root = one("a: !reset null\nb: !override [1]\nc: !!str 5\nd: !!int \"7\"\ne: ! 5\n");
    assert_eq!(root.get("a").and_then(|node| node.tag.as_deref()), Some("!reset"));
    assert_eq!(root.get("b").and_then(|node| node.tag.as_deref()), Some("!override"));
    assert_eq!(root.get("c").and_then(Node::as_str), Some("5"));
    assert_eq!(root.get("d").and_then(Node::as_int), Some(7));
    assert_eq!(root.get("e").and_then(Node::as_str), Some("5"));
}

#[test]
fn quoted_lines_need_no_indent() {
    let source = "a:\n  b: \"one\ntwo\n\n three\"\n  \u{e9}: 'x\ny'\nc: 5\n";
    let root = one(source);
    assert_eq!(root.at(&["a", "b"]).and_then(Node::as_str), Some("one two\nthree"));
    assert_eq!(root.at(&["a", "\u{e9}"]).and_then(Node::as_str), Some("x y"));
    assert_eq!(text(source, root.get("c").expect("c")), "5");
}

#[test]
fn reading_takes_its_time_by_length_alone() {
    for piece in [
        "a: 1\n---\n",
        "[\n---\n",
        "- &a x\n- *a\n",
        "\u{e9}: \"\n",
        "? a\n: b\n",
        "a: b: c\n---\n",
        "\"\n",
        "'a\n'\n",
        "{",
        "&a ",
        "!a ",
    ] {
        load(&piece.repeat(200_000 / piece.len()), Dialect::Kubernetes);
    }
}

#[test]
fn survives_any_text() {
    let all: Vec<char> = "-:#&*!|>'\"%@`{}[],? \n\t\r~<ab01.\u{e9}\u{1f600}\u{0}\u{feff}".chars().collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap_or_default() % below.max(1)
    };
    for _ in 0..20_000 {
        let source: String = (0..next(60)).map(|_| all[next(all.len())]).collect();
        for dialect in [Dialect::Compose, Dialect::Kubernetes] {
            let stream = load(&source, dialect);
            for problem in stream.problems {
                assert!(source.get(problem.span.clone()).is_some(), "{source:?} {problem:?}");
            }
            for document in stream.documents {
                assert!(source.get(document.root.span.clone()).is_some(), "{source:?} {document:?}");
            }
        }
    }
}

#[test]
fn long_texts_weigh_when_aliases_repeat_them() {
    let bomb = format!("a: &a {}\nb: [{}]\n", "x".repeat(200_000), vec!["*a"; 1_000].join(", "));
    let stream = load(&bomb, Dialect::Kubernetes);
    assert_eq!(stream.problems.first().map(|problem| problem.kind), Some(ProblemKind::Limit));
    let fine = format!("a: &a {}\nb: [{}]\n", "x".repeat(100), vec!["*a"; 1_000].join(", "));
    assert_eq!(load(&fine, Dialect::Kubernetes).problems, []);
}
