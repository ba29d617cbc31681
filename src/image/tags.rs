//! A repository's tags with what a person wants to know of them.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    future::poll_fn,
    rc::Rc,
    task::Poll,
};

use futures_util::{
    FutureExt as _, StreamExt as _, future::LocalBoxFuture, stream::FuturesOrdered,
};

use super::{
    ContentCache, Tag,
    contents::Contents,
    facts::{FactReader, Needs, is_of_one},
    tag::TagSources,
};
use crate::{
    api,
    client::{Cause, Client, Completeness, Listing},
    error::{Code, Error, Result},
    image::TimeSource,
    io::Io,
    oci::{Digest, Target, build_time, media_type},
    sorted,
    timestamp::Timestamp,
};

/// Which facts of every tag are wanted. What the registry's list tells by itself comes along in
/// any case; what nobody can tell stays unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(
    clippy::exhaustive_structs,
    clippy::struct_excessive_bools,
    reason = "a list of names, each wanted or not"
)]
pub struct With {
    /// The digest that it shows: one HEAD a tag.
    pub digest: bool,
    /// The media type of its manifest: the same HEAD.
    pub media_type: bool,
    /// The bytes of the image: each digest's manifest is read once, and those of an index's
    /// images.
    pub size: bool,
    /// When it was built: the same, and each image's config.
    pub created: bool,
    /// When it was pushed. Only lists that tell by themselves know.
    pub pushed: bool,
    /// Where it runs: each digest's manifest, and the config of an image.
    pub platforms: bool,
}

impl With {
    /// Whether it takes requests where the list does not tell by itself.
    const fn asks(self) -> bool {
        self.digest || self.media_type || self.size || self.created || self.platforms
    }
}

/// What to sort by. What is unknown comes last; equals stay in the registry's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sort {
    /// By name, byte by byte.
    Name,
    /// By build time, youngest first.
    Created,
    /// By push time, youngest first.
    Pushed,
    /// By size, largest first.
    Size,
}

/// How [`tags`] reads.
#[derive(Clone, Default)]
#[allow(
    clippy::exhaustive_structs,
    reason = "an argument list with names: all of them have a default"
)]
pub struct TagOptions {
    /// The facts wanted.
    pub with: With,
    /// The order; the registry's own where none is given. A fact to sort by is wanted, too.
    pub sort: Option<Sort>,
    /// No more tags than this: the first ones of that order.
    pub limit: Option<usize>,
    /// Content that was read before.
    pub cache: Option<Rc<dyn ContentCache>>,
}

/// The tags of a repository with their facts; nothing is sent before the first page is asked for.
///
/// One HEAD goes out for a tag, and each digest is read once, six requests at a time. A list that
/// tells the facts by itself (Google's) costs nothing more.
///
/// # Examples
///
/// ```
/// use portreeve::{client::Client, error::Result, image::{self, Sort, TagOptions}, io::Io};
///
/// async fn newest<I: Io>(client: &Client<I>) -> Result<Option<String>> {
///     let options = TagOptions {
///         sort: Some(Sort::Created),
///         limit: Some(1),
///         ..TagOptions::default()
///     };
///     let mut tags = image::tags(client, "acme/web", options);
///     let page = tags.next_page().await?.unwrap_or_default();
///     Ok(page.into_iter().next().map(|tag| tag.name))
/// }
/// ```
#[must_use]
pub fn tags<I: Io>(client: &Client<I>, repository: &str, options: TagOptions) -> Tags<I> {
    let TagOptions {
        mut with,
        sort,
        limit,
        cache,
    } = options;
    with.created |= sort == Some(Sort::Created);
    with.pushed |= sort == Some(Sort::Pushed);
    with.size |= sort == Some(Sort::Size);
    let mut listing = client.tags(repository);
    if let (Some(limit), None) = (limit, sort) {
        listing = listing.limit(limit);
    }
    let contents = Contents {
        // counts for the listing
        client: listing.client().clone(),
        repository: repository.to_owned(),
        cache,
    };
    let needs = Needs {
        size: with.size,
        created: with.created,
        platforms: with.platforms,
    };
    Tags {
        requests: listing.client().clone(),
        size: client.limits().concurrency.max(1),
        listing: Some(listing),
        list_ended: false,
        reader: Rc::new(Reader {
            facts: FactReader::new(contents, needs),
            with,
            throttled: RefCell::new(None),
        }),
        sort,
        limit,
        told: BTreeMap::new(),
        waiting: VecDeque::new(),
        cut: None,
        doubt: None,
        ended: false,
    }
}

/// What [`tags`] reads, a few tags at a time, in order.
///
/// A tag that cannot be read says so in [`Tag::error`] and does not stop the others. A 429 that
/// outlasts the repetitions does: the tags known by then come with what is known of them, and
/// [`Tags::complete`] says `throttled`.
///
/// Between two pages nothing is in flight, and dropping the future of one gives up what is: the
/// listing has ended then.
pub struct Tags<I: Io> {
    /// Counts the requests.
    requests: Client<I>,
    /// Not here while a page of it is read.
    listing: Option<Listing<I>>,
    list_ended: bool,
    reader: Rc<Reader<I>>,
    sort: Option<Sort>,
    limit: Option<usize>,
    /// What the list told of tags that it has not named yet.
    told: BTreeMap<String, Tag>,
    waiting: VecDeque<Tag>,
    /// How many tags the next page has: few at first, because somebody waits for the first one.
    size: usize,
    /// That tags were left out, sorted.
    cut: Option<(Cause, String)>,
    doubt: Option<(Cause, String)>,
    ended: bool,
}

/// Most tags of a page: the fewer, the more often the requests in flight run out.
const MOST: usize = 96;

/// Reads the facts of one tag after the other.
struct Reader<I: Io> {
    facts: FactReader<I>,
    with: With,
    /// The registry asked for fewer requests: none goes out any more.
    throttled: RefCell<Option<Error>>,
}

impl<I: Io> Tags<I> {
    /// The next tags; `None` after the last. Names alone come as the registry pages them, facts a
    /// few tags at first and more at a time later, and what is sorted all at once.
    ///
    /// # Errors
    ///
    /// Those of [`Listing::next_page`], and where the registry cannot be reached any more.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Tag>>> {
        if self.ended {
            return Ok(None);
        }
        // and stays so where nobody waits for the end of this
        self.ended = true;
        self.doubt = Some((Cause::Failed, "it was given up".to_owned()));
        let page = match self.sort {
            None if !self.reader.with.asks() => self.names().await,
            None => self.batch(self.size).await,
            Some(sort) => self.sorted(sort).await,
        };
        match page {
            Ok(tags) => {
                self.size = (2 * self.size).min(MOST);
                self.ended = self.sort.is_some() || tags.is_empty();
                self.doubt = self.cut.take();
                Ok(Some(tags).filter(|tags| !tags.is_empty()))
            }
            Err(error) => {
                self.doubt = Some((Cause::Failed, format!("it broke off: {}", error.found())));
                Err(error)
            }
        }
    }

    /// Whether these were all tags, as [`Listing::complete`].
    #[must_use]
    pub fn complete(&self) -> Completeness {
        let unread = || (Cause::Unread, "it was not read to its end".to_owned());
        if !self.ended {
            return Completeness::new(Some(unread()));
        }
        let throttled = self.reader.throttled.borrow();
        let throttled = throttled
            .as_ref()
            .map(|error| (Cause::Throttled, format!("it broke off: {}", error.found())));
        let own = throttled.or_else(|| self.doubt.clone());
        let listing = self.listing.as_ref();
        let of_list =
            || listing.map_or_else(|| Some(unread()), |listing| listing.complete().doubt());
        Completeness::new(own.or_else(of_list))
    }

    /// How many requests went out, with those to token servers, redirects and repetitions.
    #[must_use]
    pub fn requests_used(&self) -> u64 {
        self.requests.metered_requests()
    }

    /// A page of the list, as it is.
    async fn names(&mut self) -> Result<Vec<Tag>> {
        while let Some(mut listing) = self.listing.take_if(|_| !self.list_ended) {
            let page = listing.next_page().await;
            self.take((listing, page))?;
            if !self.waiting.is_empty() {
                break;
            }
        }
        Ok(std::mem::take(&mut self.waiting).into())
    }

    /// Everything, sorted.
    async fn sorted(&mut self, sort: Sort) -> Result<Vec<Tag>> {
        while let Some(mut listing) = self.listing.take_if(|_| !self.list_ended) {
            let page = listing.next_page().await;
            self.take((listing, page))?;
        }
        if sort == Sort::Name {
            let mut tags = Vec::from(std::mem::take(&mut self.waiting));
            self.order(sort, &mut tags);
            self.waiting = tags.into();
        }
        let mut tags = self.batch(usize::MAX).await?;
        if sort != Sort::Name {
            self.order(sort, &mut tags);
        }
        Ok(tags)
    }

    /// So many tags, in order.
    ///
    /// Nothing is on its way when it returns: what nobody waits for would hold places among the
    /// requests in flight, and who asks for something else before the next batch would never get
    /// one.
    async fn batch(&mut self, size: usize) -> Result<Vec<Tag>> {
        let mut on_its_way = OnItsWay {
            page: None,
            tags: FuturesOrdered::new(),
        };
        let (mut begun, mut ready) = (0, Vec::new());
        loop {
            // some wait for a digest that another reads: twice as many as may ask at once
            let most = 2 * self.requests.limits().concurrency.max(1);
            while begun < size && on_its_way.tags.len() < most {
                let Some(tag) = self.waiting.pop_front() else {
                    if !self.list_ended && !self.reader.is_throttled() {
                        let listing = self.listing.take();
                        on_its_way.page = listing.map(next_page).or(on_its_way.page);
                    }
                    break;
                };
                begun += 1;
                let reader = Rc::clone(&self.reader);
                on_its_way.tags.push_back(reader.tag(tag).boxed_local());
            }
            match on_its_way.next().await {
                Some(Event::Tag(tag)) => ready.push(tag?),
                Some(Event::Page(paged)) => self.take(*paged)?,
                None => return Ok(ready),
            }
        }
    }

    /// Takes what a page of the list says.
    fn take(&mut self, (listing, page): Paged<I>) -> Result<()> {
        self.listing = Some(listing);
        let Some(page) = page? else {
            self.list_ended = true;
            return Ok(());
        };
        let now = self.requests.io().now();
        for (digest, manifest) in page.manifests.iter().flatten() {
            for name in &manifest.tags {
                let tag = told(name, digest, manifest, now);
                self.told.insert(name.clone(), tag);
            }
        }
        for name in page.tags {
            let told = self.told.remove(&name);
            self.waiting
                .push_back(told.unwrap_or_else(|| Tag::new(name)));
        }
        Ok(())
    }

    /// Sorts, and cuts at the limit.
    fn order(&mut self, sort: Sort, tags: &mut Vec<Tag>) {
        sorted::sort_by(tags, |one, two| match sort {
            Sort::Name => one.name.cmp(&two.name),
            // `None` is the least
            Sort::Created => two.created.cmp(&one.created),
            Sort::Pushed => two.pushed.cmp(&one.pushed),
            Sort::Size => two.size.cmp(&one.size),
        });
        if let Some(limit) = self.limit.filter(|limit| *limit < tags.len()) {
            tags.truncate(limit);
            self.cut = Some((Cause::Limited, format!("it was limited to {limit}")));
        }
    }
}

/// What is on its way: tags in their order, and a page of the list, which waits for its turn among
/// them.
struct OnItsWay<I: Io> {
    page: Option<LocalBoxFuture<'static, Paged<I>>>,
    tags: FuturesOrdered<LocalBoxFuture<'static, Result<Tag>>>,
}

/// A list whose page was read.
type Paged<I> = (Listing<I>, Result<Option<api::tags::Page>>);

enum Event<I: Io> {
    Page(Box<Paged<I>>),
    Tag(Result<Tag>),
}

impl<I: Io> OnItsWay<I> {
    /// What comes first; `None` where nothing is on its way.
    async fn next(&mut self) -> Option<Event<I>> {
        poll_fn(|context| {
            if let Some(page) = &mut self.page
                && let Poll::Ready(paged) = page.poll_unpin(context)
            {
                self.page = None;
                return Poll::Ready(Some(Event::Page(Box::new(paged))));
            }
            match self.tags.poll_next_unpin(context) {
                Poll::Ready(Some(tag)) => Poll::Ready(Some(Event::Tag(tag))),
                Poll::Ready(None) if self.page.is_none() => Poll::Ready(None),
                _ => Poll::Pending,
            }
        })
        .await
    }
}

fn next_page<I: Io>(mut listing: Listing<I>) -> LocalBoxFuture<'static, Paged<I>> {
    async move {
        let page = listing.next_page().await;
        (listing, page)
    }
    .boxed_local()
}

/// A tag with what Google's list tells of it.
fn told(name: &str, digest: &Digest, manifest: &api::tags::Listed, now: Timestamp) -> Tag {
    let plausible = |time: Option<Timestamp>| build_time::plausible(time?, now);
    let (created, pushed) = (plausible(manifest.created), plausible(manifest.uploaded));
    let mut tag = Tag::new(name.to_owned());
    tag.digest = Some(*digest);
    tag.media_type.clone_from(&manifest.media_type);
    // of an index the list counts its own bytes alone, which is no size of an image
    let is_index = manifest
        .media_type
        .as_deref()
        .is_some_and(media_type::is_index);
    tag.size = manifest.size.filter(|_| !is_index);
    tag.created = created;
    tag.pushed = pushed;
    tag.sources = TagSources {
        created: created.map(|_| TimeSource::TagsList),
        pushed: pushed.map(|_| TimeSource::TagsList),
    };
    tag
}

impl<I: Io> Reader<I> {
    async fn tag(self: Rc<Self>, mut tag: Tag) -> Result<Tag> {
        let read = self.read(&mut tag).await;
        if let Err(error) = read {
            match error.code() {
                Code::Throttled => {
                    self.throttled
                        .borrow_mut()
                        .get_or_insert_with(|| error.clone());
                }
                _ if is_of_one(&error) => {}
                _ => return Err(error),
            }
            tag.error = Some(error);
        }
        Ok(tag)
    }

    async fn read(&self, tag: &mut Tag) -> Result<()> {
        let with = self.with;
        let lacks = Needs {
            size: with.size && tag.size.is_none(),
            created: with.created && tag.created.is_none(),
            platforms: with.platforms,
        };
        let is_named = tag.digest.is_some();
        let lacks_head = !is_named && (with.digest || with.media_type || lacks.any())
            || with.media_type && tag.media_type.is_none();
        if !lacks_head && !lacks.any() {
            return Ok(());
        }
        if let Some(error) = &*self.throttled.borrow() {
            return Err(error.clone());
        }
        let contents = &self.facts.contents;
        let (client, repository) = (&contents.client, &contents.repository);
        let mut read = None;
        if lacks_head {
            let target = match tag.digest {
                Some(digest) => Target::Digest(digest),
                None => Target::Tag(tag.name.clone()),
            };
            let (head, manifest) = client
                .look(repository, &target)
                .await?
                .ok_or_else(|| super::missing(client.host(), repository, &target))?;
            tag.digest = Some(head.digest);
            tag.media_type = Some(head.media_type);
            read = manifest;
        }
        let Some(digest) = tag.digest.filter(|_| lacks.any()) else {
            return Ok(());
        };
        let media_type = tag.media_type.clone().unwrap_or_default();
        let facts = self.facts.of(digest, &media_type, read).await?;
        let facts = facts
            .ok_or_else(|| super::missing(client.host(), repository, &Target::Digest(digest)))?;
        if lacks.size {
            tag.size = facts.size;
        }
        if lacks.created {
            tag.created = facts.created.map(|(time, _)| time);
            tag.sources.created = facts.created.map(|(_, source)| source);
        }
        if lacks.platforms {
            tag.platforms = Some(facts.platforms);
        }
        Ok(())
    }

    fn is_throttled(&self) -> bool {
        self.throttled.borrow().is_some()
    }
}
