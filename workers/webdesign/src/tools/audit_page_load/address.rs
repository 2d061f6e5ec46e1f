//! Addresses of requests: their host, and whose they are.

/// The host of an absolute address, lower case, without user and port; empty where there is none (`data:`).
pub(super) fn host(url: &str) -> String {
    let Some((_, rest)) = url.split_once("://") else { return String::new() };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let end = if host.starts_with('[') { host.find(']').map(|at| at + 1) } else { host.find(':') };
    host.get(..end.unwrap_or(host.len())).unwrap_or_default().to_ascii_lowercase()
}

/// Scheme and host with port of an absolute address, lower case.
pub(super) fn origin(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return String::new() };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    format!("{scheme}://{}", authority.rsplit('@').next().unwrap_or_default()).to_ascii_lowercase()
}

// Second-level labels under which country registries sell names.
const REGISTRY_LABELS: [&str; 9] = ["co", "com", "org", "net", "gov", "edu", "ac", "or", "ne"];

/// The name a site goes by: `www.example.co.uk` is `example`. Hosts that carry it are taken for the site's own, as
/// pagexray does.
pub(super) fn site_name(host: &str) -> String {
    let labels: Vec<&str> = host.split('.').collect();
    if host.starts_with('[') || labels.iter().all(|label| label.parse::<u8>().is_ok()) {
        return host.to_owned();
    }
    let from_end = |at: usize| labels.len().checked_sub(at).and_then(|at| labels.get(at)).copied();
    let name = match (from_end(3), from_end(2), from_end(1)) {
        (Some(name), Some(second), Some(country)) if country.len() == 2 && REGISTRY_LABELS.contains(&second) => name,
        (_, Some(name), Some(_)) => name,
        (_, _, only) => only.unwrap_or_default(),
    };
    name.to_owned()
}

/// Whether a host is the site's own.
pub(super) fn is_first_party(host: &str, site: &str) -> bool {
    // One organisation under two names that nearly every recording of it mixes.
    host.contains(site) || (site == "wikipedia" && host.contains("wikimedia"))
}

/// Whether an address is of this machine, where encryption is not expected.
pub(super) fn is_local(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "[::1]"
}

/// Resolves a reference against the address of a page (RFC 3986 section 5.2, without dot segments beyond the plain ones).
pub(super) fn resolve(reference: &str, base: &str) -> String {
    let reference = reference.trim();
    let has_scheme = reference.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    });
    let Some((scheme, _)) = base.split_once("://") else { return reference.to_owned() };
    if has_scheme {
        reference.to_owned()
    } else if let Some(rest) = reference.strip_prefix("//") {
        format!("{scheme}://{rest}")
    } else if reference.starts_with('/') {
        format!("{}{}", origin(base), without_dots(reference))
    } else {
        let origin = origin(base);
        let path = base.split(['?', '#']).next().unwrap_or_default().get(origin.len()..).unwrap_or_default();
        if reference.starts_with('?') {
            return format!("{origin}{}{reference}", if path.is_empty() { "/" } else { path });
        }
        let folder = path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or("/");
        format!("{origin}{}", without_dots(&format!("{folder}{reference}")))
    }
}

fn without_dots(path: &str) -> String {
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let (path, rest) = path.split_at_checked(end).unwrap_or((path, ""));
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    format!("/{}{rest}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_site_names() {
        assert_eq!(host("HTTPS://u:p@Www.Example.com:8443/a?b@c"), "www.example.com");
        assert_eq!(host("http://[::1]:80/"), "[::1]");
        assert_eq!(host("data:text/css,a"), "");
        for (host, name) in [
            ("www.sitespeed.io", "sitespeed"),
            ("www.sitespeed.co.uk", "sitespeed"),
            ("shop.example.com.au", "example"),
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("t.co", "t"),
        ] {
            assert_eq!(site_name(host), name, "{host}");
        }
    }

    #[test]
    fn references_resolve() {
        let base = "https://a.example/x/y?z";
        for (reference, expected) in [
            ("b.css", "https://a.example/x/b.css"),
            ("../b.css?c", "https://a.example/b.css?c"),
            ("/b", "https://a.example/b"),
            ("//c.example/b", "https://c.example/b"),
            ("http://d/", "http://d/"),
            ("?q", "https://a.example/x/y?q"),
        ] {
            assert_eq!(resolve(reference, base), expected);
        }
        assert_eq!(resolve("b.css", ""), "b.css");
    }
}
