import type { Administration } from '../../admin/administration.ts'
import { isThisMachine } from '../../admin/fetch-metadata.ts'
import { withinOrganization } from '../../admin/within-organization.ts'
import type { ApiToken } from '../../directory/api-token.ts'
import { LatchkeyError } from '../../errors.ts'

/** Administration as the holder of this token may do it: under its name, within its organization, with no file of this machine. */
export function actAs(token: ApiToken, administration: Administration): Administration {
  const { openFile: _openFile, ...deps } = administration
  const { organizationId } = token
  return {
    ...deps,
    actor: `token:${token.name}`,
    directory: organizationId === undefined ? deps.directory : withinOrganization(deps.directory, organizationId),
    fetchMetadata: async (url, options) => {
      refuseFetch(token, url)
      return deps.fetchMetadata(url, options)
    },
  }
}

/** Our requests go where a holder's may not: whoever only reads sends us nowhere, a customer not to our own machine. */
function refuseFetch({ scope, organizationId }: ApiToken, url: string): void {
  const isOwn = URL.canParse(url) && isThisMachine(new URL(url).hostname)
  if (scope === 'write' && !(organizationId !== undefined && isOwn)) return
  throw new LatchkeyError('api_scope_insufficient', {
    check: 'metadata address',
    wanted: scope === 'write' ? 'an address of another machine' : 'a token that may write, or metadata as text',
    arrived: `${scope}${organizationId === undefined ? '' : `, of ${organizationId}`}`,
  })
}
