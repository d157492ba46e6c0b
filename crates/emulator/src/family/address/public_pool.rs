//! DescribePublicIpv4Pools: an account without addresses of its own has no pools.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::action::{Action, Context};
use crate::describe::{Filter, Page, check_filters, paginate_within};
use crate::error::Refusal;
use crate::wire::Items;

/// DescribePublicIpv4Pools.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribePublicIpv4Pools {
    #[serde(rename = "PoolId", default)]
    pool_ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribePublicIpv4PoolsResponse {
    public_ipv4_pool_set: Items<()>,
    next_token: Option<String>,
}

/// A pool that the account does not have.
pub(super) fn unknown_pool(id: &str) -> Refusal {
    Refusal::new("InvalidPublicIpv4PoolID.NotFound", format!("The publicIpv4Pool ID '{id}' does not exist"))
}

impl Action for DescribePublicIpv4Pools {
    type Response = DescribePublicIpv4PoolsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, std::iter::empty())?;
        if let Some(id) = self.pool_ids.first() {
            return Err(unknown_pool(id));
        }
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (pools, next_token) = paginate_within(cx, Vec::new(), &page, 1..=10, |(): &()| String::new())?;
        Ok(DescribePublicIpv4PoolsResponse { public_ipv4_pool_set: pools.into(), next_token })
    }
}
