// Builds, then runs one compiled program with the remaining arguments: `node tools/run-built.mjs dist/src/cli/main.js demo`.
import { spawn } from 'node:child_process'
import { build } from './build.mjs'

build()
const child = spawn(process.execPath, ['--enable-source-maps', ...process.argv.slice(2)], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
