//! Judges an answer by the model: names, nesting, types, enumerations, required members, nothing twice.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::model::{MODEL, Shape, Structure};

const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

/// What AWS writes though the model does not have it, or has another value: action, path, source.
const KNOWN: &[(&str, &str, &str)] = &[
    ("DisassociateRouteTable", "associationState", "Si"),
    ("CreateNetworkInterface", "networkInterface.status", "`pending`: Se, and the example in the EC2 API Reference"),
    (
        "DescribeInternetGateways",
        "internetGatewaySet.attachmentSet.state",
        "`available`: Si, and the state's documentation",
    ),
    ("DescribeNetworkInterfaces", "networkInterfaceSet.interfaceType", "`nat_gateway`: #47420078199"),
];

/// An element of an answer.
#[derive(Debug, Default, PartialEq)]
pub struct Element {
    pub name: String,
    namespace: Option<String>,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// The root of a document.
    pub fn parse(xml: &str) -> Result<Self, String> {
        let mut reader = Reader::from_str(xml);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().map_err(|error| format!("no XML: {error}"))? {
                Event::Start(start) => open.push(Self::start(&start)?),
                Event::Empty(start) => {
                    let element = Self::start(&start)?;
                    open.last_mut().ok_or("an element outside")?.children.push(element);
                }
                Event::End(_) => {
                    let done = open.pop().ok_or("one end tag too many")?;
                    open.last_mut().ok_or("one end tag too many")?.children.push(done);
                }
                Event::Text(text) => open.last_mut().ok_or("text outside")?.text.push_str(&text),
                Event::GeneralRef(name) => {
                    let text = format!("&{};", &*name);
                    let text = quick_xml::escape::unescape(&text).map_err(|error| error.to_string())?;
                    open.last_mut().ok_or("text outside")?.text.push_str(&text);
                }
                Event::Decl(_) => {}
                Event::Eof => break,
                other => return Err(format!("EC2 writes no {other:?}")),
            }
        }
        let mut document = open.pop().filter(|_| open.is_empty()).ok_or("an element is not closed")?;
        document.children.pop().filter(|_| document.children.is_empty()).ok_or_else(|| "not one root".to_owned())
    }

    fn start(start: &quick_xml::events::BytesStart<'_>) -> Result<Self, String> {
        let name = start.name().as_ref().to_owned();
        let mut namespace = None;
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            if attribute.key.as_ref() != "xmlns" {
                return Err(format!("{name} has an attribute"));
            }
            namespace = Some(attribute.value.into_owned());
        }
        Ok(Self { name, namespace, ..Self::default() })
    }

    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// Whether this is the `<return>true</return>` that EC2 writes in the answers of its older actions, as the examples in its API
/// Reference show, though the model has it of a few only.
fn says_done(action: &str, element: &Element) -> bool {
    element.name == "return" && element.text == "true" && !action.starts_with("Describe") && !action.starts_with("Get")
}

/// What is wrong with a successful answer.
pub fn judge(action: &str, body: &str) -> Vec<String> {
    let root = match Element::parse(body) {
        Ok(root) => root,
        Err(fault) => return vec![fault],
    };
    let mut faults = Vec::new();
    if root.name != format!("{action}Response") || root.namespace.as_deref() != Some(NAMESPACE) {
        faults.push(format!("the root is {} of {:?}", root.name, root.namespace));
    }
    let Some((request_id, members)) = root.children.split_first().filter(|(first, _)| first.name == "requestId") else {
        return vec!["the request id does not come first".to_owned()];
    };
    if request_id.text.len() != 36 {
        faults.push(format!("{} is no request id", request_id.text));
    }
    let members: Vec<_> = members.iter().collect();
    match MODEL.output(action) {
        Some(output) => {
            let has_return = MODEL.members(output).any(|member| member.element == "return");
            let modelled = members.into_iter().filter(|member| has_return || !says_done(action, member)).collect();
            structure(output, modelled, "", &mut faults);
        }
        None => {
            let (done, others): (Vec<_>, Vec<_>) = members.into_iter().partition(|member| says_done(action, member));
            if done.len() != 1 {
                faults.push("an action without output answers <return>true</return>".to_owned());
            }
            faults.extend(others.iter().map(|other| format!("{}: the model has no output", other.name)));
        }
    }
    faults.retain(|fault| {
        !KNOWN.iter().any(|(known, path, _)| *known == action && fault.starts_with(&format!("{path}: ")))
    });
    faults
}

/// What is wrong with a refusal.
pub fn judge_refusal(body: &str) -> Vec<String> {
    let root = match Element::parse(body) {
        Ok(root) => root,
        Err(fault) => return vec![fault],
    };
    let names =
        |element: &Element| element.children.iter().map(|child| child.name.clone()).collect::<Vec<_>>().join(" ");
    let error = root.child("Errors").and_then(|errors| errors.child("Error"));
    let right = root.name == "Response"
        && root.namespace.is_none()
        && names(&root) == "Errors RequestID"
        && error.is_some_and(|error| {
            names(error) == "Code Message"
                && error.children.iter().all(|text| !text.text.is_empty() && text.children.is_empty())
        });
    if right {
        Vec::new()
    } else {
        vec![format!("a refusal is Response(Errors(Error(Code Message)) RequestID): {body}")]
    }
}

fn structure(shape: &'static Structure, children: Vec<&Element>, path: &str, faults: &mut Vec<String>) {
    let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let members = MODEL.members(shape);
    for (index, child) in children.iter().enumerate() {
        let here = at(&child.name);
        match members.clone().find(|member| member.element == child.name) {
            None => faults.push(format!("{here}: the model has no such element")),
            Some(member) => value(member.shape, child, &here, faults),
        }
        if children[..index].iter().any(|earlier| earlier.name == child.name) {
            faults.push(format!("{here}: twice"));
        }
    }
    for member in members.filter(|member| member.required) {
        if !children.iter().any(|child| child.name == member.element) {
            faults.push(format!("{}: required, but missing", at(member.element)));
        }
    }
}

fn value(shape: &'static Shape, element: &Element, path: &str, faults: &mut Vec<String>) {
    match shape {
        Shape::Structure(shape) => {
            no_text(element, path, faults);
            structure(shape, element.children.iter().collect(), path, faults);
        }
        Shape::List { member, .. } => {
            no_text(element, path, faults);
            for item in &element.children {
                if item.name == member.item() {
                    value(MODEL.shape(member), item, path, faults);
                } else {
                    faults.push(format!("{path}: <{}> in a list of <{}>", item.name, member.item()));
                }
            }
        }
        _ => scalar(shape, element, path, faults),
    }
}

fn no_text(element: &Element, path: &str, faults: &mut Vec<String>) {
    if !element.text.trim().is_empty() {
        faults.push(format!("{path}: text '{}' where elements belong", element.text));
    }
}

fn scalar(shape: &Shape, element: &Element, path: &str, faults: &mut Vec<String>) {
    let text = element.text.as_str();
    let right = element.children.is_empty()
        && match shape {
            Shape::Boolean => matches!(text, "true" | "false"),
            Shape::Integer { .. } => text.parse::<i32>().is_ok(),
            Shape::Long => text.parse::<i64>().is_ok(),
            Shape::Float | Shape::Double => text.parse::<f64>().is_ok_and(f64::is_finite),
            Shape::Timestamp => is_timestamp(text),
            // EC2 writes the states of endpoints in lower case, against its own enumeration.
            Shape::String { values } if path.contains("vpcEndpoint") && path.ends_with(".state") => {
                values.iter().any(|value| value.eq_ignore_ascii_case(text))
            }
            Shape::String { values } => values.is_empty() || values.iter().any(|value| value == text),
            Shape::Blob => text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)),
            Shape::Structure(_) | Shape::List { .. } => false,
        };
    if !right {
        let kind = match shape {
            Shape::Boolean => "a boolean".to_owned(),
            Shape::Integer { .. } | Shape::Long => "an integer".to_owned(),
            Shape::Timestamp => "a time (2026-11-23T18:43:58.000Z)".to_owned(),
            Shape::String { values } if values.len() < 20 => format!("one of {}", values.join(", ")),
            Shape::String { .. } => "of the enumeration".to_owned(),
            _ => "of its type".to_owned(),
        };
        faults.push(format!("{path}: '{text}' is not {kind}"));
    }
}

/// `2026-11-23T18:43:58.000Z`
fn is_timestamp(text: &str) -> bool {
    let pattern = "0000-00-00T00:00:00.000Z";
    text.len() == pattern.len()
        && text
            .bytes()
            .zip(pattern.bytes())
            .all(|(got, wanted)| if wanted == b'0' { got.is_ascii_digit() } else { got == wanted })
}

#[test]
fn the_judge_finds_what_is_wrong() {
    let answer = |inner: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeVpcsResponse xmlns=\"{NAMESPACE}\">\
             <requestId>00000000-0000-0000-0000-000000000000</requestId>{inner}</DescribeVpcsResponse>"
        )
    };
    let vpc = |inner: &str| judge("DescribeVpcs", &answer(&format!("<vpcSet><item>{inner}</item></vpcSet>")));
    assert_eq!(vpc("<vpcId>vpc-1</vpcId><state>available</state><isDefault>true</isDefault>"), [""; 0]);
    assert_eq!(vpc("<vpcID>vpc-1</vpcID>"), ["vpcSet.vpcID: the model has no such element"]);
    assert_eq!(vpc("<isDefault>yes</isDefault>"), ["vpcSet.isDefault: 'yes' is not a boolean"]);
    assert_eq!(vpc("<state>open</state>"), ["vpcSet.state: 'open' is not one of pending, available"]);
    assert_eq!(vpc("<vpcId>a</vpcId><vpcId>a</vpcId>"), ["vpcSet.vpcId: twice"]);
    assert_eq!(judge("DescribeVpcs", &answer("<vpcSet><member/></vpcSet>")), ["vpcSet: <member> in a list of <item>"]);
    assert!(is_timestamp("2026-11-23T18:43:58.000Z") && !is_timestamp("2026-11-23T18:43:58Z"));
}
