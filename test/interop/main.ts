import { type Check, checks } from './checks.ts'
import type { Product } from './identity-provider.ts'
import { startInteropWorlds } from './interop-world.ts'
import { lemonldap } from './lemonldap.ts'
import { samlp } from './samlp.ts'
import { simplesamlphp } from './simplesamlphp.ts'
import { isGood, type Outcome, type Row, writeTable } from './table.ts'

/**
 * `npm run interop -- WORDS…`: each check with each product, a line for each and a table at the end; words choose products
 * and checks. Exit code 0 when all passed that the product can pass.
 */
const products: readonly Product[] = [simplesamlphp, lemonldap, samlp]

type WorldOf = Awaited<ReturnType<typeof startInteropWorlds>>

/** All checks with one product, which is started once. */
async function tryAll(product: Product, wanted: readonly Check[]): Promise<Row> {
  const cleanups: (() => Promise<void>)[] = []
  const settings = wanted.map(({ name, encrypt = false, artifact = false }) => ({
    organization: organizationFor(name),
    encrypt,
    artifact,
  }))
  const starting = startInteropWorlds({ after: (work) => cleanups.unshift(work) }, product, settings)
  const worldOf: WorldOf = async (organization) => (await starting)(organization)
  const outcomes: Record<string, Outcome> = {}
  try {
    for (const check of wanted) outcomes[check.name] = await timed(product, check, worldOf)
  } finally {
    await starting.catch(() => undefined)
    for (const work of cleanups) await work()
  }
  return { product: product.name, outcomes }
}

const organizationFor = (check: string) => check.replaceAll(' ', '-')

async function timed(product: Product, check: Check, worldOf: WorldOf): Promise<Outcome> {
  const began = performance.now()
  const outcome = await tryOut(product, check, worldOf)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`${product.name}, ${check.name}: ${outcome.kind} (${seconds} s)`)
  return outcome
}

async function tryOut(product: Product, check: Check, worldOf: WorldOf): Promise<Outcome> {
  const reason = product.cannot?.[check.name]
  if (reason !== undefined) return { kind: 'cannot', reason }
  try {
    await check.run(await worldOf(organizationFor(check.name)))
    return { kind: 'pass' }
  } catch (error) {
    console.error(error)
    return { kind: 'fail', reason: String(error).split('\n', 1)[0] ?? '' }
  }
}

function chosen<Thing extends { readonly name: string }>(
  things: readonly Thing[],
  words: readonly string[],
): readonly Thing[] {
  const found = things.filter(({ name }) => words.some((word) => name.toLowerCase().includes(word.toLowerCase())))
  return found.length > 0 ? found : things
}

const words = process.argv.slice(2)
const wanted = chosen(checks, words)
const rows: Row[] = []
for (const product of chosen(products, words)) rows.push(await tryAll(product, wanted))
const names = wanted.map(({ name }) => name)
console.log(`\n${writeTable(rows, names)}`)
process.exitCode = isGood(rows, names) ? 0 : 1
