//! Names of images as the distribution reference grammar has them: registry, repository, tag, digest.

/// A name of an image, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageName<'a> {
    /// Registry with its port, where one is named.
    pub registry: Option<&'a str>,
    /// Repository without registry.
    pub repository: &'a str,
    /// Tag, where one is named.
    pub tag: Option<&'a str>,
    /// Digest, where one is named.
    pub digest: Option<&'a str>,
}

impl<'a> ImageName<'a> {
    /// Takes a name apart; any text has parts.
    pub fn parse(name: &'a str) -> Self {
        let (rest, digest) = name.split_once('@').map_or((name, None), |(rest, digest)| (rest, Some(digest)));
        // A first part is a registry when it could be no repository: it has a dot, a port, or is the local host.
        let is_host = |part: &str| part.contains(['.', ':']) || part == "localhost";
        let (registry, path) = match rest.split_once('/') {
            Some((first, path)) if is_host(first) && !first.contains('$') => (Some(first), path),
            _ => (None, rest),
        };
        let (repository, tag) = tag_of(path).map_or((path, None), |(repository, tag)| (repository, Some(tag)));
        Self { registry, repository, tag, digest }
    }
}

// The last colon outside `${...}` that has no slash behind it starts the tag.
fn tag_of(path: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let mut colon = None;
    for (at, byte) in path.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'/' if depth == 0 => colon = None,
            b':' if depth == 0 => colon = Some(at),
            _ => {}
        }
    }
    let at = colon?;
    Some((path.get(..at)?, path.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let parts = |name| {
            let image = ImageName::parse(name);
            (image.registry, image.repository, image.tag, image.digest)
        };
        assert_eq!(parts("debian"), (None, "debian", None, None));
        assert_eq!(parts("a/b:1@sha256:c"), (None, "a/b", Some("1"), Some("sha256:c")));
        assert_eq!(parts("reg:5000/a"), (Some("reg:5000"), "a", None, None));
        assert_eq!(parts("reg.example/a/b:1"), (Some("reg.example"), "a/b", Some("1"), None));
        assert_eq!(parts("localhost/a"), (Some("localhost"), "a", None, None));
        assert_eq!(parts("a:${X:-latest}"), (None, "a", Some("${X:-latest}"), None));
        assert_eq!(parts("${X:-a}/b"), (None, "${X:-a}/b", None, None));
    }
}
