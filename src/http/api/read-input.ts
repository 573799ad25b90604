import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { LatchkeyError } from '../../errors.ts'
import type { Operation } from './operations.ts'
import { inputOf } from './operations.ts'
import { readJson } from './read-json.ts'

type Members = Readonly<Record<string, unknown>>

/**
 * The input of a command, put together from path, query and body; each member may come in one place. The command itself holds it
 * against its schema. Throws `request_invalid`.
 */
export function readInput(request: FastifyRequest, operation: Operation): Members {
  const path = request.params as Members
  const query = readQueryMembers(request.url, operation)
  const body = readBody(request, operation)
  for (const name of Object.keys(query)) refuseTwice(name, path)
  for (const name of Object.keys(body)) refuseTwice(name, { ...path, ...query })
  return { ...path, ...query, ...body }
}

function refuseTwice(name: string, elsewhere: Members): void {
  if (!Object.hasOwn(elsewhere, name)) return
  throw new LatchkeyError('request_invalid', { check: name, wanted: 'in the address or the body', arrived: 'twice' })
}

/** Methods with a body take nothing from the query: an address is written to logs. */
function readQueryMembers(url: string, operation: Operation): Members {
  const start = url.indexOf('?')
  const pairs = start === -1 ? [] : [...new URLSearchParams(url.slice(start + 1))]
  if (pairs.length > 0 && !takesQuery(operation)) throw invalid('query', 'no query', 'a query')
  const members: Record<string, unknown> = Object.create(null)
  for (const [name, text] of pairs) {
    if (name in members) throw invalid('query', 'each name once', name.slice(0, 100))
    members[name] = isNumber(name, operation) && /^\d{1,15}$/.test(text) ? Number(text) : text
  }
  return members
}

/** Whether the schema of this member takes a number. */
function isNumber(name: string, operation: Operation): boolean {
  const schema = inputOf(operation)
  return schema instanceof z.ZodObject && Object.hasOwn(schema.shape, name) && takesNumber(schema.shape[name])
}

function takesNumber(schema: z.core.$ZodType): boolean {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return takesNumber(schema.unwrap())
  if (schema instanceof z.ZodUnion) return schema.options.some(takesNumber)
  return schema instanceof z.ZodNumber
}

export function takesQuery({ method }: Operation): boolean {
  return method === 'GET' || method === 'DELETE'
}

/** No body is an empty object. */
function readBody({ body }: FastifyRequest, operation: Operation): Members {
  if (!Buffer.isBuffer(body) || body.length === 0) return {}
  if (takesQuery(operation)) throw invalid('body', 'no body', 'a body')
  const value = readJson(body)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members
  throw invalid('body', 'an object', Array.isArray(value) ? 'a list' : typeof value)
}

function invalid(check: string, wanted: string, arrived: string): LatchkeyError {
  return new LatchkeyError('request_invalid', { check, wanted, arrived })
}
