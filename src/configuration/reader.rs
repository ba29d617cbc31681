//! Strict reading of a JSON document: every problem is collected with its path, none is the last.
//!
//! A [`Node`] is a value and its place. Its readers return `None` where the value is not what was
//! expected, having noted the problem; whoever reads on notes the next one too.

use std::{
    cell::{OnceCell, RefCell},
    fmt,
};

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::Age;
use super::locations::Locations;
use super::problem::Problem;
use crate::error::Code;

/// What reading a document has found so far.
#[derive(Debug)]
pub(crate) struct Findings {
    code: Code,
    text: String,
    locations: OnceCell<Locations>,
    problems: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Problem>>,
    unsupported: RefCell<Vec<Problem>>,
}

impl Findings {
    /// Problems of `text` are reported with `code`.
    pub(crate) fn new(code: Code, text: &str) -> Self {
        Self {
            code,
            text: text.to_owned(),
            locations: OnceCell::new(),
            problems: RefCell::new(Vec::new()),
            warnings: RefCell::new(Vec::new()),
            unsupported: RefCell::new(Vec::new()),
        }
    }

    pub(crate) fn problem(&self, path: impl Into<String>, message: impl Into<String>) {
        let problem = self.located(self.code, path.into(), message.into());
        self.problems.borrow_mut().push(problem);
    }

    /// Notes what is allowed, and seldom meant.
    pub(crate) fn warn(&self, path: impl Into<String>, message: impl Into<String>) {
        let warning = self.located(self.code, path.into(), message.into());
        self.warnings.borrow_mut().push(warning);
    }

    fn located(&self, code: Code, path: String, message: String) -> Problem {
        let locations = self.locations.get_or_init(|| Locations::of(&self.text));
        Problem {
            position: locations.find(&path),
            ..Problem::new(code, path, message)
        }
    }

    /// Adds what a part of the document was warned about.
    pub(crate) fn add_warnings(&self, warnings: &[Problem]) {
        self.warnings.borrow_mut().extend_from_slice(warnings);
    }

    /// What has been warned about since the last call.
    pub(crate) fn take_warnings(&self) -> Vec<Problem> {
        self.warnings.take()
    }

    /// What has been noted as understood but not carried out since the last call.
    pub(crate) fn take_unsupported(&self) -> Vec<Problem> {
        self.unsupported.take()
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }
}

/// Reads `text` as JSON in which no object names a field twice; what is found in it is reported
/// with `code`.
pub(crate) fn document(code: Code, text: &str) -> Result<(Value, Findings), Vec<Problem>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match serde_json::from_slice::<Strict>(text.as_bytes()) {
        Ok(Strict(value)) => Ok((value, Findings::new(code, text))),
        Err(error) => Err(vec![Problem::syntax(code, &error, text)]),
    }
}

/// A value of the document, and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    value: &'a Value,
    path: String,
    findings: &'a Findings,
}

impl<'a> Node<'a> {
    pub(crate) fn root(value: &'a Value, findings: &'a Findings) -> Self {
        Self {
            value,
            path: "$".to_owned(),
            findings,
        }
    }

    pub(crate) const fn value(&self) -> &'a Value {
        self.value
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Notes what is wrong here.
    pub(crate) fn problem(&self, message: impl Into<String>) {
        self.findings.problem(&*self.path, message);
    }

    /// Notes what is allowed at `path`, and seldom meant.
    pub(crate) fn warn_at(&self, path: &str, message: impl Into<String>) {
        self.findings.warn(path, message);
    }

    /// Notes that this is understood and not carried out by this release.
    pub(crate) fn unsupported(&self) {
        let message =
            "understood, but not carried out by this release; take it out to go on without it";
        let findings = self.findings;
        let problem = findings.located(Code::Unsupported, self.path.clone(), message.to_owned());
        findings.unsupported.borrow_mut().push(problem);
    }

    pub(crate) fn string(&self) -> Option<&'a str> {
        match self.value {
            Value::String(text) if !text.is_empty() => Some(text),
            Value::String(_) => self.expected("a text that is not empty"),
            _ => self.expected("a text"),
        }
    }

    pub(crate) fn boolean(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(*value),
            _ => self.expected("true or false"),
        }
    }

    pub(crate) fn integer(&self, least: u32, most: u32) -> Option<u32> {
        let found = self
            .value
            .as_u64()
            .and_then(|value| u32::try_from(value).ok());
        match found {
            Some(value) if (least..=most).contains(&value) => Some(value),
            _ => self.expected(&format!("a whole number from {least} to {most}")),
        }
    }

    /// A percentage such as `25%`.
    pub(crate) fn percentage(&self) -> Option<u32> {
        let share = self
            .value
            .as_str()
            .and_then(|text| text.strip_suffix('%'))
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .filter(|share| *share <= 100);
        match share {
            Some(share) => Some(share),
            None => self.expected("a whole percentage such as \"25%\", from 0% to 100%"),
        }
    }

    /// A length of time such as `48h`.
    pub(crate) fn age(&self) -> Option<Age> {
        match self.string()?.parse::<Age>() {
            Ok(age) => Some(age),
            Err(problem) => {
                self.problem(format!("{problem}"));
                None
            }
        }
    }

    /// One of a closed list of words.
    pub(crate) fn word<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let text = self.string()?;
        let found = words.iter().find(|(word, _)| *word == text);
        if let Some((_, meaning)) = found {
            return Some(*meaning);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.expected(&format!("one of {}", names.join(", ")))
    }

    /// The items of an array that has at least one.
    pub(crate) fn items(&self) -> Vec<Self> {
        if self.value.as_array().is_some_and(Vec::is_empty) {
            self.problem("expected at least one entry");
        }
        self.list()
    }

    /// The items of an array that may be empty.
    pub(crate) fn list(&self) -> Vec<Self> {
        let Value::Array(items) = self.value else {
            self.problem("expected an array");
            return Vec::new();
        };
        let items = items.iter().enumerate();
        items
            .map(|(position, value)| self.below(value, format!("{}[{position}]", self.path)))
            .collect()
    }

    /// The texts of an array that has at least one.
    pub(crate) fn strings(&self) -> Vec<(&'a str, Self)> {
        self.items()
            .into_iter()
            .filter_map(|item| Some((item.string()?, item)))
            .collect()
    }

    /// The entries of an object whose keys are names chosen by the author.
    pub(crate) fn entries(&self) -> Vec<(&'a str, Self)> {
        let Value::Object(fields) = self.value else {
            self.problem("expected an object");
            return Vec::new();
        };
        fields
            .iter()
            .map(|(name, value)| (name.as_str(), self.below(value, member(&self.path, name))))
            .collect()
    }

    /// The fields of an object of this format. [`Fields::finish`] notes those nobody asked for.
    pub(crate) fn fields(&self) -> Option<Fields<'a>> {
        match self.value {
            Value::Object(fields) => Some(Fields {
                node: self.clone(),
                members: fields,
                known: RefCell::default(),
            }),
            _ => self.expected("an object"),
        }
    }

    fn below(&self, value: &'a Value, path: String) -> Self {
        Self {
            value,
            path,
            findings: self.findings,
        }
    }

    fn expected<T>(&self, what: &str) -> Option<T> {
        self.problem(format!("expected {what}"));
        None
    }
}

/// The fields of one object.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    node: Node<'a>,
    members: &'a Map<String, Value>,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Fields<'a> {
    /// The field, if the author gave it.
    pub(crate) fn get(&self, name: &'static str) -> Option<Node<'a>> {
        self.known.borrow_mut().push(name);
        let value = self.members.get(name)?;
        Some(self.node.below(value, member(&self.node.path, name)))
    }

    /// The field, which must be there.
    pub(crate) fn require(&self, name: &'static str) -> Option<Node<'a>> {
        let found = self.get(name);
        if found.is_none() {
            let path = member(&self.node.path, name);
            self.node
                .findings
                .problem(path, "missing; this field is required");
        }
        found
    }

    /// Notes that what the absence of a field means is not carried out by this release.
    pub(crate) fn unsupported_default(&self, name: &'static str) {
        let node = self.node.below(&Value::Null, member(&self.node.path, name));
        node.unsupported();
    }

    /// Notes every field that was not asked for.
    pub(crate) fn finish(self) {
        let known = self.known.borrow();
        for name in self.members.keys() {
            if !known.contains(&name.as_str()) {
                let path = member(&self.node.path, name);
                self.node.findings.problem(path, "unknown field");
            }
        }
    }
}

/// The path of a member: `.name`, or `["a name"]` where the name is no plain word.
pub(crate) fn member(path: &str, name: &str) -> String {
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$'));
    if plain && !name.is_empty() {
        format!("{path}.{name}")
    } else {
        format!("{path}[{}]", Value::String(name.to_owned()))
    }
}

/// A JSON value whose objects name no field twice: the second `keep` would silently win otherwise.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if fields.contains_key(&name) {
                return Err(de::Error::custom(format_args!(
                    "the field `{name}` comes twice"
                )));
            }
            let Strict(value) = entries.next_value()?;
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(value: &Value, read: impl FnOnce(Node<'_>)) -> Vec<String> {
        let findings = Findings::new(Code::InvalidConfiguration, &value.to_string());
        read(Node::root(value, &findings));
        findings
            .into_problems()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn every_problem_is_noted_with_its_path() {
        let value = json!({ "a": 1, "docker.io": { "b": [true, ""] }, "c": "x" });
        let found = problems(&value, |root| {
            let fields = root.fields().unwrap();
            fields.get("a").unwrap().string();
            let below = fields.get("docker.io").unwrap().fields().unwrap();
            for item in below.get("b").unwrap().items() {
                item.string();
            }
            below.require("d");
            below.finish();
            fields.finish();
        });
        assert_eq!(
            found,
            [
                "$.a: expected a text (line 1, column 6)",
                r#"$["docker.io"].b[0]: expected a text (line 1, column 34)"#,
                r#"$["docker.io"].b[1]: expected a text that is not empty (line 1, column 39)"#,
                r#"$["docker.io"].d: missing; this field is required (line 1, column 28)"#,
                "$.c: unknown field (line 1, column 12)",
            ]
        );
    }

    #[test]
    fn a_field_named_twice_is_an_error_with_its_line() {
        let problem =
            document(Code::InvalidPolicy, "{\n \"keep\": [],\n \"keep\": [] }").unwrap_err();
        let [problem] = problem.as_slice() else {
            panic!("one problem");
        };
        assert_eq!(problem.message, "the field `keep` comes twice");
        assert_eq!(problem.position.unwrap().line, 3);
    }

    #[test]
    fn broken_json_says_line_and_column() {
        let problem = document(Code::InvalidConfiguration, "{\n  \"version\": 1,\n}").unwrap_err();
        assert_eq!(problem[0].to_string(), "line 3, column 1: trailing comma");
    }

    #[test]
    fn percentages_and_numbers_are_whole_and_in_range() {
        for text in ["", "%", "25", "2.5%", "101%", "-1%", "+5%", "1e1%"] {
            assert_eq!(
                problems(&json!(text), |node| assert!(node.percentage().is_none())).len(),
                1,
                "{text}"
            );
        }
        for value in [
            json!(0),
            json!(-1),
            json!(1.5),
            json!("1"),
            json!(5_000_000_000_u64),
        ] {
            assert_eq!(
                problems(&value, |node| assert!(node.integer(1, 1000).is_none())).len(),
                1,
                "{value}"
            );
        }
    }
}
