//! Refusals and shapes of key pairs, images and instance types. Each row says where its wording is from: `stackd` is a recording on
//! AWS (radkawar/stackd, testdata/aws/ec2), `quoted` an AWS answer that someone quotes in public, `[k]` is believed only.

use crate::{coverage, shapes};
use vpcrun_emulator::{Options, Request, Response, World};

fn world() -> World {
    World::in_memory(Options { seed: Some(1), ..Options::default() })
}

fn ask_in(world: &World, region: &str, body: &str) -> Response {
    let response = world.handle(&Request { region: region.to_owned(), body: body.to_owned() });
    shapes::judge(body, &response);
    if response.status == 200 {
        coverage::answered(body, &response.body);
    }
    response
}

fn ask(world: &World, body: &str) -> Response {
    ask_in(world, "ap-northeast-1", body)
}

/// The answer of a request that has to succeed.
fn ok(world: &World, body: &str) -> String {
    let response = ask(world, body);
    assert_eq!(response.status, 200, "{body}: {}", response.body);
    response.body
}

/// The text of the first element of this name.
fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let start = xml.find(&open).unwrap_or_else(|| panic!("no {name} in {xml}")) + open.len();
    &xml[start..start + xml[start..].find(&close).expect("an end tag")]
}

/// The names of the elements in an answer's first item, or in the answer itself, in order and without nesting.
fn members(xml: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut depth = 0;
    for tag in xml.split('<').skip(1) {
        let name = tag.split(['>', ' ']).next().expect("a name");
        if name.starts_with('/') {
            depth -= 1;
        } else if !name.starts_with('?') {
            if depth == 0 {
                names.push(name.trim_end_matches('/'));
            }
            depth += usize::from(!tag.split('>').next().expect("a tag").ends_with('/')) as i32;
        }
    }
    names
}

fn percent_encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

const RSA: &str = "c3NoLXJzYSBBQUFBQjNOemFDMXljMkVBQUFBREFRQUJBQUFBUVFDQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQVFBQg==";
const ED25519: &str =
    "c3NoLWVkMjU1MTkgQUFBQUMzTnphQzFsWkRJMU5URTVBQUFBSU1kdXZXQTdRMzVRVkxCZXozMEVJSDdxWGd5SGptVXFRZ0I2K0tsajdvTTE=";

fn import(name: &str, material: &str) -> String {
    format!("Action=ImportKeyPair&KeyName={name}&PublicKeyMaterial={}", percent_encode(material))
}

#[test]
fn refusals_have_awss_code_and_words() {
    let world = world();
    ok(&world, "Action=CreateKeyPair&KeyName=taken&KeyType=ed25519");
    let long = "x".repeat(256);
    let pem = "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUNvd0JRWURLMlZ3QXlFQXgyNjlZRHREZmxCVXNGN1BmUVFnZnVwZURJZU9aU3BDQUhyNHFXUHVnelU9Ci0tLS0tRU5EIFBVQkxJQyBLRVktLS0tLQo=";
    let ecdsa = "ZWNkc2Etc2hhMi1uaXN0cDI1NiBBQUFBRTJWalpITmhMWE5vWVRJdGJtbHpkSEF5TlRZQUFBQUlibWx6ZEhBeU5UWUFBQUJCQk0zbjUvODh1UkNQby9RQ3lOS2pPV3JDamFMdWRna3VybjZPQUNEMHF4UytRaXVvVFBEdlNlMkU5M2EyYTdMYVNyQXpwSnBpMU9RVWFscjA3am1rRDA9";
    let too_long = "QUFB".repeat(683);
    let format = "Key is not in valid OpenSSH public key format";
    let rows: Vec<(String, &str, String, &str)> = [
        ("CreateKeyPair", "MissingParameter", "The request must contain the parameter KeyName", "stackd"),
        ("CreateKeyPair&KeyName=", "MissingParameter", "The request must contain the parameter KeyName", "stackd"),
        (&format!("CreateKeyPair&KeyName={long}"), "InvalidParameterValue", "Value for parameter KeyName is invalid. Length exceeds maximum of 255.", "stackd"),
        ("CreateKeyPair&KeyName=+space", "InvalidParameterValue", "Invalid value ' space' for keyName. It should be trimmed", "stackd"),
        ("CreateKeyPair&KeyName=new%0Aname", "InvalidParameterValue", "Value for parameter new\nname is invalid. KeyName", "stackd"),
        ("CreateKeyPair&KeyName=%C3%A9", "InvalidParameterValue", "Value for parameter KeyName is invalid. Character sets beyond ASCII are not supported.", "stackd"),
        ("CreateKeyPair&KeyName=a&KeyType=ecdsa", "InvalidParameterValue", "1 validation error detected: Value 'ecdsa' at 'keyType' failed to satisfy constraint: Member must satisfy enum value set: [rsa, ed25519]", "stackd"),
        ("CreateKeyPair&KeyName=a&KeyFormat=der", "InvalidParameterValue", "1 validation error detected: Value 'der' at 'keyFormat' failed to satisfy constraint: Member must satisfy enum value set: [ppk, pem]", "stackd"),
        ("CreateKeyPair&KeyName=a&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=x", "InvalidParameterValue", "'instance' is not a valid taggable resource type for this operation.", "stackd"),
        ("CreateKeyPair&KeyName=taken", "InvalidKeyPair.Duplicate", "The keypair already exists", "stackd"),
        ("ImportKeyPair&KeyName=taken&PublicKeyMaterial=YmFk", "InvalidKeyPair.Duplicate", "The keypair already exists", "stackd: before the key is looked at"),
        ("ImportKeyPair&KeyName=a&PublicKeyMaterial=", "MissingParameter", "The request must contain the parameter PublicKeyMaterial", "stackd"),
        (&import("a", "bm90IGEgcHVibGljIGtleQ==").replace("Action=", ""), "InvalidKey.Format", format, "stackd"),
        (&import("a", pem).replace("Action=", ""), "InvalidKey.Format", format, "stackd: PEM"),
        (&import("a", ecdsa).replace("Action=", ""), "InvalidKey.Format", format, "stackd"),
        (&import("a", "MCowBQYDK2VwAyEAx269YDtDflBUsF7PfQQgfupeDIeOZSpCAHr4qWPugzU=").replace("Action=", ""), "InvalidParameterValue", "Value for parameter PublicKeyMaterial is invalid. Character sets beyond ASCII are not supported.", "stackd: DER"),
        (&import("a", &too_long).replace("Action=", ""), "InvalidParameterValue", "Value for parameter PublicKeyMaterial is invalid. Length exceeds maximum of 2048.", "stackd"),
        ("DescribeKeyPairs&KeyName.1=missing", "InvalidKeyPair.NotFound", "The key pair 'missing' does not exist", "stackd"),
        ("DescribeKeyPairs&KeyName.1=taken&KeyName.2=missing", "InvalidKeyPair.NotFound", "The key pair 'missing' does not exist", "stackd"),
        ("DescribeKeyPairs&KeyName.1=", "InvalidParameterValue", "Invalid value '' for keyPairNames. It should not be blank", "stackd"),
        ("DescribeKeyPairs&KeyPairId.1=bad", "InvalidParameterValue", "Invalid value 'bad' for keyPairId.", "stackd"),
        ("DescribeKeyPairs&KeyPairId.1=key-0123456789abcdef0", "InvalidParameterValue", "Invalid value 'key-0123456789abcdef0' for keyPairId.", "stackd"),
        ("DescribeKeyPairs&KeyName.1=taken&KeyPairId.1=key-00000000000000000", "InvalidParameterCombination", "The parameter 'keyPairId' may not be used in combination with 'keyName'", "stackd"),
        ("DescribeKeyPairs&Filter.1.Name=key-type&Filter.1.Value.1=rsa", "InvalidParameterValue", "The filter 'key-type' is invalid", "stackd"),
        ("DeleteKeyPair", "MissingParameter", "KeyName or KeyPairId must be provided", "stackd"),
        ("DeleteKeyPair&KeyPairId=bad", "InvalidParameterValue", "Value for parameter keyPairId is invalid.", "stackd"),
        ("DeleteKeyPair&KeyPairId=key-00000000000000000", "InvalidParameterValue", "Invalid value 'key-00000000000000000' for keyPairId.", "stackd"),
        ("CreateTags&ResourceId.1=key-0123456789abcdef0&Tag.1.Key=a", "InvalidKeyPair.NotFound", "The keyPair ID 'key-0123456789abcdef0' does not exist", "[k]"),
        ("DescribeImages&ImageId.1=ami-0123456789abcdef0", "InvalidAMIID.NotFound", "The image id '[ami-0123456789abcdef0]' does not exist", "moto, verified on AWS"),
        ("DescribeImages&ImageId.1=ami-0123456789abcdef0&ImageId.2=ami-12345678", "InvalidAMIID.NotFound", "The image ids '[ami-0123456789abcdef0, ami-12345678]' do not exist", "moto, verified on AWS"),
        ("DescribeImages&ImageId.1=image", "InvalidAMIID.Malformed", "Invalid id: \"image\" (expecting \"ami-...\")", "moto, verified on AWS"),
        ("DescribeImages&ImageId.1=ami-00000000000000000", "InvalidAMIID.Malformed", "Invalid id: \"ami-00000000000000000\"", "stackd"),
        ("DescribeImages&ImageId.1=resolve:ssm:/a", "InvalidAMIID.Malformed", "Invalid id: \"resolve:ssm:/a\" (expecting \"ami-...\")", "quoted: hashicorp/terraform-provider-aws#43488"),
        ("DescribeImages&MaxResults=1", "InvalidParameterValue", "Invalid value '1' for maxResults. Expecting a value greater than 5.", "stackd"),
        ("DescribeImages&MaxResults=1001", "InvalidParameterValue", "Invalid value '1001' for maxResults. Expecting a value less than 1000.", "[k]"),
        ("DescribeImages&MaxResults=5&ImageId.1=ami-00000000000000000", "InvalidParameterCombination", "The parameter imageIdsSet cannot be used with the parameter maxResults", "stackd"),
        ("DescribeImages&Owner.1=nobody", "InvalidUserID.Malformed", "Invalid user id: \"nobody\"", "[k]"),
        ("DescribeImages&Filter.1.Name=colour&Filter.1.Value.1=red", "InvalidParameterValue", "The filter 'colour' is invalid", "stackd, of other actions"),
        ("DescribeInstanceTypes&InstanceType.1=t3.nano&InstanceType.2=stackd.invalid", "InvalidInstanceType", "The following supplied instance types do not exist: [stackd.invalid]", "stackd"),
        ("DescribeInstanceTypes&MaxResults=101", "InvalidParameterValue", "Value ( 101 ) for parameter MaxResults is invalid. Expecting a value less than or equal to 100.", "[k]"),
        ("DescribeInstanceTypeOfferings&LocationType=planet", "InvalidParameterValue", "1 validation error detected: Value 'planet' at 'locationType' failed to satisfy constraint: Member must satisfy enum value set: [region, availability-zone, availability-zone-id, outpost]", "[k]"),
    ]
    .map(|(request, code, message, source)| (format!("Action={request}"), code, message.to_owned(), source))
    .into();
    for (request, code, message, source) in rows {
        let response = ask(&world, &request);
        assert_eq!(response.status, 400, "{request}: {}", response.body);
        let words = element(&response.body, "Message").replace("&quot;", "\"").replace("&apos;", "'");
        assert_eq!((element(&response.body, "Code"), words.as_str()), (code, message.as_str()), "{request} ({source})");
        coverage::refused(&request, code, &message, source);
        let dry = ask(&world, &format!("{request}&DryRun=true"));
        // The one enum here that is read before DryRun is looked at.
        if !request.contains("LocationType") {
            assert_eq!(element(&dry.body, "Code"), "DryRunOperation", "{request} ({source})");
        }
    }
    // Nothing that was refused left anything behind.
    assert_eq!(ok(&world, "Action=DescribeKeyPairs").matches("<item>").count(), 1);
}

#[test]
fn a_created_pair_shows_its_private_key_once() {
    let world = world();
    for (key_type, begin) in
        [("rsa", "-----BEGIN RSA PRIVATE KEY-----"), ("ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----")]
    {
        let tag =
            "TagSpecification.1.ResourceType=key-pair&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b";
        let made = ok(&world, &format!("Action=CreateKeyPair&KeyName=my+{key_type}&KeyType={key_type}&{tag}"));
        let inner = element(&made, "requestId").len();
        assert_eq!(inner, 36);
        assert!(element(&made, "keyMaterial").starts_with(begin), "{key_type}");
        let body = &made[made.find("<requestId>").expect("a request id")..];
        let expected = ["requestId", "keyName", "keyFingerprint", "keyMaterial", "keyPairId", "tagSet"];
        assert_eq!(members(body.rsplit_once("</").expect("an end").0), expected);

        let id = element(&made, "keyPairId");
        let described = ok(&world, &format!("Action=DescribeKeyPairs&KeyPairId.1={id}"));
        let item = element(&described, "keySet");
        let item = item.strip_prefix("<item>").and_then(|item| item.strip_suffix("</item>")).expect("one item");
        assert_eq!(members(item), ["keyName", "keyPairId", "keyFingerprint", "keyType", "createTime", "tagSet"]);
        assert_eq!(element(item, "keyFingerprint"), element(&made, "keyFingerprint"));
        let described = ok(&world, &format!("Action=DescribeKeyPairs&KeyName.1=my+{key_type}&IncludePublicKey=true"));
        let public = element(&described, "publicKey");
        assert!(public.starts_with("ssh-") && public.ends_with(&format!(" my {key_type}\n")), "{public}");
        assert!(!described.contains("PRIVATE"));
    }
    let ppk = ok(&world, "Action=CreateKeyPair&KeyName=putty&KeyType=ed25519&KeyFormat=ppk");
    assert!(
        element(&ppk, "keyMaterial")
            .starts_with("PuTTY-User-Key-File-2: ssh-ed25519\nEncryption: none\nComment: putty\n")
    );
    assert!(!ppk.contains("tagSet"), "an answer without tags has no tagSet");
}

#[test]
fn a_private_key_is_not_in_debug_output() {
    let world = world();
    let response = ask(&world, "Action=CreateKeyPair&KeyName=a");
    assert!(response.body.contains("PRIVATE KEY"));
    let debug = format!("{response:?} {world:?}");
    assert!(!debug.contains("PRIVATE KEY"), "{debug}");
}

#[test]
fn an_imported_pair_has_awss_fingerprint() {
    let world = world();
    // 512 bits: AWS takes any length. All three answers are recorded in stackd.
    let made = ok(&world, &import("rsa", RSA));
    assert_eq!(element(&made, "keyFingerprint"), "34:38:83:18:89:df:de:bc:68:7a:99:4b:28:1b:de:e7");
    let body = &made[made.find("<requestId>").expect("a request id")..];
    assert_eq!(
        members(body.rsplit_once("</").expect("an end").0),
        ["requestId", "keyName", "keyPairId", "keyFingerprint"]
    );
    let made = ok(&world, &import("ed25519", ED25519));
    assert_eq!(element(&made, "keyFingerprint"), "HMXWyhG4gbktWdKgkzX/THR2+GMkRLG8rKsKj1oW86k=");
    let described = ok(&world, "Action=DescribeKeyPairs&KeyName.1=ed25519&IncludePublicKey=true");
    let public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMduvWA7Q35QVLBez30EIH7qXgyHjmUqQgB6+Klj7oM1 ed25519\n";
    assert_eq!(element(&described, "publicKey"), public);
    assert!(described.contains("<tagSet/>"));
}

#[test]
fn key_pairs_are_deleted_by_name_or_id_and_their_names_are_free_again() {
    let world = world();
    let id = |xml: &str| element(xml, "keyPairId").to_owned();
    let first = id(&ok(&world, &import("first", ED25519)));
    let second = id(&ok(&world, &import("second", ED25519)));
    assert!(ok(&world, "Action=DeleteKeyPair&KeyName=missing").contains("</requestId><return>true</return></Delete"));
    // The id wins over the name.
    assert!(ok(&world, &format!("Action=DeleteKeyPair&KeyName=first&KeyPairId={second}")).contains(&second));
    // A repeated request is as good as the first; the pair of that name stays.
    assert!(!ok(&world, &format!("Action=DeleteKeyPair&KeyName=first&KeyPairId={second}")).contains("keyPairId"));
    assert_eq!(id(&ok(&world, "Action=DeleteKeyPair&KeyName=first")), first);
    assert!(ok(&world, "Action=DescribeKeyPairs").contains("<keySet/>"));
    ok(&world, &import("first", ED25519));
    // Other regions have their own names.
    let elsewhere = ask_in(&world, "us-east-1", &import("first", ED25519));
    assert_eq!(elsewhere.status, 200, "{}", elsewhere.body);
}

#[test]
fn key_pairs_are_filtered() {
    let world = world();
    ok(
        &world,
        &format!(
            "{}&TagSpecification.1.ResourceType=key-pair&TagSpecification.1.Tag.1.Key=suite&TagSpecification.1.Tag.1.Value=x",
            import("my-a", ED25519)
        ),
    );
    ok(&world, &import("my-b", RSA));
    let count = |name: &str, value: &str| {
        let request = format!("Action=DescribeKeyPairs&Filter.1.Name={name}&Filter.1.Value.1={value}");
        ok(&world, &request).matches("<keyName>").count()
    };
    assert_eq!(count("key-name", "my-*"), 2);
    assert_eq!(count("fingerprint", "34:38:83:18:89:df:de:bc:68:7a:99:4b:28:1b:de:e7"), 1);
    assert_eq!(
        (count("tag:suite", "x"), count("tag-key", "suite"), count("tag-value", "x"), count("tag-value", "y")),
        (1, 1, 1, 0)
    );
}

#[test]
fn images_are_the_same_in_every_world_and_others_in_every_region() {
    let find = |world: &World, region: &str| {
        let filter = "Filter.1.Name=name&Filter.1.Value.1=al2023-ami-2023.*-x86_64&Owner.1=amazon";
        let xml = ask_in(world, region, &format!("Action=DescribeImages&{filter}")).body;
        assert_eq!(xml.matches("<imageId>").count(), 1, "{xml}");
        element(&xml, "imageId").to_owned()
    };
    let (one, other) = (world(), World::in_memory(Options { seed: Some(2), ..Options::default() }));
    assert_eq!(find(&one, "ap-northeast-1"), find(&other, "ap-northeast-1"));
    assert_ne!(find(&one, "ap-northeast-1"), find(&one, "us-east-1"));
    // Scripts may rely on the id: it must not change from one version of vpcrun to the next.
    assert_eq!(find(&one, "ap-northeast-1"), "ami-0444b1cb9ad7a950a");
}

#[test]
fn images_are_selected_by_owner_architecture_and_permission() {
    let world = world();
    let count =
        |parameters: &str| ok(&world, &format!("Action=DescribeImages&{parameters}")).matches("<imageId>").count();
    let all = count("Owner.1=amazon");
    assert!(all >= 8);
    assert_eq!(count("Owner.1=137112412989") + count("Owner.1=099720109477"), all);
    assert_eq!(count("ExecutableBy.1=all"), all);
    assert_eq!(count("Owner.1=self") + count("Owner.1=aws-marketplace") + count("ExecutableBy.1=self"), 0);
    let architecture = |name: &str| count(&format!("Filter.1.Name=architecture&Filter.1.Value.1={name}"));
    assert_eq!(architecture("x86_64") + architecture("arm64"), all);
    assert_eq!(
        count(
            "Filter.1.Name=name&Filter.1.Value.1=ubuntu/images/*24.04*&Filter.2.Name=architecture&Filter.2.Value.1=arm64"
        ),
        1
    );
    assert_eq!(count("IncludeDeprecated=true&IncludeDisabled=false"), all);
    assert_eq!(count("Filter.1.Name=tag:Name&Filter.1.Value.1=*"), 0);

    let first = ok(&world, "Action=DescribeImages&MaxResults=5");
    assert_eq!(first.matches("<imageId>").count(), 5);
    let rest = ok(&world, &format!("Action=DescribeImages&NextToken={}", element(&first, "nextToken")));
    assert_eq!(rest.matches("<imageId>").count(), all - 5);
}

#[test]
fn instance_types_have_awss_figures() {
    let world = world();
    let xml = ok(&world, "Action=DescribeInstanceTypes&InstanceType.1=t3.micro");
    let figures = [
        "currentGeneration",
        "freeTierEligible",
        "hypervisor",
        "defaultVCpus",
        "defaultCores",
        "sizeInMiB",
        "maximumNetworkInterfaces",
        "ipv4AddressesPerInterface",
        "burstablePerformanceSupported",
    ];
    let found = figures.map(|name| element(&xml, name));
    assert_eq!(found, ["true", "true", "nitro", "2", "1", "1024", "2", "2", "true"]);
    let xml = ok(
        &world,
        "Action=DescribeInstanceTypes&Filter.1.Name=processor-info.supported-architecture&Filter.1.Value.1=arm64&Filter.2.Name=instance-type&Filter.2.Value.1=m7g.*",
    );
    assert_eq!(xml.matches("<instanceType>").count(), 4);
}

#[test]
fn instance_types_are_offered_where_aws_offers_them() {
    let world = world();
    let count = |region: &str, parameters: &str| {
        let xml = ask_in(&world, region, &format!("Action=DescribeInstanceTypeOfferings&{parameters}")).body;
        xml.matches("<location>").count()
    };
    let micro = "Filter.1.Name=instance-type&Filter.1.Value.1=t2.micro";
    assert_eq!((count("ap-northeast-1", micro), count("eu-north-1", micro)), (1, 0));
    assert_eq!(count("ap-northeast-1", &format!("LocationType=availability-zone&{micro}")), 4);
    let zone = "Filter.2.Name=location&Filter.2.Value.1=apne1-az4";
    assert_eq!(count("ap-northeast-1", &format!("LocationType=availability-zone-id&{micro}&{zone}")), 1);
    let missing = ask_in(&world, "eu-north-1", "Action=DescribeInstanceTypes&InstanceType.1=t2.micro");
    assert_eq!(element(&missing.body, "Code"), "InvalidInstanceType");
    let known = "Action=DescribeInstanceTypes&InstanceType.1=t2.micro&IncludeUnsupportedInRegion=true";
    assert_eq!(element(&ask_in(&world, "eu-north-1", known).body, "supportedInRegion"), "false");
}
