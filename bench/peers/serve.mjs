// A program of its own: one of the products compared with, behind a plain HTTP server. Its parent tells it over the channel of
// `fork` what to start, and asks what it has used.
import { createServer } from 'node:http'

// A parent that was killed cannot say stop.
process.on('disconnect', () => process.exit(1))

process.once('message', async ({ product, ...options }) => {
  const { start } = await import(`./${product}.mjs`)
  const { handler, path } = await start(options)
  const server = createServer((request, response) => void handler(request, response))
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port, path }))
  process.on('message', (question) => {
    if (question === 'stop') process.exit(0)
    const { user, system } = process.cpuUsage()
    process.send({ cpuMicroseconds: user + system })
  })
})
