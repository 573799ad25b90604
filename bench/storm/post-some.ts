import { Agent, request } from 'node:http'
import { publicUrl } from '../sign-in/issue-responses.ts'
import { atATime } from '../sign-in/post-responses.ts'

/** Posts each body, so many at a time, to whatever product; every one must be let in: a redirect that speaks of no error. */
export async function postSome(
  { port, path }: { readonly port: number; readonly path: string },
  bodies: readonly Buffer[],
  atOnce: number = atATime,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const queue = bodies.values()
  const browse = async () => {
    for (const body of queue) await post({ port, path, agent }, body)
  }
  await Promise.all(Array.from({ length: atOnce }, browse)).finally(() => agent.destroy())
}

function post(
  target: { readonly port: number; readonly path: string; readonly agent: Agent },
  body: Buffer,
): Promise<void> {
  const headers = {
    host: new URL(publicUrl).host,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': body.length,
  }
  return new Promise((resolve, reject) => {
    const posted = request({ ...target, host: '127.0.0.1', method: 'POST', headers }, (response) => {
      response.resume()
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode, headers: received } = response
        const isIn = (statusCode === 302 || statusCode === 303) && !/[?&]error=/.test(received.location ?? '')
        if (isIn) resolve()
        else reject(new Error(`not let in: ${statusCode} ${received.location}`))
      })
    })
    posted.on('error', reject)
    posted.end(body)
  })
}
