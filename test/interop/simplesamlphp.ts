import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Debian's SimpleSAMLphp as an identity provider on loopback, with its own signing defaults. It reads our service
 * provider metadata with its own parser, so this tests that document too.
 */
export interface SimpleSamlPhp {
  readonly metadataUrl: string
  readonly entityId: string
  /** Signs out there, and wherever it led to; then leads to the given address. */
  logoutUrl(returnTo: string): string
  /** Starts a sign-in at the identity provider, for the given service provider. */
  idpInitiatedUrl(serviceProviderEntityId: string, relayState?: string): string
  /** With `encrypt` its assertions are encrypted, as this product does it: AES-128-CBC, RSA-OAEP with SHA-1, signed outside. */
  addServiceProvider(name: string, metadataXml: string, options?: { readonly encrypt?: boolean }): void
  stop(): Promise<void>
}

const installation = '/usr/share/simplesamlphp'

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

const people = {
  grace: {
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
  },
  hedy: { uid: ['hedy'], sn: ['Lamarr'], mail: ['hedy@example.org'], groups: ['staff'] },
}

function writeConfiguration(folder: string, port: number): void {
  for (const name of ['config', 'metadata', 'cert', 'log', 'data', 'tmp', 'sessions', 'providers']) {
    mkdirSync(join(folder, name), { recursive: true })
  }
  const subject = ['-subj', '/CN=interop identity provider']
  const [key, certificate] = [join(folder, 'cert/idp.key'), join(folder, 'cert/idp.crt')]
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '30', ...subject],
    { stdio: 'ignore' },
  )
  const config = {
    baseurlpath: `http://127.0.0.1:${port}/`,
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
    'store.type': 'phpsession',
    'metadata.sources': [{ type: 'flatfile' }],
    'language.available': ['en'],
    'language.default': 'en',
    'theme.use': 'default',
    production: true,
    // Any address may be returned to after signing out.
    'trusted.url.domains': null,
  }
  const sources: Record<string, unknown> = { 0: 'exampleauth:UserPass' }
  for (const [name, attributes] of Object.entries(people)) sources[`${name}:password of ${name}`] = attributes
  const identityProvider = { host: '__DEFAULT__', privatekey: 'idp.key', certificate: 'idp.crt', auth: 'people' }
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(folder, name), ['<?php', ...lines, ''].join('\n'))
  write('config/config.php', [`$config = ${php(config)};`])
  write('config/authsources.php', [`$config = ${php({ people: sources })};`])
  write('metadata/saml20-idp-hosted.php', [
    `$metadata[${php(`http://127.0.0.1:${port}/saml2/idp/metadata.php`)}] = ${php({
      ...identityProvider,
      // Not its defaults: out of the box it sends logout messages that anybody could have written.
      'sign.logout': true,
      'validate.logout': true,
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
    `    $provider['assertion.encryption'] = file_exists(${php(`${folder}/providers/encrypt`)});`,
    "    $metadata[$provider['entityid']] = $provider;",
    '  }',
    '}',
  ])
}

export async function startSimpleSamlPhp(port: number): Promise<SimpleSamlPhp> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-simplesamlphp-'))
  writeConfiguration(folder, port)
  const root = `${installation}/www`
  const server = spawn('php', ['-d', 'display_errors=0', '-S', `127.0.0.1:${port}`, '-t', root], {
    cwd: root,
    env: { ...process.env, SIMPLESAMLPHP_CONFIG_DIR: join(folder, 'config'), PHP_CLI_SERVER_WORKERS: '2' },
    stdio: 'ignore',
    detached: true,
  })
  const entityId = `http://127.0.0.1:${port}/saml2/idp/metadata.php`
  await waitFor(entityId, server)
  return {
    entityId,
    metadataUrl: entityId,
    logoutUrl: (returnTo) =>
      `http://127.0.0.1:${port}/saml2/idp/SingleLogoutService.php?${new URLSearchParams({ ReturnTo: returnTo })}`,
    idpInitiatedUrl(serviceProviderEntityId, relayState) {
      const query = new URLSearchParams({
        spentityid: serviceProviderEntityId,
        ...(relayState ? { RelayState: relayState } : {}),
      })
      return `http://127.0.0.1:${port}/saml2/idp/SSOService.php?${query}`
    },
    addServiceProvider(name, xml, { encrypt = false } = {}) {
      if (encrypt) writeFileSync(join(folder, 'providers/encrypt'), '')
      writeFileSync(join(folder, `providers/${name}.xml`), xml)
    },
    async stop() {
      if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid, 'SIGTERM')
      await sleep(200)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function waitFor(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (server.exitCode !== null) throw new Error(`SimpleSAMLphp ended with ${server.exitCode}`)
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    await sleep(100)
  }
  throw new Error(`SimpleSAMLphp did not answer at ${url}`)
}
