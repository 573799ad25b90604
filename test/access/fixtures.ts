import type { AccessSubject } from '../../src/access/authorized.ts'
import { type Application, applicationSettings } from '../../src/directory/application.ts'

export function application(policy: readonly Record<string, unknown>[] | undefined): Application {
  const settings = applicationSettings.parse({
    origin: 'https://benefits.example',
    upstream: 'http://127.0.0.1:9',
    connections: ['company-a'],
    ...(policy === undefined ? {} : { policy }),
  })
  return { id: 'benefits', name: 'Benefits', settings, version: 1 }
}

export function subject(roles: readonly string[] = [], groups: readonly string[] = []): AccessSubject {
  return { connectionId: 'company-a', roles: new Set(roles), groups: new Set(groups) }
}
