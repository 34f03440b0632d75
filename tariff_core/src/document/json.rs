//! A small JSON reader that keeps numbers as the text they were written in.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A JSON value that borrows from the text it was read from.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'t> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as written.
    Number(&'t str),
    /// A string.
    String(Cow<'t, str>),
    /// An array.
    Array(Vec<Value<'t>>),
    /// An object, its fields in the order written.
    Object(Vec<(Cow<'t, str>, Value<'t>)>),
}

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Byte offset at which reading stopped.
    pub offset: usize,
    /// What was wrong there.
    pub message: &'static str,
}

/// Objects and arrays may be nested this deep; OCPI needs nine levels.
const DEEPEST: u32 = 64;

/// Read a whole text as one JSON value.
///
/// # Errors
/// Where the text stops being JSON.
pub fn parse(text: &str) -> Result<Value<'_>, JsonError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0 };
    let value = parser.value(0)?;
    parser.skip_space();
    if parser.at < parser.bytes.len() {
        return Err(parser.error("Expected nothing after the value"));
    }
    Ok(value)
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Parser<'t> {
    fn error(&self, message: &'static str) -> JsonError {
        JsonError { offset: self.at, message }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: u32) -> Result<Value<'t>, JsonError> {
        if depth > DEEPEST {
            return Err(self.error("Nested too deep"));
        }
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.error("Expected a JSON value")),
        }
    }

    fn word(&mut self, word: &str, value: Value<'t>) -> Result<Value<'t>, JsonError> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.error("Expected a JSON value"))
        }
    }

    fn object(&mut self, depth: u32) -> Result<Value<'t>, JsonError> {
        let mut fields = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(fields));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.error("Expected a field name in quotes"));
            }
            let name = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.error("Expected a colon after the field name"));
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            fields.push((name, value));
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(fields));
                }
                _ => return Err(self.error("Expected a comma or the end of the object")),
            }
        }
    }

    fn array(&mut self, depth: u32) -> Result<Value<'t>, JsonError> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::Array(items));
                }
                _ => return Err(self.error("Expected a comma or the end of the array")),
            }
        }
    }

    fn number(&mut self) -> Result<Value<'t>, JsonError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let whole = self.digits();
        if whole == 0 || whole > 1 && self.bytes[self.at - whole] == b'0' {
            return Err(self.error("Expected a number without leading zeros"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.error("Expected digits after the decimal point"));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.error("Expected digits in the exponent"));
            }
        }
        Ok(Value::Number(&self.text[start..self.at]))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<Cow<'t, str>, JsonError> {
        self.at += 1;
        let start = self.at;
        let plain = self.bytes[start..]
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
            .ok_or_else(|| self.error("Expected the end of the string"))?;
        self.at = start + plain;
        if self.bytes[self.at] == b'"' {
            self.at += 1;
            return Ok(Cow::Borrowed(&self.text[start..start + plain]));
        }
        let mut owned = self.text[start..self.at].to_owned();
        self.escaped_string(&mut owned)?;
        Ok(Cow::Owned(owned))
    }

    fn escaped_string(&mut self, owned: &mut String) -> Result<(), JsonError> {
        loop {
            let start = self.at;
            let plain = self.bytes[start..]
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
                .ok_or_else(|| self.error("Expected the end of the string"))?;
            self.at = start + plain;
            owned.push_str(&self.text[start..self.at]);
            match self.bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => owned.push(self.escape()?),
                _ => return Err(self.error("Control characters must be escaped")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        self.at += 1;
        let escaped = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.error("Unknown escape")),
        };
        self.at += 1;
        Ok(escaped)
    }

    fn unicode(&mut self) -> Result<char, JsonError> {
        let first = self.hex()?;
        if !(0xd800..0xe000).contains(&first) {
            return char::from_u32(first).ok_or_else(|| self.error("Unknown escape"));
        }
        let paired = first < 0xdc00 && self.bytes[self.at..].starts_with(b"\\u");
        if !paired {
            // A lone surrogate has no character; the rest of the document is still readable.
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        self.at += 1;
        let second = self.hex()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        let combined = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        Ok(char::from_u32(combined).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The four hexadecimal digits after the `u` at the current place.
    fn hex(&mut self) -> Result<u32, JsonError> {
        let digits = self
            .bytes
            .get(self.at + 1..self.at + 5)
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .ok_or_else(|| self.error("Expected four hexadecimal digits"))?;
        let code = digits
            .iter()
            .fold(0, |code, digit| code * 16 + char::from(*digit).to_digit(16).unwrap_or(0));
        self.at += 5;
        Ok(code)
    }
}

/// Append `text` to `out` as a JSON string.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_text() {
        let value = parse(r#" {"a": [1.50, -0, 1e-3], "b\n": "x\u00e9\ud83d\ude00", "c": null} "#);
        let Ok(Value::Object(fields)) = value else { panic!("{value:?}") };
        let numbers = vec![Value::Number("1.50"), Value::Number("-0"), Value::Number("1e-3")];
        assert_eq!(fields[0].1, Value::Array(numbers));
        assert_eq!(fields[1].0, "b\n");
        assert_eq!(fields[1].1, Value::String("xé😀".into()));
        assert_eq!(fields[2].1, Value::Null);
    }

    #[test]
    fn what_is_not_json_is_an_error() {
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\":}",
            "01",
            "1.",
            "-",
            "\"a",
            "nul",
            "{a:1}",
            "1 2",
            "\"\\x\"",
            "\"\\u12\"",
            "[\"\u{1}\"]",
            "+1",
            ".5",
            "NaN",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
