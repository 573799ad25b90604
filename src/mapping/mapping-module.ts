/**
 * What a mapping module of one's own is: public as `latchkey/mapping-module`. The operator names its file in the setting
 * `mappingModules`; a connection names it in `mappingModule`. The file is JavaScript and its default export is the function.
 *
 * ```js
 * // @ts-check
 * /** @type {import('latchkey/mapping-module').MappingModule} *\/
 * export default ({ attributes }) => ({ fields: { title: attributes.hrTitle ?? [] } })
 * ```
 */

/** What arrived, frozen. Nothing of it is secret, all of it may be personal. */
export interface MappingInput {
  /** Names, as administrators know them. */
  readonly organization: string
  readonly connection: string
  /** SAML Core 2.2.3. */
  readonly nameId?: { readonly value: string; readonly format: string }
  /** The AuthnContextClassRef: how the person signed in. SAML Core 2.7.2.2. */
  readonly authnContext?: string
  /** By Name and by FriendlyName, without a prototype; values without the white space around them. SAML Core 2.7.3.1. */
  readonly attributes: Readonly<Record<string, readonly string[]>>
  /** False where the identity provider had too many groups to send. */
  readonly groupsKnown: boolean
}

/** What the module makes of it; whatever is left out, it does not say. */
export interface MappingOutput {
  /** Field → a value, or several; an empty list clears the field, an empty text says nothing. At most 200 fields, 100 values of 4,096 bytes each. */
  readonly fields?: Readonly<Record<string, string | readonly string[]>>
  /** Names, at most 2,000 of 1,024 bytes each. They take the prefix of the connection, and only what it may give is given. */
  readonly groups?: readonly string[]
  readonly roles?: readonly string[]
}

/** Answers at once, without a promise, and from nothing but its input. */
export type MappingModule = (input: MappingInput) => MappingOutput
