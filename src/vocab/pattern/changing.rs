//! A list that is read without locks while it is changed.
//!
//! There are two copies of what changes. Readers see one; a change goes to the other, which then
//! takes its place, and later to the first. So a change costs what changing the index costs, not a
//! copy of a million patterns. A list that never changes has one copy only.

use super::EditError;
use super::content::Content;
use super::records::EntryId;
use arc_swap::{ArcSwap, Guard};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// One change.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    Add(Box<[u8]>, Box<[u8]>),
    Set(Box<[u8]>, Box<[u8]>),
    SetId(EntryId, Box<[u8]>),
    Delete(Box<[u8]>),
    DeleteId(EntryId),
}

impl Edit {
    /// Does it; after an error nothing is changed.
    fn apply(&self, content: &mut Content) -> Result<(), EditError> {
        match self {
            Self::Add(key, value) => drop(content.add(key, value, 0)?),
            Self::Set(key, value) => content.set(key, value)?,
            Self::SetId(id, value) => match content.records().has(*id) {
                true => content.set_id(*id, value)?,
                false => return Err(EditError::NotFound),
            },
            Self::Delete(key) => content.delete(key)?,
            Self::DeleteId(id) => match content.records().has(*id) {
                true => content.delete_id(*id),
                false => return Err(EditError::NotFound),
            },
        }
        content.settle();
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct Changing {
    current: ArcSwap<Content>,
    writer: Mutex<Writer>,
    /// A copy of a small list, read without the 10 ns of a shared handle until the first change.
    settled: OnceLock<Content>,
    changed: AtomicBool,
}

/// The other copy, and the change it has not seen.
#[derive(Debug, Default)]
struct Writer {
    spare: Option<Arc<Content>>,
    behind: Option<Edit>,
}

/// Lists of at most so many patterns are kept twice.
const SMALL: usize = 256;

/// How often a writer looks whether the last reader of the other copy is done. A look-up takes less
/// than a microsecond; a reader that was interrupted meanwhile is not waited for.
const PATIENCE: usize = 1000;

impl Changing {
    pub(super) fn new(content: Content) -> Self {
        Self {
            current: ArcSwap::from_pointee(content),
            writer: Mutex::default(),
            settled: OnceLock::new(),
            changed: AtomicBool::new(false),
        }
    }

    /// Says that all users of the list are known; before, it must not be read at run time.
    pub(super) fn settle(&self) {
        let content = self.current.load();
        if content.records().count() <= SMALL {
            let _ = self.settled.set(Content::clone(&content));
        }
    }

    /// Shows the list as it is now.
    pub(super) fn read<R>(&self, read: impl FnOnce(&Content) -> R) -> R {
        match self.settled.get() {
            Some(content) if !self.changed.load(Ordering::Acquire) => read(content),
            _ => read(&self.current.load()),
        }
    }

    pub(super) fn load(&self) -> Guard<Arc<Content>> {
        self.current.load()
    }

    /// Makes a change that `choose` decides on, looking at the content.
    pub(super) fn edit(
        &self,
        choose: impl FnOnce(&Content) -> Option<Edit>,
    ) -> Result<(), EditError> {
        let mut writer = self.writer.lock();
        let Some(edit) = choose(&self.current.load()) else {
            return Ok(());
        };
        let mut next = match writer.take() {
            Some(spare) => spare,
            None => Arc::new(Content::clone(&self.current.load())),
        };
        let result = edit.apply(Arc::make_mut(&mut next));
        writer.spare = Some(match result {
            Ok(()) => {
                writer.behind = Some(edit);
                let before = self.current.swap(next);
                self.changed.store(true, Ordering::Release);
                before
            }
            Err(_) => next,
        });
        result
    }

    /// Puts another content in place, made from the one that is there.
    pub(super) fn replace<R, E>(
        &self,
        change: impl FnOnce(&mut Content) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut writer = self.writer.lock();
        *writer = Writer::default();
        let mut next = Content::clone(&self.current.load());
        let result = change(&mut next)?;
        self.current.store(Arc::new(next));
        self.changed
            .store(self.settled.get().is_some(), Ordering::Release);
        Ok(result)
    }
}

impl Writer {
    /// The other copy, brought up to date, if nobody reads it any more.
    fn take(&mut self) -> Option<Arc<Content>> {
        let mut spare = self.spare.take()?;
        let behind = self.behind.take();
        let is_free = (0..PATIENCE).any(|_| {
            std::hint::spin_loop();
            Arc::strong_count(&spare) == 1
        });
        let content = Arc::get_mut(&mut spare).filter(|_| is_free)?;
        match behind.map(|edit| edit.apply(content)) {
            None | Some(Ok(())) => Some(spare),
            Some(Err(_)) => None,
        }
    }
}
