//! Puts the elements of JSX and TSX into the same document as HTML, and leaves open what expressions decide.

use crate::support::html::{Attribute, AttributeValue, Document, Element, LocalName, NodeId, NodeKind, QualName, ROOT};
use crate::support::script_depth::too_deep;
use html5ever::ns;
use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Expression, JSXAttributeItem, JSXAttributeName, JSXAttributeValue, JSXChild, JSXElement, JSXElementName,
    JSXExpression, JSXFragment,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_span::{GetSpan, SourceType, Span};
use std::ops::Range;

/// Reads a component; an error is a sentence fragment with where it is.
pub(super) fn read(source: &str, path: &str) -> Result<Document, (String, Range<usize>)> {
    let extension = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let kind = match extension.as_str() {
        "ts" => SourceType::ts(),
        "tsx" => SourceType::tsx(),
        _ => SourceType::jsx(),
    };
    if let Some(at) = too_deep(source, kind) {
        return Err(("the source nests too deeply to be read".to_owned(), at..at));
    }
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, kind).parse();
    if parsed.panicked {
        let error = parsed.diagnostics.first();
        let at = error.and_then(|error| error.labels.first()).map_or(0, |label| label.offset() as usize);
        let what = error.map_or_else(|| "unreadable".to_owned(), |error| error.message.to_string());
        return Err((format!("the source does not parse: {}", octavo_toolkit::limits::excerpt(&what)), at..at));
    }
    let mut reader = Reader { document: Document::default(), parent: ROOT, in_svg: false };
    reader.visit_program(&parsed.program);
    Ok(reader.document)
}

struct Reader {
    document: Document,
    parent: NodeId,
    in_svg: bool,
}

fn bytes(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

// What an expression is, where it is written out.
fn literal(expression: &Expression<'_>) -> Option<String> {
    match expression {
        Expression::StringLiteral(text) => Some(text.value.to_string()),
        Expression::NumericLiteral(number) => Some(number.value.to_string()),
        Expression::BooleanLiteral(word) => Some(word.value.to_string()),
        Expression::NullLiteral(_) => Some("null".to_owned()),
        Expression::TemplateLiteral(template) if template.expressions.is_empty() => {
            template.quasis.first().map(|part| part.value.raw.to_string())
        }
        Expression::UnaryExpression(unary) => match &unary.argument {
            Expression::NumericLiteral(number) if unary.operator.as_str() == "-" => Some(format!("-{}", number.value)),
            _ => None,
        },
        Expression::ParenthesizedExpression(inner) => literal(&inner.expression),
        _ => None,
    }
}

// HTML's name of what React names otherwise.
fn html_name(name: &str) -> String {
    match name {
        "className" => "class".to_owned(),
        "htmlFor" => "for".to_owned(),
        "httpEquiv" => "http-equiv".to_owned(),
        "defaultValue" => "value".to_owned(),
        "defaultChecked" => "checked".to_owned(),
        _ => name.to_ascii_lowercase(),
    }
}

fn text_of(value: &str) -> String {
    value
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
}

impl Reader {
    fn attribute(element: &mut Element, item: &JSXAttributeItem<'_>) {
        let JSXAttributeItem::Attribute(attribute) = item else {
            element.open_ended = true;
            return;
        };
        let (written, name_span) = match &attribute.name {
            JSXAttributeName::Identifier(name) => (name.name.to_string(), bytes(name.span)),
            JSXAttributeName::NamespacedName(name) => {
                (format!("{}:{}", name.namespace.name, name.name.name), bytes(name.span))
            }
        };
        if matches!(written.as_str(), "dangerouslySetInnerHTML" | "children" | "ref" | "key") {
            return;
        }
        let name = html_name(&written);
        let (value, value_span) = match &attribute.value {
            None if name.starts_with("aria-") => {
                (AttributeValue::Text("true".to_owned()), name_span.end..name_span.end)
            }
            None => (AttributeValue::Text(String::new()), name_span.end..name_span.end),
            Some(JSXAttributeValue::StringLiteral(text)) => {
                (AttributeValue::Text(text_of(&text.value)), bytes(text.span))
            }
            Some(JSXAttributeValue::ExpressionContainer(container)) => {
                let known = container.expression.as_expression().and_then(literal);
                let span = bytes(container.span);
                match known.as_deref() {
                    // As React leaves them out.
                    Some("null") => return,
                    Some("false") if !name.starts_with("aria-") => return,
                    Some("true") if !name.starts_with("aria-") => (AttributeValue::Text(String::new()), span),
                    Some(text) => (AttributeValue::Text(text.to_owned()), span),
                    None => (AttributeValue::Unknown, span),
                }
            }
            Some(JSXAttributeValue::Element(_) | JSXAttributeValue::Fragment(_)) => {
                (AttributeValue::Unknown, name_span.end..name_span.end)
            }
        };
        let name = LocalName::from(name);
        if element.attributes.iter().all(|known| known.name != name) {
            element.attributes.push(Attribute { name, value, name_span, value_span });
        }
    }

    fn child(&mut self, child: &JSXChild<'_>) {
        match child {
            JSXChild::Text(text) => {
                let kept = text_of(&text.value);
                // Space with a line break in it is layout of the source.
                if !kept.trim().is_empty() || !kept.contains('\n') {
                    let node = self.document.create(NodeKind::Text(kept), bytes(text.span));
                    self.document.append(self.parent, node);
                }
            }
            JSXChild::Element(element) => self.visit_jsx_element(element),
            JSXChild::Fragment(fragment) => self.visit_jsx_fragment(fragment),
            JSXChild::ExpressionContainer(container) => match &container.expression {
                JSXExpression::EmptyExpression(_) => {}
                expression => {
                    let known = expression.as_expression().and_then(literal);
                    match known {
                        Some(text) if matches!(text.as_str(), "null" | "false" | "true") => {}
                        Some(text) => {
                            let node = self.document.create(NodeKind::Text(text), bytes(container.span));
                            self.document.append(self.parent, node);
                        }
                        None => self.unknown(container.span, |reader| walk::walk_jsx_expression(reader, expression)),
                    }
                }
            },
            JSXChild::Spread(spread) => {
                self.unknown(spread.span, |reader| reader.visit_expression(&spread.expression));
            }
        }
    }

    // What only running it shows, with the elements that are written in it.
    fn unknown(&mut self, span: Span, read: impl FnOnce(&mut Self)) {
        let node = self.document.create(NodeKind::Unknown, bytes(span));
        self.document.append(self.parent, node);
        let parent = std::mem::replace(&mut self.parent, node);
        read(self);
        self.parent = parent;
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_jsx_element(&mut self, element: &JSXElement<'a>) {
        let opening = &element.opening_element;
        let (name, is_component) = match &opening.name {
            JSXElementName::Identifier(name) => (name.name.to_string(), false),
            other => (other.to_string(), true),
        };
        let in_svg = self.in_svg || name == "svg";
        let namespace = match (is_component, in_svg) {
            (true, _) => ns!(),
            (false, true) => ns!(svg),
            (false, false) => ns!(html),
        };
        let mut made = Element {
            name: QualName::new(None, namespace, LocalName::from(name.as_str())),
            attributes: Vec::new(),
            start_tag: Some(bytes(opening.span)),
            end_tag: element.closing_element.as_ref().map(|closing| bytes(closing.span)),
            contents: None,
            repeated: false,
            open_ended: false,
        };
        let mut holds_more = false;
        for item in &opening.attributes {
            if let JSXAttributeItem::Attribute(attribute) = item
                && let JSXAttributeName::Identifier(name) = &attribute.name
                && matches!(name.name.as_str(), "dangerouslySetInnerHTML" | "children")
            {
                holds_more = true;
            }
            Self::attribute(&mut made, item);
        }
        let open_ended = made.open_ended;
        let node = self.document.create(NodeKind::Element(made), bytes(opening.span));
        self.document.append(self.parent, node);
        // Elements in attributes are put somewhere, no one knows where.
        let parent = std::mem::replace(&mut self.parent, ROOT);
        for item in &opening.attributes {
            self.unknown(item.span(), |reader| walk::walk_jsx_attribute_item(reader, item));
        }
        self.parent = node;
        let was_in_svg = std::mem::replace(&mut self.in_svg, in_svg && name != "foreignObject");
        for child in &element.children {
            self.child(child);
        }
        if holds_more || open_ended && element.children.is_empty() {
            self.unknown(opening.span, |_| {});
        }
        self.in_svg = was_in_svg;
        self.parent = parent;
    }

    fn visit_jsx_fragment(&mut self, fragment: &JSXFragment<'a>) {
        for child in &fragment.children {
            self.child(child);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_stay_open() {
        let source = "const A = () => <><ul className='x' {...p}>{items.map(i => <li key={i} tabIndex={-1} hidden={false} \
                      title={t}>{'a'}{`b`}{i}</li>)}</ul><Foo.Bar icon={<img/>}/>text</>;";
        let document = read(source, "a.tsx").expect("parses");
        let li = document.find("li").expect("an item");
        assert!(matches!(document.parent(li).map(|at| document.kind(at)), Some(NodeKind::Unknown)));
        assert_eq!(document.attr(li, "tabindex"), Some("-1"));
        assert!(!document.has_attr(li, "hidden") && document.has_attr(li, "title"));
        assert_eq!(document.attr(li, "title"), None);
        assert_eq!(document.text_content(li), "ab");
        let ul = document.find("ul").expect("a list");
        assert!(document.element(ul).is_some_and(|it| it.open_ended));
        assert_eq!(document.attr(ul, "class"), Some("x"));
        assert!(document.find("img").is_some());
        assert!(read("<a", "a.jsx").is_err());
        assert!(read(&"<a>".repeat(5_000), "a.jsx").is_err());
    }
}
