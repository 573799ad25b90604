import type { BreakGlassDependencies, BreakGlassNotice } from '../break-glass/break-glass-dependencies.ts'
import type { HttpDependencies } from './http-dependencies.ts'

/** Where alerting listens: `event` is for ever the same. */
const words: Readonly<Record<BreakGlassNotice['event'], string>> = {
  'break_glass.entered': 'a local administrator broke the glass',
  'break_glass.refused': 'somebody tried to come in as a local administrator, and was refused',
  'break_glass.passkey_registered': 'a passkey was registered for a local administrator',
}

/** What letting a local administrator in needs: each use and each try is a line in the log and a count. */
export function breakGlassOf(deps: HttpDependencies): BreakGlassDependencies {
  const { directory, publicUrl, sessionLimits, onRecordFailed, now, newId, randomBytes, log, metrics } = deps
  return {
    ...deps.breakGlass,
    ...{ directory, publicUrl, sessionLimits, onRecordFailed, now, newId, randomBytes },
    notify(notice) {
      metrics.breakGlassUsed(notice)
      log.warn(notice, words[notice.event])
    },
  }
}
