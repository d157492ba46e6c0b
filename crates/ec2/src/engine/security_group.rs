//! Security groups.

use std::sync::Arc;

use aws_sdk_ec2::types::TagSpecification;
use vpcrun_model::{
    self as model, Direction, IpPermission, Rule, RuleDifference, SecurityGroup, SecurityGroupId, Traffic, VpcId,
};

use super::call::once;
use super::rules;
use super::spec::{PeerSpec, RuleSpec, SecurityGroupSpec};
use super::work::{Made, Work};
use crate::Error;
use crate::describe::{self, filter};

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
    let ingress = bring(&work, &group, Direction::Ingress, Some(&spec.ingress));
    let egress = bring(&work, &group, Direction::Egress, spec.egress.as_ref());
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
            ip_permissions_egress: default_egress(),
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

/// What EC2 gives the egress of a new group: everything to everywhere.
fn default_egress() -> Vec<IpPermission> {
    let everywhere = Rule::egress(Traffic::ALL, ipnet::Ipv4Net::default());
    model::ip_permissions(Direction::Egress, [&everywhere])
}

async fn read(work: &Work<SecurityGroup>, id: SecurityGroupId) -> Result<Option<SecurityGroup>, Error> {
    let filters = vec![filter("group-id", [id.to_string()])];
    Ok(describe::security_groups(&work.stack.session, filters).await?.into_iter().next())
}

/// The declared rules, with the ids of the groups that they name.
async fn declared(
    work: &Work<SecurityGroup>,
    this: SecurityGroupId,
    direction: Direction,
    specs: &[RuleSpec],
) -> Result<Vec<Rule>, Arc<Error>> {
    let wrong = |what: String| Error::Declaration { kind: work.kind.noun(), name: work.name.clone(), what };
    let mut rules: Vec<Rule> = Vec::new();
    for spec in specs {
        let peer = match &spec.peer {
            PeerSpec::Known(peer) => *peer,
            PeerSpec::ThisGroup => this.into(),
            PeerSpec::Group(group) => work.need_existing(group).await?.group_id.into(),
        };
        let rule = Rule::new(direction, spec.traffic, peer).with_description(spec.description.clone());
        if rules.iter().any(|other| other.identity() == rule.identity()) {
            return Err(Arc::new(wrong(format!("has the rule {rule} twice"))));
        }
        rules.push(rule);
    }
    Ok(rules)
}

/// Brings one direction to what is wanted, authorizing before revoking so that nothing allowed before and after is cut in
/// between. Says what it did.
async fn bring(
    work: &Work<SecurityGroup>,
    group: &SecurityGroup,
    direction: Direction,
    specs: Option<&Vec<RuleSpec>>,
) -> Result<Vec<String>, Arc<Error>> {
    let Some(specs) = specs else { return Ok(Vec::new()) };
    let id = group.group_id;
    let wanted = declared(work, id, direction, specs).await?;
    let mut difference = RuleDifference::between(&there(group, direction)?, &wanted);
    if let Err(error) = send(work, id, direction, Change::Authorize, &difference.added).await {
        // The reply to the first try was lost, or somebody else was here: look again, once.
        if error.code() != "InvalidPermission.Duplicate" {
            return Err(Arc::new(error));
        }
        let group = read(work, id).await?.ok_or(error)?;
        difference = RuleDifference::between(&there(&group, direction)?, &wanted);
        send(work, id, direction, Change::Authorize, &difference.added).await?;
    }
    send(work, id, direction, Change::Describe, &difference.redescribed).await?;
    match send(work, id, direction, Change::Revoke, &difference.removed).await {
        // Gone already.
        Err(error) if error.code() == "InvalidPermission.NotFound" => {}
        other => other?,
    }
    Ok(told(direction, &difference))
}

fn there(group: &SecurityGroup, direction: Direction) -> Result<Vec<Rule>, Error> {
    let permissions = match direction {
        Direction::Ingress => &group.ip_permissions,
        Direction::Egress => &group.ip_permissions_egress,
    };
    rules::existing(direction, permissions)
}

fn told(direction: Direction, difference: &RuleDifference) -> Vec<String> {
    let line = |sign: &'static str| move |rule: &Rule| format!("{sign} {direction} {rule}");
    let added = difference.added.iter().map(line("+"));
    let described = difference.redescribed.iter().map(line("~"));
    added.chain(described).chain(difference.removed.iter().map(line("-"))).collect()
}

/// What to do with rules.
#[derive(Clone, Copy)]
enum Change {
    Authorize,
    Describe,
    Revoke,
}

/// Sends the one call that does this to the rules; none when there are none. Each direction has actions of its own.
async fn send(
    work: &Work<SecurityGroup>,
    id: SecurityGroupId,
    direction: Direction,
    change: Change,
    rules: &[Rule],
) -> Result<(), Error> {
    if rules.is_empty() {
        return Ok(());
    }
    let client = work.stack.session.client();
    let (id, permissions) = (id.to_string(), Some(rules::permissions(direction, rules)));
    macro_rules! send {
        ($action:ident) => {{
            let call = client.$action().group_id(id).set_ip_permissions(permissions);
            work.settle(|| call.clone().send()).await.map(drop)
        }};
    }
    match (change, direction) {
        (Change::Authorize, Direction::Ingress) => send!(authorize_security_group_ingress),
        (Change::Authorize, Direction::Egress) => send!(authorize_security_group_egress),
        (Change::Describe, Direction::Ingress) => send!(update_security_group_rule_descriptions_ingress),
        (Change::Describe, Direction::Egress) => send!(update_security_group_rule_descriptions_egress),
        (Change::Revoke, Direction::Ingress) => send!(revoke_security_group_ingress),
        (Change::Revoke, Direction::Egress) => send!(revoke_security_group_egress),
    }
}
