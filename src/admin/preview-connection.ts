import { z } from 'zod'
import type { Connection } from '../directory/connection.ts'
import type { SignInAttempt } from '../directory/sign-in.ts'
import { LatchkeyError } from '../errors.ts'
import { readDecryptionKeys } from '../keys/service-keys.ts'
import type { AssumedContent } from '../preview/assume-verified.ts'
import { assumedEvidence, type Evidence, responseEvidence } from '../preview/evidence.ts'
import { type Preview, previewSignIn } from '../preview/preview.ts'
import type { PreviewDependencies } from '../preview/preview-dependencies.ts'
import { type Administration, auditEvent } from './administration.ts'
import { findAttempt } from './attempts.ts'
import { onPresent } from './connection-drafts.ts'
import { noDraft } from './connection-versions.ts'
import { getConnection, withoutEntityId } from './connections.ts'
import { type DraftInput, draftConnection, draftInput } from './draft-connection.ts'
import { getKeptInput } from './kept-input.ts'
import { maskPreview } from './mask-preview.ts'
import { nameInput, parseInput } from './parse-input.ts'

const valueInput = z.string().max(65_536)

/** A person as an identity provider would describe them, signed by nobody. */
export const assumedPersonInput = z.strictObject({
  nameId: z
    .strictObject({
      value: valueInput.min(1),
      /** A URI, or its last part: `persistent`, `emailAddress`. */
      format: z.string().min(1).max(256).default('persistent'),
      nameQualifier: z.string().max(1024).optional(),
      spNameQualifier: z.string().max(1024).optional(),
    })
    .optional(),
  attributes: z.record(z.string().min(1).max(512), z.union([valueInput, z.array(valueInput).max(10_000)])).default({}),
  authnContextClassRef: z.string().max(512).optional(),
})

export const previewConnectionInput = z.strictObject({
  id: nameInput,
  /** A response as it was posted: base64 or XML. */
  response: z.string().min(1).max(1_048_576).optional(),
  /** Reference of an accepted sign-in whose assertion is kept. */
  attempt: z.string().trim().min(1).max(64).optional(),
  /** Typed instead of sent. */
  person: assumedPersonInput.optional(),
  /** The configuration to ask about: given here, or the draft that waits; without it, the configuration in force. */
  draft: z.union([draftInput, z.literal('stored')]).optional(),
  /** Shows the values of fields that are declared sensitive, too. That is recorded. */
  reveal: z.boolean().default(false),
})

/**
 * What a sign-in would do; nothing is written but the record of what was revealed. Throws `connection_not_found`, `input_invalid`, `attempt_not_found`, `sign_in_input_missing`, what making a draft throws, and
 * `secret_wrong` when our keys cannot be opened. Why a sign-in would be refused is part of the result.
 */
export async function previewConnection(
  input: z.input<typeof previewConnectionInput>,
  deps: Administration,
): Promise<Preview> {
  const given = parseInput(previewConnectionInput, input)
  const stored = await getConnection(given.id, deps.directory)
  const connection = given.draft === undefined ? stored : await chooseDraft(stored, given.draft, deps)
  const previewing = await previewDependencies(deps)
  const evidence = await evidenceOf(given, connection, previewing, deps)
  const preview = await previewSignIn({ connection, isDraft: given.draft !== undefined, evidence }, previewing)
  if (!given.reveal) return maskPreview(preview, await deps.directory.findOrganization(connection.organizationId))
  await recordRevealed(preview, connection, deps)
  return preview
}

async function recordRevealed({ match }: Preview, { organizationId }: Connection, deps: Administration): Promise<void> {
  if (match?.account === undefined) return
  const event = auditEvent(deps, 'account.revealed', `account:${match.account.id}`, { by: 'preview' })
  await deps.directory.recordAuditEvent(organizationId, event)
}

/** The draft that is given, or the one that waits. Throws `connection_draft_missing`, `connection_changed` and what making a draft throws. */
export async function chooseDraft(
  stored: Connection,
  draft: DraftInput | 'stored',
  deps: Administration,
): Promise<Connection> {
  if (draft !== 'stored') {
    return draftConnection(stored, draft, await deps.directory.listRoles(stored.organizationId), deps)
  }
  const waiting = await deps.directory.findConnectionDraft(stored)
  if (waiting === undefined) throw noDraft(stored)
  return { ...withoutEntityId(stored), ...(await onPresent(stored, waiting, deps.directory)) }
}

export async function previewDependencies(deps: Administration): Promise<PreviewDependencies> {
  const { directory, publicUrl, identityHeaders, mappingModules, now, newId } = deps
  const decryptionKeys = await readDecryptionKeys(directory, deps.secret)
  const asked = mappingModules === undefined ? {} : { mappingModules }
  return { directory, publicUrl, decryptionKeys, identityHeaders, ...asked, now, newId }
}

async function evidenceOf(
  { response, person, attempt }: z.output<typeof previewConnectionInput>,
  connection: Connection,
  previewing: PreviewDependencies,
  deps: Administration,
): Promise<Evidence> {
  const given = [response, person, attempt].filter((one) => one !== undefined)
  if (given.length === 1) {
    if (response !== undefined) return responseEvidence(response, connection, previewing)
    if (person !== undefined) return assumedEvidence(contentOf(person), previewing)
    return assumedEvidence(await inputOfAttempt(attempt ?? '', connection, deps), previewing)
  }
  throw new LatchkeyError('input_invalid', {
    check: 'input',
    wanted: 'one of response, attempt, person',
    arrived: given.length === 0 ? 'none' : 'several',
  })
}

function contentOf({ nameId, attributes, authnContextClassRef }: z.output<typeof assumedPersonInput>): AssumedContent {
  return {
    ...(nameId === undefined
      ? {}
      : {
          nameId: {
            value: nameId.value,
            format: formatOf(nameId.format),
            ...(nameId.nameQualifier === undefined ? {} : { nameQualifier: nameId.nameQualifier }),
            ...(nameId.spNameQualifier === undefined ? {} : { spNameQualifier: nameId.spNameQualifier }),
          },
        }),
    attributes: Object.entries(attributes).map(([name, values]) => ({ name, values: [values].flat() })),
    ...(authnContextClassRef === undefined ? {} : { authnContextClassRef }),
  }
}

/** Throws `attempt_not_found`, `sign_in_input_missing`. */
async function inputOfAttempt(reference: string, { id }: Connection, deps: Administration): Promise<AssumedContent> {
  const attempt = await findAttempt({ reference }, deps)
  if (attempt.connectionId === id) return openInput(attempt, deps)
  const wanted = `an attempt over connection ${id}`
  throw new LatchkeyError('attempt_not_found', { check: 'connection', wanted, arrived: attempt.connectionId })
}

/** That somebody read what a person's assertion said is recorded, as when the attempt is shown with it. */
async function openInput(attempt: SignInAttempt, deps: Administration): Promise<AssumedContent> {
  const content = await getKeptInput(attempt, deps)
  const event = auditEvent(deps, 'attempt.revealed', `attempt:${attempt.id}`, { by: 'preview' })
  await deps.directory.recordAuditEvent(attempt.organizationId, event)
  return content
}

/** SAML Core 8.3: these two were named in SAML 1.1 and kept their names. */
const formatsOf11 = new Set(['unspecified', 'emailAddress', 'X509SubjectName', 'WindowsDomainQualifiedName'])

function formatOf(format: string): string {
  if (format.includes(':')) return format
  return `urn:oasis:names:tc:SAML:${formatsOf11.has(format) ? '1.1' : '2.0'}:nameid-format:${format}`
}
