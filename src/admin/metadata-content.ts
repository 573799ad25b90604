import { randomUUID } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { LatchkeyError } from '../errors.ts'
import type { OpenMetadata } from '../saml/metadata/read-metadata.ts'

/** Metadata that is at hand: it can be read from its beginning as often as needed, and takes up little memory. */
export interface MetadataContent {
  readonly open: OpenMetadata
  close(): Promise<void>
}

const partBytes = 64 * 1024
/** More than this is kept in a file. */
const memoryBytes = 1024 * 1024

export function contentOfText(text: string): MetadataContent {
  return contentOfBytes(Buffer.from(text))
}

function contentOfBytes(bytes: Uint8Array): MetadataContent {
  return {
    async *open() {
      yield bytes
    },
    close: async () => {},
  }
}

/** A file where an administrator's command runs. Throws `input_invalid`. */
export async function contentOfFile(path: string): Promise<MetadataContent> {
  const handle = await openFile(path)
  if ((await handle.stat()).isFile()) return contentOfHandle(handle)
  await handle.close()
  throw unreadable(path, 'something that is no file')
}

async function openFile(path: string): Promise<FileHandle> {
  if (!isAbsolute(path)) throw unreadable(path, 'a path that is not absolute')
  try {
    return await open(path, 'r')
  } catch (cause) {
    throw unreadable(path, codeOf(cause), cause)
  }
}

function unreadable(at: string, arrived: string, cause?: unknown): LatchkeyError {
  const advice = 'Where a server has the database open, it reads the file: its user must be allowed to.'
  return new LatchkeyError(
    'input_invalid',
    { check: 'metadata file', wanted: 'a file', arrived, at, advice },
    { cause },
  )
}

function contentOfHandle(handle: FileHandle): MetadataContent {
  return {
    async *open() {
      for (let position = 0; ; ) {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(partBytes), 0, partBytes, position)
        if (bytesRead === 0) return
        position += bytesRead
        yield buffer.subarray(0, bytesRead)
      }
    },
    close: () => handle.close(),
  }
}

/**
 * Keeps what arrives: a little in memory, much in a file without a name that vanishes with the process. Throws
 * `metadata_too_large`, and what the parts throw.
 */
export async function keepContent(
  parts: AsyncIterable<Uint8Array>,
  { maxBytes, at }: { readonly maxBytes: number; readonly at: string },
): Promise<MetadataContent> {
  const memory = Buffer.alloc(memoryBytes)
  let size = 0
  let file: FileHandle | undefined
  try {
    for await (const part of parts) {
      size += part.byteLength
      if (size > maxBytes) throw tooLarge({ check: 'size', wanted: `at most ${maxBytes} bytes`, arrived: 'more', at })
      if (size <= memoryBytes) {
        memory.set(part, size - part.byteLength)
        continue
      }
      if (file === undefined) {
        file = await openNameless(at)
        await file.appendFile(memory.subarray(0, size - part.byteLength))
      }
      await file.appendFile(part)
    }
  } catch (error) {
    await file?.close()
    throw error
  }
  return file === undefined ? contentOfBytes(memory.subarray(0, size)) : contentOfHandle(file)
}

async function openNameless(at: string): Promise<FileHandle> {
  const path = join(tmpdir(), `latchkey-${randomUUID()}`)
  try {
    const handle = await open(path, 'wx+', 0o600)
    await unlink(path)
    return handle
  } catch (cause) {
    const advice = 'Large metadata needs a folder for temporary files: set TMPDIR.'
    const detail = { check: 'temporary file', wanted: `a file in ${tmpdir()}`, arrived: codeOf(cause), at, advice }
    throw tooLarge(detail, cause)
  }
}

function tooLarge(detail: LatchkeyError['detail'], cause?: unknown): LatchkeyError {
  return new LatchkeyError('metadata_too_large', detail, { cause })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'an error'
}
