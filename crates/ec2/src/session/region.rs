//! Names of regions: enough to find typing mistakes before or after a call.

use crate::Error;

/// Regions of AWS's commercial, China and GovCloud partitions. One that is not here may be newer than vpcrun: the list
/// gives advice and refuses nothing. Source: "Service endpoints and quotas" of Amazon EC2 in the AWS General Reference.
const KNOWN: [&str; 38] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// Refuses what cannot be a region's name, before it becomes a part of a host's.
///
/// # Errors
///
/// [`Error::Region`].
pub fn check_region(name: &str) -> Result<(), Error> {
    let mut parts = name.split('-');
    let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
    if parts.clone().count() >= 3 && parts.all(word) {
        return Ok(());
    }
    Err(Error::Region { name: name.to_owned() })
}

pub(crate) fn is_known(name: &str) -> bool {
    KNOWN.contains(&name)
}

/// The known region that differs least from `name`, if it is close.
pub(crate) fn similar_to(name: &str) -> Option<&'static str> {
    const FARTHEST: usize = 3;
    let distance = |known: &&str| strsim::damerau_levenshtein(known, name);
    KNOWN.into_iter().min_by_key(distance).filter(|known| distance(known) <= FARTHEST)
}

/// The region in the name of a host of AWS: `https://sts.ap-northeast-1.amazonaws.com`.
pub(crate) fn of_endpoint(endpoint: &str) -> Option<&str> {
    let (_, host) = endpoint.split_once("://")?;
    let host = host.strip_suffix(".cn").unwrap_or(host);
    host.strip_suffix(".amazonaws.com")?.rsplit('.').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_names_are_told_from_typing_mistakes() {
        for good in KNOWN.into_iter().chain(["eu-isoe-west-1", "xx-new-9"]) {
            assert!(check_region(good).is_ok(), "{good}");
        }
        for bad in ["", "tokyo", "ap-northeast1", "ap--1", "http://x-y-z"] {
            assert_eq!(check_region(bad).expect_err(bad).code(), "Region");
        }
    }

    #[test]
    fn a_mistyped_region_has_a_similar_one_and_a_strange_one_none() {
        for (name, similar) in [
            ("ap-northeast1", Some("ap-northeast-1")),
            ("ap-norhteast-1", Some("ap-northeast-1")),
            ("us-eest-1", Some("us-east-1")),
            ("tokyo", None),
        ] {
            assert_eq!(similar_to(name), similar, "{name}");
        }
    }

    #[test]
    fn an_unreachable_host_of_aws_gives_advice_about_its_region() {
        let hint = |endpoint: &str| {
            let error = Error::Connection { endpoint: endpoint.into(), source: "no such host".into() };
            error.hint().expect("advice")
        };
        let unknown = hint("https://sts.ap-norhteast-1.amazonaws.com");
        assert_eq!(unknown, "vpcrun knows no region ap-norhteast-1: did you mean ap-northeast-1?");
        assert!(hint("https://ec2.cn-north-1.amazonaws.com.cn").contains("a way to the internet"));
        assert!(hint("http://127.0.0.1:5000").contains("see that the target runs"));
    }
}
