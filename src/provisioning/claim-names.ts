/** Where WS-Federation and Microsoft keep the names of claims; a name follows after a slash. */
export const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims'
export const microsoftClaims = 'http://schemas.microsoft.com/ws/2008/06/identity/claims'
