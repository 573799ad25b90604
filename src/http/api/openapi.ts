import { z } from 'zod'
import { inputOf, type Operation, operations } from './operations.ts'
import { takesQuery } from './read-input.ts'

/** The OpenAPI 3.1 document of the API, made from the table of operations and the schemas of the commands. */

type Json = Readonly<Record<string, unknown>>

let text: string | undefined

/** As `/api/v1/openapi.json` and `docs/openapi.json` have it. */
export function openApiText(): string {
  text ??= `${JSON.stringify(openApiDocument(), null, 2)}\n`
  return text
}

function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const operation of operations) {
    const path = operation.path.replace(/:([a-z]+)/gi, '{$1}')
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describeOperation(operation) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Latchkey',
      version: '1',
      description:
        'Administration for programs. An answer holds in `result` what `latchkey … -o json` prints; times are ISO 8601. Refusals are problem details (RFC 9457) with the codes of docs/errors.md.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }],
    paths: { ...paths, '/openapi.json': openApiPath, '/problems/{code}': problemPath },
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'Made with `latchkey token create`.' } },
      responses: { Problem: problemResponse },
    },
  }
}

function describeOperation(operation: Operation): Json {
  const { properties = {}, required = [], ...rest } = jsonSchemaOf(operation)
  const inPath = [...operation.path.matchAll(/:([a-z]+)/gi)].map(([, name = '']) => name)
  const others = Object.keys(properties).filter((name) => !inPath.includes(name))
  const parameter = (name: string, place: 'path' | 'query') => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: properties[name] ?? { type: 'string' },
  })
  const inQuery = takesQuery(operation) ? others : []
  const parameters = [
    ...inPath.map((name) => parameter(name, 'path')),
    ...inQuery.map((name) => parameter(name, 'query')),
  ]
  const bodyNames = takesQuery(operation) ? [] : others
  return {
    operationId: operation.command,
    summary: operation.summary,
    description: needsText(operation),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(bodyNames.length === 0 ? {} : { requestBody: requestBody(bodyNames, properties, required, rest) }),
    responses: { 200: resultResponse(operation), default: { $ref: '#/components/responses/Problem' } },
  }
}

function requestBody(names: readonly string[], properties: Json, required: readonly string[], rest: Json): Json {
  const wanted = required.filter((name) => names.includes(name))
  const schema = {
    ...rest,
    properties: Object.fromEntries(names.map((name) => [name, properties[name]])),
    ...(wanted.length === 0 ? {} : { required: wanted }),
  }
  return { required: wanted.length > 0, content: { 'application/json': { schema } } }
}

function needsText({ scope, reveals, isInstallationWide }: Operation): string {
  const parts = [
    `Needs a token of scope \`${scope}\``,
    ...(isInstallationWide ? ['for the whole installation'] : []),
    ...(reveals === 'always' ? ['that may reveal'] : []),
    ...(Array.isArray(reveals)
      ? [`that may reveal where ${reveals.map((name) => `\`${name}\``).join(' or ')} is given`]
      : []),
  ]
  return `${parts.join(', ')}.`
}

const jsonSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
})

function jsonSchemaOf(operation: Operation): z.output<typeof jsonSchema> {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(inputOf(operation), { io: 'input', unrepresentable: 'any' })
  return jsonSchema.parse(schema)
}

function resultResponse({ command }: Operation): Json {
  if (command === 'connection.replayWhole') {
    const line = { type: 'object', properties: { progress: {}, result: {}, problem: {} }, maxProperties: 1 }
    return { description: 'A line of JSON a page.', content: { 'application/x-ndjson': { schema: line } } }
  }
  const schema = { type: 'object', properties: { result: {} }, required: ['result'] }
  return { description: 'Done.', content: { 'application/json': { schema } } }
}

const texts = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, { type: 'string' }]))

const problemResponse: Json = {
  description: 'Refused.',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        properties: {
          ...texts(['type', 'title', 'code', 'fix', 'reference', 'check', 'wanted', 'arrived', 'at', 'advice']),
          status: { type: 'integer' },
        },
        required: ['type', 'title', 'status', 'code', 'fix', 'reference'],
      },
    },
  },
}

const anybody = { security: [] }
const jsonAnswer = (description: string) => ({ 200: { description, content: { 'application/json': {} } } })

const openApiPath: Json = {
  get: { ...anybody, operationId: 'openapi', summary: 'This document.', responses: jsonAnswer('OpenAPI 3.1.') },
}

const problemPath: Json = {
  get: {
    ...anybody,
    operationId: 'problem',
    summary: 'What a code means: the address in `type` of a problem.',
    parameters: [{ name: 'code', in: 'path', required: true, schema: { type: 'string' } }],
    responses: { ...jsonAnswer('The code.'), default: { $ref: '#/components/responses/Problem' } },
  },
}
