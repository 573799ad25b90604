import { allPresets } from '../../admin/presets/all-presets.ts'
import type { CliCommand } from '../cli-command.ts'
import { textTable } from '../text-table.ts'

export const presetList: CliCommand = {
  words: 'preset list',
  summary: 'Lists the identity provider products that `connection add --preset` knows.',
  positionals: [],
  flags: {},
  settings: 'none',
  examples: ['latchkey preset list'],
  run: async () => {
    const result = allPresets.map(({ id, product }) => ({ id, product, guide: guideOf(id) }))
    const rows = result.map(({ id, product, guide }) => [id, product, guide])
    return { result, text: textTable(['preset', 'product', 'guide'], rows, '') }
  },
}

export function guideOf(id: string): string {
  return `docs/guides/${id}.md`
}
