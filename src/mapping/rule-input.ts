/** What the rules of one sign-in read. Made once for each assertion. */
export interface RuleInput {
  /** Values of all attributes of this name that are more than white space, in order; `undefined` when none arrived. */
  find(name: string): readonly string[] | undefined
  /** By Name and by FriendlyName, for expressions. */
  attributes(): ReadonlyMap<string, readonly string[]>
  readonly nameId: { readonly value: string; readonly format: string } | undefined
  readonly authnContext: string | undefined
}

/** What rules for roles and groups read besides: the fields, and for roles the groups. */
export interface GrantRuleInput {
  readonly received: RuleInput
  readonly fields: ReadonlyMap<string, readonly string[]>
  readonly groups: readonly string[] | 'unknown'
}
