import type { Image } from "portreeve";
import { useEffect, useRef, useState } from "preact/hooks";
import { open } from "../access.js";
import type { Address, Go } from "../address.js";
import { Failure } from "../parts/failure.js";
import { Icon } from "../parts/icon.js";
import { Progress } from "../parts/progress.js";
import { Search } from "../parts/search.js";
import { useReading } from "../reading.js";
import { found, order, sorted } from "./order.js";
import { readTags, type Tags } from "./read.js";
import { OrderChoice, TagTable } from "./table.js";

/** Rows on the screen, and tags whose details are read, before anybody asks for more. */
const STEP = 200;

export function TagsView({ address, go, token, onToken }: {
  address: Address;
  go: Go;
  token: string | undefined;
  onToken: (token: string) => void;
}) {
  const { repository } = address;
  const [limit, setLimit] = useState(STEP);
  const [tags, setTags] = useState<Tags>();
  const images = useRef(new Map<string, Promise<Image>>());
  const forget = () => {
    images.current.clear();
    setTags(undefined);
  };
  useEffect(forget, [token]);
  const [reading, repeat] = useReading(
    (signal) => readTags(open(repository, token), { limit, images: images.current, signal }, (state) => {
      if (!signal.aborted) setTags(state);
    }),
    [token, limit],
  );
  const again = () => {
    forget();
    repeat();
  };

  if (reading.state === "failed") {
    return <Failure doing={`Reading the tags of ${repository}`} error={reading.error} onAgain={again} onToken={onToken} />;
  }
  if (tags === undefined || (tags.rows.length === 0 && reading.state === "reading")) {
    return <Progress doing="Reading the list of tags" />;
  }
  if (tags.rows.length === 0) {
    return (
      <section class="notice">
        <h2>No tags yet</h2>
        <p>The registry knows this repository, but nothing in it has a name. Push an image, or look at the cleanup plan for what is untagged.</p>
      </section>
    );
  }

  const chosen = order(address.sort);
  const matching = found(tags.rows, address.search);
  const shown = sorted(matching, chosen).slice(0, limit);
  const wanted = Math.min(limit, tags.rows.length);
  const onOrder = ({ column, descending }: typeof chosen) => go({ sort: `${descending ? "-" : ""}${column}` }, "filter");
  return (
    <>
      <div class="tools">
        <Search label="Filter tags" value={address.search} onSearch={(search) => go({ search }, "filter")} />
        <OrderChoice order={chosen} onOrder={onOrder} />
        <p class="count" role="status">
          {matching.length === tags.rows.length ? `${tags.rows.length} tags` : `${matching.length} of ${tags.rows.length} tags`}
        </p>
        <button type="button" class="quiet" onClick={again} aria-label="Read again"><Icon name="reload" /><span>Read again</span></button>
      </div>
      {reading.state === "reading" ? <Progress doing="Reading what the tags name" done={tags.done} total={wanted} /> : null}
      {tags.completion?.complete === false ? (
        <p class="notice warning"><Icon name="warning" />This list may be cut short: {tags.completion.reason ?? "the registry did not prove its end"}.</p>
      ) : null}
      {shown.length === 0 ? (
        <section class="notice">
          <h2>No tag matches</h2>
          <p><button type="button" onClick={() => go({ search: "" }, "filter")}>Show all {tags.rows.length} tags</button></p>
        </section>
      ) : <TagTable repository={repository} rows={shown} order={chosen} onOrder={onOrder} />}
      {matching.length > shown.length ? (
        <p class="more"><button type="button" onClick={() => setLimit(limit + STEP)}>Show {Math.min(STEP, matching.length - shown.length)} more</button></p>
      ) : null}
    </>
  );
}
