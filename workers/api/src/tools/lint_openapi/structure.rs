//! Walks a document by the tables of `shapes`: fields that are missing, unknown or of the wrong kind.

use super::Lint;
use super::rules::{OAS2_SCHEMA, OAS3_SCHEMA};
use super::shapes::{self, Kind, Names, Rest, Shape};
use crate::support::json_schema::is_format;
use crate::support::tree::{Member, NodeId, Span, Value};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Rule, suggest};
use std::collections::BTreeSet;

pub(super) fn check(lint: &mut Lint<'_>) {
    let edition = lint.edition;
    let root = if edition == shapes::V2 { &shapes::ROOT2 } else { &shapes::ROOT3 };
    let rule = if edition == shapes::V2 { &OAS2_SCHEMA } else { &OAS3_SCHEMA };
    let mut walk = Walk { lint, edition, rule, seen: BTreeSet::new() };
    let at = walk.lint.doc.root();
    walk.object(at, Span::default(), root);
    walk.version(at);
    let has_any = ["paths", "webhooks", "components"].iter().any(|key| walk.lint.doc.get(at, key).is_some());
    if edition & (shapes::V31 | shapes::V32) != 0 && !has_any {
        walk.tell(Span::default(), "the document has none of `paths`, `webhooks` and `components`".to_owned());
    }
}

struct Walk<'l, 'd> {
    lint: &'l mut Lint<'d>,
    edition: u8,
    rule: &'static Rule,
    // A node that YAML aliases put in several places is looked at once a shape.
    seen: BTreeSet<(NodeId, usize)>,
}

impl<'d> Walk<'_, 'd> {
    fn tell(&mut self, span: Span, message: String) {
        self.lint.add(self.rule, span, message);
    }

    fn version(&mut self, root: NodeId) {
        let doc = self.lint.doc;
        let key = if self.edition == shapes::V2 { "swagger" } else { "openapi" };
        let Some(member) = doc.member(root, key) else { return };
        let good = match doc.value(member.value) {
            Value::String(text) if self.edition == shapes::V2 => &**text == "2.0",
            Value::String(text) => {
                let mut parts = text.splitn(3, '.');
                let patch = parts.nth(2).unwrap_or_default();
                patch.bytes().next().is_some_and(|b| b.is_ascii_digit())
            }
            _ => false,
        };
        if !good {
            let wanted = if self.edition == shapes::V2 { "the text \"2.0\"" } else { "a text such as \"3.1.0\"" };
            self.tell(member.key_span, format!("`{key}` must be {wanted}"));
        }
    }

    fn object(&mut self, id: NodeId, span: Span, shape: &'static Shape) {
        if !self.seen.insert((id, std::ptr::from_ref(shape) as usize)) {
            return;
        }
        let doc = self.lint.doc;
        if doc.mapping(id).is_none() {
            self.tell(span, format!("{} must be an object", shape.name));
            return;
        }
        let edition = self.edition;
        for field in shape.fields.iter().filter(|field| field.required && field.editions & edition != 0) {
            if doc.get(id, field.name).is_none() {
                self.tell(span, format!("{} must have the field `{}`", shape.name, field.name));
            }
        }
        for member in doc.members(id) {
            self.member(id, member, shape);
        }
        self.rules_of(id, span, shape);
    }

    fn member(&mut self, owner: NodeId, member: &'d Member, shape: &'static Shape) {
        let known = shape.fields.iter().find(|field| field.name == &*member.key && field.editions & self.edition != 0);
        if let Some(field) = known {
            self.value(member.value, member.key_span, &field.kind, &member.key);
            return;
        }
        let extension = member.key.starts_with("x-");
        match &shape.rest {
            Rest::Open => {}
            Rest::Extensions if extension => {}
            Rest::Extensions => {
                // Beside a reference, other rules speak.
                if self.lint.doc.get_str(owner, "$ref").is_some() && shape.name != "path item" {
                    return;
                }
                let names: Vec<&str> =
                    shape.fields.iter().filter(|f| f.editions & self.edition != 0).map(|f| f.name).collect();
                let hint = suggest::nearest(&member.key, names.iter().copied())
                    .map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
                self.tell(member.key_span, format!("`{}` is no field of {}{hint}", excerpt(&member.key), shape.name));
            }
            Rest::Named(names, kind) => {
                let fits = match names {
                    Names::Any => true,
                    Names::Paths => member.key.starts_with('/'),
                    Names::Statuses => is_status(&member.key, self.edition),
                };
                if extension && *names != Names::Any {
                    return;
                }
                if fits {
                    let item = matches!(names, Names::Paths);
                    if item {
                        self.object(member.value, member.key_span, shapes::path_item(self.edition));
                    } else if !(extension && shape.name == "callback") {
                        self.value(member.value, member.key_span, kind, &member.key);
                    }
                } else {
                    let wanted = if *names == Names::Paths { "a path, which starts with `/`" } else { "a status code" };
                    self.tell(member.key_span, format!("`{}` is not {wanted}", excerpt(&member.key)));
                }
            }
        }
    }

    fn value(&mut self, id: NodeId, span: Span, kind: &'static Kind, name: &str) {
        let doc = self.lint.doc;
        let value = doc.value(id);
        let wrong = |what: &str| format!("`{}` must be {what}", excerpt(name));
        let complaint = match (kind, value) {
            (Kind::Any, _)
            | (Kind::Text, Value::String(_))
            | (Kind::Bool, Value::Bool(_))
            | (Kind::Number, Value::Number(..)) => None,
            (Kind::Text, _) => Some(wrong("a text")),
            (Kind::Bool, _) => Some(wrong("true or false")),
            (Kind::Number, _) => Some(wrong("a number")),
            (Kind::Positive, Value::Number(number, _)) if *number > 0.0 => None,
            (Kind::Positive, _) => Some(wrong("a number above 0")),
            (Kind::Count, Value::Number(number, _)) if *number >= 0.0 && number.fract() == 0.0 => None,
            (Kind::Count, _) => Some(wrong("a whole number from 0")),
            (Kind::Format(format), Value::String(_)) => {
                (!is_format(format, value)).then(|| wrong(&format!("a {format}")))
            }
            (Kind::Format(_), _) => Some(wrong("a text")),
            (Kind::OneOf(words), Value::String(text)) if words.contains(&&**text) => None,
            (Kind::OneOf(words), _) => {
                let given = doc.str(id).unwrap_or_default();
                let hint = suggest::nearest(given, words.iter().copied())
                    .map_or_else(String::new, |word| format!("; did you mean {word}?"));
                Some(wrong(&format!("one of {}{hint}", words.join(", "))))
            }
            (Kind::Object(shape), _) => {
                self.object(id, span, shape);
                None
            }
            (Kind::ObjectOrRef(shape), _) => {
                if doc.get(id, "$ref").is_some() {
                    self.reference(id, span);
                } else {
                    self.object(id, span, shape);
                }
                None
            }
            (Kind::List(inner) | Kind::Unique(inner) | Kind::Some(inner), Value::Sequence(items)) => {
                self.list(items, span, kind, inner, name);
                None
            }
            (Kind::List(_) | Kind::Unique(_) | Kind::Some(_), _) => Some(wrong("a list")),
            (Kind::Map(inner) | Kind::Single(inner), Value::Mapping(mapping)) => {
                if matches!(kind, Kind::Single(_)) && mapping.members().len() != 1 {
                    self.tell(span, format!("`{}` must have exactly one member", excerpt(name)));
                }
                for member in mapping.members() {
                    self.value(member.value, member.key_span, inner, &member.key);
                }
                None
            }
            (Kind::Map(_) | Kind::Single(_), _) => Some(wrong("an object")),
            (Kind::BoolOr(_), Value::Bool(_)) => None,
            (Kind::OneOrList(inner), Value::Sequence(items)) => {
                self.list(items, span, kind, inner, name);
                None
            }
            (Kind::BoolOr(inner) | Kind::OneOrList(inner), _) => {
                self.value(id, span, inner, name);
                None
            }
            (Kind::Schema, Value::Bool(_)) if !shapes::is_old(self.edition) => None,
            (Kind::Schema, _) => {
                if shapes::is_old(self.edition) && doc.get(id, "$ref").is_some() {
                    self.reference(id, span);
                } else {
                    self.object(id, span, shapes::schema(self.edition));
                }
                None
            }
        };
        if let Some(complaint) = complaint {
            self.tell(span, complaint);
        }
    }

    fn list(&mut self, items: &'d [NodeId], span: Span, kind: &Kind, inner: &'static Kind, name: &str) {
        let doc = self.lint.doc;
        if matches!(kind, Kind::Some(_)) && items.is_empty() {
            self.tell(span, format!("`{}` must not be empty", excerpt(name)));
        }
        let distinct = matches!(kind, Kind::Unique(_)) || (name == "required" && matches!(kind, Kind::Some(_)));
        if distinct {
            let digests: BTreeSet<u64> = items.iter().map(|item| doc.digest(*item)).collect();
            if digests.len() < items.len() {
                self.tell(span, format!("`{}` must not list an item twice", excerpt(name)));
            }
        }
        for (at, item) in items.iter().enumerate() {
            self.value(*item, doc.span(*item), inner, &format!("{name}[{at}]"));
        }
    }

    fn reference(&mut self, id: NodeId, span: Span) {
        let doc = self.lint.doc;
        let Some(member) = doc.member(id, "$ref") else { return };
        match doc.value(member.value) {
            Value::String(text) if is_format("uri-reference", doc.value(member.value)) || text.is_empty() => {}
            _ => self.tell(
                if self.edition == shapes::V2 { span } else { member.key_span },
                "`$ref` must be a URI reference".to_owned(),
            ),
        }
    }

    // What fields ask of each other.
    fn rules_of(&mut self, id: NodeId, span: Span, shape: &Shape) {
        let doc = self.lint.doc;
        let has = |key: &str| doc.get(id, key).is_some();
        match shape.name {
            "responses" if doc.members(id).iter().all(|member| member.key.starts_with("x-")) => {
                self.tell(span, "`responses` must have a response".to_owned());
            }
            "parameter" if self.edition == shapes::V2 => self.swagger_parameter(id, span),
            "parameter" | "header" => {
                if has("schema") && has("content") {
                    self.tell(span, format!("{} must not have both `schema` and `content`", shape.name));
                } else if !has("schema") && !has("content") && (shape.name != "header" || self.edition != shapes::V2) {
                    self.tell(span, format!("{} must have `schema` or `content`", shape.name));
                } else if has("content") {
                    for key in ["style", "explode", "allowReserved", "example", "examples"] {
                        if has(key) {
                            self.tell(span, format!("`{key}` says nothing beside `content`"));
                        }
                    }
                }
                if has("example") && has("examples") {
                    self.tell(span, format!("{} must not have both `example` and `examples`", shape.name));
                }
                if shape.name == "parameter" {
                    self.parameter(id, span);
                }
            }
            "media type" if has("example") && has("examples") => {
                self.tell(span, "media type must not have both `example` and `examples`".to_owned());
            }
            "link" if has("operationId") && has("operationRef") => {
                self.tell(span, "link must not have both `operationId` and `operationRef`".to_owned());
            }
            "license" if has("url") && has("identifier") => {
                self.tell(span, "license must not have both `url` and `identifier`".to_owned());
            }
            "security scheme" => self.security_scheme(id, span),
            _ => {}
        }
    }

    fn parameter(&mut self, id: NodeId, span: Span) {
        let doc = self.lint.doc;
        let place = |key: &str| doc.member(id, key).map_or(span, |member| member.key_span);
        let styles: &[&str] = match doc.get_str(id, "in") {
            Some("path") => {
                if doc.get(id, "required").is_none() {
                    self.tell(span, "a path parameter must have `required: true`".to_owned());
                } else if !doc.is_true(id, "required") {
                    self.tell(place("required"), "a path parameter must have `required: true`".to_owned());
                }
                &["matrix", "label", "simple"]
            }
            Some("query") => &["form", "spaceDelimited", "pipeDelimited", "deepObject"],
            Some("header") => &["simple"],
            Some("cookie") => &["form"],
            Some("querystring") if self.edition == shapes::V32 => return,
            Some(_) => {
                self.tell(place("in"), "`in` must be one of path, query, header, cookie".to_owned());
                return;
            }
            None => {
                self.tell(span, "parameter must have the field `in`".to_owned());
                return;
            }
        };
        if let Some(style) = doc.get_str(id, "style")
            && !styles.contains(&style)
        {
            self.tell(place("style"), format!("`style` must be one of {}", styles.join(", ")));
        }
    }

    fn swagger_parameter(&mut self, id: NodeId, span: Span) {
        let doc = self.lint.doc;
        let has = |key: &str| doc.get(id, key).is_some();
        match doc.get_str(id, "in") {
            Some("body") => {
                if !has("schema") {
                    self.tell(span, "a body parameter must have `schema`".to_owned());
                }
                for member in doc.members(id) {
                    let known = matches!(&*member.key, "name" | "in" | "description" | "required" | "schema");
                    if !known && !member.key.starts_with("x-") {
                        self.tell(
                            member.key_span,
                            format!("`{}` is no field of a body parameter", excerpt(&member.key)),
                        );
                    }
                }
            }
            Some(location) => {
                if location == "path" && !doc.is_true(id, "required") {
                    self.tell(span, "a path parameter must have `required: true`".to_owned());
                }
                if !has("type") {
                    self.tell(span, "parameter must have the field `type`".to_owned());
                }
                if let Some(member) = doc.member(id, "schema") {
                    self.tell(member.key_span, "`schema` is a field of body parameters alone".to_owned());
                }
                if doc.get_str(id, "type") == Some("file") && location != "formData" {
                    self.tell(span, "only a form has files".to_owned());
                }
            }
            None => {}
        }
    }

    fn security_scheme(&mut self, id: NodeId, span: Span) {
        let doc = self.lint.doc;
        let needs: &[&str] = match (doc.get_str(id, "type"), doc.get_str(id, "flow")) {
            (Some("apiKey"), _) => &["name", "in"],
            (Some("http"), _) => &["scheme"],
            (Some("oauth2"), _) if self.edition != shapes::V2 => &["flows"],
            (Some("oauth2"), Some("implicit")) => &["authorizationUrl"],
            (Some("oauth2"), Some("accessCode")) => &["authorizationUrl", "tokenUrl"],
            (Some("oauth2"), Some("password" | "application")) => &["tokenUrl"],
            (Some("oauth2"), None) => &["flow"],
            (Some("openIdConnect"), _) => &["openIdConnectUrl"],
            (None, _) if self.edition != shapes::V2 && doc.get(id, "type").is_none() => &["type"],
            _ => &[],
        };
        for key in needs {
            if doc.get(id, key).is_none() {
                self.tell(span, format!("security scheme must have the field `{key}`"));
            }
        }
    }
}

fn is_status(key: &str, edition: u8) -> bool {
    let bytes = key.as_bytes();
    let [class, rest @ ..] = bytes else { return false };
    let digits = rest.len() == 2 && rest.iter().all(u8::is_ascii_digit);
    if edition == shapes::V2 {
        return class.is_ascii_digit() && digits;
    }
    matches!(class, b'1'..=b'5') && (digits || rest == b"XX")
}
