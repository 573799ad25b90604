import { createApprovals } from '../admin/approvals.ts'
import { createWaitingRoom } from '../admin/waiting-room.ts'
import { createPace } from '../break-glass/pace.ts'
import { previewHeaders } from '../gateway/preview-headers.ts'
import { createBackChannel } from '../http/back-channel.ts'
import { createHttpServer, type HttpServer } from '../http/server.ts'
import { outside, secretOf } from '../main.ts'
import { createRefusalBudget } from '../sign-in/record-refusal.ts'
import type { ServerParts } from './open-parts.ts'

/** The HTTP side of a server, not yet listening. Keys are asked for at each use: another node may have made new ones. */
export function answerHttp(parts: ServerParts): Promise<HttpServer> {
  const { settings, administration, keys, inputKeeper, metadataKeeper, log } = parts
  return createHttpServer({
    ...outside,
    directory: parts.directory,
    catalog: parts.catalog,
    gateway: parts.gateway,
    metrics: parts.metrics,
    signInQueue: parts.signInQueue,
    mappingModules: parts.mappingModules,
    otherProcesses: parts.place,
    log,
    keys,
    listen: settings.listen,
    publicUrl: settings.publicUrl,
    sessionLimits: settings.sessionLimits,
    requestSigning: {
      get key() {
        return keys.samlSigning.privateKey
      },
    },
    get decryptionKeys() {
      return keys.samlEncryption.decryptionKeys
    },
    ...(settings.isApiOn ? { api: { administration, onWritten: parts.onWritten } } : {}),
    ...(settings.keepInputsDays === 0 ? {} : { keepInput: inputKeeper.keep }),
    identityHeaders: previewHeaders,
    breakGlass: {
      secret: () => secretOf(settings),
      pace: createPace({ each: 10, all: 60 }),
      recordPace: createPace({ each: 30, all: 30 }),
    },
    approvals: createApprovals({ ...administration, actor: 'approval-link' }),
    waitingRoom: createWaitingRoom(administration),
    refreshKeys: metadataKeeper.refreshKeys,
    askIdentityProvider: createBackChannel(),
    refusalBudget: createRefusalBudget(),
    onRecordFailed: (error) => log.error({ err: error }, 'a refusal could not be recorded'),
  })
}
