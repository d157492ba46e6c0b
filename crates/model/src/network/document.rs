//! The JSON of `aws ec2 describe-…`, in and out.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

use super::error::NetworkError;
use super::snapshot::Network;
use crate::id::ReservationId;
use crate::resource::{
    Address, AvailabilityZone, DhcpOptions, Image, Instance, InternetGateway, KeyPairInfo, NetworkAcl,
    NetworkInterface, Reservation, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc,
};

/// For each kind of resource but instances: the document's name, its member, the map of [`Network`], its type and its key.
macro_rules! documents {
    ($apply:ident) => {
        $apply! {
            "describe-vpcs.json", "Vpcs", vpcs: Vpc by vpc_id;
            "describe-subnets.json", "Subnets", subnets: Subnet by subnet_id;
            "describe-internet-gateways.json", "InternetGateways", internet_gateways: InternetGateway by internet_gateway_id;
            "describe-route-tables.json", "RouteTables", route_tables: RouteTable by route_table_id;
            "describe-security-groups.json", "SecurityGroups", security_groups: SecurityGroup by group_id;
            "describe-security-group-rules.json", "SecurityGroupRules", security_group_rules: SecurityGroupRule by security_group_rule_id;
            "describe-network-acls.json", "NetworkAcls", network_acls: NetworkAcl by network_acl_id;
            "describe-network-interfaces.json", "NetworkInterfaces", network_interfaces: NetworkInterface by network_interface_id;
            "describe-addresses.json", "Addresses", addresses: Address by allocation_id;
            "describe-key-pairs.json", "KeyPairs", key_pairs: KeyPairInfo by key_pair_id;
            "describe-dhcp-options.json", "DhcpOptions", dhcp_options: DhcpOptions by dhcp_options_id;
            "describe-images.json", "Images", images: Image by image_id;
            "describe-availability-zones.json", "AvailabilityZones", availability_zones: AvailabilityZone by zone_name;
        }
    };
}

const RESERVATIONS: &str = "Reservations";
/// `aws sts get-caller-identity` names the account.
const ACCOUNT: &str = "Account";

impl Network {
    /// Adds the resources of one `aws ec2 describe-…` document, and the account of an `aws sts get-caller-identity` one.
    ///
    /// The document is known by its members, not by `file_name`, which is for messages. It may hold several kinds at once.
    /// A resource that is already here is replaced, so that pages and repeated captures can be read one after another.
    /// Members that are not known are skipped as long as one is known.
    ///
    /// # Errors
    /// [`NetworkError`] names the file and the member and says what is expected. The network is unchanged then.
    pub fn merge_json(&mut self, file_name: &str, text: &str) -> Result<(), NetworkError> {
        let mut document = parse_object(file_name, text)?;
        let mut known = false;
        let mut read = Self::default();
        macro_rules! read_members {
            ($($file:literal, $member:literal, $map:ident: $type:ident by $key:ident;)+) => {$(
                if let Some(value) = document.remove($member) {
                    known = true;
                    let resources: Vec<$type> = read_member(file_name, $member, value)?;
                    read.$map = keyed(resources, |resource| resource.$key.clone());
                }
            )+};
        }
        documents!(read_members);
        if let Some(value) = document.remove(RESERVATIONS) {
            known = true;
            let instances =
                read_member::<Vec<Reservation>>(file_name, RESERVATIONS, value)?.into_iter().flat_map(flatten);
            read.instances = keyed(instances, |instance| instance.instance_id);
        }
        if let Some(value) = document.remove(ACCOUNT) {
            known = true;
            read.account_id = Some(read_member(file_name, ACCOUNT, value)?);
        }
        if !known {
            return Err(unknown_document(file_name, &document));
        }
        self.absorb(read);
        Ok(())
    }

    /// The network as `aws ec2 describe-…` documents, each with its usual file name. Kinds without resources are left out.
    ///
    /// Reading them into [`Network::new`] of the same region gives an equal network.
    #[must_use]
    pub fn to_documents(&self) -> Vec<(&'static str, Value)> {
        let mut documents = Vec::new();
        if let Some(account_id) = &self.account_id {
            documents.push(("get-caller-identity.json", object(ACCOUNT, account_id.as_str().into())));
        }
        macro_rules! write_members {
            ($($file:literal, $member:literal, $map:ident: $type:ident by $key:ident;)+) => {$(
                if !self.$map.is_empty() {
                    documents.push(($file, object($member, array(self.$map.values()))));
                }
            )+};
        }
        documents!(write_members);
        if !self.instances.is_empty() {
            let reservations = reservations(self.instances.values());
            documents.push(("describe-instances.json", object(RESERVATIONS, array(&reservations))));
        }
        documents
    }

    /// Takes over all of `newer`; it wins where both have a resource.
    fn absorb(&mut self, newer: Self) {
        macro_rules! absorb_maps {
            ($($file:literal, $member:literal, $map:ident: $type:ident by $key:ident;)+) => {
                $(self.$map.extend(newer.$map);)+
            };
        }
        documents!(absorb_maps);
        self.instances.extend(newer.instances);
        if newer.account_id.is_some() {
            self.account_id = newer.account_id;
        }
    }
}

fn keyed<K: Ord, R>(resources: impl IntoIterator<Item = R>, key: impl Fn(&R) -> K) -> BTreeMap<K, R> {
    resources.into_iter().map(|resource| (key(&resource), resource)).collect()
}

/// The instances of a reservation, each with the reservation's own members.
fn flatten(reservation: Reservation) -> impl Iterator<Item = Instance> {
    let Reservation { reservation_id, owner_id, instances } = reservation;
    instances.into_iter().map(move |mut instance| {
        instance.reservation_id = reservation_id.or(instance.reservation_id);
        instance.owner_id = owner_id.clone().or(instance.owner_id);
        instance
    })
}

/// Instances grouped as AWS writes them: reservation and owner stand beside the instances.
fn reservations<'a>(instances: impl Iterator<Item = &'a Instance>) -> Vec<Reservation> {
    let mut groups: BTreeMap<(Option<ReservationId>, Option<String>), Vec<Instance>> = BTreeMap::new();
    for instance in instances {
        let mut instance = instance.clone();
        let group = (instance.reservation_id.take(), instance.owner_id.take());
        groups.entry(group).or_default().push(instance);
    }
    let reservation = |((reservation_id, owner_id), instances)| Reservation { reservation_id, owner_id, instances };
    groups.into_iter().map(reservation).collect()
}

fn object(member: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(member.to_owned(), value)]))
}

/// The resources as JSON. Serialising one cannot fail: every map key is text and no number is out of JSON's range.
fn array<'a, R: Serialize + 'a>(resources: impl IntoIterator<Item = &'a R>) -> Value {
    let values = resources.into_iter().map(|resource| {
        serde_json::to_value(resource).unwrap_or_else(|error| unreachable!("a resource is always JSON: {error}"))
    });
    Value::Array(values.collect())
}

fn parse_object(file: &str, text: &str) -> Result<Map<String, Value>, NetworkError> {
    // The CLI on Windows PowerShell writes a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        // The position has fields of its own.
        let problem = message.split_once(" at line ").map_or(message.as_str(), |(problem, _)| problem).to_owned();
        NetworkError::Syntax { file: file.to_owned(), line: error.line(), column: error.column(), problem }
    })?;
    let found = match value {
        Value::Object(object) => return Ok(object),
        Value::Array(_) => "an array",
        Value::String(_) => "a string",
        Value::Number(_) => "a number",
        Value::Bool(_) => "a boolean",
        Value::Null => "null",
    };
    Err(NetworkError::NotADocument { file: file.to_owned(), found })
}

fn unknown_document(file: &str, document: &Map<String, Value>) -> NetworkError {
    macro_rules! member_names {
        ($($file:literal, $member:literal, $map:ident: $type:ident by $key:ident;)+) => { [$($member,)+ RESERVATIONS, ACCOUNT] };
    }
    let members = match document.len() {
        0 => "none".to_owned(),
        _ => document.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
    };
    NetworkError::UnknownDocument { file: file.to_owned(), members, expected: documents!(member_names).join(", ") }
}

fn read_member<T: DeserializeOwned>(file: &str, member: &str, value: Value) -> Result<T, NetworkError> {
    serde_path_to_error::deserialize(&value).map_err(|error| {
        let last = error.path().iter().next_back().map(ToString::to_string);
        let mut problem = error.inner().to_string();
        if let Some(expected) = expected_value(last.as_deref().unwrap_or(member)) {
            problem = format!("{problem}; expected {expected}");
        }
        let found = value_at(&value, error.path()).filter(|value| !value.is_object() && !value.is_array());
        let path = match error.path().to_string().as_str() {
            "." => member.to_owned(),
            path if path.starts_with('[') => format!("{member}{path}"),
            path => format!("{member}.{path}"),
        };
        NetworkError::Member { file: file.to_owned(), path, problem, found: found.map(ToString::to_string) }
    })
}

/// What a member must look like, where the message of its type does not say so.
fn expected_value(member: &str) -> Option<&'static str> {
    match member {
        "CidrBlock" | "CidrIp" | "CidrIpv4" | "DestinationCidrBlock" => Some("an IPv4 block such as 10.0.0.0/16"),
        "Ipv6CidrBlock" | "CidrIpv6" | "DestinationIpv6CidrBlock" => Some("an IPv6 block such as 2001:db8::/56"),
        "PrivateIpAddress" | "PublicIp" | "PublicIpAddress" => Some("an IPv4 address"),
        "LaunchTime" | "AttachTime" | "CreateTime" => Some("a time such as 2026-01-02T03:04:05+00:00"),
        _ => None,
    }
}

fn value_at<'a>(value: &'a Value, path: &Path) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, segment| match segment {
        Segment::Seq { index } => value.get(index),
        Segment::Map { key } => value.get(key),
        Segment::Enum { .. } | Segment::Unknown => None,
    })
}
