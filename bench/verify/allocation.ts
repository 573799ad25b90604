import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Kilobytes one validation allocates, on the heap and beside it. */
export interface Allocation {
  readonly ours: number
  readonly nodeSaml: number
}

/** Measured in a process whose young generation is so large that nothing is collected while a batch runs. */
export function measureAllocation(): Allocation {
  const program = fileURLToPath(new URL('./allocation-process.js', import.meta.url))
  const flags = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128']
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, program], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`allocation-process failed: ${stderr}`)
  return JSON.parse(stdout) as Allocation
}
