import type { Catalog } from '../access/catalog.ts'
import { allowedReturnTo } from '../access/return-to.ts'
import type { Application } from '../directory/application.ts'
import type { Connection } from '../directory/connection.ts'
import type { HandoffBinding, LoginRequest } from '../directory/sign-in.ts'

/** Where a sign-in leads. */
export interface Destination {
  /** Absolute; on our origin or an application's. */
  readonly returnTo: string
  readonly application?: Application
  /** Present when the sign-in began at the application: the way back is a one-time code. */
  readonly handoff?: HandoffBinding
}

/**
 * A solicited sign-in leads where its request said. An unsolicited one leads where RelayState says if that is an address
 * of ours or of an application, else to the connection's own choice, else to the only application it may enter, else to
 * the account page. RelayState is unsigned: it chooses among places, it never names a new one.
 */
export function chooseDestination(
  loginRequest: LoginRequest | undefined,
  unsolicited: { readonly relayState: string | undefined; readonly connection: Connection },
  places: { readonly catalog: Catalog; readonly publicUrl: string },
): Destination {
  const returnTo = loginRequest?.returnTo ?? chooseUnsolicited(unsolicited, places)
  const application = places.catalog.applicationByOrigin(new URL(returnTo).origin)
  return {
    returnTo,
    ...(application === undefined ? {} : { application }),
    ...(loginRequest?.handoff === undefined ? {} : { handoff: loginRequest.handoff }),
  }
}

function chooseUnsolicited(
  { relayState, connection }: { readonly relayState: string | undefined; readonly connection: Connection },
  { catalog, publicUrl }: { readonly catalog: Catalog; readonly publicUrl: string },
): string {
  const applications = catalog.applications()
  const known = { publicUrl, applicationOrigins: applications.map((application) => application.settings.origin) }
  for (const wish of [relayState, connection.settings.defaultReturnTo]) {
    const returnTo = wish === undefined || wish === '' ? undefined : allowedReturnTo(wish, known)
    if (returnTo !== undefined) return returnTo
  }
  const open = applications.filter((application) => application.settings.connections.includes(connection.id))
  return open.length === 1 && open[0] !== undefined ? `${open[0].settings.origin}/` : `${publicUrl}/account`
}
