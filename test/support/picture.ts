import { join } from 'node:path'
import type { Page } from 'playwright-core'

/** Where `LATCHKEY_PICTURES` names a folder: what the page looks like on a desk and on a telephone. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.LATCHKEY_PICTURES
  if (folder === undefined) return
  const before = page.viewportSize()
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 })
    await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true })
  }
  if (before !== null) await page.setViewportSize(before)
}
