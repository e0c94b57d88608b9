//! The words of `userlist`: `group` and `user`.

use crate::syntax::{Diagnostic, Span};
use crate::vocab::codes::{
    BAD_CHOICE, BAD_PASSWORD, DUPLICATE_NAME, SLOW_PASSWORD, UNKNOWN_GROUP, UNKNOWN_LIST_USER,
};
use crate::vocab::keyword::{Entry, Keyword, Sections, Vocabulary};
use crate::vocab::line::Line;
use crate::vocab::section::report_unknown;
use crate::vocab::userlist::{Password, User, UserList};
use std::collections::{BTreeMap, HashMap};

/// Reads the arguments of a word.
pub type Build = fn(&mut Line<'_, '_>, &mut UserListDraft);

/// The words of a `userlist` section.
pub static VOCABULARY: Vocabulary<Build> = Vocabulary::new(&[WORDS], &[]);

const WORDS: &[Keyword<Build>] = &[
    Keyword {
        name: "group",
        args: "<name> [users <user>,...]",
        sections: Sections::USERLIST,
        doc: "A group, and users in it.",
        build: group,
    },
    Keyword {
        name: "user",
        args: "<name> [password | insecure-password <password>] [groups <group>,...]",
        sections: Sections::USERLIST,
        doc: "A user, the hash of the password as crypt(3) makes it or the password itself, and groups.",
        build: user,
    },
];

/// A name, or a list of names, as it is written.
type Name = Box<[u8]>;

/// One `userlist` section as it is written.
#[derive(Debug)]
pub struct UserListDraft {
    name: String,
    users: HashMap<Name, User>,
    /// Groups and the users that their lines name, with the places of the lists.
    groups: BTreeMap<Name, Option<(Name, Span)>>,
    /// The groups that users' lines name.
    memberships: Vec<(Name, Name, Span)>,
}

impl UserListDraft {
    /// An empty one.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            users: HashMap::new(),
            groups: BTreeMap::new(),
            memberships: Vec::new(),
        }
    }

    /// Reads one statement.
    pub fn read(&mut self, line: &mut Line<'_, '_>) {
        match VOCABULARY.find(&line.name()) {
            Some(Entry::Works(word)) => (word.build)(line, self),
            _ => {
                let near = VOCABULARY.suggest(&line.name());
                report_unknown(line, "userlist", near);
            }
        }
    }

    /// The list, every user in the groups that either says. Reports names that are not there.
    pub fn finish(mut self, report: &mut dyn FnMut(Diagnostic)) -> UserList {
        let name = &self.name;
        for (user, group, place) in &self.memberships {
            if !self.groups.contains_key(group) {
                let (group, user) = (group.escape_ascii(), user.escape_ascii());
                let message = format!(
                    "userlist '{name}': no such group '{group}' specified in user '{user}'"
                );
                report(Diagnostic::error(UNKNOWN_GROUP, message).at(*place, ""));
            } else if let Some(user) = self.users.get_mut(user) {
                user.groups.push(group.clone());
            }
        }
        for (group, list) in &self.groups {
            let Some((users, place)) = list else { continue };
            for user in names(users) {
                if let Some(user) = self.users.get_mut(user) {
                    user.groups.push(group.clone());
                    continue;
                }
                let (group, user) = (group.escape_ascii(), user.escape_ascii());
                let message = format!(
                    "userlist '{name}': no such user '{user}' specified in group '{group}'"
                );
                report(Diagnostic::error(UNKNOWN_LIST_USER, message).at(*place, ""));
            }
        }
        UserList {
            users: self.users,
            groups: self.groups.into_keys().collect(),
        }
    }
}

fn names(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|&byte| byte == b',')
        .filter(|name| !name.is_empty())
}

fn group(line: &mut Line<'_, '_>, draft: &mut UserListDraft) {
    let Some(name) = line.expect(1, "<name> as arguments") else {
        return;
    };
    if draft.groups.contains_key(&name.bytes) {
        return duplicate(line, draft, "group");
    }
    let mut users = None;
    let mut at = 2;
    while let Some(word) = line.arg(at) {
        if *word != "users" {
            return line.error(BAD_CHOICE, at, "'group' only supports 'users' option.");
        }
        let Some(list) = line.expect(at + 1, "a list of users after 'users'") else {
            return;
        };
        users = Some((list.bytes.clone(), list.span));
        at += 2;
    }
    draft.groups.insert(name.bytes.clone(), users);
}

fn user(line: &mut Line<'_, '_>, draft: &mut UserListDraft) {
    let Some(name) = line.expect(1, "<name> as arguments") else {
        return;
    };
    if draft.users.contains_key(&name.bytes) {
        return duplicate(line, draft, "user");
    }
    let mut user = User::default();
    let mut at = 2;
    while let Some(word) = line.text(at) {
        let kind = &*word;
        if !matches!(kind, "password" | "insecure-password" | "groups") {
            let message =
                "'user' only supports 'password', 'insecure-password' and 'groups' options.";
            return line.error(BAD_CHOICE, at, message);
        }
        let Some(value) = line.expect(at + 1, &format!("a value after '{kind}'")) else {
            return;
        };
        match kind {
            "insecure-password" => user.password = Some(Password::Plain(value.bytes.clone())),
            "password" if !Password::can_check(&value.text()) => {
                let message = format!(
                    "the encrypted password used for user '{}' is not supported by crypt(3): no password is theirs",
                    name.text()
                );
                line.warning(BAD_PASSWORD, at + 1, message);
            }
            "password" => {
                if Password::is_slow(&value.text()) {
                    slow(line, at + 1);
                }
                user.password = Some(Password::Hashed(value.text().into_owned()));
            }
            _ => draft.memberships.extend(
                names(&value.bytes).map(|group| (name.bytes.clone(), group.into(), value.span)),
            ),
        }
        at += 2;
    }
    draft.users.insert(name.bytes.clone(), user);
}

fn slow(line: &mut Line<'_, '_>, at: usize) {
    let message = "the hash algorithm used for this password takes long to verify";
    line.warning(SLOW_PASSWORD, at, message);
}

fn duplicate(line: &mut Line<'_, '_>, draft: &UserListDraft, what: &str) {
    let name = line.text(1).unwrap_or_default();
    let message = format!(
        "ignoring duplicated {what} '{name}' in userlist '{}'.",
        draft.name
    );
    line.warning(DUPLICATE_NAME, 1, message);
}
