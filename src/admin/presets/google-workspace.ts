import type { Preset } from './preset.ts'

/** Google Workspace: a custom SAML app of the Admin console. See docs/guides/google-workspace.md. */
export const googleWorkspace: Preset = {
  id: 'google-workspace',
  product: 'Google Workspace',
  settings: {},
  sends: [
    { attribute: 'email', becomes: 'mail', when: 'once set up' },
    { attribute: 'firstName', becomes: 'givenName', when: 'once set up' },
    { attribute: 'lastName', becomes: 'sn', when: 'once set up' },
    { attribute: 'title', becomes: 'title', when: 'once set up' },
    { attribute: 'department', becomes: 'department', when: 'once set up' },
    { attribute: 'employeeNumber', becomes: 'employeeNumber', when: 'once set up' },
    { attribute: 'groups', becomes: 'groups, by name', when: 'once set up' },
  ],
  nameId: 'The primary e-mail address, in the format chosen for the app; UNSPECIFIED when none is.',
  signs: 'The assertion; with "Signed response" ticked, the response instead.',
  requests: 'HTTP-Redirect. Requests need no signature.',
  oddities: [
    'It sends at most 75 groups, and nothing says that there were more: choose the groups that matter in the app.',
    'A group that is renamed must be chosen again in the app before its new name is sent.',
    'A change of the primary address is another NameID: the person then meets `account_conflict`.',
    "`app_not_configured_for_user` on a page of Google: the app is not switched on for that person's organizational unit. Changes take up to a day to arrive everywhere.",
    'There is no single logout.',
  ],
}
