// Line icons of 16 by 16, drawn in the colour of the text around them. Decoration: the text beside says the same.
const PATHS = {
  keep: "M3.5 8.5l3 3 6-7",
  delete: "M4.5 4.5l7 7m0-7l-7 7",
  blocked: "M4.75 7.25h6.5v5h-6.5zM6 7.25V5.5a2 2 0 0 1 4 0v1.75",
  unknown: "M5.9 6.1a2.1 2.1 0 1 1 3.2 1.8c-.7.4-1.1.9-1.1 1.6M8 11.9v.1",
  warning: "M8 3.2l5.4 9.4H2.6zM8 6.8v2.6M8 11.2v.1",
  copy: "M5.75 5.75h6.5v6.5h-6.5zM10.25 5.5V3.75h-6.5v6.5H5.5",
  open: "M6 4l4 4-4 4",
  reload: "M12.6 8a4.6 4.6 0 1 1-1.4-3.3M12.7 2.9v2.4h-2.4",
  search: "M7.2 11.4a4.2 4.2 0 1 0 0-8.4 4.2 4.2 0 0 0 0 8.4zM10.4 10.4L13 13",
  ascending: "M8 12V4M5 7l3-3 3 3",
  descending: "M8 4v8M5 9l3 3 3-3",
  key: "M6 11.5a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM7.9 7.1L12.5 2.6M10.4 4.7l1.9 1.9",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark of the product: an anchor, for the officer who kept a port in order. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <circle cx="16" cy="8" r="2.6" />
      <path d="M16 10.6V25M11 14.5h10M7 18.5c0 4.5 4 6.5 9 6.5s9-2 9-6.5" />
    </svg>
  );
}
