/** A command line to type next: it is called the way this one was, and names the same configuration. */
export function nextCommand(rest: string, { config }: { config?: string }): string {
  const program = process.env['npm_lifecycle_event'] === 'npx' ? 'npx portreeve' : 'portreeve'
  return `${program} ${rest}${config === undefined ? '' : ` --config ${config}`}`
}
