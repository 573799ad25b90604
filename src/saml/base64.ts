/** Strict base64 (RFC 4648 section 4, padded) with white space anywhere; undefined for anything else, also for nothing. */
export function decodeBase64(text: string): Buffer | undefined {
  return decodeCompact(text) ?? (/[ \t\r\n]/.test(text) ? decodeCompact(text.replace(/[ \t\r\n]+/g, '')) : undefined)
}

function decodeCompact(text: string): Buffer | undefined {
  if (text.length === 0 || text.length % 4 !== 0 || misleadsNode(text)) return undefined
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = Buffer.from(text, 'base64')
  // Node leaves out what is not base64: then something is missing. Faster than a pattern for the whole text.
  return bytes.length === (text.length / 4) * 3 - padding ? bytes : undefined
}

/** What Node would take for base64 all the same: the URL-safe alphabet, and characters whose low byte is a letter. */
function misleadsNode(text: string): boolean {
  return text.includes('-') || text.includes('_') || /[\u0100-\uffff]/.test(text)
}
