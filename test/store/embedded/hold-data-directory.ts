import { openEmbeddedStorage } from '../../../src/store/embedded/open-embedded-storage.ts'

/** A process of its own that opens a data directory, says how that went, and holds it until it is killed. */
try {
  await openEmbeddedStorage({ dataDirectory: process.argv[2] ?? '' }, { report: () => undefined })
  process.send?.({ opened: true })
} catch (error) {
  const { code, detail } = error as { readonly code?: string; readonly detail?: unknown }
  process.send?.({ opened: false, code, detail })
}
