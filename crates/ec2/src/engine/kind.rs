//! Kinds of declared resources, and the tags by which they are found again.

use aws_sdk_ec2::types::{ResourceType, Tag as SdkTag, TagSpecification};
use vpcrun_model::Tag;

use super::Tags;
use crate::Error;

/// The tag that names the stack.
pub(super) const STACK_TAG: &str = "vpcrun:stack";
/// The tag that identifies the declaration within the stack: `subnet/mysubnet-0001`.
pub(super) const KEY_TAG: &str = "vpcrun:key";
/// The tag of a key pair that says where its private half was saved, under the stack's base directory.
pub(super) const KEY_FILE_TAG: &str = "vpcrun:key-file";

/// A kind of declared resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Vpc,
    InternetGateway,
    Subnet,
    RouteTable,
    Route,
    SecurityGroup,
    KeyPair,
    Instance,
    ElasticIp,
}

impl Kind {
    /// AWS's noun, for readers.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Vpc => "vpc",
            Self::InternetGateway => "internet gateway",
            Self::Subnet => "subnet",
            Self::RouteTable => "route table",
            Self::Route => "route",
            Self::SecurityGroup => "security group",
            Self::KeyPair => "key pair",
            Self::Instance => "instance",
            Self::ElasticIp => "Elastic IP",
        }
    }

    /// The word in the key tag. It is written into accounts: never change one.
    const fn slug(self) -> &'static str {
        match self {
            Self::Vpc => "vpc",
            Self::InternetGateway => "internet_gateway",
            Self::Subnet => "subnet",
            Self::RouteTable => "route_table",
            Self::Route => "route",
            Self::SecurityGroup => "security_group",
            Self::KeyPair => "key_pair",
            Self::Instance => "instance",
            Self::ElasticIp => "elastic_ip",
        }
    }

    /// The identity of the declaration of this kind and name.
    pub(super) fn key(self, name: &str) -> String {
        format!("{}/{name}", self.slug())
    }

    /// How a tag specification names the kind; none for what has no tags or is not created by itself.
    const fn resource_type(self) -> Option<ResourceType> {
        match self {
            Self::Vpc => Some(ResourceType::Vpc),
            Self::InternetGateway => Some(ResourceType::InternetGateway),
            Self::Subnet => Some(ResourceType::Subnet),
            Self::SecurityGroup => Some(ResourceType::SecurityGroup),
            Self::KeyPair => Some(ResourceType::KeyPair),
            Self::Instance => Some(ResourceType::Instance),
            Self::ElasticIp => Some(ResourceType::ElasticIp),
            Self::RouteTable | Self::Route => None,
        }
    }
}

/// The declared name of a resource that carries a key tag.
pub(super) fn name_of(key: &str) -> &str {
    key.split_once('/').map_or(key, |(_, name)| name)
}

/// All tags that a resource of the stack shall carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WantedTags {
    kind: Kind,
    tags: Tags,
}

impl WantedTags {
    /// Adds the engine's tags to the user's, who may not use the engine's keys.
    pub(super) fn new(stack: &str, kind: Kind, name: &str, user: &Tags) -> Result<Self, Error> {
        let reserved = user.keys().find(|key| *key == "Name" || key.starts_with("vpcrun:"));
        if let Some(key) = reserved {
            let what = format!("cannot have the tag {key:?}: vpcrun sets it");
            return Err(Error::Declaration { kind: kind.noun(), name: name.to_owned(), what });
        }
        let mut tags = user.clone();
        tags.insert("Name".into(), name.into());
        tags.insert(STACK_TAG.into(), stack.into());
        tags.insert(KEY_TAG.into(), kind.key(name));
        Ok(Self { kind, tags })
    }

    /// Adds a tag of the engine's own.
    pub(super) fn with(mut self, key: &str, value: String) -> Self {
        self.tags.insert(key.into(), value);
        self
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Tag> {
        self.tags.iter().map(|(key, value)| Tag::new(key, value)).collect()
    }

    /// For a call that creates the resource.
    pub(super) fn specification(&self) -> TagSpecification {
        let tags = self.tags.iter().map(|(key, value)| sdk_tag(key, value)).collect();
        TagSpecification::builder().set_resource_type(self.kind.resource_type()).set_tags(Some(tags)).build()
    }

    /// Those that the resource does not carry, or carries with another value. Tags that nobody declared are left alone:
    /// others may have set them.
    pub(super) fn missing_from(&self, found: &[Tag]) -> Vec<Tag> {
        let carries = |key: &str, value: &str| found.iter().any(|tag| tag.key == key && tag.value == value);
        let missing = self.tags.iter().filter(|(key, value)| !carries(key, value));
        missing.map(|(key, value)| Tag::new(key, value)).collect()
    }
}

/// The tag as the SDK takes it.
pub(super) fn sdk_tag(key: &str, value: &str) -> SdkTag {
    SdkTag::builder().key(key).value(value).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wanted_tags_find_their_differences_and_guard_the_engines_keys() {
        let user = Tags::from([("team".to_owned(), "net".to_owned())]);
        let wanted = WantedTags::new("home-ssh", Kind::InternetGateway, "gw/1", &user).expect("allowed");
        let carried = [
            Tag::new("Name", "renamed"),
            Tag::new(STACK_TAG, "home-ssh"),
            Tag::new(KEY_TAG, "internet_gateway/gw/1"),
            Tag::new("aws:cost", "x"),
        ];
        let missing = wanted.missing_from(&carried);
        assert_eq!(missing, [Tag::new("Name", "gw/1"), Tag::new("team", "net")]);
        assert_eq!(name_of("internet_gateway/gw/1"), "gw/1");
        for key in ["Name", "vpcrun:stack"] {
            let user = Tags::from([(key.to_owned(), "x".to_owned())]);
            assert!(WantedTags::new("s", Kind::Vpc, "v", &user).is_err(), "{key}");
        }
    }
}
