import type { CorpusCase } from './corpus-case.ts'
import type { Outcome, Refused } from './run-case.ts'

/**
 * `right`: as the case expects. `policy`: refused where it was expected to be accepted, for a reason that is a decision.
 * `differs`: the case itself is unsure. `wrong`: everything else.
 */
export interface Verdict {
  readonly is: 'right' | 'policy' | 'differs' | 'wrong'
  /** Why the whole run fails; undefined when it need not. */
  readonly failure?: string
}

const right: Verdict = { is: 'right' }

export function judge(entry: CorpusCase, outcome: Outcome): Verdict {
  if (outcome.is === 'crashed' || outcome.is === 'unreadable') return { is: 'wrong', failure: outcome.is }
  if (outcome.is === 'accepted') return judgeAccepted(entry, outcome.nameId)
  if (entry.expect === 'accept') return judgeRefused(entry, outcome)
  if (entry.attack && outcome.onlyWeakCryptography) {
    return { is: 'wrong', failure: 'an attack is refused for weak cryptography only' }
  }
  return right
}

function judgeAccepted(entry: CorpusCase, nameId: string | undefined): Verdict {
  const { expect, attack, confidence, yieldsNameID, neverNameID } = entry
  if (nameId !== undefined && neverNameID?.includes(nameId))
    return { is: 'wrong', failure: 'a forbidden subject came out' }
  if (expect === 'reject') {
    if (attack) return { is: 'wrong', failure: 'an attack passes' }
    return { is: confidence === 'unsure' ? 'differs' : 'wrong' }
  }
  if (yieldsNameID == null || yieldsNameID === nameId) return right
  return { is: 'wrong', failure: `another subject came out than ${yieldsNameID}` }
}

function judgeRefused({ confidence }: CorpusCase, { policy }: Refused): Verdict {
  if (policy !== undefined) return { is: 'policy' }
  if (confidence === 'unsure') return { is: 'differs' }
  return { is: 'wrong', failure: 'an asserted message is refused' }
}
