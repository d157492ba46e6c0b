//! Security groups: rules as sets, and never a gap.

use vpcrun_ec2::{PeerSpec, RuleSpec, SecurityGroupSpec, Stack};
use vpcrun_model::{SecurityGroup, Traffic, rules_of};

use super::super::support::block_on;
use super::{Bench, group, mine, net, vpc};

fn rule(traffic: &str, peer: &str) -> RuleSpec {
    RuleSpec { traffic: traffic.parse().expect(traffic), peer: net(peer).into(), description: None }
}

fn declare(stack: &Stack, ingress: Vec<RuleSpec>, egress: Option<Vec<RuleSpec>>) {
    let vpc = stack.vpc(vpc());
    stack.security_group(SecurityGroupSpec { ingress, egress, ..group(&vpc) });
}

async fn the_group(bench: &Bench) -> SecurityGroup {
    mine(bench.capture().await.security_groups.into_values())
}

async fn rules(bench: &Bench) -> Vec<String> {
    let mut rules: Vec<_> = rules_of(&the_group(bench).await).expect("rules").iter().map(ToString::to_string).collect();
    rules.sort();
    rules
}

#[test]
fn ingress_is_a_set_and_a_rule_is_authorized_before_another_is_revoked() {
    block_on(async {
        let bench = Bench::new();
        let run = |rules: Vec<RuleSpec>| bench.run(move |stack| declare(stack, rules, None));
        let (ssh, web) = (rule("tcp/22", "198.51.100.7/32"), rule("tcp/80-443", "0.0.0.0/0"));
        let first = run(vec![ssh.clone(), web.clone()]).await;
        assert_eq!(first.counts(2, 0, 0).count("AuthorizeSecurityGroupIngress"), 1, "one call for all rules");
        assert!(run(vec![web.clone(), ssh.clone()]).await.counts(0, 0, 2).writes().is_empty(), "in any order");

        let moved = run(vec![rule("tcp/22", "203.0.113.0/24"), web.clone()]).await;
        assert_eq!(moved.writes(), ["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"]);
        let expected = ["+ ingress tcp/22 from 203.0.113.0/24", "- ingress tcp/22 from 198.51.100.7/32"];
        assert_eq!(moved.counts(0, 1, 1).changes(), expected);

        let described = RuleSpec { description: Some("the office".into()), ..rule("tcp/22", "203.0.113.0/24") };
        let described = run(vec![described, web.clone()]).await;
        assert_eq!(described.counts(0, 1, 1).writes(), ["UpdateSecurityGroupRuleDescriptionsIngress"]);
        assert_eq!(described.changes(), ["~ ingress tcp/22 from 203.0.113.0/24 \"the office\""]);
        run(Vec::new()).await.counts(0, 1, 1);
        assert_eq!(rules(&bench).await, ["all to 0.0.0.0/0"]);
    });
}

#[test]
fn egress_is_a_set_too_and_the_default_rule_goes_when_another_set_is_declared() {
    block_on(async {
        let bench = Bench::new();
        let run = |rules: Option<Vec<RuleSpec>>| bench.run(move |stack| declare(stack, Vec::new(), rules));
        run(None).await.counts(2, 0, 0);
        assert_eq!(rules(&bench).await, ["all to 0.0.0.0/0"]);
        let https = run(Some(vec![rule("tcp/443", "0.0.0.0/0")])).await;
        assert_eq!(https.writes(), ["AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress"]);
        assert_eq!(https.counts(0, 1, 1).changes(), ["+ egress tcp/443 to 0.0.0.0/0", "- egress all to 0.0.0.0/0"]);
        assert!(run(None).await.counts(0, 0, 2).writes().is_empty(), "not declared is not compared");
        assert_eq!(rules(&bench).await, ["tcp/443 to 0.0.0.0/0"]);
        assert_eq!(run(Some(Vec::new())).await.counts(0, 1, 1).writes(), ["RevokeSecurityGroupEgress"]);
        assert!(rules(&bench).await.is_empty());
        run(Some(vec![rule("all", "0.0.0.0/0")])).await.counts(0, 1, 1);
    });
}

#[test]
fn a_new_group_with_egress_of_its_own_has_only_that() {
    block_on(async {
        let bench = Bench::new();
        let egress = || Some(vec![rule("udp/53", "10.0.0.0/16")]);
        let first = bench.run(|stack| declare(stack, Vec::new(), egress())).await;
        first.counts(2, 0, 0);
        assert_eq!(rules(&bench).await, ["udp/53 to 10.0.0.0/16"]);
        bench.run(|stack| declare(stack, Vec::new(), egress())).await.counts(0, 0, 2);
    });
}

#[test]
fn groups_that_name_each_other_and_themselves_are_kept_and_torn_down() {
    block_on(async {
        let bench = Bench::new();
        let declare = |stack: &Stack| {
            let vpc = stack.vpc(vpc());
            let from = |peer| RuleSpec { traffic: Traffic::tcp(443), peer, description: None };
            let web = SecurityGroupSpec { name: "web".into(), ingress: vec![from(PeerSpec::ThisGroup)], ..group(&vpc) };
            let web = stack.security_group(web);
            let ingress = vec![from(PeerSpec::Group(web))];
            stack.security_group(SecurityGroupSpec { name: "db".into(), ingress, ..group(&vpc) });
        };
        bench.run(declare).await.counts(3, 0, 0);
        bench.run(declare).await.counts(0, 0, 3);
        // A handle cannot be used before it is declared: the way back is made by hand.
        let network = bench.capture().await;
        let id = |name: &str| {
            let found = network.security_groups.values().find(|group| group.group_name == name);
            found.expect("a group").group_id.to_string()
        };
        let pair = aws_sdk_ec2::types::UserIdGroupPair::builder().group_id(id("db")).build();
        let permission =
            aws_sdk_ec2::types::IpPermission::builder().ip_protocol("-1").user_id_group_pairs(pair).build();
        let call = bench.client().authorize_security_group_egress().group_id(id("web")).ip_permissions(permission);
        call.send().await.expect("authorized");
        let destroyed = bench.destroy().await;
        assert_eq!((destroyed.summary.deleted, destroyed.summary.is_success()), (3, true), "{destroyed:#?}");
    });
}

#[test]
fn a_rule_that_is_declared_twice_is_an_error_before_any_rule_is_sent() {
    block_on(async {
        let bench = Bench::new();
        let twice = vec![rule("tcp/22", "10.1.2.3/8"), rule("tcp/22", "10.0.0.0/8")];
        let ran = bench.run(|stack| declare(stack, twice, None)).await;
        assert_eq!(ran.error().to_string(), "security group \"sg\" has the rule tcp/22 from 10.0.0.0/8 twice");
        assert_eq!(ran.count("AuthorizeSecurityGroupIngress"), 0);
    });
}
