//! What the table says of actions, in types. All of them are small, `Copy`, and read their line when asked.

use std::fmt;

use super::table;

/// One action of EC2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    name: &'static str,
    input: &'static str,
    output: &'static str,
}

impl Action {
    pub(super) fn new(name: &'static str, input: &'static str, output: &'static str) -> Self {
        Self { name, input, output }
    }

    /// AWS's name, for instance `CreateRoute`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The name in snake case, as in `ec2.api.create_route`.
    pub fn snake_name(&self) -> String {
        table::snake_name(self.name)
    }

    /// What it takes.
    pub fn input(&self) -> Structure {
        table::structure(self.input)
    }

    /// What it answers with; without members where EC2 only says that it is done.
    pub fn output(&self) -> Structure {
        table::structure(self.output)
    }
}

/// A table with named members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Structure {
    name: &'static str,
    members: &'static str,
}

impl Structure {
    pub(super) fn new(name: &'static str, members: &'static str) -> Self {
        Self { name, members }
    }

    /// AWS's name for it, for instance `IpPermission`; empty for the output of an action without one.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its members, in AWS's order.
    pub fn members(&self) -> Members {
        Members { words: self.members.split(' ') }
    }

    /// The member with this snake-case name.
    pub fn member(&self, snake_name: &str) -> Option<Member> {
        self.members().find(|member| member.is_called(snake_name))
    }
}

/// Iterates over the members of a [`Structure`].
#[derive(Debug, Clone)]
pub struct Members {
    words: std::str::Split<'static, char>,
}

impl Iterator for Members {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        self.words.find_map(Member::parse)
    }
}

/// One member of a [`Structure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The name with its first letter as the table has it.
    name: &'static str,
    wire: &'static str,
    query: Option<&'static str>,
    kind: &'static str,
    flags: &'static str,
}

impl Member {
    fn parse(word: &'static str) -> Option<Self> {
        let (names, kind) = word.split_once('=')?;
        let flags_at = kind.find(['!', '~', '*']).unwrap_or(kind.len());
        let (kind, flags) = kind.split_at(flags_at);
        let mut names = names.split('@');
        let name = names.next()?;
        Some(Self { name, wire: names.next().unwrap_or(name), query: names.next(), kind, flags })
    }

    /// AWS's name, for instance `VpcId`.
    pub fn name(&self) -> String {
        capital_first(self.name)
    }

    /// The name in snake case, for instance `vpc_id`.
    pub fn snake_name(&self) -> String {
        table::snake_name(&self.name())
    }

    /// What it holds.
    pub fn shape(&self) -> Shape {
        Shape::parse(self.kind)
    }

    /// Whether EC2 refuses a request without it.
    pub fn required(&self) -> bool {
        self.flags.contains('!')
    }

    /// Whether it makes a request safe to repeat. A call fills it when it is absent.
    pub fn idempotency_token(&self) -> bool {
        self.flags.contains('~')
    }

    /// Whether it holds what must not be shown, a private key for instance.
    pub fn sensitive(&self) -> bool {
        self.flags.contains('*')
    }

    /// Its parameter's name in a request: always with a capital first letter, unless AWS gives a name of its own.
    pub(super) fn query_name(&self) -> String {
        self.query.map_or_else(|| capital_first(self.wire), str::to_owned)
    }

    /// Its element's name in an answer.
    pub(super) fn element_name(&self) -> &'static str {
        self.wire
    }

    /// Compares without building the name: most members of most structures are not the one asked for.
    fn is_called(&self, snake_name: &str) -> bool {
        let mut asked = snake_name.bytes().filter(|letter| *letter != b'_');
        let same_letters = self.name.bytes().all(|letter| asked.next() == Some(letter.to_ascii_lowercase()));
        same_letters && asked.next().is_none() && self.snake_name() == snake_name
    }
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// Text.
    String,
    /// Text, usually one of a set. EC2 adds values without notice, so others are not refused here.
    Enum(Enum),
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 64 bits.
    Long,
    /// A number.
    Double,
    /// True or false.
    Boolean,
    /// A moment, as RFC 3339 text, for instance `2024-02-29T12:00:00Z`.
    Timestamp,
    /// Bytes. In a request, text whose bytes are meant; the encoding (base64) is done for it.
    Blob,
    /// Any number of values of one type.
    List(List),
    /// A table with named members.
    Structure(Structure),
}

impl Shape {
    fn parse(kind: &'static str) -> Self {
        if let Some(element) = kind.strip_prefix('[') {
            return Self::List(List { element });
        }
        if let Some(name) = kind.strip_prefix('%') {
            return Self::Enum(Enum { name });
        }
        match kind {
            "s" => Self::String,
            "i" => Self::Integer,
            "l" => Self::Long,
            "d" => Self::Double,
            "b" => Self::Boolean,
            "t" => Self::Timestamp,
            "x" => Self::Blob,
            name => Self::Structure(table::structure(name)),
        }
    }
}

impl fmt::Display for Shape {
    /// In words, for help and errors: `list of Tag`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String | Self::Enum(_) => f.write_str("string"),
            Self::Integer | Self::Long => f.write_str("integer"),
            Self::Double => f.write_str("number"),
            Self::Boolean => f.write_str("boolean"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Blob => f.write_str("blob"),
            Self::List(list) => write!(f, "list of {}", list.element()),
            Self::Structure(structure) => f.write_str(structure.name()),
        }
    }
}

/// A named set of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enum {
    name: &'static str,
}

impl Enum {
    /// AWS's name for it, for instance `VpcState`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The values known when the table was made.
    pub fn values(&self) -> impl Iterator<Item = &'static str> + use<> {
        table::enum_values(self.name).split('|').filter(|value| !value.is_empty())
    }
}

/// Any number of values of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List {
    element: &'static str,
}

impl List {
    /// The type of each value.
    pub fn element(&self) -> Shape {
        Shape::parse(self.element)
    }
}

/// `text` with a capital first letter. AWS's names are ASCII.
fn capital_first(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn member(action: &str, name: &str) -> Member {
        table::action(action).unwrap().input().member(name).unwrap()
    }

    #[test]
    fn members_know_name_type_and_flags() {
        let vpc_id = member("CreateSubnet", "vpc_id");
        assert_eq!((vpc_id.name().as_str(), vpc_id.required(), vpc_id.shape()), ("VpcId", true, Shape::String));
        assert!(!member("CreateSubnet", "cidr_block").required());
        assert!(member("RunInstances", "client_token").idempotency_token());
        assert_eq!(member("RunInstances", "min_count").shape(), Shape::Integer);
        assert_eq!(member("ImportKeyPair", "public_key_material").shape(), Shape::Blob);
        assert!(table::action("CreateKeyPair").unwrap().output().member("key_material").unwrap().sensitive());
        assert!(table::action("CreateSubnet").unwrap().input().member("VpcId").is_none());
    }

    #[test]
    fn names_on_the_wire_follow_the_ec2_protocol() {
        let tags = member("CreateVpc", "tag_specifications");
        assert_eq!((tags.name().as_str(), tags.query_name().as_str()), ("TagSpecifications", "TagSpecification"));
        assert_eq!(member("CreateVpc", "dry_run").query_name(), "DryRun");
        assert_eq!(member("RunInstances", "instance_type").query_name(), "InstanceType");
        let interfaces = member("RunInstances", "network_interfaces");
        let Shape::List(list) = interfaces.shape() else { panic!("a list") };
        let Shape::Structure(interface) = list.element() else { panic!("of structures") };
        let addresses = interface.member("private_ip_addresses").unwrap();
        assert_eq!(
            (addresses.query_name().as_str(), addresses.element_name()),
            ("PrivateIpAddresses", "privateIpAddressesSet")
        );
    }

    #[test]
    fn shapes_read_as_words_and_enums_list_their_values() {
        assert_eq!(member("CreateVpc", "tag_specifications").shape().to_string(), "list of TagSpecification");
        let Shape::Enum(tenancy) = member("CreateVpc", "instance_tenancy").shape() else { panic!("an enum") };
        assert_eq!(tenancy.name(), "Tenancy");
        assert_eq!(tenancy.values().collect::<Vec<_>>(), ["default", "dedicated", "host"]);
    }

    #[test]
    fn an_action_without_output_has_no_members_there() {
        assert_eq!(table::action("DeleteVpc").unwrap().output().members().count(), 0);
    }
}
