//! Reading fields out of JSON: tolerant of what can be understood, and saying so.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::document::json::{Fields, Items, Value, View};
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
#[derive(Debug)]
pub struct Findings {
    list: Vec<Finding>,
    /// How many are kept.
    most: usize,
}

const MOST_FINDINGS: usize = 1_000;

/// So many fields of an object are searched for repeated ones: each is compared with all before it.
const MOST_COMPARED: usize = 256;

impl Default for Findings {
    fn default() -> Findings {
        Findings { list: Vec::new(), most: MOST_FINDINGS }
    }
}

impl Findings {
    /// One that keeps none, for those who do not ask.
    #[must_use]
    pub const fn ignored() -> Findings {
        Findings { list: Vec::new(), most: 0 }
    }

    /// Add a finding at `path`.
    pub fn add(&mut self, code: Code, path: Path<'_>, message: impl Into<String>) {
        if self.list.len() < self.most {
            self.list.push(Finding::new(code, path.to_string(), message));
        }
    }

    /// The findings, in the order in which they were met.
    #[must_use]
    pub fn into_list(self) -> Vec<Finding> {
        self.list
    }
}

/// A kind of object: its fields by name.
pub trait Object<'v>: Sized {
    /// One that has none of its fields.
    fn empty() -> Self;

    /// The field of that name, if this kind of object has one.
    fn field(&mut self, name: &str) -> Option<&mut Field<'v>>;
}

/// Read the fields of an object; report those that it should not have, that are null or that are
/// there twice.
///
/// # Errors
/// `InvalidDocument` when the value is no object.
pub fn read_object<'v, T: Object<'v>>(
    value: Value<'v>,
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<T, Error> {
    let mut object = T::empty();
    let fields = fields_of(value, path)?;
    for (index, (name, value)) in fields.iter().enumerate() {
        let field = object.field(name);
        let is_known = field.is_some();
        let again = field.is_some_and(|field| field.value.replace(value).is_some());
        if !is_known || again || value.is_null() {
            note_oddities(fields, index, is_known, again, path, findings);
        }
    }
    Ok(object)
}

/// As [`read_object`], where only some of the object matters and nothing is reported.
///
/// # Errors
/// `InvalidDocument` when the value is no object.
pub fn read_part<'v, T: Object<'v>>(value: Value<'v>, path: &Path<'_>) -> Result<T, Error> {
    let mut object = T::empty();
    for (name, value) in fields_of(value, path)?.iter() {
        if let Some(field) = object.field(name) {
            field.value = Some(value);
        }
    }
    Ok(object)
}

/// Report as [`read_object`] does for an object that has the fields `known`, at most 64 names.
///
/// # Errors
/// `InvalidDocument` when the value is no object.
pub fn check_fields(
    value: Value<'_>,
    known: &[&[&str]],
    path: &Path<'_>,
    findings: &mut Findings,
) -> Result<(), Error> {
    let names = || known.iter().copied().flatten().enumerate();
    // Most documents have their fields in the order of the specification, so the search goes on
    // from the last one that was found.
    let mut ahead = names();
    let mut seen = 0_u64;
    let fields = fields_of(value, path)?;
    for (index, (name, value)) in fields.iter().enumerate() {
        let is_name = |(_, known): &(usize, &&str)| **known == name;
        let found = ahead.find(is_name).or_else(|| {
            ahead = names();
            ahead.find(is_name)
        });
        let bit = found.map_or(0, |(position, _)| 1 << position);
        let again = seen & bit != 0;
        seen |= bit;
        if found.is_none() || again || value.is_null() {
            note_oddities(fields, index, found.is_some(), again, path, findings);
        }
    }
    Ok(())
}

/// Report what is odd about a field.
#[cold]
fn note_oddities(
    fields: Fields<'_>,
    index: usize,
    is_known: bool,
    again: bool,
    path: &Path<'_>,
    findings: &mut Findings,
) {
    let Some((name, value)) = fields.iter().nth(index) else { return };
    let path = Path::Field(path, name);
    if !is_known {
        let message = format!("{:?} is not a field of this object", shortened(name));
        findings.add(Code::UnknownField, path, message);
    } else if value.is_null() {
        findings.add(Code::NeedlessNull, path, "null is the same as no field");
    }
    let unknown_again = || !is_known && fields.iter().take(index).any(|other| other.0 == name);
    if index < MOST_COMPARED && (again || unknown_again()) {
        findings.add(Code::DuplicateField, path, "The last of the two is used");
    }
}

fn fields_of<'v>(value: Value<'v>, path: &Path<'_>) -> Result<Fields<'v>, Error> {
    match value.view() {
        View::Object(fields) => Ok(fields),
        other => Err(unexpected("an object", other, *path)),
    }
}

/// A field that an object can have. The path that its methods take is that of the object.
#[derive(Clone, Copy, Debug)]
pub struct Field<'v> {
    name: &'static str,
    value: Option<Value<'v>>,
}

impl<'v> Field<'v> {
    /// The field where it is absent.
    #[must_use]
    pub const fn absent(name: &'static str) -> Field<'v> {
        Field { name, value: None }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Where it is, or would be.
    #[must_use]
    pub const fn path<'p>(&self, object: &'p Path<'p>) -> Path<'p> {
        Path::Field(object, self.name)
    }

    /// Whether it is there, null or not.
    #[must_use]
    pub const fn is_there(&self) -> bool {
        self.value.is_some()
    }

    /// Its value; null counts as absent.
    #[must_use]
    pub fn get(&self) -> Option<Value<'v>> {
        self.value.filter(|value| !value.is_null())
    }

    /// What its value is; null counts as absent.
    #[must_use]
    pub fn view(&self) -> Option<View<'v>> {
        self.value.map(Value::view).filter(|view| !matches!(view, View::Null))
    }

    /// The items of what must be an array, none when absent.
    ///
    /// # Errors
    /// `InvalidDocument` when it is something else.
    pub fn array(
        &self,
        object: &Path<'_>,
    ) -> Result<impl Iterator<Item = Value<'v>> + Clone, Error> {
        let items = match self.view() {
            None => None,
            Some(View::Array(items)) => Some(items),
            Some(other) => return Err(unexpected("an array", other, self.path(object))),
        };
        Ok(items.into_iter().flat_map(Items::iter))
    }

    /// A text; something else is reported and left out.
    pub fn text(&self, object: &Path<'_>, findings: &mut Findings) -> Option<&'v str> {
        match self.view()? {
            View::String(text) => Some(text),
            View::Number(text) => {
                let message = format!("Expected a string, found the number {}", shortened(text));
                findings.add(Code::InvalidValue, self.path(object), message);
                Some(text)
            }
            other => {
                let message = format!("Expected a string, found {}", kind(other));
                findings.add(Code::InvalidValue, self.path(object), message);
                None
            }
        }
    }

    /// A truth value; the words of YAML and strings are understood and reported.
    pub fn truth(&self, object: &Path<'_>, findings: &mut Findings) -> Option<bool> {
        match self.view()? {
            View::Bool(value) => Some(value),
            other => {
                let message = format!("Expected true or false, found {}", kind(other));
                findings.add(Code::InvalidValue, self.path(object), message);
                None
            }
        }
    }

    /// A number, also when written as a string.
    ///
    /// # Errors
    /// `InvalidNumber` when there is a value and it is no number: guessing could cost money.
    pub fn number(
        &self,
        object: &Path<'_>,
        findings: &mut Findings,
    ) -> Result<Option<Decimal>, Error> {
        match self.get() {
            None => Ok(None),
            Some(value) => read_number(value, self.path(object), findings).map(Some),
        }
    }

    /// A timestamp.
    ///
    /// # Errors
    /// `InvalidTimestamp` when there is a value and it is no timestamp.
    pub fn instant(
        &self,
        object: &Path<'_>,
        findings: &mut Findings,
    ) -> Result<Option<Instant>, Error> {
        let Some(value) = self.get() else {
            return Ok(None);
        };
        let path = self.path(object);
        let View::String(text) = value.view() else {
            let message = format!("Expected a timestamp, found {}", kind(value.view()));
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
    value: Value<'_>,
    path: Path<'_>,
    findings: &mut Findings,
) -> Result<Decimal, Error> {
    let text = match value.view() {
        View::Number(text) => text,
        View::String(text) => {
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
pub fn kind(value: View<'_>) -> &'static str {
    match value {
        View::Null => "null",
        View::Bool(_) => "true or false",
        View::Number(_) => "a number",
        View::String(_) => "a string",
        View::Array(_) => "an array",
        View::Object(_) => "an object",
    }
}

/// An error for a value of the wrong kind.
#[must_use]
pub fn unexpected(expected: &str, found: View<'_>, path: Path<'_>) -> Error {
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

/// The text in capitals, which it nearly always is.
#[must_use]
pub fn uppercase(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|letter| letter.is_ascii_lowercase()) {
        Cow::Owned(text.to_ascii_uppercase())
    } else {
        Cow::Borrowed(text)
    }
}
