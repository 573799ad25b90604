import { Agent, request } from 'node:http'
import { publicUrl } from './issue-responses.ts'

/** How many browsers wait for an answer at the same time. */
export const atATime = 8

/** Posts each body to the assertion consumer service and gives the milliseconds each answer took. Every one must open a session. */
export async function postResponses(port: number, path: string, bodies: readonly Buffer[]): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: atATime })
  const queue = bodies.values()
  const milliseconds: number[] = []
  async function browse(): Promise<void> {
    for (const body of queue) {
      const begun = performance.now()
      await post({ port, path, agent }, body)
      milliseconds.push(performance.now() - begun)
    }
  }
  try {
    await Promise.all(Array.from({ length: atATime }, browse))
  } finally {
    agent.destroy()
  }
  return milliseconds
}

interface Target {
  readonly port: number
  readonly path: string
  readonly agent: Agent
}

function post(target: Target, body: Buffer): Promise<void> {
  const headers = {
    host: new URL(publicUrl).host,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': body.length,
  }
  return new Promise((resolve, reject) => {
    const posted = request({ ...target, host: '127.0.0.1', method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const cookies = response.headers['set-cookie'] ?? []
        if (response.statusCode === 303 && cookies.some((cookie) => cookie.startsWith('__Host-latchkey='))) resolve()
        else reject(new Error(`no session: ${response.statusCode} ${Buffer.concat(chunks)}`))
      })
    })
    posted.on('error', reject)
    posted.end(body)
  })
}
