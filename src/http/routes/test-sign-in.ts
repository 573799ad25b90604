import type { FastifyInstance, FastifyRequest } from 'fastify'
import { serviceAddresses } from '../../directory/service-addresses.ts'
import { LatchkeyError } from '../../errors.ts'
import { hashSecret } from '../../sessions/browser-secret.ts'
import { answerWithSignIn } from '../answer-sign-in.ts'
import { getConnection } from '../get-connection.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { beginTestPage } from '../pages/test-sign-in.ts'
import { type Parameters, readParameters, readQuery } from '../parameters.ts'
import { anyFormTarget } from '../security-headers.ts'
import { sendPage } from '../send-page.ts'

interface TestRoute {
  readonly Params: { readonly connection: string }
  readonly Body: string | undefined
}

/**
 * Trying a connection, with an address that an administrator gave out. Opening it uses nothing up, so that programs which
 * look at links in messages do no harm; the button does, once.
 */
export function addTestSignInRoutes(app: FastifyInstance, deps: HttpDependencies): void {
  app.get<TestRoute>('/sso/:connection/test', { exposeHeadRoute: false }, async (request, reply) => {
    const connection = await getConnection(request.params.connection, deps)
    const { testUrl } = serviceAddresses(connection, deps.publicUrl)
    const code = readQuery(request.url).get('code')
    if (!(await deps.directory.findTestSignIn(codeOf(request, code), deps.now()))) throw unknownTest()
    const page = beginTestPage({ connectionName: connection.name, testUrl, code })
    return sendPage(reply, page, deps.publicUrl, { formAction: anyFormTarget(deps.publicUrl) })
  })

  app.post<TestRoute>('/sso/:connection/test', async (request, reply) => {
    const connection = await getConnection(request.params.connection, deps)
    const form: Parameters = readParameters(request.body ?? '')
    if (!(await deps.directory.redeemTestSignIn(codeOf(request, form.get('code')), deps.now()))) throw unknownTest()
    return answerWithSignIn(request, reply, { connection, isTest: true }, deps)
  })
}

function codeOf({ params }: FastifyRequest<TestRoute>, code: string) {
  return { connectionId: params.connection, codeHash: hashSecret(code) }
}

function unknownTest(): LatchkeyError {
  return new LatchkeyError('test_sign_in_unknown', { check: 'code', wanted: 'a code that counts' })
}
