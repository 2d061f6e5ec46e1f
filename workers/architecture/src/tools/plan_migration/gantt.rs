//! The plan as a Gantt chart in Mermaid's language.

use super::data::{PhaseData, StepData};
use std::fmt::Write as _;

/// Most steps drawn; a larger chart is not readable.
const MAX_DRAWN: usize = 100;

/// The chart; none for a plan without steps or with too many.
pub(super) fn draw(title: &str, phases: &[PhaseData], steps: &[StepData], chain: &[String]) -> Option<String> {
    if steps.is_empty() || steps.len() > MAX_DRAWN {
        return None;
    }
    let is_dated = steps.iter().any(|step| step.dates.is_some());
    let mut text = "gantt\n".to_owned();
    if !title.is_empty() {
        let _ = writeln!(text, "  title {}", plain(title));
    }
    // Without a date, days are drawn as seconds since the epoch, whose number the axis shows.
    text.push_str(if is_dated { "  dateFormat YYYY-MM-DD\n" } else { "  dateFormat X\n  axisFormat day %s\n" });
    for phase in phases {
        let _ = writeln!(text, "  section {} {}", phase.number, plain(&phase.service));
        let own = steps.iter().enumerate().filter(|(_, step)| step.phase == phase.number);
        for (at, step) in own {
            let more = if step.members.len() > 1 { format!(" +{}", step.members.len() - 1) } else { String::new() };
            let critical = if chain.contains(&step.id) { "crit, " } else { "" };
            let (from, to) = match (&step.dates, step.start, step.end) {
                (Some((from, to)), _, _) => (from.clone(), next_day(to)),
                (None, Some(start), Some(end)) => (format!("{start}"), format!("{end}")),
                _ => continue,
            };
            let _ = writeln!(text, "  {}{more} :{critical}s{at}, {from}, {to}", plain(&step.id));
        }
        let live =
            phase.live_date.as_ref().map(|date| next_day(date)).or_else(|| phase.live_day.map(|day| format!("{day}")));
        if let Some(live) = live {
            let length = if is_dated { "0d" } else { "0s" };
            let _ = writeln!(text, "  live :milestone, m{}, {live}, {length}", phase.number);
        }
    }
    Some(text)
}

// Mermaid's bars end where their last day begins, so that the day after is meant.
fn next_day(date: &str) -> String {
    super::calendar::parse(date).map_or_else(|| date.to_owned(), |days| super::calendar::plain(days + 1))
}

// Mermaid ends a name at its colon and a statement at its line break, and reads `#...;` as a character.
fn plain(text: &str) -> String {
    text.replace(':', " ").replace('#', "\u{ff03}").replace([';', '\n', ','], " ")
}
