//! Keys against other programs: `testdata` holds a key that ssh-keygen made and that nothing uses; fingerprints are openssl's,
//! as the EC2 User Guide tells to compute them, or recorded on AWS; the PPK file is puttygen's.

use base64::prelude::{BASE64_STANDARD, Engine};
use rsa::pkcs1::DecodeRsaPrivateKey;
use zeroize::Zeroizing;

use super::private_key::PrivateKey;
use super::public_key::PublicKey;
use super::{KeyFormat, KeyType};

const RSA_PEM: &str = include_str!("testdata/rsa.key");
const RSA_PUB: &str = include_str!("testdata/rsa.pub");
const RSA_PPK: &str = include_str!("testdata/rsa.ppk");
/// `openssl pkcs8 -in rsa.key -inform PEM -outform DER -topk8 -nocrypt | openssl sha1 -c`
const RSA_CREATED: &str = "aa:0b:39:9d:5d:43:b9:6d:5f:76:16:c9:42:0a:cd:ed:ae:71:33:de";
/// `openssl rsa -in rsa.key -pubout -outform DER | openssl md5 -c`
const RSA_IMPORTED: &str = "06:ef:5a:b0:52:b0:e5:e0:f7:c2:f5:96:7b:7e:b8:77";

fn rsa_key() -> PrivateKey {
    let key = rsa::PrivateKey::from_pkcs1_pem(RSA_PEM).expect("a key of ssh-keygen");
    PrivateKey::from_rsa(&key).expect("encodes")
}

/// The public half of a private key in a file, as ssh-keygen sees it; `None` where there is no ssh-keygen.
fn ssh_keygen_public(text: &str) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let name = format!("vpcrun-key-{}-{:?}", std::process::id(), std::thread::current().id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, text).expect("writes");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("sets the mode");
    let output = std::process::Command::new("ssh-keygen").args(["-y", "-P", "", "-f"]).arg(&path).output();
    std::fs::remove_file(&path).expect("removes");
    let output = output.ok()?;
    assert!(output.status.success(), "ssh-keygen refuses the key: {}", String::from_utf8_lossy(&output.stderr));
    let line = String::from_utf8(output.stdout).expect("text");
    Some(line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
}

#[test]
fn an_rsa_key_has_the_fingerprint_that_openssl_computes() {
    assert_eq!(rsa_key().fingerprint().expect("a fingerprint"), RSA_CREATED);
    let imported = PublicKey::parse(RSA_PUB).expect("a public key");
    assert_eq!(imported.fingerprint().expect("a fingerprint"), RSA_IMPORTED);
    assert_eq!(imported, rsa_key().public_key);
}

#[test]
fn an_rsa_key_is_written_as_ssh_keygen_and_puttygen_write_it() {
    let key = rsa_key();
    assert_eq!(key.to_text(KeyFormat::Pem, "name").expect("a PEM").as_str(), RSA_PEM.trim_end());
    assert_eq!(key.to_text(KeyFormat::Ppk, "name").expect("a PPK").as_str(), RSA_PPK);
}

/// The vector is PuTTY's own (test/cryptsuite.py, testPPKLoadSave).
#[test]
fn an_ed25519_key_is_written_as_putty_writes_it() {
    let blob = BASE64_STANDARD.decode("AAAAIGvvIpl8jyqn8Xufkw6v3FnEGtXF3KWw55AP3/AGEBpY").expect("base64");
    let seed: [u8; 32] = blob[4..].try_into().expect("32 bytes");
    let key = PrivateKey::from_seed(Zeroizing::new(seed));
    let expected = "PuTTY-User-Key-File-2: ssh-ed25519\nEncryption: none\nComment: ed25519-key-20200105\n\
                    Public-Lines: 2\nAAAAC3NzaC1lZDI1NTE5AAAAIHJCszOHaI9X/yGLtjn22f0hO6VPMQDVtctkym6F\nJH1W\n\
                    Private-Lines: 1\nAAAAIGvvIpl8jyqn8Xufkw6v3FnEGtXF3KWw55AP3/AGEBpY\n\
                    Private-MAC: 2a629acfcfbe28488a1ba9b6948c36406bc28422\n";
    assert_eq!(key.to_text(KeyFormat::Ppk, "ed25519-key-20200105").expect("a PPK").as_str(), expected);
}

#[test]
fn ssh_keygen_reads_what_is_made_here() {
    for key_type in [KeyType::Rsa, KeyType::Ed25519] {
        let key = PrivateKey::generate(key_type).expect("a key");
        let pem = key.to_text(KeyFormat::Pem, "").expect("a PEM");
        let Some(public) = ssh_keygen_public(&pem) else { return };
        assert_eq!(public, key.public_key.to_openssh(), "{key_type:?}");
    }
}

/// Keys and fingerprints recorded on AWS (radkawar/stackd, testdata/aws/ec2/key_pairs.json).
#[test]
fn fingerprints_are_those_of_aws() {
    let recorded = [
        (
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDPdLiuIZFRggfQLcwdudVinG1cFTm365uurK22eyXyAzlEC5ExdKwaOevJsuvuVw1lQVCWY8HX92w230G8lWMD5eHiqG4Rh9kmkSTj8Lvr2NZIoqi4bYiZ1b5eoswgfKN8wDsULdpuPQl1MhPRnkDeyU8PIAm7KQxxxmqw6h3jKKmEpfUxaRjvr/22loTwH3pEF3LrQDKbQanIbtjA2MhHRN47P5fFVBuYt4aeH+c5ksYZbRaR77BlP+4SbDQw688YIB0Fp5kAKcJ43zbxIVBvTVbSBCBTDus2wkjdEWmOmOx0Lx4/0Zjvis/Quurb8+TiOOXGvTL26A5GESb6Uswl owned comment\n",
            "9a:c9:9c:35:5b:af:8d:2c:1a:6a:61:b3:06:eb:e5:25",
        ),
        (
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMduvWA7Q35QVLBez30EIH7qXgyHjmUqQgB6+Klj7oM1",
            "HMXWyhG4gbktWdKgkzX/THR2+GMkRLG8rKsKj1oW86k=",
        ),
        (
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIIRGSddLuiVl/GOw0Dp5qWTswtUtUBJNpzS8zyLNhoY",
            "uD/cUEgNe5PmOWBUh69pdxNoBd7Tir4ottSlQJy62y8=",
        ),
    ];
    for (line, fingerprint) in recorded {
        let key = PublicKey::parse(line).expect(line);
        assert_eq!(key.fingerprint().expect("a fingerprint"), fingerprint);
    }
}

#[test]
fn other_forms_of_a_public_key_are_taken_or_not_as_on_aws() {
    let key = PublicKey::parse(RSA_PUB).expect("a public key");
    let blob = RSA_PUB.split(' ').nth(1).expect("a blob");
    let (head, tail) = blob.split_at(70);
    let ssh2 = format!(
        "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"2048-bit RSA, \\\nof a test\"\n{head}\n{tail}\n---- END SSH2 PUBLIC KEY ----\n"
    );
    assert_eq!(PublicKey::parse(&ssh2), Some(key.clone()));
    let der = rsa::pkcs8::EncodePublicKey::to_public_key_der(
        &rsa::PrivateKey::from_pkcs1_pem(RSA_PEM).expect("a key").to_public_key(),
    );
    let spki = BASE64_STANDARD.encode(der.expect("encodes").as_bytes());
    assert_eq!(PublicKey::parse(&spki), Some(key));

    let ed25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIMduvWA7Q35QVLBez30EIH7qXgyHjmUqQgB6+Klj7oM1";
    let refused = [
        String::new(),
        "not a public key".to_owned(),
        format!("ssh-ed25519 {blob}"),
        format!("no-port-forwarding {RSA_PUB}"),
        format!("{RSA_PUB}ssh-ed25519 {ed25519}"),
        format!("# comment\n{RSA_PUB}"),
        format!("ssh-rsa {}", &blob[..blob.len() - 4]),
        format!("---- BEGIN SSH2 PUBLIC KEY ----\n{ed25519}\n---- END SSH2 PUBLIC KEY ----"),
        format!("-----BEGIN PUBLIC KEY-----\n{spki}\n-----END PUBLIC KEY-----"),
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBM3n5/88uRCPo/QCyNKjOWrCjaLudgkurn6OACD0qxS+QiuoTPDvSe2E93a2a7LaSrAzpJpi1OQUalr07jmkD0="
            .to_owned(),
    ];
    for text in &refused {
        assert_eq!(PublicKey::parse(text), None, "{text}");
    }
}
