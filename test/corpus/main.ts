import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CorpusError, readIndex } from './corpus-case.ts'
import { judge } from './judge.ts'
import { runMetadata } from './metadata.ts'
import { printMetadata, printResults } from './report.ts'
import { runCase } from './run-case.ts'

/**
 * `npm run corpus -- DIR`: runs messages and metadata that others published through the public functions of `latchkey/saml`
 * and compares with what each must give. The folder's `index.json` describes the cases (`corpus-case.ts`).
 *
 * Exit code 0: no attack passes, no forbidden subject comes out, and every message that must be accepted is accepted or
 * refused for a reason that is a decision (`policy-codes.ts`). 1: otherwise. 2: the folder cannot be used.
 */
async function main(folder: string | undefined): Promise<number> {
  if (folder === undefined) throw new CorpusError('usage: npm run corpus -- DIR, a folder with an index.json')
  const { cases, problems } = readIndex(folder)
  const results = cases.map((entry) => {
    const outcome = runCase(folder, entry)
    return { entry, outcome, verdict: judge(entry, outcome) }
  })
  const casesGood = printResults(results, problems)
  const metadata = join(folder, 'metadata')
  return (existsSync(metadata) ? printMetadata(await runMetadata(metadata, new Date())) : true) && casesGood ? 0 : 1
}

try {
  process.exitCode = await main(process.argv[2])
} catch (error) {
  if (!(error instanceof CorpusError)) throw error
  console.error(error.message)
  process.exitCode = 2
}
