import { once } from 'node:events'

/** Waits for the signal that ends a server; gives its name. */
export async function toldToStop(): Promise<'SIGTERM' | 'SIGINT'> {
  const signals = ['SIGTERM', 'SIGINT'] as const
  return Promise.race(
    signals.map(async (signal) => {
      await once(process, signal)
      return signal
    }),
  )
}
