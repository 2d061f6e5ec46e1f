//! Expressions as Python's own `ast` has them: which nodes a node holds, in what order. vermin's results depend on that order.

use ruff_python_ast::{
    Comprehension, Expr, FString, FStringPart, InterpolatedStringElement, Keyword, Parameter, ParameterWithDefault,
    Parameters, StringLiteral,
};

/// A node below an expression.
#[derive(Clone, Copy)]
pub(super) enum Node<'a> {
    Expr(&'a Expr),
    /// A string that is a part of an f-string.
    Text,
    /// An f-string, as one.
    Joined(&'a [InterpolatedStringElement]),
    Formatted(&'a ruff_python_ast::InterpolatedElement),
    Keyword(&'a Keyword),
    Comprehension(&'a Comprehension),
    Parameters(&'a Parameters),
    Parameter(&'a Parameter),
}

/// The nodes directly below one.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    match node {
        Node::Text => Vec::new(),
        Node::Expr(expr) => of_expr(expr),
        Node::Joined(elements) => elements.iter().map(element).collect(),
        Node::Formatted(formatted) => {
            let mut found = vec![Node::Expr(&formatted.expression)];
            found.extend(formatted.format_spec.iter().map(|spec| Node::Joined(&spec.elements)));
            found
        }
        Node::Keyword(keyword) => vec![Node::Expr(&keyword.value)],
        Node::Comprehension(comprehension) => {
            let mut found = vec![Node::Expr(&comprehension.target), Node::Expr(&comprehension.iter)];
            found.extend(comprehension.ifs.iter().map(Node::Expr));
            found
        }
        Node::Parameters(parameters) => {
            let mut found: Vec<Node<'_>> = Vec::new();
            found.extend(plain(&parameters.posonlyargs));
            found.extend(plain(&parameters.args));
            found.extend(parameters.vararg.iter().map(|parameter| Node::Parameter(parameter)));
            found.extend(plain(&parameters.kwonlyargs));
            found.extend(defaults(&parameters.kwonlyargs));
            found.extend(parameters.kwarg.iter().map(|parameter| Node::Parameter(parameter)));
            found.extend(defaults(&parameters.posonlyargs));
            found.extend(defaults(&parameters.args));
            found
        }
        Node::Parameter(parameter) => parameter.annotation.iter().map(|annotation| Node::Expr(annotation)).collect(),
    }
}

fn plain(list: &[ParameterWithDefault]) -> impl Iterator<Item = Node<'_>> {
    list.iter().map(|parameter| Node::Parameter(&parameter.parameter))
}

fn defaults(list: &[ParameterWithDefault]) -> impl Iterator<Item = Node<'_>> {
    list.iter().filter_map(|parameter| parameter.default.as_deref()).map(Node::Expr)
}

fn element(element: &InterpolatedStringElement) -> Node<'_> {
    match element {
        InterpolatedStringElement::Literal(_) => Node::Text,
        InterpolatedStringElement::Interpolation(formatted) => Node::Formatted(formatted),
    }
}

/// The parts of an f-string that may be one of several joined ones.
pub(super) fn parts(string: &ruff_python_ast::ExprFString) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    for part in &string.value {
        match part {
            FStringPart::Literal(StringLiteral { .. }) => found.push(Node::Text),
            FStringPart::FString(FString { elements, .. }) => found.extend(elements.iter().map(element)),
        }
    }
    found
}

fn of_expr(expr: &Expr) -> Vec<Node<'_>> {
    match expr {
        Expr::BoolOp(node) => node.values.iter().map(Node::Expr).collect(),
        Expr::Named(node) => vec![Node::Expr(&node.target), Node::Expr(&node.value)],
        Expr::BinOp(node) => vec![Node::Expr(&node.left), Node::Expr(&node.right)],
        Expr::UnaryOp(node) => vec![Node::Expr(&node.operand)],
        Expr::Lambda(node) => {
            let parameters = node.parameters.as_deref().map(Node::Parameters);
            parameters.into_iter().chain([Node::Expr(&node.body)]).collect()
        }
        Expr::If(node) => vec![Node::Expr(&node.test), Node::Expr(&node.body), Node::Expr(&node.orelse)],
        Expr::Dict(node) => {
            let keys = node.items.iter().filter_map(|item| item.key.as_ref());
            keys.chain(node.items.iter().map(|item| &item.value)).map(Node::Expr).collect()
        }
        Expr::Set(node) => node.elts.iter().map(Node::Expr).collect(),
        Expr::ListComp(node) => with_generators(&[&node.elt], &node.generators),
        Expr::SetComp(node) => with_generators(&[&node.elt], &node.generators),
        Expr::Generator(node) => with_generators(&[&node.elt], &node.generators),
        Expr::DictComp(node) => {
            let parts: Vec<&Expr> = node.key.as_deref().into_iter().chain([&*node.value]).collect();
            with_generators(&parts, &node.generators)
        }
        Expr::Await(node) => vec![Node::Expr(&node.value)],
        Expr::Yield(node) => node.value.as_deref().map(Node::Expr).into_iter().collect(),
        Expr::YieldFrom(node) => vec![Node::Expr(&node.value)],
        Expr::Compare(node) => std::iter::once(&*node.left).chain(&node.comparators).map(Node::Expr).collect(),
        Expr::Call(node) => {
            let arguments = node.arguments.args.iter().map(Node::Expr);
            let keywords = node.arguments.keywords.iter().map(Node::Keyword);
            std::iter::once(Node::Expr(&node.func)).chain(arguments).chain(keywords).collect()
        }
        Expr::FString(node) => parts(node),
        Expr::Attribute(node) => vec![Node::Expr(&node.value)],
        Expr::Subscript(node) => vec![Node::Expr(&node.value), Node::Expr(&node.slice)],
        Expr::Starred(node) => vec![Node::Expr(&node.value)],
        Expr::List(node) => node.elts.iter().map(Node::Expr).collect(),
        Expr::Tuple(node) => node.elts.iter().map(Node::Expr).collect(),
        Expr::Slice(node) => {
            let ends = [node.lower.as_deref(), node.upper.as_deref(), node.step.as_deref()];
            ends.into_iter().flatten().map(Node::Expr).collect()
        }
        Expr::TString(_)
        | Expr::StringLiteral(_)
        | Expr::BytesLiteral(_)
        | Expr::NumberLiteral(_)
        | Expr::BooleanLiteral(_)
        | Expr::NoneLiteral(_)
        | Expr::EllipsisLiteral(_)
        | Expr::Name(_)
        | Expr::IpyEscapeCommand(_) => Vec::new(),
    }
}

fn with_generators<'a>(parts: &[&'a Expr], generators: &'a [Comprehension]) -> Vec<Node<'a>> {
    parts.iter().map(|part| Node::Expr(part)).chain(generators.iter().map(Node::Comprehension)).collect()
}

/// A node and all below it, level by level, as `ast.walk` gives them.
pub(super) fn walk(node: Node<'_>) -> Vec<Node<'_>> {
    let mut found = vec![node];
    let mut at = 0;
    while let Some(next) = found.get(at).copied() {
        found.extend(children(next));
        at += 1;
    }
    found
}
