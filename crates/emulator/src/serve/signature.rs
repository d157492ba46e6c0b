//! AWS Signature Version 4: what a request claims to be signed with, and whether it is.
//!
//! Source: "Signature Version 4 signing process" in the AWS General Reference; the words of refusals are those that AWS's
//! services answer.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::credentials::Credentials;
use super::http::Message;
use crate::clock::Timestamp;
use crate::error::Refusal;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";
/// A presigned request is good for a week at most.
const LONGEST_EXPIRES: u64 = 604_800;

/// Why a signature is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Invalid {
    /// There is none.
    Missing,
    /// Something is missing in it.
    Incomplete(String),
    /// It is for another service, day or protocol.
    Scope(String),
    /// It is too old, or not of this time yet.
    Expired(String),
    UnknownKey,
    Mismatch,
}

impl Invalid {
    /// In EC2's words: it does not say which of key and signature is wrong.
    pub(super) fn to_ec2(&self) -> Refusal {
        let validate = "AWS was not able to validate the provided access credentials";
        match self {
            Self::Missing => Refusal::missing_parameter("AWSAccessKeyId"),
            Self::Incomplete(what) => Refusal::new("IncompleteSignature", what.clone()),
            Self::Expired(_) => Refusal::new("RequestExpired", "Request has expired.".to_owned()),
            Self::Scope(_) | Self::UnknownKey | Self::Mismatch => {
                Refusal { status: 401, ..Refusal::new("AuthFailure", validate.to_owned()) }
            }
        }
    }

    /// In the words of STS, and of most other services.
    pub(super) fn to_sts(&self) -> Refusal {
        let (status, code, message) = match self {
            Self::Missing => (403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
            Self::Incomplete(what) => (400, "IncompleteSignature", what.as_str()),
            Self::Scope(what) | Self::Expired(what) => (403, "SignatureDoesNotMatch", what.as_str()),
            Self::UnknownKey => (403, "InvalidClientTokenId", "The security token included in the request is invalid."),
            Self::Mismatch => (
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details.",
            ),
        };
        Refusal { status, ..Refusal::new(code, message.to_owned()) }
    }
}

/// What a request claims to be signed with.
#[derive(Clone, Debug)]
pub(super) struct Claim<'b> {
    access_key_id: Cow<'b, str>,
    /// `20261123/ap-northeast-1/ec2/aws4_request`.
    scope: Cow<'b, str>,
    signed_headers: Cow<'b, str>,
    signature: Cow<'b, str>,
    /// `20261123T184358Z`.
    date: Option<Cow<'b, str>>,
    token: Option<Cow<'b, str>>,
    /// Of a presigned request: for how many seconds it is good.
    expires: Option<Cow<'b, str>>,
}

impl<'b> Claim<'b> {
    /// Reads the Authorization header, or the query of a presigned request.
    pub(super) fn read(message: &Message<'b>) -> Result<Self, Invalid> {
        match message.headers.get("authorization") {
            Some(authorization) => Self::from_header(message, authorization),
            None if is_presigned(message.query) => Self::from_query(message.query),
            None => Err(Invalid::Missing),
        }
    }

    fn from_header(message: &Message<'b>, authorization: &'b str) -> Result<Self, Invalid> {
        let (algorithm, parameters) = authorization.split_once(' ').unwrap_or((authorization, ""));
        if algorithm != ALGORITHM {
            return Err(Invalid::Incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
        }
        let part = |name: &str| {
            let mut parts = parameters.split(',').filter_map(|part| part.trim().split_once('='));
            parts.find(|(other, _)| *other == name).map(|(_, value)| value)
        };
        let (credential, headers, signature) = (part("Credential"), part("SignedHeaders"), part("Signature"));
        let (Some(credential), Some(headers), Some(signature)) = (credential, headers, signature) else {
            let parts = [("Credential", credential), ("Signature", signature), ("SignedHeaders", headers)];
            let missing = parts.iter().filter(|(_, value)| value.is_none());
            let mut words = missing.fold(String::new(), |words, (name, _)| {
                format!("{words}Authorization header requires '{name}' parameter. ")
            });
            let _ = write!(words, "Authorization={algorithm}");
            return Err(Invalid::Incomplete(words));
        };
        let (access_key_id, scope) = split_credential(credential)?;
        Ok(Self {
            access_key_id: access_key_id.into(),
            scope: scope.into(),
            signed_headers: headers.into(),
            signature: signature.into(),
            date: message.headers.get("x-amz-date").or_else(|| message.headers.get("date")).map(Cow::from),
            token: message.headers.get("x-amz-security-token").map(Cow::from),
            expires: None,
        })
    }

    fn from_query(query: &str) -> Result<Self, Invalid> {
        let parameter = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(other, _)| *other == name).and_then(|(_, value)| decode(value))
        };
        let required = |name: &str| {
            parameter(name).filter(|value| !value.is_empty()).ok_or_else(|| {
                Invalid::Incomplete(format!(
                    "AWS query-string parameters must include '{name}'. Re-examine the query-string parameters."
                ))
            })
        };
        let algorithm = required("X-Amz-Algorithm")?;
        if algorithm != ALGORITHM {
            return Err(Invalid::Incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'.")));
        }
        let credential = required("X-Amz-Credential")?;
        let (access_key_id, scope) = split_credential(&credential)?;
        Ok(Self {
            access_key_id: access_key_id.to_owned().into(),
            scope: scope.to_owned().into(),
            signature: required("X-Amz-Signature")?.into(),
            signed_headers: required("X-Amz-SignedHeaders")?.into(),
            date: Some(required("X-Amz-Date")?.into()),
            token: parameter("X-Amz-Security-Token").map(Cow::from),
            expires: Some(parameter("X-Amz-Expires").unwrap_or_default().into()),
        })
    }

    fn scope_part(&self, index: usize) -> &str {
        self.scope.split('/').nth(index).unwrap_or_default()
    }

    pub(super) fn region(&self) -> &str {
        self.scope_part(1)
    }

    pub(super) fn service(&self) -> &str {
        self.scope_part(2)
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// It is for another service or day, out of time, of an unknown key, or wrong.
    pub(super) fn verify(
        &self,
        message: &Message<'_>,
        credentials: &Credentials,
        check: &Check<'_>,
    ) -> Result<(), Invalid> {
        let date = self.date.as_deref().ok_or_else(|| {
            let words = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
            Invalid::Incomplete(format!("{words} Authorization={ALGORITHM}"))
        })?;
        let signed_at = parse_date(date).ok_or_else(|| {
            let words = "Date must be in ISO-8601 'basic format'.";
            Invalid::Incomplete(format!("{words} Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"))
        })?;
        let stamp = signed_at.calendar().strftime("%Y%m%dT%H%M%SZ").to_string();
        self.check_scope(&stamp, check)?;
        if !self.signed_headers.split(';').any(|name| name.eq_ignore_ascii_case("host")) {
            let words = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
            return Err(Invalid::Incomplete(words.to_owned()));
        }
        self.check_time(signed_at, &stamp, check)?;
        let key = credentials.get(&self.access_key_id).ok_or(Invalid::UnknownKey)?;
        if !key.is_token(self.token.as_deref()) {
            return Err(Invalid::UnknownKey);
        }
        let request = canonical_request(message, &self.signed_headers, self.expires.is_some());
        let text = format!("{ALGORITHM}\n{stamp}\n{}\n{}", self.scope, hex(&Sha256::digest(request.as_bytes())));
        let derived = self.derive(key.signing_secret().as_bytes());
        let signature = unhex(&self.signature).ok_or(Invalid::Mismatch)?;
        let mac = mac_of(&derived, text.as_bytes());
        // In constant time.
        mac.verify_slice(&signature).map_err(|_| Invalid::Mismatch)
    }

    /// The key of one day, region and service: the secret, hashed with each part of the scope.
    fn derive(&self, secret: &[u8]) -> Vec<u8> {
        self.scope.split('/').fold(secret.to_vec(), |key, part| hmac_of(&key, part.as_bytes()))
    }

    fn check_scope(&self, stamp: &str, check: &Check<'_>) -> Result<(), Invalid> {
        let mut wrong = Vec::new();
        if let Some(service) = check.service.filter(|service| *service != self.service()) {
            wrong.push(format!("Credential should be scoped to correct service: '{service}'."));
        }
        if self.scope_part(3) != TERMINATOR {
            let other = self.scope_part(3);
            wrong.push(format!("Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{other}'."));
        }
        if self.scope_part(0) != &stamp[..8] {
            wrong.push(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', \
                 from '{stamp}'.",
                self.scope_part(0),
                &stamp[..8]
            ));
        }
        if wrong.is_empty() { Ok(()) } else { Err(Invalid::Scope(wrong.join(" "))) }
    }

    fn check_time(&self, signed_at: Timestamp, stamp: &str, check: &Check<'_>) -> Result<(), Invalid> {
        let words = |at: Timestamp| at.calendar().strftime("%Y%m%dT%H%M%SZ").to_string();
        let minutes = check.skew.as_secs() / 60;
        let (earliest, latest, now) = (check.now.before(check.skew), check.now.after(check.skew), words(check.now));
        let good_for = match &self.expires {
            None => Duration::ZERO,
            Some(text) => {
                let seconds = text.parse::<u64>().ok().filter(|seconds| (1..=LONGEST_EXPIRES).contains(seconds));
                let error = || Invalid::Incomplete("X-Amz-Expires must be from 1 to 604800 seconds".to_owned());
                Duration::from_secs(seconds.ok_or_else(error)?)
            }
        };
        let expired = match self.expires {
            None => signed_at < earliest,
            Some(_) => signed_at.after(good_for) < check.now,
        };
        if expired {
            let earliest = words(earliest);
            return Err(Invalid::Expired(format!(
                "Signature expired: {stamp} is now earlier than {earliest} ({now} - {minutes} min.)"
            )));
        }
        if signed_at > latest {
            let latest = words(latest);
            return Err(Invalid::Expired(format!(
                "Signature not yet current: {stamp} is still later than {latest} ({now} + {minutes} min.)"
            )));
        }
        Ok(())
    }
}

/// What a signature has to be good for.
pub(super) struct Check<'a> {
    pub(super) now: Timestamp,
    /// How far the client's clock may be off.
    pub(super) skew: Duration,
    /// The service in the scope; `None` for any.
    pub(super) service: Option<&'a str>,
}

/// `AKID/20261123/ap-northeast-1/ec2/aws4_request`: the key's id and the scope.
fn split_credential(credential: &str) -> Result<(&str, &str), Invalid> {
    let slashes: Vec<usize> = credential.rmatch_indices('/').map(|(at, _)| at).collect();
    let parts = || credential.split('/').all(|part| !part.is_empty());
    match slashes.get(3) {
        Some(at) if parts() => Ok((&credential[..*at], &credential[at + 1..])),
        _ => {
            let words = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term,";
            Err(Invalid::Incomplete(format!("{words} got '{credential}'")))
        }
    }
}

/// Whether a query has a signature in it.
fn is_presigned(query: &str) -> bool {
    query.split('&').any(is_signature)
}

/// Whether a pair of a query is part of a signature rather than of the request.
pub(super) fn is_signature(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or(pair);
    const NAMES: [&str; 7] =
        ["Algorithm", "Credential", "Date", "Expires", "Security-Token", "Signature", "SignedHeaders"];
    name.strip_prefix("X-Amz-").is_some_and(|name| NAMES.contains(&name))
}

/// `20261123T184358Z`, or the format of HTTP's Date.
fn parse_date(text: &str) -> Option<Timestamp> {
    let basic = || {
        let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(time).ok()
    };
    let time = basic().or_else(|| jiff::fmt::rfc2822::parse(text).ok().map(|time| time.timestamp()))?;
    Some(Timestamp::from_millisecond(time.as_millisecond()))
}

/// The request in the one form that both sides sign.
fn canonical_request(message: &Message<'_>, signed_headers: &str, is_presigned: bool) -> String {
    let query = canonical_query(message.query, is_presigned);
    let mut text = format!("{}\n{}\n{query}\n", message.method, message.path);
    for name in signed_headers.split(';') {
        let values: Vec<String> = message.headers.all(name).map(canonical_value).collect();
        let _ = writeln!(text, "{}:{}", name.to_ascii_lowercase(), values.join(","));
    }
    let _ = write!(text, "\n{signed_headers}\n{}", hex(&Sha256::digest(&message.body)));
    text
}

/// Trimmed, with runs of spaces as one.
fn canonical_value(value: &[u8]) -> String {
    String::from_utf8_lossy(value).split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Names and values encoded in one way, sorted, without the signature itself.
fn canonical_query(query: &str, is_presigned: bool) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.filter(|pair| !(is_presigned && pair.starts_with("X-Amz-Signature=")));
    let mut pairs: Vec<(String, String)> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encode(name), encode(value))
        })
        .collect();
    pairs.sort_unstable();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Percent-encodes text that may be encoded in some other way already.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in decode_bytes(text) {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

fn decode(text: &str) -> Option<String> {
    String::from_utf8(decode_bytes(text)).ok()
}

/// An escape that is none stands for itself: it will not match the client's signature, which is all that matters.
fn decode_bytes(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, digit(after.first()), digit(after.get(1))) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &after[2..];
            }
            (b'+', _, _) => bytes.push(b' '),
            _ => bytes.push(*byte),
        }
    }
    bytes
}

type HmacSha256 = Hmac<Sha256>;

fn mac_of(key: &[u8], text: &[u8]) -> HmacSha256 {
    // A key of any length will do: longer ones are hashed.
    let mut mac = HmacSha256::new_from_slice(key).unwrap_or_else(|_| HmacSha256::new(&Default::default()));
    mac.update(text);
    mac
}

fn hmac_of(key: &[u8], text: &[u8]) -> Vec<u8> {
    mac_of(key, text).finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect())
}

#[cfg(test)]
mod tests;
