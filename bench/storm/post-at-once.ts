import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { publicUrl } from '../sign-in/issue-responses.ts'

/** What became of everybody who came at once. */
export interface StormOutcome {
  readonly sessions: number
  /** Answers that said to try again, in order: 503 with Retry-After. Everybody does, with the same form. */
  readonly tryAgains: number
  /** What else was answered, or happened to the connection, and how often. */
  readonly errors: ReadonlyMap<string, number>
  /** From the first try to the session, in milliseconds, the times of waiting to try again among them. */
  readonly milliseconds: readonly number[]
  /** How long one answer took, a session or a word to try again. */
  readonly answerMilliseconds: readonly number[]
}

/** Nobody tries for longer. */
const patienceMs = 300_000

/** Posts all bodies at the same moment, each over a connection of its own, spread over the ports. */
export async function postAtOnce(
  ports: readonly number[],
  path: string,
  bodies: readonly Buffer[],
): Promise<StormOutcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  const errors = new Map<string, number>()
  const milliseconds: number[] = []
  const answerMilliseconds: number[] = []
  let tryAgains = 0

  async function signIn(body: Buffer, port: number): Promise<void> {
    const begun = performance.now()
    while (performance.now() - begun < patienceMs) {
      const asked = performance.now()
      const answer = await post({ port, path, agent }, body)
      answerMilliseconds.push(performance.now() - asked)
      if (answer.isSession) return void milliseconds.push(performance.now() - begun)
      if (answer.retryAfterSeconds === undefined)
        return void errors.set(answer.text, (errors.get(answer.text) ?? 0) + 1)
      tryAgains += 1
      await wait(answer.retryAfterSeconds * 1000)
    }
    errors.set('out of patience', (errors.get('out of patience') ?? 0) + 1)
  }

  try {
    await Promise.all(bodies.map((body, index) => signIn(body, ports[index % ports.length] ?? 0)))
  } finally {
    agent.destroy()
  }
  return { sessions: milliseconds.length, tryAgains, errors, milliseconds, answerMilliseconds }
}

interface Answer {
  readonly isSession: boolean
  readonly retryAfterSeconds?: number
  /** Says what went wrong, short enough to be counted. */
  readonly text: string
}

interface Target {
  readonly port: number
  readonly path: string
  readonly agent: Agent
}

function post(target: Target, body: Buffer): Promise<Answer> {
  const headers = {
    host: new URL(publicUrl).host,
    accept: 'text/html',
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': body.length,
  }
  return new Promise((resolve) => {
    const posted = request({ ...target, host: '127.0.0.1', method: 'POST', headers }, (response) => {
      const { statusCode, headers: received } = response
      let code = ''
      response.on('data', (chunk: Buffer) => {
        code ||= /<code>([a-z_]+)<\/code>/.exec(String(chunk))?.[1] ?? ''
      })
      response.on('end', () => {
        const isSession = (received['set-cookie'] ?? []).some((cookie) => cookie.startsWith('__Host-latchkey='))
        const retryAfter = statusCode === 503 ? received['retry-after'] : undefined
        const text = `${statusCode} ${code}`
        resolve({ isSession, text, ...(retryAfter !== undefined && { retryAfterSeconds: Number(retryAfter) }) })
      })
    })
    posted.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ isSession: false, text: error.code ?? error.message }),
    )
    posted.end(body)
  })
}
