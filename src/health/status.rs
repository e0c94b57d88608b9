//! What a check came to: HAProxy's status codes and their descriptions (manual, `show stat`).

/// How a check ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CheckStatus {
    /// There was none.
    #[default]
    Unknown,
    /// There will be one.
    Initializing,
    /// An agent said nothing about health.
    Checked,
    /// Live traffic failed too often (`observe`).
    Analyzed,
    /// The socket broke.
    SocketError,
    /// Connected.
    L4Ok,
    /// Not connected in time.
    L4Timeout,
    /// Not connected.
    L4Connection,
    /// A handshake succeeded.
    L6Ok,
    /// A handshake took too long.
    L6Timeout,
    /// A handshake failed.
    L6Response,
    /// An answer took too long.
    L7Timeout,
    /// An answer was invalid.
    L7Response,
    /// An answer was right.
    L7Ok,
    /// An answer was right but asks for no new clients.
    L7OkConditional,
    /// An answer was understood and bad.
    L7Status,
    /// A program failed.
    ProcessError,
    /// A program took too long.
    ProcessTimeout,
    /// A program succeeded.
    ProcessOk,
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Neutral,
    /// The check failed.
    Failed,
    /// It passed.
    Passed,
    /// It passed, and the server wants no new clients.
    PassedConditionally,
}

impl CheckStatus {
    /// Every status.
    const ALL: [Self; 19] = [
        Self::Unknown,
        Self::Initializing,
        Self::Checked,
        Self::Analyzed,
        Self::SocketError,
        Self::L4Ok,
        Self::L4Timeout,
        Self::L4Connection,
        Self::L6Ok,
        Self::L6Timeout,
        Self::L6Response,
        Self::L7Timeout,
        Self::L7Response,
        Self::L7Ok,
        Self::L7OkConditional,
        Self::L7Status,
        Self::ProcessError,
        Self::ProcessTimeout,
        Self::ProcessOk,
    ];

    /// The short code of `show stat`.
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// In words.
    pub fn description(self) -> &'static str {
        self.row().1
    }

    /// The number `show servers state` prints; those between are HAProxy's own.
    pub fn number(self) -> u8 {
        match self as u8 {
            number @ 0..=1 => number,
            number @ 2..=12 => number + 1,
            number => number + 2,
        }
    }

    /// The status of a number of `show servers state`; what was under way counts as none.
    pub fn numbered(number: u8) -> Option<Self> {
        /// How many statuses HAProxy has.
        const COUNT: u8 = 23;
        let mut all = Self::ALL.into_iter();
        let found = all.find(|status| status.number() == number);
        found.or((number < COUNT).then_some(Self::Initializing))
    }

    /// What follows from it.
    pub fn verdict(self) -> Verdict {
        self.row().2
    }

    /// Whether a number such as an HTTP status goes with it.
    pub fn has_number(self) -> bool {
        matches!(
            self,
            Self::L7Ok
                | Self::L7OkConditional
                | Self::L7Status
                | Self::ProcessError
                | Self::ProcessTimeout
                | Self::ProcessOk
        )
    }

    /// The status that a rule names, such as `L7STS`.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|status| status.code() == name)
    }

    fn row(self) -> (&'static str, &'static str, Verdict) {
        use Verdict::{Failed, Neutral, Passed, PassedConditionally};
        match self {
            Self::Unknown => ("UNK", "Unknown", Neutral),
            Self::Initializing => ("INI", "Initializing", Neutral),
            Self::Checked => ("CHECKED", "No status change", Neutral),
            Self::Analyzed => ("HANA", "Health analyze", Failed),
            Self::SocketError => ("SOCKERR", "Socket error", Failed),
            Self::L4Ok => ("L4OK", "Layer4 check passed", Passed),
            Self::L4Timeout => ("L4TOUT", "Layer4 timeout", Failed),
            Self::L4Connection => ("L4CON", "Layer4 connection problem", Failed),
            Self::L6Ok => ("L6OK", "Layer6 check passed", Passed),
            Self::L6Timeout => ("L6TOUT", "Layer6 timeout", Failed),
            Self::L6Response => ("L6RSP", "Layer6 invalid response", Failed),
            Self::L7Timeout => ("L7TOUT", "Layer7 timeout", Failed),
            Self::L7Response => ("L7RSP", "Layer7 invalid response", Failed),
            Self::L7Ok => ("L7OK", "Layer7 check passed", Passed),
            Self::L7OkConditional => (
                "L7OKC",
                "Layer7 check conditionally passed",
                PassedConditionally,
            ),
            Self::L7Status => ("L7STS", "Layer7 wrong status", Failed),
            Self::ProcessError => ("PROCERR", "External check error", Failed),
            Self::ProcessTimeout => ("PROCTOUT", "External check timeout", Failed),
            Self::ProcessOk => ("PROCOK", "External check passed", Passed),
        }
    }
}
