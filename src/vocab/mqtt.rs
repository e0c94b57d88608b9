//! MQTT: the two packets that open a session, CONNECT and CONNACK, of versions 3.1, 3.1.1 and 5.
//!
//! A packet is checked as a whole before any field is read from it. Which properties may stand
//! where, and what they hold, is a table. Deliberately absent: all later packets, and user
//! properties beyond their syntax.

/// The types of packets by number from 1, as configurations name them.
const PACKETS: [&str; 15] = [
    "CONNECT",
    "CONNACK",
    "PUBLISH",
    "PUBACK",
    "PUBREC",
    "PUBREL",
    "PUBCOMP",
    "SUBSCRIBE",
    "SUBACK",
    "UNSUBSCRIBE",
    "UNSUBACK",
    "PINGREQ",
    "PINGRESP",
    "DISCONNECT",
    "AUTH",
];

const CONNECT: u8 = 1;
const CONNACK: u8 = 2;

/// The fields of each type of packet that a configuration may ask for. Numbers are properties.
const FIELDS: [&[&str]; 15] = [
    &[
        "flags",
        "protocol_name",
        "protocol_version",
        "client_identifier",
        "will_topic",
        "will_payload",
        "username",
        "password",
        "keepalive",
        "1",
        "2",
        "3",
        "8",
        "9",
        "17",
        "21",
        "22",
        "23",
        "24",
        "25",
        "33",
        "34",
        "38",
        "39",
    ],
    &[
        "flags",
        "reason_code",
        "protocol_version",
        "17",
        "18",
        "19",
        "21",
        "22",
        "26",
        "28",
        "31",
        "33",
        "34",
        "36",
        "37",
        "38",
        "39",
        "40",
        "41",
        "42",
    ],
    &["1", "2", "3", "8", "9", "11", "35", "38"],
    &["reason_code", "31", "38"],
    &["reason_code", "31", "38"],
    &["reason_code", "31", "38"],
    &["reason_code", "31", "38"],
    &["11", "38"],
    &["31", "38"],
    &["38"],
    &["31", "38"],
    &[],
    &[],
    &["reason_code", "17", "28", "31", "38"],
    &["21", "22", "31", "38"],
];

/// The number of a type of packet, from its number or its name.
pub fn packet_type(text: &[u8]) -> Option<u8> {
    // Bytes that are no digits count too, as in HAProxy.
    let number = text.iter().fold(0_u32, |sum, &byte| {
        let digit = u32::from(byte).wrapping_sub(u32::from(b'0'));
        sum.wrapping_mul(10).wrapping_add(digit)
    });
    if (1..=15).contains(&number) {
        return Some(number as u8);
    }
    let named = |name: &&str| name.as_bytes().eq_ignore_ascii_case(text);
    let index = PACKETS.iter().position(named)?;
    u8::try_from(index + 1).ok()
}

/// The field of that name, if packets of that type have it.
pub fn field_name(packet: u8, text: &[u8]) -> Option<&'static str> {
    let fields = FIELDS.get(usize::from(packet).checked_sub(1)?)?;
    let named = |name: &&&str| name.as_bytes().eq_ignore_ascii_case(text);
    fields.iter().find(named).copied()
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'p> {
    /// Bytes.
    Bytes(&'p [u8]),
    /// An integer.
    Number(u32),
}

/// How far a packet was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read<T> {
    /// It is valid.
    Valid(T),
    /// It is not, or of a type that is not known.
    Invalid,
    /// More bytes are needed.
    Incomplete,
}

/// What a property holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One byte, 0 or 1.
    Bit,
    Two,
    Four,
    Bytes,
    /// Two texts.
    Pair,
}

struct Property {
    id: u8,
    name: &'static str,
    form: Form,
    /// Whether 0 or the empty text is refused.
    never_empty: bool,
}

const fn property(id: u8, name: &'static str, form: Form) -> Property {
    Property {
        id,
        name,
        form,
        never_empty: false,
    }
}

const fn filled(id: u8, name: &'static str, form: Form) -> Property {
    Property {
        never_empty: true,
        ..property(id, name, form)
    }
}

const OF_CONNECT: &[Property] = &[
    property(17, "17", Form::Four),
    property(21, "21", Form::Bytes),
    property(22, "22", Form::Bytes),
    property(23, "23", Form::Bit),
    property(25, "25", Form::Bit),
    filled(33, "33", Form::Two),
    property(34, "34", Form::Two),
    property(38, "38", Form::Pair),
    filled(39, "39", Form::Four),
];

const OF_WILL: &[Property] = &[
    property(1, "1", Form::Bit),
    property(2, "2", Form::Four),
    property(3, "3", Form::Bytes),
    property(8, "8", Form::Bytes),
    property(9, "9", Form::Bytes),
    property(24, "24", Form::Four),
    property(38, "38", Form::Pair),
];

const OF_CONNACK: &[Property] = &[
    property(17, "17", Form::Four),
    filled(18, "18", Form::Bytes),
    property(19, "19", Form::Two),
    property(21, "21", Form::Bytes),
    property(22, "22", Form::Bytes),
    property(26, "26", Form::Bytes),
    property(28, "28", Form::Bytes),
    property(31, "31", Form::Bytes),
    filled(33, "33", Form::Two),
    property(34, "34", Form::Two),
    property(36, "36", Form::Bit),
    property(37, "37", Form::Bit),
    property(38, "38", Form::Pair),
    filled(39, "39", Form::Four),
    property(40, "40", Form::Bit),
    property(41, "41", Form::Bit),
    property(42, "42", Form::Bit),
];

/// Checks a packet and gives its type and the field of that name, if it was in the packet.
/// Properties of version 5 that were left out are 0 or nothing.
pub fn read<'p>(message: &'p [u8], field: &str) -> Read<(u8, Option<Value<'p>>)> {
    let [first, rest @ ..] = message else {
        return Read::Incomplete;
    };
    if rest.is_empty() {
        return Read::Incomplete;
    }
    let (packet, flags) = (first >> 4, first & 0x0f);
    let wanted_flags = match packet {
        3 => flags,
        6 | 8 | 10 => 2,
        _ => 0,
    };
    let mut reader = Reader {
        rest,
        field,
        found: None,
    };
    let length = reader.varint();
    let Some(length) = length.filter(|_| packet != 0 && flags == wanted_flags) else {
        return Read::Invalid;
    };
    let available = reader.rest.len();
    if available < length {
        return Read::Incomplete;
    }
    let understood = match packet {
        CONNECT => reader.connect(),
        CONNACK => reader.connack(),
        _ => None,
    };
    match understood {
        Some(()) if available - reader.rest.len() == length => Read::Valid((packet, reader.found)),
        _ => Read::Invalid,
    }
}

/// Reads on through a packet and keeps the wanted field.
struct Reader<'p, 'f> {
    rest: &'p [u8],
    field: &'f str,
    found: Option<Value<'p>>,
}

impl<'p> Reader<'p, '_> {
    fn keep(&mut self, field: &str, value: Value<'p>) {
        if field == self.field {
            self.found = Some(value);
        }
    }

    fn take(&mut self, length: usize) -> Option<&'p [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn integer(&mut self, bytes: usize) -> Option<u32> {
        let bytes = self.take(bytes)?;
        Some(
            bytes
                .iter()
                .fold(0, |sum, &byte| sum << 8 | u32::from(byte)),
        )
    }

    fn bytes(&mut self) -> Option<&'p [u8]> {
        let length = self.integer(2)?;
        self.take(usize::try_from(length).ok()?)
    }

    /// A length in up to four bytes of seven bits. One that is cut off is taken as it stands.
    fn varint(&mut self) -> Option<usize> {
        let mut value = 0;
        for shift in [0, 7, 14, 21] {
            let Some(byte) = self.integer(1) else {
                return Some(value);
            };
            value |= (byte as usize & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn connect(&mut self) -> Option<()> {
        const WILL: u32 = 0x04;
        const PASSWORD: u32 = 0x40;
        const USERNAME: u32 = 0x80;

        let name = self.bytes()?;
        let known = name.eq_ignore_ascii_case(b"MQTT") || name.eq_ignore_ascii_case(b"MQIsdp");
        let version = self.integer(1)?;
        let flags = self.integer(1)?;
        // The lowest bit is reserved; a QoS without a will is wrong.
        if !known || !(3..=5).contains(&version) || flags & 1 != 0 || flags & 0x3c == 0x18 {
            return None;
        }
        let keepalive = self.integer(2)?;
        self.keep("protocol_name", Value::Bytes(name));
        self.keep("protocol_version", Value::Number(version));
        self.keep("flags", Value::Number(flags));
        self.keep("keepalive", Value::Number(keepalive));
        if version == 5 && self.properties(OF_CONNECT)? {
            return None;
        }
        let client = self.bytes()?;
        self.keep("client_identifier", Value::Bytes(client));
        if flags & WILL != 0 {
            if version == 5 {
                self.properties(OF_WILL)?;
            }
            let topic = self.bytes()?;
            self.keep("will_topic", Value::Bytes(topic));
            let payload = self.bytes()?;
            self.keep("will_payload", Value::Bytes(payload));
        }
        for (flag, field) in [(USERNAME, "username"), (PASSWORD, "password")] {
            if flags & flag != 0 {
                let value = self.bytes()?;
                self.keep(field, Value::Bytes(value));
            }
        }
        Some(())
    }

    fn connack(&mut self) -> Option<()> {
        let version = match self.rest.len() {
            ..=2 => 4,
            _ => 5,
        };
        let flags = self.integer(1)?;
        let reason = self.integer(1)?;
        if flags > 1 {
            return None;
        }
        self.keep("flags", Value::Number(flags));
        self.keep("reason_code", Value::Number(reason));
        self.keep("protocol_version", Value::Number(version));
        match version {
            5 => self.properties(OF_CONNACK).map(|_| ()),
            _ => Some(()),
        }
    }

    /// Reads a list of properties, each of which may come once, except pairs; whether there is
    /// authentication data without a method.
    fn properties(&mut self, allowed: &[Property]) -> Option<bool> {
        let length = self.varint()?;
        let mut list = Reader {
            rest: self.take(length)?,
            field: self.field,
            found: None,
        };
        for property in allowed {
            list.keep(
                property.name,
                match property.form {
                    Form::Bytes | Form::Pair => Value::Bytes(&[]),
                    Form::Bit | Form::Two | Form::Four => Value::Number(0),
                },
            );
        }
        let mut seen = 0_u64;
        let (mut method, mut data) = (false, false);
        while let Some(id) = list.integer(1) {
            let property = allowed.iter().find(|known| u32::from(known.id) == id)?;
            let bit = 1 << property.id;
            if seen & bit != 0 {
                return None;
            }
            let value = match property.form {
                Form::Bit => Value::Number(list.integer(1).filter(|&bit| bit <= 1)?),
                Form::Two => Value::Number(list.integer(2)?),
                Form::Four => Value::Number(list.integer(4)?),
                Form::Bytes => Value::Bytes(list.bytes()?),
                Form::Pair => {
                    list.bytes()?;
                    list.bytes()?;
                    continue;
                }
            };
            let empty = matches!(value, Value::Number(0) | Value::Bytes([]));
            if empty && property.never_empty {
                return None;
            }
            match property.id {
                21 => method = !empty,
                22 => data = !empty,
                _ => {}
            }
            seen |= bit;
            list.keep(property.name, value);
        }
        self.found = list.found.or(self.found);
        Some(data && !method)
    }
}
