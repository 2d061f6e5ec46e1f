//! Reads JavaScript and TypeScript with oxc, sending the same [`Event`]s as the tree-sitter walker.

use super::Outcome;
use super::events::{Construct, Event, Listener, LogicalOperator, Opening, Token, TokenClass};
use octavo_toolkit::parse_depth::{Dialect, Walk, recursion_exceeded};
use oxc_allocator::Allocator;
use oxc_ast::ast::{
    ArrowFunctionExpression, AssignmentExpression, AssignmentPattern, AssignmentTargetPropertyIdentifier,
    AssignmentTargetWithDefault, BindingPattern, BreakStatement, CatchClause, Class, ConditionalExpression,
    ContinueStatement, DoWhileStatement, Expression, ForInStatement, ForOfStatement, ForStatement, FormalParameter,
    FormalParameters, Function, IfStatement, JSXExpression, JSXExpressionContainer, LogicalExpression,
    MethodDefinition, ObjectProperty, Program, PropertyDefinition, PropertyKey, Statement, SwitchStatement,
    TryStatement, VariableDeclarator, WhileStatement,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::config::RuntimeParserConfig;
use oxc_parser::{Kind, ParseOptions, Parser, ParserReturn};
use oxc_semantic::{Scoping, Semantic, SemanticBuilder};
use oxc_span::{GetSpan, SourceType, Span};
use oxc_syntax::operator::LogicalOperator as OxcOperator;
use oxc_syntax::scope::ScopeFlags;

/// Which of the languages oxc reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EcmaKind {
    /// JavaScript, with or without JSX; a module, or a script where it is none.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
}

impl EcmaKind {
    const fn dialect(self) -> Dialect {
        match self {
            Self::JavaScript => Dialect::JavaScript,
            Self::TypeScript => Dialect::TypeScript,
            Self::Tsx => Dialect::Tsx,
        }
    }
}

/// Reads a source; nothing of it when it nests too deeply, or when the parser gives up.
pub fn read<'s>(kind: EcmaKind, source: &'s str, listener: &mut dyn Listener<'s>) -> Outcome {
    let mut listener = Some(listener);
    let done = with_parsed(kind, source, |parsed, allocator, source_type| {
        let Some(listener) = listener.take() else { return };
        // The parser's own tokens are complete only where it found no error.
        let tokens = if parsed.diagnostics.is_empty() {
            let again = parse(allocator, source, source_type, true);
            again.tokens.iter().map(|token| token_of(token.kind(), token.span())).collect()
        } else {
            rough_tokens(source, &parsed.program)
        };
        let mut reader = Reader { source, listener, tokens, next: 0, name: None, sequence: false };
        reader.visit_program(&parsed.program);
        reader.tokens_before(usize::MAX);
    });
    done.map_or_else(|outcome| outcome, |(outcome, ())| outcome)
}

/// Hands a source's syntax tree over; how reading went, and what came of it, or why there is no tree.
pub fn with_program<R>(
    kind: EcmaKind,
    source: &str,
    take: impl FnOnce(&Program<'_>) -> R,
) -> Result<(Outcome, R), Outcome> {
    with_parsed(kind, source, |parsed, _, _| take(&parsed.program))
}

/// Hands a source's syntax tree over with its scopes, symbols, references and the parent of each node.
pub fn with_semantic<R>(
    kind: EcmaKind,
    source: &str,
    take: impl FnOnce(&Semantic<'_>, &Program<'_>) -> R,
) -> Result<(Outcome, R), Outcome> {
    with_meaning(kind, source, true, take)
}

/// The same without the parents.
pub fn with_scopes<R>(
    kind: EcmaKind,
    source: &str,
    take: impl FnOnce(&Scoping, &Program<'_>) -> R,
) -> Result<(Outcome, R), Outcome> {
    with_meaning(kind, source, false, |semantic, program| take(semantic.scoping(), program))
}

fn with_meaning<R>(
    kind: EcmaKind,
    source: &str,
    parents: bool,
    take: impl FnOnce(&Semantic<'_>, &Program<'_>) -> R,
) -> Result<(Outcome, R), Outcome> {
    with_parsed(kind, source, |parsed, _, _| {
        let built = SemanticBuilder::new().with_build_nodes(parents).build(&parsed.program);
        take(&built.semantic, &parsed.program)
    })
}

fn with_parsed<R>(
    kind: EcmaKind,
    source: &str,
    take: impl for<'x> FnOnce(ParserReturn<'x>, &'x Allocator, SourceType) -> R,
) -> Result<(Outcome, R), Outcome> {
    if let Some(at) = recursion_exceeded(source, kind.dialect(), Walk::Visitors) {
        return Err(Outcome::TooDeep(at));
    }
    let types: &[SourceType] = match kind {
        EcmaKind::JavaScript => &[SourceType::unambiguous().with_jsx(true), SourceType::script().with_jsx(true)],
        EcmaKind::TypeScript => &[SourceType::ts()],
        EcmaKind::Tsx => &[SourceType::tsx()],
    };
    let mut outcome = Outcome::Unreadable(0);
    for (source_type, left) in types.iter().zip((0..types.len()).rev()) {
        let allocator = Allocator::default();
        let parsed = parse(&allocator, source, *source_type, false);
        outcome = match parsed.diagnostics.first() {
            None => Outcome::Clean,
            Some(error) => Outcome::Broken(error.labels.first().map_or(0, |label| label.offset() as usize)),
        };
        if outcome != Outcome::Clean && left > 0 {
            continue;
        }
        if let (Outcome::Broken(at), true) = (&outcome, parsed.panicked) {
            return Err(Outcome::Unreadable(*at));
        }
        return Ok((outcome, take(parsed, &allocator, *source_type)));
    }
    Err(outcome)
}

fn parse<'a>(allocator: &'a Allocator, source: &'a str, source_type: SourceType, tokens: bool) -> ParserReturn<'a> {
    let options =
        ParseOptions { preserve_parens: false, allow_return_outside_function: true, ..ParseOptions::default() };
    Parser::new(allocator, source, source_type)
        .with_options(options)
        .with_config(RuntimeParserConfig::new(tokens))
        .parse()
}

fn token_of(kind: Kind, span: Span) -> Token {
    Token { class: class_of(kind), start: span.start as usize, end: span.end as usize }
}

// Words and signs outside comments: what tokens there are in a source that does not parse.
fn rough_tokens(source: &str, program: &Program<'_>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let ends = program.comments.iter().map(|comment| (comment.span.start as usize, comment.span.end as usize));
    for (start, end) in ends.chain([(source.len(), source.len())]) {
        rough_tokens_of(source.get(at..start).unwrap_or_default(), at, &mut tokens);
        at = at.max(end);
    }
    tokens
}

fn rough_tokens_of(text: &str, offset: usize, tokens: &mut Vec<Token>) {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let mut rest = text.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        if first.is_whitespace() {
            continue;
        }
        let mut end = start + first.len_utf8();
        while let Some((at, next)) = rest.next_if(|(_, next)| is_word(first) && is_word(*next)) {
            end = at + next.len_utf8();
        }
        let word = text.get(start..end).unwrap_or_default();
        let kind = Kind::match_keyword(word);
        let operator = !is_word(first) || kind.is_any_keyword();
        let class = if operator { TokenClass::Operator } else { TokenClass::Operand };
        tokens.push(Token { class, start: offset + start, end: offset + end });
    }
}

fn class_of(kind: Kind) -> TokenClass {
    let literal = kind.is_literal() || kind.is_template_start_of_tagged_template();
    let name = kind.is_identifier_or_keyword() && !kind.is_any_keyword();
    let part = matches!(kind, Kind::TemplateMiddle | Kind::TemplateTail | Kind::JSXText | Kind::PrivateIdentifier);
    if literal || name || part || matches!(kind, Kind::This | Kind::Super) {
        TokenClass::Operand
    } else {
        TokenClass::Operator
    }
}

struct Reader<'s, 'l> {
    source: &'s str,
    listener: &'l mut dyn Listener<'s>,
    tokens: Vec<Token>,
    next: usize,
    // The name a function gets from where it stands: a method's key, a variable.
    name: Option<Span>,
    // The expression to be visited next continues a logical sequence.
    sequence: bool,
}

impl<'s> Reader<'s, '_> {
    fn send(&mut self, event: Event<'s>) {
        self.listener.on(event);
    }

    fn tokens_before(&mut self, offset: usize) {
        while let Some(token) = self.tokens.get(self.next).copied().filter(|token| token.start < offset) {
            self.next += 1;
            // Automatic semicolons and the like are empty.
            if token.start < token.end {
                self.send(Event::Token(token));
            }
        }
    }

    fn text(&self, span: Span) -> &'s str {
        self.source.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn deeper(&mut self, visit: impl FnOnce(&mut Self)) {
        self.send(Event::Deepen);
        visit(self);
        self.send(Event::Undeepen);
    }

    fn construct(&mut self, construct: Construct, visit: impl FnOnce(&mut Self)) {
        self.send(Event::Enter(construct));
        visit(self);
        self.send(Event::Leave(construct));
    }

    fn function(
        &mut self,
        span: Span,
        own: Option<Span>,
        parameters: &FormalParameters<'_>,
        visit: impl FnOnce(&mut Self),
    ) {
        let name = own.or(self.name.take());
        self.name = None;
        let start = name.map_or(span.start, |name| name.start.min(span.start)) as usize;
        let count = parameters.items.len() + usize::from(parameters.rest.is_some());
        self.tokens_before(span.start as usize);
        let opening = Opening {
            name: name.map(|name| self.text(name)),
            start,
            own_from: span.start as usize,
            end: span.end as usize,
            parameters: u32::try_from(count).unwrap_or(u32::MAX),
            wrapper: false,
        };
        self.send(Event::Open(opening));
        visit(self);
        self.tokens_before(span.end as usize);
        self.send(Event::Close);
    }

    fn if_statement(&mut self, it: &IfStatement<'_>) {
        self.send(Event::Decision);
        self.visit_expression(&it.test);
        self.deeper(|reader| reader.visit_statement(&it.consequent));
        match &it.alternate {
            Some(Statement::IfStatement(chained)) => {
                self.send(Event::Break);
                self.if_statement(chained);
            }
            Some(otherwise) => {
                self.send(Event::Break);
                self.deeper(|reader| reader.visit_statement(otherwise));
            }
            None => {}
        }
    }

    fn body(&mut self, body: &Statement<'_>) {
        self.deeper(|reader| reader.visit_statement(body));
    }

    fn named(&mut self, name: Option<Span>, value: Option<&Expression<'_>>) {
        self.name = name.filter(|_| {
            value.is_some_and(|value| {
                matches!(value, Expression::FunctionExpression(_) | Expression::ArrowFunctionExpression(_))
            })
        });
    }

    fn jump(&mut self, labelled: bool) {
        if labelled {
            self.send(Event::Break);
        }
    }
}

fn key_of(key: &PropertyKey<'_>) -> Option<Span> {
    key.is_specific_static_name_or_private().then(|| key.span())
}

trait StaticName {
    fn is_specific_static_name_or_private(&self) -> bool;
}

impl StaticName for PropertyKey<'_> {
    fn is_specific_static_name_or_private(&self) -> bool {
        matches!(self, PropertyKey::StaticIdentifier(_) | PropertyKey::PrivateIdentifier(_))
    }
}

impl<'a> Visit<'a> for Reader<'_, '_> {
    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        if it.body.is_none() {
            self.name = None;
            return walk::walk_function(self, it, flags);
        }
        let own = it.id.as_ref().map(|id| id.span);
        self.function(it.span, own, &it.params, |reader| walk::walk_function(reader, it, flags));
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        self.function(it.span, None, &it.params, |reader| walk::walk_arrow_function_expression(reader, it));
    }

    fn visit_method_definition(&mut self, it: &MethodDefinition<'a>) {
        self.visit_decorators(&it.decorators);
        self.visit_property_key(&it.key);
        self.name = key_of(&it.key);
        self.visit_function(&it.value, ScopeFlags::Function);
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        self.visit_decorators(&it.decorators);
        self.visit_property_key(&it.key);
        if let Some(value) = &it.value {
            self.named(key_of(&it.key), Some(value));
            self.visit_expression(value);
        }
    }

    fn visit_object_property(&mut self, it: &ObjectProperty<'a>) {
        self.visit_property_key(&it.key);
        self.named(key_of(&it.key), Some(&it.value));
        self.visit_expression(&it.value);
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        self.visit_binding_pattern(&it.id);
        if let Some(init) = &it.init {
            let name = match &it.id {
                BindingPattern::BindingIdentifier(id) => Some(id.span),
                _ => None,
            };
            self.named(name, Some(init));
            self.visit_expression(init);
        }
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        let name = it.id.as_ref().map(|id| id.span);
        if let Some(name) = name {
            let name = self.text(name);
            self.send(Event::EnterScope(name));
        }
        walk::walk_class(self, it);
        if name.is_some() {
            self.send(Event::LeaveScope);
        }
    }

    fn visit_if_statement(&mut self, it: &IfStatement<'a>) {
        self.construct(Construct::If, |reader| reader.if_statement(it));
    }

    fn visit_for_statement(&mut self, it: &ForStatement<'a>) {
        self.send(Event::Decision);
        self.construct(Construct::Loop, |reader| {
            if let Some(init) = &it.init {
                reader.visit_for_statement_init(init);
            }
            for part in [&it.test, &it.update].into_iter().flatten() {
                reader.visit_expression(part);
            }
            reader.body(&it.body);
        });
    }

    fn visit_for_in_statement(&mut self, it: &ForInStatement<'a>) {
        self.send(Event::Decision);
        self.construct(Construct::Loop, |reader| {
            reader.visit_for_statement_left(&it.left);
            reader.visit_expression(&it.right);
            reader.body(&it.body);
        });
    }

    fn visit_for_of_statement(&mut self, it: &ForOfStatement<'a>) {
        self.send(Event::Decision);
        self.construct(Construct::Loop, |reader| {
            reader.visit_for_statement_left(&it.left);
            reader.visit_expression(&it.right);
            reader.body(&it.body);
        });
    }

    fn visit_while_statement(&mut self, it: &WhileStatement<'a>) {
        self.send(Event::Decision);
        self.construct(Construct::Loop, |reader| {
            reader.visit_expression(&it.test);
            reader.body(&it.body);
        });
    }

    fn visit_do_while_statement(&mut self, it: &DoWhileStatement<'a>) {
        self.send(Event::Decision);
        self.construct(Construct::Loop, |reader| {
            reader.body(&it.body);
            reader.visit_expression(&it.test);
        });
    }

    fn visit_switch_statement(&mut self, it: &SwitchStatement<'a>) {
        self.construct(Construct::Switch, |reader| {
            reader.visit_expression(&it.discriminant);
            for case in &it.cases {
                if case.test.is_some() {
                    reader.send(Event::Decision);
                }
                reader.deeper(|reader| reader.visit_switch_case(case));
            }
        });
    }

    fn visit_try_statement(&mut self, it: &TryStatement<'a>) {
        self.construct(Construct::Try, |reader| walk::walk_try_statement(reader, it));
    }

    fn visit_catch_clause(&mut self, it: &CatchClause<'a>) {
        self.send(Event::Decision);
        self.construct(Construct::Catch, |reader| {
            if let Some(parameter) = &it.param {
                reader.visit_catch_parameter(parameter);
            }
            reader.deeper(|reader| reader.visit_block_statement(&it.body));
        });
    }

    fn visit_conditional_expression(&mut self, it: &ConditionalExpression<'a>) {
        self.send(Event::Decision);
        self.construct(Construct::Ternary, |reader| {
            reader.visit_expression(&it.test);
            reader.deeper(|reader| {
                reader.visit_expression(&it.consequent);
                reader.visit_expression(&it.alternate);
            });
        });
    }

    fn visit_break_statement(&mut self, it: &BreakStatement<'a>) {
        self.jump(it.label.is_some());
    }

    fn visit_continue_statement(&mut self, it: &ContinueStatement<'a>) {
        self.jump(it.label.is_some());
    }

    fn visit_expression(&mut self, it: &Expression<'a>) {
        // Whatever is not itself logical ends the sequence for what it contains.
        if !matches!(it, Expression::LogicalExpression(_)) {
            self.sequence = false;
        }
        walk::walk_expression(self, it);
    }

    fn visit_logical_expression(&mut self, it: &LogicalExpression<'a>) {
        let continues = std::mem::take(&mut self.sequence);
        if !continues {
            self.send(Event::BeginSequence);
        }
        self.sequence = true;
        self.visit_expression(&it.left);
        self.send(Event::Decision);
        self.send(Event::Logical(match it.operator {
            OxcOperator::And => LogicalOperator::And,
            OxcOperator::Or => LogicalOperator::Or,
            OxcOperator::Coalesce => LogicalOperator::Coalesce,
        }));
        self.sequence = true;
        self.visit_expression(&it.right);
        self.sequence = false;
        if !continues {
            self.send(Event::EndSequence);
        }
    }

    fn visit_jsx_expression_container(&mut self, it: &JSXExpressionContainer<'a>) {
        self.sequence = false;
        match &it.expression {
            // `{ready && <View/>}` is how JSX writes an optional child: a path, but no logic to follow.
            JSXExpression::LogicalExpression(logical) if is_optional_child(logical) => self.optional_child(logical),
            _ => walk::walk_jsx_expression_container(self, it),
        }
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        self.visit_assignment_target(&it.left);
        let name = it.left.get_identifier_name().map(|_| it.left.span());
        self.named(name, Some(&it.right));
        self.visit_expression(&it.right);
    }

    fn visit_formal_parameter(&mut self, it: &FormalParameter<'a>) {
        if it.initializer.is_some() {
            self.send(Event::Decision);
        }
        walk::walk_formal_parameter(self, it);
    }

    fn visit_assignment_pattern(&mut self, it: &AssignmentPattern<'a>) {
        self.send(Event::Decision);
        walk::walk_assignment_pattern(self, it);
    }

    fn visit_assignment_target_with_default(&mut self, it: &AssignmentTargetWithDefault<'a>) {
        self.send(Event::Decision);
        walk::walk_assignment_target_with_default(self, it);
    }

    fn visit_assignment_target_property_identifier(&mut self, it: &AssignmentTargetPropertyIdentifier<'a>) {
        if it.init.is_some() {
            self.send(Event::Decision);
        }
        walk::walk_assignment_target_property_identifier(self, it);
    }
}

impl Reader<'_, '_> {
    fn optional_child(&mut self, it: &LogicalExpression<'_>) {
        match &it.left {
            Expression::LogicalExpression(left) if left.operator == OxcOperator::And => self.optional_child(left),
            left => self.visit_expression(left),
        }
        self.send(Event::Decision);
        self.visit_expression(&it.right);
    }
}

fn is_optional_child(it: &LogicalExpression<'_>) -> bool {
    it.operator == OxcOperator::And && matches!(it.right, Expression::JSXElement(_) | Expression::JSXFragment(_))
}
