import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { bytes } from "../parts/bytes.js";
import { Copy } from "../parts/copy.js";
import { Digest } from "../parts/digest.js";
import { Icon } from "../parts/icon.js";
import { When } from "../parts/when.js";
import { COLUMNS, type Column, type Order, date, platformName, platforms, size } from "./order.js";
import type { Row } from "./read.js";

const TITLES: Record<Column, string> = { tag: "Tag", date: "Date", size: "Size" };

/**
 * The tags, one in a row. The roles are written out because narrow screens show rows as cards,
 * and a table whose display is changed is no table to a screen reader otherwise.
 */
export function TagTable({ repository, rows, order, onOrder }: {
  repository: string;
  rows: Row[];
  order: Order;
  onOrder: (order: Order) => void;
}) {
  const [open, setOpen] = useState<string>();
  return (
    <table class="list tags" role="table" aria-label={`Tags of ${repository}`}>
      <thead role="rowgroup">
        <tr role="row">
          <Heading column="tag" order={order} onOrder={onOrder} />
          <Heading column="date" order={order} onOrder={onOrder} />
          <th role="columnheader" scope="col">Digest</th>
          <Heading column="size" order={order} onOrder={onOrder} />
          <th role="columnheader" scope="col">Platforms</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row, index) => (
          <Fragment key={row.name}>
            <tr role="row" class={open === row.name ? "opened" : undefined}>
              <th role="rowheader" scope="row" class="name">
                <button type="button" class="opener" aria-expanded={open === row.name} aria-controls={open === row.name ? `tag-${index}` : undefined}
                  onClick={() => setOpen(open === row.name ? undefined : row.name)}>
                  <Icon name="open" />
                  <span class="tag-name">{row.name}</span>
                </button>
              </th>
              <td role="cell" class="date"><Dated row={row} /></td>
              <td role="cell" class="hash">{row.digest === undefined ? <Pending row={row} /> : <Digest digest={row.digest} />}</td>
              <td role="cell" class="size"><Size row={row} /></td>
              <td role="cell" class="platforms"><Platforms row={row} /></td>
            </tr>
            {open === row.name ? (
              <tr role="row" class="details" id={`tag-${index}`}>
                <td role="cell" colSpan={5}><Details repository={repository} row={row} /></td>
              </tr>
            ) : null}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function Heading({ column, order, onOrder }: { column: Column; order: Order; onOrder: (order: Order) => void }) {
  const current = order.column === column;
  // times and sizes are asked for from the top
  const descending = current ? !order.descending : column !== "tag";
  return (
    <th role="columnheader" scope="col" class={column} aria-sort={current ? (order.descending ? "descending" : "ascending") : "none"}>
      <button type="button" class="sort" onClick={() => onOrder({ column, descending })}>
        {TITLES[column]}
        {current ? <Icon name={order.descending ? "descending" : "ascending"} /> : null}
      </button>
    </th>
  );
}

/** The same choice as the headings', for screens too narrow for them. */
export function OrderChoice({ order, onOrder }: { order: Order; onOrder: (order: Order) => void }) {
  return (
    <label class="order">
      <span>Sort by</span>
      <select value={`${order.descending ? "-" : ""}${order.column}`}
        onChange={({ currentTarget: { value } }) => onOrder({ column: value.replace("-", "") as Column, descending: value.startsWith("-") })}>
        {COLUMNS.flatMap((column) => [
          <option value={`-${column}`}>{{ tag: "Tag, Z first", date: "Newest", size: "Largest" }[column]}</option>,
          <option value={column}>{{ tag: "Tag, A first", date: "Oldest", size: "Smallest" }[column]}</option>,
        ])}
      </select>
    </label>
  );
}

function Dated({ row }: { row: Row }) {
  const known = date(row);
  return known === undefined ? <Pending row={row} /> : <When {...known} />;
}

function Size({ row }: { row: Row }) {
  const largest = size(row);
  return largest === undefined ? <Pending row={row} /> : <>{bytes(largest)}</>;
}

function Platforms({ row }: { row: Row }) {
  if (row.image === undefined) return <Pending row={row} />;
  const known = platforms(row);
  return known.length === 0 ? <span class="aside">none</span> : <>{known.map((name) => <span class="platform" key={name}>{name}</span>)}</>;
}

function Pending({ row }: { row: Row }) {
  if (row.error !== undefined) return <span class="aside">not readable</span>;
  return row.image === undefined ? <span class="pending"><span class="unseen">not read yet</span></span> : <span class="aside">unknown</span>;
}

function Details({ repository, row }: { repository: string; row: Row }) {
  const pull = `docker pull ${location.host}/${repository}:${row.name}`;
  return (
    <dl class="facts">
      <div><dt>Pull</dt><dd><code>{pull}</code><Copy text={pull} what="command" /></dd></div>
      {row.digest === undefined ? null : <div><dt>Digest</dt><dd><code>{row.digest}</code><Copy text={row.digest} what="digest" /></dd></div>}
      {row.image === undefined ? null : <div><dt>Media type</dt><dd><code>{row.image.mediaType}</code></dd></div>}
      {row.error === undefined ? null : <div><dt>Not readable</dt><dd>{row.error instanceof Error ? row.error.message : String(row.error)}</dd></div>}
      {row.image?.platforms.map(({ platform, digest, size, created, layers }) => (
        <div key={digest}>
          <dt>{platformName(platform).replace("unknown/unknown", "Content")}</dt>
          <dd>
            <span>{bytes(size)} in {layers.length} {layers.length === 1 ? "layer" : "layers"}</span>
            <Digest digest={digest} />
            {created === undefined ? null : <When at={created} source="created" />}
          </dd>
        </div>
      ))}
    </dl>
  );
}
