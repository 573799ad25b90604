import type { FastifyRequest } from 'fastify'
import type { Applicant } from '../sign-in/sign-in-queue.ts'

/** A request as the queue of sign-ins sees it. */
export function applicantOf({ body, raw }: Pick<FastifyRequest, 'body' | 'raw'>): Applicant {
  return { bytes: typeof body === 'string' ? body.length : 0, hasLeft: () => raw.socket.destroyed }
}
