import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from './finding.ts'
import { type InputSource, makeInput } from './inputs.ts'

/** Writes a folder with all that is needed to see it again, in the form of a fixture where it is a message. */
export function saveFinding(
  work: { seed: string; folder: string },
  source: InputSource,
  index: number,
  found: Finding,
): void {
  const { input } = makeInput(source, index)
  const folder = join(work.folder, `${index}-${found.problem.replaceAll(/\W+/g, '-')}`)
  mkdirSync(folder, { recursive: true })
  const { kind, message } = input
  const about = {
    problem: found.problem,
    kind,
    repeat: `npm run fuzz -- --seed ${work.seed} --only ${index}`,
    base: message?.name,
  }
  writeFileSync(join(folder, 'about.json'), `${JSON.stringify(about, null, 2)}\n`)
  writeFileSync(join(folder, 'response.xml'), input.xml)
  for (const [name, text] of Object.entries(found.evidence)) writeFileSync(join(folder, `${name}.txt`), text)
  if (message === undefined) return
  const { signingKeys, ...trust } = message.trust
  const settings = { ...trust, signingKeys: signingKeys.map(({ fingerprint }) => fingerprint), now: message.now }
  writeFileSync(join(folder, 'settings.json'), `${JSON.stringify(settings, null, 2)}\n`)
  for (const [name, file] of message.keyFiles) cpSync(file, join(folder, `${name}.pem`))
}
