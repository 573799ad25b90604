import type { CliFlag } from '../cli-command.ts'

/** Whose; may be left out where there is only one. */
export const organizationFlag: Readonly<Record<'organization', CliFlag>> = {
  organization: {
    type: 'string',
    value: 'ID',
    description: 'The organization; not needed where there is only one.',
  },
}
