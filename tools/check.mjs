// Types, lint, format, import arrows and numbers of migrations: what every change must pass, in under a minute.
import { installWhatIsMissing, run } from './build.mjs'

installWhatIsMissing()
run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit'])
run(process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'])
run(process.execPath, ['tools/check-imports.mjs'])
run(process.execPath, ['tools/check-migrations.mjs'])
