import { LatchkeyError } from '../../errors.ts'
import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { organizationFlag } from './organization-flag.ts'

export const roleCreate: CliCommand = {
  words: 'role create',
  summary: 'Creates a role of an organization.',
  positionals: [{ name: 'NAME', description: 'Lower-case letters, digits and dashes.' }],
  flags: {
    ...organizationFlag,
    description: { type: 'string', value: 'TEXT', description: 'What it is for.' },
    kind: {
      type: 'string',
      value: 'KIND',
      description: '`application` (the default), or `administration`, which no connection can grant.',
    },
  },
  settings: 'storage',
  examples: ['latchkey role create benefits-manager --description "Approves requests"'],
  run: async (given, { administer }) => {
    const result = await administer('role.create', {
      name: positional(given, 0),
      ...optional('organization', textFlag(given, 'organization')),
      ...optional('description', textFlag(given, 'description')),
      ...kindOf(textFlag(given, 'kind')),
    })
    const next = `Let a connection grant it: latchkey connection set ID --set 'grantableRoles=[${result.name}]'`
    return { result, text: `Created role ${result.name} of ${result.organizationId}. ${next}` }
  },
}

function kindOf(text: string | undefined): { readonly kind?: 'application' | 'administration' } {
  if (text === undefined) return {}
  if (text === 'application' || text === 'administration') return { kind: text }
  throw new LatchkeyError('input_invalid', {
    check: 'kind',
    wanted: 'application or administration',
    arrived: text,
    at: '--kind',
  })
}
