import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningDemo, startDemo } from './start-demo.ts'
import { storySteps } from './story.ts'

/**
 * Plays the whole story unattended, over real HTTP with cookies and forms, on a fresh database and free ports, and says one
 * line for each step. Gives whether all of them held. `story.ts` is the story.
 */
export async function checkStory(say: (line: string) => void): Promise<boolean> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'latchkey-check-'))
  const [port, identityProviderPort, portalPort] = [await freePort(), await freePort(), await freePort()]
  let demo: RunningDemo | undefined
  try {
    demo = await startDemo({ dataDirectory, port, identityProviderPort, portalPort, logLevel: 'silent' })
    return await playStory(demo, say)
  } finally {
    await demo?.stop()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}

/** A step that fails ends the story: what follows would tell nothing. */
async function playStory(demo: RunningDemo, say: (line: string) => void): Promise<boolean> {
  const steps = storySteps(demo)
  for (const [index, { title, run }] of steps.entries()) {
    const number = `${index + 1}`.padStart(2)
    try {
      const seen = await run()
      say(`ok ${number}  ${title}${seen === undefined ? '' : `: ${seen}`}`)
    } catch (error) {
      say(`FAILED ${number}  ${title}: ${error instanceof Error ? error.message : String(error)}`)
      say(`${index} of ${steps.length} steps hold`)
      return false
    }
  }
  say(`all ${steps.length} steps hold`)
  return true
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : undefined
      server.close(() => (port === undefined ? reject(new Error('no free port')) : resolve(port)))
    })
  })
}
