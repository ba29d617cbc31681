//! Which repository a name of a workload may mean: hosts differ, mirrors and projects stand before
//! the path, so only the end of it counts, in whole segments.

/// Whether one path is the other, or its end.
pub(crate) fn may_be(one: &str, other: &str) -> bool {
    ends_with(one, other) || ends_with(other, one)
}

fn ends_with(path: &str, end: &str) -> bool {
    path.strip_suffix(end)
        .is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// The last segment, which two paths share wherever [`may_be`] holds.
pub(super) fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_counts_in_whole_segments() {
        for (one, other, expected) in [
            ("shop/web", "shop/web", true),
            ("harbor/shop/web", "shop/web", true),
            ("web", "shop/web", true),
            ("my-shop/web", "shop/web", false),
            ("shop/web", "shop/web-admin", false),
            ("shop/web/debug", "shop/web", false),
            ("library/nginx", "hub/library/nginx", true),
            ("library/nginx", "team/nginx", false),
            ("eb", "shop/web", false),
            ("other/web", "shop/web", false),
        ] {
            assert_eq!(may_be(one, other), expected, "{one} {other}");
            assert_eq!(may_be(other, one), expected, "{other} {one}");
            if expected {
                assert_eq!(last_segment(one), last_segment(other));
            }
        }
    }
}
