//! `proto`: what connections speak, where that is not left to the mode of their proxy.
//!
//! HAProxy calls what speaks a protocol a multiplexer. Of those there are two here, HTTP/1 and the bytes as they are; the others are
//! known by name. Deliberately absent: who speaks it.

use crate::settings::Mode;

/// One that there is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MuxProto {
    /// `h1`.
    Http1,
    /// `none`.
    Plain,
}

/// Why there is none of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoProto {
    /// HAProxy 3.4 has it.
    NotYet,
    /// Nobody has.
    Unknown,
}

impl MuxProto {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Http1, Self::Plain];

    /// The one of this name.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn find(name: &[u8]) -> Result<Self, NoProto> {
        match name {
            b"h1" => Ok(Self::Http1),
            b"none" => Ok(Self::Plain),
            b"h2" | b"fcgi" | b"spop" | b"quic" | b"qmux" => Err(NoProto::NotYet),
            _ => Err(NoProto::Unknown),
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http1 => "h1",
            Self::Plain => "none",
        }
    }

    /// Whether a proxy of this mode can speak it.
    pub fn serves(self, mode: Mode) -> bool {
        (self == Self::Http1) == (mode == Mode::Http)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_and_a_mode() {
        for proto in MuxProto::ALL {
            assert_eq!(MuxProto::find(proto.name().as_bytes()), Ok(proto));
            assert_ne!(proto.serves(Mode::Http), proto.serves(Mode::Tcp));
        }
        assert_eq!(MuxProto::find(b"h2"), Err(NoProto::NotYet));
        assert_eq!(MuxProto::find(b"h3"), Err(NoProto::Unknown));
    }
}
