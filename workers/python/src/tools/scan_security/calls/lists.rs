//! Names of functions and modules that bandit asks to look at, and those it counts as starting a program.

use octavo_toolkit::Level::{self, Error, Info, Warning};

/// bandit's id, level, what is wrong with it, and the names it is about.
pub(super) type Listed = (&'static str, Level, &'static str, &'static [&'static str]);

/// Functions that are not to be called, by their full names.
pub(super) const CALLS: &[Listed] = &[
    (
        "B301",
        Warning,
        "runs what the data it reads says: read only data that you wrote",
        &[
            "pickle.loads",
            "pickle.load",
            "pickle.Unpickler",
            "dill.loads",
            "dill.load",
            "dill.Unpickler",
            "shelve.open",
            "shelve.DbfilenameShelf",
            "jsonpickle.decode",
            "jsonpickle.unpickler.decode",
            "jsonpickle.unpickler.Unpickler",
            "pandas.read_pickle",
        ],
    ),
    ("B302", Warning, "trusts the data it reads: read only data that you wrote", &["marshal.load", "marshal.loads"]),
    (
        "B303",
        Warning,
        "is a hash that can be forged: use SHA-256 or better",
        &[
            "Crypto.Hash.MD2.new",
            "Crypto.Hash.MD4.new",
            "Crypto.Hash.MD5.new",
            "Crypto.Hash.SHA.new",
            "Cryptodome.Hash.MD2.new",
            "Cryptodome.Hash.MD4.new",
            "Cryptodome.Hash.MD5.new",
            "Cryptodome.Hash.SHA.new",
            "cryptography.hazmat.primitives.hashes.MD5",
            "cryptography.hazmat.primitives.hashes.SHA1",
        ],
    ),
    (
        "B304",
        Error,
        "is a cipher that can be broken: use AES",
        &[
            "Crypto.Cipher.ARC2.new",
            "Crypto.Cipher.ARC4.new",
            "Crypto.Cipher.Blowfish.new",
            "Crypto.Cipher.DES.new",
            "Crypto.Cipher.XOR.new",
            "Cryptodome.Cipher.ARC2.new",
            "Cryptodome.Cipher.ARC4.new",
            "Cryptodome.Cipher.Blowfish.new",
            "Cryptodome.Cipher.DES.new",
            "Cryptodome.Cipher.XOR.new",
            "cryptography.hazmat.primitives.ciphers.algorithms.ARC4",
            "cryptography.hazmat.primitives.ciphers.algorithms.Blowfish",
            "cryptography.hazmat.primitives.ciphers.algorithms.CAST5",
            "cryptography.hazmat.primitives.ciphers.algorithms.IDEA",
            "cryptography.hazmat.primitives.ciphers.algorithms.SEED",
            "cryptography.hazmat.primitives.ciphers.algorithms.TripleDES",
        ],
    ),
    (
        "B305",
        Warning,
        "shows equal blocks as equal: use a mode that authenticates, such as GCM",
        &["cryptography.hazmat.primitives.ciphers.modes.ECB"],
    ),
    ("B306", Warning, "names a file that another may make first: use mkstemp", &["tempfile.mktemp"]),
    ("B307", Warning, "runs the text it is given: use ast.literal_eval for values", &["eval"]),
    ("B308", Warning, "sends its text as HTML, whatever is in it", &["django.utils.safestring.mark_safe"]),
    (
        "B310",
        Warning,
        "opens any scheme, `file:` too: check the address first",
        &[
            "urllib.request.urlopen",
            "urllib.request.urlretrieve",
            "urllib.request.URLopener",
            "urllib.request.FancyURLopener",
            "six.moves.urllib.request.urlopen",
            "six.moves.urllib.request.urlretrieve",
            "six.moves.urllib.request.URLopener",
            "six.moves.urllib.request.FancyURLopener",
        ],
    ),
    (
        "B311",
        Info,
        "can be foretold: use the secrets module for keys and tokens",
        &[
            "random.Random",
            "random.random",
            "random.randrange",
            "random.randint",
            "random.choice",
            "random.choices",
            "random.uniform",
            "random.triangular",
            "random.randbytes",
            "random.sample",
            "random.getrandbits",
        ],
    ),
    ("B312", Error, "sends all in the clear: use SSH", &["telnetlib.Telnet"]),
    (
        "B313",
        Warning,
        ENTITIES,
        &[
            "xml.etree.cElementTree.parse",
            "xml.etree.cElementTree.iterparse",
            "xml.etree.cElementTree.fromstring",
            "xml.etree.cElementTree.XMLParser",
        ],
    ),
    (
        "B314",
        Warning,
        ENTITIES,
        &[
            "xml.etree.ElementTree.parse",
            "xml.etree.ElementTree.iterparse",
            "xml.etree.ElementTree.fromstring",
            "xml.etree.ElementTree.XMLParser",
        ],
    ),
    ("B315", Warning, ENTITIES, &["xml.sax.expatreader.create_parser"]),
    ("B316", Warning, ENTITIES, &["xml.dom.expatbuilder.parse", "xml.dom.expatbuilder.parseString"]),
    ("B317", Warning, ENTITIES, &["xml.sax.parse", "xml.sax.parseString", "xml.sax.make_parser"]),
    ("B318", Warning, ENTITIES, &["xml.dom.minidom.parse", "xml.dom.minidom.parseString"]),
    ("B319", Warning, ENTITIES, &["xml.dom.pulldom.parse", "xml.dom.pulldom.parseString"]),
    ("B321", Error, "sends all in the clear: use SFTP", &["ftplib.FTP"]),
    ("B323", Warning, "does not check the server's certificate", &["ssl._create_unverified_context"]),
];

const ENTITIES: &str = "expands entities of foreign XML: use defusedxml";

/// Modules that are not to be imported, by how their full names begin.
pub(super) const MODULES: &[Listed] = &[
    ("B401", Error, "sends all in the clear: use SSH", &["telnetlib"]),
    ("B402", Error, "sends all in the clear: use SFTP", &["ftplib"]),
    (
        "B403",
        Info,
        "runs what the data it reads says: read only data that you wrote",
        &["pickle", "cPickle", "dill", "shelve"],
    ),
    ("B404", Info, "starts programs: look at where their names and arguments come from", &["subprocess"]),
    ("B405", Info, ENTITIES, &["xml.etree.cElementTree", "xml.etree.ElementTree"]),
    ("B406", Info, ENTITIES, &["xml.sax"]),
    ("B407", Info, ENTITIES, &["xml.dom.expatbuilder"]),
    ("B408", Info, ENTITIES, &["xml.dom.minidom"]),
    ("B409", Info, ENTITIES, &["xml.dom.pulldom"]),
    ("B411", Error, "expands entities of foreign XML: use defusedxml.xmlrpc", &["xmlrpc"]),
    (
        "B412",
        Error,
        "lets a header of the request set the program's proxy",
        &["wsgiref.handlers.CGIHandler", "twisted.web.twcgi.CGIScript", "twisted.web.twcgi.CGIDirectory"],
    ),
    (
        "B413",
        Error,
        "is of pyCrypto, which nobody maintains: use cryptography",
        &[
            "Crypto.Cipher",
            "Crypto.Hash",
            "Crypto.IO",
            "Crypto.Protocol",
            "Crypto.PublicKey",
            "Crypto.Random",
            "Crypto.Signature",
            "Crypto.Util",
        ],
    ),
    ("B415", Error, "speaks IPMI, which is not safe", &["pyghmi"]),
];

/// Functions that start a program, with a shell where `shell` says so.
pub(super) const SUBPROCESS: &[&str] =
    &["subprocess.Popen", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.run"];

/// Functions that start a shell.
pub(super) const SHELL: &[&str] = &[
    "os.system",
    "os.popen",
    "os.popen2",
    "os.popen3",
    "os.popen4",
    "popen2.popen2",
    "popen2.popen3",
    "popen2.popen4",
    "popen2.Popen3",
    "popen2.Popen4",
    "commands.getoutput",
    "commands.getstatusoutput",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
];

/// Functions that start a program without a shell.
pub(super) const NO_SHELL: &[&str] = &[
    "os.execl",
    "os.execle",
    "os.execlp",
    "os.execlpe",
    "os.execv",
    "os.execve",
    "os.execvp",
    "os.execvpe",
    "os.spawnl",
    "os.spawnle",
    "os.spawnlp",
    "os.spawnlpe",
    "os.spawnv",
    "os.spawnve",
    "os.spawnvp",
    "os.spawnvpe",
    "os.startfile",
];

/// Names of versions of TLS, and of methods for them, that can be broken.
pub(super) const OLD_TLS: &[&str] = &[
    "PROTOCOL_SSLv2",
    "SSLv2_METHOD",
    "SSLv23_METHOD",
    "PROTOCOL_SSLv3",
    "PROTOCOL_TLSv1",
    "SSLv3_METHOD",
    "TLSv1_METHOD",
    "PROTOCOL_TLSv1_1",
    "TLSv1_1_METHOD",
];

/// What sends a request, of `requests` and of `httpx`.
pub(super) const HTTP_VERBS: &[&str] = &["get", "options", "head", "post", "put", "patch", "delete"];
/// Also of `httpx`.
pub(super) const HTTPX: &[&str] = &["request", "stream", "Client", "AsyncClient"];
