//! Which instruction of a Dockerfile made which layer.

use crate::oci::History;

/// The instructions that made so many layers, base first, as a person writes them.
///
/// Steps that made no layer are left out. Where the rest do not come out even (images that were
/// squashed, or that a builder made without history), no layer has an instruction.
pub(super) fn instructions(history: &[History], layers: usize) -> Vec<Option<String>> {
    let steps = history.iter().filter(|step| !step.empty_layer);
    let mut instructions: Vec<_> = steps.map(|step| instruction(&step.created_by)).collect();
    if instructions.len() != layers {
        instructions.clear();
    }
    instructions.resize(layers, None);
    instructions
}

/// A step without what builders put around the instruction.
fn instruction(created_by: &str) -> Option<String> {
    let text = created_by.trim();
    let text = text.strip_suffix("# buildkit").unwrap_or(text).trim();
    let of_shell = |text: &str| {
        // build arguments are told before the shell: `|1 VERSION=3 /bin/sh -c make`
        let has_arguments = text.starts_with('|');
        let shell = text.split_once("/bin/sh -c ");
        let (_, command) = shell.filter(|(before, _)| before.is_empty() || has_arguments)?;
        Some(format!("RUN {}", command.trim_start()))
    };
    let instruction = if let Some((_, instruction)) = text.split_once("#(nop)") {
        instruction.trim().to_owned()
    } else if let Some(of_run) = text.strip_prefix("RUN ").and_then(of_shell) {
        of_run
    } else {
        of_shell(text).unwrap_or_else(|| text.to_owned())
    };
    Some(instruction).filter(|instruction| !instruction.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(created_by: &str, empty_layer: bool) -> History {
        History {
            created_by: created_by.to_owned(),
            empty_layer,
            ..History::default()
        }
    }

    #[test]
    fn steps_without_a_layer_are_left_out() {
        let history = [
            step("ADD rootfs.tar.gz / # buildkit", false),
            step(r#"CMD ["sh"]"#, true),
            step("RUN /bin/sh -c apk add curl # buildkit", false),
            step("COPY . /app # buildkit", false),
        ];
        assert_eq!(
            instructions(&history, 3),
            [
                Some("ADD rootfs.tar.gz /".to_owned()),
                Some("RUN apk add curl".to_owned()),
                Some("COPY . /app".to_owned())
            ]
        );
    }

    #[test]
    fn a_history_that_does_not_come_out_even_tells_of_no_layer() {
        let history = [step("ADD / /", false)];
        assert_eq!(instructions(&history, 2), [None, None]);
        assert_eq!(instructions(&[], 1), [None]);
        assert_eq!(instructions(&history, 0), []);
    }

    #[test]
    fn every_builders_wrapping_is_taken_off() {
        for (builder, written, read) in [
            (
                "docker",
                "/bin/sh -c #(nop) ADD file:0123abcd in / ",
                "ADD file:0123abcd in /",
            ),
            ("docker", "/bin/sh -c apt-get update", "RUN apt-get update"),
            (
                "docker on Windows",
                "cmd /S /C #(nop) COPY dir:0123 in C:\\app ",
                "COPY dir:0123 in C:\\app",
            ),
            (
                "BuildKit with arguments",
                "RUN |1 VERSION=3 /bin/sh -c make # buildkit",
                "RUN make",
            ),
            (
                "docker with arguments",
                "|2 A=1 B=two words /bin/sh -c make && /bin/sh -c true",
                "RUN make && /bin/sh -c true",
            ),
            ("Bazel", "bazel build ...", "bazel build ..."),
        ] {
            assert_eq!(instruction(written).as_deref(), Some(read), "{builder}");
        }
        assert_eq!(instruction("  "), None);
    }
}
