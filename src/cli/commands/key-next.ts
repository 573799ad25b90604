import type { CliCommand, CliFlag, Given } from '../cli-command.ts'
import { textFlag } from '../cli-command.ts'
import { keysText } from './key-list.ts'

export const purposeFlag: CliFlag = {
  type: 'string',
  value: 'PURPOSE',
  description: '`saml-signing` (when not given), `saml-encryption` or `jwt`.',
}

/** The flag as the command takes it; a value that is none is refused there. */
export function purposeOf(given: Given): { readonly purpose?: 'saml-signing' } {
  const purpose = textFlag(given, 'purpose')
  return purpose === undefined ? {} : { purpose: purpose as 'saml-signing' }
}

export const keyNext: CliCommand = {
  words: 'key next',
  summary: 'Makes the next key of a purpose and publishes it; it is not used before `latchkey key promote`.',
  positionals: [],
  flags: { purpose: purposeFlag },
  settings: 'storage',
  examples: ['latchkey key next', 'latchkey key next --purpose jwt'],
  run: async (given, { administer }) => {
    const result = await administer('key.next', purposeOf(given))
    const todo = 'Let every identity provider read our metadata again, then: latchkey key promote'
    return { result, text: `${keysText(result)}\n\n${todo}` }
  },
}
