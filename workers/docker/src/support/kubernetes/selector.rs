//! Label selectors: equality, sets, and what a set of labels makes of them.
//!
//! Owns the meaning of a selector; reading one from a manifest is in `objects`.

use std::collections::BTreeMap;

/// Labels of an object.
pub type Labels = BTreeMap<String, String>;

/// How a requirement compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// The value is one of these.
    In,
    /// There is no value, or it is none of these.
    NotIn,
    /// The key is there.
    Exists,
    /// The key is not there.
    DoesNotExist,
    /// The value, a whole number, is greater.
    Gt,
    /// The value, a whole number, is less.
    Lt,
}

impl Operator {
    /// Reads an operator's name.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "In" => Self::In,
            "NotIn" => Self::NotIn,
            "Exists" => Self::Exists,
            "DoesNotExist" => Self::DoesNotExist,
            "Gt" => Self::Gt,
            "Lt" => Self::Lt,
            _ => return None,
        })
    }
}

/// One requirement of a selector.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requirement {
    /// The label.
    pub key: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub values: Vec<String>,
}

impl Requirement {
    /// Whether labels meet it.
    pub fn matches(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        let number = |text: &str| text.parse::<i64>().ok();
        let bound = || self.values.first().and_then(|value| number(value));
        match self.operator {
            Operator::In => value.is_some_and(|value| self.values.contains(value)),
            Operator::NotIn => value.is_none_or(|value| !self.values.contains(value)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::Gt => {
                value.and_then(|value| number(value)).zip(bound()).is_some_and(|(value, bound)| value > bound)
            }
            Operator::Lt => {
                value.and_then(|value| number(value)).zip(bound()).is_some_and(|(value, bound)| value < bound)
            }
        }
    }
}

/// A label selector: every requirement must be met; one without any takes everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selector {
    /// The requirements, sorted.
    pub requirements: Vec<Requirement>,
}

impl Selector {
    /// A selector of equal labels.
    pub fn of_labels(labels: &Labels) -> Self {
        let requirements = labels
            .iter()
            .map(|(key, value)| Requirement { key: key.clone(), operator: Operator::In, values: vec![value.clone()] })
            .collect();
        Self { requirements }
    }

    /// Whether labels meet all of it.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.requirements.iter().all(|requirement| requirement.matches(labels))
    }

    /// With how many values labels are compared.
    pub fn weight(&self) -> usize {
        self.requirements.iter().map(|requirement| 1 + requirement.values.len()).sum()
    }

    /// Whether it takes everything.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }
}

/// `app=web, tier in (a, b), !legacy`: as `kubectl -l` takes it.
impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, Requirement { key, operator, values }) in self.requirements.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            match (operator, values.as_slice()) {
                (Operator::In, [one]) => write!(f, "{comma}{key}={one}")?,
                (Operator::In, _) => write!(f, "{comma}{key} in ({})", values.join(","))?,
                (Operator::NotIn, [one]) => write!(f, "{comma}{key}!={one}")?,
                (Operator::NotIn, _) => write!(f, "{comma}{key} notin ({})", values.join(","))?,
                (Operator::Exists, _) => write!(f, "{comma}{key}")?,
                (Operator::DoesNotExist, _) => write!(f, "{comma}!{key}")?,
                (Operator::Gt, _) => write!(f, "{comma}{key}>{}", values.join(","))?,
                (Operator::Lt, _) => write!(f, "{comma}{key}<{}", values.join(","))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn requirements_mean_what_kubernetes_says() {
        let requirement = |operator, values: &[&str]| Requirement {
            key: "a".to_owned(),
            operator,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let (with, without) = (labels(&[("a", "5")]), labels(&[]));
        for (operator, values, on_with, on_without) in [
            (Operator::In, &["5", "6"][..], true, false),
            (Operator::In, &[], false, false),
            (Operator::NotIn, &["5"], false, true),
            (Operator::Exists, &[], true, false),
            (Operator::DoesNotExist, &[], false, true),
            (Operator::Gt, &["4"], true, false),
            (Operator::Lt, &["4"], false, false),
        ] {
            let requirement = requirement(operator, values);
            assert_eq!(
                (requirement.matches(&with), requirement.matches(&without)),
                (on_with, on_without),
                "{requirement:?}"
            );
        }
    }

    #[test]
    fn an_empty_selector_takes_everything() {
        assert!(Selector::default().matches(&labels(&[])));
        assert_eq!(Selector::of_labels(&labels(&[("a", "b"), ("c", "d")])).to_string(), "a=b,c=d");
    }
}
