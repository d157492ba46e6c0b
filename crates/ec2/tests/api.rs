//! `Session::call` through the real SDK client, against a connector that plays EC2 from a script.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod script;

use script::Script;
use serde_json::{Value, json};
use vpcrun_ec2::{Error, Session, api};

async fn call(session: &Session, action: &str, input: Value) -> Result<Value, Error> {
    session.call(&api::action(action).unwrap(), input).await
}

fn refusal(code: &str, message: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code>\
         <Message>{message}</Message></Error></Errors><RequestID>req-1</RequestID></Response>"
    )
}

const VPCS: &str = "<DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId>\
    <vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet></DescribeVpcsResponse>";

#[tokio::test]
async fn a_call_is_signed_with_its_own_body_and_read_by_its_own_shape() {
    let script = Script::new([(200, VPCS)]);
    let session = script.session();
    let answer = call(&session, "describe_vpcs", json!({ "vpc_ids": ["vpc-1"] })).await.unwrap();
    assert_eq!(answer["vpcs"][0]["vpc_id"], "vpc-1");
    assert_eq!(session.calls(), 1);
    let asked = &script.asked()[0];
    assert_eq!(asked.body, "Action=DescribeVpcs&Version=2016-11-15&VpcId.1=vpc-1");
    assert_eq!(asked.content_length, asked.body.len().to_string());
    assert!(asked.authorization.contains("/ap-northeast-1/ec2/aws4_request"), "{}", asked.authorization);
    assert!(asked.user_agent.contains("api/ec2"), "{}", asked.user_agent);
}

#[tokio::test]
async fn two_bodies_have_two_signatures() {
    let script = Script::new([(200, VPCS), (200, VPCS)]);
    let session = script.session();
    for id in ["vpc-1", "vpc-2"] {
        call(&session, "describe_vpcs", json!({ "vpc_ids": [id] })).await.unwrap();
    }
    let asked = script.asked();
    assert_ne!(asked[0].authorization, asked[1].authorization);
}

#[tokio::test]
async fn a_refusal_keeps_action_code_message_id_and_status() {
    let text = refusal("InvalidSubnet.Conflict", "The CIDR '10.0.0.0/24' conflicts with another subnet");
    let script = Script::new([(400, text.as_str())]);
    let error = call(&script.session(), "create_subnet", json!({ "vpc_id": "vpc-1" })).await.unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!((refusal.action.as_str(), refusal.status), ("CreateSubnet", 400));
    assert_eq!((error.code(), error.request_id()), ("InvalidSubnet.Conflict", Some("req-1")));
    assert_eq!(
        error.to_string(),
        "CreateSubnet was refused with InvalidSubnet.Conflict: The CIDR '10.0.0.0/24' conflicts with another subnet"
    );
}

#[tokio::test]
async fn a_typed_call_and_a_call_of_the_table_fail_alike() {
    let text = refusal("VpcLimitExceeded", "The maximum number of VPCs has been reached.");
    let script = Script::new([(400, text.as_str()), (400, text.as_str())]);
    let session = script.session();
    let typed = Error::from(session.client().create_vpc().cidr_block("10.0.0.0/16").send().await.unwrap_err());
    let untyped = call(&session, "create_vpc", json!({ "cidr_block": "10.0.0.0/16" })).await.unwrap_err();
    assert_eq!(typed.refusal(), untyped.refusal());
    assert_eq!(typed.refusal().unwrap().action, "CreateVpc");
    assert!(typed.hint().unwrap().contains("quota"));
}

#[tokio::test]
async fn a_missing_permission_names_action_resource_and_whom() {
    let text = refusal(
        "UnauthorizedOperation",
        "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/me is not authorized to \
         perform: ec2:CreateVpc on resource: arn:aws:ec2:ap-northeast-1:123456789012:vpc/* because no identity-based \
         policy allows the ec2:CreateVpc action. Encoded authorization failure message: AbCdEf",
    );
    let script = Script::new([(403, text.as_str())]);
    let error = call(&script.session(), "create_vpc", json!({})).await.unwrap_err();
    assert_eq!(error.to_string(), "not permitted: ec2:CreateVpc on arn:aws:ec2:ap-northeast-1:123456789012:vpc/*");
    assert_eq!(
        error.hint().unwrap(),
        "ask the account's administrator to allow ec2:CreateVpc for arn:aws:iam::123456789012:user/me"
    );
    assert!(!format!("{error:?}").contains("AbCdEf"));
}

#[tokio::test]
async fn bad_credentials_are_not_confused_with_someone_elses_resource() {
    let bad = refusal("AuthFailure", "AWS was not able to validate the provided access credentials");
    let foreign = refusal("AuthFailure", "You do not have permission to access the specified resource.");
    let expired = refusal("RequestExpired", "Request has expired.");
    let script = Script::new([(401, bad.as_str()), (400, foreign.as_str()), (400, expired.as_str())]);
    let session = script.session();
    let mut errors = Vec::new();
    for _ in 0..3 {
        errors.push(call(&session, "release_address", json!({ "allocation_id": "eipalloc-1" })).await.unwrap_err());
    }
    assert!(matches!(&errors[0], Error::CredentialsRefused(_)), "{:?}", errors[0]);
    assert!(matches!(&errors[1], Error::Refused(_)), "{:?}", errors[1]);
    assert!(matches!(&errors[2], Error::CredentialsRefused(_)), "{:?}", errors[2]);
    assert!(errors[2].hint().unwrap().contains("expired"));
}

#[tokio::test]
async fn throttling_is_waited_out_and_every_attempt_is_counted() {
    let slow_down = refusal("RequestLimitExceeded", "Request limit exceeded.");
    let script = Script::new([(503, slow_down.as_str()), (503, slow_down.as_str()), (200, VPCS)]);
    let session = script.session();
    call(&session, "describe_vpcs", json!({})).await.unwrap();
    assert_eq!(session.calls(), 3);
    let bodies: Vec<_> = script.asked().into_iter().map(|asked| asked.body).collect();
    assert!(bodies.iter().all(|body| body == "Action=DescribeVpcs&Version=2016-11-15"), "{bodies:?}");
}

#[tokio::test]
async fn a_retried_create_keeps_its_token() {
    let slow_down = refusal("RequestLimitExceeded", "Request limit exceeded.");
    let answer = "<CreateRouteTableResponse><routeTable/></CreateRouteTableResponse>";
    let script = Script::new([(503, slow_down.as_str()), (200, answer)]);
    call(&script.session(), "create_route_table", json!({ "vpc_id": "vpc-1" })).await.unwrap();
    let asked = script.asked();
    assert!(asked[0].body.contains("&ClientToken="), "{}", asked[0].body);
    assert_eq!(asked[0].body, asked[1].body);
}

#[tokio::test]
async fn a_lost_reply_never_makes_a_second_vpc() {
    let script = Script::new([(0, "")]);
    let error = call(&script.session(), "create_vpc", json!({ "cidr_block": "10.0.0.0/16" })).await.unwrap_err();
    assert_eq!((error.code(), error.is_transient(), script.asked().len()), ("Connection", true, 1));
    let script = Script::new([(0, ""), (200, "<CreateRouteTableResponse/>")]);
    call(&script.session(), "create_route_table", json!({ "vpc_id": "vpc-1" })).await.unwrap();
    let script = Script::new([(0, ""), (200, VPCS)]);
    call(&script.session(), "describe_vpcs", json!({})).await.unwrap();
    let slow_down = refusal("RequestLimitExceeded", "Request limit exceeded.");
    let script = Script::new([(503, slow_down.as_str()), (200, "<CreateVpcResponse/>")]);
    call(&script.session(), "create_vpc", json!({ "cidr_block": "10.0.0.0/16" })).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_not_ec2s_says_so() {
    let script = Script::new([(200, "<html><body>hello</body></html>"), (404, "not here")]);
    let session = script.session();
    let error = call(&session, "describe_vpcs", json!({})).await.unwrap_err();
    assert_eq!((error.code(), error.to_string().as_str()), ("Response", "DescribeVpcs: the answer is not EC2's"));
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("<html>"));
    let error = call(&session, "describe_vpcs", json!({})).await.unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("Response", "DescribeVpcs: the answer is not EC2's (HTTP 404)")
    );
}

#[tokio::test]
async fn a_wrong_input_is_not_sent() {
    let script = Script::new([]);
    let session = script.session();
    let error = call(&session, "create_vpc", json!({ "cidr": "10.0.0.0/16" })).await.unwrap_err();
    assert_eq!((error.code(), error.to_string().as_str()), ("Input", "create_vpc has no \"cidr\""));
    assert_eq!(error.hint().unwrap(), "did you mean \"cidr_block\"?");
    assert_eq!(session.calls(), 0);
}

#[tokio::test]
async fn calls_run_side_by_side() {
    let script = Script::new([(200, VPCS), (200, VPCS)]);
    let session = script.session();
    let (left, right) =
        tokio::join!(call(&session, "describe_vpcs", json!({})), call(&session, "describe_vpcs", json!({})));
    assert_eq!(left.unwrap(), right.unwrap());
    assert_eq!(session.calls(), 2);
}
