//! Commands that a file runs: what a module's functions are given to run.

use super::{
    CallExpression, Export, Expression, MemberExpression, ObjectPropertyKind, SourceReader, Span, argument, is_require,
    property_span, range, text_of,
};

/// Functions that run commands: the module, the name there, and how a command is given: as a text, as a program with a list
/// of arguments, as a template, as a script of Node.js.
const RUNNERS: &[(&str, &str, &str)] = &[
    ("child_process", "exec", "text"),
    ("child_process", "execSync", "text"),
    ("child_process", "spawn", "list"),
    ("child_process", "spawnSync", "list"),
    ("child_process", "execFile", "list"),
    ("child_process", "execFileSync", "list"),
    ("child_process", "fork", "script"),
    ("execa", "execa", "list"),
    ("execa", "execaSync", "list"),
    ("execa", "execaCommand", "text"),
    ("execa", "execaCommandSync", "text"),
    ("execa", "execaNode", "script"),
    ("execa", "$", "template"),
    ("zx", "$", "template"),
    ("bun", "$", "template"),
];

impl SourceReader {
    pub(super) fn note_runners(&mut self) {
        for (local, one) in &self.namespaces {
            let module = one.specifier.strip_prefix("node:").unwrap_or(&one.specifier);
            let imported = one.imported.as_deref().unwrap_or_default();
            let known = RUNNERS.iter().find(|(source, name, _)| *source == module && *name == imported);
            self.runners.extend(known.map(|(.., how)| (local.clone(), *how)));
        }
    }

    pub(super) fn note_command(&mut self, function: &str, call: &CallExpression<'_>) {
        let Some(how) = self.runners.get(function) else { return };
        let Some((first, span)) = argument(call) else { return };
        let list = match call.arguments.get(1).and_then(|one| one.as_expression()) {
            Some(Expression::ArrayExpression(list)) => {
                let words = list
                    .elements
                    .iter()
                    .map(|one| one.as_expression().and_then(text_of).map_or("$x", |(text, _)| text));
                words.fold(String::new(), |list, word| list + " '" + &word.replace('\'', "") + "'")
            }
            _ => String::new(),
        };
        let text = match *how {
            "text" | "template" => first.to_owned(),
            "script" => format!("node '{first}'{list}"),
            _ => format!("{first}{list}"),
        };
        self.source.commands.push((text, range(span)));
    }

    pub(super) fn note_exports(&mut self, name: Option<&str>, target: &MemberExpression<'_>, value: &Expression<'_>) {
        let export = |name: &str, span: Span, from: Option<(String, String)>| Export {
            name: name.to_owned(),
            span: range(span),
            is_type: false,
            from,
            is_public: false,
            local: String::new(),
            repeats: None,
            is_declared: false,
            members: Vec::new(),
            is_enum: false,
        };
        let mut found = Vec::new();
        match (name, value.get_inner_expression()) {
            (Some(name), value) => {
                let from = value.as_member_expression().and_then(|member| {
                    let (specifier, _) = Self::loaded(member.object())?;
                    Some((specifier.to_owned(), member.static_property_name()?.to_owned()))
                });
                found.push(export(name, property_span(target), from));
            }
            (None, Expression::CallExpression(call)) if is_require(call) => {
                self.source.stars.extend(argument(call).map(|(specifier, _)| specifier.to_owned()));
            }
            (None, Expression::ObjectExpression(object)) => {
                let shorthand = |property: &ObjectPropertyKind<'_>| match property {
                    ObjectPropertyKind::ObjectProperty(property) if property.shorthand => {
                        property.key.static_name().map(|name| (name.to_string(), property.span))
                    }
                    _ => None,
                };
                let names: Option<Vec<(String, Span)>> = object.properties.iter().map(shorthand).collect();
                found.extend(names.into_iter().flatten().map(|(name, span)| export(&name, span, None)));
            }
            (None, _) => {}
        }
        for export in found {
            if !self.source.exports.iter().any(|known| known.name == export.name) {
                self.source.exports.push(export);
            }
        }
    }
}
