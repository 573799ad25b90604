// `npm run docs`: writes the pages of docs/ that are made from the code.
import { writeFileSync } from 'node:fs'
import { build } from './build.mjs'

build()
const { configurationDocument } = await import('../dist/src/config/configuration-document.js')
writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationDocument())

const { commandsDocument } = await import('../dist/src/cli/help-text.js')
const { cliCommands } = await import('../dist/src/cli/command-list.js')
writeFileSync(new URL('../docs/commands.md', import.meta.url), commandsDocument(cliCommands))

const { openApiText } = await import('../dist/src/http/api/openapi.js')
writeFileSync(new URL('../docs/openapi.json', import.meta.url), openApiText())

await import('./make-error-docs.mjs')
