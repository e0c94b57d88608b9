//! Random sentences of a grammar.
//!
//! What a grammar cannot say, its special sequences, is filled in here: names and calls come from
//! the vocabulary, and converters are chosen so that types fit.

use crate::ebnf::{Node, Rules};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use tidegate::vocab::reference::Class;
use tidegate::vocab::sample::Type;
use tidegate::vocab::scope::Phase;
use tidegate::vocab::{Status, converter, fetch, keywords};

/// Beyond this many rules inside each other, or steps of one sentence, the shortest way out is
/// taken.
const DEEP: usize = 24;
const LONG: usize = 4_000;

/// A small generator of numbers (splitmix64): the same sentences in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn pick<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.below(list.len())]
    }
}

/// A fetch with arguments, what it gives, and when it is there.
pub(crate) struct Call {
    pub(crate) text: String,
    gives: Type,
    needs: fetch::Needs,
}

/// A converter with arguments, what it takes and gives.
pub(crate) struct Conversion {
    /// A whole expression it is used in.
    pub(crate) inside: String,
    text: String,
    takes: Type,
    gives: Type,
}

/// The calls that the examples of the vocabulary show.
pub(crate) fn calls() -> Vec<Call> {
    let mut calls = Vec::new();
    for keyword in fetch::ALL {
        for example in keyword.examples {
            let parts = links(example.expression);
            calls.push(Call {
                text: parts[0].to_owned(),
                gives: keyword.yields,
                needs: keyword.needs,
            });
        }
    }
    calls
}

/// The converters that the examples of the vocabulary show.
pub(crate) fn conversions() -> Vec<Conversion> {
    let mut conversions = Vec::new();
    for keyword in converter::ALL {
        for (expression, _) in keyword.examples {
            for link in links(expression).into_iter().skip(1) {
                let name = link.split('(').next().unwrap_or("");
                if keyword.names.contains(&name) {
                    conversions.push(Conversion {
                        inside: (*expression).to_owned(),
                        text: link.to_owned(),
                        takes: keyword.takes,
                        gives: keyword.gives,
                    });
                }
            }
        }
    }
    conversions
}

/// An expression cut at the commas outside parentheses.
fn links(expression: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quote, mut depth) = (Vec::new(), 0, None, 0);
    let mut escaped = false;
    for (at, c) in expression.char_indices() {
        match (c, quote) {
            _ if escaped => escaped = false,
            ('\\', None | Some('"')) => escaped = true,
            ('"' | '\'', None) if depth > 0 => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            ('(', None) => depth += 1,
            (')', None) => depth -= 1,
            (',', None) if depth == 0 => {
                parts.push(&expression[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&expression[start..]);
    parts
}

/// Derives sentences.
pub(crate) struct Deriver<'g> {
    rules: &'g Rules,
    heights: BTreeMap<&'g str, usize>,
    pub(crate) random: Random,
    calls: &'g [Call],
    conversions: &'g [Conversion],
    steps: usize,
    /// The bytes a node stands for, and the printable ones among them, by the node's place.
    sets: HashMap<*const Node, [Rc<[u8]>; 3]>,
    aliases: Vec<&'static str>,
    acls: Vec<&'static str>,
    /// Only ASCII is derived from sets of bytes.
    pub(crate) ascii: bool,
    /// When the expression at hand is evaluated, and its type so far.
    phase: Phase,
    gives: Type,
}

impl<'g> Deriver<'g> {
    pub(crate) fn new(
        rules: &'g Rules,
        calls: &'g [Call],
        conversions: &'g [Conversion],
        seed: u64,
    ) -> Self {
        let working = |class| {
            let words = keywords().into_iter();
            words
                .filter(move |word| word.class == class && word.status == Status::Works)
                .map(|word| word.name)
                .collect()
        };
        Self {
            heights: heights(rules),
            rules,
            random: Random(seed),
            calls,
            conversions,
            steps: 0,
            sets: HashMap::new(),
            aliases: working(Class::LogAlias),
            acls: working(Class::PredefinedAcl),
            ascii: false,
            phase: Phase::Request,
            gives: Type::Str,
        }
    }

    /// One sentence of the nonterminal.
    pub(crate) fn sentence(&mut self, root: &str) -> Vec<u8> {
        let mut out = Vec::new();
        self.steps = 0;
        self.name(root, 0, &mut out);
        out
    }

    fn name(&mut self, name: &str, depth: usize, out: &mut Vec<u8>) {
        let rules = self.rules;
        let rule = rules
            .get(name)
            .unwrap_or_else(|| panic!("no rule '{name}'"));
        let start = out.len();
        self.node(rule, depth + 1, out);
        if name == "constant" {
            self.gives = match out[start] {
                b's' => Type::Str,
                b'i' => Type::Sint,
                _ => Type::Bool,
            };
        }
    }

    fn node(&mut self, node: &Node, depth: usize, out: &mut Vec<u8>) {
        self.steps += 1;
        let deep = depth > DEEP || self.steps > LONG;
        match node {
            Node::Text(text) => out.extend_from_slice(text),
            Node::Name(name) => self.name(name, depth, out),
            Node::All(list) => list.iter().for_each(|node| self.node(node, depth, out)),
            Node::OneOf(list) if deep => {
                let lowest = list.iter().min_by_key(|node| height(node, &self.heights));
                self.node(lowest.expect("a choice has alternatives"), depth, out);
            }
            Node::OneOf(list) => {
                let chosen = self.random.below(list.len());
                self.node(&list[chosen], depth, out);
            }
            Node::Maybe(inside) => {
                if !deep && self.random.below(2) == 0 {
                    self.node(inside, depth, out);
                }
            }
            Node::Many(inside) => {
                let times = if deep { 0 } else { self.random.below(4) };
                (0..times).for_each(|_| self.node(inside, depth, out));
            }
            Node::Range(..) | Node::But(..) => out.push(self.byte(node)),
            Node::Special(text) => self.special(node, text, depth, out),
        }
    }

    /// One of the bytes a node stands for; printable ones are preferred.
    fn byte(&mut self, node: &Node) -> u8 {
        let kind = match self.random.below(8) {
            0 if !self.ascii => 0,
            1..=3 => 1,
            _ => 2,
        };
        if !self.sets.contains_key(&std::ptr::from_ref(node)) {
            let all = self.set(node);
            let only = |wanted: std::ops::RangeInclusive<u8>| -> Rc<[u8]> {
                let some: Vec<u8> = all.iter().copied().filter(|b| wanted.contains(b)).collect();
                if some.is_empty() { &all } else { &some }.as_slice().into()
            };
            let sets = [only(1..=255), only(b'!'..=b'/'), only(b' '..=b'~')];
            self.sets.insert(node, sets);
        }
        let set = self.sets[&std::ptr::from_ref(node)][kind].clone();
        *self.random.pick(&set)
    }

    fn set(&self, node: &Node) -> Vec<u8> {
        match node {
            Node::Text(text) => text.clone(),
            Node::Range(first, last) => (*first..=*last).collect(),
            Node::Name(name) => self.set(&self.rules[name]),
            Node::OneOf(list) => list.iter().flat_map(|node| self.set(node)).collect(),
            Node::But(all, without) => {
                let without = self.set(without);
                let all = self.set(all).into_iter();
                all.filter(|byte| !without.contains(byte)).collect()
            }
            Node::Special(text) => match u8::from_str_radix(text, 16) {
                Ok(byte) => vec![byte],
                Err(_) => (1..=255).collect(),
            },
            other => panic!("not a set of bytes: {other:?}"),
        }
    }

    fn special(&mut self, node: &Node, text: &str, depth: usize, out: &mut Vec<u8>) {
        if let Some(name) = text.strip_prefix("one word: ") {
            let mut word = Vec::new();
            self.name(name, depth, &mut word);
            return quoted(&word, out);
        }
        if let Some(name) = text.strip_prefix("an expression of type ") {
            return self.typed(name, depth, out);
        }
        match text {
            "a separator and a token of section 2" => {
                out.push(b' ');
                self.name("token", depth, out);
            }
            "a fetch of keywords.json with the arguments it takes" => self.call(out),
            "a converter of keywords.json with the arguments it takes" => self.conversion(out),
            "a log alias" => out.extend_from_slice(self.random.pick(&self.aliases).as_bytes()),
            "a predefined ACL" => out.extend_from_slice(self.random.pick(&self.acls).as_bytes()),
            "an expression known at the end" => {
                let before = std::mem::replace(&mut self.phase, Phase::Log);
                self.name("expression", depth, out);
                self.phase = before;
            }
            _ => out.push(self.byte(node)),
        }
    }

    fn call(&mut self, out: &mut Vec<u8>) {
        loop {
            let call = self.random.pick(self.calls);
            if call.needs.met_at(self.phase) {
                self.gives = call.gives;
                return out.extend_from_slice(call.text.as_bytes());
            }
        }
    }

    fn conversion(&mut self, out: &mut Vec<u8>) {
        loop {
            let conversion = self.random.pick(self.conversions);
            if self.gives.becomes(conversion.takes) {
                // A converter from any type to any type gives what it got.
                if (conversion.takes, conversion.gives) != (Type::Any, Type::Any) {
                    self.gives = conversion.gives;
                }
                return out.extend_from_slice(conversion.text.as_bytes());
            }
        }
    }

    /// An expression of that type: one of many that happens to have it.
    fn typed(&mut self, wanted: &str, depth: usize, out: &mut Vec<u8>) {
        let start = out.len();
        loop {
            self.name("expression", depth, out);
            if self.gives.name() == wanted {
                return;
            }
            out.truncate(start);
        }
    }
}

/// A word as it is, or in double quotes.
fn quoted(word: &[u8], out: &mut Vec<u8>) {
    let special = |byte: &u8| matches!(byte, b' ' | b'"' | b'\'' | b'\\' | b'#');
    if !word.iter().any(special) {
        return out.extend_from_slice(word);
    }
    out.push(b'"');
    for &byte in word {
        if matches!(byte, b'"' | b'\\' | b'$') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// How many rules the shortest sentence of each nonterminal goes through.
fn heights(rules: &Rules) -> BTreeMap<&str, usize> {
    let mut heights = BTreeMap::new();
    loop {
        let mut changed = false;
        for (name, rule) in rules {
            let now = height(rule, &heights).saturating_add(1);
            let before = heights.insert(name.as_str(), now);
            changed |= before != Some(now);
        }
        if !changed {
            return heights;
        }
    }
}

fn height(node: &Node, heights: &BTreeMap<&str, usize>) -> usize {
    const UNKNOWN: usize = 1_000_000;
    let of = |node: &Node| height(node, heights);
    match node {
        Node::Name(name) => heights
            .get(name.as_str())
            .copied()
            .unwrap_or(UNKNOWN)
            .min(UNKNOWN),
        Node::All(list) => list.iter().map(of).max().unwrap_or(0),
        Node::OneOf(list) => list.iter().map(of).min().unwrap_or(0),
        _ => 0,
    }
}
