// node first.mjs HOST REPOSITORY: milliseconds from before `import` to the first tag, by the clock
// and of CPU.

const started = performance.now()
const before = process.cpuUsage()
const { connect } = await import('portreeve')
const [host, repository] = process.argv.slice(2)
for await (const { name } of connect(host).repository(repository).tags({ limit: 1 })) {
  const { user, system } = process.cpuUsage(before)
  console.log(performance.now() - started, (user + system) / 1000, name)
  break
}
