import type { AppliedChange } from '../admin/apply-declaration.ts'
import type { Plain } from '../admin/commands.ts'
import { printable } from './text-table.ts'

type Difference = { readonly path: string; readonly before?: unknown; readonly after?: unknown }

/** `+ role company-a/editor`, `~ connection company-a` with a line for each value that differs. */
export function changeText({ action, kind, id, changes }: Plain<AppliedChange>): string {
  if (action === 'create') return `+ ${kind} ${id}`
  return [`~ ${kind} ${id}`, ...changes.map(differenceText)].join('\n')
}

export function differenceText({ path, before, after }: Difference): string {
  return `    ${path}: ${valueText(before)} → ${valueText(after)}`
}

function valueText(value: unknown): string {
  if (value === undefined) return '(none)'
  const text = printable(JSON.stringify(value))
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
