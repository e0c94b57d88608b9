//! Users, their passwords and groups: what a `userlist` section holds.
//!
//! Built while the configuration is read, never changed after. Deliberately absent: where the
//! credentials of a request come from.

use pwhash::unix;
use std::collections::HashMap;

/// A `userlist` section.
#[derive(Debug, Default)]
pub struct UserList {
    /// By name.
    pub users: HashMap<Box<[u8]>, User>,
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
        unix::crypt("", hash).is_ok()
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
}
