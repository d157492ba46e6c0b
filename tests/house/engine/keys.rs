//! Key pairs and their files.

use std::fs;

use vpcrun_ec2::{InstanceSpec, KeyPairSpec, Stack};

use super::super::support::block_on;
use super::{Bench, instance, key, mine, subnet, vpc};

/// Made with ssh-keygen for these tests alone.
const PUBLIC: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKDynbvQGw3Z+CQzacMLN+iBzyOEOH+SRoXvut5CwNM4 test";
const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f other";

fn imported(public_key: &str) -> KeyPairSpec {
    KeyPairSpec { save_to: None, public_key: Some(public_key.into()), ..key() }
}

#[test]
fn a_public_key_is_imported_once_and_not_changed_for_another() {
    block_on(async {
        let bench = Bench::new();
        bench.run(|stack| stack.key_pair(imported(PUBLIC))).await.counts(1, 0, 0);
        let again = bench.run(|stack| stack.key_pair(imported(PUBLIC))).await;
        assert!(again.counts(0, 0, 1).writes().is_empty());
        let commented = PUBLIC.replace("test", "another comment");
        bench.run(|stack| stack.key_pair(imported(&commented))).await.counts(0, 0, 1);
        let other = bench.run(|stack| stack.key_pair(imported(OTHER))).await;
        let id = mine(bench.capture().await.key_pairs.into_values()).key_pair_id;
        let expected =
            format!("key pair \"k\" exists, but the public key of {id} is another one, not the declared one");
        assert_eq!((other.error().code(), other.error().to_string()), ("Conflict", expected));
        assert!(other.writes().is_empty());
        assert_eq!(fs::read_dir(bench.folder.path()).expect("a folder").count(), 0, "no file is written");
        assert_eq!(bench.destroy().await.summary.deleted, 1);
    });
}

#[test]
fn a_key_that_nothing_uses_is_made_anew_when_its_file_is_gone() {
    block_on(async {
        let bench = Bench::new();
        let file = bench.folder.path().join("k.pem");
        bench.run(|stack| stack.key_pair(key())).await.counts(1, 0, 0);
        let before = fs::read(&file).expect("the file");
        bench.run(|stack| stack.key_pair(key())).await.counts(0, 0, 1);
        fs::remove_file(&file).expect("removed");
        let anew = bench.run(|stack| stack.key_pair(key())).await;
        assert_eq!(anew.counts(0, 1, 0).changes(), ["made anew: no instance used it and k.pem was missing"]);
        assert_eq!(anew.writes(), ["DeleteKeyPair", "CreateKeyPair"]);
        assert_ne!(fs::read(&file).expect("the file"), before);
        bench.run(|stack| stack.key_pair(key())).await.counts(0, 0, 1);
    });
}

#[test]
fn a_key_that_an_instance_uses_is_kept_and_the_way_out_is_said_when_its_file_is_gone() {
    block_on(async {
        let bench = Bench::new();
        let file = bench.folder.path().join("k.pem");
        let declare = |stack: &Stack| {
            let vpc = stack.vpc(vpc());
            let key_pair = Some(stack.key_pair(key()));
            stack.instance(InstanceSpec { key_pair, ..instance(&stack.subnet(subnet(&vpc))) });
        };
        bench.run(declare).await.counts(4, 0, 0);
        let network = bench.capture().await;
        fs::remove_file(&file).expect("removed");
        let gone = bench.run(declare).await;
        let user = mine(network.instances.into_values()).instance_id;
        let expected =
            format!("key file {}: is missing, but the key pair \"k\" exists and i ({user}) uses it", file.display());
        assert_eq!((gone.error().code(), gone.error().to_string()), ("KeyFile", expected));
        let hint = gone.error().hint().expect("a way out");
        assert!(hint.starts_with("put the file back; or") && hint.contains("delete the key pair k"), "{hint}");
        assert_eq!(gone.summary.not_tried, [("instance", "i".to_owned())]);
        assert!(gone.writes().is_empty());
        assert_eq!(bench.capture().await.key_pairs, network.key_pairs);
    });
}

#[test]
fn a_file_that_holds_another_key_is_not_overwritten() {
    block_on(async {
        let bench = Bench::new();
        let file = bench.folder.path().join("k.pem");
        bench.run(|stack| stack.key_pair(key())).await.counts(1, 0, 0);
        fs::remove_file(&file).expect("removed");
        fs::write(&file, "mine").expect("written");
        let ran = bench.run(|stack| stack.key_pair(key())).await;
        assert!(ran.error().to_string().contains("is not the private half of the key pair \"k\""), "{ran:#?}");
        assert!(ran.writes().is_empty());
        let destroyed = bench.destroy().await;
        assert_eq!(destroyed.summary.deleted, 1, "{destroyed:#?}");
        assert_eq!(fs::read_to_string(&file).expect("still there"), "mine");
    });
}
