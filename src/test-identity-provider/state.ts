import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LatchkeyError } from '../errors.ts'
import { createPeople, type Person, type PersonChanges } from './people.ts'
import type { SignedPart } from './response.ts'
import {
  createIdentityProviderKey,
  type IdentityProviderKey,
  restoreKey,
  type StoredKey,
  storeKey,
} from './signing-key.ts'

/**
 * What the test identity provider remembers: its key, its people, and its switches. Kept in one JSON file when it is
 * given a directory, so that a demo started again is trusted as before and its people are the same.
 */
export interface ProviderState {
  readonly key: IdentityProviderKey
  readonly people: () => readonly Person[]
  /** Throws `account_not_found`. */
  readonly findPerson: (id: string) => Person
  /** Throws `account_not_found`. */
  readonly changePerson: (id: string, changes: PersonChanges) => Person
  readonly settings: () => ProviderSettings
  readonly changeSettings: (changes: Partial<ProviderSettings>) => void
}

/** The switches of its start page. */
export interface ProviderSettings {
  readonly sign: SignedPart
  /** How it answers: as the request asks, in a form where none does; or by artifact, whatever is asked. */
  readonly binding: 'as-asked' | 'artifact'
  /** Whether assertions are encrypted, for those who gave a certificate to encrypt for. */
  readonly encrypt: 'never' | 'always'
}

export interface StateOptions {
  readonly name: string
  readonly now: Date
  readonly contractorEndsInSeconds: number
  readonly sign: SignedPart
  readonly dataDirectory: string | undefined
}

interface Stored {
  readonly key: StoredKey
  readonly people: readonly Person[]
  readonly sign: SignedPart
  /** Absent in files that were written before these existed. */
  readonly binding?: ProviderSettings['binding']
  readonly encrypt?: ProviderSettings['encrypt']
}

export async function openState(options: StateOptions): Promise<ProviderState> {
  const file = options.dataDirectory && join(options.dataDirectory, 'test-identity-provider.json')
  let stored = readStored(file) ?? (await createStored(options))
  const change = (next: Stored): void => {
    stored = next
    if (file) writeStored(file, stored)
  }
  change(stored)
  const findPerson = (id: string): Person => {
    const person = stored.people.find((one) => one.id === id)
    if (person === undefined)
      throw new LatchkeyError('account_not_found', { check: 'person', arrived: id.slice(0, 100) })
    return person
  }
  return {
    key: restoreKey(stored.key),
    people: () => stored.people,
    findPerson,
    changePerson: (id, changes) => {
      const changed = { ...findPerson(id), ...changes }
      change({ ...stored, people: stored.people.map((person) => (person.id === id ? changed : person)) })
      return changed
    },
    settings: () => {
      const { sign, binding = 'as-asked', encrypt = 'never' } = stored
      return { sign, binding, encrypt }
    },
    changeSettings: (changes) => change({ ...stored, ...changes }),
  }
}

async function createStored(options: StateOptions): Promise<Stored> {
  const key = await createIdentityProviderKey({ commonName: options.name, now: options.now })
  const people = createPeople({ ...options, organization: options.name, randomBytes })
  return { key: storeKey(key), people, sign: options.sign }
}

function readStored(file: string | undefined): Stored | undefined {
  if (!file || !existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const detail = { check: 'test identity provider', at: file, advice: 'Remove the file to begin anew.' }
    throw new LatchkeyError('configuration_invalid', detail, { cause: error })
  }
}

/** Readable for its owner only: it holds a private key. Written beside and renamed, so that it is never half there. */
function writeStored(file: string, stored: Stored): void {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(`${file}.new`, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
