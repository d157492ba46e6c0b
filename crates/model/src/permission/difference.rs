//! What to change so that a group has the rules that are wanted.

use std::collections::BTreeMap;

use super::peer::Peer;
use super::rule::{Direction, Rule};
use super::traffic::Traffic;

/// The difference between the rules that are there and the rules that are wanted, each in order.
///
/// ```
/// use vpcrun_model::{Rule, RuleDifference};
/// let rule = |text: &str| text.parse::<Rule>().expect(text);
/// let there = [rule("tcp/22 from 198.51.100.7/32"), rule("all to 0.0.0.0/0")];
/// let wanted = [rule("tcp/22 from 0.0.0.0/0"), rule("all to 0.0.0.0/0")];
/// let difference = RuleDifference::between(&there, &wanted);
/// assert_eq!(difference.added, [rule("tcp/22 from 0.0.0.0/0")]);
/// assert_eq!(difference.removed, [rule("tcp/22 from 198.51.100.7/32")]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleDifference {
    /// Wanted, not there.
    pub added: Vec<Rule>,
    /// There, not wanted.
    pub removed: Vec<Rule>,
    /// There with another description: the wanted form. EC2 changes it without touching the rule.
    pub redescribed: Vec<Rule>,
}

impl RuleDifference {
    /// Compares two sets of rules. Order and doubles do not matter.
    #[must_use]
    pub fn between<'a>(there: impl IntoIterator<Item = &'a Rule>, wanted: impl IntoIterator<Item = &'a Rule>) -> Self {
        let (mut there, wanted) = (by_identity(there), by_identity(wanted));
        let mut difference = Self::default();
        for (identity, rule) in wanted {
            match there.remove(&identity) {
                None => difference.added.push(rule.clone()),
                Some(old) if old.description() != rule.description() => difference.redescribed.push(rule.clone()),
                Some(_) => {}
            }
        }
        difference.removed.extend(there.into_values().cloned());
        difference
    }

    /// Whether nothing has to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.redescribed.is_empty()
    }
}

fn by_identity<'a>(rules: impl IntoIterator<Item = &'a Rule>) -> BTreeMap<(Direction, Traffic, Peer), &'a Rule> {
    rules.into_iter().map(|rule| (rule.identity(), rule)).collect()
}
