import { readFileSync } from 'node:fs'
import { LatchkeyError } from '../errors.ts'
import { readSettings, type SettingSources } from './read-settings.ts'
import type { Settings } from './settings.ts'

/** Read from the working directory when it is there and no other is named. */
const usualFile = 'latchkey.yaml'

/**
 * Settings from the real environment and files: `--config FILE`, `LATCHKEY_CONFIG`, or `latchkey.yaml` in the working
 * directory. Throws `configuration_invalid`.
 */
export function loadSettings({ flags }: Pick<SettingSources, 'flags'>): Settings {
  const environment = process.env
  const { config, ...settingFlags } = flags
  const named = config === undefined ? environment.LATCHKEY_CONFIG : String(config)
  const file = named ? readNamed(named) : readUsual()
  const readFile = (path: string) => readFileSync(path, 'utf8')
  return readSettings({ flags: settingFlags, environment, readFile, ...(file ? { file } : {}) })
}

function readNamed(path: string): SettingSources['file'] {
  try {
    return { path, text: readFileSync(path, 'utf8') }
  } catch (cause) {
    const arrived = cause instanceof Error && 'code' in cause ? String(cause.code) : 'a file that cannot be read'
    throw new LatchkeyError(
      'configuration_invalid',
      { check: 'config', wanted: 'a file that can be read', arrived, at: path },
      { cause },
    )
  }
}

function readUsual(): SettingSources['file'] {
  try {
    return { path: usualFile, text: readFileSync(usualFile, 'utf8') }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    return readNamed(usualFile)
  }
}
