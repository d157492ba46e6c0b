//! CreateRouteTable and DeleteRouteTable.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::RouteTable;
use super::describe::RouteTableItem;
use crate::action::{Action, Context};
use crate::client_token::{checked_token, made_before_by_token};
use crate::error::Refusal;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::family::vpc::Vpc;
use crate::quota;
use crate::state::Resource;
use crate::wire::Reply;

/// CreateRouteTable: a table with the local route, associated with nothing.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateRouteTable {
    vpc_id: String,
    client_token: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateRouteTableResponse {
    route_table: RouteTableItem,
    client_token: Option<String>,
}

const NAME: &str = "CreateRouteTable";

impl Action for CreateRouteTable {
    type Response = CreateRouteTableResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let client_token = checked_token(self.client_token)?;
        if let Some(table) = made_before_by_token::<RouteTable>(cx, NAME, client_token.as_deref())? {
            return Ok(CreateRouteTableResponse { route_table: RouteTableItem::new(table, cx), client_token });
        }
        let tags = specified_tags(&self.tag_specifications, &["route-table"], "route-table")?;
        let vpc_id = cx.find::<Vpc>(&self.vpc_id)?.id;
        cx.check_quota(&quota::ROUTE_TABLES, |region| region.referrers::<RouteTable>(vpc_id).count() + 1)?;
        let main = RouteTable::main_table_of(&cx.region, vpc_id);
        let blocks: Vec<_> = main.into_iter().flat_map(RouteTable::local_blocks).collect();
        let table = RouteTable::new(cx.new_id(), vpc_id, blocks.into_iter(), tags);
        cx.region.put(table.clone());
        cx.remember(NAME, client_token.as_deref(), vec![table.id.into()]);
        Ok(CreateRouteTableResponse { route_table: RouteTableItem::new(&table, cx), client_token })
    }
}

/// DeleteRouteTable: refused while the table is main or associated with a subnet.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteRouteTable {
    route_table_id: String,
}

impl Action for DeleteRouteTable {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let table = cx.find::<RouteTable>(&self.route_table_id)?;
        if !table.associations.is_empty() {
            return Err(Refusal::dependency(RouteTable::WORDING.noun, table.id));
        }
        let id = table.id;
        cx.region.remove(id);
        Ok(Reply::TRUE)
    }
}
