//! Statements to a [`Workspace`]: contexts, identifiers, substitution, archetypes, implied relationships.
//!
//! Every statement is one line; a line that cannot be read is reported and, when it opens a block, skipped with it.

mod directives;
mod elements;
mod identifiers;
mod relationships;
mod shown;
mod views;

use super::lines::{self, Line, Token};
use super::{
    ElementKind, Issue, IssueKind, MAX_EXPANDED_BYTES, MAX_IDENTIFIER_BYTES, MAX_ISSUES, MAX_TEXT_CHARS, Property,
    Workspace,
};
use octavo_toolkit::limits::{MAX_NESTING_DEPTH, excerpt};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

// Most `!elements` of one source: each looks at every element.
const MAX_SELECTIONS: usize = 1_000;

// Identifiers looked at for a did-you-mean: each costs a distance.
const MAX_SUGGESTED: usize = 500;

/// Reads a source. Never fails: what cannot be read is in [`Workspace::issues`].
pub fn parse(source: &str) -> Workspace {
    let lines = lines::split(source);
    let mut parser = Parser::default();
    parser.find_later_identifiers(&lines);
    for line in &lines {
        if parser.workspace.issues.len() >= MAX_ISSUES {
            break;
        }
        parser.line(line);
    }
    parser.finish(source.len());
    parser.workspace
}

// What a block is about. A block's statements are allowed by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    Workspace,
    Model,
    Archetypes,
    Archetype(String),
    Element(usize),
    // A group within an element: its parts go to the element, its properties do not.
    ElementGroup(usize),
    // Elements chosen by an expression.
    Elements(Rc<[usize]>),
    Relationships(Rc<[usize]>),
    Environment(usize),
    Properties(Target),
    Views,
    View(usize),
    Styles,
    ElementStyle,
    Configuration,
    Comment,
    Skipped,
}

// Whose properties a `properties` block holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Workspace,
    Model,
    Views,
    View(usize),
    Element(usize),
    Elements(Rc<[usize]>),
    Relationships(Rc<[usize]>),
    Archetype(String),
}

// Under what an identifier is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Root,
    Element(usize),
    Environment(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Element(usize),
    Relationship(usize),
    Environment(usize),
    Group(usize),
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    Element(ElementKind),
    Group,
    Relationship,
}

#[derive(Debug, Clone)]
struct Archetype {
    base: Base,
    description: String,
    technology: String,
    tags: Vec<String>,
    properties: Vec<Property>,
}

impl Archetype {
    const fn plain(base: Base) -> Self {
        Self { base, description: String::new(), technology: String::new(), tags: Vec::new(), properties: Vec::new() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Implied {
    Never,
    UnlessAny,
    UnlessSame,
}

struct Open {
    block: Block,
    span: Range<usize>,
    group: Option<usize>,
}

struct Group {
    name: String,
    parent: Option<usize>,
}

// What leads from one element to another: the descriptions.
type Pairs = BTreeMap<(usize, usize), BTreeSet<String>>;

struct Parser {
    workspace: Workspace,
    stack: Vec<Open>,
    names: BTreeMap<(Scope, String), Named>,
    groups: Vec<Group>,
    // The group of each element.
    group_of: Vec<Option<usize>>,
    selections: usize,
    siblings: BTreeSet<(Scope, u8, String)>,
    constants: BTreeMap<String, (String, bool)>,
    archetypes: BTreeMap<String, Archetype>,
    pairs: Pairs,
    // The relationships of each element, and the instances.
    touching: Vec<Vec<usize>>,
    instances: BTreeMap<usize, Vec<usize>>,
    // Texts of a relationship that `-/>` took out, for those that stand in for it, and how deep its block lies.
    instead: Option<(usize, String, String)>,
    shown: usize,
    // Identifiers assigned anywhere, with the line's place: tells a forward reference from a misspelling.
    later: BTreeMap<String, usize>,
    is_hierarchical: bool,
    implied: Implied,
    expanded: usize,
    has_workspace: bool,
    has_views: bool,
    // Limits already reported, each once.
    told: BTreeSet<&'static str>,
}

impl Default for Parser {
    fn default() -> Self {
        Self {
            workspace: Workspace::default(),
            stack: Vec::new(),
            names: BTreeMap::new(),
            groups: Vec::new(),
            group_of: Vec::new(),
            selections: 0,
            siblings: BTreeSet::new(),
            constants: BTreeMap::new(),
            archetypes: BTreeMap::new(),
            pairs: BTreeMap::new(),
            touching: Vec::new(),
            instances: BTreeMap::new(),
            instead: None,
            shown: 0,
            later: BTreeMap::new(),
            is_hierarchical: false,
            implied: Implied::UnlessAny,
            expanded: 0,
            has_workspace: false,
            has_views: false,
            told: BTreeSet::new(),
        }
    }
}

// A statement: its words, without identifier, `=` and opening brace.
struct Statement<'a> {
    words: &'a [Token],
    identifier: Option<&'a Token>,
    opens: bool,
    span: Range<usize>,
}

impl Statement<'_> {
    fn text(&self, index: usize) -> Option<&str> {
        self.words.get(index).map(|word| word.text.as_str())
    }

    // Text of an optional argument; an empty string stands for one that is left out.
    fn given(&self, index: usize) -> Option<&str> {
        self.text(index).filter(|text| !text.is_empty())
    }

    fn span_of(&self, index: usize) -> Range<usize> {
        self.words.get(index).map_or_else(|| self.span.clone(), |word| word.span.clone())
    }
}

impl Parser {
    fn issue(&mut self, kind: IssueKind, span: Range<usize>, message: impl Into<String>) {
        if self.workspace.issues.len() < MAX_ISSUES {
            self.workspace.issues.push(Issue { kind, message: message.into(), span });
        }
    }

    fn limit(&mut self, which: &'static str, span: Range<usize>, message: String) {
        if self.told.insert(which) {
            self.issue(IssueKind::Limit, span, message);
        }
    }

    fn syntax(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.issue(IssueKind::Syntax, span, message);
    }

    fn block(&self) -> Option<&Block> {
        self.stack.last().map(|open| &open.block)
    }

    fn open(&mut self, block: Block, span: Range<usize>) {
        let group = self.stack.last().and_then(|open| open.group);
        self.open_with(block, span, group);
    }

    fn open_with(&mut self, block: Block, span: Range<usize>, group: Option<usize>) {
        if self.stack.len() >= MAX_NESTING_DEPTH {
            let message = format!("blocks nest deeper than {MAX_NESTING_DEPTH}; what is deeper is skipped");
            self.limit("nesting", span.clone(), message);
        }
        let block = if self.stack.len() >= MAX_NESTING_DEPTH { Block::Skipped } else { block };
        self.stack.push(Open { block, span, group });
    }

    fn line(&mut self, line: &Line) {
        if lines::is_comment(&line.text) && line.block.is_none() {
            return;
        }
        let trimmed = line.text.trim();
        let in_comment = self.block() == Some(&Block::Comment);
        if trimmed.starts_with("/*") && trimmed.ends_with("*/") {
            return;
        }
        if in_comment {
            if trimmed.ends_with("*/") {
                self.stack.pop();
            }
            return;
        }
        if trimmed.starts_with("/*") {
            self.stack.push(Open { block: Block::Comment, span: line.span(), group: None });
            return;
        }
        let mut tokens = line.tokens();
        if self.block() == Some(&Block::Skipped) {
            match (tokens.first(), tokens.last()) {
                (Some(first), _) if first.text == "}" => self.close(&tokens),
                (_, Some(last)) if last.text == "{" => self.open(Block::Skipped, line.span()),
                _ => {}
            }
            return;
        }
        for token in &mut tokens {
            self.substitute(token);
        }
        if let Some(block) = &line.block {
            tokens.push(Token { text: block.text.clone(), span: block.span.clone() });
        }
        self.statement(&tokens, line.span());
    }

    fn statement(&mut self, tokens: &[Token], span: Range<usize>) {
        let mut identifier = None;
        let mut words = tokens;
        if let [name, equals, rest @ ..] = tokens
            && equals.text == "="
            && !rest.is_empty()
        {
            if is_identifier(&name.text) && name.text.len() <= MAX_IDENTIFIER_BYTES {
                identifier = Some(name);
            } else {
                self.syntax(
                    name.span.clone(),
                    format!(
                        "an identifier has letters, digits, `_` and `-`, does not start with `-` and is at most {MAX_IDENTIFIER_BYTES} bytes long"
                    ),
                );
            }
            words = rest;
        }
        if words.first().is_some_and(|word| word.text == "}") {
            self.close(words);
            return;
        }
        let opens = words.len() > 1 && words.last().is_some_and(|word| word.text == "{");
        let words = if opens { words.get(..words.len() - 1).unwrap_or_default() } else { words };
        let statement = Statement { words, identifier, opens, span };
        let depth = self.stack.len();
        let understood = self.directive(&statement) || self.in_block(&statement);
        if !understood {
            self.unexpected(&statement);
        }
        // A block whose statement opened none is skipped as a whole, so that its braces stay balanced.
        if statement.opens && self.stack.len() == depth {
            self.open(Block::Skipped, statement.span.clone());
        }
    }

    fn unexpected(&mut self, statement: &Statement<'_>) {
        let word = excerpt(statement.text(0).unwrap_or_default());
        let (place, accepted) = match self.block() {
            None if self.has_workspace => ("after the workspace", "nothing but comments"),
            None => ("outside a workspace", "`workspace`, `!const`, `!var`"),
            Some(Block::Workspace) => (
                "in a workspace",
                "`name`, `description`, `properties`, `model`, `views`, `configuration`, `!identifiers`, `!docs`, `!adrs`",
            ),
            Some(Block::Model) => (
                "in the model",
                "`person`, `softwareSystem`, `element`, `group`, `deploymentEnvironment`, `archetypes`, `properties`, a relationship `a -> b`",
            ),
            Some(Block::Archetypes | Block::Archetype(_)) => {
                ("in an archetype", "`description`, `technology`, `tags`, `properties`, `perspectives`")
            }
            Some(Block::Element(element) | Block::ElementGroup(element)) => {
                match self.workspace.elements.get(*element).map(|e| e.kind) {
                    Some(ElementKind::SoftwareSystem) => (
                        "in a software system",
                        "`container`, `group`, `description`, `tags`, `url`, `properties`, `perspectives`, a relationship",
                    ),
                    Some(ElementKind::Container) => (
                        "in a container",
                        "`component`, `group`, `description`, `technology`, `tags`, `url`, `properties`, `perspectives`, a relationship",
                    ),
                    Some(ElementKind::DeploymentNode) => (
                        "in a deployment node",
                        "`deploymentNode`, `infrastructureNode`, `containerInstance`, `softwareSystemInstance`, `instances`, `technology`, `tags`, a relationship",
                    ),
                    _ => (
                        "in this element",
                        "`description`, `technology`, `tags`, `url`, `properties`, `perspectives`, a relationship",
                    ),
                }
            }
            Some(Block::Elements(_)) => (
                "in selected elements",
                "`description`, `technology`, `tags`, `url`, `properties`, `perspectives`, a relationship",
            ),
            Some(Block::Relationships(_)) => ("in a relationship", "`tags`, `url`, `properties`, `perspectives`"),
            Some(Block::Environment(_)) => {
                ("in a deployment environment", "`deploymentNode`, `deploymentGroup`, `group`, a relationship")
            }
            Some(Block::Properties(_)) => ("in properties", "a name and a value on each line"),
            Some(Block::Views) => (
                "in the views",
                "`systemLandscape`, `systemContext`, `container`, `component`, `dynamic`, `deployment`, `filtered`, `custom`, `image`, `styles`, `theme`",
            ),
            Some(Block::View(_)) => {
                ("in a view", "`include`, `exclude`, `autoLayout`, `title`, `description`, `animation`, `properties`")
            }
            Some(Block::Styles | Block::ElementStyle) => ("in the styles", "`element`, `relationship`, `theme`"),
            Some(Block::Configuration) => ("in the configuration", "`scope`, `visibility`, `users`, `properties`"),
            Some(Block::Comment | Block::Skipped) => ("here", "nothing"),
        };
        let lone_brace = if word == "{" { "; a brace belongs at the end of the line it opens" } else { "" };
        self.syntax(
            statement.span.clone(),
            format!("`{word}` is not understood {place}; accepted: {accepted}{lone_brace}"),
        );
    }

    fn close(&mut self, words: &[Token]) {
        let span = words.first().map_or(0..0, |word| word.span.clone());
        if self.stack.pop().is_none() {
            self.syntax(span, "a closing brace that nothing opened");
        } else if let Some(second) = words.get(1) {
            self.syntax(second.span.clone(), "a closing brace stands on a line of its own");
        }
    }

    fn finish(&mut self, end: usize) {
        if self.workspace.issues.len() >= MAX_ISSUES {
            self.workspace.issues.truncate(MAX_ISSUES - 1);
            self.issue(
                IssueKind::Limit,
                end..end,
                format!("more than {} mistakes; the rest was not read", MAX_ISSUES - 1),
            );
            return;
        }
        let unclosed: Vec<Range<usize>> = self.stack.iter().map(|open| open.span.clone()).collect();
        if let Some(span) = unclosed.last() {
            let message = if self.block() == Some(&Block::Comment) {
                "this comment is not closed".to_owned()
            } else {
                format!(
                    "{} not closed by the end of the text; this is the innermost",
                    plural(unclosed.len(), "block is", "blocks are")
                )
            };
            self.syntax(span.clone(), message);
        }
        if !self.has_workspace && self.workspace.issues.is_empty() {
            self.syntax(0..0, "there is no workspace; accepted: `workspace { model { ... } views { ... } }`");
        }
    }

    // Replaces every `${NAME}` that is known.
    fn substitute(&mut self, token: &mut Token) {
        if !token.text.contains("${") {
            return;
        }
        let mut made = String::new();
        let mut rest = token.text.as_str();
        let mut unknown = Vec::new();
        while let Some((before, after)) = rest.split_once("${") {
            made.push_str(before);
            let end = after.bytes().position(|b| !is_constant_byte(b)).unwrap_or(after.len());
            let name = after.get(..end).filter(|name| !name.is_empty() && after.as_bytes().get(end) == Some(&b'}'));
            if let Some((name, (value, _))) = name.and_then(|name| Some((name, self.constants.get(name)?))) {
                self.expanded += value.len();
                if self.expanded <= MAX_EXPANDED_BYTES {
                    made.push_str(value);
                }
                rest = after.get(name.len() + 1..).unwrap_or_default();
            } else {
                unknown.extend(name.map(str::to_owned));
                made.push_str("${");
                rest = after;
            }
        }
        made.push_str(rest);
        token.text = made;
        unknown.sort_unstable();
        unknown.dedup();
        for name in unknown {
            self.issue(
                IssueKind::UnresolvedSubstitution,
                token.span.clone(),
                format!("`{}` is defined by no `!const` or `!var` above; it is kept as written", excerpt(&name)),
            );
        }
        if self.expanded > MAX_EXPANDED_BYTES {
            let message =
                format!("substitution makes more than {MAX_EXPANDED_BYTES} bytes; what is beyond is left out");
            self.limit("substitution", token.span.clone(), message);
        }
    }

    // Whether the statement is one of those the open block allows.
    fn in_block(&mut self, statement: &Statement<'_>) -> bool {
        let keyword = statement.text(0).unwrap_or_default().to_lowercase();
        match self.block().cloned() {
            None => self.at_root(statement, &keyword),
            Some(Block::Workspace) => self.in_workspace(statement, &keyword),
            Some(Block::Model) => self.relationship(statement) || self.in_model(statement, &keyword),
            Some(Block::Archetypes) => self.archetype(statement, &keyword),
            Some(Block::Archetype(name)) => self.in_archetype(statement, &keyword, &name),
            Some(Block::Element(element)) => {
                self.relationship(statement)
                    || self.part_of(statement, &keyword, element)
                    || self.in_element(statement, &keyword, element)
            }
            Some(Block::ElementGroup(element)) => {
                self.relationship(statement) || self.part_of(statement, &keyword, element)
            }
            Some(Block::Elements(all)) => self.relationship(statement) || self.in_elements(statement, &keyword, &all),
            Some(Block::Relationships(all)) => self.in_relationship(statement, &keyword, &all),
            Some(Block::Environment(environment)) => {
                self.relationship(statement) || self.in_environment(statement, &keyword, environment)
            }
            Some(Block::Properties(target)) => self.property(statement, &target),
            Some(Block::Views) => self.in_views(statement, &keyword),
            Some(Block::View(view)) => self.in_view(statement, &keyword, view),
            Some(Block::Styles) => self.in_styles(statement, &keyword),
            Some(Block::ElementStyle) => {
                if keyword == "metadata" && statement.text(1).is_some_and(|text| text.eq_ignore_ascii_case("false")) {
                    self.workspace.hidden_metadata.push(statement.span.clone());
                }
                true
            }
            Some(Block::Configuration) => {
                if keyword == "scope" {
                    self.workspace.scope = statement.given(1).map(str::to_lowercase).filter(|scope| scope != "none");
                } else if keyword == "properties" && statement.opens {
                    self.open(Block::Properties(Target::Workspace), statement.span.clone());
                }
                matches!(keyword.as_str(), "scope" | "visibility" | "users" | "properties")
            }
            Some(Block::Comment | Block::Skipped) => true,
        }
    }

    fn at_root(&mut self, statement: &Statement<'_>, keyword: &str) -> bool {
        if keyword != "workspace" {
            return false;
        }
        if self.has_workspace {
            self.syntax(statement.span.clone(), "there is one workspace in a source; this is another");
            return true;
        }
        self.has_workspace = true;
        self.workspace.span = statement.span.clone();
        if statement.text(1).is_some_and(|word| word.eq_ignore_ascii_case("extends")) {
            self.workspace.is_partial = true;
            self.issue(
                IssueKind::NotFetched,
                statement.span.clone(),
                "the workspace this one extends is not fetched; the model is reviewed without it",
            );
        } else {
            self.too_many(statement, 3, "`workspace` takes a name and a description");
            self.workspace.name = cut(statement.text(1).unwrap_or_default());
        }
        self.open_block(statement, Block::Workspace);
        true
    }

    fn in_workspace(&mut self, statement: &Statement<'_>, keyword: &str) -> bool {
        match keyword {
            "name" => self.workspace.name = cut(statement.text(1).unwrap_or_default()),
            "description" => {}
            "properties" => self.open_block(statement, Block::Properties(Target::Workspace)),
            "model" => {
                if self.workspace.has_model {
                    self.syntax(statement.span.clone(), "there is one model in a workspace; this is another");
                }
                self.workspace.has_model = true;
                self.open_block(statement, Block::Model);
            }
            "views" => {
                if self.has_views {
                    self.syntax(statement.span.clone(), "there is one set of views in a workspace; this is another");
                }
                self.has_views = true;
                self.open_block(statement, Block::Views);
            }
            "configuration" => self.open_block(statement, Block::Configuration),
            _ => return false,
        }
        true
    }

    // A statement whose brace is not optional.
    fn open_block(&mut self, statement: &Statement<'_>, block: Block) {
        if !statement.opens {
            self.syntax(statement.span.clone(), "a `{` is missing at the end of this line");
        }
        self.open(block, statement.span.clone());
    }

    fn too_many(&mut self, statement: &Statement<'_>, most: usize, message: &str) {
        if statement.words.len() > most {
            self.syntax(statement.span_of(most), message);
        }
    }
}

fn split_tags(tags: &str) -> Vec<String> {
    tags.split(',').map(|tag| cut(tag.trim())).filter(|tag| !tag.is_empty()).collect()
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_TEXT_CHARS).collect()
}

fn is_identifier(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

// An identifier, dots allowed: not a wildcard and not an expression.
fn is_path(name: &str) -> bool {
    name.split('.').all(is_identifier)
}

fn is_constant_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(is_constant_byte)
}

const fn is_constant_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
}

fn plural(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}
