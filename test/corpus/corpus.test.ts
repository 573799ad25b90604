import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { deflateRawSync, deflateSync } from 'node:zlib'
import { createTestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'

// The program itself, run on folders made of our own fixtures.

const fixtures = 'test/fixtures'
const standard = {
  encoding: 'xml',
  expect: 'accept',
  confidence: 'asserted',
  attack: false,
  certs: ['rsa.pem'],
  idpEntityID: 'https://idp.example/metadata',
  spEntityID: 'https://sp.example/metadata',
  acs: 'https://sp.example/acs',
  now: '2026-06-01T12:00:00Z',
  needs: { inResponseTo: '_request1' },
}

function corpus(t: TestContext, entries: readonly object[] | string): string {
  const folder = makeTemporaryFolder('corpus')
  t.after(() => rmSync(folder, { recursive: true }))
  for (const key of ['rsa', 'rsa-weak', 'attacker']) {
    cpSync(`${fixtures}/saml-keys/${key}.pem`, join(folder, `${key}.pem`))
  }
  const text =
    typeof entries === 'string' ? entries : JSON.stringify(entries.map((entry) => ({ ...standard, ...entry })))
  writeFileSync(join(folder, 'index.json'), text)
  return folder
}

function message(folder: string, fixture: string): string {
  cpSync(`${fixtures}/saml/${fixture}/response.xml`, join(folder, `${fixture}.xml`))
  return folder
}

function run(...folders: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/test/corpus/main.js', ...folders], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const refusedAttack = { id: 'attack', file: 'xsw3-evil-after-signed.xml', expect: 'reject', attack: true }

test('corpus: what gives what it must is right, in every encoding', (t) => {
  const folder = corpus(t, [
    { id: 'as-xml', file: 'assertion-signed.xml', yieldsNameID: 'ada@idp.example' },
    { id: 'as-base64', file: 'message.b64', encoding: 'base64' },
    { id: 'as-deflate', file: 'message.deflate', encoding: 'deflate' },
    refusedAttack,
  ])
  message(message(folder, 'assertion-signed'), 'xsw3-evil-after-signed')
  const xml = readFileSync(join(folder, 'assertion-signed.xml'))
  writeFileSync(join(folder, 'message.b64'), xml.toString('base64'))
  writeFileSync(join(folder, 'message.deflate'), deflateRawSync(xml).toString('base64'))
  const { status, stdout } = run(folder)
  assert.match(stdout, /4 cases: 4 right/)
  assert.match(stdout, /attack +reject asserted +right +refused saml_structure_invalid/)
  assert.equal(status, 0, stdout)
})

test('corpus: what is taken from the message is taken in full', async (t) => {
  const now = () => new Date(standard.now)
  const idp = await createTestIdentityProvider({ baseUrl: `https://idp.example/${'long/'.repeat(80)}end`, now })
  const serviceProvider = {
    entityId: `${standard.spEntityID}?${'a'.repeat(400)}`,
    acsUrl: `${standard.acs}?${'b'.repeat(400)}`,
  }
  const { samlResponse } = idp.issueResponse({ serviceProvider, person: { nameId: 'ada' } })
  const open = { idpEntityID: null, spEntityID: null, acs: null, needs: null }
  const folder = corpus(t, [{ id: 'open', file: 'open.b64', encoding: 'base64', certs: [idp.certificate], ...open }])
  writeFileSync(join(folder, 'open.b64'), samlResponse)
  const { status, stdout } = run(folder)
  assert.match(stdout, /open +accept asserted +right +accepted ada/)
  assert.equal(status, 0, stdout)
})

test('corpus: what an entry says of nothing by null, and a certificate however it is kept, is understood', (t) => {
  const none = { encoding: null, attack: null, kind: null, reason: null, confidence: null, needs: null }
  const file = 'assertion-signed.xml'
  const folder = corpus(t, [
    { id: 'null', file, ...none },
    { id: 'one', file, certs: 'rsa.pem' },
    { id: 'inside', file, certs: [readFileSync(`${fixtures}/saml-keys/rsa.pem`, 'utf8')] },
    { id: 'clock', file, now: Date.parse(standard.now) },
    { id: 'never', file, needs: { validateInResponseTo: 'never' } },
  ])
  const { status, stdout } = run(message(folder, 'assertion-signed'))
  assert.match(stdout, /5 cases: 5 right/)
  assert.equal(status, 0, stdout)
})

test('corpus: a compressed message is read however it is written down', (t) => {
  const id = (name: string) => ({ id: name, file: `${name}.deflate`, encoding: 'deflate' })
  const folder = corpus(t, [id('in-address'), id('bytes'), id('zlib')])
  const xml = readFileSync(`${fixtures}/saml/assertion-signed/response.xml`)
  const raw = deflateRawSync(xml)
  writeFileSync(join(folder, 'in-address.deflate'), encodeURIComponent(raw.toString('base64')))
  writeFileSync(join(folder, 'bytes.deflate'), raw)
  writeFileSync(join(folder, 'zlib.deflate'), deflateSync(xml).toString('base64'))
  const { status, stdout } = run(folder)
  assert.match(stdout, /3 cases: 3 right/)
  assert.equal(status, 0, stdout)
})

test('corpus: a compressed attack that cannot be read is refused', (t) => {
  const id = (name: string) => ({ ...refusedAttack, id: name, file: `${name}.deflate`, encoding: 'deflate' })
  const folder = corpus(t, [id('bomb'), id('cut'), id('empty')])
  const compressed = deflateRawSync(Buffer.alloc(20_000_000, 'a'))
  writeFileSync(join(folder, 'bomb.deflate'), compressed.toString('base64'))
  writeFileSync(join(folder, 'cut.deflate'), compressed.subarray(0, 200).toString('base64'))
  writeFileSync(join(folder, 'empty.deflate'), '')
  const { status, stdout } = run(folder)
  assert.match(stdout, /bomb +reject asserted +right +refused saml_too_large/)
  assert.match(stdout, /3 cases: 3 right/)
  assert.equal(status, 0, stdout)
})

test('corpus: an algorithm that no switch allows is refused for good, though it uses SHA-1', (t) => {
  const folder = corpus(t, [{ ...refusedAttack, id: 'hmac', file: 'hmac.xml' }])
  const xml = readFileSync(`${fixtures}/saml/assertion-signed/response.xml`, 'utf8')
  writeFileSync(
    join(folder, 'hmac.xml'),
    xml.replace('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2000/09/xmldsig#hmac-sha1'),
  )
  const { status, stdout } = run(folder)
  assert.match(stdout, /hmac +reject asserted +right +refused saml_signature_algorithm_not_allowed/)
  assert.equal(status, 0, stdout)
})

test('corpus: what an entry leaves open is taken from the message', (t) => {
  const open = { idpEntityID: null, spEntityID: null, acs: null, now: null, needs: {} }
  const folder = message(corpus(t, [{ id: 'open', file: 'assertion-signed.xml', ...open }]), 'assertion-signed')
  const { status, stdout } = run(folder)
  assert.match(stdout, /open +accept asserted +right +accepted ada@idp\.example/)
  assert.equal(status, 0, stdout)
})

const failing: readonly (readonly [string, object, RegExp])[] = [
  ['an attack that passes', { expect: 'reject', attack: true }, /an attack passes/],
  ['a forbidden subject', { neverNameID: ['ada@idp.example'] }, /a forbidden subject came out/],
  ['another subject', { yieldsNameID: 'eve@idp.example' }, /another subject came out/],
  ['a message that must be accepted', { certs: ['attacker.pem'] }, /an asserted message is refused/],
  ['another request', { needs: { inResponseTo: '_other' } }, /refused login_request_unknown/],
  ['a file that is missing', { file: 'nowhere.xml' }, /nowhere\.xml: ENOENT/],
  ['an entry that says nothing', { expect: 'perhaps' }, /index\.json, entry 1:/],
]

for (const [name, entry, expected] of failing) {
  test(`corpus: ${name} fails the run`, (t) => {
    const folder = message(corpus(t, [{ id: 'case', file: 'assertion-signed.xml', ...entry }]), 'assertion-signed')
    const { status, stdout } = run(folder)
    assert.match(stdout, expected)
    assert.equal(status, 1, stdout)
  })
}

test('corpus: a refusal for a reason that is a decision does not fail the run', (t) => {
  const folder = message(corpus(t, [{ id: 'comment', file: 'comment-in-name-id.xml' }]), 'comment-in-name-id')
  const { status, stdout } = run(folder)
  assert.match(stdout, /comment +accept asserted +policy +refused saml_comment_not_allowed/)
  assert.equal(status, 0, stdout)
})

test('corpus: metadata is imported, or refused with line and cause', (t) => {
  const folder = corpus(t, [])
  mkdirSync(join(folder, 'metadata'))
  writeFileSync(join(folder, 'metadata', 'broken.xml'), '\n<a>\n</b>')
  writeFileSync(join(folder, 'metadata', 'index.json'), '[{"file":"metadata/broken.xml","verdict":"broken"}]')
  const { status, stdout } = run(folder)
  assert.match(stdout, /right +broken +broken\.xml\n +refused metadata_malformed, line 3/)
  assert.equal(status, 0, stdout)
})

test('corpus: metadata in another encoding, or of several identity providers, is refused with its line', (t) => {
  const folder = corpus(t, [])
  mkdirSync(join(folder, 'metadata'))
  writeFileSync(join(folder, 'metadata', 'wide.xml'), Buffer.from('\ufeff<a/>', 'utf16le'))
  const entity = (id: string) =>
    `<EntityDescriptor entityID="${id}"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/></EntityDescriptor>`
  const group = `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">${entity('a')}\n${entity('b')}</EntitiesDescriptor>`
  writeFileSync(join(folder, 'metadata', 'several.xml'), group)
  const { status, stdout } = run(folder)
  assert.match(stdout, /wide\.xml\n +refused metadata_malformed, line 1: encoding, arrived UTF-16/)
  assert.match(
    stdout,
    /several\.xml\n +refused metadata_entity_ambiguous, line 2, EntityDescriptor: entityID, arrived a, b/,
  )
  assert.equal(status, 0, stdout)
})

test('corpus: a folder that cannot be used is named', (t) => {
  assert.equal(run().status, 2)
  const missing = run('/nowhere')
  assert.match(missing.stderr, /\/nowhere\/index\.json: ENOENT/)
  assert.equal(missing.status, 2)
  const noList = run(corpus(t, '{"cases": 1}'))
  assert.match(noList.stderr, /wanted a list of cases/)
  assert.equal(noList.status, 2)
})
