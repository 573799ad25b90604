import type { DeclarationInput } from '../admin/declaration.ts'

export interface DemoParts {
  /** Company A's identity provider metadata. */
  readonly metadata: string
  readonly portalUrl: string
  /** The portal itself, behind the gateway. */
  readonly upstream: string
}

/** What the operator of Company B tells Latchkey: who the customer is, who vouches for its people, what they may enter. */
export function demoDeclaration({ metadata, portalUrl, upstream }: DemoParts): DeclarationInput {
  return {
    organizations: {
      'company-a': {
        name: 'Company A',
        roles: {
          employee: { description: 'Everybody who works at Company A' },
          contractor: { description: 'Works for Company A for a time' },
          'project-manager': { description: 'Sees who of the team has enrolled' },
          'benefits-administrator': { description: 'Sets rates and enrolment windows' },
        },
        connections: {
          'company-a': {
            name: 'Company A',
            metadata: { text: metadata },
            settings: {
              allowIdpInitiated: true,
              defaultRole: 'employee',
              grantableRoles: ['employee', 'contractor', 'project-manager', 'benefits-administrator'],
              attributeMapping: { mail: { attributes: ['mail'], required: true } },
            },
          },
        },
      },
    },
    applications: {
      benefits: {
        name: 'Benefits',
        origin: portalUrl,
        upstream,
        connections: ['company-a'],
        policy: [
          { path: '/', allow: 'everyone' },
          { path: '/team', roles: ['project-manager', 'benefits-administrator'] },
          { path: '/administration', roles: ['benefits-administrator'] },
        ],
      },
    },
  }
}
