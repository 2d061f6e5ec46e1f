//! What is known of libraries: where values from outside come in, where they do harm, and what makes them harmless.

use super::graph::Danger;

/// A kind of harm: its bit, rule, CWE, and what it is called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Harm {
    pub(super) bit: Danger,
    pub(super) rule: &'static octavo_toolkit::Rule,
    pub(super) cwe: u16,
    /// What is done with the value: "runs as SQL".
    pub(super) verb: &'static str,
}

pub(super) const SQL: Danger = 1;
pub(super) const COMMAND: Danger = 1 << 1;
pub(super) const CODE: Danger = 1 << 2;
pub(super) const PATH: Danger = 1 << 3;
pub(super) const OBJECT: Danger = 1 << 4;
pub(super) const HTML: Danger = 1 << 5;
pub(super) const REQUEST: Danger = 1 << 6;
pub(super) const REDIRECT: Danger = 1 << 7;
pub(super) const TEMPLATE: Danger = 1 << 8;

/// All kinds of harm.
pub(super) const HARMS: [Harm; 9] = [
    Harm { bit: SQL, rule: &super::rules::SQL, cwe: 89, verb: "runs as SQL" },
    Harm { bit: COMMAND, rule: &super::rules::COMMAND, cwe: 78, verb: "runs as a command" },
    Harm { bit: CODE, rule: &super::rules::CODE, cwe: 94, verb: "runs as Python" },
    Harm { bit: PATH, rule: &super::rules::PATH, cwe: 22, verb: "names a file" },
    Harm { bit: OBJECT, rule: &super::rules::OBJECT, cwe: 502, verb: "is made into objects" },
    Harm { bit: HTML, rule: &super::rules::HTML, cwe: 79, verb: "is sent as HTML" },
    Harm { bit: REQUEST, rule: &super::rules::REQUEST, cwe: 918, verb: "is requested" },
    Harm { bit: REDIRECT, rule: &super::rules::REDIRECT, cwe: 601, verb: "is redirected to" },
    Harm { bit: TEMPLATE, rule: &super::rules::TEMPLATE, cwe: 1336, verb: "runs as a template" },
];

/// Functions whose result comes from outside.
pub(super) fn is_source_call(name: &str) -> bool {
    matches!(
        name,
        "input"
            | "raw_input"
            | "sys.stdin.read"
            | "sys.stdin.readline"
            | "sys.stdin.readlines"
            | "os.getenv"
            | "os.environ.get"
            | "fileinput.input"
    )
}

/// Values that come from outside.
pub(super) fn is_source_value(name: &str) -> bool {
    matches!(name, "sys.argv" | "os.environ" | "sys.stdin" | "sys.orig_argv")
}

/// What of a web request its sender decides.
pub(super) fn is_request_part(part: &str) -> bool {
    matches!(
        part,
        "args"
            | "form"
            | "values"
            | "data"
            | "json"
            | "files"
            | "cookies"
            | "headers"
            | "query_string"
            | "get_json"
            | "get_data"
            | "GET"
            | "POST"
            | "COOKIES"
            | "FILES"
            | "META"
            | "body"
            | "query_params"
            | "path_params"
            | "query"
            | "match_info"
            | "rel_url"
            | "get_argument"
            | "get_arguments"
            | "get_query_argument"
            | "get_body_argument"
            | "get_cookie"
            | "params"
            | "forms"
            | "post"
            | "text"
            | "read"
            | "stream"
            | "url"
            | "path"
            | "full_path"
            | "referrer"
            | "user_agent"
            | "raw_post_data"
            | "REQUEST"
            | "session_token"
    )
}

/// Decorators by which a web framework calls a function with what it was sent.
pub(super) fn is_route(decorator: &str) -> bool {
    decorator.contains('.')
        && matches!(
            decorator.rsplit('.').next(),
            Some("route" | "get" | "post" | "put" | "delete" | "patch" | "websocket" | "api_route")
        )
}

/// What a call does with an argument: the kind of harm, which argument by position, and by which keywords.
pub(super) fn sink_of(name: &str) -> Option<(Danger, usize, &'static [&'static str])> {
    Some(match name {
        "os.system"
        | "os.popen"
        | "subprocess.getoutput"
        | "subprocess.getstatusoutput"
        | "commands.getoutput"
        | "commands.getstatusoutput"
        | "popen2.popen2"
        | "asyncio.create_subprocess_shell"
        | "pty.spawn" => (COMMAND, 0, &["command", "cmd"]),
        "subprocess.run"
        | "subprocess.call"
        | "subprocess.check_call"
        | "subprocess.check_output"
        | "subprocess.Popen" => (COMMAND, 0, &["args"]),
        "os.execv" | "os.execl" | "os.execvp" | "os.execlp" | "os.execve" | "os.spawnl" | "os.startfile" => {
            (COMMAND, 0, &["path", "file"])
        }
        "eval"
        | "exec"
        | "compile"
        | "builtins.eval"
        | "builtins.exec"
        | "__import__"
        | "importlib.import_module"
        | "code.interact" => (CODE, 0, &["source", "name"]),
        "open"
        | "io.open"
        | "builtins.open"
        | "os.open"
        | "codecs.open"
        | "os.remove"
        | "os.unlink"
        | "os.rmdir"
        | "os.mkdir"
        | "os.makedirs"
        | "os.listdir"
        | "shutil.rmtree"
        | "shutil.copy"
        | "shutil.copyfile"
        | "shutil.move"
        | "flask.send_file"
        | "django.http.FileResponse"
        | "aiofiles.open"
        | "tarfile.open"
        | "zipfile.ZipFile" => (PATH, 0, &["file", "path", "filename_or_fp", "src"]),
        "pickle.loads" | "pickle.load" | "cPickle.loads" | "cPickle.load" | "_pickle.loads" | "dill.loads"
        | "dill.load" | "marshal.loads" | "marshal.load" | "shelve.open" | "jsonpickle.decode" | "yaml.load"
        | "yaml.unsafe_load" | "yaml.full_load" | "yaml.load_all" | "pandas.read_pickle" | "joblib.load"
        | "torch.load" => (OBJECT, 0, &["data", "stream", "file"]),
        "flask.make_response"
        | "flask.Response"
        | "django.http.HttpResponse"
        | "flask.Markup"
        | "markupsafe.Markup"
        | "django.utils.safestring.mark_safe"
        | "django.utils.html.format_html"
        | "fastapi.responses.HTMLResponse"
        | "starlette.responses.HTMLResponse"
        | "bottle.HTTPResponse" => (HTML, 0, &["response", "content", "s"]),
        "requests.get"
        | "requests.post"
        | "requests.put"
        | "requests.delete"
        | "requests.head"
        | "requests.patch"
        | "requests.options"
        | "httpx.get"
        | "httpx.post"
        | "httpx.put"
        | "httpx.delete"
        | "urllib.request.urlopen"
        | "urllib2.urlopen"
        | "urllib.urlopen"
        | "urllib.request.urlretrieve"
        | "urllib.request.Request" => (REQUEST, 0, &["url"]),
        "requests.request" | "httpx.request" => (REQUEST, 1, &["url"]),
        "flask.redirect"
        | "django.shortcuts.redirect"
        | "django.http.HttpResponseRedirect"
        | "werkzeug.utils.redirect"
        | "starlette.responses.RedirectResponse"
        | "fastapi.responses.RedirectResponse"
        | "bottle.redirect" => (REDIRECT, 0, &["location", "url", "redirect_to"]),
        "flask.render_template_string" | "jinja2.Template" | "mako.template.Template" | "django.template.Template" => {
            (TEMPLATE, 0, &["source", "text", "template_string"])
        }
        _ => return None,
    })
}

/// Methods that do harm on whatever object they are called.
pub(super) fn sink_of_method(method: &str) -> Option<(Danger, usize, &'static [&'static str])> {
    Some(match method {
        "execute" | "executemany" | "executescript" | "raw" | "exec_driver_sql" => {
            (SQL, 0, &["sql", "statement", "raw_query"])
        }
        "extra" => (SQL, 0, &["where", "select", "tables"]),
        "from_string" => (TEMPLATE, 0, &["source"]),
        "exec_command" => (COMMAND, 0, &["command"]),
        _ => return None,
    })
}

/// The kinds of harm that are still possible after a call; all but a few for most.
pub(super) fn kept_by(name: &str) -> Danger {
    let last = name.rsplit('.').next().unwrap_or(name);
    match name {
        "int"
        | "float"
        | "bool"
        | "len"
        | "isinstance"
        | "hash"
        | "id"
        | "type"
        | "ord"
        | "range"
        | "hasattr"
        | "sum"
        | "abs"
        | "round"
        | "uuid.UUID"
        | "decimal.Decimal"
        | "ipaddress.ip_address"
        | "datetime.date.fromisoformat"
        | "datetime.datetime.fromisoformat"
        | "datetime.datetime.strptime"
        | "any"
        | "all"
        | "callable"
        | "issubclass"
        | "re.escape"
        | "hmac.compare_digest"
        | "secrets.compare_digest"
        | "ast.literal_eval" => 0,
        "shlex.quote" | "pipes.quote" | "shlex.join" => !COMMAND,
        "html.escape"
        | "cgi.escape"
        | "markupsafe.escape"
        | "flask.escape"
        | "django.utils.html.escape"
        | "bleach.clean"
        | "django.utils.html.conditional_escape"
        | "nh3.clean"
        | "flask.jsonify"
        | "json.dumps"
        | "flask.render_template"
        | "django.shortcuts.render"
        | "django.http.JsonResponse"
        | "flask.redirect"
        | "django.shortcuts.redirect" => !HTML,
        "os.path.basename"
        | "werkzeug.utils.secure_filename"
        | "werkzeug.security.safe_join"
        | "flask.safe_join"
        | "werkzeug.utils.safe_join"
        | "django.utils.text.get_valid_filename" => !PATH,
        "urllib.parse.quote"
        | "urllib.parse.quote_plus"
        | "urllib.parse.urlencode"
        | "urllib.quote"
        | "urllib.quote_plus" => !(HTML | REDIRECT | REQUEST | PATH),
        "flask.url_for" | "django.urls.reverse" => !(REDIRECT | REQUEST),
        "base64.b64encode" | "binascii.hexlify" => 0,
        _ if name.starts_with("hashlib.") => 0,
        _ if last == "hexdigest" || last == "isdigit" || last == "startswith" || last == "endswith" => 0,
        _ if last == "escape_string" || last == "mogrify" => !SQL,
        _ => Danger::MAX,
    }
}
