// Asks the browser for a passkey and sends the answer with the form. Nothing is fetched: the page holds all that is needed.

const form = document.querySelector('form[data-passkey]')
const problem = document.getElementById('passkey-problem')

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

function optionsOf({ challenge, user, excludeCredentials, ...rest }) {
  return {
    ...rest,
    challenge: toBytes(challenge),
    ...(user && { user: { ...user, id: toBytes(user.id) } }),
    ...(excludeCredentials && {
      excludeCredentials: excludeCredentials.map((known) => ({ ...known, id: toBytes(known.id) })),
    }),
  }
}

function answerOf({ id, rawId, type, response }) {
  const parts = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
  const present = parts.filter((part) => response[part])
  const texts = Object.fromEntries(present.map((part) => [part, toText(response[part])]))
  return JSON.stringify({ id, rawId: toText(rawId), type, response: texts })
}

function tell(error) {
  const known = {
    InvalidStateError: 'This passkey is registered already. Use another device or security key.',
    SecurityError: 'This browser does not allow passkeys at this address.',
    NotSupportedError: 'This device cannot make a passkey of the kind that is needed here.',
  }
  problem.textContent =
    known[error.name] ?? 'No passkey was given: it was cancelled, or took too long. Please try again.'
  problem.hidden = false
}

async function ask(event) {
  event.preventDefault()
  const button = form.querySelector('button')
  const publicKey = optionsOf(JSON.parse(form.dataset.passkey))
  problem.hidden = true
  button.disabled = true
  try {
    const isNew = publicKey.user !== undefined
    const credential = await (isNew
      ? navigator.credentials.create({ publicKey })
      : navigator.credentials.get({ publicKey }))
    form.elements.passkey.value = answerOf(credential)
    form.submit()
  } catch (error) {
    tell(error)
    button.disabled = false
  }
}

if (form !== null && window.PublicKeyCredential !== undefined) {
  form.hidden = false
  form.addEventListener('submit', ask)
  for (const without of document.querySelectorAll('.without-passkeys')) without.hidden = true
}
