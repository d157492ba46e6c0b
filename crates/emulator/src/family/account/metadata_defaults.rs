//! GetInstanceMetadataDefaults, ModifyInstanceMetadataDefaults: what a launch that says nothing of the Instance Metadata Service
//! gets, before its image is asked.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::wire::Reply;

/// The account's preferences in a region; `None` is no preference.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MetadataDefaults {
    pub(crate) http_tokens: Option<String>,
    pub(crate) http_put_response_hop_limit: Option<u8>,
    pub(crate) http_endpoint: Option<String>,
    pub(crate) instance_metadata_tags: Option<String>,
    /// `enabled`: no instance may take requests without a token.
    pub(crate) http_tokens_enforced: Option<String>,
}

impl MetadataDefaults {
    pub(super) const NO_PREFERENCE: Self = Self {
        http_tokens: None,
        http_put_response_hop_limit: None,
        http_endpoint: None,
        instance_metadata_tags: None,
        http_tokens_enforced: None,
    };

    /// Whether every instance has to require tokens.
    pub(crate) fn enforces_tokens(&self) -> bool {
        self.http_tokens_enforced.as_deref() == Some("enabled")
    }
}

/// GetInstanceMetadataDefaults.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GetInstanceMetadataDefaults {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetInstanceMetadataDefaultsResponse {
    account_level: AccountLevel,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountLevel {
    http_tokens: Option<String>,
    http_put_response_hop_limit: Option<u8>,
    http_endpoint: Option<String>,
    instance_metadata_tags: Option<String>,
    managed_by: &'static str,
    http_tokens_enforced: Option<String>,
}

impl Action for GetInstanceMetadataDefaults {
    type Response = GetInstanceMetadataDefaultsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let defaults = cx.settings().metadata_defaults.clone();
        let account_level = AccountLevel {
            http_tokens: defaults.http_tokens,
            http_put_response_hop_limit: defaults.http_put_response_hop_limit,
            http_endpoint: defaults.http_endpoint,
            instance_metadata_tags: defaults.instance_metadata_tags,
            // No organisation's declarative policy stands over an emulated account.
            managed_by: "account",
            http_tokens_enforced: defaults.http_tokens_enforced,
        };
        Ok(GetInstanceMetadataDefaultsResponse { account_level })
    }
}

const NO_PREFERENCE: &str = "no-preference";

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Tokens {
    Optional,
    Required,
    NoPreference,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Switch {
    Disabled,
    Enabled,
    NoPreference,
}

impl Tokens {
    fn word(self) -> &'static str {
        match self {
            Self::Optional => "optional",
            Self::Required => "required",
            Self::NoPreference => NO_PREFERENCE,
        }
    }
}

impl Switch {
    fn word(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::NoPreference => NO_PREFERENCE,
        }
    }
}

/// ModifyInstanceMetadataDefaults: changes what it names, `no-preference` clears it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyInstanceMetadataDefaults {
    http_tokens: Option<Tokens>,
    http_put_response_hop_limit: Option<i64>,
    http_endpoint: Option<Switch>,
    instance_metadata_tags: Option<Switch>,
    http_tokens_enforced: Option<Switch>,
}

impl ModifyInstanceMetadataDefaults {
    /// The hop limit that is asked for: `Some(None)` clears it.
    fn hop_limit(&self) -> Result<Option<Option<u8>>, Refusal> {
        match self.http_put_response_hop_limit {
            None => Ok(None),
            Some(-1) => Ok(Some(None)),
            Some(limit) => match u8::try_from(limit) {
                Ok(hops @ 1..=64) => Ok(Some(Some(hops))),
                _ => Err(Refusal::invalid_parameter_value(format!(
                    "A value of '{limit}' is not valid for HttpPutResponseHopLimit. Specify a value between 1 and 64 and \
                     try again."
                ))),
            },
        }
    }
}

impl Action for ModifyInstanceMetadataDefaults {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let hop_limit = self.hop_limit()?;
        let defaults = &mut cx.settings_mut().metadata_defaults;
        let set = |slot: &mut Option<String>, word: Option<&'static str>| {
            if let Some(word) = word {
                *slot = (word != NO_PREFERENCE).then(|| word.to_owned());
            }
        };
        set(&mut defaults.http_tokens, self.http_tokens.map(Tokens::word));
        set(&mut defaults.http_endpoint, self.http_endpoint.map(Switch::word));
        set(&mut defaults.instance_metadata_tags, self.instance_metadata_tags.map(Switch::word));
        set(&mut defaults.http_tokens_enforced, self.http_tokens_enforced.map(Switch::word));
        if let Some(limit) = hop_limit {
            defaults.http_put_response_hop_limit = limit;
        }
        Ok(Reply::TRUE)
    }
}
