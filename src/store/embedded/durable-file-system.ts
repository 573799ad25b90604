import { fdatasyncSync } from 'node:fs'
import type { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

type EngineOptions = Awaited<ReturnType<NodeFS['init']>>['emscriptenOpts']

/** The part of Emscripten's file system driver that we complete. */
interface NodeDriver {
  readonly stream_ops: { fsync?: (stream: { readonly nfd: number }) => number }
  /** Turns an error of Node into the error number the engine expects. */
  tryFSOperation(operation: () => void): void
}

export interface DurableFileSystemOptions {
  /** The engine gave up: nothing it holds may be used any more. */
  readonly onAbort: (reason: string) => void
  /** Brings one open file to the disk. */
  readonly syncFile?: (fileDescriptor: number) => void
}

/**
 * Files on this machine's disk, with a real fsync. Emscripten's driver has none, so that the engine believes it synced
 * what never left the page cache. An error is passed on: PostgreSQL then stops rather than go on with a broken log.
 */
export class DurableFileSystem extends NodeFS {
  /** How many times a file was brought to the disk. */
  syncs = 0
  readonly #options: Required<DurableFileSystemOptions>

  constructor(directory: string, options: DurableFileSystemOptions) {
    super(directory)
    this.#options = { syncFile: fdatasyncSync, ...options }
  }

  override async init(database: PGlite, options: EngineOptions): Promise<{ emscriptenOpts: EngineOptions }> {
    const { emscriptenOpts } = await super.init(database, options)
    const completed = {
      ...emscriptenOpts,
      onAbort: (reason: unknown) => this.#options.onAbort(String(reason)),
      preRun: [emscriptenOpts.preRun ?? [], (engine: object) => this.#completeDriver(engine)].flat(),
    }
    return { emscriptenOpts: completed }
  }

  #completeDriver(engine: object): void {
    if (!hasNodeDriver(engine)) return
    const driver = engine.NODEFS
    driver.stream_ops.fsync = (stream) => {
      driver.tryFSOperation(() => this.#options.syncFile(stream.nfd))
      this.syncs += 1
      return 0
    }
  }
}

/** Without the driver no sync is ever counted, and the start is refused as not durable. */
function hasNodeDriver(engine: object): engine is { readonly NODEFS: NodeDriver } {
  return 'NODEFS' in engine && typeof engine.NODEFS === 'object' && engine.NODEFS !== null
}
