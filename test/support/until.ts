import { setTimeout as wait } from 'node:timers/promises'

/** Waits until the question is answered with anything but `undefined` or `false`; gives up after half a minute. */
export async function until<T>(ask: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    await wait(50)
  }
  throw new Error('waited half a minute for nothing')
}
