//! JSON that a caller sent, read into a type. What is wrong with it is said in the words of the type's schema, never in
//! those of the library that reads it.
//!
//! ```text
//! bytes -> value -> type
//!                \-> flaw with its path -> InputError, by the type's schema
//! ```

mod given;
mod words;

use playhead_schemas::text::one_line;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use given::{Flaw, Given};
pub use words::{nearest, takes};

/// Characters of what a caller sent that an error gives back.
const GIVEN_CHARS_MAX: usize = 60;

/// What is wrong with JSON that a caller sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputError {
    /// There is none.
    Empty,
    /// It is not JSON, or not to its end.
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The place in the line.
        column: usize,
    },
    /// A value is not what its place takes.
    NotTaken {
        /// Where, such as `roles[0].project`; empty for the whole.
        path: String,
        /// What is taken there.
        takes: String,
        /// What was sent, shortened.
        given: String,
        /// The word that was perhaps meant.
        nearest: Option<&'static str>,
    },
    /// A field is missing.
    Missing {
        /// Which.
        path: String,
    },
    /// There is no such field.
    Unknown {
        /// Which was sent, shortened.
        path: String,
        /// Those that there are.
        known: &'static [&'static str],
        /// The one that was perhaps meant.
        nearest: Option<&'static str>,
    },
    /// What the type itself says of a value.
    Said {
        /// Where; empty for the whole.
        path: String,
        /// Such as `not a bug id`.
        text: String,
    },
}

/// Reads JSON text.
///
/// # Errors
/// When it is not JSON, or not what `T` takes.
pub fn from_slice<T: DeserializeOwned + JsonSchema>(json: &[u8]) -> Result<T, InputError> {
    if json.trim_ascii().is_empty() {
        return Err(InputError::Empty);
    }
    let value: Value = serde_json::from_slice(json)
        .map_err(|error| InputError::NotJson { line: error.line(), column: error.column() })?;
    from_value::<T>(&value)?;
    // A value keeps one of two fields of the same name; the text shows both.
    serde_json::from_slice(json)
        .map_err(|_| InputError::Said { path: String::new(), text: "a field stands in it twice".to_owned() })
}

/// Reads a JSON value.
///
/// # Errors
/// When it is not what `T` takes.
pub fn from_value<T: DeserializeOwned + JsonSchema>(value: &Value) -> Result<T, InputError> {
    serde_path_to_error::deserialize(Given(value)).map_err(|error| {
        let path: Vec<Segment> = error.path().iter().cloned().collect();
        error_of(error.into_inner(), &path, value, &schema_of::<T>())
    })
}

impl InputError {
    /// What is wrong, as a sentence without its full stop. `whole` names the JSON itself, such as `the request body`.
    pub fn message(&self, whole: &str) -> String {
        let of = |path: &str| if path.is_empty() { whole.to_owned() } else { path.to_owned() };
        match self {
            Self::Empty => format!("{whole} is empty"),
            Self::NotJson { line, column } => format!("{whole} can't be read as JSON (line {line}, column {column})"),
            Self::NotTaken { path, takes, given, nearest } => {
                let guess = nearest.map(|word| format!("; did you mean {word}?")).unwrap_or_default();
                format!("{} must be {takes}, not {given}{guess}", of(path))
            }
            Self::Missing { path } => format!("{path} is missing"),
            Self::Unknown { path, known, nearest } => {
                let all = match known {
                    [] => "there are no fields".to_owned(),
                    known => format!("the fields are {}", known.join(", ")),
                };
                let guess = nearest.map(|word| format!(" (did you mean {word}?)")).unwrap_or_default();
                format!("unknown field {path:?}{guess}; {all}")
            }
            Self::Said { path, text } => format!("{}: {text}", of(path)),
        }
    }
}

fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

fn error_of(flaw: Flaw, path: &[Segment], value: &Value, schema: &Value) -> InputError {
    let text = path_text(path);
    match flaw {
        Flaw::Said(said) => InputError::Said { path: text, text: said },
        Flaw::Missing(name) => InputError::Missing { path: joined(text, name) },
        Flaw::UnknownField { name, known } => {
            // The path ends with the unknown name.
            let parent = path.split_last().map_or(&[][..], |(_, parent)| parent);
            let path = joined(path_text(parent), &one_line(&name, GIVEN_CHARS_MAX));
            InputError::Unknown { path, nearest: nearest(&name, known), known }
        }
        Flaw::UnknownWord { known } => {
            let sent = words::value_at(value, path);
            let nearest = sent.and_then(Value::as_str).and_then(|sent| nearest(sent, known));
            let takes = words::one_of(known.iter().copied(), str::to_owned);
            InputError::NotTaken { path: text, takes, given: given_text(sent), nearest }
        }
        Flaw::Shape => {
            let takes =
                words::schema_at(schema, path).map_or_else(|| "something else".to_owned(), |s| takes(s, str::to_owned));
            InputError::NotTaken { path: text, takes, given: given_text(words::value_at(value, path)), nearest: None }
        }
    }
}

fn path_text(path: &[Segment]) -> String {
    path.iter().fold(String::new(), |text, segment| match segment {
        Segment::Seq { index } => format!("{text}[{index}]"),
        Segment::Map { key } => joined(text, &one_line(key, GIVEN_CHARS_MAX)),
        Segment::Enum { .. } | Segment::Unknown => text,
    })
}

fn joined(path: String, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// What was sent, short enough to be given back.
fn given_text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => format!("{:?}", one_line(text, GIVEN_CHARS_MAX)),
        Some(Value::Array(_)) => "a list".to_owned(),
        Some(Value::Object(_)) => "an object".to_owned(),
        Some(plain) => plain.to_string(),
        None => "this".to_owned(),
    }
}
