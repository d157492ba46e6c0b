//! What an answer tells of a resource is what Describe tells of it: the same elements with the same values.
//!
//! The model connects the two: CreateVpc answers with a `Vpc`, and DescribeVpcs with a list of them.

use vpcrun_emulator::action_names;

use super::answer::Element;
use super::model::{MODEL, Shape};

/// Elements that differ between the two answers, with the source.
const DIFFERENT: &[(&str, &str)] = &[
    ("state", "CreateVpc, RunInstances, CreateVolume …: the reply shows the first state (Sn, Sl, L)"),
    ("status", "CreateNetworkInterface: pending, then available (Se); CreateVpcPeeringConnection (L)"),
    ("hostedZoneId", "CreateVpcEndpoint: ZONEIDPENDING while the endpoint is pending (PrivateLink Guide, reports)"),
    ("clientToken", "CreateRouteTable and CreateNetworkAcl show it, Describe does not (Si, Sa)"),
    ("ipv6CidrBlockAssociationSet", "CreateVpc: empty, Describe drops it (Sn)"),
    ("icmpTypeCode", "CreateNetworkAcl: empty in entries, not in Describe (Sn, Sa)"),
    ("portRange", "CreateNetworkAcl: empty in entries, not in Describe (Sn, Sa)"),
    ("association", "CreateInternetGateway: an empty one (Si)"),
];

/// A list of resources that an action answers with when it is asked for nothing in particular.
pub struct Source {
    pub action: &'static str,
    /// The list's element in the answer.
    pub list: String,
    pub shape: String,
}

/// The Describe actions of the emulator whose answer is a list of structures, and which need no parameter.
pub fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    for action in action_names().into_iter().filter(|action| action.starts_with("Describe")) {
        if MODEL.members(MODEL.input(action)).any(|member| member.required) {
            continue;
        }
        for member in MODEL.output(action).into_iter().flat_map(|output| MODEL.members(output)) {
            if let Shape::List { member: item, .. } = member.shape
                && matches!(MODEL.shape(item), Shape::Structure(_))
            {
                sources.push(Source { action, list: member.element.to_owned(), shape: item.shape().to_owned() });
            }
        }
    }
    sources
}

/// The structures of an answer that some Describe lists, with the places where.
pub fn resources<'a>(action: &str, root: &'a Element, sources: &'a [Source]) -> Vec<(&'a Element, &'a Source)> {
    let mut found = Vec::new();
    for member in MODEL.output(action).into_iter().flat_map(|output| MODEL.members(output)) {
        let (shape, is_list) = match member.shape {
            Shape::Structure(_) => (member.shape_name, false),
            Shape::List { member, .. } => (member.shape(), true),
            _ => continue,
        };
        let Some(source) = sources.iter().find(|source| source.shape == shape) else { continue };
        let elements = root.child(member.element).into_iter();
        if is_list {
            found.extend(elements.flat_map(|list| &list.children).map(|item| (item, source)));
        } else {
            found.extend(elements.map(|item| (item, source)));
        }
    }
    found
}

/// A resource's own id: the first element that is one.
pub fn id(resource: &Element) -> Option<&str> {
    // A rule shows its own id first, an instance too; a route table's VPC comes after it.
    resource
        .children
        .iter()
        .find(|child| child.name.ends_with("Id") && child.name != "ownerId")
        .map(|id| id.text.as_str())
}

/// Where the resource in the reply is not as it is described afterwards.
pub fn differences(replied: &Element, described: &Element, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for child in &replied.children {
        let here = format!("{path}.{}", child.name);
        if DIFFERENT.iter().any(|(name, _)| *name == child.name) || (child.children.is_empty() && child.text.is_empty())
        {
            continue;
        }
        let twins: Vec<_> = described.children.iter().filter(|twin| twin.name == child.name).collect();
        // The items of a list may come in another order.
        let best = twins.iter().map(|twin| differences(child, twin, &here)).min_by_key(Vec::len);
        match best {
            None => found.push(format!("{here} is not described")),
            Some(inner) if child.text.is_empty() => found.extend(inner),
            Some(_) if twins.iter().any(|twin| twin.text == child.text) => {}
            Some(_) => found.push(format!("{here} is '{}', then '{}'", child.text, twins[0].text)),
        }
    }
    found
}
