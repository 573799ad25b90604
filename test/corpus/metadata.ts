import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { isLatchkeyError } from '../../src/errors.ts'
import { type IdentityProviderMetadata, readMetadataStream } from '../../src/saml/index.ts'
import { readJsonList } from './corpus-case.ts'

const entrySchema = z.looseObject({
  file: z.string(),
  verdict: z.string().nullish(),
  product: z.string().nullish(),
  entityID: z.string().nullish(),
  validUntil: z.string().nullish(),
})

type MetadataEntry = z.infer<typeof entrySchema>

export interface MetadataResult {
  readonly file: string
  readonly verdict: string
  readonly outcome: string
  readonly is: 'right' | 'policy' | 'wrong' | 'unjudged'
  readonly crashed: boolean
}

/** Every file of the folder besides its index, whether the index describes it or not. */
export async function runMetadata(folder: string, now: Date): Promise<readonly MetadataResult[]> {
  const index = join(folder, 'index.json')
  const entries = existsSync(index)
    ? readJsonList(index).flatMap((entry) => entrySchema.safeParse(entry).data ?? [])
    : []
  const described = new Map(entries.map((entry) => [basename(entry.file), entry]))
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (file) => file.isFile() && file.name !== 'index.json',
  )
  const results: MetadataResult[] = []
  for (const { name } of files) {
    results.push(await runFile(join(folder, name), described.get(name) ?? { file: name }, now))
  }
  return results
}

async function runFile(path: string, entry: MetadataEntry, now: Date): Promise<MetadataResult> {
  const verdict = entry.verdict ?? 'not described'
  const result = { file: basename(path), verdict, crashed: false }
  try {
    const { found, asOf } = await readAsOf(readFileSync(path), entry, now)
    const right = verdict === 'idp' && (entry.entityID == null || entry.entityID === found.entityId)
    const is = verdict === 'not described' ? 'unjudged' : right ? 'right' : 'wrong'
    return { ...result, outcome: `accepted${asOf}: ${describe(found)}`, is }
  } catch (error) {
    if (!isLatchkeyError(error)) return { ...result, outcome: `crashed: ${error}`, is: 'wrong', crashed: true }
    const { code, detail } = error
    const arrived = detail.arrived === undefined ? '' : `, arrived ${detail.arrived}`
    const outcome = `refused ${code}, ${detail.at ?? 'no line'}: ${detail.check}${arrived}`
    const deliberate = metadataPolicy.get(code)
    if (verdict === 'not described') return { ...result, outcome, is: 'unjudged' }
    if (verdict !== 'idp') return { ...result, outcome, is: 'right' }
    return deliberate === undefined
      ? { ...result, outcome, is: 'wrong' }
      : { ...result, outcome: `${outcome} (${deliberate})`, is: 'policy' }
  }
}

/** Refusals of an identity provider's metadata that are a decision. */
const metadataPolicy = new Map<string, string>([
  ['metadata_expired', 'its own end has passed'],
  ['metadata_key_too_weak', 'RSA of less than 2048 bits'],
  ['metadata_certificate_invalid', 'a certificate of it cannot be used'],
])

/** As of now; metadata whose end has passed, as of the day before that end, so that the rest of it is read too. */
async function readAsOf(bytes: Buffer, { entityID, validUntil }: MetadataEntry, now: Date) {
  const before = validUntil == null ? now : new Date(Date.parse(validUntil) - 86_400_000)
  const at = before < now ? before : now
  const asOf = at === now ? '' : ` as of ${at.toISOString().slice(0, 10)}`
  return { asOf, found: await readOne(bytes, entityID ?? undefined, at) }
}

/** Metadata that describes several: the one that the index names. */
async function readOne(bytes: Buffer, entityId: string | undefined, now: Date): Promise<IdentityProviderMetadata> {
  const open = async function* () {
    yield bytes
  }
  try {
    return await readMetadataStream(open, { now, dangerouslyAllowHttp: true })
  } catch (error) {
    if (entityId === undefined || !isLatchkeyError(error, 'metadata_entity_ambiguous')) throw error
    return readMetadataStream(open, { now, entityId, dangerouslyAllowHttp: true })
  }
}

function describe(found: IdentityProviderMetadata): string {
  const services = found.singleSignOnServices.map(({ binding, location }) => `${binding} ${location}`)
  const end = found.validUntil === undefined ? '' : `, valid until ${found.validUntil.toISOString()}`
  return `${found.entityId}, ${services.join(', ')}, certificates: ${found.signingCertificates.length}${end}`
}
