// `npm test`: builds, then runs every test on the embedded database and on a PostgreSQL server that it brings itself
// (or the one in TEST_DATABASE_URL). Arguments choose files: `npm test -- saml`.
import { build } from './build.mjs'
import { runTests } from './run-tests.mjs'

build()
process.exitCode = await runTests({ words: process.argv.slice(2) })
