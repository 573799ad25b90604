import { isIP } from 'node:net'
import { z } from 'zod'

/**
 * Every setting of a Latchkey process, once. Flags, variables, keys of `latchkey.yaml`, `--help` and
 * `docs/configuration.md` are all made from this table.
 */

export interface SettingDefinition {
  /** Key in `latchkey.yaml`. The flag and the variable follow from it. */
  readonly name: string
  /** What it is, with its unit. */
  readonly description: string
  /** What a value must be, in words. */
  readonly wanted: string
  /** As it is shown; absent: none. */
  readonly default?: string
  /** A password or key: never printed, and readable from a file named by `…File`. */
  readonly secret?: true
  /** Whether commands that only administer need it too. */
  readonly scope: 'storage' | 'serve'
  /** `list`: repeated flags, commas in a variable, a list in the file. */
  readonly shape: 'text' | 'number' | 'list'
  readonly type: z.ZodType
}

const seconds = (most: number) => z.int().min(1).max(most)

/** An address with nothing behind the host and port; gives it in its normal form. */
const httpOrigin = z
  .url({ protocol: /^https?$/ })
  .refine((text) => URL.canParse(text) && isBareOrigin(new URL(text)))
  .transform((text) => new URL(text).origin)

function isBareOrigin(url: URL): boolean {
  return url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
}

const secretBytes = z
  .string()
  .transform((text) => (/^[0-9a-fA-F]{64}$/.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64')))
  .refine((bytes) => bytes.length === 32)

/** No name and password: they would have to be sent as a header of their own. */
const webhookAddress = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .refine((text) => URL.canParse(text) && isSafeToPost(new URL(text)))

function isSafeToPost({ protocol, hostname, username, password }: URL): boolean {
  const staysHere = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost|.+\.localhost)$/.test(hostname)
  return (protocol === 'https:' || staysHere) && username === '' && password === ''
}

function isAddressOrRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

const moduleFile = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}=.+$/s)
  .transform((text) => ({ name: text.slice(0, text.indexOf('=')), path: text.slice(text.indexOf('=') + 1) }))

function isNamedOnce(files: readonly { readonly name: string }[]): boolean {
  return new Set(files.map(({ name }) => name)).size === files.length
}

export const settingTable = [
  {
    name: 'publicUrl',
    description:
      "Origin of Latchkey's own host, as browsers and identity providers reach it. Every absolute address is made from it.",
    wanted: 'an http or https origin without a path, such as https://login.example',
    default: 'http://localhost:PORT',
    scope: 'storage',
    shape: 'text',
    type: httpOrigin,
  },
  {
    name: 'listenHost',
    description: 'Address to listen on; 0.0.0.0 for all.',
    wanted: 'a host name or an IP address',
    default: '127.0.0.1',
    scope: 'serve',
    shape: 'text',
    type: z
      .string()
      .max(253)
      .regex(/^[0-9A-Za-z.:-]+$/),
  },
  {
    name: 'listenPort',
    description: 'Port to listen on; 0 for any that is free.',
    wanted: 'a whole number from 0 to 65535',
    default: '8080',
    scope: 'storage',
    shape: 'number',
    type: z.int().min(0).max(65535),
  },
  {
    name: 'processes',
    description:
      'Processes that share the port, so that several processor cores are used; more than one only with PostgreSQL.',
    wanted: 'a whole number from 1 to 64',
    default: '1',
    scope: 'serve',
    shape: 'number',
    type: z.int().min(1).max(64),
  },
  {
    name: 'databaseUrl',
    description: 'PostgreSQL to keep everything in. Without it, the embedded database in the data directory.',
    wanted: 'an address that begins with postgres:// or postgresql://',
    secret: true,
    scope: 'storage',
    shape: 'text',
    type: z.url({ protocol: /^postgres(ql)?$/ }),
  },
  {
    name: 'poolSize',
    description: 'Connections to PostgreSQL that one process may hold.',
    wanted: 'a whole number from 1 to 1000',
    default: '10',
    scope: 'serve',
    shape: 'number',
    type: z.int().min(1).max(1000),
  },
  {
    name: 'dataDirectory',
    description: 'Folder of the embedded database, its secret and the socket for administration.',
    wanted: 'the path of a folder',
    default: '.latchkey',
    scope: 'storage',
    shape: 'text',
    type: z
      .string()
      .min(1)
      .max(4096)
      .regex(/^[^\0]+$/),
  },
  {
    name: 'secret',
    description:
      'Seals private keys at rest; the same on every node. Embedded, one is made and kept in the data directory when none is given.',
    wanted: '32 bytes as base64 or hexadecimal, for example from `openssl rand -base64 32`',
    secret: true,
    scope: 'storage',
    shape: 'text',
    type: secretBytes,
  },
  {
    name: 'trustedProxies',
    description: 'Addresses or CIDR ranges of proxies in front, whose forwarded headers count.',
    wanted: 'IP addresses or CIDR ranges, such as 10.0.0.0/8',
    default: 'none',
    scope: 'serve',
    shape: 'list',
    type: z.array(z.string().refine(isAddressOrRange)).max(1000),
  },
  {
    name: 'sessionIdleSeconds',
    description: 'A session unused for this many seconds ends.',
    wanted: 'a whole number of seconds, from 1 to 2592000',
    default: '3600',
    scope: 'serve',
    shape: 'number',
    type: seconds(2_592_000),
  },
  {
    name: 'sessionAbsoluteSeconds',
    description: 'A session ends this many seconds after the sign-in, used or not.',
    wanted: 'a whole number of seconds, from 1 to 7776000',
    default: '43200',
    scope: 'serve',
    shape: 'number',
    type: seconds(7_776_000),
  },
  {
    name: 'signInsAtOnce',
    description: 'Sign-ins that one process works on at the same time; the others wait.',
    wanted: 'a whole number from 1 to 1000',
    default: '32',
    scope: 'serve',
    shape: 'number',
    type: z.int().min(1).max(1000),
  },
  {
    name: 'signInsWaiting',
    description: 'Sign-ins that may wait in one process; whoever comes then is told to try again in a few seconds.',
    wanted: 'a whole number from 0 to 100000',
    default: '2000',
    scope: 'serve',
    shape: 'number',
    type: z.int().min(0).max(100_000),
  },
  {
    name: 'api',
    description:
      'Whether programs may administer over HTTP, with tokens (`latchkey token create`), under /api/v1 of the public URL.',
    wanted: 'on or off',
    default: 'off',
    scope: 'storage',
    shape: 'text',
    type: z.enum(['on', 'off']),
  },
  {
    name: 'keepAttemptsDays',
    description: 'Days after which the trace of a sign-in is removed.',
    wanted: 'a whole number of days, from 1 to 3650',
    default: '30',
    scope: 'serve',
    shape: 'number',
    type: z.int().min(1).max(3650),
  },
  {
    name: 'keepInputsDays',
    description:
      'Days for which the last sign-in of each person is kept, sealed, so that `connection replay` can ask it again; 0 keeps none.',
    wanted: 'a whole number of days, from 0 to 3650',
    default: '30',
    scope: 'serve',
    shape: 'number',
    type: z.int().min(0).max(3650),
  },
  {
    name: 'mappingModules',
    description:
      'JavaScript files whose default export maps people in your own words, as `NAME=PATH`; connections name them in `mappingModule`. They run with the rights of this process.',
    wanted: 'NAME=PATH, such as hr=/etc/latchkey/hr.js; each name once',
    default: 'none',
    scope: 'storage',
    shape: 'list',
    type: z.array(moduleFile).max(50).refine(isNamedOnce),
  },
  {
    name: 'mappingModuleMilliseconds',
    description: 'Milliseconds that a mapping module may take for one person.',
    wanted: 'a whole number of milliseconds, from 10 to 60000',
    default: '1000',
    scope: 'storage',
    shape: 'number',
    type: z.int().min(10).max(60_000),
  },
  {
    name: 'mappingModuleMegabytes',
    description: 'Megabytes that a mapping module may fill with what JavaScript keeps.',
    wanted: 'a whole number of megabytes, from 16 to 4096',
    default: '64',
    scope: 'storage',
    shape: 'number',
    type: z.int().min(16).max(4096),
  },
  {
    name: 'webhookUrl',
    description:
      'Where notices to administrators are posted, such as that somebody waits for approval. It needs webhookSecret. Without it, they are only logged.',
    wanted: 'an https address, or an http address of this machine',
    secret: true,
    scope: 'serve',
    shape: 'text',
    type: webhookAddress,
  },
  {
    name: 'webhookSecret',
    description: 'Signs notices, so that their receiver can tell ours from others; the receiver needs it too.',
    wanted: '32 bytes as base64 or hexadecimal, for example from `openssl rand -base64 32`',
    secret: true,
    scope: 'serve',
    shape: 'text',
    type: secretBytes,
  },
  {
    name: 'drainSeconds',
    description: 'Seconds that open requests are given to finish after SIGTERM.',
    wanted: 'a whole number of seconds, from 0 to 3600',
    default: '20',
    scope: 'serve',
    shape: 'number',
    type: z.int().min(0).max(3600),
  },
  {
    name: 'logLevel',
    description: 'How much is logged: silent, error, warn, info or debug.',
    wanted: 'silent, error, warn, info or debug',
    default: 'info',
    scope: 'serve',
    shape: 'text',
    type: z.enum(['silent', 'error', 'warn', 'info', 'debug']),
  },
] as const satisfies readonly SettingDefinition[]

/** The table as its interface, for code that goes over all of it. */
export const settingDefinitions: readonly SettingDefinition[] = settingTable

/** `sessionIdleSeconds` → `session-idle-seconds`, as `node:util` parseArgs wants it. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** `sessionIdleSeconds` → `LATCHKEY_SESSION_IDLE_SECONDS`. */
export function variableName(name: string): string {
  return `LATCHKEY_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/** Under which names a setting may be given: its own, and `…File` where it is secret. */
export function writtenNames(definition: SettingDefinition): readonly string[] {
  return definition.secret ? [definition.name, `${definition.name}File`] : [definition.name]
}
