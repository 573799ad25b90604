import { html } from '../html.ts'
import type { Page } from '../layout.ts'

export interface ApprovalPage {
  readonly publicUrl: string
  readonly token: string
  readonly name: string
  readonly username: string
  readonly mail?: string
  /** What they say themselves. */
  readonly note?: string
  readonly organizationName: string
  readonly roles: readonly string[]
  readonly groups: readonly string[]
  /** Absent: somebody has decided already. */
  readonly lapsesAt?: Date
  readonly state: 'pending' | 'active' | 'suspended' | 'deactivated'
  /** Why the decision that was just made changed nothing. */
  readonly problem?: string
}

/** Who asks to be let in, with what; and the two buttons. */
export function approvalPage(request: ApprovalPage): Page {
  const isOpen = request.state === 'pending'
  return {
    title: `Access for ${request.name}`,
    body: html`<h1>${isOpen ? `Let ${request.name} in?` : request.name}</h1>
<p class="lead quiet">${request.organizationName}</p>
${request.problem !== undefined && html`<p class="problem" role="alert">${request.problem}</p>`}
${!isOpen && html`<p class="problem" role="status">${decided[request.state]}</p>`}
<dl>
<div><dt>User name</dt><dd>${request.username}</dd></div>
${request.mail !== undefined && html`<div><dt>E-mail</dt><dd>${request.mail}</dd></div>`}
${request.note !== undefined && html`<div><dt>They say</dt><dd class="written" dir="auto">${request.note}</dd></div>`}
<div><dt>Roles</dt><dd>${listed(request.roles)}</dd></div>
<div><dt>Groups</dt><dd>${listed(request.groups)}</dd></div>
${
  request.lapsesAt !== undefined &&
  html`<div><dt>Lapses</dt><dd><time datetime="${request.lapsesAt.toISOString()}">${request.lapsesAt.toUTCString()}</time></dd></div>`
}
</dl>
${
  isOpen &&
  html`<form method="post" action="${request.publicUrl}/approvals?request=${request.token}"><p class="actions">
<button type="submit" name="decision" value="approve">Approve</button>
<button type="submit" name="decision" value="reject" class="plain">Reject</button></p></form>`
}`,
  }
}

const decided: Readonly<Record<ApprovalPage['state'], string>> = {
  pending: '',
  active: 'Approved. The next sign-in leads in.',
  suspended: 'Rejected, or suspended since. Signing in makes no new request.',
  deactivated: 'This account has ended.',
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}
