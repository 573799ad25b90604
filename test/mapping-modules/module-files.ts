import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMappingModules, type MappingModules } from '../../src/mapping-modules/mapping-modules.ts'
import { makeTemporaryFolder, removeTemporaryFolder } from '../support/temporary-folder.ts'

/** Far more than anything takes that ends at all, on a machine that has much else to do. */
const patient = { milliseconds: 30_000, megabytes: 64 }

interface Cleanup {
  after(work: () => void | Promise<void>): void
}

/** Writes modules as an operator would. Gives their paths. */
export function writeModules(t: Cleanup, sources: Readonly<Record<string, string>>) {
  const folder = makeTemporaryFolder('modules')
  t.after(() => removeTemporaryFolder(folder))
  return Object.entries(sources).map(([name, source]) => {
    const path = join(folder, `${name}.mjs`)
    writeFileSync(path, source)
    return { name, path }
  })
}

export function openModules(
  t: Cleanup,
  sources: Readonly<Record<string, string>>,
  limits: Partial<typeof patient> = {},
): MappingModules {
  const modules = createMappingModules(writeModules(t, sources), { ...patient, ...limits })
  t.after(() => modules.close())
  return modules
}
