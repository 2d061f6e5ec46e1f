//! From text to statements: continued lines, text blocks and tokens, each with its place in the source.

use std::ops::Range;

/// One statement's line: continuation lines joined, a text block taken out.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) text: String,
    // Where parts of `text` begin: (in the text, in the source).
    pieces: Vec<(usize, usize)>,
    pub(super) block: Option<Block>,
}

/// A `"""` text block that ends its line.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) text: String,
    pub(super) span: Range<usize>,
}

/// A word or quoted string of a line.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) span: Range<usize>,
}

impl Line {
    /// Where the line stands in the source, without the white space around it.
    pub(super) fn span(&self) -> Range<usize> {
        let start = self.text.len() - self.text.trim_start().len();
        self.source_offset(start)..self.source_offset(self.text.trim_end().len())
    }

    fn source_offset(&self, at: usize) -> usize {
        let next = self.pieces.partition_point(|(text, _)| *text <= at);
        let piece = self.pieces.get(next.saturating_sub(1));
        piece.map_or(0, |(text, source)| source + at.saturating_sub(*text))
    }

    /// Splits the line at white space; `"..."` is one token, `\"` within it a quote that keeps its backslash.
    pub(super) fn tokens(&self) -> Vec<Token> {
        let mut tokens = Vec::new();
        let mut current: Option<(usize, bool, String)> = None;
        let mut previous = '\0';
        for (at, c) in self.text.char_indices() {
            match current.take() {
                None if c.is_whitespace() => {}
                None if c == '"' => current = Some((at, true, String::new())),
                None => current = Some((at, false, c.to_string())),
                Some((start, true, text)) if c == '"' && previous != '\\' => {
                    tokens.push(Token { text, span: self.source_offset(start)..self.source_offset(at + 1) });
                }
                Some((start, false, text)) if c.is_whitespace() => {
                    tokens.push(Token { text, span: self.source_offset(start)..self.source_offset(at) });
                }
                Some((start, quoted, mut text)) => {
                    text.push(c);
                    current = Some((start, quoted, text));
                }
            }
            previous = c;
        }
        if let Some((start, _, text)) = current {
            tokens.push(Token { text, span: self.source_offset(start)..self.source_offset(self.text.len()) });
        }
        tokens
    }
}

/// Whether a line is blank or a one-line comment.
pub(super) fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with("//") || line.starts_with('#')
}

/// Joins continued lines and takes out text blocks. Linear.
pub(super) fn split(source: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut open = Line { text: String::new(), pieces: Vec::new(), block: None };
    let mut block: Option<(Block, Option<usize>)> = None;
    let mut is_continued = false;
    let mut start = 0;
    for raw in source.split_inclusive('\n') {
        let line = raw.trim_end_matches('\n');
        let line = line.strip_suffix('\r').unwrap_or(line);
        let at = start;
        start += raw.len();
        if let Some((mut text, indent)) = block.take() {
            if line.ends_with("\"\"\"") {
                text.span.end = at + line.len();
                text.text.truncate(text.text.trim_end_matches('\n').len());
                open.block = Some(text);
                lines.push(std::mem::replace(&mut open, Line { text: String::new(), pieces: Vec::new(), block: None }));
                is_continued = false;
            } else {
                let indent = indent.unwrap_or_else(|| line.len() - line.trim_start().len());
                let blank_until = line.len() - line.trim_start().len();
                text.text.push_str(line.get(indent.min(blank_until)..).unwrap_or_default());
                text.text.push('\n');
                block = Some((text, Some(indent)));
            }
            continue;
        }
        let (piece, skipped) = if is_continued {
            let trimmed = line.trim_start();
            (trimmed, line.len() - trimmed.len())
        } else if at == 0 {
            let trimmed = line.strip_prefix('\u{feff}').unwrap_or(line);
            (trimmed, line.len() - trimmed.len())
        } else {
            (line, 0)
        };
        open.pieces.push((open.text.len(), at + skipped));
        let comment = is_comment(line);
        if !comment && let Some(rest) = piece.strip_suffix('\\') {
            open.text.push_str(rest);
            is_continued = true;
        } else if !comment && let Some(rest) = piece.strip_suffix("\"\"\"") {
            let begin = at + line.len() - 3;
            open.text.push_str(rest);
            block = Some((Block { text: String::new(), span: begin..begin + 3 }, None));
        } else {
            open.text.push_str(piece);
            lines.push(std::mem::replace(&mut open, Line { text: String::new(), pieces: Vec::new(), block: None }));
            is_continued = false;
        }
    }
    if let Some((mut text, _)) = block {
        text.span.end = source.len();
        open.block = Some(text);
    }
    if !open.pieces.is_empty() {
        lines.push(open);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<Vec<String>> {
        split(source).iter().map(|line| line.tokens().into_iter().map(|t| t.text).collect()).collect()
    }

    #[test]
    fn tokens_keep_their_place_across_continuation_and_line_ends() {
        let source = "a = person \\\r\n   \"J\u{e9} D\"\r\nb";
        let lines = split(source);
        assert_eq!(lines.len(), 2);
        let tokens = lines[0].tokens();
        assert_eq!(tokens.iter().map(|t| t.text.as_str()).collect::<Vec<_>>(), ["a", "=", "person", "J\u{e9} D"]);
        assert_eq!(&source[tokens[3].span.clone()], "\"J\u{e9} D\"");
        assert_eq!(&source[lines[1].tokens()[0].span.clone()], "b");
    }

    #[test]
    fn quotes_may_be_escaped_and_may_be_left_open() {
        assert_eq!(words(r#"a "b \"c\" d" "" e"#), [vec!["a", "b \\\"c\\\" d", "", "e"]]);
        assert_eq!(words("a \"b c"), [vec!["a", "b c"]]);
    }

    #[test]
    fn text_blocks_lose_their_indent_and_their_last_line_break() {
        let lines = split("description \"\"\"\n   a \"b\"\n     c\n   \"\"\"\nnext");
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].block.as_ref().map(|b| b.text.as_str()), Some("a \"b\"\n  c"));
        assert_eq!(lines[1].text, "next");
    }

    #[test]
    fn a_comment_is_not_continued() {
        assert_eq!(words("// a \\\nb").len(), 2);
    }
}
