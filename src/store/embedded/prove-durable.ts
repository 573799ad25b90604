import { LatchkeyError } from '../../errors.ts'

/** Something that must reach the disk at commit and leaves nothing behind. */
const testCommit = "select pg_logical_emit_message(true, 'latchkey', 'durability')"

/** Refuses with `storage_not_durable` unless a test commit was seen to bring a file to the disk. */
export async function proveDurable(storage: {
  execute(sql: string): Promise<unknown>
  syncs(): number
}): Promise<void> {
  const before = storage.syncs()
  await storage.execute(testCommit)
  if (storage.syncs() > before) return
  throw new LatchkeyError('storage_not_durable', {
    check: 'test commit',
    wanted: 'at least one file brought to the disk',
    arrived: 'none',
    advice: 'Install exactly the version of @electric-sql/pglite that this version of Latchkey names.',
  })
}
