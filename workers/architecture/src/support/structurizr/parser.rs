//! Statements to a [`Workspace`]: contexts, identifiers, substitution, archetypes, implied relationships.
//!
//! Every statement is one line; a line that cannot be read is reported and, when it opens a block, skipped with it.

use super::lines::{self, Line, Token};
use super::{
    Element, ElementKind, Issue, IssueKind, MAX_ELEMENTS, MAX_EXPANDED_BYTES, MAX_IDENTIFIER_BYTES, MAX_ISSUES,
    MAX_RELATIONSHIPS, Property, Relationship, View, Workspace,
};
use octavo_toolkit::limits::{MAX_NESTING_DEPTH, excerpt};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

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
    Relationships(Vec<usize>),
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
    Element(usize),
    Relationships(Vec<usize>),
    Archetype(String),
    Nothing,
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
    group: Option<String>,
}

struct Parser {
    workspace: Workspace,
    stack: Vec<Open>,
    names: BTreeMap<(Scope, String), Named>,
    siblings: BTreeSet<(Scope, u8, String)>,
    constants: BTreeMap<String, (String, bool)>,
    archetypes: BTreeMap<String, Archetype>,
    pairs: BTreeMap<(usize, usize), BTreeSet<String>>,
    // Identifiers assigned anywhere, with the line's place: tells a forward reference from a misspelling.
    later: BTreeMap<String, usize>,
    is_hierarchical: bool,
    implied: Implied,
    expanded: usize,
    has_workspace: bool,
    has_views: bool,
    is_full: bool,
}

impl Default for Parser {
    fn default() -> Self {
        Self {
            workspace: Workspace::default(),
            stack: Vec::new(),
            names: BTreeMap::new(),
            siblings: BTreeSet::new(),
            constants: BTreeMap::new(),
            archetypes: BTreeMap::new(),
            pairs: BTreeMap::new(),
            later: BTreeMap::new(),
            is_hierarchical: false,
            implied: Implied::UnlessAny,
            expanded: 0,
            has_workspace: false,
            has_views: false,
            is_full: false,
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
    // One pass over `name =` beginnings, before anything else is known.
    fn find_later_identifiers(&mut self, lines: &[Line]) {
        for line in lines {
            if let Some((name, _)) = line.text.split_once('=')
                && let name = name.trim()
                && is_identifier(name)
            {
                self.later.entry(name.to_lowercase()).or_insert(line.span().start);
            }
        }
    }

    fn issue(&mut self, kind: IssueKind, span: Range<usize>, message: impl Into<String>) {
        if self.workspace.issues.len() < MAX_ISSUES {
            self.workspace.issues.push(Issue { kind, message: message.into(), span });
        }
    }

    fn syntax(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.issue(IssueKind::Syntax, span, message);
    }

    fn block(&self) -> Option<&Block> {
        self.stack.last().map(|open| &open.block)
    }

    fn open(&mut self, block: Block, span: Range<usize>) {
        let group = self.stack.last().and_then(|open| open.group.clone());
        self.open_with(block, span, group);
    }

    fn open_with(&mut self, block: Block, span: Range<usize>, group: Option<String>) {
        if self.stack.len() == MAX_NESTING_DEPTH {
            self.issue(
                IssueKind::Limit,
                span.clone(),
                format!("blocks nest deeper than {MAX_NESTING_DEPTH}; what is deeper is skipped"),
            );
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
            Some(Block::Workspace) => {
                ("in a workspace", "`name`, `description`, `properties`, `model`, `views`, `configuration`, `!identifiers`, `!docs`, `!adrs`")
            }
            Some(Block::Model) => {
                ("in the model", "`person`, `softwareSystem`, `element`, `group`, `deploymentEnvironment`, `archetypes`, `properties`, a relationship `a -> b`")
            }
            Some(Block::Archetypes | Block::Archetype(_)) => ("in an archetype", "`description`, `technology`, `tags`, `properties`, `perspectives`"),
            Some(Block::Element(element) | Block::ElementGroup(element)) => {
                match self.workspace.elements.get(*element).map(|e| e.kind) {
                    Some(ElementKind::SoftwareSystem) => {
                        ("in a software system", "`container`, `group`, `description`, `tags`, `url`, `properties`, `perspectives`, a relationship")
                    }
                    Some(ElementKind::Container) => {
                        ("in a container", "`component`, `group`, `description`, `technology`, `tags`, `url`, `properties`, `perspectives`, a relationship")
                    }
                    Some(ElementKind::DeploymentNode) => {
                        ("in a deployment node", "`deploymentNode`, `infrastructureNode`, `containerInstance`, `softwareSystemInstance`, `instances`, `technology`, `tags`, a relationship")
                    }
                    _ => ("in this element", "`description`, `technology`, `tags`, `url`, `properties`, `perspectives`, a relationship"),
                }
            }
            Some(Block::Relationships(_)) => ("in a relationship", "`tags`, `url`, `properties`, `perspectives`"),
            Some(Block::Environment(_)) => ("in a deployment environment", "`deploymentNode`, `deploymentGroup`, `group`, a relationship"),
            Some(Block::Properties(_)) => ("in properties", "a name and a value on each line"),
            Some(Block::Views) => ("in the views", "`systemLandscape`, `systemContext`, `container`, `component`, `dynamic`, `deployment`, `filtered`, `custom`, `image`, `styles`, `theme`"),
            Some(Block::View(_)) => ("in a view", "`include`, `exclude`, `autoLayout`, `title`, `description`, `animation`, `properties`"),
            Some(Block::Styles | Block::ElementStyle) => ("in the styles", "`element`, `relationship`, `theme`"),
            Some(Block::Configuration) => ("in the configuration", "`scope`, `visibility`, `users`, `properties`"),
            Some(Block::Comment | Block::Skipped) => ("here", "nothing"),
        };
        let lone_brace = if word == "{" { "; a brace belongs at the end of the line it opens" } else { "" };
        self.syntax(statement.span.clone(), format!("`{word}` is not understood {place}; accepted: {accepted}{lone_brace}"));
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
            self.issue(IssueKind::Limit, end..end, format!("more than {} mistakes; the rest was not read", MAX_ISSUES - 1));
            return;
        }
        let unclosed: Vec<Range<usize>> = self.stack.iter().map(|open| open.span.clone()).collect();
        if let Some(span) = unclosed.last() {
            let message = if self.block() == Some(&Block::Comment) {
                "this comment is not closed".to_owned()
            } else {
                format!("{} not closed by the end of the text; this is the innermost", plural(unclosed.len(), "block is", "blocks are"))
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
            let name = after.split_once('}').map(|(name, _)| name).filter(|name| is_constant_name(name));
            match name.and_then(|name| Some((name, self.constants.get(name)?))) {
                Some((name, (value, _))) => {
                    self.expanded += value.len();
                    if self.expanded <= MAX_EXPANDED_BYTES {
                        made.push_str(value);
                    }
                    rest = after.get(name.len() + 1..).unwrap_or_default();
                }
                None => {
                    unknown.extend(name.map(str::to_owned));
                    made.push_str("${");
                    rest = after;
                }
            }
        }
        made.push_str(rest);
        token.text = made;
        for name in unknown {
            self.issue(
                IssueKind::UnresolvedSubstitution,
                token.span.clone(),
                format!("`{}` is defined by no `!const` or `!var` above; it is kept as written", excerpt(&name)),
            );
        }
        if self.expanded > MAX_EXPANDED_BYTES && !self.is_full {
            self.is_full = true;
            self.issue(
                IssueKind::Limit,
                token.span.clone(),
                format!("substitution makes more than {MAX_EXPANDED_BYTES} bytes; what is beyond is left out"),
            );
        }
    }

    // Statements that begin with `!` and those allowed in most blocks. Whether it was one.
    fn directive(&mut self, statement: &Statement<'_>) -> bool {
        if matches!(self.block(), Some(Block::Properties(_))) {
            return false;
        }
        let Some(keyword) = statement.text(0).map(str::to_lowercase) else { return false };
        match keyword.as_str() {
            "!const" | "!constant" | "!var" => {
                if keyword == "!constant" {
                    self.issue(IssueKind::Deprecated, statement.span_of(0), "`!constant` was removed from the language; write `!const`");
                }
                self.constant(statement, keyword == "!var");
            }
            "!identifiers" => match statement.text(1).map(str::to_lowercase).as_deref() {
                Some("hierarchical") => self.is_hierarchical = true,
                Some("flat") => self.is_hierarchical = false,
                _ => self.syntax(statement.span.clone(), "`!identifiers` takes `flat` or `hierarchical`"),
            },
            "!impliedrelationships" | "impliedrelationships" => {
                let strategy = statement.text(1).unwrap_or_default();
                match strategy.rsplit('.').next().unwrap_or_default().to_lowercase().as_str() {
                    "false" | "defaultimpliedrelationshipsstrategy" => self.implied = Implied::Never,
                    "true" | "createimpliedrelationshipsunlessanyrelationshipexistsstrategy" => self.implied = Implied::UnlessAny,
                    "createimpliedrelationshipsunlesssamerelationshipexistsstrategy" => self.implied = Implied::UnlessSame,
                    "" => self.syntax(statement.span.clone(), "`!impliedRelationships` takes `true`, `false` or a strategy's name"),
                    _ => self.issue(IssueKind::NotEvaluated, statement.span_of(1), "a strategy of one's own is code and is not run; the default strategy is used"),
                }
            }
            "!include" | "!script" | "!plugin" | "!components" => {
                self.workspace.is_partial = true;
                self.issue(
                    IssueKind::NotFetched,
                    statement.span.clone(),
                    format!("`{keyword}` brings in content from elsewhere; nothing is fetched or run, so the model is reviewed without it"),
                );
            }
            "!docs" | "!adrs" | "!decisions" => {
                if let Some(Block::Element(element)) = self.block().cloned()
                    && let Some(element) = self.workspace.elements.get_mut(element)
                {
                    if keyword == "!docs" {
                        element.has_docs = true;
                    } else {
                        element.has_decisions = true;
                    }
                }
            }
            "!elements" | "!relationships" => {
                self.issue(
                    IssueKind::NotEvaluated,
                    statement.span.clone(),
                    format!("`{keyword}` selects by an expression, which is not evaluated; what its block sets is not seen"),
                );
            }
            "!element" | "!relationship" | "!ref" | "!extend" => self.find(statement, &keyword),
            _ => return false,
        }
        true
    }

    fn constant(&mut self, statement: &Statement<'_>, is_variable: bool) {
        let (Some(name), Some(value), None) = (statement.text(1), statement.text(2), statement.text(3)) else {
            self.syntax(statement.span.clone(), "a constant takes a name and a value");
            return;
        };
        if !is_constant_name(name) {
            self.syntax(statement.span_of(1), "the name of a constant has letters, digits, `-`, `_` and `.`");
            return;
        }
        let known = self.constants.get(name).map(|(_, is_variable)| *is_variable);
        if known.is_some_and(|known_variable| !known_variable || !is_variable) {
            let message = format!("`{}` is already defined and constants do not change", excerpt(name));
            self.syntax(statement.span_of(1), message);
            return;
        }
        self.constants.insert(name.to_owned(), (value.to_owned(), is_variable));
    }

    fn find(&mut self, statement: &Statement<'_>, keyword: &str) {
        if matches!(keyword, "!ref" | "!extend") {
            let message = format!("`{keyword}` was removed from the language; write `!element` or `!relationship`");
            self.issue(IssueKind::Deprecated, statement.span_of(0), message);
        }
        let Some(name) = statement.text(1) else {
            self.syntax(statement.span.clone(), format!("`{keyword}` takes an identifier"));
            return;
        };
        if name.contains("://") {
            self.issue(IssueKind::NotEvaluated, statement.span_of(1), "an element named by its canonical name is not looked up");
            return;
        }
        let found = self.lookup(name);
        if let Some(identifier) = statement.identifier
            && let Some(found) = found
        {
            self.register(&identifier.text, Scope::Root, found, identifier.span.clone());
        }
        match found {
            Some(Named::Element(element)) if statement.opens => self.open(Block::Element(element), statement.span.clone()),
            Some(Named::Relationship(relationship)) if statement.opens => {
                self.open(Block::Relationships(vec![relationship]), statement.span.clone());
            }
            Some(Named::Environment(environment)) if statement.opens => {
                self.open(Block::Environment(environment), statement.span.clone());
            }
            Some(_) => {}
            None => self.unknown(statement, 1),
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
                self.relationship(statement) || self.part_of(statement, &keyword, element) || self.in_element(statement, &keyword, element)
            }
            Some(Block::ElementGroup(element)) => self.relationship(statement) || self.part_of(statement, &keyword, element),
            Some(Block::Relationships(all)) => self.in_relationship(statement, &keyword, &all),
            Some(Block::Environment(environment)) => self.relationship(statement) || self.in_environment(statement, &keyword, environment),
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
            self.issue(IssueKind::NotFetched, statement.span.clone(), "the workspace this one extends is not fetched; the model is reviewed without it");
        } else {
            self.too_many(statement, 3, "`workspace` takes a name and a description");
            statement.text(1).unwrap_or_default().clone_into(&mut self.workspace.name);
        }
        self.open_block(statement, Block::Workspace);
        true
    }

    fn in_workspace(&mut self, statement: &Statement<'_>, keyword: &str) -> bool {
        match keyword {
            "name" => statement.text(1).unwrap_or_default().clone_into(&mut self.workspace.name),
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

    fn base(&self, keyword: &str) -> Option<Archetype> {
        let base = match keyword {
            "person" => Base::Element(ElementKind::Person),
            "softwaresystem" => Base::Element(ElementKind::SoftwareSystem),
            "container" => Base::Element(ElementKind::Container),
            "component" => Base::Element(ElementKind::Component),
            "element" => Base::Element(ElementKind::Custom),
            "deploymentnode" => Base::Element(ElementKind::DeploymentNode),
            "infrastructurenode" => Base::Element(ElementKind::InfrastructureNode),
            "group" => Base::Group,
            _ => return self.archetypes.get(keyword).cloned(),
        };
        Some(Archetype::plain(base))
    }

    fn in_model(&mut self, statement: &Statement<'_>, keyword: &str) -> bool {
        match keyword {
            "properties" => self.open_block(statement, Block::Properties(Target::Workspace)),
            "archetypes" => self.open_block(statement, Block::Archetypes),
            "deploymentenvironment" => {
                let environment = self.workspace.environments.len();
                if statement.given(1).is_none() {
                    self.syntax(statement.span.clone(), "a deployment environment takes a name");
                }
                self.sibling(statement, 1, Scope::Root, 1);
                if let Some(identifier) = statement.identifier {
                    self.register(&identifier.text, Scope::Root, Named::Environment(environment), identifier.span.clone());
                }
                self.workspace.environments.push(statement.text(1).unwrap_or_default().to_owned());
                if statement.opens {
                    self.open_with(Block::Environment(environment), statement.span.clone(), None);
                }
            }
            "enterprise" => {
                self.issue(IssueKind::Deprecated, statement.span_of(0), "`enterprise` was removed from the language; write `group`");
                self.open_block(statement, Block::Model);
            }
            _ => match self.base(keyword) {
                Some(archetype @ Archetype { base: Base::Group, .. }) => self.group(statement, &archetype, Block::Model),
                Some(Archetype { base: Base::Element(ElementKind::Container | ElementKind::Component), .. }) => {
                    let outer = if keyword == "container" { "software system" } else { "container" };
                    self.syntax(statement.span.clone(), format!("a {} belongs in the block of a {outer}", excerpt(keyword)));
                }
                Some(archetype @ Archetype {
                    base: Base::Element(ElementKind::Person | ElementKind::SoftwareSystem | ElementKind::Custom),
                    ..
                }) => self.element(statement, &archetype, None, None),
                _ => return false,
            },
        }
        true
    }

    fn group(&mut self, statement: &Statement<'_>, _archetype: &Archetype, block: Block) {
        if !statement.opens || statement.given(1).is_none() || statement.words.len() > 2 {
            self.syntax(statement.span.clone(), "a group takes a name and a block: `group \"Name\" {`");
        }
        if let Some(identifier) = statement.identifier {
            let scope = match block {
                Block::ElementGroup(element) => Scope::Element(element),
                _ => Scope::Root,
            };
            self.register(&identifier.text, scope, Named::Other, identifier.span.clone());
        }
        let name = statement.text(1).unwrap_or_default();
        let outer = self.stack.last().and_then(|open| open.group.clone());
        let group = outer.map_or_else(|| name.to_owned(), |outer| format!("{}/{name}", excerpt(&outer)));
        self.open_with(block, statement.span.clone(), Some(group));
    }

    // Parts that an element may have in its block.
    fn part_of(&mut self, statement: &Statement<'_>, keyword: &str, parent: usize) -> bool {
        let Some(kind) = self.workspace.elements.get(parent).map(|element| element.kind) else { return false };
        let environment = self.workspace.elements.get(parent).and_then(|element| element.environment);
        let archetype = self.base(keyword);
        match (kind, archetype) {
            (ElementKind::SoftwareSystem | ElementKind::Container | ElementKind::DeploymentNode, Some(archetype @ Archetype { base: Base::Group, .. })) => {
                self.group(statement, &archetype, Block::ElementGroup(parent));
            }
            (ElementKind::Component, Some(Archetype { base: Base::Group, .. })) => {
                if let Some(element) = self.workspace.elements.get_mut(parent) {
                    element.group = statement.given(1).map(str::to_owned);
                }
            }
            (ElementKind::SoftwareSystem, Some(archetype @ Archetype { base: Base::Element(ElementKind::Container), .. }))
            | (ElementKind::Container, Some(archetype @ Archetype { base: Base::Element(ElementKind::Component), .. }))
            | (
                ElementKind::DeploymentNode,
                Some(archetype @ Archetype { base: Base::Element(ElementKind::DeploymentNode | ElementKind::InfrastructureNode), .. }),
            ) => self.element(statement, &archetype, Some(parent), environment),
            (ElementKind::DeploymentNode, None) => {
                return match keyword {
                    "containerinstance" | "softwaresysteminstance" | "instanceof" => {
                        self.instance(statement, keyword, parent);
                        true
                    }
                    "deploymentgroup" => true,
                    "instances" => {
                        if let Some(element) = self.workspace.elements.get_mut(parent) {
                            element.instances = statement.given(1).map(str::to_owned);
                        }
                        true
                    }
                    _ => false,
                };
            }
            _ => return false,
        }
        true
    }

    fn in_environment(&mut self, statement: &Statement<'_>, keyword: &str, environment: usize) -> bool {
        match (keyword, self.base(keyword)) {
            ("deploymentgroup", _) => {
                if let Some(identifier) = statement.identifier {
                    self.register(&identifier.text, Scope::Environment(environment), Named::Other, identifier.span.clone());
                }
            }
            (_, Some(archetype @ Archetype { base: Base::Group, .. })) => self.group(statement, &archetype, Block::Environment(environment)),
            (_, Some(archetype @ Archetype { base: Base::Element(ElementKind::DeploymentNode), .. })) => {
                self.element(statement, &archetype, None, Some(environment));
            }
            _ => {
                // `a -/> b` takes a relationship out of the environment; the static model is not touched.
                return statement.text(1) == Some("-/>");
            }
        }
        true
    }

    fn element(&mut self, statement: &Statement<'_>, archetype: &Archetype, parent: Option<usize>, environment: Option<usize>) {
        let Base::Element(kind) = archetype.base else { return };
        let (description_at, technology_at, tags_at, last) = match kind {
            ElementKind::Container | ElementKind::Component | ElementKind::InfrastructureNode => (2, Some(3), 4, 5),
            ElementKind::DeploymentNode => (2, Some(3), 4, 6),
            ElementKind::Custom => (3, None, 4, 5),
            _ => (2, None, 3, 4),
        };
        self.too_many(statement, last, "more words than it takes; quote texts that have spaces");
        if statement.given(1).is_none() {
            self.syntax(statement.span.clone(), format!("a {} takes a name", kind.words()));
            return;
        }
        if self.workspace.elements.len() >= MAX_ELEMENTS {
            if !self.is_full {
                self.is_full = true;
                self.issue(IssueKind::Limit, statement.span.clone(), format!("more than {MAX_ELEMENTS} elements; the rest was not read"));
            }
            return;
        }
        let scope = parent.map_or_else(|| environment.map_or(Scope::Root, Scope::Environment), Scope::Element);
        self.sibling(statement, 1, scope, 0);
        let number = self.workspace.elements.len();
        let mut tags = archetype.tags.clone();
        tags.extend(statement.given(tags_at).into_iter().flat_map(split_tags));
        self.workspace.elements.push(Element {
            kind,
            name: statement.text(1).unwrap_or_default().to_owned(),
            identifier: statement.identifier.map(|name| name.text.clone()),
            parent,
            environment,
            instance_of: None,
            description: statement.text(description_at).unwrap_or(&archetype.description).to_owned(),
            technology: technology_at.and_then(|at| statement.text(at)).unwrap_or(&archetype.technology).to_owned(),
            tags,
            group: self.stack.last().and_then(|open| open.group.clone()),
            instances: (kind == ElementKind::DeploymentNode).then(|| statement.given(5).map(str::to_owned)).flatten(),
            has_docs: false,
            has_decisions: false,
            properties: archetype.properties.clone(),
            span: statement.span.clone(),
        });
        if let Some(identifier) = statement.identifier {
            self.register(&identifier.text, scope, Named::Element(number), identifier.span.clone());
        }
        if statement.opens {
            self.open_with(Block::Element(number), statement.span.clone(), None);
        }
    }

    fn instance(&mut self, statement: &Statement<'_>, keyword: &str, parent: usize) {
        self.too_many(statement, 4, "an instance takes an identifier, deployment groups and tags");
        let Some(name) = statement.given(1) else {
            self.syntax(statement.span.clone(), "an instance takes the identifier of a software system or container");
            return;
        };
        let Some(Named::Element(of)) = self.lookup(name) else {
            self.unknown(statement, 1);
            return;
        };
        let (kind, name) = self.workspace.elements.get(of).map_or((ElementKind::Custom, String::new()), |e| (e.kind, e.name.clone()));
        let instance = match (keyword, kind) {
            ("containerinstance" | "instanceof", ElementKind::Container) => ElementKind::ContainerInstance,
            ("softwaresysteminstance" | "instanceof", ElementKind::SoftwareSystem) => ElementKind::SoftwareSystemInstance,
            _ => {
                let message = format!("this names a {}, which cannot be deployed by this statement", kind.words());
                self.syntax(statement.span_of(1), message);
                return;
            }
        };
        if self.workspace.elements.len() >= MAX_ELEMENTS {
            return;
        }
        let number = self.workspace.elements.len();
        let environment = self.workspace.elements.get(parent).and_then(|element| element.environment);
        self.workspace.elements.push(Element {
            kind: instance,
            name,
            identifier: statement.identifier.map(|name| name.text.clone()),
            parent: Some(parent),
            environment,
            instance_of: Some(of),
            description: String::new(),
            technology: String::new(),
            tags: statement.given(3).into_iter().flat_map(split_tags).collect(),
            group: self.stack.last().and_then(|open| open.group.clone()),
            instances: None,
            has_docs: false,
            has_decisions: false,
            properties: Vec::new(),
            span: statement.span.clone(),
        });
        if let Some(identifier) = statement.identifier {
            self.register(&identifier.text, Scope::Element(parent), Named::Element(number), identifier.span.clone());
        }
        if statement.opens {
            self.open_with(Block::Element(number), statement.span.clone(), None);
        }
    }

    fn in_element(&mut self, statement: &Statement<'_>, keyword: &str, number: usize) -> bool {
        let Some(element) = self.workspace.elements.get_mut(number) else { return false };
        let has_technology = !matches!(element.kind, ElementKind::Person | ElementKind::SoftwareSystem | ElementKind::Custom);
        match keyword {
            "description" => statement.text(1).unwrap_or_default().clone_into(&mut element.description),
            "technology" if has_technology => statement.text(1).unwrap_or_default().clone_into(&mut element.technology),
            "metadata" if element.kind == ElementKind::Custom => {}
            "tag" | "tags" => {
                let tags = statement.words.iter().skip(1).flat_map(|word| split_tags(&word.text));
                element.tags.extend(tags);
            }
            "url" => {}
            "healthcheck" if element.instance_of.is_some() => {}
            "properties" => self.open_block(statement, Block::Properties(Target::Element(number))),
            "perspectives" => self.open_block(statement, Block::Skipped),
            _ => return false,
        }
        true
    }

    fn in_relationship(&mut self, statement: &Statement<'_>, keyword: &str, all: &[usize]) -> bool {
        match keyword {
            "tag" | "tags" => {
                for &number in all {
                    if let Some(relationship) = self.workspace.relationships.get_mut(number) {
                        relationship.tags.extend(statement.words.iter().skip(1).flat_map(|word| split_tags(&word.text)));
                    }
                }
            }
            "description" | "technology" => {
                for &number in all {
                    if let Some(relationship) = self.workspace.relationships.get_mut(number) {
                        let slot = if keyword == "description" { &mut relationship.description } else { &mut relationship.technology };
                        statement.text(1).unwrap_or_default().clone_into(slot);
                    }
                }
            }
            "url" => {}
            "properties" => self.open_block(statement, Block::Properties(Target::Relationships(all.to_vec()))),
            "perspectives" => self.open_block(statement, Block::Skipped),
            _ => return false,
        }
        true
    }

    fn property(&mut self, statement: &Statement<'_>, target: &Target) -> bool {
        let (Some(name), Some(value), None) = (statement.words.first(), statement.words.get(1), statement.words.get(2)) else {
            return false;
        };
        let property = Property { name: name.text.clone(), value: value.text.clone(), span: value.span.clone() };
        let put = |list: &mut Vec<Property>, property: Property| {
            list.retain(|known| known.name != property.name);
            list.push(property);
        };
        match target {
            Target::Workspace => put(&mut self.workspace.properties, property),
            Target::Element(number) => {
                if let Some(element) = self.workspace.elements.get_mut(*number) {
                    put(&mut element.properties, property);
                }
            }
            Target::Relationships(all) => {
                for number in all {
                    if let Some(relationship) = self.workspace.relationships.get_mut(*number) {
                        put(&mut relationship.properties, property.clone());
                    }
                }
            }
            Target::Archetype(name) => {
                if let Some(archetype) = self.archetypes.get_mut(name) {
                    put(&mut archetype.properties, property);
                }
            }
            Target::Nothing => {}
        }
        true
    }

    fn archetype(&mut self, statement: &Statement<'_>, keyword: &str) -> bool {
        let base = self.relationship_archetype(keyword).or_else(|| self.base(keyword));
        let (Some(archetype), Some(identifier)) = (base, statement.identifier) else { return false };
        let name = identifier.text.to_lowercase();
        self.archetypes.insert(name.clone(), archetype);
        if statement.opens {
            self.open(Block::Archetype(name), statement.span.clone());
        }
        true
    }

    fn in_archetype(&mut self, statement: &Statement<'_>, keyword: &str, name: &str) -> bool {
        let Some(archetype) = self.archetypes.get_mut(name) else { return false };
        match keyword {
            "description" => statement.text(1).unwrap_or_default().clone_into(&mut archetype.description),
            "technology" => statement.text(1).unwrap_or_default().clone_into(&mut archetype.technology),
            "tag" | "tags" => archetype.tags.extend(statement.words.iter().skip(1).flat_map(|word| split_tags(&word.text))),
            "metadata" => {}
            "properties" => self.open_block(statement, Block::Properties(Target::Archetype(name.to_owned()))),
            "perspectives" => self.open_block(statement, Block::Skipped),
            _ => return false,
        }
        true
    }

    // `->` or `--archetype->`.
    fn relationship_archetype(&self, word: &str) -> Option<Archetype> {
        if word == "->" {
            return Some(Archetype::plain(Base::Relationship));
        }
        let name = word.strip_prefix("--")?.strip_suffix("->")?;
        self.archetypes.get(&name.to_lowercase()).filter(|archetype| archetype.base == Base::Relationship).cloned()
    }

    // `a -> b`, or `-> b` in the block of a. Whether the statement is one.
    fn relationship(&mut self, statement: &Statement<'_>) -> bool {
        let arrow = |index: usize| statement.text(index).filter(|_| statement.words.len() > index + 1);
        let (archetype, at) = if let Some(archetype) = arrow(1).and_then(|word| self.relationship_archetype(word)) {
            (archetype, 1)
        } else if let Some(archetype) = arrow(0).and_then(|word| self.relationship_archetype(word)) {
            (archetype, 0)
        } else {
            return false;
        };
        self.too_many(statement, at + 5, "a relationship takes a description, a technology and tags after its end; quote texts that have spaces");
        let from = if at == 0 {
            match self.block() {
                Some(Block::Element(element) | Block::ElementGroup(element)) => Some(*element),
                _ => None,
            }
        } else {
            self.end_of_relationship(statement, 0)
        };
        let to = self.end_of_relationship(statement, at + 1);
        let (Some(from), Some(to)) = (from, to) else {
            if at == 0 && from.is_none() {
                self.syntax(statement.span.clone(), "a relationship without a beginning belongs in the block of an element");
            }
            return true;
        };
        if from != to && (self.workspace.is_within(from, to) || self.workspace.is_within(to, from)) {
            self.issue(IssueKind::InvalidRelationship, statement.span.clone(), "an element and one around it cannot be related; relate the parts");
            return true;
        }
        let text = |offset: usize, otherwise: &str| statement.text(at + offset).unwrap_or(otherwise).to_owned();
        let mut tags = archetype.tags.clone();
        tags.extend(statement.given(at + 4).into_iter().flat_map(split_tags));
        let relationship = Relationship {
            from,
            to,
            description: text(2, &archetype.description),
            technology: text(3, &archetype.technology),
            tags,
            properties: archetype.properties.clone(),
            is_implied: false,
            span: statement.span.clone(),
        };
        let number = self.workspace.relationships.len();
        if !self.add_relationship(relationship) {
            return true;
        }
        if let Some(identifier) = statement.identifier {
            self.register(&identifier.text, Scope::Root, Named::Relationship(number), identifier.span.clone());
        }
        if statement.opens {
            self.open(Block::Relationships(vec![number]), statement.span.clone());
        }
        true
    }

    fn end_of_relationship(&mut self, statement: &Statement<'_>, index: usize) -> Option<usize> {
        let name = statement.text(index).unwrap_or_default();
        match self.lookup(name) {
            Some(Named::Element(element)) => Some(element),
            Some(_) => {
                self.syntax(statement.span_of(index), format!("`{}` is no element", excerpt(name)));
                None
            }
            None => {
                if name.eq_ignore_ascii_case("this")
                    && let Some(Block::Element(element) | Block::ElementGroup(element)) = self.block()
                {
                    return Some(*element);
                }
                self.unknown(statement, index);
                None
            }
        }
    }

    // Whether there was room and nothing equal.
    fn add_relationship(&mut self, relationship: Relationship) -> bool {
        let (from, to) = (relationship.from, relationship.to);
        if self.workspace.relationships.len() >= MAX_RELATIONSHIPS {
            if !self.is_full {
                self.is_full = true;
                self.issue(IssueKind::Limit, relationship.span, format!("more than {MAX_RELATIONSHIPS} relationships; the rest was not read"));
            }
            return false;
        }
        if !self.pairs.entry((from, to)).or_default().insert(relationship.description.clone()) {
            self.issue(
                IssueKind::InvalidRelationship,
                relationship.span,
                "the two elements already have a relationship of this description; it is kept once",
            );
            return false;
        }
        let is_static = |element: usize| self.workspace.elements.get(element).is_some_and(|e| e.kind.is_static());
        let can_imply = self.implied != Implied::Never && is_static(from) && is_static(to);
        let template = relationship.clone();
        self.workspace.relationships.push(relationship);
        if can_imply {
            self.imply(&template);
        }
        true
    }

    // Static elements nest three deep, so that this is at most eight pairs.
    fn imply(&mut self, template: &Relationship) {
        let ancestors = |start: usize, elements: &[Element]| {
            std::iter::successors(Some(start), |at| elements.get(*at).and_then(|element| element.parent)).collect::<Vec<_>>()
        };
        let sources = ancestors(template.from, &self.workspace.elements);
        let destinations = ancestors(template.to, &self.workspace.elements);
        for &from in &sources {
            for &to in &destinations {
                if from == to || self.workspace.is_within(from, to) || self.workspace.is_within(to, from) {
                    continue;
                }
                let known = self.pairs.entry((from, to)).or_default();
                let exists = match self.implied {
                    Implied::Never => true,
                    Implied::UnlessAny => !known.is_empty(),
                    Implied::UnlessSame => known.contains(&template.description),
                };
                if !exists && self.workspace.relationships.len() < MAX_RELATIONSHIPS {
                    known.insert(template.description.clone());
                    self.workspace.relationships.push(Relationship {
                        from,
                        to,
                        is_implied: true,
                        properties: Vec::new(),
                        tags: Vec::new(),
                        ..template.clone()
                    });
                }
            }
        }
    }

    fn in_views(&mut self, statement: &Statement<'_>, keyword: &str) -> bool {
        // Keyword, whether an element comes first, how many words stand before the key.
        let (kind, scoped, key_at) = match keyword {
            "systemlandscape" => ("systemLandscape", false, 1),
            "systemcontext" => ("systemContext", true, 2),
            "container" => ("container", true, 2),
            "component" => ("component", true, 2),
            "dynamic" => ("dynamic", true, 2),
            "deployment" => ("deployment", true, 3),
            "filtered" => ("filtered", false, 4),
            "custom" => ("custom", false, 1),
            "image" => ("image", true, 2),
            "styles" => {
                self.open_block(statement, Block::Styles);
                return true;
            }
            "properties" => {
                self.open_block(statement, Block::Properties(Target::Nothing));
                return true;
            }
            "theme" | "themes" | "branding" | "terminology" => return true,
            _ => return false,
        };
        if scoped {
            match statement.given(1) {
                None => self.syntax(statement.span.clone(), format!("a {kind} view takes the identifier of what it shows")),
                Some("*") => {}
                Some(name) if self.lookup(name).is_none() => self.unknown(statement, 1),
                Some(_) => {}
            }
        }
        let number = self.workspace.views.len();
        if number >= MAX_ELEMENTS {
            return true;
        }
        self.workspace.views.push(View {
            kind,
            key: statement.given(key_at).map(str::to_owned),
            has_auto_layout: false,
            has_content: matches!(kind, "filtered" | "image"),
            span: statement.span.clone(),
        });
        if statement.opens {
            self.open(Block::View(number), statement.span.clone());
        }
        true
    }

    fn in_view(&mut self, statement: &Statement<'_>, keyword: &str, number: usize) -> bool {
        let Some(view) = self.workspace.views.get_mut(number) else { return false };
        match keyword {
            "include" => {
                view.has_content = true;
                let names: Vec<usize> = (1..statement.words.len()).filter(|at| statement.text(*at).is_some_and(is_path)).collect();
                for at in names {
                    if statement.text(at).is_some_and(|name| self.lookup(name).is_none()) {
                        self.unknown(statement, at);
                    }
                }
            }
            "autolayout" => view.has_auto_layout = true,
            "properties" => self.open_block(statement, Block::Properties(Target::Nothing)),
            "exclude" | "animation" | "animationstep" | "title" | "description" | "default" | "plantuml" | "mermaid" | "kroki" | "image"
            | "light" | "dark" => {}
            _ if matches!(view.kind, "dynamic" | "image") => {
                // Steps of a dynamic view: `a -> b`, `1: a -> b`, a relationship's identifier, `{` for parallel ones.
                view.has_content = true;
                if keyword == "{" {
                    self.open(Block::View(number), statement.span.clone());
                }
            }
            _ => return false,
        }
        true
    }

    fn in_styles(&mut self, statement: &Statement<'_>, keyword: &str) -> bool {
        match keyword {
            "element" if statement.opens => self.open(Block::ElementStyle, statement.span.clone()),
            "light" | "dark" if statement.opens => self.open(Block::Styles, statement.span.clone()),
            "element" | "relationship" | "theme" | "themes" | "light" | "dark" => {}
            _ => return false,
        }
        true
    }

    fn too_many(&mut self, statement: &Statement<'_>, most: usize, message: &str) {
        if statement.words.len() > most {
            self.syntax(statement.span_of(most), message);
        }
    }

    // Elements of one kind of place have names of their own.
    fn sibling(&mut self, statement: &Statement<'_>, index: usize, scope: Scope, space: u8) {
        let name = statement.text(index).unwrap_or_default().to_owned();
        if !self.siblings.insert((scope, space, name.clone())) {
            let message = format!("the name \"{}\" is already taken in this place", excerpt(&name));
            self.issue(IssueKind::DuplicateName, statement.span_of(index), message);
        }
    }

    fn register(&mut self, name: &str, scope: Scope, what: Named, span: Range<usize>) {
        let scope = if self.is_hierarchical && !matches!(what, Named::Relationship(_)) { scope } else { Scope::Root };
        let key = (scope, name.to_lowercase());
        if self.names.get(&key).is_some_and(|known| *known != what) {
            let hint = if self.is_hierarchical { "" } else { "; with `!identifiers hierarchical` parts of different elements may share one" };
            self.issue(IssueKind::DuplicateIdentifier, span, format!("the identifier `{}` is already in use{hint}", excerpt(name)));
            return;
        }
        self.names.insert(key, what);
    }

    // From the open block outwards, then from the top.
    fn lookup(&self, name: &str) -> Option<Named> {
        let name = name.to_lowercase();
        if !self.is_hierarchical {
            return self.names.get(&(Scope::Root, name)).copied();
        }
        match self.block() {
            Some(Block::Element(element) | Block::ElementGroup(element)) => {
                let mut at = Some(*element);
                while let Some(element) = at {
                    if let Some(found) = self.resolve(Scope::Element(element), &name) {
                        return Some(found);
                    }
                    at = self.workspace.elements.get(element).and_then(|e| e.parent);
                }
            }
            Some(Block::Environment(environment)) => {
                if let Some(found) = self.resolve(Scope::Environment(*environment), &name) {
                    return Some(found);
                }
            }
            _ => {}
        }
        self.resolve(Scope::Root, &name)
    }

    fn resolve(&self, scope: Scope, path: &str) -> Option<Named> {
        let mut scope = scope;
        let mut found = None;
        for name in path.split('.') {
            let named = *self.names.get(&(scope, name.to_owned()))?;
            scope = match named {
                Named::Element(element) => Scope::Element(element),
                Named::Environment(environment) => Scope::Environment(environment),
                Named::Relationship(_) | Named::Other => Scope::Root,
            };
            found = Some(named);
        }
        found
    }

    fn unknown(&mut self, statement: &Statement<'_>, index: usize) {
        let name = statement.text(index).unwrap_or_default().to_lowercase();
        let shown = excerpt(&name);
        let last = name.rsplit('.').next().unwrap_or_default();
        let span = statement.span_of(index);
        if self.workspace.is_partial {
            self.issue(IssueKind::UnresolvedIdentifier, span, format!("`{shown}` is not defined here; it may be in what was not fetched"));
            return;
        }
        let hint = if self.later.get(last).is_some_and(|place| *place > statement.span.start) {
            "; it is defined further down, and the language knows no forward references".to_owned()
        } else if name.contains('.') && !self.is_hierarchical {
            "; dotted identifiers need `!identifiers hierarchical`".to_owned()
        } else if self.is_hierarchical && self.later.contains_key(last) {
            "; identifiers are hierarchical here, so it needs those of the elements around it, as in `system.container`".to_owned()
        } else {
            let known = self.names.keys().map(|(_, known)| known.as_str());
            octavo_toolkit::suggest::nearest(last, known).map_or_else(String::new, |near| format!("; did you mean `{}`?", excerpt(near)))
        };
        self.issue(IssueKind::UnknownIdentifier, span, format!("no element or relationship is known as `{shown}`{hint}"));
    }
}

fn split_tags(tags: &str) -> Vec<String> {
    tags.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect()
}

fn is_identifier(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('-') && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

// An identifier, dots allowed: not a wildcard and not an expression.
fn is_path(name: &str) -> bool {
    name.split('.').all(is_identifier)
}

fn is_constant_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

fn plural(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}
