// Writes test/fixtures/saml/ anew: one folder a case, signed with keys that are thrown away when this program ends.
// usage: node tools/make-saml-fixtures.mjs
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { accepted } from './saml-fixtures/accepted.mjs'
import { contents } from './saml-fixtures/contents.mjs'
import { acs, idp, now, sp } from './saml-fixtures/messages.mjs'
import { keys } from './saml-fixtures/sign.mjs'
import { signatures } from './saml-fixtures/signatures.mjs'
import { texts } from './saml-fixtures/texts.mjs'
import { wrapping } from './saml-fixtures/wrapping.mjs'

const fixtures = fileURLToPath(new URL('../test/fixtures', import.meta.url))
const standard = { identityProviderEntityId: idp, serviceProviderEntityId: sp, acsUrl: acs, signingKeys: ['rsa'], now }

function writeKeys() {
  mkdirSync(`${fixtures}/saml-keys`, { recursive: true })
  for (const [name, { publicKey }] of Object.entries(keys)) {
    writeFileSync(`${fixtures}/saml-keys/${name}.pem`, publicKey.export({ type: 'spki', format: 'pem' }))
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
  mkdirSync(folder)
  writeFileSync(`${folder}/response.xml`, xml)
  writeFileSync(`${folder}/settings.json`, settingsText({ ...standard, ...settings }))
  writeFileSync(`${folder}/expect.txt`, `${expect.join('\n')}\n`)
}

rmSync(`${fixtures}/saml`, { recursive: true, force: true })
rmSync(`${fixtures}/saml-keys`, { recursive: true, force: true })
mkdirSync(`${fixtures}/saml`, { recursive: true })
writeKeys()
const cases = [accepted, contents, signatures, texts, wrapping].flatMap((group) => Object.entries(group))
for (const [name, fixture] of cases) writeCase(name, fixture)
console.log(`${cases.length} cases`)
