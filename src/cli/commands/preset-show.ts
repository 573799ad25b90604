import { stringify } from 'yaml'
import { findPreset } from '../../admin/presets/fill-preset.ts'
import { type CliCommand, positional } from '../cli-command.ts'
import { textList, textTable } from '../text-table.ts'
import { guideOf } from './preset-list.ts'

export const presetShow: CliCommand = {
  words: 'preset show',
  summary: 'Shows what a preset sets, what its product sends, and what to look out for.',
  positionals: [{ name: 'PRESET', description: 'As `latchkey preset list` names it.' }],
  flags: {},
  settings: 'none',
  examples: ['latchkey preset show okta'],
  run: async (given) => {
    const preset = findPreset(positional(given, 0), 'PRESET')
    const about = textList([
      ['preset', preset.id],
      ['product', preset.product],
      ['NameID', preset.nameId],
      ['signs', preset.signs],
      ['requests', preset.requests],
      ['guide', guideOf(preset.id)],
    ])
    const sends = preset.sends.map(({ attribute, becomes, when }) => [attribute, becomes, when])
    const settings =
      Object.keys(preset.settings).length === 0 ? 'none: the defaults fit' : stringify(preset.settings).trimEnd()
    const text = [
      about,
      textTable(['attribute', 'becomes', 'sent'], sends, ''),
      `Settings, where none are given:\n${settings}`,
      ['Look out:', ...preset.oddities.map((oddity) => `- ${oddity}`)].join('\n'),
    ].join('\n\n')
    return { result: preset, text }
  },
}
