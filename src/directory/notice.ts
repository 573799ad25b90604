/**
 * Something that administrators are told of by the webhook. Receivers go by the kind, so a name is for ever; what each kind's
 * content holds stands in docs/guides/notices.md. A new kind needs no more than its name here and somebody who keeps one.
 */
export const noticeKinds = ['account.waiting'] as const
export type NoticeKind = (typeof noticeKinds)[number]

/** Kept until it has been delivered. */
export interface Notice {
  readonly organizationId: string
  /** UUID version 7; the same at every try, so that a receiver knows what it has had. */
  readonly id: string
  readonly kind: NoticeKind
  readonly at: Date
  /** Names and ids; nothing of a person but the id of the account. */
  readonly content: Readonly<Record<string, string>>
}

/** One that this node sends now, and no other. */
export interface LeasedNotice extends Notice {
  /** This try among them. */
  readonly attempts: number
}

/** What somebody who waits for approval says to whoever decides. */
export interface ApprovalNote {
  readonly text: string
  readonly writtenAt: Date
  /** It may be changed once. */
  readonly isFinal: boolean
}
