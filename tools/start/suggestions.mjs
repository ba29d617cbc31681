// What `npm start` prints once both servers answer. Every line works as printed: a test runs them.

import { ADDRESS } from './ports.mjs'

/** The lines, for the ports and the configuration file in force. */
export function suggestions({ worker, demo }, file) {
  const proxy = `${ADDRESS}:${worker}`
  const config = file ? ` --config ${file}` : ''
  return `
portreeve listens on http://${proxy}, the demo registry on http://${ADDRESS}:${demo}.
Try, in another terminal in this folder:

  # the tags of a repository, read through the Worker
  curl -s http://${proxy}/v2/demo/shop/web/tags/list

  # an image through the Worker (or: docker pull ${proxy}/demo/shop/web:v1.4.2)
  skopeo copy --all --src-tls-verify=false docker://${proxy}/demo/shop/web:v1.4.2 dir:build/shop-web

  # the same tags by the npm package
  npx portreeve tags ${proxy}/demo/shop/web

  # what a cleanup would delete, and why; nothing is deleted
  npx portreeve plan shop${config}

  # tags and plan in the browser
  http://${proxy}/

Ctrl-C stops both.
`
}
