//! `balance`, `hash-type` and `hash-key`: how a backend chooses a server.

/// `balance`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Balance {
    /// Smooth weighted round robin.
    RoundRobin,
    /// Round robin through a table that is made once.
    StaticRr,
    /// Fewest connections.
    LeastConn,
    /// First with a free slot.
    First,
    /// Power of two choices: HAProxy 3.4's default is `random(2)`.
    Random(u32),
    /// One server for all.
    Sticky,
    /// The server that a part of the request belongs to.
    Hash(HashKey),
    /// Nothing written: HAProxy 3.4's default.
    #[default]
    Default,
}

/// What of a request is hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HashKey {
    /// `source`: the client's address.
    Source,
    /// `uri`.
    Uri(UriPart),
    /// `url_param`, by its name.
    UrlParam(Box<[u8]>),
    /// `hdr`.
    Header {
        /// Its name.
        name: Box<[u8]>,
        /// `use_domain_only`: of a host name, what stands before the top-level domain.
        domain_only: bool,
    },
    /// `hash` and `rdp-cookie`: an expression, kept beside this.
    Sample,
    /// `log-hash`: what converters, kept as an expression beside this, make of a log line.
    LogLine,
}

/// Which part of a URI is hashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UriPart {
    /// `len`: this many bytes at most; 0 = all.
    pub len: usize,
    /// `depth`: this many directories at most; 0 = all.
    pub depth: usize,
    /// `whole`: the query too.
    pub whole: bool,
    /// `path-only`: without scheme and authority.
    pub path_only: bool,
}

/// `hash-type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashType {
    /// `consistent` rather than `map-based`.
    pub consistent: bool,
    /// The function.
    pub function: HashFunction,
    /// `avalanche`: mixed once more.
    pub avalanche: bool,
}

/// The functions of `hash-type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the function of the same name")]
pub enum HashFunction {
    #[default]
    Sdbm,
    Djb2,
    Wt6,
    Crc32,
    /// The key is the hash, in decimal.
    None,
}

/// `hash-key`: what a server's places on a ring are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the choice of the same name")]
pub enum ServerKey {
    #[default]
    Id,
    Id32,
    Addr,
    AddrPort,
}
