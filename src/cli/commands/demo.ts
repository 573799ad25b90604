import type { DemoAddresses } from '../../demo/start-demo.ts'
import { LatchkeyError } from '../../errors.ts'
import { type CliCommand, type CliFlag, type Given, type Outcome, textFlag } from '../cli-command.ts'
import { toldToStop } from '../told-to-stop.ts'

const port = (what: string, usual: number): CliFlag => ({
  type: 'string',
  value: 'NUMBER',
  description: `Port of ${what}; ${usual} when not given.`,
})

export const demo: CliCommand = {
  words: 'demo',
  summary: 'Runs Latchkey with a test identity provider and a sample benefits portal, to try a first sign-in.',
  positionals: [],
  flags: {
    check: {
      type: 'boolean',
      description: 'Plays the whole story unattended on a fresh database; exit code 0 if all holds.',
    },
    port: port('Latchkey and its gateway', 4400),
    'identity-provider-port': port('the test identity provider', 4401),
    'portal-port': port('the portal behind the gateway', 4402),
    'data-directory': {
      type: 'string',
      value: 'PATH',
      description: 'Where it keeps everything; .latchkey when not given.',
    },
  },
  settings: 'none',
  examples: ['latchkey demo', 'latchkey demo --check', 'latchkey demo --port 5400'],
  run: async (given, { say }) => (given.flags.check === true ? check(say) : run(given, say)),
}

async function check(say: (line: string) => void): Promise<Outcome> {
  const { checkStory } = await import('../../demo/check-story.ts')
  const holds = await checkStory(say)
  return { result: { holds }, text: '', exitCode: holds ? 0 : 1 }
}

async function run(given: Given, say: (line: string) => void): Promise<Outcome> {
  const { defaultDemoPorts, startDemo } = await import('../../demo/start-demo.ts')
  const running = await startDemo({
    dataDirectory: textFlag(given, 'data-directory') ?? '.latchkey',
    port: portOf(given, 'port') ?? defaultDemoPorts.port,
    identityProviderPort: portOf(given, 'identity-provider-port') ?? defaultDemoPorts.identityProviderPort,
    portalPort: portOf(given, 'portal-port') ?? defaultDemoPorts.portalPort,
    logLevel: 'warn',
  })
  say(welcome(running.addresses))
  const signal = await toldToStop()
  await running.stop()
  return { result: { stopped: signal }, text: '' }
}

/** Throws `input_invalid`. */
function portOf(given: Given, flag: string): number | undefined {
  const text = textFlag(given, flag)
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535) return Number(text)
  const detail = { check: flag, wanted: 'a whole number from 1 to 65535', arrived: text, at: `--${flag}` }
  throw new LatchkeyError('input_invalid', detail)
}

function welcome({ portal, identityProvider, latchkey, bypass }: DemoAddresses): string {
  return `
Latchkey is running.

  Company B, the benefits portal      ${portal}
  Company A, where employees sign in  ${identityProvider}
  Latchkey itself                     ${latchkey}

Open the portal and choose Nina Newcomer at Company A: her account is made on the way in.
Or begin at Company A and click "Benefits".

  Change her title or role            ${identityProvider}/people
  See her account                     npx latchkey account show nina.newcomer
  Take her access away                npx latchkey account suspend nina.newcomer
  The portal without its gateway      ${bypass}  (refuses everybody)

Ctrl-C ends it. Started again, it finds the same accounts.`
}
