//! All lists of a configuration, by name, and those made of an ACL's words.

use super::BadPattern;
use super::file::Columns;
use super::reference::{Origin, PatternRef};
use crate::syntax::{Span, Word};
use crate::vocab::outer::Files;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// The lists of one configuration being compiled.
#[derive(Debug, Default)]
pub struct PatternStore {
    lists: RefCell<Lists>,
}

#[derive(Debug, Default)]
struct Lists {
    /// In the order they were first used in.
    all: Vec<Arc<PatternRef>>,
    named: HashMap<Box<str>, Arc<PatternRef>>,
    /// Those of ACL words, by their place: `defaults` are read more than once.
    words: HashMap<Span, (Words, Arc<PatternRef>)>,
    /// Named by actions: who, and where first.
    changed: Vec<(Arc<PatternRef>, Span)>,
}

/// The patterns of an ACL as written.
type Words = Vec<Box<[u8]>>;

/// What a name says besides the file.
#[derive(Clone, Copy)]
enum Source<'n> {
    File(&'n str),
    Optional(&'n str),
    Virtual(&'n str),
}

fn source(name: &str) -> Source<'_> {
    let rest = |prefix| name.strip_prefix(prefix).filter(|rest| !rest.is_empty());
    match (rest("file@"), rest("opt@"), rest("virt@")) {
        (Some(file), _, _) => Source::File(file),
        (_, Some(file), _) => Source::Optional(file),
        (_, _, Some(_)) => Source::Virtual(name),
        _ => Source::File(name),
    }
}

impl PatternStore {
    /// The list of that name for `what` (`acl` or `map`); its file is read when it is first
    /// used.
    ///
    /// # Errors
    /// The message, when the file cannot be read or is read in the other way elsewhere.
    pub(in crate::vocab) fn open(
        &self,
        name: &str,
        what: &'static str,
        columns: Columns,
        span: Span,
        files: Files<'_>,
    ) -> Result<Arc<PatternRef>, BadPattern> {
        let source = source(name);
        let (Source::File(key) | Source::Optional(key) | Source::Virtual(key)) = source;
        let list = self.named(key);
        match list.columns() {
            Some(known) if known != columns => return Err(other_columns(key, known)),
            Some(_) => {}
            None => {
                let content = match source {
                    Source::Virtual(_) => None,
                    Source::Optional(_) => files(key).ok(),
                    Source::File(_) => Some(files(key).map_err(|error| unreadable(key, &error))?),
                };
                list.used_by(what, columns, span);
                if let Some(content) = content {
                    list.read(&content, columns).map_err(BadPattern::new)?;
                }
                self.lists.borrow_mut().all.push(list.clone());
            }
        }
        list.used_by(what, columns, span);
        Ok(list)
    }

    /// The list of that name, which an action changes; whether something reads it is known later.
    pub(in crate::vocab) fn changed(&self, name: &str, span: Span) -> Arc<PatternRef> {
        let (Source::File(key) | Source::Optional(key) | Source::Virtual(key)) = source(name);
        let list = self.named(key);
        let mut lists = self.lists.borrow_mut();
        if !lists.changed.iter().any(|(_, known)| *known == span) {
            lists.changed.push((list.clone(), span));
        }
        list
    }

    fn named(&self, key: &str) -> Arc<PatternRef> {
        let mut lists = self.lists.borrow_mut();
        let named = lists.named.entry(key.into());
        let make = || Arc::new(PatternRef::new(Origin::Named(key.into())));
        named.or_insert_with(make).clone()
    }

    /// The list of the words of an ACL that stands at `span`. `id` is its `-u`.
    ///
    /// # Errors
    /// When another list has that id.
    pub(in crate::vocab) fn of_words(
        &self,
        span: Span,
        words: Words,
        id: Option<&Word>,
    ) -> Result<Arc<PatternRef>, &'static str> {
        let mut lists = self.lists.borrow_mut();
        if let Some((known, list)) = lists.words.get(&span)
            && *known == words
        {
            return Ok(list.clone());
        }
        let list = PatternRef::new(Origin::Words);
        if let Some(id) = id {
            let id = id
                .text()
                .parse()
                .map_err(|_| "the argument of -u must be an integer")?;
            if lists.all.iter().any(|list| list.id() == Some(id)) {
                return Err("the id is already used");
            }
            list.set_id(id);
        }
        list.used_by("acl", Columns::One, span);
        list.read_words(words.iter().map(|word| &**word));
        let list = Arc::new(list);
        lists.all.push(list.clone());
        lists.words.insert(span, (words, list.clone()));
        Ok(list)
    }

    /// Lists that actions change though nothing reads them, and where.
    pub fn unread(&self) -> Vec<(Arc<PatternRef>, Span)> {
        let lists = self.lists.borrow();
        let unread = lists.changed.iter().filter(|(list, _)| !list.is_used());
        unread.cloned().collect()
    }

    /// All lists in the order of their ids, which are counted as HAProxy does for those without.
    pub fn finish(&self) -> Vec<Arc<PatternRef>> {
        let mut lists = self.lists.borrow().all.clone();
        let mut taken: Vec<u32> = lists.iter().filter_map(|list| list.id()).collect();
        taken.sort_unstable();
        let mut free = (0..).filter(|id| taken.binary_search(id).is_err());
        for list in &lists {
            if let (None, Some(id)) = (list.id(), free.next()) {
                list.set_id(id);
            }
        }
        lists.iter().for_each(|list| list.settle());
        lists.sort_by_key(|list| list.id());
        lists
    }
}

fn other_columns(name: &str, known: Columns) -> BadPattern {
    let (is, wanted) = match known {
        Columns::One => ("one", "two"),
        Columns::Two => ("two", "one"),
    };
    let mut bad = BadPattern::new(format!(
        "The file \"{name}\" is already used as {is} column file and cannot be used by as {wanted} column file."
    ));
    bad.help = Some("an ACL reads a map's file with '-M' before '-f'".to_owned());
    bad
}

fn unreadable(name: &str, error: &std::io::Error) -> BadPattern {
    let mut bad = BadPattern::new(format!("failed to open pattern file <{name}>: {error}"));
    let help = "the file must exist and be readable when the configuration is loaded; 'opt@' before its name makes it optional, 'virt@' stands for a list without a file";
    bad.help = Some(help.to_owned());
    bad
}
