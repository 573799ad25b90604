import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { decodeJwt } from 'jose'
import { parse } from 'yaml'
import { declarationSchema } from '../../src/admin/declaration.ts'
import { cliCommands } from '../../src/cli/command-list.ts'
import { findCommand } from '../../src/cli/find-command.ts'
import { parseArguments } from '../../src/cli/parse-arguments.ts'
import { freezeSettings } from '../../src/config/settings.ts'
import { defaultTiming } from '../../src/gateway/gateway-dependencies.ts'
import type { Identity } from '../../src/gateway/identity.ts'
import { assertionSeconds, createIdentitySigner } from '../../src/gateway/identity-assertion.ts'
import { identityHeaders } from '../../src/gateway/identity-headers.ts'
import { packageRoot } from '../../src/package-root.ts'

// docs/guides/your-application.md says what the code does.

const guide = readFileSync(new URL('docs/guides/your-application.md', packageRoot), 'utf8')
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text)

const identity: Identity = {
  applicationId: 'benefits',
  accountId: '1',
  organizationId: 'company-a',
  username: 'ada',
  remoteUser: 'ada',
  email: 'ada@a.example',
  name: 'Ada',
  groups: undefined,
  roles: ['employee'],
  accountCreatedAt: new Date(0),
  connectionId: 'company-a',
  sessionId: '2',
}

test('the declarations of the guide are declarations, its settings are settings, its commands are understood', () => {
  const [whole, settings, application] = blocks('yaml').map((text) => parse(text) as Record<string, unknown>)
  declarationSchema.parse(whole)
  declarationSchema.parse({ applications: application })
  assert.equal(freezeSettings(settings ?? {}).publicUrl, 'http://latchkey.localhost:8080')
  assert.deepEqual(Object.keys(settings ?? {}), ['publicUrl', 'listenPort'])
  for (const command of blocks('sh').flatMap((text) => text.trimEnd().split('\n'))) {
    const { command: found, rest } = findCommand(cliCommands, command.split(' ').slice(1))
    parseArguments(found, rest)
  }
})

test('the guide names every claim and every header, and no other', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const sign = createIdentitySigner({
    key: () => ({ kid: 'k', privateKey }),
    issuer: 'https://login.example',
    now: () => new Date(),
  })
  const names = [{ groups: ['staff'] as readonly string[] }, {}].map((more) => ({ ...identity, ...more }))
  const claims = new Set<string>()
  for (const who of names) for (const claim of Object.keys(decodeJwt(await sign(who)))) claims.add(claim)
  const [, listed = ''] = /Claims: (.*?) where a list was too long/s.exec(guide) ?? []
  const named = [...listed.replaceAll(/\([^)]*\)/g, '').matchAll(/`(\w+)`/g)].map(([, claim]) => claim)
  const ofEveryToken = ['iss', 'aud', 'iat', 'exp']
  assert.deepEqual(named.sort(), [...claims].filter((claim) => !ofEveryToken.includes(claim)).sort())

  const headers = new Set(names.flatMap((who) => identityHeaders(who, 'token').filter((_, index) => index % 2 === 0)))
  const rows = [...guide.matchAll(/^\| (`.*`) \|/gm)].flatMap(([, cell = '']) => cell.replaceAll('`', '').split(', '))
  assert.deepEqual([...rows, 'X-Latchkey-Assertion'].sort(), [...headers].sort())
})

test('the times of the guide are those of the gateway', () => {
  assert.ok(guide.includes(`good for ${assertionSeconds} seconds`))
  const { connectSeconds, responseSeconds, recheckSeconds } = defaultTiming
  assert.ok(guide.includes(`has ${connectSeconds} seconds to accept a connection and ${responseSeconds} to begin`))
  assert.equal(recheckSeconds, 5)
  assert.ok(guide.includes('asked for again every five seconds'))
})
