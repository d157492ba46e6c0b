//! Signatures that botocore makes, right ones and wrong ones. AWS's own vectors are beside the code.

use std::fs;
use std::path::PathBuf;

use vpcrun_emulator::{Credentials, CredentialsError, ServeOptions, Server};

use crate::python;
use crate::support::{Client, options, post, serve};

/// Asks with the keys in the arguments and prints `Code: Message`, or what EC2 answered.
const ASK: &str = r#"
import re, sys, datetime, urllib.request, urllib.error
import boto3, botocore.auth
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.awsrequest import AWSRequest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.credentials import Credentials

url, key, secret, token = sys.argv[1:5]
token = token or None
session = boto3.session.Session(key, secret, token, region_name="eu-west-1")
config = Config(retries={"total_max_attempts": 1})

def say(name, work):
    try:
        print(name, work())
    except ClientError as e:
        print(name, e.response["ResponseMetadata"]["HTTPStatusCode"], e.response["Error"]["Code"], e.response["Error"]["Message"])

def client(service):
    return session.client(service, endpoint_url=url, config=config)

def create():
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "a b+c/日本&=~*"}]}]
    vpc = client("ec2").create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)["Vpc"]
    return vpc["Tags"][0]["Value"]

def raw(auth, method="GET", body="", target="/?Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=tag%3AName&Filter.1.Value.1=a%20b%2A"):
    request = AWSRequest(method, url + target, data=body, headers={})
    auth.add_auth(request)
    sent = urllib.request.Request(request.url, method=method, headers=dict(request.headers.items()), data=body.encode() if body else None)
    try:
        return urllib.request.urlopen(sent).status
    except urllib.error.HTTPError as e:
        text = e.read().decode()
        return " ".join([str(e.code), re.search("<Code>(.*?)</Code>", text)[1], re.search("<Message>(.*?)</Message>", text)[1]])

keys = Credentials(key, secret, token)
say("create", create)
say("who", lambda: client("sts").get_caller_identity()["Account"])
say("presigned", lambda: raw(SigV4QueryAuth(keys, "ec2", "eu-west-1", 60)))
say("get", lambda: raw(SigV4Auth(keys, "ec2", "eu-west-1")))
say("service", lambda: raw(SigV4Auth(keys, "s3", "eu-west-1")))
say("region", lambda: raw(SigV4Auth(keys, "ec2", "atlantis-1")))
say("reset", lambda: raw(SigV4Auth(keys, "ec2", "eu-west-1"), "POST", "", "/_vpcrun/reset"))

real = botocore.auth.get_current_datetime
def at(minutes, work):
    botocore.auth.get_current_datetime = lambda: real() + datetime.timedelta(minutes=minutes)
    try:
        return work()
    finally:
        botocore.auth.get_current_datetime = real
say("early", lambda: at(-4, lambda: raw(SigV4Auth(keys, "ec2", "eu-west-1"))))
say("old", lambda: at(-6, lambda: raw(SigV4Auth(keys, "ec2", "eu-west-1"))))
say("presigned-old", lambda: at(-6, lambda: raw(SigV4QueryAuth(keys, "ec2", "eu-west-1", 60))))
say("who-old", lambda: at(-14, lambda: raw(SigV4Auth(keys, "sts", "eu-west-1"), "POST", "Action=GetCallerIdentity&Version=2011-06-15", "/")))
"#;

const ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn ask(server: &Server, key: &str, secret: &str, token: &str) -> Vec<String> {
    let url = format!("http://{}", server.address());
    python::run(ASK, &[&url, key, secret, token]).lines().map(str::to_owned).collect()
}

const REFUSED: &str = "401 AuthFailure AWS was not able to validate the provided access credentials";

#[test]
fn botocores_signatures_are_checked() {
    let credentials = Some(Credentials::key(ID, SECRET));
    let server = serve(ServeOptions { credentials, ..options() });
    let expected = [
        "create a b+c/日本&=~*".to_owned(),
        "who 000000000000".to_owned(),
        "presigned 200".to_owned(),
        "get 200".to_owned(),
        format!("service {REFUSED}"),
        format!("region {REFUSED}"),
        "reset 200".to_owned(),
        "early 200".to_owned(),
        "old 400 RequestExpired Request has expired.".to_owned(),
        "presigned-old 400 RequestExpired Request has expired.".to_owned(),
        "who-old 200".to_owned(),
    ];
    assert_eq!(ask(&server, ID, SECRET, ""), expected);
    let long = "403 SignatureDoesNotMatch The request signature we calculated does not match the signature you provided. Check \
                your AWS Secret Access Key and signing method. Consult the service documentation for details.";
    let wrong = ask(&server, ID, "not the secret", "");
    assert_eq!(wrong[0], format!("create {REFUSED}"));
    assert_eq!(wrong[1], format!("who {long}"));
    assert_eq!(wrong[2], format!("presigned {REFUSED}"));
    assert_eq!(wrong[6], format!("reset {long}"));
    for unknown in [ask(&server, "AKIAUNKNOWN", SECRET, ""), ask(&server, ID, SECRET, "a token")] {
        assert_eq!(unknown[0], format!("create {REFUSED}"));
        assert_eq!(unknown[1], "who 403 InvalidClientTokenId The security token included in the request is invalid.");
    }
}

#[test]
fn without_a_signature_there_is_nothing() {
    let server = serve(ServeOptions { credentials: Some(Credentials::key(ID, SECRET)), ..options() });
    let mut client = Client::of(&server);
    let bare = |target: &str| format!("POST {target} HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 0\r\n\r\n");
    let answer = client.ask(bare("/?Action=DescribeVpcs"));
    assert_eq!((answer.status, answer.code()), (400, "MissingParameter"));
    assert_eq!(answer.message(), "The request must contain the parameter AWSAccessKeyId");
    for target in ["/?Action=GetCallerIdentity", "/_vpcrun/reset"] {
        let answer = client.ask(bare(target));
        assert_eq!((answer.status, answer.code()), (403, "MissingAuthenticationToken"), "{target}");
        assert_eq!(answer.message(), "Request is missing Authentication Token");
    }
    // A signature that would do without credentials.
    let answer = client.ask(post("Action=DescribeVpcs").replace("Host:", "X-Amz-Date: 20261123T184358Z\r\nHost:"));
    assert_eq!((answer.status, answer.code()), (400, "RequestExpired"));
    // Health is for everyone.
    assert_eq!(client.ask("GET /_vpcrun/health HTTP/1.1\r\nHost: a.example.com\r\n\r\n").status, 200);
}

#[cfg(unix)]
#[test]
fn credentials_come_from_a_file_that_nobody_else_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let path: PathBuf = std::env::temp_dir().join(format!("vpcrun-credentials-{}", std::process::id()));
    let text =
        format!("[default]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\naws_session_token = T/+=\n");
    fs::write(&path, text).expect("writes");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("sets");
    let error = Credentials::read(&path).expect_err("refused");
    assert!(matches!(error, CredentialsError::Mode { mode: 0o640, .. }), "{error}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("sets");
    let credentials = Credentials::read(&path).expect("reads");
    fs::remove_file(&path).expect("removes");
    assert!(matches!(Credentials::read(&path), Err(CredentialsError::Read { .. })));
    let options = ServeOptions { credentials: Some(credentials), ..options() };
    assert!(!format!("{options:?}").contains("EXAMPLE"), "{options:?}");
    let server = serve(options);
    let answers = ask(&server, ID, SECRET, "T/+=");
    assert_eq!(answers[..4], ["create a b+c/日本&=~*", "who 000000000000", "presigned 200", "get 200"]);
    assert_eq!(ask(&server, ID, SECRET, "")[0], format!("create {REFUSED}"));
}
