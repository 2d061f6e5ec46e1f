//! API versions that are deprecated or gone, from the table `data/kubernetes/deprecations.txt`.

use super::minor_version;

const TABLE: &str = include_str!("../../../data/kubernetes/deprecations.txt");

/// What became of an API version of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecation {
    /// Whose versions these are: `k8s`, `cert-manager`, `istio`.
    pub component: &'static str,
    /// The version that deprecated it.
    pub deprecated: Option<&'static str>,
    /// The version that no longer serves it.
    pub removed: Option<&'static str>,
    /// The API version to use instead.
    pub replacement: Option<&'static str>,
    /// The version since which that is served.
    pub since: Option<&'static str>,
}

impl Deprecation {
    /// What is known of a kind under an API version.
    pub fn of(api_version: &str, kind: &str) -> Option<Self> {
        all()
            .find(|(api, kinds, _)| *api == api_version && kinds.split(',').any(|one| one == kind))
            .map(|found| found.2)
    }

    /// Whether a minor version of Kubernetes deprecates it.
    pub fn is_deprecated_in(&self, minor: u32) -> bool {
        self.component == "k8s" && self.deprecated.and_then(minor_version).is_some_and(|since| since <= minor)
    }

    /// Whether a minor version of Kubernetes no longer has it.
    pub fn is_removed_in(&self, minor: u32) -> bool {
        self.component == "k8s" && self.removed.and_then(minor_version).is_some_and(|since| since <= minor)
    }
}

/// Every row: API version, kinds with commas, and what became of them.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str, Deprecation)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.split(' ');
        let (component, api, kinds) = (words.next()?, words.next()?, words.next()?);
        let mut word = || words.next().filter(|word| *word != "-");
        let (deprecated, removed, replacement, since) = (word(), word(), word(), word());
        Some((api, kinds, Deprecation { component, deprecated, removed, replacement, since }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_whole() {
        for (api, kinds, row) in all() {
            assert!(
                !api.is_empty() && kinds.split(',').all(|kind| kind.starts_with(char::is_uppercase)),
                "{api} {kinds}"
            );
            for version in [row.deprecated, row.removed, row.since].into_iter().flatten() {
                assert!(version.split('.').count() == 2 && version.split('.').all(|part| part.parse::<u32>().is_ok()));
            }
            assert!(row.deprecated.or(row.removed).is_some());
        }
    }

    #[test]
    fn knows_when_a_kind_left() {
        let ingress = Deprecation::of("extensions/v1beta1", "Ingress").expect("a row");
        assert!(!ingress.is_deprecated_in(13) && ingress.is_deprecated_in(14));
        assert!(!ingress.is_removed_in(21) && ingress.is_removed_in(22));
        assert_eq!(ingress.replacement, Some("networking.k8s.io/v1"));
        assert_eq!(Deprecation::of("networking.k8s.io/v1", "Ingress"), None);
    }
}
