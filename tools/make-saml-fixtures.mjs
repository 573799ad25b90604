// Writes test/fixtures/saml/ anew: one folder a case, signed with keys that are thrown away when this program ends. Keys that
// open what is encrypted are kept beside the public ones. With `encrypted`,
// only the cases of that group and its keys, which no other shares.
// usage: node tools/make-saml-fixtures.mjs [encrypted]
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { accepted } from './saml-fixtures/accepted.mjs'
import { contents } from './saml-fixtures/contents.mjs'
import { decryptionKeys } from './saml-fixtures/encrypt.mjs'
import { encrypted } from './saml-fixtures/encrypted.mjs'
import { acs, idp, now, sp } from './saml-fixtures/messages.mjs'
import { keys } from './saml-fixtures/sign.mjs'
import { signatures } from './saml-fixtures/signatures.mjs'
import { texts } from './saml-fixtures/texts.mjs'
import { wrapping } from './saml-fixtures/wrapping.mjs'

const fixtures = fileURLToPath(new URL('../test/fixtures', import.meta.url))
const standard = { identityProviderEntityId: idp, serviceProviderEntityId: sp, acsUrl: acs, signingKeys: ['rsa'], now }

/** No case trusts it, and tests of the corpus must. */
const neverTrusted = 'attacker'

/** Those that the cases name. */
function writeKeys(cases) {
  mkdirSync(`${fixtures}/saml-keys`, { recursive: true })
  const named = (setting) =>
    new Set(cases.flatMap(([, { settings }]) => settings?.[setting] ?? standard[setting] ?? []))
  for (const name of new Set([...named('signingKeys'), ...(wanted === undefined ? [neverTrusted] : [])])) {
    const pem = keys[name].publicKey.export({ type: 'spki', format: 'pem' })
    writeFileSync(`${fixtures}/saml-keys/${name}.pem`, pem)
  }
  for (const name of named('decryptionKeys')) {
    const pem = decryptionKeys[name].privateKey.export({ type: 'pkcs8', format: 'pem' })
    writeFileSync(`${fixtures}/saml-keys/${name}.private.pem`, pem)
  }
}

/** One setting a line. */
function settingsText(settings) {
  const lines = Object.entries(settings).map(
    ([key, value]) => `  "${key}": ${JSON.stringify(value).replaceAll('","', '", "')}`,
  )
  return `{\n${lines.join(',\n')}\n}\n`
}

/** `expect` is a code (with the check after a space), or the lines that an accepted assertion must contain. */
function writeCase(name, { xml, settings = {}, expect }) {
  const folder = `${fixtures}/saml/${name}`
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/response.xml`, xml)
  writeFileSync(`${folder}/settings.json`, settingsText({ ...standard, ...settings }))
  writeFileSync(`${folder}/expect.txt`, `${expect.join('\n')}\n`)
}

const [wanted] = process.argv.slice(2)
if (wanted === undefined) {
  for (const folder of ['saml', 'saml-keys']) rmSync(`${fixtures}/${folder}`, { recursive: true, force: true })
}
const others = [accepted, contents, signatures, texts, wrapping]
const groups = wanted === 'encrypted' ? [encrypted] : [...others, encrypted]
const cases = groups.flatMap((group) => Object.entries(group))
mkdirSync(`${fixtures}/saml`, { recursive: true })
writeKeys(cases)
for (const [name, fixture] of cases) writeCase(name, fixture)
console.log(`${cases.length} cases`)
