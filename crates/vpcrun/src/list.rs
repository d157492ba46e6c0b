//! `vpcrun ls`: what the target holds in a region.

use serde_json::{Value, json};
use vpcrun_ec2::Session;
use vpcrun_model::{InstanceId, Network, Resource as _, Tag, VpcId};

use crate::lua::Fault;
use crate::report::{Report, counted};
use crate::style::Role;
use crate::table::{Fit, Table};

/// One resource as a row.
struct Row {
    kind: &'static str,
    name: String,
    id: String,
    detail: String,
    stack: String,
}

/// Lists the resources of the session's region.
///
/// # Errors
/// When the account cannot be read.
pub async fn list(session: &Session, report: &Report) -> Result<(), Fault> {
    let network = vpcrun_ec2::capture(session).await.map_err(|error| Fault::ec2(None, &error))?;
    let rows = rows(&network, session.region());
    if report.is_json() {
        report.document(&document(session, &rows));
        return Ok(());
    }
    report.say(&format!("{} · {}", session.target(), session.region()));
    report.gap();
    let mut table = Table::new([Fit::Keep, Fit::Cut, Fit::Id, Fit::Wrap]).painted(1, Role::Strong);
    for row in &rows {
        table.row([row.kind, &row.name, &row.id, &row.detail]);
    }
    report.table(&table);
    report.gap();
    report.say(&counted(rows.len(), "resource"));
    Ok(())
}

fn document(session: &Session, rows: &[Row]) -> Value {
    let resources: Vec<Value> = rows
        .iter()
        .map(|row| {
            let stack = (!row.stack.is_empty()).then_some(&row.stack);
            json!({ "kind": row.kind, "name": row.name, "id": row.id, "detail": row.detail, "stack": stack })
        })
        .collect();
    json!({ "target": session.target().to_string(), "region": session.region(), "resources": resources, "calls": session.calls() })
}

fn rows(network: &Network, region: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |kind, id: String, tags: &[Tag], detail: String| {
        let tag = |key: &str| tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.clone()).unwrap_or_default();
        rows.push(Row { kind, name: tag("Name"), id, detail, stack: tag("vpcrun:stack") });
    };
    // Names before ids: people know their resources by them.
    let named = |name: Option<&str>, id: String| name.filter(|name| !name.is_empty()).map_or(id, str::to_owned);
    let vpc_name = |id: VpcId| match network.vpcs.get(&id) {
        Some(vpc) if vpc.is_default && vpc.name().is_none() => "the default VPC".to_owned(),
        vpc => named(vpc.and_then(|vpc| vpc.name()), id.to_string()),
    };
    let instance_name = |id: InstanceId| named(network.instances.get(&id).and_then(|one| one.name()), id.to_string());
    for vpc in network.vpcs.values() {
        let default = if vpc.is_default { " default" } else { "" };
        add("vpc", vpc.vpc_id.to_string(), &vpc.tags, format!("{}{default}", vpc.cidr_block));
    }
    for gateway in network.internet_gateways.values() {
        let vpcs: Vec<String> = gateway.attachments.iter().map(|attachment| vpc_name(attachment.vpc_id)).collect();
        let detail = if vpcs.is_empty() { "detached".into() } else { format!("attached to {}", vpcs.join(" ")) };
        add("internet gateway", gateway.internet_gateway_id.to_string(), &gateway.tags, detail);
    }
    for subnet in network.subnets.values() {
        let block = subnet.cidr_block.map(|block| block.to_string()).unwrap_or_default();
        // The region stands above the list, so a letter says which zone; a Local Zone has more than a letter.
        let zone = subnet.availability_zone.strip_prefix(region).filter(|letter| letter.len() == 1);
        let zone = zone.unwrap_or(&subnet.availability_zone);
        let detail = format!("{block} zone {zone} {} free", subnet.available_ip_address_count);
        add("subnet", subnet.subnet_id.to_string(), &subnet.tags, detail);
    }
    for table in network.route_tables.values() {
        let main = if table.is_main() { "main of" } else { "of" };
        let detail = format!("{main} {}, {}", vpc_name(table.vpc_id), counted(table.routes.len(), "route"));
        add("route table", table.route_table_id.to_string(), &table.tags, detail);
    }
    for group in network.security_groups.values() {
        add(
            "security group",
            group.group_id.to_string(),
            &group.tags,
            format!("{} in {}", group.group_name, vpc_name(group.vpc_id)),
        );
    }
    for key in network.key_pairs.values() {
        add("key pair", key.key_pair_id.to_string(), &key.tags, key.key_name.clone());
    }
    for instance in network.instances.values() {
        let address = |address: Option<std::net::Ipv4Addr>| address.map(|a| format!(" {a}")).unwrap_or_default();
        let addresses = [address(instance.private_ip_address), address(instance.public_ip_address)].concat();
        let detail = format!("{}{addresses}", instance.state.name.as_str());
        add("instance", instance.instance_id.to_string(), &instance.tags, detail);
    }
    for address in network.addresses.values() {
        let of = address.instance_id.map(|id| format!(" of {}", instance_name(id))).unwrap_or_default();
        add("Elastic IP", address.allocation_id.to_string(), &address.tags, format!("{}{of}", address.public_ip));
    }
    // Kinds stay together, and in each what has a name comes first.
    let mut kinds: Vec<&str> = rows.iter().map(|row| row.kind).collect();
    kinds.dedup();
    let rank = |row: &Row| kinds.iter().position(|kind| *kind == row.kind);
    rows.sort_by_cached_key(|row| (rank(row), row.name.is_empty(), row.name.clone(), row.detail.clone()));
    rows
}
