//! What a file exports, and what the declarations that it exports are made of.

use super::source::{Export, ExportMember, Source, range};
use oxc_ast::ast::{
    ArrowFunctionBody, BindingPattern, Declaration, Expression, FunctionBody, IdentifierReference, ModuleDeclaration,
    Statement, TSEnumMemberName, TSNamespaceDeclaration, TSNamespaceDeclarationBody, VariableDeclarator,
};
use oxc_ast_visit::Visit;
use oxc_span::{GetSpan, Span};
use oxc_syntax::module_record::{ExportExportName, ExportImportName, ExportLocalName};
use std::collections::{BTreeMap, BTreeSet};

/// Most members of one enum or namespace.
const MAX_MEMBERS: usize = 2_000;

pub(super) fn read_exports(
    parsed: &oxc_parser::ParserReturn<'_>,
    text: &str,
    types: &BTreeSet<String>,
    members: &mut BTreeMap<String, Vec<ExportMember>>,
    source: &mut Source,
) {
    let record = &parsed.module_record;
    let marks = public_marks(&parsed.program.comments, text);
    let is_public = |statement: Span, own: Span| marks.contains(&statement.start) || marks.contains(&own.start);
    let declared: BTreeSet<String> = parsed.program.body.iter().flat_map(declared).collect();
    let repeated: BTreeMap<&str, &str> = parsed.program.body.iter().filter_map(repetition).flatten().collect();
    for entry in &record.local_export_entries {
        let Some((name, span)) = exported_name(&entry.export_name) else { continue };
        let local = match &entry.local_name {
            ExportLocalName::Name(local) | ExportLocalName::Default(local) => local.name.to_string(),
            ExportLocalName::Null => name.clone(),
        };
        let is_type = entry.is_type || types.contains(&local);
        let is_public = is_public(entry.statement_span, span);
        let members = members.get(&local).cloned().unwrap_or_default();
        let is_enum = members.iter().any(|member| member.is_of_enum);
        // Overloads and merged declarations are one export.
        if let Some(known) = source.exports.iter_mut().find(|known| known.name == name) {
            known.is_public |= is_public;
            continue;
        }
        let repeats = repeated.get(name.as_str()).map(|original| (*original).to_owned());
        source.exports.push(Export {
            span: range(span),
            is_type,
            from: None,
            is_public,
            is_declared: declared.contains(&name) || repeats.is_some(),
            name,
            local,
            repeats,
            members,
            is_enum,
        });
    }
    let mut pass_on = |name: String, span: Span, statement: Span, is_type: bool, from: (String, String)| {
        source.exports.push(Export {
            local: String::new(),
            repeats: None,
            is_declared: false,
            name,
            span: range(span),
            is_type,
            from: Some(from),
            is_public: is_public(statement, span),
            members: Vec::new(),
            is_enum: false,
        });
    };
    for entry in &record.indirect_export_entries {
        let Some((name, span)) = exported_name(&entry.export_name) else { continue };
        let Some(request) = &entry.module_request else { continue };
        let original = match &entry.import_name {
            ExportImportName::Name(name) => name.name.to_string(),
            ExportImportName::All | ExportImportName::AllButDefault => "*".to_owned(),
            ExportImportName::Null => name.clone(),
        };
        pass_on(name, span, entry.statement_span, entry.is_type, (request.name.to_string(), original));
    }
    for entry in &record.star_export_entries {
        let (Some(request), ExportExportName::Name(name)) = (&entry.module_request, &entry.export_name) else {
            continue;
        };
        let from = (request.name.to_string(), "*".to_owned());
        pass_on(name.name.to_string(), name.span, entry.statement_span, entry.is_type, from);
    }
    for entry in &record.star_export_entries {
        if let (Some(request), ExportExportName::Null | ExportExportName::Default(_)) =
            (&entry.module_request, &entry.export_name)
        {
            source.stars.push(request.name.to_string());
        }
    }
}

// The names that a statement exports by declaring them.
fn declared(statement: &Statement<'_>) -> Vec<String> {
    let Some(ModuleDeclaration::ExportDeclaration(export)) = statement.as_module_declaration() else {
        return Vec::new();
    };
    match &export.declaration {
        Declaration::VariableDeclaration(variables) => {
            let name = |one: &VariableDeclarator<'_>| match &one.id {
                BindingPattern::BindingIdentifier(id) => Some(id.name.to_string()),
                _ => None,
            };
            variables.declarations.iter().filter_map(name).collect()
        }
        declaration => declaration.id().map(|id| id.name.to_string()).into_iter().collect(),
    }
}

// The types in the signatures of exported functions and classes: whoever uses these uses them too.
pub(super) fn note_signature(statement: &Statement<'_>, found: &mut BTreeMap<String, BTreeSet<String>>) {
    let declaration = match statement.as_module_declaration() {
        Some(ModuleDeclaration::ExportDeclaration(export)) => &export.declaration,
        _ => match statement.as_declaration() {
            Some(declaration) => declaration,
            None => return,
        },
    };
    let mut note = |name: &str, names: TypeNames| found.entry(name.to_owned()).or_default().extend(names.0);
    match declaration {
        Declaration::FunctionDeclaration(function) => {
            let mut names = TypeNames::default();
            names.visit_formal_parameters(&function.params);
            function.return_type.iter().for_each(|kind| names.visit_ts_type_annotation(kind));
            function.type_parameters.iter().for_each(|kind| names.visit_ts_type_parameter_declaration(kind));
            function.id.iter().for_each(|id| note(&id.name, std::mem::take(&mut names)));
        }
        Declaration::ClassDeclaration(class) => {
            let mut names = TypeNames::default();
            names.visit_class(class);
            class.id.iter().for_each(|id| note(&id.name, std::mem::take(&mut names)));
        }
        Declaration::VariableDeclaration(variables) => {
            for declarator in &variables.declarations {
                let BindingPattern::BindingIdentifier(id) = &declarator.id else { continue };
                let mut names = TypeNames::default();
                declarator.type_annotation.iter().for_each(|kind| names.visit_ts_type_annotation(kind));
                if let Some(init @ (Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_))) =
                    &declarator.init
                {
                    names.visit_expression(init);
                }
                note(&id.name, names);
            }
        }
        _ => {}
    }
}

// Names of types, and of values by `typeof`; bodies of functions are left out.
#[derive(Default)]
pub(super) struct TypeNames(pub(super) BTreeSet<String>);

impl<'a> Visit<'a> for TypeNames {
    fn visit_function_body(&mut self, _: &FunctionBody<'a>) {}

    fn visit_arrow_function_body(&mut self, _: &ArrowFunctionBody<'a>) {}

    fn visit_identifier_reference(&mut self, reference: &IdentifierReference<'a>) {
        self.0.insert(reference.name.to_string());
    }
}

// Exports that only repeat another: their names, and the other's.
fn repetition<'s>(statement: &'s Statement<'_>) -> Option<Vec<(&'s str, &'s str)>> {
    match statement.as_module_declaration()? {
        ModuleDeclaration::ExportDefaultDeclaration(export) => match export.declaration.as_expression()? {
            Expression::Identifier(original) => Some(vec![("default", original.name.as_str())]),
            _ => None,
        },
        ModuleDeclaration::ExportDeclaration(export) => match &export.declaration {
            Declaration::VariableDeclaration(variables) => {
                let pair = |one: &'s VariableDeclarator<'_>| match (&one.id, &one.init) {
                    (BindingPattern::BindingIdentifier(name), Some(Expression::Identifier(original))) => {
                        Some((name.name.as_str(), original.name.as_str()))
                    }
                    _ => None,
                };
                Some(variables.declarations.iter().filter_map(pair).collect())
            }
            _ => None,
        },
        _ => None,
    }
}

fn exported_name(name: &ExportExportName<'_>) -> Option<(String, Span)> {
    match name {
        ExportExportName::Name(name) => Some((name.name.to_string(), name.span)),
        ExportExportName::Default(span) => Some(("default".to_owned(), *span)),
        ExportExportName::Null => None,
    }
}

// Where comments stand that say an export is for others.
fn public_marks(comments: &[oxc_ast::ast::Comment], text: &str) -> BTreeSet<u32> {
    const MARKS: &[&str] = &["@public", "@beta", "@alias", "@lintignore"];
    let says = |comment: &&oxc_ast::ast::Comment| {
        text.get(range(comment.span)).is_some_and(|text| MARKS.iter().any(|mark| text.contains(mark)))
    };
    comments.iter().filter(says).map(|comment| comment.attached_to).collect()
}

// Which names are types, and the members of enums and namespaces.
pub(super) fn note_declaration(
    statement: &Statement<'_>,
    text: &str,
    comments: &[oxc_ast::ast::Comment],
    types: &mut BTreeSet<String>,
    members: &mut BTreeMap<String, Vec<ExportMember>>,
) {
    let declaration = match statement.as_module_declaration() {
        Some(ModuleDeclaration::ExportDeclaration(export)) => Some(&export.declaration),
        _ => statement.as_declaration(),
    };
    match declaration {
        Some(Declaration::TSInterfaceDeclaration(interface)) => {
            types.insert(interface.id.name.to_string());
        }
        Some(Declaration::TSTypeAliasDeclaration(alias)) => {
            types.insert(alias.id.name.to_string());
        }
        Some(Declaration::TSEnumDeclaration(declaration)) => {
            types.insert(declaration.id.name.to_string());
            let own = members.entry(declaration.id.name.to_string()).or_default();
            for member in &declaration.body.members {
                let name = match &member.id {
                    TSEnumMemberName::Identifier(name) => name.name.to_string(),
                    TSEnumMemberName::String(name) | TSEnumMemberName::ComputedString(name) => name.value.to_string(),
                    TSEnumMemberName::ComputedTemplateString(_) => continue,
                };
                if own.len() < MAX_MEMBERS {
                    own.push(ExportMember { name, span: range(member.id.span()), is_of_enum: true });
                }
            }
        }
        Some(Declaration::TSNamespaceDeclaration(declaration)) => {
            let marks = public_marks(comments, text);
            let mut own = Vec::new();
            note_namespace(declaration, "", &marks, &mut own, 0);
            let is_enum = members.get(declaration.id.name.as_str()).is_some();
            own.iter_mut().for_each(|member| member.is_of_enum = is_enum);
            members.entry(declaration.id.name.to_string()).or_default().extend(own);
        }
        _ => {}
    }
}

fn note_namespace(
    declaration: &TSNamespaceDeclaration<'_>,
    prefix: &str,
    marks: &BTreeSet<u32>,
    found: &mut Vec<ExportMember>,
    depth: usize,
) {
    let TSNamespaceDeclarationBody::TSModuleBlock(block) = &declaration.body else { return };
    for statement in &block.body {
        let Some(ModuleDeclaration::ExportDeclaration(export)) = statement.as_module_declaration() else { continue };
        let mut ids: Vec<(String, Span)> = Vec::new();
        match &export.declaration {
            Declaration::VariableDeclaration(variables) => {
                for declarator in &variables.declarations {
                    if let BindingPattern::BindingIdentifier(id) = &declarator.id {
                        ids.push((id.name.to_string(), id.span));
                    }
                }
            }
            Declaration::FunctionDeclaration(function) => {
                ids.extend(function.id.iter().map(|id| (id.name.to_string(), id.span)));
            }
            Declaration::ClassDeclaration(class) => {
                ids.extend(class.id.iter().map(|id| (id.name.to_string(), id.span)));
            }
            Declaration::TSTypeAliasDeclaration(alias) => ids.push((alias.id.name.to_string(), alias.id.span)),
            Declaration::TSInterfaceDeclaration(one) => ids.push((one.id.name.to_string(), one.id.span)),
            Declaration::TSEnumDeclaration(one) => ids.push((one.id.name.to_string(), one.id.span)),
            Declaration::TSNamespaceDeclaration(inner) => {
                if depth < 8 {
                    note_namespace(inner, &format!("{prefix}{}.", inner.id.name), marks, found, depth + 1);
                }
            }
            Declaration::TSExternalModuleDeclaration(_)
            | Declaration::TSGlobalDeclaration(_)
            | Declaration::TSImportEqualsDeclaration(_) => {}
        }
        for (name, span) in ids {
            let name = format!("{prefix}{name}");
            let is_public = marks.contains(&export.span.start);
            let known = found.iter().position(|member| member.name == name);
            match known {
                // One overload that is for others is enough.
                Some(at) if is_public => {
                    found.remove(at);
                }
                None if !is_public && found.len() < MAX_MEMBERS => {
                    found.push(ExportMember { name, span: range(span), is_of_enum: false });
                }
                Some(_) | None => {}
            }
        }
    }
}
