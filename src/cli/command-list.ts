import type { CliCommand } from './cli-command.ts'
import { accountApprove } from './commands/account-approve.ts'
import { accountDeactivate } from './commands/account-deactivate.ts'
import { accountList } from './commands/account-list.ts'
import { accountReinstate } from './commands/account-reinstate.ts'
import { accountReject } from './commands/account-reject.ts'
import { accountRelink } from './commands/account-relink.ts'
import { accountRequests } from './commands/account-requests.ts'
import { accountShow } from './commands/account-show.ts'
import { accountSuspend } from './commands/account-suspend.ts'
import { accountWhy } from './commands/account-why.ts'
import { applicationList } from './commands/application-list.ts'
import { apply } from './commands/apply.ts'
import { attemptList } from './commands/attempt-list.ts'
import { attemptShow } from './commands/attempt-show.ts'
import { breakGlassCodes } from './commands/break-glass-codes.ts'
import { breakGlassCreate } from './commands/break-glass-create.ts'
import { breakGlassEnrol } from './commands/break-glass-enrol.ts'
import { breakGlassList } from './commands/break-glass-list.ts'
import { breakGlassRemove } from './commands/break-glass-remove.ts'
import { breakGlassRemovePasskey } from './commands/break-glass-remove-passkey.ts'
import { breakGlassShow } from './commands/break-glass-show.ts'
import { connectionAdd } from './commands/connection-add.ts'
import { connectionDiff } from './commands/connection-diff.ts'
import { connectionDraft } from './commands/connection-draft.ts'
import { connectionImpact } from './commands/connection-impact.ts'
import { connectionList } from './commands/connection-list.ts'
import { connectionPreview } from './commands/connection-preview.ts'
import { connectionPublish } from './commands/connection-publish.ts'
import { connectionRefresh } from './commands/connection-refresh.ts'
import { connectionReplay } from './commands/connection-replay.ts'
import { connectionRollback } from './commands/connection-rollback.ts'
import { connectionSet } from './commands/connection-set.ts'
import { connectionShow } from './commands/connection-show.ts'
import { connectionTest } from './commands/connection-test.ts'
import { connectionVersions } from './commands/connection-versions.ts'
import { demo } from './commands/demo.ts'
import { domainAdd } from './commands/domain-add.ts'
import { domainList } from './commands/domain-list.ts'
import { domainRemove } from './commands/domain-remove.ts'
import { domainVerify } from './commands/domain-verify.ts'
import { exportCommand } from './commands/export.ts'
import { keyList } from './commands/key-list.ts'
import { keyNext } from './commands/key-next.ts'
import { keyPromote } from './commands/key-promote.ts'
import { migrate } from './commands/migrate.ts'
import { organizationCreate } from './commands/organization-create.ts'
import { organizationList } from './commands/organization-list.ts'
import { organizationSet } from './commands/organization-set.ts'
import { presetList } from './commands/preset-list.ts'
import { presetShow } from './commands/preset-show.ts'
import { roleCreate } from './commands/role-create.ts'
import { roleGrant } from './commands/role-grant.ts'
import { roleList } from './commands/role-list.ts'
import { roleRevoke } from './commands/role-revoke.ts'
import { serve } from './commands/serve.ts'
import { tokenCreate } from './commands/token-create.ts'
import { tokenList } from './commands/token-list.ts'
import { tokenRevoke } from './commands/token-revoke.ts'

/** Every command, in the order help shows them. */
export const cliCommands: readonly CliCommand[] = [
  serve,
  demo,
  organizationCreate,
  organizationList,
  organizationSet,
  connectionAdd,
  connectionList,
  connectionShow,
  connectionTest,
  connectionPreview,
  connectionReplay,
  connectionImpact,
  connectionSet,
  connectionDraft,
  connectionDiff,
  connectionPublish,
  connectionVersions,
  connectionRollback,
  connectionRefresh,
  presetList,
  presetShow,
  accountList,
  accountShow,
  accountWhy,
  accountSuspend,
  accountReinstate,
  accountDeactivate,
  accountRelink,
  accountRequests,
  accountApprove,
  accountReject,
  roleList,
  roleCreate,
  roleGrant,
  roleRevoke,
  breakGlassCreate,
  breakGlassList,
  breakGlassShow,
  breakGlassCodes,
  breakGlassEnrol,
  breakGlassRemovePasskey,
  breakGlassRemove,
  domainAdd,
  domainList,
  domainVerify,
  domainRemove,
  applicationList,
  attemptList,
  attemptShow,
  keyList,
  keyNext,
  keyPromote,
  tokenCreate,
  tokenList,
  tokenRevoke,
  apply,
  exportCommand,
  migrate,
]
