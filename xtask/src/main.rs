//! `cargo xtask`: everything that is done with this repository, one subcommand each.
//!
//! Links no tool package, so a tool that does not compile never takes the scaffolder down.

mod bench;
mod build;
mod dependencies;
mod deploy;
mod dev;
mod environments;
mod fuzz;
mod guided;
mod key;
mod logs;
mod paths;
mod process;
mod registry;
mod scaffold;
mod size;
mod test;
mod tidy;
mod toolchain;
mod truth;

use anyhow::{Context as _, Result, bail};
use environments::Environment;
use std::env;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  dev [--port N] [--release] [--without WORKER,...]
                         set up what is missing, build the fleet and serve it on this machine
  test [--fast | --clients]
                         everything that must hold; --fast leaves out wasm and the fleet; --clients instead runs the
                         fleet against every MCP client, which needs Python 3.10 too
  build [WORKER ...] [--release]
                         build workers to build/<worker>; the fleet's when none is named
  gen [--check] [--configs]
                         write the generated files, or say which are stale; --configs only those of wrangler and
                         server.json, for which no tool is compiled
  deploy [WORKER ...] [--env production | staging] [--dry-run] [--anew] [--preview ALIAS] [--built FOLDER] [--url URL]
                         build and deploy the fleet in order, prove it, or roll all of it back (docs/deploy.md);
                         --dry-run only says what would be done, --preview only uploads versions, --built takes a
                         folder of built workers as it is, --anew deploys what did not change too
  rollback [WORKER ...] [--env production | staging] [--dry-run] [--url URL]
                         the newest run back to what served before it
  logs [--follow] [--json] [--url URL] [NAME=VALUE ...]
                         log lines of a fleet, filtered as docs/observability.md says
  key new                a key for a deployment that asks for one: --id NAME [--categories a,b]
                         [--rate BINDING] [--days N]
  size                   tokens of what a model sees, gzipped size of each built worker
  truth CATEGORY [TOOL ...] [--sample | --record]
                         compare tools with their peers, which it installs; --sample takes a few cases of each,
                         --record writes the figures to tests/truth/results
  bench [gateway] [start] [tools] [--record | --page]
                         how fast it is, beside peers; --record writes tests/bench/claims.json and docs/benchmarks.md,
                         --page the page alone
  fuzz [--count N] [--seed N] [--tool NAME] [--workerd]
                         hostile input to every tool and to the door; a thousand cases of each by default;
                         --workerd sends them to the built fleet
  fuzz --guided TARGET [--seconds N]
                         coverage-guided, by the targets in fuzz/: envelope, frames, log, or a category
  soak [--minutes N] [--control]
                         mixed load with faults on the built fleet, and a table of what became of it;
                         --control does so with workers that do nothing, to compare memory
  tidy                   the invariants of ARCHITECTURE.md
  new-tool CATEGORY TOOL scaffold a tool that compiles
  new-category SLUG      scaffold a category that compiles
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (command, rest) = arguments.split_first().map_or(("help", &[][..]), |(first, rest)| (first.as_str(), rest));
    let mut options = Options::new(rest);
    match command {
        "dev" => {
            let port = options.value("--port")?;
            let without = options.value("--without")?;
            let profile = options.profile();
            options.finish()?;
            dev::run(port.as_deref(), without.as_deref(), profile)
        }
        "test" => {
            let extent = match (options.flag("--fast"), options.flag("--clients")) {
                (false, false) => test::Extent::Whole,
                (true, false) => test::Extent::Native,
                (false, true) => test::Extent::Clients,
                (true, true) => bail!("--fast and --clients exclude each other"),
            };
            options.finish()?;
            test::run(extent)
        }
        "build" => {
            let profile = options.profile();
            let workers = options.words()?;
            build::run(&workers.iter().map(String::as_str).collect::<Vec<_>>(), profile)
        }
        "gen" => {
            let (check, configs) = (options.flag("--check"), options.flag("--configs"));
            options.finish()?;
            match (check, configs) {
                (true, false) => test::generated_is_fresh(),
                (false, false) => {
                    process::cargo(&["run", "--quiet", "-p", "octavo-generator", "--", "."])?;
                    gen_configs(false)
                }
                (check, true) => gen_configs(check),
            }
        }
        "deploy" => deploy::deploy(&options.order()?),
        "rollback" => {
            let (environment, url, is_dry) =
                (options.environment()?, options.value("--url")?, options.flag("--dry-run"));
            deploy::rollback::run(&options.words()?, environment, url.as_deref(), is_dry)
        }
        "logs" => {
            let url = options.value("--url")?;
            let (follow, json) = (options.flag("--follow"), options.flag("--json"));
            logs::run(url.as_deref(), follow, json, &options.words()?)
        }
        "key" => key_of(options),
        "size" => {
            options.finish()?;
            size::print()
        }
        "truth" => {
            let extent = match (options.flag("--sample"), options.flag("--record")) {
                (false, false) => truth::Extent::Whole,
                (true, false) => truth::Extent::Sample,
                (false, true) => truth::Extent::Record,
                (true, true) => bail!("--sample and --record exclude each other"),
            };
            match options.words()?.split_first() {
                Some((category, tools)) => truth::run(category, tools, extent),
                None => bail!("truth takes a category, for example `docker`"),
            }
        }
        "bench" => {
            let (record, page) = (options.flag("--record"), options.flag("--page"));
            let parts = options.words()?;
            if page { bench::write_page() } else { bench::run(&parts, record) }
        }
        "fuzz" => fuzz_of(options),
        "soak" => soak_of(options),
        "tidy" => {
            options.finish()?;
            tidy::run()
        }
        "new-tool" => match options.words()?.as_slice() {
            [category, tool] => scaffold::new_tool(&paths::root(), category, tool),
            _ => bail!("new-tool takes a category and a tool's name, for example `docker audit_image`"),
        },
        "new-category" => match options.words()?.as_slice() {
            [slug] => scaffold::new_category(&paths::root(), slug),
            _ => bail!("new-category takes one lower-case word"),
        },
        "help" | "--help" | "-h" => {
            eprint!("{HELP}");
            Ok(())
        }
        other => bail!("no command {other:?}\n\n{HELP}"),
    }
}

fn key_of(mut options: Options) -> Result<()> {
    let wanted = key::Wanted {
        id: options.value("--id")?,
        categories: options.value("--categories")?,
        rate: options.value("--rate")?,
        days: options.value("--days")?,
    };
    match options.words()?.as_slice() {
        [word] if word == "new" => key::new(&wanted),
        _ => bail!("key takes `new`, for example `key new --id ci --categories docker,python --days 90`"),
    }
}

fn fuzz_of(mut options: Options) -> Result<()> {
    let number = |value: Option<String>, default: u64| -> Result<u64> {
        value.map_or(Ok(default), |value| value.parse().with_context(|| format!("{value:?} is no whole number")))
    };
    if let Some(target) = options.value("--guided")? {
        let seconds = number(options.value("--seconds")?, 60)?;
        options.finish()?;
        return guided::run(&target, seconds);
    }
    let in_workerd = options.flag("--workerd");
    let wanted = fuzz::Wanted {
        count: number(options.value("--count")?, 1_000)?,
        seed: number(options.value("--seed")?, 1)?,
        tool: options.value("--tool")?,
    };
    options.finish()?;
    if in_workerd { fuzz::run_in_workerd(&wanted) } else { fuzz::run(&wanted) }
}

fn soak_of(mut options: Options) -> Result<()> {
    let minutes = options.value("--minutes")?.unwrap_or_else(|| "30".to_owned());
    let is_control = options.flag("--control");
    options.finish()?;
    let mut node = process::command(toolchain::node());
    node.args(["tests/e2e/soak.mjs", &minutes]).args(is_control.then_some("control"));
    process::run(&mut node)
}

/// Writes what is generated without a tool, or says what of it is stale.
pub(crate) fn gen_configs(check: bool) -> Result<()> {
    environments::generate(&paths::root(), check)?;
    registry::generate(&paths::root(), check)
}

/// The words after a command.
struct Options {
    rest: Vec<String>,
}

impl Options {
    fn new(rest: &[String]) -> Self {
        Self { rest: rest.to_vec() }
    }

    fn flag(&mut self, name: &str) -> bool {
        let before = self.rest.len();
        self.rest.retain(|word| word != name);
        self.rest.len() < before
    }

    fn value(&mut self, name: &str) -> Result<Option<String>> {
        let Some(at) = self.rest.iter().position(|word| word == name) else { return Ok(None) };
        self.rest.remove(at);
        if at >= self.rest.len() {
            bail!("{name} takes a value");
        }
        Ok(Some(self.rest.remove(at)))
    }

    fn environment(&mut self) -> Result<Environment> {
        self.value("--env")?.map_or(Ok(Environment::Production), |name| Environment::from_name(&name))
    }

    fn order(mut self) -> Result<deploy::Order> {
        Ok(deploy::Order {
            environment: self.environment()?,
            is_dry: self.flag("--dry-run"),
            anew: self.flag("--anew"),
            preview: self.value("--preview")?,
            built: self.value("--built")?,
            url: self.value("--url")?,
            workers: self.words()?,
        })
    }

    fn profile(&mut self) -> build::Profile {
        if self.flag("--release") { build::Profile::Release } else { build::Profile::Dev }
    }

    fn words(self) -> Result<Vec<String>> {
        match self.rest.iter().find(|word| word.starts_with('-')) {
            Some(unknown) => bail!("no option {unknown}\n\n{HELP}"),
            None => Ok(self.rest),
        }
    }

    fn finish(self) -> Result<()> {
        match self.words()?.as_slice() {
            [] => Ok(()),
            [word, ..] => bail!("unexpected {word:?}\n\n{HELP}"),
        }
    }
}
