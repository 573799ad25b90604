import { z } from 'zod'
import { namePattern } from './organization.ts'

/**
 * An application: something behind us that an account may enter, on a host name of its own. It belongs to the operator
 * and lists the organizations and connections that lead into it; access is always decided within the account's organization.
 */

/** A path in its one plain form: no escapes, no empty, `.` or `..` segments, nothing an application could read in two ways. */
const plainPath = /^\/(?!\/)(?!.*\/\/)(?!(?:.*\/)?\.{1,2}(?:\/|$))[^%;\\?#\p{Cc}]*$/u

export const accessRule = z.strictObject({
  path: z
    .string()
    .max(1024)
    .regex(plainPath, 'expected a path that begins with /, not percent-encoded, without empty, . or .. segments')
    .describe('Path prefix, whole segments, not percent-encoded; the longest that matches decides.'),
  methods: z
    .array(z.string().regex(/^[A-Z]{1,16}$/, 'expected an HTTP method in capitals, like GET'))
    .min(1)
    .optional()
    .describe('HTTP methods this rule speaks of. Without it, all.'),
  roles: z.array(z.string().min(1).max(256)).optional().describe('Any of these roles may enter.'),
  groups: z.array(z.string().min(1).max(1024)).optional().describe('Any of these groups may enter.'),
  allow: z.enum(['everyone', 'nobody']).optional().describe('Every signed-in account of the application, or none.'),
})
export type AccessRule = z.infer<typeof accessRule>

/** A connection, or the local administrators of an organization: `localConnectionId`. */
const wayInPattern = new RegExp(namePattern.source.replace('^', '^(?:break-glass:)?'))

export const applicationSettings = z.strictObject({
  origin: z.url().max(512).describe('Origin under which people open it, for example https://benefits.example.'),
  upstream: z.url().max(512).describe('Origin of the application itself, behind the gateway.'),
  connections: z
    .array(z.string().regex(wayInPattern, 'expected a connection, or break-glass:ORGANIZATION'))
    .min(1)
    .describe(
      'Connections whose people may enter; one leads straight to its identity provider. `break-glass:ORGANIZATION` lets in the local administrators of an organization.',
    ),
  policy: z
    .array(accessRule)
    .default([{ path: '/', allow: 'everyone' }])
    .describe('Who may enter what. A request that no rule speaks of is refused.'),
  remoteUser: z
    .enum(['username', 'qualified', 'accountId'])
    .default('username')
    .describe(
      'What Remote-User carries. `username` is unique only within one organization: with connections of several, choose `qualified` (username@organization) or `accountId`.',
    ),
})
export type ApplicationSettings = z.infer<typeof applicationSettings>
export type ApplicationSettingsInput = z.input<typeof applicationSettings>

export interface Application {
  /** As `namePattern`. */
  readonly id: string
  readonly name: string
  readonly settings: ApplicationSettings
  readonly version: number
}
