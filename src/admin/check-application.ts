import type { Application } from '../directory/application.ts'
import type { Connection } from '../directory/connection.ts'
import { localConnectionId, organizationOfLocal } from '../directory/local-administrator.ts'
import { type ErrorDetail, LatchkeyError } from '../errors.ts'

/**
 * Refuses an application that could not be entered safely: its addresses are bare origins, it does not share Latchkey's
 * own, its connections exist, and what it calls a person is unique. Throws `input_invalid`, `connection_not_found`.
 */
export function checkApplication(
  application: Application,
  known: { readonly connections: readonly Connection[]; readonly publicUrl: string },
): void {
  checkBareOrigin(application, 'origin')
  checkBareOrigin(application, 'upstream')
  checkOwnOrigin(application, known.publicUrl)
  checkConnections(application, known.connections)
}

function checkBareOrigin(application: Application, setting: 'origin' | 'upstream'): void {
  const text = application.settings[setting]
  const url = new URL(text)
  if (/^https?:$/.test(url.protocol) && (text === url.origin || text === `${url.origin}/`)) return
  throw refused(application, setting, 'an http or https origin without a path', text)
}

/** Cookies and script of an application must never reach Latchkey's own pages; cookies know no ports. */
function checkOwnOrigin(application: Application, publicUrl: string): void {
  const own = new URL(publicUrl)
  const { hostname } = new URL(application.settings.origin)
  if (hostname !== own.hostname) return
  throw refused(application, 'origin', `a host name other than Latchkey's own, ${own.hostname}`, hostname)
}

function checkConnections(application: Application, connections: readonly Connection[]): void {
  const { ways, organizationsOfLocal } = waysOf(application)
  const found = ways.map((id) => {
    const connection = connections.find((candidate) => candidate.id === id)
    if (connection) return connection
    const detail = placed(application, 'connections', 'connections that exist', id)
    throw new LatchkeyError('connection_not_found', detail)
  })
  const organizations = new Set(found.map((connection) => connection.organizationId))
  const unknown = organizationsOfLocal.find((id) => !organizations.has(id))
  if (unknown !== undefined) {
    const wanted = 'break-glass: with an organization that one of the connections belongs to'
    throw refused(application, 'connections', wanted, localConnectionId(unknown))
  }
  if (organizations.size > 1 && application.settings.remoteUser === 'username') {
    const wanted = 'qualified or accountId, because user names are unique only within one organization'
    throw refused(application, 'remoteUser', wanted, `username, with ${[...organizations].join(' and ')}`)
  }
}

/** Connections, and organizations whose local administrators may enter. */
function waysOf({ settings }: Application) {
  const ways = settings.connections.filter((id) => organizationOfLocal(id) === undefined)
  return { ways, organizationsOfLocal: settings.connections.flatMap((id) => organizationOfLocal(id) ?? []) }
}

function refused(application: Application, setting: string, wanted: string, arrived: string): LatchkeyError {
  return new LatchkeyError('input_invalid', placed(application, setting, wanted, arrived))
}

function placed(application: Application, setting: string, wanted: string, arrived: string): ErrorDetail {
  return { check: setting, wanted, arrived, at: `application ${application.id}: ${setting}` }
}
