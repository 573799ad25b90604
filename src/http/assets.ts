import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { packageRoot } from '../package-root.ts'

/** The files a page may load. Their addresses carry a hash of the content, so a browser may keep them for ever. */
export interface Asset {
  /** Path on Latchkey's own host: `/assets/latchkey-3fb2….css`. */
  readonly path: string
  readonly contentType: string
  readonly content: Buffer
}

export const stylesheet = readAsset('latchkey.css', 'text/css; charset=utf-8')
/** Submits the one form of a page at once; the page works without it, by its button. */
export const submitScript = readAsset('submit.js', 'text/javascript; charset=utf-8')
/** Asks for a passkey; the page works without it, by a recovery code. */
export const passkeyScript = readAsset('passkey.js', 'text/javascript; charset=utf-8')

export const assets: readonly Asset[] = [stylesheet, submitScript, passkeyScript]

function readAsset(file: string, contentType: string): Asset {
  const content = readFileSync(new URL(`src/http/assets/${file}`, packageRoot))
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16)
  return { path: `/assets/${file.replace('.', `-${hash}.`)}`, contentType, content }
}
