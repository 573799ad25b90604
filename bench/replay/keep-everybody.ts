import type { Connection } from '../../src/directory/connection.ts'
import type { ReplayDirectory } from '../../src/directory/directory.ts'
import { createInputKeeper } from '../../src/replay/input-keeper.ts'
import type { InputSeal } from '../../src/replay/seal-input.ts'
import type { VerifiedAssertion } from '../../src/saml/verified-assertion.ts'
import { accountIdOf, attributesOf, persistent } from './company.ts'

const batch = 4000

export interface Kept {
  /** CPU of this process for each input. */
  readonly microsecondsEach: number
}

/** Everybody's last sign-in goes through the keeper of the server. */
export async function keepEverybody({
  directory,
  inputSeal,
  connection,
  people,
}: {
  readonly directory: Pick<ReplayDirectory, 'keepSignInInputs'>
  readonly inputSeal: InputSeal
  readonly connection: Connection
  readonly people: number
}): Promise<Kept> {
  const keeper = createInputKeeper({
    directory,
    inputSeal,
    onFailed: (error) => {
      throw error
    },
  })
  let microseconds = 0
  for (let first = 1; first <= people; first += batch) {
    const count = Math.min(batch, people - first + 1)
    const inputs = Array.from({ length: count }, (_, index) => inputOf(connection, first + index))
    const before = process.cpuUsage()
    for (const input of inputs) keeper.keep(input)
    await keeper.flush()
    const { user, system } = process.cpuUsage(before)
    microseconds += user + system
  }
  await keeper.close()
  return { microsecondsEach: microseconds / people }
}

function inputOf({ organizationId, id }: Connection, number: number) {
  const accountId = accountIdOf(number)
  return {
    ...{ organizationId, connectionId: id, accountId, attemptId: accountId, at: new Date(), changes: false },
    assertion: assertionOf(number),
  }
}

function assertionOf(number: number): VerifiedAssertion {
  const attributes = Object.entries(attributesOf(String(number), number % 100 === 0 ? 'manager' : 'employee'))
  return {
    id: '',
    issuer: '',
    nameId: { value: `subject-${number}`, format: persistent },
    authnInstant: new Date(),
    attributes: attributes.map(([name, values]) => ({ name, values })),
    replayableUntil: new Date(),
    signed: {},
  } as unknown as VerifiedAssertion
}
