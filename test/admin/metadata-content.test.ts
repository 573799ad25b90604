import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { contentOfFile, contentOfText, keepContent, type MetadataContent } from '../../src/admin/metadata-content.ts'
import { metadataInFile } from '../../src/cli/read-input.ts'
import { forEachDatabase } from '../support/databases.ts'
import { metadataOf, openOffice } from './office.ts'

async function read(content: MetadataContent): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of content.open()) parts.push(part)
  return Buffer.concat(parts)
}

async function* inParts(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000)
}

async function openFolder(t: { after(work: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-test-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

test('what arrives is kept to be read again and again: a little in memory, much in a file nobody can find', async (t) => {
  const before = process.env.TMPDIR
  const folder = await openFolder(t)
  t.after(async () => {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  })
  process.env.TMPDIR = folder
  for (const size of [0, 1000, 1024 * 1024, 3_000_000]) {
    const bytes = randomBytes(size)
    const content = await keepContent(inParts(bytes), { maxBytes: 3_000_000, at: 'here' })
    assert.deepEqual(await readdir(folder), [])
    for (let time = 0; time < 2; time++) assert.ok((await read(content)).equals(bytes))
    await content.close()
    if (size > 1024 * 1024) await assert.rejects(read(content), { code: 'EBADF' })
  }
  const large = inParts(Buffer.alloc(3_000_001))
  await assert.rejects(keepContent(large, { maxBytes: 3_000_000, at: 'here' }), { code: 'metadata_too_large' })
  process.env.TMPDIR = join(folder, 'none')
  const kept = keepContent(inParts(Buffer.alloc(2_000_000)), { maxBytes: 3_000_000, at: 'here' })
  await assert.rejects(kept, (error) => {
    assert.match(JSON.stringify(error), /metadata_too_large.*temporary file.*ENOENT.*TMPDIR/)
    return true
  })
})

test('a file is opened only when it is one, by its whole path', async (t) => {
  const folder = await openFolder(t)
  const path = join(folder, 'metadata.xml')
  await writeFile(path, 'text')
  const content = await contentOfFile(path)
  assert.equal((await read(content)).toString(), 'text')
  await content.close()
  assert.equal((await read(contentOfText('täxt'))).toString(), 'täxt')
  for (const other of [folder, join(folder, 'none'), 'metadata.xml', '/dev/zero']) {
    await assert.rejects(contentOfFile(other), { code: 'input_invalid' })
  }
})

test('a small file is sent as a text, a large one is named', async (t) => {
  const folder = await openFolder(t)
  await writeFile(join(folder, 'small.xml'), 'x')
  await writeFile(join(folder, 'large.xml'), Buffer.alloc(1024 * 1024 + 1))
  const text = (path: string) => `text of ${path}`
  for (const path of [join(folder, 'small.xml'), join(folder, 'none.xml'), '-']) {
    assert.deepEqual(metadataInFile(path, text), { text: `text of ${path}` })
  }
  assert.deepEqual(metadataInFile(join(folder, 'large.xml'), text), { file: join(folder, 'large.xml') })
})

forEachDatabase((kind, open) => {
  test(`a connection is added from a large file, where files may be read (${kind})`, async (t) => {
    const path = join(await openFolder(t), 'federation.xml')
    const entities = Array.from({ length: 600 }, (_, index) => metadataOf(`https://idp-${index}.example`))
    const all = entities.join('\n')
    await writeFile(
      path,
      `<m:EntitiesDescriptor xmlns:m="urn:oasis:names:tc:SAML:2.0:metadata">${all}</m:EntitiesDescriptor>`,
    )
    const office = await openOffice(await open(t))
    await office.run('organization.create', { id: 'company-a' })
    const entityId = 'https://idp-599.example/metadata'
    const input = { id: 'company-a', metadata: { file: path, entityId } }
    const before = await office.contents()
    await assert.rejects(office.run('connection.add', input), { code: 'input_invalid' })
    Object.assign(office.deps, { openFile: contentOfFile })
    const twoSources = { ...input, metadata: { ...input.metadata, text: 'x' } }
    await assert.rejects(office.run('connection.add', twoSources), { code: 'input_invalid' })
    const none = { ...input, metadata: { file: path, entityId: 'https://none.example' } }
    await assert.rejects(office.run('connection.add', none), { code: 'metadata_entity_not_found' })
    assert.equal(await office.contents(), before)
    const { connection } = await office.run('connection.add', input)
    assert.equal(connection.identityProvider.entityId, entityId)
  })
})
