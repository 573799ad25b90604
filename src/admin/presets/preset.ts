import type { ConnectionSettingsInput } from '../../directory/connection.ts'

/**
 * A preset: what is known of one identity provider product. Data only, one file a product; `fill-preset.ts` puts its
 * settings where the administrator has given none, and `docs/guides/` tells the same to people. Nothing of a preset is
 * kept with the connection, so a later version of it changes no connection by itself.
 */
export interface Preset {
  /** As it is typed: `--preset entra-id`. */
  readonly id: string
  /** Name for people. */
  readonly product: string
  readonly settings: PresetSettings
  /** The attributes it sends: by default, or once its administrator has set them up as the guide says. */
  readonly sends: readonly SentAttribute[]
  /** What its NameID is. */
  readonly nameId: string
  /** What it signs, and how. */
  readonly signs: string
  /** How it takes our requests. */
  readonly requests: string
  /** What surprises people who set it up. */
  readonly oddities: readonly string[]
}

/** Only what describes the product: who may do what here is never a preset's affair. */
export type PresetSettings = Pick<
  ConnectionSettingsInput,
  'nameIdFormat' | 'subjectKey' | 'attributeMapping' | 'roleAttributes' | 'groupAttributes'
>

export interface SentAttribute {
  readonly attribute: string
  /** Field of the account, `roles`, `groups`, or in words. */
  readonly becomes: string
  readonly when: 'by default' | 'once set up' | 'in place of the groups'
}
