//! Values as short JSON text.

use simd_json::StaticNode;
use simd_json::base::{ValueAsScalar, ValueIntoString};

use super::Value;

/// Deeper values are written as `…`. Also bounds the recursion.
const DEPTH_MAX: usize = 8;

/// `value` as JSON without spaces. After `bytes_max` bytes only `…` and closing brackets are added.
pub(crate) fn compact(value: Value<'_, '_>, bytes_max: usize) -> String {
    let mut out = String::new();
    write(value, bytes_max, 0, &mut out);
    out
}

fn write(value: Value<'_, '_>, bytes_max: usize, depth: usize, out: &mut String) {
    if out.len() >= bytes_max || depth > DEPTH_MAX {
        if !out.ends_with('…') {
            out.push('…');
        }
    } else if let Some(text) = value.into_string() {
        write_string(text, bytes_max - out.len(), out);
    } else if let Some(list) = value.as_array() {
        out.push('[');
        for (n, item) in list.iter().enumerate() {
            if out.len() >= bytes_max {
                out.push('…');
                break;
            }
            if n > 0 {
                out.push(',');
            }
            write(item, bytes_max, depth + 1, out);
        }
        out.push(']');
    } else if let Some(object) = value.as_object() {
        out.push('{');
        for (n, (name, item)) in object.iter().enumerate() {
            if out.len() >= bytes_max {
                out.push('…');
                break;
            }
            if n > 0 {
                out.push(',');
            }
            write_string(name, bytes_max.saturating_sub(out.len()), out);
            out.push(':');
            write(item, bytes_max, depth + 1, out);
        }
        out.push('}');
    } else {
        write_scalar(value, out);
    }
}

fn write_scalar(value: Value<'_, '_>, out: &mut String) {
    let node = match (value.as_bool(), value.as_i64(), value.as_u64(), value.as_f64()) {
        (Some(bool), ..) => StaticNode::Bool(bool),
        (_, Some(n), ..) => StaticNode::I64(n),
        (_, _, Some(n), _) => StaticNode::U64(n),
        (.., Some(n)) => StaticNode::F64(n),
        _ => StaticNode::Null,
    };
    out.push_str(&node.to_string());
}

fn write_string(text: &str, bytes_max: usize, out: &mut String) {
    let head = playhead_schemas::text::prefix(text, bytes_max);
    out.push('"');
    for c in head.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push(' '),
            c => out.push(c),
        }
    }
    if head.len() < text.len() {
        out.push('…');
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::value;
    use super::*;

    fn short(json: &str, bytes_max: usize) -> String {
        value(&mut json.as_bytes().to_vec(), |value| compact(value, bytes_max)).unwrap()
    }

    #[test]
    fn values_are_written_short() {
        let json = r#"{"a":[1,-2,2.5,true,null,18446744073709551615],"b\"\\":"x\n","c":{}}"#;
        assert_eq!(short(json, 1000), json);
        assert_eq!(short(&format!(" {} ", json.replace(',', " , ")), 1000), json);
        assert_eq!(short(r#"{"a":"0123456789","b":1}"#, 10), r#"{"a":"01234…"…}"#);
        assert_eq!(short(r#"[[[[[[[[[[1]]]]]]]]]]"#, 1000), "[[[[[[[[[…]]]]]]]]]");
    }
}
