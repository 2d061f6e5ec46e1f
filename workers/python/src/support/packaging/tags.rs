//! File names of distributions, and which wheels an environment can install (PEP 425, 600, 656).

/// A distribution's file by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum File {
    /// A source distribution.
    Source,
    /// A wheel, with its tags.
    Wheel(Tags),
}

/// The tags of a wheel, expanded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tags {
    /// Such as `py3`, `cp312`.
    pub pythons: Vec<String>,
    /// Such as `none`, `abi3`, `cp312`.
    pub abis: Vec<String>,
    /// Such as `any`, `manylinux_2_17_x86_64`.
    pub platforms: Vec<String>,
}

/// Where wheels are to be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Second number of the Python version; the first is 3.
    pub minor: u64,
    /// `cpython`, `pypy` or another implementation's name.
    pub implementation: String,
    /// `sys_platform`; empty: any.
    pub system: String,
    /// `platform_machine`; empty: any.
    pub machine: String,
}

/// What a file's name says it is; none for other files.
pub fn file(name: &str) -> Option<File> {
    if [".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz"].iter().any(|end| name.ends_with(end)) {
        return Some(File::Source);
    }
    let stem = name.strip_suffix(".whl")?;
    let parts: Vec<&str> = stem.split('-').collect();
    let [.., pythons, abis, platforms] = parts.as_slice() else { return None };
    if parts.len() < 5 {
        return None;
    }
    let expanded = |part: &str| part.split('.').map(str::to_lowercase).collect();
    Some(File::Wheel(Tags { pythons: expanded(pythons), abis: expanded(abis), platforms: expanded(platforms) }))
}

/// Name and version of a wheel or source distribution by its file name.
pub fn name_and_version(file: &str) -> Option<(String, pep440_rs::Version)> {
    use crate::support::packaging::{name, specifier::version};
    if let Some(stem) = file.strip_suffix(".whl") {
        let parts: Vec<&str> = stem.split('-').collect();
        let (5 | 6, [name, written, ..]) = (parts.len(), parts.as_slice()) else { return None };
        let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
        if name.contains("__") || !plain {
            return None;
        }
        if let (6, Some(build)) = (parts.len(), parts.get(2)) {
            build.chars().next().filter(char::is_ascii_digit)?;
        }
        return Some((name::normalized(name), version(written)?));
    }
    let stem = file.strip_suffix(".tar.gz").or_else(|| file.strip_suffix(".zip"))?;
    let (name, written) = stem.rsplit_once('-')?;
    Some((name::normalized(name), version(written)?))
}

impl Tags {
    /// Whether a target can install a wheel with these tags.
    pub fn fit(&self, target: &Target) -> bool {
        self.platforms.iter().any(|platform| platform_fits(platform, target))
            && self.pythons.iter().any(|python| self.abis.iter().any(|abi| python_fits(python, abi, target)))
    }

    /// Whether some platform of a system is among them.
    pub fn fit_system(&self, system: &str) -> bool {
        let target =
            Target { minor: 0, implementation: String::new(), system: system.to_owned(), machine: String::new() };
        self.platforms.iter().any(|platform| platform_fits(platform, &target))
    }
}

fn python_fits(python: &str, abi: &str, target: &Target) -> bool {
    let digits = python.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let kind = python.get(..python.len() - digits.len()).unwrap_or_default();
    let Some(major) = digits.get(..1) else { return false };
    let minor: Option<u64> = digits.get(1..).filter(|rest| !rest.is_empty()).and_then(|rest| rest.parse().ok());
    if major != "3" || (digits.len() > 1 && minor.is_none()) {
        return false;
    }
    let exactly = minor == Some(target.minor);
    let at_most = minor.is_none_or(|minor| minor <= target.minor);
    let own = match target.implementation.as_str() {
        "pypy" => "pp",
        "cpython" | "" => "cp",
        _ => "",
    };
    match kind {
        "py" => abi == "none" && at_most,
        "cp" if own == "cp" => match abi {
            "none" | "abi3" => at_most,
            abi => {
                let own_abi =
                    abi.strip_prefix("cp3").map(|rest| rest.trim_end_matches(|c: char| c.is_ascii_alphabetic()));
                exactly && own_abi.and_then(|minor| minor.parse().ok()) == Some(target.minor) && !abi.ends_with('t')
            }
        },
        "pp" if own == "pp" => exactly,
        _ => false,
    }
}

fn platform_fits(platform: &str, target: &Target) -> bool {
    if platform == "any" {
        return true;
    }
    let machine = |suffix: &str| {
        let same = match target.machine.to_lowercase().as_str() {
            "" => true,
            "amd64" | "x86_64" => matches!(suffix, "x86_64" | "amd64" | "universal2" | "intel" | "universal" | "fat64"),
            "arm64" | "aarch64" => matches!(suffix, "arm64" | "aarch64" | "universal2"),
            "i386" | "i686" | "x86" => matches!(suffix, "i686" | "i386" | "win32" | "intel" | "universal" | "fat32"),
            other => suffix == other,
        };
        same && !suffix.is_empty()
    };
    let system = |name: &str| {
        target.system.is_empty() || target.system == name || (name == "linux" && target.system == "linux2")
    };
    // After the version: `manylinux_2_17_x86_64`, `manylinux2014_x86_64`, `musllinux_1_1_armv7l`, `linux_x86_64`.
    let after_version = |rest: &str| {
        let rest = rest.trim_start_matches('_');
        let cut = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
        cut.to_owned()
    };
    if let Some(rest) = platform.strip_prefix("manylinux").or_else(|| platform.strip_prefix("musllinux")) {
        return system("linux") && machine(&after_version(rest));
    }
    if let Some(rest) = platform.strip_prefix("linux_") {
        return system("linux") && machine(rest);
    }
    if let Some(rest) = platform.strip_prefix("macosx_") {
        return system("darwin") && machine(&after_version(rest));
    }
    match platform {
        "win32" => system("win32") && machine("win32"),
        "win_amd64" => system("win32") && machine("amd64"),
        "win_arm64" => system("win32") && machine("arm64"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(name: &str, minor: u64, system: &str, machine: &str) -> bool {
        let target = Target {
            minor,
            implementation: "cpython".to_owned(),
            system: system.to_owned(),
            machine: machine.to_owned(),
        };
        match file(name) {
            Some(File::Wheel(tags)) => tags.fit(&target),
            Some(File::Source) | None => false,
        }
    }

    #[test]
    fn wheels_fit_as_their_tags_say() {
        for (name, minor, system, machine, expected) in [
            ("a-1-py2.py3-none-any.whl", 12, "linux", "x86_64", true),
            ("a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", 11, "linux", "x86_64", true),
            ("a-1-cp311-cp311-manylinux_2_17_x86_64.whl", 12, "linux", "x86_64", false),
            ("a-1-cp38-abi3-macosx_10_9_universal2.whl", 12, "darwin", "arm64", true),
            ("a-1-cp38-abi3-win_amd64.whl", 12, "win32", "AMD64", true),
            ("a-1-pp310-pypy310_pp73-win_amd64.whl", 10, "win32", "AMD64", false),
            ("a-1-py3-none-musllinux_1_1_aarch64.whl", 10, "linux", "aarch64", true),
            ("a-1-cp313-cp313t-win_arm64.whl", 13, "win32", "ARM64", false),
        ] {
            assert_eq!(fits(name, minor, system, machine), expected, "{name}");
        }
        assert_eq!(file("a-1.tar.gz"), Some(File::Source));
        assert_eq!(file("a-1.whl"), None);
    }

    #[test]
    fn names_and_versions_come_from_file_names() {
        let (name, version) = name_and_version("Foo_Bar-1.0-1-py3-none-any.whl").expect("a wheel");
        assert_eq!((name.as_str(), version.to_string().as_str()), ("foo-bar", "1.0"));
        assert!(name_and_version("foo-x-py3-none-any.whl").is_none());
        assert!(name_and_version("foo-bar-1.0.tar.gz").is_some());
    }
}
