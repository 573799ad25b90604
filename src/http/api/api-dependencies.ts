import type { Logger } from 'pino'
import type { Administration } from '../../admin/administration.ts'

/** What the API needs from outside. */
export interface ApiDependencies {
  readonly administration: Administration
  /** Called after a command that may have written, so that the server reads again what it remembers. */
  readonly onWritten: () => Promise<void>
}

export interface ApiHostDependencies extends ApiDependencies {
  readonly publicUrl: string
  readonly log: Logger
}
