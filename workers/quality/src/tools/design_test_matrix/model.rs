//! Reads a model in PICT's language: parameters, submodels, and the text of the constraints.
//!
//! Owns what a model is. Constraints are read by [`super::constraint`].

use std::collections::BTreeMap;

/// Most parameters of a model.
pub const MAX_PARAMETERS: usize = 300;
/// Most values of a parameter: what a domain of four words holds.
pub const MAX_VALUES: usize = 256;

/// A value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// Its names: the first is what constraints compare, the others take turns with it in the rows.
    pub names: Vec<String>,
    /// Whether it is out of range, so that a row may have but one of its kind.
    pub negative: bool,
    /// How much it is preferred where coverage leaves the choice.
    pub weight: u32,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameter {
    pub name: String,
    pub choices: Vec<Choice>,
    /// Line of the model, from 1; 0 where a boundary made it.
    pub line: u32,
}

impl Parameter {
    /// Whether every value is a number, so that constraints compare numbers.
    pub(super) fn is_numeric(&self) -> bool {
        self.choices.iter().all(|choice| choice.names.first().is_some_and(|name| number(name).is_some()))
    }
}

/// A group of parameters with a strength of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Submodel {
    pub members: Vec<usize>,
    pub strength: Option<usize>,
}

/// Something wrong with a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub line: u32,
    pub what: String,
}

/// A model without its constraints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Model {
    pub parameters: Vec<Parameter>,
    pub submodels: Vec<Submodel>,
    /// The text from the first constraint on; comment lines are blank.
    pub constraints: String,
    /// The line on which it starts.
    pub constraints_line: u32,
    pub faults: Vec<Fault>,
}

/// A number as PICT understands one.
pub(super) fn number(text: &str) -> Option<f64> {
    let digits = text.trim();
    let begins = digits.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit() || c == '.');
    digits.parse::<f64>().ok().filter(|value| begins && value.is_finite())
}

impl Model {
    /// Reads a model.
    pub(super) fn parse(text: &str) -> Self {
        let mut model = Self::default();
        let mut lines = (1_u32..).zip(text.lines());
        let mut groups = Vec::new();
        for (at, raw) in lines.by_ref() {
            let line = raw.trim().trim_start_matches('\u{feff}').trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.starts_with('{') {
                groups.push((at, line));
            } else if starts_constraint(line) {
                model.constraints_line = at;
                model.constraints.push_str(raw);
                model.constraints.push('\n');
                break;
            } else {
                model.parameter(line, at);
            }
        }
        for (_, raw) in lines {
            // A comment line keeps its place, so that the lines of faults are right.
            if !raw.trim_start().starts_with('#') {
                model.constraints.push_str(raw);
            }
            model.constraints.push('\n');
        }
        for (at, line) in groups {
            model.submodel(line, at);
        }
        model
    }

    /// The parameter of a name, by PICT's rule that case does not matter.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let wanted = name.trim().to_lowercase();
        self.parameters.iter().position(|parameter| parameter.name.to_lowercase() == wanted)
    }

    fn fault(&mut self, line: u32, what: impl Into<String>) {
        self.faults.push(Fault { line, what: what.into() });
    }

    fn parameter(&mut self, line: &str, at: u32) {
        // `Name: a, b`; older models part the name by a comma too.
        let Some((name, values)) = line.split_once(':').or_else(|| line.split_once(',')) else {
            return self.fault(at, "is neither `Name: value, value`, nor a submodel, nor a constraint");
        };
        let name = name.trim();
        if self.find(name).is_some() {
            return self.fault(at, "names a parameter that an earlier line defines");
        }
        if self.parameters.len() >= MAX_PARAMETERS {
            return self.fault(at, format!("is one parameter more than {MAX_PARAMETERS}"));
        }
        let mut choices: Vec<Choice> = Vec::new();
        for text in values.split(',') {
            let text = text.trim();
            let reused =
                text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).and_then(|name| self.find(name));
            match reused.and_then(|index| self.parameters.get(index)) {
                Some(parameter) => choices.extend(parameter.choices.iter().cloned()),
                None => choices.push(choice(text)),
            }
        }
        if choices.len() > MAX_VALUES {
            return self.fault(at, format!("has more than {MAX_VALUES} values"));
        }
        self.parameters.push(Parameter { name: name.to_owned(), choices, line: at });
    }

    fn submodel(&mut self, line: &str, at: u32) {
        let Some((inside, after)) = line.trim_start_matches('{').split_once('}') else {
            return self.fault(at, "opens a submodel without closing it");
        };
        let mut members = Vec::new();
        for name in inside.split(',') {
            match self.find(name) {
                Some(index) if !members.contains(&index) => members.push(index),
                Some(_) => {}
                None => return self.fault(at, "names a parameter in a submodel that no line defines"),
            }
        }
        let after = after.trim();
        let strength = match after.strip_prefix('@').map(|number| number.trim().parse::<usize>()) {
            Some(Ok(strength)) if (1..=members.len()).contains(&strength) => Some(strength),
            None if after.is_empty() => None,
            _ => {
                return self
                    .fault(at, "has a submodel whose strength is no number from 1 to the count of its parameters");
            }
        };
        members.sort_unstable();
        self.submodels.push(Submodel { members, strength });
    }
}

fn starts_constraint(line: &str) -> bool {
    let word: String = line.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    let after = line.chars().nth(word.len());
    let parted = matches!(after, Some(' ' | '\t' | '[' | '(') | None);
    line.starts_with(['[', '('])
        || matches!(word.as_str(), "if" | "not") && parted && !is_parameter(line)
        || matches!(word.as_str(), "isnegative" | "ispositive") && after == Some('(')
}

// `If : a, b` is a parameter, oddly named.
fn is_parameter(line: &str) -> bool {
    line.find([':', '[', '(', '"', ';']).is_some_and(|at| line.get(at..).is_some_and(|rest| rest.starts_with(':')))
}

fn choice(text: &str) -> Choice {
    let (text, negative) = match text.strip_prefix('~') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let mut weight = 1;
    let mut names: Vec<String> = Vec::new();
    for part in text.split('|') {
        let mut name = part.trim();
        if let Some((before, after)) = name.strip_suffix(')').and_then(|rest| rest.rsplit_once('('))
            && let Ok(found) = after.trim().parse::<u32>()
            && found > 0
        {
            weight = found;
            name = before.trim_end();
        }
        names.push(name.to_owned());
    }
    Choice { names, negative, weight }
}

impl Model {
    /// Values that stand twice in a parameter, as parameter and name, with the line.
    pub(super) fn duplicates(&self) -> Vec<(u32, String, String)> {
        let mut found = Vec::new();
        for parameter in &self.parameters {
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            for name in parameter.choices.iter().filter_map(|choice| choice.names.first()) {
                let count = seen.entry(name.to_lowercase()).or_default();
                *count += 1;
                if *count == 2 {
                    found.push((parameter.line, parameter.name.clone(), name.clone()));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_parameters_weights_aliases_and_negative_values() {
        let model = Model::parse(
            "# c\nA: 1, ~-2 | x, b (10)\nB, <a>, q\nIf: 1\n{ b, A } @ 2\nIF [A] = 1 THEN [B] = 2;\n# no\n[A] > 1;",
        );
        assert_eq!(model.faults, []);
        let names: Vec<_> = model.parameters.iter().map(|p| (p.name.as_str(), p.choices.len())).collect();
        assert_eq!(names, [("A", 3), ("B", 4), ("If", 1)]);
        let second = &model.parameters[0].choices[1];
        assert_eq!((second.negative, second.names.as_slice()), (true, ["-2".to_owned(), "x".to_owned()].as_slice()));
        assert_eq!(model.parameters[0].choices[2].weight, 10);
        assert_eq!(model.submodels, [Submodel { members: vec![0, 1], strength: Some(2) }]);
        assert_eq!((model.constraints_line, model.constraints.as_str()), (6, "IF [A] = 1 THEN [B] = 2;\n\n[A] > 1;\n"));
    }

    #[test]
    fn tells_what_is_wrong_with_which_line() {
        let model = Model::parse("A\nB: 1\nb: 2\n{B, C}\n{B} @ 2\n{B");
        let lines: Vec<_> = model.faults.iter().map(|fault| fault.line).collect();
        assert_eq!(lines, [1, 3, 4, 5, 6]);
    }

    #[test]
    fn limits_hold_at_their_edges() {
        let values = |count: usize| format!("A: {}", vec!["1"; count].join(","));
        assert!(Model::parse(&values(MAX_VALUES)).faults.is_empty());
        assert!(!Model::parse(&values(MAX_VALUES + 1)).faults.is_empty());
        let parameters = |count: usize| (0..count).map(|at| format!("P{at}: 1")).collect::<Vec<_>>().join("\n");
        assert!(Model::parse(&parameters(MAX_PARAMETERS)).faults.is_empty());
        assert!(!Model::parse(&parameters(MAX_PARAMETERS + 1)).faults.is_empty());
    }
}
