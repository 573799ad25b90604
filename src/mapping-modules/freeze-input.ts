import type { MappingInput } from '../mapping/mapping-module.ts'

/** The module gets a copy of its own, and cannot change it for anybody. Attributes have no prototype: any name is only a name. */
export function freezeInput(input: MappingInput): MappingInput {
  const attributes = Object.create(null) as Record<string, readonly string[]>
  for (const [name, values] of Object.entries(input.attributes)) attributes[name] = Object.freeze([...values])
  const { nameId } = input
  return Object.freeze({
    ...input,
    ...(nameId === undefined ? {} : { nameId: Object.freeze({ ...nameId }) }),
    attributes: Object.freeze(attributes),
  })
}
