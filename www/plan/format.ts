/** JSON as a person writes it: what fits on a line of `width` characters stays on one. */
export function format(value: unknown, width = 46, indent = "", name = ""): string {
  const line = name + inline(value);
  if (indent.length + line.length <= width || typeof value !== "object" || value === null) return indent + line;
  const deeper = `${indent}  `;
  const [open, close, entries] = Array.isArray(value)
    ? ["[", "]", value.map((item) => format(item, width, deeper))]
    : ["{", "}", Object.entries(value).map(([key, item]) => format(item, width, deeper, `${JSON.stringify(key)}: `))];
  return `${indent}${name}${open}\n${entries.join(",\n")}\n${indent}${close}`;
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${inline(item)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}
