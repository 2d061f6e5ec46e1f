//! Rules on the commands of `RUN`, package managers aside.

use super::rules::{
    DL3001, DL3003, DL3004, DL3009, DL3010, DL3027, DL3046, DL3047, DL3059, DL3060, DL4001, DL4005, DL4006,
};
use super::{Lint, Patch, Run, instructions, packages};
use crate::support::dockerfile::{Arguments, Flag, Instruction, Keyword};
use crate::support::shell::{ShellCommand, ShellWord};
use crate::support::text::Word;
use octavo_toolkit::limits::excerpt;
use std::collections::BTreeMap;
use std::ops::Range;

/// Programs that make sense at a terminal or under an init system only.
const INTERACTIVE: [&str; 9] = ["ssh", "vim", "shutdown", "service", "ps", "free", "top", "kill", "mount"];

/// Highest user id whose sparse login log is still small.
const MAX_SPARSE_UID: u64 = 99_999;

/// Runs the group.
pub(super) fn check(lint: &mut Lint<'_>) {
    let runs = std::mem::take(&mut lint.runs);
    for run in &runs {
        let stage = lint.facts.stage_of(run.at);
        for command in &run.script.commands {
            lint.command(run, command);
        }
        lint.pipes(run);
        // A stage with triggers is made to be built upon.
        if run.is_trigger() || stage.is_none_or(|stage| lint.facts.is_kept(stage)) {
            lint.apt_lists(run);
            lint.yarn_cache(run);
        }
        let pip_keeps_nothing =
            lint.facts.holds_at(run.at, |own| own.pip_keeps_nothing_from.is_some_and(|from| from < run.at));
        packages::check(lint, run, pip_keeps_nothing);
    }
    lint.consecutive(&runs);
    lint.downloaders(&runs);
    lint.archives(&runs);
    lint.runs = runs;
}

/// What rules ask of the words of a command.
pub(super) trait Words {
    /// The words that are neither options nor the values of those in `valued`, separated by blanks; what is behind `--` is all words.
    fn operands(&self, valued: &str) -> Vec<&ShellWord>;
    /// Whether one of the options, with or without `=value`, is there.
    fn has_flag(&self, flags: &[&str]) -> bool;
    /// How often a letter stands in clusters such as `-qq`, and the long options beside it.
    fn count_flag(&self, letter: char, long: &[&str]) -> usize;
    /// Whether a letter stands in a cluster such as `-fy`.
    fn has_short(&self, letter: char) -> bool;
    /// Whether it is an `rm` that takes one of the folders away, or all that is in it.
    fn removes(&self, folders: &[&str]) -> bool;
}

impl Words for ShellCommand {
    fn operands(&self, valued: &str) -> Vec<&ShellWord> {
        let mut operands = Vec::new();
        let mut words = self.arguments.iter();
        while let Some(word) = words.next() {
            if word.value == "--" && !word.quoted {
                // What an installer hands on to the builds of its packages is no package.
                if self.name.value != "gem" {
                    operands.extend(words);
                }
                break;
            }
            if !word.value.starts_with('-') {
                operands.push(word);
            } else if valued.split(' ').any(|option| option == word.value) {
                words.next();
            }
        }
        operands
    }

    fn has_flag(&self, flags: &[&str]) -> bool {
        self.arguments.iter().any(|word| {
            flags.contains(&word.value.as_str())
                || word.value.split_once('=').is_some_and(|(flag, _)| flags.contains(&flag))
        })
    }

    fn count_flag(&self, letter: char, long: &[&str]) -> usize {
        let clusters = self.arguments.iter().filter_map(|word| cluster(&word.value));
        clusters.map(|letters| letters.chars().filter(|c| *c == letter).count()).sum::<usize>()
            + self.arguments.iter().filter(|word| long.contains(&word.value.as_str())).count()
    }

    fn has_short(&self, letter: char) -> bool {
        self.arguments.iter().any(|word| cluster(&word.value).is_some_and(|letters| letters.contains(letter)))
    }

    fn removes(&self, folders: &[&str]) -> bool {
        let covers = |path: &str, folder: &str| {
            let path = path.trim_end_matches(['*', '/']);
            // A folder above it takes it along; a part of it is what people clean in practice.
            path.starts_with(folder)
                || (path.len() > "/var".len() && folder.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
        };
        // Braces such as `/var/{lib,cache}/x` are tried as each of the folders they could mean.
        let braces = |path: &str, folder: &str| {
            path.split_once('{').is_some_and(|(start, _)| start.len() > "/var".len() && folder.starts_with(start))
        };
        self.name.value == "rm"
            && self
                .arguments
                .iter()
                .any(|word| folders.iter().any(|folder| covers(&word.value, folder) || braces(&word.value, folder)))
    }
}

// The letters of `-abc`.
fn cluster(word: &str) -> Option<&str> {
    let letters = word.strip_prefix('-')?;
    (!letters.is_empty() && letters.bytes().all(|c| c.is_ascii_alphabetic())).then_some(letters)
}

/// Whether a program is a shell that reads POSIX scripts.
pub(super) fn is_shell(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or_default();
    matches!(name, "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh")
}

/// The stages and images that a `RUN` mounts from, each with the flag that says so.
pub(super) fn mount_sources(run: &Instruction) -> impl Iterator<Item = (&Flag, &str)> {
    let mounts = run.flags.iter().filter(|flag| flag.name == "mount");
    mounts.filter_map(|flag| {
        let mut parts = flag.value.as_deref()?.split(',').filter_map(|part| part.split_once('='));
        Some((flag, parts.find(|(name, _)| *name == "from")?.1))
    })
}

/// Where caches and temporary file systems are mounted for a `RUN`; what is written there is in no layer.
pub(super) fn mount_targets(run: &Instruction) -> impl Iterator<Item = &str> {
    let mounts = run.flags.iter().filter(|flag| flag.name == "mount").filter_map(|flag| flag.value.as_deref());
    mounts.filter(|mount| mount.split(',').any(|part| matches!(part, "type=cache" | "type=tmpfs"))).filter_map(
        |mount| {
            let named = mount.split(',').filter_map(|part| part.split_once('='));
            let target = named
                .filter(|(name, _)| matches!(*name, "target" | "dst" | "destination"))
                .map(|(_, path)| path)
                .next_back()?;
            Some(target.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(target))
        },
    )
}

impl Lint<'_> {
    fn command(&mut self, run: &Run<'_>, command: &ShellCommand) {
        let name = &command.name;
        let span = name.span.clone();
        match name.value.as_str() {
            program if INTERACTIVE.contains(&program) => {
                self.on(&DL3001, run.outer, span, format!("`{program}` makes no sense in a build"));
            }
            "cd" if !run.is_trigger() => self.on(&DL3003, run.outer, span, "the directory is changed by cd"),
            "sudo" => self.on(&DL3004, run.outer, span, "sudo in a build"),
            "apt" => {
                const SAME: [&str; 8] =
                    ["install", "update", "upgrade", "remove", "purge", "autoremove", "clean", "autoclean"];
                let is_same = command.operands("").first().is_some_and(|word| SAME.contains(&word.value.as_str()));
                let fix = (is_same && !name.quoted).then(|| Patch {
                    title: "use apt-get".to_owned(),
                    span: span.clone(),
                    text: "apt-get".to_owned(),
                });
                self.fixed(&DL3027, run.outer, span, "apt is for terminals; use apt-get or apt-cache", fix);
            }
            "useradd" => self.useradd(run, command),
            "wget" if !is_quiet_wget(command) => {
                self.on(&DL3047, run.outer, span, "wget fills the log with its progress bar");
            }
            "ln" if command.operands("").last().is_some_and(|word| word.value == "/bin/sh") => {
                self.on(&DL4005, run.outer, span, "/bin/sh is replaced; set SHELL");
            }
            _ => {}
        }
    }

    fn useradd(&mut self, run: &Run<'_>, command: &ShellCommand) {
        let mut uid = None;
        let mut words = command.arguments.iter().peekable();
        while let Some(word) = words.next() {
            let value = word.value.as_str();
            let is_cluster = cluster(value).is_some_and(|letters| letters.ends_with('u'));
            uid = match value
                .strip_prefix("--uid=")
                .or_else(|| value.strip_prefix("-u").filter(|rest| !rest.is_empty()))
            {
                Some(number) => number.parse::<u64>().ok().or(uid),
                None if value == "--uid" || is_cluster => words.peek().and_then(|next| next.value.parse().ok()).or(uid),
                None => uid,
            };
        }
        let is_high = uid.is_some_and(|uid| uid > MAX_SPARSE_UID);
        if is_high && !command.has_short('l') && !command.has_flag(&["--no-log-init"]) {
            let end = command.name.span.end;
            let fix =
                run.is_shell.then(|| Patch { title: "add -l".to_owned(), span: end..end, text: " -l".to_owned() });
            self.fixed(
                &DL3046,
                run.outer,
                command.name.span.clone(),
                "a high user id without -l makes a huge sparse file",
                fix,
            );
        }
    }

    // Pipes in a shell that was not told to heed the failure of each part.
    fn pipes(&mut self, run: &Run<'_>) {
        let Some(pipe) = run.script.pipes.first().filter(|_| !run.is_trigger()) else { return };
        let mut shell: Option<&[Word]> = None;
        for instruction in self.file.instructions.get(..run.at).unwrap_or_default() {
            match (instruction.keyword, &instruction.arguments) {
                (Keyword::From, _) => shell = None,
                (Keyword::Shell, Arguments::Words(words)) => shell = Some(words),
                _ => {}
            }
        }
        // The shells of Windows have no such option; there the pipe is theirs, or that of a program they start.
        let is_windows = (shell.is_none() && self.file.escape == '`')
            || run.script.commands.first().is_some_and(|command| is_windows_shell(&command.name.value));
        if !is_windows && !shell.is_some_and(heeds_pipes) {
            self.on(&DL4006, run.outer, pipe.clone(), "only the last part of this pipe can fail the build");
        }
    }

    fn apt_lists(&mut self, run: &Run<'_>) {
        const LISTS: &str = "/var/lib/apt/lists";
        let update = run.script.commands.iter().find(|command| {
            matches!(command.name.value.as_str(), "apt-get" | "apt" | "aptitude")
                && command.operands("-o -c -t").first().is_some_and(|word| word.value == "update")
        });
        let mut folder = "";
        let is_clean = run.script.commands.iter().any(|command| {
            let operands = command.operands("");
            let first = operands.first().map_or("", |word| word.value.as_str());
            match command.name.value.as_str() {
                "cd" => {
                    folder = first.trim_end_matches('/');
                    false
                }
                "apt-get" => matches!(first, "distclean" | "dist-clean"),
                "rm" => {
                    command.removes(&[LISTS])
                        || (folder == "/var/lib" && operands.iter().any(|word| word.value.starts_with("apt")))
                }
                _ => false,
            }
        });
        let mut mounted = run.mounts.iter();
        if let Some(update) =
            update.filter(|_| !is_clean && !mounted.any(|target| matches!(*target, LISTS | "/var/lib/apt")))
        {
            self.on(&DL3009, run.outer, update.name.span.clone(), "the package lists stay in the layer");
        }
    }

    fn yarn_cache(&mut self, run: &Run<'_>) {
        let yarn = |subcommand: &'static [&'static str]| {
            run.script.commands.iter().rposition(move |command| {
                let operands = command.operands("--cwd --modules-folder --cache-folder --network-timeout --registry");
                let mut words = operands.iter().map(|word| word.value.as_str());
                command.name.value == "yarn" && subcommand.iter().all(|expected| words.next() == Some(expected))
            })
        };
        let is_mounted = run.mounts.iter().any(|target| target.ends_with("/.cache/yarn"));
        let removes = run.script.commands.iter().any(|command| {
            command.name.value == "rm" && command.arguments.iter().any(|word| word.value.contains("yarn cache dir"))
        });
        let fills = yarn(&["install"]).filter(|install| yarn(&["cache", "clean"]).is_none_or(|clean| clean < *install));
        if let Some(install) = fills.filter(|_| !is_mounted && !removes).and_then(|at| run.script.commands.get(at)) {
            self.on(&DL3060, run.outer, install.name.span.clone(), "yarn's cache stays in the layer");
        }
    }

    // A RUN right behind another, each of one command, under the same flags.
    fn consecutive(&mut self, runs: &[Run<'_>]) {
        let flags = |run: &Run<'_>| {
            run.inner.flags.iter().map(|flag| (flag.name.clone(), flag.value.clone())).collect::<Vec<_>>()
        };
        for (first, second) in runs.iter().zip(runs.iter().skip(1)) {
            let is_simple = |run: &Run<'_>| run.script.commands.len() <= 1 && !run.is_trigger();
            if first.at + 1 == second.at && is_simple(first) && is_simple(second) && flags(first) == flags(second) {
                self.on(&DL3059, second.outer, second.inner.keyword_span.clone(), "this RUN follows another one");
            }
        }
    }

    // wget and curl in one stage: reported where the second one comes in, and from there on.
    fn downloaders(&mut self, runs: &[Run<'_>]) {
        let mut seen = [false; 2];
        let mut stage = None;
        for run in runs {
            let own = self.facts.stage_of(run.at);
            if own != stage {
                (stage, seen) = (own, [false; 2]);
            }
            let mut last: Option<Range<usize>> = None;
            for command in &run.script.commands {
                match command.name.value.as_str() {
                    "wget" => seen[0] = true,
                    "curl" => seen[1] = true,
                    _ => continue,
                }
                last = Some(command.name.span.clone());
            }
            if let Some(span) = last.filter(|_| seen == [true; 2]) {
                self.on(&DL4001, run.outer, span, "the stage uses both wget and curl");
            }
        }
    }

    // Archives that are copied, then unpacked in the same stage.
    fn archives(&mut self, runs: &[Run<'_>]) {
        let file = self.file;
        // The last place where a file of that name is unpacked, in each stage.
        let mut unpacked: BTreeMap<(Option<usize>, &str), usize> = BTreeMap::new();
        for run in runs {
            let stage = self.facts.stage_of(run.at);
            for word in
                run.script.commands.iter().filter(|command| unpacks(command)).flat_map(|command| &command.arguments)
            {
                unpacked.insert((stage, base_name(&word.value)), run.at);
            }
        }
        for (at, copy) in file.instructions.iter().enumerate() {
            let (Keyword::Copy, Arguments::Paths { sources, destination }) = (copy.keyword, &copy.arguments) else {
                continue;
            };
            let stage = self.facts.stage_of(at);
            let is_later = |path: &str| {
                let name = base_name(path).trim_matches(['"', '\'']);
                !name.is_empty() && unpacked.get(&(stage, name)).is_some_and(|last| *last > at)
            };
            let is_known = |source: &Word| {
                instructions::is_archive(&source.value) && !base_name(&source.value).contains(['*', '$'])
            };
            let mut archives = sources.iter().filter(|source| copy.flag("from").is_none() && is_known(source));
            if let Some(archive) = archives.find(|source| is_later(&source.raw) || is_later(&destination.raw)) {
                let message = format!("`{}` is unpacked later; ADD does both", excerpt(&archive.value));
                self.on(&DL3010, copy, archive.span.clone(), message);
            }
        }
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\', '=']).next().unwrap_or_default()
}

// Whether a command takes an archive apart that ADD would take apart too.
fn unpacks(command: &ShellCommand) -> bool {
    match command.name.value.as_str() {
        "tar" => {
            let old_style = command.arguments.first().is_some_and(|word| {
                !word.value.starts_with('-')
                    && word.value.contains('x')
                    && word.value.bytes().all(|c| c.is_ascii_alphabetic())
            });
            old_style || command.has_short('x') || command.has_flag(&["--extract", "--get"])
        }
        "gunzip" | "bunzip2" | "unlzma" | "unxz" | "zcat" | "uncompress" => true,
        _ => false,
    }
}

fn is_windows_shell(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    matches!(name.trim_start_matches('@'), "powershell" | "pwsh" | "cmd")
}

// Whether a shell of SHELL stops at a failing part of a pipe, or has no pipes of text at all.
fn heeds_pipes(shell: &[Word]) -> bool {
    let program = shell.first().map_or("", |word| word.value.as_str());
    let stops = matches!(program.rsplit('/').next(), Some("bash" | "ash" | "zsh"));
    is_windows_shell(program) || (stops && shell.iter().any(|word| word.value.ends_with("pipefail")))
}

// Whether wget was told to be quiet, to draw no bar, or to write its log to a file.
fn is_quiet_wget(command: &ShellCommand) -> bool {
    const LONG: [&str; 7] =
        ["--quiet", "--no-verbose", "--progress", "--output-file", "--append-output", "--version", "--help"];
    // Letters of wget that take the rest of the word as their value.
    const VALUED: &str = "OPeitTUwQARDIXlB";
    let is_quiet = |word: &ShellWord| {
        let Some(letters) = word.value.strip_prefix('-').filter(|letters| !letters.starts_with('-')) else {
            return false;
        };
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            match letter {
                'q' | 'o' | 'a' | 'h' | 'V' => return true,
                'n' if letters.next() == Some('v') => return true,
                valued if VALUED.contains(valued) => return false,
                _ => {}
            }
        }
        false
    };
    command.has_flag(&LONG) || command.arguments.iter().any(is_quiet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::shell::Script;
    use crate::support::text::Text;

    fn command(text: &str) -> ShellCommand {
        Script::parse(&Text::of_piece(text, 0)).commands.into_iter().next().expect("one command")
    }

    #[test]
    fn wget_is_quiet_in_many_ways() {
        for quiet in ["-q", "-nv", "-qO-", "-cq", "-nvO x", "-o log", "--progress=dot", "--progress dot", "-a log"] {
            assert!(is_quiet_wget(&command(&format!("wget {quiet} u"))), "{quiet}");
        }
        for loud in ["", "-O q", "-Oq", "-nc", "-v", "-Pq", "--spider"] {
            assert!(!is_quiet_wget(&command(&format!("wget {loud} u"))), "{loud}");
        }
    }

    #[test]
    fn removals_cover_folders() {
        for covering in
            ["/var/lib/apt/lists/*", "/var/lib/apt", "/var/lib/apt/lists/x", "/var/lib/{apt,dpkg}", "/var/lib/*"]
        {
            assert!(command(&format!("rm -rf {covering}")).removes(&["/var/lib/apt/lists"]), "{covering}");
        }
        for other in ["/var/lib/foo", "/tmp", "/var/cache/*", "/"] {
            assert!(!command(&format!("rm -rf {other}")).removes(&["/var/lib/apt/lists"]), "{other}");
        }
    }

    #[test]
    fn operands_leave_out_options_and_their_values() {
        let words = |text: &str| command(text).operands("-t").iter().map(|word| word.value.clone()).collect::<Vec<_>>();
        assert_eq!(words("a -t b install -x c -- -d"), ["install", "c", "-d"]);
        assert_eq!(words("gem i a -- -d e"), ["i", "a"]);
    }
}
