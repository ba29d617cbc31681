/** The order in which people write a policy's fields; the core's JSON has them by the alphabet. */
const FIELDS = ["kinds", "minimumAge", "grace", "requires", "keep", "delete", "name", "tags", "tagged", "newest", "beyondNewest", "count", "per", "by"];

/** JSON as a person writes it: fields in the usual order, and what fits on a line of `width` characters on one. */
export function format(value: unknown, width = 46, indent = "", name = ""): string {
  const line = name + inline(value);
  if (indent.length + line.length <= width || typeof value !== "object" || value === null) return indent + line;
  const deeper = `${indent}  `;
  const [open, close, entries] = Array.isArray(value)
    ? ["[", "]", value.map((item) => format(item, width, deeper))]
    : ["{", "}", fields(value).map(([key, item]) => format(item, width, deeper, `${JSON.stringify(key)}: `))];
  return `${indent}${name}${open}\n${entries.join(",\n")}\n${indent}${close}`;
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = fields(value).map(([name, item]) => `${JSON.stringify(name)}: ${inline(item)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

function fields(value: object): [string, unknown][] {
  const place = (name: string) => (FIELDS.includes(name) ? FIELDS.indexOf(name) : FIELDS.length);
  return Object.entries(value).toSorted(([one], [other]) => place(one) - place(other));
}
