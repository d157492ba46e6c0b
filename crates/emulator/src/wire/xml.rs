//! EC2's XML: a response type derives `Serialize` with the wire's names, and [`reply`] puts it in its envelope.

use serde::Serialize;

use crate::error::Refusal;

/// A list, written as EC2 writes them: `<vpcSet><item>…</item></vpcSet>`, `<vpcSet/>` when empty.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Items<T> {
    item: Vec<T>,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { item: Vec::new() }
    }
}

impl<T> FromIterator<T> for Items<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self { item: items.into_iter().collect() }
    }
}

impl<T> From<Vec<T>> for Items<T> {
    fn from(item: Vec<T>) -> Self {
        Self { item }
    }
}

/// The whole answer of actions that say only that they did it: `<return>true</return>`.
#[derive(Serialize)]
pub(crate) struct Reply {
    r#return: bool,
}

impl Reply {
    pub(crate) const TRUE: Self = Self { r#return: true };
}

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

/// `<{action}Response>` with the request id first, as EC2 writes it.
pub(crate) fn reply<T: Serialize>(action: &str, request_id: &str, body: &T) -> Result<String, Refusal> {
    let wrapped = quick_xml::se::to_string_with_root("r", body)
        .map_err(|error| Refusal::internal(format!("the answer cannot be written as XML: {error}")))?;
    let inner = wrapped.strip_prefix("<r>").and_then(|rest| rest.strip_suffix("</r>")).unwrap_or_default();
    Ok(format!(
        "{DECLARATION}\n<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <requestId>{request_id}</requestId>{inner}</{action}Response>"
    ))
}

/// The body of a refusal. It has no namespace, and its request id is spelt in capitals.
pub(crate) fn refusal(refusal: &Refusal, request_id: &str) -> String {
    let (code, message) = (&refusal.code, quick_xml::escape::partial_escape(refusal.message.as_str()));
    format!(
        "{DECLARATION}\n<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
         <RequestID>{request_id}</RequestID></Response>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Response {
        vpc_set: Items<Vpc>,
        tag_set: Items<Vpc>,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Vpc {
        vpc_id: String,
        is_default: bool,
    }

    #[test]
    fn lists_are_items_and_text_is_escaped() {
        let vpc = Vpc { vpc_id: "a<&>".into(), is_default: true };
        let body = Response { vpc_set: vec![vpc].into(), tag_set: Items::default() };
        let xml = reply("DescribeVpcs", "id", &body).expect("writes");
        let expected = "<requestId>id</requestId><vpcSet><item><vpcId>a&lt;&amp;&gt;</vpcId>\
                        <isDefault>true</isDefault></item></vpcSet><tagSet/></DescribeVpcsResponse>";
        assert!(xml.ends_with(expected), "{xml}");
    }

    #[test]
    fn a_refusal_is_escaped_too() {
        let xml = refusal(&Refusal::new("InvalidParameterValue", "a <b> 'c'".into()), "id");
        assert!(xml.contains("<Message>a &lt;b&gt; 'c'</Message>"), "{xml}");
    }
}
