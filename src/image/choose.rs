//! The manifest that a machine would run.

use super::describe::missing;
use crate::{
    client::Client,
    error::{Code, Error, Result},
    io::Io,
    oci::{Manifest, Platform, Target},
};

/// The manifest of the image for a platform in what a tag or digest names, chosen as containerd
/// does ([`Index::image_for`](crate::oci::Index::image_for)).
///
/// # Errors
///
/// `not_found` where there is nothing, or nothing for this platform, with those that there are;
/// `unsupported` for what is no index; and those of every request.
///
/// # Examples
///
/// ```
/// use portreeve::{client::Client, error::Result, image, io::Io, oci::{Manifest, Target}};
///
/// async fn of_a_pi<I: Io>(client: &Client<I>) -> Result<Manifest> {
///     let target = Target::Tag("latest".into());
///     image::choose(client, "acme/web", &target, &"linux/arm/v7".parse()?).await
/// }
/// ```
pub async fn choose<I: Io>(
    client: &Client<I>,
    repository: &str,
    target: &Target,
    platform: &Platform,
) -> Result<Manifest> {
    let lost = |target: &Target| missing(client.host(), repository, target);
    let found = client.manifest(repository, target).await?;
    let found = found.ok_or_else(|| lost(target))?;
    let index = found.index()?;
    let Some(image) = index.image_for(platform) else {
        let platforms = index.images().filter_map(|image| image.platform.as_ref());
        let there: Vec<String> = platforms.map(ToString::to_string).collect();
        let found = format!("it has no image for {platform}");
        let advice = if there.is_empty() {
            "none of its images names a platform; take one by its digest".to_owned()
        } else {
            format!("it has images for {}", there.join(", "))
        };
        return Err(Error::new(Code::NotFound, found)
            .doing(format!("choosing an image of {repository}"))
            .at(client.host())
            .next(advice));
    };
    let target = Target::Digest(image.digest);
    let chosen = client.manifest(repository, &target).await?;
    chosen.ok_or_else(|| lost(&target))
}
