//! The short forms of Compose taken apart: volumes, ports, durations, sizes, and commands as a shell would cut them.

use std::net::IpAddr;

/// A volume's short form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Volume {
    /// `bind` or `volume`.
    pub kind: &'static str,
    /// Folder or volume; empty for an anonymous volume.
    pub source: String,
    /// Where it is mounted.
    pub target: String,
    /// `ro`.
    pub read_only: bool,
    /// `nocopy`.
    pub no_copy: bool,
    /// `rprivate`, `shared` and the like.
    pub propagation: Option<String>,
    /// `z` or `Z`.
    pub selinux: Option<String>,
    /// Whether only the target was given, in one or two characters, which Compose takes as it is.
    pub is_bare: bool,
}

/// Takes a volume's short form apart.
pub fn volume(spec: &str) -> Result<Volume, String> {
    let mut volume = Volume { kind: "volume", ..Volume::default() };
    match spec.len() {
        0 => return Err("the volume is empty".to_owned()),
        1 | 2 => return Ok(Volume { target: spec.to_owned(), is_bare: true, ..volume }),
        _ => {}
    }
    let mut part = String::new();
    for character in spec.chars().map(Some).chain([None]) {
        let is_drive = character == Some(':') && part.chars().count() == 1 && part.starts_with(char::is_alphabetic);
        match character {
            Some(':') if !is_drive => {
                section(&mut volume, &std::mem::take(&mut part), false)?;
            }
            Some(character) => part.push(character),
            None => section(&mut volume, &part, true)?,
        }
    }
    if is_file_path(&volume.source) {
        volume.kind = "bind";
    }
    Ok(volume)
}

fn section(volume: &mut Volume, part: &str, is_last: bool) -> Result<(), String> {
    if part.is_empty() {
        return Err("the volume has an empty part between colons".to_owned());
    }
    if volume.source.is_empty() && !is_last {
        part.clone_into(&mut volume.source);
    } else if volume.target.is_empty() {
        part.clone_into(&mut volume.target);
    } else if !is_last {
        return Err("the volume has too many colons".to_owned());
    } else {
        for option in part.split(',') {
            match option {
                "ro" => volume.read_only = true,
                "rw" => volume.read_only = false,
                "nocopy" => volume.no_copy = true,
                "rprivate" | "private" | "rshared" | "shared" | "rslave" | "slave" => {
                    volume.propagation = Some(option.to_owned());
                }
                "z" | "Z" => volume.selinux = Some(option.to_owned()),
                _ => {}
            }
        }
    }
    Ok(())
}

fn is_file_path(source: &str) -> bool {
    let mut characters = source.chars();
    let (first, second) = (characters.next(), characters.next());
    source.starts_with(['.', '/', '~'])
        || source.starts_with("\\\\")
        || (first.is_some_and(char::is_alphabetic) && second == Some(':'))
}

/// One published port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Address it listens on; empty for all.
    pub host_ip: String,
    /// Host port or range; empty for any.
    pub published: String,
    /// Port in the container.
    pub target: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

/// Takes a port's short form apart; a range gives several.
pub fn ports(spec: &str) -> Result<Vec<Port>, String> {
    let pieces: Vec<&str> = spec.split(':').collect();
    let (host_ip, host, container) = match pieces.as_slice() {
        [container] => (String::new(), "", *container),
        [host, container] => (String::new(), *host, *container),
        [ip @ .., host, container] => (ip.join(":"), *host, *container),
        [] => (String::new(), "", ""),
    };
    let (container, protocol) = container.split_once('/').unwrap_or((container, ""));
    if container.is_empty() {
        return Err("the port has no container port".to_owned());
    }
    let protocol = if protocol.is_empty() { "tcp".to_owned() } else { protocol.to_lowercase() };
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err("the port's protocol must be tcp, udp or sctp".to_owned());
    }
    let host_ip =
        host_ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).map_or(host_ip.clone(), ToOwned::to_owned);
    if !host_ip.is_empty() && host_ip.parse::<IpAddr>().is_err() {
        return Err("the port's address is no IP address".to_owned());
    }
    let (first, last) = range(container).ok_or("the container port is no port between 0 and 65535")?;
    let published =
        if host.is_empty() { None } else { Some(range(host).ok_or("the host port is no port between 0 and 65535")?) };
    if let Some((from, to)) = published
        && to - from != last - first
        && first != last
    {
        return Err("the ranges of host and container ports differ in length".to_owned());
    }
    let mut ports: Vec<Port> = (first..=last)
        .map(|target| {
            let published = published.map_or(String::new(), |(from, to)| {
                let port = from + (target - first);
                if first == last && from != to { format!("{port}-{to}") } else { port.to_string() }
            });
            Port { host_ip: host_ip.clone(), published, target, protocol: protocol.clone() }
        })
        .collect();
    ports.sort_by_key(|port| format!("{}/{}", port.target, port.protocol));
    Ok(ports)
}

fn range(text: &str) -> Option<(u16, u16)> {
    let port =
        |text: &str| if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse::<u16>().ok() } else { None };
    match text.split_once('-') {
        None => port(text).map(|port| (port, port)),
        Some((from, to)) => port(from).zip(port(to)).filter(|(from, to)| from <= to),
    }
}

/// Bytes of a size such as `64m`, `1.5gb` or `512`.
#[expect(clippy::cast_possible_truncation, reason = "sizes beyond 64 bits are cut, as Go cuts them")]
pub fn bytes(text: &str) -> Option<i64> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole);
    }
    let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')?;
    let (number, unit) = (text.get(..=end)?, text.get(end + 1..)?);
    let number = number.strip_suffix(' ').unwrap_or(number);
    let size: f64 = number.parse().ok()?;
    if size < 0.0 || number.starts_with(['+', '-']) {
        return None;
    }
    let unit = unit.to_ascii_lowercase();
    let (letter, rest) = unit.split_at_checked(1).unwrap_or(("", ""));
    if unit == "b" || unit.is_empty() {
        return Some(size as i64);
    }
    let power = "kmgtp".find(letter)?;
    if !matches!(rest, "" | "b" | "ib") {
        return None;
    }
    Some((size * 1024_f64.powi(i32::try_from(power).unwrap_or_default() + 1)) as i64)
}

/// Nanoseconds of a duration such as `1m30s`, `2d` or `0`.
#[expect(clippy::cast_possible_truncation, reason = "durations beyond 64 bits are cut")]
pub fn nanoseconds(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0_f64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let length = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        total += number
            * match rest.get(..length)? {
                "ns" => 1.0,
                "us" | "\u{b5}s" | "\u{3bc}s" => 1e3,
                "ms" => 1e6,
                "s" => 1e9,
                "m" => 6e10,
                "h" => 3.6e12,
                "d" => 8.64e13,
                "w" => 6.048e14,
                _ => return None,
            };
        rest = rest.get(length..)?;
    }
    Some(if negative { -total } else { total }.round() as i64)
}

/// A duration as Go prints it: `1h0m0s`, `1.5s`, `10ms`.
pub fn print_duration(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let size = nanoseconds.unsigned_abs();
    let with_fraction = |size: u64, unit: u64| {
        let (whole, rest) = (size / unit, size % unit);
        if rest == 0 {
            return whole.to_string();
        }
        let digits = unit.ilog10() as usize;
        format!("{whole}.{}", format!("{rest:0digits$}").trim_end_matches('0'))
    };
    let text = match size {
        0 => "0s".to_owned(),
        1..1_000 => format!("{size}ns"),
        1_000..1_000_000 => format!("{}\u{b5}s", with_fraction(size, 1_000)),
        1_000_000..1_000_000_000 => format!("{}ms", with_fraction(size, 1_000_000)),
        _ => {
            let (minutes, rest) = (size / 60_000_000_000, size % 60_000_000_000);
            let seconds = format!("{}s", with_fraction(rest, 1_000_000_000));
            match (minutes / 60, minutes % 60) {
                (0, 0) => seconds,
                (0, minutes) => format!("{minutes}m{seconds}"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}"),
            }
        }
    };
    format!("{sign}{text}")
}

/// The words of a command in one text. Reading ends at `;`, `&`, `|`, `<` and `>`; `None` where quotes or brackets do not pair.
pub fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut has_word, mut escaped) = (false, false);
    // What is open: a quote, a backquote, or `(` of `$(`.
    let mut open: Option<char> = None;
    for character in line.chars() {
        if escaped {
            word.push(match character {
                't' => '\t',
                'n' => '\n',
                other => other,
            });
            (escaped, has_word) = (false, true);
            continue;
        }
        match (character, open) {
            ('\\', Some('\'')) => word.push('\\'),
            ('\\', _) => {
                escaped = true;
                continue;
            }
            (' ' | '\t' | '\r' | '\n', Some(_)) => {
                word.push(character);
                continue;
            }
            (' ' | '\t' | '\r' | '\n', None) => {
                if std::mem::take(&mut has_word) {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            ('"' | '\'', None) => {
                open = Some(character);
                continue;
            }
            ('"' | '\'', Some(quote)) if quote == character => {
                (open, has_word) = (None, true);
                continue;
            }
            ('`', None) => {
                open = Some('`');
                word.push('`');
            }
            ('`', Some('`')) => {
                open = None;
                word.push('`');
            }
            ('(', None) if word.ends_with('$') => {
                open = Some('(');
                word.push('(');
                continue;
            }
            (')', Some('(')) => {
                open = None;
                word.push(')');
            }
            ('(', None | Some('(')) | (')', None) => return None,
            (';' | '&' | '|' | '<' | '>', None) => {
                if character == '>' && word.starts_with(|c: char| c.is_ascii_digit()) {
                    has_word = false;
                }
                break;
            }
            (other, _) => word.push(other),
        }
        has_word = true;
    }
    if has_word {
        words.push(word);
    }
    if escaped || open.is_some() { None } else { Some(words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_have_sources_targets_and_options() {
        let parts = |spec| volume(spec).map(|v| (v.kind, v.source, v.target, v.read_only));
        let text = str::to_owned;
        assert_eq!(parts("./a:/b:ro"), Ok(("bind", text("./a"), text("/b"), true)));
        assert_eq!(parts("data:/b"), Ok(("volume", text("data"), text("/b"), false)));
        assert_eq!(parts("/b/c"), Ok(("volume", text(""), text("/b/c"), false)));
        assert_eq!(parts("c:\\x:/y"), Ok(("bind", text("c:\\x"), text("/y"), false)));
        for wrong in ["", "ab::c", ":/x", "ab:/b:ro:x:y"] {
            assert!(volume(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ports_may_be_ranges() {
        let parts = |spec| {
            ports(spec).map(|all| {
                all.into_iter()
                    .map(|p| format!("{}|{}|{}/{}", p.host_ip, p.published, p.target, p.protocol))
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(parts("80"), Ok(vec!["||80/tcp".to_owned()]));
        assert_eq!(
            parts("127.0.0.1:8000-8001:80-81/UDP"),
            Ok(vec!["127.0.0.1|8000|80/udp".to_owned(), "127.0.0.1|8001|81/udp".to_owned()])
        );
        assert_eq!(parts("[::1]:8000-8009:80"), Ok(vec!["::1|8000-8009|80/tcp".to_owned()]));
        assert_eq!(parts("127.0.0.1::80"), Ok(vec!["127.0.0.1||80/tcp".to_owned()]));
        for wrong in ["", "x", "70000", "80-79", "1-2:3-5", "a:1:2", "1/x", "80:"] {
            assert!(ports(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_and_durations_have_units() {
        assert_eq!(
            [bytes("64m"), bytes("1.5gb"), bytes("-1"), bytes("2KiB"), bytes("x"), bytes("1 k")],
            [Some(67_108_864), Some(1_610_612_736), Some(-1), Some(2048), None, Some(1024)]
        );
        let printed = |text| nanoseconds(text).map(print_duration);
        for (text, go) in [
            ("90s", "1m30s"),
            ("1h", "1h0m0s"),
            ("1.5s", "1.5s"),
            ("10ms", "10ms"),
            ("2d", "48h0m0s"),
            ("0", "0s"),
            ("1500us", "1.5ms"),
        ] {
            assert_eq!(printed(text).as_deref(), Some(go));
        }
        assert_eq!(nanoseconds("5"), None);
        assert_eq!(nanoseconds("5x"), None);
    }

    #[test]
    fn commands_are_cut_as_a_shell_cuts_them() {
        let text = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(words("a 'b c' \"d\\\"e\" f\\ g ''"), text(&["a", "b c", "d\"e", "f g", ""]));
        assert_eq!(words("echo $(date +%s) `x y` && z"), text(&["echo", "$(date +%s)", "`x y`"]));
        assert_eq!(words("a 2>b"), text(&["a"]));
        assert_eq!(words("a 'b"), None);
        assert_eq!(words("a (b)"), None);
    }
}
