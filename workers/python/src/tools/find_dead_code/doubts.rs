//! What makes it doubtful that a definition without a use is dead: frameworks, test runners, base classes, protocols.
//!
//! Knows names of well-known libraries; judges by how a thing is declared, never by whether it is used.

use super::facts::{Def, Doubt, Kind, Place};
use ruff_python_ast::{Expr, Stmt, StmtClassDef, StmtFunctionDef};

/// What a file's path says of it.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(super) struct FileKind {
    /// Test runners look into it.
    pub(super) is_test: bool,
    /// It is a package's `__init__`.
    pub(super) is_init: bool,
    /// It is a stub.
    pub(super) is_stub: bool,
    /// A tool reads its top-level names: settings, migrations, `conf.py`, `setup.py`.
    pub(super) is_read_by_tools: bool,
    /// A tool or a framework loads it by its name.
    pub(super) is_loaded_by_name: bool,
}

impl FileKind {
    /// Told from a normalized path.
    pub(super) fn of(path: &str) -> Self {
        let file = path.rsplit('/').next().unwrap_or_default().to_lowercase();
        let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
        let in_folder = |name: &str| path.to_lowercase().split('/').rev().skip(1).any(|part| part == name);
        let read_by_tools = matches!(stem, "conf" | "setup" | "noxfile" | "gunicorn" | "settings" | "local_settings")
            || stem.starts_with("gunicorn")
            || in_folder("settings")
            || in_folder("migrations")
            || in_folder("alembic") && in_folder("versions");
        let by_name = matches!(
            stem,
            "__init__"
                | "__main__"
                | "conftest"
                | "manage"
                | "wsgi"
                | "asgi"
                | "urls"
                | "admin"
                | "apps"
                | "models"
                | "signals"
                | "tasks"
                | "routing"
                | "fabfile"
                | "tests"
                | "sitecustomize"
                | "usercustomize"
                | "dodo"
                | "wscript"
        ) || in_folder("commands") && in_folder("management")
            || in_folder("templatetags");
        let is_test = in_folder("test")
            || in_folder("tests")
            || stem.starts_with("test")
            || stem.ends_with("_test")
            || stem.ends_with("-test");
        Self {
            is_test,
            is_init: stem == "__init__",
            is_stub: file.rsplit_once('.').is_some_and(|(_, kind)| kind == "pyi"),
            is_read_by_tools: read_by_tools,
            is_loaded_by_name: by_name || read_by_tools || is_test,
        }
    }
}

/// Whether a definition is never looked at, as in vulture: special names, `_` variables, what a package collects, tests.
pub(super) fn is_exempt(def: &Def, path: &FileKind) -> bool {
    let name = def.name.as_str();
    let special = name.starts_with("__") && name.ends_with("__") && name.len() > 4;
    match def.kind {
        Kind::Import => path.is_init,
        Kind::Variable | Kind::Parameter => {
            special
                || matches!(name, "self" | "object")
                || name.starts_with('_') && !name.starts_with("__") && def.place != Place::Module
        }
        Kind::Method => special || path.is_test && is_test_name(name),
        Kind::Function => {
            path.is_test
                && (name.starts_with("test_")
                    || matches!(name, "setup_module" | "teardown_module" | "setup_function" | "teardown_function"))
        }
        Kind::Class => path.is_test && name.contains("Test"),
        Kind::Property | Kind::Attribute => false,
    }
}

fn is_test_name(name: &str) -> bool {
    name.starts_with("test_") || matches!(name, "setup_class" | "teardown_class" | "setup_method" | "teardown_method")
}

/// The dotted name of an expression, or of what it calls: `app.route` of `@app.route("/")`.
pub(super) fn dotted(expr: &Expr) -> String {
    let mut parts = Vec::new();
    let mut at = expr;
    loop {
        match at {
            Expr::Call(call) => at = &call.func,
            Expr::Subscript(subscript) => at = &subscript.value,
            Expr::Attribute(attribute) => {
                parts.push(attribute.attr.as_str());
                at = &attribute.value;
            }
            Expr::Name(name) => {
                parts.push(name.id.as_str());
                break;
            }
            _ => break,
        }
    }
    parts.reverse();
    parts.join(".")
}

/// Decorators that change what a function does, not who calls it; by their last part.
const NEUTRAL: &[&str] = &[
    "property",
    "staticmethod",
    "classmethod",
    "cached_property",
    "wraps",
    "lru_cache",
    "cache",
    "cached",
    "total_ordering",
    "contextmanager",
    "asynccontextmanager",
    "dataclass",
    "final",
    "deprecated",
    "jit",
    "njit",
    "no_grad",
    "inference_mode",
    "define",
    "frozen",
    "mutable",
    "s",
    "attrs",
    "attributes",
    "unique",
    "runtime_checkable",
    "retry",
    "timeit",
    "profile",
    "memoize",
    "login_required",
    "permission_required",
    "csrf_exempt",
    "transaction",
    "atomic",
    "coroutine",
    "singledispatch",
    "singledispatchmethod",
    "partialmethod",
    "wrap_app_handling_exceptions",
    "no_type_check",
    "synchronized",
    "patch",
];

/// Decorators by which a framework takes a function over; by their last part, with the framework.
const REGISTERING: &[(&[&str], &str)] = &[
    (
        &[
            "route",
            "get",
            "post",
            "put",
            "delete",
            "patch",
            "head",
            "options",
            "websocket",
            "before_request",
            "after_request",
            "before_first_request",
            "teardown_request",
            "teardown_appcontext",
            "errorhandler",
            "app_errorhandler",
            "context_processor",
            "app_context_processor",
            "url_value_preprocessor",
            "url_defaults",
            "template_filter",
            "app_template_filter",
            "template_global",
            "template_test",
            "shell_context_processor",
            "user_loader",
            "request_loader",
            "exception_handler",
            "middleware",
            "on_event",
            "api_route",
            "websocket_route",
            "view_config",
            "view",
            "action",
            "api_view",
            "endpoint",
            "expose",
            "cli_command",
        ],
        "a web framework calls it",
    ),
    (
        &["command", "group", "callback", "result_callback", "subcommand", "argument", "option"],
        "a command line calls it",
    ),
    (
        &[
            "task",
            "shared_task",
            "periodic_task",
            "actor",
            "job",
            "scheduled_job",
            "flow",
            "dag",
            "asset",
            "sensor",
            "op",
            "agent",
        ],
        "a task runner calls it",
    ),
    (
        &[
            "receiver",
            "connect",
            "connect_via",
            "subscriber",
            "subscribe",
            "listens_for",
            "listener",
            "event",
            "handler",
            "hook",
            "on",
            "observe",
            "on_message",
            "listen",
        ],
        "an event calls it",
    ),
    (
        &["fixture", "yield_fixture", "hookimpl", "hookspec", "parametrize", "given", "when", "then", "step"],
        "a test runner calls it",
    ),
    (
        &[
            "validator",
            "field_validator",
            "root_validator",
            "model_validator",
            "field_serializer",
            "model_serializer",
            "computed_field",
            "validates",
            "validates_schema",
            "pre_load",
            "post_load",
            "pre_dump",
            "post_dump",
            "hybrid_property",
            "declared_attr",
            "reconstructor",
            "compiles",
            "default",
            "setter",
            "deleter",
            "getter",
            "expression",
            "comparator",
        ],
        "its class's framework calls it",
    ),
    (
        &[
            "register",
            "simple_tag",
            "inclusion_tag",
            "tag",
            "filter",
            "display",
            "export",
            "implementation",
            "implements",
            "provider",
            "overload_method",
            "register_model",
            "plugin",
            "add_handler",
        ],
        "it is registered",
    ),
    (&["overload"], "it is one of several signatures"),
];

/// Doubts of a function, and the decorator that raised one.
pub(super) fn of_function(
    function: &StmtFunctionDef,
    decorators: &[String],
    class: Option<&Def>,
    path: &FileKind,
) -> (Vec<Doubt>, Option<String>) {
    let mut doubts = Vec::new();
    let name = function.name.as_str();
    let by = of_decorators(decorators, &mut doubts);
    if decorators.iter().any(|decorator| last(decorator) == "abstractmethod") {
        doubts.push(Doubt { most: 50, why: "it is abstract: others define it" });
    }
    if decorators.iter().any(|decorator| last(decorator) == "override") {
        doubts.push(Doubt { most: 30, why: "it overrides what others call" });
    }
    if let Some(class) = class {
        let foreign = |base: &&String| !matches!(last(base), "object" | "Generic" | "Protocol" | "ABC" | "@dataclass");
        if class.bases.iter().any(|base| last(base) == "Protocol") {
            doubts.push(Doubt { most: 30, why: "its class is a protocol" });
        }
        if is_called_by_base(name, &class.bases) {
            doubts.push(Doubt { most: 20, why: "the base class calls methods of such a name" });
        }
        if class.bases.iter().any(|base| foreign(&base)) {
            doubts.push(MAY_OVERRIDE);
        }
    } else if path.is_test && matches!(name, "setUpModule" | "tearDownModule" | "pytest_plugins")
        || name.starts_with("pytest_")
    {
        doubts.push(Doubt { most: 20, why: "a test runner calls it" });
    }
    if path.is_read_by_tools && class.is_none() {
        doubts.push(Doubt { most: 40, why: "a tool reads this file's names" });
    }
    if matches!(name, "__getattr__" | "__dir__") {
        doubts.push(Doubt { most: 10, why: "Python calls it" });
    }
    (doubts, by)
}

/// A method may stand for one of a base class; taken back where all bases are the project's own.
pub(super) const MAY_OVERRIDE: Doubt =
    Doubt { most: 50, why: "it may override a method of a base class that is not among the files" };

fn last(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or_default()
}

fn of_decorators(decorators: &[String], doubts: &mut Vec<Doubt>) -> Option<String> {
    let mut by = None;
    for decorator in decorators {
        let name = last(decorator);
        if NEUTRAL.contains(&name) || name == "abstractmethod" || name == "override" {
            continue;
        }
        let known = REGISTERING.iter().find(|(names, _)| names.contains(&name));
        doubts.push(match known {
            Some((_, why)) => Doubt { most: 20, why },
            None => Doubt { most: 50, why: "its decorator may hand it to somebody" },
        });
        by.get_or_insert_with(|| decorator.clone());
    }
    by
}

// Methods that a library's base classes call by their names.
fn is_called_by_base(name: &str, bases: &[String]) -> bool {
    let based_on = |ends: &[&str]| bases.iter().any(|base| ends.iter().any(|end| last(base).ends_with(end)));
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    starts(&["visit_", "leave_", "depart_", "generic_visit"])
        && based_on(&["Visitor", "Transformer", "Translator", "Writer", "Checker", "Walker"])
        || starts(&["do_", "help_", "complete_"]) && based_on(&["Cmd", "RequestHandler", "Handler"])
        || starts(&["handle", "unknown_", "error", "on_"])
            && based_on(&["Parser", "Handler", "Command", "Bot", "Client"])
        || matches!(
            name,
            "setUp"
                | "tearDown"
                | "setUpClass"
                | "tearDownClass"
                | "runTest"
                | "setUpTestData"
                | "asyncSetUp"
                | "asyncTearDown"
        ) && based_on(&["Case", "Test", "Tests", "Base"])
        || starts(&["test"]) && based_on(&["Case", "Test", "Tests"])
        || matches!(name, "run") && based_on(&["Thread", "Process", "Command", "Task", "Directive"])
        || matches!(name, "emit" | "format" | "filter" | "formatTime" | "formatException")
            && based_on(&["Handler", "Formatter", "Filter"])
        || matches!(name, "default") && based_on(&["Encoder"])
        || matches!(
            name,
            "save"
                | "clean"
                | "delete"
                | "get_absolute_url"
                | "ready"
                | "get_queryset"
                | "get_context_data"
                | "form_valid"
                | "dispatch"
        )
        || starts(&["validate_", "get_", "clean_", "has_", "save_", "resolve_"])
            && based_on(&["Serializer", "Form", "View", "ViewSet", "Admin", "Mixin", "ObjectType", "Mutation"])
        || matches!(name, "_generate_next_value_" | "_missing_")
        || matches!(name, "forward" | "training_step" | "validation_step" | "configure_optimizers" | "build" | "call")
            && based_on(&["Module", "Model", "Layer"])
}

/// Doubts of a class.
pub(super) fn of_class(
    class: &StmtClassDef,
    bases: &[String],
    decorators: &[String],
    path: &FileKind,
) -> (Vec<Doubt>, Option<String>) {
    let mut doubts = Vec::new();
    let by = of_decorators(decorators, &mut doubts);
    if matches!(class.name.as_str(), "Meta" | "Config" | "Params" | "Media" | "Arguments") {
        doubts.push(Doubt { most: 20, why: "a framework looks for a class of this name" });
    }
    let registered = [
        "TestCase",
        "Migration",
        "AppConfig",
        "BaseCommand",
        "Command",
        "ModelAdmin",
        "Model",
        "Plugin",
        "Extension",
        "Directive",
        "Middleware",
    ];
    if bases.iter().any(|base| registered.contains(&last(base))) {
        doubts.push(Doubt { most: 40, why: "its base class's framework finds it" });
    }
    if path.is_read_by_tools {
        doubts.push(Doubt { most: 40, why: "a tool reads this file's names" });
    }
    (doubts, by)
}

/// Whether a decorator makes a class's variables the fields of its instances.
pub(super) fn makes_fields(decorator: &str) -> bool {
    matches!(
        last(decorator),
        "dataclass"
            | "define"
            | "frozen"
            | "mutable"
            | "s"
            | "attrs"
            | "attributes"
            | "dataclass_json"
            | "pydantic_dataclass"
            | "type"
            | "input"
    )
}

/// The doubt about variables in a class's body, where they are more than that.
pub(super) fn of_fields(class: &Def) -> Option<Doubt> {
    let based_on = |names: &[&str]| class.bases.iter().any(|base| names.contains(&last(base)));
    let ends = |names: &[&str]| class.bases.iter().any(|base| names.iter().any(|name| last(base).ends_with(name)));
    if based_on(&["Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "Choices", "TextChoices", "IntegerChoices"]) {
        return Some(Doubt { most: 40, why: "it is a member of an enumeration, which may be looked up by its value" });
    }
    if based_on(&[
        "@dataclass",
        "NamedTuple",
        "TypedDict",
        "BaseModel",
        "Struct",
        "Structure",
        "Union",
        "Protocol",
        "BaseSettings",
        "SQLModel",
    ]) || ends(&[
        "Model",
        "Serializer",
        "Schema",
        "Form",
        "FormSet",
        "Document",
        "Message",
        "ObjectType",
        "Enum",
        "Config",
    ]) {
        return Some(Doubt { most: 30, why: "it is a field, which may be read as data" });
    }
    if matches!(class.name.as_str(), "Meta" | "Config" | "Params" | "Media") {
        return Some(Doubt { most: 20, why: "a framework reads it" });
    }
    if class.bases.iter().any(|base| !matches!(last(base), "object" | "Generic" | "ABC")) {
        return Some(Doubt { most: 50, why: "the base class may read it" });
    }
    None
}

/// Doubts of all parameters of a function.
pub(super) fn of_parameters(function: &StmtFunctionDef, decorators: &[String], in_class: bool) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let names = decorators.iter().map(|decorator| last(decorator));
    let free = |name: &str| {
        matches!(name, "staticmethod" | "classmethod" | "wraps" | "lru_cache" | "cache" | "contextmanager")
    };
    if is_stub(&function.body) {
        doubts.push(Doubt { most: 30, why: "its function does nothing yet, or is for others to define" });
    }
    if in_class {
        doubts.push(Doubt { most: 50, why: "methods of one name take the same parameters" });
    }
    if names.into_iter().any(|name| !free(name)) {
        doubts.push(Doubt { most: 50, why: "its function's decorator may say what it takes" });
    }
    doubts
}

// Whether a body does nothing: a docstring, `pass`, `...`, or a raised NotImplementedError.
fn is_stub(body: &[Stmt]) -> bool {
    body.iter().all(|statement| match statement {
        Stmt::Pass(_) => true,
        Stmt::Expr(expr) => matches!(&*expr.value, Expr::StringLiteral(_) | Expr::EllipsisLiteral(_)),
        Stmt::Raise(raise) => raise.exc.as_deref().is_some_and(|error| last(&dotted(error)) == "NotImplementedError"),
        Stmt::Return(returned) => returned
            .value
            .as_deref()
            .is_none_or(|value| matches!(value, Expr::Name(name) if name.id == "NotImplemented")),
        _ => false,
    })
}
