import { trimSpace } from '../saml/structure.ts'
import type { Attribute } from '../saml/verified-assertion.ts'
import { shorten } from './check-values.ts'

/** The attributes of one assertion, looked up by exact Name, else by exact FriendlyName. SAML Core 2.7.3.1. */
export interface ReceivedAttributes {
  /** Values of all attributes of this name that are more than white space, without what XML calls so around them, in order. */
  valuesOf(name: string): readonly string[]
  /** Whether an attribute of this name arrived, with or without a value. */
  has(name: string): boolean
  /** As `valuesOf`; `undefined` when none arrived. */
  find(name: string): readonly string[] | undefined
  /** By Name and by FriendlyName; a Name before a FriendlyName. */
  attributes(): ReadonlyMap<string, readonly string[]>
  /** For refusals and traces: every name, with its friendly name, at most 200. */
  readonly names: readonly string[]
  /** A name that arrived and differs from one of these only in case. */
  sameButForCase(wanted: readonly string[]): string | undefined
}

const none: readonly string[] = []
const maxNames = 200
const maxNameLength = 256

export function receiveAttributes(attributes: readonly Attribute[]): ReceivedAttributes {
  const byName = new Map<string, string[]>()
  const byFriendlyName = new Map<string, string[]>()
  for (const { name, friendlyName, values } of attributes) {
    collect(byName, name, values)
    if (friendlyName !== undefined) collect(byFriendlyName, friendlyName, values)
  }
  const find =
    byFriendlyName.size === 0
      ? (name: string) => byName.get(name)
      : (name: string) => byName.get(name) ?? byFriendlyName.get(name)
  return {
    find,
    valuesOf: (name) => find(name) ?? none,
    has: (name) => find(name) !== undefined,
    attributes: () => new Map([...byFriendlyName, ...byName]),
    names: shownNames(attributes),
    sameButForCase: (wanted) => {
      const folded = new Set(wanted.map((name) => name.toLowerCase()))
      return [...byName.keys(), ...byFriendlyName.keys()].find((name) => folded.has(name.toLowerCase()))
    },
  }
}

/**
 * Some identity providers repeat the attribute for every value, others repeat the value: both are one list. White space
 * around a value comes from whoever printed the message prettily before it was signed.
 */
function collect(into: Map<string, string[]>, name: string, values: readonly string[]): void {
  const kept = values.map(trimSpace).filter((value) => value.trim() !== '')
  const known = into.get(name)
  if (known === undefined) into.set(name, kept)
  else known.push(...kept)
}

function shownNames(attributes: readonly Attribute[]): readonly string[] {
  const shown = attributes.map(({ name, friendlyName }) =>
    friendlyName === undefined || friendlyName === name ? name : `${name} (${friendlyName})`,
  )
  return [...new Set(shown)].slice(0, maxNames).map((name) => shorten(name, maxNameLength))
}
