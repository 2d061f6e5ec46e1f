//! The walk through all files in order: parsing, squawk's rules, the model, and what both come to.

use super::catalog::{Age, Catalog, Moment};
use super::effects::{Effects, Work, WorkKind};
use super::model::{Model, has_token, span};
use super::squawk::{self, Told};
use super::{Duration, LockReport, Migrations, StatementReport, TableSize, rules, shown, text};
use crate::support::postgres::guard;
use crate::support::postgres::lock::{Blocks, LockMode};
use crate::support::postgres::name::ObjectName;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, Level, LineIndex, Report, SourceFile};
use squawk_syntax::ast;
use squawk_syntax::ast::AstNode as _;
use squawk_syntax::{Parse, SyntaxKind};
use std::collections::BTreeMap;
use std::ops::Range;

/// Most statements the model follows; later ones are linted only. A bound on the catalogue's size.
const MAX_MODELLED_STATEMENTS: usize = 10_000;
/// Most statements listed in `data`: what fits a default answer.
const MAX_LISTED_STATEMENTS: usize = 60;
/// Most relations listed of one statement.
const MAX_LISTED_RELATIONS: usize = 12;
/// Most syntax errors reported of one file: one broken statement often brings many.
const MAX_SYNTAX_ERRORS: usize = 20;
/// Most syntax errors of a file whose statements are looked at: with more it is no migration, and its tree is mostly errors.
const MAX_BROKEN_PLACES: usize = 20_000;
/// Most transactions whose state is kept for a ROLLBACK.
const MAX_SNAPSHOTS: usize = 100;

// Rows a second, measured on PostgreSQL 15 with rows of 100 bytes and one index, rounded down: orders of magnitude only.
const SCANNED_PER_SECOND: u64 = 5_000_000;
const LOOKED_UP_PER_SECOND: u64 = 1_000_000;
const BUILT_PER_SECOND: u64 = 1_000_000;
const COPIED_PER_SECOND: u64 = 2_000_000;
const WRITTEN_PER_SECOND: u64 = 100_000;
const REWRITTEN_PER_SECOND: u64 = 500_000;

/// What the caller asked for.
pub(super) struct Options {
    pub(super) version: u16,
    pub(super) assume_in_transaction: bool,
    pub(super) include: Vec<squawk_linter::Rule>,
    /// Whether the files have names of their own.
    pub(super) named: bool,
}

/// Checks a history.
pub(super) fn check(
    files: &[SourceFile],
    sizes: Vec<TableSize>,
    options: &Options,
    ctx: &Ctx<'_>,
) -> Report<Migrations> {
    let lines: Vec<LineIndex<'_>> = files.iter().map(|file| LineIndex::new(&file.source)).collect();
    let mut walk = Walk {
        options,
        sizes: sizes.into_iter().map(|size| (size.name, size.rows)).collect(),
        catalog: Catalog::default(),
        findings: Vec::new(),
        listed: Vec::new(),
        totals: Totals::default(),
        transaction: 0,
        snapshots: 0,
        blanked: 0,
        down: 0,
        opaque: 0,
        unread: 0,
        broken: 0,
    };
    let total = u32::try_from(files.len()).unwrap_or(u32::MAX);
    for (at, (file, lines)) in files.iter().zip(&lines).enumerate() {
        walk.file(at, file, lines);
        if options.named {
            ctx.progress(u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1), total, &excerpt(&file.path));
        }
    }
    walk.unvalidated(files, &lines);
    walk.report(files.len())
}

#[derive(Debug, Default)]
struct Totals {
    statements: usize,
    rewrites: usize,
    scans: usize,
    blocking_reads: usize,
    blocking_writes: usize,
}

struct Walk<'a> {
    options: &'a Options,
    sizes: BTreeMap<ObjectName, u64>,
    catalog: Catalog,
    findings: Vec<Finding>,
    listed: Vec<(Weight, StatementReport)>,
    totals: Totals,
    transaction: u32,
    snapshots: usize,
    blanked: usize,
    down: usize,
    opaque: usize,
    unread: usize,
    broken: usize,
}

// What decides which statements are listed when there are too many; the larger, the sooner.
type Weight = (Blocks, Duration, bool);

// One file while it is walked through.
struct Current<'a> {
    at: usize,
    file: &'a SourceFile,
    lines: &'a LineIndex<'a>,
    // Squawk's findings in the order of their places, and how many of them have been passed on.
    told: Vec<Told>,
    told_next: usize,
    // The number of the transaction that is open.
    open: Option<u32>,
    before: Option<Catalog>,
    keep_before: bool,
    held: Vec<Held>,
    work_told: bool,
    statements: usize,
}

// A lock that an earlier statement of the transaction took on a relation that was there before.
struct Held {
    relation: ObjectName,
    mode: LockMode,
    line: u32,
}

impl Walk<'_> {
    fn file(&mut self, at: usize, file: &SourceFile, lines: &LineIndex<'_>) {
        if let Some(deep) = guard::too_deep(&file.source) {
            let place = lines.range(deep.at..deep.at + 1);
            let message = format!("the file is not read: it goes beyond {}", deep.what.limit());
            let finding = Finding::new(&rules::NESTING_TOO_DEEP, message).at(place);
            self.push(file, finding);
            self.unread += 1;
            return;
        }
        let (sql, blanked) = text::without_psql(&file.source);
        self.blanked += blanked;
        let parse = squawk_syntax::SourceFile::parse(&sql);
        let broken = self.syntax_errors(file, lines, &parse);
        if broken > MAX_BROKEN_PLACES {
            self.broken += 1;
            return;
        }
        let markers = text::markers(self.options.named.then_some(file.path.as_str()), &file.source);
        let in_transaction = self.options.assume_in_transaction && !markers.no_transaction;
        let told = squawk::lint(&parse, &sql, lines, &self.options.include, self.options.version, in_transaction);
        let stmts: Vec<ast::Stmt> = parse.tree().stmts().collect();
        let mut current = Current {
            at,
            file,
            lines,
            told,
            told_next: 0,
            open: None,
            before: None,
            keep_before: stmts
                .iter()
                .any(|stmt| matches!(stmt, ast::Stmt::Rollback(ast::Rollback::RollbackTransaction(_)))),
            held: Vec::new(),
            work_told: false,
            statements: stmts.len(),
        };
        if in_transaction {
            self.begin(&mut current);
        }
        for stmt in &stmts {
            let place = span(stmt.syntax());
            if markers.down.iter().any(|down| down.contains(&place.start)) {
                self.down += 1;
                continue;
            }
            if self.totals.statements >= MAX_MODELLED_STATEMENTS {
                break;
            }
            self.statement(&mut current, stmt, &place);
        }
        self.pass_on(&mut current, usize::MAX);
    }

    // Passes on squawk's findings before a place, with the level and fix that squawk gives them.
    fn pass_on(&mut self, current: &mut Current<'_>, before: usize) {
        while let Some(told) = current.told.get(current.told_next).filter(|told| told.at.start < before) {
            let finding = Finding::new(&told.peer.rule, told.message.clone()).at(current.lines.range(told.at.clone()));
            let finding = match told.fix.clone().filter(|_| !told.fix_outside_transaction) {
                Some(fix) => finding.with_fix(fix.title, fix.edits),
                None => finding,
            };
            self.push(current.file, finding);
            current.told_next += 1;
        }
    }

    fn syntax_errors(
        &mut self,
        file: &SourceFile,
        lines: &LineIndex<'_>,
        parse: &Parse<squawk_syntax::SourceFile>,
    ) -> usize {
        let errors = parse.errors();
        for error in errors.iter().take(MAX_SYNTAX_ERRORS) {
            let range = lines.range(error.range().start().into()..error.range().end().into());
            let message = excerpt(&error.message().replace("_KW", ""));
            let finding = Finding::new(&rules::SYNTAX_ERROR, format!("not PostgreSQL: {message}")).at(range);
            self.push(file, finding);
        }
        if let Some(more) = errors.len().checked_sub(MAX_SYNTAX_ERRORS).filter(|more| *more > 0) {
            self.push(file, Finding::new(&rules::SYNTAX_ERROR, format!("{more} more places that are not PostgreSQL")));
        }
        errors.len()
    }

    fn begin(&mut self, current: &mut Current<'_>) {
        self.transaction = self.transaction.saturating_add(1);
        current.open = Some(self.transaction);
        current.held.clear();
        current.work_told = false;
        if current.keep_before && self.snapshots < MAX_SNAPSHOTS {
            self.snapshots += 1;
            current.before = Some(self.catalog.clone());
        }
    }

    fn statement(&mut self, current: &mut Current<'_>, stmt: &ast::Stmt, place: &Range<usize>) {
        match stmt {
            ast::Stmt::EmptyStmt(_) => return,
            ast::Stmt::Begin(_) => {
                if current.open.is_none() {
                    self.begin(current);
                }
                return;
            }
            ast::Stmt::Commit(ast::Commit::CommitTransaction(_)) | ast::Stmt::PrepareTransaction(_) => {
                current.open = None;
                current.before = None;
                if has_token(stmt.syntax(), SyntaxKind::CHAIN_KW) && !has_token(stmt.syntax(), SyntaxKind::NO_KW) {
                    self.begin(current);
                }
                return;
            }
            ast::Stmt::Rollback(ast::Rollback::RollbackTransaction(_)) => {
                current.open = None;
                if let Some(before) = current.before.take() {
                    self.catalog = before;
                }
                return;
            }
            _ => {}
        }
        let transaction = current.open.unwrap_or_else(|| {
            self.transaction = self.transaction.saturating_add(1);
            self.transaction
        });
        let now = Moment { file: current.at, transaction };
        let line = current.lines.position(place.start).line;
        let at_place =
            if self.options.named { format!("{}:{line}", excerpt(&current.file.path)) } else { format!("line {line}") };
        let mut model = Model {
            catalog: &mut self.catalog,
            version: self.options.version,
            now,
            conditional: false,
            in_body: false,
            place: at_place,
        };
        let effects = model.statement(stmt);
        let ages: BTreeMap<ObjectName, Age> =
            effects.relations().map(|name| (name.clone(), self.catalog.age(name, now))).collect();
        let age = |name: &ObjectName| ages.get(name).copied().unwrap_or(Age::Existing);
        self.totals.statements += 1;
        self.judge(current, stmt, place, &effects, &age);
        let report = self.reported(current, line, &effects, &age);
        if let Some(report) = report {
            let weight = (report.blocks, report.duration, report.cannot_see.is_some());
            self.listed.push((weight, report));
        }
    }

    // Turns effects into findings, and gives squawk's their level.
    fn judge(
        &mut self,
        current: &mut Current<'_>,
        stmt: &ast::Stmt,
        place: &Range<usize>,
        effects: &Effects,
        age: &impl Fn(&ObjectName) -> Age,
    ) {
        let mut told_here = false;
        self.pass_on(current, place.start);
        while let Some(told) = current.told.get(current.told_next).filter(|told| told.at.start < place.end).cloned() {
            current.told_next += 1;
            told_here |= told.peer.rule.id == "constraint-missing-not-valid";
            let finding = weighed(&told, effects, age, current.lines);
            let allowed = !told.fix_outside_transaction
                || (current.open.is_none() && concurrently_works(stmt, effects, self.options.version));
            let finding = match told.fix.filter(|_| allowed) {
                Some(fix) => finding.with_fix(fix.title, fix.edits),
                None => finding,
            };
            self.push(current.file, finding);
        }
        for problem in &effects.problems {
            let finding =
                Finding::new(problem.rule, problem.message.clone()).at(current.lines.range(problem.at.clone()));
            self.push(current.file, finding);
        }
        let range = current.lines.range(place.clone());
        if let Some(what) = effects.outside_transaction
            && current.open.is_some()
            // A migration of one statement is taken to be run as it is, as squawk does.
            && current.statements > 1
            && !effects.outside_told
        {
            let message = format!("{what} is refused within a transaction");
            self.push(current.file, Finding::new(&rules::FORBIDDEN_IN_TRANSACTION, message).at(range));
        }
        for work in effects.works.iter().filter(|work| !work.told && age(&work.relation) == Age::Existing) {
            let Some(mode) = effects.locks.get(&work.relation).filter(|mode| mode.blocks() >= Blocks::Writes) else {
                continue;
            };
            let (rule, what) = match work.kind {
                WorkKind::Rewrite => (&rules::TABLE_REWRITE, "is written anew"),
                WorkKind::Copy => (&rules::TABLE_REWRITE, "is copied whole"),
                WorkKind::Scan | WorkKind::LookUp => (&rules::SCAN_UNDER_LOCK, "is read through"),
                WorkKind::Build => (&rules::SCAN_UNDER_LOCK, "is read through to build an index"),
                WorkKind::Rows => continue,
            };
            let table = shown(&work.relation);
            let unless = work.unless.as_ref().map(|why| format!(", unless {why}")).unwrap_or_default();
            let message = format!("{table} {what} while {} wait{unless}", mode.blocks().words());
            let level = if work.unless.is_some() { Level::Info } else { rule.level };
            let range = current.lines.range(work.at.clone().unwrap_or_else(|| place.clone()));
            self.push(current.file, Finding::new(rule, message).with_level(level).at(range));
        }
        if current.open.is_some() {
            self.held_locks(current, place, effects, age, told_here);
        }
    }

    fn held_locks(
        &mut self,
        current: &mut Current<'_>,
        place: &Range<usize>,
        effects: &Effects,
        age: &impl Fn(&ObjectName) -> Age,
        told_here: bool,
    ) {
        let slow = effects.works.iter().find(|work| work.unless.is_none() && age(&work.relation) == Age::Existing);
        if let Some(slow) = slow
            && !current.work_told
            && !told_here
        {
            let worst = current.held.iter().filter(|held| {
                // A statement that locks the same relation as much by itself adds nothing to what others wait for.
                effects.locks.get(&held.relation).is_none_or(|own| own.blocks() < held.mode.blocks())
            });
            if let Some(held) = worst.max_by_key(|held| (held.mode, std::cmp::Reverse(held.line))) {
                let what = match slow.kind {
                    WorkKind::Scan | WorkKind::LookUp => "reads through",
                    WorkKind::Build => "builds an index on",
                    WorkKind::Rows => "writes the rows of",
                    WorkKind::Copy => "copies",
                    WorkKind::Rewrite => "writes anew",
                };
                let message = format!(
                    "{what} {} while {} of {} wait: line {} took {} on it",
                    shown(&slow.relation),
                    held.mode.blocks().words(),
                    shown(&held.relation),
                    held.line,
                    held.mode
                );
                let finding = Finding::new(&rules::WORK_UNDER_LOCK, message).at(current.lines.range(place.clone()));
                self.push(current.file, finding);
                current.work_told = true;
            }
        }
        let line = current.lines.position(place.start).line;
        for (relation, mode) in &effects.locks {
            if mode.blocks() < Blocks::Writes || age(relation) != Age::Existing {
                continue;
            }
            match current.held.iter_mut().find(|held| held.relation == *relation) {
                Some(held) if held.mode < *mode => *held = Held { relation: relation.clone(), mode: *mode, line },
                Some(_) => {}
                None => current.held.push(Held { relation: relation.clone(), mode: *mode, line }),
            }
        }
    }

    fn reported(
        &mut self,
        current: &Current<'_>,
        line: u32,
        effects: &Effects,
        age: &impl Fn(&ObjectName) -> Age,
    ) -> Option<StatementReport> {
        let existing = |name: &ObjectName| age(name) == Age::Existing;
        let blocks = effects.blocks(existing);
        let on_existing = |kinds: &[WorkKind]| {
            effects.works.iter().any(|work| kinds.contains(&work.kind) && existing(&work.relation))
        };
        self.totals.rewrites += usize::from(on_existing(&[WorkKind::Rewrite, WorkKind::Copy]));
        self.totals.scans += usize::from(on_existing(&[WorkKind::Scan, WorkKind::LookUp, WorkKind::Build]));
        self.totals.blocking_reads += usize::from(blocks == Blocks::ReadsAndWrites);
        self.totals.blocking_writes += usize::from(blocks == Blocks::Writes);
        self.opaque += usize::from(effects.opaque.is_some());
        if effects.locks.is_empty() && effects.opaque.is_none() {
            return None;
        }
        let named = |kinds: &[WorkKind], certain: bool| -> Vec<String> {
            let mut names: Vec<String> = effects
                .works
                .iter()
                .filter(|work| kinds.contains(&work.kind) && work.unless.is_none() == certain)
                .map(|work| shown(&work.relation))
                .collect();
            names.sort();
            names.dedup();
            names.truncate(MAX_LISTED_RELATIONS);
            names
        };
        let mut uncertain: Vec<String> = effects.works.iter().filter_map(uncertainty).collect();
        uncertain.dedup();
        uncertain.truncate(MAX_LISTED_RELATIONS);
        let mut locks: Vec<_> = effects.locks.iter().collect();
        locks.sort_by_key(|(relation, mode)| (std::cmp::Reverse(**mode), *relation));
        let fresh = (blocks < Blocks::Writes).then(|| safe_because(effects, age)).flatten();
        let (duration, seconds) = self.duration(effects, age);
        Some(StatementReport {
            path: self.options.named.then(|| excerpt(&current.file.path)),
            line,
            statement: excerpt(&effects.kind),
            in_transaction: current.open.is_some(),
            locks: locks
                .into_iter()
                .take(MAX_LISTED_RELATIONS)
                .map(|(relation, mode)| LockReport { relation: shown(relation), mode: *mode })
                .collect(),
            blocks,
            rewrites: named(&[WorkKind::Rewrite, WorkKind::Copy], true),
            scans: named(&[WorkKind::Scan, WorkKind::LookUp, WorkKind::Build], true),
            uncertain,
            duration,
            seconds,
            safe_because: fresh,
            cannot_see: effects.opaque.clone(),
            suggestion: effects.suggestion.clone(),
        })
    }

    fn duration(&self, effects: &Effects, age: &impl Fn(&ObjectName) -> Age) -> (Duration, Option<u64>) {
        let mut seconds: u64 = 0;
        let mut measured = false;
        let mut unknown_size = false;
        for work in effects.works.iter().filter(|work| age(&work.relation) == Age::Existing) {
            let per_second = match work.kind {
                WorkKind::Scan => SCANNED_PER_SECOND,
                WorkKind::LookUp => LOOKED_UP_PER_SECOND,
                WorkKind::Build => BUILT_PER_SECOND,
                WorkKind::Rows => WRITTEN_PER_SECOND,
                WorkKind::Copy => COPIED_PER_SECOND,
                WorkKind::Rewrite => REWRITTEN_PER_SECOND,
            };
            match self.sizes.get(&work.relation) {
                Some(rows) => {
                    measured = true;
                    seconds = seconds.saturating_add(rows.div_ceil(per_second));
                }
                None => unknown_size = true,
            }
        }
        let class = match seconds {
            0..60 => Duration::Seconds,
            60..3_600 => Duration::Minutes,
            _ => Duration::Hours,
        };
        if effects.opaque.is_some() && !measured && !unknown_size {
            return (Duration::Unknown, None);
        }
        match (measured, unknown_size) {
            (_, true) => (Duration::GrowsWithTable, None),
            (true, false) => (class, Some(seconds)),
            (false, false) => (Duration::Instant, None),
        }
    }

    fn unvalidated(&mut self, files: &[SourceFile], lines: &[LineIndex<'_>]) {
        let mut open = Vec::new();
        for (table, relation) in &self.catalog.relations {
            for (name, constraint) in relation.constraints.iter().filter(|(_, constraint)| !constraint.validated) {
                let (Some(file), Some(lines), Some(at)) =
                    (files.get(constraint.added.file), lines.get(constraint.added.file), constraint.at)
                else {
                    continue;
                };
                let message = format!("{} of {} is never validated in this history", excerpt(name), shown(table));
                let position = lines.position(at);
                let line_end = at + lines.line_text(position.line).len().saturating_sub(position.column as usize - 1);
                open.push((file, Finding::new(&rules::NEVER_VALIDATED, message).at(lines.range(at..line_end))));
            }
        }
        for (file, finding) in open {
            self.push(file, finding);
        }
    }

    fn push(&mut self, file: &SourceFile, finding: Finding) {
        self.findings.push(if self.options.named { finding.in_file(file.path.clone()) } else { finding });
    }

    fn report(mut self, files: usize) -> Report<Migrations> {
        let mut omitted = 0;
        if self.listed.len() > MAX_LISTED_STATEMENTS {
            let mut weights: Vec<Weight> = self.listed.iter().map(|(weight, _)| *weight).collect();
            weights.sort_unstable_by(|a, b| b.cmp(a));
            let least = weights.get(MAX_LISTED_STATEMENTS - 1).copied();
            let above = weights.iter().filter(|weight| Some(**weight) > least).count();
            let mut room = MAX_LISTED_STATEMENTS.saturating_sub(above);
            omitted = self.listed.len() - MAX_LISTED_STATEMENTS;
            self.listed.retain(|(weight, _)| {
                let equal = Some(*weight) == least && room > 0;
                room -= usize::from(equal);
                equal || Some(*weight) > least
            });
        }
        let data = Migrations {
            postgres_version: self.options.version,
            statement_count: self.totals.statements,
            rewrite_count: self.totals.rewrites,
            scan_count: self.totals.scans,
            blocking_read_count: self.totals.blocking_reads,
            blocking_write_count: self.totals.blocking_writes,
            statements: self.listed.into_iter().map(|(_, report)| report).collect(),
            statements_omitted: omitted,
        };
        let mut report = Report::checked(self.findings, data).over_files(files);
        if self.blanked > 0 {
            report = report.not_checked(format!("{} of COPY data and psql commands", plural(self.blanked, "line")));
        }
        if self.down > 0 {
            report = report.not_checked(format!(
                "{} of down migrations: linted, not in the model",
                plural(self.down, "statement")
            ));
        }
        if self.unread > 0 {
            report = report.not_checked(format!("{} too deep for the parser", plural(self.unread, "file")));
        }
        if self.broken > 0 {
            let files = plural(self.broken, "file");
            report = report
                .not_checked(format!("{files} with more than {MAX_BROKEN_PLACES} syntax errors, beyond those errors"));
        }
        if self.opaque > 0 {
            report = report.not_checked(format!("parts of {}, see cannotSee", plural(self.opaque, "statement")));
        }
        if self.totals.statements >= MAX_MODELLED_STATEMENTS {
            report = report
                .not_checked(format!("statements after the first {MAX_MODELLED_STATEMENTS}: linted, not in the model"));
        }
        report
    }
}

// Gives a finding of squawk its level here: a remark where the model knows that nobody waits for long.
fn weighed(told: &Told, effects: &Effects, age: &impl Fn(&ObjectName) -> Age, lines: &LineIndex<'_>) -> Finding {
    let finding = |message: String| Finding::new(&told.peer.rule, message).at(lines.range(told.at.clone()));
    if !told.peer.about_locks {
        return finding(told.message.clone());
    }
    let harmless = safe_because(effects, age).or_else(|| harmless_by_itself(told.peer.rule.id, effects));
    match harmless {
        Some(why) => finding(format!("{}; harmless here: {why}", told.message)).with_level(Level::Info),
        None => finding(told.message.clone()),
    }
}

// Why squawk's finding costs next to nothing although the relation is in use.
fn harmless_by_itself(rule: &str, effects: &Effects) -> Option<String> {
    if !effects.works.is_empty() || effects.opaque.is_some() {
        return None;
    }
    match rule {
        "changing-column-type" if effects.free_type_change => {
            Some("the new type takes the rows as they are, so the lock is brief".to_owned())
        }
        "adding-field-with-default" => Some("the value is the same for every row, so it is stored once".to_owned()),
        "adding-not-nullable-field" => Some("an earlier constraint proves it, so nothing is scanned".to_owned()),
        "adding-foreign-key-constraint" => Some("the new column holds NULL alone, so nothing is looked up".to_owned()),
        _ => None,
    }
}

// Why the locks of a statement bother nobody: all that keep others out are on new relations.
fn safe_because(effects: &Effects, age: &impl Fn(&ObjectName) -> Age) -> Option<String> {
    let strong: Vec<_> = effects.locks.iter().filter(|(_, mode)| mode.blocks() >= Blocks::Writes).collect();
    let ages = strong.iter().map(|(relation, _)| age(relation));
    let (relation, _) = strong.first()?;
    let oldest = ages.max_by_key(|age| match age {
        Age::SameTransaction => 0,
        Age::SameMigration => 1,
        Age::Existing => 2,
    })?;
    let which = if strong.len() == 1 { shown(relation) } else { "every table it locks".to_owned() };
    match oldest {
        Age::SameTransaction => Some(format!("{which} was created in the same transaction")),
        Age::SameMigration => Some(format!("{which} was created in the same migration")),
        Age::Existing => None,
    }
}

// Whether CONCURRENTLY, put into this statement, does the same outside a transaction.
fn concurrently_works(stmt: &ast::Stmt, effects: &Effects, version: u16) -> bool {
    match stmt {
        ast::Stmt::CreateIndex(_) => effects.locks.len() == 1,
        ast::Stmt::DropIndex(drop) => {
            drop.index_refs().count() == 1 && !matches!(drop.drop_behavior(), Some(ast::DropBehavior::Cascade(_)))
        }
        ast::Stmt::Reindex(_) => version >= 12 && effects.opaque.is_none(),
        _ => false,
    }
}

fn uncertainty(work: &Work) -> Option<String> {
    let what = match work.kind {
        WorkKind::Rewrite => "rewrite",
        WorkKind::Copy => "copy",
        WorkKind::Scan | WorkKind::LookUp => "scan",
        WorkKind::Build => "index build",
        WorkKind::Rows => "row writes",
    };
    let between = if work.kind == WorkKind::Rows { ": " } else { ", unless " };
    work.unless.as_ref().map(|why| format!("{what} of {}{between}{why}", shown(&work.relation)))
}
