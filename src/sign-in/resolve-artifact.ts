import type { Connection } from '../directory/connection.ts'
import { serviceAddresses } from '../directory/service-addresses.ts'
import { LatchkeyError } from '../errors.ts'
import { buildArtifactResolve } from '../saml/artifact/build-artifact-resolve.ts'
import { chooseResolutionService } from '../saml/artifact/choose-resolution-service.ts'
import { openArtifactResponse } from '../saml/artifact/open-artifact-response.ts'
import { type Artifact, readArtifact } from '../saml/artifact/read-artifact.ts'
import { newRequestId } from '../saml/authn-request.ts'
import { checkEnabled } from './begin-sign-in.ts'
import type { SignInDependencies } from './sign-in-dependencies.ts'
import { trustOf } from './trust-of.ts'

/**
 * An artifact that came in the place of a response. What was fetched for it stays with it: the identity provider gives it out
 * once, and the steps of a sign-in may run several times.
 */
export interface ArrivedArtifact {
  /** The parameter as it came. */
  readonly samlArt: string
  fetching?: Promise<FetchedArtifact>
}

interface FetchedArtifact {
  readonly artifact: Artifact
  readonly requestId: string
  readonly answer: Buffer
}

/** What a sign-in goes on with. */
export interface ArrivedMessage {
  /** As the form field would have it. */
  readonly samlResponse: string
  /** Consumed by the sign-in; absent: the response itself was posted. */
  readonly artifact?: Artifact
}

type Dependencies = Pick<
  SignInDependencies,
  'askIdentityProvider' | 'catalog' | 'decryptionKeys' | 'now' | 'publicUrl' | 'randomBytes' | 'requestSigning'
>

/**
 * Asks the connection's identity provider for the response that an artifact stands for. Nothing in it is believed yet: it is
 * decoded and verified like one that was posted. SAML Bindings 3.6, SAML Profiles 5.
 *
 * Throws `connection_disabled`, `saml_artifact_not_allowed`, `login_request_other_browser`, what `readArtifact`,
 * `chooseResolutionService`, the back channel and `openArtifactResponse` throw.
 */
export async function resolveArtifact(
  arrived: ArrivedArtifact,
  connection: Connection,
  browserSecret: string | undefined,
  deps: Dependencies,
): Promise<ArrivedMessage> {
  const { artifact, requestId, answer } = await fetched(arrived, connection, browserSecret, deps)
  const xml = openArtifactResponse(answer, requestId, trustOf(connection, deps))
  return { samlResponse: Buffer.from(xml, 'utf8').toString('base64'), artifact }
}

interface Arrival {
  readonly connectionId: string
  readonly samlResponse: string | ArrivedArtifact
  readonly browserSecret?: string
}

/**
 * Asks ahead, before a sign-in takes one of the places that there are for all connections: whoever waits for a slow identity provider
 * keeps nobody else out. Throws nothing: what went wrong is refused, and recorded, when the steps come to it.
 */
export async function fetchAhead(
  { connectionId, samlResponse, browserSecret }: Arrival,
  deps: Dependencies,
): Promise<void> {
  if (typeof samlResponse === 'string') return
  const connection = await deps.catalog.lastSeenConnection(connectionId)
  if (connection === undefined) return
  samlResponse.fetching = fetchOnce(samlResponse, connection, browserSecret, deps)
  await Promise.allSettled([samlResponse.fetching])
}

/** What was fetched already; a failure counts once, since the steps may come again with another copy of the connection. */
async function fetched(
  arrived: ArrivedArtifact,
  connection: Connection,
  browserSecret: string | undefined,
  deps: Dependencies,
): Promise<FetchedArtifact> {
  arrived.fetching ??= fetchOnce(arrived, connection, browserSecret, deps)
  try {
    return await arrived.fetching
  } catch (refusal) {
    delete arrived.fetching
    throw refusal
  }
}

/** Before anybody is asked anything: an artifact is easily made up, and each costs a question. */
function checkWanted(connection: Connection, browserSecret: string | undefined): void {
  const { settings } = connection
  checkEnabled(connection)
  if (settings.responseBinding !== 'artifact') {
    throw new LatchkeyError('saml_artifact_not_allowed', {
      check: 'responseBinding',
      wanted: 'artifact',
      arrived: 'post',
      advice: 'Let the identity provider answer by HTTP-POST, or set responseBinding to artifact.',
    })
  }
  if (settings.allowIdpInitiated || browserSecret !== undefined) return
  throw new LatchkeyError('login_request_other_browser', {
    check: 'browser that began the request',
    wanted: 'the cookie set when the sign-in began',
    arrived: 'no cookie',
  })
}

async function fetchOnce(
  { samlArt }: ArrivedArtifact,
  connection: Connection,
  browserSecret: string | undefined,
  deps: Dependencies,
): Promise<FetchedArtifact> {
  checkWanted(connection, browserSecret)
  const { entityId, artifactResolutionServices = [] } = connection.identityProvider
  const artifact = readArtifact(samlArt, entityId)
  const { location } = chooseResolutionService(artifactResolutionServices, artifact)
  const requestId = newRequestId(deps.randomBytes)
  const message = buildArtifactResolve({
    id: requestId,
    issueInstant: deps.now(),
    destination: location,
    issuer: serviceAddresses(connection, deps.publicUrl).entityId,
    artifact,
    sign: deps.requestSigning,
  })
  return { artifact, requestId, answer: await deps.askIdentityProvider(location, message) }
}
