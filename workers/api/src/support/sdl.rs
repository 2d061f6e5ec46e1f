//! A GraphQL schema written in the schema definition language, as one model: extensions folded into what they extend.
//!
//! Reads with apollo-parser and keeps what comparing and linting need, with places. Does not validate: a name that nothing
//! defines stays a name.

use super::tree::{MAX_DEPTH, Problem, ProblemKind, Span, too_deep};
use apollo_parser::cst::{self, CstNode};
use apollo_parser::{Lexer, TokenKind};
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};

/// Most problems reported of one text.
const MAX_PROBLEMS: usize = 50;

/// What the language calls a value when no `reason` is given for a deprecation.
pub const NO_REASON: &str = "No longer supported";

/// A value in the language.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number, as written.
    Int(String),
    /// A number with a fraction or an exponent, as written.
    Float(String),
    /// A string, its escapes undone.
    String(String),
    /// A name.
    Enum(String),
    /// A variable, which a schema may not hold.
    Variable(String),
    /// A list.
    List(Vec<Literal>),
    /// An object, in the order of the text.
    Object(Vec<(String, Literal)>),
}

/// A type reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// A named type.
    Named(String),
    /// A list.
    List(Box<Type>),
    /// A type without null.
    NonNull(Box<Type>),
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::List(inner) => write!(f, "[{inner}]"),
            Self::NonNull(inner) => write!(f, "{inner}!"),
        }
    }
}

/// A use of a directive.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectiveUse {
    /// Its name without `@`.
    pub name: String,
    /// Where.
    pub span: Span,
    /// Its arguments: name, value, place.
    pub arguments: Vec<(String, Literal, Span)>,
}

/// A name somewhere: a member of a union, an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// Where.
    pub span: Span,
}

/// An argument or a field of an input type.
#[derive(Debug, Clone, PartialEq)]
pub struct InputValue {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Its description.
    pub description: Option<String>,
    /// Its type.
    pub ty: Type,
    /// Its default.
    pub default: Option<Literal>,
    /// Directives on it.
    pub directives: Vec<DirectiveUse>,
}

/// A field of an object or interface type.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Its description.
    pub description: Option<String>,
    /// Its arguments.
    pub arguments: Vec<InputValue>,
    /// Its type.
    pub ty: Type,
    /// Directives on it.
    pub directives: Vec<DirectiveUse>,
}

/// A value of an enum type.
#[derive(Debug, Clone, PartialEq)]
pub struct EnumValue {
    /// Its name.
    pub name: String,
    /// Where.
    pub span: Span,
    /// Its description.
    pub description: Option<String>,
    /// Directives on it.
    pub directives: Vec<DirectiveUse>,
}

/// The kind of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `scalar`.
    Scalar,
    /// `type`.
    Object,
    /// `interface`.
    Interface,
    /// `union`.
    Union,
    /// `enum`.
    Enum,
    /// `input`.
    Input,
}

impl Kind {
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Object => "object type",
            Self::Interface => "interface",
            Self::Union => "union",
            Self::Enum => "enum",
            Self::Input => "input type",
        }
    }
}

/// A type, with all its extensions.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeDef {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Its description.
    pub description: Option<String>,
    /// Interfaces it implements.
    pub interfaces: Vec<Named>,
    /// Fields of an object or interface.
    pub fields: Vec<Field>,
    /// Fields of an input type.
    pub inputs: Vec<InputValue>,
    /// Values of an enum.
    pub values: Vec<EnumValue>,
    /// Members of a union.
    pub members: Vec<Named>,
    /// Directives on the definition itself, not on its extensions.
    pub directives: Vec<DirectiveUse>,
}

/// The definition of a directive.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectiveDef {
    /// Its name without `@`.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Its description.
    pub description: Option<String>,
    /// Its arguments.
    pub arguments: Vec<InputValue>,
    /// Whether it may stand twice at one place.
    pub repeatable: bool,
    /// Where it may stand.
    pub locations: Vec<Named>,
}

/// A schema.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schema {
    /// Root types by operation: `query`, `mutation`, `subscription`.
    pub roots: BTreeMap<&'static str, Named>,
    /// Types by name.
    pub types: BTreeMap<String, TypeDef>,
    /// Names of the types, in the order of the text.
    pub order: Vec<String>,
    /// Directives, in the order of the text.
    pub directives: Vec<DirectiveDef>,
    /// Directives on the schema definition, then on each of its extensions.
    pub schema_directives: Vec<Vec<DirectiveUse>>,
}

/// A schema once read, and what was wrong with the text; without a schema where the text is broken.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The schema.
    pub schema: Option<Schema>,
    /// The problems, in the order of the text.
    pub problems: Vec<Problem>,
}

/// The place at which a schema or operations open more brackets than [`MAX_DEPTH`], by the engine's own lexer. What closes another
/// bracket than the last closes none, since whoever goes on after a mistake is still inside.
#[must_use]
pub fn nesting_exceeded(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    for token in Lexer::new(text).flatten() {
        match token.kind() {
            opening @ (TokenKind::LParen | TokenKind::LBracket | TokenKind::LCurly) => {
                open.push(opening);
                if open.len() > MAX_DEPTH {
                    return Some(token.index());
                }
            }
            closing => drop(open.pop_if(|opening| closer_of(*opening) == closing)),
        }
    }
    None
}

const fn closer_of(opening: TokenKind) -> TokenKind {
    match opening {
        TokenKind::LParen => TokenKind::RParen,
        TokenKind::LBracket => TokenKind::RBracket,
        _ => TokenKind::RCurly,
    }
}

/// Reads a schema.
#[must_use]
pub fn load(text: &str) -> Loaded {
    if let Some(at) = nesting_exceeded(text) {
        return Loaded { schema: None, problems: vec![too_deep(Span::new(at, at + 1))] };
    }
    let tree = apollo_parser::Parser::new(text).recursion_limit(MAX_DEPTH).parse();
    let mut problems: Vec<Problem> = Vec::new();
    for error in tree.errors().take(MAX_PROBLEMS) {
        let span = Span::new(error.index(), error.index() + error.data().len());
        let kind = if error.is_limit() { ProblemKind::TooDeep } else { ProblemKind::Syntax };
        problems.push(Problem { kind, span, message: excerpt(error.message()) });
    }
    if !problems.is_empty() {
        return Loaded { schema: None, problems };
    }
    let schema = Schema { schema_directives: vec![Vec::new()], ..Schema::default() };
    let mut reader = Reader { schema, problems, extensions: Vec::new(), directive_names: BTreeSet::new() };
    let mut explicit_schema = false;
    for definition in tree.document().definitions() {
        explicit_schema |= matches!(definition, cst::Definition::SchemaDefinition(_));
        reader.definition(definition);
    }
    reader.apply_extensions();
    reader.drop_duplicates();
    if !explicit_schema {
        for (operation, name) in [("query", "Query"), ("mutation", "Mutation"), ("subscription", "Subscription")] {
            if let Some(span) = reader.schema.types.get(name).map(|found| found.span) {
                reader.schema.roots.entry(operation).or_insert_with(|| Named { name: name.to_owned(), span });
            }
        }
    }
    let empty = reader.schema.types.is_empty() && reader.schema.directives.is_empty();
    if empty && reader.problems.is_empty() {
        let message = "the text defines no type and no directive".to_owned();
        reader.problems.push(Problem { kind: ProblemKind::Syntax, span: Span::default(), message });
    }
    Loaded { schema: (!empty).then_some(reader.schema), problems: reader.problems }
}

struct Reader {
    schema: Schema,
    problems: Vec<Problem>,
    extensions: Vec<TypeDef>,
    directive_names: BTreeSet<String>,
}

// The five parts a definition and its extension share, by generated accessors that have no common trait.
macro_rules! type_def {
    ($node:expr, $kind:expr, $description:expr $(, $field:ident: $value:expr)* $(,)?) => {{
        let name = $node.name().map(|name| named(&name));
        name.map(|Named { name, span }| TypeDef {
            description: $description,
            directives: directives($node.directives()),
            $($field: $value,)*
            ..empty_type($kind, name, span)
        })
    }};
}

impl Reader {
    fn definition(&mut self, definition: cst::Definition) {
        use cst::Definition as D;
        let (is_extension, found) = match definition {
            D::ScalarTypeDefinition(n) => (false, type_def!(n, Kind::Scalar, description(n.description()))),
            D::ScalarTypeExtension(n) => (true, type_def!(n, Kind::Scalar, None)),
            D::ObjectTypeDefinition(n) => (
                false,
                type_def!(n, Kind::Object, description(n.description()), interfaces: interfaces(n.implements_interfaces()), fields: fields(n.fields_definition())),
            ),
            D::ObjectTypeExtension(n) => (
                true,
                type_def!(n, Kind::Object, None, interfaces: interfaces(n.implements_interfaces()), fields: fields(n.fields_definition())),
            ),
            D::InterfaceTypeDefinition(n) => (
                false,
                type_def!(n, Kind::Interface, description(n.description()), interfaces: interfaces(n.implements_interfaces()), fields: fields(n.fields_definition())),
            ),
            D::InterfaceTypeExtension(n) => (
                true,
                type_def!(n, Kind::Interface, None, interfaces: interfaces(n.implements_interfaces()), fields: fields(n.fields_definition())),
            ),
            D::UnionTypeDefinition(n) => (
                false,
                type_def!(n, Kind::Union, description(n.description()), members: members(n.union_member_types())),
            ),
            D::UnionTypeExtension(n) => {
                (true, type_def!(n, Kind::Union, None, members: members(n.union_member_types())))
            }
            D::EnumTypeDefinition(n) => (
                false,
                type_def!(n, Kind::Enum, description(n.description()), values: values(n.enum_values_definition())),
            ),
            D::EnumTypeExtension(n) => {
                (true, type_def!(n, Kind::Enum, None, values: values(n.enum_values_definition())))
            }
            D::InputObjectTypeDefinition(n) => (
                false,
                type_def!(n, Kind::Input, description(n.description()), inputs: input_fields(n.input_fields_definition())),
            ),
            D::InputObjectTypeExtension(n) => {
                (true, type_def!(n, Kind::Input, None, inputs: input_fields(n.input_fields_definition())))
            }
            D::DirectiveDefinition(n) => return self.directive(&n),
            D::SchemaDefinition(n) => {
                if let Some(first) = self.schema.schema_directives.first_mut() {
                    *first = directives(n.directives());
                }
                return self.roots(n.root_operation_type_definitions());
            }
            D::SchemaExtension(n) => {
                self.schema.schema_directives.push(directives(n.directives()));
                return self.roots(n.root_operation_type_definitions());
            }
            D::OperationDefinition(n) => return self.executable(n.syntax()),
            D::FragmentDefinition(n) => return self.executable(n.syntax()),
        };
        let Some(found) = found else { return };
        if is_extension {
            self.extensions.push(found);
        } else if self.schema.types.contains_key(&found.name) {
            self.problem(found.span, format!("type `{}` is defined twice; the first one counts", excerpt(&found.name)));
        } else {
            self.schema.order.push(found.name.clone());
            self.schema.types.insert(found.name.clone(), found);
        }
    }

    fn executable(&mut self, node: &apollo_parser::SyntaxNode) {
        let message = "an operation or fragment is no part of a schema".to_owned();
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { kind: ProblemKind::Syntax, span: span_of(node), message });
        }
    }

    fn problem(&mut self, span: Span, message: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { kind: ProblemKind::DuplicateKey, span, message });
        }
    }

    fn directive(&mut self, node: &cst::DirectiveDefinition) {
        let Some(Named { name, span }) = node.name().map(|name| named(&name)) else { return };
        if !self.directive_names.insert(name.clone()) {
            return self
                .problem(span, format!("directive `@{}` is defined twice; the first one counts", excerpt(&name)));
        }
        let locations = node.directive_locations().into_iter().flat_map(|list| list.directive_locations());
        let location = |node: cst::DirectiveLocation| Named {
            name: first_token(node.syntax()).unwrap_or_default(),
            span: span_of(node.syntax()),
        };
        self.schema.directives.push(DirectiveDef {
            name,
            span,
            description: description(node.description()),
            arguments: arguments(node.arguments_definition()),
            repeatable: node.repeatable_token().is_some(),
            locations: locations.map(location).collect(),
        });
    }

    fn roots(&mut self, definitions: cst::CstChildren<cst::RootOperationTypeDefinition>) {
        for definition in definitions {
            let Some(operation) = definition.operation_type() else { continue };
            let key = if operation.query_token().is_some() {
                "query"
            } else if operation.mutation_token().is_some() {
                "mutation"
            } else {
                "subscription"
            };
            if let Some(name) = definition.named_type().and_then(|ty| ty.name()) {
                self.schema.roots.insert(key, named(&name));
            }
        }
    }

    fn drop_duplicates(&mut self) {
        let mut repeated = Vec::new();
        for ty in self.schema.types.values_mut() {
            let mut of_type = keep_last(&mut ty.fields, |field| (&field.name, field.span));
            of_type.extend(keep_last(&mut ty.inputs, |field| (&field.name, field.span)));
            of_type.extend(keep_last(&mut ty.values, |value| (&value.name, value.span)));
            repeated.extend(of_type.into_iter().map(|(name, span)| (format!("{}.{name}", ty.name), span)));
        }
        repeated.sort_by_key(|(_, span)| *span);
        for (name, span) in repeated {
            self.problem(span, format!("`{}` is defined twice; the later one counts", excerpt(&name)));
        }
    }

    fn apply_extensions(&mut self) {
        for extension in std::mem::take(&mut self.extensions) {
            match self.schema.types.get_mut(&extension.name) {
                Some(base) if base.kind == extension.kind => {
                    base.interfaces.extend(extension.interfaces);
                    base.fields.extend(extension.fields);
                    base.inputs.extend(extension.inputs);
                    base.values.extend(extension.values);
                    base.members.extend(extension.members);
                }
                Some(_) => {
                    let message = format!("`{}` is extended as another kind than it is", excerpt(&extension.name));
                    self.problem(extension.span, message);
                }
                // A subgraph extends types that others define: here the extension is the definition.
                None => {
                    self.schema.order.push(extension.name.clone());
                    self.schema.types.insert(extension.name.clone(), extension);
                }
            }
        }
    }
}

// Keeps the last of the items of one name; answers where the others that give way stand.
fn keep_last<T>(items: &mut Vec<T>, name: impl Fn(&T) -> (&str, Span)) -> Vec<(String, Span)> {
    let mut last: BTreeMap<String, Span> = BTreeMap::new();
    let mut repeated = Vec::new();
    for item in items.iter() {
        let (name, span) = name(item);
        if last.insert(name.to_owned(), span).is_some() {
            repeated.push((name.to_owned(), span));
        }
    }
    if !repeated.is_empty() {
        items.retain(|item| {
            let (name, span) = name(item);
            last.get(name) == Some(&span)
        });
    }
    repeated
}

const fn empty_type(kind: Kind, name: String, span: Span) -> TypeDef {
    TypeDef {
        kind,
        name,
        span,
        description: None,
        interfaces: Vec::new(),
        fields: Vec::new(),
        inputs: Vec::new(),
        values: Vec::new(),
        members: Vec::new(),
        directives: Vec::new(),
    }
}

fn span_of(node: &apollo_parser::SyntaxNode) -> Span {
    // Spaces and comments after a node belong to it in the syntax tree; its last telling token does not.
    let tokens = || node.descendants_with_tokens().filter_map(rowan_token).filter(|token| !is_trivia(token));
    let start = tokens().next().map_or_else(|| node.text_range().start(), |token| token.text_range().start());
    let end = tokens().last().map_or(start, |token| token.text_range().end());
    Span::new(start.into(), end.into())
}

fn rowan_token(element: apollo_parser::SyntaxElement) -> Option<apollo_parser::SyntaxToken> {
    element.into_token()
}

fn is_trivia(token: &apollo_parser::SyntaxToken) -> bool {
    use apollo_parser::SyntaxKind as S;
    matches!(token.kind(), S::WHITESPACE | S::COMMENT | S::COMMA)
}

fn first_token(node: &apollo_parser::SyntaxNode) -> Option<String> {
    let mut tokens = node.descendants_with_tokens().filter_map(rowan_token);
    tokens.find(|token| !is_trivia(token)).map(|token| token.text().to_owned())
}

fn named(name: &cst::Name) -> Named {
    Named { name: first_token(name.syntax()).unwrap_or_default(), span: span_of(name.syntax()) }
}

fn named_types(types: cst::CstChildren<cst::NamedType>) -> Vec<Named> {
    types.filter_map(|ty| ty.name()).map(|name| named(&name)).collect()
}

fn interfaces(node: Option<cst::ImplementsInterfaces>) -> Vec<Named> {
    node.map_or_else(Vec::new, |node| named_types(node.named_types()))
}

fn members(node: Option<cst::UnionMemberTypes>) -> Vec<Named> {
    node.map_or_else(Vec::new, |node| named_types(node.named_types()))
}

fn fields(node: Option<cst::FieldsDefinition>) -> Vec<Field> {
    let field = |node: cst::FieldDefinition| {
        let Named { name, span } = named(&node.name()?);
        Some(Field {
            name,
            span,
            description: description(node.description()),
            arguments: arguments(node.arguments_definition()),
            ty: ty(&node.ty()?),
            directives: directives(node.directives()),
        })
    };
    node.into_iter().flat_map(|node| node.field_definitions()).filter_map(field).collect()
}

fn values(node: Option<cst::EnumValuesDefinition>) -> Vec<EnumValue> {
    let value = |node: cst::EnumValueDefinition| {
        let Named { name, span } = named(&node.enum_value()?.name()?);
        let (description, directives) = (description(node.description()), directives(node.directives()));
        Some(EnumValue { name, span, description, directives })
    };
    node.into_iter().flat_map(|node| node.enum_value_definitions()).filter_map(value).collect()
}

fn arguments(node: Option<cst::ArgumentsDefinition>) -> Vec<InputValue> {
    node.into_iter().flat_map(|node| node.input_value_definitions()).filter_map(|node| input_value(&node)).collect()
}

fn input_fields(node: Option<cst::InputFieldsDefinition>) -> Vec<InputValue> {
    node.into_iter().flat_map(|node| node.input_value_definitions()).filter_map(|node| input_value(&node)).collect()
}

fn input_value(node: &cst::InputValueDefinition) -> Option<InputValue> {
    let Named { name, span } = named(&node.name()?);
    Some(InputValue {
        name,
        span,
        description: description(node.description()),
        ty: ty(&node.ty()?),
        default: node.default_value().and_then(|default| default.value()).map(|value| literal(&value)),
        directives: directives(node.directives()),
    })
}

fn directives(node: Option<cst::Directives>) -> Vec<DirectiveUse> {
    let argument = |node: cst::Argument| {
        let name = named(&node.name()?);
        Some((name.name, literal(&node.value()?), span_of(node.syntax())))
    };
    let used = |node: cst::Directive| {
        let name = named(&node.name()?).name;
        let arguments = node.arguments().into_iter().flat_map(|list| list.arguments()).filter_map(argument).collect();
        Some(DirectiveUse { name, span: span_of(node.syntax()), arguments })
    };
    node.into_iter().flat_map(|node| node.directives()).filter_map(used).collect()
}

fn ty(node: &cst::Type) -> Type {
    match node {
        cst::Type::NamedType(node) => named_type(node),
        cst::Type::ListType(node) => list_type(node),
        cst::Type::NonNullType(node) => {
            let inner = match (node.named_type(), node.list_type()) {
                (Some(node), _) => named_type(&node),
                (None, Some(node)) => list_type(&node),
                (None, None) => Type::Named(String::new()),
            };
            Type::NonNull(Box::new(inner))
        }
    }
}

fn named_type(node: &cst::NamedType) -> Type {
    Type::Named(node.name().map(|name| named(&name).name).unwrap_or_default())
}

fn list_type(node: &cst::ListType) -> Type {
    Type::List(Box::new(node.ty().map_or(Type::Named(String::new()), |inner| ty(&inner))))
}

fn literal(node: &cst::Value) -> Literal {
    let text = || first_token(node.syntax()).unwrap_or_default();
    match node {
        cst::Value::Variable(_) => Literal::Variable(text()),
        cst::Value::StringValue(_) => Literal::String(unquote(&text())),
        cst::Value::FloatValue(_) => Literal::Float(text()),
        cst::Value::IntValue(_) => Literal::Int(text()),
        cst::Value::BooleanValue(_) => Literal::Bool(text() == "true"),
        cst::Value::NullValue(_) => Literal::Null,
        cst::Value::EnumValue(_) => Literal::Enum(text()),
        cst::Value::ListValue(node) => Literal::List(node.values().map(|value| literal(&value)).collect()),
        cst::Value::ObjectValue(node) => {
            let field = |node: cst::ObjectField| Some((named(&node.name()?).name, literal(&node.value()?)));
            Literal::Object(node.object_fields().filter_map(field).collect())
        }
    }
}

fn description(node: Option<cst::Description>) -> Option<String> {
    let value = node?.string_value()?;
    first_token(value.syntax()).map(|text| unquote(&text))
}

// The value of a string token (GraphQL, section 2.9.4).
fn unquote(token: &str) -> String {
    if let Some(block) = token.strip_prefix("\"\"\"").and_then(|rest| rest.strip_suffix("\"\"\"")) {
        return dedent(&block.replace("\\\"\"\"", "\"\"\""));
    }
    let inner = token.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(token);
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('u') => {
                let unit = hex_escape(&mut chars);
                let is_high = unit.is_some_and(|unit| (0xd800..0xdc00).contains(&unit));
                let mut ahead = chars.clone();
                let low = (is_high && ahead.next() == Some('\\') && ahead.next() == Some('u'))
                    .then(|| hex_escape(&mut ahead))
                    .flatten()
                    .filter(|low| (0xdc00..0xe000).contains(low));
                let code = match (unit, low) {
                    (Some(high), Some(low)) => {
                        chars = ahead;
                        Some(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
                    }
                    (unit, _) => unit,
                };
                out.push(code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

fn hex_escape(chars: &mut std::str::Chars<'_>) -> Option<u32> {
    if let Some((digits, rest)) = chars.as_str().strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        *chars = rest.chars();
        return u32::from_str_radix(digits, 16).ok();
    }
    let digits: String = chars.by_ref().take(4).collect();
    u32::from_str_radix(&digits, 16).ok()
}

// A block string without its common indentation and its blank first and last lines (section 2.9.4, BlockStringValue).
fn dedent(raw: &str) -> String {
    let normal = raw.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = normal.split('\n').collect();
    let indent_of = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let blank = |line: &&str| indent_of(line) == line.len();
    let common = lines.iter().skip(1).filter(|line| !blank(line)).map(|line| indent_of(line)).min().unwrap_or(0);
    let cut = |(at, line): (usize, &&'_ str)| -> String {
        if at == 0 { (*line).to_owned() } else { line.get(common.min(line.len())..).unwrap_or_default().to_owned() }
    };
    let first = lines.iter().position(|line| !blank(line)).unwrap_or(lines.len());
    let last = lines.iter().rposition(|line| !blank(line)).map_or(first, |at| at + 1);
    let kept: Vec<String> = lines.iter().enumerate().map(cut).skip(first).take(last.saturating_sub(first)).collect();
    kept.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(text: &str) -> Schema {
        let loaded = load(text);
        loaded.schema.unwrap_or_else(|| panic!("{:?}", loaded.problems))
    }

    #[test]
    fn reads_all_kinds_and_folds_extensions() {
        let schema = schema(
            "\"\"\"\n  Doc\n    more\n\"\"\"\ntype Query implements A & B @d(x: [1, {k: \"v\"}]) { f(a: [Int!]! = [1]): String! @deprecated }\n\
             extend type Query { g: ID }\ninterface A { f: Int } enum E { X @d Y }\nextend enum E { Z }\nunion U = | Query | Other\n\
             input I { x: E = X, \"d\" y: Float = -1.5e3 }\nscalar S @specifiedBy(url: \"u\")\n\
             directive @d(x: Int = 1) repeatable on FIELD_DEFINITION | ENUM\nextend schema @link\n",
        );
        let query = schema.types.get("Query").expect("Query");
        assert_eq!(query.description.as_deref(), Some("Doc\n  more"));
        assert_eq!(query.interfaces.iter().map(|i| i.name.as_str()).collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(query.fields.iter().map(|f| f.ty.to_string()).collect::<Vec<_>>(), ["String!", "ID"]);
        assert_eq!(query.fields[0].arguments[0].ty.to_string(), "[Int!]!");
        assert_eq!(schema.types.get("E").map(|e| e.values.len()), Some(3));
        assert_eq!(schema.types.get("U").map(|u| u.members.len()), Some(2));
        assert_eq!(schema.roots.get("query").map(|root| root.name.as_str()), Some("Query"));
        assert_eq!(schema.schema_directives.len(), 2);
        assert!(schema.directives[0].repeatable);
        assert_eq!(schema.directives[0].locations.len(), 2);
        assert_eq!(
            schema.types.get("I").and_then(|i| i.inputs[1].default.clone()),
            Some(Literal::Float("-1.5e3".into()))
        );
    }

    #[test]
    fn the_later_of_two_fields_counts() {
        let loaded = load("type Q { a: Int b: Int a: ID }");
        assert_eq!(loaded.problems.len(), 1);
        let schema = loaded.schema.expect("readable");
        let types: Vec<_> = schema.types["Q"].fields.iter().map(|field| field.ty.to_string()).collect();
        assert_eq!(types, ["Int", "ID"]);
    }

    #[test]
    fn strings_are_unquoted() {
        assert_eq!(unquote(r#""a\n\"\u00e9\uD83D\uDE00\u{1F600}\/""#), "a\n\"\u{e9}\u{1f600}\u{1f600}/");
        assert_eq!(unquote("\"\"\"\n\n    a\n      b \\\"\"\"\n    \"\"\""), "a\n  b \"\"\"");
        assert_eq!(unquote("\"\"\"   \"\"\""), "");
        assert_eq!(unquote("\"\\uD83D\\u\""), "\u{fffd}\u{fffd}");
    }

    #[test]
    fn broken_and_deep_texts_are_problems() {
        for text in ["type {", "type A { f: }", "{ a }", "", "type A { f: Int", "type A { f: \"x }"] {
            assert!(!load(text).problems.is_empty(), "{text}");
        }
        let deep = format!("type A {{ f: {}Int{} }}", "[".repeat(50_000), "]".repeat(50_000));
        assert_eq!(load(&deep).problems.first().map(|problem| problem.kind), Some(ProblemKind::TooDeep));
        let values = format!("type A {{ f(x: Int = {}1{}): Int }}", "[".repeat(50_000), "]".repeat(50_000));
        assert!(load(&values).schema.is_none());
    }

    #[test]
    fn nesting_holds_at_its_edge() {
        let nested = |depth: usize, level: &str| level.repeat(depth);
        // A closing bracket in a string, a comment or of another kind closes nothing.
        for level in ["[", "{", "(", "[\"]\",", "{ # }\n", "[ } "] {
            assert_eq!(nesting_exceeded(&nested(MAX_DEPTH, level)), None, "{level}");
            assert_eq!(nesting_exceeded(&nested(MAX_DEPTH + 1, level)), Some(MAX_DEPTH * level.len()), "{level}");
        }
        assert_eq!(nesting_exceeded(&nested(100_000, "[]{}()")), None);
        assert_eq!(nesting_exceeded(&nested(100_000, "\"[\" # {\n")), None);
    }
}
