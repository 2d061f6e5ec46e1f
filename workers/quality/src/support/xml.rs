//! Reads XML tag by tag, as far as reports of tools need it: elements and attributes, in one linear pass without recursion.
//!
//! Owns no tree, no namespaces and no document types; entities other than the five of XML and numbers stay as they are.

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Its name, without a prefix.
    pub name: &'a str,
    /// Opening, closing, or both.
    pub kind: TagKind,
    /// Where it starts, as byte offset.
    pub at: usize,
    attributes: &'a str,
}

/// What a tag does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagKind {
    /// `<a>`.
    Open,
    /// `</a>`.
    Close,
    /// `<a/>`.
    Empty,
}

impl Tag<'_> {
    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start();
            let (key, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let (value, next) = after.get(1..)?.split_once(quote)?;
            if key.trim() == name {
                return Some(unescape(value));
            }
            rest = next;
        }
    }

    /// The number in an attribute.
    pub fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        self.get(name)?.trim().parse().ok()
    }
}

fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let entity = after.split_once(';').filter(|(name, _)| name.len() <= 10);
        let character = entity.and_then(|(name, _)| match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => {
                let digits = name.strip_prefix('#')?;
                let hex = digits.strip_prefix(['x', 'X']);
                let code = hex.map_or_else(|| digits.parse(), |hex| u32::from_str_radix(hex, 16)).ok()?;
                char::from_u32(code)
            }
        });
        if let (Some(character), Some((_, next))) = (character, entity) {
            plain.push(character);
            rest = next;
        } else {
            plain.push('&');
            rest = after;
        }
    }
    plain.push_str(rest);
    plain
}

/// Escapes a text for an attribute.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// The tags of a text, in order. Ends at the first thing that is no XML, with its byte offset.
#[derive(Debug, Clone)]
pub struct Tags<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    failed: bool,
}

impl<'a> Tags<'a> {
    /// Begins.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, failed: false }
    }

    fn skip(&mut self, from: usize, end: &str) -> Option<()> {
        let found = self.text.get(from..)?.find(end)?;
        self.at = from + found + end.len();
        Some(())
    }

    // The tag that starts at `<`; nothing where there is none, or it is not closed.
    fn tag(&mut self, start: usize) -> Option<Tag<'a>> {
        let inside = self.text.get(start + 1..)?;
        let mut quote = None;
        let length = inside.find(|c: char| match quote {
            Some(open) => {
                quote = quote.filter(|_| c != open);
                false
            }
            None if matches!(c, '"' | '\'') => {
                quote = Some(c);
                false
            }
            None => c == '>',
        })?;
        let body = inside.get(..length)?;
        let (body, kind) = match (body.strip_prefix('/'), body.strip_suffix('/')) {
            (Some(body), _) => (body, TagKind::Close),
            (None, Some(body)) => (body, TagKind::Empty),
            (None, None) => (body, TagKind::Open),
        };
        let (name, attributes) = body.split_once(|c: char| c.is_whitespace()).unwrap_or((body, ""));
        let valid = name.starts_with(|c: char| c.is_alphabetic() || c == '_') && !name.contains(['<', '"']);
        self.at = start + 1 + length + 1;
        let name = name.rsplit(':').next().unwrap_or(name);
        valid.then_some(Tag { name, kind, at: start, attributes })
    }
}

impl<'a> Iterator for Tags<'a> {
    type Item = Result<Tag<'a>, usize>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.failed {
            let Some(start) = self.text.get(self.at..).and_then(|rest| rest.find('<')).map(|found| self.at + found)
            else {
                self.failed = true;
                return (self.depth > 0).then_some(Err(self.text.len()));
            };
            let rest = self.text.get(start..).unwrap_or_default();
            let skipped = if rest.starts_with("<!--") {
                self.skip(start + 4, "-->")
            } else if rest.starts_with("<![CDATA[") {
                self.skip(start + 9, "]]>")
            } else if rest.starts_with("<?") {
                self.skip(start + 2, "?>")
            } else if rest.starts_with("<!") {
                self.skip(start + 2, ">")
            } else if let Some(tag) = self.tag(start) {
                match tag.kind {
                    TagKind::Open => self.depth += 1,
                    TagKind::Close => self.depth = self.depth.saturating_sub(1),
                    TagKind::Empty => {}
                }
                return Some(Ok(tag));
            } else {
                None
            };
            if skipped.is_none() {
                self.failed = true;
                return Some(Err(start));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_tags_and_attributes() {
        let text =
            "<?xml version='1.0'?><!DOCTYPE a SYSTEM 'x.dtd'><a:b c=\"1&amp;&#x41;\" d = 'x>y'><!-- <e> --><f/></a:b>";
        let tags: Vec<_> = Tags::new(text).collect::<Result<_, _>>().expect("XML");
        let names: Vec<_> = tags.iter().map(|tag| (tag.name, tag.kind)).collect();
        assert_eq!(names, [("b", TagKind::Open), ("f", TagKind::Empty), ("b", TagKind::Close)]);
        assert_eq!(tags[0].get("c").as_deref(), Some("1&A"));
        assert_eq!(tags[0].get("d").as_deref(), Some("x>y"));
        assert_eq!(tags[0].get("e"), None);
    }

    #[test]
    fn says_where_it_is_no_xml() {
        assert_eq!(Tags::new("<a><b").last(), Some(Err(3)));
        assert_eq!(Tags::new("<a>").last(), Some(Err(3)));
        assert_eq!(Tags::new("<a/> < b").last(), Some(Err(5)));
        assert_eq!(Tags::new("nothing").last(), None);
        assert_eq!(unescape("&nbsp;&amp;&"), "&nbsp;&&");
        assert_eq!(escape("a<\"&\">"), "a&lt;&quot;&amp;&quot;&gt;");
    }
}
