//! Structurizr's architecture language: a reader that recovers from mistakes and says where they are.
//!
//! Owns the grammar (statements, identifiers, substitution, archetypes, implied relationships); judges no design.
//! Nothing is fetched: what a source includes from elsewhere is an [`Issue`], and the reader then no longer counts
//! unknown identifiers as mistakes. Follows the language reference at `docs.structurizr.com/dsl/language`.

mod lines;
mod parser;

pub use parser::parse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Most elements of one workspace: what the quadratic steps of the callers stand within a second.
pub const MAX_ELEMENTS: usize = 2_000;

/// Most relationships of one workspace, implied ones included.
pub const MAX_RELATIONSHIPS: usize = 40_000;

/// Most mistakes reported of one source; a text that is no workspace at all has one on every line.
pub const MAX_ISSUES: usize = 200;

/// Longest text that substitution may make in total, in bytes: constants that name constants grow without bound.
pub const MAX_EXPANDED_BYTES: usize = 4 * 1024 * 1024;

/// Longest name, description or technology that is kept, in characters; archetypes hand theirs to every element.
pub const MAX_TEXT_CHARS: usize = 1_000;

/// Most tags and most properties an archetype hands on.
pub const MAX_ARCHETYPE_ITEMS: usize = 50;

/// Longest identifier, in bytes; real ones have less than 80.
pub const MAX_IDENTIFIER_BYTES: usize = 200;

/// What a source describes.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    /// Its name; empty when none is given.
    pub name: String,
    /// Where the workspace begins, in bytes.
    pub span: Range<usize>,
    /// Its properties.
    pub properties: Vec<Property>,
    /// Properties of the model.
    pub model_properties: Vec<Property>,
    /// Properties of the set of views.
    pub view_properties: Vec<Property>,
    /// The elements, parents before children.
    pub elements: Vec<Element>,
    /// The relationships, in the order of the source; implied ones after what implies them.
    pub relationships: Vec<Relationship>,
    /// The views.
    pub views: Vec<View>,
    /// Element styles that hide metadata: where each does.
    pub hidden_metadata: Vec<Range<usize>>,
    /// The declared scope, where there is one.
    pub scope: Option<String>,
    /// Names of the deployment environments.
    pub environments: Vec<String>,
    /// Whether a `model` block was seen.
    pub has_model: bool,
    /// Relationships of instances that `-/>` took out again.
    pub taken_out: BTreeSet<usize>,
    /// Whether some view shows what was not worked out.
    pub has_unread_views: bool,
    /// Whether parts of the source lie elsewhere.
    pub is_partial: bool,
    /// Mistakes and remarks, in the order of the source.
    pub issues: Vec<Issue>,
}

/// The kind of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ElementKind {
    /// A user.
    Person,
    /// A software system.
    SoftwareSystem,
    /// An application or store within a software system.
    Container,
    /// A part of a container.
    Component,
    /// A box of another kind.
    Custom,
    /// Where instances run.
    DeploymentNode,
    /// Infrastructure such as a load balancer.
    InfrastructureNode,
    /// A deployed software system.
    SoftwareSystemInstance,
    /// A deployed container.
    ContainerInstance,
}

impl ElementKind {
    /// Whether the element belongs to the static model, not to a deployment.
    pub const fn is_static(self) -> bool {
        matches!(self, Self::Person | Self::SoftwareSystem | Self::Container | Self::Component | Self::Custom)
    }

    /// The kind in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::SoftwareSystem => "software system",
            Self::Container => "container",
            Self::Component => "component",
            Self::Custom => "element",
            Self::DeploymentNode => "deployment node",
            Self::InfrastructureNode => "infrastructure node",
            Self::SoftwareSystemInstance => "software system instance",
            Self::ContainerInstance => "container instance",
        }
    }
}

/// An element.
#[derive(Debug, Clone)]
pub struct Element {
    /// Its kind.
    pub kind: ElementKind,
    /// Its name; of an instance, the name of what it is an instance of.
    pub name: String,
    /// The identifier given to it, as written, without those of its parents.
    pub identifier: Option<String>,
    /// The element around it.
    pub parent: Option<usize>,
    /// The deployment environment it belongs to.
    pub environment: Option<usize>,
    /// Of an instance: the element it is an instance of.
    pub instance_of: Option<usize>,
    /// Description; empty when none is given.
    pub description: String,
    /// Technology; empty when none is given.
    pub technology: String,
    /// Tags given to it.
    pub tags: Vec<String>,
    /// The group it stands in.
    pub group: Option<String>,
    /// Of a deployment node: how many there are, as written.
    pub instances: Option<String>,
    /// Deployment groups given to it, by the last part of their identifiers.
    pub groups: Vec<String>,
    /// Whether documentation is attached.
    pub has_docs: bool,
    /// Whether decisions are attached.
    pub has_decisions: bool,
    /// Its properties.
    pub properties: Vec<Property>,
    /// Where it is declared, in bytes.
    pub span: Range<usize>,
}

/// A relationship.
#[derive(Debug, Clone)]
pub struct Relationship {
    /// Where it starts.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// Description; empty when none is given.
    pub description: String,
    /// Technology; empty when none is given.
    pub technology: String,
    /// Tags given to it.
    pub tags: Vec<String>,
    /// Its properties.
    pub properties: Vec<Property>,
    /// Whether it follows from another: from one between parts, or between what instances are of.
    pub is_implied: bool,
    /// Where it is declared, in bytes.
    pub span: Range<usize>,
}

/// A property.
#[derive(Debug, Clone)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where the value stands, in bytes.
    pub span: Range<usize>,
}

/// A view.
#[derive(Debug, Clone)]
pub struct View {
    /// Its kind, the keyword as the language spells it.
    pub kind: &'static str,
    /// Its key, where one is given.
    pub key: Option<String>,
    /// Whether it is laid out automatically.
    pub has_auto_layout: bool,
    /// Whether it includes anything.
    pub has_content: bool,
    /// What it is about: a software system or container.
    pub scope: Option<usize>,
    /// Of a deployment view: the environment.
    pub environment: Option<usize>,
    /// The elements it shows.
    pub elements: BTreeSet<usize>,
    /// How many shown elements lie within an element.
    pub around: BTreeMap<usize, usize>,
    /// Of a dynamic view: the pairs of elements its steps lead between.
    pub taken: BTreeSet<(usize, usize)>,
    /// Its properties.
    pub properties: Vec<Property>,
    /// Where it is declared, in bytes.
    pub span: Range<usize>,
}

/// The kind of an [`Issue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueKind {
    /// The statement is not of the language, or not allowed where it stands.
    Syntax,
    /// An identifier that nothing has.
    UnknownIdentifier,
    /// The same, in a source that is partly elsewhere.
    UnresolvedIdentifier,
    /// An identifier given twice.
    DuplicateIdentifier,
    /// A name that a sibling already has.
    DuplicateName,
    /// A relationship the language refuses.
    InvalidRelationship,
    /// A keyword the language has removed; it was understood all the same.
    Deprecated,
    /// Content that lies elsewhere; nothing is fetched.
    NotFetched,
    /// A statement that is understood but not evaluated.
    NotEvaluated,
    /// A `${NAME}` that nothing defines.
    UnresolvedSubstitution,
    /// A limit of the reader was reached.
    Limit,
}

/// A mistake or remark.
#[derive(Debug, Clone)]
pub struct Issue {
    /// Its kind.
    pub kind: IssueKind,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where, in bytes.
    pub span: Range<usize>,
}

impl Workspace {
    /// Whether `inner` is `outer` or lies within it.
    pub fn is_within(&self, inner: usize, outer: usize) -> bool {
        let mut at = Some(inner);
        while let Some(element) = at {
            if element == outer {
                return true;
            }
            at = self.elements.get(element).and_then(|e| e.parent);
        }
        false
    }
}
