// Imports point one way (ARCHITECTURE.md). Fails on a forbidden arrow or a cycle between files.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Folder under src/ → folders it may import from, besides itself and errors.ts. */
const arrows = {
  saml: [],
  directory: [],
  keys: ['directory'],
  access: ['directory'],
  sessions: ['directory'],
  mapping: ['directory'],
  'mapping-modules': ['mapping'],
  provisioning: ['directory', 'mapping', 'access', 'saml'],
  'sign-in': ['directory', 'provisioning', 'access', 'sessions', 'saml'],
  'set-up': ['directory', 'provisioning', 'access', 'sessions', 'sign-in'],
  'sign-out': ['directory', 'provisioning', 'access', 'saml', 'sign-in'],
  'break-glass': ['directory', 'sessions', 'sign-in'],
  notices: ['directory'],
  replay: ['directory', 'provisioning', 'access', 'saml', 'keys', 'preview', 'sign-in'],
  preview: ['directory', 'provisioning', 'access', 'saml', 'sign-in'],
  admin: ['directory', 'provisioning', 'access', 'saml', 'keys', 'preview', 'replay', 'break-glass'],
  store: ['directory', 'config'],
  config: ['directory'],
  http: [
    'directory',
    'sign-in',
    'set-up',
    'sign-out',
    'break-glass',
    'admin',
    'preview',
    'access',
    'sessions',
    'saml',
    'keys',
    'config',
  ],
  gateway: ['directory', 'access', 'sessions', 'keys', 'http'],
  processes: ['config', 'http', 'log.ts', 'server'],
  cli: ['directory', 'admin', 'config', 'store', 'main.ts', 'server', 'processes', 'demo', 'replay'],
  'test-identity-provider': ['keys'],
  demo: ['directory', 'admin', 'config', 'main.ts', 'server', 'test-identity-provider'],
  'log.ts': ['config', 'http'],
  'main.ts': ['directory', 'admin', 'config', 'gateway', 'keys', 'mapping-modules', 'random.ts', 'store'],
  server: '*',
}

const anyFile = new Set(['errors.ts', 'nearest-name.ts', 'package-root.ts'])
const files = readdirSync(join(root, 'src'), { recursive: true }).filter((f) => f.endsWith('.ts'))
const importPattern =
  /^\s*(?:import|export)\b[^'"]*?from\s+['"](\.[^'"]+)['"]|^\s*import\s+['"](\.[^'"]+)['"]|import\(\s*['"](\.[^'"]+)['"]/gm
const problems = []
const graph = new Map()

const folderOf = (file) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : file)

for (const file of files) {
  const text = readFileSync(join(root, 'src', file), 'utf8')
  const targets = []
  for (const match of text.matchAll(importPattern)) {
    const specifier = match[1] ?? match[2] ?? match[3]
    const target = normalize(join(dirname(file), specifier))
    if (!match[0].includes('import type') && !match[0].includes('export type')) targets.push(target)
    const [from, to] = [folderOf(file), folderOf(target)]
    const allowed = arrows[from]
    if (from === to || anyFile.has(to) || allowed === '*') continue
    if (allowed === undefined) {
      if (!anyFile.has(from)) problems.push(`src/${file}: the folder ${from} has no entry in tools/check-imports.mjs`)
    } else if (!allowed.includes(to)) problems.push(`src/${file}: ${from} must not import from ${to} (${specifier})`)
  }
  graph.set(file, targets)
}

const done = new Set()
function findCycle(file, path) {
  if (path.includes(file)) problems.push(`cycle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`)
  else if (!done.has(file)) for (const target of graph.get(file) ?? []) findCycle(target, [...path, file])
  done.add(file)
}
for (const file of files) findCycle(file, [])

if (problems.length > 0) {
  console.error([...new Set(problems)].join('\n'))
  process.exit(1)
}
console.log(`imports: ${files.length} files, every arrow allowed, no cycle`)
