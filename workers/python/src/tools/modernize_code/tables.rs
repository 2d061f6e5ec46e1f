//! Since which versions of Python the standard library has what: modules, members, keyword arguments, and a few values.
//!
//! The tables hold facts as vermin 1.9.2 has them, a line each, sorted: a name and the first version in Python 2 and 3, `-`
//! where that line of Python lacks it.

/// A version of Python: 3.8 is `(3, 8)`.
pub(super) type Version = (u8, u8);

/// The first versions of Python 2 and of Python 3 that have something; none where that line lacks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Since {
    pub(super) two: Option<Version>,
    pub(super) three: Option<Version>,
}

impl Since {
    pub(super) const fn three(minor: u8) -> Self {
        Self { two: None, three: Some((3, minor)) }
    }

    pub(super) const fn both(two: u8, three: u8) -> Self {
        Self { two: Some((2, two)), three: Some((3, three)) }
    }
}

const MODULES: &str = include_str!("modules.txt");
const MEMBERS: &str = include_str!("members.txt");
const KEYWORDS: &str = include_str!("keywords.txt");

/// The tables, ready for look-ups.
pub(super) struct Tables {
    modules: Vec<&'static str>,
    members: Vec<&'static str>,
    keywords: Vec<&'static str>,
}

impl Tables {
    pub(super) fn read() -> Self {
        let lines = |text: &'static str| text.lines().collect();
        Self { modules: lines(MODULES), members: lines(MEMBERS), keywords: lines(KEYWORDS) }
    }

    pub(super) fn module(&self, name: &str) -> Option<Since> {
        find(&self.modules, name)
    }

    pub(super) fn member(&self, name: &str) -> Option<Since> {
        find(&self.members, name)
    }

    /// A keyword argument of a function.
    pub(super) fn keyword(&self, function: &str, keyword: &str) -> Option<Since> {
        find(&self.keywords, &format!("{function}({keyword}"))
    }
}

fn find(lines: &[&'static str], name: &str) -> Option<Since> {
    let key = |line: &&'static str| line.split(' ').next().unwrap_or_default();
    let at = lines.binary_search_by(|line| key(line).as_bytes().cmp(name.as_bytes())).ok()?;
    let mut words = lines.get(at)?.split(' ').skip(1);
    Some(Since { two: words.next().and_then(version), three: words.next().and_then(version) })
}

/// Reads `3.8`.
pub(super) fn version(text: &str) -> Option<Version> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Type codes of `array.array`.
pub(super) fn array_typecode(code: &str) -> Option<Since> {
    match code {
        "q" | "Q" => Some(Since::three(3)),
        "w" => Some(Since::three(13)),
        "e" | "Zf" | "Zd" => Some(Since::three(15)),
        _ => None,
    }
}

/// Directives of `bytes % x`.
pub(super) fn bytes_directive(directive: char) -> Option<Since> {
    match directive {
        'a' | 'b' => Some(Since::three(5)),
        'r' => Some(Since::both(7, 5)),
        _ => None,
    }
}

/// Directives of `strftime`.
pub(super) fn time_directive(directive: char) -> Option<Since> {
    match directive {
        'G' | 'V' | 'u' => Some(Since::three(6)),
        'f' => Some(Since::both(6, 0)),
        _ => None,
    }
}

/// Error handlers of codecs.
pub(super) fn error_handler(name: &str) -> Option<Since> {
    match name {
        "surrogateescape" | "surrogatepass" => Some(Since::three(1)),
        "namereplace" => Some(Since::three(5)),
        _ => None,
    }
}

/// Encodings, in any case.
pub(super) fn encoding(name: &str) -> Option<Since> {
    let minor = match name.to_lowercase().as_str() {
        "base64_codec" | "base64-codec" | "bz2_codec" | "bz2-codec" | "hex_codec" | "hex-codec" | "quopri_codec"
        | "quopri-codec" | "uu_codec" | "uu-codec" | "rot_13" | "rot-13" => 2,
        "cp65001" => 3,
        "cp273" | "273" | "ibm273" | "csibm273" | "cp1125" | "1125" | "ibm1125" | "cp866u" | "ruscii" | "base64"
        | "base_64" | "base-64" | "bz2" | "hex" | "quopri" | "quotedprintable" | "quoted_printable"
        | "quoted-printable" | "uu" | "zip" | "zlib" | "rot13" => 4,
        "koi8_t" | "kz1048" | "kz_1048" | "strk1048_2002" | "kz-1048" | "strk1048-2002" | "rk1048" => 5,
        "oem" => 6,
        _ => return None,
    };
    Some(Since::three(minor))
}

/// Where functions of `codecs` take encodings.
pub(super) fn encoding_places(function: &str) -> Option<&'static [usize]> {
    Some(match function {
        "codecs.encode" | "codecs.decode" => &[1],
        "codecs.lookup"
        | "codecs.getencoder"
        | "codecs.getdecoder"
        | "codecs.getincrementalencoder"
        | "codecs.getincrementaldecoder"
        | "codecs.getreader"
        | "codecs.getwriter" => &[0],
        "codecs.open" | "codecs.iterencode" | "codecs.iterdecode" => &[2],
        "codecs.EncodedFile" => &[1, 2],
        _ => return None,
    })
}

/// Where functions of `codecs` take the name of an error handler.
pub(super) fn handler_place(function: &str) -> Option<usize> {
    Some(match function {
        "codecs.encode" | "codecs.decode" | "codecs.iterencode" | "codecs.iterdecode" => 2,
        "codecs.open" | "codecs.EncodedFile" | "codecs.StreamReaderWriter" => 3,
        "codecs.IncrementalEncoder" | "codecs.IncrementalDecoder" => 0,
        "codecs.StreamWriter" | "codecs.StreamReader" => 1,
        "codecs.StreamRecoder" => 5,
        _ => return None,
    })
}

/// Types other than `dict` that know `|`, and whether they know `|=`.
pub(super) fn knows_union(name: &str) -> Option<bool> {
    match name {
        "collections.ChainMap"
        | "collections.OrderedDict"
        | "collections.UserDict"
        | "collections.defaultdict"
        | "os.environ"
        | "os.environb"
        | "weakref.WeakKeyDictionary"
        | "weakref.WeakValueDictionary" => Some(true),
        "types.MappingProxyType" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_found_in() {
        let tables = Tables::read();
        for lines in [&tables.modules, &tables.members, &tables.keywords] {
            let keys: Vec<&str> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
            assert!(keys.is_sorted_by(|a, b| a.as_bytes() < b.as_bytes()));
            assert!(lines.iter().all(|line| line.split(' ').count() == 3), "three words a line");
        }
        assert_eq!(tables.module("asyncio"), Some(Since::three(4)));
        assert_eq!(tables.member("str.removeprefix"), Some(Since::three(9)));
        assert_eq!(tables.keyword("zip", "strict"), Some(Since::three(10)));
        assert_eq!(tables.module("ConfigParser"), Some(Since { two: Some((2, 0)), three: None }));
        assert_eq!(tables.member("nothing"), None);
    }
}
