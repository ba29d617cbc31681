import type { Repository } from "portreeve";
import { useState } from "preact/hooks";
import { open } from "../access.js";
import type { Address, Go } from "../address.js";
import { Failure } from "../parts/failure.js";
import { Icon } from "../parts/icon.js";
import { Progress } from "../parts/progress.js";
import { Search } from "../parts/search.js";
import { useReading } from "../reading.js";
import { found, isOpen, order, sorted } from "./order.js";
import { readTags, type Row, type Tags, useDetails } from "./read.js";
import { OrderChoice, TagTable } from "./table.js";

/** Rows on the screen, whose images are read, before anybody asks for more. */
const STEP = 100;

export function TagsView({ address, go, token, onToken }: {
  address: Address;
  go: Go;
  token: string | undefined;
  onToken: (token: string) => void;
}) {
  const [repository] = useState(() => open(address.repository, token));
  const [round, setRound] = useState(0);
  const [reading] = useReading(
    (signal, onProgress) => readTags(repository, signal, (done) => onProgress({ doing: `Reading the list of tags, ${done} so far`, done, total: 0 })),
    [round],
  );
  const again = () => setRound(round + 1);
  if (reading.state === "failed") {
    return <Failure doing={`Reading the tags of ${address.repository}`} error={reading.error} onAgain={again} onToken={onToken} />;
  }
  if (reading.state === "reading") return <Progress doing="Reading the list of tags" {...reading.progress} />;
  if (reading.value.rows.length === 0) {
    return (
      <section class="notice">
        <h2>No tags yet</h2>
        <p>The registry knows this repository, but nothing in it has a name. Push an image, or look at the cleanup plan for what is untagged.</p>
      </section>
    );
  }
  return <TagList key={round} tags={reading.value} repository={repository} address={address} go={go} onAgain={again} />;
}

function TagList({ tags: { rows, completion }, repository, address, go, onAgain }: {
  tags: Tags;
  repository: Repository;
  address: Address;
  go: Go;
  onAgain: () => void;
}) {
  const [limit, setLimit] = useState(STEP);
  const [readAll, setReadAll] = useState(false);
  const chosen = order(address.sort);
  const shownOf = (some: Row[]) => sorted(found(some, address.search), chosen).slice(0, limit);
  const known = useDetails(repository, rows, (some) => (readAll ? some : shownOf(some)));

  const matching = found(known, address.search);
  const shown = shownOf(known);
  const wanted = readAll ? known : shown;
  const done = wanted.filter(({ image, error }) => image !== undefined || error !== undefined).length;
  const unread = readAll ? 0 : matching.filter((row) => isOpen(row, chosen) && !shown.includes(row)).length;
  const onOrder = ({ column, descending }: typeof chosen) => go({ sort: `${descending ? "-" : ""}${column}` }, "filter");
  return (
    <>
      <div class="tools">
        <Search label="Filter tags" value={address.search} onSearch={(search) => go({ search }, "filter")} />
        <OrderChoice order={chosen} onOrder={onOrder} />
        <p class="count" role="status">
          {matching.length === rows.length ? `${rows.length} tags` : `${matching.length} of ${rows.length} tags`}
        </p>
        <button type="button" class="quiet" onClick={onAgain} aria-label="Read again"><Icon name="reload" /><span>Read again</span></button>
      </div>
      {completion.complete ? null : (
        <p class="notice warning"><Icon name="warning" />This list may be cut short: {completion.reason ?? "the registry did not prove its end"}.</p>
      )}
      {unread === 0 ? null : (
        <p class="notice warning">
          <Icon name="warning" />
          <span>{unread} tags come last because this registry does not list their {chosen.column}s. <button type="button" onClick={() => setReadAll(true)}>Read them</button></span>
        </p>
      )}
      {done < wanted.length ? <Progress doing="Reading what the tags name" done={done} total={wanted.length} /> : null}
      {shown.length === 0 ? (
        <section class="notice">
          <h2>No tag matches</h2>
          <p><button type="button" onClick={() => go({ search: "" }, "filter")}>Show all {rows.length} tags</button></p>
        </section>
      ) : <TagTable repository={address.repository} rows={shown} order={chosen} onOrder={onOrder} />}
      {matching.length > shown.length ? (
        <p class="more"><button type="button" onClick={() => setLimit(limit + STEP)}>Show {Math.min(STEP, matching.length - shown.length)} more</button></p>
      ) : null}
    </>
  );
}
