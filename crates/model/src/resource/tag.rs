//! Tags, and what all tagged resources have in common.

use serde::{Deserialize, Serialize};

use crate::id::ResourceId;

/// A key and its value on a resource. Keys are unique within a resource and case-sensitive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// 1 to 127 characters; not starting with `aws:` unless AWS made it.
    pub key: String,
    /// 0 to 255 characters.
    #[serde(default)]
    pub value: String,
}

impl Tag {
    /// A tag of this key and value.
    #[must_use]
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

/// What has an id and tags.
pub trait Resource {
    /// The resource's id, whatever its kind.
    fn id(&self) -> ResourceId;

    /// The resource's tags, in the order AWS gave them.
    fn tags(&self) -> &[Tag];

    /// The value of the tag with this key.
    fn tag(&self, key: &str) -> Option<&str> {
        self.tags().iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
    }

    /// The value of the `Name` tag, which the AWS console shows as the name; `None` when it is empty.
    fn name(&self) -> Option<&str> {
        self.tag("Name").filter(|name| !name.is_empty())
    }
}

macro_rules! resource {
    ($name:ident, $id:ident) => {
        resource!($name, $id, tags);
    };
    ($name:ident, $id:ident, $tags:ident) => {
        impl crate::resource::Resource for $name {
            fn id(&self) -> crate::id::ResourceId {
                self.$id.into()
            }

            fn tags(&self) -> &[crate::resource::Tag] {
                &self.$tags
            }
        }
    };
}

pub(super) use resource;

#[cfg(test)]
mod tests {
    use crate::{InternetGateway, Resource, Tag};

    #[test]
    fn the_name_is_the_name_tag_and_never_empty() {
        let json = r#"{"InternetGatewayId": "igw-00000001"}"#;
        let mut gateway: InternetGateway = serde_json::from_str(json).expect("reads");
        assert_eq!((gateway.id().to_string().as_str(), gateway.name()), ("igw-00000001", None));
        gateway.tags = vec![Tag::new("name", "lower"), Tag::new("Name", "mygateway")];
        assert_eq!(
            (gateway.name(), gateway.tag("name"), gateway.tag("NAME")),
            (Some("mygateway"), Some("lower"), None)
        );
        gateway.tags = vec![Tag::new("Name", "")];
        assert_eq!((gateway.name(), gateway.tag("Name")), (None, Some("")));
    }
}
