import { z } from 'zod'
import { namePattern } from '../directory/organization.ts'
import { type ErrorDetail, LatchkeyError } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import { isPlainObject } from './differences.ts'

/** Input as its schema gives it. Throws `input_invalid` with the place, what was wanted and what arrived. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown, at: readonly string[] = []): z.output<S> {
  const result = schema.safeParse(input)
  if (result.success) {
    checkTexts(result.data, at)
    return result.data
  }
  const [issue] = result.error.issues
  throw new LatchkeyError('input_invalid', issue ? describeIssue(meantBy(issue), schema, input, at) : {})
}

/** No database keeps a text with U+0000 or half a character: said here, with its place. */
function checkTexts(value: unknown, at: readonly string[]): void {
  if (typeof value === 'string') checkText(value, at)
  else if (Array.isArray(value)) for (const [index, inner] of value.entries()) checkTexts(inner, [...at, String(index)])
  else if (isPlainObject(value)) {
    for (const [name, inner] of Object.entries(value)) {
      checkText(name, at)
      checkTexts(inner, [...at, name])
    }
  }
}

function checkText(text: string, at: readonly string[]): void {
  const position = text.search(/[\0\p{Cs}]/u)
  if (position === -1) return
  throw new LatchkeyError('input_invalid', {
    check: 'input',
    wanted: 'text in Unicode, without U+0000',
    arrived: `U+${text.charCodeAt(position).toString(16).toUpperCase().padStart(4, '0')} at position ${position + 1}`,
    at: placeOf(at),
  })
}

/** A name as it stands in addresses and files. */
export const nameInput = z.string().regex(namePattern)

/** A name for people. */
export const titleInput = z.string().trim().min(1).max(200)

type Issue = z.core.$ZodIssue

/**
 * Where one of several shapes is wanted, the fault in the one that was meant: the only one whose own place is right, else the
 * only one that has all the names that were written.
 */
function meantBy(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue
  const entered = issue.errors.filter((branch) => branch.some(({ path }) => path.length > 0))
  const named = entered.filter((branch) => branch.every(({ code }) => code !== 'unrecognized_keys'))
  const [only, ...others] = entered.length === 1 ? entered : named
  const [first] = only ?? []
  if (first === undefined || others.length > 0) return issue
  return meantBy({ ...first, path: [...issue.path, ...first.path] } as Issue)
}

function describeIssue(issue: Issue, schema: z.ZodType, input: unknown, at: readonly string[]): ErrorDetail {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') return describeUnknownKey(issue.keys[0] ?? '', schema, path, at)
  if (issue.code === 'invalid_union') return describeUnion(issue, schema, input, at)
  return {
    check: 'input',
    wanted: wantedBy(issue),
    arrived: shorten(issue.code === 'invalid_key' ? path.at(-1) : valueAt(input, path)),
    at: placeOf([...at, ...path]),
  }
}

function describeUnion(issue: Issue, schema: z.ZodType, input: unknown, at: readonly string[]): ErrorDetail {
  const path = issue.path.map(String)
  const value = valueAt(input, path)
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const names = isObject ? knownKeys(schema, path) : textsAt(schema, path)
  const [key = ''] = isObject ? Object.keys(value) : [String(value)]
  const near = nearestName(key, names)
  const isMisnamed = isObject && key !== '' && names.length > 0 && !names.includes(key)
  return {
    check: 'input',
    wanted: isMisnamed ? `one of ${names.join(', ')}` : wantedBy(issue),
    arrived: shorten(value),
    at: placeOf([...at, ...path]),
    ...(near === undefined || near === key ? {} : { advice: `Did you mean ${near}?` }),
  }
}

function describeUnknownKey(
  key: string,
  schema: z.ZodType,
  path: readonly string[],
  at: readonly string[],
): ErrorDetail {
  const known = knownKeys(schema, path)
  const near = nearestName(key, known)
  return {
    check: 'input',
    wanted: known.length > 0 ? `one of ${known.join(', ')}` : 'a name that is known',
    arrived: key,
    at: placeOf([...at, ...path, key]),
    ...(near ? { advice: `Did you mean ${near}?` } : {}),
  }
}

function wantedBy(issue: Issue): string {
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const wishes = issue.errors.flatMap(([first]) => (first ? [wishAt(first)] : []))
    return [...new Set(wishes)].join(', or ')
  }
  const pattern = issue.code === 'invalid_key' ? issue.issues[0] : issue
  if (pattern?.code === 'invalid_format' && pattern.pattern === String(namePattern)) {
    return 'a name of lower-case letters, digits and inner dashes, at most 63'
  }
  if (issue.code === 'too_small') return `at least ${sizeOf(issue, issue.minimum)}`
  if (issue.code === 'too_big') return `at most ${sizeOf(issue, issue.maximum)}`
  return (pattern ?? issue).message.replace(/^Invalid (?:input|option): /, '').replace(/, received .*$/, '')
}

const countedIn: Readonly<Record<string, string>> = { string: 'characters', array: 'entries', set: 'entries' }

function sizeOf({ origin }: { readonly origin: string }, bound: number | bigint): string {
  const unit = countedIn[origin]
  if (unit === undefined) return String(bound)
  return bound === 1 ? `1 ${unit.replace(/ies$/, 'y').replace(/s$/, '')}` : `${bound} ${unit}`
}

function wishAt(issue: Issue): string {
  return issue.path.length === 0 ? wantedBy(issue) : `${issue.path.join('.')}: ${wantedBy(issue)}`
}

/** Names that an object may have at this place of the schema; none where it is no plain object. */
function knownKeys(schema: z.core.$ZodType, path: readonly string[]): readonly string[] {
  const keys = shapesAt(schema, path).flatMap((shape) => (shape instanceof z.ZodObject ? Object.keys(shape.shape) : []))
  return [...new Set(keys)]
}

/** Texts of which one may stand at this place of the schema. */
function textsAt(schema: z.core.$ZodType, path: readonly string[]): readonly string[] {
  return shapesAt(schema, path).flatMap((shape) => (shape instanceof z.ZodEnum ? shape.options.map(String) : []))
}

/** All that may stand at this place of the schema. */
function shapesAt(schema: z.core.$ZodType, path: readonly string[]): readonly z.core.$ZodType[] {
  const plain = unwrapped(schema)
  if (plain instanceof z.ZodUnion) return plain.options.flatMap((option) => shapesAt(option, path))
  const [step, ...rest] = path
  if (step === undefined) return [plain]
  const inner = innerSchema(plain, step)
  return inner ? shapesAt(inner, rest) : []
}

function innerSchema(schema: z.core.$ZodType, step: string): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[step]
  if (schema instanceof z.ZodRecord) return schema.valueType
  return schema instanceof z.ZodArray && /^\d+$/.test(step) ? schema.element : undefined
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  const isWrapper = wrappers.some((wrapper) => schema instanceof wrapper)
  return isWrapper ? unwrapped((schema as z.ZodOptional).unwrap()) : schema
}

const wrappers = [z.ZodOptional, z.ZodDefault, z.ZodPrefault, z.ZodNullable]

function valueAt(input: unknown, path: readonly string[]): unknown {
  let value = input
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = Reflect.get(value, step)
  }
  return value
}

/** `organizations.company-a.connections` as a reader would write it. */
function placeOf(path: readonly string[]): string {
  return path.join('.') || 'input'
}

/** A value as a refusal may show it. */
export function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
