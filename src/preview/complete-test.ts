import type { SignInDirectory } from '../directory/directory.ts'
import { referenceOf } from '../directory/sign-in.ts'
import type { TestedSignIn } from '../sign-in/test-sign-in.ts'
import { type Preview, previewSignIn } from './preview.ts'
import type { PreviewDependencies } from './preview-dependencies.ts'

/** What a test came to, and the reference under which it is recorded. */
export interface TestResult {
  readonly preview: Preview
  readonly reference: string
}

/** Tells what the sign-in would have done, and records the attempt: all that a test writes. */
export async function completeTest(
  { assertion, received: { connection, attempt }, trace }: TestedSignIn,
  deps: PreviewDependencies & { readonly directory: Pick<SignInDirectory, 'recordAttempt'> },
): Promise<TestResult> {
  const evidence = { assertion, findings: [], findOnState: async () => [] }
  const preview = await trace.step('preview', () => previewSignIn({ connection, isDraft: false, evidence }, deps))
  const { outcome, refusal, match } = preview
  trace.note({ test: true, ...(refusal && { refusal: refusal.code, ...refusal }) })
  await deps.directory.recordAttempt({
    ...attempt,
    at: deps.now(),
    outcome,
    ...(refusal && { code: refusal.code }),
    ...(match?.account && { accountId: match.account.id }),
    trace: trace.steps(),
  })
  return { preview, reference: referenceOf(attempt.id) }
}
