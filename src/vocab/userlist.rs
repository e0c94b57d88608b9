//! Users, their passwords and groups: what a `userlist` section holds.
//!
//! Built while the configuration is read, never changed after. Deliberately absent: where the
//! credentials of a request come from.

use pwhash::unix;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// A `userlist` section.
#[derive(Debug, Default)]
pub struct UserList {
    /// By name.
    pub users: HashMap<Box<[u8]>, User>,
    /// The names of all groups, also of those nobody is in.
    pub groups: BTreeSet<Box<[u8]>>,
}

/// A user.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// How the password is known; without one nobody gets in.
    pub password: Option<Password>,
    /// Names of the groups.
    pub groups: Vec<Box<[u8]>>,
}

/// A password as it is written in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Password {
    /// `insecure-password`: itself.
    Plain(Box<[u8]>),
    /// `password`: its hash as crypt(3) writes it.
    Hashed(String),
}

impl UserList {
    /// The user of that name, if the password is theirs.
    pub fn check(&self, name: &[u8], password: &[u8]) -> Option<&User> {
        let user = self.users.get(name)?;
        user.password.as_ref()?.is(password).then_some(user)
    }
}

impl Password {
    /// Whether this is it. Hashes are made to take their time.
    pub fn is(&self, password: &[u8]) -> bool {
        match self {
            Self::Plain(plain) => **plain == *password,
            Self::Hashed(hash) => unix::verify(password, hash),
        }
    }

    /// Whether a hash is of a kind that can be checked: DES, `$1$`, `$2…$`, `$5$`, `$6$` and
    /// those that crypt(3) has besides.
    pub fn can_check(hash: &str) -> bool {
        unix::crypt("", &with_few_rounds(hash)).is_ok()
    }

    /// Whether checking a password against this hash holds a worker for more than about 10 ms,
    /// the time at which HAProxy warns.
    pub fn is_slow(hash: &str) -> bool {
        match hash.split('$').collect::<Vec<_>>()[..] {
            ["", "5" | "6", rounds, _, ..] => {
                sha_rounds(rounds).is_some_and(|rounds| rounds > SHA_ROUNDS_MAX)
            }
            ["", kind, cost, _] if kind.starts_with('2') => {
                cost.parse().is_ok_and(|cost: u8| cost > BCRYPT_COST_MAX)
            }
            _ => false,
        }
    }
}

/// More rounds of SHA-256 or SHA-512 are slow.
pub const SHA_ROUNDS_MAX: u64 = 20_000;

/// A higher cost of bcrypt is slow.
pub const BCRYPT_COST_MAX: u8 = 7;

/// The number in `rounds=<number>`, which may have any length.
fn sha_rounds(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("rounds=")?;
    let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// A hash of the same kind that is quick to make: whether it can be made is all that is asked.
fn with_few_rounds(hash: &str) -> Cow<'_, str> {
    match hash.split('$').collect::<Vec<_>>()[..] {
        ["", kind @ ("5" | "6"), rounds, salt, ..] if sha_rounds(rounds).is_some() => {
            format!("${kind}${salt}").into()
        }
        ["", kind, cost, rest]
            if kind.starts_with('2')
                && cost.len() == 2
                && cost.parse().is_ok_and(|cost| (10..=31).contains(&cost)) =>
        {
            format!("${kind}$04${rest}").into()
        }
        _ => hash.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(hash: &str, password: &str, expected: bool) {
        assert!(Password::can_check(hash), "{hash}");
        let stored = Password::Hashed(hash.to_owned());
        assert_eq!(stored.is(password.as_bytes()), expected, "{hash}");
    }

    #[test]
    fn hashes() {
        const SHA256: &str = "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5";
        const MD5: &str = "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/";
        check(SHA256, "Hello world!", true);
        check(SHA256, "Hello world", false);
        check(MD5, "password", true);
        check(MD5, "", false);
        check("rl.3StKT.4T8M", "rasmuslerdorf", true);
        check(
            "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
            "Hello world!",
            true,
        );
        check(
            "$2b$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW",
            "pw",
            true,
        );
        assert!(!Password::can_check("$9$x$y"));
    }

    #[test]
    fn slow_hashes_are_known_without_making_one() {
        const BCRYPT: &str = "abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW";
        let check = |hash: &str, slow: bool| {
            assert!(Password::can_check(hash), "{hash}");
            assert_eq!(Password::is_slow(hash), slow, "{hash}");
        };
        check("$6$salt$x", false);
        check("$5$rounds=20000$salt$x", false);
        check("$5$rounds=999999999$salt$x", true);
        check("$6$rounds=99999999999999999999999$salt$x", true);
        check(&format!("$2b$07${BCRYPT}"), false);
        check(&format!("$2y$31${BCRYPT}"), true);
        assert!(!Password::can_check(&format!("$2y$32${BCRYPT}")));
        assert!(!Password::can_check("$2y$31$"));
    }
}
