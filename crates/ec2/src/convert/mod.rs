//! From the SDK's types, in which everything is optional text, to the model's. A member that EC2 always sends and that is
//! missing or malformed makes the answer unreadable; nothing is guessed.

mod instance;
mod network;
mod security_group;

use std::fmt::Display;
use std::str::FromStr;

use aws_sdk_ec2::types as sdk;
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use vpcrun_model::Tag;

pub(crate) use instance::{key_pair, network_interface, reservation};
pub(crate) use network::{
    address, availability_zone, dhcp_options, internet_gateway, network_acl, route_table, subnet, vpc,
};
pub(crate) use security_group::{security_group, security_group_rule};

use crate::Error;

/// A member of an answer that is missing or is not what EC2 documents.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// EC2 always sends it.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// It reads otherwise than documented.
    #[error("{member} is {value:?}: {reason}")]
    Malformed {
        /// The member's name.
        member: &'static str,
        /// What was sent.
        value: String,
        /// Why it does not read.
        reason: String,
    },
}

type Read<T> = Result<T, Unreadable>;

/// Names the action whose answer cannot be read.
fn of<T>(action: &str, read: Read<T>) -> Result<T, Error> {
    read.map_err(|source| Error::Response { action: action.to_owned(), status: None, source: Box::new(source) })
}

/// Converts each element of a list of an answer of `action`; an absent list is empty.
pub(crate) fn all<S, T>(action: &str, list: Option<Vec<S>>, convert: fn(S) -> Read<T>) -> Result<Vec<T>, Error> {
    of(action, each(list, convert))
}

/// Converts the resource that an answer of `action` carries.
pub(crate) fn one<S, T>(action: &str, member: Option<S>, convert: fn(S) -> Read<T>) -> Result<T, Error> {
    of(action, member.ok_or(Unreadable::Missing("the resource")).and_then(convert))
}

/// The id that an answer of `action` carries.
pub(crate) fn id<T: FromStr<Err: Display>>(
    action: &str,
    member: &'static str,
    value: Option<String>,
) -> Result<T, Error> {
    of(action, need(member, value))
}

fn each<S, T>(list: Option<Vec<S>>, convert: fn(S) -> Read<T>) -> Read<Vec<T>> {
    list.unwrap_or_default().into_iter().map(convert).collect()
}

/// A member that may be absent; an empty text counts as absent.
fn maybe<T: FromStr<Err: Display>>(member: &'static str, value: Option<impl AsRef<str>>) -> Read<Option<T>> {
    let Some(value) = value else { return Ok(None) };
    let text = value.as_ref();
    if text.is_empty() {
        return Ok(None);
    }
    let malformed =
        |reason: T::Err| Unreadable::Malformed { member, value: text.to_owned(), reason: reason.to_string() };
    text.parse().map(Some).map_err(malformed)
}

/// A member that EC2 always sends.
fn need<T: FromStr<Err: Display>>(member: &'static str, value: Option<impl AsRef<str>>) -> Read<T> {
    maybe(member, value)?.ok_or(Unreadable::Missing(member))
}

/// A time; one outside of jiff's years is dropped.
fn time(value: Option<DateTime>) -> Option<Timestamp> {
    let value = value?;
    Timestamp::new(value.secs(), i32::try_from(value.subsec_nanos()).ok()?).ok()
}

fn tags(list: Option<Vec<sdk::Tag>>) -> Vec<Tag> {
    let pair = |tag: sdk::Tag| Tag::new(tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    list.unwrap_or_default().into_iter().map(pair).collect()
}

/// A count or an index, which EC2 never sends below zero.
fn unsigned(value: Option<i32>) -> Option<u32> {
    value.and_then(|value| u32::try_from(value).ok())
}
