import { DatabaseError, type Pool, type PoolClient } from 'pg'
import { LatchkeyError } from '../errors.ts'
import { copyTable } from './move/copy-table.ts'
import { measureTable, type TableMeasure } from './move/measure-table.ts'
import { copySequences } from './move/sequences.ts'
import { readTables, type Table } from './move/tables.ts'
import { toStorageError } from './storage-error.ts'

/**
 * Moves everything from one database into another, empty one: from the embedded one to a server above all. It knows no
 * table by name; the catalog says which there are and in which order. Both sides must have had the same migrations.
 *
 * The source is read in one snapshot. The target is written in one transaction, which is committed only when every table
 * has the same number of rows and the same checksum on both sides: it holds all or nothing. Memory stays bounded.
 */
export interface MoveStorageOptions {
  readonly from: Pool
  readonly to: Pool
  /** Called with each table when it has been copied and compared. */
  readonly onTable?: (moved: MovedTable) => void
}

export interface MovedTable extends TableMeasure {
  readonly table: string
}

/** So that both sides write a value as the same text, and a long copy is not cut off. */
const sessionSettings = `
  set local timezone = 'UTC';
  set local datestyle = 'ISO, YMD';
  set local intervalstyle = 'postgres';
  set local bytea_output = 'hex';
  set local extra_float_digits = 1;
  set local statement_timeout = 0;
  set local idle_in_transaction_session_timeout = 0`

/**
 * Throws `storage_version_unsupported` when the two have different tables, `storage_not_empty` when the target holds
 * anything, `storage_mismatch` when the copy is not equal to its source, `storage_unavailable`. Then nothing was moved.
 */
export async function moveStorage({ from, to, onTable }: MoveStorageOptions): Promise<readonly MovedTable[]> {
  const moved = await inTransaction(from, 'begin isolation level repeatable read read only', (source) =>
    inTransaction(to, 'begin', (target) => moveAll(source, target, onTable)),
  )
  await to.query('analyze')
  return moved
}

async function moveAll(
  source: PoolClient,
  target: PoolClient,
  onTable: MoveStorageOptions['onTable'],
): Promise<readonly MovedTable[]> {
  const tables = await readTables(source)
  checkSameTables(tables, await readTables(target))
  await checkSameMigrations(source, target)
  for (const table of tables) await checkEmpty(target, table)
  await target.query('set constraints all deferred')
  for (const table of tables) await copyTable(source, target, table)
  await target.query('set constraints all immediate')
  await copySequences(source, target)
  const moved: MovedTable[] = []
  for (const table of tables) {
    const measure = await compareTable(source, target, table)
    moved.push({ table: table.name, ...measure })
    onTable?.({ table: table.name, ...measure })
  }
  return moved
}

function checkSameTables(wanted: readonly Table[], arrived: readonly Table[]): void {
  const describe = (tables: readonly Table[]) =>
    tables.map(({ name, columns }) => `${name}(${columns.map((column) => `${column.name} ${column.type}`).join(', ')})`)
  const [here, there] = [new Set(describe(wanted)), new Set(describe(arrived))]
  const missing = [...here].filter((table) => !there.has(table))
  const unknown = [...there].filter((table) => !here.has(table))
  if (missing.length + unknown.length === 0) return
  throw new LatchkeyError('storage_version_unsupported', {
    check: 'tables',
    wanted: missing.join('; ') || 'none besides',
    arrived: unknown.join('; ') || 'not there',
    advice: 'Give the target a database of its own and let one version of Latchkey bring both up to date.',
  })
}

async function checkSameMigrations(source: PoolClient, target: PoolClient): Promise<void> {
  const read = async (client: PoolClient) => {
    const { rows } = await client.query<{ name: string; checksum: string }>(
      'select name, checksum from schema_migration order by name',
    )
    return rows.map(({ name, checksum }) => `${name} ${checksum.slice(0, 12)}`).join(', ')
  }
  const [wanted, arrived] = [await read(source), await read(target)]
  if (wanted !== arrived)
    throw new LatchkeyError('storage_version_unsupported', { check: 'migrations', wanted, arrived })
}

async function checkEmpty(target: PoolClient, table: Table): Promise<void> {
  await target.query(`lock table ${table.sqlName} in exclusive mode`)
  const { rows } = await target.query(`select from ${table.sqlName} limit 1`)
  if (rows.length > 0) throw new LatchkeyError('storage_not_empty', { check: 'rows', wanted: 'none', at: table.name })
}

async function compareTable(source: PoolClient, target: PoolClient, table: Table): Promise<TableMeasure> {
  const [wanted, arrived] = [await measureTable(source, table), await measureTable(target, table)]
  if (wanted.rows === arrived.rows && wanted.checksum === arrived.checksum) return arrived
  const describe = ({ rows, checksum }: TableMeasure) => `${rows} rows, checksum ${checksum}`
  throw new LatchkeyError('storage_mismatch', {
    check: 'row count and checksum',
    wanted: describe(wanted),
    arrived: describe(arrived),
    at: table.name,
  })
}

/** Commits when the work succeeds, else rolls back. */
async function inTransaction<T>(pool: Pool, begin: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let finished = false
  try {
    await client.query(begin)
    await client.query(sessionSettings)
    const result = await work(client)
    await client.query('commit')
    finished = true
    return result
  } catch (error) {
    throw toMoveError(error)
  } finally {
    client.release(!finished) // a connection that is closed rolls back
  }
}

/** What the target does not take, a reference that leads nowhere for example, cannot become equal to its source. */
function toMoveError(error: unknown): unknown {
  const fault = toStorageError(error)
  if (!(fault instanceof DatabaseError)) return fault
  const { code, constraint, table } = fault
  const arrived = [code, constraint].filter(Boolean).join(' ')
  return new LatchkeyError('storage_mismatch', { check: 'copy', arrived, at: table ?? '' }, { cause: error })
}
