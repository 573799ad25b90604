import type { FastifyReply } from 'fastify'
import { type Page, renderPage } from './layout.ts'
import { contentSecurityPolicy, type PagePolicy } from './security-headers.ts'

/** Answers with a page of ours. */
export function sendPage(reply: FastifyReply, page: Page, publicUrl: string, policy: PagePolicy = {}): FastifyReply {
  return reply
    .headers({
      'content-security-policy': contentSecurityPolicy(publicUrl, policy),
      // A page on the way to an identity provider may have been opened by an application, which waits for it.
      ...(!policy.script && { 'cross-origin-opener-policy': 'same-origin' }),
    })
    .type('text/html; charset=utf-8')
    .send(renderPage(page, publicUrl))
}
