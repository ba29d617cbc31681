//! `docs/registries.md` is made from the table in `registries::profile`.
//!
//! `REWRITE=1 cargo test --test tests registries_page` writes it anew.

use std::fmt::Write as _;

use portreeve::registries::profile::{Authentication, DeleteBy, Profile, Support};

const BEGINNING: &str = "\
# Which registries, what works

Made from `src/registries/profile.rs` by `REWRITE=1 cargo test --test tests registries_page`; change
it there. `portreeve capabilities HOST` asks a registry itself.

Every registry that speaks `/v2` can be read: tags, manifests, images, blobs. Where they differ:

- **signs in by**: a token of its token server (Bearer), user and password (Basic), either, or as
  its operator has set it up (?).
- **pages**: whether it lists tags in pages of the size asked for; the number is the page size that
  we ask for first.
- **whole**: whether a list that was read to its end is all there is. Cleanup needs that.
- **times**: whether the list itself tells when each image was pushed. Elsewhere it takes a look at
  each image, and shows when it was built.
- **untagged**: whether the list tells of manifests without a tag.
- **catalog**: whether `/v2/_catalog` lists repositories.
- **referrers**: whether it answers the referrers API. Where not, the fallback tag is read.
- **delete**: whether DELETE of a digest deletes the manifest through `/v2`.
- **untag**: whether DELETE of a tag takes that tag alone. Where not, `untag` says `unsupported`;
  nothing ever deletes a digest to get rid of a tag.
- **locks**: whether tags can be locked against being moved or deleted.

`yes` and `no` speak for themselves, `set up` depends on the registry's or repository's settings,
and `?` means that nobody has said: it is tried, and a refusal is an error and never a wrong
deletion. A row in *italics* rests on documentation alone; the others were seen in the software's
answers or its source.

";

const AFTER_THE_TABLE: &str = "
## Each of them

";

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test that compares a file with what it is made from"
)]
fn the_page_of_registries_says_what_the_table_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/registries.md");
    let made = page();
    if std::env::var("REWRITE").is_ok() {
        std::fs::write(path, &made).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == made,
        "docs/registries.md is stale: REWRITE=1 cargo test --test tests registries_page"
    );
}

fn page() -> String {
    let mut page = BEGINNING.to_owned();
    let heads = [
        "registry",
        "signs in by",
        "pages",
        "whole",
        "times",
        "untagged",
        "catalog",
        "referrers",
        "delete",
        "untag",
        "locks",
    ];
    row(&mut page, &heads.map(str::to_owned));
    row(&mut page, &heads.map(|_| "---".to_owned()));
    for profile in Profile::ALL {
        let name = if profile.confirmed {
            profile.name.to_owned()
        } else {
            format!("*{}*", profile.name)
        };
        let pages = match profile.paged_list {
            Support::Yes => profile.page_size.to_string(),
            other => word(other).to_owned(),
        };
        row(
            &mut page,
            &[
                name,
                way_in(profile.authentication).to_owned(),
                pages,
                word(profile.whole_list).to_owned(),
                word(profile.dates_in_list).to_owned(),
                word(profile.lists_untagged).to_owned(),
                word(profile.catalog).to_owned(),
                word(profile.referrers).to_owned(),
                word(profile.delete_digest).to_owned(),
                word(profile.untag).to_owned(),
                word(profile.immutable_tags).to_owned(),
            ],
        );
    }
    page.push_str(AFTER_THE_TABLE);
    for profile in Profile::ALL {
        let _ = writeln!(page, "### {}\n", profile.name);
        let _ = writeln!(page, "- `{}`", profile.id);
        let hosts = profile.hosts.iter().map(|host| format!("`{host}`"));
        let hosts: Vec<String> = hosts.collect();
        let _ = match (hosts.as_slice(), profile.mark) {
            ([], None) => writeln!(
                page,
                "- on hosts of your own; asked like any other registry"
            ),
            ([], Some(_)) => writeln!(page, "- on hosts of your own, known by its answers"),
            (hosts, _) => writeln!(page, "- known by its host: {}", hosts.join(", ")),
        };
        let by = match profile.deletion {
            DeleteBy::UntagThenDigest => "- tags are taken first, then the digest\n",
            DeleteBy::TagsOnly => {
                "- its own interface deletes, tag by tag; the last one takes the image\n"
            }
            _ => "",
        };
        page.push_str(by);
        if profile.tells_missing == Support::No {
            page.push_str("- a repository that is not there looks like one that is not yours\n");
        }
        if profile.names_digests != Support::Yes {
            page.push_str("- an answer may leave the digest out: a HEAD costs a GET more then\n");
        }
        match profile.sha512 {
            Support::Yes => page.push_str("- takes content named by sha512\n"),
            Support::No => page.push_str("- takes no content named by sha512\n"),
            _ => {}
        }
        if !profile.limits.is_empty() {
            let _ = writeln!(page, "- limits: {}", profile.limits);
        }
        let _ = writeln!(page, "- source: <{}>\n", profile.source);
    }
    let end = page.trim_end().len();
    page.truncate(end);
    page.push('\n');
    page
}

fn row(page: &mut String, cells: &[String; 11]) {
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

fn word(support: Support) -> &'static str {
    match support {
        Support::Yes => "yes",
        Support::No => "no",
        Support::Depends => "set up",
        _ => "?",
    }
}

fn way_in(authentication: Authentication) -> &'static str {
    match authentication {
        Authentication::None => "nothing",
        Authentication::Basic => "Basic",
        Authentication::Bearer => "Bearer",
        Authentication::Either => "either",
        _ => "?",
    }
}
