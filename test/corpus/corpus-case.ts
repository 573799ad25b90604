import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/**
 * One entry of a corpus's `index.json`. What an entry leaves out gets the strictest sensible meaning, and what it says
 * beyond this is passed over, so that a folder made by others for others can be run.
 */
const oneOrMore = z.union([z.string().transform((one) => [one]), z.array(z.string())])
const needsSchema = z
  .looseObject({
    sha1: z.boolean(),
    weakKeys: z.boolean(),
    /** The ID of the request that was sent. */
    inResponseTo: z.string().nullable(),
    /** That the answered request is judged even where none was sent: `always`, `ifPresent`, `never`. */
    validateInResponseTo: z.string(),
    wantAssertionsSigned: z.boolean(),
    wantResponseSigned: z.boolean(),
    wantAssertionsEncrypted: z.boolean(),
    clockSkewSeconds: z.number(),
    decryptionKey: oneOrMore,
    altDecryptionKeys: oneOrMore,
    /** SHA-1 of the certificate that is trusted, which the message carries. */
    thumbprint: z.string(),
    /** Upstream never looked at the signature: it may be refused for that first. */
    upstreamIgnoredSignature: z.boolean(),
    binding: z.string(),
  })
  .partial()

const entrySchema = z.object({
  id: z.string().optional(),
  file: z.string(),
  encoding: z.enum(['base64', 'xml', 'deflate']).optional(),
  expect: z.enum(['accept', 'reject']),
  confidence: z.enum(['asserted', 'unsure']).default('asserted').catch('unsure'),
  kind: z.string().default('other'),
  attack: z.boolean().optional(),
  reason: z.string().default(''),
  certs: oneOrMore.default([]),
  idpEntityID: z.string().nullish(),
  spEntityID: z.string().nullish(),
  acs: z.string().nullish(),
  now: z.union([z.string(), z.number()]).nullish(),
  needs: z.preprocess(withoutNulls, needsSchema.optional()),
  yieldsNameID: z.string().nullish(),
  neverNameID: oneOrMore.nullish(),
})
const caseSchema = z.preprocess(withoutNulls, entrySchema)

/** What is null is left open. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value ?? undefined
  return Object.fromEntries(Object.entries(value).filter(([, inside]) => inside !== null))
}

export type CorpusCase = Readonly<Omit<z.infer<typeof caseSchema>, 'needs'>> & {
  readonly id: string
  readonly encoding: 'base64' | 'xml' | 'deflate'
  readonly attack: boolean
  readonly needs: Readonly<z.infer<typeof needsSchema>>
}

/** An entry of the index that cannot be understood, or a file of it that cannot be read. */
export class CorpusError extends Error {
  override readonly name = 'CorpusError'
}

export interface CorpusIndex {
  readonly cases: readonly CorpusCase[]
  /** One sentence an entry that could not be understood. */
  readonly problems: readonly string[]
}

/** Throws `CorpusError` for a folder without an index. */
export function readIndex(folder: string): CorpusIndex {
  const entries = readJsonList(join(folder, 'index.json'))
  const cases: CorpusCase[] = []
  const problems: string[] = []
  for (const [number, entry] of entries.entries()) {
    const parsed = caseSchema.safeParse(entry)
    if (parsed.success) cases.push(complete(parsed.data))
    else problems.push(`index.json, entry ${number + 1}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
  }
  return { cases, problems }
}

function complete(entry: z.infer<typeof caseSchema>): CorpusCase {
  return {
    ...entry,
    id: entry.id ?? entry.file,
    encoding: entry.encoding ?? (entry.file.endsWith('.xml') ? 'xml' : 'base64'),
    attack: entry.attack ?? entry.expect === 'reject',
    needs: entry.needs ?? {},
  }
}

/** A list of a JSON file, which may stand in the file's one property. Throws `CorpusError`. */
export function readJsonList(path: string): readonly unknown[] {
  const content = parseJson(path)
  if (Array.isArray(content)) return content
  const lists = Object.values(content ?? {}).filter((value) => Array.isArray(value))
  if (lists.length === 1) return lists[0] as readonly unknown[]
  throw new CorpusError(`${path}: wanted a list of cases`)
}

function parseJson(path: string): object | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new CorpusError(`${path}: ${(error as Error).message}`)
  }
}

/** Names of `needs` that this program gives no meaning. */
export function unknownNeeds({ needs }: CorpusCase): readonly string[] {
  return Object.keys(needs).filter((name) => !(name in needsSchema.shape))
}
