//! The embedded table: three sorted texts, searched in place. `scripts/generate-api-table.py` says how they are written.

use super::shape::{Action, Structure};

const ACTIONS: &str = include_str!("table/actions.txt");
const STRUCTURES: &str = include_str!("table/structures.txt");
const ENUMS: &str = include_str!("table/enums.txt");

/// All actions of EC2, in alphabetical order.
pub fn actions() -> impl Iterator<Item = Action> {
    lines(ACTIONS).lines().filter_map(parse_action)
}

/// The action called `name`, in AWS's spelling (`CreateRoute`) or in snake case (`create_route`).
pub fn action(name: &str) -> Option<Action> {
    // Both spellings are the same letters: the table is sorted by them.
    let letters: String =
        name.chars().filter(|letter| *letter != '_').map(|letter| letter.to_ascii_lowercase()).collect();
    let line = find(ACTIONS, |line| first_word(line, ' ').to_ascii_lowercase().as_str().cmp(&letters))?;
    parse_action(line).filter(|action| action.name() == name || action.snake_name() == name)
}

/// The action whose name comes closest to `name`, if any is close: for "did you mean".
pub fn nearest(name: &str) -> Option<Action> {
    let name = snake_name(name);
    let distance = |action: &Action| strsim::damerau_levenshtein(&action.snake_name(), &name);
    actions()
        .map(|action| (distance(&action), action))
        .filter(|(distance, _)| *distance <= 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, action)| action)
}

/// The members of the structure called `name`, as they are written in the table. Empty for `-`, which has none.
pub(super) fn structure(name: &str) -> Structure {
    let line = find(STRUCTURES, |line| first_word(line, ' ').cmp(name)).unwrap_or_default();
    let (name, members) = line.split_once(' ').unwrap_or((line, ""));
    Structure::new(name, members)
}

/// The values of the enum called `name`, separated by `|`.
pub(super) fn enum_values(name: &str) -> &'static str {
    let line = find(ENUMS, |line| first_word(line, '|').cmp(name)).unwrap_or_default();
    line.split_once('|').map_or("", |(_, values)| values)
}

/// `VpcId` as `vpc_id`, `VPCPeering` as `vpc_peering`: botocore's rule, to which the generator holds every name.
pub(super) fn snake_name(name: &str) -> String {
    let letters = name.as_bytes();
    let mut snake = String::with_capacity(name.len() + 4);
    for (at, letter) in name.char_indices() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let starts_word = letter.is_ascii_uppercase()
            && before.is_some_and(|before| match before {
                b'A'..=b'Z' => after,
                before => before.is_ascii_alphanumeric(),
            });
        if starts_word {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn parse_action(line: &'static str) -> Option<Action> {
    let mut words = line.split(' ');
    Some(Action::new(words.next()?, words.next()?, words.next()?))
}

fn first_word(line: &str, end: char) -> &str {
    line.split(end).next().unwrap_or_default()
}

/// The text behind the comment lines at its head.
fn lines(text: &'static str) -> &'static str {
    let mut rest = text;
    while rest.starts_with('#') {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    rest
}

/// The line for which `compare` is equal, by binary search over the bytes of a sorted text.
fn find(text: &'static str, compare: impl Fn(&str) -> std::cmp::Ordering) -> Option<&'static str> {
    let text = lines(text);
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = text.get(..middle)?.rfind('\n').map_or(0, |newline| newline + 1);
        let end = text.get(middle..)?.find('\n').map_or(text.len(), |newline| middle + newline);
        let line = text.get(start..end)?;
        match compare(line) {
            std::cmp::Ordering::Equal => return Some(line),
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::collections::HashSet;

    use super::super::shape::Shape;
    use super::*;

    #[test]
    fn an_action_is_found_by_both_its_names() {
        for name in ["DescribeVpcs", "describe_vpcs"] {
            assert_eq!(action(name).unwrap().name(), "DescribeVpcs");
        }
        for name in ["", "describevpcs", "Describe_Vpcs", "DescribeVpc", "Zzz", "AAA", "#"] {
            assert!(action(name).is_none(), "{name:?}");
        }
        assert_eq!(nearest("describe_vpc").unwrap().name(), "DescribeVpcs");
        assert!(nearest("make_me_a_sandwich").is_none());
    }

    #[test]
    fn names_split_where_botocore_splits_them() {
        let pairs = [
            ("VpcId", "vpc_id"),
            ("CidrBlock", "cidr_block"),
            ("Ipv6CidrBlock", "ipv6_cidr_block"),
            ("EnaSupport", "ena_support"),
            ("CertificateS3BucketName", "certificate_s3_bucket_name"),
            ("ElasticGpuIds", "elastic_gpu_ids"),
            ("IpProtocol", "ip_protocol"),
            ("VPCPeering", "vpc_peering"),
        ];
        for (name, snake) in pairs {
            assert_eq!(snake_name(name), snake);
        }
    }

    #[test]
    fn every_action_is_found_by_its_own_names_and_no_two_share_one() {
        let mut snakes = HashSet::new();
        let mut count = 0;
        for one in actions() {
            assert_eq!(action(one.name()).map(|found| found.name()), Some(one.name()));
            assert_eq!(action(&one.snake_name()).map(|found| found.name()), Some(one.name()));
            assert!(snakes.insert(one.snake_name()), "{}", one.name());
            count += 1;
        }
        assert!(count > 700, "{count}");
    }

    /// Reads every line that some action leads to; what a line names must itself be in the table.
    #[test]
    fn every_row_parses() {
        let (mut structures, mut enums) = (HashSet::new(), HashSet::new());
        let mut waiting: Vec<Structure> = actions().flat_map(|action| [action.input(), action.output()]).collect();
        while let Some(structure) = waiting.pop() {
            if !structures.insert(structure.name()) {
                continue;
            }
            let mut names = HashSet::new();
            for member in structure.members() {
                assert!(names.insert(member.snake_name()), "{} {}", structure.name(), member.name());
                let mut shape = member.shape();
                while let Shape::List(list) = shape {
                    shape = list.element();
                }
                match shape {
                    Shape::Structure(inner) => {
                        assert!(!inner.name().is_empty(), "{} {}", structure.name(), member.name());
                        waiting.push(inner);
                    }
                    Shape::Enum(values) => {
                        assert!(values.values().count() > 0, "{} {}", structure.name(), member.name());
                        enums.insert(values.name());
                    }
                    _ => {}
                }
            }
            let written = lines(STRUCTURES).lines().find(|line| first_word(line, ' ') == structure.name());
            let words = written.map_or(0, |line| line.split(' ').count() - 1);
            assert_eq!(structure.members().count(), words, "{}", structure.name());
        }
        // Nothing is in the table that no action uses, so a line that cannot be found would show here. The empty
        // structure of actions without an output counts as one more.
        assert_eq!(structures.len(), lines(STRUCTURES).lines().count() + 1);
        assert_eq!(enums.len(), lines(ENUMS).lines().count());
    }
}
