//! RunInstances: how many instances, from which template, and which try it is. What each of them is made of is in `launch`.

use serde::Deserialize;
use vpcrun_model::{InstanceId, ReservationId, ResourceId};

use super::Instance;
use super::item::{InstanceItem, ReservationItem};
use super::launch::Launch;
use super::parameters::LaunchParameters;
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::launch_template::{self, TemplateSpecification};
use crate::wire::Tree;

/// RunInstances. The launch template's parameters stand under the request's own, so both are kept as they were sent until they
/// can be read together.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct RunInstances(Tree);

/// What only RunInstances has.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Head {
    min_count: i64,
    max_count: i64,
    client_token: Option<String>,
    launch_template: Option<TemplateSpecification>,
}

impl RunInstances {
    const HEAD: [&'static str; 4] = ["MinCount", "MaxCount", "ClientToken", "LaunchTemplate"];

    fn split(&self) -> (Tree, Tree) {
        let (mut head, mut launch) = (Tree::default(), Tree::default());
        if let Tree::Branch(children) = &self.0 {
            for (name, child) in children {
                let part = if Self::HEAD.contains(&name.as_str()) { &mut head } else { &mut launch };
                part.put(name, child.clone());
            }
        }
        (head, launch)
    }
}

const NAME: &str = "RunInstances";
/// Source: RunInstances, ClientToken.
const MAX_TOKEN_LENGTH: usize = 64;

impl Head {
    fn check(&self) -> Result<(), Refusal> {
        let refuse = |message: &str| Err(Refusal::invalid_parameter_value(message));
        if self.min_count < 1 {
            return refuse("Minimum instance count must be greater than zero");
        }
        if self.max_count < 1 {
            return refuse("Maximum instance count must be greater than zero");
        }
        if self.max_count < self.min_count {
            return refuse("Maximum instance count must not be smaller than minimum instance count");
        }
        match self.client_token.as_deref().filter(|token| token.chars().count() > MAX_TOKEN_LENGTH) {
            Some(token) => refuse(&format!("Value ({token}) for parameter clientToken is invalid")),
            None => Ok(()),
        }
    }
}

impl Action for RunInstances {
    type Response = ReservationItem;

    fn check(&self) -> Result<(), Refusal> {
        let (head, launch) = self.split();
        let launch: LaunchParameters = launch.read()?;
        let head: Head = head.read()?;
        launch.metadata_options.check()?;
        if launch.image_id.is_none() && head.launch_template.is_none() {
            return Err(Refusal::missing_parameter("ImageId"));
        }
        head.check()
    }

    fn run(self, cx: &mut Context<'_>) -> Result<ReservationItem, Refusal> {
        let (head, own) = self.split();
        let head: Head = head.read()?;
        let token = head.client_token.as_deref();
        if let Some(created) = cx.created_before(NAME, token)? {
            return replay(cx, &created);
        }
        let (min, max) = (count(head.min_count), count(head.max_count));
        let used = head.launch_template.as_ref().map(|wanted| wanted.find(cx)).transpose()?;
        let parameters = match &used {
            Some(used) => launch_template::overlay(&own, &used.data),
            None => own,
        };
        let launch = Launch::of(parameters.read()?, max, token, used.map(|used| used.tags()), cx)?;
        let reservation_id = cx.new_id();
        let mut launched = Vec::new();
        for index in 0..max {
            let before = cx.region.clone();
            match launch.instance(cx, reservation_id, index) {
                Ok(id) => launched.push(id),
                // EC2 launches as many as it can from the minimum on.
                Err(refusal) if index >= min && is_lack_of_room(&refusal) => {
                    cx.region = before;
                    break;
                }
                Err(refusal) => return Err(refusal),
            }
        }
        cx.remember(NAME, token, launched.iter().copied().map(ResourceId::from).collect());
        Ok(reservation(cx, reservation_id, &launched))
    }
}

fn is_lack_of_room(refusal: &Refusal) -> bool {
    let codes = ["InsufficientFreeAddressesInSubnet", "InsufficientInstanceCapacity", "VcpuLimitExceeded"];
    codes.contains(&refusal.code.as_ref())
}

fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn reservation(cx: &Context<'_>, id: ReservationId, instances: &[InstanceId]) -> ReservationItem {
    let instances = instances.iter().filter_map(|id| cx.region.get::<Instance>(*id));
    let items = instances.map(|instance| InstanceItem::launched(instance, cx)).collect();
    ReservationItem::new(id, items, cx)
}

/// The answer to a request that was carried out before.
///
/// # Errors
/// `IdempotentInstanceTerminated` where nothing is left of it.
fn replay(cx: &Context<'_>, created: &[ResourceId]) -> Result<ReservationItem, Refusal> {
    let ids = created.iter().filter_map(|id| InstanceId::try_from(*id).ok());
    let alive: Vec<&Instance> =
        ids.filter_map(|id| cx.region.get::<Instance>(id)).filter(|instance| !instance.is_gone()).collect();
    let Some(first) = alive.first() else {
        let message = "The request to launch an instance uses the same client token as a previous request for which \
                       the instance has been terminated.";
        return Err(Refusal::new("IdempotentInstanceTerminated", message.to_owned()));
    };
    let ids: Vec<InstanceId> = alive.iter().map(|instance| instance.id).collect();
    Ok(reservation(cx, first.reservation_id, &ids))
}
