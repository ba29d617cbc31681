//! What is wrong with a document, all of it at once, each with its place.

use std::fmt;

use serde::Serialize;

use crate::error::{Code, Error};

/// One thing that is wrong with a configuration or a policy, or not carried out yet.
///
/// # Examples
///
/// ```
/// use portreeve::configuration::Configuration;
/// let problems = Configuration::parse(r#"{ "version": 2, "upstream": {} }"#).unwrap_err();
/// assert_eq!(problems[0].path, "$.version");
/// assert_eq!(problems[1].to_string(), "$.upstream: unknown field (line 1, column 29)");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// The place, as a JSON path such as `$.jobs.shop.policy`.
    pub path: String,
    /// What is wrong there, and what would be right.
    pub message: String,
    /// `invalid_configuration`, `invalid_policy` or `unsupported`.
    #[serde(serialize_with = "code_text")]
    pub code: Code,
    /// Where in the text the value begins; of a missing field, the object that lacks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

impl Problem {
    pub(crate) fn new(code: Code, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            message: message.into(),
            code,
            position: None,
        }
    }

    pub(crate) fn syntax(code: Code, error: &serde_json::Error, document: &str) -> Self {
        let text = error.to_string();
        // serde_json ends its message with the place, which has fields of its own here
        let message = match text.rfind(" at line ").and_then(|end| text.get(..end)) {
            Some(message) => message.to_owned(),
            None => text,
        };
        Self {
            path: "$".to_owned(),
            message,
            code,
            position: Some(Position {
                line: error.line(),
                column: column(error, document),
            }),
        }
    }
}

/// The parser counts bytes; people and editors count characters.
fn column(error: &serde_json::Error, document: &str) -> usize {
    let line = document.lines().nth(error.line().saturating_sub(1));
    let before = line.and_then(|line| line.get(..error.column()));
    before.map_or(error.column(), |before| before.chars().count())
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(Position { line, column }) if self.path == "$" => {
                write!(formatter, "line {line}, column {column}: {}", self.message)
            }
            Some(position) => write!(formatter, "{}: {} ({position})", self.path, self.message),
            None => write!(formatter, "{}: {}", self.path, self.message),
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        match problem.position {
            Some(_) if problem.path == "$" => Self::new(problem.code, problem.to_string()),
            Some(position) => {
                let found = format!("{} ({position})", problem.message);
                Self::new(problem.code, found).with_path(problem.path)
            }
            None => Self::new(problem.code, problem.message).with_path(problem.path),
        }
    }
}

/// One error that says all of `problems`: for callers who can only show one.
///
/// Nothing to say is a fault of the caller's and gives `internal`.
#[must_use]
pub fn error(problems: &[Problem]) -> Error {
    match problems {
        [] => Error::new(Code::Internal, "a document was refused without a reason"),
        [only] => only.clone().into(),
        [first, ..] => {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Error::new(
                first.code,
                format!("{} problems: {}", lines.len(), lines.join("; ")),
            )
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn code_text<S: serde::Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_error_can_say_them_all() {
        let problems = [
            Problem::new(Code::InvalidConfiguration, "$.version", "expected 1"),
            Problem::new(Code::InvalidPolicy, "$.jobs.a.policy", "no such policy"),
        ];
        assert_eq!(
            error(&problems).to_string(),
            "2 problems: $.version: expected 1; $.jobs.a.policy: no such policy"
        );
        assert_eq!(error(&problems).code(), Code::InvalidConfiguration);
        assert_eq!(error(&problems[1..]).path(), Some("$.jobs.a.policy"));
    }
}
