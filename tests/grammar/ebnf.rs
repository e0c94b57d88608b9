//! Reads the files of `grammar/`: ISO 14977 with ranges and special sequences.

use std::collections::BTreeMap;

/// The right side of a rule.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// Between quotes.
    Text(Vec<u8>),
    /// `"a" .. "z"`.
    Range(u8, u8),
    /// A nonterminal.
    Name(String),
    /// `? what a grammar cannot say ?`.
    Special(String),
    /// `a , b`.
    All(Vec<Node>),
    /// `a | b`.
    OneOf(Vec<Node>),
    /// `[ a ]`.
    Maybe(Box<Node>),
    /// `{ a }`.
    Many(Box<Node>),
    /// `a - b`, of single bytes.
    But(Box<Node>, Box<Node>),
}

/// Rules by name.
pub(crate) type Rules = BTreeMap<String, Node>;

/// Adds the rules of one file; a name defined twice is an error.
pub(crate) fn read(text: &str, rules: &mut Rules) {
    let mut reader = Reader {
        tokens: tokens(text),
        at: 0,
    };
    while reader.at < reader.tokens.len() {
        let Token::Name(name) = reader.next() else {
            panic!("expected a name, found {:?}", reader.tokens[reader.at - 1]);
        };
        reader.expect('=');
        let node = reader.alternatives();
        reader.expect(';');
        let before = rules.insert(name.clone(), node);
        assert!(before.is_none(), "'{name}' is defined twice");
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    Text(Vec<u8>),
    Special(String),
    Sign(char),
    Range,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("(*") {
            rest = comment.split_once("*)").expect("comments end").1;
        } else if let Some(range) = rest.strip_prefix("..") {
            tokens.push(Token::Range);
            rest = range;
        } else if matches!(first, '"' | '\'' | '?') {
            let (inside, after) = rest[1..].split_once(first).expect("quotes end");
            tokens.push(match first {
                '?' => Token::Special(inside.trim().to_owned()),
                _ => Token::Text(inside.as_bytes().to_vec()),
            });
            rest = after;
        } else if first.is_alphabetic() {
            let is_name = |c: char| c.is_alphanumeric() || c.is_whitespace();
            let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            let words: Vec<&str> = rest[..end].split_whitespace().collect();
            tokens.push(Token::Name(words.join(" ")));
            rest = &rest[end..];
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Sign(first));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    tokens
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

impl Reader {
    fn next(&mut self) -> Token {
        self.at += 1;
        self.tokens[self.at - 1].clone()
    }

    fn takes(&mut self, token: &Token) -> bool {
        let found = self.tokens.get(self.at) == Some(token);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: char) {
        let around = &self.tokens[self.at.saturating_sub(4)..];
        let around = format!("{:?}", &around[..around.len().min(6)]);
        assert!(self.takes(&Token::Sign(sign)), "expected {sign}: {around}");
    }

    fn alternatives(&mut self) -> Node {
        let mut list = vec![self.sequence()];
        while self.takes(&Token::Sign('|')) {
            list.push(self.sequence());
        }
        single(list, Node::OneOf)
    }

    fn sequence(&mut self) -> Node {
        let mut list = vec![self.factor()];
        while self.takes(&Token::Sign(',')) {
            list.push(self.factor());
        }
        single(list, Node::All)
    }

    fn factor(&mut self) -> Node {
        let primary = self.primary();
        match self.takes(&Token::Sign('-')) {
            true => Node::But(Box::new(primary), Box::new(self.primary())),
            false => primary,
        }
    }

    fn primary(&mut self) -> Node {
        match self.next() {
            Token::Name(name) => Node::Name(name),
            Token::Special(text) => Node::Special(text),
            Token::Text(text) if self.takes(&Token::Range) => match self.next() {
                Token::Text(last) => Node::Range(text[0], last[0]),
                other => panic!("a range ends in {other:?}"),
            },
            Token::Text(text) => Node::Text(text),
            Token::Sign(open @ ('(' | '[' | '{')) => {
                let inside = self.alternatives();
                self.expect(match open {
                    '(' => ')',
                    '[' => ']',
                    _ => '}',
                });
                match open {
                    '(' => inside,
                    '[' => Node::Maybe(Box::new(inside)),
                    _ => Node::Many(Box::new(inside)),
                }
            }
            other => panic!("unexpected {other:?}"),
        }
    }
}

fn single(mut list: Vec<Node>, many: fn(Vec<Node>) -> Node) -> Node {
    match list.len() {
        1 => list.remove(0),
        _ => many(list),
    }
}

/// The nonterminals a node mentions, those inside special sequences too.
pub(crate) fn names(node: &Node, visit: &mut dyn FnMut(&str)) {
    match node {
        Node::Name(name) => visit(name),
        Node::Special(text) => {
            if let Some(name) = text.strip_prefix("one word: ") {
                visit(name);
            }
        }
        Node::All(list) | Node::OneOf(list) => list.iter().for_each(|node| names(node, visit)),
        Node::Maybe(node) | Node::Many(node) => names(node, visit),
        Node::But(one, other) => {
            names(one, visit);
            names(other, visit);
        }
        Node::Text(_) | Node::Range(..) => {}
    }
}
