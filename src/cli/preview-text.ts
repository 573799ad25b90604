import type { CommandResult } from '../admin/commands.ts'
import { whoMustAct } from './refusal-text.ts'
import { printable, textList, textTable } from './text-table.ts'

type Preview = CommandResult<'connection.preview'>
type Fact = Preview['findings'][number]
type Plan = NonNullable<Preview['plan']>
type Grant = Plan['granted'][number]

/** A preview as people read it: what would happen first, then why, then the details. */
export function previewText(preview: Preview): string {
  const { findings, refusal, plan } = preview
  return [
    'Not a sign-in: nothing is written, nothing is consumed.',
    headline(preview),
    ...findings.map((finding) => factText('A sign-in would be refused', finding)),
    ...(refusal ? [factText('A sign-in would be refused', refusal)] : []),
    ...(plan && findings.length > 0 ? ['What it would do if that were not so:'] : []),
    ...moduleText(preview),
    ...matchText(preview),
    ...(plan ? planTexts(plan) : []),
    ...applicationTexts(preview.applications),
  ].join('\n\n')
}

function headline({ connection, version, isDraft, outcome }: Preview): string {
  const by = isDraft ? `a draft of connection ${connection}` : `connection ${connection}, version ${version}`
  return `By ${by}: ${outcome}.`
}

function factText(heading: string, { code, sentence, fix, check, wanted, arrived, at, advice, ...rest }: Fact): string {
  return [
    `${heading}: ${sentence} (${code})`,
    textList([
      ['  check', check],
      ['  wanted', wanted],
      ['  arrived', arrived],
      ['  at', at],
      ['  advice', advice],
      ['  to fix', whoMustAct[fix]],
      ['  attributes that arrived', rest.arrivedAttributes?.join(', ')],
    ]),
  ].join('\n')
}

function moduleText({ consulted }: Preview): readonly string[] {
  if (consulted === undefined) return []
  const { module, fields, roles, groups } = consulted
  const given = fields.map(({ field, values }) => `${field}: ${printable(values.join(', ')) || '(cleared)'}`)
  return [
    textList([
      ['mapping module', module],
      ['  gave fields', given.join('; ') || 'none'],
      ['  gave roles', printable(roles.join(', ')) || 'none'],
      ['  gave groups', printable(groups.join(', ')) || 'none'],
    ]),
  ]
}

function matchText({ match, subject }: Preview): readonly string[] {
  if (match === undefined || subject === undefined) return []
  const { account } = match
  const found = account ? `${account.username} (${account.id}), ${account.state}` : 'nobody: a first sign-in'
  return [
    textList([
      ['account', found],
      ['found by', match.by],
      ['subject key', match.subjectKey],
      ['user name', `${subject.username} (from ${subject.usernameRule})`],
      ['roles that arrived', subject.roles.join(', ') || 'none'],
      ['groups that arrived', groupsText(subject.groups)],
    ]),
  ]
}

function groupsText(groups: NonNullable<Preview['subject']>['groups']): string {
  return groups === 'unknown' ? 'unknown: too many to send' : groups.join(', ') || 'none'
}

function planTexts(plan: Plan): readonly string[] {
  const { username, expiresAt } = plan
  const fields = plan.fields.map(({ field, before, after }) => [
    field,
    before ? before.values.join(', ') : '(none)',
    after ? after.values.join(', ') : '(removed)',
    (after ?? before)?.source,
    (after ?? before)?.rule,
  ])
  const grants = [
    ...plan.granted.map((grant) => grantRow('+', grant)),
    ...plan.revoked.map((grant) => grantRow('-', grant)),
    ...plan.held.map((grant) => grantRow(' ', grant)),
  ]
  return [
    plan.kind === 'create'
      ? 'An account would be created.'
      : plan.changes
        ? 'It would change:'
        : 'It would change nothing.',
    ...(plan.state.before !== plan.state.after ? [`state: ${plan.state.before ?? 'none'} → ${plan.state.after}`] : []),
    ...(username.before !== undefined && username.before !== username.after
      ? [`user name: ${printable(username.before)} → ${printable(username.after)}`]
      : []),
    ...(expiresAt ? [`ends: ${expiresAt.before ?? 'not set'} → ${expiresAt.after ?? 'not set'}${by(plan)}`] : []),
    ...(plan.sessionLimit
      ? [`session: at most ${hours(plan.sessionLimit.seconds)} h (${plan.sessionLimit.rule})`]
      : []),
    ...(plan.setUp ? [`The person would be asked before anything opens: ${plan.setUp.join(', ')}.`] : []),
    textTable(['field', 'before', 'after', 'owner', 'rule'], fields, 'No field changes.'),
    textTable(['', 'grant', 'name', 'owner', 'rule'], grants, 'No roles or groups.'),
    ...setAsideText(plan.setAside),
  ]
}

function by({ endsByType }: Plan): string {
  return endsByType ? ' (by the account type)' : ''
}

function hours(seconds: number): number {
  return Math.round(seconds / 36) / 100
}

function grantRow(sign: string, { kind, name, source, rule }: Grant): readonly string[] {
  return [sign, kind, name, source, rule]
}

function setAsideText(notes: Plan['setAside']): readonly string[] {
  if (notes.length === 0) return []
  const rows = notes.map(({ subject, value, reason }) => [subject, value, reason])
  return [textTable(['set aside', 'value', 'because'], rows, '')]
}

function applicationTexts(applications: Preview['applications']): readonly string[] {
  return applications.map(({ application, headers, refusal }) =>
    refusal
      ? factText(`Application ${application} would not open`, refusal)
      : [
          `Application ${application} would get:`,
          ...(headers ?? []).map(({ name, value }) => `  ${name}: ${printable(value)}`),
        ].join('\n'),
  )
}
