//! What the configs of images say, each read once however many images have it.

use std::collections::BTreeMap;

use super::{Collector, is_of_one};
use crate::{
    cleanup::{assemble, event::Phase, known::Built, reading::Reading},
    error::{Code, Result},
    image::Contents,
    io::Io,
    oci::{Descriptor, Digest, media_type},
    plan::inventory::Kind,
};

impl<I: Io> Collector<'_, '_, I> {
    /// Reads build times, platforms and labels, where the policy asks for them and nothing else
    /// tells.
    pub(super) async fn configs(&mut self) -> Result<bool> {
        let open = self.unread_configs();
        let (mut asked, mut kept) = (Vec::new(), Vec::new());
        for (config, images) in open {
            match self.contents.kept_config(&config).await {
                Some(config) => kept.push((images, Built::of_config(&config, &self.what.needs))),
                None => asked.push((config, images)),
            }
        }
        let keep = |reading: &mut Reading, (images, built): (Vec<Digest>, Built)| {
            for digest in images {
                reading.known.built(&digest, built.clone());
            }
        };
        for found in kept {
            keep(self.reading, found);
        }
        let needs = &self.what.needs;
        let ask = async |contents: &Contents<I>, (config, images): (Digest, Vec<Digest>)| {
            let descriptor = Descriptor::new(media_type::OCI_CONFIG, config, 0);
            match contents.read_config(&descriptor).await {
                Ok(config) => Ok((images, Built::of_config(&config, needs))),
                Err(error) if error.code() == Code::NotFound || is_of_one(&error) => {
                    Ok((images, Built::Unreadable))
                }
                Err(error) => Err(error),
            }
        };
        self.each(Phase::Configs, asked, ask, keep).await
    }

    /// The configs that are wanted, with the images that have them.
    fn unread_configs(&self) -> BTreeMap<Digest, Vec<Digest>> {
        let (reading, needs) = (&*self.reading, &self.what.needs);
        let mut open: BTreeMap<Digest, Vec<Digest>> = BTreeMap::new();
        for (digest, reach) in assemble::reached(reading) {
            let Some(facts) = reading.facts(&digest) else {
                continue;
            };
            let tells_created = reading
                .in_list(&digest)
                .is_some_and(|listed| listed.created.is_some());
            let tells_platform = reach.child.is_some_and(|child| child.platform.is_some());
            let wanted = (needs.created && !tells_created)
                || (needs.platform && !tells_platform)
                || !needs.labels.is_empty();
            if let Some(config) = facts.config
                && facts.kind == Kind::Image
                && facts.built.is_none()
                && wanted
            {
                open.entry(config).or_default().push(digest);
            }
        }
        open
    }
}
