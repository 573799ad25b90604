import type { Connection, ConnectionSettings } from '../directory/connection.ts'

/** A switch of a connection that lowers its guard, in words for whoever can switch it off again. */
export interface DangerousSwitch {
  readonly setting: keyof ConnectionSettings
  readonly message: string
}

const switches: readonly DangerousSwitch[] = [
  {
    setting: 'dangerouslyAllowSha1',
    message:
      'Signatures with SHA-1 are accepted, which can be forged at a price: let the identity provider use SHA-256.',
  },
  {
    setting: 'dangerouslyAllowWeakKeys',
    message: 'RSA keys under 2048 bits are accepted: let the identity provider make a new signing certificate.',
  },
]

/** Those that are on. `connection test` tells them, and the server when it starts. */
export function dangerousSwitches({ settings }: Pick<Connection, 'settings'>): readonly DangerousSwitch[] {
  return switches.filter(({ setting }) => settings[setting] === true)
}
