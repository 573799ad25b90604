import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findPreset } from '../../src/admin/presets/fill-preset.ts'
import { formsOf, type Page, type WebVisitor } from '../../src/demo/web-visitor.ts'
import { newKey, pem } from '../peers/signing-key.ts'
import { freePort } from '../support/free-port.ts'
import { makeTemporaryFolder, removeTemporaryFolder } from '../support/temporary-folder.ts'
import type { IdentityProvider, Product } from './identity-provider.ts'
import { runServer } from './run-server.ts'

/**
 * Debian's SimpleSAMLphp, with its own signing defaults: the assertion only where our metadata asks for it. It encrypts as it does unless told otherwise: AES-128-CBC, RSA-OAEP
 * with SHA-1, signed outside.
 */
export const simplesamlphp: Product = {
  name: 'SimpleSAMLphp',
  person: {
    username: 'grace',
    fields: { cn: ['Grace Møller'], displayName: ['Grace Møller & Co'], mail: ["grace.o'neil@example.org"] },
    grants: ['group engineering, night shift', 'group staff', 'role manager'],
  },
  settings: findPreset('simplesamlphp').settings,
  signs: ['Response'],
  start: startSimpleSamlPhp,
}

const installation = '/usr/share/simplesamlphp/www'

const person = {
  uid: ['grace'],
  cn: ['Grace Møller'],
  givenName: ['Grace'],
  sn: ['Møller'],
  displayName: ['Grace Møller & Co'],
  mail: ["grace.o'neil@example.org"],
  title: ['Engineer'],
  o: ['Interop University'],
  employeeNumber: ['4711'],
  groups: ['staff', 'engineering, night shift'],
  role: ['manager'],
}

async function startSimpleSamlPhp(): Promise<IdentityProvider> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const metadataUrl = `${origin}/saml2/idp/metadata.php`
  const folder = makeTemporaryFolder('simplesamlphp')
  writeConfiguration(folder, origin)
  writeKey(folder)
  const end = await runServer({
    command: 'php',
    parameters: ['-d', 'display_errors=0', '-S', `127.0.0.1:${port}`, '-t', installation],
    cwd: installation,
    environment: { SIMPLESAMLPHP_CONFIG_DIR: join(folder, 'config'), PHP_CLI_SERVER_WORKERS: '2' },
    url: metadataUrl,
  })
  return {
    metadataUrl,
    async addServiceProviders(added) {
      for (const { name, metadataXml, encrypt } of added) {
        writeFileSync(join(folder, `providers/${name}.xml`), metadataXml)
        if (encrypt) writeFileSync(join(folder, `providers/${name}.xml.encrypt`), '')
      }
    },
    startUrl: (entityId) => `${origin}/saml2/idp/SSOService.php?${new URLSearchParams({ spentityid: entityId })}`,
    logIn,
    async hasSession(visitor) {
      const page = await visitor.open(`${origin}/module.php/core/authenticate.php?as=people`)
      return !formsOf(page).some(({ fields }) => 'username' in fields)
    },
    async signOut(visitor) {
      const query = new URLSearchParams({ ReturnTo: metadataUrl })
      const page = await visitor.open(`${origin}/saml2/idp/SingleLogoutService.php?${query}`)
      if (page.url.href !== metadataUrl) throw new Error(`signing out led to ${page.url.href}: ${page.body}`)
    },
    replaceKey: async () => writeKey(folder),
    async stop() {
      await end()
      removeTemporaryFolder(folder)
    },
  }
}

function logIn(visitor: WebVisitor, page: Page): Promise<Page> {
  const login = formsOf(page).find(({ fields }) => 'username' in fields)
  if (login === undefined) throw new Error(`no log-in form at ${page.url.href}: ${page.status} ${page.body}`)
  return visitor.submit(
    { ...login, fields: { ...login.fields, username: 'grace', password: 'password of grace' } },
    page,
  )
}

function writeKey(folder: string): void {
  const { key, certificate } = newKey()
  writeFileSync(join(folder, 'cert/idp.key'), key)
  writeFileSync(join(folder, 'cert/idp.crt'), pem(certificate))
}

function writeConfiguration(folder: string, origin: string): void {
  for (const name of ['config', 'metadata', 'cert', 'log', 'data', 'tmp', 'sessions', 'providers']) {
    mkdirSync(join(folder, name))
  }
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(folder, name), ['<?php', ...lines, ''].join('\n'))
  const sources = { people: { 0: 'exampleauth:UserPass', 'grace:password of grace': person } }
  write('config/config.php', [`$config = ${php(configuration(folder, origin))};`])
  write('config/authsources.php', [`$config = ${php(sources)};`])
  write('metadata/saml20-idp-hosted.php', [
    `$metadata[${php(`${origin}/saml2/idp/metadata.php`)}] = ${php({
      host: '__DEFAULT__',
      privatekey: 'idp.key',
      certificate: 'idp.crt',
      auth: 'people',
      // Not its defaults: out of the box it sends logout messages that anybody could have written.
      'sign.logout': true,
      'validate.logout': true,
      'saml20.sendartifact': true,
      'attributes.NameFormat': 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
      authproc: { 5: { class: 'saml:PersistentNameID', attribute: 'uid' } },
    })};`,
  ])
  write('metadata/saml20-sp-remote.php', [
    `foreach (glob(${php(`${folder}/providers/*.xml`)}) as $file) {`,
    '  foreach (\\SimpleSAML\\Metadata\\SAMLParser::parseDescriptorsFile($file) as $entity) {',
    '    $provider = $entity->getMetadata20SP();',
    "    unset($provider['entityDescriptor'], $provider['metadata-set']);",
    `    $provider['NameIDFormat'] = ${php('urn:oasis:names:tc:SAML:2.0:nameid-format:persistent')};`,
    "    $provider['assertion.encryption'] = file_exists($file . '.encrypt');",
    "    $metadata[$provider['entityid']] = $provider;",
    '  }',
    '}',
  ])
}

function configuration(folder: string, origin: string) {
  return {
    baseurlpath: `${origin}/`,
    certdir: `${folder}/cert/`,
    loggingdir: `${folder}/log/`,
    datadir: `${folder}/data/`,
    tempdir: `${folder}/tmp`,
    metadatadir: `${folder}/metadata`,
    timezone: 'UTC',
    secretsalt: 'a salt that only this test knows',
    'auth.adminpassword': 'not used by this test',
    'logging.handler': 'file',
    'logging.level': 5,
    'enable.saml20-idp': true,
    'module.enable': { exampleauth: true, core: true, saml: true },
    'session.cookie.secure': false,
    'session.phpsession.savepath': `${folder}/sessions`,
    // Responses that wait to be fetched need a store that is not the session.
    'store.type': 'sql',
    'store.sql.dsn': `sqlite:${folder}/data/store.sqlite`,
    'metadata.sources': [{ type: 'flatfile' }],
    'language.available': ['en'],
    'language.default': 'en',
    'theme.use': 'default',
    production: true,
    // Any address may be returned to after signing out.
    'trusted.url.domains': null,
  }
}

/** PHP source of one value. Values are ours, so the few kinds below suffice. */
function php(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(php).join(', ')}]`
  if (value !== null && typeof value === 'object') {
    const pairs = Object.entries(value).map(([key, item]) => `${/^\d+$/.test(key) ? key : php(key)} => ${php(item)}`)
    return `[${pairs.join(', ')}]`
  }
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&')}'`
  return String(value)
}
