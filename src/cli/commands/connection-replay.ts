import type { CommandResult } from '../../admin/commands.ts'
import { LatchkeyError } from '../../errors.ts'
import { startSum, summaryText } from '../../replay/summarize.ts'
import { type CliCommand, type CliContext, positional, textFlag } from '../cli-command.ts'
import { startProgress } from '../progress.ts'
import { textTable } from '../text-table.ts'
import { readLimit } from './account-list.ts'
import { settingsOf } from './connection-flags.ts'
import { type Draft, readDraft } from './read-draft.ts'

type Page = CommandResult<'connection.replay'>
type Change = Page['changes'][number]

export const connectionReplay: CliCommand = {
  words: 'connection replay',
  summary: 'Says what the last sign-in of each person would have done under a draft. Writes nothing.',
  positionals: [{ name: 'ID', description: 'The connection.' }],
  flags: {
    draft: {
      type: 'string',
      value: 'FILE',
      description:
        'A configuration as `latchkey export` writes a connection; what is left out stays as stored, what `settings` leave out has its default.',
    },
    'stored-draft': { type: 'boolean', description: 'By the draft that waits (`latchkey connection draft`).' },
    set: {
      type: 'string',
      value: 'SETTING=VALUE',
      multiple: true,
      description: 'A setting as it would be, its value as YAML.',
    },
    limit: { type: 'string', value: 'NUMBER', description: 'How many people are listed; 100 when not given.' },
  },
  settings: 'storage',
  examples: [
    'latchkey connection replay company-a --draft new.yaml',
    'latchkey connection replay company-a --set idpManagedRoles=false -o json',
  ],
  run: async (given, { administer, readInput }) => {
    const id = positional(given, 0)
    const change = settingsOf(given)
    const draft = given.flags['stored-draft'] === true ? 'stored' : draftOf(textFlag(given, 'draft'), change, readInput)
    const { limit = 100 } = readLimit(textFlag(given, 'limit'))
    const { summary, changes } = await replayAll(id, draft, administer)
    const listed = changes.slice(0, limit)
    const result = { connection: id, summary, changes: listed, notListed: changes.length - listed.length }
    const more = result.notListed > 0 ? [`… and ${result.notListed} more (--limit).`] : []
    const unreadable =
      summary.unreadable > 0 ? [`${summary.unreadable} could not be read: they were sealed under another secret.`] : []
    const table = listed.length > 0 ? [textTable(['account', 'what', 'detail'], listed.flatMap(rowsOf), '')] : []
    return { result, text: [summaryText(summary), ...unreadable, ...table, ...more].join('\n\n') }
  },
}

function draftOf(
  path: string | undefined,
  change: Readonly<Record<string, unknown>>,
  readInput: CliContext['readInput'],
): Draft {
  const hasChange = Object.keys(change).length > 0
  if (path === undefined && !hasChange) {
    const wanted = 'one of --draft, --stored-draft, --set'
    throw new LatchkeyError('input_invalid', { check: 'draft', wanted, arrived: 'none' })
  }
  return { ...(path === undefined ? {} : readDraft(path, readInput)), ...(hasChange ? { change } : {}) }
}

/** Page by page, so that the work can be watched and no answer is endless. */
async function replayAll(id: string, draft: Draft | 'stored', administer: CliContext['administer']) {
  const progress = startProgress(process.stderr)
  const sum = startSum()
  const changes: Change[] = []
  let done = 0
  for (let after: string | undefined, isLast = false; !isLast; ) {
    const page: Page = await administer('connection.replay', { id, draft, ...(after === undefined ? {} : { after }) })
    sum.add(page)
    changes.push(...page.changes)
    done += page.people
    progress.show(done, page.total)
    after = page.next
    isLast = after === undefined
  }
  progress.end()
  return { summary: sum.summary(), changes }
}

function rowsOf(change: Change): readonly (readonly string[])[] {
  const whats: readonly (readonly [string, string | undefined])[] = [
    ['refused', change.refusedWith],
    ['no longer refused', change.admittedAfter],
    ['loses', change.loses.join(', ') || undefined],
    ['gains', change.gains.join(', ') || undefined],
    ['other values', change.fields.join(', ') || undefined],
    ['asked for', change.asked?.join(', ')],
    ['renamed', change.newUsername],
    ['account', change.otherAccount === true ? 'another or a new one' : undefined],
    ['state', change.state],
    ['ends', change.ends === true ? 'at another time' : undefined],
  ]
  return whats.flatMap(([what, detail]) =>
    detail === undefined ? [] : [[change.username || change.accountId, what, detail]],
  )
}
