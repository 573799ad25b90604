import type { FastifyInstance } from 'fastify'
import { LatchkeyError } from '../../errors.ts'
import { answerWithSignIn } from '../answer-sign-in.ts'
import { getConnection } from '../get-connection.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { type Parameters, readQuery } from '../parameters.ts'

interface LoginRoute {
  readonly Params: { readonly connection: string }
}

/**
 * Begins a sign-in over one connection. `?return_to=` says where it leads afterwards; `force=1` has the person sign in anew
 * at the identity provider, `passive=1` goes on only when the person is signed in there already. SAML Core 3.4.1.
 */
export function addLoginRoute(app: FastifyInstance, deps: HttpDependencies): void {
  app.get<LoginRoute>('/sso/:connection/login', { exposeHeadRoute: false }, async (request, reply) => {
    const query = readQuery(request.url)
    const returnTo = query.find('return_to')
    const wishes = { forceAuthn: readSwitch(query, 'force'), isPassive: readSwitch(query, 'passive') }
    const connection = await getConnection(request.params.connection, deps)
    const start = { connection, ...wishes, ...(returnTo !== undefined && { returnTo }) }
    return answerWithSignIn(request, reply, start, deps)
  })
}

/** Throws `request_invalid` for anything but `1`, `0` and nothing. */
function readSwitch(query: Parameters, name: string): boolean {
  const value = query.find(name)
  if (value === undefined || value === '0') return false
  if (value === '1') return true
  throw new LatchkeyError('request_invalid', {
    check: `parameter ${name}`,
    wanted: '1 or 0',
    arrived: value.slice(0, 50),
  })
}
