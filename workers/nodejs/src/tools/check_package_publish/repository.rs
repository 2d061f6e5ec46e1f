//! The `repository` field: shorthands, and git URLs in the forms that git and npm know.

use super::checker::{Checker, FieldPath, quoted};
use super::rules;
use crate::support::package_tree::ends_in;
use octavo_toolkit::Level;

/// Checks that `repository` is a shorthand, or an object with a git URL in npm's form.
pub(super) fn check(checker: &mut Checker<'_>) {
    let Some(node) = checker.root.get("repository") else { return };
    let path = FieldPath::root("repository");
    let fits = node.as_str().is_some() || node.as_object().is_some() || node.as_array().is_some() || node.is_null();
    if !checker.expect_type(node, &path, "a string or an object", fits) {
        return;
    }
    if let Some(text) = node.as_str() {
        if !is_repository_shorthand(text) {
            let message = "repository: a plain string must be a shorthand such as \"owner/name\"; \
                 a URL goes into an object with `type` and `url`";
            checker.report(&rules::INVALID_REPOSITORY_VALUE, node.span.clone(), message.to_owned());
            if let Some(url) = GitUrl::parse(text).filter(GitUrl::is_known_site).map(|git| git.canonical()) {
                let object = format!("{{ \"type\": \"git\", \"url\": {} }}", quoted(&url));
                checker.fix("say the URL in an object", vec![(node.span.clone(), object)]);
            }
        }
        return;
    }
    let is_git = node.get("type").is_none_or(|kind| kind.is_null() || kind.as_str() == Some("git"));
    let Some(url_node) = node.get("url").filter(|url| url.is_truthy() && is_git) else { return };
    let Some(url) = url_node.as_str() else { return };
    let (level, message) = match GitUrl::parse(url) {
        None => (Level::Warning, "repository.url is no git URL"),
        Some(git) if git.is_retired_protocol() => {
            (Level::Info, "repository.url: GitHub no longer serves the git:// protocol")
        }
        Some(git) if git.is_known_site() && !git.is_complete() => {
            (Level::Info, "repository.url: npm's form begins with \"git+\" and ends in \".git\"")
        }
        Some(_) => return,
    };
    checker.report_as(level, &rules::INVALID_REPOSITORY_VALUE, url_node.span.clone(), message.to_owned());
    if let Some(git) = GitUrl::parse(url) {
        let canonical = git.canonical();
        checker.fix("write npm's form of the URL", vec![(url_node.span.clone(), quoted(&canonical))]);
    }
}

// `owner/name`, `github:owner/name`, `gist:id`.
fn is_repository_shorthand(text: &str) -> bool {
    let is_pair = |text: &str| text.split_once('/').is_some_and(|(owner, name)| !owner.is_empty() && !name.is_empty());
    if text.contains(['\n', '\r']) {
        return false;
    }
    match text.split_once(':') {
        Some(("github" | "bitbucket" | "gitlab", rest)) if is_pair(rest) => true,
        Some(("gist", id)) if !id.is_empty() => true,
        _ => is_pair(text) && text.matches('/').count() == 1,
    }
}

// A git URL in one of the forms that git clone accepts, with a protocol or a user.
struct GitUrl<'u> {
    url: &'u str,
    protocol: Option<&'u str>,
    host: &'u str,
    path: &'u str,
}

impl<'u> GitUrl<'u> {
    fn parse(url: &'u str) -> Option<Self> {
        const PROTOCOLS: [&str; 7] = ["git+https", "git+http", "git+ssh", "https", "http", "ssh", "git"];
        if !url.contains("://") && !url.contains('@') {
            return None;
        }
        let with_protocol = url.split_once("://").filter(|(protocol, _)| PROTOCOLS.contains(protocol));
        let (protocol, rest) = with_protocol.map_or((None, url), |(protocol, rest)| (Some(protocol), rest));
        let user_end = rest.find(['@', '/']).filter(|at| *at > 0 && rest.as_bytes().get(*at) == Some(&b'@'));
        let rest = user_end.and_then(|at| rest.get(at + 1..)).unwrap_or(rest);
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let host_end = rest.find(|c| !is_host(c))?;
        let (host, rest) = rest.split_at_checked(host_end)?;
        let path = match rest.strip_prefix(':') {
            None => rest,
            Some(after) => {
                let end = after.find(|c: char| !is_host(c) || c == '.')?;
                after.get(end..).filter(|_| end > 0)?
            }
        };
        let fits = !host.is_empty() && path.len() > 1 && path.starts_with('/') && !path.contains(['?', '#', '\n']);
        if fits { Some(Self { url, protocol, host, path }) } else { None }
    }

    fn is_known_site(&self) -> bool {
        self.host.contains("github") || self.host.contains("gitlab")
    }

    fn is_retired_protocol(&self) -> bool {
        self.protocol == Some("git") && self.host.contains("github")
    }

    fn is_complete(&self) -> bool {
        self.url.starts_with("git+") && ends_in(self.path, &[".git"])
    }

    // npm's own form of the same URL.
    fn canonical(&self) -> String {
        let plain = self.url.trim_end_matches('/');
        let mut url = match self.protocol {
            None => format!("git+ssh://{}", plain.replacen(':', "/", 1)),
            Some("git") => format!("git+https{}", plain.trim_start_matches("git")),
            Some(protocol) if protocol.starts_with("git+") => plain.to_owned(),
            Some(_) => format!("git+{plain}"),
        };
        if !ends_in(&url, &[".git"]) {
            url.push_str(".git");
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repository_values_are_told_apart() {
        for (text, shorthand) in [
            ("o/r", true),
            ("github:o/r", true),
            ("gist:11081aaa281", true),
            ("bitbucket:o/r/x", true),
            ("https://github.com/o/r", false),
            ("r", false),
            ("a/b/c", false),
            ("/r", false),
        ] {
            assert_eq!(is_repository_shorthand(text), shorthand, "{text}");
        }
        for (url, canonical) in [
            ("https://github.com/o/r", "git+https://github.com/o/r.git"),
            ("https://github.com/o/r/", "git+https://github.com/o/r.git"),
            ("git@github.com:o/r.git", "git+ssh://git@github.com/o/r.git"),
            ("git://github.com/o/r.git", "git+https://github.com/o/r.git"),
            ("git+https://gitlab.com:443/o/r.git", "git+https://gitlab.com:443/o/r.git"),
        ] {
            assert_eq!(GitUrl::parse(url).expect("a git URL").canonical(), canonical);
        }
        for url in
            ["github.com/o/r", "https://github.com", "svn://x.y/z", "https://x.y/z?q", "@", "https://:/x", "a@b:"]
        {
            assert!(GitUrl::parse(url).is_none(), "{url}");
        }
    }
}
