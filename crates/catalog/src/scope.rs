//! What part of the catalogue a request sees: by path, query and headers.
//!
//! Each of them only narrows. A name that is not known is refused with the nearest that is, never passed over: a client
//! that misspells a tool would otherwise get a list without it and not know why.

use crate::{Tool, catalog};
use octavo_category::Category;
use octavo_suggest::nearest;
use thiserror::Error;

/// The path of the endpoint; a category or [`SEARCH`] may follow it.
pub const ENDPOINT: &str = "/mcp";
/// The last segment of the search surface's path.
pub const SEARCH: &str = "search";

/// What a request says of the part it wants.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// The URL's path and query.
    pub target: &'a str,
    /// The header `X-MCP-Toolsets`: categories.
    pub toolsets: Option<&'a str>,
    /// The header `X-MCP-Tools`.
    pub tools: Option<&'a str>,
    /// The header `X-MCP-Exclude-Tools`.
    pub exclude: Option<&'a str>,
}

/// The part of the catalogue that a request sees; by default all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    // Names; `None` is all of them, and costs no look at the catalogue.
    tools: Option<Vec<&'static str>>,
    search: bool,
    full_schemas: bool,
    by_header: bool,
}

/// Why a request sees nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScopeError {
    /// There is no such path.
    #[error("No such endpoint; use {ENDPOINT}, {ENDPOINT}/{SEARCH} or {ENDPOINT}/ with one of {}", slugs())]
    NoSuchPath,
    /// A name or a parameter that is not known, or a selection of nothing.
    #[error("{0}")]
    Unknown(String),
}

impl Scope {
    /// The scope that a request selects.
    pub fn select<'a>(selection: Selection<'a>) -> Result<Self, ScopeError> {
        let (path, query) = selection.target.split_once('?').unwrap_or((selection.target, ""));
        let mut scope = Self::default();
        match path.strip_prefix(ENDPOINT).unwrap_or_default().trim_matches('/') {
            "" => {}
            SEARCH => scope.search = true,
            segments if segments.contains('/') => return Err(ScopeError::NoSuchPath),
            segment => {
                let category = Category::from_slug(segment).ok_or_else(|| {
                    let known = Category::ALL.iter().map(|category| category.slug()).chain([SEARCH]);
                    unknown("the path", segment, known, &format!("{SEARCH}, {}", slugs()))
                })?;
                scope.keep(|tool| tool.category == Some(category));
            }
        }
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (key, value) = (decoded(key), decoded(value));
            match key.as_str() {
                "categories" => scope.keep_categories("`categories`", &value)?,
                "tools" => scope.keep_tools("`tools`", &value)?,
                "exclude" => scope.leave_out("`exclude`", &value)?,
                "schemas" if value == "full" => scope.full_schemas = true,
                "schemas" => return Err(unknown("`schemas`", &value, ["full"], "full")),
                other if nearest(other, PARAMETERS).is_some() => {
                    return Err(unknown("the query", other, PARAMETERS, &PARAMETERS.join(", ")));
                }
                // Proxies and trackers add parameters of their own.
                _ => {}
            }
        }
        // Clients send a header they have no value for as an empty one.
        let given = |header: Option<&'a str>| header.filter(|list| !list.trim().is_empty());
        let selection = Selection {
            toolsets: given(selection.toolsets),
            tools: given(selection.tools),
            exclude: given(selection.exclude),
            ..selection
        };
        let headers = [selection.toolsets, selection.tools, selection.exclude];
        scope.by_header = headers.iter().any(Option::is_some);
        if let Some(toolsets) = selection.toolsets {
            scope.keep_categories("X-MCP-Toolsets", toolsets)?;
        }
        if let Some(tools) = selection.tools {
            scope.keep_tools("X-MCP-Tools", tools)?;
        }
        if let Some(exclude) = selection.exclude {
            scope.leave_out("X-MCP-Exclude-Tools", exclude)?;
        }
        if scope.tools.as_ref().is_some_and(Vec::is_empty) {
            let message = "Path, query and headers together select no tool; each of them narrows what the others leave";
            return Err(ScopeError::Unknown(message.to_owned()));
        }
        Ok(scope)
    }

    /// Of it what is in allowed categories; tools of no category are asked about as well.
    #[must_use]
    pub fn within(mut self, allows: impl Fn(Option<Category>) -> bool) -> Self {
        if Category::ALL.iter().any(|category| !allows(Some(*category))) {
            self.keep(|tool| allows(tool.category));
        }
        self
    }

    fn keep(&mut self, wanted: impl Fn(&Tool) -> bool) {
        let kept = self.tools().filter(|tool| wanted(tool)).map(|tool| tool.name).collect();
        self.tools = Some(kept);
    }

    fn keep_categories(&mut self, of: &str, list: &str) -> Result<(), ScopeError> {
        let mut wanted = Vec::new();
        for slug in items(of, list)? {
            let known = Category::ALL.iter().map(|category| category.slug());
            wanted.push(Category::from_slug(slug).ok_or_else(|| unknown(of, slug, known, &slugs()))?);
        }
        self.keep(|tool| tool.category.is_some_and(|category| wanted.contains(&category)));
        Ok(())
    }

    fn keep_tools(&mut self, of: &str, list: &str) -> Result<(), ScopeError> {
        let wanted = tools_named(of, list)?;
        self.keep(|tool| wanted.contains(&tool.name));
        Ok(())
    }

    fn leave_out(&mut self, of: &str, list: &str) -> Result<(), ScopeError> {
        let unwanted = tools_named(of, list)?;
        self.keep(|tool| !unwanted.contains(&tool.name));
        Ok(())
    }

    /// Whether a tool is in scope.
    pub fn contains(&self, tool: &Tool) -> bool {
        self.tools.as_ref().is_none_or(|names| names.contains(&tool.name))
    }

    /// The tool of this full name, if it is in scope.
    pub fn get(&self, name: &str) -> Option<&'static Tool> {
        catalog().get(name).filter(|tool| self.contains(tool))
    }

    /// The tools in scope, in the catalogue's order.
    pub fn tools(&self) -> impl Iterator<Item = &'static Tool> {
        catalog().tools().iter().filter(|tool| self.contains(tool))
    }

    /// Whether a category has a tool in scope.
    pub fn has(&self, category: Category) -> bool {
        self.tools.is_none() || self.tools().any(|tool| tool.category == Some(category))
    }

    /// Whether the extra worker's resources and prompts are in scope: where nothing narrows.
    pub const fn is_whole(&self) -> bool {
        self.tools.is_none()
    }

    /// Whether this is the search surface, which lists three tools that reach all others.
    pub const fn is_search(&self) -> bool {
        self.search
    }

    /// Whether lists show output schemas.
    pub const fn has_full_schemas(&self) -> bool {
        self.full_schemas
    }

    /// Whether headers have a part in it, which caches that go by the URL do not see.
    pub const fn is_by_header(&self) -> bool {
        self.by_header
    }
}

const PARAMETERS: [&str; 4] = ["categories", "tools", "exclude", "schemas"];

fn slugs() -> String {
    Category::ALL.iter().map(|category| category.slug()).collect::<Vec<_>>().join(", ")
}

// The items of a comma list; the URL's or the header's length bounds it.
fn items<'a>(of: &str, list: &'a str) -> Result<Vec<&'a str>, ScopeError> {
    let items: Vec<&str> = list.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
    if items.is_empty() {
        return Err(ScopeError::Unknown(format!("{of} names nothing; give names with commas between them")));
    }
    Ok(items)
}

fn tools_named(of: &str, list: &str) -> Result<Vec<&'static str>, ScopeError> {
    let mut named = Vec::new();
    for name in items(of, list)? {
        let all = || catalog().tools().iter().map(|tool| tool.name);
        let accepted = format!("the names that tools/list gives at {ENDPOINT}");
        let tool = catalog().get(name).ok_or_else(|| unknown(of, name, all(), &accepted))?;
        named.push(tool.name);
    }
    Ok(named)
}

// Never repeats what was sent.
fn unknown<'a>(of: &str, word: &str, known: impl IntoIterator<Item = &'a str>, accepted: &str) -> ScopeError {
    let hint = nearest(word, known).map_or(String::new(), |near| format!("; did you mean \"{near}\"?"));
    ScopeError::Unknown(format!("{of} has a name that is not known here; accepted: {accepted}{hint}"))
}

/// A part of a URL with its percent signs decoded; `+` is a space only in queries, and no name has either.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = pair
            .filter(|pair| *first == b'%' && !pair.starts_with('+'))
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = byte.and_then(|_| after.get(2..)).unwrap_or(after);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(target: &str) -> Result<Scope, ScopeError> {
        Scope::select(Selection { target, ..Selection::default() })
    }

    fn names(scope: &Scope) -> Vec<&'static str> {
        scope.tools().map(|tool| tool.name).collect()
    }

    #[test]
    fn paths_select_everything_a_category_or_the_search_surface() {
        for target in ["/mcp", "/mcp/", "/mcp?", "/mcp/?&"] {
            assert_eq!(select(target), Ok(Scope::default()), "{target}");
        }
        let docker = select("/mcp/docker").expect("a category");
        assert!(names(&docker).iter().all(|name| name.starts_with("docker_")) && docker.has(Category::Docker));
        assert!(!docker.has(Category::Python) && docker.get("python_lint_code").is_none());
        let search = select("/mcp/search").expect("the search surface");
        assert!(search.is_search() && names(&search).len() == catalog().tools().len());
        assert_eq!(select("/mcp/docker/lint"), Err(ScopeError::NoSuchPath));
        assert!(select("/mcp/dokcer").is_err_and(|error| error.to_string().ends_with("did you mean \"docker\"?")));
        assert!(select("/mcp/serach").is_err_and(|error| error.to_string().ends_with("did you mean \"search\"?")));
    }

    #[test]
    fn requests_only_narrow() {
        let all = catalog().tools();
        let (one, other) = (all[0].name, all[1].name);
        for (target, selected) in [
            (format!("/mcp?tools={one},{other}"), vec![one, other]),
            (format!("/mcp?tools={other}%2C%20{one}"), vec![one, other]),
            (format!("/mcp?tools={one},{other}&exclude={other}"), vec![one]),
            (format!("/mcp?exclude={one}&tools={one},{other}"), vec![other]),
            (format!("/mcp/search?tools={one}&schemas=full"), vec![one]),
            (
                format!(
                    "/mcp?categories={},{}&tools={one}",
                    all[0].category.expect("baked"),
                    all[1].category.expect("baked")
                ),
                vec![one],
            ),
        ] {
            assert_eq!(names(&select(&target).expect("a scope")), selected, "{target}");
        }
        assert_eq!(
            names(&select("/mcp?categories=docker").expect("a scope")),
            names(&select("/mcp/docker").expect("a scope"))
        );
    }

    #[test]
    fn headers_narrow_too_and_are_remembered() {
        let name = catalog().tools()[0].name;
        let by_header = Scope::select(Selection { target: "/mcp", tools: Some(name), ..Selection::default() });
        let by_query = select(&format!("/mcp?tools={name}")).expect("a scope");
        let by_header = by_header.expect("a scope");
        assert_eq!(names(&by_header), names(&by_query));
        assert!(by_header.is_by_header() && !by_query.is_by_header());
        let nothing =
            Scope::select(Selection { target: "/mcp", tools: Some(name), exclude: Some(name), ..Selection::default() });
        assert!(nothing.is_err_and(|error| error.to_string().contains("select no tool")));
    }

    #[test]
    fn what_is_not_known_is_refused_and_not_repeated() {
        for (target, hint) in [
            ("/mcp?tool=docker_lint_dockerfile", "\"tools\""),
            ("/mcp?categories=dcoker", "\"docker\""),
            ("/mcp?tools=docker_lint_dockerfiel", "\"docker_lint_dockerfile\""),
            ("/mcp?exclude=docker_lint_dockerfiel", "\"docker_lint_dockerfile\""),
            ("/mcp?schemas=ful", "\"full\""),
        ] {
            assert!(select(target).is_err_and(|error| error.to_string().contains(hint)), "{target}");
        }
        for target in ["/mcp?tools=", "/mcp?categories=,", "/mcp?tools", "/mcp?tools=%zz<script>", "/mcp/%00"] {
            let error = select(target).expect_err("refused").to_string();
            assert!(!error.contains("<script>") && !error.contains('\0'), "{error}");
        }
        assert_eq!(select("/mcp?utm_source=x&sessionId=7"), Ok(Scope::default()), "somebody else's parameters");
        let empty = Selection { target: "/mcp", toolsets: Some(""), tools: Some(" "), ..Selection::default() };
        assert_eq!(Scope::select(empty), Ok(Scope::default()), "an empty header is none");
        assert!(
            select("/mcp/docker?categories=python").is_err_and(|error| error.to_string().contains("select no tool"))
        );
    }

    #[test]
    fn percent_signs_are_decoded_and_strays_kept() {
        for (text, plain) in
            [("a%2Cb", "a,b"), ("%", "%"), ("%2", "%2"), ("%+1", "%+1"), ("%C3%A9", "\u{e9}"), ("%zz", "%zz")]
        {
            assert_eq!(decoded(text), plain);
        }
    }
}
