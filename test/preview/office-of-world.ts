import type { Administration } from '../../src/admin/administration.ts'
import { type CommandInput, type CommandName, type CommandResult, runCommand } from '../../src/admin/commands.ts'
import { LatchkeyError } from '../../src/errors.ts'
import { previewHeaders } from '../../src/gateway/preview-headers.ts'
import { readContents } from '../admin/office.ts'
import { publicUrl, type SignInWorld } from '../support/sign-in-world.ts'

/** The administrator of a world in which people really sign in. */
export interface WorldOffice {
  readonly deps: Administration
  run<N extends CommandName>(name: N, input: CommandInput<N>): Promise<CommandResult<N>>
  /** Every row of every table. */
  contents(): Promise<string>
}

export function openWorldOffice(world: SignInWorld, now = world.deps.now): WorldOffice {
  const { directory, pool } = world
  const { newId, randomBytes } = world.deps
  const deps: Administration = {
    ...{ directory, now, newId, randomBytes, publicUrl, actor: 'cli' },
    secret: () => Buffer.alloc(32, 3),
    identityHeaders: previewHeaders,
    resolveTxt: async () => [],
    fetchMetadata: async (url) => {
      throw new LatchkeyError('metadata_unreachable', { at: url })
    },
  }
  return {
    deps,
    run: async <N extends CommandName>(name: N, input: CommandInput<N>) =>
      (await runCommand(name, input, deps)) as CommandResult<N>,
    contents: () => readContents(pool),
  }
}
