import { z } from 'zod'
import type { Application } from '../directory/application.ts'
import type { Administration } from './administration.ts'
import { parseInput } from './parse-input.ts'

export const listApplicationsInput = z.strictObject({})

export async function listApplications(
  input: z.input<typeof listApplicationsInput>,
  deps: Administration,
): Promise<readonly Application[]> {
  parseInput(listApplicationsInput, input)
  return deps.directory.listApplications()
}
