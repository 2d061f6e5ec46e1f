//! Moves and joins instructions of a Dockerfile so that a change of sources runs less again. Each instruction is a block of
//! text with the comments above it; blocks are moved, split and joined, never printed anew.

use super::ignore::clean;
use super::rules;
use crate::support::dockerfile::{Arguments, Command, Dockerfile, Instruction, Keyword, MAX_INSTRUCTIONS};
use crate::support::shell::{Joint, Script, ShellCommand};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Finding, LineIndex};
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;

/// Most changes of one file.
const MAX_CHANGES: usize = 50;

/// What became of a file.
#[derive(Debug, Default)]
pub(super) struct Rewritten {
    /// The text, as it was where nothing could be made better.
    pub(super) text: String,
    /// What was found, at places of the first text where the finding is of it.
    pub(super) findings: Vec<Finding>,
}

/// Makes a file better, one change after the other. `context` is the list of files there are, where it is known.
pub(super) fn rewrite(source: &str, context: Option<&[String]>) -> Rewritten {
    let file = Dockerfile::parse(source);
    if !file.problems.is_empty() || file.escape != '\\' {
        return Rewritten { text: source.to_owned(), findings: Vec::new() };
    }
    improve(source, pieces(source, &file), context)
}

fn improve(source: &str, mut pieces: Vec<Piece>, context: Option<&[String]>) -> Rewritten {
    let mut done = Rewritten { text: source.to_owned(), findings: Vec::new() };
    let lines = LineIndex::new(source);
    for _ in 0..MAX_CHANGES {
        let next = KINDS.iter().find_map(|kind| {
            pieces.iter_mut().enumerate().find_map(|(at, piece)| piece.take(*kind, context).map(|change| (at, change)))
        });
        let Some((at, change)) = next else { break };
        let mut finding = Finding::new(change.rule, change.message);
        // Where the first text has the same instruction, the finding points at it.
        if let Some(at) = source.find(&change.step).filter(|_| !change.step.is_empty()) {
            finding = finding.at(lines.range(at..at + change.step.trim_end().len()));
        }
        done.findings.push(finding);
        let is_last = at + 1 == pieces.len();
        if let Some(piece) = pieces.get_mut(at) {
            *piece = Piece::new(change.text, at == 0);
            if !(is_last || is_closed(&piece.text)) {
                pieces = vec![Piece::new(whole(&pieces), true)];
            }
        }
        let count: usize = pieces.iter().map(|piece| piece.file.instructions.len()).sum();
        if count > MAX_INSTRUCTIONS || pieces.iter().any(|piece| !piece.file.problems.is_empty()) {
            break;
        }
    }
    if !done.findings.is_empty() {
        done.text = whole(&pieces);
    }
    done
}

// What belongs together is joined before it is moved as one.
const KINDS: [Kind; 3] = [Kind::Join, Kind::Packages, Kind::Dependencies];

#[derive(Debug, Clone, Copy)]
enum Kind {
    Join,
    Packages,
    Dependencies,
}

// A stage, or what stands before the first one. No change of a stage touches another or depends on it, so that only a stage
// that was changed is read and searched again.
struct Piece {
    text: String,
    file: Dockerfile,
    // The first change of each kind, once it was searched for.
    next: [OnceCell<Option<Change>>; KINDS.len()],
}

impl Piece {
    fn new(text: String, is_first: bool) -> Self {
        let file = if is_first { Dockerfile::parse(&text) } else { Dockerfile::parse_part(&text) };
        Self { text, file, next: Default::default() }
    }

    // The first change of a kind.
    fn take(&mut self, kind: Kind, context: Option<&[String]>) -> Option<Change> {
        let slot = self.next.get_mut(kind as usize)?;
        let editor = Editor { source: &self.text, file: &self.file, context };
        slot.get_or_init(|| editor.first(kind)).as_ref()?;
        slot.take().flatten()
    }
}

fn whole(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

// Whether what follows a text does not continue its last line.
fn is_closed(text: &str) -> bool {
    !text.trim_end().ends_with('\\')
}

// A file cut before the comments above each stage; one piece where that cannot be done.
fn pieces(source: &str, file: &Dockerfile) -> Vec<Piece> {
    let editor = Editor { source, file, context: None };
    let starts = file.stages().into_iter().map(|stage| editor.block(stage.instructions.start).start);
    let cuts: BTreeSet<usize> = starts.chain([0]).collect();
    let ends = cuts.iter().skip(1).copied().chain([source.len()]);
    let texts: Vec<&str> = cuts.iter().zip(ends).filter_map(|(start, end)| source.get(*start..end)).collect();
    if texts.iter().rev().skip(1).all(|text| is_closed(text)) {
        texts.into_iter().enumerate().map(|(at, text)| Piece::new(text.to_owned(), at == 0)).collect()
    } else {
        vec![Piece::new(source.to_owned(), true)]
    }
}

struct Editor<'a> {
    source: &'a str,
    file: &'a Dockerfile,
    context: Option<&'a [String]>,
}

// A text made better.
struct Change {
    text: String,
    rule: &'static octavo_toolkit::Rule,
    // The instruction it was made for, as it stood.
    step: String,
    message: String,
}

// What an installing command reads of the context: what to copy before it, and whether it is enough that it was copied.
struct Manifest {
    sources: Vec<String>,
    main: String,
}

impl Editor<'_> {
    fn first(&self, kind: Kind) -> Option<Change> {
        let change_at = |stage: Range<usize>, at: usize| match kind {
            Kind::Join => self.join(stage, at),
            Kind::Packages => self.packages(stage, at),
            Kind::Dependencies => self.dependencies(stage, at),
        };
        let stages = self.file.stages().into_iter().map(|stage| stage.instructions);
        stages.into_iter().find_map(|stage| stage.clone().find_map(|at| change_at(stage.clone(), at)))
    }

    fn change(&self, text: String, rule: &'static octavo_toolkit::Rule, at: usize, message: String) -> Change {
        let step = self.instruction(at).and_then(|one| self.source.get(one.span.clone())).unwrap_or_default();
        Change { text, rule, step: step.to_owned(), message }
    }

    fn instruction(&self, at: usize) -> Option<&Instruction> {
        self.file.instructions.get(at)
    }

    // The block of an instruction: comments above it, itself, and the rest of its last line.
    fn block(&self, at: usize) -> Range<usize> {
        let end_of = |at: usize| {
            let end = self.instruction(at).map_or(0, |one| one.span.end);
            let rest = self.source.get(end..).unwrap_or_default();
            rest.find('\n').map_or(self.source.len(), |line| end + line + 1)
        };
        let start = at.checked_sub(1).map_or(0, end_of);
        start..end_of(at).max(start)
    }

    fn text(&self, at: usize) -> String {
        let mut text = self.source.get(self.block(at)).unwrap_or_default().to_owned();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }

    // The flags of an instruction as they are written, each with a blank behind it.
    fn flags(&self, instruction: &Instruction) -> String {
        let flags = instruction.flags.iter().filter_map(|flag| self.source.get(flag.span.clone()));
        flags.flat_map(|flag| [flag, " "]).collect()
    }

    // The file with other blocks in a stretch of instructions.
    fn with(&self, range: Range<usize>, blocks: &[String]) -> String {
        let start = self.block(range.start).start;
        let end = range.end.checked_sub(1).map_or(start, |last| self.block(last).end);
        let mut text = self.source.get(..start).unwrap_or_default().to_owned();
        text.push_str(&blocks.concat());
        text.push_str(self.source.get(end..).unwrap_or_default());
        text
    }

    // The plain commands of a RUN in shell form, all joined by `&&`, without documents and mounts of the context.
    fn commands(&self, at: usize) -> Option<(&Instruction, Vec<ShellCommand>)> {
        let run = self.instruction(at).filter(|one| one.keyword == Keyword::Run && one.heredocs.is_empty())?;
        let Arguments::Command(Command::Shell(text)) = &run.arguments else { return None };
        let binds = |value: &str| !value.contains("type=cache") && !value.contains("type=tmpfs");
        if run.flags.iter().any(|flag| flag.name != "mount" || flag.value.as_deref().is_none_or(binds)) {
            return None;
        }
        let script = Script::parse(text);
        let is_plain =
            |command: &ShellCommand| command.depth == 0 && matches!(command.joined_by, Joint::Start | Joint::And);
        let is_list = script.commands.iter().all(is_plain) && script.pipes.is_empty() && !script.commands.is_empty();
        (is_list && !text.as_str().contains(['`', '>', '<'])).then_some((run, script.commands))
    }

    // A COPY of the context, with its sources and destination.
    fn copied(&self, at: usize) -> Option<(&Instruction, Vec<String>, String)> {
        let copy = self.instruction(at).filter(|one| matches!(one.keyword, Keyword::Copy | Keyword::Add))?;
        let Arguments::Paths { sources, destination } = &copy.arguments else { return None };
        let is_plain = copy.heredocs.is_empty()
            && copy.flag("from").is_none()
            && copy.flags.iter().all(|flag| matches!(flag.name.as_str(), "chown" | "chmod" | "link"));
        let sources: Vec<String> = sources.iter().map(|source| source.value.clone()).collect();
        let is_local = !sources.is_empty() && sources.iter().all(|source| !source.contains([':', '$']));
        (is_plain && is_local).then(|| (copy, sources, destination.value.clone()))
    }

    // The directory that instructions of a stage work in, where it is known.
    fn folder(&self, stage: Range<usize>, at: usize) -> Option<String> {
        let mut folder = None;
        for one in (stage.start..at).filter_map(|at| self.instruction(at)) {
            if let (Keyword::Workdir, Arguments::Words(words)) = (one.keyword, &one.arguments) {
                let word = words.first()?;
                let path = &word.value;
                if path.contains('$') {
                    return None;
                }
                folder = match (path.starts_with('/'), folder) {
                    (true, _) => Some(format!("/{}", clean(path))),
                    (false, Some(above)) => Some(format!("/{}", clean(&format!("{above}/{path}")))),
                    (false, None) => None,
                };
            }
        }
        folder
    }

    // Installing what a manifest lists needs the manifest alone, so it can stand before the sources.
    fn dependencies(&self, stage: Range<usize>, at: usize) -> Option<Change> {
        let (run, commands) = self.commands(at)?;
        let mut manifests = Vec::new();
        let count = commands.iter().take_while(|command| {
            manifest(command).map(|found| manifests.push(found)).is_some()
                || (!manifests.is_empty() && is_cleanup(command))
        });
        let count = count.count();
        if manifests.is_empty() || !manifests.iter().all(|manifest| self.exists(&manifest.main)) {
            return None;
        }
        let is_neutral = |one: &Instruction| {
            matches!(
                one.keyword,
                Keyword::Label
                    | Keyword::Expose
                    | Keyword::Cmd
                    | Keyword::Entrypoint
                    | Keyword::Healthcheck
                    | Keyword::Stopsignal
            )
        };
        let copy_at = (stage.start..at).rev().find(|before| !self.instruction(*before).is_some_and(is_neutral))?;
        let (copy, sources, destination) = self.copied(copy_at)?;
        let folder = self.folder(stage.clone(), copy_at);
        let is_here =
            matches!(destination.as_str(), "." | "./") || folder.as_deref() == Some(destination.trim_end_matches('/'));
        if !sources.iter().any(|source| clean(source) == ".")
            || sources.len() > 1
            || !is_here
            || copy.keyword == Keyword::Add
        {
            return None;
        }
        // Where the manifests are there already, the command only moves.
        let earlier: Vec<String> =
            (stage.start..copy_at).filter_map(|at| self.copied(at)).flat_map(|(_, sources, _)| sources).collect();
        let flags = self.flags(copy);
        let mut blocks = Vec::new();
        for manifest in &manifests {
            if earlier.iter().any(|source| super::ignore::takes(source, &manifest.main)) {
                continue;
            }
            let target = crate::support::compose::path::parent(&manifest.main);
            let target = if target == "." { "./".to_owned() } else { format!("./{target}/") };
            let line = format!("COPY {flags}{} {target}\n", self.present(&manifest.sources).join(" "));
            if !blocks.contains(&line) {
                blocks.push(line);
            }
        }
        let (first, rest) = self.split(at, run, &commands, count)?;
        blocks.push(first);
        blocks.extend((copy_at..at).map(|at| self.text(at)));
        blocks.extend(rest);
        let program = &commands.first()?.name.value;
        let message =
            format!("`{}` runs again on every change of a source; it needs the manifest alone", excerpt(program));
        Some(self.change(self.with(copy_at..at + 1, &blocks), &rules::DEPENDENCIES, at, message))
    }

    fn exists(&self, path: &str) -> bool {
        self.context.is_none_or(|context| context.iter().any(|file| clean(file) == clean(path)))
    }

    // Sources that are there; without a list of files, all of them.
    fn present(&self, sources: &[String]) -> Vec<String> {
        let is_there = |source: &&String| {
            self.context.is_none_or(|context| {
                context.iter().any(|file| {
                    super::ignore::takes(source.trim_end_matches('*'), file) || super::ignore::takes(source, file)
                })
            })
        };
        sources.iter().filter(is_there).cloned().collect()
    }

    // A RUN cut behind its first commands: the block of those, and one of the others.
    fn split(
        &self,
        at: usize,
        run: &Instruction,
        commands: &[ShellCommand],
        count: usize,
    ) -> Option<(String, Option<String>)> {
        let Some(next) = commands.get(count) else { return Some((self.text(at), None)) };
        let last = commands.get(count.checked_sub(1)?)?;
        let end = last.arguments.last().map_or(last.name.span.end, |word| word.span.end).max(last.name.span.end);
        let next = next.assignments.first().map_or(next.name.span.start, |word| word.span.start);
        let block = self.block(at);
        let first = format!("{}\n", self.source.get(block.start..end)?);
        let flags = self.flags(run);
        let rest = format!("RUN {flags}{}", self.source.get(next..block.end)?);
        Some((first, Some(if rest.ends_with('\n') { rest } else { format!("{rest}\n") })))
    }

    // Packages of the system do not come from the context, so they can stand before it.
    fn packages(&self, stage: Range<usize>, at: usize) -> Option<Change> {
        let (_, commands) = self.commands(at)?;
        if !commands.iter().any(is_package_install) || !commands.iter().all(is_system) {
            return None;
        }
        let mut to = None;
        for before in (stage.start + 1..at).rev() {
            let one = self.instruction(before)?;
            match one.keyword {
                Keyword::Copy | Keyword::Add => {
                    let (_, _, destination) = self.copied(before)?;
                    let folder = self.folder(stage.clone(), before);
                    if !is_own_folder(&destination, folder.as_deref()) {
                        break;
                    }
                    to = Some(before);
                }
                Keyword::Workdir
                | Keyword::Label
                | Keyword::Expose
                | Keyword::Cmd
                | Keyword::Entrypoint
                | Keyword::Healthcheck => {}
                _ => break,
            }
        }
        let to = to?;
        let mut blocks = vec![self.text(at)];
        blocks.extend((to..at).map(|at| self.text(at)));
        let message = "packages of the system are installed again on every change of a source".to_owned();
        Some(self.change(self.with(to..at + 1, &blocks), &rules::PACKAGES, at, message))
    }

    // What a RUN removes of the layer before it stays in that layer, and an index fetched by one RUN grows old in the cache.
    fn join(&self, stage: Range<usize>, at: usize) -> Option<Change> {
        let before = at.checked_sub(1).filter(|before| *before > stage.start)?;
        let (old, first) = self.commands(before)?;
        let (new, second) = self.commands(at)?;
        let is_update = |command: &ShellCommand| {
            is_manager(&command.name.value) && has_operand(command, &["update", "refresh", "makecache"])
        };
        let updates = first.last().is_some_and(is_update) && second.first().is_some_and(is_package_install);
        let cleans = first.iter().any(is_package_install) && second.iter().all(is_cleanup);
        let flags = |one: &Instruction| {
            one.flags.iter().map(|flag| (flag.name.clone(), flag.value.clone())).collect::<Vec<_>>()
        };
        let has_comment = self.file.comments.iter().any(|comment| self.block(at).contains(&comment.span.start));
        if !(updates || cleans) || flags(old) != flags(new) || has_comment {
            return None;
        }
        let above = self.source.get(self.block(before).start..old.span.end)?;
        let from = second
            .first()
            .map(|command| command.assignments.first().map_or(command.name.span.start, |word| word.span.start))?;
        let behind = self.source.get(from..self.block(at).end)?;
        let newline = if behind.ends_with('\n') { "" } else { "\n" };
        let block = format!("{} \\\n    && {behind}{newline}", above.trim_end());
        let message = if updates {
            "the index of packages is fetched by one layer and used by another, from the cache when it is old"
        } else {
            "files are removed by a later layer than the one that holds them"
        };
        Some(self.change(self.with(before..at + 1, &[block]), &rules::JOIN, at, message.to_owned()))
    }
}

// A folder that holds sources and nothing of the system.
fn is_own_folder(destination: &str, folder: Option<&str>) -> bool {
    let path = if destination.starts_with('/') {
        format!("/{}", clean(destination))
    } else {
        match folder {
            Some(folder) => format!("/{}", clean(&format!("{folder}/{destination}"))),
            None => return false,
        }
    };
    let own = [
        "/app",
        "/src",
        "/usr/src",
        "/home",
        "/opt",
        "/srv",
        "/code",
        "/workspace",
        "/work",
        "/build",
        "/var/www",
        "/data",
        "/project",
        "/go/src",
    ];
    own.iter().any(|own| path == *own || path.strip_prefix(own).is_some_and(|rest| rest.starts_with('/')))
}

fn operands(command: &ShellCommand) -> Vec<&str> {
    command.arguments.iter().map(|word| word.value.as_str()).filter(|word| !word.starts_with('-')).collect()
}

fn has_operand(command: &ShellCommand, words: &[&str]) -> bool {
    operands(command).first().is_some_and(|first| words.contains(first))
}

fn has_option(command: &ShellCommand, option: &str) -> bool {
    command.arguments.iter().any(|word| word.value == option)
}

fn is_manager(name: &str) -> bool {
    matches!(name, "apt-get" | "apt" | "apk" | "yum" | "dnf" | "microdnf" | "zypper")
}

fn is_package_install(command: &ShellCommand) -> bool {
    is_manager(&command.name.value) && has_operand(command, &["install", "add", "in"])
}

// A command that concerns packages of the system alone.
fn is_system(command: &ShellCommand) -> bool {
    let is_local =
        |word: &str| word.contains(['/', '$']) || matches!(word.rsplit_once('.'), Some((_, "deb" | "rpm" | "apk")));
    let installs = is_manager(&command.name.value) && !operands(command).iter().any(|word| is_local(word));
    installs || is_cleanup(command)
}

// A command that only takes caches away.
fn is_cleanup(command: &ShellCommand) -> bool {
    let name = command.name.value.as_str();
    match name {
        "rm" => {
            let paths = operands(command);
            let caches = ["/var/lib/apt/lists", "/var/cache", "/tmp", "/root/.cache", "/root/.npm", "/var/tmp"];
            !paths.is_empty() && paths.iter().all(|path| caches.iter().any(|cache| path.starts_with(cache)))
        }
        "npm" | "yarn" | "pnpm" | "pip" | "pip3" => has_operand(command, &["cache"]),
        _ => is_manager(name) && has_operand(command, &["clean", "autoclean", "autoremove"]),
    }
}

// What a command that installs dependencies reads of the context.
fn manifest(command: &ShellCommand) -> Option<Manifest> {
    let words = operands(command);
    let first = words.first().copied();
    let alone = words.len() <= 1;
    let of = |main: &str, sources: &[&str]| {
        Some(Manifest { main: main.to_owned(), sources: sources.iter().map(|source| (*source).to_owned()).collect() })
    };
    if command
        .arguments
        .iter()
        .any(|word| word.expands || word.value.starts_with("--prefix") || word.value.starts_with("--cwd"))
    {
        return None;
    }
    match (command.name.value.as_str(), first) {
        ("npm", Some("ci" | "install" | "i"))
            if alone && !has_option(command, "-g") && !has_option(command, "--global") =>
        {
            of("package.json", &["package*.json"])
        }
        ("yarn", None | Some("install")) if alone => of("package.json", &["package.json", "yarn.lock*"]),
        ("pnpm", Some("install" | "i")) if alone => of("package.json", &["package.json", "pnpm-lock.yaml*"]),
        ("go", Some("mod")) if words.get(1) == Some(&"download") => of("go.mod", &["go.mod", "go.sum*"]),
        ("bundle", Some("install")) if alone => of("Gemfile", &["Gemfile", "Gemfile.lock*"]),
        ("poetry", Some("install")) if has_option(command, "--no-root") => {
            of("pyproject.toml", &["pyproject.toml", "poetry.lock*"])
        }
        ("uv", Some("sync")) if has_option(command, "--no-install-project") => {
            of("pyproject.toml", &["pyproject.toml", "uv.lock*"])
        }
        ("pipenv", Some("install" | "sync")) if alone => of("Pipfile", &["Pipfile", "Pipfile.lock*"]),
        ("pip" | "pip3" | "python" | "python3", _) => requirements(command),
        _ => None,
    }
}

// The one file that `pip install -r` reads, where it installs nothing else.
fn requirements(command: &ShellCommand) -> Option<Manifest> {
    let mut words: Vec<&str> = command.arguments.iter().map(|word| word.value.as_str()).collect();
    if command.name.value.starts_with("python") {
        let ["-m", "pip", rest @ ..] = words.as_slice() else { return None };
        words = rest.to_vec();
    }
    let (first, rest) = words.split_first()?;
    if *first != "install" {
        return None;
    }
    let mut file = None;
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        match *word {
            "-r" | "--requirement" => {
                if file.replace(*rest.next()?).is_some() {
                    return None;
                }
            }
            "--no-cache-dir"
            | "-q"
            | "--quiet"
            | "-U"
            | "--upgrade"
            | "--no-deps"
            | "--user"
            | "--break-system-packages"
            | "--require-hashes" => {}
            _ => return None,
        }
    }
    let file = file.filter(|file| !file.starts_with('/') && !file.contains("..") && !file.contains("://"))?;
    Some(Manifest { main: clean(file), sources: vec![clean(file)] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_testkit::Dice;

    #[test]
    fn a_file_read_stage_by_stage_becomes_what_it_becomes_as_a_whole() {
        let pieces_of_files = [
            "FROM a:1\n",
            "# above\nFROM a AS b\n",
            "# escape=`\n",
            "WORKDIR /app\n",
            "COPY . .\n",
            "COPY --from=b x y\n",
            "RUN npm ci && x\n",
            "RUN npm install && npm run build\n",
            "RUN apt-get update\n",
            "RUN apt-get install -y x\n",
            "RUN apt-get clean\n",
            "RUN pip install -r r.txt\n",
            "\n# c\n",
            "RUN a \\\n",
            "LABEL a=b\n",
            "RUN <<E\nx\nE\n",
        ];
        let mut dice = Dice::new(11);
        let mut changed = 0;
        for _ in 0..2_000 {
            let count = 1 + dice.below(24);
            let source: String =
                (0..count).filter_map(|_| pieces_of_files.get(dice.below(pieces_of_files.len()))).copied().collect();
            let by_stage = rewrite(&source, None);
            let file = Dockerfile::parse(&source);
            if file.problems.is_empty() && file.escape == '\\' {
                let whole = improve(&source, vec![Piece::new(source.clone(), true)], None);
                assert_eq!((&by_stage.text, &by_stage.findings), (&whole.text, &whole.findings), "{source}");
                changed += usize::from(whole.text != source);
            }
        }
        assert!(changed > 200, "{changed}");
    }
}
