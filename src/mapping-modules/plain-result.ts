import type { FromThread } from './messages.ts'
import { mostCharacters } from './messages.ts'

/**
 * What a module gave, as text, before it leaves the thread: nothing but lists of texts, bounded in number and length, read
 * without running any code of the module's. Taken before the module runs, so that it cannot put its own in their place.
 */
const { getOwnPropertyDescriptor, getPrototypeOf, prototype } = Object
const { ownKeys } = Reflect
const isArray = Array.isArray
const toJson = JSON.stringify
const fieldName = /^[A-Za-z][A-Za-z0-9]{0,62}$/

const mostFields = 200
const mostFieldValues = 100
const mostNames = 2000

class Unusable extends Error {
  readonly wanted: string
  readonly arrived: string

  constructor(wanted: string, arrived: string) {
    super()
    this.wanted = wanted
    this.arrived = arrived
  }
}

export function plainResult(given: unknown): FromThread {
  try {
    const text = toJson(readOutput(given))
    if (text.length > mostCharacters) throw new Unusable(`at most ${mostCharacters} characters`, `${text.length}`)
    return { kind: 'gave', text }
  } catch (error) {
    if (error instanceof Unusable) return { kind: 'unusable', wanted: error.wanted, arrived: error.arrived }
    return { kind: 'unusable', wanted: 'a plain object', arrived: 'one that cannot be read' }
  }
}

function readOutput(given: unknown) {
  if (given instanceof Promise) throw new Unusable('an answer at once', 'a promise')
  const output = readProperties(given, 'the result', 3)
  const unknown = output.find(([name]) => name !== 'fields' && name !== 'groups' && name !== 'roles')
  if (unknown !== undefined) throw new Unusable('fields, groups and roles', `another property of the result`)
  const of = (name: string) => output.find(([own]) => own === name)?.[1]
  const [fields, groups, roles] = [of('fields'), of('groups'), of('roles')]
  return {
    fields: fields === undefined ? [] : readFields(fields),
    groups: groups === undefined ? [] : readTexts(groups, 'groups', mostNames),
    roles: roles === undefined ? [] : readTexts(roles, 'roles', mostNames),
  }
}

function readFields(given: unknown) {
  return readProperties(given, 'fields', mostFields).map(([name, value]) => {
    if (!fieldName.test(name)) throw new Unusable('names of fields: letters and digits, at most 63', 'another')
    const values = typeof value === 'string' ? [value] : value
    return [name, readTexts(values, `fields.${name}`, mostFieldValues)] as const
  })
}

/** Own properties of a plain object, none of which is computed. */
function readProperties(given: unknown, what: string, most: number): readonly (readonly [string, unknown])[] {
  if (typeof given !== 'object' || given === null || isArray(given) || !isPlain(given)) {
    throw new Unusable(`${what}: a plain object`, kindOf(given))
  }
  const keys = ownKeys(given)
  if (keys.length > most) throw new Unusable(`${what}: at most ${most} properties`, `${keys.length}`)
  return keys.map((key) => {
    const property = getOwnPropertyDescriptor(given, key)
    if (typeof key === 'symbol') throw new Unusable(`${what}: properties with names`, 'a symbol')
    if (property === undefined || !('value' in property)) {
      throw new Unusable(`${what}: values, not computed ones`, 'a computed property')
    }
    return [key, property.value]
  })
}

function isPlain(given: object): boolean {
  const own = getPrototypeOf(given) as unknown
  return own === prototype || own === null
}

function readTexts(given: unknown, what: string, most: number): readonly string[] {
  if (!isArray(given)) throw new Unusable(`${what}: a list of texts`, kindOf(given))
  if (given.length > most) throw new Unusable(`${what}: at most ${most}`, `${given.length}`)
  const texts: string[] = []
  let characters = 0
  for (let index = 0; index < given.length; index++) {
    const value: unknown = getOwnPropertyDescriptor(given, index)?.value
    if (typeof value !== 'string') throw new Unusable(`${what}: a list of texts`, `${kindOf(value)} in it`)
    characters += value.length
    if (characters > mostCharacters) throw new Unusable(`${what}: at most ${mostCharacters} characters`, 'more')
    texts.push(value)
  }
  return texts
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object of another kind' : typeof value
}
