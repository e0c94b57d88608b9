//! `fix_is_valid` and `fix_tag_value(<tag>)`: messages of the Financial Information eXchange.
//!
//! A message is a list of `tag=value` that each end with SOH. It starts with the version (8), the
//! length of the body (9) and the type (35) and ends with a checksum (10).

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

/// Each version, and its highest tag.
const VERSIONS: &[(&[u8], u32)] = &[
    (b"FIX.4.0", 140),
    (b"FIX.4.1", 211),
    (b"FIX.4.2", 446),
    (b"FIX.4.3", 659),
    (b"FIX.4.4", 956),
    (b"FIXT.1.1", 1621),
];

/// Tags that have a name in configurations.
const NAMES: &[(&str, u32)] = &[
    ("BeginString", BEGIN_STRING),
    ("BodyLength", BODY_LENGTH),
    ("CheckSum", CHECK_SUM),
    ("MsgType", MSG_TYPE),
    ("SenderCompID", 49),
    ("TargetCompID", 56),
];

const BEGIN_STRING: u32 = 8;
const BODY_LENGTH: u32 = 9;
const CHECK_SUM: u32 = 10;
const MSG_TYPE: u32 = 35;

/// Nothing shorter is a message.
const SHORTEST: usize = 26;

const SOH: u8 = 1;

pub(super) const IS_VALID: Keyword = Keyword {
    names: &["fix_is_valid"],
    args: &[],
    takes: Type::Bin,
    gives: Type::Bool,
    doc: "Whether the bytes start with a valid FIX message: its first three tags, its length, its \
          tag numbers and its checksum are checked. No value while the message is incomplete.",
    examples: &[
        // 8=FIX.4.4|9=20|35=0|49=A|56=B|34=1|10=125|
        (
            "bin(383d4649582e342e3401393d32300133353d300134393d410135363d420133343d310131303d31323501),fix_is_valid",
            Some("1"),
        ),
        (
            "bin(383d4649582e342e3401393d32300133353d300134393d410135363d420133343d310131303d31323601),fix_is_valid",
            Some("0"),
        ),
        (
            "bin(383d4649582e342e3401393d32300133353d300134393d410135363d420133343d31),fix_is_valid",
            None,
        ),
        (
            "str('GET / HTTP/1.1 Host: example.org=1'),fix_is_valid",
            None,
        ),
        (
            "bin(383d4649582e342e35013d3d31390133353d300134393d4101),fix_is_valid",
            None,
        ),
        (
            "bin(383d4649582e342e3501393d32300133353d300134393d410135363d4201),fix_is_valid",
            Some("0"),
        ),
        ("str(),fix_is_valid", None),
    ],
    build: Build::With(|_| Ok(Box::new(IsValid))),
};

#[derive(Debug)]
struct IsValid;

impl Converting for IsValid {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(message) = input else {
            return None;
        };
        let verdict = is_valid(message);
        cx.may_change(verdict.is_none());
        verdict.map(Sample::Bool)
    }
}

pub(super) const TAG_VALUE: Keyword = Keyword {
    names: &["fix_tag_value"],
    args: &[required("tag", Kind::Str)],
    takes: Type::Bin,
    gives: Type::Bin,
    doc: "The value of a tag of a FIX message. <tag> is a number or one of \"BeginString\", \
          \"BodyLength\", \"MsgType\", \"SenderCompID\", \"TargetCompID\" and \"CheckSum\".",
    examples: &[
        (
            "bin(383d4649582e342e3401393d32300133353d300134393d4101),fix_tag_value(49)",
            Some("A"),
        ),
        (
            "bin(383d4649582e342e3401393d32300133353d300134393d4101),fix_tag_value(msgtype)",
            Some("0"),
        ),
        (
            "bin(383d4649582e342e3401393d32300133353d30),fix_tag_value(35)",
            None,
        ),
        ("bin(383d01393d323001),fix_tag_value(8)", None),
        ("bin(31303d310134393d4101),fix_tag_value(49)", None),
        ("bin(783d310134393d4101),fix_tag_value(49)", None),
    ],
    build: Build::With(build),
};

#[derive(Debug)]
struct TagValue(u32);

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let name = args.text(0).unwrap_or_default();
    let by_name = || {
        let same = |(known, _): &&(&str, u32)| known.as_bytes().eq_ignore_ascii_case(name);
        NAMES.iter().find(same).map(|&(_, tag)| tag)
    };
    match tag(name).or_else(by_name) {
        Some(tag) => Ok(Box::new(TagValue(tag))),
        None => {
            let shown = String::from_utf8_lossy(name);
            let message = format!("unknown FIX tag name '{shown}'");
            let known: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
            Err(BadArg {
                help: Some(format!("write a number or one of: {}", known.join(", "))),
                ..BadArg::new(0, message)
            })
        }
    }
}

impl Converting for TagValue {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(message) = input else {
            return None;
        };
        let value = self.find(message);
        // HAProxy takes an empty value for one that has not come yet.
        cx.may_change(value.is_none_or(|value| value == Some(b"")));
        value?.filter(|value| !value.is_empty()).map(Sample::Bin)
    }
}

impl TagValue {
    /// The tag's value, or that it will never come; `None` if more of the message is needed.
    fn find<'m>(&self, mut rest: &'m [u8]) -> Option<Option<&'m [u8]>> {
        loop {
            let Ok(pair) = Pair::read(rest) else {
                return Some(None);
            };
            let pair = pair?;
            match tag(pair.tag) {
                Some(tag) if tag == self.0 => return Some(Some(pair.value)),
                None | Some(CHECK_SUM) => return Some(None),
                Some(_) => rest = pair.rest,
            }
        }
    }
}

/// A number above 0.
fn tag(text: &[u8]) -> Option<u32> {
    number(text).filter(|&tag| tag != 0)
}

/// Digits only; they wrap around as HAProxy's do.
fn number(text: &[u8]) -> Option<u32> {
    text.iter().all(u8::is_ascii_digit).then(|| decimal(text))
}

fn decimal(text: &[u8]) -> u32 {
    text.iter().fold(0_u32, |sum, &byte| {
        let digit = u32::from(byte).wrapping_sub(u32::from(b'0'));
        sum.wrapping_mul(10).wrapping_add(digit)
    })
}

struct Pair<'m> {
    tag: &'m [u8],
    value: &'m [u8],
    rest: &'m [u8],
}

/// There is no tag before the equals sign.
struct NoTag;

impl<'m> Pair<'m> {
    /// The first pair; none if it is incomplete.
    fn read(message: &'m [u8]) -> Result<Option<Self>, NoTag> {
        let Some(equals) = memchr::memchr(b'=', message) else {
            return Ok(None);
        };
        let (tag, after) = message.split_at_checked(equals).unwrap_or_default();
        let after = after.get(1..).unwrap_or_default();
        let Some(end) = memchr::memchr(SOH, after) else {
            return Ok(None);
        };
        if tag.is_empty() {
            return Err(NoTag);
        }
        Ok(Some(Self {
            tag,
            value: after.get(..end).unwrap_or_default(),
            rest: after.get(end + 1..).unwrap_or_default(),
        }))
    }
}

/// Whether a message is valid; none if that cannot be told yet.
fn is_valid(message: &[u8]) -> Option<bool> {
    if message.len() < SHORTEST {
        return None;
    }
    let mut checker = Checker::default();
    let mut rest = message;
    while !rest.is_empty() {
        let Ok(pair) = Pair::read(rest) else {
            return Some(false);
        };
        let pair = pair?;
        if let Some(verdict) = checker.verdict(&pair, rest.len()) {
            return Some(verdict);
        }
        let length = rest.len() - pair.rest.len();
        let summed = rest.get(..length).unwrap_or_default();
        checker.sum = summed
            .iter()
            .fold(checker.sum, |sum, &byte| sum.wrapping_add(byte));
        rest = pair.rest;
    }
    // All pairs were good but the checksum has not come.
    match checker.body {
        Some(_) => None,
        None => Some(false),
    }
}

#[derive(Default)]
struct Checker {
    pairs: usize,
    highest_tag: Option<u32>,
    /// The announced length of the body, and how much of the message was left at its start.
    body: Option<(usize, usize)>,
    sum: u8,
}

impl Checker {
    /// Looks at the next pair, with `left` bytes of the message from it on; the verdict if this
    /// pair decides it.
    fn verdict(&mut self, pair: &Pair<'_>, left: usize) -> Option<bool> {
        let Some(tag) = tag(pair.tag) else {
            return Some(false);
        };
        let user_defined = (10_000..=19_999).contains(&tag);
        if self.highest_tag.is_some_and(|highest| tag > highest) && !user_defined {
            return Some(false);
        }
        self.pairs += 1;
        match self.pairs {
            1 => {
                let version = VERSIONS.iter().find(|(name, _)| *name == pair.value);
                self.highest_tag = version.map(|&(_, highest)| highest);
                (tag != BEGIN_STRING || version.is_none()).then_some(false)
            }
            2 => {
                let length = number(pair.value).filter(|&length| length != 0);
                self.body = length.map(|length| (length as usize, pair.rest.len()));
                (tag != BODY_LENGTH || length.is_none()).then_some(false)
            }
            3 => (tag != MSG_TYPE).then_some(false),
            _ if tag == CHECK_SUM => {
                let length = self.body.map(|(_, start)| start - left);
                let right_length = self.body.map(|(announced, _)| announced) == length;
                let right_sum = decimal(pair.value) == u32::from(self.sum);
                Some(right_length && pair.value.len() == 3 && right_sum)
            }
            _ => None,
        }
    }
}
