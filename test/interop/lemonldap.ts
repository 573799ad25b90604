import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findPreset } from '../../src/admin/presets/fill-preset.ts'
import { formsOf, type Page, type WebVisitor } from '../../src/demo/web-visitor.ts'
import { newKey, pem } from '../peers/signing-key.ts'
import { freePort } from '../support/free-port.ts'
import { makeTemporaryFolder, removeTemporaryFolder } from '../support/temporary-folder.ts'
import type { IdentityProvider, Product, ServiceProvider } from './identity-provider.ts'
import { runServer } from './run-server.ts'

/** Debian's LemonLDAP::NG, whose SAML is the C library Lasso. Its people are those of its own demonstration, and one more. */
export const lemonldap: Product = {
  name: 'LemonLDAP::NG',
  person: {
    username: 'grace',
    fields: { cn: ['Grace Møller & Co'], mail: ["grace.o'neil@example.org"] },
    grants: ['group engineering, night shift', 'group staff', 'role manager'],
  },
  settings: findPreset('lemonldap-ng').settings,
  signs: ['Response', 'Assertion'],
  start: startLemonldap,
}

/** What there is to be configured, as its manager would write it down. */
interface State {
  readonly folder: string
  readonly origin: string
  readonly signing: ReturnType<typeof newKey>
  readonly serviceProviders: readonly ServiceProvider[]
}

async function startLemonldap(): Promise<IdentityProvider> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const metadataUrl = `${origin}/saml/metadata`
  const folder = makeTemporaryFolder('lemonldap')
  for (const name of ['conf', 'sessions/lock', 'psessions/lock']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'lemonldap-ng.ini'), localSettings(folder))
  writeFileSync(join(folder, 'portal.psgi'), portal)
  const run = (state: State) => {
    writeFileSync(join(folder, 'conf/lmConf-1.json'), JSON.stringify(configuration(state)))
    return runServer({
      command: 'plackup',
      parameters: ['-s', 'HTTP::Server::PSGI', '--host', '127.0.0.1', '--port', String(port), 'portal.psgi'],
      cwd: folder,
      environment: { LLNG_DEFAULTCONFFILE: join(folder, 'lemonldap-ng.ini'), PLACK_ENV: 'deployment' },
      url: metadataUrl,
    })
  }
  let state: State = { folder, origin, signing: newKey(), serviceProviders: [] }
  let end = await run(state)
  // Its sessions are files and outlive this.
  const restartWith = async (change: Partial<State>) => {
    await end()
    state = { ...state, ...change }
    end = await run(state)
  }
  return {
    metadataUrl,
    addServiceProviders: (serviceProviders) => restartWith({ serviceProviders }),
    startUrl: (sp) => `${origin}/saml/singleSignOn?${new URLSearchParams({ IDPInitiated: '1', sp })}`,
    logIn,
    hasSession: async (visitor) => logInForm(await visitor.open(`${origin}/`)) === undefined,
    async signOut(visitor) {
      const page = await visitor.open(`${origin}/?logout=1`)
      for (const address of framesOf(page)) await visitor.openFrame(address, page)
    },
    replaceKey: () => restartWith({ signing: newKey() }),
    async stop() {
      await end()
      removeTemporaryFolder(folder)
    },
  }
}

/** It tells service providers in frames, one each. */
function framesOf({ body }: Page): string[] {
  const frames = [...body.matchAll(/<iframe\s+src="([^"]+)"/g)].map(([, address = '']) =>
    address.replaceAll('&amp;', '&'),
  )
  if (frames.length === 0) throw new Error(`nobody is told that the session has ended: ${body}`)
  return frames
}

function logInForm(page: Page) {
  return formsOf(page).find(({ fields }) => 'user' in fields && 'password' in fields)
}

function logIn(visitor: WebVisitor, page: Page): Promise<Page> {
  const form = logInForm(page)
  if (form === undefined) throw new Error(`no log-in form at ${page.url.href}: ${page.status} ${page.body}`)
  // Its demonstration takes the name as password.
  return visitor.submit({ ...form, fields: { ...form.fields, user: 'grace', password: 'grace' } }, page)
}

/** Its portal, with one more person in the demonstration than Doctor Who and his company; as bytes, like theirs. */
const portal = `use Lemonldap::NG::Portal::Main;
use Lemonldap::NG::Portal::UserDB::Demo;
$Lemonldap::NG::Portal::UserDB::Demo::demoAccounts{grace} =
  { uid => 'grace', cn => 'Grace Møller & Co', mail => "grace.o'neil\\@example.org" };
push @{ $Lemonldap::NG::Portal::UserDB::Demo::demoGroups{$_} }, 'grace' for 'staff', 'engineering, night shift';
Lemonldap::NG::Portal::Main->run({});
`

function localSettings(folder: string): string {
  const sections = {
    all: ['logLevel = error', 'localSessionStorage ='],
    configuration: ['type = File', `dirName = ${folder}/conf`],
    portal: ['templateDir = /usr/share/lemonldap-ng/portal/templates', 'staticPrefix = /static', 'languages = en'],
    handler: [],
  }
  return Object.entries(sections)
    .map(([name, lines]) => `[${name}]\n${lines.join('\n')}\n`)
    .join('')
}

function configuration({ folder, origin, signing, serviceProviders }: State) {
  const storage = (name: string) => ({ Directory: `${folder}/${name}`, LockDirectory: `${folder}/${name}/lock` })
  return {
    cfgNum: 1,
    cfgAuthor: 'the tests of Latchkey',
    cfgDate: '1627287638',
    cfgVersion: '2.16.1',
    key: 'a key that only this test knows',
    authentication: 'Demo',
    userDB: 'Same',
    passwordDB: 'Null',
    registerDB: 'Null',
    // In place of pictures to be read, which it loads even where nobody sees any, and ImageMagick with them.
    captcha: '::Main::Plugin',
    portal: `${origin}/`,
    domain: '127.0.0.1',
    cookieName: 'lemonldap',
    securedCookie: 0,
    whatToTrace: 'uid',
    demoExportedVars: { uid: 'uid', cn: 'cn', mail: 'mail' },
    macros: { role: "'manager'" },
    globalStorage: 'Apache::Session::File',
    globalStorageOptions: {
      ...storage('sessions'),
      generateModule: 'Lemonldap::NG::Common::Apache::Session::Generate::SHA256',
    },
    persistentStorage: 'Apache::Session::File',
    persistentStorageOptions: storage('psessions'),
    localSessionStorage: '',
    locationRules: { [new URL(origin).host]: { default: 'accept' } },
    issuerDBSAMLActivation: 1,
    samlServicePrivateKeySig: signing.key,
    samlServicePublicKeySig: pem(signing.certificate),
    ...registrations(serviceProviders),
  }
}

function registrations(serviceProviders: readonly ServiceProvider[]) {
  const each = <T>(describe: (serviceProvider: ServiceProvider) => T) =>
    Object.fromEntries(serviceProviders.map((serviceProvider) => [serviceProvider.name, describe(serviceProvider)]))
  const basic = 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic'
  const names = ['uid', 'cn', 'mail', 'groups', 'role']
  const attributes = Object.fromEntries(names.map((name) => [name, `1;${name};${basic};${name}`]))
  return {
    samlSPMetaDataXML: each(({ metadataXml }) => ({ samlSPMetaDataXML: metadataXml })),
    samlSPMetaDataExportedAttributes: each(() => attributes),
    samlSPMetaDataOptions: each(({ encrypt }) => ({
      samlSPMetaDataOptionsEnableIDPInitiatedURL: 1,
      samlSPMetaDataOptionsEncryptionMode: encrypt ? 'assertion' : 'none',
      samlSPMetaDataOptionsNameIDFormat: 'email',
      samlSPMetaDataOptionsSignSSOMessage: -1,
      samlSPMetaDataOptionsSignSLOMessage: -1,
      samlSPMetaDataOptionsCheckSSOMessageSignature: 1,
      samlSPMetaDataOptionsCheckSLOMessageSignature: 1,
      samlSPMetaDataOptionsForceUTF8: 1,
    })),
  }
}
