import type { Page, WebVisitor } from '../../src/demo/web-visitor.ts'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'

/** A product that we did not write, as an identity provider on loopback, with its own defaults unless its file says why not. */
export interface IdentityProvider {
  readonly metadataUrl: string
  /** Takes our metadata in with the product's own parser, as its operator would. */
  addServiceProviders(added: readonly ServiceProvider[]): Promise<void>
  /** For a product that knows one service provider at a time: which one it is from now on. */
  turnTo?(name: string): void
  /** Where a sign-in for the given service provider begins at the identity provider. */
  startUrl(serviceProviderEntityId: string): string
  /** Signs in as the person on the page that asks who one is; gives the page with the response, not yet posted. */
  logIn(visitor: WebVisitor, page: Page): Promise<Page>
  hasSession(visitor: WebVisitor): Promise<boolean>
  /** Signs out there, and follows wherever that leads, into frames too. */
  signOut(visitor: WebVisitor): Promise<void>
  /** Signs with a new key from now on, and its metadata lists that one alone. */
  replaceKey(): Promise<void>
  stop(): Promise<void>
}

/** One connection of ours, as the product sees it. */
export interface ServiceProvider {
  readonly name: string
  readonly metadataXml: string
  readonly encrypt: boolean
}

export interface Product {
  readonly name: string
  /** What the account of the person who signs in must hold, one of them a manager. */
  readonly person: {
    readonly username: string
    readonly fields: Readonly<Record<string, readonly string[]>>
    readonly grants: readonly string[]
  }
  /** What its administrator would set on the connection. */
  readonly settings?: ConnectionSettingsInput
  /** The elements it signs, as our metadata and its own defaults make it. */
  readonly signs: readonly ('Response' | 'Assertion')[]
  /** Why the product does not do what a check is about, by the name of the check. */
  readonly cannot?: Readonly<Record<string, string>>
  start(): Promise<IdentityProvider>
}
