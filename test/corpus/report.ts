import { type CorpusCase, unknownNeeds } from './corpus-case.ts'
import type { Verdict } from './judge.ts'
import type { MetadataResult } from './metadata.ts'
import type { Outcome } from './run-case.ts'

export interface CaseResult {
  readonly entry: CorpusCase
  readonly outcome: Outcome
  readonly verdict: Verdict
}

/** Prints a line a case, then the counts, then whatever fails the run. Returns whether nothing does. */
export function printResults(results: readonly CaseResult[], problems: readonly string[]): boolean {
  const width = Math.max(4, ...results.map(({ entry }) => entry.id.length))
  console.log(`${'case'.padEnd(width)}  expected         verdict  outcome`)
  for (const { entry, outcome, verdict } of results) {
    const expected = `${entry.expect} ${entry.confidence}`.padEnd(15)
    console.log(`${entry.id.padEnd(width)}  ${expected}  ${verdict.is.padEnd(7)}  ${describeOutcome(outcome)}`)
  }
  printCounts(results)
  printNeeds(results)
  for (const problem of problems) console.log(`\nnot understood: ${problem}`)
  const failures = results.filter(({ verdict }) => verdict.failure !== undefined)
  for (const failure of failures) printFailure(failure)
  return failures.length === 0 && problems.length === 0
}

function describeOutcome(outcome: Outcome): string {
  if (outcome.is === 'accepted') return `accepted ${outcome.nameId ?? 'without a NameID'}`
  return outcome.is === 'refused' ? `refused ${outcome.code}` : outcome.is
}

function countBy<T>(items: readonly T[], nameOf: (item: T) => string): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1)
  return [...counts].sort(([, one], [, other]) => other - one)
}

function printCounts(results: readonly CaseResult[]): void {
  const verdicts = countBy(results, ({ verdict }) => verdict.is).map(([name, count]) => `${count} ${name}`)
  console.log(`\n${results.length} cases: ${verdicts.join(', ')}`)
  const attacks = results.filter(({ entry }) => entry.attack)
  const passed = attacks.filter(({ outcome }) => outcome.is === 'accepted')
  console.log(`${attacks.length} attacks: ${passed.length} pass`)
  for (const [name, part] of byExpectation(results)) {
    console.log(`\n${name}: ${part.length}`)
    for (const [outcome, count] of countBy(part, outcomeKind)) {
      console.log(`${String(count).padStart(6)}  ${outcome}`)
    }
  }
}

function byExpectation(results: readonly CaseResult[]): readonly (readonly [string, readonly CaseResult[]])[] {
  const names = countBy(results, ({ entry }) => `${entry.expect}, ${entry.confidence}`).map(([name]) => name)
  return names.map((name) => [name, results.filter(({ entry }) => `${entry.expect}, ${entry.confidence}` === name)])
}

/** With the reason, where a refusal of what was expected to be accepted is a decision. */
function outcomeKind({ entry, outcome }: CaseResult): string {
  if (outcome.is !== 'refused') return outcome.is
  const reason = entry.expect === 'accept' && outcome.policy !== undefined ? `: ${outcome.policy}` : ''
  return `refused ${outcome.code}${reason}`
}

function printNeeds(results: readonly CaseResult[]): void {
  for (const [name, count] of countBy(
    results.flatMap(({ entry }) => unknownNeeds(entry)),
    (need) => need,
  )) {
    console.log(`\n${count} cases need "${name}", which has no meaning here and was passed over`)
  }
}

function printFailure({ entry, outcome, verdict }: CaseResult): void {
  const why = outcome.is === 'accepted' ? '' : `\n  ${outcome.why}`
  console.log(`\nFAILS ${entry.id}: ${verdict.failure}`)
  console.log(`  ${entry.file}\n  ${entry.kind}: ${entry.reason}\n  ${describeOutcome(outcome)}${why}`)
}

/** Prints a line a file. Returns false only when reading one crashed: what is in a file is for its reader to judge. */
export function printMetadata(results: readonly MetadataResult[]): boolean {
  console.log('\nmetadata')
  for (const { file, verdict, is, outcome } of results)
    console.log(`  ${is.padEnd(8)} ${verdict.padEnd(8)} ${file}\n    ${outcome}`)
  const counts = countBy(results, ({ is }) => is).map(([name, count]) => `${count} ${name}`)
  console.log(`${results.length} files: ${counts.join(', ')}`)
  return results.every(({ crashed }) => !crashed)
}
