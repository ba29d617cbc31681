/** What is going on; with numbers, how far it is. */
export function Progress({ doing, done, total }: { doing: string; done?: number | undefined; total?: number | undefined }) {
  const known = done !== undefined && total !== undefined && total > 0;
  return (
    <div class="progress">
      <p><span role="status">{doing}</span>{known ? <span class="aside" aria-hidden="true"> {done} of {total}</span> : " …"}</p>
      {known ? <progress aria-label={doing} value={done} max={total} /> : <progress aria-label={doing} />}
    </div>
  );
}
