import type { CommandResult } from '../../admin/commands.ts'
import { differenceText } from '../difference-text.ts'
import { textList } from '../text-table.ts'

type Shown = CommandResult<'connection.show'>

/** What to type into the identity provider, and nothing else. */
export function addressesText({ addresses }: Pick<Shown, 'addresses'>): string {
  return textList([
    ['metadata address', addresses.metadataUrl],
    ['entity ID (audience)', addresses.entityId],
    ['ACS URL (reply address)', addresses.acsUrl],
    ['login address', addresses.loginUrl],
  ])
}

export function connectionText(shown: Shown): string {
  const { connection } = shown
  const { identityProvider, settings } = connection
  const about = textList([
    ['connection', connection.id],
    ['name', connection.name],
    ['organization', connection.organizationId],
    ['version', String(connection.version)],
    ['identity provider', identityProvider.entityId],
    ...identityProvider.singleSignOnServices.map(
      ({ binding, location }) => [`sign-in by ${binding}`, location] as const,
    ),
    ...(identityProvider.singleLogoutServices ?? []).map(
      ({ binding, location }) => [`sign-out by ${binding}`, location] as const,
    ),
    ...(identityProvider.artifactResolutionServices ?? []).map(
      ({ index, location }) => [`artifacts of index ${index}`, location] as const,
    ),
    ...shown.signingCertificates.map((text) => ['signing certificate', text] as const),
    ['metadata valid until', identityProvider.validUntil ?? 'not said'],
    ...refreshRows(shown),
  ])
  const inForce = Object.entries(settings).filter(([, value]) => value !== undefined)
  const rows = inForce.map(([name, value]) => [name, JSON.stringify(value)] as const)
  return [
    about,
    ...changesText(shown),
    'For the administrator of the identity provider:',
    addressesText(shown),
    'Settings:',
    textList(rows),
  ].join('\n\n')
}

/** What the last refreshes changed; a heading and a line for each change. */
function changesText({ refresh }: Shown): readonly string[] {
  return (refresh?.recentChanges ?? []).map(({ at, changes }) =>
    [`Changed by the refresh of ${at}:`, ...changes.map((change) => differenceText(change, 400))].join('\n'),
  )
}

function refreshRows({ connection, refresh }: Shown): readonly (readonly [string, string])[] {
  const { source } = connection.identityProvider
  if (source === undefined) return [['metadata from', 'a file, never refreshed']]
  const rows: (readonly [string, string])[] = [['metadata from', source.url]]
  if (source.signingCertificate !== undefined) rows.push(['metadata signed by', 'the certificate it is pinned to'])
  rows.push(['last fetched', refresh?.fetchedAt ?? 'not since it was imported'])
  if (refresh === undefined) return rows
  rows.push(['next refresh', refresh.nextRefreshAt])
  const { lastError, failures } = refresh
  if (lastError !== undefined) {
    rows.push(['last failure', `${lastError.at} ${lastError.code}: ${lastError.reason} (${failures} in a row)`])
  }
  return rows
}
