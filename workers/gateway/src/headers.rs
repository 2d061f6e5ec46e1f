//! The request headers the gateway reads, from one string of `name:value` lines.

/// Request headers. Names come lower-cased; a repeated header comes as one, joined by `, `.
pub(crate) struct Headers<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Headers<'a> {
    /// Of lines as the shell writes them; taken apart once, since a request asks for a dozen names.
    pub(crate) fn new(lines: &'a str) -> Self {
        let pairs = lines.lines().filter_map(|line| line.split_once(':'));
        Self(pairs.map(|(name, value)| (name, value.trim_matches([' ', '\t']))).collect())
    }

    /// The value of a header, without the white space around it.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// Whether the body says it is JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.get("content-type").is_some_and(|kind| {
            let essence = kind.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/json")
        })
    }

    /// Whether the client takes a media type; absent and `*/*` mean any.
    pub(crate) fn accepts(&self, wanted: &str) -> bool {
        let Some(accept) = self.get("accept") else { return true };
        let family = wanted.split('/').next().unwrap_or_default();
        accept.split(',').any(|range| {
            let mut parts = range.split(';');
            let range = parts.next().unwrap_or_default().trim();
            let refused = parts.any(|p| matches!(p.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
            !refused
                && (range == "*/*" || range.eq_ignore_ascii_case(wanted) || range.strip_suffix("/*") == Some(family))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_values_and_media_types() {
        let headers = Headers::new(
            "content-type:Application/JSON; charset=utf-8\naccept:text/event-stream , application/*;q=0.5\nx: a \n",
        );
        assert!(headers.is_json());
        assert_eq!(headers.get("X"), Some("a"));
        assert!(headers.accepts("application/json") && headers.accepts("text/event-stream"));
        assert!(!headers.accepts("image/png"));
        assert!(Headers::new("").accepts("application/json") && !Headers::new("").is_json());
        assert!(!Headers::new("accept:application/json;q=0").accepts("application/json"));
    }
}
