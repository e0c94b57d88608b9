//! The headers of a head: slots over the text it owns.
//!
//! Names are lower case from the moment they are parsed, as HAProxy forwards them, so that
//! lookups compare bytes and unedited lines are written out by copying. A slot whose line stands
//! in the text exactly as it would be written is *canonical*; edits always append such lines.
//! What must hold: at most one slot of each framing kind, and it says what the body is.

use super::class;
use super::error::{EditError, HeadError};

/// One header as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// Its name in lower case.
    pub name: &'a [u8],
    /// Its value, without surrounding blanks but those that a rule wrote.
    pub value: &'a [u8],
}

/// A range of a head's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slice {
    start: u32,
    len: u32,
}

impl Slice {
    /// Heads are bounded far below 4 GiB (`MAX_TEXT`), so nothing is cut off here.
    pub(super) const fn new(start: usize, len: usize) -> Self {
        Self {
            start: start as u32,
            len: len as u32,
        }
    }

    /// Where `part`, a subslice of `whole`, lies in it.
    pub(super) fn within(whole: &[u8], part: &[u8]) -> Self {
        let start = part.as_ptr().addr().wrapping_sub(whole.as_ptr().addr());
        debug_assert!(start + part.len() <= whole.len());
        Self::new(start, part.len())
    }

    pub(super) const fn start(self) -> usize {
        self.start as usize
    }

    pub(super) const fn len(self) -> usize {
        self.len as usize
    }

    pub(super) const fn end(self) -> usize {
        self.start as usize + self.len as usize
    }

    #[inline]
    pub(super) fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start()..self.end()).unwrap_or(&[])
    }
}

/// What a header is to the proxy itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing: forwarded as it is.
    Plain,
    /// `host`.
    Host,
    /// The one `content-length`, as received.
    ContentLength,
    /// The one `transfer-encoding`, as received.
    TransferEncoding,
    /// `connection`, never forwarded: each hop writes its own.
    Connection,
    /// `te`, of which only `trailers` may pass.
    Te,
    /// `upgrade`, forwarded only together with `connection: upgrade`.
    Upgrade,
    /// `expect`.
    Expect,
    /// Readable but not forwarded: hop-by-hop (RFC 9110 §7.6.1), or a framing header that a rule
    /// wrote, which must not contradict the body that really follows.
    Held,
}

impl Kind {
    #[inline]
    fn of(lower_name: &[u8]) -> Self {
        match lower_name {
            b"te" => Self::Te,
            b"host" => Self::Host,
            b"expect" => Self::Expect,
            b"upgrade" => Self::Upgrade,
            b"connection" => Self::Connection,
            b"keep-alive" | b"proxy-connection" => Self::Held,
            b"content-length" => Self::ContentLength,
            b"transfer-encoding" => Self::TransferEncoding,
            _ => Self::Plain,
        }
    }

    const fn is_framing(self) -> bool {
        matches!(self, Self::ContentLength | Self::TransferEncoding)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// Which kinds a head has: a set, so that the rare ones cost nothing when absent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kinds(u16);

impl Kinds {
    pub(super) const fn has(self, kind: Kind) -> bool {
        self.0 & kind.bit() != 0
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) name: Slice,
    pub(super) value: Slice,
    pub(super) kind: Kind,
    /// `text[name.start..value.end + 2]` is `name: value\r\n`.
    pub(super) canonical: bool,
}

impl Slot {
    fn header(self, text: &[u8]) -> Header<'_> {
        Header {
            name: self.name.of(text),
            value: self.value.of(text),
        }
    }

    /// Whether it is called that, in any case. Most are not, as their length says already, or
    /// their end: many names begin alike.
    #[inline]
    fn is_called(self, name: &[u8], text: &[u8]) -> bool {
        let alike = |(a, b): (&u8, &u8)| a.eq_ignore_ascii_case(b);
        self.name.len() == name.len()
            && self
                .name
                .of(text)
                .iter()
                .rev()
                .zip(name.iter().rev())
                .all(alike)
    }

    /// Bytes of its line as it is written.
    const fn written_len(self) -> usize {
        self.name.len() + self.value.len() + b": \r\n".len()
    }
}

/// Where edits stop unless told otherwise: HAProxy's default `tune.bufsize`.
const DEFAULT_BOUND: usize = 16_384;

/// How many times its bound a head's text may grow with superseded edits in it.
const MAX_GARBAGE: usize = 4;

/// Capacity worth giving back when a head is cleared.
const ABSURD_TEXT: usize = 65_536;
const ABSURD_SLOTS: usize = 1024;

/// The headers of a request or a response. Both heads dereference to it.
#[derive(Clone, Debug)]
pub struct Headers {
    pub(super) text: Vec<u8>,
    pub(super) slots: Vec<Slot>,
    /// Bytes the head would take written out, start line included.
    size: usize,
    /// What that was when the head was parsed; 0 for heads made here.
    received_size: usize,
    bound: usize,
}

impl Default for Headers {
    fn default() -> Self {
        Self {
            text: Vec::new(),
            slots: Vec::new(),
            size: 0,
            received_size: 0,
            bound: DEFAULT_BOUND,
        }
    }
}

impl Headers {
    /// Bytes of the head as it was parsed, start line included; 0 if it was made here.
    pub fn received_size(&self) -> usize {
        self.received_size
    }

    /// All of them in order.
    pub fn headers(&self) -> impl DoubleEndedIterator<Item = Header<'_>> + ExactSizeIterator {
        self.slots.iter().map(|slot| slot.header(&self.text))
    }

    /// Bytes of all names and values.
    pub fn fields_size(&self) -> usize {
        let size = |slot: &Slot| slot.name.len() + slot.value.len();
        self.slots.iter().map(size).sum()
    }

    /// The values of `connection`.
    pub fn connection_values(&self) -> impl Iterator<Item = &[u8]> {
        self.values_of(Kind::Connection)
    }

    /// How many there are.
    pub fn header_count(&self) -> usize {
        self.slots.len()
    }

    /// The `index`th, counted from 0.
    pub fn header_at(&self, index: usize) -> Option<Header<'_>> {
        Some(self.slots.get(index)?.header(&self.text))
    }

    /// The value of the first header called `name`, in any case.
    pub fn header(&self, name: &[u8]) -> Option<&[u8]> {
        let called = |slot: &&Slot| slot.is_called(name, &self.text);
        Some(self.slots.iter().find(called)?.value.of(&self.text))
    }

    /// The values of all lines called `name`, in any case, in order. Lists are not split.
    pub fn header_values<'a>(&'a self, name: &[u8]) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        self.slots
            .iter()
            .filter(move |slot| slot.is_called(name, &self.text))
            .map(|slot| slot.value.of(&self.text))
    }

    /// Whether a line called `name` lists `token` among its comma-separated elements, both in
    /// any case.
    pub fn has_token(&self, name: &[u8], token: &[u8]) -> bool {
        self.header_values(name)
            .flat_map(class::elements)
            .any(|element| element.eq_ignore_ascii_case(token))
    }

    /// Most bytes the head may have after edits, written out. It stays set for later messages;
    /// 16384 if never set. Superseded text may take four times as much.
    pub fn set_bound(&mut self, max_size: usize) {
        self.bound = max_size;
    }

    /// Removes every header called `name` and adds one. Rules that write `content-length` or
    /// `transfer-encoding` change what later rules read, never what is sent.
    ///
    /// # Errors
    /// When name or value are not fit for a header, or the bound is reached.
    pub fn set_header(&mut self, name: &[u8], value: &[u8]) -> Result<(), EditError> {
        let slot = self.append(name, value)?;
        self.remove_header(name);
        self.push(slot);
        Ok(())
    }

    /// Adds a header after all others. There is only ever one `host`: adding one replaces it.
    ///
    /// # Errors
    /// As [`Self::set_header`].
    pub fn add_header(&mut self, name: &[u8], value: &[u8]) -> Result<(), EditError> {
        let slot = self.append(name, value)?;
        if slot.kind == Kind::Host {
            self.remove_header(name);
        }
        self.push(slot);
        Ok(())
    }

    /// Replaces the value of the `index`th header, which keeps its place.
    ///
    /// # Errors
    /// As [`Self::set_header`]; an index out of range changes nothing.
    pub fn set_value(&mut self, index: usize, value: &[u8]) -> Result<(), EditError> {
        let Some(old) = self.slots.get(index).copied() else {
            return Ok(());
        };
        let name = old.name.start()..old.name.end();
        self.check(old.kind, old.name.len(), value)?;
        let start = self.text.len();
        self.text.extend_from_within(name);
        let slot = self.finish_line(old.kind, start, value);
        self.size = self.size.saturating_sub(old.written_len()) + slot.written_len();
        if let Some(place) = self.slots.get_mut(index) {
            *place = slot;
        }
        Ok(())
    }

    /// Removes every header called `name`, in any case, and says how many there were.
    pub fn remove_header(&mut self, name: &[u8]) -> usize {
        self.remove_slots(|slot, text| slot.is_called(name, text))
    }

    /// Removes the headers that `matches` wants gone and says how many there were.
    pub fn remove_headers_where(&mut self, mut matches: impl FnMut(Header<'_>) -> bool) -> usize {
        self.remove_slots(|slot, text| matches(slot.header(text)))
    }

    fn remove_slots(&mut self, mut matches: impl FnMut(&Slot, &[u8]) -> bool) -> usize {
        let (text, size) = (&self.text, &mut self.size);
        // Mostly there is none, and then nothing needs to be moved.
        let mut slots = self.slots.iter();
        let Some(first) = slots.position(|slot| matches(slot, text)) else {
            return 0;
        };
        let (before, mut at) = (self.slots.len(), 0);
        self.slots.retain(|slot| {
            let gone = at == first || at > first && matches(slot, text);
            at += 1;
            if gone {
                *size = size.saturating_sub(slot.written_len());
            }
            !gone
        });
        before - self.slots.len()
    }

    fn push(&mut self, slot: Slot) {
        self.size += slot.written_len();
        self.slots.push(slot);
    }

    /// Appends the line, not yet in any slot.
    fn append(&mut self, name: &[u8], value: &[u8]) -> Result<Slot, EditError> {
        if !class::is_token(name) {
            return Err(EditError::Name);
        }
        let start = self.text.len();
        self.text.extend_from_slice(name);
        self.lower(Slice::new(start, name.len()));
        let kind = Kind::of(Slice::new(start, name.len()).of(&self.text));
        if let Err(error) = self.check(kind, name.len(), value) {
            self.text.truncate(start);
            return Err(error);
        }
        Ok(self.finish_line(kind, start, value))
    }

    fn check(&self, kind: Kind, name_len: usize, value: &[u8]) -> Result<(), EditError> {
        let is_host = || {
            let host = class::trim(value);
            host.is_empty() || class::Authority::parse(host).is_some()
        };
        if !class::is_value(value) || kind == Kind::Host && !is_host() {
            return Err(EditError::Value);
        }
        self.reserve(name_len + value.len() + b": \r\n".len(), 0)
    }

    /// The name is at the end of the text, from `start`; writes the rest of the line.
    fn finish_line(&mut self, kind: Kind, start: usize, value: &[u8]) -> Slot {
        let name = Slice::new(start, self.text.len() - start);
        self.text.extend_from_slice(b": ");
        let at = self.text.len();
        // Blanks that a rule wrote are sent: they are its own, and nothing to a reader.
        self.text.extend_from_slice(match kind {
            Kind::Plain => value,
            _ => class::trim(value),
        });
        let value = Slice::new(at, self.text.len() - at);
        self.text.extend_from_slice(b"\r\n");
        Slot {
            name,
            value,
            kind: if kind.is_framing() { Kind::Held } else { kind },
            canonical: true,
        }
    }

    /// Whether `added` more bytes fit, `removed` ones going.
    fn reserve(&self, added: usize, removed: usize) -> Result<(), EditError> {
        let fits = (self.size + added).saturating_sub(removed) <= self.bound
            && self.text.len() + added <= self.bound.saturating_mul(MAX_GARBAGE).min(MAX_TEXT);
        if fits { Ok(()) } else { Err(EditError::NoRoom) }
    }

    /// Appends a part of the start line that replaces `old`.
    pub(super) fn replace_part(
        &mut self,
        old: Slice,
        pieces: &[Piece<'_>],
    ) -> Result<Slice, EditError> {
        let len = pieces.iter().map(Piece::len).sum();
        self.reserve(len, old.len())?;
        self.size = self.size.saturating_sub(old.len()) + len;
        let start = self.text.len();
        for piece in pieces {
            match *piece {
                Piece::Old(slice) => self.text.extend_from_within(slice.start()..slice.end()),
                Piece::New(bytes) => self.text.extend_from_slice(bytes),
            }
        }
        Ok(Slice::new(start, len))
    }

    /// Takes back a part that turned out wrong: the text ends with it.
    pub(super) fn undo_part(&mut self, part: Slice, old: Slice) {
        self.text.truncate(part.start());
        self.size = self.size.saturating_sub(part.len()) + old.len();
    }

    /// Empties it for the next message; capacity stays unless it is absurd.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.slots.clear();
        self.size = 0;
        self.received_size = 0;
        self.text.shrink_to(ABSURD_TEXT);
        self.slots.shrink_to(ABSURD_SLOTS);
    }
}

/// A piece of a start line being put together.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece<'a> {
    /// A part of the text.
    Old(Slice),
    /// Something new.
    New(&'a [u8]),
}

impl Piece<'_> {
    const fn len(&self) -> usize {
        match self {
            Self::Old(slice) => slice.len(),
            Self::New(bytes) => bytes.len(),
        }
    }
}

/// Longest text: what ranges can address, with room to spare.
pub(super) const MAX_TEXT: usize = 1 << 30;

/// Building from received bytes.
impl Headers {
    /// Takes over a head that httparse found well-formed, and its headers.
    pub(super) fn load(
        &mut self,
        head: &[u8],
        parsed: &[httparse::Header<'_>],
    ) -> Result<Kinds, HeadError> {
        self.clear();
        self.text.extend_from_slice(head);
        self.size = head.len();
        self.received_size = head.len();
        self.slots.reserve(parsed.len());
        let mut kinds = 0;
        for header in parsed {
            let name = Slice::within(head, header.name.as_bytes());
            let value = Slice::within(head, header.value);
            let kind = Kind::of(self.lower(name));
            kinds |= kind.bit();
            let canonical = is_canonical(head, name, value);
            if !canonical && !ends_with_crlf(head, value) {
                return Err(HeadError::Syntax);
            }
            self.slots.push(Slot {
                name,
                value,
                kind,
                canonical,
            });
        }
        if head.ends_with(b"\r\n\r\n") {
            Ok(Kinds(kinds))
        } else {
            Err(HeadError::Syntax)
        }
    }

    #[inline]
    fn lower(&mut self, name: Slice) -> &[u8] {
        match self.text.get_mut(name.start()..name.end()) {
            Some(name) => {
                name.make_ascii_lowercase();
                name
            }
            None => &[],
        }
    }

    /// The values of one kind; for kinds known by name only.
    pub(super) fn values_of(&self, kind: Kind) -> impl Iterator<Item = &[u8]> {
        self.slots
            .iter()
            .filter(move |slot| slot.kind == kind)
            .map(|slot| slot.value.of(&self.text))
    }

    /// Leaves one header of `kind`, where the first is, with exactly this value.
    pub(super) fn unify(&mut self, kind: Kind, value: &[u8]) {
        let mut first = None;
        let mut lines = 0;
        for (index, slot) in self.slots.iter().enumerate() {
            if slot.kind == kind {
                first = first.or(Some((index, *slot)));
                lines += 1;
            }
        }
        let Some((index, old)) = first else { return };
        if lines == 1 && old.value.of(&self.text) == value {
            return;
        }
        let start = self.text.len();
        self.text
            .extend_from_within(old.name.start()..old.name.end());
        let mut slot = self.finish_line(kind, start, value);
        slot.kind = kind;
        let mut at = 0;
        self.slots.retain(|slot| {
            at += 1;
            slot.kind != kind || at == index + 1
        });
        if let Some(place) = self.slots.get_mut(index) {
            *place = slot;
        }
    }

    /// Holds back the plain headers called as this part of the text says.
    pub(super) fn hold(&mut self, name: Slice) {
        let name = name.of(&self.text);
        for slot in &mut self.slots {
            if slot.kind == Kind::Plain && slot.is_called(name, &self.text) {
                slot.kind = Kind::Held;
            }
        }
    }
}

/// Whether the line is `name: value\r\n` to the byte.
#[inline]
fn is_canonical(head: &[u8], name: Slice, value: Slice) -> bool {
    value.start() == name.end() + 2
        && head.get(name.end() + 1) == Some(&b' ')
        && head.get(value.end()..value.end() + 2) == Some(b"\r\n")
}

/// Whether blanks and then CR LF follow the value; httparse takes a bare LF (RFC 9112 §2.2).
fn ends_with_crlf(head: &[u8], value: Slice) -> bool {
    let rest = head.get(value.end()..).unwrap_or(&[]);
    let blanks = rest
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    rest.get(blanks..blanks + 2) == Some(b"\r\n")
}
