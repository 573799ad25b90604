import { Client, type ClientConfig, Pool, type PoolClient, type PoolConfig } from 'pg'
import { breaksConnection, toConnectionError, toStorageError } from './storage-error.ts'

type ConnectCallback = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (release?: unknown) => void,
) => void

/** A client whose failed queries reject as `toStorageError` says. */
class StorageClient extends Client {
  constructor(config?: ClientConfig) {
    super(config)
    const query = this.query.bind(this)
    const run = (...parameters: readonly unknown[]): unknown => {
      const outcome: unknown = Reflect.apply(query, undefined, parameters)
      return outcome instanceof Promise ? outcome.catch(rejectAsStorageError) : outcome
    }
    this.query = run as typeof this.query
  }
}

/**
 * A pool of `pg` with three differences: an error that speaks of the server and not of the statement is
 * `storage_unavailable`; a connection that breaks never ends the process; and a statement that fails keeps its
 * connection, which the pool of `pg` would close.
 */
export class StoragePool extends Pool {
  constructor(config: PoolConfig, onBrokenConnection: (error: unknown) => void) {
    super({ ...config, Client: StorageClient })
    this.on('error', (error) => onBrokenConnection(toStorageError(error)))
    // One that breaks in somebody's hands, between two queries: the next query of that hand fails.
    this.on('connect', (client) => client.on('error', () => undefined))
    const queryWithCallback = this.query.bind(this)
    const run = (...parameters: readonly unknown[]): unknown =>
      typeof parameters.at(-1) === 'function'
        ? Reflect.apply(queryWithCallback, undefined, parameters)
        : this.#queryOnce(parameters)
    this.query = run as typeof this.query
  }

  override connect(): Promise<PoolClient>
  override connect(callback: ConnectCallback): void
  override connect(callback?: ConnectCallback): Promise<PoolClient> | undefined {
    if (callback === undefined) {
      return super.connect().catch((error: unknown) => {
        throw toConnectionError(error)
      })
    }
    super.connect(callback)
    return undefined
  }

  async #queryOnce(parameters: readonly unknown[]): Promise<unknown> {
    const client = await this.connect()
    try {
      const result: unknown = await Reflect.apply(client.query, client, parameters)
      client.release()
      return result
    } catch (error) {
      client.release(breaksConnection(error))
      throw error
    }
  }
}

function rejectAsStorageError(error: unknown): Promise<never> {
  return Promise.reject(toStorageError(error))
}
