// node first.mjs HOST REPOSITORY: milliseconds from before `import` to the first tag.

const started = performance.now()
const { connect } = await import('portreeve')
const [host, repository] = process.argv.slice(2)
for await (const { name } of connect(host).repository(repository).tags({ limit: 1 })) {
  console.log(performance.now() - started, name)
  break
}
