import type { Organization } from '../directory/organization.ts'
import type { FieldChange, OwnedValue } from '../preview/describe-plan.ts'
import type { DescribedAnswer } from '../preview/describe-subject.ts'
import type { Preview } from '../preview/preview.ts'
import type { PlanNote } from '../provisioning/plan.ts'
import { isSensitive, maskedValue } from './mask-account.ts'

interface Named {
  readonly field: string
  readonly values: readonly string[]
}

/** A preview without the values of fields that the organization declares sensitive. */
export function maskPreview(preview: Preview, organization: Organization | undefined): Preview {
  const isSecret = (field: string) => organization !== undefined && isSensitive(field, organization)
  const maskNamed = <T extends Named>(named: T): T => (isSecret(named.field) ? masked(named) : named)
  const maskChange = ({ field, before, after }: FieldChange): FieldChange => ({
    field,
    ...(before && { before: isSecret(field) ? masked(before) : before }),
    ...(after && { after: isSecret(field) ? masked(after) : after }),
  })
  const { subject, plan, consulted } = preview
  const secrets = new Set(
    [...(subject?.fields ?? []), ...(consulted?.fields ?? [])].flatMap(({ field, values }) =>
      isSecret(field) ? values : [],
    ),
  )
  // A rule may make a role of such a value, and few of those exist.
  const maskName = (name: string) => (secrets.has(name) ? maskedValue : name)
  const maskNote = (note: PlanNote): PlanNote => ({ ...note, value: maskName(note.value) })
  return {
    ...preview,
    ...(consulted && { consulted: hidesAny(organization) ? maskAnswer(consulted, maskNamed, maskName) : consulted }),
    ...(subject && {
      subject: { ...subject, fields: subject.fields.map(maskNamed), roles: subject.roles.map(maskName) },
    }),
    ...(plan && {
      plan: {
        ...plan,
        fields: plan.fields.map(maskChange),
        kept: plan.kept.map(maskNamed),
        setAside: plan.setAside.map(maskNote),
      },
    }),
  }
}

function hidesAny(organization: Organization | undefined): boolean {
  return Object.values(organization?.declared?.customFields ?? {}).some(({ sensitive }) => sensitive)
}

/** Which attribute a module makes a field of, nobody but the module knows: where any field is sensitive, all that it was given is. */
function maskAnswer(
  answer: DescribedAnswer,
  maskNamed: <T extends Named>(named: T) => T,
  maskName: (name: string) => string,
): DescribedAnswer {
  const { input, fields, groups, roles } = answer
  const attributes = Object.entries(input.attributes).map(([name, values]) => [name, values.map(() => maskedValue)])
  return {
    ...answer,
    input: { ...input, attributes: Object.fromEntries(attributes) },
    fields: fields.map(maskNamed),
    groups: groups.map(maskName),
    roles: roles.map(maskName),
  }
}

/** How many there are stays to be seen. */
function masked<T extends Pick<OwnedValue, 'values'>>(value: T): T {
  return { ...value, values: value.values.map(() => maskedValue) }
}
