import { Resolver } from 'node:dns/promises'
import type { ResolveTxt } from './domains.ts'

/** Asks the DNS servers of this machine, for at most a few seconds. */
export const resolveTxt: ResolveTxt = async (name) => {
  const resolver = new Resolver({ timeout: 3000, tries: 2 })
  try {
    return (await resolver.resolveTxt(name)).map((parts) => parts.join(''))
  } catch (error) {
    if (isNoSuchName(error)) return []
    throw error
  }
}

function isNoSuchName(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA')
}
