import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attemptShow } from '../../src/cli/commands/attempt-show.ts'
import { freezeSettings } from '../../src/config/settings.ts'
import { referenceOf } from '../../src/directory/sign-in.ts'
import { furnish, now, openOffice } from '../admin/office.ts'
import { openTestDatabase } from '../support/databases.ts'

test('attempt show says what was checked, wanted and arrived, and who can put it right, on single lines', async (t) => {
  const { deps, run } = await openOffice(await openTestDatabase('embedded', t))
  await furnish({ run })
  const id = deps.newId()
  await deps.directory.recordAttempt({
    id,
    organizationId: 'company-a',
    connectionId: 'company-a',
    at: now,
    outcome: 'refused',
    code: 'saml_audience_mismatch',
    trace: [
      { step: 'decode', milliseconds: 0.1 },
      {
        step: 'verify',
        milliseconds: 0.4,
        notes: {
          refusal: 'saml_audience_mismatch',
          check: 'Audience',
          wanted: 'urn:us',
          arrived: 'urn:them\u001b[2J\nok',
        },
      },
    ],
  })
  const nowhere = () => undefined
  const context = { settings: freezeSettings({}), administer: run, readInput: () => '', print: nowhere, say: nowhere }
  const { text } = await attemptShow.run({ positionals: [referenceOf(id)], flags: {} }, context)
  for (const line of [
    /^outcome +refused: saml_audience_mismatch$/m,
    /^the person read +The assertion was issued for another service\.$/m,
    /^to fix +the administrator of the identity provider$/m,
    /^verify \(0\.40 ms\)$/m,
    /^ {4}wanted: urn:us$/m,
    /^ {4}arrived: urn:them \[2J ok$/m,
  ]) {
    assert.match(text, line)
  }
})
