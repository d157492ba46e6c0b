//! GetEbsEncryptionByDefault, EnableEbsEncryptionByDefault, DisableEbsEncryptionByDefault.

use serde::{Deserialize, Serialize};

use crate::action::{Action, Context};
use crate::error::Refusal;

/// The answer of all three: how it is now.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EbsEncryptionByDefault {
    ebs_encryption_by_default: bool,
}

impl EbsEncryptionByDefault {
    fn of(cx: &Context<'_>) -> Self {
        Self { ebs_encryption_by_default: cx.settings().ebs_encryption_by_default }
    }

    fn choose(cx: &mut Context<'_>, encrypted: bool) -> Self {
        cx.settings_mut().ebs_encryption_by_default = encrypted;
        Self::of(cx)
    }
}

/// GetEbsEncryptionByDefault.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GetEbsEncryptionByDefault {}

impl Action for GetEbsEncryptionByDefault {
    type Response = EbsEncryptionByDefault;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        Ok(EbsEncryptionByDefault::of(cx))
    }
}

/// EnableEbsEncryptionByDefault: for volumes made from now on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnableEbsEncryptionByDefault {}

impl Action for EnableEbsEncryptionByDefault {
    type Response = EbsEncryptionByDefault;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        Ok(EbsEncryptionByDefault::choose(cx, true))
    }
}

/// DisableEbsEncryptionByDefault.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DisableEbsEncryptionByDefault {}

impl Action for DisableEbsEncryptionByDefault {
    type Response = EbsEncryptionByDefault;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        Ok(EbsEncryptionByDefault::choose(cx, false))
    }
}
