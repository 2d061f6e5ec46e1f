//! Digests of the catalogue, by which a gateway knows whether a worker was built with the same one.

#[path = "../generated/digests.rs"]
mod generated;

use octavo_category::Category;

/// The digest of all that is listed of a category's tools; the category's worker has the same where it was built from the same
/// source.
pub fn digest(category: Category) -> &'static str {
    generated::DIGESTS.iter().find(|(slug, _)| *slug == category.slug()).map_or("", |(_, digest)| digest)
}
