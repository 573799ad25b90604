declare const authorized: unique symbol

/** Only `authorize` makes one: the planned account may enter what the sign-in leads to. */
export type Authorized<P> = P & { readonly [authorized]: true }

/** What access is decided on. */
export interface AccessSubject {
  readonly connectionId: string
  readonly roles: ReadonlySet<string>
  readonly groups: ReadonlySet<string>
}
