//! `observe`: what live traffic says about a server (SEMANTICS 1.3 to 1.5).

use super::spec::Observe;

/// Something that happened on a connection to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A connection was established, or reused.
    Connected,
    /// A connection could not be made.
    ConnectFailed,
    /// A response head came, an interim one too.
    Status(u16),
    /// A response head could not be read.
    BadHead,
    /// A response's body was invalid, or cut.
    BadResponse,
    /// The server closed, or its connection broke, before a response.
    ReadError,
    /// No response came in time.
    ReadTimeout,
}

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    Nothing,
    Error,
    Success,
}

impl Event {
    pub(super) fn says(self, observe: Observe) -> Says {
        match (observe, self) {
            (Observe::Nothing, _) => Says::Nothing,
            (_, Self::ConnectFailed) => Says::Error,
            (Observe::Layer4, Self::Connected) => Says::Success,
            (Observe::Layer4, _) | (Observe::Layer7, Self::Connected) => Says::Nothing,
            (Observe::Layer7, Self::Status(100..=499 | 501 | 505)) => Says::Success,
            (Observe::Layer7, _) => Says::Error,
        }
    }

    /// In HAProxy's words.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Connected => "L4 successful connection",
            Self::ConnectFailed => "L4 unsuccessful connection",
            Self::Status(_) => "Wrong http response",
            Self::BadHead => "Invalid http response (headers)",
            Self::BadResponse => "Invalid http response",
            Self::ReadError => "Read error (http)",
            Self::ReadTimeout => "Read timeout (http)",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Says::{Error, Nothing, Success};
    use super::*;

    // SEMANTICS 1.3.
    #[test]
    fn items_130_to_132_events_count_as_in_the_table() {
        let check = |event: Event, layer4, layer7| {
            assert_eq!(event.says(Observe::Layer4), layer4, "{event:?}");
            assert_eq!(event.says(Observe::Layer7), layer7, "{event:?}");
            assert_eq!(event.says(Observe::Nothing), Nothing);
        };
        check(Event::Connected, Success, Nothing);
        check(Event::ConnectFailed, Error, Error);
        for status in [100, 101, 200, 302, 404, 499, 501, 505] {
            check(Event::Status(status), Nothing, Success);
        }
        for status in [99, 500, 502, 503, 504, 506, 599, 600] {
            check(Event::Status(status), Nothing, Error);
        }
        for event in [
            Event::BadHead,
            Event::BadResponse,
            Event::ReadError,
            Event::ReadTimeout,
        ] {
            check(event, Nothing, Error);
        }
    }
}
