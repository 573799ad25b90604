import { Pool, type PoolClient } from 'pg'

/** A view of a pool that notes the name (or text) of every statement sent through it. */
export function countStatements(pool: Pool): { readonly counted: Pool; readonly statements: string[] } {
  const statements: string[] = []
  return { counted: noting(pool, statements), statements }
}

function noting<Target extends Pool | PoolClient>(target: Target, statements: string[]): Target {
  return new Proxy(target, {
    get(object, property) {
      if (property === 'query') {
        return (config: string | { readonly name?: string; readonly text: string }, ...rest: unknown[]) => {
          statements.push(typeof config === 'string' ? config : (config.name ?? config.text))
          return Reflect.apply(object.query, object, [config, ...rest])
        }
      }
      if (property === 'connect' && object instanceof Pool) {
        return async () => noting(await object.connect(), statements)
      }
      const value: unknown = Reflect.get(object, property)
      return typeof value === 'function' ? value.bind(object) : value
    },
  })
}
