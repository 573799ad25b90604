import type { Application } from '../directory/application.ts'
import type { SessionHolder } from '../directory/session.ts'
import { identityOf } from './identity.ts'
import { assertionHeader, identityHeaders } from './identity-headers.ts'

/** Stands for the assertion that a request would carry: it is signed anew for each session. */
const unsigned = 'signed-for-each-session'

/** The identity headers an application would get for a visitor. Throws `header_value_invalid`. */
export function previewHeaders(
  holder: SessionHolder,
  application: Application,
): readonly { readonly name: string; readonly value: string }[] {
  const flat = identityHeaders(identityOf(holder, application), unsigned)
  return flat.flatMap((name, index) =>
    index % 2 === 0 && name !== assertionHeader ? [{ name, value: flat[index + 1] ?? '' }] : [],
  )
}
