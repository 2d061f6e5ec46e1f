//! Rules on package managers: fixed versions, no questions, nothing left behind.

use super::commands::Words;
use super::rules::{
    DL3008, DL3013, DL3014, DL3015, DL3016, DL3018, DL3019, DL3028, DL3030, DL3032, DL3033, DL3034, DL3035, DL3036,
    DL3037, DL3038, DL3040, DL3041, DL3042, DL3062,
};
use super::{Lint, Patch, Run, instructions::variables};
use crate::support::shell::{ShellCommand, ShellWord};
use octavo_toolkit::Rule;
use octavo_toolkit::limits::excerpt;

/// Runs the group on one `RUN`.
pub(super) fn check(lint: &mut Lint<'_>, run: &Run<'_>, pip_keeps_nothing: bool) {
    let cleaned = Cleaned::find(&run.script.commands);
    let pip_keeps_nothing = pip_keeps_nothing || run.script.commands.iter().any(exports_pip_switch);
    for (at, command) in run.script.commands.iter().enumerate() {
        // Whether the manager's cache is emptied behind this command.
        let behind = |last: Option<usize>| last.is_some_and(|last| last > at);
        match command.name.value.as_str() {
            "apt-get" => lint.apt(run, command),
            "apk" => lint.apk(run, command),
            "npm" => lint.unpinned(&DL3016, run, command, &NPM, npm_is_pinned),
            "gem" if !has_gem_version(command) => {
                lint.unpinned(&DL3028, run, command, &GEM, |gem| gem.contains(':') || is_file(gem, &[".gem"]));
            }
            "go" => lint.go(run, command),
            "yum" => lint.yum(run, command, behind(cleaned.yum)),
            "dnf" => lint.dnf(run, command, behind(cleaned.dnf)),
            "microdnf" => lint.dnf(run, command, behind(cleaned.microdnf)),
            "zypper" => lint.zypper(run, command, behind(cleaned.zypper)),
            _ => lint.pip(run, command, pip_keeps_nothing),
        }
    }
}

/// A way to install: the subcommands, and the options whose value is a word of its own.
struct Installer {
    subcommands: &'static [&'static str],
    // Separated by blanks.
    valued: &'static str,
}

const APT: Installer = Installer {
    subcommands: &["install"],
    valued: "-t --target-release --default-release -o --option -c --config-file -a --host-architecture",
};
const APK: Installer = Installer {
    subcommands: &["add"],
    valued: "\
        -t --virtual -X --repository -p --root --keys-dir --repositories-file --wait --arch --cache-dir \
        --cache-max-age --progress-fd --timeout",
};
const NPM: Installer = Installer {
    subcommands: &["install", "i", "add"],
    valued: "--registry --prefix -C --cache --loglevel --tag --userconfig --omit --include -w --workspace",
};
const GEM: Installer = Installer {
    subcommands: &["install", "i"],
    valued: "\
        -v --version -i --install-dir -n --bindir -s --source -P --trust-policy --platform -p --http-proxy \
        --build-root -g --file --without --use-system-libraries",
};
const PIP: Installer = Installer {
    subcommands: &["install"],
    valued: "\
        -i --index-url --extra-index-url --trusted-host -f --find-links -t --target --prefix --root --src \
        --platform --python-version --abi --implementation --only-binary --no-binary --install-option \
        --global-option -b --build --cache-dir --log --proxy --timeout --default-timeout --retries --progress-bar \
        --upgrade-strategy --use-feature --use-deprecated -C --config-settings --report --exists-action --cert \
        --client-cert --keyring-provider --group --root-user-action --python --build-option",
};
const RPM: Installer = Installer {
    subcommands: &["install"],
    valued: "\
        -c --config --enablerepo --disablerepo --repo --repoid --setopt --installroot --releasever -x --exclude \
        --disableplugin --enableplugin -R -d -e --arch --forcearch --advisory --comment",
};
const RPM_MODULE: Installer = Installer { subcommands: &["module"], valued: RPM.valued };
const ZYPPER: Installer = Installer {
    subcommands: &["install", "in"],
    valued: "\
        -t --type -r --repo --from -R --root --installroot -C --cache-dir -c --config -D --reposd-dir -p \
        --plus-repo --download",
};
const GO: Installer = Installer {
    subcommands: &["install", "get"],
    valued: "\
        -ldflags -gcflags -asmflags -gccgoflags -tags -mod -modfile -p -o -C -overlay -pkgdir -toolexec \
        -buildmode -compiler -installsuffix -exec -pgo",
};
const GO_RUN: Installer = Installer { subcommands: &["run"], valued: GO.valued };

impl Installer {
    // The words that name packages, if the command installs: the subcommand itself first.
    fn packages<'c>(&self, command: &'c ShellCommand) -> Option<(&'c ShellWord, Vec<&'c ShellWord>)> {
        let mut words = command.operands(self.valued).into_iter();
        let subcommand = words.next().filter(|word| self.subcommands.contains(&word.value.as_str()))?;
        Some((subcommand, words.collect()))
    }
}

impl Lint<'_> {
    // Reports the packages of an installing command that have no fixed version.
    fn unpinned(
        &mut self,
        rule: &'static Rule,
        run: &Run<'_>,
        command: &ShellCommand,
        installer: &Installer,
        is_pinned: fn(&str) -> bool,
    ) {
        if let Some((_, packages)) = installer.packages(command) {
            self.report_unpinned(rule, run, &packages, is_pinned);
        }
    }

    fn report_unpinned(
        &mut self,
        rule: &'static Rule,
        run: &Run<'_>,
        packages: &[&ShellWord],
        is_pinned: fn(&str) -> bool,
    ) {
        let loose: Vec<&&ShellWord> = packages.iter().filter(|word| !is_pinned(&word.value)).collect();
        let (Some(first), Some(last)) = (loose.first(), loose.last()) else { return };
        let message = match loose.len() {
            1 => format!("`{}` has no fixed version", excerpt(&first.value)),
            count => format!("{count} packages have no fixed version, `{}` first", excerpt(&first.value)),
        };
        self.on(rule, run.outer, first.span.start..last.span.end.max(first.span.end), message);
    }

    // Reports a missing option, with the option behind `place` as the fix.
    fn lacks(
        &mut self,
        rule: &'static Rule,
        run: &Run<'_>,
        command: &ShellCommand,
        place: &ShellWord,
        option: &str,
        message: &str,
    ) {
        let fix = run.is_shell.then(|| Patch {
            title: format!("add {option}"),
            span: place.span.end..place.span.end,
            text: format!(" {option}"),
        });
        self.fixed(rule, run.outer, command.name.span.start..place.span.end.max(command.name.span.end), message, fix);
    }

    fn apt(&mut self, run: &Run<'_>, command: &ShellCommand) {
        let Some((install, packages)) = APT.packages(command) else { return };
        // A name with a dash at its end is removed, not installed.
        self.report_unpinned(&DL3008, run, &packages, |name| {
            name.contains(['=', '/']) || is_file(name, &[".deb"]) || name.ends_with('-')
        });
        let quiet = command.count_flag('q', &["--quiet"]) + usize::from(command.has_flag(&["-q=2", "-q=3"])) * 2;
        if quiet < 2 && !command.has_short('y') && !command.has_flag(&["--yes", "--assume-yes"]) {
            self.lacks(&DL3014, run, command, install, "-y", "apt-get asks before it installs");
        }
        let leaves_out = |value: &str| {
            let setting = value.to_ascii_lowercase();
            let setting = setting
                .split_once("apt::install-recommends=")
                .map(|(_, value)| value.trim_matches(['"', '\'']).to_owned());
            value.starts_with("--no-install-recommends")
                || setting.is_some_and(|value| matches!(value.as_str(), "false" | "0" | "no"))
        };
        if !command.arguments.iter().any(|word| leaves_out(&word.value)) {
            self.lacks(&DL3015, run, command, install, "--no-install-recommends", "recommended packages come along");
        }
    }

    fn apk(&mut self, run: &Run<'_>, command: &ShellCommand) {
        let Some((add, packages)) = APK.packages(command) else { return };
        self.report_unpinned(&DL3018, run, &packages, |name| {
            name.contains(['=', '~', '>', '<']) || is_file(name, &[".apk"])
        });
        let is_mounted = run.mounts.iter().any(|target| matches!(*target, "/var/cache/apk" | "/etc/apk/cache"));
        if !command.has_flag(&["--no-cache"]) && !is_mounted {
            self.lacks(&DL3019, run, command, add, "--no-cache", "apk keeps its index in the layer");
        }
    }

    fn pip(&mut self, run: &Run<'_>, command: &ShellCommand, keeps_nothing: bool) {
        let Some((is_pipx, command)) = pip_command(command) else { return };
        let Some((install, packages)) = PIP.packages(&command) else { return };
        let reads_list = |word: &ShellWord| {
            let value = word.value.as_str();
            let long = ["--requirement", "--editable", "--constraint"]
                .iter()
                .any(|flag| value.split('=').next() == Some(flag));
            long || (["-r", "-e", "-c"].iter().any(|flag| value.starts_with(flag)) && !value.starts_with("--"))
        };
        if !command.arguments.iter().any(reads_list) {
            self.report_unpinned(&DL3013, run, &packages, pip_is_pinned);
        }
        let is_mounted = run.mounts.iter().any(|target| target.ends_with("/.cache/pip"));
        let has_option =
            command.arguments.iter().any(|word| word.value == "--no-cache-dir" || word.value == "--no-cache");
        let in_environment = command.assignments.iter().any(is_pip_switch);
        if !is_pipx && !has_option && !in_environment && !keeps_nothing && !is_mounted {
            self.lacks(&DL3042, run, &command, install, "--no-cache-dir", "pip keeps its cache in the layer");
        }
    }

    fn go(&mut self, run: &Run<'_>, command: &ShellCommand) {
        self.unpinned(&DL3062, run, command, &GO, go_is_pinned);
        // What follows the package of `go run` is given to the program.
        if let Some((_, packages)) = GO_RUN.packages(command) {
            self.report_unpinned(&DL3062, run, packages.get(..1).unwrap_or_default(), go_is_pinned);
        }
    }

    fn yum(&mut self, run: &Run<'_>, command: &ShellCommand, is_cleaned: bool) {
        self.rpm(&DL3033, &DL3030, run, command);
        let is_mounted = run.mounts.contains(&"/var/cache/yum");
        if RPM.packages(command).is_some() && !is_cleaned && !is_mounted {
            self.on(&DL3032, run.outer, command.name.span.clone(), "yum's cache stays in the layer");
        }
    }

    fn dnf(&mut self, run: &Run<'_>, command: &ShellCommand, is_cleaned: bool) {
        self.rpm(&DL3041, &DL3038, run, command);
        let name = command.name.value.as_str();
        let is_mounted = run.mounts.iter().any(|target| DNF_CACHES.contains(target));
        let operands = command.operands(RPM.valued);
        let mut words = operands.iter().map(|word| word.value.as_str()).skip_while(|word| *word == "group");
        let fills = words.next().is_some_and(|word| DNF_FILLS.contains(&word));
        if fills && !is_cleaned && !is_mounted {
            self.on(&DL3040, run.outer, command.name.span.clone(), format!("{name}'s cache stays in the layer"));
        }
    }

    // What yum and dnf share.
    fn rpm(&mut self, pins: &'static Rule, asks: &'static Rule, run: &Run<'_>, command: &ShellCommand) {
        let module = RPM_MODULE.packages(command).and_then(|(_, mut words)| {
            let is_install = words.first().is_some_and(|word| word.value == "install");
            is_install.then(|| (words.remove(0), words))
        });
        if let Some((_, streams)) = &module {
            self.report_unpinned(pins, run, streams, |stream| stream.contains(':'));
        }
        if let Some((_, packages)) = RPM.packages(command) {
            // A version may stand in a variable that is set above.
            let is_pinned = |word: &ShellWord| {
                rpm_is_pinned(&word.value)
                    || (word.value.contains('-')
                        && variables(&word.value).any(|name| self.facts.is_set_at(run.at, name)))
            };
            let loose: Vec<&ShellWord> = packages.into_iter().filter(|word| !is_pinned(word)).collect();
            self.report_unpinned(pins, run, &loose, |_| false);
        }
        let operands = command.operands(RPM.valued);
        let installs = |word: &&ShellWord| matches!(word.value.as_str(), "install" | "groupinstall" | "localinstall");
        let subcommand = module.map(|(install, _)| install).or_else(|| operands.first().copied().filter(installs));
        if let Some(subcommand) =
            subcommand.filter(|_| !command.has_short('y') && !command.has_flag(&["--assumeyes", "--yes"]))
        {
            let message = format!("{} asks before it installs", command.name.value);
            self.lacks(asks, run, command, subcommand, "-y", &message);
        }
    }

    fn zypper(&mut self, run: &Run<'_>, command: &ShellCommand, is_cleaned: bool) {
        let operands = command.operands(ZYPPER.valued);
        let Some(subcommand) = operands.first().copied() else { return };
        let is_silent = command.has_short('n')
            || command.has_short('y')
            || command.has_flag(&["--non-interactive", "--no-confirm"]);
        match subcommand.value.as_str() {
            "dup" | "dist-upgrade" => {
                self.on(&DL3035, run.outer, subcommand.span.clone(), "the whole distribution is upgraded");
            }
            "install" | "in" | "remove" | "rm" | "source-install" | "si" | "patch" if !is_silent => {
                self.lacks(&DL3034, run, command, subcommand, "-y", "zypper asks before it goes on");
            }
            _ => {}
        }
        self.unpinned(&DL3037, run, command, &ZYPPER, |name| {
            name.contains(['=', '<', '>']) || is_file(name, &[".rpm"])
        });
        let is_mounted = run.mounts.contains(&"/var/cache/zypp");
        if ZYPPER.packages(command).is_some() && !is_cleaned && !is_mounted {
            self.on(&DL3036, run.outer, command.name.span.clone(), "zypper's cache stays in the layer");
        }
    }
}

/// Whether a value means yes to pip.
pub(super) fn is_true(value: &str) -> bool {
    ["1", "true", "yes", "on", "y", "t"].iter().any(|word| word.eq_ignore_ascii_case(value))
}

// The command as pip sees it, and whether it is pipx: `pip`, `pip3.12`, `python3 -m pip`.
fn pip_command(command: &ShellCommand) -> Option<(bool, ShellCommand)> {
    let name = command.name.value.as_str();
    if name == "pipx" {
        return Some((true, command.clone()));
    }
    if name.strip_prefix("pip").is_some_and(|rest| rest.bytes().all(|c| c.is_ascii_digit() || matches!(c, b'.' | b'-')))
    {
        return Some((false, command.clone()));
    }
    let module = command.arguments.iter().position(|word| word.value == "-m").filter(|_| name.starts_with("python"))?;
    let is_pip = command.arguments.get(module + 1).is_some_and(|word| word.value == "pip");
    let arguments = command.arguments.get(module + 2..).unwrap_or_default().to_vec();
    is_pip.then(|| (false, ShellCommand { arguments, ..command.clone() }))
}

// Whether a word names a file of one of these kinds.
fn is_file(word: &str, ends: &[&str]) -> bool {
    ends.iter().any(|end| word.ends_with(end))
}

fn pip_is_pinned(package: &str) -> bool {
    if let Some((_, url)) = package.split_once("git+") {
        // A revision stands behind the path; an `@` before it belongs to the user's name.
        return url.rsplit('/').next().is_some_and(|last| last.contains('@'));
    }
    let is_local = package == "." || package.starts_with(".[") || package.contains('/');
    is_local
        || ["==", "<", ">", "!=", "~="].iter().any(|sign| package.contains(sign))
        || is_file(package, &[".whl", ".tar.gz", ".zip"])
}

fn rpm_is_pinned(package: &str) -> bool {
    package.split('-').skip(1).any(|part| part.starts_with(|c: char| c.is_ascii_digit()))
        || (package.contains('-') && is_file(package, &[".rpm"]))
}

fn npm_is_pinned(package: &str) -> bool {
    let is_git = package.starts_with("git");
    let is_file = is_file(package, &[".tgz", ".tar.gz", ".tar"]);
    let is_local = package == "." || ["./", "../", "/", "~/", "file:"].iter().any(|start| package.starts_with(start));
    is_file
        || is_local
        || if is_git && package.contains(':') {
            package.contains('#')
        } else {
            package.get(1..).is_some_and(|rest| rest.contains('@'))
        }
}

fn go_is_pinned(package: &str) -> bool {
    if let Some((_, version)) = package.split_once('@') {
        return version != "latest";
    }
    // Only a path whose first part has a dot, or is not known, leads to a module elsewhere.
    let first = package.split('/').next().unwrap_or_default();
    package.starts_with(['.', '/']) || is_file(package, &[".go"]) || !first.contains(['.', '$', '`'])
}

fn has_gem_version(command: &ShellCommand) -> bool {
    command.arguments.iter().any(|word| {
        word.value == "--version"
            || word.value.starts_with("--version=")
            || (word.value.starts_with("-v") && !word.value.starts_with("--"))
    })
}

// `PIP_NO_CACHE_DIR=1`.
fn is_pip_switch(word: &ShellWord) -> bool {
    word.value.strip_prefix("PIP_NO_CACHE_DIR=").is_some_and(is_true)
}

fn exports_pip_switch(command: &ShellCommand) -> bool {
    command.name.value == "export" && command.arguments.iter().any(is_pip_switch)
}

// Where in a `RUN` the cache of each manager is emptied last.
struct Cleaned {
    yum: Option<usize>,
    dnf: Option<usize>,
    microdnf: Option<usize>,
    zypper: Option<usize>,
}

impl Cleaned {
    fn find(commands: &[ShellCommand]) -> Self {
        let last = |program: &str, subcommands: &[&str], folders: &[&str]| {
            commands.iter().rposition(|command| cleans(command, program, subcommands) || command.removes(folders))
        };
        Self {
            yum: last("yum", &["clean"], &["/var/cache/yum"]),
            dnf: last("dnf", &["clean"], &DNF_CACHES),
            microdnf: last("microdnf", &["clean"], &DNF_CACHES),
            zypper: last("zypper", &["clean", "cc"], &["/var/cache/zypp"]),
        }
    }
}

/// What of dnf fetches packages, with its short forms.
const DNF_FILLS: [&str; 8] = ["install", "in", "upgrade", "up", "upgrade-minimal", "up-min", "reinstall", "rei"];

const DNF_CACHES: [&str; 3] = ["/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/yum"];

fn cleans(command: &ShellCommand, program: &str, subcommands: &[&str]) -> bool {
    command.name.value == program
        && command.operands("").first().is_some_and(|word| subcommands.contains(&word.value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_seen_where_each_manager_writes_them() {
        for pinned in ["a==1", "a>=1", "a~=1", ".", "./a", ".[dev]", "a.whl", "git+https://h/a@v1", "https://h/a.zip"] {
            assert!(pip_is_pinned(pinned), "{pinned}");
        }
        for loose in ["a", "a[b]", "$X", "git+https://h/a", "git+ssh://git@h/a"] {
            assert!(!pip_is_pinned(loose), "{loose}");
        }
        for pinned in ["a@1", "@a/b@1", "./a", "a.tgz", "git+https://h/a#v1", "file:a"] {
            assert!(npm_is_pinned(pinned), "{pinned}");
        }
        for loose in ["a", "@a/b", "a/b", "git://h/a", "https://h/a", ""] {
            assert!(!npm_is_pinned(loose), "{loose}");
        }
        for pinned in ["a.b/c@v1", "./...", "main.go", "std", "cmd/go"] {
            assert!(go_is_pinned(pinned), "{pinned}");
        }
        for loose in ["a.b/c", "a.b/c@latest", "$X"] {
            assert!(!go_is_pinned(loose), "{loose}");
        }
    }
}
