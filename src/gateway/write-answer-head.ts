import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Application } from '../directory/application.ts'
import { browserResponseHeaders } from './upstream-headers.ts'

/** Begins the answer to the browser with the application's status and headers. */
export function writeAnswerHead(response: ServerResponse, incoming: IncomingMessage, application: Application): void {
  const { statusCode = 502, statusMessage = '' } = incoming
  const headers = browserResponseHeaders(incoming, application)
  if (response.getHeaderNames().length === 0) response.writeHead(statusCode, statusMessage, headers)
  else {
    // Beside headers that were set before, `writeHead` keeps only the last of those that are repeated in a list.
    addHeaders(response, headers)
    response.writeHead(statusCode, statusMessage)
  }
}

function addHeaders(response: ServerResponse, headers: readonly string[]): void {
  const values = new Map<string, { readonly name: string; readonly all: string[] }>()
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const [name = '', value = ''] = [headers[index], headers[index + 1]]
    const known = values.get(name.toLowerCase())
    if (known === undefined) values.set(name.toLowerCase(), { name, all: [value] })
    else known.all.push(value)
  }
  for (const { name, all } of values.values()) response.setHeader(name, all.length === 1 ? (all[0] ?? '') : all)
}
