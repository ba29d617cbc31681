// nginx as a plain reverse proxy, in one process, so that its figures are one process's.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { peer } from '../../tests/support/peers.mjs'
import { freePort } from '../../tests/support/ports.mjs'
import { serve, temporaryFolder } from '../../tests/support/servers.mjs'

/** Passes everything on to `upstream`. */
export async function startNginx(upstream) {
  const folder = temporaryFolder('nginx')
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration({ folder, port, upstream }))
  const url = `http://127.0.0.1:${port}`
  const server = await serve('nginx', `${url}/v2/`, peer('nginx'), ['-c', file, '-p', folder, '-e', join(folder, 'error.log')])
  return { url, ...server }
}

function configuration({ folder, port, upstream }) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`)
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
  ${temporary.join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${upstream};
      proxy_http_version 1.1;
      # a blob that does not fit the buffers would be written to a file
      proxy_max_temp_file_size 0;
    }
  }
}
`
}
