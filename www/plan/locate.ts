// Where in a JSON text a problem sits, so that its message can lead there.

/** A part of a text, by character positions. */
export interface Span {
  from: number;
  to: number;
}

/** Finds the value at a path such as `$.delete[0].tags`; of a path that leads nowhere, its last part that exists. */
export function locate(text: string, path: string): Span {
  const steps = path.match(/[^.[\]]+/g)?.slice(1) ?? [];
  let span: Span = { from: skip(text, 0), to: text.trimEnd().length };
  for (const step of steps) {
    const inside = children(text, span.from).find(({ name }) => name === step);
    if (inside === undefined) break;
    span = inside.value;
  }
  return span;
}

/** Where the parser of this browser gave up on a text that is no JSON. */
export function locateSyntaxError(text: string, error: Error): Span {
  const position = /position (\d+)/.exec(error.message)?.[1];
  const place = /line (\d+) column (\d+)/.exec(error.message);
  const lines = text.split("\n");
  const from = position !== undefined
    ? Number(position)
    : place === null
      ? text.length
      : lines.slice(0, Number(place[1]) - 1).join("\n").length + Number(place[2]);
  return { from: Math.min(from, text.length), to: Math.min(from + 1, text.length) };
}

/** The line of a position, counted from one. */
export function lineOf(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

/** The values directly inside the object or array that begins at `from`. The text is valid JSON. */
function children(text: string, from: number): { name: string; value: Span }[] {
  const found: { name: string; value: Span }[] = [];
  const object = text[from] === "{";
  if (!object && text[from] !== "[") return found;
  for (let at = skip(text, from + 1); at < text.length && text[at] !== "}" && text[at] !== "]"; ) {
    let name = String(found.length);
    if (object) {
      const end = endOf(text, at);
      name = JSON.parse(text.slice(at, end)) as string;
      at = skip(text, skip(text, end) + 1);
    }
    const to = endOf(text, at);
    found.push({ name, value: { from: at, to } });
    at = skip(text, to);
    if (text[at] === ",") at = skip(text, at + 1);
  }
  return found;
}

/** Behind the value that begins at `from`. */
function endOf(text: string, from: number): number {
  if (text[from] === '"') return from + (/^"(?:[^"\\]|\\.)*"/.exec(text.slice(from))?.[0].length ?? 1);
  if (text[from] !== "{" && text[from] !== "[") return from + (/^[^\s,}\]]+/.exec(text.slice(from))?.[0].length ?? 1);
  const last = children(text, from).at(-1);
  return skip(text, last?.value.to ?? from + 1) + 1;
}

function skip(text: string, at: number): number {
  while (/\s/.test(text[at] ?? "")) at += 1;
  return at;
}
