//! A small JSON reader that keeps numbers as the text they were written in.
//!
//! A document is a list of nodes in the order of the text, not a tree: reading one allocates once,
//! and not at all where the list of an earlier one is used again. [`Value`] is one of them.

use std::fmt::Write as _;

/// A JSON text that was read.
#[derive(Debug)]
pub struct Document<'t> {
    nodes: Vec<Node<'t>>,
    /// The strings that have escapes, without them.
    unescaped: String,
}

#[derive(Clone, Copy, Debug)]
enum Node<'t> {
    Null,
    Bool(bool),
    Number(&'t str),
    String(&'t str),
    /// A range of [`Document::unescaped`].
    Escaped(usize, usize),
    /// The items follow, up to the node at this position.
    Array(usize),
    /// The fields follow, a name before each value, up to the node at this position.
    Object(usize),
}

/// A value of a document; [`Value::view`] says what it is.
#[derive(Clone, Copy, Debug)]
pub struct Value<'d> {
    document: &'d Document<'d>,
    position: usize,
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub enum View<'d> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as written.
    Number(&'d str),
    /// A string.
    String(&'d str),
    /// An array.
    Array(Items<'d>),
    /// An object.
    Object(Fields<'d>),
}

/// The items of an array.
#[derive(Clone, Copy, Debug)]
pub struct Items<'d>(Inside<'d>);

/// The fields of an object, in the order written.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'d>(Inside<'d>);

/// What of an array or an object is still ahead.
#[derive(Clone, Copy, Debug)]
struct Inside<'d> {
    next: Value<'d>,
    end: usize,
}

impl Document<'_> {
    /// The value that the whole text is.
    #[must_use]
    pub const fn value(&self) -> Value<'_> {
        Value { document: self, position: 0 }
    }
}

impl<'d> Value<'d> {
    /// What it is.
    #[inline]
    #[must_use]
    pub fn view(self) -> View<'d> {
        let inside = |end| {
            let next = Value { position: self.position + 1, ..self };
            Inside { next, end }
        };
        match self.document.nodes.get(self.position) {
            None | Some(Node::Null) => View::Null,
            Some(Node::Bool(truth)) => View::Bool(*truth),
            Some(Node::Number(text)) => View::Number(text),
            Some(Node::String(text)) => View::String(text),
            Some(Node::Escaped(start, end)) => View::String(&self.document.unescaped[*start..*end]),
            Some(Node::Array(end)) => View::Array(Items(inside(*end))),
            Some(Node::Object(end)) => View::Object(Fields(inside(*end))),
        }
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        matches!(self.document.nodes.get(self.position), None | Some(Node::Null))
    }

    /// Its text, if it is a string.
    fn text(self) -> Option<&'d str> {
        match self.document.nodes.get(self.position)? {
            Node::String(text) => Some(text),
            Node::Escaped(start, end) => Some(&self.document.unescaped[*start..*end]),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Array(_) | Node::Object(_) => None,
        }
    }

    /// The position after it.
    fn end(self) -> usize {
        match self.document.nodes[self.position] {
            Node::Array(end) | Node::Object(end) => end,
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_) | Node::Escaped(..) => {
                self.position + 1
            }
        }
    }
}

impl<'d> Inside<'d> {
    /// The next value at this level, if there is one.
    fn take(&mut self) -> Option<Value<'d>> {
        let value = self.next;
        if value.position >= self.end {
            return None;
        }
        self.next.position = value.end();
        Some(value)
    }
}

impl<'d> Items<'d> {
    /// One after the other.
    pub fn iter(self) -> impl Iterator<Item = Value<'d>> + Clone {
        let mut inside = self.0;
        std::iter::from_fn(move || inside.take())
    }
}

impl<'d> Fields<'d> {
    /// Names and values, one after the other.
    pub fn iter(self) -> impl Iterator<Item = (&'d str, Value<'d>)> {
        let mut inside = self.0;
        // The parser puts a string before each value.
        std::iter::from_fn(move || Some((inside.take()?.text()?, inside.take()?)))
    }
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
pub fn parse(text: &str) -> Result<Document<'_>, JsonError> {
    let mut document = Document::empty();
    document.read(text)?;
    Ok(document)
}

impl<'t> Document<'t> {
    /// A document that has no value until one is read.
    pub(crate) const fn empty() -> Document<'t> {
        Document { nodes: Vec::new(), unescaped: String::new() }
    }

    /// Read another text in the memory of the one before.
    ///
    /// # Errors
    /// As for [`parse`].
    pub(crate) fn read(&mut self, text: &'t str) -> Result<(), JsonError> {
        self.nodes.clear();
        self.unescaped.clear();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, document: self };
        parser.value(0)?;
        parser.skip_space();
        if parser.at < parser.bytes.len() {
            return Err(parser.error("Expected nothing after the value"));
        }
        Ok(())
    }
}

struct Parser<'t, 'd> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    document: &'d mut Document<'t>,
}

impl<'t> Parser<'t, '_> {
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

    fn push(&mut self, node: Node<'t>) {
        self.document.nodes.push(node);
    }

    fn value(&mut self, depth: u32) -> Result<(), JsonError> {
        if depth > DEEPEST {
            return Err(self.error("Nested too deep"));
        }
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string(),
            Some(b't') => self.word("true", Node::Bool(true)),
            Some(b'f') => self.word("false", Node::Bool(false)),
            Some(b'n') => self.word("null", Node::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.error("Expected a JSON value")),
        }
    }

    fn word(&mut self, word: &str, node: Node<'t>) -> Result<(), JsonError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.error("Expected a JSON value"));
        }
        self.at += word.len();
        self.push(node);
        Ok(())
    }

    fn object(&mut self, depth: u32) -> Result<(), JsonError> {
        let position = self.document.nodes.len();
        self.push(Node::Object(0));
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.close(position, Node::Object);
            return Ok(());
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.error("Expected a field name in quotes"));
            }
            self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.error("Expected a colon after the field name"));
            }
            self.at += 1;
            self.value(depth + 1)?;
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.close(position, Node::Object);
                    return Ok(());
                }
                _ => return Err(self.error("Expected a comma or the end of the object")),
            }
        }
    }

    fn array(&mut self, depth: u32) -> Result<(), JsonError> {
        let position = self.document.nodes.len();
        self.push(Node::Array(0));
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b']') {
            self.close(position, Node::Array);
            return Ok(());
        }
        loop {
            self.value(depth + 1)?;
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.close(position, Node::Array);
                    return Ok(());
                }
                _ => return Err(self.error("Expected a comma or the end of the array")),
            }
        }
    }

    /// Pass the closing bracket, and say in the node at `position` where its inside ends.
    fn close(&mut self, position: usize, node: fn(usize) -> Node<'t>) {
        self.at += 1;
        self.document.nodes[position] = node(self.document.nodes.len());
    }

    fn number(&mut self) -> Result<(), JsonError> {
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
        self.push(Node::Number(&self.text[start..self.at]));
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        let plain = self.plain_text()?;
        if self.bytes[self.at] == b'"' {
            self.at += 1;
            self.push(Node::String(plain));
            return Ok(());
        }
        let start = self.document.unescaped.len();
        self.document.unescaped.push_str(plain);
        self.escaped_text()?;
        self.push(Node::Escaped(start, self.document.unescaped.len()));
        Ok(())
    }

    /// The rest of a string of which an escape is next.
    fn escaped_text(&mut self) -> Result<(), JsonError> {
        loop {
            match self.bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => {
                    let letter = self.escape()?;
                    self.document.unescaped.push(letter);
                }
                _ => return Err(self.error("Control characters must be escaped")),
            }
            let plain = self.plain_text()?;
            self.document.unescaped.push_str(plain);
        }
    }

    /// What comes before the next quote, backslash or control character.
    fn plain_text(&mut self) -> Result<&'t str, JsonError> {
        let start = self.at;
        let length = plain_length(&self.bytes[start..])
            .ok_or_else(|| self.error("Expected the end of the string"))?;
        self.at = start + length;
        Ok(&self.text[start..self.at])
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

/// How many bytes come before a quote, a backslash or a control character, if one comes at all.
fn plain_length(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // Subtracting the same from each of eight bytes at once sets the high bit of those below it.
    // A borrow can spoil the bytes above one that was found, so only the lowest counts.
    let below = |word: u64, bound: u8| word.wrapping_sub(ONES * u64::from(bound)) & !word & HIGHS;
    let mut at = 0;
    while let Some(eight) = bytes[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*eight);
        // With the second bit turned, the quote is in the place of the space, next to the control
        // characters, which stay among themselves.
        let quote_or_control = below(word ^ (ONES * 2), b' ' + 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let found = quote_or_control | backslash;
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = bytes[at..].iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
    Some(at + rest)
}

/// Append `text` to `out` as a JSON string.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    write_escaped(out, text);
    out.push('"');
}

/// Whether a part of a JSON string cannot be written as it is.
pub(crate) fn needs_escapes(text: &str) -> bool {
    plain_length(text.as_bytes()).is_some()
}

/// Append `text` to `out` as a part of a JSON string.
pub(crate) fn write_escaped(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(length) = plain_length(rest.as_bytes()) {
        out.push_str(&rest[..length]);
        match rest.as_bytes()[length] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{control:04x}");
            }
        }
        rest = &rest[length + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_text() {
        let text = r#" {"a": [1.50, -0, [{}], 1e-3], "b\n": "x\u00e9\ud83d\ude00", "a": null} "#;
        let document = parse(text).unwrap();
        let View::Object(fields) = document.value().view() else { panic!("{document:?}") };
        let fields: Vec<(&str, View<'_>)> =
            fields.iter().map(|(name, value)| (name, value.view())).collect();
        let [("a", View::Array(items)), ("b\n", View::String("xé😀")), ("a", View::Null)] =
            fields[..]
        else {
            panic!("{fields:?}")
        };
        let items: Vec<View<'_>> = items.iter().map(Value::view).collect();
        assert!(matches!(
            items[..],
            [View::Number("1.50"), View::Number("-0"), View::Array(_), View::Number("1e-3")]
        ));
    }

    #[test]
    fn strings_end_where_they_end() {
        for length in 0..20 {
            for (special, escaped) in
                [("\"", "\\\""), ("\\", "\\\\"), ("\u{1f}", "\\u001f"), ("é", "é")]
            {
                let text = format!("{}{special}{}", "!".repeat(length), " ~\u{7f}".repeat(3));
                let mut written = String::new();
                write_string(&mut written, &text);
                assert_eq!(written, format!("\"{}\"", text.replace(special, escaped)));
                let document = parse(&written).unwrap();
                assert!(matches!(document.value().view(), View::String(read) if read == text));
            }
        }
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
