import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'

export const organizationCreate: CliCommand = {
  words: 'organization create',
  summary: 'Creates an organization: a customer, who owns connections, accounts and roles.',
  positionals: [{ name: 'ID', description: 'Lower-case letters, digits and dashes; never changed later.' }],
  flags: { name: { type: 'string', value: 'TEXT', description: 'Name for people; the ID when not given.' } },
  settings: 'storage',
  examples: ['latchkey organization create company-a --name "Company A"'],
  run: async (given, { administer }) => {
    const result = await administer('organization.create', {
      id: positional(given, 0),
      ...optional('name', textFlag(given, 'name')),
    })
    return { result, text: `Created organization ${result.id}. Next: latchkey connection add` }
  },
}
