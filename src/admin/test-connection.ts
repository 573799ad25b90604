import { X509Certificate } from 'node:crypto'
import type { z } from 'zod'
import type { Application } from '../directory/application.ts'
import type { Connection } from '../directory/connection.ts'
import type { MetadataRefresh } from '../directory/metadata-refresh.ts'
import type { Role } from '../directory/role.ts'
import { isLatchkeyError } from '../errors.ts'
import type { Administration } from './administration.ts'
import { checkConnection } from './check-connection.ts'
import { getConnection, type showConnectionInput } from './connections.ts'
import { dangerousSwitches } from './dangerous-switches.ts'
import { daysLeft, stageOf } from './expiry.ts'
import { isThisMachine } from './fetch-metadata.ts'
import { listKeys, type ShownKey } from './keys.ts'
import { nameInput, parseInput } from './parse-input.ts'

/** One thing that was looked at. A `problem` keeps people out, a `warning` soon will or is unwise. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem'
  /** What was looked at, in the words of the specification or the setting's name. */
  readonly check: string
  readonly message: string
}

export interface ConnectionTest {
  readonly connection: string
  readonly findings: readonly Finding[]
  readonly problems: number
}

/** All that a test may look at; nothing is sent to the identity provider. */
interface Inspected {
  readonly connection: Connection
  readonly roles: readonly Role[]
  readonly modules: Administration['mappingModules'] | undefined
  readonly applications: readonly Application[]
  readonly now: Date
  readonly publicUrl: string
  readonly refresh: MetadataRefresh | undefined
  readonly keys: readonly ShownKey[]
}

/** Looks at everything that would refuse a sign-in over this connection. Throws `connection_not_found`. */
export async function testConnection(
  input: z.input<typeof showConnectionInput>,
  deps: Administration,
): Promise<ConnectionTest> {
  const id = parseInput(nameInput, input.id, ['id'])
  const connection = await getConnection(id, deps.directory)
  const roles = await deps.directory.listRoles(connection.organizationId)
  const applications = await deps.directory.listApplications()
  const refresh = await deps.directory.findMetadataRefresh(connection)
  const keys = await listKeys({}, deps)
  const modules = deps.mappingModules
  const inspected = {
    connection,
    roles,
    modules,
    applications,
    now: deps.now(),
    publicUrl: deps.publicUrl,
    refresh,
    keys,
  }
  const findings = inspections.flatMap((inspect) => inspect(inspected))
  return { connection: id, findings, problems: findings.filter(({ level }) => level === 'problem').length }
}

type Inspection = (inspected: Inspected) => readonly Finding[]

const dayMs = 86_400_000

const inspectSwitches: Inspection = ({ connection: { settings } }) => {
  const findings: Finding[] = []
  if (!settings.samlEnabled) findings.push(problem('samlEnabled', 'Sign-in over this connection is switched off.'))
  if (!settings.jitProvisioning) {
    findings.push(warning('jitProvisioning', 'Nobody without an account gets one: first sign-ins are refused.'))
  }
  return findings.length > 0 ? findings : [ok('switches', 'Sign-in and first sign-ins are switched on.')]
}

const inspectDangers: Inspection = ({ connection }) =>
  dangerousSwitches(connection).map(({ setting, message }) => warning(setting, message))

const inspectRequests: Inspection = ({ connection: { settings } }) => {
  if (!settings.forceAuthn || !settings.allowIdpInitiated || settings.maxAuthnAgeSeconds !== undefined) return []
  const message =
    'Sign-ins begun at the identity provider answer no request: only maxAuthnAgeSeconds would bound their age.'
  return [warning('forceAuthn', message)]
}

const inspectArtifacts: Inspection = ({ connection: { settings, identityProvider } }) => {
  if (settings.responseBinding !== 'artifact') return []
  const services = identityProvider.artifactResolutionServices ?? []
  if (services.length > 0) return [ok('responseBinding', 'The metadata says where artifacts are resolved.')]
  return [
    problem('responseBinding', 'The metadata lists no ArtifactResolutionService: nothing can be fetched by artifact.'),
  ]
}

const inspectMetadata: Inspection = ({ connection, now }) => {
  const { validUntil } = connection.identityProvider
  if (!validUntil) return []
  const days = Math.floor((validUntil.getTime() - now.getTime()) / dayMs)
  if (days < 0)
    return [warning('validUntil', `The metadata ended on ${validUntil.toISOString()}: ${renewal(connection)}.`)]
  if (stageOf(days)) return [warning('validUntil', `The metadata ends in ${days} days: ${renewal(connection)}.`)]
  return [ok('validUntil', `The metadata is valid until ${validUntil.toISOString()}.`)]
}

function renewal({ identityProvider }: Connection): string {
  return identityProvider.source ? 'look why it is not refreshed' : 'import it again'
}

/** A refresh that fails keeps nobody out until the identity provider changes its keys. */
const inspectRefresh: Inspection = ({ connection, refresh }) => {
  const { source } = connection.identityProvider
  if (source === undefined) return []
  if (refresh?.lastError === undefined || refresh.url !== source.url) {
    return [ok('metadata refresh', `It is refreshed from ${source.url}.`)]
  }
  const { at, code, reason } = refresh.lastError
  return [
    warning('metadata refresh', `It failed ${refresh.failures} times, last ${at.toISOString()}: ${code}, ${reason}.`),
  ]
}

const inspectOwnKeys: Inspection = ({ keys, now }) =>
  keys.flatMap(({ state, purpose, endsAt }) => {
    const days = endsAt === undefined ? undefined : daysLeft(endsAt, now)
    if (state !== 'current' || days === undefined || stageOf(days) === undefined) return []
    return [
      warning(
        `our ${purpose} key`,
        `Its certificate ends in ${days} days: \`latchkey key next --purpose ${purpose}\`.`,
      ),
    ]
  })

const inspectCertificates: Inspection = ({ connection, now }) =>
  connection.identityProvider.signingCertificates.map((text, index) =>
    inspectCertificate(text, index + 1, { now, minBits: connection.settings.dangerouslyAllowWeakKeys ? 1024 : 2048 }),
  )

interface CertificateOptions {
  readonly now: Date
  /** Of an RSA key. */
  readonly minBits: number
}

function inspectCertificate(text: string, number: number, options: CertificateOptions): Finding {
  const { now, minBits } = options
  const check = `signing certificate ${number}`
  const certificate = readCertificate(text)
  if (!certificate) return problem(check, 'It cannot be read.')
  const { modulusLength } = certificate.publicKey.asymmetricKeyDetails ?? {}
  if (modulusLength !== undefined && modulusLength < minBits) {
    return problem(check, `Its RSA key has ${modulusLength} bits; at least ${minBits} are needed.`)
  }
  const ends = new Date(certificate.validTo)
  const days = Math.floor((ends.getTime() - now.getTime()) / dayMs)
  const name = `${certificate.subject.replaceAll('\n', ', ')}, SHA-256 ${certificate.fingerprint256}`
  if (days < 0) {
    return warning(check, `It ended on ${ends.toISOString()} (signatures are accepted all the same): ${name}.`)
  }
  if (stageOf(days)) return warning(check, `It ends in ${days} days: ask for the next one. ${name}.`)
  return ok(check, `It is valid until ${ends.toISOString()}: ${name}.`)
}

function readCertificate(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(text, 'base64'))
  } catch {
    return undefined
  }
}

const inspectEndpoints: Inspection = ({ connection: { identityProvider, settings } }) => {
  const services = identityProvider.singleSignOnServices
  const wanted = settings.authnRequestBinding
  if (wanted && !services.some(({ binding }) => binding === wanted)) {
    const offered = services.map(({ binding }) => binding).join(', ')
    return [problem('authnRequestBinding', `${wanted} is asked for, the metadata offers ${offered}.`)]
  }
  return services.map(({ binding, location }) =>
    new URL(location).protocol === 'https:' || isThisMachine(new URL(location).hostname)
      ? ok('SingleSignOnService', `${binding}: ${location}`)
      : warning('SingleSignOnService', `${binding}: ${location} is plain http.`),
  )
}

const inspectRoles: Inspection = ({ connection, roles, modules }) => {
  try {
    checkConnection(connection, { roles, modules })
  } catch (error) {
    if (!isLatchkeyError(error)) throw error
    return [problem(error.detail.check ?? 'roles', `${error.message} (${error.detail.arrived ?? ''})`)]
  }
  const { idpManagedRoles, grantableRoles } = connection.settings
  if (idpManagedRoles && grantableRoles.length === 0) {
    return [warning('grantableRoles', 'It is empty: no role that arrives is granted, everybody has the default role.')]
  }
  return [ok('roles', 'Every role it names exists and may be granted.')]
}

const inspectApplications: Inspection = ({ connection, applications, publicUrl }) => {
  const own = applications.filter(({ settings }) => settings.connections.includes(connection.id))
  const { defaultReturnTo, allowIdpInitiated } = connection.settings
  const findings: Finding[] = []
  if (own.length === 0) findings.push(warning('applications', 'No application lists it: a sign-in leads nowhere.'))
  else findings.push(ok('applications', `It leads to ${own.map(({ id }) => id).join(', ')}.`))
  const origins = [publicUrl, ...own.map(({ settings }) => new URL(settings.origin).origin)]
  if (defaultReturnTo !== undefined && !origins.includes(originOf(defaultReturnTo, publicUrl))) {
    findings.push(problem('defaultReturnTo', `${defaultReturnTo} is not on ${origins.join(' or ')}.`))
  }
  if (allowIdpInitiated && defaultReturnTo === undefined && own.length > 1) {
    findings.push(
      warning('defaultReturnTo', 'Not set: a sign-in begun at the identity provider may not know where to lead.'),
    )
  }
  return findings
}

function originOf(address: string, publicUrl: string): string {
  return URL.canParse(address, publicUrl) ? new URL(address, publicUrl).origin : ''
}

const inspections: readonly Inspection[] = [
  inspectSwitches,
  inspectDangers,
  inspectRequests,
  inspectArtifacts,
  inspectMetadata,
  inspectRefresh,
  inspectOwnKeys,
  inspectCertificates,
  inspectEndpoints,
  inspectRoles,
  inspectApplications,
]

const ok = (check: string, message: string): Finding => ({ level: 'ok', check, message })
const warning = (check: string, message: string): Finding => ({ level: 'warning', check, message })
const problem = (check: string, message: string): Finding => ({ level: 'problem', check, message })
