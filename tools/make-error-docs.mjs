// Writes docs/errors.md from the compiled list of codes and the table of statuses; with --check, only compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { errorEntries } from '../dist/src/errors.js'
import { statusOf } from '../dist/src/http/status-of.js'

const target = new URL('../docs/errors.md', import.meta.url)

const whoMustAct = {
  'identity-provider': 'identity provider',
  'service-provider': 'this service',
  person: 'the person',
  caller: 'the caller',
}

const rows = Object.entries(errorEntries).map(
  ([code, { sentence, fix }]) => `| \`${code}\` | ${statusOf[code]} | ${whoMustAct[fix]} | ${sentence} |`,
)

const text = `# Errors

Every refusal has one of the codes below; a code never changes its meaning. This page is written by
\`node tools/make-error-docs.mjs\` from \`src/errors.ts\` and \`src/http/status-of.ts\`, and a test keeps them equal.

A person sees the sentence, who can put it right, and a reference. A program that does not ask for \`text/html\` gets the
same as JSON:

\`\`\`json
{ "error": "saml_expired", "message": "The assertion is no longer valid.", "fix": "identity-provider", "reference": "7f3k-92qd-01ab" }
\`\`\`

What exactly was checked, what was wanted and what arrived stands in the recorded attempt, for administrators only:
\`latchkey attempt show REFERENCE\`. The reference of any other refusal is the end of the \`requestId\` in the log.
\`Retry-After\` says when trying again makes sense.

**Who must act**: *identity provider*, the administrators of the organization's identity provider; *this service*, the
administrators of this Latchkey installation or of the connection; *the person*, by beginning again; *the caller*, whoever
made the link, the request, the command or the file.

| code | HTTP status | who must act | sentence |
|---|---|---|---|
${rows.join('\n')}
`

if (!process.argv.includes('--check')) writeFileSync(target, text)
else if (readFileSync(target, 'utf8') !== text) {
  console.error(
    'docs/errors.md is not what src/errors.ts and src/http/status-of.ts say: run node tools/make-error-docs.mjs',
  )
  process.exit(1)
}
