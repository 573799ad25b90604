import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Folders and servers of tests that are gone when the test is, even when it was killed without warning: a small process
 * holds a pipe to this one and clears up what it was told of when that pipe closes, for whatever reason. Where there is no
 * `sh`, only those that end in order clear up.
 */
export function makeTemporaryFolder(purpose: string): string {
  const folder = mkdtempSync(join(tmpdir(), `latchkey-${purpose}-`))
  tellCaretaker('folder', folder)
  return folder
}

export function removeTemporaryFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** Ends with this process: a process ID, negative for its whole group. Gives a function that says it has ended. */
export function endWithUs(processId: number): () => void {
  tellCaretaker('process', String(processId))
  return () => tellCaretaker('ended', String(processId))
}

/** Reads what there is to clear up, one to a line, and does it at the end of the pipe: processes first. */
const caretaking = `
trap '' INT TERM HUP
folders= processes=
while IFS=' ' read -r kind what; do
  case $kind in
    folder) folders="$folders
$what" ;;
    process) processes="$processes $what " ;;
    ended) processes=$(printf '%s' "$processes" | sed "s/ $what / /") ;;
  esac
done
for signal in INT TERM KILL; do
  for each in $processes; do
    tries=20
    while kill -s $signal -- "$each" 2>/dev/null && [ $tries -gt 0 ]; do tries=$((tries - 1)); sleep 0.1; done
  done
done
IFS='
'
for each in $folders; do rm -rf -- "$each"; done
`

let caretaker: ChildProcess | undefined

function tellCaretaker(kind: 'folder' | 'process' | 'ended', what: string): void {
  caretaker ??= startCaretaker()
  caretaker.stdin?.write(`${kind} ${what}\n`)
}

function startCaretaker(): ChildProcess {
  const child = spawn('sh', ['-c', caretaking], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/' })
  child.on('error', () => undefined)
  child.stdin?.on('error', () => undefined)
  child.unref()
  if (child.stdin !== null && 'unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
  return child
}
