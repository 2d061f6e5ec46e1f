//! What names stand for, and what calls and attributes of them need.

use super::{
    Expr, ExprCall, ExprContext, Keyword, Node, Ranged, Scan, Since, TextRange, children, constant_type, directives,
    has_automatic_field, is_builtin_type, is_int, is_negative_int, tables, walk,
};

impl Scan<'_> {
    pub(super) fn define_targets(&mut self, target: &Expr) {
        let mut work = vec![Node::Expr(target)];
        while let Some(node) = work.pop() {
            match node {
                Node::Expr(Expr::Subscript(_) | Expr::Attribute(_)) => {}
                Node::Expr(Expr::Name(name)) => {
                    if name.ctx == ExprContext::Store {
                        self.defined.insert(name.id.to_string());
                    }
                }
                node => work.extend(children(node)),
            }
        }
    }

    pub(super) fn names_as_members(&mut self, expr: &Expr) {
        for node in walk(Node::Expr(expr)) {
            if let Node::Expr(Expr::Name(name)) = node {
                self.add_member(name.id.as_str(), name.range());
            }
        }
    }

    pub(super) fn resolve_assigned(&mut self, targets: &[&Expr], value: &Expr) {
        let mut type_name = None;
        let value_name = match value {
            Expr::Call(call) => match &*call.func {
                Expr::Name(name) => Some(name.id.to_string()),
                func @ Expr::Attribute(_) => Some(self.dotted(func).join(".")),
                _ => None,
            },
            Expr::Attribute(_) => Some(self.dotted(value).join(".")),
            Expr::Dict(_) => Some("dict".to_owned()),
            Expr::Set(_) => Some("set".to_owned()),
            Expr::List(_) => Some("list".to_owned()),
            Expr::NoneLiteral(_) => {
                type_name = Some("None".to_owned());
                None
            }
            Expr::Name(name) => {
                type_name = Some(name.id.to_string());
                None
            }
            value => constant_type(value).map(str::to_owned),
        };
        for target in targets {
            let Expr::Name(target) = target else { continue };
            let target = target.id.to_string();
            if let Some(value) = &value_name {
                self.resolved.insert(target, value.clone());
            } else if let Some(name) = &type_name {
                self.types.entry(target).or_default().insert(name.clone());
            }
        }
    }

    // The dotted name of an attribute chain, whatever stands in it: `str.join` of `",".join(x)`.
    pub(super) fn dotted(&self, expr: &Expr) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut of_primitive = false;
        let fits = |names: &[String], name: &str| {
            names.is_empty() || names.first().is_some_and(|first| first != name) && names.len() == 1
        };
        let differs = |names: &[String], name: &str| {
            names.is_empty()
                || names.first().is_some_and(|first| first != name) && names.last().is_some_and(|last| last != name)
        };
        for node in walk(Node::Expr(expr)) {
            of_primitive |= names.first().is_some_and(|first| is_builtin_type(first));
            match node {
                Node::Expr(Expr::Attribute(attribute)) => {
                    names.push(attribute.attr.to_string());
                    if let Expr::Name(name) = &*attribute.value {
                        let name = name.id.to_string();
                        names.push(self.alias_of.get(&name).cloned().unwrap_or(name));
                    }
                }
                Node::Expr(Expr::Call(call)) => {
                    names.extend(call.func.as_name_expr().map(|name| name.id.to_string()));
                }
                _ if of_primitive => {}
                Node::Expr(Expr::Dict(_)) if differs(&names, "dict") => names.push("dict".to_owned()),
                Node::Expr(Expr::Set(_)) if differs(&names, "set") => names.push("set".to_owned()),
                Node::Expr(Expr::List(_)) if differs(&names, "list") => names.push("list".to_owned()),
                Node::Text if fits(&names, "str") => names.push("str".to_owned()),
                Node::Expr(inner) => {
                    if let Some(name) = constant_type(inner).filter(|name| fits(&names, name)) {
                        names.push(name.to_owned());
                    }
                }
                _ => {}
            }
        }
        names.reverse();
        names
    }

    pub(super) fn full_name(&self, expr: &Expr) -> String {
        let name = match expr {
            Expr::Name(name) => name.id.to_string(),
            Expr::Call(call) => match &*call.func {
                Expr::Name(name) => name.id.to_string(),
                _ => return String::new(),
            },
            Expr::Attribute(_) => self.dotted(expr).join("."),
            _ => return String::new(),
        };
        let name = self.resolved.get(&name).cloned().unwrap_or(name);
        if let Some(full) = self.alias_of.get(&name) {
            return full.clone();
        }
        match self.member_of.get(&name) {
            Some(module) => format!("{module}.{name}"),
            None => name,
        }
    }

    pub(super) fn is_dict(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Dict(_) => true,
            Expr::Name(name) => self.resolved.get(name.id.as_str()).is_some_and(|value| value == "dict"),
            Expr::Call(call) => match &*call.func {
                Expr::Name(name) => name.id == "dict",
                Expr::Lambda(lambda) => self.is_dict(&lambda.body),
                _ => false,
            },
            Expr::Subscript(subscript) => {
                let Expr::NumberLiteral(number) = &*subscript.slice else { return false };
                let ruff_python_ast::Number::Int(at) = &number.value else { return false };
                let Some(at) = at.as_usize() else { return false };
                let item = match &*subscript.value {
                    Expr::List(list) => list.elts.get(at),
                    Expr::Tuple(tuple) => tuple.elts.get(at),
                    Expr::Set(set) => set.elts.get(at),
                    Expr::Dict(dict) => dict.items.get(at).map(|item| &item.value),
                    _ => None,
                };
                item.is_some_and(|item| self.is_dict(item))
            }
            _ => false,
        }
    }

    pub(super) fn attribute(&mut self, expr: &Expr) {
        let range = expr.range();
        let names = self.dotted(expr);
        if let Some((first, rest)) = names.split_first() {
            let dotted = names.join(".");
            let others = self.modules.iter().any(|(module, _)| module != first);
            if self.modules.iter().any(|(module, _)| module == first) {
                self.add_module(&dotted, range);
            }
            if others && let Some(module) = self.member_of.get(first) {
                let full = format!("{module}.{dotted}");
                self.add_member(&full, range);
            }
            self.add_member(&dotted, range);
            if let Some(value) = self.resolved.get(first).cloned() {
                let tail =
                    |head: String| std::iter::once(head).chain(rest.iter().cloned()).collect::<Vec<_>>().join(".");
                match self.member_of.get(&value) {
                    Some(module) => self.add_member(&tail(format!("{module}.{value}")), range),
                    None => self.add_member(&tail(value.clone()), range),
                }
                let mut parts = value.split('.');
                if let Some(outer) = parts.next().and_then(|first| self.resolved.get(first)).cloned() {
                    let inner: Vec<&str> = parts.collect();
                    let head = std::iter::once(outer.as_str()).chain(inner).collect::<Vec<_>>().join(".");
                    self.add_member(&tail(head), range);
                }
            }
        }
        self.below(expr);
    }

    pub(super) fn keyword(&mut self, keyword: &Keyword) {
        if let Some(name) = &keyword.arg {
            for function in self.functions.clone() {
                self.keyword_of(&function, name.as_str(), keyword.range());
            }
        }
        self.expr(&keyword.value);
    }

    pub(super) fn keyword_of(&mut self, function: &str, keyword: &str, range: TextRange) {
        let parts: Vec<&str> = function.split('.').collect();
        let Some((first, rest)) = parts.split_first() else { return };
        let full = match (self.member_of.get(function), self.member_of.get(*first), self.resolved.get(*first)) {
            (Some(module), _, _) | (None, Some(module), _) => format!("{module}.{function}"),
            (None, None, Some(value)) => self.behind(value, rest),
            (None, None, None) => function.to_owned(),
        };
        self.add_keyword(&full, keyword, range);
        // `Path.cwd().exists(...)`: the calls between the receiver and the method are left out.
        let Some((method, before)) = parts.split_last().filter(|_| parts.len() > 2) else { return };
        for end in (1..=before.len()).rev() {
            let Some(receiver) = before.get(..end) else { continue };
            let Some((first, middle)) = receiver.split_first() else { continue };
            let tail: Vec<&str> = middle.iter().copied().chain([*method]).collect();
            let name = if let Some(module) = self.member_of.get(*first) {
                format!("{module}.{first}.{}", tail.join("."))
            } else if let Some(value) = self.resolved.get(*first) {
                self.behind(value, &tail)
            } else {
                format!("{first}.{}", tail.join("."))
            };
            if self.tables.keyword(&name, keyword).is_some() {
                self.add_keyword(&name, keyword, range);
                break;
            }
        }
    }

    // A resolved name in full, with what is taken from it.
    pub(super) fn behind(&self, value: &str, rest: &[&str]) -> String {
        let module = self.member_of.get(value).map(String::as_str);
        module.into_iter().chain([value]).chain(rest.iter().copied()).collect::<Vec<_>>().join(".")
    }

    pub(super) fn call(&mut self, call: &ExprCall) {
        let range = call.range();
        match &*call.func {
            Expr::Name(name) => {
                let id = name.id.as_str();
                self.functions.push(id.to_owned());
                self.add_member(id, name.range());
                let full = match (self.member_of.get(id), self.alias_of.get(id)) {
                    (Some(module), _) => Some(format!("{module}.{id}")),
                    (None, Some(full)) => Some(full.clone()),
                    (None, None) => None,
                };
                if let Some(full) = full {
                    self.codecs(&full, call);
                }
                let is_array = id == "array" || self.alias_of.get(id).is_some_and(|full| full == "array.array");
                match id {
                    "print" => self.need(Since::both(0, 0), "`print(...)`", range),
                    _ if is_array => self.typecodes(call),
                    "pow" => self.modular_inverse(call),
                    "super" if call.arguments.args.is_empty() => {
                        self.need(Since::three(0), "`super()` without arguments", range);
                    }
                    _ => {}
                }
            }
            func @ Expr::Attribute(attribute) => {
                match attribute.attr.as_str() {
                    "format" => {
                        if let Expr::StringLiteral(text) = &*attribute.value
                            && has_automatic_field(text.value.to_str())
                        {
                            self.need(Since::both(7, 0), "`\"{}\".format(...)`", range);
                        }
                    }
                    "strftime" | "strptime" => {
                        for argument in &call.arguments.args {
                            let Expr::StringLiteral(text) = argument else { continue };
                            for directive in directives(text.value.to_str()) {
                                let since = tables::time_directive(directive);
                                self.value(since, "time directive", &format!("%{directive}"), range);
                            }
                        }
                    }
                    _ => {}
                }
                let name = self.dotted(func).join(".");
                self.codecs(&name, call);
                if name == "array.array" {
                    self.typecodes(call);
                }
                self.functions.push(name);
            }
            _ => {}
        }
        self.unpacked_arguments(call);
        self.expr(&call.func);
        call.arguments.args.iter().for_each(|argument| self.expr(argument));
        call.arguments.keywords.iter().for_each(|keyword| self.keyword(keyword));
        self.functions.pop();
    }

    pub(super) fn unpacked_arguments(&mut self, call: &ExprCall) {
        let generalized = |places: &[usize], total: usize| places.len() > 1 || places.iter().any(|at| at + 1 < total);
        let args = &call.arguments.args;
        let starred: Vec<usize> =
            args.iter().enumerate().filter(|(_, arg)| arg.is_starred_expr()).map(|(at, _)| at).collect();
        let keywords = &call.arguments.keywords;
        let spread: Vec<usize> =
            keywords.iter().enumerate().filter(|(_, keyword)| keyword.arg.is_none()).map(|(at, _)| at).collect();
        if generalized(&starred, args.len()) || generalized(&spread, keywords.len()) {
            self.need(Since::three(5), "unpacking in displays and calls (PEP 448)", call.range());
        }
    }

    pub(super) fn typecodes(&mut self, call: &ExprCall) {
        for argument in &call.arguments.args {
            if let Expr::StringLiteral(code) = argument {
                let code = code.value.to_str();
                self.value(tables::array_typecode(code), "array type code", code, call.range());
            }
        }
    }

    pub(super) fn modular_inverse(&mut self, call: &ExprCall) {
        let [base, exponent, modulus] = &*call.arguments.args else { return };
        if is_int(base) && is_negative_int(exponent) && is_int(modulus) {
            self.need(Since::three(8), "modular inverse by `pow`", call.range());
        }
    }

    pub(super) fn codecs(&mut self, function: &str, call: &ExprCall) {
        let text = |expr: &Expr| match expr {
            Expr::StringLiteral(text) => Some(text.value.to_str().to_owned()),
            _ => None,
        };
        let named = |names: &[&str]| {
            let keywords = call.arguments.keywords.iter();
            let fits =
                keywords.filter(|keyword| keyword.arg.as_ref().is_some_and(|name| names.contains(&name.as_str())));
            fits.filter_map(|keyword| text(&keyword.value)).collect::<Vec<_>>()
        };
        let at = |place: usize| call.arguments.args.get(place).and_then(text);
        if let Some(place) = tables::handler_place(function) {
            for name in at(place).into_iter().chain(named(&["errors"])) {
                self.value(tables::error_handler(&name), "error handler", &name, call.range());
            }
        }
        if let Some(places) = tables::encoding_places(function) {
            let given = places.iter().filter_map(|place| at(*place));
            for name in given.chain(named(&["encoding", "data_encoding", "file_encoding"])) {
                self.value(tables::encoding(&name), "encoding", &name, call.range());
            }
        }
    }
}
