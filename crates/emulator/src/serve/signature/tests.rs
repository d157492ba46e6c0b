//! AWS's published vectors ("AWS SigV4 Signing Test Suite"): one key, one moment, many requests.

use std::borrow::Cow;
use std::time::Duration;

use super::super::credentials::Credentials;
use super::super::http::{Headers, Message};
use super::{Check, Claim, Invalid, parse_date};

const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const DATE: &str = "20150830T123600Z";
const SCOPE: &str = "20150830/us-east-1/service/aws4_request";
const HOST: (&str, &str) = ("Host", "example.amazonaws.com");

/// Name, method, query, more headers, signed headers, body, signature.
type Vector = (&'static str, &'static str, &'static str, Pairs, &'static str, &'static str, &'static str);
type Pairs = &'static [(&'static str, &'static str)];

const FORM: Pairs = &[("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"), ("Content-Length", "13")];
const FORM_SIGNED: &str = "content-length;content-type;host;x-amz-content-sha256;x-amz-date";

#[rustfmt::skip]
const BY_HEADER: &[Vector] = &[
    ("get-vanilla", "GET", "", &[], "host;x-amz-date", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("post-vanilla", "POST", "", &[], "host;x-amz-date", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ("get-header-key-duplicate", "GET", "", &[("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
        "host;my-header1;x-amz-date", "", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
    ("get-header-value-trim", "GET", "", &[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
        "host;my-header1;my-header2;x-amz-date", "", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
    ("get-vanilla-query-order-encoded", "GET", "Param-3=Value3&Param=Value2&%E1%88%B4=Value1", &[], "host;x-amz-date", "",
        "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"),
    ("get-vanilla-query-order-key-case", "GET", "Param2=value2&Param1=value1", &[], "host;x-amz-date", "",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ("post-x-www-form-urlencoded-parameters", "POST", "", FORM, FORM_SIGNED, "Param1=value1",
        "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422"),
];

/// Name, query, more headers, signed headers, signature.
#[rustfmt::skip]
const PRESIGNED: &[(&str, &str, Pairs, &str, &str)] = &[
    ("get-vanilla", "", &[], "host", "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d"),
    ("get-header-key-duplicate", "", &[("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
        "host%3Bmy-header1", "3349ee0b81b4b589da0ff28a395c3591e04de515651dd74f298fa992d1507a97"),
    ("get-header-value-trim", "", &[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
        "host%3Bmy-header1%3Bmy-header2", "e7bb0fd515e125e1aec2ecc4c0c17484fb06f6846b927c35e46005dd3df3acd4"),
    ("get-vanilla-query-order-encoded", "Param-3=Value3&Param=Value2&%E1%88%B4=Value1&", &[], "host",
        "c5f1848ceec943ac2ca68ee720460c23aaae30a2300586597ada94c4a65e4787"),
];

fn message<'b>(method: &'b str, query: &'b str, headers: &[(&'b str, &'b str)], body: &'b str) -> Message<'b> {
    let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    let (headers, body) = (Headers::new(headers), Cow::Borrowed(body.as_bytes()));
    Message { method, path: "/", query, headers, body, keep_alive: true }
}

/// Checks a message some seconds after the moment of the vectors.
fn verify_after(seconds: i64, service: &str, message: &Message<'_>) -> Result<(), Invalid> {
    let moment = parse_date(DATE).expect("a date");
    let second = Duration::from_secs(seconds.unsigned_abs());
    let now = if seconds < 0 { moment.before(second) } else { moment.after(second) };
    let check = Check { now, skew: Duration::from_secs(300), service: Some(service) };
    Claim::read(message)?.verify(message, &Credentials::key(KEY, SECRET), &check)
}

fn authorization(signed: &str, signature: &str) -> String {
    format!("AWS4-HMAC-SHA256 Credential={KEY}/{SCOPE}, SignedHeaders={signed}, Signature={signature}")
}

fn presigned(query: &str, signed: &str, signature: &str) -> String {
    let scope = SCOPE.replace('/', "%2F");
    format!(
        "{query}X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={KEY}%2F{scope}&X-Amz-Date={DATE}\
         &X-Amz-SignedHeaders={signed}&X-Amz-Expires=3600&X-Amz-Signature={signature}"
    )
}

#[test]
fn signatures_in_a_header_are_those_of_the_test_suite() {
    let hash = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";
    for (name, method, query, more, signed, body, signature) in BY_HEADER {
        let authorization = authorization(signed, signature);
        let mut headers = vec![HOST, ("X-Amz-Date", DATE), ("Authorization", authorization.as_str())];
        headers.extend_from_slice(more);
        headers.push(("X-Amz-Content-Sha256", hash));
        assert_eq!(verify_after(0, "service", &message(method, query, &headers, body)), Ok(()), "{name}");
        // Whatever is changed is noticed: the method, the body, the query, a header.
        let other = if *method == "GET" { "POST" } else { "GET" };
        let more = format!("{query}&a=b");
        headers[0].1 = "example.amazonaws.com:80";
        let elsewhere = message(method, query, &headers, body);
        assert_eq!(verify_after(0, "service", &elsewhere), Err(Invalid::Mismatch), "{name}");
        headers[0] = HOST;
        for changed in [
            message(other, query, &headers, body),
            message(method, &more, &headers, body),
            message(method, query, &headers, "Param1=value2"),
        ] {
            assert_eq!(verify_after(0, "service", &changed), Err(Invalid::Mismatch), "{name}");
        }
    }
}

#[test]
fn presigned_requests_are_those_of_the_test_suite() {
    for (name, query, more, signed, signature) in PRESIGNED {
        let query = presigned(query, signed, signature);
        let mut headers = vec![HOST];
        headers.extend_from_slice(more);
        let message = message("GET", &query, &headers, "");
        assert_eq!(verify_after(3_600, "service", &message), Ok(()), "{name}");
        assert!(matches!(verify_after(3_601, "service", &message), Err(Invalid::Expired(_))), "{name}");
        assert!(matches!(verify_after(-301, "service", &message), Err(Invalid::Expired(_))), "{name}");
    }
}

#[test]
fn what_is_wrong_with_a_signature_is_said() {
    let (_, _, _, _, signed, _, signature) = BY_HEADER[0];
    let good = authorization(signed, signature);
    let verify = |seconds, service, authorization: &str, date| {
        let headers = [HOST, ("X-Amz-Date", date), ("Authorization", authorization)];
        verify_after(seconds, service, &message("GET", "", &headers, ""))
    };
    let incomplete = |words: &str| Err(Invalid::Incomplete(words.to_owned()));
    assert_eq!(verify(300, "service", &good, DATE), Ok(()));
    assert_eq!(verify(-300, "service", &good, DATE), Ok(()));
    assert_eq!(
        verify(301, "service", &good, DATE),
        Err(Invalid::Expired(
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"
                .into()
        ))
    );
    assert_eq!(
        verify(-301, "service", &good, DATE),
        Err(Invalid::Expired(
            "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)"
                .into()
        ))
    );
    assert_eq!(
        verify(0, "ec2", &good, DATE),
        Err(Invalid::Scope("Credential should be scoped to correct service: 'ec2'.".into()))
    );
    assert_eq!(
        verify(0, "service", &good.replace("/20150830/", "/20150831/"), DATE),
        Err(Invalid::Scope(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150831' != \
             '20150830', from '20150830T123600Z'."
                .into()
        ))
    );
    assert_eq!(verify(0, "service", &good.replace("AKIDEXAMPLE", "AKIDOTHER"), DATE), Err(Invalid::UnknownKey));
    assert_eq!(verify(0, "service", &good.replace("5fa00", "5fa01"), DATE), Err(Invalid::Mismatch));
    assert_eq!(verify(0, "service", &good.replace("5fa00", "x"), DATE), Err(Invalid::Mismatch));
    assert_eq!(verify(0, "service", &good.replace("us-east-1", "us-east-2"), DATE), Err(Invalid::Mismatch));
    let date = "2015-08-30T12:36:00Z";
    assert_eq!(
        verify(0, "service", &good, date),
        incomplete(
            "Date must be in ISO-8601 'basic format'. Got '2015-08-30T12:36:00Z'. See http://en.wikipedia.org/wiki/ISO_8601"
        )
    );
    assert_eq!(
        verify(0, "service", "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/service/aws4_request", DATE),
        incomplete(
            "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. \
             Authorization=AWS4-HMAC-SHA256"
        )
    );
    assert_eq!(
        verify(0, "service", &good.replace("/service", ""), DATE),
        incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
             'AKIDEXAMPLE/20150830/us-east-1/aws4_request'"
        )
    );
    assert_eq!(verify(0, "service", "Bearer x", DATE), incomplete("Unsupported AWS 'algorithm': 'Bearer'."));
    assert_eq!(
        verify(0, "service", &good.replace("host;", ""), DATE),
        incomplete("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    );
    assert_eq!(verify_after(0, "service", &message("GET", "", &[HOST], "")), Err(Invalid::Missing));
}
