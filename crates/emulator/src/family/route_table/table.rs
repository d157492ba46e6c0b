//! CreateRouteTable and DeleteRouteTable.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::ResourceId;

use super::RouteTable;
use super::describe::RouteTableItem;
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::family::vpc::Vpc;
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
const MAX_TOKEN_LENGTH: usize = 64;

/// The token, if it means anything: recorded on AWS, one of spaces only is as good as none, whatever its length.
fn checked_token(token: Option<String>) -> Result<Option<String>, Refusal> {
    let Some(token) = token else { return Ok(None) };
    if !token.is_empty() && token.trim().is_empty() {
        return Ok(None);
    }
    if token.is_empty() || token.chars().count() > MAX_TOKEN_LENGTH {
        let message = format!("Value ({token}) for parameter clientToken is invalid");
        return Err(Refusal::invalid_parameter_value(message));
    }
    Ok(Some(token))
}

/// The table that an earlier request with this token made.
fn made_before<'c>(cx: &'c Context<'_>, token: Option<&str>) -> Result<Option<&'c RouteTable>, Refusal> {
    let mismatch = |message: String| Refusal::new("IdempotentParameterMismatch", message);
    let made = cx
        .created_before(NAME, token)
        .map_err(|_| mismatch(format!("Wrong arguments for request with token {}", token.unwrap_or_default())))?;
    let Some(made) = made else { return Ok(None) };
    let table = made.into_iter().find_map(|id| match id {
        ResourceId::RouteTable(id) => cx.region.get::<RouteTable>(id),
        _ => None,
    });
    let gone = || {
        mismatch(
            "An error occurred (IdempotentParameterMismatch) when calling this operation: The client token and \
             arguments used in this request were used in a prior request that was associated with a resource which is \
             now deleted."
                .to_owned(),
        )
    };
    table.map(Some).ok_or_else(gone)
}

impl Action for CreateRouteTable {
    type Response = CreateRouteTableResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let client_token = checked_token(self.client_token)?;
        if let Some(table) = made_before(cx, client_token.as_deref())? {
            return Ok(CreateRouteTableResponse { route_table: RouteTableItem::new(table, cx), client_token });
        }
        let tags = specified_tags(&self.tag_specifications, &["route-table"], "route-table")?;
        let vpc_id = cx.find::<Vpc>(&self.vpc_id)?.id;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_checked_as_recorded_on_aws() {
        let checked = |token: &str| checked_token(Some(token.to_owned()));
        assert_eq!(checked("abc"), Ok(Some("abc".to_owned())));
        assert_eq!(checked(&" ".repeat(65)), Ok(None));
        assert_eq!(checked(&"a".repeat(64)), Ok(Some("a".repeat(64))));
        for token in ["", &"a".repeat(65), &format!(" {} ", "u".repeat(63))] {
            let refusal = checked(token).expect_err("refused");
            assert_eq!(refusal.message, format!("Value ({token}) for parameter clientToken is invalid"));
        }
    }
}
