import type { LoadHook } from 'node:module'

/**
 * Makes the rival: the same server, in whose list of steps decoding and verifying are node-saml's. Everything else stays
 * the product's own code, and the product offers no switch for it: the list is changed while Node loads it.
 */
const listOfSteps = new URL('../../src/sign-in/sign-in-steps.js', import.meta.url).href
const nodeSaml = new URL('./verify-with-node-saml.js', import.meta.url).href

const changes: readonly (readonly [string, string])[] = [
  ["'../saml/decode-response.js'", `'${nodeSaml}'`],
  ["'../saml/verify-response.js'", `'${nodeSaml}'`],
]

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context)
  if (url !== listOfSteps) return loaded
  return { ...loaded, source: changes.reduce(replaceOnce, String(loaded.source)) }
}

function replaceOnce(source: string, [from, to]: readonly [string, string]): string {
  const parts = source.split(from)
  if (parts.length !== 2) throw new Error(`${listOfSteps} does not say ${from} exactly once: adapt this bench`)
  return parts.join(to)
}
