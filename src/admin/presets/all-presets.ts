import { adFs } from './ad-fs.ts'
import { auth0 } from './auth0.ts'
import { entraId } from './entra-id.ts'
import { googleWorkspace } from './google-workspace.ts'
import { jumpcloud } from './jumpcloud.ts'
import { keycloak } from './keycloak.ts'
import { lemonldapNg } from './lemonldap-ng.ts'
import { okta } from './okta.ts'
import { onelogin } from './onelogin.ts'
import { pingfederate } from './pingfederate.ts'
import type { Preset } from './preset.ts'
import { shibboleth } from './shibboleth.ts'
import { simplesamlphp } from './simplesamlphp.ts'

/** Every preset, in the order help and guides show them. */
export const allPresets: readonly Preset[] = [
  entraId,
  okta,
  googleWorkspace,
  adFs,
  keycloak,
  shibboleth,
  simplesamlphp,
  lemonldapNg,
  onelogin,
  pingfederate,
  jumpcloud,
  auth0,
]
