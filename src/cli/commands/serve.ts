import { productionWarnings } from '../../config/production-warnings.ts'
import type { Settings } from '../../config/settings.ts'
import type { CliCommand } from '../cli-command.ts'
import { toldToStop } from '../told-to-stop.ts'

export const serve: CliCommand = {
  words: 'serve',
  summary: 'Runs Latchkey until it is told to stop (SIGTERM, SIGINT), then lets open requests finish.',
  positionals: [],
  flags: {},
  settings: 'serve',
  examples: [
    'latchkey serve',
    'LATCHKEY_DATABASE_URL_FILE=/run/secrets/database LATCHKEY_SECRET_FILE=/run/secrets/latchkey latchkey serve --public-url https://login.example',
  ],
  run: async (_given, { settings }) => {
    const server = settings.processes > 1 ? await startSeveral(settings) : await startOne(settings)
    for (const warning of productionWarnings(settings)) server.log.warn(warning)
    server.log.info({ address: `${settings.listen.host}:${server.port}`, publicUrl: settings.publicUrl }, 'ready')
    const signal = await toldToStop()
    server.log.info({ signal, drainSeconds: settings.drainSeconds }, 'stopping')
    await server.stop()
    return { result: { stopped: signal }, text: '' }
  },
}

async function startOne(settings: Settings) {
  const { serve: start } = await import('../../server/serve.ts')
  return start(settings)
}

async function startSeveral(settings: Settings) {
  const { startProcesses } = await import('../../processes/start-processes.ts')
  return startProcesses(settings)
}
