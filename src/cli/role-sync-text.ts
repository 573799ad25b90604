import type { Plain } from '../admin/commands.ts'
import type { RoleSyncEffect } from '../replay/role-sync-effect.ts'
import { textTable } from './text-table.ts'

/** Whom it concerns that a connection keeps roles otherwise. */
export function roleSyncText(effect: Plain<RoleSyncEffect>): string {
  const { connection, from, to, losing, gaining, atRisk, replayed, people } = effect
  const heading = `Roles of connection ${connection} are kept otherwise: ${from} → ${to}.`
  const told = [
    ...line(losing, losing === 1 ? 'loses roles or access' : 'lose roles or access', effect.lost),
    ...line(atRisk, 'may lose roles unless they arrive: what they last sent is not kept', effect.mayBeLost),
    ...line(gaining, gaining === 1 ? 'gains roles' : 'gain roles', effect.gained),
    ...(losing + atRisk + gaining === 0 ? ['  Nobody loses or gains a role.'] : []),
    `  Asked again: the last sign-ins of ${countText(replayed)}.`,
  ]
  const rows = people.flatMap(({ username, loses, gains, mayLose, refusedWith }) => [
    ...(refusedWith === undefined ? [] : [[username, 'refused', refusedWith]]),
    ...loses.map((name) => [username, 'loses', name]),
    ...mayLose.map((name) => [username, 'may lose', name]),
    ...gains.map((name) => [username, 'gains', name]),
  ])
  const table = rows.length === 0 ? [] : [textTable(['who', '', 'role'], rows, '')]
  return [heading, ...told, ...table].join('\n')
}

function countText(count: number): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? 'person' : 'people'}`
}

function line(people: number, what: string, counts: Readonly<Record<string, number>>): readonly string[] {
  return people === 0 ? [] : [`  ${countText(people)} ${what}${namesText(counts)}`]
}

/** ` (manager 3, employee 1)` */
function namesText(counts: Readonly<Record<string, number>>): string {
  const named = Object.entries(counts).map(([name, count]) => `${name} ${count.toLocaleString('en-US')}`)
  return named.length === 0 ? '' : ` (${named.join(', ')})`
}
