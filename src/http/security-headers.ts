/** The headers that every answer of ours carries, and the policy of pages. */

/** For whatever is not an asset: nobody keeps it, nobody frames it, nothing is guessed about it. */
export function securityHeaders(publicUrl: string): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy(publicUrl),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    ...(publicUrl.startsWith('https:') && { 'strict-transport-security': 'max-age=31536000' }),
  }
}

export interface PagePolicy {
  /** Loads our script. */
  readonly script?: boolean
  /** Sources for `form-action`. Default: our own origin. */
  readonly formAction?: readonly string[]
  /** Who may show the page in a frame. Default: nobody. */
  readonly frameAncestors?: readonly string[]
}

/**
 * For a form whose answer may be redirected to hosts that we cannot know: browsers hold `form-action` against every
 * redirect, and identity providers do redirect. docs/decisions/0081-form-action.md.
 */
export function anyFormTarget(...urls: readonly string[]): readonly string[] {
  const schemes = ['https:', ...(urls.some((url) => url.startsWith('http:')) ? ['http:'] : [])]
  return ["'self'", ...schemes]
}

/** Nothing but our stylesheet; scripts and foreign form targets only for the page that needs them. */
export function contentSecurityPolicy(publicUrl: string, policy: PagePolicy = {}): string {
  return [
    "default-src 'none'",
    `style-src ${publicUrl}`,
    'img-src data:',
    ...(policy.script ? [`script-src ${publicUrl}`] : []),
    `form-action ${(policy.formAction ?? ["'self'"]).join(' ')}`,
    "base-uri 'none'",
    `frame-ancestors ${(policy.frameAncestors ?? ["'none'"]).join(' ')}`,
  ].join('; ')
}
