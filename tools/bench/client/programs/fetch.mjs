// node fetch.mjs HOST REPOSITORY: the same answer by fetch alone.

const started = performance.now()
const before = process.cpuUsage()
const [host, repository] = process.argv.slice(2)
const answer = await fetch(`http://${host}/v2/${repository}/tags/list?n=1`)
const { tags } = await answer.json()
const { user, system } = process.cpuUsage(before)
console.log(performance.now() - started, (user + system) / 1000, tags[0])
