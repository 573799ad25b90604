import type { AdministrationDirectory, Directory } from '../directory/directory.ts'
import { localConnectionId } from '../directory/local-administrator.ts'

/**
 * The directory as somebody may see it who acts for one organization: every question that could lead out of it finds nothing
 * there. All other methods ask about an organization, or about what one of these questions found.
 */
export function withinOrganization(directory: Directory, organizationId: string): Directory {
  return {
    ...directory,
    ...lookUps(directory, organizationId),
    async findAttempt(reference) {
      const attempt = await directory.findAttempt(reference)
      return attempt?.organizationId === organizationId ? attempt : undefined
    },
    transaction: (work) => directory.transaction((inner) => work({ ...inner, ...lookUps(inner, organizationId) })),
  }
}

type LookUps = Pick<
  AdministrationDirectory,
  | 'findOrganization'
  | 'listOrganizations'
  | 'findConnection'
  | 'listConnections'
  | 'listMetadataRefreshes'
  | 'listDomains'
  | 'listApplications'
>

function lookUps(directory: AdministrationDirectory, organizationId: string): LookUps {
  const isOurs = (thing: { readonly organizationId: string }) => thing.organizationId === organizationId
  return {
    findOrganization: async (id) => (id === organizationId ? directory.findOrganization(id) : undefined),
    async listOrganizations() {
      return (await directory.listOrganizations()).filter(({ id }) => id === organizationId)
    },
    async findConnection(id) {
      const connection = await directory.findConnection(id)
      return connection !== undefined && isOurs(connection) ? connection : undefined
    },
    listConnections: async (of = organizationId) => (of === organizationId ? directory.listConnections(of) : []),
    async listMetadataRefreshes() {
      return (await directory.listMetadataRefreshes()).filter(isOurs)
    },
    listDomains: async (of = organizationId) => (of === organizationId ? directory.listDomains(of) : []),
    /** Applications belong to the operator; one is told of as far as the organization's own connections lead there. */
    async listApplications() {
      const connectionIds = (await directory.listConnections(organizationId)).map(({ id }) => id)
      const own = new Set([...connectionIds, localConnectionId(organizationId)])
      const reached = (await directory.listApplications()).filter(({ settings }) =>
        settings.connections.some((id) => own.has(id)),
      )
      return reached.map((application) => {
        const connections = application.settings.connections.filter((id) => own.has(id))
        return { ...application, settings: { ...application.settings, connections } }
      })
    },
  }
}
