//! `mqtt_is_valid` and `mqtt_field_value(<packettype>,<fieldname_or_property_ID>)`.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::mqtt::{self, Read, Value};
use crate::vocab::sample::{Sample, Type};
use std::io::Write;

pub(super) const IS_VALID: Keyword = Keyword {
    names: &["mqtt_is_valid"],
    args: &[],
    takes: Type::Bin,
    gives: Type::Bool,
    doc: "Whether the bytes are a valid MQTT CONNECT or CONNACK packet. No value while the packet \
          is incomplete.",
    examples: &[
        ("bin(100c00044d5154540402003c0000),mqtt_is_valid", Some("1")),
        (
            "bin(100f00044d51545404c2003c000000016100),mqtt_is_valid",
            Some("0"),
        ),
        (
            "bin(101200044d51545404c2003c0000000161000162),mqtt_is_valid",
            Some("1"),
        ),
        ("bin(100c00044d5154540403003c0000),mqtt_is_valid", Some("0")),
        ("bin(100c00044d5154540402003c00),mqtt_is_valid", None),
        (
            "bin(100d00044d5154540402003c000000),mqtt_is_valid",
            Some("0"),
        ),
        ("bin(20020000),mqtt_is_valid", Some("1")),
        ("bin(20020200),mqtt_is_valid", Some("0")),
        ("bin(200600000321000a),mqtt_is_valid", Some("1")),
        ("bin(2006000003210000),mqtt_is_valid", Some("0")),
        ("bin(c000),mqtt_is_valid", Some("0")),
        ("bin(10),mqtt_is_valid", None),
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
        let read = mqtt::read(message, "");
        cx.may_change(matches!(read, Read::Incomplete));
        match read {
            Read::Valid(_) => Some(Sample::Bool(true)),
            Read::Invalid => Some(Sample::Bool(false)),
            Read::Incomplete => None,
        }
    }
}

pub(super) const FIELD_VALUE: Keyword = Keyword {
    names: &["mqtt_field_value"],
    args: &[
        required("packettype", Kind::Str),
        required("fieldname_or_property_ID", Kind::Str),
    ],
    takes: Type::Bin,
    gives: Type::Str,
    doc: "One field of a valid MQTT packet of that type, by name, or by number for properties of \
          version 5. Types are names or numbers; only CONNECT and CONNACK packets have values.",
    examples: &[
        (
            "bin(101200044d51545404c2003c0000000161000162),mqtt_field_value(connect,username)",
            Some("a"),
        ),
        (
            "bin(101200044d51545404c2003c0000000161000162),mqtt_field_value(1,Password)",
            Some("b"),
        ),
        (
            "bin(101200044d51545404c2003c0000000161000162),mqtt_field_value(connect,keepalive)",
            Some("60"),
        ),
        (
            "bin(101200044d51545404c2003c0000000161000162),mqtt_field_value(connect,flags)",
            Some("194"),
        ),
        (
            "bin(101200044d51545404c2003c0000000161000162),mqtt_field_value(connect,client_identifier)",
            None,
        ),
        (
            "bin(101200044d51545404c2003c0000000161000162),mqtt_field_value(connect,17)",
            None,
        ),
        (
            "bin(200600000321000a),mqtt_field_value(connack,33)",
            Some("10"),
        ),
        (
            "bin(200600000321000a),mqtt_field_value(connack,17)",
            Some("0"),
        ),
        ("bin(200600000321000a),mqtt_field_value(connack,31)", None),
        (
            "bin(20020001),mqtt_field_value(connack,protocol_version)",
            Some("4"),
        ),
        ("bin(20020001),mqtt_field_value(connect,flags)", None),
        ("bin(20020001),mqtt_field_value(publish,1)", None),
    ],
    build: Build::With(build),
};

#[derive(Debug)]
struct FieldValue {
    packet: u8,
    field: &'static str,
}

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let packet_name = args.text(0).unwrap_or_default();
    let field_name = args.text(1).unwrap_or_default();
    let shown = String::from_utf8_lossy(packet_name);
    let packet = mqtt::packet_type(packet_name)
        .ok_or_else(|| BadArg::new(0, format!("unknown MQTT type '{shown}'")))?;
    let field = mqtt::field_name(packet, field_name).ok_or_else(|| {
        let field = String::from_utf8_lossy(field_name);
        let message = format!("unknown MQTT field name '{field}' for packet type '{shown}'");
        BadArg::new(1, message)
    })?;
    Ok(Box::new(FieldValue { packet, field }))
}

impl Converting for FieldValue {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(message) = input else {
            return None;
        };
        let read = mqtt::read(message, self.field);
        cx.may_change(matches!(read, Read::Incomplete));
        let Read::Valid((packet, value)) = read else {
            return None;
        };
        match value.filter(|_| packet == self.packet)? {
            Value::Number(number) => {
                write!(out, "{number}").ok()?;
                Some(Sample::Str(out))
            }
            Value::Bytes([]) => None,
            Value::Bytes(bytes) => Some(Sample::Str(bytes)),
        }
    }
}
