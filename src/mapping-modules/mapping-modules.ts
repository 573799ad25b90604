import { LatchkeyError } from '../errors.ts'
import type { MappingInput } from '../mapping/mapping-module.ts'
import { type ModuleLimits, startModuleThread } from './module-thread.ts'
import { type ModuleResult, readResult } from './read-result.ts'

/**
 * Mapping modules: the operator's own functions, each in a thread of its own, held to a time and a size. What they say is
 * read as if it came from a stranger. This folder knows no accounts and no assertions; who asks what stands in
 * `provisioning/consult-module.ts`. Start reading here; then `module-thread.ts` (the main side) and `thread.ts` (theirs).
 */
export interface MappingModules {
  /** As the settings name them. */
  readonly names: readonly string[]
  /**
   * Throws `mapping_module_unknown`, `mapping_module_failed`, `mapping_module_timeout`, `mapping_module_result_invalid`.
   */
  ask(name: string, input: MappingInput): Promise<ModuleResult>
  /** Loads every file. Throws `configuration_invalid` for one that is missing or gives no function. */
  load(): Promise<void>
  close(): Promise<void>
}

export interface ModuleFile {
  readonly name: string
  /** Relative to the working directory. */
  readonly path: string
}

/** Nothing is loaded before it is asked for. */
export function createMappingModules(files: readonly ModuleFile[], limits: ModuleLimits): MappingModules {
  const threads = new Map(files.map((file) => [file.name, startModuleThread(file, limits)]))
  return {
    names: files.map(({ name }) => name),
    async ask(name, input) {
      const thread = threads.get(name)
      if (thread === undefined) throw unknown(name, files)
      return readResult(await thread.ask(JSON.stringify(input)), name)
    },
    async load() {
      for (const thread of threads.values()) await thread.load()
    },
    async close() {
      for (const thread of threads.values()) await thread.close()
    },
  }
}

function unknown(name: string, files: readonly ModuleFile[]): LatchkeyError {
  return new LatchkeyError('mapping_module_unknown', {
    check: 'mappingModule',
    wanted: `one of mappingModules: ${files.map((file) => file.name).join(', ') || 'none'}`,
    arrived: name,
    at: 'the settings of this installation',
    advice: 'Name its file in LATCHKEY_MAPPING_MODULES, on every node and for commands.',
  })
}
