import type { Organization } from '../directory/organization.ts'
import type { FieldChange, OwnedValue } from '../preview/describe-plan.ts'
import type { Preview } from '../preview/preview.ts'
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
  const { subject, plan } = preview
  return {
    ...preview,
    ...(subject && { subject: { ...subject, fields: subject.fields.map(maskNamed) } }),
    ...(plan && { plan: { ...plan, fields: plan.fields.map(maskChange), kept: plan.kept.map(maskNamed) } }),
  }
}

/** How many there are stays to be seen. */
function masked<T extends Pick<OwnedValue, 'values'>>(value: T): T {
  return { ...value, values: value.values.map(() => maskedValue) }
}
