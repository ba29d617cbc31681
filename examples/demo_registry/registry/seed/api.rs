//! `shop/api`: Docker's media types and one platform, as `docker build && docker push` leaves it.

use serde_json::json;
use time::Duration;

use super::super::state::Repository;
use super::Day;
use super::image::{Family, Image, digest, push};
use super::layer::layer;

/// Tags and how many days ago their image was pushed.
const IMAGES: [(&[&str], i64); 10] = [
    (&["2.0.0"], 180),
    (&["2.0.1"], 150),
    (&["2.1.0"], 97),
    (&["2.1.1"], 70),
    (&["2.2.0", "stable"], 41),
    (&["build-118"], 36),
    (&["build-121"], 22),
    (&["build-127"], 16),
    (&["build-133"], 6),
    (&["2.3.0", "latest"], 2),
];

pub(super) fn fill(repository: &mut Repository, day: Day) {
    let base = layer(
        &[(
            "etc/os-release",
            "PRETTY_NAME=\"portreeve demo base\"\nID=demo\n",
        )],
        day.before(200, 0),
    );
    for (tags, days) in IMAGES {
        let pushed = day.before(days, 7);
        let created = pushed - Duration::minutes(2);
        let script = format!("#!/bin/sh\necho shop/api {}\n", tags.join(" "));
        let app = layer(&[("usr/bin/shop", &script)], created);
        let image = Image {
            family: Family::Docker,
            architecture: "amd64",
            layers: &[(&base, "ADD base /"), (&app, "COPY shop /usr/bin/shop")],
            labels: json!({ "org.opencontainers.image.title": "shop/api" }),
            created,
            pushed,
        };
        let image = push(repository, &image);
        for tag in tags {
            repository.tag(tag, &digest(&image));
        }
    }
}
