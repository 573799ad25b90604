import type { Logger } from 'pino'
import { dangerousSwitches } from '../admin/dangerous-switches.ts'
import type { Directory } from '../directory/directory.ts'
import type { MappingModules } from '../mapping-modules/mapping-modules.ts'

/** Said again at each start, so that what was meant to be short does not stay for good. */
export async function warnOfDangerousSwitches(directory: Directory, log: Logger): Promise<void> {
  for (const connection of await directory.listConnections()) {
    for (const { setting, message } of dangerousSwitches(connection)) {
      log.warn({ connection: connection.id, setting }, message)
    }
  }
}

/** A connection whose module is gone refuses everybody: said at once, not by the first person. */
export async function warnOfUnknownModules(
  directory: Directory,
  { names }: MappingModules,
  log: Logger,
): Promise<void> {
  for (const { id, settings } of await directory.listConnections()) {
    const { mappingModule } = settings
    if (mappingModule === undefined || names.includes(mappingModule)) continue
    log.warn({ connection: id, mappingModule }, 'the mapping module of a connection is not among mappingModules')
  }
}
