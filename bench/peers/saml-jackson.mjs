import jackson from '@boxyhq/saml-jackson'

/** SAML Jackson embedded: the response comes in, and what an application asks for then: code, token, the person's profile. */
export async function start({ databaseUrl, publicUrl, acsPath, audience, identityProvider }) {
  const { connectionAPIController, oauthController } = await jackson.controllers({
    externalUrl: publicUrl,
    samlPath: acsPath,
    samlAudience: audience,
    idpEnabled: true,
    noAnalytics: true,
    db: { engine: 'sql', type: 'postgres', url: databaseUrl },
    logger: { info: () => undefined, warn: () => undefined },
  })
  const redirectUrl = `${publicUrl}/home`
  const { clientID, clientSecret } = await connectionAPIController.createSAMLConnection({
    tenant: 'company-a',
    product: 'bench',
    rawMetadata: identityProvider.metadata,
    defaultRedirectUrl: redirectUrl,
    redirectUrl: [redirectUrl],
  })

  async function signIn(form) {
    const SAMLResponse = new URLSearchParams(form).get('SAMLResponse')
    const { redirect_url } = await oauthController.samlResponse({ SAMLResponse, RelayState: '' })
    const code = new URL(redirect_url).searchParams.get('code')
    const client = { client_id: clientID, client_secret: clientSecret, redirect_uri: redirectUrl }
    const { access_token } = await oauthController.token({ grant_type: 'authorization_code', code, ...client })
    const { raw } = await oauthController.userInfo(access_token)
    if (!raw) throw new Error('no profile')
    return redirect_url
  }

  async function handler(request, response) {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    try {
      response.writeHead(302, { location: await signIn(Buffer.concat(chunks).toString()) }).end()
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  }
  return { handler, path: acsPath }
}
