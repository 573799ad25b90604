import { Readable } from 'node:stream'
import type { ReplayLine } from '../../admin/replay-whole.ts'
import type { Problem } from './problem.ts'

/**
 * Lines of JSON, one a page of people and the result as the last. Refusals before the first line are thrown and answered as any
 * other; what goes wrong later is the last line, `{ "problem": … }`. Whoever goes away ends the work with the page under way.
 */
export async function streamReplay(
  lines: AsyncGenerator<ReplayLine, void, undefined>,
  onFailed: (error: unknown) => Problem,
): Promise<Readable> {
  const first = await lines.next()
  async function* texts(): AsyncGenerator<string, void, undefined> {
    try {
      if (first.done !== true) yield toText(first.value)
      for await (const line of lines) yield toText(line)
    } catch (error) {
      yield toText({ problem: onFailed(error) })
    } finally {
      await lines.return()
    }
  }
  return Readable.from(texts(), { objectMode: false })
}

function toText(line: ReplayLine | { readonly problem: Problem }): string {
  return `${JSON.stringify(line)}\n`
}
