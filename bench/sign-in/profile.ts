import { type Profiler, Session } from 'node:inspector/promises'

/** Where the main thread's time goes, as a CPU profile shows it: each sample counts for the nearest caller named here. */

/** Name of the part → microseconds. */
export type GroupedMicroseconds = Readonly<Record<string, number>>

/** Part of the address of a script, or name of a pseudo function → what it belongs to. The first that fits. */
const scriptGroups: readonly (readonly [string, string])[] = [
  ['/src/saml/decode-response.js', 'decode'],
  ['/src/saml/verify-response.js', 'verify'],
  ['/bench/sign-in/verify-with-node-saml.js', 'verify'],
  ['/node_modules/@node-saml/', 'verify'],
  ['/node_modules/xml-crypto/', 'verify'],
  ['/node_modules/@xmldom/', 'verify'],
  ['/node_modules/xml2js/', 'verify'],
  ['/node_modules/sax/', 'verify'],
  ['/src/provisioning/map-subject.js', 'map'],
  ['/src/provisioning/plan-provisioning.js', 'plan'],
  ['/src/provisioning/apply-plan.js', 'read and apply: the database client'],
  ['/src/store/', 'read and apply: the database client'],
  ['/node_modules/pg', 'read and apply: the database client'],
  ['/src/sign-in/', 'other steps, trace'],
  ['/node_modules/pino/', 'logging'],
  ['/node_modules/sonic-boom/', 'logging'],
  ['/node_modules/prom-client/', 'metrics'],
  ['/src/http/', 'HTTP'],
  ['/node_modules/fastify/', 'HTTP'],
  ['/node_modules/find-my-way/', 'HTTP'],
  ['/node_modules/avvio/', 'HTTP'],
  ['node:_http', 'HTTP'],
  ['node:http', 'HTTP'],
]
const pseudoGroups: ReadonlyMap<string, string> = new Map([
  ['(idle)', 'idle'],
  ['(garbage collector)', 'garbage collection'],
])
const unnamed = 'Node.js: sockets, timers, native code'

/** Begins to sample; the function it gives ends that. */
export async function startProfile(): Promise<() => Promise<GroupedMicroseconds>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 200 })
  await session.post('Profiler.start')
  return async () => {
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    return groupSamples(profile)
  }
}

function groupSamples({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): GroupedMicroseconds {
  const groups = groupNodes(nodes)
  const sums: Record<string, number> = {}
  for (const [index, node] of samples.entries()) {
    const group = groups.get(node) ?? unnamed
    sums[group] = (sums[group] ?? 0) + (timeDeltas[index + 1] ?? 0)
  }
  delete sums.idle
  return sums
}

/** Node of the call tree → group, inherited from the caller where it has none. Callers stand before whom they call. */
function groupNodes(nodes: readonly Profiler.ProfileNode[]): ReadonlyMap<number, string> {
  const groups = new Map<number, string>()
  for (const { id, callFrame, children = [] } of nodes) {
    const group = groupOf(callFrame) ?? groups.get(id)
    if (group === undefined) continue
    groups.set(id, group)
    for (const child of children) groups.set(child, group)
  }
  return groups
}

function groupOf({ url, functionName }: Profiler.ProfileNode['callFrame']): string | undefined {
  return pseudoGroups.get(functionName) ?? scriptGroups.find(([part]) => url.includes(part))?.[1]
}
