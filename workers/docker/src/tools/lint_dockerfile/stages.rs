//! Rules on images, stages and what they copy from each other.

use super::rules::{DL3006, DL3007, DL3022, DL3023, DL3024, DL3026, DL3029, DL3057, DL3063, DL3065, DL3067};
use super::{Lint, Patch, commands};
use crate::support::dockerfile::{Arguments, Flag, Instruction, Keyword};
use crate::support::image::ImageName;
use crate::support::text::Word;
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Runs the group.
pub(super) fn check(lint: &mut Lint<'_>) {
    let file = lint.file;
    // Stage names so far, without case, each with its number.
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let mut count = 0;
    for instruction in &file.instructions {
        match (instruction.keyword, &instruction.arguments) {
            (Keyword::From, Arguments::Image { image, alias }) => {
                lint.platform(instruction);
                if !names.contains_key(&image.value.to_lowercase()) {
                    lint.base_image(instruction, image);
                }
                if let Some(alias) = alias {
                    lint.stage_name(instruction, alias, &names);
                    names.insert(alias.value.to_lowercase(), count);
                }
                count += 1;
            }
            (Keyword::Copy, Arguments::Paths { sources, destination }) => {
                let Some(from) = instruction.flag("from") else { continue };
                lint.copy_source(instruction, from, &names, count);
                if destination.value == "/" && sources.iter().any(|source| source.value == "/") {
                    let message = "the whole file system of another stage is copied";
                    lint.on(&DL3067, instruction, instruction.keyword_span.clone(), message);
                }
            }
            _ if instruction.triggered().keyword == Keyword::Run => {
                for (flag, image) in commands::mount_sources(instruction.triggered()) {
                    if stage_named(image, &names).is_none() {
                        lint.registry(instruction, image, flag.span.clone());
                    }
                }
            }
            _ => {}
        }
    }
    if lint.options.needs_healthcheck {
        lint.healthchecks();
    }
}

// The stage of a name or number.
fn stage_named(text: &str, names: &BTreeMap<String, usize>) -> Option<usize> {
    text.parse::<usize>().ok().or_else(|| names.get(&text.to_lowercase()).copied())
}

impl Lint<'_> {
    fn platform(&mut self, from: &Instruction) {
        let Some(flag) = from.flag("platform") else { return };
        let value = flag.value.as_deref().unwrap_or_default();
        let variable =
            value.strip_prefix("${").and_then(|name| name.strip_suffix('}')).or_else(|| value.strip_prefix('$'));
        match variable {
            Some("TARGETPLATFORM") => {
                // The blank behind the flag goes with it.
                let blanks = self
                    .source
                    .get(flag.span.end..)
                    .map_or(0, |rest| rest.len() - rest.trim_start_matches([' ', '\t']).len());
                let span = flag.span.start..flag.span.end + blanks;
                let fix = Patch { title: "leave the flag out".to_owned(), span, text: String::new() };
                self.fixed(&DL3065, from, flag.span.clone(), "the target platform is the default", Some(fix));
            }
            // A default, as in `${BUILDPLATFORM:-}`, changes nothing where the variable is set.
            _ if value.contains("BUILDPLATFORM") || value.contains("TARGETPLATFORM") => {}
            _ => self.on(&DL3029, from, flag.span.clone(), "the platform is fixed"),
        }
    }

    fn base_image(&mut self, from: &Instruction, image: &Word) {
        let name = ImageName::parse(&image.value);
        // A variable in front may hold the whole name, one at the end the tag.
        let last = image.value.rsplit('$').next().filter(|rest| rest.len() < image.value.len()).unwrap_or("/");
        let is_open = image.value.starts_with('$') || !last.trim_end_matches('}').contains(['/', '}']);
        if image.value == "scratch" {
            return;
        }
        match (name.tag, name.digest) {
            (None, None) if !is_open => {
                let message = format!("`{}` has no tag", excerpt(&image.value));
                self.on(&DL3006, from, image.span.clone(), message);
            }
            (Some("latest"), None) => {
                let message = format!("`{}` moves with every release", excerpt(&image.value));
                self.on(&DL3007, from, image.span.clone(), message);
            }
            _ => {}
        }
        self.registry(from, &image.value, image.span.clone());
    }

    fn registry(&mut self, instruction: &Instruction, image: &str, span: Range<usize>) {
        if self.options.trusted.is_empty() || image.starts_with('$') || image == "scratch" {
            return;
        }
        // Docker's own registry goes by three names, and by none.
        let registry = match ImageName::parse(image).registry {
            None | Some("index.docker.io" | "registry-1.docker.io") => "docker.io",
            Some(named) => named,
        };
        let is_trusted = |pattern: &String| {
            is_match(pattern, registry) || (registry == "docker.io" && is_match(pattern, "hub.docker.com"))
        };
        if !self.options.trusted.iter().any(is_trusted) {
            let message = format!("registry `{}` is not trusted", excerpt(registry));
            self.on(&DL3026, instruction, span, message);
        }
    }

    fn stage_name(&mut self, from: &Instruction, alias: &Word, names: &BTreeMap<String, usize>) {
        let name = alias.value.to_lowercase();
        if names.contains_key(&name) {
            let message = format!("`{}` names an earlier stage already", excerpt(&alias.value));
            self.on(&DL3024, from, alias.span.clone(), message);
        }
        if matches!(name.as_str(), "scratch" | "context") {
            self.on(&DL3063, from, alias.span.clone(), format!("`{name}` is reserved"));
        }
    }

    fn copy_source(&mut self, copy: &Instruction, from: &Flag, names: &BTreeMap<String, usize>, count: usize) {
        let value = from.value.as_deref().unwrap_or_default();
        let stage = stage_named(value, names);
        if stage.is_none() {
            self.registry(copy, value, from.span.clone());
        }
        match stage {
            Some(stage) if stage + 1 == count => {
                self.on(&DL3023, copy, from.span.clone(), format!("`{}` is this stage itself", excerpt(value)));
            }
            Some(stage) if stage < count => {}
            None if value.contains([':', '@']) => {}
            _ => self.on(&DL3022, copy, from.span.clone(), format!("no earlier stage is `{}`", excerpt(value))),
        }
    }

    fn healthchecks(&mut self) {
        // A stage with one, or from a base with one, also speaks for the stages it continues.
        let covered: BTreeSet<usize> = (0..self.facts.stages.len())
            .filter(|stage| self.facts.inherits(*stage, |own| own.has_healthcheck))
            .flat_map(|stage| self.facts.lineage(stage))
            .collect();
        for stage in (0..self.facts.stages.len()).filter(|stage| !covered.contains(stage)) {
            if let Some(from) = self.from(stage) {
                self.on(&DL3057, from, from.keyword_span.clone(), "the stage has no HEALTHCHECK");
            }
        }
    }
}

// Whether a host fits a pattern: the same, all (`*`), any below a domain (`*.domain`), or any that starts so (`start*`).
fn is_match(pattern: &str, host: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => host.ends_with(end),
        (None, Some(start)) => host.starts_with(start),
        (None, None) => host.eq_ignore_ascii_case(pattern),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_fit_patterns() {
        assert!(is_match("*", "a") && is_match("*.b.example", "a.b.example") && is_match("A:5", "a:5"));
        assert!(is_match("a.*", "a.example") && !is_match("a.*", "b.a.example"));
        assert!(!is_match("*.b.example", "b.example") && !is_match("a", "b.a"));
    }
}
