//! What an action is, and what it has at hand while it runs.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Serialize;
use serde::de::DeserializeOwned;
use vpcrun_model::{Id, ResourceId};

use crate::clock::{Timestamp, Transition};
use crate::error::Refusal;
use crate::family;
use crate::fault::NatGatewayFault;
use crate::state::{Region, Resource, State, UsedToken};
use crate::wire::{Parameters, xml};
use crate::world::{Images, Options};

/// One EC2 action: the request type, named as the action, with a function over the state that gives the response type.
pub(crate) trait Action: DeserializeOwned {
    type Response: Serialize;

    /// What EC2 checks even under DryRun, which it otherwise answers before almost all validation.
    fn check(&self) -> Result<(), Refusal> {
        Ok(())
    }

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal>;
}

/// What an action sees: its region and the account.
pub(crate) struct Context<'a> {
    /// The region that the request is for. Changes are kept only when the action succeeds.
    pub(crate) region: Region,
    pub(crate) region_name: &'a str,
    /// The action that the request names.
    pub(crate) action: &'static str,
    /// The other regions, and the account. (The region of the request is in `region`.)
    pub(crate) state: &'a mut State,
    pub(crate) now: Timestamp,
    pub(crate) options: &'a Options,
    /// The request's parameters but ClientToken, for comparison with an earlier request of the same token. Empty where there
    /// is no token.
    pub(crate) fingerprint: String,
    pub(crate) request_id: &'a str,
}

impl Context<'_> {
    pub(crate) fn account_id(&self) -> &str {
        &self.options.account_id
    }

    pub(crate) fn new_id<I: Id>(&mut self) -> I {
        self.state.account.new_id()
    }

    /// The resource with this id.
    ///
    /// # Errors
    /// EC2's `.Malformed` or `.NotFound` of the kind.
    pub(crate) fn find<R: Resource>(&self, id: &str) -> Result<&R, Refusal> {
        let parsed: R::Id = id.parse().map_err(|_| R::WORDING.malformed::<R::Id>(id))?;
        self.region.get(parsed).ok_or_else(|| R::WORDING.not_found(id))
    }

    /// The moment at which a transition that starts now is over.
    pub(crate) fn end_of(&self, transition: Transition) -> Timestamp {
        self.now.after(self.options.transition_times.of(transition))
    }

    /// What becomes of a NAT gateway that is created now, if a fault is on.
    pub(crate) fn nat_gateway_fault(&self) -> Option<NatGatewayFault> {
        self.options.faults.nat_gateway()
    }

    /// Whether RunInstances takes any well-formed AMI id.
    pub(crate) fn accepts_any_image(&self) -> bool {
        self.options.images == Images::Any
    }

    /// What an earlier request with this ClientToken created, if there was one.
    ///
    /// # Errors
    /// `IdempotentParameterMismatch` where that request's other parameters differ.
    pub(crate) fn created_before(&self, action: &str, token: Option<&str>) -> Result<Option<Vec<ResourceId>>, Refusal> {
        let Some(used) = token.and_then(|token| self.region.token(&format!("{action}/{token}"))) else {
            return Ok(None);
        };
        if used.fingerprint != self.fingerprint {
            return Err(Refusal::new(
                "IdempotentParameterMismatch",
                "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
                    .to_owned(),
            ));
        }
        Ok(Some(used.created.clone()))
    }

    /// Remembers what a request with a ClientToken created.
    pub(crate) fn remember(&mut self, action: &str, token: Option<&str>, created: Vec<ResourceId>) {
        if let Some(token) = token {
            let used = UsedToken { fingerprint: self.fingerprint.clone(), created };
            self.region.put_token(format!("{action}/{token}"), used);
        }
    }
}

/// Runs an action on its parameters and gives the XML of its answer.
pub(crate) type Run = fn(&str, Parameters, bool, &mut Context<'_>) -> Result<String, Refusal>;

/// An action's name and how it runs.
pub(crate) type Entry = (&'static str, Run);

/// The actions of a family, by the names of their request types.
macro_rules! actions {
    ($($name:ident),+ $(,)?) => {
        pub(crate) const ACTIONS: &[crate::action::Entry] = &[$((stringify!($name), crate::action::run::<$name>)),+];
    };
}
pub(crate) use actions;

pub(crate) fn run<A: Action>(
    name: &str,
    parameters: Parameters,
    dry_run: bool,
    cx: &mut Context<'_>,
) -> Result<String, Refusal> {
    let request: A = parameters.read()?;
    request.check()?;
    if dry_run {
        return Err(Refusal::dry_run());
    }
    let response = request.run(cx)?;
    xml::reply(name, cx.request_id, &response)
}

/// The action of this name, if the emulator has it.
pub(crate) fn find(name: &str) -> Option<Entry> {
    static INDEX: OnceLock<HashMap<&'static str, Run>> = OnceLock::new();
    let index = INDEX.get_or_init(|| family::ACTIONS.iter().flat_map(|actions| actions.iter().copied()).collect());
    index.get_key_value(name).map(|(name, run)| (*name, *run))
}

/// The names of all actions that the emulator has, sorted.
pub fn action_names() -> Vec<&'static str> {
    let mut names: Vec<_> = family::ACTIONS.iter().flat_map(|actions| actions.iter().map(|(name, _)| *name)).collect();
    names.sort_unstable();
    names
}

/// Whether the action takes `DryRun`: most do, and EC2 does not recognise it in the rest.
pub(crate) fn has_dry_run(name: &str) -> bool {
    !matches!(
        name,
        "AssignIpv6Addresses"
            | "AssignPrivateIpAddresses"
            | "AssociateIamInstanceProfile"
            | "AssociateSubnetCidrBlock"
            | "AssociateVpcCidrBlock"
            | "CreateVpnConnectionRoute"
            | "DeleteVpnConnectionRoute"
            | "DescribeIamInstanceProfileAssociations"
            | "DescribeIdFormat"
            | "DescribeIdentityIdFormat"
            | "DescribeNetworkInterfacePermissions"
            | "DescribePublicIpv4Pools"
            | "DescribeVpcClassicLinkDnsSupport"
            | "DisableVpcClassicLinkDnsSupport"
            | "DisassociateIamInstanceProfile"
            | "DisassociateSubnetCidrBlock"
            | "DisassociateVpcCidrBlock"
            | "EnableVpcClassicLinkDnsSupport"
            | "ModifyIdFormat"
            | "ModifyIdentityIdFormat"
            | "ModifyInstancePlacement"
            | "ModifySubnetAttribute"
            | "ModifyVpcAttribute"
            | "ReplaceIamInstanceProfileAssociation"
            | "UnassignIpv6Addresses"
            | "UnassignPrivateIpAddresses"
    )
}

/// Whether the action only reads. Such a request works on a copy, writes nothing and waits for no writer.
pub(crate) fn is_read_only(name: &str) -> bool {
    name.starts_with("Describe") || name.starts_with("Get")
}
