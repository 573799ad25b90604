import type { FastifyReply } from 'fastify'

const policy = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"

export function sendPage(reply: FastifyReply, page: string, status = 200): FastifyReply {
  return send(reply, page, `${policy}; form-action 'self'`, status)
}

/**
 * The page that submits itself to a service provider. Its script is a file; the form may go anywhere, because browsers
 * apply `form-action` to every redirect that follows, and where those lead is the service provider's affair.
 */
export function sendHandOver(reply: FastifyReply, page: string): FastifyReply {
  return send(reply, page, `${policy}; script-src 'self'`, 200)
}

/** Shows the services that are asked to sign out, each in a frame; any of them may be on any host. */
export function sendFrames(reply: FastifyReply, page: string): FastifyReply {
  return send(reply, page, `${policy}; form-action 'self'; frame-src http: https:`, 200)
}

/** What a service answered, inside a frame of ours. */
export function sendFrame(reply: FastifyReply, page: string): FastifyReply {
  return send(reply, page, policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'"), 200)
}

function send(reply: FastifyReply, page: string, contentSecurityPolicy: string, status: number): FastifyReply {
  return reply
    .status(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
    })
    .send(page)
}
