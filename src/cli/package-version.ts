import { readFileSync } from 'node:fs'
import { packageRoot } from '../package-root.ts'

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8'))
  return String(version)
}
