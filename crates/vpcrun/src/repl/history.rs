//! What of a session is kept on disk: every line but those that hold secrets.

use std::path::{Path, PathBuf};

use super::lexer::{Kind, Token, inside, tokens};

/// Lines kept.
pub const LONGEST: usize = 10_000;

/// `vpcrun/history` in the folder for state, from the values of `XDG_STATE_HOME` and `HOME`. A relative `XDG_STATE_HOME` does
/// not count, as the XDG Base Directory specification says.
#[must_use]
pub fn file(xdg_state_home: Option<std::ffi::OsString>, home: Option<std::ffi::OsString>) -> Option<PathBuf> {
    let state = xdg_state_home.map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || home.filter(|home| !home.is_empty()).map(|home| Path::new(&home).join(".local/state"));
    Some(state.or_else(home)?.join("vpcrun").join("history"))
}

/// Whether an input may be kept: it does not start with a space, and holds nothing that looks like a secret.
#[must_use]
pub fn may_be_kept(input: &str) -> bool {
    !input.starts_with(' ') && !input.trim().is_empty() && !holds_secret(input)
}

/// Whether a text holds key material, an AWS secret access key, or a value given to a name such as `password`.
#[must_use]
pub fn holds_secret(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if lower.contains("-----begin") || lower.contains("private key") || lower.contains("openssh-key-v1") {
        return true;
    }
    let tokens = tokens(text);
    let string = |token: &Token| matches!(token.kind, Kind::String { .. }).then(|| inside(token.text(text)));
    if tokens.iter().filter_map(string).any(is_key_material) {
        return true;
    }
    // `password = "…"`, `key_material = …`, `["Secret"] = …`, `token == "…"`.
    tokens.iter().enumerate().any(|(at, token)| {
        let name = match token.kind {
            Kind::Name => token.text(text),
            Kind::String { .. } => inside(token.text(text)),
            _ => return false,
        };
        let mut next = tokens[at + 1..].iter().skip_while(|token| token.is(text, "]"));
        let assigned = next.next().is_some_and(|token| token.is(text, "=") || token.is(text, "=="));
        assigned
            && next.next().is_some_and(|token| string(token).is_some_and(|value| !value.is_empty()))
            && is_secret_name(name)
    })
}

fn is_secret_name(name: &str) -> bool {
    const WORDS: [&str; 9] =
        ["password", "passwd", "passphrase", "secret", "token", "credential", "private_key", "key_material", "api_key"];
    let name = name.to_ascii_lowercase();
    // The public half is none, and EC2's tokens for paging and idempotency open nothing.
    let harmless = name.contains("public") || name == "client_token" || name == "next_token";
    !harmless && WORDS.iter().any(|word| name.contains(word))
}

/// A secret access key has 40 characters of base64; a private key, much more. Public keys in OpenSSH's format start with
/// their type, so they are not alike.
fn is_key_material(value: &str) -> bool {
    const SECRET_KEY: usize = 40;
    const LONG: usize = 200;
    let base64 = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c));
    let mixed = value.chars().any(|c| c.is_ascii_lowercase())
        && value.chars().any(|c| c.is_ascii_uppercase())
        && value.chars().any(|c| c.is_ascii_digit());
    base64(value) && mixed && (value.len() == SECRET_KEY || value.len() >= LONG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_seen() {
        for secret in [
            "k = [[-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n]]",
            "x = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'",
            "db_password = 'hunter2'",
            "t = { Secret = \"a\" }",
            "t['api_key'] = 'a'",
            "ec2.api.x { key_material = 'abc' }",
            " x = 1",
            "  ",
        ] {
            assert!(!may_be_kept(secret), "{secret}");
        }
    }

    #[test]
    fn ordinary_lines_are_kept() {
        for line in [
            "v = ec2.vpc { name = \"lab\", cidr = \"10.0.0.0/16\" }",
            "key = ec2.key_pair { name = 'k', public_key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl a@b' }",
            "next_token = 'abc'",
            "print(password)",
            "ec2.api.describe_vpcs { vpc_ids = { 'vpc-0b1c6f0d2a9e47c31' } }",
        ] {
            assert!(may_be_kept(line), "{line}");
        }
    }

    #[test]
    fn the_file_follows_xdg() {
        let file = |xdg: Option<&str>, home: Option<&str>| file(xdg.map(Into::into), home.map(Into::into));
        assert_eq!(file(Some("/x"), Some("/h")).unwrap(), Path::new("/x/vpcrun/history"));
        assert_eq!(file(Some("x"), Some("/h")).unwrap(), Path::new("/h/.local/state/vpcrun/history"));
        assert_eq!(file(None, None), None);
    }
}
