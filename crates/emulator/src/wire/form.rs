//! Query parameters as a tree, and a serde deserialiser over it.
//!
//! `TagSpecification.1.Tag.1.Key=Name` is a path: names select members of a structure, numbers the items of a list. A request
//! type derives `Deserialize` with the wire's names; what it does not list is refused as EC2 refuses it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, forward_to_deserialize_any};

use crate::error::Refusal;

/// The parameters of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters(BTreeMap<String, Tree>);

/// The deepest parameter of the EC2 model has 7 levels; more is an attempt to exhaust the stack.
const MAX_DEPTH: usize = 16;
/// More parameters than any request needs; AWS limits the body instead.
const MAX_PARAMETERS: usize = 50_000;

/// A parameter: a value, or what stands below a name. As JSON it is a text or an object, so that a resource can keep it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Tree {
    /// A value.
    Leaf(String),
    /// Members of a structure by name, or items of a list by number.
    Branch(BTreeMap<String, Tree>),
}

impl Default for Tree {
    fn default() -> Self {
        Self::Branch(BTreeMap::new())
    }
}

impl Tree {
    /// Reads a request type from it. Recorded on AWS: a required parameter that is empty is as good as none.
    ///
    /// # Errors
    /// Those of [`Parameters::read`].
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<T, Refusal> {
        if let Self::Branch(children) = &self {
            let is_empty = |node: &Self| matches!(node, Self::Leaf(text) if text.is_empty());
            let empty: Vec<_> = children.iter().filter(|(_, node)| is_empty(node)).map(|(name, _)| name).collect();
            if !empty.is_empty() {
                let mut full = children.clone();
                full.retain(|_, node| !is_empty(node));
                if let Err(refusal) = Self::Branch(full).read::<T>()
                    && empty.iter().any(|name| refusal == Refusal::missing_parameter(name))
                {
                    return Err(refusal);
                }
            }
        }
        T::deserialize(NodeDeserializer { name: "", node: self }).map_err(|error| error.0)
    }

    /// Puts a child under a name; a value has no names.
    pub(crate) fn put(&mut self, name: &str, child: Self) {
        if let Self::Branch(children) = self {
            children.insert(name.to_owned(), child);
        }
    }

    /// What stands below a name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Leaf(_) => None,
            Self::Branch(children) => children.get(name),
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TreeVisitor;
        impl<'de> Visitor<'de> for TreeVisitor {
            type Value = Tree;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or an object")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Tree, E> {
                Ok(Tree::Leaf(text.to_owned()))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<Tree, E> {
                Ok(Tree::Leaf(text))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
                let mut children = BTreeMap::new();
                while let Some((name, child)) = members.next_entry()? {
                    children.insert(name, child);
                }
                Ok(Tree::Branch(children))
            }
        }
        deserializer.deserialize_any(TreeVisitor)
    }
}

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` text.
    ///
    /// # Errors
    /// `MalformedQueryString` where the text is not form encoded or a parameter is both a value and a structure.
    pub(crate) fn parse(body: &str) -> Result<Self, Refusal> {
        let mut root = BTreeMap::new();
        for (count, pair) in body.split('&').filter(|pair| !pair.is_empty()).enumerate() {
            if count >= MAX_PARAMETERS {
                return Err(malformed("too many parameters"));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            insert(&mut root, &percent_decode(name)?, percent_decode(value)?)?;
        }
        Ok(Self(root))
    }

    /// Removes a scalar parameter.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        match self.0.remove(name)? {
            Tree::Leaf(value) => Some(value),
            Tree::Branch(_) => None,
        }
    }

    /// Reads a request type from all parameters.
    ///
    /// # Errors
    /// `UnknownParameter`, `MissingParameter`, or `InvalidParameterValue` for a value of the wrong type.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<T, Refusal> {
        Tree::Branch(self.0).read()
    }

    /// Whether there is a parameter of this name, be it a value or a structure.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A scalar parameter.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Tree::Leaf(value) => Some(value),
            Tree::Branch(_) => None,
        }
    }

    /// How many items or members a parameter has.
    pub(crate) fn children(&self, name: &str) -> usize {
        match self.0.get(name) {
            Some(Tree::Branch(children)) => children.len(),
            _ => 0,
        }
    }

    /// All values, however deep, but those under one name.
    pub(crate) fn texts_but(&self, name: &str) -> impl Iterator<Item = &str> {
        let mut texts = Vec::new();
        let mut nodes: Vec<&Tree> = self.0.iter().filter(|(other, _)| *other != name).map(|(_, node)| node).collect();
        while let Some(node) = nodes.pop() {
            match node {
                Tree::Leaf(text) => texts.push(text.as_str()),
                Tree::Branch(children) => nodes.extend(children.values()),
            }
        }
        texts.into_iter()
    }

    /// A text that is the same for the same parameters, whatever their order and whatever stands under one name.
    pub(crate) fn fingerprint_but(&self, name: &str) -> String {
        struct But<'a>(&'a BTreeMap<String, Tree>, &'a str);
        impl fmt::Debug for But<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_map().entries(self.0.iter().filter(|(name, _)| *name != self.1)).finish()
            }
        }
        format!("{:?}", But(&self.0, name))
    }
}

fn malformed(what: &str) -> Refusal {
    Refusal::new("MalformedQueryString", format!("The query string contains a syntax error: {what}."))
}

fn insert(root: &mut BTreeMap<String, Tree>, path: &str, value: String) -> Result<(), Refusal> {
    if path.split('.').count() > MAX_DEPTH {
        return Err(malformed("a parameter is nested too deeply"));
    }
    let (parents, last) = match path.rsplit_once('.') {
        Some((parents, last)) => (Some(parents), last),
        None => (None, path),
    };
    let mut branch = root;
    for segment in parents.into_iter().flat_map(|parents| parents.split('.')) {
        let child = branch.entry(segment.to_owned()).or_insert_with(|| Tree::Branch(BTreeMap::new()));
        // An empty list is sent as `Name=`; items that follow win over it.
        if matches!(child, Tree::Leaf(text) if text.is_empty()) {
            *child = Tree::Branch(BTreeMap::new());
        }
        match child {
            Tree::Branch(children) => branch = children,
            Tree::Leaf(_) => return Err(malformed(&format!("{segment} is a value and a structure"))),
        }
    }
    branch.insert(last.to_owned(), Tree::Leaf(value));
    Ok(())
}

fn percent_decode(text: &str) -> Result<String, Refusal> {
    if !text.bytes().any(|b| b == b'%' || b == b'+') {
        return Ok(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
                match (digit(), digit()) {
                    (Some(high), Some(low)) => (high * 16 + low) as u8,
                    _ => return Err(malformed("an incomplete % escape")),
                }
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| malformed("text that is not UTF-8"))
}

/// A deserialisation error is the refusal that the client gets.
#[derive(Debug)]
struct FormError(Refusal);

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for FormError {}

impl de::Error for FormError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Refusal::invalid_parameter_value(message.to_string()))
    }

    fn unknown_field(field: &str, _expected: &'static [&'static str]) -> Self {
        Self(Refusal::new("UnknownParameter", format!("The parameter {field} is not recognized")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self(Refusal::missing_parameter(field))
    }
}

/// `name` is the member that holds the node, for the wording of errors.
struct NodeDeserializer<'a> {
    name: &'a str,
    node: Tree,
}

impl NodeDeserializer<'_> {
    fn leaf(&self) -> Result<&str, FormError> {
        match &self.node {
            Tree::Leaf(text) => Ok(text),
            Tree::Branch(_) => Err(FormError(Refusal::new(
                "MalformedQueryString",
                format!("The parameter {} takes a value, not a structure.", self.name),
            ))),
        }
    }

    fn into_leaf(self) -> Result<String, FormError> {
        match self.node {
            Tree::Leaf(text) => Ok(text),
            Tree::Branch(_) => self.leaf().map(str::to_owned),
        }
    }

    fn parse<T: std::str::FromStr>(&self) -> Result<T, FormError> {
        let text = self.leaf()?;
        text.parse().map_err(|_| {
            let name = lower_first(self.name);
            FormError(Refusal::invalid_parameter_value(format!("Invalid value '{text}' for {name}.")))
        })
    }
}

/// `VpcId` is `vpcId` in EC2's messages.
pub(crate) fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

macro_rules! scalars {
    ($($method:ident $visit:ident $type:ty;)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
            visitor.$visit(self.parse::<$type>()?)
        })+
    };
}

impl<'de> Deserializer<'de> for NodeDeserializer<'_> {
    type Error = FormError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self.node {
            Tree::Leaf(text) => visitor.visit_string(text),
            Tree::Branch(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_string(self.into_leaf()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_string(self.into_leaf()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self.leaf()?.to_ascii_lowercase().as_str() {
            "true" | "1" => visitor.visit_bool(true),
            "false" | "0" => visitor.visit_bool(false),
            other => Err(FormError(Refusal::invalid_parameter_value(format!(
                "Invalid value '{other}' for {}. Expecting 'true' or 'false'.",
                lower_first(self.name)
            )))),
        }
    }

    scalars! {
        deserialize_i8 visit_i8 i8; deserialize_i16 visit_i16 i16; deserialize_i32 visit_i32 i32; deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u8 u8; deserialize_u16 visit_u16 u16; deserialize_u32 visit_u32 u32; deserialize_u64 visit_u64 u64;
        deserialize_f32 visit_f32 f32; deserialize_f64 visit_f64 f64;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, FormError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        let mut items = match self.node {
            Tree::Leaf(text) if text.is_empty() => Vec::new(),
            Tree::Leaf(_) => return Err(FormError(malformed(&format!("{} is a list: {}.1, …", self.name, self.name)))),
            Tree::Branch(children) => children
                .into_iter()
                .map(|(index, node)| index.parse::<u32>().map(|index| (index, node)))
                .collect::<Result<_, _>>()
                .map_err(|_| FormError(malformed(&format!("{} is a list: {}.1, …", self.name, self.name))))?,
        };
        items.sort_unstable_by_key(|(index, _)| *index);
        visitor.visit_seq(List { name: self.name, items: items.into_iter() })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FormError> {
        match self.node {
            Tree::Branch(children) => visitor.visit_map(Members { members: children.into_iter(), next: None }),
            Tree::Leaf(_) => Err(FormError(malformed(&format!("{} is a structure", self.name)))),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FormError> {
        let name = self.name;
        let text = self.into_leaf()?;
        if !variants.contains(&text.as_str()) {
            return Err(FormError(Refusal::invalid_enum_value(&text, &lower_first(name), variants)));
        }
        visitor.visit_enum(text.into_deserializer())
    }

    forward_to_deserialize_any! { char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any i128 u128 }
}

struct List<'a, I> {
    name: &'a str,
    items: I,
}

impl<'de, I: Iterator<Item = (u32, Tree)>> SeqAccess<'de> for List<'_, I> {
    type Error = FormError;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, FormError> {
        let Some((_, node)) = self.items.next() else { return Ok(None) };
        seed.deserialize(NodeDeserializer { name: self.name, node }).map(Some)
    }
}

struct Members<I> {
    members: I,
    next: Option<(String, Tree)>,
}

impl<'de, I: Iterator<Item = (String, Tree)>> MapAccess<'de> for Members<I> {
    type Error = FormError;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, FormError> {
        let Some((name, node)) = self.members.next() else { return Ok(None) };
        let key = seed.deserialize(name.as_str().into_deserializer())?;
        self.next = Some((name, node));
        Ok(Some(key))
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, FormError> {
        let (name, node) = self.next.take().ok_or_else(|| de::Error::custom("a value was read before its name"))?;
        seed.deserialize(NodeDeserializer { name: &name, node })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Tag {
        key: String,
        value: Option<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum KeyType {
        Rsa,
        Ed25519,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Request {
        name: String,
        count: Option<u32>,
        flag: Option<bool>,
        kind: Option<KeyType>,
        #[serde(rename = "Tag", default)]
        tags: Vec<Tag>,
    }

    fn read(body: &str) -> Result<Request, Refusal> {
        Parameters::parse(body)?.read()
    }

    #[test]
    fn paths_become_lists_and_structures_in_numeric_order() {
        let body = "Name=a+b%2Fc&Count=3&Flag=true&Kind=ed25519&Tag.10.Key=ten&Tag.2.Key=two&Tag.2.Value=%E6%97%A5";
        let request = read(body).expect("reads");
        assert_eq!(request.name, "a b/c");
        assert_eq!((request.count, request.flag, request.kind), (Some(3), Some(true), Some(KeyType::Ed25519)));
        assert_eq!(request.tags[0], Tag { key: "two".into(), value: Some("日".into()) });
        assert_eq!(request.tags[1], Tag { key: "ten".into(), value: None });
    }

    #[test]
    fn what_does_not_fit_is_refused_in_ec2s_words() {
        let cases = [
            ("Name=a&Nmae=b", "UnknownParameter", "The parameter Nmae is not recognized"),
            ("Name=a&Tag.1.Kye=b", "UnknownParameter", "The parameter Kye is not recognized"),
            ("Count=1", "MissingParameter", "The request must contain the parameter Name"),
            ("Name=a&Count=-1", "InvalidParameterValue", "Invalid value '-1' for count."),
            (
                "Name=a&Kind=dsa",
                "InvalidParameterValue",
                "1 validation error detected: Value 'dsa' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [rsa, ed25519]",
            ),
        ];
        for (body, code, message) in cases {
            let refusal = read(body).expect_err(body);
            assert_eq!((refusal.code.as_ref(), refusal.message.as_str()), (code, message), "{body}");
        }
        for body in ["Name=%4", "Name.1=a&Name=b&Name.1.X=c", "Name=%ff", "Name=a&Tag.x.Key=b"] {
            assert!(read(body).is_err(), "{body}");
        }
    }

    #[test]
    fn an_empty_list_may_be_sent() {
        assert_eq!(read("Name=a&Tag=").expect("reads").tags, []);
    }
}
