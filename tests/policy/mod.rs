//! The policy's language as its authors meet it.

mod documentation;
mod hostile;
mod meaning;
mod problems;
mod warnings;

use portreeve::configuration::policy::Policy;

/// What is wrong with a policy, a line each.
fn wrong(text: &str) -> Vec<String> {
    match Policy::parse(text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}
