import type { AppliedChange } from '../admin/apply-declaration.ts'
import type { Plain } from '../admin/commands.ts'
import { printable } from './text-table.ts'

type Difference = { readonly path: string; readonly before?: unknown; readonly after?: unknown }

/** `+ role company-a/editor`, `~ connection company-a` with a line for each value that differs. */
export function changeText({ action, kind, id, changes }: Plain<AppliedChange>): string {
  if (action === 'create') return `+ ${kind} ${id}`
  return [`~ ${kind} ${id}`, ...changes.map((change) => differenceText(change))].join('\n')
}

export function differenceText({ path, before, after }: Difference, maxLength = 80): string {
  return `    ${path}: ${valueText(before, maxLength)} → ${valueText(after, maxLength)}`
}

function valueText(value: unknown, maxLength: number): string {
  if (value === undefined) return '(none)'
  const text = printable(JSON.stringify(value))
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text
}
