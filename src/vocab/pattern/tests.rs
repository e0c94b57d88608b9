//! Lists against a plain model of them: look-ups, changes, versions, readers beside a writer.

use super::testing::{list, spec};
use super::*;
use crate::vocab::matcher::Method;
use crate::vocab::sample::{ROOM, Sample};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A reproducible source of numbers.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn text(&mut self, alphabet: &str, longest: u64) -> String {
        let length = self.roll(longest) + 1;
        let letters = alphabet.as_bytes();
        let letter = |_| char::from(letters[self.roll(letters.len() as u64) as usize]);
        (0..length).map(letter).collect()
    }

    /// A pattern for a method; values are made the same way.
    fn pattern(&mut self, method: Method) -> String {
        match method {
            Method::Int | Method::Len => match self.roll(3) {
                0 => self.roll(20).to_string(),
                1 => format!("{}:", self.roll(20)),
                _ => {
                    let low = self.roll(20);
                    format!("{low}:{}", low + self.roll(5))
                }
            },
            Method::Ip => match self.roll(4) {
                0 => format!("10.0.{}.{}", self.roll(2), self.roll(4)),
                1 => format!("10.0.0.0/{}", 24 + self.roll(8)),
                2 => format!("2001:db8::{}/{}", self.roll(4), 120 + self.roll(9)),
                _ => format!("10.0.0.{}/255.0.255.3", self.roll(4)),
            },
            Method::Dir => self.text("ab/", 5),
            Method::Dom => self.text("ab.", 5),
            Method::Bin => ["61", "6162", "62", "0a"][self.roll(4) as usize].to_owned(),
            Method::Reg => ["^a", "b$", "ab", "a+b", "[ab]{3}", "abba", "bab.a"]
                [self.roll(7) as usize]
                .to_owned(),
            _ => self.text("abAB", 5),
        }
    }

    fn value(&mut self, method: Method) -> String {
        match method {
            Method::Int => self.roll(25).to_string(),
            Method::Ip => match self.roll(2) {
                0 => format!("10.0.{}.{}", self.roll(2), self.roll(4)),
                _ => format!("2001:db8::{}", self.roll(6)),
            },
            Method::Dir => self.text("abA/?", 9),
            Method::Dom => self.text("abA.:", 9),
            _ => self.text("abAB", 9),
        }
    }
}

/// Which of the patterns a plain loop finds, by HAProxy's rules.
fn expected(patterns: &[String], value: &str, method: Method, fold: bool) -> Option<usize> {
    let case = |text: &str| match fold {
        true => text.to_ascii_lowercase(),
        false => text.to_owned(),
    };
    let text = case(value);
    let first = |matches: &dyn Fn(&str) -> bool| patterns.iter().position(|p| matches(&case(p)));
    match method {
        Method::Str => first(&|p| p == text),
        Method::End => first(&|p| text.ends_with(p)),
        Method::Sub => first(&|p| text.contains(p)),
        Method::Bin => first(&|p| {
            let bytes: Vec<u8> = (0..p.len() / 2)
                .map(|at| u8::from_str_radix(&p[2 * at..2 * at + 2], 16).unwrap())
                .collect();
            bytes == value.as_bytes()
        }),
        Method::Reg => first(&|p| {
            let mut builder = ::regex::RegexBuilder::new(p);
            builder
                .case_insensitive(fold)
                .build()
                .unwrap()
                .is_match(value)
        }),
        Method::Beg => {
            let longest = patterns
                .iter()
                .map(|p| case(p))
                .filter(|p| text.starts_with(p.as_str()));
            let longest = longest.map(|p| p.len()).max()?;
            first(&|p| p.len() == longest && text.starts_with(p))
        }
        Method::Dir | Method::Dom => {
            let cuts: &[char] = if method == Method::Dir {
                &['/', '?']
            } else {
                &['/', '?', '.', ':']
            };
            first(&|p| {
                let p = p.trim_matches(cuts);
                let stands = |(at, _): (usize, &str)| {
                    text[..at]
                        .chars()
                        .next_back()
                        .is_none_or(|c| cuts.contains(&c))
                        && text[at + p.len()..]
                            .chars()
                            .next()
                            .is_none_or(|c| cuts.contains(&c))
                };
                !p.is_empty()
                    && (0..text.len()).any(|at| text[at..].starts_with(p) && stands((at, "")))
            })
        }
        Method::Int | Method::Len => {
            let number: u64 = match method {
                Method::Int => value.parse().unwrap(),
                _ => value.len() as u64,
            };
            first(&|p| match p.split_once(':') {
                None => p == number.to_string(),
                Some((low, high)) => {
                    low.parse::<u64>().unwrap() <= number
                        && high.parse().map_or(true, |high: u64| number <= high)
                }
            })
        }
        Method::Ip => {
            let addr: IpAddr = value.parse().unwrap();
            let bits = |p: &str| -> Option<u32> {
                let (network, mask) = p.split_once('/').unwrap_or((p, "none"));
                let (network, value, width): (u128, u128, u32) =
                    match (network.parse().unwrap(), addr) {
                        (IpAddr::V4(n), IpAddr::V4(a)) => {
                            (u32::from(n).into(), u32::from(a).into(), 32)
                        }
                        (IpAddr::V6(n), IpAddr::V6(a)) => (n.into(), a.into(), 128),
                        _ => return None,
                    };
                let length = match mask.parse::<std::net::Ipv4Addr>() {
                    Ok(mask) => {
                        return ((network ^ value) as u32 & u32::from(mask) == 0).then_some(0);
                    }
                    Err(_) => mask.parse().unwrap_or(width),
                };
                let differ = (network ^ value).checked_shr(width - length).unwrap_or(0);
                (differ == 0).then_some(length + 1)
            };
            let longest = patterns.iter().filter_map(|p| bits(p)).max()?;
            first(&|p| bits(p) == Some(longest))
        }
        Method::Found | Method::Bool | Method::Meth | Method::Version => None,
    }
}

fn found(view: &View, method: Method, value: &str) -> Option<String> {
    let sample = Sample::Str(value.as_bytes());
    let mut room = ROOM;
    let sample = sample.cast(method.takes().unwrap(), &mut room).unwrap();
    let shown = view.look_up(sample, |found| {
        String::from_utf8_lossy(found.value()).into_owned()
    });
    assert_eq!(view.matches(sample), shown.is_some(), "{value}");
    shown
}

/// Patterns come, change and go; every look-up finds what a plain loop finds.
fn compare(method: Method, fold: bool, start: u64, rounds: u64) {
    let mut dice = Dice(start + 17);
    let mut model: Vec<(String, String)> = Vec::new();
    let made = list(&[]);
    let name = format!("{} {fold} {start}", method.name());
    if start > 0 {
        let mut text = String::new();
        for n in 0..start {
            let pattern = dice.pattern(method);
            text.push_str(&format!("{pattern} {n}\n"));
            model.push((pattern, n.to_string()));
        }
        made.read(text.as_bytes(), Columns::Two).unwrap();
    }
    let view = made.view(spec(method, fold)).unwrap();
    made.settle();
    for round in 0..rounds {
        let (pattern, value) = (dice.pattern(method), round.to_string());
        match dice.roll(4) {
            0 => {
                made.add(pattern.as_bytes(), value.as_bytes()).unwrap();
                model.push((pattern, value));
            }
            1 => {
                made.put(pattern.as_bytes(), value.as_bytes()).unwrap();
                match model.iter().any(|(key, _)| *key == pattern) {
                    true => model
                        .iter_mut()
                        .filter(|(key, _)| *key == pattern)
                        .for_each(|e| e.1 = value.clone()),
                    false => model.push((pattern, value)),
                }
            }
            _ => {
                let at = model.iter().position(|(key, _)| *key == pattern);
                assert_eq!(made.delete(pattern.as_bytes()).is_ok(), at.is_some());
                at.map(|at| model.remove(at));
            }
        }
        let patterns: Vec<String> = model.iter().map(|(key, _)| key.clone()).collect();
        for _ in 0..10 {
            let value = dice.value(method);
            let wanted = expected(&patterns, &value, method, fold).map(|at| model[at].1.clone());
            assert_eq!(
                found(&view, method, &value),
                wanted,
                "{name} {value} {patterns:?}"
            );
        }
    }
    let mut kept = Vec::new();
    let mut entries = made.entries();
    while let Some(entry) = entries.next_entry() {
        kept.push(String::from_utf8_lossy(entry.key).into_owned());
    }
    let patterns: Vec<String> = model.into_iter().map(|(key, _)| key).collect();
    assert_eq!(kept, patterns, "{name}");
}

macro_rules! methods {
    ($($name:ident $method:ident;)*) => {
        $(#[test] fn $name() {
            for fold in [false, true] {
                compare(Method::$method, fold, 0, 120);
                compare(Method::$method, fold, 100, 60);
            }
        })*
    };
}

methods! {
    beg Beg; bin Bin; dir Dir; dom Dom; end End; int Int; ip Ip; len Len; reg Reg; str Str; sub Sub;
}

#[test]
fn a_change_that_one_user_cannot_read_is_made_for_nobody() {
    let made = list(&["10"]);
    let ints = made.view(spec(Method::Int, false)).unwrap();
    let texts = made.view(spec(Method::Str, true)).unwrap();
    let error = made.add(b"x", b"").unwrap_err();
    assert_eq!(error.to_string(), "'x' is not a number");
    assert!(!texts.matches(Sample::Str(b"x")) && ints.matches(Sample::Sint(10)));
    made.add(b"11", b"").unwrap();
    assert!(texts.matches(Sample::Str(b"11")) && ints.matches(Sample::Sint(11)));
    assert_eq!(made.count(), 2);
}

#[test]
fn values_are_checked_too() {
    let made = list(&[]);
    made.read(b"a 1\n", Columns::Two).unwrap();
    let ints = Spec {
        values: Values::Int,
        ..spec(Method::Str, false)
    };
    made.view(ints).unwrap();
    let error = made.put(b"a", b"one").unwrap_err();
    assert_eq!(error.to_string(), "unable to parse 'one'");
    assert_eq!(made.set(b"b", b"2"), Err(EditError::NotFound));
    made.put(b"a", b"-5").unwrap();
    let mut entries = made.entries();
    while let Some(entry) = entries.next_entry() {
        assert_eq!((entry.key, entry.value), (&b"a"[..], &b"-5"[..]));
        made.set_entry(entry.id, b"7").unwrap();
        made.delete_entry(entry.id).unwrap();
        assert_eq!(made.delete_entry(entry.id), Err(EditError::NotFound));
    }
    assert_eq!(made.count(), 0);
}

#[test]
fn versions_replace_each_other_at_once() {
    let made = list(&["old"]);
    let view = made.view(spec(Method::Str, false)).unwrap();
    let has = |text: &str| view.matches(Sample::Str(text.as_bytes()));
    let (first, second) = (made.prepare(), made.prepare());
    made.add_prepared(first, b"first", b"").unwrap();
    made.add_prepared(second, b"second", b"").unwrap();
    assert_eq!(made.versions(), (0, 2));
    assert!(has("old") && !has("second"));
    made.commit(second).unwrap();
    assert!(!has("old") && has("second"));
    assert_eq!(made.commit(first), Err(EditError::NoVersion));
    assert_eq!(made.add_prepared(9, b"x", b""), Err(EditError::NoVersion));
    made.clear();
    assert!(!has("second"));
}

#[test]
fn readers_see_a_list_before_or_after_each_change() {
    let made = list(&["always"]);
    let view = made.view(spec(Method::Str, false)).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (view, stop) = (view.clone(), stop.clone());
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    assert!(view.matches(Sample::Str(b"always")));
                    if let Some((key, value)) = view.look_up(Sample::Str(b"k"), |found| {
                        (found.key().to_vec(), found.value().to_vec())
                    }) {
                        assert!(key == b"k" && value.iter().all(|byte| *byte == value[0]));
                    }
                }
            })
        })
        .collect();
    for round in 0..600_usize {
        let value = vec![b'a' + (round % 26) as u8; round % 40 + 1];
        made.put(b"k", &value).unwrap();
        if round % 5 == 0 {
            made.delete(b"k").unwrap();
        }
    }
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.join().unwrap();
    }
}

#[test]
fn lists_do_not_grow_with_what_was_removed() {
    let made = list(&[]);
    let view = made.view(spec(Method::Beg, true)).unwrap();
    for round in 0..5_000_u32 {
        let key = format!("/some/path/{round}");
        made.put(key.as_bytes(), b"some value").unwrap();
        if let Some(old) = round.checked_sub(50) {
            made.delete(format!("/some/path/{old}").as_bytes()).unwrap();
        }
    }
    assert_eq!(made.count(), 50);
    assert!(view.matches(Sample::Str(b"/SOME/path/4999")));
    assert!(made.memory() < 64_000, "{}", made.memory());
}

#[test]
fn what_came_and_went_is_counted() {
    let list = PatternRef::of_text(b"a 1\nb 2\n").unwrap();
    let check = |change: &dyn Fn(&PatternRef), expected: (u64, u64)| {
        change(&list);
        assert_eq!(list.turnover(), expected);
    };
    check(&|_| {}, (2, 0));
    check(&|list| list.add(b"c", b"3").unwrap(), (3, 0));
    check(&|list| list.set(b"a", b"4").unwrap(), (3, 0));
    check(&|list| list.delete(b"a").unwrap(), (3, 1));
    check(&|list| assert!(list.delete(b"a").is_err()), (3, 1));
    let (dropped, current) = (list.prepare(), list.prepare());
    check(
        &|list| list.add_prepared(dropped, b"d", b"").unwrap(),
        (4, 1),
    );
    check(
        &|list| list.add_prepared(current, b"e", b"").unwrap(),
        (5, 1),
    );
    check(&|list| list.commit(current).unwrap(), (5, 4));
    let never = list.prepare();
    check(&|list| list.add_prepared(never, b"f", b"").unwrap(), (6, 4));
    check(&|list| list.drop_prepared(never), (6, 5));
    check(&|list| list.clear(), (6, 6));
}
