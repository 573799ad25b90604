import { readFileSync } from 'node:fs'
import { packageRoot } from '../../package-root.ts'

const read = (file: string) => readFileSync(new URL(`src/test-identity-provider/assets/${file}`, packageRoot), 'utf8')

/** Path → what is there. */
export const assets = {
  '/assets/site.css': { contentType: 'text/css; charset=utf-8', content: read('site.css') },
  '/assets/submit.js': { contentType: 'text/javascript; charset=utf-8', content: read('submit.js') },
} as const
