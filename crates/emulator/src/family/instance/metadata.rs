//! The instance metadata service's options, and ModifyInstanceMetadataOptions.

use serde::{Deserialize, Serialize};
use vpcrun_model::InstanceId;

use super::{Instance, InstanceState, find};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::account::MetadataDefaults;
use crate::wire::Tree;

/// Why a launch is refused. Source: "Troubleshoot launching an IMDSv1-enabled instance fails" in the EC2 User Guide.
pub(super) const LAUNCH_WITHOUT_TOKENS: &str = "You can't launch instances with IMDSv1 because httpTokensEnforced is enabled for this account. Either launch the \
     instance with httpTokens=required or contact your account owner to disable httpTokensEnforced using the \
     ModifyInstanceMetadataDefaults API or the account settings in the EC2 console.";

/// The options of an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct MetadataOptions {
    http_tokens: String,
    http_put_response_hop_limit: u8,
    http_endpoint: String,
    http_protocol_ipv6: String,
    instance_metadata_tags: String,
}

impl MetadataOptions {
    /// What an image asks for: those that support IMDSv2 require it, and let tokens travel a hop further, into containers.
    /// Source: "Order of precedence for instance metadata options" in the EC2 User Guide.
    pub(super) fn default_for(requires_tokens: bool) -> Self {
        Self {
            http_tokens: if requires_tokens { "required" } else { "optional" }.to_owned(),
            http_put_response_hop_limit: if requires_tokens { 2 } else { 1 },
            http_endpoint: "enabled".to_owned(),
            http_protocol_ipv6: "disabled".to_owned(),
            instance_metadata_tags: "disabled".to_owned(),
        }
    }

    /// Puts the account's preferences over what the image asks for.
    pub(super) fn take_over(&mut self, defaults: &MetadataDefaults) {
        let set = |option: &mut String, preferred: &Option<String>| {
            if let Some(preferred) = preferred {
                option.clone_from(preferred);
            }
        };
        set(&mut self.http_tokens, &defaults.http_tokens);
        set(&mut self.http_endpoint, &defaults.http_endpoint);
        set(&mut self.instance_metadata_tags, &defaults.instance_metadata_tags);
        self.http_put_response_hop_limit =
            defaults.http_put_response_hop_limit.unwrap_or(self.http_put_response_hop_limit);
    }

    /// # Errors
    /// `UnsupportedOperation` where the account lets no instance do without tokens. `message` is EC2's for the action.
    pub(super) fn check_enforcement(&self, cx: &Context<'_>, message: &str) -> Result<(), Refusal> {
        if self.http_tokens == "optional" && cx.settings().metadata_defaults.enforces_tokens() {
            return Err(Refusal::new("UnsupportedOperation", message.to_owned()));
        }
        Ok(())
    }

    /// Under the names that requests give them.
    pub(super) fn as_tree(&self) -> Tree {
        let mut tree = Tree::default();
        let members = [
            ("HttpTokens", self.http_tokens.clone()),
            ("HttpPutResponseHopLimit", self.http_put_response_hop_limit.to_string()),
            ("HttpEndpoint", self.http_endpoint.clone()),
            ("HttpProtocolIpv6", self.http_protocol_ipv6.clone()),
            ("InstanceMetadataTags", self.instance_metadata_tags.clone()),
        ];
        for (name, value) in members {
            tree.put(name, Tree::Leaf(value));
        }
        tree
    }

    pub(super) fn http_tokens(&self) -> &str {
        &self.http_tokens
    }

    pub(super) fn http_endpoint(&self) -> &str {
        &self.http_endpoint
    }

    pub(super) fn http_put_response_hop_limit(&self) -> u8 {
        self.http_put_response_hop_limit
    }

    pub(super) fn instance_metadata_tags(&self) -> &str {
        &self.instance_metadata_tags
    }
}

/// The options that a launch asks for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct MetadataOptionsRequest {
    http_tokens: Option<String>,
    http_put_response_hop_limit: Option<i64>,
    http_endpoint: Option<String>,
    http_protocol_ipv6: Option<String>,
    instance_metadata_tags: Option<String>,
}

/// One of two words; EC2 says here which.
fn one_of(value: Option<&str>, name: &str, words: [&str; 2]) -> Result<(), Refusal> {
    match value {
        Some(value) if !words.contains(&value) => Err(Refusal::invalid_parameter_value(format!(
            "A value of '{value}' is not valid for {name}. Specify either '{}' or '{}' and try again.",
            words[0], words[1]
        ))),
        _ => Ok(()),
    }
}

impl MetadataOptionsRequest {
    /// # Errors
    /// `InvalidParameterValue`. EC2 checks this even under DryRun.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        one_of(self.http_tokens.as_deref(), "HttpTokens", ["optional", "required"])?;
        one_of(self.http_endpoint.as_deref(), "HttpEndpoint", ["disabled", "enabled"])?;
        one_of(self.http_protocol_ipv6.as_deref(), "HttpProtocolIpv6", ["disabled", "enabled"])?;
        one_of(self.instance_metadata_tags.as_deref(), "InstanceMetadataTags", ["disabled", "enabled"])?;
        match self.http_put_response_hop_limit {
            Some(limit) if !(1..=64).contains(&limit) => Err(Refusal::invalid_parameter_value(format!(
                "A value of '{limit}' is not valid for HttpPutResponseHopLimit. Specify a value between 1 and 64 and \
                 try again."
            ))),
            _ => Ok(()),
        }
    }

    /// Puts what is asked for over `options`.
    pub(super) fn apply(&self, options: &mut MetadataOptions) {
        let set = |option: &mut String, wanted: &Option<String>| {
            if let Some(wanted) = wanted {
                option.clone_from(wanted);
            }
        };
        set(&mut options.http_tokens, &self.http_tokens);
        set(&mut options.http_endpoint, &self.http_endpoint);
        set(&mut options.http_protocol_ipv6, &self.http_protocol_ipv6);
        set(&mut options.instance_metadata_tags, &self.instance_metadata_tags);
        let limit = self.http_put_response_hop_limit.and_then(|limit| u8::try_from(limit).ok());
        options.http_put_response_hop_limit = limit.unwrap_or(options.http_put_response_hop_limit);
    }
}

/// The options in an answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MetadataOptionsItem {
    state: &'static str,
    http_tokens: String,
    http_put_response_hop_limit: u8,
    http_endpoint: String,
    http_protocol_ipv6: String,
    instance_metadata_tags: String,
}

impl MetadataOptionsItem {
    pub(super) fn new(instance: &Instance) -> Self {
        let options = instance.metadata_options.clone();
        Self {
            state: if instance.state == InstanceState::Pending { "pending" } else { "applied" },
            http_tokens: options.http_tokens,
            http_put_response_hop_limit: options.http_put_response_hop_limit,
            http_endpoint: options.http_endpoint,
            http_protocol_ipv6: options.http_protocol_ipv6,
            instance_metadata_tags: options.instance_metadata_tags,
        }
    }
}

/// ModifyInstanceMetadataOptions.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyInstanceMetadataOptions {
    instance_id: String,
    http_tokens: Option<String>,
    http_put_response_hop_limit: Option<i64>,
    http_endpoint: Option<String>,
    http_protocol_ipv6: Option<String>,
    instance_metadata_tags: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ModifyInstanceMetadataOptionsResponse {
    instance_id: InstanceId,
    instance_metadata_options: MetadataOptionsItem,
}

impl Action for ModifyInstanceMetadataOptions {
    type Response = ModifyInstanceMetadataOptionsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let request = MetadataOptionsRequest {
            http_tokens: self.http_tokens,
            http_put_response_hop_limit: self.http_put_response_hop_limit,
            http_endpoint: self.http_endpoint,
            http_protocol_ipv6: self.http_protocol_ipv6,
            instance_metadata_tags: self.instance_metadata_tags,
        };
        request.check()?;
        let mut instance = find(cx, &self.instance_id)?.clone();
        request.apply(&mut instance.metadata_options);
        if request.http_tokens.is_some() {
            instance.metadata_options.check_enforcement(
                cx,
                "You can't set httpTokens to 'optional' because httpTokensEnforced is enabled for this account.",
            )?;
        }
        cx.region.put(instance.clone());
        Ok(ModifyInstanceMetadataOptionsResponse {
            instance_id: instance.id,
            // The answer comes before the change has reached the host.
            instance_metadata_options: MetadataOptionsItem { state: "pending", ..MetadataOptionsItem::new(&instance) },
        })
    }
}
