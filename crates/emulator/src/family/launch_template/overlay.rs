//! Parameters over parameters: a request over its launch template, a new version over the one that it comes from.
//!
//! What is above wins. Structures are put together member by member, lists are taken whole; only the tags of one type of resource
//! are put together by key. Of two parameters that exclude each other, the one above hides both below.

use std::collections::BTreeMap;

use crate::wire::Tree;

/// Parameters that cannot stand together.
const RIVALS: &[&[&str]] = &[
    &["SecurityGroup", "SecurityGroupId"],
    &["InstanceType", "InstanceRequirements"],
    &["AvailabilityZone", "AvailabilityZoneId"],
    &["GroupName", "GroupId"],
    &["Arn", "Name"],
    &["CapacityReservationId", "CapacityReservationResourceGroupArn"],
];

/// The parameters of `above` over those of `below`.
pub(crate) fn overlay(above: &Tree, below: &Tree) -> Tree {
    let (Tree::Branch(over), Tree::Branch(under)) = (above, below) else { return above.clone() };
    if is_list(over) || is_list(under) {
        return above.clone();
    }
    let is_hidden = |name: &String| {
        let mut rivals = RIVALS.iter().filter(|rivals| rivals.contains(&name.as_str()));
        rivals.any(|rivals| rivals.iter().any(|rival| over.contains_key(*rival)))
    };
    let mut members: BTreeMap<String, Tree> =
        under.iter().filter(|(name, _)| !is_hidden(name)).map(|(name, child)| (name.clone(), child.clone())).collect();
    for (name, child) in over {
        let merged = match members.get(name) {
            Some(below) if name == "TagSpecification" => tag_specifications(child, below),
            Some(below) => overlay(child, below),
            None => child.clone(),
        };
        members.insert(name.clone(), merged);
    }
    Tree::Branch(members)
}

fn is_list(children: &BTreeMap<String, Tree>) -> bool {
    children.keys().next().is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The items of a list, in the order of their numbers.
pub(super) fn items(list: &Tree) -> Vec<&Tree> {
    let Tree::Branch(children) = list else { return Vec::new() };
    let mut items: Vec<(u32, &Tree)> =
        children.iter().filter_map(|(number, item)| Some((number.parse().ok()?, item))).collect();
    items.sort_unstable_by_key(|(number, _)| *number);
    items.into_iter().map(|(_, item)| item).collect()
}

fn text<'t>(tree: &'t Tree, name: &str) -> &'t str {
    match tree.get(name) {
        Some(Tree::Leaf(text)) => text,
        _ => "",
    }
}

/// Tags of the same type of resource together; a key above wins.
fn tag_specifications(above: &Tree, below: &Tree) -> Tree {
    let mut by_type: BTreeMap<&str, BTreeMap<&str, &Tree>> = BTreeMap::new();
    for specification in items(below).into_iter().chain(items(above)) {
        let tags = by_type.entry(text(specification, "ResourceType")).or_default();
        for tag in specification.get("Tag").map(items).unwrap_or_default() {
            tags.insert(text(tag, "Key"), tag);
        }
    }
    let specifications = by_type.into_iter().map(|(resource_type, tags)| {
        let mut specification = Tree::default();
        specification.put("ResourceType", Tree::Leaf(resource_type.to_owned()));
        specification.put("Tag", list(tags.into_values().cloned()));
        specification
    });
    list(specifications)
}

/// A list of these items.
pub(crate) fn list(items: impl IntoIterator<Item = Tree>) -> Tree {
    Tree::Branch((1_u32..).map(|number| number.to_string()).zip(items).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Parameters;

    fn tree(body: &str) -> Tree {
        Parameters::parse(body).expect("parses").read().expect("reads")
    }

    #[test]
    fn what_is_above_wins() {
        let template = "InstanceType=t3.micro&SecurityGroupId.1=sg-1&SecurityGroupId.2=sg-2&MetadataOptions.HttpTokens=required\
                        &MetadataOptions.HttpPutResponseHopLimit=3&IamInstanceProfile.Name=a&KeyName=k";
        let request =
            "InstanceType=t3.small&SecurityGroup.1=web&MetadataOptions.HttpTokens=optional&IamInstanceProfile.Arn=b";
        let expected = "InstanceType=t3.small&SecurityGroup.1=web&MetadataOptions.HttpTokens=optional\
                        &MetadataOptions.HttpPutResponseHopLimit=3&IamInstanceProfile.Arn=b&KeyName=k";
        assert_eq!(overlay(&tree(request), &tree(template)), tree(expected));
    }

    #[test]
    fn tags_of_a_type_are_put_together() {
        let template = "TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=1\
                        &TagSpecification.1.Tag.2.Key=b&TagSpecification.1.Tag.2.Value=2";
        let request =
            "TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=b&TagSpecification.1.Tag.1.Value=9";
        let expected = "TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=1\
                        &TagSpecification.1.Tag.2.Key=b&TagSpecification.1.Tag.2.Value=9";
        assert_eq!(overlay(&tree(request), &tree(template)), tree(expected));
    }
}
