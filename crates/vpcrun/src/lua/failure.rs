//! A resource that failed, as its declaration's line, EC2's words and what EC2 leaves out.

use ipnet::Ipv4Net;
use vpcrun_ec2::Error;
use vpcrun_model::{Network, next_free_block, overlaps};

use super::fault::Fault;
use super::host::{Declared, Host, Region};

/// The fault of a resource that the engine could not make.
pub async fn failure(host: &Host, region: &Region, kind: &str, name: &str, error: &Error) -> Fault {
    let mut fault = Fault::ec2(Some(&format!("{kind} {name:?}")), error);
    let Some(declared) = host.declaration(region.session.region(), kind, name) else { return fault };
    mark(&mut fault, &declared);
    if fault.diagnostic.code.as_deref() == Some("InvalidVpc.Range") {
        fault.diagnostic.help = Some("a VPC is /16 to /28, for instance 10.0.0.0/16".to_owned());
    }
    if let (Some(block), Some("InvalidSubnet.Conflict" | "InvalidSubnet.Range")) =
        (&declared.block, fault.diagnostic.code.as_deref())
    {
        // Advice is worth one look at the account, and not worth a second error, nor a call after Ctrl-C.
        if !host.interrupt.is_set()
            && let Ok(network) = vpcrun_ec2::capture(&region.session).await
        {
            explain_block(&mut fault, &declared.name, block, &network);
        }
    }
    fault.at(declared.site)
}

/// Marks the value that EC2 names, else the name.
fn mark(fault: &mut Fault, declared: &Declared) {
    let said = format!("{} {}", fault.diagnostic.cause.as_deref().unwrap_or_default(), fault.diagnostic.message);
    for (key, value) in &declared.values {
        if *key == "name" || said.contains(value.as_str()) {
            fault.diagnostic.marks.extend([format!("\"{value}\""), value.clone()]);
            if *key != "name" {
                fault.diagnostic.marks.push((*key).to_owned());
            }
        }
    }
}

/// Says which subnet is in the way, or that the block is outside the VPC or of a wrong size, and which block is free.
fn explain_block(fault: &mut Fault, name: &str, (block, vpc_name): &(Ipv4Net, String), network: &Network) {
    let named = |tags: &[vpcrun_model::Tag]| tags.iter().find(|tag| tag.key == "Name").map(|tag| tag.value.clone());
    let Some(vpc) = network.vpcs.values().find(|vpc| named(&vpc.tags).as_deref() == Some(vpc_name)) else { return };
    let blocks = vpc.ipv4_cidr_blocks();
    let subnets: Vec<_> = network.subnets.values().filter(|subnet| subnet.vpc_id == vpc.vpc_id).collect();
    let used: Vec<Ipv4Net> = subnets.iter().filter_map(|subnet| subnet.cidr_block).collect();
    let in_the_way = subnets.iter().find(|subnet| subnet.cidr_block.is_some_and(|used| overlaps(used, *block)));
    let wrong_size = vpcrun_model::check_size(*block).is_err();
    let why = if wrong_size {
        format!("{block} is not of a subnet's size, which is /16 to /28")
    } else if !vpcrun_model::is_within(*block, &blocks) {
        let all: Vec<String> = blocks.iter().map(ToString::to_string).collect();
        format!("{block} is outside {vpc_name} ({})", all.join(", "))
    } else if let Some(subnet) = in_the_way {
        let other = named(&subnet.tags).unwrap_or_else(|| subnet.subnet_id.to_string());
        let cidr = subnet.cidr_block.map(|cidr| cidr.to_string()).unwrap_or_default();
        format!("{block} overlaps {other} ({cidr})")
    } else {
        return;
    };
    fault.diagnostic.message = format!("subnet {name:?}: {why}");
    // A size that fits: the one asked for, or a /24 where that is none.
    let longest = blocks.iter().map(Ipv4Net::prefix_len).min().unwrap_or(16);
    let prefix = if wrong_size || block.prefix_len() < longest { longest.max(24) } else { block.prefix_len() };
    fault.diagnostic.help = Some(match next_free(&blocks, &used, prefix) {
        Some(free) => format!("the next free /{prefix} in {vpc_name} is {free}"),
        None => format!("{vpc_name} has no free /{prefix} left"),
    });
}

/// The next block behind all that are used, as people number subnets; else the first gap.
fn next_free(blocks: &[Ipv4Net], used: &[Ipv4Net], prefix: u8) -> Option<Ipv4Net> {
    let behind = || {
        let last = used.iter().map(Ipv4Net::broadcast).max()?;
        let first = blocks.iter().find(|block| block.contains(&last))?.network();
        let filled: Vec<Ipv4Net> = ipnet::Ipv4Subnets::new(first, last, 0).collect();
        next_free_block(blocks, &filled, prefix)
    };
    behind().or_else(|| next_free_block(blocks, used, prefix))
}

#[cfg(test)]
mod tests {
    use super::next_free;

    #[test]
    fn the_next_block_is_behind_those_in_use_or_in_a_gap() {
        let net = |text: &str| vpcrun_model::parse_block(text).unwrap();
        let vpc = [net("192.168.0.0/16")];
        let used = [net("192.168.1.0/24"), net("192.168.2.0/24")];
        assert_eq!(next_free(&vpc, &used, 25), Some(net("192.168.3.0/25")));
        assert_eq!(next_free(&vpc, &[], 24), Some(net("192.168.0.0/24")));
        assert_eq!(next_free(&vpc, &[net("192.168.255.0/24")], 24), Some(net("192.168.0.0/24")));
        assert_eq!(next_free(&vpc, &vpc, 24), None);
    }
}
