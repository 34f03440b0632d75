//! Reading fields out of JSON: tolerant of what can be understood, and saying so.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::document::json::Value;
use crate::document::time;
use crate::error::{Error, Refusal};
use crate::finding::{Code, Finding};
use crate::units::{Decimal, DecimalError, Instant};

/// Where a value is, as a chain of steps back to the root.
#[derive(Clone, Copy, Debug)]
pub enum Path<'p> {
    /// The whole document.
    Root(&'p str),
    /// A field of the object above.
    Field(&'p Path<'p>, &'p str),
    /// An item of the array above.
    Item(&'p Path<'p>, usize),
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Path::Root(root) => out.write_str(root),
            Path::Field(above, name) => write!(out, "{above}.{name}"),
            Path::Item(above, index) => write!(out, "{above}[{index}]"),
        }
    }
}

/// Collects findings; a document full of oddities cannot make the list grow without bound.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
}

const MOST_FINDINGS: usize = 1_000;

impl Findings {
    /// Add a finding at `path`.
    pub fn add(&mut self, code: Code, path: Path<'_>, message: impl Into<String>) {
        if self.list.len() < MOST_FINDINGS {
            self.list.push(Finding::new(code, path.to_string(), message));
        }
    }

    /// The findings, in the order in which they were met.
    #[must_use]
    pub fn into_list(self) -> Vec<Finding> {
        self.list
    }
}

/// The fields of one JSON object.
#[derive(Clone, Copy, Debug)]
pub struct Object<'v, 't> {
    fields: &'v [(Cow<'t, str>, Value<'t>)],
    /// Where the object is.
    pub path: Path<'v>,
}

impl<'v, 't> Object<'v, 't> {
    /// The value as an object.
    ///
    /// # Errors
    /// `InvalidDocument` when it is anything else.
    pub fn new(value: &'v Value<'t>, path: Path<'v>) -> Result<Object<'v, 't>, Error> {
        match value {
            Value::Object(fields) => Ok(Object { fields, path }),
            other => Err(unexpected("an object", other, path)),
        }
    }

    /// Report fields that are not among those known, that are null or that are there twice.
    pub fn check_fields(&self, known: &[&[&str]], findings: &mut Findings) {
        for (index, (name, value)) in self.fields.iter().enumerate() {
            let is_known = known.iter().any(|names| names.contains(&name.as_ref()));
            let path = Path::Field(&self.path, name);
            if !is_known {
                let message = format!("{:?} is not a field of this object", shortened(name));
                findings.add(Code::UnknownField, path, message);
            } else if matches!(value, Value::Null) {
                findings.add(Code::NeedlessNull, path, "null is the same as no field");
            }
            let again = index < 256 && self.fields[..index].iter().any(|other| other.0 == *name);
            if again {
                findings.add(Code::DuplicateField, path, "The last of the two is used");
            }
        }
    }

    /// Whether the object has the field, null or not.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.0 == name)
    }

    /// The value of a field; null counts as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'v Value<'t>> {
        let field = self.fields.iter().rev().find(|field| field.0 == name)?;
        (!matches!(field.1, Value::Null)).then_some(&field.1)
    }

    /// A field that must be an array, empty when absent.
    ///
    /// # Errors
    /// `InvalidDocument` when it is something else.
    pub fn array(&self, name: &str) -> Result<&'v [Value<'t>], Error> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(unexpected("an array", other, Path::Field(&self.path, name))),
        }
    }

    /// A text; something else is reported and left out.
    pub fn text(&self, name: &str, findings: &mut Findings) -> Option<&'v str> {
        match self.get(name)? {
            Value::String(text) => Some(text),
            Value::Number(text) => {
                let message = format!("Expected a string, found the number {}", shortened(text));
                findings.add(Code::InvalidValue, Path::Field(&self.path, name), message);
                Some(text)
            }
            other => {
                let message = format!("Expected a string, found {}", kind(other));
                findings.add(Code::InvalidValue, Path::Field(&self.path, name), message);
                None
            }
        }
    }

    /// A truth value; the words of YAML and strings are understood and reported.
    pub fn truth(&self, name: &str, findings: &mut Findings) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(value) => Some(*value),
            other => {
                let message = format!("Expected true or false, found {}", kind(other));
                findings.add(Code::InvalidValue, Path::Field(&self.path, name), message);
                None
            }
        }
    }

    /// A number, also when written as a string.
    ///
    /// # Errors
    /// `InvalidNumber` when there is a value and it is no number: guessing could cost money.
    pub fn number(&self, name: &str, findings: &mut Findings) -> Result<Option<Decimal>, Error> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => read_number(value, Path::Field(&self.path, name), findings).map(Some),
        }
    }

    /// A timestamp.
    ///
    /// # Errors
    /// `InvalidTimestamp` when there is a value and it is no timestamp.
    pub fn instant(&self, name: &str, findings: &mut Findings) -> Result<Option<Instant>, Error> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let path = Path::Field(&self.path, name);
        let Value::String(text) = value else {
            let message = format!("Expected a timestamp, found {}", kind(value));
            return Err(Error::new(Refusal::InvalidTimestamp, path.to_string(), message));
        };
        let Some(read) = time::parse(text) else {
            let message = format!("{:?} is not a timestamp", shortened(text));
            return Err(Error::new(Refusal::InvalidTimestamp, path.to_string(), message));
        };
        if read.has_offset {
            let message = format!("{text:?} has an offset; OCPI timestamps are in UTC");
            findings.add(Code::TimestampWithOffset, path, message);
        }
        if read.was_cut {
            findings.add(
                Code::TimestampPrecision,
                path,
                format!("{text:?} was cut to a millisecond"),
            );
        }
        Ok(Some(read.instant))
    }
}

/// A number, also when written as a string.
///
/// # Errors
/// `InvalidNumber` when the value is no number.
pub fn read_number(
    value: &Value<'_>,
    path: Path<'_>,
    findings: &mut Findings,
) -> Result<Decimal, Error> {
    let text = match value {
        Value::Number(text) => text,
        Value::String(text) => {
            let message = format!("{:?} is a number in quotes", shortened(text));
            findings.add(Code::NumberAsText, path, message);
            text.trim()
        }
        other => {
            let message = format!("Expected a number, found {}", kind(other));
            return Err(Error::new(Refusal::InvalidNumber, path.to_string(), message));
        }
    };
    match Decimal::parse(text) {
        Ok((number, false)) => Ok(number),
        Ok((number, true)) => {
            let message = format!("{} was rounded to {number}", shortened(text));
            findings.add(Code::NumberRounded, path, message);
            Ok(number)
        }
        Err(problem) => {
            let what = match problem {
                DecimalError::NotANumber => "is not a number",
                DecimalError::OutOfRange => "is too large",
            };
            let message = format!("{:?} {what}", shortened(text));
            Err(Error::new(Refusal::InvalidNumber, path.to_string(), message))
        }
    }
}

/// What kind of value it is, for messages.
#[must_use]
pub fn kind(value: &Value<'_>) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// An error for a value of the wrong kind.
#[must_use]
pub fn unexpected(expected: &str, found: &Value<'_>, path: Path<'_>) -> Error {
    let mut message = String::new();
    // Writing to a string cannot fail.
    let _ = write!(message, "Expected {expected}, found {}", kind(found));
    Error::new(Refusal::InvalidDocument, path.to_string(), message)
}

/// A text short enough for a message.
#[must_use]
pub fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start}…")
}
