import { withPreset } from './fill-preset.ts'

type Written = Readonly<Record<string, unknown>>

/**
 * A declaration as it was written, every connection's preset filled in; before the schema, because after it nobody can
 * tell a default from what was given. What has another shape stays as it is: the schema refuses it. Throws `input_invalid`.
 */
export function fillDeclaredPresets(declaration: unknown): unknown {
  return changeValue(declaration, 'organizations', (organizations) =>
    changeEach(organizations, (organization, id) =>
      changeValue(organization, 'connections', (connections) =>
        changeEach(connections, (connection, name) =>
          fillConnection(connection, `organizations.${id}.connections.${name}`),
        ),
      ),
    ),
  )
}

function fillConnection(connection: unknown, at: string): unknown {
  if (!isWritten(connection) || typeof connection.preset !== 'string') return connection
  const { settings = {} } = connection
  if (!isWritten(settings)) return connection
  return { ...connection, settings: withPreset(connection.preset, settings, `${at}.preset`) }
}

function changeValue(value: unknown, key: string, change: (inner: unknown) => unknown): unknown {
  return isWritten(value) && Object.hasOwn(value, key) ? { ...value, [key]: change(value[key]) } : value
}

function changeEach(value: unknown, change: (inner: unknown, key: string) => unknown): unknown {
  if (!isWritten(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner, key)]))
}

function isWritten(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
