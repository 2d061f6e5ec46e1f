//! What a file of a running program belongs to, by its path or URL: a package, Node.js itself, or the application.

/// What code belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// Files of the application.
    Application,
    /// A package below `node_modules`, by its name.
    Package(String),
    /// Node.js's own JavaScript.
    Node,
    /// A WebAssembly module.
    WebAssembly,
    /// Code without a file: the engine, its garbage collector, native functions.
    Engine,
}

impl Owner {
    /// The name shown: a package's own, the others in brackets.
    pub fn label(&self) -> &str {
        match self {
            Self::Application => "(app)",
            Self::Package(name) => name,
            Self::Node => "(node)",
            Self::WebAssembly => "(wasm)",
            Self::Engine => "(engine)",
        }
    }
}

/// What a file belongs to. Of nested `node_modules` the innermost counts.
pub fn owner_of(file: &str) -> Owner {
    if file.is_empty() {
        return Owner::Engine;
    }
    if let Some(name) = package_of(file) {
        return Owner::Package(name.to_owned());
    }
    if file.starts_with("node:") || file.starts_with("internal/") || is_old_builtin(file) {
        return Owner::Node;
    }
    if file.starts_with("wasm:")
        || file
            .split(['?', '#'])
            .next()
            .is_some_and(|path| path.to_ascii_lowercase().rsplit_once('.').is_some_and(|(_, kind)| kind == "wasm"))
    {
        return Owner::WebAssembly;
    }
    if file.starts_with("native ") || file.starts_with("extensions::") { Owner::Engine } else { Owner::Application }
}

// Before Node.js 15, builtin modules were plain names in stacks.
fn is_old_builtin(file: &str) -> bool {
    const NAMES: &[&str] = &[
        "assert.js",
        "async_hooks.js",
        "buffer.js",
        "child_process.js",
        "cluster.js",
        "crypto.js",
        "dgram.js",
        "dns.js",
        "domain.js",
        "events.js",
        "fs.js",
        "http.js",
        "http2.js",
        "https.js",
        "inspector.js",
        "module.js",
        "net.js",
        "os.js",
        "path.js",
        "perf_hooks.js",
        "querystring.js",
        "readline.js",
        "repl.js",
        "stream.js",
        "string_decoder.js",
        "timers.js",
        "tls.js",
        "tty.js",
        "url.js",
        "util.js",
        "v8.js",
        "vm.js",
        "worker_threads.js",
        "zlib.js",
    ];
    const PREFIXES: &[&str] = &["_http_", "_stream_", "_tls_"];
    NAMES.contains(&file)
        || (PREFIXES.iter().any(|prefix| file.starts_with(prefix)) && !file.contains('/'))
        || matches!(file, "bootstrap_node.js" | "timers_promises.js")
}

/// The package that a path below `node_modules` belongs to.
pub fn package_of(path: &str) -> Option<&str> {
    path.get(package_span(path)?)
}

/// The folder of the package that a path below `node_modules` belongs to, for telling copies apart.
pub fn package_folder(path: &str) -> Option<&str> {
    path.get(..package_span(path)?.end)
}

// Where the innermost package's name stands in a path.
fn package_span(path: &str) -> Option<std::ops::Range<usize>> {
    let (at, _) = path.rmatch_indices("node_modules").find(|(at, word)| {
        let before = path.get(..*at).and_then(|before| before.bytes().next_back());
        let after = path.get(at + word.len()..).and_then(|after| after.bytes().next());
        matches!(before, None | Some(b'/' | b'\\')) && matches!(after, Some(b'/' | b'\\'))
    })?;
    let start = at + "node_modules/".len();
    let rest = path.get(start..)?;
    let mut parts = rest.match_indices(['/', '\\']).map(|(at, _)| at);
    let first = parts.next()?;
    let end = if rest.starts_with('@') { parts.next()? } else { first };
    (end > 0).then_some(start..start + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_belong_to_packages_node_or_the_application() {
        for (file, label) in [
            ("file:///app/node_modules/@babel/core/lib/index.js", "@babel/core"),
            ("/a/node_modules/x/node_modules/y/i.js", "y"),
            ("node_modules/.pnpm/z@1.0.0/node_modules/z/i.js", "z"),
            ("C:\\a\\node_modules\\w\\i.js", "w"),
            ("node:internal/fs/utils", "(node)"),
            ("_stream_readable.js", "(node)"),
            ("internal/modules/cjs/loader.js", "(node)"),
            ("wasm://wasm/0123", "(wasm)"),
            ("", "(engine)"),
            ("file:///app/src/fs.js", "(app)"),
            ("/app/my_node_modules/x/i.js", "(app)"),
            ("node_modules/x", "(app)"),
        ] {
            assert_eq!(owner_of(file).label(), label, "{file}");
        }
        assert_eq!(package_folder("/a/node_modules/@s/x/i.js"), Some("/a/node_modules/@s/x"));
    }
}
