//! HTTP/1 messages as the peers see them, in a form that can be compared.

use std::fmt;

/// A head with the body that followed it. Names are lower-cased and headers sorted by name, keeping
/// the order of equal names; the body is without its chunk framing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) start: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// Reads `bytes`, a head with its empty line and then the body as it stands.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let end = head_len(bytes).unwrap_or_else(|| {
            panic!(
                "no empty line ends the head of {:?}",
                String::from_utf8_lossy(bytes)
            )
        });
        let (head, body) = bytes.split_at(end);
        let head = latin1(head);
        let mut lines = head.split("\r\n");
        let start = lines.next().unwrap_or_default().to_owned();
        let mut headers: Vec<_> = lines.filter(|line| !line.is_empty()).map(header).collect();
        headers.sort_by(|a, b| a.0.cmp(&b.0));
        Self {
            start,
            headers,
            body: body.to_vec(),
        }
    }

    /// The status of a response, 0 if its line has none.
    pub(crate) fn status(&self) -> u16 {
        let code = self.start.split(' ').nth(1);
        code.and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    /// The first value of a header, whose name is in lower case here.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// Whether the body comes in chunks.
    pub(crate) fn is_chunked(&self) -> bool {
        self.headers.iter().any(|(name, value)| {
            name == "transfer-encoding" && value.to_ascii_lowercase().ends_with("chunked")
        })
    }

    /// Whether `self` is what `expected` describes; `*` there stands for any value.
    pub(crate) fn matches(&self, expected: &Self) -> bool {
        self.start == expected.start
            && self.body == expected.body
            && self.headers.len() == expected.headers.len()
            && self
                .headers
                .iter()
                .zip(&expected.headers)
                .all(|(got, want)| got.0 == want.0 && (want.1 == "*" || got.1 == want.1))
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.start)?;
        for (name, value) in &self.headers {
            write!(f, "|{name}: {value}")?;
        }
        write!(f, "||{}", show(&self.body))
    }
}

/// Length of the head at the front of `bytes`, empty line included.
pub(crate) fn head_len(bytes: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4)
}

/// `bytes` for people: printable text, long runs cut short.
pub(crate) fn show(bytes: &[u8]) -> String {
    let text = bytes.escape_ascii().to_string().replace("\\r\\n", "|");
    if text.len() <= 2000 {
        return text;
    }
    let (front, back) = (&text[..900], &text[text.len() - 200..]);
    format!("{front}… {} bytes …{back}", bytes.len())
}

fn header(line: &str) -> (String, String) {
    let (name, value) = line.split_once(':').unwrap_or((line, "<no colon>"));
    (
        name.to_ascii_lowercase(),
        value.trim_matches([' ', '\t']).to_owned(),
    )
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
