//! From the XML of an answer to a table.
//!
//! Elements are matched with the output's members by their names on the wire; what the table does not know is left out.
//! A list is always there, empty when EC2 sends nothing for it. Anything else that EC2 does not send is absent.

use std::collections::HashMap;
use std::rc::Rc;

use aws_smithy_types::date_time::{DateTime, Format};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Number, Value};

use super::shape::{Action, Member, Shape, Structure};

/// Why an answer cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DecodeError {
    /// It is not XML, or breaks off.
    #[error("it is not XML: {0}")]
    Xml(String),
    /// It is XML, but of something else.
    #[error("it is a <{found}>, not a <{expected}>")]
    Root { expected: String, found: String },
    /// A value is not of its type.
    #[error("{path} is not {expected}")]
    Value { path: String, expected: String },
}

/// Reads the body of the answer to `action`.
pub(super) fn answer(action: Action, body: &[u8]) -> Result<Value, DecodeError> {
    let text = std::str::from_utf8(body).map_err(|error| DecodeError::Xml(error.to_string()))?;
    let root = Element::read(text)?;
    let expected = format!("{}Response", action.name());
    if root.name != expected {
        return Err(DecodeError::Root { expected, found: root.name });
    }
    Decoder::default().structure(action.output(), &root, "")
}

/// An XML element. Attributes mean nothing in EC2's answers.
#[derive(Debug, Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn read(text: &str) -> Result<Self, DecodeError> {
        let bad = |error: &dyn std::fmt::Display| DecodeError::Xml(error.to_string());
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let mut open: Vec<Element> = vec![Element::default()];
        loop {
            match reader.read_event().map_err(|error| bad(&error))? {
                Event::Start(start) => {
                    let name = AsRef::<str>::as_ref(&start.local_name()).to_owned();
                    open.push(Element { name, ..Element::default() });
                }
                Event::End(_) => {
                    let element = open.pop().unwrap_or_default();
                    open.last_mut().ok_or_else(|| bad(&"an element ends that did not start"))?.children.push(element);
                }
                Event::Text(part) => append(&mut open, &part.xml10_content()),
                Event::CData(part) => append(&mut open, &part.xml10_content()),
                Event::GeneralRef(reference) => {
                    let letter =
                        resolve(&reference).ok_or_else(|| bad(&"it has an entity that XML does not define"))?;
                    append(&mut open, &letter);
                }
                Event::Eof => break,
                _ => {}
            }
        }
        match (open.len(), open.pop().and_then(|mut top| top.children.pop())) {
            (1, Some(root)) => Ok(root),
            _ => Err(bad(&"it breaks off")),
        }
    }

    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// Text belongs to the innermost element that is open.
fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// The text of `&amp;`, `&#38;` and their like.
fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Option<String> {
    if let Some(letter) = reference.resolve_char_ref().ok()? {
        return Some(letter.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(reference).map(str::to_owned)
}

/// Keeps the members of structures that come again and again, as in a list of instances.
#[derive(Default)]
struct Decoder {
    members: HashMap<&'static str, Rc<[(String, Member)]>>,
}

impl Decoder {
    fn members(&mut self, structure: Structure) -> Rc<[(String, Member)]> {
        let read = || structure.members().map(|member| (member.snake_name(), member)).collect();
        self.members.entry(structure.name()).or_insert_with(read).clone()
    }

    fn structure(&mut self, structure: Structure, element: &Element, path: &str) -> Result<Value, DecodeError> {
        let mut table = Map::new();
        for (name, member) in self.members(structure).iter() {
            let child = element.child(member.element_name());
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if let Some(value) = self.value(member.shape(), child, &path)? {
                table.insert(name.clone(), value);
            }
        }
        Ok(Value::Object(table))
    }

    fn value(&mut self, shape: Shape, element: Option<&Element>, path: &str) -> Result<Option<Value>, DecodeError> {
        if let Shape::List(list) = shape {
            let mut values = Vec::new();
            for (index, element) in element.iter().flat_map(|element| &element.children).enumerate() {
                values.extend(self.value(list.element(), Some(element), &format!("{path}[{}]", index + 1))?);
            }
            return Ok(Some(Value::Array(values)));
        }
        let Some(element) = element else { return Ok(None) };
        match shape {
            Shape::Structure(structure) => self.structure(structure, element, path).map(Some),
            Shape::String | Shape::Enum(_) | Shape::Blob => Ok(Some(Value::String(element.text.clone()))),
            // An empty element for a number, flag or time says that there is none.
            _ if element.text.trim().is_empty() => Ok(None),
            scalar => match scalar_value(scalar, element.text.trim()) {
                Some(value) => Ok(Some(value)),
                None => Err(DecodeError::Value { path: path.to_owned(), expected: scalar.to_string() }),
            },
        }
    }
}

fn scalar_value(shape: Shape, text: &str) -> Option<Value> {
    match shape {
        Shape::Integer | Shape::Long => text.parse::<i64>().ok().map(Value::from),
        Shape::Double => text.parse().ok().and_then(Number::from_f64).map(Value::Number),
        Shape::Boolean => match text {
            "true" | "True" => Some(Value::Bool(true)),
            "false" | "False" => Some(Value::Bool(false)),
            _ => None,
        },
        Shape::Timestamp => {
            // EC2 sends RFC 3339 already; reading it proves so, and an offset becomes Z.
            let moment = DateTime::from_str(text, Format::DateTimeWithOffset).ok()?;
            moment.fmt(Format::DateTime).ok().map(Value::String)
        }
        _ => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use serde_json::json;

    use super::super::table;
    use super::*;

    fn read(action: &str, xml: &str) -> Result<Value, DecodeError> {
        answer(table::action(action).unwrap(), xml.as_bytes())
    }

    #[test]
    fn vpcs_are_read_with_tags_flags_and_empty_lists() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
            <DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
              <requestId>r-1</requestId>
              <vpcSet><item>
                <vpcId>vpc-1</vpcId><state>available</state><cidrBlock>10.0.0.0/16</cidrBlock>
                <isDefault>false</isDefault><somethingNew>1</somethingNew>
                <tagSet><item><key>Name</key><value>a &amp; b&#x3c;</value></item><item><key>empty</key><value/></item></tagSet>
              </item></vpcSet>
            </DescribeVpcsResponse>"#;
        let vpcs = read("describe_vpcs", xml).unwrap();
        assert_eq!(
            vpcs,
            json!({ "vpcs": [{
                "cidr_block_association_set": [],
                "ipv6_cidr_block_association_set": [],
                "is_default": false,
                "tags": [{ "key": "Name", "value": "a & b<" }, { "key": "empty", "value": "" }],
                "vpc_id": "vpc-1", "state": "available", "cidr_block": "10.0.0.0/16",
            }] })
        );
    }

    #[test]
    fn instances_are_read_through_their_reservations() {
        let xml = "<DescribeInstancesResponse><reservationSet><item><reservationId>r-1</reservationId><instancesSet><item>\
            <instanceId>i-1</instanceId><instanceState><code>16</code><name>running</name></instanceState>\
            <launchTime>2024-02-29T03:04:05.000Z</launchTime><ebsOptimized>true</ebsOptimized><kernelId/>\
            <groupSet><item><groupId>sg-1</groupId></item></groupSet><amiLaunchIndex></amiLaunchIndex>\
            </item></instancesSet></item></reservationSet><nextToken>t</nextToken></DescribeInstancesResponse>";
        let answer = read("describe_instances", xml).unwrap();
        assert_eq!(answer["next_token"], "t");
        let instance = &answer["reservations"][0]["instances"][0];
        assert_eq!(instance["state"], json!({ "code": 16, "name": "running" }));
        assert_eq!(instance["launch_time"], "2024-02-29T03:04:05Z");
        assert_eq!(instance["ebs_optimized"], true);
        assert_eq!(instance["security_groups"][0]["group_id"], "sg-1");
        assert_eq!(instance["network_interfaces"], json!([]));
        assert!(instance.get("ami_launch_index").is_none());
        assert!(instance.get("placement").is_none());
    }

    #[test]
    fn an_answer_without_content_is_an_empty_table() {
        let answer =
            read("delete_vpc", "<DeleteVpcResponse><requestId>r</requestId><return>true</return></DeleteVpcResponse>");
        assert_eq!(answer.unwrap(), json!({}));
    }

    #[test]
    fn what_is_not_the_answer_is_refused() {
        assert!(matches!(read("delete_vpc", "<DeleteVpcResponse><a>"), Err(DecodeError::Xml(_))));
        assert!(matches!(read("delete_vpc", ""), Err(DecodeError::Xml(_))));
        let root = read("delete_vpc", "<html><body/></html>").unwrap_err();
        assert_eq!(root.to_string(), "it is a <html>, not a <DeleteVpcResponse>");
        let xml =
            "<DescribeVpcsResponse><vpcSet><item><isDefault>maybe</isDefault></item></vpcSet></DescribeVpcsResponse>";
        assert_eq!(read("describe_vpcs", xml).unwrap_err().to_string(), "vpcs[1].is_default is not boolean");
    }
}
