//! Security groups.

use std::sync::Arc;

use aws_sdk_ec2::types::TagSpecification;
use vpcrun_model::{IpPermission, SecurityGroup, SecurityGroupId, VpcId};

use super::call::once;
use super::rules::{self, Difference, Rule, RulePeer, RuleSet};
use super::spec::{Peer, RuleSpec, SecurityGroupSpec};
use super::work::{Made, Work};
use crate::Error;
use crate::describe::{self, filter};

/// Which of a group's two lists of rules.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Ingress,
    Egress,
}

pub(super) async fn ensure(
    work: Arc<Work<SecurityGroup>>,
    spec: SecurityGroupSpec,
) -> Result<Made<SecurityGroup>, Arc<Error>> {
    let tags = work.tags(&spec.tags)?;
    let mut changes = Vec::new();
    let vpc = work.need_existing(&spec.vpc).await?.vpc_id;
    let mut group = match work.find(&work.look.security_groups)? {
        Some(group) => {
            compare(&work, &spec, &group, vpc)?;
            group
        }
        None => create(&work, &spec, vpc, tags.specification()).await?,
    };
    work.exists(&group);
    work.retag(group.group_id, &tags, &mut group.tags, &mut changes).await?;
    let ingress = declared(&work, group.group_id, &spec.ingress).await?;
    let egress = match &spec.egress {
        Some(egress) => Some(declared(&work, group.group_id, egress).await?),
        None => None,
    };
    let ingress = bring(&work, group.group_id, Direction::Ingress, &group.ip_permissions, Some(&ingress));
    let egress = bring(&work, group.group_id, Direction::Egress, &group.ip_permissions_egress, egress.as_ref());
    let (ingress, egress) = tokio::try_join!(ingress, egress)?;
    let rules_changed = !ingress.is_empty() || !egress.is_empty();
    changes.extend(ingress);
    changes.extend(egress);
    if rules_changed && !work.is_new() {
        group = read(&work, group.group_id).await?.unwrap_or(group);
    }
    let detail = format!("in {}", spec.vpc.name());
    Ok(Made { resource: group, changes, detail })
}

fn compare(
    work: &Work<SecurityGroup>,
    spec: &SecurityGroupSpec,
    group: &SecurityGroup,
    vpc: VpcId,
) -> Result<(), Arc<Error>> {
    if group.vpc_id != vpc {
        return Err(work.conflict("the VPC", group.vpc_id, vpc));
    }
    match &spec.description {
        Some(text) if *text != group.description => {
            Err(work.conflict("the description", format!("{:?}", group.description), format!("{text:?}")))
        }
        _ => Ok(()),
    }
}

/// EC2's answer holds only the id; the rest is what was asked for and what EC2 gives each new group.
async fn create(
    work: &Work<SecurityGroup>,
    spec: &SecurityGroupSpec,
    vpc: VpcId,
    tags: TagSpecification,
) -> Result<SecurityGroup, Arc<Error>> {
    let description = spec.description.clone().unwrap_or_else(|| format!("{} of {}", spec.name, work.stack.name));
    let call = work.stack.session.client().create_security_group().group_name(&spec.name).description(&description);
    let call = call.vpc_id(vpc.to_string()).tag_specifications(tags);
    let send = || async {
        let answer = call.clone().customize().config_override(once()).send().await?;
        let id: SecurityGroupId = crate::convert::id("CreateSecurityGroup", "GroupId", answer.group_id)?;
        Ok::<_, Error>(SecurityGroup {
            group_id: id,
            security_group_arn: answer.security_group_arn,
            group_name: spec.name.clone(),
            description: description.clone(),
            vpc_id: vpc,
            owner_id: None,
            ip_permissions: Vec::new(),
            ip_permissions_egress: vec![allow_all()],
            tags: work.tags(&spec.tags)?.all(),
        })
    };
    let again = || async { work.find(&describe::security_groups(&work.stack.session, work.mine()).await?) };
    let group = match work.create(send, again).await {
        Err(Error::Refused(refusal)) if refusal.code == "InvalidGroup.Duplicate" => {
            return Err(work.taken(&format!("another security group of {vpc}")));
        }
        other => other?,
    };
    work.created(group.group_id);
    Ok(group)
}

fn allow_all() -> IpPermission {
    IpPermission {
        ip_protocol: vpcrun_model::Protocol::ALL,
        from_port: None,
        to_port: None,
        ip_ranges: vec![vpcrun_model::IpRange { cidr_ip: ipnet::Ipv4Net::default(), description: None }],
        ipv6_ranges: Vec::new(),
        prefix_list_ids: Vec::new(),
        user_id_group_pairs: Vec::new(),
    }
}

async fn read(work: &Work<SecurityGroup>, id: SecurityGroupId) -> Result<Option<SecurityGroup>, Error> {
    let filters = vec![filter("group-id", [id.to_string()])];
    Ok(describe::security_groups(&work.stack.session, filters).await?.into_iter().next())
}

/// The declared rules, with the ids of the groups that they name.
async fn declared(
    work: &Work<SecurityGroup>,
    this: SecurityGroupId,
    specs: &[RuleSpec],
) -> Result<RuleSet, Arc<Error>> {
    let mut rules = RuleSet::new();
    for spec in specs {
        let peer = match &spec.peer {
            Peer::Ipv4(net) => RulePeer::Ipv4(*net),
            Peer::Ipv6(net) => RulePeer::Ipv6(*net),
            Peer::ThisGroup => RulePeer::Group(this),
            Peer::Group(group) => RulePeer::Group(work.need_existing(group).await?.group_id),
        };
        let rule = Rule::declared(&spec.traffic, peer);
        if rules.insert(rule, spec.description.clone()).is_some() {
            let (kind, name) = (work.kind.noun(), work.name.clone());
            return Err(Arc::new(Error::Declaration { kind, name, what: format!("has the rule {rule} twice") }));
        }
    }
    Ok(rules)
}

/// Brings one direction to what is wanted, authorizing before revoking so that nothing allowed before and after is cut in
/// between. Says what it did.
async fn bring(
    work: &Work<SecurityGroup>,
    id: SecurityGroupId,
    direction: Direction,
    there: &[IpPermission],
    wanted: Option<&RuleSet>,
) -> Result<Vec<String>, Error> {
    let Some(wanted) = wanted else { return Ok(Vec::new()) };
    let mut difference = rules::difference(&rules::existing(there), wanted);
    if let Err(error) = authorize(work, id, direction, &difference.add).await {
        // The reply to the first try was lost, or somebody else was here: look again, once.
        if error.code() != "InvalidPermission.Duplicate" {
            return Err(error);
        }
        let group = read(work, id).await?.ok_or(error)?;
        let there = match direction {
            Direction::Ingress => &group.ip_permissions,
            Direction::Egress => &group.ip_permissions_egress,
        };
        difference = rules::difference(&rules::existing(there), wanted);
        authorize(work, id, direction, &difference.add).await?;
    }
    describe_anew(work, id, direction, &difference.describe).await?;
    revoke(work, id, direction, &difference.remove).await?;
    Ok(told(direction, &difference))
}

fn told(direction: Direction, difference: &Difference) -> Vec<String> {
    let way = match direction {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    };
    let line = |sign: &'static str| move |rule: &Rule| format!("{sign} {way} {rule}");
    let added = difference.add.keys().map(line("+"));
    let described = difference.describe.keys().map(line("~"));
    added.chain(described).chain(difference.remove.keys().map(line("-"))).collect()
}

async fn authorize(
    work: &Work<SecurityGroup>,
    id: SecurityGroupId,
    direction: Direction,
    rules: &RuleSet,
) -> Result<(), Error> {
    if rules.is_empty() {
        return Ok(());
    }
    let client = work.stack.session.client();
    let permissions = Some(rules::permissions(rules));
    match direction {
        Direction::Ingress => {
            let call = client.authorize_security_group_ingress().group_id(id.to_string());
            let call = call.set_ip_permissions(permissions);
            work.settle(|| call.clone().send()).await.map(drop)
        }
        Direction::Egress => {
            let call = client.authorize_security_group_egress().group_id(id.to_string());
            let call = call.set_ip_permissions(permissions);
            work.settle(|| call.clone().send()).await.map(drop)
        }
    }
}

async fn describe_anew(
    work: &Work<SecurityGroup>,
    id: SecurityGroupId,
    direction: Direction,
    rules: &RuleSet,
) -> Result<(), Error> {
    if rules.is_empty() {
        return Ok(());
    }
    let client = work.stack.session.client();
    let permissions = Some(rules::permissions(rules));
    match direction {
        Direction::Ingress => {
            let call = client.update_security_group_rule_descriptions_ingress().group_id(id.to_string());
            let call = call.set_ip_permissions(permissions);
            work.settle(|| call.clone().send()).await.map(drop)
        }
        Direction::Egress => {
            let call = client.update_security_group_rule_descriptions_egress().group_id(id.to_string());
            let call = call.set_ip_permissions(permissions);
            work.settle(|| call.clone().send()).await.map(drop)
        }
    }
}

async fn revoke(
    work: &Work<SecurityGroup>,
    id: SecurityGroupId,
    direction: Direction,
    rules: &RuleSet,
) -> Result<(), Error> {
    if rules.is_empty() {
        return Ok(());
    }
    let client = work.stack.session.client();
    let permissions = Some(rules::permissions(rules));
    let revoked = match direction {
        Direction::Ingress => {
            let call = client.revoke_security_group_ingress().group_id(id.to_string());
            let call = call.set_ip_permissions(permissions);
            work.settle(|| call.clone().send()).await.map(drop)
        }
        Direction::Egress => {
            let call = client.revoke_security_group_egress().group_id(id.to_string());
            let call = call.set_ip_permissions(permissions);
            work.settle(|| call.clone().send()).await.map(drop)
        }
    };
    match revoked {
        // Gone already.
        Err(error) if error.code() == "InvalidPermission.NotFound" => Ok(()),
        other => other,
    }
}
